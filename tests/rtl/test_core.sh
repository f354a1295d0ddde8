#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft_core under Verilator in several sizes against a plain reference, once
# with the ECP5 bodies, once with multipliers that two rows share, once as Gowin gets it. WEFT_LONG=1: every size, more programs.
set -eu
build=${BUILD:-build}
command -v verilator >/dev/null && command -v g++ >/dev/null || { echo "SKIP core: no verilator or g++"; exit 77; }
mkdir -p "$build/rtl"
make -s BUILD="$build" gen
status=0
# family rows cols lanes hop spm_kib ring_kib beat_bytes programs
sizes="- 2 4 1 0 2 1 4 150
- 4 8 2 2 8 4 8 100
ecp5 4 4 2 0 4 4 4 100
pair 2 4 1 0 2 1 4 150
gowin 4 8 2 0 8 4 4 150
gowin 2 4 1 0 2 1 4 50
gowin 2 4 4 0 2 1 4 50"
[ -z "${WEFT_LONG:-}" ] || sizes="$sizes
- 8 8 8 0 16 8 4 400
- 8 8 8 4 16 8 4 200
- 8 8 4 1 16 8 8 200
- 8 16 16 0 32 16 4 200
- 16 16 16 0 64 16 8 100
- 16 16 16 8 64 16 16 100
- 32 32 8 0 128 32 16 20
pair 4 8 2 2 8 4 8 100
pair 8 8 4 1 16 8 8 200
ecp5 8 8 8 0 16 8 4 100
gowin 4 4 1 0 4 4 4 200
gowin 8 8 8 0 16 8 8 200
gowin 8 8 4 4 16 8 4 200
gowin 8 16 1 0 32 16 8 100"
while read -r family rows cols lanes hop spm ring beat n; do
  dir=$build/rtl/core-$family-$rows-$cols-$lanes-$hop
  FAMILY=$family tests/rtl/core/build.sh "$dir" "$rows" "$cols" "$lanes" "$hop" "$spm" "$ring" "$beat" \
    >"$dir.log" 2>&1 || { cat "$dir.log"; exit 1; }
  "$dir/core_bench" "${SEED:-1}" "$n" || status=1
done <<END
$sizes
END
exit $status
