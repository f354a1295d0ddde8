/* SPDX-License-Identifier: Apache-2.0 */
/* The plain float forward. Each sum goes over kernel rows, columns and input
 * channels in this order, as TFLite's reference does; channels side by side. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/net_inside.h"

typedef struct plane {         /* one sample of a value: pixels of channels  */
  int h, w, c;
} plane;

static plane plane_of(const opt_value *v) {
  if (v->rank == 4)
    return (plane){v->shape[1], v->shape[2], v->shape[3]};
  int c = v->shape[v->rank - 1];
  return (plane){(int)(v->n_elems / (size_t)c), 1, c};
}

static void activate(weft_act act, float *x, size_t n) {
  if (act == WEFT_ACT_NONE)
    return;
  float top = act == WEFT_ACT_RELU6 ? 6.0f : INFINITY;
  for (size_t i = 0; i < n; i++) {
    float v = x[i] > 0.0f ? x[i] : 0.0f;
    x[i] = v < top ? v : top;
  }
}

/* ---- windows ------------------------------------------------------------------ */
typedef struct walk {          /* of one layer, at one output pixel          */
  const opt_layer *l;
  plane in, out;
  int pad_h, pad_w;
} walk;

static walk walk_of(const opt_net *net, const opt_layer *l) {
  walk k = {.l = l};
  k.in = plane_of(&net->values[l->inputs[0]]);
  k.out = plane_of(&net->values[l->output]);
  k.pad_h = weft_pad_before(l->padding, k.in.h, k.out.h, l->filter_h, l->stride_h, l->dilation_h);
  k.pad_w = weft_pad_before(l->padding, k.in.w, k.out.w, l->filter_w, l->stride_w, l->dilation_w);
  return k;
}

/* Input pixel under tap (ky, kx) at output (y, x); -1 outside the image. */
static long pixel(const walk *k, int y, int x, int ky, int kx) {
  long iy = (long)y * k->l->stride_h - k->pad_h + (long)ky * k->l->dilation_h;
  long ix = (long)x * k->l->stride_w - k->pad_w + (long)kx * k->l->dilation_w;
  return iy < 0 || iy >= k->in.h || ix < 0 || ix >= k->in.w ? -1 : iy * k->in.w + ix;
}

/* OHWI to HWIO, so that channels of a sum lie side by side. */
static float *channels_last(weft_arena *arena, const opt_weights *w) {
  size_t k = w->n_elems / w->n_out;
  float *t = WEFT_NEW(arena, float, w->n_elems);
  for (size_t o = 0; o < w->n_out; o++)
    for (size_t i = 0; i < k; i++)
      t[i * w->n_out + o] = w->w[o * k + i];
  return t;
}

static void add_rows(float *restrict sum, const float *restrict x, const float *restrict w,
                     size_t n_in, size_t n_out) {
  for (size_t i = 0; i < n_in; i++)
    for (size_t o = 0; o < n_out; o++)
      sum[o] += x[i] * w[i * n_out + o];
}

static void add_bias(const opt_layer *l, float *sum) {
  for (size_t o = 0; o < l->weights->n_out; o++)
    sum[o] += l->weights->bias[o];
  activate(l->act, sum, l->weights->n_out);
}

static void conv_pixel(const walk *k, const float *w, const float *in, int y, int x, float *sum) {
  size_t ci = (size_t)k->in.c, co = (size_t)k->out.c;
  for (int ky = 0; ky < k->l->filter_h; ky++)
    for (int kx = 0; kx < k->l->filter_w; kx++) {
      long p = pixel(k, y, x, ky, kx);
      size_t tap = (size_t)(ky * k->l->filter_w + kx);
      if (p >= 0)
        add_rows(sum, in + (size_t)p * ci, w + tap * ci * co, ci, co);
    }
}

static void depthwise_pixel(const walk *k, const float *w, const float *in, int y, int x,
                            float *sum) {
  size_t ci = (size_t)k->in.c, m = (size_t)k->l->depth_multiplier;
  for (int ky = 0; ky < k->l->filter_h; ky++)
    for (int kx = 0; kx < k->l->filter_w; kx++) {
      long p = pixel(k, y, x, ky, kx);
      const float *tap = w + (size_t)(ky * k->l->filter_w + kx) * ci * m;
      for (size_t c = 0; p >= 0 && c < ci; c++)
        for (size_t j = 0; j < m; j++)
          sum[c * m + j] += in[(size_t)p * ci + c] * tap[c * m + j];
    }
}

