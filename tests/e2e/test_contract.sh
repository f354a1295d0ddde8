#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command on a real network: batches, .npy, steps, outputs, labels, wrong
# inputs, interruption. Backend ref; what programs do is test_program_file.sh.
set -u
weft=${BUILD:-build}/weft
net=${WEFT_MODELS:-}/models/mlperf_tiny/kws01_dscnn_int8.tflite
[ -f "$net" ] || { echo "needs WEFT_MODELS (mlperf_tiny/kws01)"; exit 77; }
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
n=0 bad=0
check() { # name, command that must succeed
  name=$1; shift
  n=$((n + 1))
  "$@" >/dev/null 2>&1 || { echo "FAILED: $name"; bad=$((bad + 1)); }
}
run() { "$weft" run "$net" --backend ref --progress none "$@"; }
exits() { # exit code, text in message, arguments of run
  want=$1 text=$2; shift 2
  n=$((n + 1))
  message=$(run "$@" 2>&1 >/dev/null)
  status=$?
  if [ $status -ne "$want" ] || ! printf '%s' "$message" | grep -qF -- "$text"; then
    echo "run $*: exit $status, wanted $want with '$text': $message"
    bad=$((bad + 1))
  fi
}
hashes() { tr ',{' '\n\n' | sed -n 's/.*"outputs": "\([0-9a-f]*\)".*/\1/p'; }

# Three records: 0, 1 and 7 everywhere.
for k in 0 1 7; do head -c 490 /dev/zero | tr '\000' "\\00$k" >"$t/$k.bin"; done
cat "$t/0.bin" "$t/1.bin" "$t/7.bin" >"$t/batch.bin"
for k in 0 1 7; do run --input "$t/$k.bin" --output "$t/$k.out" >/dev/null; done
run --input "$t/batch.bin" --output "$t/batch.out" --json >"$t/batch.json"
cat "$t/0.out" "$t/1.out" "$t/7.out" >"$t/want.out"
check "batch is its runs" cmp "$t/batch.out" "$t/want.out"
check "outputs differ by record" test "$(cmp "$t/0.out" "$t/7.out" >/dev/null; echo $?)" = 1
check "three hashes" test "$(hashes <"$t/batch.json" | wc -l)" = 3
check "hash is of the output" test "$(hashes <"$t/batch.json" | head -n 1)" = "$(sha256sum <"$t/0.out" | cut -c1-16)"

header="{'descr': '|i1', 'fortran_order': False, 'shape': (1, 49, 10, 1), }"
{ printf '\223NUMPY\001\000'; printf '\166\000'; printf '%-117s\n' "$header"; cat "$t/7.bin"; } >"$t/7.npy"
run --input "$t/7.npy" --output "$t/npy.out" >/dev/null
check ".npy is raw" cmp "$t/npy.out" "$t/7.out"

run --seed 1 --json | hashes >"$t/seed"
run --seed 1 --steps 3 --json | hashes >"$t/steps"
check "three steps" test "$(wc -l <"$t/steps")" = 3
check "step 1 is the seed" test "$(head -n 1 "$t/steps")" = "$(cat "$t/seed")"
check "the stream goes on" test "$(sort -u "$t/steps" | wc -l)" = 3
run --input "$t/7.bin" --steps 2 --json | hashes | uniq >"$t/same"
check "steps of a file are equal" test "$(wc -l <"$t/same")" = 1
run --steps 1 --json | hashes >"$t/default"
check "the default seed is 1" cmp "$t/default" "$t/seed"
check "recorded output of seed 1" test "$(cat "$t/seed")" = d7bd75648bbf76c4
run --seed 1 --tensors --json >"$t/tensors.json"
check "13 tensors are listed" test "$(grep -o '"index"' "$t/tensors.json" | wc -l)" = 13
indices=$(grep -o '"index": [0-9]*' "$t/tensors.json" | cut -d' ' -f2 | tr '\n' ' ')
check "they are operators' outputs" test "$indices" = "22 23 24 25 26 27 28 29 30 31 32 33 34 "
check "the last is the output" grep -q '"index": 34, "name": "Identity", "type": "int8", "shape": \[1, 12\], "sha256": "d7bd75648bbf76c4"' "$t/tensors.json"

head -c 489 "$t/0.bin" >"$t/short.bin"
: >"$t/empty.bin"
printf '1\n2\n' >"$t/two.lab"
printf '1\n2\n12\n' >"$t/range.lab"
printf '1\nx\n3\n' >"$t/word.lab"
exits 2 "no inputs"
exits 2 "one of the two" --seed 1 --input "$t/0.bin"
exits 2 "one for each of the 1 inputs" --input "$t/0.bin" --input "$t/1.bin"
exits 2 "one for each of the 1 outputs" --seed 1 --output "$t/a" --output "$t/b"
exits 2 "K >= 1 runs" --input "$t/batch.bin" --steps 2
exits 2 "K >= 1" --seed 1 --steps 0
exits 2 "backend rtl" --seed 1 --wave "$t/x.fst"
exits 3 "a multiple of 490 bytes" --input "$t/short.bin"
exits 3 "a multiple of 490 bytes" --input "$t/empty.bin"
exits 3 "No such file" --input "$t/absent.bin"
exits 3 "2 labels" --input "$t/batch.bin" --labels "$t/two.lab"
exits 3 "a class number 0..11" --input "$t/batch.bin" --labels "$t/range.lab"
exits 3 "a class number 0..11" --input "$t/batch.bin" --labels "$t/word.lab"
exits 5 "cycle" --backend model --max-cycles 1 --input "$t/batch.bin"
exits 3 "2 labels" --backend model --max-cycles 1 --input "$t/batch.bin" --labels "$t/two.lab"   # before any run
exits 3 "folder that can be written" --seed 1 --output "$t/no/such/folder"
exits 5 "run smaller batches" --seed 1 --steps 999999999999
check "no output of a failed run" test ! -e "$t/a"

head -c 49000000 /dev/zero >"$t/long.bin"
n=$((n + 1))
timeout --preserve-status -s INT 1 "$weft" run "$net" --backend ref --input "$t/long.bin" \
  --output "$t/long.out" --json >"$t/long.json" 2>"$t/long.err"
status=$?
if [ $status -ne 130 ] || [ -e "$t/long.out" ] || ! grep -q INTERRUPTED "$t/long.err"; then
  echo "interrupted: exit $status"; ls "$t"; bad=$((bad + 1))
fi
echo "$n checks, $bad bad"
[ $bad -eq 0 ]
