/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/common/random_layer.h"

#include <math.h>
#include <string.h>

enum { MAX_TENSORS = 64, MAX_OPS = 16 };

typedef struct maker {
  weft_arena *arena;
  weft_rng rng;
  const weft_config *config;
  uint64_t max_macs;
  weft_graph *g;
  const char *text;
  int read[MAX_TENSORS];        /* how often a tensor is read                  */
} maker;

static int pick(maker *m, int lo, int hi) { return (int)weft_rng_range(&m->rng, lo, hi); }
static bool chance(maker *m, int percent) { return pick(m, 1, 100) <= percent; }

static int zero_point(maker *m) {
  static const int edges[] = {-128, 127, 0, -1};
  return chance(m, 50) ? edges[pick(m, 0, 3)] : pick(m, -128, 127);
}

static float scale(maker *m) { return (float)ldexp(1 + pick(m, 0, 1000) / 1001.0, pick(m, -9, 0)); }

static int add_tensor(maker *m, weft_type type, int rank, const int32_t *shape, int n_scales) {
  int t = m->g->n_tensors++;
  weft_tensor *x = &m->g->tensors[t];
  *x = (weft_tensor){.name = weft_arena_printf(m->arena, "t%d", t), .type = type, .rank = rank, .n_elems = 1,
                     .n_scales = n_scales, .producer = -1};
  for (int k = 0; k < rank; k++) {
    x->shape[k] = shape[k];
    x->n_elems *= (size_t)shape[k];
  }
  x->n_bytes = x->n_elems * weft_type_bits(type) / 8;
  x->scale = WEFT_NEW(m->arena, float, n_scales + 1);
  x->zero_point = WEFT_NEW(m->arena, int32_t, n_scales + 1);
  return t;
}

static float *scales(maker *m, int t) { return (float *)(uintptr_t)m->g->tensors[t].scale; }
static void set_zero(maker *m, int t, int z) { *(int32_t *)(uintptr_t)m->g->tensors[t].zero_point = z; }

static int add_image(maker *m, int32_t h, int32_t w, int32_t c, float s, int z) {
  int t = add_tensor(m, WEFT_INT8, 4, (int32_t[]){1, h, w, c}, 1);
  scales(m, t)[0] = s;
  set_zero(m, t, z);
  return t;
}

static int add_ints(maker *m, const int32_t *values, int32_t n, int rank, const int32_t *shape) {
  int t = add_tensor(m, WEFT_INT32, rank, shape, 0);
  uint8_t *data = WEFT_NEW(m->arena, uint8_t, 4 * n);
  for (int32_t k = 0; k < n; k++)
    weft_put_le32(data + 4 * k, (uint32_t)values[k]);
  m->g->tensors[t].data = (weft_span){data, 4 * (size_t)n};
  return t;
}

static int add_weights(maker *m, int rank, const int32_t *shape, int n_scales, int axis) {
  int t = add_tensor(m, WEFT_INT8, rank, shape, n_scales);
  weft_tensor *x = &m->g->tensors[t];
  uint8_t *data = WEFT_NEW(m->arena, uint8_t, x->n_bytes);
  int style = pick(m, 0, 5), limit = x->n_elems / (size_t)shape[axis] > 8000 ? 60 : 127;
  for (size_t k = 0; k < x->n_bytes; k++)
    data[k] = (uint8_t)(style == 0 && limit == 127 ? -128 : style == 1 && chance(m, 60) ? 0 : pick(m, -limit, limit));
  x->data = (weft_span){data, x->n_bytes};
  x->quantized_dimension = axis;
  return t;
}

