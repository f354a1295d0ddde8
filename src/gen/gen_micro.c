/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/gen_micro.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGS = 4, HOST_PLACE = 192, IMM_BITS = 10, MAX_LABELS = MICRO_ROM_WORDS, MAX_NAMES = 256 };

/* Arguments by letter: d, s registers; r a register, i a number, q 0..3, l a label into imm; b, w
 * lowest bit and width of a field. Registers that are not given are `zero`. imm is or-ed in. */
typedef struct operation { const char *name; unsigned op; const char *args; unsigned imm; } operation;
static const operation operations[] = {
  { "add", 0, "dsr", 0 }, { "sub", 1, "dsr", 0 }, { "and", 2, "dsr", 0 }, { "or", 3, "dsr", 0 },
  { "xor", 4, "dsr", 0 }, { "shl", 5, "dsr", 0 }, { "shr", 6, "dsr", 0 }, { "sra", 7, "dsr", 0 },
  { "rotb", 8, "dsr", 0 }, { "mulh", 10, "dsr", 0 },
  { "addi", 16, "dsi", 0 }, { "subi", 17, "dsi", 0 }, { "andi", 18, "dsi", 0 }, { "ori", 19, "dsi", 0 },
  { "xori", 20, "dsi", 0 }, { "shli", 21, "dsi", 0 }, { "shri", 22, "dsi", 0 }, { "srai", 23, "dsi", 0 },
  { "rotbi", 24, "dsi", 0 }, { "mulhi", 26, "dsi", 0 },
  { "li", 16, "di", 0 }, { "ext", 25, "dsbw", 0 }, { "mull", 27, "d", 0 },
  { "beq", 32, "sdl", 0 }, { "bne", 33, "sdl", 0 }, { "blt", 34, "sdl", 0 }, { "bge", 35, "sdl", 0 },
  { "bltu", 36, "sdl", 0 }, { "bgeu", 37, "sdl", 0 },
  { "jmp", 32, "l", 0 }, { "jal", 38, "dl", 0 }, { "jr", 39, "s", 0 },
  { "lmr", 48, "dsi", 0 }, { "lmw", 49, "dsi", 0 }, { "spr", 50, "dsi", 0 }, { "spw", 51, "dsi", 0 },
  { "xld", 52, "si", 0 }, { "rgw", 53, "ds", 0 }, { "mac", 54, "sd", 0 },
  { "mode", 55, "s", 0 }, { "pad", 55, "s", 1 }, { "acr", 56, "ds", 0 }, { "strb", 57, "s", 0 },
  { "mr", 58, "dsi", 0 }, { "mri", 58, "dsi", 512 }, { "mw", 59, "dsi", 0 },
  { "out", 60, "di", 0 }, { "outr", 60, "dsi", 0 }, { "get", 61, "di", 0 },
  { "wait", 62, "", 0 }, { "halt", 62, "s", 1 }, { "retire", 62, "q", 4 }, { "bill", 63, "l", 0 },
};

/* Numbers (width 0), and fields of the 128-bit instruction. */
typedef struct symbol { const char *name; int value, width; } symbol;
static const symbol symbols[] = {
  { "ROWS", 0, 0 }, { "ROW_BITS", 1, 0 }, { "CYCLES", 2, 0 }, { "CYCLES_HI", 3, 0 },
  { "DONE_AFTER", 9, 0 },    /* cycles from a GET of the counter to done */
#define INSN(name, opcode, queue, ordered, doc) { "OP." #name, opcode, 0 },
#include "isa.def"
#define ENGREG(queue, name, index, doc) { #queue "." #name, index, 0 },
#include "isa.def"
#define HEADER(name, lsb, width, doc) { "H." #name, lsb, width },
#include "isa.def"
#define FIELD(insn, name, lsb, width, kind, doc) { #insn "." #name, lsb, width },
#include "isa.def"
#define CSR(name, offset, access, doc) { "CSR." #name, (offset) / 4, 0 },
#include "csr.def"
#define FAULT(name, code, doc) { "FAULT." #name, code, 0 },
#include "csr.def"
};

static const symbol host_registers[] = {    /* CSR words that the host writes into the file */
  { "hbase0", HOST_PLACE + 8, 0 }, { "hsize0", HOST_PLACE + 9, 0 }, { "hbase1", HOST_PLACE + 10, 0 },
  { "hsize1", HOST_PLACE + 11, 0 }, { "hbase2", HOST_PLACE + 12, 0 }, { "hsize2", HOST_PLACE + 13, 0 },
  { "hbase3", HOST_PLACE + 14, 0 }, { "hsize3", HOST_PLACE + 15, 0 }, { "hprog", HOST_PLACE + 16, 0 },
  { "hinsns", HOST_PLACE + 17, 0 },
};

