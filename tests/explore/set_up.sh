# SPDX-License-Identifier: Apache-2.0
# Sourced with the test's name as $1: $weft, $net, $space, $dir (a scratch folder, gone at the exit),
# fail and $bad; skips without Verilator.
build=${BUILD:-build}
weft=$(realpath "$build/weft")
net=$(realpath tests/models/cnn_mnist_int8.tflite)
space=$(realpath tests/explore/space.yaml)
command -v verilator >/dev/null || { echo "SKIP $1: no verilator"; exit 77; }
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/$1.XXXXXX")
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "FAIL: $*"; bad=1; }
