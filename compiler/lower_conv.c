/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED: numerics.md 3, 4.1 to 4.3. */
#include <string.h>

#include "compiler/lower.h"

static const int8_t *bytes_of(const weft_tensor *t) { return (const int8_t *)t->data.data; }

/* Weight [o][y][x][i] of the layer. */
static int8_t *weight_at(const weft_layer *l, int8_t *w, int32_t o, int32_t tap, int32_t i) {
  return l->kind == WEFT_LAYER_DEPTHWISE
             ? &w[(size_t)tap * (size_t)l->co + (size_t)o]
             : &w[((size_t)o * (size_t)(l->kh * l->kw) + (size_t)tap) * (size_t)l->ci + (size_t)i];
}

/* sum of w and of |w| over one output channel. */
static void channel_sums(const weft_layer *l, int32_t o, int64_t *sum, int64_t *magnitude) {
  int32_t n_ci = l->kind == WEFT_LAYER_DEPTHWISE ? 1 : l->ci;
  *sum = *magnitude = 0;
  for (int32_t tap = 0; tap < l->kh * l->kw; tap++)
    for (int32_t i = 0; i < n_ci; i++) {
      int w = *weight_at(l, (int8_t *)(uintptr_t)l->weights, o, tap, i);
      *sum += w;
      *magnitude += w < 0 ? -w : w;
    }
}

static bool same_requants(const weft_layer *l) {
  for (int32_t o = 1; o < l->co; o++) {
    const weft_requant *a = &l->requant[0], *b = &l->requant[o];
    if (a->m != b->m || a->ls != b->ls || a->rs != b->rs)
      return false;
  }
  return true;
}

/* Folds the input's zero point: bias' = bias - zp * sum(w), wrapping. */
static weft_status set_requants(weft_plan *p, weft_layer *l, const weft_op *op) {
  const weft_tensor *in = &p->graph->tensors[op->inputs[0]];
  const weft_tensor *w = &p->graph->tensors[op->inputs[1]];
  const weft_tensor *out = &p->graph->tensors[op->outputs[0]];
  const weft_tensor *bias = op->n_inputs > 2 && op->inputs[2] >= 0 ? &p->graph->tensors[op->inputs[2]] : NULL;
  l->requant = WEFT_NEW(p->arena, weft_requant, l->co);
  for (int32_t o = 0; o < l->co; o++) {
    int64_t sum, magnitude;
    channel_sums(l, o, &sum, &magnitude);
    WEFT_TRY(weft_lower_check_sum(p, l, magnitude));
    uint32_t b = bias ? weft_le32(bias->data.data + 4 * (size_t)o) : 0;
    b -= (uint32_t)in->zero_point[0] * (uint32_t)sum;
    double scale = (double)w->scale[w->n_scales > 1 ? o : 0];
    double m = (double)in->scale[0] * scale / (double)out->scale[0];
    l->requant[o] = weft_requant_make(m, (int32_t)b);
  }
  l->pad = in->zero_point[0];
  l->zo = out->zero_point[0];
  weft_activation_range(op->act, out->scale[0], l->zo, &l->lo, &l->hi);
  if (l->lo > l->hi)
    return weft_plan_fail(p, WEFT_E_UNSUPPORTED, l, "an empty activation range",
                          "a lower clamp that is not above the upper one");
  return WEFT_OK;
}

/* First and last line (or column) of a kernel that ever meets the image. */
static void useful_taps(int32_t size, int32_t k, int32_t stride, int32_t dilation, int32_t pad, int32_t n_out,
                        int32_t *first, int32_t *last) {
  *first = k;
  *last = -1;
  for (int32_t t = 0; t < k; t++) {
    int64_t at = (int64_t)t * dilation - pad;    /* input line of output 0 */
    int64_t o = at < 0 ? (-at + stride - 1) / stride : 0;
    if (o < n_out && at + o * stride < size) {
      *first = weft_min32(*first, t);
      *last = t;
    }
  }
}

/* Drops the border of a kernel that lies in the padding at every output, as on
 * maps smaller than the kernel; keeps at least one tap. Exact: those taps only
 * read the zero point. */
static void crop_kernel(weft_plan *p, weft_layer *l) {
  int32_t y0, y1, x0, x1;
  useful_taps(l->ih, l->kh, l->sy, l->dy, l->pt, l->oh, &y0, &y1);
  useful_taps(l->iw, l->kw, l->sx, l->dx, l->pl, l->ow, &x0, &x1);
  y0 = y1 < 0 ? y1 = 0 : y0;
  x0 = x1 < 0 ? x1 = 0 : x0;
  if (y1 - y0 + 1 == l->kh && x1 - x0 + 1 == l->kw)
    return;
  weft_layer old = *l;
  l->kh = y1 - y0 + 1;
  l->kw = x1 - x0 + 1;
  l->pt -= y0 * l->dy;
  l->pl -= x0 * l->dx;
  int32_t n_ci = l->kind == WEFT_LAYER_DEPTHWISE ? 1 : l->ci;
  int8_t *w = WEFT_NEW(p->arena, int8_t, (size_t)l->co * (size_t)(l->kh * l->kw) * (size_t)n_ci);
  for (int32_t o = 0; o < l->co; o++)
    for (int32_t tap = 0; tap < l->kh * l->kw; tap++)
      memcpy(weight_at(l, w, o, tap, 0),
             weight_at(&old, (int8_t *)(uintptr_t)old.weights, o, (tap / l->kw + y0) * old.kw + tap % l->kw + x0, 0),
             (size_t)n_ci);
  l->weights = w;
}

