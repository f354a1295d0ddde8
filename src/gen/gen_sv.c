/* SPDX-License-Identifier: Apache-2.0 */
/* SystemVerilog packages from the tables. Positions are localparams: field F of
 * instruction I is I_F_LSB and I_F_W; engine register fields are R_Q_REG_F_*. */
#include "gen/gen.h"

#include <inttypes.h>

#include "isa/isa.h"

static void open_package(FILE *f, const char *name) {
  fprintf(f, "// SPDX-License-Identifier: Apache-2.0\n"
             "// Generated from configs/; do not edit.\n"
             "/* verilator lint_off UNUSEDPARAM */\n"
             "package %s;\n", name);
}

static void close_package(FILE *f) {
  fprintf(f, "endpackage\n/* verilator lint_on UNUSEDPARAM */\n");
}

static void int_const(FILE *f, const char *a, const char *b, const char *c,
                      const char *suffix, long value) {
  fprintf(f, "  localparam int %s%s%s%s = %ld;\n", a, b, c, suffix, value);
}

void weft_gen_sv_isa(FILE *f) {
  open_package(f, "weft_isa_pkg");
  int_const(f, "ISA_VERSION", "", "", "", ISA_VERSION);
#define QUEUE(name, code, doc) \
  fprintf(f, "  localparam logic [2:0] Q_%s = 3'd%d;\n", #name, code);
#include "isa.def"
#define INSN(name, opcode, queue, ordered, doc) \
  fprintf(f, "  localparam logic [5:0] I_%s = 6'd%d;\n", #name, opcode);
#include "isa.def"
#define HEADER(name, lsb, width, doc) \
  int_const(f, "H_", #name, "", "_LSB", lsb), int_const(f, "H_", #name, "", "_W", width);
#include "isa.def"
#define FIELD(insn, name, lsb, width, kind, doc) \
  int_const(f, #insn, "_", #name, "_LSB", lsb), int_const(f, #insn, "_", #name, "_W", width);
#include "isa.def"
#define ENGREG(queue, name, index, doc) \
  int_const(f, "REG_" #queue, "_", #name, "", index);
#include "isa.def"
#define ENGFIELD(queue, reg, name, lsb, width, kind, doc) \
  int_const(f, "R_" #queue "_" #reg, "_", #name, "_LSB", lsb), \
  int_const(f, "R_" #queue "_" #reg, "_", #name, "_W", width);
#include "isa.def"
  weft_gen_sv_legal(f);
  close_package(f);
}

/* Mask of the bits that an opcode may set, as 128-bit constants. */
static void add_bits(uint64_t mask[2], int lsb, int width) {
  for (int b = lsb; b < lsb + width; b++)
    mask[b / 64] |= UINT64_C(1) << (b % 64);
}

static void insn_mask(const char *insn, uint64_t mask[2]) {
  mask[0] = mask[1] = 0;
#define HEADER(name, lsb, width, doc) \
  if (strcmp(#name, "LAG") != 0) add_bits(mask, lsb, width);
#include "isa.def"
#define FIELD(of, name, lsb, width, kind, doc)                              \
  if (strcmp(#of, insn) == 0 && strcmp(#name, "FOLD") != 0 &&               \
      strcmp(#name, "KMODE") != 0)                                          \
    add_bits(mask, lsb, width);
#include "isa.def"
}

void weft_gen_sv_legal(FILE *f) {
#define INSN(name, opcode, queue, ordered, doc) { #name, #queue, ordered },
  static const struct { const char *name, *queue; int ordered; } rows[] = {
#include "isa.def"
  };
#undef INSN
  fprintf(f, "  // Bits that an opcode may set; reserved fields are not among them.\n"
             "  function automatic logic [127:0] insn_mask(input logic [5:0] op);\n"
             "    case (op)\n");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint64_t mask[2];
    insn_mask(rows[i].name, mask);
    fprintf(f, "      I_%s: return 128'h%016" PRIx64 "%016" PRIx64 ";\n",
            rows[i].name, mask[1], mask[0]);
  }
  fprintf(f, "      default: return 128'd0;\n    endcase\n  endfunction\n"
             "  function automatic logic insn_known(input logic [5:0] op);\n"
             "    case (op)\n      ");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    fprintf(f, "%sI_%s", i ? ", " : "", rows[i].name);
  fprintf(f, ": return 1'b1;\n      default: return 1'b0;\n    endcase\n  endfunction\n"
             "  function automatic logic insn_ordered(input logic [5:0] op);\n"
             "    case (op)\n");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    fprintf(f, "      I_%s: return 1'b%d;\n", rows[i].name, rows[i].ordered);
  fprintf(f, "      default: return 1'b0;\n    endcase\n  endfunction\n"
             "  function automatic logic insn_queue_ok(input logic [5:0] op, input logic [2:0] q);\n"
             "    case (op)\n");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (strcmp(rows[i].queue, "ANY") == 0)
      fprintf(f, "      I_%s: return q != Q_CTL && q <= Q_ST;\n", rows[i].name);
    else
      fprintf(f, "      I_%s: return q == Q_%s;\n", rows[i].name, rows[i].queue);
  }
  fprintf(f, "      default: return 1'b0;\n    endcase\n  endfunction\n");
}

void weft_gen_sv_csr(FILE *f) {
  open_package(f, "weft_csr_pkg");
#define CSR(name, offset, access, doc) \
  fprintf(f, "  localparam logic [11:0] CSR_%s = 12'h%03x;\n", #name, offset);
#include "csr.def"
#define CSRFIELD(csr, name, lsb, width, doc) \
  int_const(f, #csr, "_", #name, "_LSB", lsb), int_const(f, #csr, "_", #name, "_W", width);
#include "csr.def"
#define FAULT(name, code, doc) \
  fprintf(f, "  localparam logic [3:0] FAULT_%s = 4'd%d;\n", #name, code);
#include "csr.def"
#define REGION(name, code, doc) \
  fprintf(f, "  localparam logic [1:0] REGION_%s = 2'd%d;\n", #name, code);
#include "csr.def"
  close_package(f);
}

/* Timing of the DRAM behind the port is no parameter of the RTL: one simulator
 * serves every timing. */
static int in_rtl(const char *key, int structural) {
  return structural || strncmp(key, "dram.", 5) != 0;
}

void weft_gen_sv_params(FILE *f, const weft_config *c) {
  open_package(f, "weft_params_pkg");
#define PARAM(key, field, sv, min, max, structural, doc) \
  if (in_rtl(key, structural)) fprintf(f, "  localparam int %s = %" PRId32 ";\n", #sv, c->field);
#include "params.def"
  fprintf(f, "  localparam logic [63:0] ConfigHash = 64'h%016" PRIx64 ";\n",
          weft_config_hash(c));
  fprintf(f, "  // First violated rule of params.def, or an empty string.\n"
             "  localparam string Illegal =\n");
#define PARAM(key, field, sv, min, max, structural, doc)                    \
  if (in_rtl(key, structural))                                              \
    fprintf(f, "    (%s < %d || %s > %d) ? \"%s must be %d..%d\" :\n", #sv, min, \
            #sv, max, key, min, max);
#include "params.def"
#define REQUIRE(expr, message) \
  fprintf(f, "    !(%s) ? \"%s\" :\n", #expr, message);
#include "params.def"
  fprintf(f, "    \"\";\n");
  close_package(f);
}
