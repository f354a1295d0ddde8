/* SPDX-License-Identifier: Apache-2.0 */
/* From instructions to a program file's tables. Inside of compiler/. */
#ifndef WEFT_COMPILER_EMIT_H
#define WEFT_COMPILER_EMIT_H

#include "compiler/builder.h"

typedef struct weft_emitted {
  weft_builder b;
  weft_synced out;
  int *last_slot;               /* [n_layers]                                  */
  uint32_t *last_insn;          /* [n_layers]: the output is whole after it    */
  weft_prog_segment *segments;
  size_t cap_segments;
  uint32_t n_segments;
} weft_emitted;

void weft_emit_segment_record(weft_emitted *e, const weft_prog_segment *s);
/* Ends, tensor map, layers, constants: fills plan->program. */
weft_status weft_emit_program(weft_emitted *e);

#endif
