# SPDX-License-Identifier: Apache-2.0
"""yosys of the pyosys wheel: runs a script, then says what came out.

  yosys_run.py SCRIPT [--ports FILE] [--tidy NETLIST] [--area NETLIST FILE]

SCRIPT: one yosys command a line. --ports: the top's ports, "name width
input|output|inout" a line. --tidy: takes away from the netlist that the script
wrote what the placer would pay for and nobody reads. --area: cells by module instance, from the netlist
that the script wrote, as JSON {"total": {type: n}, "modules": {path: {type: n}}}.
"""
import collections
import json
import os
import re
import sys

from pyosys import libyosys as ys


def ports(design):
    lines = []
    for wire in design.top_module().wires_.values():
        if wire.port_id:
            way = "inout" if wire.port_input and wire.port_output else "input" if wire.port_input else "output"
            lines.append(f"{wire.name.str()[1:]} {wire.width} {way}\n")
    return "".join(sorted(lines))


def module_of(name):
    """Path of instances in a flattened name: u_x and g_x[i] parts."""
    parts = [p for p in name.split(".") if p.startswith(("u_", "g_"))]
    return ".".join(re.sub(r"\[\d+\]", "[*]", p) for p in parts)


def is_own_named(kind):
    """Cells that the RTL names itself: their own name says whose they are."""
    return not re.match(r"(LUT|\$lut|SB_LUT|SB_CARRY|SB_DFF|TRELLIS_FF|CCU2C|DFF|ALU|PFUMX|L6MUX|MUX2)", kind)


def top_of(modules):
    return next(m for m in modules.values() if int(m.get("attributes", {}).get("top", "0"), 2))


def write_whole(path, text):
    with open(path + ".part", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".part", path)


def drop_open_carries(modules):
    """nextpnr leads the carry of an ECP5 chain's last cell to the fabric, two TRELLIS_COMB,
    if it is a net at all, read or not: take those nets away that nobody reads."""
    top = top_of(modules)
    cells = top["cells"].values()
    read = {b for c in cells for p, way in c["port_directions"].items() if way != "output"
            for b in c["connections"].get(p, [])}
    read |= {b for port in top["ports"].values() if port["direction"] != "input" for b in port["bits"]}
    dropped = 0
    for c in cells:
        if c["type"] == "CCU2C" and not read & set(c["connections"].get("COUT", [])):
            c["connections"]["COUT"] = ["x"]
            dropped += 1
    return dropped


def into_block_ram(ram, readers, cells, ground):
    """The registers behind a Gowin block RAM, if they are all that reads it and load together.
    Its reset would clear the output register: none may be wired."""
    way = ram["connections"]
    if way["RESETB"][0] not in ground:
        return None
    behind = {}
    for bit in way["DO"]:
        for name, port in readers.get(bit, []):
            if port != "D" or cells.get(name, {}).get("type") not in ("DFF", "DFFE") or bit in behind:
                return None
            behind[bit] = name
    loads = {(cells[n]["connections"]["CLK"][0], cells[n]["connections"].get("CE", ["1"])[0])
             for n in behind.values()}
    return behind if len(loads) == 1 and loads.pop()[0] == way["CLKB"][0] else None


def take_output_registers(modules):
    """A Gowin block RAM of 36 bits has an output register (nextpnr: not in GW2A-18C at other
    widths), and a flip-flop outside costs the LUT in front of it: let it do their work."""
    top = top_of(modules)
    cells, readers, taken = top["cells"], collections.defaultdict(list), 0
    ground = {"0"} | {c["connections"]["G"][0] for c in cells.values() if c["type"] == "GND"}
    for name, c in cells.items():
        for port, way in c["port_directions"].items():
            for bit in c["connections"].get(port, []) if way != "output" else []:
                readers[bit].append((name, port))
    for port in top["ports"].values():
        for bit in port["bits"] if port["direction"] != "input" else []:
            readers[bit].append(("", ""))
    for c in [c for c in cells.values() if c["type"] == "SDPX9B" and int(c["parameters"]["BIT_WIDTH_1"], 2) == 36 and
              int(c["parameters"]["READ_MODE"], 2) == 0]:
        behind = into_block_ram(c, readers, cells, ground)
        if not behind:
            continue
        one = c["connections"]["OCE"]
        c["connections"]["OCE"] = cells[next(iter(behind.values()))]["connections"].get("CE", one)
        c["parameters"]["READ_MODE"] = "1"
        c["connections"]["DO"] = [cells[behind[b]]["connections"]["Q"][0] if b in behind else b for b in c["connections"]["DO"]]
        for name in behind.values():
            del cells[name]
        taken += len(behind)
    return taken


