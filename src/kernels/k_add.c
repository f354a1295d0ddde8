/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_ops.h"

#define HEADROOM_BITS 20

void weft_k_add_scales(float s1, float s2, float s_out, weft_k_add *p) {
  const double larger = (double)(s1 > s2 ? s1 : s2);
  const double twice = 2 * larger;
  p->m1 = weft_k_multiplier_of((double)s1 / twice);
  p->m2 = weft_k_multiplier_of((double)s2 / twice);
  p->out = weft_k_multiplier_of(twice / ((1 << HEADROOM_BITS) * (double)s_out));
}

static int32_t scaled(int32_t x, int32_t zero, weft_k_multiplier m) {
  return weft_k_scale((x - zero) * (1 << HEADROOM_BITS), m);
}

void weft_k_add_i8(const weft_k_add *p, const int8_t *a, const int8_t *b,
                   int8_t *out, size_t n_elems) {
  for (size_t i = 0; i < n_elems; i++) {
    const int32_t sum =
      scaled(a[i], p->zero1, p->m1) + scaled(b[i], p->zero2, p->m2);
    const int32_t y = weft_k_scale(sum, p->out);
    out[i] = (int8_t)weft_k_clamp(weft_k_wrap_add(y, p->out_zero), p->lo, p->hi);
  }
}

void *weft_k_add_open(const weft_k_site *s) {
  const weft_tensor *a = weft_k_input(s, 0), *b = weft_k_input(s, 1);
  const weft_tensor *out = weft_k_output(s, 0);
  if (!b || a->n_elems != out->n_elems || b->n_elems != out->n_elems ||
      a->n_scales < 1 || b->n_scales < 1 || out->n_scales < 1)
    return NULL;
  weft_k_add *p = WEFT_NEW(s->arena, weft_k_add, 1);
  weft_k_add_scales(a->scale[0], b->scale[0], out->scale[0], p);
  p->zero1 = a->zero_point[0];
  p->zero2 = b->zero_point[0];
  p->out_zero = out->zero_point[0];
  weft_k_act_range(s->op->act, out->scale[0], p->out_zero, &p->lo, &p->hi);
  return p;
}

weft_status weft_k_add_run(const weft_k_site *s, void *params) {
  weft_k_add_i8(params, weft_k_input_data(s, 0), weft_k_input_data(s, 1),
                weft_k_output_data(s, 0), weft_k_output(s, 0)->n_elems);
  return WEFT_OK;
}
