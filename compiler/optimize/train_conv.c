/* SPDX-License-Identifier: Apache-2.0 */
/* CONV and DENSE by matrix products. A convolution copies the windows of some
 * samples into the rows of a matrix (im2col) that fits the cache, and multiplies. */
#include <cblas.h>
#include <string.h>

#include "compiler/optimize/train_engine.h"

#define BLOCK_ELEMS ((size_t)1 << 17)   /* of the matrix of windows: 512 KiB */

train_window train_window_of(const opt_net *net, const opt_layer *l) {
  const int32_t *in = net->values[l->inputs[0]].shape;
  const int32_t *out = net->values[l->output].shape;
  train_window w = {.in_h = in[1], .in_w = in[2], .in_c = in[3],
                    .out_h = out[1], .out_w = out[2], .out_c = out[3],
                    .k_h = l->filter_h, .k_w = l->filter_w,
                    .stride_h = l->stride_h, .stride_w = l->stride_w,
                    .dilation_h = 1, .dilation_w = 1};
  if (l->kind == OPT_CONV || l->kind == OPT_DEPTHWISE) {
    w.k_h = l->weights->shape[1];
    w.k_w = l->weights->shape[2];
    w.dilation_h = l->dilation_h;
    w.dilation_w = l->dilation_w;
  }
  w.pad_y = weft_pad_before(l->padding, w.in_h, w.out_h, w.k_h, w.stride_h, w.dilation_h);
  w.pad_x = weft_pad_before(l->padding, w.in_w, w.out_w, w.k_w, w.stride_w, w.dilation_w);
  return w;
}

static bool is_pointwise(const train_window *w) {
  return w->k_h == 1 && w->k_w == 1 && w->stride_h == 1 && w->stride_w == 1;
}
static size_t row_elems(const train_window *w) {
  return (size_t)w->k_h * (size_t)w->k_w * (size_t)w->in_c;
}
static size_t rows_of(const train_window *w) { return (size_t)w->out_h * (size_t)w->out_w; }

static size_t block_samples(const train_window *w) {
  const size_t one = rows_of(w) * row_elems(w);
  const size_t n = BLOCK_ELEMS / one;
  return n < 1 ? 1 : n > TRAIN_CHUNK ? TRAIN_CHUNK : n;
}

size_t train_conv_scratch(const opt_net *net, const opt_layer *l) {
  const train_window w = train_window_of(net, l);
  return is_pointwise(&w) ? 0 : block_samples(&w) * rows_of(&w) * row_elems(&w);
}

/* Part [*from, *to) of the taps of a window that lies in the image. */
static void taps_inside(int start, int dilation, int k, int size, int *from, int *to) {
  int a = 0, b = k;
  while (a < k && start + a * dilation < 0)
    a++;
  while (b > a && start + (b - 1) * dilation >= size)
    b--;
  *from = a;
  *to = b;
}

/* Output columns [*from, *to) whose windows lie in the image, of output row oy: none if
 * the row leaves it, or if a window has gaps. */
static void inner_columns(const train_window *w, int oy, int *from, int *to) {
  const int top = oy * w->stride_h - w->pad_y;
  const int span = (w->k_w - 1) * w->dilation_w, last = w->in_w - 1 - span + w->pad_x;
  *from = (w->pad_x + w->stride_w - 1) / w->stride_w;
  *to = last < 0 ? 0 : last / w->stride_w + 1;
  *to = *to > w->out_w ? w->out_w : *to;
  if (top < 0 || top + (w->k_h - 1) * w->dilation_h >= w->in_h || w->dilation_w != 1 ||
      *to < *from)
    *from = *to = w->out_w;
}

static inline void copy_floats(float *restrict dst, const float *restrict src, size_t n) {
  if (n > 16)
    memcpy(dst, src, n * sizeof *dst);
  else if (n == 3)
    for (size_t i = 0; i < 3; i++)
      dst[i] = src[i];
  else
    for (size_t i = 0; i < n; i++)
      dst[i] = src[i];
}

