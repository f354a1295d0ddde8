#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sim on the demo network: the keys of its JSON, layers that add up to the total,
# equal cycles for every sample, output bytes and accuracy of the RTL.
set -u
weft=${BUILD:-build}/weft
command -v verilator >/dev/null && command -v g++ >/dev/null || { echo "needs verilator and g++"; exit 77; }
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
net=tests/models/cnn_mnist_int8.tflite
n=0 bad=0
check() {
  name=$1; shift
  n=$((n + 1))
  "$@" >/dev/null 2>&1 || { echo "FAILED: $name: $*"; bad=$((bad + 1)); }
}
head -c $((3 * 784)) tests/models/mnist300_int8.bin >"$t/three.bin"
head -n 3 tests/models/mnist300_labels.txt >"$t/three.lab"
"$weft" sim "$net" --input "$t/three.bin" --labels "$t/three.lab" --output "$t/rtl.out" \
  --json --progress none >"$t/sim.json" || exit 1
"$weft" run "$net" --backend ref --input "$t/three.bin" --output "$t/ref.out" -q || exit 1
check "RTL outputs are the reference's" cmp "$t/rtl.out" "$t/ref.out"
for key in layers macs bytes mac_bound byte_bound efficiency bytes_in bytes_out accuracy; do
  check "key $key" grep -q "\"$key\": " "$t/sim.json"
done
check "backend" grep -q '"backend": "rtl", "config": "base"' "$t/sim.json"
cycles=$(grep -o '"runs": .*"mismatch"' "$t/sim.json" | grep -o '"cycles": [0-9]*' | cut -d' ' -f2 | sort -u)
check "three samples, one cycle count" test "$(echo "$cycles" | wc -w)" = 1
sum=$(grep -o '"layers": .*' "$t/sim.json" | grep -o '"cycles": [0-9]*' | awk '{ s += $2 } END { print s + 0 }')
check "layers add up to the total" test "$sum" = "$cycles"
macs=$(grep -o '"layers": .*' "$t/sim.json" | sed 's/\], "macs".*//' | grep -o '"macs": [0-9]*' | awk '{ s += $2 } END { print s + 0 }')
check "nominal MACs" test "$macs" = 93288
check "mac_bound is MACs / 64, rounded up" grep -q '"mac_bound": 1458,' "$t/sim.json"
check "not faster than its bounds" test "$cycles" -ge 8000
echo "$n checks, $bad bad"
[ $bad -eq 0 ]
