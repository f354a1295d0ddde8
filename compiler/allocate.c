/* SPDX-License-Identifier: Apache-2.0 */
/* DRAM offsets of inputs, outputs and spilled values. Scratchpad rows were
 * settled with the tiles, which depend on them. */
#include "compiler/plan.h"

static uint32_t take(uint32_t *used, size_t n_bytes) {
  uint32_t at = *used;
  *used += (uint32_t)((n_bytes + 63) & ~(size_t)63);
  return at;
}

static weft_status check_sizes(weft_plan *p) {
  uint64_t sum = 0;
  for (int i = 0; i < p->n_values; i++)
    sum += p->values[i].n_bytes + 64;
  if (sum < UINT64_C(1) << 30)
    return WEFT_OK;
  return weft_plan_fail(p, WEFT_E_CAP, NULL, weft_diag_text(p->diag, "%llu bytes of tensors", (unsigned long long)sum),
                        "less than a gigabyte");
}

weft_status weft_pass_allocate(weft_plan *p) {
  WEFT_TRY(check_sizes(p));
  const weft_graph *g = p->graph;
  for (int k = 0; k < g->n_inputs; k++) {
    weft_value *v = &p->values[p->value_of[g->inputs[k]]];
    v->in_dram = true;
    v->region = WEFT_REGION_INPUT;
    v->offset = take(&p->region_bytes[WEFT_REGION_INPUT], v->n_bytes);
  }
  for (int k = 0; k < g->n_outputs; k++) {
    uint32_t at = take(&p->region_bytes[WEFT_REGION_OUTPUT], g->tensors[g->outputs[k]].n_bytes);
    weft_value *v = &p->values[p->value_of[g->outputs[k]]];
    if (v->in_dram)                             /* copied by a segment of its own */
      continue;
    v->in_dram = true;
    v->region = WEFT_REGION_OUTPUT;
    v->offset = at;
  }
  for (int i = 0; i < p->n_values; i++) {
    weft_value *v = &p->values[i];
    bool fused = v->producer < 0 && !v->is_input;
    if (fused || v->in_dram || (v->resident && !v->needs_dram))
      continue;
    v->in_dram = true;
    v->region = WEFT_REGION_ARENA;
    v->offset = take(&p->region_bytes[WEFT_REGION_ARENA], v->n_bytes);
  }
  return WEFT_OK;
}
