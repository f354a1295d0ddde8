/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a program as tables of fields: one description for the binary
 * form and the text form. Private to src/isa. */
#ifndef WEFT_ISA_PROGRAM_REC_H
#define WEFT_ISA_PROGRAM_REC_H

#include "isa/program.h"

enum {
  WEFT_PROGRAM_FORMAT = 1,
  WEFT_PROGRAM_HEADER_BYTES = 24,   /* magic, format, size, CRC, ISA version  */
  WEFT_PROGRAM_CRC_AT = 20,         /* CRC covers everything from here        */
  WEFT_PROGRAM_MAX_STRING = 65536
};
#define WEFT_PROGRAM_MAGIC "WEFTPRG1"

typedef enum weft_rec_kind {
  WEFT_REC_STRING, WEFT_REC_U32, WEFT_REC_I32, WEFT_REC_U64, WEFT_REC_F32,
  WEFT_REC_SHAPE,               /* int32_t[8]                                 */
  WEFT_REC_REGIONS              /* uint32_t[4]                                */
} weft_rec_kind;

typedef struct weft_rec_field { const char *name; size_t at; weft_rec_kind kind; } weft_rec_field;

typedef struct weft_rec {
  const char *name;             /* keyword of the text form                   */
  uint32_t tag;                 /* section of the binary form                 */
  size_t bytes;                 /* of the C struct                            */
  size_t n_fields;
  const weft_rec_field *fields;
} weft_rec;

typedef enum weft_rec_id {
  WEFT_REC_PROGRAM, WEFT_REC_INPUT, WEFT_REC_OUTPUT, WEFT_REC_TENSOR, WEFT_REC_FUSED,
  WEFT_REC_LAYER, WEFT_REC_SEGMENT, WEFT_N_RECS
} weft_rec_id;
#define WEFT_TAG_INSNS 0x4e534e49u      /* "INSN" */
#define WEFT_TAG_CONSTANTS 0x534e4f43u  /* "CONS" */

extern const weft_rec weft_recs[WEFT_N_RECS];

/* The list of a record type: items and their count. Not for PROGRAM. */
const void *weft_rec_list(const weft_program *p, weft_rec_id id, uint32_t *n);
void weft_rec_set_list(weft_program *p, weft_rec_id id, const void *items, uint32_t n);

/* Everything that load and assemble check once the records are there:
 * configuration and hash, ranges of every offset, legality of instructions. */
weft_status weft_program_check(weft_arena *arena, weft_diag *d, const char *path,
                               const weft_program *p);

#endif
