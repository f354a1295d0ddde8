#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The AXI adapters under Verilator against a bus that stalls and reorders within
# the rules; then two faults that must be seen.
set -u
build=${BUILD:-build}
command -v verilator >/dev/null && command -v g++ >/dev/null || { echo "SKIP axi: no verilator or g++"; exit 77; }
bad=0
make_bench() { # DIR MEM_SV
  rm -rf "$1"
  mkdir -p "$1"
  verilator --cc -Wall -Wno-fatal -O3 --prefix Vaxi --top-module axi_dut --Mdir "$1" "$2" \
    boards/common/weft_axil_csr.sv tests/boards/axi/axi_dut.sv \
    >"$1.log" 2>&1 &&
    g++ -O2 -w -c -o "$1/bench.o" -I"$1" -isystem "$(sed -n 's/^VERILATOR_ROOT = //p' "$1/Vaxi.mk")/include" \
      tests/boards/axi/axi_bench.cc >>"$1.log" 2>&1 &&
    make -s -C "$1" -f Vaxi.mk OPT_FAST=-O1 Vaxi__ALL.a verilated.o verilated_threads.o >>"$1.log" 2>&1 &&
    g++ -o "$1/bench" "$1/bench.o" "$1"/Vaxi__ALL.a "$1"/verilated.o "$1"/verilated_threads.o -lpthread -latomic \
      >>"$1.log" 2>&1 || { tail -n 20 "$1.log"; exit 1; }
}
dir=$build/tests/axi
make_bench "$dir/right" boards/common/weft_axi_mem.sv
grep -E '^%Warning' "$dir/right.log" && { echo "axi: Verilator warns"; bad=1; }
for run in "1 60000 40" "2 60000 0" "3 60000 85"; do
  # shellcheck disable=SC2086
  "$dir/right/bench" $run || bad=1
done
mkdir -p "$dir"
sed "s/(PageW + 1)'(left_q) > to_page ? 7'(to_page) : left_q/left_q/" boards/common/weft_axi_mem.sv >"$dir/page.sv"
sed "s/&& reads_q == '0 && !ar_q;/;/" boards/common/weft_axi_mem.sv >"$dir/order.sv"
for fault in page order; do
  make_bench "$dir/$fault" "$dir/$fault.sv"
  "$dir/$fault/bench" 1 60000 40 >/dev/null && { echo "axi: the fault '$fault' was not seen"; bad=1; }
done
exit $bad
