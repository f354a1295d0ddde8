#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make demo: from a model file to verified RTL inference, one command a step.
set -eu
weft=${BUILD:-build}/weft
out=${BUILD:-build}/demo
net=tests/models/cnn_mnist_int8.tflite
images=tests/models/mnist300_int8.bin
labels=tests/models/mnist300_labels.txt
mkdir -p "$out"

step() {
  echo
  echo "\$ $*"
  "$@"
}

echo "weft demo: a small MNIST classifier on the 8x8 machine 'base'"
step "$weft" check "$net"
step "$weft" compile "$net" -o "$out/cnn_mnist.weft"
step "$weft" verify "$net" --backend rtl --seed 1
step "$weft" sim "$out/cnn_mnist.weft" --input "$images" --labels "$labels" --output "$out/scores.bin"

expected=7ce21017351dbb8d5dcecca28804687fe06ce99c454ede28c80e52230723bdc2
found=$(sha256sum "$out/scores.bin" | cut -d' ' -f1)
if [ "$found" != "$expected" ]; then
  echo "demo: the RTL's output bytes differ from TFLite-Micro's ($found)" >&2
  exit 6
fi
echo
echo "All 3000 output bytes of 300 images equal TFLite-Micro's."
echo "Next: $weft help, or your own network: $weft verify NET.tflite --backend rtl --seed 1"
