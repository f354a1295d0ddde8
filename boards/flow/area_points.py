# SPDX-License-Identifier: Apache-2.0
"""Synthesizes machines for a board and stores what they take: the points that 'weft
explore' fits its estimate of logic cells to. Seconds to minutes a machine, no placing.

  area_points.py --board ulx3s-85f --out boards/family/ecp5/area.csv
"""
import argparse
import json
import os
import subprocess
import sys

HEAD = "rows,cols,lanes,spm_kib,ring_kib,queue,taps,beat,cells,dsp,bram"
MACHINES = [(4, 4, 1, 16, 8), (4, 4, 2, 32, 16), (4, 4, 4, 32, 16), (4, 8, 1, 32, 16), (4, 8, 2, 32, 32), (8, 4, 2, 32, 16),
            (8, 8, 2, 64, 32), (8, 8, 4, 64, 64), (8, 8, 8, 64, 64), (4, 16, 4, 64, 32), (8, 16, 8, 128, 64), (16, 4, 2, 64, 16)]
TEXT = """array.rows: {0}
array.cols: {1}
array.lanes: {2}
array.hop: 0
array.acc_bits: 28
array.taps: 512
scratchpad.word_bytes: {1}
scratchpad.kib: {3}
ring.kib: {4}
queue.depth: 32
dram.beat_bytes: 4
dram.bytes_per_cycle: 4
dram.latency: 20
dram.gap: 0
dram.refresh_interval: 0
dram.refresh_cycles: 0
"""


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--weft", default="build/weft")
    p.add_argument("--board", default="ulx3s-85f")
    p.add_argument("--dir", default="build/area-points")
    p.add_argument("--out", required=True)
    args = p.parse_args()
    lines = [f"# Synthesis of whole boards ({args.board}); made by make area-points.", HEAD]
    for m in MACHINES:
        folder = os.path.join(args.dir, args.board, "x".join(str(v) for v in m))
        os.makedirs(folder, exist_ok=True)
        machine = os.path.join(folder, "machine.yaml")
        with open(machine, "w", encoding="utf-8") as f:
            f.write(TEXT.format(*m))
        done = subprocess.run([args.weft, "build", args.board, "-c", machine, "--until", "synth", "--resume", "-o", folder,
                               "--json", "--progress", "none"], stdout=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit(f"area-points: {m}: exit {done.returncode}")
        r = json.loads(done.stdout)
        lines.append(",".join(str(v) for v in (*m, 32, 512, 4, r["cells"], r["dsp"], r["bram"])))
        print(lines[-1], flush=True)
    with open(args.out + ".part", "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    os.replace(args.out + ".part", args.out)


main()
