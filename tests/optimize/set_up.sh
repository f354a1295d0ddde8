# SPDX-License-Identifier: Apache-2.0
# Sourced by every script here that passes or fails: $weft, $dir (a scratch folder, gone at the exit),
# fail, $bad; needs_models skips without WEFT_MODELS; the demo network and its 300 images; demo_data FILE
# IMAGES LABELS TRAIN CALIB writes a description of them, whose train and calib splits are "from: A, count: N";
# validation is 200..249, test 250..299.
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
weft=$build/weft
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "FAIL: $*"; bad=1; }
needs_models() { [ -n "${WEFT_MODELS:-}" ] || { echo "needs WEFT_MODELS=DIR with models/ and data/"; exit 77; }; }
models=$PWD/tests/models
net=$models/cnn_mnist_int8.tflite
demo_data() {
  cat >"$1" <<END
inputs:
  - {file: "$2", format: raw, type: int8, labels: "$3"}
shape: [28, 28, 1]
preprocess: {scale: 1/255, offset: 128/255}
splits:
  train: {$4}
  calib: {$5}
  validation: {from: 200, count: 50}
  test: {from: 250, count: 50}
END
}
