# SPDX-License-Identifier: Apache-2.0
"""Stores what builds reached: boards/family/FAMILY/built.csv, by which 'weft explore'
knows the clock of a machine. A board's machine that is there already gets its new
figures; nothing is typed.

  built.py BUILDS       every BUILDS/NAME/manifest.json of `weft build NAME -o BUILDS/NAME`
"""
import glob
import json
import os
import sys

HEAD = "board,speed,rows,cols,lanes,spm_kib,ring_kib,queue,cells,fmax_mhz,hash"
KEYS = ("array.rows", "array.cols", "array.lanes", "scratchpad.kib", "ring.kib", "queue.depth")


def yaml(text):
    return dict(line.split("#")[0].strip().split(": ", 1) for line in text.splitlines() if ": " in line.split("#")[0])


def rows_of(path):
    """The lines of a file by board and machine."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        lines = [line.strip() for line in f if line.strip() and line[0] != "#"][1:]
    return {tuple(line.split(",")[:8]): line for line in lines}


def store(path):
    with open(path, encoding="utf-8") as f:
        m = json.load(f)
    with open(f"boards/{m['board']}/board.yaml", encoding="utf-8") as f:
        board = yaml(f.read())
    machine = yaml(m["config_text"])
    key = (m["board"], board["speed"], *(machine[k] for k in KEYS))
    out = f"boards/family/{m['family']}/built.csv"
    rows = rows_of(out)
    rows[key] = ",".join((*key, str(m["cells"]["used"]), f"{m['fmax_mhz']:.2f}", m["config_hash"]))
    with open(out + ".part", "w", encoding="utf-8") as f:
        f.write("# Placed and routed by weft build; made by make built-points.\n" + HEAD + "\n")
        f.writelines(line + "\n" for _, line in sorted(rows.items()))
    os.replace(out + ".part", out)
    print(f"{out}: {rows[key]}")


for manifest in sorted(glob.glob(os.path.join(sys.argv[1], "*", "manifest.json"))):
    store(manifest)
