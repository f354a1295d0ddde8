# SPDX-License-Identifier: Apache-2.0
"""Logic cells that nextpnr will report for a netlist, without placing it.

ECP5: a LUT RAM brings two cells more for its write port; a carry chain begins with a
carry cell more, two cells, and ends with one if its carry is a net; two cells are constants.
"""
import collections
import json
import sys


def load(path):
    with open(path, encoding="utf-8") as f:
        modules = json.load(f)["modules"]
    return next(m for m in modules.values() if int(m.get("attributes", {}).get("top", "0"), 2))["cells"]


def wires(cells):
    """Who drives and who reads a net: (type, port)."""
    drives, reads = {}, collections.defaultdict(list)
    for cell in cells.values():
        for port, way in cell["port_directions"].items():
            for bit in cell["connections"].get(port, []):
                if not isinstance(bit, int):
                    continue
                if way == "input":
                    reads[bit].append((cell["type"], port))
                else:
                    drives[bit] = (cell["type"], port)
    return drives, reads


def carry_ends(cells, kind):
    """Chains of cells of that type: how many begin, how many lead a carry elsewhere."""
    drives, reads = wires(cells)
    begins = ends = 0
    for cell in cells.values():
        if cell["type"] == kind:
            begins += drives.get(cell["connections"]["CIN"][0]) != (kind, "COUT")
            out = cell["connections"].get("COUT", ["x"])[0]
            ends += isinstance(out, int) and reads[out] != [(kind, "CIN")]
    return begins, ends


def ecp5_cells(cells, n):
    begins, ends = carry_ends(cells, "CCU2C")
    return 2 + n["LUT4"] + 2 * n["CCU2C"] + 6 * n["TRELLIS_DPR16X4"] + 2 * begins + 2 * ends


def gowin_cells(cells, n):
    return sum(n[f"LUT{k}"] for k in (1, 2, 3, 4)) + n["ALU"] + 4 * n["RAM16SDP4"]


def placed_cells(path):
    cells = load(path)
    n = collections.Counter(c["type"] for c in cells.values())
    return (ecp5_cells if n["CCU2C"] else gowin_cells)(cells, n)


if __name__ == "__main__":
    print(placed_cells(sys.argv[1]))
