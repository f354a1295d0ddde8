#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rtl.sh FILE...: the RTL under `verilator --lint-only -Wall` for every named
# machine, then under slang (yosys of the pyosys wheel, if build/eda has it).
set -u
build=${BUILD:-build}
waivers=
[ -f tests/lint/waivers.vlt ] && waivers=tests/lint/waivers.vlt
[ $# -gt 0 ] && [ -f rtl/weft_top.sv ] || { echo "lint: rtl/weft_top.sv is not there, RTL NOT checked"; exit 1; }
command -v verilator >/dev/null || { echo "lint: verilator is absent, RTL NOT checked"; exit 1; }
for yaml in configs/*.yaml; do
  name=$(basename "$yaml" .yaml)
  dir=$build/lint/$name
  mkdir -p "$dir"
  "$build/weft-gen" sv "$dir" "$name" || exit 1
  verilator --lint-only -Wall -sv --top-module weft_top $waivers "$dir/weft_isa_pkg.sv" \
    "$dir/weft_csr_pkg.sv" "$dir/weft_params_pkg.sv" "$@" || { echo "lint: machine $name"; exit 1; }
done
# The small machine instead of core and sys.
dir=$build/lint/micro
mkdir -p "$dir"
"$build/weft-gen" sv "$dir" boards/icebreaker/machine.yaml || exit 1
verilator --lint-only -Wall -sv -DWEFT_MICRO --top-module weft_top $waivers "$dir/weft_isa_pkg.sv" \
  "$dir/weft_csr_pkg.sv" "$dir/weft_params_pkg.sv" "$@" || { echo "lint: the small machine"; exit 1; }
python=${WEFT_VENV:-build/eda}/bin/python
if [ -x $python ] && $python -c 'import pyosys' 2>/dev/null; then
  dir=$build/lint/base
  $python -c '
import sys
from pyosys import libyosys as ys
d = ys.Design()
for line in ("read_slang --top weft_top " + " ".join(sys.argv[1:]),
             "hierarchy -check -top weft_top", "proc", "check -assert"):
    ys.run_pass(line, d)' \
    "$dir/weft_isa_pkg.sv" "$dir/weft_csr_pkg.sv" "$dir/weft_params_pkg.sv" "$@" \
    >"$build/lint/slang.log" 2>&1 || { tail -n 20 "$build/lint/slang.log"; echo "lint: slang"; exit 1; }
else
  echo "lint: no pyosys in build/eda ('make fpga-check' makes it), slang NOT run"
fi
