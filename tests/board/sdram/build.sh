#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh sdram_bench|sdram_equal: benches of weft_sdram, printed path. sdram_equal
# takes its C main and program builder from `make`, its controllers from here.
set -eu
build=${BUILD:-build}
dir=$build/board/build-$1  # not $1: make would find the folder for the program
mkdir -p "$dir"
rm -f "$dir/$1"                # the library is no prerequisite of its make
case $1 in
sdram_bench) cpp=$PWD/tests/board/sdram/sdram_bench.cpp objects= ;;
sdram_equal)
  cpp=$PWD/tests/board/sdram/sdram_port.cpp objects=
  for o in board/sdram/sdram_equal_main common/prog_builder common/prog_random; do
    make -s BUILD="$build" "$build/obj/tests/$o.o" >&2
    objects="$objects $PWD/$build/obj/tests/$o.o"
  done ;;
*) exit 2 ;;
esac
verilator -O3 --cc --exe --build -j 2 --Mdir "$dir" --top-module sdram_set -Wall --prefix Vsdram_set \
  rtl/sys/weft_fifo_lut.sv boards/common/weft_sdram_boot.sv boards/common/weft_sdram.sv tests/board/sdram/sdram_set.sv \
  "$cpp" -CFLAGS "-O2 -I$PWD" \
  -LDFLAGS "$objects $PWD/$build/libweft.a -lyaml -lm -ldl -lpthread" -o "$1" >"$dir/build.log" 2>&1 || { cat "$dir/build.log"; exit 1; }
echo "$dir/$1"
