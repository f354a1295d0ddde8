#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make bench-train: samples a CPU second of training the teacher CNN on one core,
forward + backward + Adam, batch 64; beside TensorFlow's, if a Python with TensorFlow is
here (WEFT_TF_PYTHON=PATH; 2.19.1 was meant), measured in turns in the same minutes."""
import argparse
import json
import os
import subprocess
import sys

ROUNDS = 3

TF = r"""
import os, sys, time, json
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
L = tf.keras.layers
m = tf.keras.Sequential([L.Input((28, 28, 1)), L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(),
    L.Conv2D(64, 3, activation="relu"), L.MaxPooling2D(), L.Conv2D(64, 3, activation="relu"),
    L.Flatten(), L.Dense(64, activation="relu"), L.Dense(10, activation="softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
r = np.random.default_rng(1)
x = r.random((6400, 28, 28, 1), dtype=np.float32)
y = r.integers(0, 10, 6400)
m.fit(x[:640], y[:640], batch_size=64, verbose=0)
t = time.process_time()
m.fit(x, y, batch_size=64, verbose=0)
print(json.dumps({"plain": 6400 / (time.process_time() - t), "version": tf.__version__}))
"""


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--program", required=True)
    args.add_argument("--json")
    args = args.parse_args()
    python = os.environ.get("WEFT_TF_PYTHON", sys.executable)
    ours, theirs, version = [], [], None
    for _ in range(ROUNDS):
        one = run([args.program])
        if one is None:
            sys.exit("bench_train failed")
        ours.append(one)
        other = run([python, "-c", TF])
        if other is None:
            continue
        theirs.append(other["plain"])
        version = other["version"]
    result = {k: [o[k] for o in ours] for k in ("plain", "quantize")}
    print("samples a CPU second, each round:")
    print("  plain             ", *(f"{v:7.0f}" for v in result["plain"]))
    print("  fake quantization ", *(f"{v:7.0f}" for v in result["quantize"]))
    if theirs:
        result |= {"tensorflow": theirs, "version": version,
                   "ratio": max(result["plain"]) / max(theirs)}
        print(f"  TensorFlow {version:7}", *(f"{v:7.0f}" for v in theirs))
        print(f"  best of ours / best of TensorFlow's: {result['ratio']:.2f}")
    else:
        print(f"  no TensorFlow in {python}: no ratio (WEFT_TF_PYTHON=PATH)")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(result, f, indent=1)


main()