static weft_op *add_op(maker *m, weft_op_kind kind, const char *name, int out, int a, int b, int c) {
  weft_graph *g = m->g;
  int32_t *in = WEFT_NEW(m->arena, int32_t, 3), *outs = WEFT_NEW(m->arena, int32_t, 1);
  weft_op *op = &g->ops[g->n_ops];
  *op = (weft_op){.kind = kind, .name = name, .inputs = in, .outputs = outs, .n_outputs = 1,
                  .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1, .n_groups = 1};
  int list[] = {a, b, c};
  for (int k = 0; k < 3 && list[k] != -2; k++)
    in[op->n_inputs++] = list[k];
  outs[0] = out;
  g->tensors[out].producer = g->n_ops++;
  m->read[a]++;
  if (kind == WEFT_OP_ADD)
    m->read[b]++;
  const weft_tensor *x = &g->tensors[a], *y = &g->tensors[out];
  m->text = weft_arena_printf(m->arena, "%s %s t%d[%d,%d,%d]", m->text, name, a, (int)x->shape[1 % (x->rank + 1)],
                              (int)x->shape[2 % (x->rank + 1)], (int)x->shape[3 % (x->rank + 1)]);
  m->text = weft_arena_printf(m->arena, "%s>t%d[%d,%d,%d]", m->text, out, (int)y->shape[1 % (y->rank + 1)],
                              (int)y->shape[2 % (y->rank + 1)], (int)y->shape[3 % (y->rank + 1)]);
  return op;
}

static double multiplier(maker *m, double k) {
  if (chance(m, 5))
    return 1e-11;
  if (chance(m, 10))
    return 1 + pick(m, 0, 400) / 100.0;
  return (0.5 + pick(m, 0, 1000) / 1000.0) / (32 * sqrt(k + 1));
}

static int32_t bias_value(maker *m) {
  int kind = pick(m, 0, 9);
  return kind == 0 ? (1 << 30) - pick(m, -50, 50) : kind == 1 ? -(1 << 30) + pick(m, -50, 50) : pick(m, -20000, 20000);
}

/* Scales, bias and activation of a layer with weights. */
static void finish_weighted(maker *m, weft_op *op, int in, int w, int out, double k, int32_t co) {
  const weft_tensor *x = &m->g->tensors[in];
  double s_out = (double)m->g->tensors[out].scale[0], common = multiplier(m, k);
  for (int c = 0; c < m->g->tensors[w].n_scales; c++) {
    double mult = chance(m, 90) ? common * (0.5 + pick(m, 0, 100) / 100.0) : multiplier(m, k);
    scales(m, w)[c] = (float)(mult * s_out / (double)x->scale[0]);
  }
  op->act = (weft_act)pick(m, 0, 3);
  if (chance(m, 10))
    return;
  int32_t *values = WEFT_NEW(m->arena, int32_t, co);
  bool wild = chance(m, 20);
  for (int32_t c = 0; c < co; c++)
    values[c] = wild ? bias_value(m) : pick(m, -3000, 3000);
  int bias = add_ints(m, values, co, 1, &co);
  m->g->tensors[bias].n_scales = 1;
  scales(m, bias)[0] = (float)((double)x->scale[0] * (double)m->g->tensors[w].scale[0]);
  ((int32_t *)(uintptr_t)op->inputs)[2] = bias;
}

typedef struct window {
  int kh, kw, sh, sw, dh, dw;
  weft_pad pad;
  int32_t oh, ow;
} window;

static bool choose_window(maker *m, const weft_tensor *x, window *v, bool dilate) {
  static const int strides[] = {1, 1, 1, 2, 2, 2, 3, 4};
  bool huge = chance(m, 3);     /* more taps than the table of any machine     */
  v->kh = huge ? pick(m, 23, 27) : pick(m, 1, chance(m, 20) ? 7 : 3);
  v->kw = huge ? pick(m, 23, 27) : pick(m, 1, chance(m, 20) ? 7 : 3);
  v->sh = strides[pick(m, 0, 7)];
  v->sw = chance(m, 75) ? v->sh : strides[pick(m, 0, 7)];
  v->dh = dilate && chance(m, 15) ? pick(m, 2, 3) : 1;
  v->dw = dilate && chance(m, 15) ? pick(m, 2, 3) : 1;
  v->pad = chance(m, 60) ? WEFT_PAD_SAME : WEFT_PAD_VALID;
  if (v->pad == WEFT_PAD_VALID && ((v->kh - 1) * v->dh >= x->shape[1] || (v->kw - 1) * v->dw >= x->shape[2]))
    return false;
  v->oh = weft_out_size(v->pad, x->shape[1], v->kh, v->sh, v->dh);
  v->ow = weft_out_size(v->pad, x->shape[2], v->kw, v->sw, v->dw);
  return v->oh > 0 && v->ow > 0;
}