/* Grouped filters [co][kh][kw][ci/groups] become dense with zeros. */
static const int8_t *spread_groups(weft_plan *p, const weft_layer *l, const weft_op *op) {
  const int8_t *from = bytes_of(&p->graph->tensors[op->inputs[1]]);
  int32_t width = l->ci / op->n_groups, per_group = l->co / op->n_groups, taps = l->kh * l->kw;
  int8_t *w = WEFT_NEW(p->arena, int8_t, (size_t)l->co * (size_t)taps * (size_t)l->ci);
  for (int32_t o = 0; o < l->co; o++)
    for (int32_t tap = 0; tap < taps; tap++)
      memcpy(weight_at(l, w, o, tap, o / per_group * width),
             &from[((size_t)o * (size_t)taps + (size_t)tap) * (size_t)width], (size_t)width);
  return w;
}

/* One pixel of many channels lies in one bank. Seen as a row of `columns` pixels
 * it lies in all of them, and a window of that width does the same sum. */
static int32_t spread_pixel(const weft_plan *p, int32_t k) {
  int32_t depth = weft_spm_rows(p->config), word = p->config->word_bytes, banks = p->config->rows;
  int32_t columns = 1, best = weft_ceil_div(k, word);
  if (best <= depth / 4)
    return 1;
  for (int32_t n = 2; n <= p->config->taps && n <= k; n++) {
    int32_t rows = weft_ceil_div(n, banks) * weft_ceil_div(k / n, word);
    if (k % n == 0 && rows < best) {
      best = rows;
      columns = n;
    }
  }
  return columns;
}

static void spread_input(weft_plan *p, weft_layer *l, int tensor, int32_t k) {
  int32_t columns = spread_pixel(p, k);
  weft_lower_input(p, l, tensor, 1, columns, k / columns);
  l->kw = columns;
  l->dx = 1;
}

weft_status weft_lower_conv(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_DENSE, i);
  bool column = weft_lower_image(p, l, op);
  weft_lower_window(l, op);
  int groups = op->n_groups > 1 ? op->n_groups : 1;
  l->weights = groups == 1 ? bytes_of(&p->graph->tensors[op->inputs[1]]) : spread_groups(p, l, op);
  l->macs = (uint64_t)l->oh * (uint64_t)l->ow * (uint64_t)l->co * (uint64_t)(l->kh * l->kw) *
            (uint64_t)(l->ci / groups);
  crop_kernel(p, l);
  if (column)
    weft_lower_turn(l);
  WEFT_TRY(set_requants(p, l, op));
  if (l->ih == 1 && l->iw == 1 && l->kh == 1 && l->kw == 1 && l->pt == 0 && l->pl == 0)
    spread_input(p, l, op->inputs[0], l->ci);
  return WEFT_OK;
}

/* Depth multipliers: a dense layer, [kh][kw][co] turned to [co][kh][kw][ci]. */
static const int8_t *spread_depthwise(weft_plan *p, const weft_layer *l, const weft_op *op) {
  const int8_t *from = bytes_of(&p->graph->tensors[op->inputs[1]]);
  int32_t taps = l->kh * l->kw, mult = l->co / l->ci;
  int8_t *w = WEFT_NEW(p->arena, int8_t, (size_t)l->co * (size_t)taps * (size_t)l->ci);
  for (int32_t o = 0; o < l->co; o++)
    for (int32_t tap = 0; tap < taps; tap++)
      *weight_at(l, w, o, tap, o / mult) = from[(size_t)tap * (size_t)l->co + (size_t)o];
  return w;
}

weft_status weft_lower_depthwise(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_DEPTHWISE, i);
  bool column = weft_lower_image(p, l, op);
  weft_lower_window(l, op);
  l->macs = (uint64_t)l->oh * (uint64_t)l->ow * (uint64_t)l->co * (uint64_t)(l->kh * l->kw);
  if (l->co != l->ci) {
    l->kind = WEFT_LAYER_DENSE;
    l->weights = spread_depthwise(p, l, op);
  } else {
    l->weights = bytes_of(&p->graph->tensors[op->inputs[1]]);
  }
  crop_kernel(p, l);
  if (column)
    weft_lower_turn(l);
  return set_requants(p, l, op);
}

/* A window over the whole image where the producer made one that fits the tap
 * table; else a pixel of K channels a row. */
weft_status weft_lower_fc(weft_plan *p, int i) {
  const weft_op *op = &p->graph->ops[i];
  const weft_tensor *w = &p->graph->tensors[op->inputs[1]];
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_DENSE, i);
  int32_t n_out = w->shape[0], k = w->shape[1];
  int32_t rows = (int32_t)(p->graph->tensors[op->inputs[0]].n_elems / (size_t)k);
  const weft_value *v = &p->values[weft_lower_value(p, op->inputs[0])];
  bool window = rows == 1 && !v->is_input && (int64_t)v->h * v->w <= p->config->taps &&
                (int64_t)v->h * v->w * v->c == k;
  if (window) {
    weft_lower_input(p, l, op->inputs[0], v->h, v->w, v->c);
    l->kh = l->ih;
    l->kw = l->iw;
  } else if (rows == 1) {
    spread_input(p, l, op->inputs[0], k);
  } else {
    weft_lower_input(p, l, op->inputs[0], 1, rows, k);
  }
  weft_lower_output(p, l, op->outputs[0], 1, rows, n_out);
  l->weights = bytes_of(w);
  l->macs = (uint64_t)rows * (uint64_t)n_out * (uint64_t)k;
  return set_requants(p, l, op);
}

bool weft_lower_is_per_tensor(const weft_layer *l) { return same_requants(l); }
