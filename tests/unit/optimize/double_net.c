/* SPDX-License-Identifier: Apache-2.0 */
/* Forward and loss in double by plain loops: the other side of the gradient checks. */
#include <math.h>
#include <stdlib.h>

#include "net_maker.h"

/* all: [n_elems] of the layer's weights, instead of one element; NULL: none */
typedef struct moved { int layer; size_t i; double by; const double *all; } moved;

typedef struct dnet {
  const opt_net *net;
  const moved *m;
  double **act;                 /* [n_values] of one sample                  */
} dnet;

static double weight(const dnet *d, int layer, size_t i) {
  const opt_weights *w = d->net->layers[layer].weights;
  const double v = i < w->n_elems ? (double)w->w[i] : (double)w->bias[i - w->n_elems];
  if (d->m->layer == layer && d->m->all)
    return i < w->n_elems ? v + d->m->all[i] : v;
  return d->m->layer == layer && d->m->i == i ? v + d->m->by : v;
}

static double act_of(weft_act act, double v) {
  if (act == WEFT_ACT_RELU || act == WEFT_ACT_RELU6)
    v = v > 0 ? v : 0;
  return act == WEFT_ACT_RELU6 && v > 6 ? 6 : v;
}

/* One output element of a window layer. */
static double window(const dnet *d, int layer, int oy, int ox, int oc) {
  const opt_layer *l = &d->net->layers[layer];
  const int32_t *in = d->net->values[l->inputs[0]].shape;
  const int32_t *out = d->net->values[l->output].shape;
  const opt_weights *w = l->weights;
  const int kh = w ? w->shape[1] : l->filter_h, kw = w ? w->shape[2] : l->filter_w;
  const int py = weft_pad_before(l->padding, in[1], out[1], kh, l->stride_h, l->dilation_h);
  const int px = weft_pad_before(l->padding, in[2], out[2], kw, l->stride_w, l->dilation_w);
  double sum = w ? weight(d, layer, w->n_elems + (size_t)oc) : 0, most = -1e300;
  int n = 0;
  for (int ky = 0; ky < kh; ky++)
    for (int kx = 0; kx < kw; kx++) {
      const int y = oy * l->stride_h - py + ky * l->dilation_h;
      const int x = ox * l->stride_w - px + kx * l->dilation_w;
      if (y < 0 || y >= in[1] || x < 0 || x >= in[2])
        continue;
      const double *pixel = d->act[l->inputs[0]] + (y * in[2] + x) * in[3];
      n++;
      if (l->kind == OPT_CONV)
        for (int c = 0; c < in[3]; c++)
          sum += pixel[c] * weight(d, layer, (size_t)(((oc * kh + ky) * kw + kx) * in[3] + c));
      else if (l->kind == OPT_DEPTHWISE)
        sum += pixel[oc / l->depth_multiplier] *
               weight(d, layer, (size_t)((ky * kw + kx) * out[3] + oc));
      else {
        sum += pixel[oc];
        most = pixel[oc] > most ? pixel[oc] : most;
      }
    }
  return l->kind == OPT_MAX_POOL ? most : l->kind == OPT_AVERAGE_POOL ? sum / n : sum;
}

static void run_window(const dnet *d, int layer) {
  const opt_layer *l = &d->net->layers[layer];
  const int32_t *out = d->net->values[l->output].shape;
  for (int y = 0, i = 0; y < out[1]; y++)
    for (int x = 0; x < out[2]; x++)
      for (int c = 0; c < out[3]; c++, i++)
        d->act[l->output][i] = window(d, layer, y, x, c);
}

static void run_dense(const dnet *d, int layer) {
  const opt_layer *l = &d->net->layers[layer];
  const size_t n = d->net->values[l->inputs[0]].n_elems;
  for (size_t o = 0; o < l->weights->n_out; o++) {
    double sum = weight(d, layer, l->weights->n_elems + o);
    for (size_t i = 0; i < n; i++)
      sum += d->act[l->inputs[0]][i] * weight(d, layer, o * n + i);
    d->act[l->output][o] = sum;
  }
}

static void run_softmax(const double *x, double *y, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += exp(x[i]);
  for (size_t i = 0; i < n; i++)
    y[i] = exp(x[i]) / sum;
}

static void run_concat(const dnet *d, const opt_layer *l) {
  const opt_value *out = &d->net->values[l->output];
  const int all = out->shape[out->rank - 1];
  for (int i = 0, at = 0; i < l->n_inputs; i++) {
    const opt_value *in = &d->net->values[l->inputs[i]];
    const int c = in->shape[in->rank - 1];
    for (size_t k = 0; k < in->n_elems; k++)
      d->act[l->output][k / (size_t)c * (size_t)all + (size_t)at + k % (size_t)c] =
          d->act[l->inputs[i]][k];
    at += c;
  }
}

static void run_pad(const dnet *d, const opt_layer *l) {
  const int32_t *in = d->net->values[l->inputs[0]].shape;
  const int32_t *out = d->net->values[l->output].shape;
  for (size_t i = 0; i < d->net->values[l->output].n_elems; i++)
    d->act[l->output][i] = 0;
  for (int y = 0; y < in[1]; y++)
    for (int x = 0; x < in[2]; x++)
      for (int c = 0; c < in[3]; c++)
        d->act[l->output][((y + l->pad[2]) * out[2] + x + l->pad[4]) * out[3] + c] =
            d->act[l->inputs[0]][(y * in[2] + x) * in[3] + c];
}

