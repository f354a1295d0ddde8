#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft_sdram behind a chip that checks its timing: eight boards and clocks cycle by
# cycle against sim/dram, boot on late and broken chips, controllers too fast.
set -eu
build=${BUILD:-build}
command -v verilator >/dev/null || { echo "verilator is not installed"; exit 77; }
make -s BUILD="$build" "$build/libweft.a"
"$(tests/board/sdram/build.sh sdram_bench)" -n "${WEFT_SDRAM_CYCLES:-300000}"
