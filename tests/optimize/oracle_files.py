# SPDX-License-Identifier: Apache-2.0
"""Written files against TFLite-Micro and LiteRT's reference kernels.

    oracle_files.py MODELS...       each .tflite below them that opt_probe reads is written again; the copy must give what the
                                    original gives, and be as good as a file of our own:
    oracle_files.py --ours FILES... files that weft wrote, on generated input, seeds 1 and 2:
        TFLite-Micro  every tensor of `weft run --backend ref` has its bytes. What the array does not run (16-bit activations, float
                      layers) runs on opt_probe: integer outputs have its bytes, float ones at most 1e-5 of the greatest off
        LiteRT        every operator alone, fed what TFLite-Micro fed it: the same bytes; at most one off, and counted, where the
                      references disagree (FULLY_CONNECTED, LOGISTIC, RELU, SOFTMAX of 16 bits); floats as above

A file of which no output was compared with both is BAD. Needs tflite-micro, ai-edge-litert, numpy.
"""
import argparse
import copy
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter

import flatbuffers
import numpy as np
from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema
from tflite_micro import runtime

MASK = (1 << 64) - 1
CODES = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
LOOSE = {"FULLY_CONNECTED", "LOGISTIC", "RELU"}


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


def near(a, b):
    """Floats: at most 1e-5 of the greatest off."""
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= 1e-5 * max(float(np.max(np.abs(a))), 1e-30)))


class Tflm:
    """A run on TFLite-Micro: the tensors that it computed and was fed."""

    def __init__(self, content, seed):
        self.model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
        self.graph = self.model.subgraphs[0]
        it = runtime.Interpreter.from_bytes(content, arena_size=64 << 20,
                                            intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors)
        end = it.get_input_details(0)
        self.scales = end["quantization_parameters"]["scales"]
        self.input = generate(end["shape"], end["dtype"], seed)
        it.set_input(self.input, 0)
        if it.invoke():
            raise RuntimeError("invoke failed")
        self.made = sorted({int(t) for op in self.graph.operators for t in op.outputs})
        self.value = {t: it.GetTensor(t, 0)["tensor_data"] for t in self.made}
        self.value[int(self.graph.inputs[0])] = self.input
        self.output = self.value[int(self.graph.outputs[0])]


