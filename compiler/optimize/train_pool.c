/* SPDX-License-Identifier: Apache-2.0 */
/* MAX_POOL, AVERAGE_POOL, MEAN. */
#include <float.h>
#include <string.h>

#include "compiler/optimize/train_engine.h"

/* The part of a window inside the image. */
typedef struct box { int y0, y1, x0, x1; } box;

static box inside(const train_window *w, int oy, int ox) {
  const int y = oy * w->stride_h - w->pad_y, x = ox * w->stride_w - w->pad_x;
  box b = {y, y + w->k_h, x, x + w->k_w};
  b.y0 = b.y0 < 0 ? 0 : b.y0;
  b.x0 = b.x0 < 0 ? 0 : b.x0;
  b.y1 = b.y1 > w->in_h ? w->in_h : b.y1;
  b.x1 = b.x1 > w->in_w ? w->in_w : b.x1;
  return b;
}

typedef void (*window_fn)(const train_op *o, const train_window *w, const box *b, size_t x,
                          size_t y);

/* x: offset of the sample's input, y: offset of the output pixel. */
static void each_window(const train_op *o, window_fn fn) {
  const train_window w = train_window_of(o->net, o->l);
  for (size_t i = 0; i < o->n; i++)
    for (int oy = 0; oy < w.out_h; oy++)
      for (int ox = 0; ox < w.out_w; ox++) {
        const box b = inside(&w, oy, ox);
        fn(o, &w, &b, i * o->in->n_elems,
           i * o->out->n_elems + (size_t)(oy * w.out_w + ox) * (size_t)w.in_c);
      }
}

static void max_forward(const train_op *o, const train_window *w, const box *b, size_t at_x,
                        size_t at_y) {
  const size_t n = (size_t)w->in_c;
  float *restrict y = o->y + at_y;
  for (size_t c = 0; c < n; c++)
    y[c] = -FLT_MAX;
  for (int r = b->y0; r < b->y1; r++)
    for (int q = b->x0; q < b->x1; q++) {
      const float *restrict x = o->x[0] + at_x + (size_t)(r * w->in_w + q) * n;
      for (size_t c = 0; c < n; c++)
        y[c] = x[c] > y[c] ? x[c] : y[c];
    }
}

/* The first of equal greatest elements gets the gradient; scratch holds what is
 * still to be given. */
static void max_backward(const train_op *o, const train_window *w, const box *b, size_t at_x,
                         size_t at_y) {
  const size_t n = (size_t)w->in_c;
  const float *restrict y = o->y + at_y;
  float *restrict left = o->scratch;
  memcpy(left, o->dy + at_y, n * sizeof *left);
  for (int r = b->y0; r < b->y1; r++)
    for (int q = b->x0; q < b->x1; q++) {
      const size_t at = at_x + (size_t)(r * w->in_w + q) * n;
      const float *restrict x = o->x[0] + at;
      float *restrict dx = o->dx[0] + at;
      for (size_t c = 0; c < n; c++) {
        const float g = x[c] == y[c] ? left[c] : 0.0f;
        dx[c] += g;
        left[c] = x[c] == y[c] ? 0.0f : left[c];
      }
    }
}

/* The same of windows apart, without a clear gradient before. */
static void max_backward_set(const train_op *o, const train_window *w, const box *b, size_t at_x,
                             size_t at_y) {
  const size_t n = (size_t)w->in_c;
  const float *restrict y = o->y + at_y;
  float *restrict left = o->scratch;
  memcpy(left, o->dy + at_y, n * sizeof *left);
  for (int r = b->y0; r < b->y1; r++)
    for (int q = b->x0; q < b->x1; q++) {
      const size_t at = at_x + (size_t)(r * w->in_w + q) * n;
      const float *restrict x = o->x[0] + at;
      float *restrict dx = o->dx[0] + at;
      for (size_t c = 0; c < n; c++) {
        dx[c] = x[c] == y[c] ? left[c] : 0.0f;
        left[c] = x[c] == y[c] ? 0.0f : left[c];
      }
    }
}

