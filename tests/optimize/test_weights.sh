#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft inspect --weights: on the demo network, and on TFMOT's files against the counts
# of distinct values and zeros that were published with them.
set -u
. tests/optimize/set_up.sh
# row FILE LAYER ZEROS DISTINCT CHANNEL TWO_OF_FOUR
row() {
  line=$("$weft" inspect --weights --json "$1" | grep -o "{\"index\": $2, [^}]*}")
  want="\"zeros\": $3, \"distinct\": $4, \"distinct_in_channel\": $5, \"two_of_four\": $6}"
  case $line in *"$want") ;; *) fail "$1 layer $2: $line, wanted $want" ;; esac
}
row tests/models/cnn_mnist_int8.tflite 1 0 85 9 false
row tests/models/cnn_mnist_int8.tflite 4 424 203 164 false
if [ -n "${WEFT_MODELS:-}" ]; then
  t=$WEFT_MODELS/models/walkthrough
  row "$t/cnn_mnist_cluster16_ptq_int8.tflite" 1 0 43 8 false
  row "$t/cnn_mnist_cluster16_ptq_int8.tflite" 4 0 16 16 false
  row "$t/cnn_mnist_cluster8_cqat_int8.tflite" 4 0 8 8 false
  row "$t/cnn_mnist_cluster8_qat_int8.tflite" 1 0 73 9 false
  row "$t/cnn_mnist_prune24_pqat_int8.tflite" 4 10178 123 101 true
  row "$t/mlp_mnist_pruned90_float.tflite" 1 90317 10035 126 false
else
  echo "SKIPPED: TFMOT's files need WEFT_MODELS"
fi
exit $bad
