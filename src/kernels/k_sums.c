/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_ops.h"

static const int32_t *copy_bias(const weft_k_site *s, int n) {
  const weft_tensor *t = weft_k_input(s, 2);
  int32_t *bias = WEFT_NEW(s->arena, int32_t, n);
  for (int c = 0; t && c < n; c++)
    bias[c] = weft_k_const_i32(t, (size_t)c);
  return bias;
}

static const weft_k_multiplier *multipliers(const weft_k_site *s, int n) {
  const weft_tensor *w = weft_k_input(s, 1);
  const double s_in = (double)weft_k_input(s, 0)->scale[0];
  const double s_out = (double)weft_k_output(s, 0)->scale[0];
  weft_k_multiplier *m = WEFT_NEW(s->arena, weft_k_multiplier, n);
  for (int c = 0; c < n; c++) {
    const double s_w = (double)w->scale[w->n_scales > 1 ? c : 0];
    m[c] = weft_k_multiplier_of(s_in * s_w / s_out);
  }
  return m;
}

weft_k_sums *weft_k_sums_open(const weft_k_site *s, int n_channels) {
  const weft_tensor *in = weft_k_input(s, 0), *w = weft_k_input(s, 1);
  const weft_tensor *bias = weft_k_input(s, 2), *out = weft_k_output(s, 0);
  if (!w || !w->data.data || in->n_scales < 1 || out->n_scales < 1 ||
      w->n_scales < 1 || (w->n_scales > 1 && w->n_scales != n_channels) ||
      (bias && (bias->type != WEFT_INT32 || !bias->data.data ||
                bias->n_elems != (size_t)n_channels)))
    return NULL;
  weft_k_sums *p = WEFT_NEW(s->arena, weft_k_sums, 1);
  p->filter = (const int8_t *)w->data.data;
  p->bias = copy_bias(s, n_channels);
  p->multiplier = multipliers(s, n_channels);
  p->in_zero = in->zero_point[0];
  p->out_zero = out->zero_point[0];
  weft_k_act_range(s->op->act, out->scale[0], p->out_zero, &p->lo, &p->hi);
  return p;
}

uint32_t weft_k_dot(const int8_t *w, const int8_t *x, size_t n, int32_t zero) {
  uint32_t sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (uint32_t)(w[i] * (x[i] - zero));
  return sum;
}

int8_t weft_k_finish(const weft_k_sums *p, int channel, uint32_t sum) {
  const int32_t acc = (int32_t)(sum + (uint32_t)p->bias[channel]);
  const int32_t y = weft_k_scale(acc, p->multiplier[channel]);
  return (int8_t)weft_k_clamp(weft_k_wrap_add(y, p->out_zero), p->lo, p->hi);
}

weft_k_sums *weft_k_window_open(const weft_k_site *s, weft_k_image *filter) {
  const weft_op *op = s->op;
  const weft_k_image out = weft_k_image_of(weft_k_output(s, 0));
  *filter = weft_k_image_of(weft_k_input(s, 1));
  weft_k_sums *p = weft_k_sums_open(s, out.c);
  if (!p)
    return NULL;
  p->in = weft_k_image_of(weft_k_input(s, 0));
  p->out = out;
  p->y = weft_k_axis_of(p->in.h, out.h, filter->h, op->stride_h, op->dilation_h);
  p->x = weft_k_axis_of(p->in.w, out.w, filter->w, op->stride_w, op->dilation_w);
  return p;
}

weft_status weft_k_each_pixel(const weft_k_sums *p, const int8_t *in, int8_t *out, weft_k_pixel pixel) {
  const size_t image = (size_t)p->in.h * (size_t)p->in.w * (size_t)p->in.c;
  for (int n = 0; n < p->in.n; n++, in += image)
    for (int oy = 0; oy < p->out.h; oy++) {
      if (weft_interrupted())
        return WEFT_E_INTERRUPTED;
      const weft_k_taps ty = weft_k_taps_of(&p->y, oy);
      for (int ox = 0; ox < p->out.w; ox++, out += p->out.c)
        pixel(p, in, ty, weft_k_taps_of(&p->x, ox), out);
    }
  return WEFT_OK;
}
