#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The simulator that weft explore builds in a hurry counts the cycles of weft sim's.
set -u
set -- quick
. tests/explore/set_up.sh
export XDG_CACHE_HOME="$dir/cache"    # no simulator is there yet
mkdir "$XDG_CACHE_HOME"
printf 'array.rows: [2]\narray.cols: [4]\narray.lanes: [1]\nscratchpad.kib: [16]\nring.kib: [8]\n' >"$dir/space.yaml"
"$weft" explore "$net" --board ulx3s-25f --space "$dir/space.yaml" -o "$dir/a" --json -q >"$dir/a.json" </dev/null || exit 1
grep -v '^dram' "$dir/a/chosen.yaml" >"$dir/machine.yaml"
"$weft" config show base | grep '^dram' >>"$dir/machine.yaml"
"$weft" sim "$net" --board ulx3s-25f -c "$dir/machine.yaml" --seed 1 --json -q >"$dir/b.json" </dev/null || exit 1
[ "$(ls "$dir"/cache/weft/sim-*.so | wc -l)" = 2 ] || { echo "FAIL: not two simulators"; exit 1; }
python3 - "$dir" <<'EOF'
import json, sys
a, b = (json.load(open(f"{sys.argv[1]}/{n}.json")) for n in "ab")
print("explore", a["chosen"]["cycles"], "sim", b["runs"][0]["cycles"])
sys.exit(a["chosen"]["cycles"] != [b["runs"][0]["cycles"]])
EOF
