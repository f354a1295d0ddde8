#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shapes at the ends of what machines hold, on weft and on TFLite-Micro: equal bytes?

  oracle_shapes.py [--weft build/weft] [--backend model] [-c base,stress] [--only NAME,...]

Kernels of more taps than a table, windows larger than a scratchpad, axes beyond 4096, pixels of thousands of channels,
dilations and paddings beyond the image. Exit 1 if an output differs or weft refuses a shape. Needs numpy and the wheel."""
import argparse
import sys
import tempfile

import numpy as np

sys.dont_write_bytecode = True
import oracle_random as o  # noqa: E402
import tiny_tflite as tt  # noqa: E402

S, V = tt.SAME, tt.VALID
R = np.random.Generator(np.random.PCG64(0x73686170))


class Net(tt.Net):
    """A chain of operators; x is the last tensor."""

    def __init__(self, *shape):
        super().__init__()
        self.x = self.first = self.image(shape, 0.05)

    def image(self, shape, scale):
        return self.tensor([int(v) for v in shape], "int8", scale=float(np.float32(scale)), zero=-3)

    def then(self, name, shape, scale, options=None, *operands):
        x, self.x = self.x, self.image(shape, scale)
        self.op(name, [x, *operands], [self.x], options)
        return self

    def shape(self):
        return self.tensors[self.x][0]

    def scale(self):
        return self.tensors[self.x][2][0]

    def weights(self, w, axis):
        co = w.shape[axis]
        wt = self.tensor(w.shape, "int8", scale=[0.01] * co, axis=axis, data=w)
        bt = self.tensor([co], "int32", scale=[float(np.float32(self.scale() * 0.01))] * co, data=R.integers(-2000, 2000, co))
        return wt, bt, self.scale() * 0.01 * np.sqrt(w.size / co) * 70

    def out(self, kernel, pad, stride, dilation):
        sizes = zip(self.shape()[1:3], kernel, stride, dilation)
        return [-(-n // s) if pad == S else (n - (k - 1) * d - 1) // s + 1 for n, k, s, d in sizes]

    def conv(self, co, kernel, pad=S, stride=(1, 1), dilation=(1, 1)):
        wt, bt, scale = self.weights(R.integers(-127, 128, (co, *kernel, self.shape()[3])), 0)
        shape = [1, *self.out(kernel, pad, stride, dilation), co]
        return self.then("CONV_2D", shape, scale, tt.conv2d(pad, stride, dilation), wt, bt)

    def depthwise(self, kernel, pad=S, stride=(1, 1), dilation=(1, 1)):
        c = self.shape()[3]
        wt, bt, scale = self.weights(R.integers(-127, 128, (1, *kernel, c)), 3)
        shape = [1, *self.out(kernel, pad, stride, dilation), c]
        return self.then("DEPTHWISE_CONV_2D", shape, scale, tt.depthwise(1, pad, stride, dilation), wt, bt)

    def dense(self, co):
        wt, bt, scale = self.weights(R.integers(-127, 128, (co, self.shape()[-1])), 0)
        return self.then("FULLY_CONNECTED", [*self.shape()[:-1], co], scale, tt.fully_connected(), wt, bt)

    def pool(self, name, kernel, pad=V, stride=(1, 1)):
        shape = [1, *self.out(kernel, pad, stride, (1, 1)), self.shape()[3]]
        return self.then(name, shape, self.scale(), tt.pool2d(kernel, pad, stride))

    def mean(self):
        axes = self.tensor([2], "int32", data=np.array([1, 2]))
        return self.then("MEAN", [1, self.shape()[3]], self.scale() / 10, tt.reducer(False), axes)

    def pad(self, *pads):
        p = np.array([[0, 0], *pads])
        return self.then("PAD", np.array(self.shape()) + p.sum(1), self.scale(), None, self.tensor([4, 2], "int32", data=p))

    def relu(self):
        return self.then("RELU", self.shape(), self.scale() * 0.6)


MAX, AVG = "MAX_POOL_2D", "AVERAGE_POOL_2D"
SHAPES = {
    "conv 25x25": lambda: Net(1, 40, 40, 2).conv(4, (25, 25)),
    "conv 31x31 valid": lambda: Net(1, 48, 48, 1).conv(3, (31, 31), V),
    "conv 25x25 stride 2": lambda: Net(1, 40, 40, 3).conv(4, (25, 25), S, (2, 2)),
    "conv 25x25 stride 3": lambda: Net(1, 40, 40, 3).conv(4, (25, 25), S, (3, 3)),
    "conv 25x25 dilation 2": lambda: Net(1, 60, 60, 1).conv(3, (25, 25), S, (1, 1), (2, 2)),
    "conv 1x600": lambda: Net(1, 1, 1200, 1).conv(4, (1, 600)),
    "conv 3x200": lambda: Net(1, 5, 300, 4).conv(4, (3, 200)),
    "depthwise 25x25": lambda: Net(1, 40, 40, 5).depthwise((25, 25)),
    "depthwise 25x25 stride 2": lambda: Net(1, 40, 40, 5).depthwise((25, 25), S, (2, 2)),
    "conv dilation 64": lambda: Net(1, 130, 130, 4).conv(4, (3, 3), S, (1, 1), (64, 64)),
    "conv dilation 4096": lambda: Net(1, 16000, 1, 2).conv(4, (3, 1), S, (1, 1), (4096, 1)),
    "mean 112x112x32": lambda: Net(1, 112, 112, 32).mean(),
    "mean 16000x1": lambda: Net(1, 16000, 1, 8).mean(),
    "average 100x100": lambda: Net(1, 112, 112, 8).pool(AVG, (100, 100), V, (4, 4)),
    "average 200x200": lambda: Net(1, 200, 200, 3).pool(AVG, (200, 200)),
    "maximum 112x112": lambda: Net(1, 112, 112, 32).pool(MAX, (112, 112)),
    "maximum 30x30": lambda: Net(1, 60, 60, 8).pool(MAX, (30, 30)),
    "column 16000": lambda: Net(1, 16000, 1, 1).conv(8, (9, 1)),
    "column 16000 stride 4": lambda: Net(1, 16000, 1, 1).conv(16, (80, 1), S, (4, 1)),
    "line 16000": lambda: Net(1, 1, 16000, 1).conv(8, (1, 9)),
    "three lines of 5000": lambda: Net(1, 3, 5000, 2).conv(8, (3, 3)),
    "5000 lines of three": lambda: Net(1, 5000, 3, 2).conv(8, (3, 3)),
    "depthwise column": lambda: Net(1, 16000, 1, 8).depthwise((3, 1), S, (1, 1), (64, 1)),
    "column between": lambda: Net(1, 5000, 1, 8).relu().conv(8, (3, 1)).relu(),
    "image to column": lambda: Net(1, 60, 60, 3).conv(8, (3, 60), V).relu().conv(4, (5, 1)).mean(),
    "column to image": lambda: Net(1, 60, 1, 3).relu().pad([1, 0], [2, 3], [0, 0]).conv(4, (3, 3)),
    "kernel all padding": lambda: Net(1, 7, 1, 5).conv(4, (3, 4), S, (1, 1), (1, 3)),
    "dense 8191": lambda: Net(1, 8191).dense(10),
    "dense 10007": lambda: Net(1, 10007).dense(10),
    "dense of 4 rows": lambda: Net(4, 5003).dense(7),
    "pixels of 8191": lambda: Net(1, 3, 3, 8191).conv(6, (1, 1)),
    "70000 channels": lambda: Net(1, 1, 1, 2).conv(70000, (1, 1)),
    "depthwise 5000 channels": lambda: Net(1, 7, 7, 5000).depthwise((3, 3)),
    "pad 300": lambda: Net(1, 10, 10, 8).pad([300, 300], [300, 300], [0, 0]),
    "pad channels": lambda: Net(1, 3, 3, 4000).pad([0, 0], [0, 0], [100, 200]),
    "relu 1000003": lambda: Net(1, 1000003).relu(),
}


def judge(args, name, config, folder):
    net = SHAPES[name]()
    content = net.finish([net.first], [net.x])
    samples = [R.integers(-128, 128, (1, *net.tensors[net.first][0])).astype(np.int8)]
    want = o.oracle(content, samples)
    args.config = config
    status, got, text = o.weft(args, folder, content, samples)
    if want is None:
        return "the oracle refused it"
    return "equal" if status == 0 and got == want else "other bytes" if status == 0 else f"exit {status}: {text}"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weft", default="build/weft")
    ap.add_argument("--backend", default="model", choices=["ref", "model", "rtl"])
    ap.add_argument("-c", "--configs", default="base,stress")
    ap.add_argument("--only")
    args = ap.parse_args()
    bad = n = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in args.only.split(",") if args.only else SHAPES:
            for config in args.configs.split(","):
                verdict = judge(args, name, config, folder)
                n += 1
                if verdict != "equal":
                    bad += 1
                    print(f"FAIL {name} on {config}: {verdict}", flush=True)
    print(f"{n - bad} shapes equal, {bad} not, backend {args.backend}")
    return 1 if bad or not n else 0


if __name__ == "__main__":
    sys.exit(main())