def hold_in_lut(cell):
    """A flip-flop without clock enable and reset, and its LUT's inputs and table: what they did."""
    way, inputs = cell["connections"], [cell["connections"]["D"][0]]
    pins = [way[p][0] for p in ("CE", "RESET") if p in way]
    if cell["type"] == "DFFE":
        inputs, table = inputs + [pins[0], way["Q"][0]], lambda d, ce, q: d if ce else q
    elif cell["type"] == "DFFR":
        inputs, table = inputs + pins, lambda d, reset: d and not reset
    elif cell["type"] == "DFFRE":
        inputs, table = inputs + pins + [way["Q"][0]], lambda d, ce, reset, q: not reset and (d if ce else q)
    else:
        return inputs, "10"
    n = len(inputs)
    rows = [table(*[row >> i & 1 for i in range(n)]) for row in range(1 << n)]
    cell["type"] = "DFF"
    for pin in ("CE", "RESET"):
        way.pop(pin, None)
        cell["port_directions"].pop(pin, None)
    return inputs, "".join("01"[bool(r)] for r in reversed(rows))


def give_own_luts(modules):
    """A Gowin flip-flop that neither a LUT nor an ALU feeds gets its LUT from nextpnr after
    placing. With the LUT before, the two are placed as one; and as it is there it holds enable
    and reset, which two flip-flops of a pair must share: a full part fits."""
    top = top_of(modules)
    cells, drives = top["cells"], {}
    for c in cells.values():
        for port, way in c["port_directions"].items():
            for bit in c["connections"].get(port, []) if way == "output" else []:
                drives[bit] = c["type"]
    free = 1 + max(b for net in top["netnames"].values() for b in net["bits"] if isinstance(b, int))
    own = {}
    for name, c in cells.items():
        kind = drives.get(c["connections"]["D"][0]) if c["type"].startswith("DFF") else None
        if kind and kind not in ("ALU", "VCC", "GND", "IBUF", "IOBUF") and not kind.startswith("LUT"):
            inputs, table = hold_in_lut(c)
            own[name + "_FRONT"] = {
                "hide_name": 1, "type": f"LUT{len(inputs)}", "parameters": {"INIT": table}, "attributes": {},
                "port_directions": {"F": "output", **{f"I{i}": "input" for i in range(len(inputs))}},
                "connections": {"F": [free], **{f"I{i}": [b] for i, b in enumerate(inputs)}}}
            c["connections"]["D"] = [free]
            top["netnames"][name + "_FRONT_F"] = {"hide_name": 1, "bits": [free], "attributes": {}}
            free += 1
    cells.update(own)
    return len(own)


def tidy(netlist):
    with open(netlist, encoding="utf-8") as f:
        design = json.load(f)
    dropped = drop_open_carries(design["modules"])
    taken = take_output_registers(design["modules"])
    own = give_own_luts(design["modules"])
    if dropped or taken or own:
        print(f"tidy: {dropped} carries that nobody reads, {taken} registers that block RAM has, {own} LUTs for registers")
        write_whole(netlist, json.dumps(design))


def area(netlist):
    """Cells by the instance that drives their first output; LUTs of which only
    yosys knows the name count to what it named them after."""
    with open(netlist, encoding="utf-8") as f:
        top = top_of(json.load(f)["modules"])
    names = {}
    for name, net in top["netnames"].items():
        depth = name.count(".")
        for bit in net["bits"]:
            if isinstance(bit, int) and (bit not in names or depth > names[bit].count(".")):
                names[bit] = name
    by_module, total = collections.defaultdict(collections.Counter), collections.Counter()
    for name, cell in top["cells"].items():
        outs = [b for p, way in cell["port_directions"].items() if way == "output"
                for b in cell["connections"][p] if isinstance(b, int)]
        owner = name if is_own_named(cell["type"]) else names.get(outs[0], "") if outs else ""
        by_module[module_of(owner)][cell["type"]] += 1
        total[cell["type"]] += 1
    return {"total": dict(sorted(total.items())),
            "modules": {m: dict(sorted(c.items())) for m, c in sorted(by_module.items())}}


def main(args):
    design = ys.Design()
    with open(args[0], encoding="utf-8") as f:
        for line in f:
            if line.strip():
                ys.run_pass(line.strip(), design)
    rest = args[1:]
    while rest:
        if rest[0] == "--ports":
            write_whole(rest[1], ports(design))
            rest = rest[2:]
        elif rest[0] == "--tidy":
            tidy(rest[1])
            rest = rest[2:]
        elif rest[0] == "--area":
            write_whole(rest[2], json.dumps(area(rest[1]), indent=1))
            rest = rest[3:]
        else:
            sys.exit(f"yosys_run.py: {rest[0]}?")


if __name__ == "__main__":
    main(sys.argv[1:])
