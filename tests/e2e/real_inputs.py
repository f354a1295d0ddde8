#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Six networks, real inputs: kernels = machine model = RTL, every tensor.

  real_inputs.py --weft build/weft --models DIR [--configs base,tiny,wide,large]
                 [--samples 20] [--backends model,rtl] [--only TEXT]

DIR holds models/ and data/. For each network and machine every backend runs the
same batch; tensors of each run are compared with the ref backend by hash, and
the RTL's cycles must be equal for all samples and for inputs of all -128 and
all 127 (timing must not depend on data). Prints a table and, last,
"N passed, N failed".
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile

SHIFT = bytes((b - 128) & 255 for b in range(256))
UNSET = object()


def records(path, size, n):
    with open(path, "rb") as f:
        data = f.read(size * n)
    return [data[i:i + size] for i in range(0, len(data), size)]


def kws01(data, n):
    return records(f"{data}/kws01/kws01_1000_i8_49x10.bin", 490, n)


def vww01(data, n):
    return [r.translate(SHIFT) for r in records(f"{data}/vww01/vww01_500a_u8_96x96x3.bin", 27648, n)]


def ic01(data, n):
    planes = [r[1:] for r in records(f"{data}/ic01/ic01_calib500.bin", 3073, n)]
    return [bytes(p[c * 1024 + i] for i in range(1024) for c in range(3)).translate(SHIFT) for p in planes]


def ad01(data, n):
    """Five frames of 128 float32, stride one frame; scale and zero point of the int8 file's input."""
    scale, zero = 0.3910152316093445, 89
    raw = open(f"{data}/ad01/normal_id_01_00000000_hist_librosa.bin", "rb").read()
    x = struct.unpack(f"<{len(raw) // 4}f", raw)
    quantized = bytes(min(127, max(-128, round(v / scale) + zero)) & 255 for v in x)
    return [quantized[i * 128:i * 128 + 640] for i in range(n)]


def person(data, n):
    """The two pictures of the example, then VWW pictures in gray."""
    out = []
    for name in ("tflm_person_96x96.bmp", "tflm_no_person_96x96.bmp"):
        bmp = open(f"{data}/images/{name}", "rb").read()
        at = struct.unpack_from("<I", bmp, 10)[0]
        lines = [bmp[at + y * 96:at + y * 96 + 96] for y in range(95, -1, -1)]
        out.append(b"".join(lines).translate(SHIFT))
    for r in records(f"{data}/vww01/vww01_500a_u8_96x96x3.bin", 27648, n - 2):
        gray = bytes((77 * r[i] + 150 * r[i + 1] + 29 * r[i + 2]) >> 8 for i in range(0, 27648, 3))
        out.append(gray.translate(SHIFT))
    return out


def speech(_, n):
    return [seeded(seed, 1960) for seed in range(1, n + 1)]


def seeded(seed, size):
    mask, out = (1 << 64) - 1, bytearray()
    for _ in range(size):
        seed = (seed + 0x9e3779b97f4a7c15) & mask
        z = ((seed ^ seed >> 30) * 0xbf58476d1ce4e5b9) & mask
        z = ((z ^ z >> 27) * 0x94d049bb133111eb) & mask
        out.append((z ^ z >> 31) & 255)
    return bytes(out)


NETWORKS = [
    ("ic01", "mlperf_tiny/ic01_resnet8_int8.tflite", ic01),
    ("kws01", "mlperf_tiny/kws01_dscnn_int8.tflite", kws01),
    ("vww01", "mlperf_tiny/vww01_mobilenetv1_025_int8.tflite", vww01),
    ("ad01", "mlperf_tiny/ad01_fcae_int8.tflite", ad01),
    ("person_detect", "tflm/person_detect_int8.tflite", person),
    ("micro_speech", "tflm/micro_speech_int8.tflite", speech),
]


def run(o, backend, config, model, path):
    p = subprocess.run([o.weft, "run", model, "--backend", backend, "-c", config, "--input", path, "--tensors",
                        "--json", "--progress", "none"], capture_output=True, stdin=subprocess.DEVNULL)
    if p.returncode != 0:
        return None, f"exit {p.returncode}: {p.stderr.decode(errors='replace').strip()[-200:]}"
    return json.loads(p.stdout)["runs"], ""


def differences(ref, got):
    n, bad = 0, []
    for i, (a, b) in enumerate(zip(ref, got)):
        want = {t["index"]: t["sha256"] for t in a["tensors"]}
        for t in b["tensors"]:
            n += 1
            if want.get(t["index"], UNSET) != t["sha256"]:
                bad.append(f"sample {i} tensor {t['index']} {t.get('name', '')}")
        if a["outputs"] != b["outputs"]:
            bad.append(f"sample {i} outputs")
    if len(ref) != len(got) or n == 0:
        bad.append(f"{len(got)} of {len(ref)} samples, {n} tensors")
    return n, bad


def compare(o, name, model, samples):
    """Rows of (network, config, backend, tensors compared, cycles, message)."""
    size = len(samples[0])
    extremes = [b"\x80" * size, b"\x7f" * size]
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "inputs.bin")
        with open(path, "wb") as f:
            f.write(b"".join(samples + extremes))
        ref, message = run(o, "ref", "base", model, path)
        if ref is None:
            yield name, "", "ref", 0, "", message
            return
        for config in o.configs:
            for backend in o.backends:
                got, message = run(o, backend, config, model, path)
                if got is None:
                    yield name, config, backend, 0, "", message
                    continue
                n, bad = differences(ref, got)
                cycles = {r["cycles"] for r in got} if backend == "rtl" else set()
                traces = {r["issue_trace"] for r in got} if backend == "rtl" else {1}
                if len(traces) != 1 or 0 in traces:
                    bad.append(f"issue traces depend on data: {len(traces)}")
                if len(cycles) > 1:
                    bad.append(f"cycles depend on data: {sorted(cycles)}")
                yield name, config, backend, n, "".join(f"{c:,}" for c in cycles), "; ".join(bad[:3])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weft", default="build/weft")
    ap.add_argument("--models", required=True)
    ap.add_argument("--configs", default="base", type=lambda s: s.split(","))
    ap.add_argument("--backends", default="model,rtl", type=lambda s: s.split(","))
    ap.add_argument("--samples", default=20, type=int)
    ap.add_argument("--only", default="")
    o = ap.parse_args()
    good = bad = 0
    print(f"{'network':<14} {'machine':<7} {'backend':<7} {'tensors':>8} {'cycles':>10}")
    for name, model, inputs in NETWORKS:
        if o.only not in name:
            continue
        samples = inputs(f"{o.models}/data", o.samples)
        for row in compare(o, name, f"{o.models}/models/{model}", samples):
            good, bad = good + (not row[5]), bad + bool(row[5])
            print(f"{row[0]:<14} {row[1]:<7} {row[2]:<7} {row[3]:>8} {row[4]:>10}  {row[5]}", flush=True)
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