static void run_conv(const opt_net *net, const opt_layer *l, const float *w, const float *in,
                     float *out) {
  walk k = walk_of(net, l);
  memset(out, 0, net->values[l->output].n_elems * sizeof *out);
  for (int y = 0; y < k.out.h; y++)
    for (int x = 0; x < k.out.w; x++) {
      float *sum = out + (size_t)(y * k.out.w + x) * (size_t)k.out.c;
      if (l->kind == OPT_CONV)
        conv_pixel(&k, w, in, y, x, sum);
      else
        depthwise_pixel(&k, w, in, y, x, sum);
      add_bias(l, sum);
    }
}

static void run_dense(const opt_layer *l, const float *w, const float *in, float *out) {
  size_t n_out = l->weights->n_out;
  memset(out, 0, n_out * sizeof *out);
  add_rows(out, in, w, l->weights->n_elems / n_out, n_out);
  add_bias(l, out);
}

static void pool_pixel(const walk *k, const float *in, int y, int x, float *out) {
  bool max = k->l->kind == OPT_MAX_POOL;
  int n = 0;
  for (int c = 0; c < k->out.c; c++)
    out[c] = max ? -INFINITY : 0.0f;
  for (int ky = 0; ky < k->l->filter_h; ky++)
    for (int kx = 0; kx < k->l->filter_w; kx++) {
      long p = pixel(k, y, x, ky, kx);
      const float *at = in + (size_t)(p < 0 ? 0 : p) * (size_t)k->in.c;
      n += p >= 0;
      for (int c = 0; p >= 0 && c < k->out.c; c++)
        out[c] = max ? (at[c] > out[c] ? at[c] : out[c]) : out[c] + at[c];
    }
  for (int c = 0; !max && c < k->out.c; c++)
    out[c] /= (float)n;
  activate(k->l->act, out, (size_t)k->out.c);
}

static void run_pool(const opt_net *net, const opt_layer *l, const float *in, float *out) {
  walk k = walk_of(net, l);
  for (int y = 0; y < k.out.h; y++)
    for (int x = 0; x < k.out.w; x++)
      pool_pixel(&k, in, y, x, out + (size_t)(y * k.out.w + x) * (size_t)k.out.c);
}

/* ---- the rest ------------------------------------------------------------------ */
static void run_mean(const opt_net *net, const opt_layer *l, const float *in, float *out) {
  plane p = plane_of(&net->values[l->inputs[0]]);
  size_t c = (size_t)p.c, n = (size_t)p.h * (size_t)p.w;
  memset(out, 0, c * sizeof *out);
  for (size_t i = 0; i < n * c; i++)
    out[i % c] += in[i];
  for (size_t i = 0; i < c; i++)
    out[i] /= (float)n;
}

static void run_pad(const opt_net *net, const opt_layer *l, const float *in, float *out) {
  plane a = plane_of(&net->values[l->inputs[0]]), b = plane_of(&net->values[l->output]);
  size_t row = (size_t)a.w * (size_t)a.c;
  memset(out, 0, net->values[l->output].n_elems * sizeof *out);
  for (int y = 0; y < a.h; y++)
    memcpy(out + ((size_t)(y + l->pad[2]) * (size_t)b.w + (size_t)l->pad[4]) * (size_t)b.c,
           in + (size_t)y * row, row * sizeof *in);
}

static void run_softmax(const opt_net *net, const opt_layer *l, const float *in, float *out) {
  const opt_value *v = &net->values[l->output];
  size_t c = (size_t)v->shape[v->rank - 1];
  for (size_t at = 0; at < v->n_elems; at += c) {
    float top = -INFINITY, sum = 0.0f;
    for (size_t i = 0; i < c; i++)
      top = in[at + i] > top ? in[at + i] : top;
    for (size_t i = 0; i < c; i++)
      sum += out[at + i] = expf((in[at + i] - top) * l->beta);
    for (size_t i = 0; i < c; i++)
      out[at + i] /= sum;
  }
}

static void run_concat(const opt_net *net, const opt_layer *l, float *const *values, size_t sample,
                       float *out) {
  const opt_value *v = &net->values[l->output];
  size_t c = (size_t)v->shape[v->rank - 1], rows = v->n_elems / c, at = 0;
  for (int j = 0; j < l->n_inputs; j++) {
    const opt_value *in = &net->values[l->inputs[j]];
    size_t part = in->n_elems / rows;
    const float *from = values[l->inputs[j]] + sample * in->n_elems;
    for (size_t r = 0; r < rows; r++)
      memcpy(out + r * c + at, from + r * part, part * sizeof *out);
    at += part;
  }
  activate(l->act, out, v->n_elems);
}

