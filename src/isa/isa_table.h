/* SPDX-License-Identifier: Apache-2.0 */
/* configs/isa.def as C tables, for the text form and for tests. */
#ifndef WEFT_ISA_ISA_TABLE_H
#define WEFT_ISA_ISA_TABLE_H

#include "isa/isa.h"

typedef struct weft_isa_insn {
  const char *name;
  int opcode;
  int queue;                    /* weft_queue; WEFT_Q_ANY for NOP             */
  bool ordered;
} weft_isa_insn;

typedef struct weft_isa_field {
  const char *name;
  int opcode;                   /* 0: header, present in every instruction    */
  int lsb, width;               /* bits                                       */
  char kind;                    /* 'U', 'S', 'B', 'R', 'Q'                    */
} weft_isa_field;

typedef struct weft_isa_engreg { const char *name; int queue, index; } weft_isa_engreg;
typedef struct weft_isa_engfield {
  const char *name;
  int queue, reg, lsb, width;
  char kind;
} weft_isa_engfield;

extern const weft_isa_insn weft_isa_insns[];
extern const size_t weft_isa_n_insns;
extern const weft_isa_field weft_isa_fields[WEFT_N_FIELDS];      /* by weft_field */
extern const weft_isa_engreg weft_isa_engregs[];
extern const size_t weft_isa_n_engregs;
extern const weft_isa_engfield weft_isa_engfields[WEFT_N_ENGFIELDS];
extern const char *const weft_isa_queue_names[WEFT_N_QUEUES];
extern const uint32_t weft_isa_version;

const weft_isa_insn *weft_isa_find(int opcode);                  /* or NULL   */
const weft_isa_engreg *weft_isa_engreg_find(int queue, int64_t index); /* or NULL */

#endif
