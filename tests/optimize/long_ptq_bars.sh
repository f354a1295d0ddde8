#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Post-training quantization of MLPerf Tiny's float networks with the defaults, on
# test samples that calibration does not see (ad01 has one clip), against bars;
# every file must run and verify on the machine model.
set -u
. tests/optimize/set_up.sh
needs_models

# NETWORK DATA at-least|at-most BAR
bar() {
  file=$dir/$1.tflite
  line=$("$build/opt_probe" quantize "$WEFT_MODELS/models/mlperf_tiny/$1_float.tflite" "tests/optimize/data/$2.yaml" "$file") || { fail "$1: exit $?"; return; }
  value=$(echo "$line" | awk '{ sub(",", "", $2); print $2 }')
  echo "$1: $line ($3 $4)"
  awk -v v="$value" -v b="$4" -v how="$3" 'BEGIN { exit !(how == "at-least" ? v >= b : v <= b) }' || fail "$1"
  "$weft" verify "$file" --seed 1 -q || fail "$1: verify"
}

bar ic01_resnet8 cifar at-least 0.880
bar kws01_dscnn kws01 at-least 0.910
bar vww01_mobilenetv1_025 vww01 at-least 0.843
bar ad01_fcae ad01 at-most 9.80
exit $bad
