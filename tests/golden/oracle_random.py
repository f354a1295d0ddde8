#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random models on weft and on TFLite-Micro: equal bytes?

  oracle_random.py [--weft build/weft] [--backend ref] [-c base] [--count 520] [--first 0] [--only OP|NETWORK] [--times 1] [--keep DIR]

One operator each, in turn, or with --only NETWORK two to eight operators with branches, residual additions and now and
then a second output. Case n is the same on every machine. Each model runs on four inputs: uniform
bytes, extremes only, small values around the zero point, one constant. Shapes
are small and odd; zero points, weights, biases and multipliers lean to their
ends (-128, 2^30, near 0, >= 1).

  oracle_random.py --record DIR --count 52    writes models and what TFLite-Micro
                                              says for seeds 1, 2 (ops.golden)

Exit 1 if an output differs, if weft refuses a case (but exit 5, it does not fit, is only counted with --times), or if
nothing was compared. Needs numpy and the tflite-micro wheel.
"""
import argparse
import collections
import hashlib
import os
import pickle
import signal
import subprocess
import sys
import tempfile

import numpy as np

sys.dont_write_bytecode = True
import tiny_tflite as tt  # noqa: E402

INT8 = (-128, 127)


def f32(x):
    return float(np.float32(x))


class Case:
    """Random choices of one case, and the network they make."""

    def __init__(self, number, only=None, times=1):
        self.times = times
        self.r = np.random.Generator(np.random.PCG64(0x77656674 + number))
        self.op = only or sorted(MAKERS)[number % len(MAKERS)]
        self.net = tt.Net()
        self.inputs, self.outputs = [], []
        self.near_ties = False  # the bias alone decides sample 3, next to a tie
        (network if self.op == "NETWORK" else MAKERS[self.op])(self)
        self.content = self.net.finish(self.inputs, self.outputs)

    def int(self, lo, hi):
        return int(self.r.integers(lo, hi + 1))

    def size(self, lo, hi):
        """An image side or a number of channels: --times multiplies its limit."""
        return self.int(lo, hi * self.times)

    def chance(self, p):
        return self.r.random() < p

    def pick(self, *items):
        return items[self.int(0, len(items) - 1)]

    def log(self, lo, hi):
        """2^uniform, as float32."""
        return f32(2 ** self.r.uniform(lo, hi))

    def zero(self):
        return self.pick(-128, 127, 0) if self.chance(0.45) else self.int(*INT8)

    def ratio(self, lo, hi):
        """in_scale / out_scale; half of them put one difference v next to a tie."""
        if self.chance(0.5):
            return (self.int(0, 127) + 0.5) / self.int(1, 255)
        return 2 ** self.r.uniform(lo, hi)

    def act(self):
        return self.pick("NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1")

    def input(self, shape, scale, zero, dtype="int8"):
        self.inputs.append(self.net.tensor(shape, dtype, scale=scale, zero=zero))
        return self.inputs[-1]

    def output(self, shape, scale, zero, dtype="int8"):
        self.outputs.append(self.net.tensor(shape, dtype, scale=scale, zero=zero))
        return self.outputs[-1]

    def weights(self, shape):
        w = self.r.integers(-128, 128, shape)
        kind = self.int(0, 5)
        if kind == 0:
            w[self.r.random(shape) < 0.3] = -128
        elif kind == 1:
            w = self.r.choice([-128, -127, 127], shape)
        elif kind == 2:
            w[self.r.random(shape) < 0.6] = 0
        elif kind == 3:
            w = w // 16
        return w

    def samples(self, i, count=4):
        """`count` inputs of tensor i, stacked."""
        shape, dtype, scales, zero, _, _ = self.net.tensors[i]
        if dtype == "float32":
            out = self.outputs[0]
            scale = self.net.tensors[out][2][0]
            x = self.r.normal(0, 80, (count, *shape)) * scale
            x[1] = (self.r.integers(-300, 300, shape) + 0.5) * scale  # ties
            x[2] = self.r.normal(0, 1e6, shape) * scale
            return x.astype(np.float32)
        lo, hi = np.iinfo(dtype).min, np.iinfo(dtype).max
        x = self.r.integers(lo, hi + 1, (count, *shape))
        x[1] = self.r.choice([lo, hi], shape)
        x[2] = np.clip(zero + self.r.integers(-6, 7, shape), lo, hi)
        x[3] = zero if self.near_ties else self.pick(lo, hi, zero)
        return x.astype(dtype)


# --- one maker an operator ---------------------------------------------------


def window_axis(c, valid):
    k = c.int(1, 5)
    dilation = c.pick(1, 1, 1, 2, 3)
    extent = (k - 1) * dilation + 1
    size = extent + c.size(0, 9) if valid else c.size(1, 13)
    stride = c.pick(1, 1, 2, 2, 3)
    out = (size - extent) // stride + 1 if valid else -(-size // stride)
    return size, k, stride, dilation, out


def sums(c, x_scale, w, axis, length):
    """Weights, bias and output quantization of `length` products: tensors w, b (or -1), output scale, zero."""
    channels = w.shape[axis]
    per_channel = c.chance(0.7)
    w_scale = [c.log(-12, -4) for _ in range(channels if per_channel else 1)]
    spread = np.sqrt(length) * 70 * 100 + 1
    m = 2 ** c.r.uniform(-3, 2) * 60 / spread
    kind = c.int(0, 9)
    if kind == 0:
        m = 2 ** c.r.uniform(0, 4)  # >= 1: left shifts
    elif kind == 1:
        m = 2 ** c.r.uniform(-33, -26)  # near 0, some flushed
    elif kind in (2, 3):
        m, c.near_ties = 2 ** c.r.uniform(-25, -19), True
    out_scale = max(f32(x_scale * float(np.median(w_scale)) / m), f32(2.0**-23))
    wt = c.net.tensor(w.shape, "int8", scale=w_scale, axis=axis, data=w)
    bt = -1
    if c.near_ties or not c.chance(0.15):
        b = c.r.integers(-2000, 2001, channels)
        if c.chance(0.25):
            b = c.r.choice([-1, 1], channels) * c.r.integers(2**30 - 4000, 2**30, channels)
        elif c.chance(0.3):
            b = (b * spread / 5000).astype(np.int64)
        if c.near_ties:
            real = np.array(w_scale) * x_scale / out_scale
            b = np.clip(np.rint((c.r.integers(-128, 128, channels) + 0.5) / real), -2**30, 2**30).astype(np.int64)
        b_scale = [f32(x_scale * s) for s in w_scale]
        bt = c.net.tensor([channels], "int32", scale=b_scale, data=b)
    return wt, bt, out_scale, c.zero()


def conv(c):
    padding = c.pick(tt.SAME, tt.VALID)
    h, kh, sh, dh, oh = window_axis(c, padding == tt.VALID)
    w, kw, sw, dw, ow = window_axis(c, padding == tt.VALID)
    groups = c.pick(1, 1, 1, 1, 2, 3)
    ic, oc = c.size(1, 19), groups * c.size(1, 14)
    s, z = c.log(-9, 1), c.zero()
    x = c.input([1, h, w, ic * groups], s, z)
    act = c.act()
    wt, bt, os, oz = sums(c, s, c.weights((oc, kh, kw, ic)), 0, kh * kw * ic)
    y = c.output([1, oh, ow, oc], os, oz)
    c.net.op("CONV_2D", [x, wt, bt] if bt >= 0 else [x, wt], [y], tt.conv2d(padding, (sh, sw), (dh, dw), act))


def depthwise(c):
    padding = c.pick(tt.SAME, tt.VALID)
    h, kh, sh, dh, oh = window_axis(c, padding == tt.VALID)
    w, kw, sw, dw, ow = window_axis(c, padding == tt.VALID)
    ic, mult = c.size(1, 19), c.pick(1, 1, 1, 2, 3, 8)
    if c.chance(0.15):
        ic = 1
    s, z = c.log(-9, 1), c.zero()
    x = c.input([1, h, w, ic], s, z)
    act = c.act()
    wt, bt, os, oz = sums(c, s, c.weights((1, kh, kw, ic * mult)), 3, kh * kw)
    y = c.output([1, oh, ow, ic * mult], os, oz)
    c.net.op("DEPTHWISE_CONV_2D", [x, wt, bt] if bt >= 0 else [x, wt], [y], tt.depthwise(mult, padding, (sh, sw), (dh, dw), act))


def fully_connected(c):
    n, oc = c.size(1, 150), c.size(1, 40)
    shape = [1, n]
    if c.chance(0.3):
        shape = [1, c.size(1, 5), c.size(1, 5), c.size(1, 9)]
        n = int(np.prod(shape))
    s, z = c.log(-9, 1), c.zero()
    x = c.input(shape, s, z)
    act = c.act()
    wt, bt, os, oz = sums(c, s, c.weights((oc, n)), 0, n)
    y = c.output([1, oc], os, oz)
    c.net.op("FULLY_CONNECTED", [x, wt, bt], [y], tt.fully_connected(act))


def add(c):
    shape = [1] + [c.size(1, 9) for _ in range(c.int(1, 3))]
    s1 = c.log(-8, 2)
    s2 = f32(s1 * 2 ** c.r.uniform(-4, 4)) if c.chance(0.8) else c.log(-20, 10)
    out = max(f32(max(s1, s2) * 2 ** c.r.uniform(-3, 4)), f32(2.0**-23))
    a, b = c.input(shape, s1, c.zero()), c.input(shape, s2, c.zero())
    y = c.output(shape, out, c.zero())
    c.net.op("ADD", [a, b], [y], tt.add(c.act()))


def pool(c, name):
    padding = c.pick(tt.SAME, tt.VALID)
    axes = []
    for _ in range(2):
        k, stride = c.size(1, 6), c.int(1, 4)
        size = k + c.size(0, 9) if padding == tt.VALID else c.size(1, 13)
        axes.append((size, k, stride, (size - k) // stride + 1 if padding == tt.VALID else -(-size // stride)))
    (h, kh, sh, oh), (w, kw, sw, ow) = axes
    ch, s, z = c.size(1, 21), c.log(-7, 0), c.zero()
    x, y = c.input([1, h, w, ch], s, z), c.output([1, oh, ow, ch], s, z)
    c.net.op(name, [x], [y], tt.pool2d((kh, kw), padding, (sh, sw), c.act()))


def mean(c):
    h, w, ch = c.size(1, 17), c.size(1, 17), c.size(1, 20)
    s = c.log(-8, 1)
    x = c.input([1, h, w, ch], s, c.zero())
    keep = c.chance(0.5)
    y = c.output([1, 1, 1, ch] if keep else [1, ch], f32(s * 2 ** c.r.uniform(-4, 1.5)), c.zero())
    axes = c.net.tensor([2], "int32", data=np.array(c.pick([1, 2], [2, 1], [-3, -2])))
    c.net.op("MEAN", [x, axes], [y], tt.reducer(keep))


def pad(c):
    shape = [1, c.size(1, 7), c.size(1, 7), c.size(1, 9)]
    pads = np.array([[0, 0]] + [[c.int(0, 3), c.int(0, 3)] for _ in range(2)] + [[0, 0] if c.chance(0.7) else [c.int(0, 3), c.int(0, 3)]])
    s, z = c.log(-8, 1), c.zero()
    x = c.input(shape, s, z)
    p = c.net.tensor([4, 2], "int32", data=pads)
    y = c.output([int(v) for v in np.array(shape) + pads.sum(axis=1)], s, z)
    c.net.op("PAD", [x, p], [y])


def relu(c, name):
    shape = [1] + [c.size(1, 9) for _ in range(c.int(1, 3))]
    s = c.log(-8, 2)
    x = c.input(shape, s, c.zero())
    y = c.output(shape, f32(s / c.ratio(-4, 4)), c.zero())
    c.net.op(name, [x], [y])


def reshape(c):
    h, w, ch = c.int(1, 9), c.int(1, 9), c.int(1, 9)
    s, z = c.log(-8, 2), c.zero()
    shape = [1, h * w * ch]
    x, y = c.input([1, h, w, ch], s, z), c.output(shape, s, z)
    c.net.op("RESHAPE", [x, c.net.tensor([2], "int32", data=np.array(shape))], [y])


def softmax(c):
    rows, cols = c.int(1, 4), c.int(1, 40)
    if c.chance(0.1):
        rows, cols = 1, c.int(200, 500)
    shape = [rows, cols] if c.chance(0.5) else [1, rows, 1, cols]
    x = c.input(shape, c.log(-9, 3), c.zero())
    y = c.output(shape, 1 / 256, -128)
    c.net.op("SOFTMAX", [x], [y], tt.softmax(c.pick(1.0, 1.0, 0.5, 3.0)))


def logistic(c):
    shape = [1] + [c.int(1, 40) for _ in range(c.int(1, 2))]
    x = c.input(shape, c.log(-28, 30) if c.chance(0.3) else c.log(-9, 3), c.zero())
    y = c.output(shape, 1 / 256, -128)
    c.net.op("LOGISTIC", [x], [y])


def concatenation(c):
    shape = [1] + [c.size(1, 7) for _ in range(c.int(0, 2))]
    s, z = c.log(-20, 10), c.zero()
    sizes = [c.size(1, 20) for _ in range(c.pick(2, 2, 2, 3, 4, 10, 1))]
    xs = [c.input(shape + [n], s, z) for n in sizes]
    y = c.output(shape + [sum(sizes)], s, z)
    c.net.op("CONCATENATION", xs, [y], tt.concatenation(c.pick(-1, len(shape))))


def quantize(c):
    shape = [1, c.int(1, 9), c.int(1, 9), c.int(1, 9)]
    source, target = c.pick(("float32", "int8"), ("int8", "int8"), ("int8", "uint8"), ("uint8", "int8"))

    def zero(dtype):
        return c.zero() + (128 if dtype == "uint8" else 0)
    s = c.log(-8, 2)
    ratio = 1 if c.chance(0.2) else c.ratio(-3, 5)
    x = c.input(shape, None if source == "float32" else s, 0 if source == "float32" else zero(source), source)
    y = c.output(shape, f32(s / ratio), zero(target), target)
    c.net.op("QUANTIZE", [x], [y])


def dequantize(c):
    shape = [1, c.int(1, 9), c.int(1, 9), c.int(1, 9)]
    source = c.pick("int8", "int8", "uint8")
    x = c.input(shape, c.log(-20, 10), c.zero() + (128 if source == "uint8" else 0), source)
    y = c.output(shape, None, 0, "float32")
    c.net.op("DEQUANTIZE", [x], [y])


MAKERS = {
    "CONV_2D": conv, "DEPTHWISE_CONV_2D": depthwise, "FULLY_CONNECTED": fully_connected, "ADD": add, "MEAN": mean, "PAD": pad,
    "AVERAGE_POOL_2D": lambda c: pool(c, "AVERAGE_POOL_2D"), "MAX_POOL_2D": lambda c: pool(c, "MAX_POOL_2D"),
    "RELU": lambda c: relu(c, "RELU"), "RELU6": lambda c: relu(c, "RELU6"), "RESHAPE": reshape, "SOFTMAX": softmax, "LOGISTIC": logistic,
    "CONCATENATION": concatenation,
    "QUANTIZE": quantize, "DEQUANTIZE": dequantize,
}


# --- networks -----------------------------------------------------------------


def shape_of(c, x):
    return c.net.tensors[x][0]


def quant_of(c, x):
    return c.net.tensors[x][2][0], c.net.tensors[x][3]


def inner(c, shape, scale, zero):
    return c.net.tensor(shape, "int8", scale=scale, zero=zero)


def step_axis(c, size, same_size=False):
    """(k, stride, out) and padding must fit: SAME always does."""
    k = c.pick(1, 1, 2, 3, 3, 5)
    stride = 1 if same_size else c.pick(1, 1, 1, 2, 2, 3)
    return k, stride, -(-size // stride)


def step_conv(c, x, same=False):
    _, h, w, ic = shape_of(c, x)
    (kh, sh, oh), (kw, sw, ow) = step_axis(c, h, same), step_axis(c, w, same)
    depth = c.chance(0.35)
    mult = 1 if same or not depth else c.pick(1, 1, 1, 2)
    oc = ic * mult if depth else ic if same else c.size(1, 24)
    padding = tt.SAME
    if not same and h >= kh and w >= kw and c.chance(0.3):
        padding, oh, ow = tt.VALID, (h - kh) // sh + 1, (w - kw) // sw + 1
    s, act = quant_of(c, x)[0], c.pick("NONE", "RELU", "RELU6")
    weights = c.r.integers(-128, 128, (1, kh, kw, oc) if depth else (oc, kh, kw, ic))
    wt, bt, os, oz = sums(c, s, weights, 3 if depth else 0, kh * kw * (1 if depth else ic))
    y = inner(c, [1, oh, ow, oc], os, oz)
    ins = [x, wt, bt] if bt >= 0 else [x, wt]
    if depth:
        c.net.op("DEPTHWISE_CONV_2D", ins, [y], tt.depthwise(mult, padding, (sh, sw), act=act))
    else:
        c.net.op("CONV_2D", ins, [y], tt.conv2d(padding, (sh, sw), act=act))
    return y


def step_residual(c, x):
    y = step_conv(c, x, same=True)
    if c.chance(0.3):
        y = step_conv(c, y, same=True)
    s = max(quant_of(c, x)[0], quant_of(c, y)[0])
    out = inner(c, shape_of(c, x), max(f32(s * 2 ** c.r.uniform(-1, 2)), f32(2.0**-23)), c.zero())
    c.net.op("ADD", [x, y] if c.chance(0.5) else [y, x], [out], tt.add(c.pick("NONE", "RELU", "RELU6")))
    return out


def step_pool(c, x):
    _, h, w, ch = shape_of(c, x)
    (kh, sh, oh), (kw, sw, ow) = step_axis(c, h), step_axis(c, w)
    y = inner(c, [1, oh, ow, ch], *quant_of(c, x))
    c.net.op(c.pick("AVERAGE_POOL_2D", "MAX_POOL_2D"), [x], [y], tt.pool2d((kh, kw), tt.SAME, (sh, sw), c.act()))
    return y


def step_pad(c, x):
    pads = np.array([[0, 0], [c.int(0, 2), c.int(0, 2)], [c.int(0, 2), c.int(0, 2)], [0, 0]])
    y = inner(c, [int(v) for v in np.array(shape_of(c, x)) + pads.sum(axis=1)], *quant_of(c, x))
    c.net.op("PAD", [x, c.net.tensor([4, 2], "int32", data=pads)], [y])
    return y


def step_relu(c, x):
    s, z = quant_of(c, x)
    name = c.pick("RELU", "RELU6")
    y = inner(c, shape_of(c, x), *((s, z) if name == "RELU6" else (f32(s / c.ratio(-1, 2)), c.zero())))
    c.net.op(name, [x], [y])
    return y


def step_concat(c, x):
    """x beside its neighbours' maximum, and now and then itself again."""
    _, h, w, ch = shape_of(c, x)
    parts = [x]
    for _ in range(c.int(1, 3)):
        y = inner(c, [1, h, w, ch], *quant_of(c, x))
        c.net.op("MAX_POOL_2D", [c.pick(*parts)], [y], tt.pool2d((c.int(1, 3), c.int(1, 3)), tt.SAME, (1, 1), c.act()))
        parts.append(y)
    parts += [x] if c.chance(0.2) else []
    parts = parts[::-1] if c.chance(0.5) else parts
    y = inner(c, [1, h, w, ch * len(parts)], *quant_of(c, x))
    c.net.op("CONCATENATION", parts, [y], tt.concatenation(c.pick(-1, 3)))
    return y


