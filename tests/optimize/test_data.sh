#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft data: facts of splits, a split exported and read again, the sheet, messages.
set -u
weft=${BUILD:-build}/weft
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
n=0 bad=0
check() {
  name=$1; shift
  n=$((n + 1))
  "$@" >/dev/null 2>&1 || { echo "FAILED: $name: $*"; bad=$((bad + 1)); }
}
has() { grep -qF -- "$1" "$2"; }
refuses() {
  want=$1 text=$2; shift 2
  n=$((n + 1))
  message=$("$weft" data "$@" 2>&1 >/dev/null)
  status=$?
  [ $status -eq "$want" ] && printf '%s' "$message" | grep -qF -- "$text" && return
  echo "FAILED: weft data $*: exit $status, wanted $want and '$text': $message"
  bad=$((bad + 1))
}

printf 'abcdefghijklabcd' >"$t/x.bin"
printf '0\n1\n1\n0\n' >"$t/y.csv"
cat >"$t/d.yaml" <<'END'
inputs: {file: x.bin, format: raw, labels: y.csv}
shape: [2, 2]
preprocess: {scale: 1/2, offset: -48}
classes: [even, odd]
splits: {train: {count: 3}, test: {from: 2}}
END
"$weft" data "$t/d.yaml" --json >"$t/d.json" || exit 1
check "type and shape" has '"type": "uint8", "shape": [2, 2], "metric": "top1"' "$t/d.json"
check "facts" has '{"name": "train", "samples": 3, "min": 0.5, "max": 6, "mean": 3.25,' "$t/d.json"
check "classes" has '{"class": "odd", "samples": 2}' "$t/d.json"
check "shared samples" has '"in_test": {"train": 2}' "$t/d.json"
"$weft" data "$t/d.yaml" >"$t/d.txt" || exit 1
check "attention" has 'attention: 2 of the 2 test samples are in train too' "$t/d.txt"

"$weft" data "$t/d.yaml" --split train --export "$t/e.npy" -o "$t/sheet.png" -q || exit 1
check "a PNG" test "$(head -c 4 "$t/sheet.png" | tail -c 3)" = PNG
check "bytes as in the file" test "$(tail -c 12 "$t/e.npy")" = abcdefghijkl
cat >"$t/e.yaml" <<'END'
inputs: {file: e.npy, labels: e_labels.npy}
shape: [2, 2]
preprocess: {scale: 1/2, offset: -48}
classes: [even, odd]
splits: {train: {from: 0}}
END
"$weft" data "$t/e.yaml" --json >"$t/e.json" || exit 1
first=$(grep -o '"splits": \[{[^]]*\]}' "$t/d.json")
check "the export is the split" has "$first" "$t/e.json"

refuses 3 "No such file" "$t/none.yaml"
refuses 2 "did you mean train?" "$t/d.yaml" --split trian
sed 's/shape: .*/shape: [2, 3]/' "$t/d.yaml" >"$t/s.yaml"
refuses 3 "whole samples of uint8 [2x3]" "$t/s.yaml"
sed 's/scale/scala/' "$t/d.yaml" >"$t/k.yaml"
refuses 3 "did you mean scale?" "$t/k.yaml"
sed 's/odd/odd, third/; s/y.csv/x.bin/' "$t/d.yaml" >"$t/l.yaml"
refuses 3 "16 labels" "$t/l.yaml"
sed 's/x.bin/"${WEFT_MODELS}\/x.bin"/; s/y.csv/"${WEFT_MODELS}\/y.csv"/' "$t/d.yaml" >"$t/v.yaml"
models=${WEFT_MODELS:-}
unset WEFT_MODELS
refuses 3 "WEFT_MODELS is not set" "$t/v.yaml"
export WEFT_MODELS="$t"
check "WEFT_MODELS is where it says" "$weft" data "$t/v.yaml"
sed 's/shape: .*/shape: [4]/' "$t/d.yaml" >"$t/f.yaml"
refuses 4 "a sheet of [h, w]" "$t/f.yaml" -o "$t/no.png"
[ -n "$models" ] || echo "the descriptions of the repository are checked by test_opt_data, with WEFT_MODELS"
echo "$n checks, $bad failed"
[ $bad -eq 0 ]
