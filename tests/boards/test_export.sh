#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Vendor projects: every script is complete Tcl, says that nobody ran it, and
# names files that are there; the exported AXI design elaborates.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/export.XXXXXX")
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "FAIL: $*"; bad=1; }
# a board of the fourth family, as a stranger would add it
mkdir -p "$dir/boards/intel"
cat >"$dir/boards/intel/board.yaml" <<'END'
family: intel
device: 5CSEBA6U23I7
package: U23
speed: I7
clock_mhz: 50
target_mhz: 50
default_config: base
top: top.sv
pins: pins.qsf
memory.kind: bram
memory.bytes: 65536
lut: 110000
dsp: 112
bram: 553
export_only: true
END
sed 's/clk_100mhz/clk_50mhz/' boards/arty-a7/top.sv >"$dir/boards/intel/top.sv"
printf 'set_location_assignment PIN_V11 -to clk_50mhz\n' >"$dir/boards/intel/pins.qsf"

complete() { # FILE: complete Tcl, where a tclsh is
  command -v tclsh >/dev/null || { echo "no tclsh: $1 NOT linted"; return 0; }
  printf 'set f [open {%s}]\nset ok [info complete [read $f]]\nexit [expr {!$ok}]\n' "$1" | tclsh
}
printf 'puts {\n' >"$dir/open.tcl"
! command -v tclsh >/dev/null || ! complete "$dir/open.tcl" || fail "an open brace was not seen"

for b in pynq-z2 kv260 arty-a7 tangnano20k intel; do
  "$weft" build $b --boards "$dir/boards" --export -o "$dir/$b" --json >"$dir/out" 2>"$dir/err" ||
    { fail "$b: $(cat "$dir/err")"; continue; }
  grep -q '"was_run": false' "$dir/out" || fail "$b: $(cat "$dir/out")"
  n=0
  for f in "$dir/$b"/*.tcl "$dir/$b"/*.sdc "$dir/$b"/*.qsf; do
    [ -f "$f" ] || continue
    case $f in */pins.qsf) continue ;; esac
    n=$((n + 1))
    complete "$f" || fail "$f is no complete Tcl"
    head -n 1 "$f" | grep -q "has NOT run it" || fail "$f does not say that nobody ran it"
    for s in $(grep -oE 'rtl/[a-z0-9_]+\.sv' "$f"); do
      [ -s "$dir/$b/$s" ] || fail "$f names $s, which is not there"
    done
  done
  [ $n -gt 0 ] || fail "$b: no script"
done
for b in pynq-z2 kv260 arty-a7; do # two bytes in one DSP48
  grep -q '^`define WEFT_MUL_PAIR$' "$dir/$b/rtl/weft_array.sv" && [ -s "$dir/$b/rtl/weft_mul_pair_dsp.sv" ] ||
    fail "$b: a multiplier for each byte"
done
"$weft" build ulx3s-85f --export -o "$dir/x" 2>"$dir/err"
[ $? -eq 4 ] || fail "ecp5: exit not 4"

if command -v verilator >/dev/null; then
  sed '/^`/d' boards/family/xilinx/weft_board_cells.sv >"$dir/cells.sv"
  files=$(sed -n 's/^add_files {\(.*\)}$/\1/p' "$dir/pynq-z2/package_ip.tcl")
  (cd "$dir/pynq-z2" &&
    # shellcheck disable=SC2086
    verilator --lint-only -Wall -Wno-fatal --top-module weft_axi ../cells.sv $(echo $files | tr ' ' '\n' |
      grep -v -e weft_pll -e weft_ddr_out -e weft_iobuf) >"$dir/lint.log" 2>&1) ||
    { tail -n 20 "$dir/lint.log"; fail "weft_axi does not elaborate"; }
fi
[ $bad -eq 0 ] && echo "vendor projects: complete, marked as not run"
exit $bad
