/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "kernels/k_ops.h"

typedef struct ref_step {
  weft_k_site site;
  const weft_kernel *kernel;
  void *params;
} ref_step;

struct weft_ref {
  const weft_graph *graph;
  uint8_t **memory;   /* [n_tensors], a block of its own for each that is made */
  ref_step *steps;
  int n_steps;
};

static void allocate(weft_ref *r, weft_arena *arena, int tensor) {
  const weft_tensor *t = &r->graph->tensors[tensor];
  if (!t->data.data && !r->memory[tensor])
    r->memory[tensor] = weft_arena_alloc(arena, t->n_bytes, 1);
}

static weft_status open_step(weft_ref *r, weft_arena *arena, weft_diag *d,
                             const weft_op *op) {
  ref_step *step = &r->steps[r->n_steps++];
  step->site = (weft_k_site){arena, r->graph, op, r->memory};
  step->kernel = weft_kernel_find(op->kind);
  if (step->kernel)
    step->params = step->kernel->open(&step->site);
  if (!step->params)
    return weft_fail(d, WEFT_E_INTERNAL, op->name,
                     "a form that the graph check let through",
                     "the forms that `weft ops` lists", "report this network");
  for (int j = 0; j < op->n_outputs; j++)
    allocate(r, arena, op->outputs[j]);
  return WEFT_OK;
}

weft_status weft_ref_open(weft_arena *arena, weft_diag *d, const weft_graph *g,
                          weft_ref **out) {
  WEFT_TRY(weft_graph_check(g, d, NULL));
  weft_ref *r = WEFT_NEW(arena, weft_ref, 1);
  r->graph = g;
  r->memory = WEFT_NEW(arena, uint8_t *, g->n_tensors);
  r->steps = WEFT_NEW(arena, ref_step, g->n_ops);
  for (int i = 0; i < g->n_inputs; i++)
    allocate(r, arena, g->inputs[i]);
  for (int i = 0; i < g->n_ops; i++)
    if (!g->ops[i].folded)
      WEFT_TRY(open_step(r, arena, d, &g->ops[i]));
  *out = r;
  return WEFT_OK;
}

static weft_status run_step(const weft_ref *r, const ref_step *step,
                            weft_tensor_sink sink, void *user) {
  const weft_op *op = step->site.op;
  if (weft_interrupted())
    return WEFT_E_INTERRUPTED;
  WEFT_TRY(step->kernel->run(&step->site, step->params));
  for (int j = 0; sink && j < op->n_outputs; j++) {
    const int t = op->outputs[j];
    WEFT_TRY(sink(user, t, r->memory[t], r->graph->tensors[t].n_bytes));
  }
  return WEFT_OK;
}

weft_status weft_ref_run(weft_ref *r, const uint8_t *const *inputs,
                         uint8_t *const *outputs, weft_tensor_sink sink,
                         void *user) {
  const weft_graph *g = r->graph;
  for (int i = 0; i < g->n_inputs; i++)
    memcpy(r->memory[g->inputs[i]], inputs[i], g->tensors[g->inputs[i]].n_bytes);
  for (int i = 0; i < r->n_steps; i++)
    WEFT_TRY(run_step(r, &r->steps[i], sink, user));
  for (int i = 0; i < g->n_outputs; i++)
    memcpy(outputs[i], r->memory[g->outputs[i]], g->tensors[g->outputs[i]].n_bytes);
  return WEFT_OK;
}
