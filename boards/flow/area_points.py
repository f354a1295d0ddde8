# SPDX-License-Identifier: Apache-2.0
"""Synthesizes machines for a board and stores what they take: the points that 'weft
explore' fits its estimate of logic cells to, by part. Seconds to minutes a machine, no placing;
cells are those that nextpnr will count (see placed_cells.py). A run that was
interrupted goes on; one synthesis at a time.

  area_points.py --board ulx3s-85f --out boards/family/ecp5/area.csv
"""
import argparse
import json
import os
import subprocess
import sys

from placed_cells import NAMES, placed_cells

HEAD = f"rows,cols,lanes,spm_kib,ring_kib,queue,taps,beat,{','.join(NAMES)},dsp,bram"
# Rows, columns, lanes, scratchpad and ring KiB; what a fit needs first comes first.
POINTS = {
    "ecp5": (32, [(4, 4, 2, 32, 16), (8, 8, 8, 64, 64), (4, 4, 1, 16, 8), (4, 8, 2, 32, 32), (8, 4, 2, 32, 16),
                  (8, 8, 2, 64, 64), (2, 4, 1, 16, 8), (4, 8, 4, 64, 32), (16, 4, 1, 64, 16), (2, 8, 2, 32, 16),
                  (4, 16, 4, 64, 32), (8, 16, 4, 128, 64)]),
    "gowin": (16, [(4, 4, 1, 16, 16), (4, 8, 2, 16, 16), (8, 4, 1, 16, 16), (4, 8, 1, 16, 16),
                   (2, 4, 2, 16, 16)]),
}
TEXT = """array.rows: {0}
array.cols: {1}
array.lanes: {2}
array.hop: 0
array.acc_bits: 28
array.taps: 512
scratchpad.word_bytes: {1}
scratchpad.kib: {3}
ring.kib: {4}
queue.depth: {5}
dram.beat_bytes: 4
dram.bytes_per_cycle: 4
dram.latency: 20
dram.gap: 0
dram.refresh_interval: 0
dram.refresh_cycles: 0
"""


def write(path, text):
    with open(path + ".part", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".part", path)


def multipliers(folder, used):
    """Those of board.yaml: Gowin's of 9 bits are halves."""
    with open(os.path.join(folder, "synth", "area.json"), encoding="utf-8") as f:
        total = json.load(f)["total"]
    return total["MULT18X18"] + (total["MULT9X9"] + 1) // 2 if "MULT9X9" in total else used


def measure(weft, board, folder, machine):
    """One machine: the numbers of its line."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "machine.yaml")
    write(path, TEXT.format(*machine))
    done = subprocess.run([weft, "build", board, "-c", path, "--until", "synth", "--resume", "-o", folder,
                           "--json", "--progress", "none"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"area-points: {machine}: exit {done.returncode}")
    r = json.loads(done.stdout)
    parts = placed_cells(os.path.join(folder, "synth", "netlist.json"))
    return (*machine, 512, 4, *parts.values(), multipliers(folder, r["dsp"]), r["bram"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--weft", default="build/weft")
    p.add_argument("--family", choices=sorted(POINTS), default="ecp5")
    p.add_argument("--board", default="ulx3s-85f")
    p.add_argument("--dir", default="build/area-points")
    p.add_argument("--most", type=int, default=99, help="points at most, the first of the list")
    p.add_argument("--out", required=True)
    args = p.parse_args()
    queue, machines = POINTS[args.family]
    lines = [f"# Synthesis of whole boards ({args.board}); made by make area-points.", HEAD]
    for m in machines[:args.most]:
        m = (*m, queue)
        folder = os.path.join(args.dir, args.board, "x".join(str(v) for v in m))
        lines.append(",".join(str(v) for v in measure(args.weft, args.board, folder, m)))
        print(lines[-1], flush=True)
    write(args.out, "\n".join(lines) + "\n")


main()
