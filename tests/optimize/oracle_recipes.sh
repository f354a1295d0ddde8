#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# oracle_recipes.sh OUT: every stage of the recipes in the tree, and of what these leave out, on
# few images for one epoch; the files are for oracle_files.py --ours.
set -eu
out=$1
weft=${BUILD:-build}/weft
models=$WEFT_MODELS/models
rm -rf "$out" && mkdir -p "$out"

for data in mnist cifar; do
  sed 's/train: .*/train: {from: 0, count: 320}/; s/calib: .*/calib: {from: 0, count: 64}/; /validation:/d
       s/test:.*/test: {from: 400, count: 64}/; /files:/d' "tests/optimize/data/$data.yaml" >"$out/$data.yaml"
done

# NAME NETWORK DATA: the recipe on standard input
recipe() {
  sed 's/epochs: [0-9]*/epochs: 1/g' >"$out/$1.yaml"
  "$weft" optimize "$models/$2_float.tflite" --data "$out/$3.yaml" --recipe "$out/$1.yaml" \
    --measure none --progress none -q -o "$out/$1"
}

for file in compiler/optimize/recipes/*.yaml; do
  name=$(basename "$file" .yaml)
  case $name in
  resnet8*) recipe "$name" mlperf_tiny/ic01_resnet8 cifar <"$file" ;;
  distill) recipe "$name" walkthrough/student_mnist mnist <"$file" ;;
  *) recipe "$name" walkthrough/cnn_mnist mnist <"$file" ;;
  esac
done

cnn() { recipe "$1" walkthrough/cnn_mnist mnist; }
res() { recipe "$1" mlperf_tiny/ic01_resnet8 cifar; }
echo 'stages: [prune: {final: 0.8, epochs: 1}, ptq: {}, qat: {epochs: 1}]' | cnn pqat
echo 'stages: [prune: {pattern: "2:4", epochs: 1}, qat: {epochs: 1}]' | cnn pqat_2of4
echo 'stages: [prune: {pattern: block, block: [2, 2]}, prune: {pattern: vector}, ptq: {equalize: true}]' | cnn blocks
echo 'stages: [cluster: {number_of_clusters: 8, epochs: 1}, ptq: {}, qat: {epochs: 1, dense: per_tensor}]' | cnn cqat
echo 'stages: [cluster: {number_of_clusters: 4, per_channel: true, init: linear}, ptq: {}]' | cnn cluster_channels
echo 'stages: [lora: {rank: 2}, ptq: {}, qat: {epochs: 1}]' | cnn lora
echo 'stages: [decompose: {only_if: always, energy: 0.8, multiple: 1, epochs: 1}, ptq: {}, qat: {epochs: 1}]' | cnn svd
echo 'stages: [decompose: {only_if: always, energy: 0.7, epochs: 1}, ptq: {}]' | res tucker
echo 'stages: [channels: {macs: 0.5, epochs: 1}, ptq: {}, qat: {epochs: 1}]' | res structured
echo 'stages: [prune: {final: 0.9, first_layer: true}, remove_dead: {}, ptq: {}]' | cnn remove_dead
printf 'stages: [ptq: {}]\nlayers: {".*": {bits: 4, per_tensor: true}}\n' | cnn int4
printf 'stages: [qat: {epochs: 1}]\nlayers: {".*/conv2d_2/.*": {bits: 4}}\n' | res int4_qat
echo 'stages: [qat: {activations: 16, epochs: 1}, ptq: {activations: 16}]' | cnn 16x8
echo 'stages: [ptq: {activations: 16}]' | res 16x8_resnet
printf 'stages: [prune: {final: 0.5}, ptq: {activations: 16}]\nlayers: {".*/conv2d_2/.*": {exclude: true}}\n' | res 16x8_island