static void set_window(weft_op *op, const window *v) {
  op->padding = v->pad;
  op->stride_h = v->sh;
  op->stride_w = v->sw;
  op->dilation_h = v->dh;
  op->dilation_w = v->dw;
  op->filter_h = v->kh;
  op->filter_w = v->kw;
}

static int32_t channels(maker *m) {
  return chance(m, 70) ? pick(m, 1, 20) : m->config->cols * pick(m, 1, 4) + (chance(m, 30) ? pick(m, -1, 1) : 0);
}

static bool make_conv(maker *m, int in, const window *fixed, int32_t co, int *out) {
  const weft_tensor x = m->g->tensors[in];
  window v;
  if (fixed)
    v = *fixed;
  else if (!choose_window(m, &x, &v, true))
    return false;
  int groups = !fixed && chance(m, 10) && x.shape[3] % 2 == 0 ? 2 : 1;
  co = co ? co : channels(m);
  co += groups == 2 ? co & 1 : 0;
  if ((uint64_t)v.oh * (uint64_t)v.ow * (uint64_t)co * (uint64_t)(v.kh * v.kw * x.shape[3]) > m->max_macs)
    return false;
  int w = add_weights(m, 4, (int32_t[]){co, v.kh, v.kw, x.shape[3] / groups}, chance(m, 70) ? co : 1, 0);
  *out = add_image(m, v.oh, v.ow, co, scale(m), zero_point(m));
  weft_op *op = add_op(m, WEFT_OP_CONV_2D, "CONV_2D", *out, in, w, -1);
  set_window(op, &v);
  op->n_groups = groups;
  finish_weighted(m, op, in, w, *out, v.kh * v.kw * x.shape[3] * 40.0, co);
  return true;
}

static bool make_depthwise(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  window v;
  if (!choose_window(m, &x, &v, true))
    return false;
  int mult = chance(m, 75) ? 1 : pick(m, 2, 4);
  int32_t co = x.shape[3] * mult;
  if ((uint64_t)v.oh * (uint64_t)v.ow * (uint64_t)co * (uint64_t)(v.kh * v.kw) * (mult > 1 ? (uint64_t)x.shape[3] : 1) > m->max_macs)
    return false;
  int w = add_weights(m, 4, (int32_t[]){1, v.kh, v.kw, co}, chance(m, 70) ? co : 1, 3);
  *out = add_image(m, v.oh, v.ow, co, scale(m), zero_point(m));
  weft_op *op = add_op(m, WEFT_OP_DEPTHWISE_CONV_2D, "DEPTHWISE_CONV_2D", *out, in, w, -1);
  set_window(op, &v);
  op->depth_multiplier = mult;
  finish_weighted(m, op, in, w, *out, v.kh * v.kw * 40.0, co);
  return true;
}

