/* SPDX-License-Identifier: Apache-2.0 */
/* Instruction words: fields, packing, text. Everything derives from
 * configs/isa.def. Depends on base only. */
#ifndef WEFT_ISA_ISA_H
#define WEFT_ISA_ISA_H

#include "base/base.h"

typedef struct weft_insn { uint64_t lo, hi; } weft_insn;  /* bits 0..63, 64..127 */
#define WEFT_INSN_BYTES 16

typedef enum weft_queue {
  WEFT_Q_ANY = -1,
#define QUEUE(name, code, doc) WEFT_Q_##name = (code),
#include "isa.def"
  WEFT_N_QUEUES = 5
} weft_queue;

typedef enum weft_opcode {
#define INSN(name, opcode, queue, ordered, doc) WEFT_I_##name = (opcode),
#include "isa.def"
} weft_opcode;

/* One value a field: WEFT_H_WAIT_ID, WEFT_F_EXC_N_TILES, WEFT_R_EX_IN_ROW. */
typedef enum weft_field {
#define HEADER(name, lsb, width, doc) WEFT_H_##name,
#include "isa.def"
#define FIELD(insn, name, lsb, width, kind, doc) WEFT_F_##insn##_##name,
#include "isa.def"
  WEFT_N_FIELDS
} weft_field;

typedef enum weft_engreg {   /* register index: WEFT_REG_EX_IN               */
#define ENGREG(queue, name, index, doc) WEFT_REG_##queue##_##name = (index),
#include "isa.def"
} weft_engreg;

typedef enum weft_engfield {
#define ENGFIELD(queue, reg, name, lsb, width, kind, doc) WEFT_R_##queue##_##reg##_##name,
#include "isa.def"
  WEFT_N_ENGFIELDS
} weft_engfield;

/* An instruction of that opcode and its queue; all else 0. */
weft_insn weft_insn_make(weft_opcode op);
/* Sets a field; value must fit its width (assert: the compiler checks first). */
void weft_insn_set(weft_insn *i, weft_field f, int64_t value);
int64_t weft_insn_get(const weft_insn *i, weft_field f);   /* sign-extends S  */
bool weft_field_fits(weft_field f, int64_t value);
/* The same for 32-bit engine registers. */
void weft_engreg_set(uint32_t *reg, weft_engfield f, int64_t value);
int64_t weft_engreg_get(uint32_t reg, weft_engfield f);
bool weft_engfield_fits(weft_engfield f, int64_t value);

/* NULL if legal, else why not: unknown opcode, wrong queue, reserved bits,
 * unordered instruction with semaphores, reserved modes. */
const char *weft_insn_illegal(const weft_insn *i);
const char *weft_insn_name(const weft_insn *i);   /* "EXC"; NULL if unknown    */
bool weft_insn_is_ordered(const weft_insn *i);
weft_queue weft_insn_queue(const weft_insn *i);

void weft_insn_store(const weft_insn *i, uint8_t bytes[WEFT_INSN_BYTES]);
weft_insn weft_insn_load(const uint8_t bytes[WEFT_INSN_BYTES]);

/* One line of text, no newline: "EXC wait=0:1 N_TILES=16 ...". Parsing it
 * gives the same word; errors: E_PROGRAM naming file, line and word. */
char *weft_insn_text(weft_arena *arena, const weft_insn *i);
weft_status weft_insn_parse(weft_diag *d, const char *path, const char *line, int line_number,
                            weft_insn *out);

#endif