static void run_simple(const dnet *d, const opt_layer *l) {
  const size_t n = d->net->values[l->output].n_elems;
  const double *x = d->act[l->inputs[0]];
  double *y = d->act[l->output];
  const size_t pixels = d->net->values[l->inputs[0]].n_elems / n;
  for (size_t i = 0; i < n; i++) {
    y[i] = x[i];
    if (l->kind == OPT_ADD)
      y[i] += d->act[l->inputs[1]][i];
    if (l->kind == OPT_LOGISTIC)
      y[i] = 1 / (1 + exp(-x[i]));
    for (size_t p = 1; l->kind == OPT_MEAN && p < pixels; p++)
      y[i] += x[p * n + i];
    if (l->kind == OPT_MEAN)
      y[i] /= (double)pixels;
  }
}

static void run_layer(const dnet *d, int layer) {
  const opt_layer *l = &d->net->layers[layer];
  const opt_value *out = &d->net->values[l->output];
  if (l->kind == OPT_CONV || l->kind == OPT_DEPTHWISE || l->kind == OPT_MAX_POOL ||
      l->kind == OPT_AVERAGE_POOL)
    run_window(d, layer);
  else if (l->kind == OPT_DENSE)
    run_dense(d, layer);
  else if (l->kind == OPT_CONCAT)
    run_concat(d, l);
  else if (l->kind == OPT_PAD)
    run_pad(d, l);
  else if (l->kind == OPT_SOFTMAX)
    run_softmax(d->act[l->inputs[0]], d->act[l->output], out->n_elems);
  else
    run_simple(d, l);
  const weft_act act = l->kind == OPT_RELU    ? WEFT_ACT_RELU
                       : l->kind == OPT_RELU6 ? WEFT_ACT_RELU6
                                              : l->act;
  for (size_t i = 0; i < out->n_elems; i++)
    d->act[l->output][i] = act_of(act, d->act[l->output][i]);
}

static double *run(weft_arena *arena, const opt_net *net, const float *x, const moved *m) {
  dnet d = {net, m, WEFT_NEW(arena, double *, net->n_values)};
  for (int v = 0; v < net->n_values; v++)
    d.act[v] = WEFT_NEW(arena, double, net->values[v].n_elems);
  for (size_t i = 0; i < net->values[0].n_elems; i++)
    d.act[0][i] = (double)x[i];
  for (int l = 0; l < net->n_layers; l++)
    run_layer(&d, l);
  return d.act[net->outputs[0]];
}

/* Probabilities softened by t: p^(1/t) normalized is softmax(logits / t). */
static double softened(const double *p, size_t n, size_t i, double t) {
  double sum = 0;
  for (size_t k = 0; k < n; k++)
    sum += pow(p[k], 1 / t);
  return pow(p[i], 1 / t) / sum;
}

/* y: output after SOFTMAX or LOGISTIC (or any, of squared error). */
static double loss_of(const double *y, const double *teacher, const float *x, size_t n,
                      int32_t label, bool squared, const opt_train_options *o) {
  double hard = 0, soft = 0;
  if (squared)
    for (size_t i = 0; i < n; i++)
      hard += (y[i] - (double)x[i]) * (y[i] - (double)x[i]) / (double)n;
  else if (n == 1)
    hard = -log(label ? y[0] : 1 - y[0]);
  else
    hard = -log(y[label]);
  if (!teacher)
    return hard;
  for (size_t i = 0; i < n; i++) {
    const double q = softened(teacher, n, i, o->temperature);
    soft += q * log(q / softened(y, n, i, o->temperature));
  }
  const double alpha = o->teacher_only ? 0 : o->alpha;
  return alpha * hard + (1 - alpha) * o->temperature * o->temperature * soft;
}

static double loss_at(const opt_net *net, const float *x, const int32_t *label, size_t n,
                      const opt_train_options *o, moved m) {
  const moved none = {.layer = -1};
  const size_t n_in = net->values[0].n_elems, n_out = net->values[net->outputs[0]].n_elems;
  weft_arena *arena = weft_arena_new();
  double sum = 0;
  for (size_t s = 0; s < n; s++) {
    const double *t = o->teacher ? run(arena, o->teacher, x + s * n_in, &none) : NULL;
    sum += loss_of(run(arena, net, x + s * n_in, &m), t, x + s * n_in, n_out,
                   label ? label[s] : 0, !label, o);
  }
  weft_arena_free(&arena);
  return sum / (double)n;
}

double nm_loss(const opt_net *net, const float *x, const int32_t *label, size_t n,
               const opt_train_options *o, int layer, size_t i, double by) {
  return loss_at(net, x, label, n, o, (moved){.layer = layer, .i = i, .by = by});
}

double nm_loss_along(const opt_net *net, const float *x, const int32_t *label, size_t n,
                     const opt_train_options *o, int layer, const double *by) {
  return loss_at(net, x, label, n, o, (moved){.layer = layer, .all = by});
}