def network(c):
    s, z = c.log(-8, 0), c.zero()
    x = c.input([1, c.size(2, 14), c.size(2, 14), c.size(1, 9)], s, z)
    made = [x]
    for _ in range(c.int(1, 6)):
        step = c.pick(step_conv, step_conv, step_conv, step_residual, step_residual, step_pool, step_pad, step_relu, step_concat)
        from_x = made[-1] if c.chance(0.9) else c.pick(*made)
        made.append(step(c, from_x))
    x = made[-1]
    if c.chance(0.5):
        x = head(c, x)
    used = {i for op in c.net.ops for i in op[1]}
    loose = [t for t in made[1:] if t not in used and t != x]
    extra = [t for t in made[1:-1] if t in used and c.chance(0.1)]
    c.outputs = [x] + loose + [t for t in extra if t != x]


def head(c, x):
    _, h, w, ch = shape_of(c, x)
    s, z = quant_of(c, x)
    if c.chance(0.4) or h * w * ch > 4000:
        y = inner(c, [1, ch], f32(s * 2 ** c.r.uniform(-2, 1)), c.zero())
        c.net.op("MEAN", [x, c.net.tensor([2], "int32", data=np.array([1, 2]))], [y], tt.reducer(False))
        x, n = y, ch
    else:
        n = h * w * ch
        y = inner(c, [1, n], s, z)
        c.net.op("RESHAPE", [x, c.net.tensor([2], "int32", data=np.array([1, n]))], [y])
        x = y
    classes = c.int(1, 20)
    wt, bt, os, oz = sums(c, quant_of(c, x)[0], c.weights((classes, n)), 0, n)
    y = inner(c, [1, classes], os, oz)
    c.net.op("FULLY_CONNECTED", [x, wt, bt], [y], tt.fully_connected(c.pick("NONE", "RELU")))
    if c.chance(0.5) and os > 2.0**-20:
        x, y = y, inner(c, [1, classes], 1 / 256, -128)
        c.net.op("SOFTMAX", [x], [y], tt.softmax(1.0))
    return y


