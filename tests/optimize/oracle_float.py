# SPDX-License-Identifier: Apache-2.0
"""Float networks on opt_probe and on LiteRT's reference kernels.

    oracle_float.py MODELS                      compare, at most 1e-5 relative
    oracle_float.py MODELS --record FILE        write what LiteRT gives: "path value..." a line

Every *float*.tflite below MODELS that opt_probe imports; two inputs of the generated stream of seed 1.
Needs ai-edge-litert and numpy.
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np
from ai_edge_litert import interpreter as litert

MASK = (1 << 64) - 1
RECORDED = 8


def stream(seed, n):
    """First n bytes of splitmix64, as floats (b - 128) / 128."""
    out, state = np.empty(n, np.float32), seed
    for i in range(n):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out[i] = (((z ^ (z >> 31)) & 255) - 128) / 128
    return out


def reference(path, n_runs):
    it = litert.Interpreter(model_path=path, num_threads=1,
                            experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    i, o = it.get_input_details()[0], it.get_output_details()[0]
    n = int(np.prod(i["shape"]))
    x, out = stream(1, n_runs * n), []
    for k in range(n_runs):
        it.set_tensor(i["index"], x[k * n:(k + 1) * n].reshape(i["shape"]))
        it.invoke()
        out.append(it.get_tensor(o["index"]).ravel().copy())
    return x, np.concatenate(out)


def ours(probe, path, x):
    with tempfile.TemporaryDirectory() as folder:
        a, b = os.path.join(folder, "x"), os.path.join(folder, "y")
        x.tofile(a)
        subprocess.run([probe, "forward", path, a, b], check=True)
        return np.fromfile(b, np.float32)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("models")
    ap.add_argument("--probe", default="build/opt_probe")
    ap.add_argument("--record")
    args = ap.parse_args()
    lines, bad, n = [], 0, 0
    for path in sorted(glob.glob(args.models + "/**/*float*.tflite", recursive=True)):
        if subprocess.run([args.probe, "show", path], capture_output=True).returncode == 4:
            continue
        x, y = reference(path, 2)
        z = ours(args.probe, path, x)
        error = float(np.max(np.abs(y - z)) / max(float(np.max(np.abs(y))), 1e-30))
        name = os.path.relpath(path, args.models)
        n, bad = n + 1, bad + (not error <= 1e-5)
        print(f"{error:.2e} {name}")
        lines.append(" ".join([name] + [f"{v:.9g}" for v in y[:RECORDED]]))
    if args.record:
        with open(args.record, "w", encoding="ascii") as f:
            f.write("\n".join(lines) + "\n")
    print(f"{n} networks, {bad} differ")
    return 1 if bad or not n else 0


if __name__ == "__main__":
    sys.exit(main())
