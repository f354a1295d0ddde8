# SPDX-License-Identifier: Apache-2.0
"""What yosys_run.py does to a Gowin netlist: the LUT in front of a flip-flop does what enable
and reset did, over all their values; a block RAM takes the registers behind it once, and
only if nothing else reads it."""
import sys
import types

sys.modules["pyosys"] = types.ModuleType("pyosys")
sys.modules["pyosys"].libyosys = None
sys.path.insert(0, "boards/flow")
import yosys_run  # noqa: E402

PINS = {"DFF": (), "DFFE": ("CE",), "DFFR": ("RESET",), "DFFRE": ("CE", "RESET"), "DFFSE": ("CE", "SET")}
NETS = {"D": 10, "CE": 11, "RESET": 12, "SET": 13, "Q": 20, "CLK": 1}


def flip_flop(kind, d=10, q=20, ce=11):
    wires = {p: [{**NETS, "D": d, "Q": q, "CE": ce}[p]] for p in ("D", "CLK", "Q", *PINS[kind])}
    return {"type": kind, "connections": wires, "port_directions": {p: "output" if p == "Q" else "input" for p in wires}}


def is_right(kind):
    cell = flip_flop(kind)
    inputs, table = yosys_run.hold_in_lut(cell)
    if kind == "DFFSE":
        return cell == flip_flop(kind) and (inputs, table) == ([10], "10")
    for row in range(1 << len(inputs)):
        v = {bit: row >> i & 1 for i, bit in enumerate(inputs)}
        want = 0 if v.get(12) else v[10] if v.get(11, 1) else v[20]
        if int(table[-1 - row]) != want:
            return False
    return cell == flip_flop("DFF")


GND = {"type": "GND", "connections": {"G": [90]}, "port_directions": {"G": "output"}}


def design(more, reset=90):
    ram = {"type": "SDPX9B", "parameters": {"BIT_WIDTH_1": "100100", "READ_MODE": "0"},
           "connections": {"DO": [30, 31, 32], "CLKB": [1], "OCE": [2], "RESETB": [reset]},
           "port_directions": {"DO": "output", "CLKB": "input", "OCE": "input", "RESETB": "input"}}
    return {"top": {"attributes": {"top": "1"}, "ports": {}, "netnames": {"n": {"bits": [99]}},
                    "cells": {"gnd": GND, "ram": ram, "a": flip_flop("DFFE", 30, 40), "b": flip_flop("DFFE", 31, 41), **more}}}


def takes(more, reset=90):
    modules = design(more, reset)
    taken = yosys_run.take_output_registers(modules)
    ram = modules["top"]["cells"]["ram"]
    again = yosys_run.take_output_registers(modules)
    return taken, again, ram["parameters"]["READ_MODE"], ram["connections"]["DO"], ram["connections"]["OCE"]


bad = [kind for kind in PINS if not is_right(kind)]
if takes({}) != (2, 0, "1", [40, 41, 32], [11]):
    bad.append(f"registers behind a block RAM: {takes({})}")
for more in ({"c": flip_flop("DFFE", 32, 42, 14)}, {"c": flip_flop("DFF", 50, 42) | {"type": "LUT1"}, "d": flip_flop("DFFE", 31, 43)}):
    if takes(more)[:3] != (0, 0, "0"):
        bad.append(f"another reader: {takes(more)}")
if takes({}, 12)[:3] != (0, 0, "0"):
    bad.append(f"a reset: {takes({}, 12)}")
print("tidy:", bad or "all right")
sys.exit(bool(bad))
