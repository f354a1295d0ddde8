/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/int16.h"

#include <math.h>
#include <string.h>

#include "kernels/k_requant.h"

typedef struct range {
  int32_t lo, hi;
} range;

static int64_t rounded(float v, float scale) {
  float q = roundf(v / scale);
  return (int64_t)(q > 1e9f ? 1e9f : q);
}

static range range_of(weft_act act, float scale) {
  range r = {INT16_MIN, INT16_MAX};
  int64_t six = rounded(6.0f, scale);
  if (act == WEFT_ACT_RELU || act == WEFT_ACT_RELU6)
    r.lo = 0;
  if (act == WEFT_ACT_RELU6 && six < r.hi)
    r.hi = (int32_t)six;
  return r;
}

static int16_t finish(int64_t y, range r) {
  return (int16_t)(y < r.lo ? r.lo : y > r.hi ? r.hi : y);
}

/* MultiplyByQuantizedMultiplier of 64-bit sums: a multiplier of 16 bits, half up. */
static int32_t scale_wide(int64_t x, weft_k_multiplier m) {
  const int64_t r = m.q >= 0x7fff0000 ? 0x7fff : (m.q + (1 << 15)) >> 16;
  const int t = 15 - m.shift;
  return (int32_t)((x * r + (INT64_C(1) << (t - 1))) >> t);
}

static weft_k_multiplier multiplier(const opt_net *net, const opt_layer *l, size_t c) {
  const opt_weights *w = l->weights;
  double in = (double)net->values[l->inputs[0]].scale, out = (double)net->values[l->output].scale;
  return weft_k_multiplier_of(in * (double)w->scale[w->per_tensor ? 0 : c] / out);
}

/* Sums stay below 2^47 (numerics.md 2.4), rows and means within 32 bits. */
const char *opt_refuse_int16(const opt_net *net, const opt_layer *l) {
  const opt_value *in = &net->values[l->inputs[0]], *out = &net->values[l->output];
  const opt_weights *w = l->weights;
  if (l->kind == OPT_SOFTMAX && out->shape[out->rank - 1] > 65535)
    return "softmax over more than 65535 elements";
  if (l->kind == OPT_MEAN && in->n_elems / out->n_elems > 65535)
    return "a mean of more than 65535 elements";
  if (l->kind == OPT_LOGISTIC && in->scale > 0x1p10f)
    return "an input scale over 2^10";
  if (w && w->n_elems / w->n_out > (size_t)1 << 22)
    return "sums of more than 2^22 products";
  for (size_t c = 0; w && c < w->n_out; c++) {
    if (w->q_bias[c] > INT64_C(1) << 46 || w->q_bias[c] < -(INT64_C(1) << 46))
      return "a bias over 2^46";
    if (multiplier(net, l, c).shift > 7)
      return "input scale * weight scale / output scale over 2^7";
  }
  return NULL;
}

/* ---- windows ------------------------------------------------------------------ */
typedef struct walk {
  const opt_layer *l;
  const int32_t *in, *out;     /* shapes                                     */
  int pad_h, pad_w;
} walk;

static walk walk_of(const opt_net *net, const opt_layer *l) {
  walk k = {.l = l, .in = net->values[l->inputs[0]].shape, .out = net->values[l->output].shape};
  k.pad_h = weft_pad_before(l->padding, k.in[1], k.out[1], l->filter_h, l->stride_h, l->dilation_h);
  k.pad_w = weft_pad_before(l->padding, k.in[2], k.out[2], l->filter_w, l->stride_w, l->dilation_w);
  return k;
}

static const int16_t *pixel(const walk *k, const int16_t *in, int y, int x, int ky, int kx) {
  long iy = (long)y * k->l->stride_h - k->pad_h + (long)ky * k->l->dilation_h;
  long ix = (long)x * k->l->stride_w - k->pad_w + (long)kx * k->l->dilation_w;
  if (iy < 0 || iy >= k->in[1] || ix < 0 || ix >= k->in[2])
    return NULL;
  return in + (size_t)(iy * k->in[2] + ix) * (size_t)k->in[3];
}