static void copy_line(float *dst, const float *src, const train_window *w, int x0) {
  const size_t c = (size_t)w->in_c;
  int from, to;
  taps_inside(x0, w->dilation_w, w->k_w, w->in_w, &from, &to);
  memset(dst, 0, (size_t)from * c * sizeof *dst);
  memset(dst + (size_t)to * c, 0, (size_t)(w->k_w - to) * c * sizeof *dst);
  if (from == to)
    return;
  if (w->dilation_w == 1) {
    copy_floats(dst + (size_t)from * c, src + (ptrdiff_t)(x0 + from) * (ptrdiff_t)c,
                (size_t)(to - from) * c);
    return;
  }
  for (int k = from; k < to; k++)
    memcpy(dst + (size_t)k * c, src + (ptrdiff_t)(x0 + k * w->dilation_w) * (ptrdiff_t)c,
           c * sizeof *dst);
}

/* One window that lies in the image; x: its first element. */
static inline void inner_window(float *restrict col, const float *restrict x,
                                const train_window *w) {
  const size_t c = (size_t)w->in_c, line = (size_t)w->k_w * c, row = (size_t)w->in_w * c;
  for (int ky = 0; ky < w->k_h; ky++, col += line, x += row * (size_t)w->dilation_h)
    copy_floats(col, x, line);
}

static void outer_window(float *col, const float *x, const train_window *w, int oy, int ox) {
  const size_t line = (size_t)w->k_w * (size_t)w->in_c;
  for (int ky = 0; ky < w->k_h; ky++, col += line) {
    const int y = oy * w->stride_h - w->pad_y + ky * w->dilation_h;
    if (y < 0 || y >= w->in_h)
      memset(col, 0, line * sizeof *col);
    else
      copy_line(col, x + (size_t)y * (size_t)w->in_w * (size_t)w->in_c, w,
                ox * w->stride_w - w->pad_x);
  }
}

static ptrdiff_t first_of(const train_window *w, int oy, int ox) {
  const int y = oy * w->stride_h - w->pad_y, x = ox * w->stride_w - w->pad_x;
  return ((ptrdiff_t)y * w->in_w + x) * w->in_c;
}

void train_windows(float *col, const float *x, const train_window *w) {
  const size_t window = row_elems(w);
  for (int oy = 0; oy < w->out_h; oy++) {
    int from, to;
    inner_columns(w, oy, &from, &to);
    for (int ox = 0; ox < w->out_w; ox++, col += window)
      if (ox >= from && ox < to)
        inner_window(col, x + first_of(w, oy, ox), w);
      else
        outer_window(col, x, w, oy, ox);
  }
}

static void add_line(float *dst, const float *src, const train_window *w, int x0) {
  const size_t c = (size_t)w->in_c;
  int from, to;
  taps_inside(x0, w->dilation_w, w->k_w, w->in_w, &from, &to);
  if (w->dilation_w == 1) {
    float *restrict t = dst + (ptrdiff_t)(x0 + from) * (ptrdiff_t)c;
    const float *restrict s = src + (size_t)from * c;
    const size_t n = from < to ? (size_t)(to - from) * c : 0;
    for (size_t i = 0; i < n; i++)
      t[i] += s[i];
    return;
  }
  for (int k = from; k < to; k++) {
    float *restrict t = dst + (ptrdiff_t)(x0 + k * w->dilation_w) * (ptrdiff_t)c;
    const float *restrict s = src + (size_t)k * c;
    for (size_t i = 0; i < c; i++)
      t[i] += s[i];
  }
}

static inline void add_inner_window(float *x, const float *restrict col, const train_window *w) {
  const size_t c = (size_t)w->in_c, line = (size_t)w->k_w * c, row = (size_t)w->in_w * c;
  for (int ky = 0; ky < w->k_h; ky++, col += line, x += row * (size_t)w->dilation_h) {
    float *restrict t = x;
    for (size_t i = 0; i < line; i++)
      t[i] += col[i];
  }
}

static void add_outer_window(float *dx, const float *col, const train_window *w, int oy, int ox) {
  const size_t line = (size_t)w->k_w * (size_t)w->in_c;
  for (int ky = 0; ky < w->k_h; ky++, col += line) {
    const int y = oy * w->stride_h - w->pad_y + ky * w->dilation_h;
    if (y >= 0 && y < w->in_h)
      add_line(dx + (size_t)y * (size_t)w->in_w * (size_t)w->in_c, col, w,
               ox * w->stride_w - w->pad_x);
  }
}

