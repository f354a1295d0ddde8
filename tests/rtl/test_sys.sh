#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft_sys under Verilator in several sizes: directed cases and random programs.
set -eu
build=${BUILD:-build}
command -v verilator >/dev/null || { echo "verilator is not installed"; exit 77; }
make -s BUILD="$build" gen "$build/libweft.a"
status=0
# rows cols beat ring_kib queue_depth programs define
while read -r rows cols beat ring depth n define; do
  bench=$(tests/rtl/sys/build.sh "$rows" "$cols" "$beat" "$ring" "$depth" "$define")
  "$bench" -n "$n" || status=1
done <<END
8 8 4 64 32 300
2 4 4 1 4 300
16 16 8 128 32 100
4 16 16 1 8 100
4 8 4 16 16 100 WEFT_FF_LUT
32 32 4 4 64 50
END
exit $status
