/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE: over the taps of each window, BLOCK output channels at a time. */
#include <string.h>

#include "compiler/optimize/train_engine.h"

enum { BLOCK = 16 };

/* Layer, sample and output pixel at hand; the taps inside the image. */
typedef struct spot {
  const train_op *o;
  train_window w;
  size_t c, m;                  /* output channels, multiplier               */
  size_t x, y;                  /* offsets of the sample, of the output pixel */
  int oy, ox;
} spot;

typedef void (*spot_fn)(const spot *s);

static void each_pixel(const train_op *o, spot_fn fn) {
  spot s = {.o = o, .w = train_window_of(o->net, o->l)};
  s.c = (size_t)s.w.out_c;
  s.m = s.c / (size_t)s.w.in_c;
  for (size_t i = 0; i < o->n; i++)
    for (s.oy = 0; s.oy < s.w.out_h; s.oy++)
      for (s.ox = 0; s.ox < s.w.out_w; s.ox++) {
        s.x = i * o->in->n_elems;
        s.y = i * o->out->n_elems + (size_t)(s.oy * s.w.out_w + s.ox) * s.c;
        fn(&s);
      }
}

/* Offset of the input pixel under a tap; false: outside. */
static inline bool pixel(const spot *s, int ky, int kx, size_t *at) {
  const int y = s->oy * s->w.stride_h - s->w.pad_y + ky * s->w.dilation_h;
  const int x = s->ox * s->w.stride_w - s->w.pad_x + kx * s->w.dilation_w;
  *at = s->x + (size_t)(y * s->w.in_w + x) * (size_t)s->w.in_c;
  return y >= 0 && y < s->w.in_h && x >= 0 && x < s->w.in_w;
}

/* ---- one channel in, one out ------------------------------------------------------ */
static void forward_block(const spot *s, size_t c, size_t n) {
  float sum[BLOCK] = {0};
  size_t at;
  for (int ky = 0; ky < s->w.k_h; ky++)
    for (int kx = 0; kx < s->w.k_w; kx++) {
      if (!pixel(s, ky, kx, &at))
        continue;
      const float *restrict x = s->o->x[0] + at + c;
      const float *restrict k = s->o->w + (size_t)(ky * s->w.k_w + kx) * s->c + c;
      if (n == BLOCK)
        for (size_t i = 0; i < BLOCK; i++)
          sum[i] += x[i] * k[i];
      else
        for (size_t i = 0; i < n; i++)
          sum[i] += x[i] * k[i];
    }
  memcpy(s->o->y + s->y + c, sum, n * sizeof *sum);
}

static void forward_single(const spot *s) {
  for (size_t c = 0; c < s->c; c += BLOCK)
    forward_block(s, c, s->c - c < BLOCK ? s->c - c : BLOCK);
}

static void add_product(float *restrict t, const float *restrict a, const float *restrict b,
                        size_t n) {
  for (size_t i = 0; i < n; i++)
    t[i] += a[i] * b[i];
}

static void backward_single(const spot *s) {
  const float *dy = s->o->dy + s->y;
  size_t at;
  for (int ky = 0; ky < s->w.k_h; ky++)
    for (int kx = 0; kx < s->w.k_w; kx++) {
      const size_t k = (size_t)(ky * s->w.k_w + kx) * s->c;
      if (!pixel(s, ky, kx, &at))
        continue;
      if (s->o->dw)
        add_product(s->o->dw + k, s->o->x[0] + at, dy, s->c);
      if (s->o->dx[0])
        add_product(s->o->dx[0] + at, s->o->w + k, dy, s->c);
    }
}

/* ---- a multiplier: m outputs of each channel, side by side --------------------------- */
static void add_scaled(float *restrict t, const float *restrict a, float by, size_t n) {
  for (size_t i = 0; i < n; i++)
    t[i] += a[i] * by;
}

static void forward_multiple(const spot *s) {
  float *y = s->o->y + s->y;
  size_t at;
  memset(y, 0, s->c * sizeof *y);
  for (int ky = 0; ky < s->w.k_h; ky++)
    for (int kx = 0; kx < s->w.k_w; kx++) {
      const float *k = s->o->w + (size_t)(ky * s->w.k_w + kx) * s->c;
      if (!pixel(s, ky, kx, &at))
        continue;
      for (size_t c = 0; c * s->m < s->c; c++)
        add_scaled(y + c * s->m, k + c * s->m, s->o->x[0][at + c], s->m);
    }
}

static void backward_multiple(const spot *s) {
  const float *dy = s->o->dy + s->y;
  size_t at;
  for (int ky = 0; ky < s->w.k_h; ky++)
    for (int kx = 0; kx < s->w.k_w; kx++) {
      const size_t k = (size_t)(ky * s->w.k_w + kx) * s->c;
      if (!pixel(s, ky, kx, &at))
        continue;
      for (size_t c = 0; c * s->m < s->c; c++) {
        const float *w = s->o->w + k + c * s->m, *g = dy + c * s->m;
        float sum = 0;
        if (s->o->dw)
          add_scaled(s->o->dw + k + c * s->m, g, s->o->x[0][at + c], s->m);
        for (size_t j = 0; j < s->m && s->o->dx[0]; j++)
          sum += w[j] * g[j];
        if (s->o->dx[0])
          s->o->dx[0][at + c] += sum;
      }
    }
}

static bool is_single(const train_op *o) { return o->out->shape[3] == o->in->shape[3]; }

void train_depthwise_forward(const train_op *o) {
  each_pixel(o, is_single(o) ? forward_single : forward_multiple);
}

void train_depthwise_backward(const train_op *o) {
  each_pixel(o, is_single(o) ? backward_single : backward_multiple);
}
