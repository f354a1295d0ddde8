#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Faults in the AXI adapter, seen from the host: a burst across 4 KiB, reads that
# overtake writes, a register write that is lost. Each must end deploy --sim with a
# message and its code; the buses of sim/board/axi_sim.cc find them.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
command -v verilator >/dev/null || { echo "SKIP deploy axi faults: no verilator"; exit 77; }
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/axi.XXXXXX")
trap 'rm -rf "$dir"' EXIT
bad=0
wrong() { # NAME FILE SED CODES
  rm -rf "$dir/root"
  mkdir "$dir/root"
  cp -r rtl sim src configs boards "$dir/root/"
  sed -i "$3" "$dir/root/boards/common/$2"
  cmp -s "boards/common/$2" "$dir/root/boards/common/$2" && { echo "FAIL: $1: nothing was changed"; bad=1; }
  WEFT_ROOT=$dir/root XDG_CACHE_HOME=$dir/cache timeout 900 "$weft" deploy pynq-z2 tests/models/cnn_mnist_int8.tflite --sim --seed 1 \
    -c stress --progress none >"$dir/out" 2>"$dir/err"
  got=$?
  case " $4 " in
  *" $got "*) echo "$1: exit $got, $(head -n 2 "$dir/err" | tr '\n' ' ')" ;;
  *) echo "FAIL: $1: exit $got of $4: $(cat "$dir/err")"; bad=1 ;;
  esac
}
wrong "burst across 4 KiB" weft_axi_mem.sv "s/(PageW + 1)'(left_q) > to_page ? 7'(to_page) : left_q/left_q/" "1"
wrong "reads overtake writes" weft_axi_mem.sv "s/&& reads_q == '0 && !ar_q;/;/" "1 6 9"
wrong "a register write is lost" weft_axil_csr.sv "s/assign csr_write_o *= /&csr_addr_o != 12'h44 \&\& /" "1 6 9"
exit $bad
