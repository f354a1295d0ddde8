#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a user may hand `weft optimize` by mistake: samples with NaN, no samples, labels that do not
# fit, weights that are not finite: exit 3, a message that names file and place, and no network. A run
# that is killed leaves a whole checkpoint.
set -u
. tests/optimize/set_up.sh

python3 - "$dir" <<'END'
import struct, sys
def npy(name, values):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(values) // 784}, 28, 28, 1), }}".ljust(117) + "\n"
    with open(f"{sys.argv[1]}/{name}.npy", "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}f", *values))
def labels(name, lines):
    open(f"{sys.argv[1]}/{name}.txt", "w").write("".join(f"{v}\n" for v in lines))
good = [(i * 37 % 101) / 101 for i in range(40 * 784)]
npy("good", good)
npy("empty", [])
for name, value in ("nan", float("nan")), ("inf", float("-inf")):
    npy(name, good[:7 * 784 + 87] + [value] + good[7 * 784 + 88:])
labels("good", (i % 10 for i in range(40)))
labels("few", (i % 10 for i in range(39)))
labels("ten", (10 if i in (12, 30) else i % 10 for i in range(40)))
labels("words", ["cat"] * 40)
labels("negative", (-1 if i == 3 else i % 10 for i in range(40)))
END
printf 'stages: [{train: {epochs: 1, batch: 10}}]\n' >"$dir/train.yaml"

# IMAGES LABELS CODE TEXT [ARGUMENT]...
try() {
  cat >"$dir/data.yaml" <<END
inputs:
  - {file: "$dir/$1.npy"$( [ -z "$2" ] || echo ", labels: \"$dir/$2.txt\"" )}
shape: [28, 28, 1]
splits: {train: {from: 0, count: 20}, calib: {from: 0, count: 10}, test: {from: 20}}
END
  what="$1 $2" code=$3 text=$4
  shift 4
  rm -rf "$dir/out"
  "$weft" optimize "$net" --data "$dir/data.yaml" -o "$dir/out" --measure none --progress none -q "$@" >"$dir/said" 2>&1
  got=$?
  [ $got -eq "$code" ] || fail "$what $*: exit $got, not $code: $(head -n 3 "$dir/said")"
  [ -z "$text" ] || grep -q -- "$text" "$dir/said" || fail "$what $*: no '$text' in: $(head -n 4 "$dir/said")"
  [ "$code" -eq 0 ] || ! [ -e "$dir/out/model.tflite" ] || fail "$what $*: a network all the same"
}
try good good 0 ''
for recipe in '' train; do
  set -- ${recipe:+--recipe "$dir/$recipe.yaml"}
  try nan good 3 'NaN at element 87 of sample 7' "$@"
  try inf good 3 'nfinit.* element 87 of sample 7' "$@"
  try empty good 3 '0 samples' "$@"
  try missing good 3 'missing.npy' "$@"
  try good few 3 '39 labels' "$@"
  try good words 3 "words.txt:1" "$@"
  try good negative 3 "negative.txt:4" "$@"
  try good ten 3 'label 10' "$@"
  try good missing 3 'missing.txt' "$@"
  try good '' 3 '10 outputs' "$@"
done

# Killed in the middle of training, again and again: the checkpoint is whole each time, and what the
# last --resume ends in is the network of a run that nobody killed.
printf 'stages: [{prune: {final: 0.8, epochs: 120, batch: 10}}]\n' >"$dir/long.yaml"
try good good 0 ''
long() { "$weft" optimize "$net" --data "$dir/data.yaml" --recipe "$dir/long.yaml" --measure none --progress none -q "$@"; }
long -o "$dir/whole" || fail "the long run: exit $?"
saved=$dir/killed/checkpoint_0_prune/train.checkpoint
for round in 1 2 3; do
  "$weft" optimize "$net" --data "$dir/data.yaml" --recipe "$dir/long.yaml" --measure none --progress none -q -o "$dir/killed" --resume &
  pid=$!
  for _ in $(seq 200); do
    [ -e "$saved" ] && break
    sleep 0.02
  done
  sleep 0.0$round
  kill -KILL $pid 2>/dev/null
  wait $pid
done
[ -e "$saved" ] || fail "killed: no checkpoint"
long -o "$dir/killed" --resume || fail "killed: the checkpoint is not whole: exit $?"
cmp -s "$dir/whole/model.tflite" "$dir/killed/model.tflite" || fail "killed and resumed: another network"

[ $bad -eq 0 ] && echo "bad input: refused by name; a killed run resumes"
exit $bad