# --- the two sides ------------------------------------------------------------


def interpret(content, samples, n_outputs):
    """For each output: its bytes of every sample, one after the other."""
    from tflite_micro import runtime
    interpreter = runtime.Interpreter.from_bytes(content, arena_size=64 << 20)
    out = [b""] * n_outputs
    for k in range(len(samples[0])):
        for i, s in enumerate(samples):
            interpreter.set_input(s[k], i)
        if interpreter.invoke():
            raise RuntimeError("invoke failed")
        out = [o + interpreter.get_output(j).tobytes() for j, o in enumerate(out)]
    return out


def oracle(content, samples, n_outputs=1):
    """interpret() in a child: it may abort. None if it did, or refused."""
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(r)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        status = 1
        try:
            with os.fdopen(w, "wb") as f:
                pickle.dump(interpret(content, samples, n_outputs), f)
            status = 0
        finally:
            os._exit(status)
    os.close(w)
    with os.fdopen(r, "rb") as f:
        data = f.read()
    status = os.waitpid(child, 0)[1]
    return pickle.loads(data) if status == 0 else None


def weft(o, folder, content, samples, n_outputs=1):
    """(exit status, bytes of each output, last line of standard error)"""
    model = os.path.join(folder, "case.tflite")
    outs = [os.path.join(folder, f"out{j}.bin") for j in range(n_outputs)]
    with open(model, "wb") as f:
        f.write(content)
    args = [o.weft, "run", model, "--backend", o.backend, "-c", o.config, "--progress", "none"]
    for out in outs:
        if os.path.exists(out):
            os.remove(out)
        args += ["--output", out]
    for i, s in enumerate(samples):
        path = os.path.join(folder, f"in{i}.bin")
        s.tofile(path)
        args += ["--input", path]
    p = subprocess.run(args, capture_output=True, timeout=120)
    tail = p.stderr.decode(errors="replace").strip().splitlines()
    data = []
    for out in outs if p.returncode == 0 else []:
        with open(out, "rb") as f:
            data.append(f.read())
    return p.returncode, data, tail[-1] if tail else ""


