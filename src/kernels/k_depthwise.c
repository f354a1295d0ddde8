/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "kernels/k_ops.h"

/* One tap: every output channel of the pixel. */
static void add_tap(const weft_k_sums *p, const int8_t *w, const int8_t *x) {
  const int multiplier = p->out.c / p->in.c;
  uint32_t *sum = p->sums;
  if (multiplier == 1) {
    for (int c = 0; c < p->in.c; c++)
      sum[c] += (uint32_t)(w[c] * (x[c] - p->in_zero));
    return;
  }
  for (int c = 0; c < p->in.c; c++)
    for (int m = 0; m < multiplier; m++)
      *sum++ += (uint32_t)(*w++ * (x[c] - p->in_zero));
}

static void depthwise_pixel(const weft_k_sums *p, const int8_t *image,
                            weft_k_taps ty, weft_k_taps tx, int8_t *out) {
  const size_t in_c = (size_t)p->in.c, out_c = (size_t)p->out.c;
  memset(p->sums, 0, out_c * sizeof p->sums[0]);
  for (int ky = ty.first; ky < ty.end; ky++) {
    const size_t y = (size_t)ty.at + (size_t)(ky - ty.first) * (size_t)p->y.dilation;
    const int8_t *x = image + (y * (size_t)p->in.w + (size_t)tx.at) * in_c;
    const int8_t *w =
      p->filter + ((size_t)ky * (size_t)p->x.filter + (size_t)tx.first) * out_c;
    for (int kx = tx.first; kx < tx.end; kx++) {
      add_tap(p, w, x);
      x += (size_t)p->x.dilation * in_c;
      w += out_c;
    }
  }
  for (int c = 0; c < p->out.c; c++)
    out[c] = weft_k_finish(p, c, p->sums[c]);
}

weft_status weft_k_depthwise(const weft_k_sums *p, const int8_t *in, int8_t *out) {
  return weft_k_each_pixel(p, in, out, depthwise_pixel);
}

void *weft_k_depthwise_open(const weft_k_site *s) {
  weft_k_image filter;
  weft_k_sums *p = weft_k_window_open(s, &filter);
  if (!p || filter.c != p->out.c || p->out.c % p->in.c != 0)
    return NULL;
  p->filter_c = 1;
  p->sums = WEFT_NEW(s->arena, uint32_t, p->out.c);
  return p;
}

weft_status weft_k_depthwise_run(const weft_k_site *s, void *params) {
  return weft_k_depthwise(params, weft_k_input_data(s, 0), weft_k_output_data(s, 0));
}
