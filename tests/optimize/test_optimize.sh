#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 'weft optimize' from end to end on the demo network and its 300 images: stages, files,
# invariants, same bytes on 1 and 2 threads, after an interrupt and from run.json; exit
# codes of bad input.
set -u
. tests/optimize/set_up.sh

demo_data "$dir/data.yaml" "$models/mnist300_int8.bin" "$models/mnist300_labels.txt" "from: 0, count: 200" "from: 0, count: 50"
cat >"$dir/recipe.yaml" <<END
seed: 3
stages:
  - prune: {pattern: "2:4", epochs: 2, batch: 20}
  - ptq: {}
  - cluster: {number_of_clusters: 16, epochs: 1, batch: 20}
  - qat: {epochs: 2, batch: 20, lr: 1.0e-4}
END
run() { "$weft" optimize "$@" --progress none; }

# The demo network's input scale is 1/255: the float network that it stands for.
run "$net" --data "$dir/data.yaml" --recipe "$dir/recipe.yaml" -o "$dir/a" --seed 9 -j 1 --measure model --json >"$dir/a.json" ||
  fail "the recipe: exit $?"
python3 - "$dir/a.json" <<'END' || fail "the rows"
import json, os, sys
rows = json.load(open(sys.argv[1]))["stages"]
assert [r["stage"] for r in rows] == ["0 float", "1 prune", "2 ptq", "3 cluster", "4 qat"], rows
for r in rows:
    assert os.path.getsize(r["file"]) == r["bytes"], r
    assert 0.8 <= r["accuracy"] <= 1, r
for r in rows[1:]:
    assert "2:4 kept" in r["invariants"] and 0.49 < r["zeros"] < 0.56, r
for r in rows[3:]:
    assert max(r["distinct"]) <= 16, r
assert "3 inputs equal" in rows[4]["runs"] and "3 inputs equal" in rows[2]["runs"], rows
assert rows[4]["stream_bytes"] > 0 and rows[0]["stream_bytes"] is None
END
"$weft" verify "$dir/a/model.tflite" --backend model --seed 5 >/dev/null || fail "the result does not verify"
for f in run.json report.html 00_float.tflite 04_qat.tflite; do [ -s "$dir/a/$f" ] || fail "no $f"; done
grep -q 'id="stages"' "$dir/a/report.html" || fail "a report without its table"

# Two threads, and the run that run.json describes: the same bytes.
run "$net" --data "$dir/data.yaml" --recipe "$dir/recipe.yaml" -o "$dir/b" --seed 9 -j 2 --measure none -q || fail "two threads: exit $?"
run --from "$dir/a/run.json" -o "$dir/c" --measure none -q || fail "--from: exit $?"
for f in 01_prune 02_ptq 03_cluster 04_qat model; do
  cmp -s "$dir/a/$f.tflite" "$dir/b/$f.tflite" || fail "$f differs on two threads"
  cmp -s "$dir/a/$f.tflite" "$dir/c/$f.tflite" || fail "$f differs from run.json"
done

# A network that comes clustered or pruned stays so: nothing is lost between two commands.
printf 'stages: [{qat: {epochs: 1, batch: 20}}]\n' >"$dir/qat.yaml"
run "$dir/a/03_cluster.tflite" --data "$dir/data.yaml" --recipe "$dir/qat.yaml" -o "$dir/again" --measure none --json >"$dir/again.json" ||
  fail "a clustered file again: exit $?"
python3 - "$dir/again.json" <<'END' || fail "zeros or clusters of the input file"
import json, sys
rows = json.load(open(sys.argv[1]))["stages"]
assert "came pruned or clustered" in rows[0]["note"], rows[0]
for r in rows:
    assert max(r["distinct"]) <= 16 and 0.49 < r["zeros"], r
END

