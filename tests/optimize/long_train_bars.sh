#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What training must reach on MNIST's test images, mean of three seeds where it says so:
# the tutorial network from scratch, 90 % zeros by the recipe in the tree, and a student of
# 2,000 images with a teacher at least a point above the one without.
set -u
weft=${BUILD:-build}/weft
if [ -z "${WEFT_MODELS:-}" ]; then
  echo "SKIP training bars: set WEFT_MODELS"
  exit 77
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
walk=$WEFT_MODELS/models/walkthrough
failed=0

# NETWORK RECIPE SEED: stage names and percents right, a line each
run() {
  "$weft" optimize "$walk/$1_float.tflite" --recipe "$2" --data tests/optimize/data/mnist.yaml \
    --seed "$3" -o "$out/run" --measure none --progress none --json >"$out/json" ||
    { echo "FAIL $1 $2: exit $?"; failed=1; return; }
  python3 -c 'import json, sys
for s in json.load(open(sys.argv[1]))["stages"]:
    print(s["stage"].split()[1], round(100 * s["accuracy"], 4))' "$out/json"
}
# FILE STAGE: mean of its percents
mean() { awk -v s="$2" '$1 == s { sum += $2; n++ } END { print n ? sum / n : 0 }' "$1"; }
bar() {
  echo "$1: $2 (at least $3)"
  awk -v a="$2" -v b="$3" 'BEGIN { exit !(a >= b) }' || { echo "FAIL $1"; failed=1; }
}

printf 'stages:\n  - train: {name: base, reinitialize: true, epochs: 10, batch: 32}\n' >"$out/base.yaml"
for seed in 1 2 3; do run cnn_mnist "$out/base.yaml" $seed; done >"$out/base"
bar "tutorial network from scratch, 10 epochs, mean of 3" "$(mean "$out/base" base)" 98.01

run cnn_mnist compiler/optimize/recipes/prune90.yaml 1 >"$out/prune"
bar "tutorial network, 90 % zeros" "$(mean "$out/prune" prune)" 94.0
bar "the same in integers" "$(mean "$out/prune" ptq)" 94.0

for seed in 1 2 3; do run student_mnist compiler/optimize/recipes/distill.yaml $seed; done >"$out/distill"
plain=$(mean "$out/distill" plain)
bar "student of 2,000 images with a teacher, mean of 3 (without: $plain)" \
  "$(mean "$out/distill" distill)" "$(awk -v p="$plain" 'BEGIN { print p + 1 }')"
exit $failed
