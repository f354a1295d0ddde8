#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# FST waves: a layer's are smaller than the run's, an instance's smaller still;
# recording changes no cycle and no byte; a run that does not end leaves no file.
set -eu
build=${BUILD:-build}
command -v verilator >/dev/null || { echo "SKIP waves: no verilator"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sim() { "$build/weft" sim tests/models/cnn_mnist_int8.tflite -c tiny --seed 1 --progress none "$@"; }
size() { wc -c <"$dir/$1"; }
sim --tensors >"$dir/plain"
sim --tensors --wave "$dir/all.fst" >"$dir/traced"
cmp "$dir/plain" "$dir/traced"
sim -q --wave "$dir/layer.fst" --wave-layer 1
sim -q --wave "$dir/scope.fst" --wave-layer 1 --wave-scope u_core.u_drain
echo "bytes: all $(size all.fst), layer $(size layer.fst), instance of a layer $(size scope.fst)"
[ "$(size layer.fst)" -lt "$(($(size all.fst) / 2))" ]
[ "$(size scope.fst)" -lt "$(($(size layer.fst) / 2))" ]
[ "$(size scope.fst)" -gt 1000 ]
refused() { # text, options: exit 2 with it, and no file
  text=$1; shift
  status=0
  message=$(sim -q --wave "$dir/no.fst" "$@" 2>&1) || status=$?
  [ $status -eq 2 ] || { echo "$*: exit $status: $message"; exit 1; }
  case $message in *"$text"*) ;; *) echo "$*: no '$text' in: $message"; exit 1 ;; esac
  [ "$(find "$dir" -name 'no.fst*' | wc -l)" -eq 0 ]
}
refused "did you mean u_core.u_drain?" --wave-scope u_core.u_drian
refused "below weft_top: u_core" --wave-scope nothing.at.all
status=0
sim -q --wave "$dir/cut.fst" --max-cycles 500 2>/dev/null || status=$?
[ $status -eq 5 ]
[ "$(find "$dir" -name 'cut.fst*' | wc -l)" -eq 0 ]
