/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE: loops over channels, innermost. */
#include "compiler/optimize/train_engine.h"

/* One tap of one window: channels [0, out_c) of output, weights and (repeated
 * `multiplier` times) input. */
typedef struct tap {
  size_t x, y, w;               /* offsets of channel 0                      */
} tap;

typedef void (*tap_fn)(const train_op *o, const train_window *w, const tap *t);

static void each_tap(const train_op *o, const train_window *w, tap_fn fn) {
  const size_t c_in = (size_t)w->in_c, c_out = (size_t)w->out_c;
  tap t;
  for (size_t i = 0; i < o->n; i++)
    for (int oy = 0; oy < w->out_h; oy++)
      for (int ox = 0; ox < w->out_w; ox++) {
        t.y = i * o->out->n_elems + (size_t)(oy * w->out_w + ox) * c_out;
        for (int ky = 0; ky < w->k_h; ky++) {
          const int y = oy * w->stride_h - w->pad_y + ky * w->dilation_h;
          if (y < 0 || y >= w->in_h)
            continue;
          for (int kx = 0; kx < w->k_w; kx++) {
            const int x = ox * w->stride_w - w->pad_x + kx * w->dilation_w;
            if (x < 0 || x >= w->in_w)
              continue;
            t.x = i * o->in->n_elems + (size_t)(y * w->in_w + x) * c_in;
            t.w = (size_t)(ky * w->k_w + kx) * c_out;
            fn(o, w, &t);
          }
        }
      }
}

static void forward_tap(const train_op *o, const train_window *w, const tap *t) {
  const size_t n = (size_t)w->out_c, m = n / (size_t)w->in_c;
  float *restrict y = o->y + t->y;
  const float *restrict x = o->x[0] + t->x, *restrict k = o->w + t->w;
  if (m == 1)
    for (size_t c = 0; c < n; c++)
      y[c] += x[c] * k[c];
  else
    for (size_t c = 0; c < n; c++)
      y[c] += x[c / m] * k[c];
}

static void weight_tap(const train_op *o, const train_window *w, const tap *t) {
  const size_t n = (size_t)w->out_c, m = n / (size_t)w->in_c;
  float *restrict dk = o->dw + t->w;
  const float *restrict x = o->x[0] + t->x, *restrict dy = o->dy + t->y;
  if (m == 1)
    for (size_t c = 0; c < n; c++)
      dk[c] += x[c] * dy[c];
  else
    for (size_t c = 0; c < n; c++)
      dk[c] += x[c / m] * dy[c];
}

static void input_tap(const train_op *o, const train_window *w, const tap *t) {
  const size_t n = (size_t)w->out_c, m = n / (size_t)w->in_c;
  float *restrict dx = o->dx[0] + t->x;
  const float *restrict k = o->w + t->w, *restrict dy = o->dy + t->y;
  if (m == 1)
    for (size_t c = 0; c < n; c++)
      dx[c] += k[c] * dy[c];
  else
    for (size_t c = 0; c < n; c++)
      dx[c / m] += k[c] * dy[c];
}

void train_depthwise_forward(const train_op *o) {
  const train_window w = train_window_of(o->net, o->l);
  for (size_t i = 0; i < o->n * o->out->n_elems; i++)
    o->y[i] = 0;
  each_tap(o, &w, forward_tap);
}

void train_depthwise_backward(const train_op *o) {
  const train_window w = train_window_of(o->net, o->l);
  if (o->dw)
    each_tap(o, &w, weight_tap);
  if (o->dx[0])
    each_tap(o, &w, input_tap);
}
