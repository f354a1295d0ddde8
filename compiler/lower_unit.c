/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of unit weights (ADD, pools, MEAN, PAD, RELU) and host operators:
 * numerics.md 4.5, 4.6, 4.8, 4.13 to 4.15. */
#include <math.h>

#include "compiler/lower.h"

enum { MAX_RECTS = 4096 };

static const weft_tensor *tensor_at(const weft_plan *p, int t) { return &p->graph->tensors[t]; }

static weft_layer *lower_elementwise(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  int32_t h, w, c;
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_SUM, i);
  weft_lower_view(tensor_at(p, op->outputs[0]), &h, &w, &c);
  weft_lower_input(p, l, op->inputs[0], h, w, c);
  weft_lower_output(p, l, op->outputs[0], h, w, c);
  return l;
}

static int multiplier_below_one(double d, int32_t *m) {
  int shift;
  weft_quantize_multiplier(d, m, &shift);
  return -shift;
}

static void set_multipliers(weft_residual *r, double s1, double s2, double s_out) {
  double twice = 2 * fmax(s1, s2);
  r->ls = 20;
  r->rs1 = multiplier_below_one(s1 / twice, &r->m1);
  r->rs2 = multiplier_below_one(s2 / twice, &r->m2);
  r->rs3 = multiplier_below_one(twice / ((double)(1 << 20) * s_out), &r->m3);
}

static void set_residual(weft_plan *p, weft_residual *r, const weft_op *op) {
  const weft_tensor *a = tensor_at(p, op->inputs[0]), *b = tensor_at(p, op->inputs[1]);
  const weft_tensor *y = tensor_at(p, op->outputs[0]);
  set_multipliers(r, (double)a->scale[0], (double)b->scale[0], (double)y->scale[0]);
  r->z1 = a->zero_point[0];
  r->z2 = b->zero_point[0];
  r->zo = y->zero_point[0];
  weft_activation_range(op->act, y->scale[0], r->zo, &r->lo, &r->hi);
}

static weft_status empty_range(weft_plan *p, const weft_layer *l) {
  return weft_plan_fail(p, WEFT_E_UNSUPPORTED, l, "an empty activation range",
                        "a lower clamp that is not above the upper one");
}

weft_status weft_lower_add(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  weft_layer *l = lower_elementwise(p, i);
  weft_plan_scalar(p, l, weft_requant_identity());
  l->has_add = true;
  set_residual(p, &l->add, op);
  l->res.value = weft_lower_value(p, op->inputs[1]);
  weft_value *v = &p->values[l->res.value];
  if (v->h != l->oh || v->w != l->ow || v->c != l->co)
    v->views_differ = true;
  return l->add.lo > l->add.hi ? empty_range(p, l) : WEFT_OK;
}

weft_status weft_lower_relu(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  const weft_tensor *in = tensor_at(p, op->inputs[0]), *out = tensor_at(p, op->outputs[0]);
  weft_layer *l = lower_elementwise(p, i);
  if (op->kind == WEFT_OP_RELU6) {
    weft_plan_scalar(p, l, weft_requant_identity());
    weft_activation_range(WEFT_ACT_RELU6, in->scale[0], in->zero_point[0], &l->lo, &l->hi);
    return WEFT_OK;
  }
  weft_plan_scalar(p, l, weft_requant_make((double)in->scale[0] / (double)out->scale[0], -in->zero_point[0]));
  l->zo = out->zero_point[0];
  weft_activation_range(WEFT_ACT_RELU, out->scale[0], l->zo, &l->lo, &l->hi);
  return WEFT_OK;
}

static int32_t taps_inside(int32_t size, int32_t k, int32_t stride, int32_t pad, int32_t o) {
  int32_t at = o * stride - pad;
  return weft_min32(at + k, size) - weft_max32(at, 0);
}

/* Runs of outputs whose windows have equally many taps inside: ends[], n. */
static int equal_runs(weft_plan *p, int32_t size, int32_t k, int32_t stride, int32_t pad,
                      int32_t n_out, int32_t **ends) {
  int n = 0;
  *ends = WEFT_NEW(p->arena, int32_t, n_out);
  for (int32_t o = 1; o <= n_out; o++)
    if (o == n_out || taps_inside(size, k, stride, pad, o) != taps_inside(size, k, stride, pad, o - 1))
      (*ends)[n++] = o;
  return n;
}

static weft_status average_rects(weft_plan *p, weft_layer *l) {
  int32_t *ys, *xs;
  int ny = equal_runs(p, l->ih, l->kh, l->sy, l->pt, l->oh, &ys);
  int nx = equal_runs(p, l->iw, l->kw, l->sx, l->pl, l->ow, &xs);
  if ((int64_t)ny * nx > MAX_RECTS)
    return weft_plan_fail(p, WEFT_E_UNSUPPORTED, l, weft_diag_text(p->diag, "%d x %d different windows", ny, nx),
                          "not supported yet: averages whose edges make more than 4096 rectangles");
  l->n_rects = 0;
  l->rects = WEFT_NEW(p->arena, weft_rect, (size_t)ny * (size_t)nx);
  for (int a = 0; a < ny; a++)
    for (int b = 0; b < nx; b++) {
      weft_rect r = {.y0 = a ? ys[a - 1] : 0, .y1 = ys[a], .x0 = b ? xs[b - 1] : 0, .x1 = xs[b]};
      int32_t n = taps_inside(l->ih, l->kh, l->sy, l->pt, r.y0) *
                  taps_inside(l->iw, l->kw, l->sx, l->pl, r.x0);
      if (!weft_requant_average(n, &r.requant))
        return weft_plan_fail(p, WEFT_E_UNSUPPORTED, l, weft_diag_text(p->diag, "an average of %d", (int)n),
                              "an average that a multiplier of 31 bits proves");
      l->rects[l->n_rects++] = r;
    }
  return weft_lower_check_sum(p, l, (int64_t)l->kh * l->kw);
}

