# SPDX-License-Identifier: Apache-2.0
"""Written files on TFLite-Micro, on LiteRT's reference kernels and on weft.

    oracle_files.py MODELS...       each .tflite below them that opt_probe reads is written again; the copy must load in both
                                    interpreters and give what the original gives (where both ends have the same types)
    oracle_files.py --ours FILES... files that weft wrote: both load them; int8 ones give the bytes of `weft run --backend ref`

Generated input, seeds 1 and 2. LiteRT is compared where numerics.md says that the references agree: not behind FULLY_CONNECTED (it
may differ by one, and so may all behind it) and LOGISTIC; there it has to load and run. Needs tflite-micro, ai-edge-litert, numpy.
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np
from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema
from tflite_micro import runtime

MASK = (1 << 64) - 1
CODES = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}


def stream(seed, n):
    out, state = np.empty(n, np.uint8), seed
    for i in range(n):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out[i] = (z ^ (z >> 31)) & 255
    return out


def generate(shape, dtype, seed):
    n = int(np.prod(shape))
    raw = stream(seed, n * np.dtype(dtype).itemsize if dtype != np.float32 else n)
    values = ((raw.astype(np.float32) - 128) / 128) if dtype == np.float32 else raw.view(dtype)
    return values.reshape(shape)


def on_litert(content, seed):
    it = litert.Interpreter(model_content=content, num_threads=1,
                            experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    i, o = it.get_input_details()[0], it.get_output_details()[0]
    it.set_tensor(i["index"], generate(i["shape"], i["dtype"], seed))
    it.invoke()
    return it.get_tensor(o["index"])


def on_tflm(content, seed):
    it = runtime.Interpreter.from_bytes(content, arena_size=64 << 20)
    i = it.get_input_details(0)
    it.set_input(generate(i["shape"], i["dtype"], seed), 0)
    if it.invoke():
        raise RuntimeError("invoke failed")
    return it.get_output(0)


def on_weft(weft, path, seed, folder, dtype):
    out = os.path.join(folder, "out")
    r = subprocess.run([weft, "run", path, "--backend", "ref", "--seed", str(seed), "--output", out], capture_output=True, text=True)
    return np.fromfile(out, dtype) if r.returncode == 0 else r.returncode


def on_probe(probe, path, content, seed, folder):
    """Our own arithmetic of 16-bit activations: the integers as the real numbers that they stand for."""
    it = runtime.Interpreter.from_bytes(content, arena_size=64 << 20)
    i = it.get_input_details(0)
    scale = i["quantization_parameters"]["scales"][0]
    x = (generate(i["shape"], i["dtype"], seed).astype(np.float64) * np.float64(scale)).astype(np.float32)
    a, b = os.path.join(folder, "x"), os.path.join(folder, "y")
    x.tofile(a)
    subprocess.run([probe, "run", path, a, b], check=True)
    return np.fromfile(b, np.int16)


def operators(content):
    m = schema.Model.GetRootAsModel(content, 0)
    return {CODES[max(m.OperatorCodes(k).BuiltinCode(), m.OperatorCodes(k).DeprecatedBuiltinCode())] for k in range(m.OperatorCodesLength())}


def same(a, b):
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def check_ours(args, path, folder):
    """Problems of a file that weft wrote."""
    with open(path, "rb") as f:
        content = f.read()
    bad = []
    loose = operators(content) & {"FULLY_CONNECTED", "LOGISTIC"}
    for seed in (1, 2):
        tflm, ref = on_tflm(content, seed), on_litert(content, seed)
        ours = on_weft(args.weft, path, seed, folder, tflm.dtype)
        if isinstance(ours, int):
            if ours != 4:
                bad.append(f"weft run: exit {ours}")
            elif tflm.dtype == np.int16 and on_probe(args.probe, path, content, seed, folder).tobytes() != tflm.tobytes():
                bad.append(f"seed {seed}: our 16 bits are not TFLite-Micro's")
        elif ours.tobytes() != tflm.tobytes():
            bad.append(f"seed {seed}: ours is not TFLite-Micro's")
        if not loose and not same(tflm, ref) and tflm.dtype != np.float32:
            bad.append(f"seed {seed}: LiteRT is not TFLite-Micro")
    return bad


def check_copy(args, path, folder):
    """None: not a network of the optimizer. Else problems of its copy."""
    out = os.path.join(folder, "copy.tflite")
    r = subprocess.run([args.probe, "rewrite", path, out], capture_output=True, text=True)
    if r.returncode in (3, 4):
        return None
    if r.returncode:
        return [f"rewrite: exit {r.returncode}"]
    bad = check_ours(args, out, folder)
    with open(path, "rb") as f, open(out, "rb") as g:
        a, b = f.read(), g.read()
    for seed in (1, 2):
        x, y = on_tflm(a, seed), on_tflm(b, seed)
        ends = [generate_types(c) for c in (a, b)]
        if ends[0] == ends[1] and not same(x, y):
            bad.append(f"seed {seed}: the copy gives another output")
    return bad


def generate_types(content):
    it = runtime.Interpreter.from_bytes(content, arena_size=64 << 20)
    return it.get_input_details(0)["dtype"], it.get_output_details(0)["dtype"]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("paths", nargs="+")
    ap.add_argument("--ours", action="store_true")
    ap.add_argument("--probe", default="build/opt_probe")
    ap.add_argument("--weft", default="build/weft")
    args = ap.parse_args()
    n = n_bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for top in args.paths:
            for path in sorted(glob.glob(top + "/**/*.tflite", recursive=True)) if os.path.isdir(top) else [top]:
                try:
                    bad = (check_ours if args.ours else check_copy)(args, path, folder)
                except (RuntimeError, ValueError) as e:
                    bad = [str(e).split("\n")[0]]
                if bad is None:
                    continue
                n, n_bad = n + 1, n_bad + bool(bad)
                print("ok  " if not bad else "BAD ", os.path.relpath(path, top) if os.path.isdir(top) else path, *bad, flush=True)
    print(f"{n} files, {n_bad} bad")
    return 1 if n_bad or not n else 0


if __name__ == "__main__":
    sys.exit(main())
