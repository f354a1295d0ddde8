#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft_sdram through yosys and nextpnr: at most 500 LUT4, at least 100 MHz on ECP5-6.
set -u
build=${BUILD:-build}
python=${WEFT_VENV:-build/eda}/bin/python
[ -x "$python" ] && "$python" -c 'import pyosys' 2>/dev/null ||
  { echo "SKIP: no pyosys in build/eda ('make eda' makes it)"; exit 77; }
YOWASP_CACHE_DIR=$PWD/$build/yowasp-cache "$python" tests/board/sdram/sdram_fpga.py "$build/board/fpga"