weft_status weft_lower_pool(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  const weft_tensor *out = tensor_at(p, op->outputs[0]);
  bool max = op->kind == WEFT_OP_MAX_POOL_2D;
  weft_layer *l = weft_plan_add_layer(p, max ? WEFT_LAYER_MAX : WEFT_LAYER_SUM, i);
  bool column = weft_lower_image(p, l, op);
  weft_lower_window(l, op);
  l->dy = l->dx = 1;
  if (column)
    weft_lower_turn(l);
  weft_plan_scalar(p, l, weft_requant_identity());
  weft_activation_range(op->act, out->scale[0], out->zero_point[0], &l->lo, &l->hi);
  if (l->lo > l->hi)
    return empty_range(p, l);
  l->pad = max ? -128 : 0;
  return max ? WEFT_OK : average_rects(p, l);
}

weft_status weft_lower_mean(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  const weft_tensor *in = tensor_at(p, op->inputs[0]), *out = tensor_at(p, op->outputs[0]);
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_SUM, i);
  bool column = in->shape[2] == 1;
  weft_lower_input(p, l, op->inputs[0], column ? 1 : in->shape[1], in->shape[column ? 1 : 2], in->shape[3]);
  weft_lower_output(p, l, op->outputs[0], 1, 1, in->shape[3]);
  l->kh = l->ih;
  l->kw = l->iw;
  int32_t n = l->kh * l->kw;
  WEFT_TRY(weft_lower_check_sum(p, l, n));
  double m = (double)in->scale[0] / (double)out->scale[0];
  weft_plan_scalar(p, l, weft_requant_mean(m, n, -in->zero_point[0] * n));
  l->zo = out->zero_point[0];
  return WEFT_OK;
}

static void pad_layer(weft_plan *p, weft_layer *l, int pad, int32_t top, int32_t left) {
  l->pt = top;
  l->pl = left;
  l->pad = pad;
  weft_plan_scalar(p, l, weft_requant_identity());
}

/* Height and width in one layer, channels in another that sees each channel as
 * a pixel. */
weft_status weft_lower_pad(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  const weft_tensor *in = tensor_at(p, op->inputs[0]), *out = tensor_at(p, op->outputs[0]);
  const uint8_t *pads = tensor_at(p, op->inputs[1])->data.data;
  int32_t before[4];
  for (int k = 0; k < 4; k++)
    before[k] = (int32_t)weft_le32(pads + 8 * k);
  bool channels = in->shape[3] != out->shape[3];
  bool image = in->shape[1] != out->shape[1] || in->shape[2] != out->shape[2] || !channels;
  int from = op->inputs[0], kept = p->value_of[from];
  if (image) {
    weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_SUM, i);
    bool column = in->shape[2] == 1 && out->shape[2] == 1;
    int y = column ? 2 : 1, x = column ? 1 : 2;
    weft_lower_input(p, l, from, in->shape[y], in->shape[x], in->shape[3]);
    weft_lower_output(p, l, channels ? from : op->outputs[0], out->shape[y], out->shape[x], in->shape[3]);
    pad_layer(p, l, out->zero_point[0], before[y], before[x]);
    l->is_pad = !channels;
    p->values[l->ofm.value].n_bytes =
        (size_t)out->shape[1] * (size_t)out->shape[2] * (size_t)in->shape[3];
  }
  if (channels) {
    weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_SUM, i);
    int32_t pixels = out->shape[1] * out->shape[2];
    weft_lower_input(p, l, from, pixels, in->shape[3], 1);
    weft_lower_output(p, l, op->outputs[0], pixels, out->shape[3], 1);
    pad_layer(p, l, out->zero_point[0], 0, before[3]);
    p->value_of[from] = kept;
  }
  return WEFT_OK;
}

static weft_segment_kind host_segment_kind(weft_op_kind kind) {
  switch ((int)kind) {
  case WEFT_OP_SOFTMAX: return WEFT_SEG_SOFTMAX;
  case WEFT_OP_LOGISTIC: return WEFT_SEG_LOGISTIC;
  case WEFT_OP_QUANTIZE: return WEFT_SEG_QUANTIZE;
  default: return WEFT_SEG_DEQUANTIZE;
  }
}

weft_status weft_lower_host(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  const weft_tensor *in = tensor_at(p, op->inputs[0]), *out = tensor_at(p, op->outputs[0]);
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_HOST, i);
  l->ifm.value = weft_lower_value(p, op->inputs[0]);
  weft_lower_output(p, l, op->outputs[0], 1, 1, 1);
  weft_value *v = &p->values[l->ofm.value];
  weft_lower_view(out, &v->h, &v->w, &v->c);
  weft_prog_segment *s = &l->host;
  s->kind = host_segment_kind(op->kind);
  s->n_cols = op->kind == WEFT_OP_SOFTMAX ? (uint32_t)v->c : (uint32_t)in->n_elems;
  s->n_rows = op->kind == WEFT_OP_SOFTMAX ? (uint32_t)(in->n_elems / (size_t)v->c) : 1;
  s->src_type = (int32_t)in->type;
  s->dst_type = (int32_t)out->type;
  s->src_scale = in->n_scales ? in->scale[0] : 0;
  s->dst_scale = out->n_scales ? out->scale[0] : 0;
  s->src_zero_point = in->n_scales ? in->zero_point[0] : 0;
  s->dst_zero_point = out->n_scales ? out->zero_point[0] : 0;
  s->beta = op->beta;
  return WEFT_OK;
}
