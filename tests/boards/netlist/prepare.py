# SPDX-License-Identifier: Apache-2.0
"""A netlist of yosys for the simulators.

  prepare.py NETLIST OUT FAULTS [rom]

Initial values of memories that are all zero go (they are the models' default); a
memory that starts with data is an error, for none does but a rom. A carry that
nobody reads (x since the tidying) is left open: Verilator takes x for a driver.
FAULTS look-up tables, evenly spread, become weft_flip: the same table, of which
one bit is flipped while fault_i is its number, 1 and up. The bit is one that the
table's constant inputs allow.
"""
import re
import sys

LUT = re.compile(r"  (LUT4|SB_LUT4) #\(\n    \.(?:LUT_)?INIT\((16)'h([0-9a-fx]+)\)\n  \) (\w+) \(\n(.*?)\n  \);\n", re.S)
PINS = (("A", "B", "C", "D"), ("I0", "I1", "I2", "I3"))
ZERO = re.compile(r"^    \.INIT(?:VAL|_RAM)?_[0-9A-F]+\((?:256|288|320)'h[0x]+\),\n", re.M)
DATA = re.compile(r"^    \.INIT(?:VAL|_RAM)?_[0-9A-F]+\((?:256|288|320)'h[0-9a-fx]*[1-9a-f][0-9a-fx]*\)", re.M)


def bit_of(pins, number):
    """A row of the table: constants as they are, the rest 0 (what most nets rest at) for an
    odd number, the number's bits for an even one."""
    row = 0
    for i, name in enumerate(PINS[".I0(" in pins]):
        wired = re.search(rf"\.{name}\((.*?)\)", pins)
        constant = re.fullmatch(r"1'h([01])", wired[1]) if wired else None
        row |= (int(constant[1]) if constant else number % 2 == 0 and number >> i & 1) << i
    return row


def main(source, target, faults, has_rom):
    with open(source, encoding="ascii") as f:
        text = f.read()
    text = ZERO.sub("", text).replace(".COUT(1'hx)", ".COUT()")
    if not has_rom and DATA.search(text):
        sys.exit(f"{source}: a memory starts with data: {DATA.search(text)[0].strip()}")
    luts = list(LUT.finditer(text))
    if len(luts) < 2 * faults:
        sys.exit(f"{source}: {len(luts)} look-up tables, too few for {faults} faults")
    parts, end = [], 0
    for k in range(faults):
        m = luts[(2 * k + 1) * len(luts) // (2 * faults)]
        _, bits, init, name, pins = m.groups()
        parts += [text[end:m.start()], f"  weft_flip #(\n    .INIT({bits}'h{init}),\n    .NUMBER({k + 1}),\n"
                  f"    .ROW({bit_of(pins, k + 1)})\n  ) {name} (\n    .fault_i(fault_i),\n{pins}\n  );\n"]
        end = m.end()
    parts.append(text[end:])
    text = "".join(parts).replace("module weft_net(", "module weft_net(fault_i, ", 1)
    text = text.replace(");\n", ");\n  input [7:0] fault_i;\n", 1)
    with open(target, "w", encoding="ascii") as f:
        f.write(text)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:] == ["rom"])