static void run_add(const opt_layer *l, const float *a, const float *b, size_t n, float *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = a[i] + b[i];
  activate(l->act, out, n);
}

/* With the cuts of TFLite's reference. */
static float logistic(float x) {
  if (x > 16.619047164916992188f)
    return 1.0f;
  return x < -9.0f ? expf(x) : 1.0f / (1.0f + expf(-x));
}

static void run_logistic(const float *in, size_t n, float *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = logistic(in[i]);
}

static void run_layer(const opt_net *net, const opt_layer *l, const float *w, float *const *values,
                      size_t sample) {
  const opt_value *v = &net->values[l->output];
  const float *in = values[l->inputs[0]] + sample * net->values[l->inputs[0]].n_elems;
  float *out = values[l->output] + sample * v->n_elems;
  switch (l->kind) {
  case OPT_CONV:
  case OPT_DEPTHWISE: run_conv(net, l, w, in, out); break;
  case OPT_DENSE: run_dense(l, w, in, out); break;
  case OPT_ADD: run_add(l, in, values[l->inputs[1]] + sample * v->n_elems, v->n_elems, out); break;
  case OPT_MAX_POOL:
  case OPT_AVERAGE_POOL: run_pool(net, l, in, out); break;
  case OPT_MEAN: run_mean(net, l, in, out); break;
  case OPT_PAD: run_pad(net, l, in, out); break;
  case OPT_SOFTMAX: run_softmax(net, l, in, out); break;
  case OPT_LOGISTIC: run_logistic(in, v->n_elems, out); break;
  case OPT_CONCAT: run_concat(net, l, values, sample, out); break;
  default:
    memcpy(out, in, v->n_elems * sizeof *out);
    activate(l->kind == OPT_RELU    ? WEFT_ACT_RELU
             : l->kind == OPT_RELU6 ? WEFT_ACT_RELU6
                                    : WEFT_ACT_NONE,
             out, v->n_elems);
    break;
  }
}

/* At most so many samples at once when nobody asks for all of a layer. */
#define SAMPLES_AT_ONCE 8

static weft_status forward(weft_arena *arena, const opt_net *net, float *const *weights,
                           const float *in, size_t n, float *out, opt_sink sink, void *user) {
  float **values = WEFT_NEW(arena, float *, net->n_values);
  for (int v = 0; v < net->n_values; v++)
    values[v] = WEFT_NEW(arena, float, n * net->values[v].n_elems + 1);
  const opt_value *first = &net->values[net->inputs[0]], *last = &net->values[net->outputs[0]];
  memcpy(values[net->inputs[0]], in, n * first->n_elems * sizeof *in);
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    for (size_t s = 0; s < n; s++) {
      if (weft_interrupted())
        return WEFT_E_INTERRUPTED;
      run_layer(net, l, weights[i], values, s);
    }
    if (sink)
      sink(user, i, values[l->output], n * net->values[l->output].n_elems);
  }
  memcpy(out, values[net->outputs[0]], n * last->n_elems * sizeof *out);
  return WEFT_OK;
}

weft_status opt_forward(weft_diag *d, const opt_net *net, const float *in, size_t n, float *out,
                        opt_sink sink, void *user) {
  if (net->n_inputs != 1 || net->n_outputs != 1)
    return weft_fail(d, WEFT_E_ARG, net->name, "several inputs or outputs", "one of each", NULL);
  weft_arena *arena = weft_arena_new();
  float **weights = WEFT_NEW(arena, float *, net->n_layers + 1);
  size_t n_in = net->values[net->inputs[0]].n_elems, n_out = net->values[net->outputs[0]].n_elems;
  size_t chunk = sink || n < SAMPLES_AT_ONCE ? n : SAMPLES_AT_ONCE;
  weft_status status = WEFT_OK;
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    if (l->weights)
      weights[i] = l->kind == OPT_DEPTHWISE ? l->weights->w : channels_last(arena, l->weights);
  }
  for (size_t at = 0; at < n && status == WEFT_OK; at += chunk) {
    weft_arena *scratch = weft_arena_new();
    size_t m = n - at < chunk ? n - at : chunk;
    status = forward(scratch, net, weights, in + at * n_in, m, out + at * n_out, sink, user);
    weft_arena_free(&scratch);
  }
  weft_arena_free(&arena);
  return status;
}
