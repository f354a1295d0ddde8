#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the core bench of one size: build.sh DIR ROWS COLS LANES HOP SPM_KIB
# RING_KIB BEAT_BYTES, from the root, packages already in $BUILD/gen.
# FAMILY=ecp5: the ECP5 bodies of multiplier and adder, on models of the cells.
# FAMILY=pair: two rows share their multipliers (WEFT_MUL_PAIR).
# FAMILY=gowin: few registers (WEFT_FF_LUT) and the Gowin body of the adder, on a model of its cell.
set -eu
build=${BUILD:-build}
dir=$1 rows=$2 cols=$3 lanes=$4 hop=$5 spm=$6 ring=$7 beat=$8
mkdir -p "$dir"
defs="-DROWS=$rows -DCOLS=$cols -DLANES=$lanes -DHOP=$hop -DACC_BITS=28 -DTAPS=512"
defs="$defs -DSPM_KIB=$spm -DRING_KIB=$ring -DBEAT_BYTES=$beat"
family=
[ "${FAMILY:-}" = ecp5 ] && family="-DWEFT_ECP5 -Wno-UNUSEDSIGNAL -Wno-UNUSEDPARAM tests/rtl/core/ecp5_models.sv"
[ "${FAMILY:-}" = pair ] && family=-DWEFT_MUL_PAIR
[ "${FAMILY:-}" = gowin ] && family="-DWEFT_GOWIN -DWEFT_FF_LUT -Wno-UNUSEDSIGNAL tests/rtl/core/gowin_models.sv"
# shellcheck disable=SC2046,SC2086
verilator --cc --exe --build -j 1 -O3 --x-assign unique --x-initial unique --assert -Wall \
  --top-module weft_core --Mdir "$dir" -o core_bench \
  -GRows="$rows" -GCols="$cols" -GLanes="$lanes" -GHop="$hop" -GWordBytes="$cols" \
  -GSpmKib="$spm" -GRingKib="$ring" -GBeatBytes="$beat" \
  --unroll-count 4096 --unroll-stmts 10000000 \
  -CFLAGS "-O1 -Wall -I$PWD -I$PWD/tests/rtl/core $defs" \
  "$build/gen/weft_isa_pkg.sv" $family $(ls rtl/common/*.sv | grep -v _ecp5_cells) rtl/core/*.sv \
  "$PWD/tests/rtl/core/core_bench.cpp"