static void add_windows_of_sample(float *dx, const float *col, const train_window *w) {
  const size_t window = row_elems(w);
  for (int oy = 0; oy < w->out_h; oy++) {
    int from, to;
    inner_columns(w, oy, &from, &to);
    for (int ox = 0; ox < w->out_w; ox++, col += window)
      if (ox >= from && ox < to)
        add_inner_window(dx + first_of(w, oy, ox), col, w);
      else
        add_outer_window(dx, col, w, oy, ox);
  }
}

/* out[m][o] = col[m][k] * w[o][k]^T */
static void product_forward(float *out, const float *col, const float *w, size_t m, size_t o,
                            size_t k) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)o, (int)k, 1.0f, col,
              (int)k, w, (int)k, 0.0f, out, (int)o);
}
/* dw[o][k] += dy[m][o]^T * col[m][k] */
static void product_weights(float *dw, const float *dy, const float *col, size_t m, size_t o,
                            size_t k) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)o, (int)k, (int)m, 1.0f, dy,
              (int)o, col, (int)k, 1.0f, dw, (int)k);
}
/* dcol[m][k] = dy[m][o] * w[o][k] + add * dcol */
static void product_input(float *dcol, const float *dy, const float *w, size_t m, size_t o,
                          size_t k, bool add) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)k, (int)o, 1.0f, dy,
              (int)o, w, (int)k, add ? 1.0f : 0.0f, dcol, (int)k);
}

void train_conv_forward(const train_op *o) {
  const train_window w = train_window_of(o->net, o->l);
  const size_t rows = rows_of(&w), k = row_elems(&w), c = (size_t)w.out_c;
  if (is_pointwise(&w)) {
    product_forward(o->y, o->x[0], o->w, o->n * rows, c, k);
    return;
  }
  const size_t block = block_samples(&w);
  for (size_t at = 0; at < o->n; at += block) {
    const size_t n = o->n - at < block ? o->n - at : block;
    for (size_t i = 0; i < n; i++)
      train_windows(o->scratch + i * rows * k, o->x[0] + (at + i) * o->in->n_elems, &w);
    product_forward(o->y + at * rows * c, o->scratch, o->w, n * rows, c, k);
  }
}

void train_conv_backward(const train_op *o) {
  const train_window w = train_window_of(o->net, o->l);
  const size_t rows = rows_of(&w), k = row_elems(&w), c = (size_t)w.out_c;
  if (is_pointwise(&w)) {
    if (o->dw)
      product_weights(o->dw, o->dy, o->x[0], o->n * rows, c, k);
    if (o->dx[0])
      product_input(o->dx[0], o->dy, o->w, o->n * rows, c, k, true);
    return;
  }
  const size_t block = block_samples(&w);
  for (size_t at = 0; at < o->n; at += block) {
    const size_t n = o->n - at < block ? o->n - at : block;
    const float *dy = o->dy + at * rows * c;
    if (o->dw) {
      for (size_t i = 0; i < n; i++)
        train_windows(o->scratch + i * rows * k, o->x[0] + (at + i) * o->in->n_elems, &w);
      product_weights(o->dw, dy, o->scratch, n * rows, c, k);
    }
    if (!o->dx[0])
      continue;
    product_input(o->scratch, dy, o->w, n * rows, c, k, false);
    for (size_t i = 0; i < n; i++)
      add_windows_of_sample(o->dx[0] + (at + i) * o->in->n_elems, o->scratch + i * rows * k, &w);
  }
}

/* The rows of a DENSE layer: its input cut into pieces of the weights' length. */
static size_t dense_rows(const train_op *o, size_t *k) {
  *k = o->l->weights->n_elems / o->l->weights->n_out;
  return o->n * (o->in->n_elems / *k);
}

void train_dense_forward(const train_op *o) {
  size_t k;
  const size_t rows = dense_rows(o, &k);
  product_forward(o->y, o->x[0], o->w, rows, o->l->weights->n_out, k);
}

void train_dense_backward(const train_op *o) {
  size_t k;
  const size_t rows = dense_rows(o, &k);
  if (o->dw)
    product_weights(o->dw, o->dy, o->x[0], rows, o->l->weights->n_out, k);
  if (o->dx[0])
    product_input(o->dx[0], o->dy, o->w, rows, o->l->weights->n_out, k, true);
}
