/* SPDX-License-Identifier: Apache-2.0 */
/* Layers without weights or windows, biases and activations. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/train_engine.h"

weft_act train_act_of(const opt_layer *l) {
  return l->kind == OPT_RELU ? WEFT_ACT_RELU : l->kind == OPT_RELU6 ? WEFT_ACT_RELU6 : l->act;
}

static void activate(float *restrict y, size_t n, weft_act act) {
  if (act == WEFT_ACT_RELU)
    for (size_t i = 0; i < n; i++)
      y[i] = y[i] > 0 ? y[i] : 0;
  else if (act == WEFT_ACT_RELU6)
    for (size_t i = 0; i < n; i++) {
      const float v = y[i] > 0 ? y[i] : 0;
      y[i] = v < 6 ? v : 6;
    }
}

void train_bias_act(float *y, const float *b, size_t rows, size_t cols, weft_act act) {
  if (!b) {
    activate(y, rows * cols, act);
    return;
  }
  for (size_t r = 0; r < rows; r++, y += cols) {
    float *restrict t = y;
    const float *restrict u = b;
    if (act == WEFT_ACT_RELU) {
      for (size_t c = 0; c < cols; c++) {
        const float v = t[c] + u[c];
        t[c] = v > 0 ? v : 0;
      }
      continue;
    }
    for (size_t c = 0; c < cols; c++)
      t[c] += u[c];
    activate(t, cols, act);
  }
}

static void gate(float *restrict dy, const float *restrict y, size_t n, weft_act act) {
  if (act == WEFT_ACT_RELU)
    for (size_t i = 0; i < n; i++)
      dy[i] = y[i] > 0 ? dy[i] : 0;
  else if (act == WEFT_ACT_RELU6)
    for (size_t i = 0; i < n; i++)
      dy[i] = y[i] > 0 && y[i] < 6 ? dy[i] : 0;
}

void train_act_gradient(float *dy, const float *y, float *db, size_t rows, size_t cols,
                        weft_act act) {
  for (size_t r = 0; r < rows; r++, dy += cols, y += cols) {
    gate(dy, y, cols, act);
    if (!db)
      continue;
    float *restrict sum = db;
    const float *restrict g = dy;
    for (size_t c = 0; c < cols; c++)
      sum[c] += g[c];
  }
}

static void add_to(float *restrict t, const float *restrict s, size_t n) {
  for (size_t i = 0; i < n; i++)
    t[i] += s[i];
}

void train_add_forward(const train_op *o) {
  const size_t n = o->n * o->out->n_elems;
  float *restrict y = o->y;
  const float *a = o->x[0], *b = o->x[1];
  for (size_t i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}

void train_add_backward(const train_op *o) {
  for (int i = 0; i < 2; i++)
    if (o->dx[i])
      add_to(o->dx[i], o->dy, o->n * o->out->n_elems);
}

void train_copy_forward(const train_op *o) {
  memcpy(o->y, o->x[0], o->n * o->out->n_elems * sizeof *o->y);
}
void train_copy_backward(const train_op *o) {
  if (o->dx[0])
    add_to(o->dx[0], o->dy, o->n * o->out->n_elems);
}

static size_t channels(const opt_value *v) { return (size_t)v->shape[v->rank - 1]; }

void train_concat_forward(const train_op *o) {
  const size_t all = channels(o->out), rows = o->n * o->out->n_elems / all;
  size_t at = 0;
  for (int i = 0; i < o->l->n_inputs; i++) {
    const size_t c = channels(&o->net->values[o->l->inputs[i]]);
    for (size_t r = 0; r < rows; r++)
      memcpy(o->y + r * all + at, o->x[i] + r * c, c * sizeof *o->y);
    at += c;
  }
}

void train_concat_backward(const train_op *o) {
  const size_t all = channels(o->out), rows = o->n * o->out->n_elems / all;
  size_t at = 0;
  for (int i = 0; i < o->l->n_inputs; i++) {
    const size_t c = channels(&o->net->values[o->l->inputs[i]]);
    for (size_t r = 0; r < rows && o->dx[i]; r++)
      add_to(o->dx[i] + r * c, o->dy + r * all + at, c);
    at += c;
  }
}

/* Offset in the output of line y of a sample's input, and the line's length. */
static size_t padded_line(const train_op *o, int y, size_t *n) {
  const int32_t *in = o->in->shape, *out = o->out->shape;
  *n = (size_t)in[2] * (size_t)in[3];
  return ((size_t)(y + o->l->pad[2]) * (size_t)out[2] + (size_t)o->l->pad[4]) * (size_t)out[3];
}

void train_pad_forward(const train_op *o) {
  memset(o->y, 0, o->n * o->out->n_elems * sizeof *o->y);
  for (size_t i = 0; i < o->n; i++)
    for (int y = 0; y < o->in->shape[1]; y++) {
      size_t n;
      const size_t at = padded_line(o, y, &n);
      memcpy(o->y + i * o->out->n_elems + at, o->x[0] + i * o->in->n_elems + (size_t)y * n,
             n * sizeof *o->y);
    }
}

void train_pad_backward(const train_op *o) {
  for (size_t i = 0; i < o->n && o->dx[0]; i++)
    for (int y = 0; y < o->in->shape[1]; y++) {
      size_t n;
      const size_t at = padded_line(o, y, &n);
      add_to(o->dx[0] + i * o->in->n_elems + (size_t)y * n, o->dy + i * o->out->n_elems + at, n);
    }
}

void train_softmax_forward(const train_op *o) {
  const size_t n = channels(o->out), rows = o->n * o->out->n_elems / n;
  for (size_t r = 0; r < rows; r++) {
    const float *x = o->x[0] + r * n;
    float *y = o->y + r * n, most = x[0], sum = 0;
    for (size_t c = 1; c < n; c++)
      most = x[c] > most ? x[c] : most;
    for (size_t c = 0; c < n; c++)
      sum += y[c] = expf((x[c] - most) * o->l->beta);
    for (size_t c = 0; c < n; c++)
      y[c] /= sum;
  }
}

void train_softmax_backward(const train_op *o) {
  const size_t n = channels(o->out), rows = o->n * o->out->n_elems / n;
  for (size_t r = 0; r < rows && o->dx[0]; r++) {
    const float *y = o->y + r * n, *dy = o->dy + r * n;
    float dot = 0;
    for (size_t c = 0; c < n; c++)
      dot += y[c] * dy[c];
    for (size_t c = 0; c < n; c++)
      o->dx[0][r * n + c] += o->l->beta * y[c] * (dy[c] - dot);
  }
}

void train_logistic_forward(const train_op *o) {
  for (size_t i = 0; i < o->n * o->out->n_elems; i++)
    o->y[i] = 1.0f / (1.0f + expf(-o->x[0][i]));
}
void train_logistic_backward(const train_op *o) {
  for (size_t i = 0; i < o->n * o->out->n_elems && o->dx[0]; i++)
    o->dx[0][i] += o->dy[i] * o->y[i] * (1.0f - o->y[i]);
}
