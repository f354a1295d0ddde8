#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# oracle_forms.sh OUT: float networks of WEFT_MODELS quantized in each form that opt_quantize has,
# on few calibration samples, for oracle_files.py --ours.
set -u
out=$1
probe=${BUILD:-build}/opt_probe
models=$WEFT_MODELS/models
rm -rf "$out" && mkdir -p "$out"

# NETWORK DATA [WORD]...
form() {
  net=$1 data=$2
  shift 2
  file=$out/$(basename "$net" _float)_$(echo "$*" | tr -c 'a-z0-9\n' _).tflite
  $probe quantize "$models/${net}_float.tflite" "$out/$data.yaml" "$file" write "$@" || exit 1
}

for data in cifar kws01 vww01 ad01 mnist quickdraw_cats_rainbows; do
  sed 's/\(calib: .*count: \)[0-9]*/\1 30/' "tests/optimize/data/$data.yaml" >"$out/$data.yaml"
done
for row in mlperf_tiny/ic01_resnet8:cifar mlperf_tiny/kws01_dscnn:kws01 mlperf_tiny/vww01_mobilenetv1_025:vww01 mlperf_tiny/ad01_fcae:ad01 \
  walkthrough/cnn_mnist:mnist walkthrough/mlp_mnist:mnist walkthrough/student_mnist:mnist walkthrough/teacher_mnist:mnist \
  walkthrough/qdnet_quickdraw_cats_rainbows:quickdraw_cats_rainbows; do
  for words in percentile minmax average mse kl dense int4 16 "equalize correct" exclude=conv2d exclude=dense; do
    # shellcheck disable=SC2086
    form "${row%:*}" "${row#*:}" $words
  done
done
