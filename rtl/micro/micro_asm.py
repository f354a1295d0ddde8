# SPDX-License-Identifier: Apache-2.0
"""Assembles the microprogram of weft_micro.

  micro_asm.py CONFIGS IN.asm OUT.sv

CONFIGS: the folder of isa.def and csr.def, whose names the source uses. A register
is a name; names get places of the register file in the order of their first use,
those of REGS have fixed ones (the machine writes them). Words: op 6, d 8, s 8,
imm 10 bits (rtl/micro/README.md).
"""
import os
import re
import sys

R_OPS = {"add": 0, "sub": 1, "and": 2, "or": 3, "xor": 4, "shl": 5, "shr": 6, "sra": 7, "rotb": 8, "mulh": 10}
BRANCHES = {"beq": 0, "bne": 1, "blt": 2, "bge": 3, "bltu": 4, "bgeu": 5}
SPECIAL = {"lmr": 0, "lmw": 1, "spr": 2, "spw": 3, "xld": 4, "rgw": 5, "mac": 6, "mode": 7, "acr": 8, "strb": 9,
           "mr": 10, "mw": 11, "out": 12, "get": 13, "sys": 14, "bill": 15}
GETS = {"ROWS": 0, "ROW_BITS": 1, "CYCLES": 2, "CYCLES_HI": 3, "DONE_AFTER": 9}   # 9: cycles from the GET to done
# Registers that the host writes: place 192 + CSR word.
REGS = {name: 192 + offset // 4 for name, offset in
        [(f"hbase{r}", 0x20 + 8 * r) for r in range(4)] + [(f"hsize{r}", 0x24 + 8 * r) for r in range(4)] +
        [("hprog", 0x40), ("hinsns", 0x44)]}


HEAD = """// SPDX-License-Identifier: Apache-2.0
// Written by rtl/micro/micro_asm.py from weft_micro.asm; do not edit. {count} words.
module weft_micro_rom (
  input  logic        clk_i,
  input  logic        en_i,
  input  logic [{width}-1:0] addr_i,
  output logic [31:0] data_o
);
  localparam logic [31:0] Rom [{count}] = '{{
{body}
  }};
  (* ram_style = "block" *)
  logic [31:0] mem [{size}];
  initial begin
    for (int i = 0; i < {count}; i++) mem[i] = Rom[i];
    for (int i = {count}; i < {size}; i++) mem[i] = '0;
  end
  always_ff @(posedge clk_i) if (en_i) data_o <= mem[addr_i];
endmodule
"""


def tables(folder):
    """{name: number or (lsb, width)} of isa.def and csr.def."""
    names = {}
    with open(os.path.join(folder, "isa.def"), encoding="utf-8") as f:
        isa = f.read().replace("\\\n", "\n")
    for name, lsb, width in re.findall(r"^HEADER\((\w+), (\d+), (\d+)", isa, re.M):
        names["H." + name] = (int(lsb), int(width))
    for name, code in re.findall(r"^INSN\((\w+), (\d+)", isa, re.M):
        names["OP." + name] = int(code)
    for insn, name, lsb, width in re.findall(r"^FIELD\((\w+), (\w+), (\d+), (\d+)", isa, re.M):
        names[f"{insn}.{name}"] = (int(lsb), int(width))
    for queue, name, index in re.findall(r"^ENGREG\((\w+), (\w+), (\d+)", isa, re.M):
        names[f"{queue}.{name}"] = int(index)
    for queue, reg, name, lsb, width in re.findall(r"^ENGFIELD\((\w+), (\w+), (\w+), (\d+), (\d+)", isa, re.M):
        names[f"{queue}.{reg}.{name}"] = (int(lsb), int(width))
    with open(os.path.join(folder, "csr.def"), encoding="utf-8") as f:
        csr = f.read()
    for name, offset in re.findall(r"^CSR\((\w+), (0x\w+)", csr, re.M):
        names["CSR." + name] = int(offset, 16) // 4
    for name, code in re.findall(r"^FAULT\((\w+), (\d+)", csr, re.M):
        names["FAULT." + name] = int(code)
    return names