def compare(o):
    table = collections.defaultdict(collections.Counter)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for n in range(o.first, o.first + o.count):
            case = Case(n, o.only, o.times)
            samples = [case.samples(i) for i in case.inputs]
            row = table[case.op]
            row["models"] += 1
            want = oracle(case.content, samples, len(case.outputs))
            if want is None:
                row["oracle refused"] += 1
                continue
            status, got, text = weft(o, folder, case.content, samples, len(case.outputs))
            if status == 0 and got == want:
                row["equal"] += 1
                row["bytes"] += sum(map(len, want))
                continue
            if status == 5 and o.times > 1:
                row["no fit"] += 1
                continue
            failed += 1
            a, b = (np.frombuffer(b"".join(x), np.uint8) for x in (want, got))
            where = f"{int((a != b).sum())} of {a.size} bytes differ" if a.size == b.size else f"exit {status}: {text}"
            row["differ" if status == 0 else "weft refused"] += 1
            print(f"FAIL case {n} {case.op}: {where}", flush=True)
            if o.keep:
                with open(os.path.join(o.keep, f"case{n}.tflite"), "wb") as f:
                    f.write(case.content)
    columns = ["models", "equal", "differ", "weft refused", "no fit", "oracle refused", "bytes"]
    print(f"{'operator':<20}" + "".join(f"{c:>15}" for c in columns))
    for op, row in sorted(table.items()):
        print(f"{op:<20}" + "".join(f"{row[c]:>15}" for c in columns))
    total = sum(row["equal"] for row in table.values())
    print(f"{total} models equal, {failed} not, backend {o.backend}, machine {o.config}")
    return 1 if failed or not total else 0


