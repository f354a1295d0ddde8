#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Host arithmetic is strict: gcc and clang, -O0 and -O3, give the same program
# bytes and the same outputs of the C models. Builds four variants of weft.
set -u
build=${BUILD:-build}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
nets="tests/models/cnn_mnist_int8.tflite"
if [ -n "${WEFT_MODELS:-}" ]; then
  for m in mlperf_tiny/kws01_dscnn_int8 mlperf_tiny/ic01_resnet8_int8 mlperf_tiny/ad01_fcae_int8 \
    mlperf_tiny/vww01_mobilenetv1_025_int8 tflm/person_detect_int8 tflm/micro_speech_int8; do
    nets="$nets $WEFT_MODELS/models/$m.tflite"
  done
fi
bad=0 first= n=0
for variant in gcc-O0 gcc-O3 clang-O0 clang-O3; do
  cc=${variant%-*} opt=-${variant#*-}
  command -v "$cc" >/dev/null || { echo "$cc is absent: $variant NOT compared"; continue; }
  make -s BUILD="$build/variant/$variant" CC="$cc" OPT="$opt" WARN= "$build/variant/$variant/weft" || exit 1
  weft=$build/variant/$variant/weft
  for net in $nets; do
    for machine in base stress; do
      name=$(basename "$net" .tflite).$machine
      "$weft" compile "$net" -c $machine -o "$t/$name" -q --progress none 2>"$t/err"
      echo "$name exit $? $(sha256sum <"$t/$name" 2>/dev/null)"
      "$weft" run "$net" -c $machine --seed 3 --json --progress none 2>/dev/null | grep -o '"runs".*'
      rm -f "$t/$name"
    done
  done >"$t/$variant.txt"
  n=$((n + 1))
  [ -z "$first" ] && first=$t/$variant.txt
  cmp "$first" "$t/$variant.txt" || { diff "$first" "$t/$variant.txt"; bad=$((bad + 1)); }
done
grep -q 'exit 0' "$first" || { echo "nothing compiled"; bad=$((bad + 1)); }
echo "$n variants, $bad differ"
[ $n -ge 2 ] && [ $bad -eq 0 ]
