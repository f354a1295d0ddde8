#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make bench: cycles and bounds of the six networks on every named machine, and
the speed of simulators. Everything printed was measured in this run.

  bench.py --weft build/weft --models DIR [--json build/bench.json] [--only TEXT]
  bench.py --readme README.md [--json build/bench.json] [--fpga build/fpga_check.json]

MAC bound: nominal MACs / (rows*cols). Byte bound: weights + parameters + input +
output once, over bytes per cycle. Efficiency: the larger bound / cycles. `moved`
is what really crossed the memory port. The second line of a machine is the same
with an SDR SDRAM's timing: latency 12, gap 4 per 64-byte burst, refresh 1 %.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time

NETWORKS = [
    ("ic01", "mlperf_tiny/ic01_resnet8_int8"), ("kws01", "mlperf_tiny/kws01_dscnn_int8"),
    ("vww01", "mlperf_tiny/vww01_mobilenetv1_025_int8"), ("ad01", "mlperf_tiny/ad01_fcae_int8"),
    ("person_detect", "tflm/person_detect_int8"), ("micro_speech", "tflm/micro_speech_int8"),
]
DEMO = ("mnist demo", "tests/models/cnn_mnist_int8.tflite")
MACHINES = ["tiny", "base", "wide", "large"]
SDRAM = ["dram.latency=12", "dram.gap=4", "dram.refresh_interval=800", "dram.refresh_cycles=8"]


def child_cpu():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


def weft(o, *args):
    """JSON of a command and the CPU seconds that it took."""
    begin = child_cpu()
    p = subprocess.run([o.weft, *args, "--json", "--progress", "none"], capture_output=True, stdin=subprocess.DEVNULL)
    if p.returncode != 0:
        sys.exit(f"bench: weft {' '.join(args)}: exit {p.returncode}: {p.stderr.decode(errors='replace').strip()}")
    return json.loads(p.stdout), child_cpu() - begin


def sim(o, path, machine, sets=()):
    extra = [x for s in sets for x in ("--set", s)]
    j, _ = weft(o, "sim", path, "--seed", "1", "-c", machine, *extra)
    return {"cycles": j["runs"][0]["cycles"], "mac_bound": j["mac_bound"], "byte_bound": j["byte_bound"],
            "efficiency": j["efficiency"], "bytes": j["bytes"], "macs": j["macs"]}


def path_of(o, stem):
    return os.path.join(o.models, "models", stem + ".tflite") if o.models else None


def networks(o):
    chosen = [(n, path_of(o, s)) for n, s in NETWORKS if o.models]
    return [(n, p) for n, p in chosen + [DEMO] if o.only in n]


def cycles(o, results):
    print(f"{'machine':<8} {'DRAM':<7} {'network':<14} {'cycles':>11} {'MAC bound':>11} {'byte bound':>11} {'effic.':>7} {'moved':>10}")
    for machine in MACHINES:
        for dram, sets in (("own", ()), ("SDRAM", SDRAM)):
            for name, path in networks(o):
                r = sim(o, path, machine, sets)
                results["cycles"].append({"machine": machine, "dram": dram, "network": name, **r})
                print(f"{machine:<8} {dram:<7} {name:<14} {r['cycles']:>11,} {r['mac_bound']:>11,.0f} {r['byte_bound']:>11,.0f} "
                      f"{r['efficiency']:>7.3f} {r['bytes']:>10,}", flush=True)


def batch_file(path, size, n):
    with open(path, "wb") as f:
        f.write(bytes((i * 37 + 11) & 255 for i in range(size * n)))
    return path


def cpu_name():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown CPU"


def rtl_speed(o, machine, path, size, n):
    """Best of five, kcycles per CPU second, process start and compilation taken off by a run of one sample."""
    one, many = batch_file("build/bench_1.bin", size, 1), batch_file("build/bench_n.bin", size, n)
    best = 0.0
    for _ in range(5):
        _, t1 = weft(o, "sim", path, "-c", machine, "--input", one)
        j, tn = weft(o, "sim", path, "-c", machine, "--input", many)
        total = sum(r["cycles"] for r in j["runs"][1:])
        best = max(best, total / max(tn - t1, 1e-9) / 1000)
    return best