def on_litert(run):
    """(operator, its output tensor, LiteRT's value of it), each operator fed with TFLite-Micro's values."""
    model = copy.copy(run.model)
    graph = copy.copy(run.graph)
    model.subgraphs = [graph]
    graph.tensors, graph.operators, feeds, names = list(graph.tensors), [], [], []
    for op in run.graph.operators:
        op = copy.copy(op)
        op.inputs = np.array(op.inputs, np.int32)
        for k, t in enumerate(op.inputs):
            if int(t) in run.value:
                feeds.append((len(graph.tensors), run.value[int(t)]))
                op.inputs[k] = len(graph.tensors)
                graph.tensors.append(copy.copy(graph.tensors[t]))
        code = model.operatorCodes[op.opcodeIndex]
        names += [(CODES[max(code.builtinCode, code.deprecatedBuiltinCode)], int(t)) for t in op.outputs]
        graph.operators.append(op)
    graph.inputs = np.array([k for k, _ in feeds], np.int32)
    graph.outputs = np.array([t for _, t in names], np.int32)
    model.signatureDefs = []
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    it = litert.Interpreter(model_content=bytes(builder.Output()), num_threads=1,
                            experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    for end, (_, value) in zip(it.get_input_details(), feeds):
        it.set_tensor(end["index"], value)
    it.invoke()
    return [(name, t, it.get_tensor(end["index"])) for (name, t), end in zip(names, it.get_output_details())]


def check_litert(run, n):
    bad = []
    for name, t, theirs in on_litert(run):
        ours = run.value[t]
        loose = name in LOOSE or (name == "SOFTMAX" and ours.dtype == np.int16)
        if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
            bad.append(f"tensor {t}: LiteRT has another type or shape")
        elif ours.dtype == np.float32:
            n["LiteRT near"] += 1
            bad += [] if near(ours, theirs) else [f"tensor {t} of {name}: LiteRT's floats are far"]
        elif ours.tobytes() == theirs.tobytes():
            n["LiteRT equal"] += 1
        else:
            off = np.abs(ours.astype(np.int64) - theirs.astype(np.int64))
            n["LiteRT within one"] += 1
            n["elements off by one"] += int(np.count_nonzero(off))
            bad += [] if loose and off.max() <= 1 else [f"tensor {t} of {name}: LiteRT differs by {off.max()}"]
    return bad


def check_weft(args, run, path, seed, n):
    """None: weft does not run it."""
    r = subprocess.run([args.weft, "run", path, "--backend", "ref", "--seed", str(seed), "--tensors", "--json"],
                       capture_output=True, text=True)
    if r.returncode == 4:
        return None
    if r.returncode:
        return [f"weft run: exit {r.returncode}"]
    bad, last = [], int(run.graph.outputs[0])
    for t in json.loads(r.stdout)["runs"][0]["tensors"]:
        same = t["sha256"] == hashlib.sha256(run.value[t["index"]].tobytes()).hexdigest()[:16]
        n["tensors"] += 1
        n["outputs"] += t["index"] == last
        bad += [] if same else [f"seed {seed}: tensor {t['index']} is not TFLite-Micro's"]
    return bad


def check_probe(args, run, path, seed, folder, n):
    x = run.input if run.input.dtype == np.float32 else (run.input.astype(np.float64) * np.float64(run.scales[0])).astype(np.float32)
    if run.input.dtype == np.int8:
        zero = run.graph.tensors[int(run.graph.inputs[0])].quantization.zeroPoint[0]
        x = ((run.input.astype(np.float64) - zero) * np.float64(run.scales[0])).astype(np.float32)
    a, b = os.path.join(folder, "x"), os.path.join(folder, "y")
    x.tofile(a)
    subprocess.run([args.probe, "run", path, a, b], check=True)
    ours = np.fromfile(b, run.output.dtype).reshape(run.output.shape)
    n["outputs"] += 1
    n["of them float"] += run.output.dtype == np.float32
    same = near(run.output, ours) if run.output.dtype == np.float32 else ours.tobytes() == run.output.tobytes()
    return [] if same else [f"seed {seed}: our output is not TFLite-Micro's"]


def check_ours(args, path, folder, n):
    """Problems of a file that weft wrote."""
    with open(path, "rb") as f:
        content = f.read()
    bad, mine = [], Counter()
    for seed in (1, 2):
        run = Tflm(content, seed)
        problems = check_weft(args, run, path, seed, mine)
        bad += check_probe(args, run, path, seed, folder, mine) if problems is None else problems
        bad += check_litert(run, mine)
    if mine["outputs"] != 2 or not mine["LiteRT equal"] + mine["LiteRT near"] + mine["LiteRT within one"]:
        bad.append("compared with nothing")
    n.update(mine)
    return bad


def check_copy(args, path, folder, n):
    """None: not a network of the optimizer. Else problems of its copy."""
    out = os.path.join(folder, "copy.tflite")
    r = subprocess.run([args.probe, "rewrite", path, out], capture_output=True, text=True)
    if r.returncode in (3, 4):
        return None
    if r.returncode:
        return [f"rewrite: exit {r.returncode}"]
    bad = check_ours(args, out, folder, n)
    with open(path, "rb") as f, open(out, "rb") as g:
        a, b = f.read(), g.read()
    for seed in (1, 2):
        x, y = Tflm(a, seed), Tflm(b, seed)
        if x.input.dtype == y.input.dtype and x.output.dtype == y.output.dtype:
            n["copies"] += 1
            bad += [] if x.output.tobytes() == y.output.tobytes() else [f"seed {seed}: the copy gives another output"]
    return bad


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("paths", nargs="+")
    ap.add_argument("--ours", action="store_true")
    ap.add_argument("--probe", default="build/opt_probe")
    ap.add_argument("--weft", default="build/weft")
    args = ap.parse_args()
    n_files = n_bad = 0
    total = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for top in args.paths:
            for path in sorted(glob.glob(top + "/**/*.tflite", recursive=True)) if os.path.isdir(top) else [top]:
                n = Counter()
                try:
                    bad = (check_ours if args.ours else check_copy)(args, path, folder, n)
                except Exception as e:  # whatever an interpreter throws is the answer
                    bad = [str(e).split("\n")[0]]
                if bad is None:
                    continue
                n_files, n_bad = n_files + 1, n_bad + bool(bad)
                total.update(n)
                counts = ", ".join(f"{v} {k}" for k, v in n.items() if v)
                print("ok  " if not bad else "BAD ", os.path.relpath(path, top) if os.path.isdir(top) else path, f"({counts})", *bad, flush=True)
    print(f"{n_files} files, {n_bad} bad:", ", ".join(f"{v} {k}" for k, v in total.items() if v))
    return 1 if n_bad or not n_files else 0


if __name__ == "__main__":
    sys.exit(main())