bool train_is_apart(const opt_layer *l) {
  return l->kind == OPT_MAX_POOL && l->stride_h >= l->filter_h && l->stride_w >= l->filter_w;
}

/* Elements of dx[0] that no window covers. */
static void clear_rest(const train_op *o) {
  const train_window w = train_window_of(o->net, o->l);
  const size_t n = (size_t)w.in_c, row = (size_t)w.in_w * n;
  for (size_t i = 0; i < o->n; i++)
    for (int y = 0; y < w.in_h; y++) {
      float *dx = o->dx[0] + i * o->in->n_elems + (size_t)y * row;
      const int wy = (y + w.pad_y) % w.stride_h, oy = (y + w.pad_y) / w.stride_h;
      if (wy >= w.k_h || oy >= w.out_h) {
        memset(dx, 0, row * sizeof *dx);
        continue;
      }
      for (int x = 0; x < w.in_w; x++) {
        const int wx = (x + w.pad_x) % w.stride_w, ox = (x + w.pad_x) / w.stride_w;
        if (wx >= w.k_w || ox >= w.out_w)
          memset(dx + (size_t)x * n, 0, n * sizeof *dx);
      }
    }
}

static void average_forward(const train_op *o, const train_window *w, const box *b, size_t at_x,
                            size_t at_y) {
  const size_t n = (size_t)w->in_c;
  const float part = 1.0f / (float)((b->y1 - b->y0) * (b->x1 - b->x0));
  float *restrict y = o->y + at_y;
  for (size_t c = 0; c < n; c++)
    y[c] = 0;
  for (int r = b->y0; r < b->y1; r++)
    for (int q = b->x0; q < b->x1; q++) {
      const float *restrict x = o->x[0] + at_x + (size_t)(r * w->in_w + q) * n;
      for (size_t c = 0; c < n; c++)
        y[c] += x[c];
    }
  for (size_t c = 0; c < n; c++)
    y[c] *= part;
}

static void average_backward(const train_op *o, const train_window *w, const box *b, size_t at_x,
                             size_t at_y) {
  const size_t n = (size_t)w->in_c;
  const float part = 1.0f / (float)((b->y1 - b->y0) * (b->x1 - b->x0));
  const float *restrict dy = o->dy + at_y;
  for (int r = b->y0; r < b->y1; r++)
    for (int q = b->x0; q < b->x1; q++) {
      float *restrict dx = o->dx[0] + at_x + (size_t)(r * w->in_w + q) * n;
      for (size_t c = 0; c < n; c++)
        dx[c] += dy[c] * part;
    }
}

void train_max_pool_forward(const train_op *o) { each_window(o, max_forward); }
void train_max_pool_backward(const train_op *o) {
  if (!o->dx[0])
    return;
  if (o->sets)
    clear_rest(o);
  each_window(o, o->sets ? max_backward_set : max_backward);
}
void train_average_pool_forward(const train_op *o) { each_window(o, average_forward); }
void train_average_pool_backward(const train_op *o) {
  if (o->dx[0])
    each_window(o, average_backward);
}

void train_mean_forward(const train_op *o) {
  const size_t n = o->out->n_elems, pixels = o->in->n_elems / n;
  const float part = 1.0f / (float)pixels;
  for (size_t i = 0; i < o->n; i++) {
    const float *x = o->x[0] + i * o->in->n_elems;
    float *restrict y = o->y + i * n;
    memset(y, 0, n * sizeof *y);
    for (size_t p = 0; p < pixels; p++, x += n)
      for (size_t c = 0; c < n; c++)
        y[c] += x[c];
    for (size_t c = 0; c < n; c++)
      y[c] *= part;
  }
}

void train_mean_backward(const train_op *o) {
  const size_t n = o->out->n_elems, pixels = o->in->n_elems / n;
  const float part = 1.0f / (float)pixels;
  for (size_t i = 0; i < o->n && o->dx[0]; i++) {
    float *restrict dx = o->dx[0] + i * o->in->n_elems;
    const float *restrict dy = o->dy + i * n;
    for (size_t p = 0; p < pixels; p++, dx += n)
      for (size_t c = 0; c < n; c++)
        dx[c] += dy[c] * part;
  }
}