def c_speed(o, backend, path, size, n, macs):
    one, many = batch_file("build/bench_1.bin", size, 1), batch_file("build/bench_n.bin", size, n)
    best = 0.0
    for _ in range(5):
        _, t1 = weft(o, "run", path, "--backend", backend, "--input", one)
        _, tn = weft(o, "run", path, "--backend", backend, "--input", many)
        best = max(best, macs * (n - 1) / max(tn - t1, 1e-9) / 1e6)
    return best


def speeds(o, results):
    path, size, name = (path_of(o, NETWORKS[0][1]), 3072, "ResNet-8") if o.models else (DEMO[1], 784, "mnist demo")
    macs = sim(o, path, "base")["macs"]
    print(f"\nspeed on {name}, one thread, no waves, best of 5, {cpu_name()}")
    ref = c_speed(o, "ref", path, size, 21, macs)
    model = c_speed(o, "model", path, size, 21, macs)
    print(f"  operator kernels   {ref:10.0f} MMAC/s   1.00 (reference)")
    print(f"  machine model      {model:10.0f} MMAC/s   {model / ref:.2f}")
    for machine in MACHINES:
        k = rtl_speed(o, machine, path, size, 6)
        cycles_per_run = sim(o, path, machine)["cycles"]
        mmacs = k * 1000 * macs / cycles_per_run / 1e6
        results["speed"][machine] = k
        print(f"  RTL {machine:<14} {k:10.0f} kcycles/s  {mmacs / ref:.4f} ({mmacs:.0f} MMAC/s)", flush=True)


def readme_table(results, fpga):
    shape = {"tiny": "4 x 4", "base": "8 x 8", "wide": "8 x 16", "large": "16 x 16"}
    names = [n for n, _ in NETWORKS if any(r["network"] == n for r in results["cycles"])]
    lines = ["| machine | array | " + " | ".join(names) + " | RTL kcycles/s | LUT4 / Fmax (LFE5U-85F-6) |",
             "|---|---|" + "--:|" * (len(names) + 1) + "---|"]
    for machine in MACHINES:
        own = {r["network"]: r for r in results["cycles"] if r["machine"] == machine and r["dram"] == "own"}
        cells = [f"{own[n]['cycles']:,} ({own[n]['efficiency']:.2f})" for n in names]
        area = "not run"
        if fpga and fpga.get("machine") == machine:
            area = f"{fpga['lut4']:,} / {fpga['fmax_median']:.1f} MHz (median of {len(fpga['fmax_mhz'])} seeds)"
        lines.append(f"| {machine} | {shape[machine]} | " + " | ".join(cells) + f" | {results['speed'].get(machine, 0):,.0f} | {area} |")
    lines.append("")
    lines.append(f"In brackets: efficiency against the larger of MAC and byte bound. Simulator speed on ResNet-8, {results['cpu']}. "
                 "Verified on each machine: every tensor of the six networks on 20 real inputs, kernels = machine model = RTL (`make test-long`).")
    return "\n".join(lines)


def write_readme(o, results):
    fpga = json.load(open(o.fpga, encoding="utf-8")) if os.path.exists(o.fpga) else None
    text = open(o.readme, encoding="utf-8").read()
    begin, end = "<!-- machines -->", "<!-- /machines -->"
    head, rest = text.split(begin, 1)
    tail = rest.split(end, 1)[1]
    with open(o.readme + ".part", "w", encoding="utf-8") as f:
        f.write(head + begin + "\n" + readme_table(results, fpga) + "\n" + end + tail)
    os.replace(o.readme + ".part", o.readme)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weft", default="build/weft")
    ap.add_argument("--models", default=os.environ.get("WEFT_MODELS", ""))
    ap.add_argument("--json", default="build/bench.json")
    ap.add_argument("--fpga", default="build/fpga_check.json")
    ap.add_argument("--readme", default="")
    ap.add_argument("--only", default="")
    o = ap.parse_args()
    if o.readme:
        return write_readme(o, json.load(open(o.json, encoding="utf-8")))
    begin = time.time()
    results = {"cycles": [], "speed": {}, "cpu": cpu_name()}
    if not o.models:
        print("bench: without WEFT_MODELS=DIR only the demo network is measured", file=sys.stderr)
    cycles(o, results)
    speeds(o, results)
    with open(o.json, "w", encoding="utf-8") as f:
        json.dump(results, f, indent=1)
    print(f"\n{time.time() - begin:.0f} s; also in {o.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