static bool make_fc(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  int32_t k = (int32_t)x.n_elems, co = pick(m, 1, 24);
  if ((uint64_t)k * (uint64_t)co > m->max_macs || k > 12000)
    return false;
  int flat = in;
  if (chance(m, 70)) {
    flat = add_tensor(m, WEFT_INT8, 2, (int32_t[]){1, k}, 1);
    scales(m, flat)[0] = x.scale[0];
    set_zero(m, flat, x.zero_point[0]);
    add_op(m, WEFT_OP_RESHAPE, "RESHAPE", flat, in, -2, -2);
  }
  int w = add_weights(m, 2, (int32_t[]){co, k}, chance(m, 50) ? co : 1, 0);
  *out = add_tensor(m, WEFT_INT8, 2, (int32_t[]){1, co}, 1);
  scales(m, *out)[0] = scale(m);
  set_zero(m, *out, zero_point(m));
  weft_op *op = add_op(m, WEFT_OP_FULLY_CONNECTED, "FULLY_CONNECTED", *out, flat, w, -1);
  finish_weighted(m, op, in, w, *out, k * 40.0, co);
  return true;
}

static bool make_pool(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  window v;
  if (!choose_window(m, &x, &v, false))
    return false;
  if (chance(m, 15)) {
    v = (window){.kh = x.shape[1], .kw = x.shape[2], .sh = 1, .sw = 1, .dh = 1, .dw = 1,
                 .pad = WEFT_PAD_VALID, .oh = 1, .ow = 1};
  }
  bool max = chance(m, 50);
  *out = add_image(m, v.oh, v.ow, x.shape[3], x.scale[0], x.zero_point[0]);
  weft_op *op = add_op(m, max ? WEFT_OP_MAX_POOL_2D : WEFT_OP_AVERAGE_POOL_2D,
                       max ? "MAX_POOL_2D" : "AVERAGE_POOL_2D", *out, in, -2, -2);
  set_window(op, &v);
  op->dilation_h = op->dilation_w = 0;
  op->act = (weft_act)pick(m, 0, 3);
  return true;
}

static bool make_mean(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  bool keep = chance(m, 50);
  int axes = add_ints(m, (int32_t[]){1, 2}, 2, 1, (int32_t[]){2});
  *out = add_tensor(m, WEFT_INT8, keep ? 4 : 2, keep ? (int32_t[]){1, 1, 1, x.shape[3]} : (int32_t[]){1, x.shape[3]}, 1);
  scales(m, *out)[0] = x.scale[0] * (float)(0.05 + pick(m, 0, 200) / 100.0);
  set_zero(m, *out, zero_point(m));
  add_op(m, WEFT_OP_MEAN, "MEAN", *out, in, axes, -2)->keep_dims = keep;
  return true;
}

static bool make_pad(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  int32_t p[8] = {0, 0, pick(m, 0, 3), pick(m, 0, 3), pick(m, 0, 3), pick(m, 0, 3), 0, 0};
  if (chance(m, 15))
    p[6 + pick(m, 0, 1)] = pick(m, 1, 5);
  int pads = add_ints(m, p, 8, 2, (int32_t[]){4, 2});
  *out = add_image(m, x.shape[1] + p[2] + p[3], x.shape[2] + p[4] + p[5], x.shape[3] + p[6] + p[7], x.scale[0],
                   x.zero_point[0]);
  add_op(m, WEFT_OP_PAD, "PAD", *out, in, pads, -2);
  return true;
}

static bool make_relu(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  bool six = chance(m, 50);
  *out = add_tensor(m, WEFT_INT8, x.rank, x.shape, 1);
  scales(m, *out)[0] = six ? x.scale[0] : x.scale[0] * (float)(0.2 + pick(m, 0, 300) / 100.0);
  set_zero(m, *out, six ? x.zero_point[0] : zero_point(m));
  add_op(m, six ? WEFT_OP_RELU6 : WEFT_OP_RELU, six ? "RELU6" : "RELU", *out, in, -2, -2);
  return true;
}