static int64_t sum_of(const walk *k, const int16_t *in, int y, int x, size_t c) {
  const opt_weights *w = k->l->weights;
  const size_t ci = (size_t)k->in[3];
  int64_t sum = w->q_bias[c];
  for (int ky = 0; ky < k->l->filter_h; ky++)
    for (int kx = 0; kx < k->l->filter_w; kx++) {
      const int16_t *p = pixel(k, in, y, x, ky, kx);
      const size_t tap = (size_t)(ky * k->l->filter_w + kx);
      const size_t taps = (size_t)k->l->filter_h * (size_t)k->l->filter_w;
      if (p && k->l->kind == OPT_DEPTHWISE)
        sum += (int64_t)w->q[tap * w->n_out + c] * p[c / (size_t)k->l->depth_multiplier];
      else
        for (size_t i = 0; p && i < ci; i++)
          sum += (int64_t)w->q[(c * taps + tap) * ci + i] * p[i];
    }
  return sum;
}

static void run_conv(const opt_net *net, const opt_layer *l, const int16_t *in, int16_t *out) {
  const walk k = walk_of(net, l);
  const range r = range_of(l->act, net->values[l->output].scale);
  const size_t n = l->weights->n_out;
  for (size_t c = 0; c < n; c++) {
    weft_k_multiplier m = multiplier(net, l, c);
    for (int y = 0; y < k.out[1]; y++)
      for (int x = 0; x < k.out[2]; x++)
        out[(size_t)(y * k.out[2] + x) * n + c] =
            finish(scale_wide(sum_of(&k, in, y, x, c), m), r);
  }
}

static void run_dense(const opt_net *net, const opt_layer *l, const int16_t *in, int16_t *out) {
  const opt_weights *w = l->weights;
  const range r = range_of(l->act, net->values[l->output].scale);
  const size_t k = w->n_elems / w->n_out;
  for (size_t c = 0; c < w->n_out; c++) {
    int64_t sum = w->q_bias[c];
    for (size_t i = 0; i < k; i++)
      sum += (int64_t)w->q[c * k + i] * in[i];
    out[c] = finish(scale_wide(sum, multiplier(net, l, c)), r);
  }
}

static int16_t pool_one(const walk *k, const int16_t *in, int y, int x, int c) {
  int64_t sum = 0, n = 0, top = INT16_MIN;
  for (int ky = 0; ky < k->l->filter_h; ky++)
    for (int kx = 0; kx < k->l->filter_w; kx++) {
      const int16_t *p = pixel(k, in, y, x, ky, kx);
      if (!p)
        continue;
      n++;
      sum += p[c];
      top = p[c] > top ? p[c] : top;
    }
  return (int16_t)(k->l->kind == OPT_MAX_POOL ? top : (sum > 0 ? sum + n / 2 : sum - n / 2) / n);
}

static void run_pool(const opt_net *net, const opt_layer *l, const int16_t *in, int16_t *out) {
  const walk k = walk_of(net, l);
  const range r = range_of(l->act, net->values[l->output].scale);
  for (int y = 0; y < k.out[1]; y++)
    for (int x = 0; x < k.out[2]; x++)
      for (int c = 0; c < k.out[3]; c++)
        *out++ = finish(pool_one(&k, in, y, x, c), r);
}

/* ---- the rest ------------------------------------------------------------------- */
static void run_add(const opt_net *net, const opt_layer *l, const int16_t *a, const int16_t *b,
                    int16_t *out) {
  const double s1 = (double)net->values[l->inputs[0]].scale;
  const double s2 = (double)net->values[l->inputs[1]].scale;
  const opt_value *v = &net->values[l->output];
  const double twice = 2 * fmax(s1, s2);
  const weft_k_multiplier m1 = weft_k_multiplier_of(s1 / twice);
  const weft_k_multiplier m2 = weft_k_multiplier_of(s2 / twice);
  const weft_k_multiplier m = weft_k_multiplier_of(twice / (32768.0 * (double)v->scale));
  const range r = range_of(l->act, v->scale);
  for (size_t i = 0; i < v->n_elems; i++)
    out[i] = finish(weft_k_scale(weft_k_scale(a[i] * 32768, m1) + weft_k_scale(b[i] * 32768, m2), m),
                    r);
}

