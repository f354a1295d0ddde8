#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The accelerator with weft_sdram and a chip behind its memory port has the cycles
# that `weft sim --board` tells: random programs and a network, on ULX3S (x16, with
# byte masks), Colorlight (x32, without) and Tang Nano 20K.
set -u
build=${BUILD:-build}
command -v verilator >/dev/null || { echo "verilator is not installed"; exit 77; }
make -s BUILD="$build" "$build/libweft.a" || exit 1
equal=$(tests/board/sdram/build.sh sdram_equal) || exit 1
net=tests/models/cnn_mnist_int8.tflite
"$equal" base 0 is42s16160g-7 1 2 3 4 5 6 $net && "$equal" tiny 2 m12l64322a-6 1 2 3 4 5 6 $net &&
  "$equal" tiny 3 gw2ar-18-sdram 7 8 9 $net && "$equal" stress 0 mt48lc16m16a2-6a 1 2 3 4 5 6
