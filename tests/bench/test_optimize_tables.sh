#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What bench-optimize keeps: nothing of the same recipe runs twice; a row of another recipe, or
# of another base network, runs again. A stand-in for weft counts its calls.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
cat >"$dir/weft" <<'END'
#!/usr/bin/env python3
import glob, json, os, sys
recipe = open(sys.argv[sys.argv.index("--recipe") + 1]).read()
open(os.environ["CALLS"], "a").write("x")
names = [s.split(":")[0].strip(" -") for s in recipe.splitlines()[1:]]
names[0] = "base" if "name: base" in recipe else names[0]
rows = glob.glob(os.path.join(os.path.dirname(sys.argv[sys.argv.index("-o") + 1]), "*", "stages.json"))
if names[0] == "base" and rows:      # an interruption behind it would leave them as its own
    sys.exit(f"rows are kept while their base network is trained: {rows}")
row = lambda i, n: {"stage": f"{i + 1} {n}", "accuracy": 0.5, "zeros": 0, "distinct": [1]}
print(json.dumps({"stages": [row(i, n) for i, n in enumerate(names)]}))
END
chmod +x "$dir/weft"
# RUNS WHAT ROWS [ARGUMENT]...: calls of weft and rows of the table that are wanted
runs() {
  n=$1 what=$2 rows=$3
  shift 3
  : >"$dir/calls"
  CALLS=$dir/calls WEFT_MODELS=$dir python3 tests/bench/optimize_tables.py --weft "$dir/weft" --dir "$dir/kept" \
    --nets student --sets fashion --rows "base,2:4,16 clusters" --seeds 1,2 "$@" >"$dir/table" || { echo "FAIL $what: exit $?"; bad=1; }
  [ "$(grep -c "^student fashion" "$dir/table")" -eq "$rows" ] || { echo "FAIL $what: $(cat "$dir/table")"; bad=1; }
  [ "$(wc -c <"$dir/calls")" -eq "$n" ] || { echo "FAIL $what: $(wc -c <"$dir/calls") runs, not $n"; bad=1; }
}
runs 0 "nothing is kept" 3 --kept
grep -q "0 figures, 0 low, 9 not run" "$dir/table" || { echo "FAIL nothing is kept: $(cat "$dir/table")"; bad=1; }
seed=$dir/kept/student/fashion_mnist_all.yaml/seed2
runs 6 "an empty folder" 9
runs 0 "all is kept" 9
sed -i 's/epochs/epoch/' "$seed/2of4/recipe.yaml"
runs 1 "another recipe of a row" 9
sed -i 's/epochs/epoch/' "$seed/base/recipe.yaml"
runs 3 "another base network" 9
rm "$seed/16_clusters/stages.json" "$seed/../seed1/16_clusters/stages.json" "$seed/2of4/stages.json"
runs 0 "some is kept" 7 --kept
grep -q "6 figures, 6 low, 3 not run" "$dir/table" || { echo "FAIL some is kept: $(cat "$dir/table")"; bad=1; }
runs 3 "rows that did not end" 9
runs 0 "all is kept again" 9
[ $bad -eq 0 ] && echo "bench-optimize: kept by recipe"
exit $bad
