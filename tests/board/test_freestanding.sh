#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# src/device builds without a libc and needs nothing of one but memcpy and memset.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
n=0
for f in src/device/*.c; do
  "${CC:-gcc}" -std=c99 -pedantic-errors -ffreestanding -nostdlib -fno-pic -Os -Wall -Wextra -Wconversion -Werror -Iconfigs \
    -c "$f" -o "$t/$(basename "$f" .c).o"
  n=$((n + 1))
done
[ "$n" -ge 4 ] || { echo "only $n files"; exit 1; }
ld -r "$t"/*.o -o "$t/all.o"
undefined=$(nm -u "$t/all.o" | awk '$2 != "memcpy" && $2 != "memset" { print $2 }')
[ -z "$undefined" ] || { echo "needs: $undefined"; exit 1; }
writable=$(nm "$t/all.o" | awk '$2 ~ /^[dDbBC]$/ { print $3 }')
[ -z "$writable" ] || { echo "writable globals: $writable"; exit 1; }
size "$t/all.o" | awk 'NR == 2 { print $1 " bytes of code and tables" }'