static void run_mean(const opt_net *net, const opt_layer *l, const int16_t *in, int16_t *out) {
  const opt_value *a = &net->values[l->inputs[0]], *v = &net->values[l->output];
  const int64_t n = (int64_t)(a->n_elems / v->n_elems);
  weft_k_multiplier m = weft_k_multiplier_of((double)a->scale / (double)v->scale);
  int bits = 0;
  while (bits < 32 && n >> (bits + 1) != 0)
    bits++;
  bits = bits > 31 + m.shift ? 31 + m.shift : bits;
  m.q = (int32_t)(((int64_t)m.q * (INT64_C(1) << bits)) / n);
  m.shift -= bits;
  for (size_t c = 0; c < v->n_elems; c++) {
    int32_t sum = 0;
    for (size_t i = c; i < a->n_elems; i += v->n_elems)
      sum += in[i];
    out[c] = finish(weft_k_scale(sum, m), range_of(WEFT_ACT_NONE, v->scale));
  }
}

static void run_pad(const opt_net *net, const opt_layer *l, const int16_t *in, int16_t *out) {
  const opt_value *a = &net->values[l->inputs[0]], *v = &net->values[l->output];
  const size_t row = (size_t)a->shape[2] * (size_t)a->shape[3];
  memset(out, 0, v->n_elems * sizeof *out);
  for (int y = 0; y < a->shape[1]; y++)
    memcpy(out + ((size_t)(y + l->pad[2]) * (size_t)v->shape[2] + (size_t)l->pad[4]) *
                     (size_t)v->shape[3],
           in + (size_t)y * row, row * sizeof *in);
}

/* RELU scales; RELU6 clamps in the input's terms; others copy. */
static void run_copy(const opt_net *net, const opt_layer *l, const int16_t *in, int16_t *out) {
  const opt_value *a = &net->values[l->inputs[0]], *v = &net->values[l->output];
  const weft_k_multiplier m = weft_k_multiplier_of((double)a->scale / (double)v->scale);
  const weft_act act = l->kind == OPT_RELU    ? WEFT_ACT_RELU
                       : l->kind == OPT_RELU6 ? WEFT_ACT_RELU6
                                              : WEFT_ACT_NONE;
  const range r = range_of(act, a->scale);
  for (size_t i = 0; i < v->n_elems; i++)
    out[i] = finish(l->kind == OPT_RELU ? weft_k_scale(in[i], m) : in[i], r);
}

static void run_concat(const opt_net *net, const opt_layer *l, const int16_t *const *in,
                       int16_t *out) {
  const opt_value *v = &net->values[l->output];
  const size_t c = (size_t)v->shape[v->rank - 1], rows = v->n_elems / c;
  const range r = range_of(l->act, v->scale);
  size_t at = 0;
  for (int j = 0; j < l->n_inputs; j++) {
    const opt_value *a = &net->values[l->inputs[j]];
    const weft_k_multiplier m = weft_k_multiplier_of((double)a->scale / (double)v->scale);
    const size_t n = a->n_elems / rows;
    for (size_t i = 0; i < a->n_elems; i++)
      out[i / n * c + at + i % n] =
          finish(a->scale == v->scale ? in[j][i] : weft_k_scale(in[j][i], m), r);
    at += n;
  }
}

void opt_run_int16(const opt_net *net, const opt_layer *l, const int16_t *const *in,
                   int16_t *out) {
  const opt_value *a = &net->values[l->inputs[0]], *v = &net->values[l->output];
  const size_t last = (size_t)v->shape[v->rank - 1];
  switch (l->kind) {
  case OPT_CONV:
  case OPT_DEPTHWISE: run_conv(net, l, in[0], out); break;
  case OPT_DENSE: run_dense(net, l, in[0], out); break;
  case OPT_MAX_POOL:
  case OPT_AVERAGE_POOL: run_pool(net, l, in[0], out); break;
  case OPT_ADD: run_add(net, l, in[0], in[1], out); break;
  case OPT_MEAN: run_mean(net, l, in[0], out); break;
  case OPT_PAD: run_pad(net, l, in[0], out); break;
  case OPT_CONCAT: run_concat(net, l, in, out); break;
  case OPT_SOFTMAX:
    opt_softmax_int16((double)a->scale, (double)l->beta, in[0], out, v->n_elems / last, last);
    break;
  case OPT_LOGISTIC: opt_logistic_int16(a->scale, in[0], out, v->n_elems); break;
  default: run_copy(net, l, in[0], out); break;
  }
}
