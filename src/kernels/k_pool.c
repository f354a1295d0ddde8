/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_ops.h"

typedef void (*pool_pixel)(const weft_k_pool *p, const int8_t *image,
                           weft_k_taps ty, weft_k_taps tx, int8_t *out);

static const int8_t *pixel_at(const weft_k_pool *p, const int8_t *image, int y,
                              int x) {
  return image + ((size_t)y * (size_t)p->in.w + (size_t)x) * (size_t)p->in.c;
}

static void average_pixel(const weft_k_pool *p, const int8_t *image,
                          weft_k_taps ty, weft_k_taps tx, int8_t *out) {
  const int rows = ty.end - ty.first, cols = tx.end - tx.first;
  const int n = rows * cols;
  for (int c = 0; c < p->in.c; c++)
    p->acc[c] = 0;
  for (int r = 0; r < rows; r++) {
    const int8_t *x = pixel_at(p, image, ty.at + r, tx.at);
    for (int k = 0; k < cols; k++)
      for (int c = 0; c < p->in.c; c++)
        p->acc[c] += *x++;
  }
  for (int c = 0; c < p->in.c; c++) {
    const int32_t a = p->acc[c];
    const int32_t y = n == 0 ? 0 : a > 0 ? (a + n / 2) / n : (a - n / 2) / n;
    out[c] = (int8_t)weft_k_clamp(y, p->lo, p->hi);
  }
}

static void max_pixel(const weft_k_pool *p, const int8_t *image, weft_k_taps ty,
                      weft_k_taps tx, int8_t *out) {
  for (int c = 0; c < p->in.c; c++)
    p->acc[c] = -128;
  for (int r = 0; r < ty.end - ty.first; r++) {
    const int8_t *x = pixel_at(p, image, ty.at + r, tx.at);
    for (int k = tx.first; k < tx.end; k++)
      for (int c = 0; c < p->in.c; c++, x++)
        p->acc[c] = *x > p->acc[c] ? *x : p->acc[c];
  }
  for (int c = 0; c < p->in.c; c++)
    out[c] = (int8_t)weft_k_clamp(p->acc[c], p->lo, p->hi);
}

static void pool(const weft_k_pool *p, pool_pixel pixel, const int8_t *in,
                 int8_t *out) {
  const size_t image = (size_t)p->in.h * (size_t)p->in.w * (size_t)p->in.c;
  for (int n = 0; n < p->in.n; n++, in += image)
    for (int oy = 0; oy < p->out.h; oy++) {
      const weft_k_taps ty = weft_k_taps_of(&p->y, oy);
      for (int ox = 0; ox < p->out.w; ox++, out += p->out.c)
        pixel(p, in, ty, weft_k_taps_of(&p->x, ox), out);
    }
}

void weft_k_average_pool(const weft_k_pool *p, const int8_t *in, int8_t *out) {
  pool(p, average_pixel, in, out);
}

void weft_k_max_pool(const weft_k_pool *p, const int8_t *in, int8_t *out) {
  pool(p, max_pixel, in, out);
}

void *weft_k_average_pool_open(const weft_k_site *s) {
  const weft_op *op = s->op;
  const weft_tensor *t = weft_k_output(s, 0);
  if (t->n_scales < 1)
    return NULL;
  weft_k_pool *p = WEFT_NEW(s->arena, weft_k_pool, 1);
  p->in = weft_k_image_of(weft_k_input(s, 0));
  p->out = weft_k_image_of(t);
  p->y = weft_k_axis_of(p->in.h, p->out.h, op->filter_h, op->stride_h, 1);
  p->x = weft_k_axis_of(p->in.w, p->out.w, op->filter_w, op->stride_w, 1);
  weft_k_act_range(op->act, t->scale[0], t->zero_point[0], &p->lo, &p->hi);
  p->acc = WEFT_NEW(s->arena, int32_t, p->in.c);
  return p->in.c == p->out.c ? p : NULL;
}

void *weft_k_max_pool_open(const weft_k_site *s) {
  return weft_k_average_pool_open(s);
}

weft_status weft_k_average_pool_run(const weft_k_site *s, void *params) {
  weft_k_average_pool(params, weft_k_input_data(s, 0), weft_k_output_data(s, 0));
  return WEFT_OK;
}

weft_status weft_k_max_pool_run(const weft_k_site *s, void *params) {
  weft_k_max_pool(params, weft_k_input_data(s, 0), weft_k_output_data(s, 0));
  return WEFT_OK;
}