typedef struct word { unsigned op, d, s; int imm; const char *label; int line; } word;
typedef struct assembler {
  weft_diag *d;
  const char *file;
  int line, n_words, n_labels, n_names;
  word words[MICRO_ROM_WORDS];
  symbol labels[MAX_LABELS], names[MAX_NAMES];
  int n_regs;
} assembler;

static weft_status fail(assembler *a, const char *found, const char *allowed) {
  return weft_fail(a->d, WEFT_E_PROGRAM, weft_diag_text(a->d, "%s:%d", a->file, a->line),
                   weft_diag_text(a->d, "%s", found), allowed, "rtl/micro/README.md");
}

static const symbol *find(const symbol *rows, size_t n, const char *name, bool is_field) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(rows[i].name, name) == 0 && (rows[i].width != 0) == is_field)
      return &rows[i];
  return NULL;
}

static weft_status reg_of(assembler *a, const char *name, unsigned *place) {
  const symbol *row = find(a->names, (size_t)a->n_names, name, false);
  if (row == NULL) {
    if (!isalpha((unsigned char)name[0]))
      return fail(a, name, "the name of a register");
    if (a->n_regs == MICRO_REGS || a->n_names == MAX_NAMES)
      return fail(a, name, "at most 192 registers");
    a->names[a->n_names] = (symbol){ name, a->n_regs++, 0 };
    row = &a->names[a->n_names++];
  }
  *place = (unsigned)row->value;
  return WEFT_OK;
}

static weft_status number_of(assembler *a, const char *text, int *value) {
  const symbol *row = find(symbols, sizeof symbols / sizeof symbols[0], text, false);
  char *end;
  long v = strtol(text, &end, 0);
  if (row != NULL)
    v = row->value;
  else if (end == text || *end != '\0')
    return fail(a, text, "a number, or a name of isa.def or csr.def");
  if (v < -(1 << (IMM_BITS - 1)) || v >= 1 << IMM_BITS)
    return fail(a, text, "-512..1023");
  *value = (int)v;
  return WEFT_OK;
}

static weft_status emit(assembler *a, word w) {
  if (a->n_words == MICRO_ROM_WORDS)
    return fail(a, "one word more", "1024 words");
  w.line = a->line;
  a->words[a->n_words++] = w;
  return WEFT_OK;
}

static weft_status argument(assembler *a, char letter, const char *text, word *w) {
  unsigned place;
  int v = 0;
  switch (letter) {
  case 'd': return reg_of(a, text, &w->d);
  case 's': return reg_of(a, text, &w->s);
  case 'l': w->label = text; return WEFT_OK;
  case 'r':
    WEFT_TRY(reg_of(a, text, &place));
    w->imm |= (int)place;
    return WEFT_OK;
  default:
    WEFT_TRY(number_of(a, text, &v));
    if ((letter == 'b' && (v < 0 || v > 31)) || (letter == 'q' && (v < 0 || v > 3)))
      return fail(a, text, letter == 'b' ? "0..31" : "0..3");
    if (letter == 'w' && (v < 1 || v > 32 || w->imm + v > 32))
      return fail(a, text, "a field within 32 bits");
    w->imm |= letter == 'w' ? (v - 1) << 5 : v;
    return WEFT_OK;
  }
}

/* A field of the instruction in i0..i3, also across two of them. */
static weft_status load_field(assembler *a, const char *reg, const char *name) {
  const symbol *row = find(symbols, sizeof symbols / sizeof symbols[0], name, true);
  static const char *const parts[] = { "i0", "i1", "i2", "i3", "" };
  if (row == NULL)
    return fail(a, name, "a field of isa.def");
  int low = row->value % 32, first = row->width < 32 - low ? row->width : 32 - low;
  const char *const *part = &parts[row->value / 32];
  word w = { .op = 25, .imm = low | (first - 1) << 5 };
  WEFT_TRY(reg_of(a, reg, &w.d));
  WEFT_TRY(reg_of(a, part[0], &w.s));
  WEFT_TRY(emit(a, w));
  if (first == row->width)
    return WEFT_OK;
  word more = { .op = 25, .imm = (row->width - first - 1) << 5 };
  WEFT_TRY(reg_of(a, "xt", &more.d));
  WEFT_TRY(reg_of(a, part[1], &more.s));
  WEFT_TRY(emit(a, more));
  WEFT_TRY(emit(a, (word){ .op = 21, .d = more.d, .s = more.d, .imm = first }));
  return emit(a, (word){ .op = 3, .d = w.d, .s = w.d, .imm = (int)more.d });
}