static void add_add(maker *m, int a, int b, int *out) {
  const weft_tensor x = m->g->tensors[a];
  *out = add_tensor(m, WEFT_INT8, x.rank, x.shape, 1);
  float most = fmaxf(x.scale[0], m->g->tensors[b].scale[0]);
  scales(m, *out)[0] = most * (float)(0.3 + pick(m, 0, 300) / 100.0);
  set_zero(m, *out, zero_point(m));
  bool swap = chance(m, 50);
  add_op(m, WEFT_OP_ADD, "ADD", *out, swap ? b : a, swap ? a : b, -2)->act = (weft_act)pick(m, 0, 3);
}

/* x + conv(x), x + x, or conv(x) + conv(x): some fuse, some do not. */
static bool make_add(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  if (x.rank != 4 || chance(m, 15)) {
    add_add(m, in, in, out);
    return true;
  }
  int k = chance(m, 50) ? 3 : 1, other = in, conv;
  window v = {.kh = k, .kw = k, .sh = 1, .sw = 1, .dh = 1, .dw = 1, .pad = WEFT_PAD_SAME, .oh = x.shape[1], .ow = x.shape[2]};
  int32_t co = x.shape[3];
  if (chance(m, 40)) {
    v.sh = v.sw = pick(m, 1, 2);
    v.oh = weft_out_size(v.pad, x.shape[1], k, v.sh, 1);
    v.ow = weft_out_size(v.pad, x.shape[2], k, v.sw, 1);
    co = channels(m);
    if (!make_conv(m, in, &v, co, &other))
      return false;
    v.kh = v.kw = chance(m, 50) ? 3 : 1;
  }
  if (!make_conv(m, in, &v, co, &conv))
    return false;
  add_add(m, conv, other, out);
  return true;
}

/* x with more channels. */
static int add_channels(maker *m, int in) {
  const weft_tensor x = m->g->tensors[in];
  int32_t p[8] = {0, 0, 0, 0, 0, 0, pick(m, 0, 5), pick(m, 1, 9)};
  int pads = add_ints(m, p, 8, 2, (int32_t[]){4, 2});
  int out = add_image(m, x.shape[1], x.shape[2], x.shape[3] + p[6] + p[7], x.scale[0], x.zero_point[0]);
  add_op(m, WEFT_OP_PAD, "PAD", out, in, pads, -2);
  return out;
}

/* x beside itself, beside itself with more channels, or beside its neighbours' maximum. */
static bool make_concat(maker *m, int in, int *out) {
  const weft_tensor x = m->g->tensors[in];
  int c = x.shape[x.rank - 1], n = pick(m, 2, 3), other = in;
  if (x.n_elems * (size_t)n > m->max_macs)
    return false;
  if (x.rank == 4 && chance(m, 30))
    other = add_channels(m, in);
  else if (x.rank == 4 && chance(m, 80)) {
    window v = {.kh = pick(m, 1, 3), .kw = pick(m, 1, 3), .sh = 1, .sw = 1, .dh = 1, .dw = 1, .pad = WEFT_PAD_SAME};
    other = add_image(m, x.shape[1], x.shape[2], c, x.scale[0], x.zero_point[0]);
    set_window(add_op(m, WEFT_OP_MAX_POOL_2D, "MAX_POOL_2D", other, in, -2, -2), &v);
  }
  int32_t shape[4];
  memcpy(shape, x.shape, sizeof shape);
  shape[x.rank - 1] = c * (n - 1) + m->g->tensors[other].shape[x.rank - 1];
  *out = add_tensor(m, WEFT_INT8, x.rank, shape, 1);
  scales(m, *out)[0] = x.scale[0];
  set_zero(m, *out, x.zero_point[0]);
  add_op(m, WEFT_OP_CONCATENATION, "CONCATENATION", *out, in, other, n == 3 ? in : -2)->axis = -1;
  m->read[other]++;
  return true;
}

