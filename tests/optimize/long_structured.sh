#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Structured pruning to half the MACs: at least 1.8 times fewer cycles on the RTL of base,
# outputs equal to the kernels'. DS-CNN without training; ResNet-8 taught by the whole network
# on the 3,000 CIFAR images here, its accuracy on the 500 of ic01 printed beside that one's.
set -u
. tests/optimize/set_up.sh
needs_models
command -v verilator >/dev/null && command -v g++ >/dev/null || { echo "needs verilator and g++"; exit 77; }

# last NETWORK DATA RECIPE: "accuracy cycles" of the last stage
last() {
  "$weft" optimize "$WEFT_MODELS/models/mlperf_tiny/$1_float.tflite" --data "tests/optimize/data/$2.yaml" \
    --recipe "$3" -c base --measure rtl --progress none -o "$dir/$1" --json >"$dir/row.json" || return 1
  grep -o '"accuracy": [0-9.]*\|"cycles": [0-9]*' "$dir/row.json" | awk '{ v[$1] = $2 } END { print v["\"accuracy\":"], v["\"cycles\":"] }'
}
# half NETWORK DATA STAGE: what tunes the halved network, or nothing
half() {
  printf 'stages:\n  - ptq: {}\n' >"$dir/whole.yaml"
  printf 'stages:\n  - channels: {macs: 0.5}\n%s  - ptq: {}\n' "$3" >"$dir/half.yaml"
  a=$(last "$1" "$2" "$dir/whole.yaml") && b=$(last "$1" "$2" "$dir/half.yaml") || { fail "$1: exit $?"; return; }
  echo "$a $b" | awk -v n="$1" '{ printf "%s: %d -> %d cycles, %.3f times fewer; accuracy %.4f -> %.4f\n", n, $2, $4, $2 / $4, $1, $3
                                  exit !($2 >= 1.8 * $4 && $4 > 0) }' || fail "$1"
}

half kws01_dscnn kws01 ''
half ic01_resnet8 cifar '  - distill: {teacher: self, labels: false, epochs: 14, lr: 0.003, lr_relative: true, lr_schedule: cosine, augment: {shift: 1, flip: true}}
'
exit $bad
