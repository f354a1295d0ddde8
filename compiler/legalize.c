/* SPDX-License-Identifier: Apache-2.0 */
/* Operators to layers: exact multipliers, folded biases, clamps, views. */
#include "compiler/plan.h"

#include <string.h>

#include "compiler/lower.h"

int weft_lower_value(weft_plan *p, int tensor) { return p->value_of[tensor]; }

/* Height, width and channels of a tensor: NHWC, or the last axes. */
void weft_lower_view(const weft_tensor *t, int32_t *h, int32_t *w, int32_t *c) {
  *c = t->rank > 0 ? t->shape[t->rank - 1] : 1;
  *w = t->rank > 1 ? t->shape[t->rank - 2] : 1;
  *h = (int32_t)(t->n_elems / ((size_t)*c * (size_t)*w));
}

void weft_lower_input(weft_plan *p, weft_layer *l, int tensor, int32_t h, int32_t w, int32_t c) {
  l->ifm.value = weft_lower_value(p, tensor);
  l->ih = h;
  l->iw = w;
  l->ci = c;
  weft_value *v = &p->values[l->ifm.value];
  bool same = v->h == h && v->w == w && v->c == c;
  if (v->is_input && !v->n_uses++) {
    v->h = h;
    v->w = w;
    v->c = c;
  } else if (!same) {
    v->views_differ = true;
  }
}

void weft_lower_output(weft_plan *p, weft_layer *l, int tensor, int32_t h, int32_t w, int32_t c) {
  l->oh = h;
  l->ow = w;
  l->co = c;
  l->n_rects = 1;
  l->rects = WEFT_NEW(p->arena, weft_rect, 1);
  l->rects[0] = (weft_rect){.y1 = h, .x1 = w};
  int v = weft_plan_add_value(p, tensor, h, w, c);
  l->ofm.value = v;
  p->value_of[tensor] = v;
}

/* An unused stride is a fast one. */
static void drop_strides(weft_layer *l) {
  if (l->oh == 1)
    l->sy = 1;
  if (l->ow == 1)
    l->sx = 1;
  if (l->kh == 1)
    l->dy = 1;
  if (l->kw == 1)
    l->dx = 1;
}

void weft_lower_window(weft_layer *l, const weft_op *op) {
  l->kh = op->filter_h;
  l->kw = op->filter_w;
  l->sy = op->stride_h;
  l->sx = op->stride_w;
  l->dy = op->dilation_h > 0 ? op->dilation_h : 1;
  l->dx = op->dilation_w > 0 ? op->dilation_w : 1;
  l->pt = weft_pad_before(op->padding, l->ih, l->oh, l->kh, l->sy, l->dy);
  l->pl = weft_pad_before(op->padding, l->iw, l->ow, l->kw, l->sx, l->dx);
  drop_strides(l);
}

static weft_status lower_reshape(weft_plan *p, const weft_op *op) {
  p->value_of[op->outputs[0]] = p->value_of[op->inputs[0]];
  return WEFT_OK;
}

static weft_status lower_op(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  switch ((int)op->kind) {
  case WEFT_OP_CONV_2D: return weft_lower_conv(p, i);
  case WEFT_OP_DEPTHWISE_CONV_2D: return weft_lower_depthwise(p, i);
  case WEFT_OP_FULLY_CONNECTED: return weft_lower_fc(p, i);
  case WEFT_OP_ADD: return weft_lower_add(p, i);
  case WEFT_OP_AVERAGE_POOL_2D:
  case WEFT_OP_MAX_POOL_2D: return weft_lower_pool(p, i);
  case WEFT_OP_MEAN: return weft_lower_mean(p, i);
  case WEFT_OP_PAD: return weft_lower_pad(p, i);
  case WEFT_OP_RELU:
  case WEFT_OP_RELU6: return weft_lower_relu(p, i);
  case WEFT_OP_RESHAPE: return lower_reshape(p, op);
  case WEFT_OP_SOFTMAX:
  case WEFT_OP_LOGISTIC:
  case WEFT_OP_QUANTIZE:
  case WEFT_OP_DEQUANTIZE: return weft_lower_host(p, i);
  default:
    return weft_fail(p->diag, WEFT_E_UNSUPPORTED_OP, op->name, "no lowering for it",
                     "an operator that `weft ops` lists", NULL);
  }
}

static void mark_ends(weft_plan *p) {
  for (int k = 0; k < p->graph->n_outputs; k++) {
    int v = p->value_of[p->graph->outputs[k]];
    p->values[v].is_output = p->values[v].needs_dram = true;
  }
  for (int i = 0; i < p->n_layers; i++) {
    const weft_layer *l = &p->layers[i];
    if (l->kind == WEFT_LAYER_HOST)
      p->values[l->ifm.value].needs_dram = p->values[l->ofm.value].needs_dram = true;
  }
}

weft_status weft_pass_legalize(weft_plan *p) {
  const weft_graph *g = p->graph;
  p->value_of = WEFT_NEW(p->arena, int, g->n_tensors + 1);
  for (int t = 0; t < g->n_tensors; t++)
    p->value_of[t] = -1;
  for (int k = 0; k < g->n_inputs; k++) {
    int32_t h, w, c, t = g->inputs[k];
    weft_lower_view(&g->tensors[t], &h, &w, &c);
    int v = weft_plan_add_value(p, t, h, w, c);
    p->values[v].is_input = p->values[v].needs_dram = true;
    p->value_of[t] = v;
  }
  for (int i = 0; i < g->n_ops; i++)
    if (!g->ops[i].folded)
      WEFT_TRY(lower_op(p, i));
  mark_ends(p);
  weft_plan_index(p);
  return WEFT_OK;
}
