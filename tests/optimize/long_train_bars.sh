#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What training must reach on MNIST's test images, mean of three seeds where it says so:
# the tutorial network from scratch, 90 % zeros by the recipe in the tree, and a student of
# 2,000 images with a teacher at least a point above the one without.
set -u
. tests/optimize/set_up.sh
needs_models
walk=$WEFT_MODELS/models/walkthrough

# NETWORK RECIPE SEED: stage names and percents right, a line each
run() {
  "$weft" optimize "$walk/$1_float.tflite" --recipe "$2" --data tests/optimize/data/mnist.yaml \
    --seed "$3" -o "$dir/run" --measure none --progress none --json >"$dir/json" ||
    { fail "$1 $2: exit $?"; return; }
  python3 -c 'import json, sys
for s in json.load(open(sys.argv[1]))["stages"]:
    print(s["stage"].split()[1], round(100 * s["accuracy"], 4))' "$dir/json"
}
# FILE STAGE: mean of its percents
mean() { awk -v s="$2" '$1 == s { sum += $2; n++ } END { print n ? sum / n : 0 }' "$1"; }
bar() {
  echo "$1: $2 (at least $3)"
  awk -v a="$2" -v b="$3" 'BEGIN { exit !(a >= b) }' || fail "$1"
}

printf 'stages:\n  - train: {name: base, reinitialize: true, epochs: 10, batch: 32}\n' >"$dir/base.yaml"
for seed in 1 2 3; do run cnn_mnist "$dir/base.yaml" $seed; done >"$dir/base"
bar "tutorial network from scratch, 10 epochs, mean of 3" "$(mean "$dir/base" base)" 98.01

run cnn_mnist compiler/optimize/recipes/prune90.yaml 1 >"$dir/prune"
bar "tutorial network, 90 % zeros" "$(mean "$dir/prune" prune)" 94.0
bar "the same in integers" "$(mean "$dir/prune" ptq)" 94.0

for seed in 1 2 3; do run student_mnist compiler/optimize/recipes/distill.yaml $seed; done >"$dir/distill"
plain=$(mean "$dir/distill" plain)
bar "student of 2,000 images with a teacher, mean of 3 (without: $plain)" \
  "$(mean "$dir/distill" distill)" "$(awk -v p="$plain" 'BEGIN { print p + 1 }')"
exit $bad