def splitmix(seed, n):
    """n bytes of the generated input stream, and how the stream goes on."""
    out, mask = bytearray(), 2**64 - 1
    for _ in range(n):
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = seed
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
        out.append((z ^ z >> 31) & 255)
    return np.frombuffer(bytes(out), np.uint8), seed


def seeded(case, seed):
    samples = []
    for i in case.inputs:
        shape, dtype = case.net.tensors[i][:2]
        data, seed = splitmix(seed, int(np.prod(shape)))
        x = (data.astype(np.float32) - 128) / 128 if dtype == "float32" else data.view(dtype)
        samples.append(x.reshape(1, *shape))
    return samples


def record(o):
    lines = []
    for n in range(o.first, o.first + o.count):
        case = Case(n, o.only)
        name = f"{case.op.lower()}_{n:02d}.tflite"
        outs = [oracle(case.content, seeded(case, seed)) for seed in (1, 2)]
        if None in outs:
            continue
        with open(os.path.join(o.record, name), "wb") as f:
            f.write(case.content)
        for seed, out in zip((1, 2), outs):
            lines.append(f"{name} {seed} {case.outputs[0]} {hashlib.sha256(out[0]).hexdigest()[:16]}\n")
    with open(os.path.join(o.record, "ops.golden"), "w", encoding="ascii") as f:
        f.write("# model, seed, tensor, hash: recorded from tflite-micro 0.dev20261023182759 by ../oracle_random.py --record\n")
        f.writelines(lines)
    print(len(lines), "lines")
    return 0


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weft", default="build/weft")
    ap.add_argument("--backend", default="ref", choices=["ref", "model", "rtl"])
    ap.add_argument("-c", "--config", default="base")
    ap.add_argument("--count", type=int, default=520)
    ap.add_argument("--first", type=int, default=0)
    ap.add_argument("--only", choices=sorted(MAKERS) + ["NETWORK"])
    ap.add_argument("--times", type=int, default=1, metavar="N", help="larger shapes: limits of sides and channels times N")
    ap.add_argument("--keep", metavar="DIR")
    ap.add_argument("--record", metavar="DIR")
    o = ap.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    return record(o) if o.record else compare(o)


if __name__ == "__main__":
    sys.exit(main())
