#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft data: facts of splits, a split exported and read again, the sheet, messages.
set -u
. tests/optimize/set_up.sh
check() {
  name=$1; shift
  "$@" >/dev/null 2>&1 || fail "$name: $*"
}
has() { grep -qF -- "$1" "$2"; }
refuses() {
  want=$1 text=$2; shift 2
  message=$("$weft" data "$@" 2>&1 >/dev/null)
  status=$?
  [ $status -eq "$want" ] && printf '%s' "$message" | grep -qF -- "$text" && return
  fail "weft data $*: exit $status, wanted $want and '$text': $message"
}

printf 'abcdefghijklabcd' >"$dir/x.bin"
printf '0\n1\n1\n0\n' >"$dir/y.csv"
cat >"$dir/d.yaml" <<'END'
inputs: {file: x.bin, format: raw, labels: y.csv}
shape: [2, 2]
preprocess: {scale: 1/2, offset: -48}
classes: [even, odd]
splits: {train: {count: 3}, test: {from: 2}}
END
"$weft" data "$dir/d.yaml" --json >"$dir/d.json" || exit 1
check "type and shape" has '"type": "uint8", "shape": [2, 2], "metric": "top1"' "$dir/d.json"
check "facts" has '{"name": "train", "samples": 3, "min": 0.5, "max": 6, "mean": 3.25,' "$dir/d.json"
check "classes" has '{"class": "odd", "samples": 2}' "$dir/d.json"
check "shared samples" has '"in_test": {"train": 2}' "$dir/d.json"
"$weft" data "$dir/d.yaml" >"$dir/d.txt" || exit 1
check "attention" has 'attention: 2 of the 2 test samples are in train too' "$dir/d.txt"

"$weft" data "$dir/d.yaml" --split train --export "$dir/e.npy" -o "$dir/sheet.png" -q || exit 1
check "a PNG" test "$(head -c 4 "$dir/sheet.png" | tail -c 3)" = PNG
check "bytes as in the file" test "$(tail -c 12 "$dir/e.npy")" = abcdefghijkl
cat >"$dir/e.yaml" <<'END'
inputs: {file: e.npy, labels: e_labels.npy}
shape: [2, 2]
preprocess: {scale: 1/2, offset: -48}
classes: [even, odd]
splits: {train: {from: 0}}
END
"$weft" data "$dir/e.yaml" --json >"$dir/e.json" || exit 1
first=$(grep -o '"splits": \[{[^]]*\]}' "$dir/d.json")
check "the export is the split" has "$first" "$dir/e.json"

refuses 3 "No such file" "$dir/none.yaml"
refuses 2 "did you mean train?" "$dir/d.yaml" --split trian
sed 's/shape: .*/shape: [2, 3]/' "$dir/d.yaml" >"$dir/s.yaml"
refuses 3 "whole samples of uint8 [2x3]" "$dir/s.yaml"
sed 's/scale/scala/' "$dir/d.yaml" >"$dir/k.yaml"
refuses 3 "did you mean scale?" "$dir/k.yaml"
sed 's/odd/odd, third/; s/y.csv/x.bin/' "$dir/d.yaml" >"$dir/l.yaml"
refuses 3 "16 labels" "$dir/l.yaml"
sed 's/x.bin/"${WEFT_MODELS}\/x.bin"/; s/y.csv/"${WEFT_MODELS}\/y.csv"/' "$dir/d.yaml" >"$dir/v.yaml"
had=${WEFT_MODELS:-}
unset WEFT_MODELS
refuses 3 "WEFT_MODELS is not set" "$dir/v.yaml"
export WEFT_MODELS="$dir"
check "WEFT_MODELS is where it says" "$weft" data "$dir/v.yaml"
sed 's/shape: .*/shape: [4]/' "$dir/d.yaml" >"$dir/f.yaml"
refuses 4 "a sheet of [h, w]" "$dir/f.yaml" -o "$dir/no.png"
[ -n "$had" ] || echo "the descriptions of the repository are checked by test_opt_data, with WEFT_MODELS"
exit $bad
