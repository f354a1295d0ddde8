#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft explore --refine: the best of the front go through weft build, on stand-ins for its
# tools; what they report stands beside the estimates. Without tools: exit 8.
set -u
set -- refine
. tests/explore/set_up.sh
. tests/common/stand_in_tools.sh
run() { "$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/a" "$@" >"$dir/out" 2>"$dir/err" </dev/null; }

# Interrupted in the packer: it is no weft build, whose --resume it does not have
MHZ=83.5
export MHZ
interrupt pack "$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/a" --refine 1
got=$?
[ $got -eq 130 ] && [ "$(grep -c "^error" "$dir/err")" = 1 ] && ! grep -q -- "--resume" "$dir/err" ||
  { fail "interrupted: exit $got"; cat "$dir/err"; }
# The same goes on behind the placement
run --refine 1 --json || { fail "refine 1: exit $?"; cat "$dir/err" "$dir"/a/build_*/*.log; }
[ "$(wc -l <"$dir/calls")" = 1 ] || fail "not one placement"
python3 - "$dir" <<'EOF' || fail "figures of the build"
import json, sys
out, e = json.load(open(sys.argv[1] + "/out")), json.load(open(sys.argv[1] + "/a/explore.json"))
chosen = next(p for p in e["points"] if p["state"] == "chosen")
assert out["chosen"]["built_cells"] == chosen["built_cells"] == 15000 and out["chosen"]["built_mhz"] == 83.5, out
assert sum("built_cells" in p for p in e["points"]) == 1
EOF
[ "$(ls "$dir"/a/build_*/pack/*.bit | wc -l)" = 1 ] || fail "no bitstream"
# The second goes on from the first build; a clock that is missed is told, not an end
MHZ=61 run --refine 2 || { fail "refine 2: exit $?"; cat "$dir/err"; }
[ "$(wc -l <"$dir/calls")" = 2 ] || fail "the first was placed again"
grep -q "built now: 15000 cells (estimate [-+][0-9.]* %), 83.5 MHz" "$dir/out" || fail "no line of the first: $(cat "$dir/out")"
grep -q "built now: 15000 cells (estimate [-+][0-9.]* %), 61.0 MHz" "$dir/out" || fail "no line of the second"
WEFT_VENV="$dir/none" PATH=/usr/bin:/bin run --refine 1
got=$?
[ $got -eq 8 ] && grep -q "weft doctor --install" "$dir/err" || { fail "no tools: exit $got"; cat "$dir/err"; }
exit $bad
