/* SPDX-License-Identifier: Apache-2.0 */
/* CONCATENATION of channels: numerics.md 4.16. All quantizations are equal, so each input is
 * copied: a layer of its own that stores its channels into the output's pixels. */
#include "compiler/lower.h"

/* Input j as channels [first, first + its own) of value `into`. */
static void copy(weft_plan *p, int i, int j, int into, int32_t first) {
  const weft_op *op = &p->graph->ops[i];
  int32_t h, w, c;
  weft_lower_view(&p->graph->tensors[op->inputs[j]], &h, &w, &c);
  weft_layer *l = weft_plan_add_copy(p, i, h, w, c);
  weft_lower_input(p, l, op->inputs[j], h, w, c);
  l->ofm.value = into;
  l->is_slice = true;
  l->first_c = first;
}

weft_status weft_lower_concat(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  const int output = op->outputs[0];
  int32_t h, w, c, first = 0;
  if (op->n_inputs == 1) {
    p->value_of[output] = p->value_of[op->inputs[0]];
    return WEFT_OK;
  }
  weft_lower_view(&p->graph->tensors[output], &h, &w, &c);
  const int into = weft_plan_add_value(p, output, h, w, c);
  p->values[into].is_sliced = true;
  for (int j = 0; j < op->n_inputs; j++) {
    copy(p, i, j, into, first);
    first += p->layers[p->n_layers - 1].co;
  }
  p->value_of[output] = into;
  return WEFT_OK;
}