# run.json brings its machine; two stages of one kind have checkpoints of their own.
printf 'stages: [{prune: {pattern: vector, final: 0.5}}]\n' >"$dir/vector.yaml"
run "$net" --data "$dir/data.yaml" --recipe "$dir/vector.yaml" -c large -o "$dir/v1" --measure none -q || fail "vector: exit $?"
run --from "$dir/v1/run.json" -o "$dir/v2" --json >"$dir/v2.json" || fail "vector again: exit $?"
cmp -s "$dir/v1/model.tflite" "$dir/v2/model.tflite" || fail "run.json lost the machine"
grep -q '"runs": "not run"' "$dir/v2.json" || fail "run.json lost --measure: $(grep -o '"runs": "[^"]*"' "$dir/v2.json" | tr '\n' ' ')"
run --from "$dir/v1/run.json" -o "$dir/v2" --measure model --json >"$dir/v2.json" || fail "--from, other --measure: exit $?"
grep -q '"runs": "model, 3 inputs equal"' "$dir/v2.json" || fail "--from ignores --measure: $(grep -o '"runs": "[^"]*"' "$dir/v2.json" | tr '\n' ' ')"
sed 's/"measure": "none"/"measure": "often"/' "$dir/v1/run.json" >"$dir/often.json"
run --from "$dir/often.json" -o "$dir/v2" -q >"$dir/out" 2>&1
[ $? -eq 2 ] && grep -q often "$dir/out" || fail "a run.json that measures 'often': $(head -n 3 "$dir/out")"

# The line that tells how to run it again is what a shell reads as the same file.
run "$net" --data "$dir/data.yaml" --recipe "$dir/vector.yaml" -o "$dir/it's a run" --measure none >"$dir/out" || fail "a name with a space: exit $?"
again=$(sed -n 's/.*again: weft optimize \(--from .*\) -o DIR$/\1/p' "$dir/out")
[ -n "$again" ] && eval "run $again -o \"\$dir/v3\" -q" || fail "again: $again"
cmp -s "$dir/it's a run/model.tflite" "$dir/v3/model.tflite" || fail "the line 'again' runs something else"
printf 'stages: [{train: {epochs: 1}}, {train: {epochs: 1}}]\n' >"$dir/two.yaml"
run "$net" --data "$dir/data.yaml" --recipe "$dir/two.yaml" -o "$dir/two" --measure none -q || fail "two stages: exit $?"
run "$net" --data "$dir/data.yaml" --recipe "$dir/two.yaml" -o "$dir/two" --measure none -q --resume || fail "two stages again: exit $?"

# Adapters: what they do not touch stays, and their file merged into the network that came
# gives the network of the run.
printf 'stages: [{lora: {rank: 2, layers: ".*conv2d.*", epochs: 2, batch: 20, alpha: 5}}]\n' >"$dir/lora.yaml"
run "$net" --data "$dir/data.yaml" --recipe "$dir/lora.yaml" -o "$dir/lora" --measure none -q || fail "lora: exit $?"
printf 'stages: [{lora: {file: %s, alpha: 5}}]\n' "$dir/lora/01_lora.npz" >"$dir/merge.yaml"
run "$net" --data "$dir/data.yaml" --recipe "$dir/merge.yaml" -o "$dir/merged" --measure none -q || fail "merge: exit $?"
[ "$(od -An -tx1 -j10 -N4 "$dir/lora/01_lora.npz")" = " 00 00 21 00" ] || fail "lora: the archive's first member has no date"
cmp -s "$dir/lora/00_float.tflite" "$dir/lora/01_lora.tflite" && fail "lora: nothing learned"
cmp -s "$dir/lora/01_lora.tflite" "$dir/merged/01_lora.tflite" || fail "lora: its file merges to another network"

# An interrupt in training: exit 130, then --resume gives the same bytes.
sed 's/epochs: 2, batch: 20}/epochs: 60, batch: 20}/' "$dir/recipe.yaml" >"$dir/long.yaml"
run "$net" --data "$dir/data.yaml" --recipe "$dir/long.yaml" -o "$dir/whole" --measure none -q || fail "long: exit $?"
setsid "$weft" optimize "$net" --data "$dir/data.yaml" --recipe "$dir/long.yaml" -o "$dir/cut" --measure none -q --progress none &
pid=$!
for _ in $(seq 200); do
  ls "$dir"/cut/checkpoint_0_prune* >/dev/null 2>&1 && break
  sleep 0.02
done
kill -INT $pid
wait $pid
code=$?
[ $code -eq 130 ] || fail "interrupted: exit $code"
[ -e "$dir/cut/model.tflite" ] && fail "an interrupted run left a result"
run "$net" --data "$dir/data.yaml" --recipe "$dir/long.yaml" -o "$dir/cut" --measure none -q --resume || fail "--resume: exit $?"
cmp -s "$dir/whole/model.tflite" "$dir/cut/model.tflite" || fail "a resumed run differs"

# A damaged checkpoint is named; the message outlives the training that failed.
ck=$(ls "$dir"/two/checkpoint_0_*/train.checkpoint)
head -c 5000 "$ck" >"$ck.cut" && mv "$ck.cut" "$ck"
run "$net" --data "$dir/data.yaml" --recipe "$dir/two.yaml" -o "$dir/two" --measure none -q --resume >"$dir/out" 2>&1
[ $? -eq 3 ] || fail "a damaged checkpoint: not exit 3"
grep -q "INPUT: $ck" "$dir/out" || fail "a damaged checkpoint is not named: $(head -c 200 "$dir/out")"

# Bad input: its own message and exit code, and no network.
refused() {   # code, text, arguments
  code=$1 text=$2
  shift 2
  rm -rf "$dir/no"
  run "$@" -o "$dir/no" --measure none >"$dir/out" 2>&1
  got=$?
  [ $got -eq "$code" ] || fail "$*: exit $got, not $code: $(head -n 4 "$dir/out")"
  grep -q "$text" "$dir/out" || fail "$*: no '$text' in $(head -n 4 "$dir/out")"
}
variant() { sed "$1" "$dir/data.yaml" >"$dir/v.yaml"; }
refused 10 'at least 1.0000' "$net" --data "$dir/data.yaml" --recipe "$(printf 'target: 1.0\nstages: [{cluster: {number_of_clusters: 2}}]\n' >"$dir/t.yaml"; echo "$dir/t.yaml")"
[ -s "$dir/no/model.tflite" ] || fail "a missed target hides the network"
variant 's/count: 200/count: 0/; s/train: {from: 0/train: {from: 300/'
refused 3 'count' "$net" --data "$dir/v.yaml" --recipe "$dir/recipe.yaml"
printf '11\n%.0s' $(seq 300) >"$dir/wrong.txt"
variant "s|$models/mnist300_labels.txt|$dir/wrong.txt|"
refused 3 'label' "$net" --data "$dir/v.yaml" --recipe "$dir/recipe.yaml"
variant 's/\[28, 28, 1\]/[14, 28, 1]/'
refused 3 '300 labels' "$net" --data "$dir/v.yaml"
variant 's/\[28, 28, 1\]/[14, 28, 1]/; s/, labels: .*}/}/'
refused 3 '784 elements' "$net" --data "$dir/v.yaml"
refused 3 '1000' "$net" --data "$dir/data.yaml" --recipe "$(printf 'stages: [{prune: {final: 0.9, end: 1000, epochs: 1}}]\n' >"$dir/s.yaml"; echo "$dir/s.yaml")"
refused 3 'did you mean' "$net" --data "$dir/data.yaml" --recipe "$(printf 'stages: [{pruen: {}}]\n' >"$dir/s.yaml"; echo "$dir/s.yaml")"
refused 3 'no data' "$net"
refused 2 'MODEL' --data "$dir/data.yaml"
head -c 3000 "$net" >"$dir/cut.tflite"
refused 3 'error' "$dir/cut.tflite" --data "$dir/data.yaml"
python3 - "$dir/a/00_float.tflite" "$dir/nan.tflite" <<'END'
import struct, sys
b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) - 20280 * 2:len(b) - 20280 * 2 + 4] = struct.pack("<f", float("nan"))   # amid the dense weights
open(sys.argv[2], "wb").write(b)
END
refused 3 'nan' "$dir/nan.tflite" --data "$dir/data.yaml"

[ $bad -eq 0 ] && echo "optimize: recipe, threads, run.json, resume, bad input: as documented"
exit $bad
