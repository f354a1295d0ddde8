/* SPDX-License-Identifier: Apache-2.0 */
/* The TFLite reader under libFuzzer: whatever the bytes, the reader answers; a
 * graph it returns keeps the promises of graph.h; a graph that the check passes
 * runs in the operator kernels, if it is small. A broken promise aborts. */
#include <math.h>
#include <stdlib.h>

#include "graph/graph.h"
#include "kernels/kernels.h"

/* At most so much is run: bytes of all tensors, multiply-accumulates. */
#define RUN_BYTES (1u << 20)
#define RUN_MACS (1u << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise) {
  if (!promise)
    abort();
}

static void require_issues(const weft_diag *d, weft_status status) {
  require((status == WEFT_OK) == (weft_diag_count(d) == 0));
  for (size_t k = 0; k < weft_diag_count(d); k++) {
    const weft_issue *issue = weft_diag_at(d, k);
    require(issue->where && issue->found && issue->allowed && issue->remedy);
    require(issue->code == WEFT_E_MODEL || issue->code == WEFT_E_CAP ||
            issue->code == WEFT_E_UNSUPPORTED ||
            issue->code == WEFT_E_UNSUPPORTED_OP);
  }
}

static unsigned sum_bytes(weft_span s) {
  unsigned sum = 0;
  for (size_t k = 0; k < s.size; k++)
    sum += s.data[k];
  return sum;
}

static void require_tensor(const weft_graph *g, const weft_tensor *t) {
  size_t n = 1;
  require(t->name && t->producer >= -1 && t->producer < g->n_ops);
  if (t->unsupported)
    return;
  for (int k = 0; k < t->rank; k++) {
    require(t->shape[k] >= 1);
    n *= (size_t)t->shape[k];
  }
  require(n == t->n_elems);
  require(t->n_bytes == (n * weft_type_bits(t->type) + 7) / 8);
  if (t->data.data && weft_type_bits(t->type) > 0)
    require(t->data.size == t->n_bytes && sum_bytes(t->data) < 0xffffffffu);
  for (int k = 0; k < t->n_scales; k++)
    require(isnormal(t->scale[k]) && t->scale[k] > 0);
}

static void require_graph(const weft_graph *g) {
  for (int t = 0; t < g->n_tensors; t++)
    require_tensor(g, &g->tensors[t]);
  for (int i = 0; i < g->n_ops; i++) {
    const weft_op *op = &g->ops[i];
    require(op->name != NULL);
    for (int j = 0; j < op->n_inputs; j++)
      require(op->inputs[j] >= -1 && op->inputs[j] < g->n_tensors);
    for (int j = 0; j < op->n_outputs; j++)
      require(op->outputs[j] >= 0 && op->outputs[j] < g->n_tensors);
  }
}

static void run(weft_arena *arena, const weft_graph *g) {
  size_t total = 0;
  for (int t = 0; t < g->n_tensors; t++)
    total += g->tensors[t].n_bytes;
  if (total > RUN_BYTES || g->macs > RUN_MACS)
    return;
  weft_diag *d = weft_diag_new(arena);
  weft_ref *ref = NULL;
  const uint8_t **in = WEFT_NEW(arena, const uint8_t *, g->n_inputs + 1);
  uint8_t **out = WEFT_NEW(arena, uint8_t *, g->n_outputs + 1);
  for (int k = 0; k < g->n_inputs; k++)
    in[k] = weft_arena_alloc(arena, g->tensors[g->inputs[k]].n_bytes + 1, 1);
  for (int k = 0; k < g->n_outputs; k++)
    out[k] = weft_arena_alloc(arena, g->tensors[g->outputs[k]].n_bytes + 1, 1);
  require(weft_ref_open(arena, d, g, &ref) == WEFT_OK);
  require(weft_ref_run(ref, in, out, NULL, NULL) == WEFT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_graph *g = NULL;
  weft_status status =
    weft_graph_read(arena, d, "fuzz.tflite", (weft_span){data, size}, &g);
  if (status == WEFT_OK) {
    weft_where *where = WEFT_NEW(arena, weft_where, g->n_ops + 1);
    require_graph(g);
    status = weft_graph_check(g, d, where);
    if (status == WEFT_OK)
      run(arena, g);
  }
  require_issues(d, status);
  weft_arena_free(&arena);
  return 0;
}
