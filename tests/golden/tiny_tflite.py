# SPDX-License-Identifier: Apache-2.0
"""Writes small .tflite files: one subgraph, tensors and operators as given.

    net = Net()
    x = net.tensor([1, 4, 4, 3], "int8", scale=0.5, zero=-3)
    w = net.tensor([8, 1, 1, 3], "int8", scale=[0.1] * 8, axis=0, data=array)
    y = net.tensor([1, 4, 4, 8], "int8", scale=0.25, zero=7)
    net.op("CONV_2D", [x, w, -1], [y], conv2d(stride=(1, 1)))
    content = net.finish([x], [y])

Slots and enums: TFLite's schema.fbs, version 3. Needs numpy and flatbuffers
(which the tflite-micro wheel brings).
"""
import flatbuffers
import numpy as np

TYPES = {"float32": 0, "int32": 2, "uint8": 3, "int8": 9}
CODES = {"ADD": 0, "AVERAGE_POOL_2D": 1, "CONCATENATION": 2, "CONV_2D": 3, "DEPTHWISE_CONV_2D": 4, "DEQUANTIZE": 6, "FULLY_CONNECTED": 9, "LOGISTIC": 14, "MAX_POOL_2D": 17,
         "RELU": 19, "RELU6": 21, "RESHAPE": 22, "SOFTMAX": 25, "PAD": 34, "MEAN": 40, "QUANTIZE": 114}
SAME, VALID = 0, 1
ACTS = {"NONE": 0, "RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}

# Options: (union type, {slot: (kind, value)}).


def conv2d(padding=SAME, stride=(1, 1), dilation=(1, 1), act="NONE"):
    return 1, {0: ("int8", padding), 1: ("int32", stride[1]), 2: ("int32", stride[0]), 3: ("int8", ACTS[act]),
               4: ("int32", dilation[1]), 5: ("int32", dilation[0])}


def depthwise(multiplier, padding=SAME, stride=(1, 1), dilation=(1, 1), act="NONE"):
    return 2, {0: ("int8", padding), 1: ("int32", stride[1]), 2: ("int32", stride[0]), 3: ("int32", multiplier),
               4: ("int8", ACTS[act]), 5: ("int32", dilation[1]), 6: ("int32", dilation[0])}


def pool2d(window, padding=SAME, stride=(1, 1), act="NONE"):
    return 5, {0: ("int8", padding), 1: ("int32", stride[1]), 2: ("int32", stride[0]), 3: ("int32", window[1]),
               4: ("int32", window[0]), 5: ("int8", ACTS[act])}


def fully_connected(act="NONE"):
    return 8, {0: ("int8", ACTS[act])}


def softmax(beta):
    return 9, {0: ("float32", beta)}


def concatenation(axis):
    return 10, {0: ("int32", axis)}


def add(act="NONE"):
    return 11, {0: ("int8", ACTS[act])}


def reducer(keep_dims):
    return 27, {0: ("int8", int(keep_dims))}


class Net:
    def __init__(self):
        self.tensors, self.ops = [], []

    def tensor(self, shape, dtype, scale=None, zero=0, axis=0, data=None):
        scales = [] if scale is None else [float(s) for s in np.atleast_1d(scale)]
        self.tensors.append((list(shape), dtype, scales, zero, axis, data))
        return len(self.tensors) - 1

    def op(self, name, inputs, outputs, options=None):
        self.ops.append((name, inputs, outputs, options))

    def finish(self, inputs, outputs):
        """Bytes of the file."""
        b = self.b = flatbuffers.Builder(4096)
        buffers, tensors = [self.table({})], []
        for i, (shape, dtype, scales, zero, axis, data) in enumerate(self.tensors):
            index = 0
            if data is not None:
                index = len(buffers)
                buffers.append(self.table({0: ("offset", self.blob(np.ascontiguousarray(data, dtype=dtype).tobytes()))}))
            slots = {0: ("offset", self.vector(shape, np.int32)), 1: ("int8", TYPES[dtype]), 2: ("uint32", index),
                     3: ("offset", b.CreateString(f"t{i}"))}
            if scales:
                slots[4] = ("offset", self.table({
                    2: ("offset", self.vector(scales, np.float32)), 3: ("offset", self.vector([zero] * len(scales), np.int64)),
                    6: ("int32", axis)}))
            tensors.append(self.table(slots))
        names = sorted({op[0] for op in self.ops})
        codes = [self.table({0: ("int8", min(CODES[n], 127)), 2: ("int32", 1), 3: ("int32", CODES[n])}) for n in names]
        ops = []
        for name, ins, outs, options in self.ops:
            slots = {0: ("uint32", names.index(name)), 1: ("offset", self.vector(ins, np.int32)),
                     2: ("offset", self.vector(outs, np.int32))}
            if options:
                slots[3], slots[4] = ("uint8", options[0]), ("offset", self.table(options[1]))
            ops.append(self.table(slots))
        graph = self.table({0: ("offset", self.offsets(tensors)), 1: ("offset", self.vector(inputs, np.int32)),
                            2: ("offset", self.vector(outputs, np.int32)), 3: ("offset", self.offsets(ops))})
        model = self.table({0: ("uint32", 3), 1: ("offset", self.offsets(codes)), 2: ("offset", self.offsets([graph])),
                            4: ("offset", self.offsets(buffers))})
        b.Finish(model, b"TFL3")
        return bytes(b.Output())

    def vector(self, values, dtype):
        return self.b.CreateNumpyVector(np.asarray(values, dtype=dtype))

    def offsets(self, items):
        self.b.StartVector(4, len(items), 4)
        for item in reversed(items):
            self.b.PrependUOffsetTRelative(item)
        return self.b.EndVector()

    def blob(self, data):
        b = self.b
        b.StartVector(1, len(data), 16)
        b.head = b.head - len(data)
        b.Bytes[b.head:b.head + len(data)] = data
        return b.EndVector()

    def table(self, slots):
        b = self.b
        put = {"int8": b.PrependInt8Slot, "uint8": b.PrependUint8Slot, "int32": b.PrependInt32Slot, "uint32": b.PrependUint32Slot,
               "float32": b.PrependFloat32Slot, "offset": b.PrependUOffsetTRelativeSlot}
        b.StartObject(max(slots, default=-1) + 1)
        b.ForceDefaults(True)
        for slot, (kind, value) in slots.items():
            put[kind](slot, value, 0)
        return b.EndObject()
