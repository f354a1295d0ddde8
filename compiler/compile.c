/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline: every pass in order, its dump, its check. */
#include "compiler/compile.h"

#include <string.h>

#include "compiler/plan.h"

static const char *const pass_names[WEFT_N_PASSES + 1] = {"legalize", "fuse",     "layout", "tile",
                                                          "allocate", "emit", NULL};

const char *const *weft_compile_passes(void) { return pass_names; }

static weft_status run_pass(weft_plan *p, const weft_compile_options *o, int pass,
                            weft_status (*run)(weft_plan *)) {
  WEFT_TRY(run(p));
  if (o && o->dump && o->dump_pass && strcmp(o->dump_pass, pass_names[pass]) == 0)
    o->dump(o->dump_user, weft_plan_text(p));
  if (weft_interrupted())
    return weft_fail(p->diag, WEFT_E_INTERRUPTED, p->graph->path, "interrupted", "", NULL);
  return weft_plan_check(p, pass);
}

weft_status weft_compile(weft_arena *arena, weft_diag *d, const weft_graph *g, const weft_config *c,
                         const weft_compile_options *o, weft_program **out) {
  weft_plan *p = WEFT_NEW(arena, weft_plan, 1);
  p->arena = arena;
  p->diag = d ? d : weft_diag_new(arena);
  p->graph = g;
  p->config = c;
  WEFT_TRY(weft_graph_check(g, p->diag, NULL));
  WEFT_TRY(run_pass(p, o, WEFT_PASS_LEGALIZE, weft_pass_legalize));
  WEFT_TRY(run_pass(p, o, WEFT_PASS_FUSE, weft_pass_fuse));
  WEFT_TRY(run_pass(p, o, WEFT_PASS_LAYOUT, weft_pass_layout));
  WEFT_TRY(run_pass(p, o, WEFT_PASS_TILE, weft_pass_tile));
  WEFT_TRY(run_pass(p, o, WEFT_PASS_ALLOCATE, weft_pass_allocate));
  WEFT_TRY(run_pass(p, o, WEFT_PASS_EMIT, weft_pass_emit));
  WEFT_TRY(weft_program_verify(p->diag, p->program, c));
  *out = p->program;
  return WEFT_OK;
}
