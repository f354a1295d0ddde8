#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ResNet-8 from its float file to 2:4 and int8 by the recipe in the tree, on the 3,000 CIFAR
# images here: at least 86 % of the 500 of ic01, which nothing is trained or chosen by (the recipe
# says by which held-out train images qat's setting was). The written file has 2 of 4 in each layer
# but the first, compiles, runs and verifies.
set -u
. tests/optimize/set_up.sh
needs_models

measure=model
command -v verilator >/dev/null && command -v g++ >/dev/null && measure=rtl
"$weft" optimize "$WEFT_MODELS/models/mlperf_tiny/ic01_resnet8_float.tflite" --data tests/optimize/data/cifar.yaml \
  --recipe compiler/optimize/recipes/resnet8_2of4.yaml -c base --measure $measure --progress none -o "$dir/run" --json \
  >"$dir/json" || { fail "optimize: exit $?"; exit 1; }
python3 - "$dir/json" <<'EOF' || fail "a row"
import json, sys
rows = json.load(open(sys.argv[1]))["stages"]
for r in rows:
    print("%-10s %.2f %%  %.1f %% zeros  %s; %s; %s cycles" % (r["stage"], 100 * r["accuracy"], 100 * r["zeros"],
                                                        r["invariants"], r["runs"], r["cycles"]))
last = rows[-1]
sys.exit(not (last["accuracy"] >= 0.86 and "2:4 kept (9)" in last["invariants"] and "equal" in last["runs"]))
EOF
"$weft" inspect --weights "$dir/run/model.tflite" >"$dir/weights" || fail inspect
cat "$dir/weights"
[ "$(awk '$1 ~ /^[0-9]+$/ { print $9 }' "$dir/weights" | tr '\n' ' ')" = "no yes yes yes yes yes yes yes yes yes " ] ||
  fail "2:4 in the file"
"$weft" compile "$dir/run/model.tflite" -c base -o "$dir/net.weft" || fail compile
"$weft" verify "$dir/run/model.tflite" -c base --seed 7 --backend $measure -q || fail verify
exit $bad
