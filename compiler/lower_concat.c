/* SPDX-License-Identifier: Apache-2.0 */
/* CONCATENATION of channels: numerics.md 4.16. Each input is spread over the output's
 * channels by a matrix of ones and zeros, the others at the zero point; then the spread ones
 * are added. Both are exact: quantizations are equal, and of the two operands of each sum one
 * is the zero point. */
#include "compiler/lower.h"

/* A value of the output's shape that is no tensor of the network. */
static int add_partial(weft_plan *p, int tensor, int32_t h, int32_t w, int32_t c) {
  int v = weft_plan_add_value(p, tensor, h, w, c);
  p->values[v].tensor = -1;
  return v;
}

/* Input j at channels [first, first + its own) of the output. */
static int spread(weft_plan *p, int i, int j, int32_t first) {
  const weft_op *op = &p->graph->ops[i];
  const weft_tensor *out = &p->graph->tensors[op->outputs[0]];
  int32_t h, w, c;
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_DENSE, i);
  weft_lower_view(&p->graph->tensors[op->inputs[j]], &h, &w, &c);
  weft_lower_input(p, l, op->inputs[j], h, w, c);
  l->oh = h;
  l->ow = w;
  l->co = out->shape[out->rank - 1];
  weft_lower_whole(p, l);
  int8_t *ones = WEFT_NEW(p->arena, int8_t, (size_t)l->co * (size_t)c);
  l->requant = WEFT_NEW(p->arena, weft_requant, l->co);
  for (int32_t o = 0; o < l->co; o++) {
    bool mine = o >= first && o < first + c;
    l->requant[o] = weft_requant_identity();
    l->requant[o].bias = mine ? -out->zero_point[0] : 0;
    if (mine)
      ones[(size_t)o * (size_t)c + (size_t)(o - first)] = 1;
  }
  l->weights = ones;
  l->pad = l->zo = out->zero_point[0];
  int v = add_partial(p, op->outputs[0], h, w, l->co);
  return p->layers[p->n_layers - 1].ofm.value = v;
}

static int join(weft_plan *p, int i, int a, int b) {
  weft_layer *l = weft_lower_join(p, i, a, b);
  int at = p->n_layers - 1, v = add_partial(p, p->graph->ops[i].outputs[0], l->oh, l->ow, l->co);
  return p->layers[at].ofm.value = v;
}

weft_status weft_lower_concat(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  int32_t at = 0;
  int sum = -1;
  for (int j = 0; j < op->n_inputs; j++) {
    const weft_tensor *in = &p->graph->tensors[op->inputs[j]];
    int one = op->n_inputs == 1 ? p->value_of[op->inputs[0]] : spread(p, i, j, at);
    sum = sum < 0 ? one : join(p, i, one, sum);
    at += in->shape[in->rank - 1];
  }
  p->value_of[op->outputs[0]] = sum;
  if (op->n_inputs > 1)
    p->values[sum].tensor = op->outputs[0];
  return WEFT_OK;
}
