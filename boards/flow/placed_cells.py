# SPDX-License-Identifier: Apache-2.0
"""Logic cells that nextpnr will report for a netlist, without placing it, by part of
the machine: what grows with what.

  placed_cells.py NETLIST

ECP5: a LUT RAM brings two cells more for its write port; a carry chain begins with a
carry cell more, two cells, and ends with one if its carry is a net; two are constants.
Equal to nextpnr's report on six designs. Gowin counts places of a LUT: an ALU takes one,
a chain begins with one more, ends with one if its carry is read elsewhere, and is a whole
number of pairs; a LUT RAM takes the eight of its tile; a flip-flop has its data from the
LUT or ALU beside it, else from a LUT that nextpnr puts there after placing.
"""
import collections
import json
import re
import sys

# Instances below weft_top, and what their number grows with; the rest does not grow.
LUTS = ("LUT1", "LUT2", "LUT3", "LUT4")
PARTS = (("pe", r"u_core\.(u_array|u_spm|u_drain$)"), ("lane", r"u_core\.u_drain\.g_lane"), ("row", r"u_core\.u_feed"),
         ("col", r"u_sys\.(u_st\.u_data|u_ld$)"))
NAMES = tuple(name for name, _ in PARTS) + ("rest",)


def load(path):
    with open(path, encoding="utf-8") as f:
        modules = json.load(f)["modules"]
    return next(m for m in modules.values() if int(m.get("attributes", {}).get("top", "0"), 2))


def part_of(name):
    path = ".".join(p for p in name.split(".") if p.startswith(("u_", "g_")))
    below = path.split("u_core.u_top.", 1)[-1]
    return next((part for part, pattern in PARTS if re.match(pattern, below)), "rest")


def net_names(top):
    """The deepest name of each net: its module's."""
    names = {}
    for name, net in top["netnames"].items():
        for bit in net["bits"]:
            if isinstance(bit, int) and (bit not in names or name.count(".") > names[bit].count(".")):
                names[bit] = name
    return names


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


def carry_ends(cell, drives, reads):
    """Whether a carry cell begins a chain, and whether it leads a carry elsewhere."""
    kind = cell["type"]
    begins = drives.get(cell["connections"]["CIN"][0]) != (kind, "COUT")
    out = cell["connections"].get("COUT", ["x"])[0]
    return begins + (isinstance(out, int) and reads[out] != [(kind, "CIN")])


def alone(cells):
    """Gowin's flip-flops that no LUT or ALU of their own is in front of."""
    drives = {bit: name for name, c in cells.items() for p, way in c["port_directions"].items()
              if way == "output" and p in ("F", "SUM") for bit in c["connections"][p]}
    taken, lone = set(), set()
    for name, cell in cells.items():
        if cell["type"].startswith("DFF"):
            front = drives.get(cell["connections"]["D"][0])
            if front is None or front in taken:
                lone.add(name)
            taken.add(front)
    return lone


def chain_pads(cells):
    """The last cells of Gowin's chains that an empty one makes a pair."""
    behind = {c["connections"]["CIN"][0]: n for n, c in cells.items() if c["type"] == "ALU"}
    drives, reads = wires(cells)
    pads = set()
    for name, cell in cells.items():
        if cell["type"] != "ALU" or drives.get(cell["connections"]["CIN"][0]) == ("ALU", "COUT"):
            continue
        at, n = name, 1
        while at:
            n += 1
            last, out = at, cells[at]["connections"].get("COUT", ["x"])[0]
            at = behind.get(out) if reads.get(out) == [("ALU", "CIN")] else None
        n += isinstance(out, int) and bool(reads.get(out))
        if n % 2:
            pads.add(last)
    return pads


def size(cell, drives, reads):
    kind = cell["type"]
    if kind in LUTS:
        return 1
    if kind == "CCU2C":
        return 2 + 2 * carry_ends(cell, drives, reads)
    if kind == "ALU":
        out = cell["connections"].get("COUT", ["x"])[0]
        return 1 + carry_ends(cell, drives, reads) - (isinstance(out, int) and not reads.get(out))
    return {"TRELLIS_DPR16X4": 6, "RAM16SDP4": 8}.get(kind, 0)


def placed_cells(path):
    """Cells by part."""
    top = load(path)
    cells, names = top["cells"], net_names(top)
    drives, reads = wires(cells)
    sums = dict.fromkeys(NAMES, 0)
    is_gowin = any(c["type"] == "ALU" for c in cells.values())
    more = alone(cells) | chain_pads(cells) if is_gowin else ()
    for name, cell in cells.items():
        n = size(cell, drives, reads) + (name in more)
        outs = [b for p, way in cell["port_directions"].items() if way == "output" for b in cell["connections"][p]
                if isinstance(b, int)]
        if n:
            sums[part_of(names.get(outs[0], "")) if outs else "rest"] += n
    if any(c["type"] == "CCU2C" for c in cells.values()):
        sums["rest"] += 2
    return sums


if __name__ == "__main__":
    parts = placed_cells(sys.argv[1])
    print(sum(parts.values()), parts)
