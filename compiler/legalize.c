/* SPDX-License-Identifier: Apache-2.0 */
/* Operators to layers: exact multipliers, folded biases, clamps, views. */
#include "compiler/plan.h"

#include <string.h>

#include "compiler/lower.h"

int weft_lower_value(weft_plan *p, int tensor) { return p->value_of[tensor]; }

/* Height, width and channels of a tensor: NHWC, or the last axes. A column of
 * pixels is seen as a line: rasters, tiles and transfers like lines better. */
void weft_lower_view(const weft_tensor *t, int32_t *h, int32_t *w, int32_t *c) {
  *c = t->rank > 0 ? t->shape[t->rank - 1] : 1;
  *w = t->rank > 1 ? t->shape[t->rank - 2] : 1;
  *h = (int32_t)(t->n_elems / ((size_t)*c * (size_t)*w));
  if (*w == 1) {
    *w = *h;
    *h = 1;
  }
}

void weft_lower_turn(weft_layer *l) {
  int32_t *pairs[][2] = {{&l->ih, &l->iw}, {&l->oh, &l->ow}, {&l->kh, &l->kw},
                         {&l->sy, &l->sx}, {&l->dy, &l->dx}, {&l->pt, &l->pl}};
  for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
    int32_t y = *pairs[k][0];
    *pairs[k][0] = *pairs[k][1];
    *pairs[k][1] = y;
  }
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
  weft_plan_whole(p, l);
  int v = weft_plan_add_value(p, tensor, h, w, c);
  l->ofm.value = v;
  p->value_of[tensor] = v;
}

bool weft_lower_image(weft_plan *p, weft_layer *l, const weft_op *op) {
  const int32_t *in = p->graph->tensors[op->inputs[0]].shape, *out = p->graph->tensors[op->outputs[0]].shape;
  bool column = in[2] == 1 && out[2] == 1;
  weft_lower_input(p, l, op->inputs[0], column ? 1 : in[1], column ? in[1] : in[2], in[3]);
  weft_lower_output(p, l, op->outputs[0], column ? 1 : out[1], column ? out[1] : out[2], out[3]);
  if (column)
    weft_lower_turn(l);
  return column;
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

weft_status weft_lower_check_sum(weft_plan *p, const weft_layer *l, int64_t magnitude) {
  int bits = 1;
  while (128 * magnitude >> (bits - 1))
    bits++;
  if (bits <= p->config->acc_bits)
    return WEFT_OK;
  return weft_fail(p->diag, WEFT_E_NO_FIT, weft_diag_text(p->diag, "%s '%s'", l->op, l->name),
                   weft_diag_text(p->diag, "sums up to %lld, %d bits", (long long)(128 * magnitude), bits),
                   weft_diag_text(p->diag, "%d bits (array.acc_bits)", (int)p->config->acc_bits),
                   bits <= 32 ? weft_diag_text(p->diag, "--set array.acc_bits=%d", bits) : "smaller weights, or fewer");
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
  case WEFT_OP_CONCATENATION: return weft_lower_concat(p, i);
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
