#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Per-layer cycles of `weft sim`: they add up to all cycles, and no layer is
# faster than its MACs allow (a MARK on the wrong side of its layer gives the
# cycles of one layer to another).
set -eu
build=${BUILD:-build}
command -v verilator >/dev/null && command -v python3 >/dev/null || { echo "SKIP layer_cycles: no verilator or python3"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$build/weft" sim tests/models/cnn_mnist_int8.tflite -c tiny --seed 1 --progress none --json >"$dir/sim.json"
python3 - "$dir/sim.json" <<'END'
import json, sys
j = json.load(open(sys.argv[1]))
layers, cycles = j["layers"], j["runs"][0]["cycles"]
assert len(layers) >= 3, layers
assert sum(l["cycles"] for l in layers) == cycles, (layers, cycles)
for l in layers:
    assert l["cycles"] * 16 >= l["macs"], l
print(len(layers), "layers add up to", cycles, "cycles")
END
