#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ResNet-8 from its float file to 2:4 and int8 by the recipe in the tree, on the 3,000 CIFAR
# images here: at least 86 % of the 500 of ic01, which nothing is trained or chosen by. The
# written file has 2 of 4 in each layer but the first, compiles, runs and verifies.
set -u
weft=${BUILD:-build}/weft
if [ -z "${WEFT_MODELS:-}" ]; then
  echo "SKIP ResNet-8 2:4: set WEFT_MODELS"
  exit 77
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
failed=0
fail() { echo "FAIL $*"; failed=1; }

measure=model
command -v verilator >/dev/null && command -v g++ >/dev/null && measure=rtl
"$weft" optimize "$WEFT_MODELS/models/mlperf_tiny/ic01_resnet8_float.tflite" --data tests/optimize/data/cifar.yaml \
  --recipe compiler/optimize/recipes/resnet8_2of4.yaml -c base --measure $measure --progress none -o "$out/run" --json \
  >"$out/json" || { echo "FAIL optimize: exit $?"; exit 1; }
python3 - "$out/json" <<'EOF' || fail "a row"
import json, sys
rows = json.load(open(sys.argv[1]))["stages"]
for r in rows:
    print("%-10s %.2f %%  %.1f %% zeros  %s; %s; %s cycles" % (r["stage"], 100 * r["accuracy"], 100 * r["zeros"],
                                                        r["invariants"], r["runs"], r["cycles"]))
last = rows[-1]
sys.exit(not (last["accuracy"] >= 0.86 and "2:4 kept (9)" in last["invariants"] and "equal" in last["runs"]))
EOF
"$weft" inspect --weights "$out/run/model.tflite" >"$out/weights" || fail inspect
cat "$out/weights"
[ "$(awk '$1 ~ /^[0-9]+$/ { print $9 }' "$out/weights" | tr '\n' ' ')" = "no yes yes yes yes yes yes yes yes yes " ] ||
  fail "2:4 in the file"
"$weft" compile "$out/run/model.tflite" -c base -o "$out/net.weft" || fail compile
"$weft" verify "$out/run/model.tflite" -c base --seed 7 --backend $measure -q || fail verify
exit $failed