static bool make_any(maker *m, int in, int *out) {
  bool image = m->g->tensors[in].rank == 4;
  int kind = pick(m, 0, 99);
  if (!image)
    return kind < 50 ? make_fc(m, in, out) : kind < 75 ? make_relu(m, in, out) : make_add(m, in, out);
  if (kind < 32)
    return make_conv(m, in, NULL, 0, out);
  if (kind < 48)
    return make_depthwise(m, in, out);
  if (kind < 60)
    return make_pool(m, in, out);
  if (kind < 75)
    return make_add(m, in, out);
  if (kind < 82)
    return make_fc(m, in, out);
  if (kind < 86)
    return make_mean(m, in, out);
  if (kind < 90)
    return make_pad(m, in, out);
  if (kind < 97)
    return make_concat(m, in, out);
  return make_relu(m, in, out);
}

static int first_input(maker *m) {
  int style = pick(m, 0, 19);
  int32_t h = pick(m, 1, 14), w = pick(m, 1, 14), c = channels(m);
  if (style == 0) {             /* does not fit the scratchpad whole */
    int32_t bytes = m->config->spm_kib * 1024;
    c = pick(m, 1, 12);
    w = pick(m, 10, 60);
    h = bytes / (w * ((c + m->config->cols - 1) / m->config->cols) * m->config->cols) + pick(m, 1, 5);
    h = h > 200 ? 200 : h;
  } else if (style == 1) {      /* a reduction longer than the ring */
    h = w = 1;
    c = m->config->ring_kib * 1024 / m->config->cols + pick(m, -3, 30);
  } else if (style == 2) {
    h = pick(m, 1, 40);
    w = 1;
  } else if (style == 4) {      /* longer than a raster's coordinates          */
    h = pick(m, 4000, 9000);
    w = 1;
    c = pick(m, 1, 2);
  } else if (style == 5) {
    h = pick(m, 1, 2);
    w = pick(m, 4000, 9000);
    c = 1;
  } else if (style == 6) {      /* one pixel, often of no useful divisor       */
    h = w = 1;
    c = pick(m, 5000, 12000);
  } else if (style == 3) {
    h = 1;
    w = pick(m, 1, 40);
  }
  return add_image(m, h, w, c, scale(m), zero_point(m));
}

static void set_ends(maker *m, int in) {
  weft_graph *g = m->g;
  int32_t *ins = WEFT_NEW(m->arena, int32_t, 1), *outs = WEFT_NEW(m->arena, int32_t, g->n_ops);
  ins[0] = in;
  g->inputs = ins;
  g->n_inputs = 1;
  g->outputs = outs;
  for (int i = 0; i < g->n_ops; i++) {
    int t = g->ops[i].outputs[0];
    if (!m->read[t] || chance(m, 5))
      outs[g->n_outputs++] = t;
  }
}

weft_graph *random_layer_graph(weft_arena *arena, uint64_t seed, const weft_config *c, uint64_t max_macs,
                               const char **text) {
  maker *m = WEFT_NEW(arena, maker, 1);
  *m = (maker){.arena = arena, .rng = {seed}, .config = c, .max_macs = max_macs, .text = ""};
  m->g = WEFT_NEW(arena, weft_graph, 1);
  *m->g = (weft_graph){.path = weft_arena_printf(arena, "random %llu", (unsigned long long)seed), .arena = arena};
  m->g->tensors = WEFT_NEW(arena, weft_tensor, MAX_TENSORS);
  m->g->ops = WEFT_NEW(arena, weft_op, MAX_OPS);
  int in = first_input(m), at = in, before = in, n = pick(m, 1, 4);
  for (int k = 0; k < n && m->g->n_tensors < MAX_TENSORS - 12 && m->g->n_ops < MAX_OPS - 4; k++) {
    int out;
    int from = chance(m, 75) ? at : before;
    if (!make_any(m, from, &out))
      continue;
    before = at;
    at = out;
  }
  int out;
  if (m->g->n_ops == 0)
    make_relu(m, in, &out);
  set_ends(m, in);
  if (text)
    *text = m->text;
  return m->g;
}
