#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What toolkits lose without a word must hold, or be refused, in the files of `weft optimize`: clusters
# through scales of channels and through training, zeros and 2:4 through training, schedules that
# cannot finish, layers that stay dense, first layers, dead filters. And nothing is chosen on the test
# split: other test images, the same networks. On the demo network and its 300 images.
set -u
. tests/optimize/set_up.sh

# NAME IMAGES LABELS: the description with other images behind a split
data() { demo_data "$dir/$1.yaml" "$2" "$3" "from: 0, count: 150" "from: 150, count: 50"; }
data data "$models/mnist300_int8.bin" "$models/mnist300_labels.txt"

# NAME RECIPE [ARGUMENT]...: its rows in NAME.json, what it says in NAME.err
run() {
  name=$1
  printf '%s\n' "$2" >"$dir/recipe_$name.yaml"
  shift 2
  "$weft" optimize "$net" --data "$dir/data.yaml" --recipe "$dir/recipe_$name.yaml" -o "$dir/$name" --measure none --progress none \
    --json "$@" >"$dir/$name.json" 2>"$dir/$name.err"
}
# FILE KIND FIELD: of `weft inspect --weights`; the demo network has one CONV and one DENSE
fact() {
  "$weft" inspect --weights --json "$1" 2>/dev/null | python3 -c "import json, sys
print(str([l for l in json.load(sys.stdin).get('weights', []) if l['kind'] == '$2'][0]['$3']).lower())" 2>/dev/null || echo missing
}
most() { [ "$(fact "$1" "$2" "$3")" -le "$4" ] 2>/dev/null || fail "$1: layer $2: $3 is $(fact "$1" "$2" "$3"), more than $4"; }
is() { [ "$(fact "$1" "$2" "$3")" = "$4" ] || fail "$1: layer $2: $3 is $(fact "$1" "$2" "$3"), not $4"; }

# Clusters: K values in the whole layer though each channel has a scale, after PTQ and after QAT.
run clusters 'stages: [cluster: {number_of_clusters: 8, epochs: 1}, ptq: {}, qat: {epochs: 1}]' || fail "clusters: exit $?"
for f in 02_ptq 03_qat; do for layer in CONV DENSE; do most "$dir/clusters/$f.tflite" $layer distinct 8; done; done
run channels 'stages: [cluster: {number_of_clusters: 4, per_channel: true}, ptq: {}, qat: {epochs: 1}]' || fail "clusters of channels: exit $?"
for f in 02_ptq 03_qat; do for layer in CONV DENSE; do most "$dir/channels/$f.tflite" $layer distinct_in_channel 4; done; done

# Zeros, and zeros with clusters, through QAT.
run zeros 'stages: [prune: {final: 0.75, first_layer: true}, cluster: {number_of_clusters: 8}, qat: {epochs: 2}]' || fail "zeros: exit $?"
for f in 01_prune 02_cluster 03_qat; do
  is "$dir/zeros/$f.tflite" CONV zeros 81
  is "$dir/zeros/$f.tflite" DENSE zeros 15210
done
for layer in CONV DENSE; do most "$dir/zeros/03_qat.tflite" $layer distinct 8; done

# 2:4 through QAT; the layer of one input channel is named.
run m_of_n 'stages: [prune: {pattern: "2:4", first_layer: true, epochs: 1}, qat: {epochs: 1}]' || fail "2:4: exit $?"
is "$dir/m_of_n/02_qat.tflite" DENSE two_of_four true
grep -q 'one input channel' "$dir/m_of_n.json" || fail "2:4: the layer that stays dense is not named"

# A run shorter than the default frequency still prunes; a schedule that cannot finish is refused.
run short 'stages: [prune: {final: 0.8, epochs: 1}, ptq: {}]' || fail "a short run: exit $?"
is "$dir/short/02_ptq.tflite" DENSE zeros 16224
for keys in 'frequency: 1000, schedule: constant, begin: 100' 'end: 50' 'begin: 6'; do
  run never "stages: [prune: {final: 0.8, epochs: 1, $keys}]"
  [ $? -eq 3 ] || fail "$keys: not refused"
  [ -e "$dir/never/01_prune.tflite" ] && fail "$keys: trained before it was refused"
done

# The first layer is left dense, and named; where it is cut, filters die and go, and nothing else changes.
is "$dir/short/02_ptq.tflite" CONV zeros "$(fact "$net" CONV zeros)"
grep -q 'first layer, left dense' "$dir/short.json" || fail "the protected first layer is not named"
run dead 'stages: [prune: {final: 0.9, first_layer: true}, remove_dead: {}, ptq: {}]' || fail "dead filters: exit $?"
python3 - "$dir/dead.json" <<'END' || fail "dead filters"
import json, re, sys
rows = json.load(open(sys.argv[1]))["stages"]
assert int(re.search(r"removed: (\d+) channels", rows[2]["note"]).group(1)) > 0, rows[2]
assert rows[2]["bytes"] < rows[1]["bytes"] and rows[2]["accuracy"] == rows[1]["accuracy"], rows
END

# Nothing is chosen on test images: with others, and other labels, every network is the same byte for
# byte, and only the accuracy differs. With other calibration or training images they are not.
all='stages: [lora: {rank: 1}, channels: {macs: 0.7, epochs: 1}, decompose: {only_if: always, rank: 8, epochs: 1}, prune: {final: 0.5, epochs: 1},
  cluster: {epochs: 1}, ptq: {method: mse}, qat: {epochs: 1}]'
run chosen "$all" || fail "all stages: exit $?"
python3 - "$models" "$dir" <<'END'
import sys
x = bytearray(open(sys.argv[1] + "/mnist300_int8.bin", "rb").read())
labels = open(sys.argv[1] + "/mnist300_labels.txt").read().split()
n = len(x) // 300
def write(name, first, count, labels):
    y = bytearray(x)
    y[first * n:(first + count) * n] = bytes((7 * i) % 251 for i in range(count * n))
    open(f"{sys.argv[2]}/{name}.bin", "wb").write(y)
    open(f"{sys.argv[2]}/{name}.txt", "w").write("\n".join(labels) + "\n")
write("test", 250, 50, labels[:250] + [str((int(v) + 1) % 10) for v in labels[250:]])
write("calib", 150, 50, labels)
write("train", 0, 100, labels)
END
for split in test calib train; do
  data data "$dir/$split.bin" "$dir/$split.txt"
  run "other_$split" "$all" || fail "other $split: exit $?"
  differ=0
  for f in "$dir"/chosen/0*.tflite; do cmp -s "$f" "$dir/other_$split/$(basename "$f")" || differ=$((differ + 1)); done
  [ $split = test ] && { [ $differ -eq 0 ] || fail "other test images: $differ networks differ"; }
  [ $split != test ] && { [ $differ -gt 0 ] || fail "other $split images: the same networks, so this shows nothing"; }
done
python3 - "$dir/chosen.json" "$dir/other_test.json" <<'END' || fail "other test images, the same accuracy"
import json, sys
a, b = ([r["accuracy"] for r in json.load(open(f))["stages"]] for f in sys.argv[1:])
assert len(a) == 8 and all(x > y for x, y in zip(a, b)), (a, b)
END

[ $bad -eq 0 ] && echo "traps: clusters, zeros, 2:4, schedules, first layers, dead filters, test images: as documented"
exit $bad
