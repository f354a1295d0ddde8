#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh: the bench of weft_flashram and weft_bram_mem, printed path.
set -eu
build=${BUILD:-build}
dir=$build/board/build-flash
mkdir -p "$dir"
rm -f "$dir/flash_bench"       # the library is no prerequisite of its make
verilator -O3 --cc --exe --build -j 2 --Mdir "$dir" --top-module back_ends -Wall -Wno-UNUSEDSIGNAL --prefix Vback_ends \
  rtl/common/weft_ram.sv boards/family/sim/weft_spram.sv boards/common/weft_mem_walk.sv boards/common/weft_bram_mem.sv \
  boards/common/weft_qspi_flash.sv boards/common/weft_flashram.sv tests/board/flash/back_ends.sv \
  "$PWD/tests/board/flash/flash_bench.cpp" -CFLAGS "-O2 -I$PWD" \
  -LDFLAGS "$PWD/$build/libweft.a" -o flash_bench >"$dir/build.log" 2>&1 || { cat "$dir/build.log"; exit 1; }
echo "$dir/flash_bench"
