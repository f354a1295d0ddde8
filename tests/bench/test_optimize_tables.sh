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
runs() {   # how many calls of weft are wanted, what was done before
  : >"$dir/calls"
  CALLS=$dir/calls WEFT_MODELS=$dir python3 tests/bench/optimize_tables.py --weft "$dir/weft" --dir "$dir/kept" \
    --nets student --sets fashion --rows "base,2:4,16 clusters" --seeds 1,2 >"$dir/table" || { echo "FAIL $2: exit $?"; bad=1; }
  [ "$(grep -c "^student fashion" "$dir/table")" -eq 9 ] || { echo "FAIL $2: $(cat "$dir/table")"; bad=1; }
  [ "$(wc -c <"$dir/calls")" -eq "$1" ] || { echo "FAIL $2: $(wc -c <"$dir/calls") runs, not $1"; bad=1; }
}
seed=$dir/kept/student/fashion_mnist_all.yaml/seed2
runs 6 "an empty folder"
runs 0 "all is kept"
sed -i 's/epochs/epoch/' "$seed/2of4/recipe.yaml"
runs 1 "another recipe of a row"
sed -i 's/epochs/epoch/' "$seed/base/recipe.yaml"
runs 3 "another base network"
rm "$seed/16_clusters/stages.json"
runs 1 "a row that did not end"
runs 0 "all is kept again"
[ $bad -eq 0 ] && echo "bench-optimize: kept by recipe"
exit $bad
