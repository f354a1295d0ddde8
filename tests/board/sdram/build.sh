#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh: the bench of weft_sdram, printed path.
set -eu
build=${BUILD:-build}
dir=$build/board/sdram
mkdir -p "$dir"
rm -f "$dir/sdram_bench"      # the library is no prerequisite of its make
verilator -O3 --cc --exe --build -j 2 --Mdir "$dir" --top-module sdram_set -Wall --prefix Vsdram_set \
  rtl/sys/weft_fifo_lut.sv boards/common/weft_sdram_boot.sv boards/common/weft_sdram.sv tests/board/sdram/sdram_set.sv \
  "$PWD/tests/board/sdram/sdram_bench.cpp" -CFLAGS "-O2 -I$PWD" \
  -LDFLAGS "$PWD/$build/libweft.a" -o sdram_bench >"$dir/build.log" 2>&1 || { cat "$dir/build.log"; exit 1; }
echo "$dir/sdram_bench"
