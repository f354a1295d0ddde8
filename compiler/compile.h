/* SPDX-License-Identifier: Apache-2.0 */
/* Graph to program. Depends on base, config, isa, graph; never on kernels/,
 * sim/ or rtl/. */
#ifndef WEFT_COMPILER_COMPILE_H
#define WEFT_COMPILER_COMPILE_H

#include "graph/graph.h"
#include "isa/program.h"

typedef struct weft_compile_options {
  const char *dump_pass;        /* -d PASS: text of the state after that pass  */
  void (*dump)(void *user, const char *text);
  void *dump_user;
} weft_compile_options;

/* Errors: E_UNSUPPORTED*, E_NO_FIT with the layer named, E_INTERNAL. The
 * returned program passed weft_program_verify. */
weft_status weft_compile(weft_arena *arena, weft_diag *d, const weft_graph *g,
                         const weft_config *c, const weft_compile_options *o,
                         weft_program **out);
/* Pass names in order; NULL ends the list. */
const char *const *weft_compile_passes(void);

/* The static checker: token balance, no cyclic wait, addresses in range, every
 * hazard between queues ordered, no read of unwritten scratchpad, ring and
 * parameter streams match, instructions legal. E_PROGRAM with the instruction. */
weft_status weft_program_verify(weft_diag *d, const weft_program *p,
                                const weft_config *c);

#endif
