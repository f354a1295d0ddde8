#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A Zynq without a Zynq: weft deploy --sim of an AXI board. The UIO transport and
# all above it, over the Verilated weft_axi, an AXI4-Lite master and an AXI4 memory
# that stall and reorder: self-tests, upload, a whole network, every output equal.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
command -v verilator >/dev/null || { echo "SKIP deploy axi: no verilator"; exit 77; }
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/axi.XXXXXX")
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "FAIL: $*"; bad=1; }
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }
net=tests/models/cnn_mnist_int8.tflite
for seed in 1 2; do
  "$weft" deploy pynq-z2 $net --sim --seed $seed -c stress --json --progress none >"$dir/$seed" 2>"$dir/err" ||
    { fail "seed $seed: $(cat "$dir/err")"; continue; }
  [ "$(field "$dir/$seed" verified)" = True ] && [ "$(field "$dir/$seed" port)" = "simulated AXI bus" ] || fail "$(cat "$dir/$seed")"
  "$weft" run $net --seed $seed --json >"$dir/run" 2>"$dir/err" || fail "run: $(cat "$dir/err")"
  [ "$(field "$dir/$seed" outputs)" = "$(python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(d.get("outputs") or d["runs"][0]["outputs"])' "$dir/run")" ] ||
    fail "seed $seed: another hash than weft run: $(cat "$dir/run")"
done
# one image three times: the buses stall otherwise each time, the outputs are the same
image() { head -c 784 tests/models/mnist300_int8.bin; }
{ image; image; image; } >"$dir/images.bin"
"$weft" deploy pynq-z2 $net --sim --input "$dir/images.bin" -c stress --json --progress none >"$dir/three" 2>"$dir/err" ||
  fail "three images: $(cat "$dir/err")"
python3 - "$dir/three" <<'END' || fail "one image three times: $(cat "$dir/three")"
import json, sys
runs = json.load(open(sys.argv[1]))["runs"]
sys.exit(len(runs) != 3 or len({r["outputs"] for r in runs}) != 1 or len({r["cycles"] for r in runs}) < 2)
END
"$weft" deploy pynq-z2 $net --sim --seed 1 -c stress --json --progress none >"$dir/again" 2>"$dir/err"
cmp -s "$dir/1" "$dir/again" || fail "same seed, other cycles"
[ $bad -eq 0 ] && echo "deploy to a simulated Zynq: $(field "$dir/1" cycles) cycles on stalling buses, every output equal"
exit $bad
