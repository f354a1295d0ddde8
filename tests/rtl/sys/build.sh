#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh ROWS COLS BEAT RINGKIB QDEPTH [DEFINE]: the bench of weft_sys of that size, printed path.
set -eu
build=${BUILD:-build}
dir=$build/rtl/sys-$1x$2-b$3-r$4-q$5${6:+-$6}
mkdir -p "$dir"
verilator -O3 --assert --cc --exe --build -j 2 --Mdir "$dir" --top-module weft_sys -Wall --prefix Vweft_sys ${6:+-D$6} \
  -GRows="$1" -GCols="$2" -GWordBytes="$2" -GBeatBytes="$3" -GRingKib="$4" -GQueueDepth="$5" \
  "$build/gen/weft_isa_pkg.sv" "$build/gen/weft_csr_pkg.sv" rtl/sys/*.sv \
  "$PWD/tests/rtl/sys/sys_bench.cpp" \
  -CFLAGS "-O2 -D_Noreturn= -DROWS=$1 -DCOLS=$2 -DBEAT=$3 -DRINGKIB=$4 -I$PWD/src -I$PWD -I$PWD/configs" \
  -LDFLAGS "$PWD/$build/libweft.a" -o sys_bench >"$dir/build.log" 2>&1 || { cat "$dir/build.log"; exit 1; }
echo "$dir/sys_bench"
