/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "kernels/k_ops.h"

/* The division by count is folded into the multiplier, truncating. */
weft_k_multiplier weft_k_mean_multiplier(double scale_ratio, int64_t count) {
  weft_k_multiplier m = weft_k_multiplier_of(scale_ratio);
  int bits = 0;
  while (bits < 32 && count >> (bits + 1) != 0)
    bits++;
  if (bits > 31 + m.shift)
    bits = 31 + m.shift;
  m.q = (int32_t)(((int64_t)m.q * (INT64_C(1) << bits)) / count);
  m.shift -= bits;
  return m;
}

static size_t out_strides(const weft_k_mean *p, size_t stride[WEFT_MAX_RANK]) {
  size_t n = 1;
  for (int k = p->rank - 1; k >= 0; k--) {
    const bool reduced = (p->axes >> k & 1) != 0;
    stride[k] = reduced ? 0 : n;
    n *= reduced ? 1 : (size_t)p->shape[k];
  }
  return n;
}

void weft_k_mean_i8(const weft_k_mean *p, const int8_t *in, int8_t *out) {
  size_t stride[WEFT_MAX_RANK], n_in = 1, at = 0;
  int32_t index[WEFT_MAX_RANK] = {0};
  for (int k = 0; k < p->rank; k++)
    n_in *= (size_t)p->shape[k];
  const size_t n_out = out_strides(p, stride);
  memset(p->sums, 0, n_out * sizeof p->sums[0]);
  for (size_t i = 0; i < n_in; i++) {
    p->sums[at] = weft_k_wrap_add(p->sums[at], in[i]);
    for (int k = p->rank - 1; k >= 0; k--) {
      at += stride[k];
      if (++index[k] < p->shape[k])
        break;
      at -= stride[k] * (size_t)p->shape[k];
      index[k] = 0;
    }
  }
  for (size_t i = 0; i < n_out; i++) {
    const int32_t x = weft_k_wrap_add(p->sums[i], p->bias);
    const int32_t y = weft_k_wrap_add(weft_k_scale(x, p->m), p->out_zero);
    out[i] = (int8_t)weft_k_clamp(y, -128, 127);
  }
}

static unsigned axis_mask(const weft_tensor *axes, int rank) {
  unsigned mask = 0;
  for (size_t i = 0; i < axes->n_elems; i++) {
    const int32_t a = weft_k_const_i32(axes, i);
    const int32_t k = a < 0 ? a + rank : a;
    if (k < 0 || k >= rank)
      return 0;
    mask |= 1u << k;
  }
  return mask;
}

void *weft_k_mean_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *axes = weft_k_input(s, 1);
  const weft_tensor *out = weft_k_output(s, 0);
  if (!axes || !axes->data.data || axes->type != WEFT_INT32 ||
      in->n_scales < 1 || out->n_scales < 1)
    return NULL;
  weft_k_mean *p = WEFT_NEW(s->arena, weft_k_mean, 1);
  p->rank = in->rank;
  p->axes = axis_mask(axes, in->rank);
  for (int k = 0; k < in->rank; k++)
    p->shape[k] = in->shape[k];
  const int64_t count = (int64_t)(in->n_elems / out->n_elems);
  p->m = weft_k_mean_multiplier(
    (double)in->scale[0] / (double)out->scale[0], count);
  p->bias = (int32_t)(uint32_t)(-in->zero_point[0] * count);
  p->out_zero = out->zero_point[0];
  size_t stride[WEFT_MAX_RANK];
  p->n_out = out_strides(p, stride);
  p->sums = WEFT_NEW(s->arena, int32_t, p->n_out);
  return p->axes != 0 && p->n_out == out->n_elems ? p : NULL;
}

weft_status weft_k_mean_run(const weft_k_site *s, void *params) {
  weft_k_mean_i8(params, weft_k_input_data(s, 0), weft_k_output_data(s, 0));
  return WEFT_OK;
}
