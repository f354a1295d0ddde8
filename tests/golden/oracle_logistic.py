#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oracle_logistic.py > logistic.golden: what TFLite-Micro's int8 LOGISTIC makes of all 256 inputs.

One line a case: input scale (bits of the float32, hex), zero point, first 16 hex of the SHA-256 of the outputs for
-128..127. Scales over the whole range that has a meaning, denser where sigmoids live. Needs numpy and the wheel."""
import hashlib
import sys

import numpy as np

sys.dont_write_bytecode = True
import oracle_random as o  # noqa: E402
import tiny_tflite as tt  # noqa: E402


def answer(scale, zero):
    net = tt.Net()
    x = net.tensor([1, 256], "int8", scale=float(scale), zero=zero)
    y = net.tensor([1, 256], "int8", scale=1 / 256, zero=-128)
    net.op("LOGISTIC", [x], [y])
    values = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
    return o.oracle(net.finish([x], [y]), [values])[0]


def main():
    r = np.random.Generator(np.random.PCG64(0x6C6F67))
    scales = [2.0**e for e in range(-28, 31)] + [2.0**e * (2 - 2.0**-23) for e in range(-28, 30)]
    scales += [2 ** r.uniform(-9, 3) for _ in range(600)] + [2 ** r.uniform(-28, 30) for _ in range(120)]
    for scale in np.array(scales, dtype=np.float32):
        zero = int(r.choice([-128, 127, 0, int(r.integers(-128, 128))]))
        digest = hashlib.sha256(answer(scale, zero)).hexdigest()[:16]
        print(f"{scale.view(np.uint32):08x} {zero} {digest}")


if __name__ == "__main__":
    main()
