#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# boards.sh: modules of boards/common that stand alone, each with the parameters
# below, under `verilator --lint-only -Wall`, then under slang (see rtl.sh).
set -u
build=${BUILD:-build}
common="rtl/sys/weft_fifo_lut.sv rtl/common/weft_ram.sv boards/family/sim/weft_spram.sv boards/common/weft_mem_walk.sv
  boards/common/weft_bram_mem.sv boards/common/weft_qspi_flash.sv boards/common/weft_flashram.sv
  boards/common/weft_sdram_boot.sv boards/common/weft_sdram.sv"
python=${WEFT_VENV:-build/eda}/bin/python
slang=
[ -x "$python" ] && "$python" -c 'import pyosys' 2>/dev/null && slang=yes
mkdir -p "$build/lint"
# top parameters...
while read -r top parameters; do
  flags= gflags=
  for p in $parameters; do flags="$flags -G$p"; gflags="$gflags -G $p"; done
  # shellcheck disable=SC2086
  verilator --lint-only -Wall -sv --top-module "$top" $flags $common || { echo "lint: $top $parameters"; exit 1; }
  [ -n "$slang" ] || continue
  "$python" -c '
import sys
from pyosys import libyosys as ys
d = ys.Design()
top = sys.argv[1]
for line in ("read_slang --top " + top + " " + " ".join(sys.argv[2:]),
             "hierarchy -check -top " + top, "proc", "check -assert"):
    ys.run_pass(line, d)' "$top" $gflags $common >"$build/lint/slang_$top.log" 2>&1 ||
    { tail -n 20 "$build/lint/slang_$top.log"; echo "lint: slang $top $parameters"; exit 1; }
done <<END
weft_sdram DataBits=16
weft_sdram DataBits=16 ColBits=10 ProbeCol=1'b1 BeatBytes=16 CasLatency=3 ClkHz=133000000
weft_sdram DataBits=32 HasDqm=1'b0 RowBits=11 ColBits=8 ClkHz=80000000
weft_sdram DataBits=32 RowBits=11 ColBits=8 BeatBytes=8 ClkHz=40500000
weft_bram_mem BeatBytes=8 Bytes=32768
weft_flashram ClkHz=24000000
END
[ -n "$slang" ] || echo "lint: no pyosys in build/eda, slang NOT run on boards/common"

# The whole of a board, on the machine base.
dir=$build/lint/base
mkdir -p "$dir"
"$build/weft-gen" sv "$dir" base || exit 1
whole="$dir/weft_isa_pkg.sv $dir/weft_csr_pkg.sv $dir/weft_link_pkg.sv $dir/weft_params_pkg.sv
  $(find rtl -name '*.sv' | sort | tr '\n' ' ') $(find boards/common -name '*.sv' ! -name weft_sdram_board.sv | sort | tr '\n' ' ')"
# shellcheck disable=SC2086
verilator --lint-only -Wall -sv --top-module weft_board $whole || { echo "lint: weft_board"; exit 1; }
# shellcheck disable=SC2086
[ -z "$slang" ] || "$python" -c '
import sys
from pyosys import libyosys as ys
d = ys.Design()
for line in ("read_slang --top weft_board " + " ".join(sys.argv[1:]), "hierarchy -check -top weft_board", "proc", "check -assert"):
    ys.run_pass(line, d)' $whole >"$build/lint/slang_weft_board.log" 2>&1 ||
  { tail -n 20 "$build/lint/slang_weft_board.log"; echo "lint: slang weft_board"; exit 1; }
