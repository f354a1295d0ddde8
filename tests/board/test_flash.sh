#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft_flashram behind a flash that checks its timing, and weft_bram_mem: random
# bursts against a plain memory, boot from each state, controllers too fast.
set -eu
build=${BUILD:-build}
command -v verilator >/dev/null || { echo "verilator is not installed"; exit 77; }
make -s BUILD="$build" "$build/libweft.a"
"$(tests/board/flash/build.sh)" -n "${WEFT_FLASH_BURSTS:-5000}"