class Program:
    def __init__(self, names):
        self.names, self.regs, self.labels, self.words, self.lines = names, dict(REGS), {}, [], []

    def reg(self, name):
        if name not in self.regs:
            self.regs[name] = sum(1 for place in self.regs.values() if place < 192)
            if self.regs[name] >= 192:
                sys.exit("micro_asm: too many registers")
        return self.regs[name]

    def imm(self, text):
        value = self.names.get(text, GETS.get(text))
        return int(text, 0) if value is None else value

    def emit(self, op, d, s, imm, line):
        self.words.append((op, d, s, imm))
        self.lines.append(line)

    def ext(self, d, s, lsb, width, line):
        if lsb + width > 32:
            sys.exit(f"micro_asm: {line}: field crosses the word")
        self.emit(16 + 9, self.reg(d), self.reg(s), lsb | (width - 1) << 5, line)

    def field(self, d, name, line):
        """A field of the instruction in i0..i3, also across two of them."""
        lsb, width = self.names[name]
        word, low = divmod(lsb, 32)
        first = min(width, 32 - low)
        self.ext(d, f"i{word}", low, first, line)
        if first < width:
            self.ext("xt", f"i{word + 1}", 0, width - first, line)
            self.emit(16 + 5, self.reg("xt"), self.reg("xt"), first, line)
            self.emit(3, self.reg(d), self.reg(d), self.reg("xt"), line)

    def line(self, text):
        line = text.split(";")[0].strip()
        if ":" in line:
            label, line = line.split(":", 1)
            self.labels[label.strip()] = len(self.words)
        line = line.strip()
        if not line:
            return
        op, *rest = line.split(None, 1)
        a = [x.strip() for x in rest[0].split(",")] if rest else []
        r = self.reg
        if op == "fld":
            self.field(a[0], a[1], line)
        elif op == "ext":
            self.ext(a[0], a[1], int(a[2]), int(a[3]), line)
        elif op == "li":
            self.emit(16, r(a[0]), r("zero"), self.imm(a[1]), line)
        elif op == "mull":
            self.emit(16 + 11, r(a[0]), r("zero"), 0, line)
        elif op in R_OPS:
            self.emit(R_OPS[op], r(a[0]), r(a[1]), r(a[2]), line)
        elif op.endswith("i") and op[:-1] in R_OPS:
            self.emit(16 + R_OPS[op[:-1]], r(a[0]), r(a[1]), self.imm(a[2]), line)
        elif op in BRANCHES:
            self.emit(32 + BRANCHES[op], r(a[1]), r(a[0]), a[2], line)
        elif op == "jmp":
            self.emit(32, r("zero"), r("zero"), a[0], line)
        elif op == "jal":
            self.emit(32 + 6, r(a[0]), r("zero"), a[1], line)
        elif op == "jr":
            self.emit(32 + 7, 0, r(a[0]), 0, line)
        else:
            self.special(op, a, line)

    def special(self, op, a, line):
        r = self.reg
        # (operation, d, s, imm); d is read by the ones that store
        forms = {
            "lmr": lambda: ("lmr", r(a[0]), r(a[1]), self.imm(a[2])), "lmw": lambda: ("lmw", r(a[0]), r(a[1]), self.imm(a[2])),
            "spr": lambda: ("spr", r(a[0]), r(a[1]), self.imm(a[2])), "spw": lambda: ("spw", r(a[0]), r(a[1]), self.imm(a[2])),
            "xld": lambda: ("xld", 0, r(a[0]), self.imm(a[1])), "rgw": lambda: ("rgw", r(a[0]), r(a[1]), 0),
            "mac": lambda: ("mac", r(a[1]), r(a[0]), 0), "mode": lambda: ("mode", 0, r(a[0]), 0),
            "pad": lambda: ("mode", 0, r(a[0]), 1), "acr": lambda: ("acr", r(a[0]), r(a[1]), 0),
            "strb": lambda: ("strb", 0, r(a[0]), 0), "mr": lambda: ("mr", r(a[0]), r(a[1]), self.imm(a[2])),
            "mri": lambda: ("mr", r(a[0]), r(a[1]), self.imm(a[2]) | 512), "mw": lambda: ("mw", r(a[0]), r(a[1]), self.imm(a[2])),
            "out": lambda: ("out", r(a[0]), r("zero"), self.imm(a[1])), "outr": lambda: ("out", r(a[0]), r(a[1]), self.imm(a[2])),
            "get": lambda: ("get", r(a[0]), r("zero"), self.imm(a[1])), "wait": lambda: ("sys", 0, r("zero"), 0),
            "halt": lambda: ("sys", 0, r(a[0]), 1), "retire": lambda: ("sys", 0, r("zero"), 4 + self.imm(a[0])),
            "bill": lambda: ("bill", 0, r("zero"), a[0]),
        }
        if op not in forms:
            sys.exit(f"micro_asm: {line}: no such operation")
        name, d, s, imm = forms[op]()
        self.emit(48 + SPECIAL[name], d, s, imm, line)

    def encode(self):
        out = []
        for (op, d, s, imm), line in zip(self.words, self.lines):
            if isinstance(imm, str):
                if imm not in self.labels:
                    sys.exit(f"micro_asm: {line}: no label {imm}")
                imm = self.labels[imm]
            if not -512 <= imm < 1024:
                sys.exit(f"micro_asm: {line}: {imm} does not fit")
            out.append(op << 26 | d << 18 | s << 10 | (imm & 1023))
        return out


def main(configs, source, target):
    program = Program(tables(configs))
    with open(source, encoding="utf-8") as f:
        for text in f:
            program.line(text)
    words = program.encode()
    size = 1024
    if len(words) > size:
        sys.exit(f"micro_asm: {len(words)} words, there is room for {size}")
    body = ",\n".join("    " + ", ".join(f"32'h{w:08x}" for w in words[i:i + 4]) for i in range(0, len(words), 4))
    text = HEAD.format(count=len(words), size=size, width=(size - 1).bit_length(), body=body)
    with open(target + ".part", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(target + ".part", target)
    print(f"{len(words)} words, {len(program.regs)} registers")


if __name__ == "__main__":
    main(*sys.argv[1:4])