static weft_status instruction(assembler *a, const char *name, char **args, size_t n) {
  if (strcmp(name, "fld") == 0 && n == 2)
    return load_field(a, args[0], args[1]);
  const operation *o = operations, *end = o + sizeof operations / sizeof operations[0];
  while (o < end && strcmp(o->name, name) != 0)
    o++;
  if (o == end || n != strlen(o->args))
    return fail(a, name, o == end ? "an operation" : weft_diag_text(a->d, "%zu arguments", strlen(o->args)));
  word w = { .op = o->op, .imm = (int)o->imm };
  for (int pass = 0; pass < 2; pass++)     /* d first: the order of names is that of places */
    for (size_t k = 0; k < n; k++)
      if ((o->args[k] == 'd') == (pass == 0))
        WEFT_TRY(argument(a, o->args[k], args[k], &w));
  return emit(a, w);
}

static char *trim(char *s) {
  while (isspace((unsigned char)*s))
    s++;
  size_t n = strlen(s);
  while (n > 0 && isspace((unsigned char)s[n - 1]))
    s[--n] = '\0';
  return s;
}

static weft_status one_line(assembler *a, char *s) {
  s[strcspn(s, ";")] = '\0';
  char *colon = strchr(s, ':'), *args[MAX_ARGS + 1];
  if (colon != NULL) {
    *colon = '\0';
    const char *label = trim(s);
    if (find(a->labels, (size_t)a->n_labels, label, false) != NULL || a->n_labels == MAX_LABELS)
      return fail(a, label, "each label once");
    a->labels[a->n_labels++] = (symbol){ label, a->n_words, 0 };
    s = colon + 1;
  }
  s = trim(s);
  if (*s == '\0')
    return WEFT_OK;
  size_t n = 0, length = strcspn(s, " \t");
  for (char *next = s[length] != '\0' ? s + length + 1 : NULL; next != NULL && n <= MAX_ARGS; n++) {
    char *comma = strchr(next, ',');
    if (comma != NULL)
      *comma = '\0';
    args[n] = trim(next);
    next = comma != NULL ? comma + 1 : NULL;
  }
  s[length] = '\0';
  return instruction(a, s, args, n);
}

static weft_status encode(assembler *a, uint32_t *out) {
  for (int i = 0; i < a->n_words; i++) {
    word *w = &a->words[i];
    a->line = w->line;
    if (w->label != NULL) {
      const symbol *row = find(a->labels, (size_t)a->n_labels, w->label, false);
      if (row == NULL)
        return fail(a, w->label, "a label");
      w->imm = row->value;
    }
    out[i] = w->op << 26 | w->d << 18 | w->s << 10 | ((uint32_t)w->imm & ((1U << IMM_BITS) - 1));
  }
  return WEFT_OK;
}

weft_status weft_micro_assemble(weft_arena *arena, weft_diag *d, const char *file, char *text,
                                uint32_t *words, int *n_words, int *n_regs) {
  assembler *a = WEFT_NEW(arena, assembler, 1);
  a->d = d;
  a->file = file;
  for (size_t i = 0; i < sizeof host_registers / sizeof host_registers[0]; i++)
    a->names[a->n_names++] = host_registers[i];
  unsigned zero;
  WEFT_TRY(reg_of(a, "zero", &zero));      /* place 0: what words without a register name */
  while (text != NULL) {
    char *end = strchr(text, '\n');
    if (end != NULL)
      *end++ = '\0';
    a->line++;
    WEFT_TRY(one_line(a, text));
    text = end;
  }
  if (a->n_words == 0)
    return fail(a, "the end, and no word", "a program of at least one");
  *n_words = a->n_words;
  *n_regs = a->n_regs;
  return encode(a, words);
}

void weft_gen_sv_micro(FILE *f, const uint32_t *words, int n_words) {
  fprintf(f, "// SPDX-License-Identifier: Apache-2.0\n"
             "// Written by weft-gen from weft_micro.asm ('make micro'); do not edit. %d words.\n"
             "module weft_micro_rom (\n"
             "  input  logic        clk_i,\n  input  logic        en_i,\n"
             "  input  logic [9:0]  addr_i,\n  output logic [31:0] data_o\n);\n"
             "  localparam logic [31:0] Rom [%d] = '{\n", n_words, n_words);
  for (int i = 0; i < n_words; i++)
    fprintf(f, "%s32'h%08x%s", i % 4 == 0 ? "    " : " ", words[i], i + 1 == n_words ? "\n" : i % 4 == 3 ? ",\n" : ",");
  fprintf(f, "  };\n  (* ram_style = \"block\" *)\n  logic [31:0] mem [%d];\n  initial begin\n"
             "    for (int i = 0; i < %d; i++) mem[i] = Rom[i];\n"
             "    for (int i = %d; i < %d; i++) mem[i] = '0;\n  end\n"
             "  always_ff @(posedge clk_i) if (en_i) data_o <= mem[addr_i];\nendmodule\n",
          MICRO_ROM_WORDS, n_words, n_words, MICRO_ROM_WORDS);
}
