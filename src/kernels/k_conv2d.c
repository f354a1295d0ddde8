/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_ops.h"

static size_t flat(int a, int b, int n_b) {
  return (size_t)a * (size_t)n_b + (size_t)b;
}

/* A row of the filter's window. Adjacent pixels are contiguous in image and
 * filter alike when nothing lies between them. */
static uint32_t sum_row(const weft_k_sums *p, const int8_t *w, const int8_t *x,
                        weft_k_taps tx) {
  const size_t c = (size_t)p->filter_c;
  w += (size_t)tx.first * c;
  if (p->x.dilation == 1 && p->filter_c == p->in.c)
    return weft_k_dot(w, x, (size_t)(tx.end - tx.first) * c, p->in_zero);
  const size_t step = flat(p->x.dilation, 0, p->in.c);
  uint32_t sum = 0;
  for (int kx = tx.first; kx < tx.end; kx++, w += c, x += step)
    sum += weft_k_dot(w, x, c, p->in_zero);
  return sum;
}

static void conv_pixel(const weft_k_sums *p, const int8_t *image, weft_k_taps ty,
                       weft_k_taps tx, int8_t *out) {
  const int per_group = p->out.c / (p->in.c / p->filter_c);
  const size_t row_w = flat(p->x.filter, 0, p->filter_c);
  const size_t row_x = flat(p->in.w, 0, p->in.c) * (size_t)p->y.dilation;
  const int8_t *corner = image + flat((int)flat(ty.at, tx.at, p->in.w), 0, p->in.c);
  for (int oc = 0; oc < p->out.c; oc++) {
    const int8_t *w = p->filter + flat(oc, ty.first, p->y.filter) * row_w;
    const int8_t *x = corner + flat(oc / per_group, 0, p->filter_c);
    uint32_t sum = 0;
    for (int ky = ty.first; ky < ty.end; ky++, w += row_w, x += row_x)
      sum += sum_row(p, w, x, tx);
    out[oc] = weft_k_finish(p, oc, sum);
  }
}

weft_status weft_k_conv2d(const weft_k_sums *p, const int8_t *in, int8_t *out) {
  return weft_k_each_pixel(p, in, out, conv_pixel);
}

void *weft_k_conv2d_open(const weft_k_site *s) {
  weft_k_image filter;
  weft_k_sums *p = weft_k_window_open(s, &filter);
  if (!p || p->in.c % filter.c != 0 || p->out.c % (p->in.c / filter.c) != 0)
    return NULL;
  p->filter_c = filter.c;
  return p;
}

weft_status weft_k_conv2d_run(const weft_k_site *s, void *params) {
  return weft_k_conv2d(params, weft_k_input_data(s, 0), weft_k_output_data(s, 0));
}
