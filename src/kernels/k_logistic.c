/* SPDX-License-Identifier: Apache-2.0 */
/* LOGISTIC int8 to int8 with scale 1/256 and zero point -128, gemmlowp fixed
 * point (numerics.md 2.5, 4.10). */
#include <math.h>

#include "kernels/k_exp.h"
#include "kernels/k_ops.h"

#define INT_BITS 4         /* the argument is Q4.27                           */

/* 1 / (1 + exp(-a)) of a in Q4.27, in Q0.31. */
static int32_t logistic(int32_t a) {
  if (a == 0)
    return 1 << 30;
  if (a > 0)
    return weft_k_one_over_one_plus(weft_k_exp_negative(-a, INT_BITS));
  return INT32_MAX - weft_k_one_over_one_plus(weft_k_exp_negative(a, INT_BITS));
}

static int8_t logistic_one(int32_t x, int32_t radius, weft_k_multiplier m) {
  if (x <= -radius)
    return -128;
  if (x >= radius)
    return 127;
  const int32_t y = weft_k_rdbpot(logistic(weft_k_scale(x, m)), 23) - 128;
  return (int8_t)weft_k_clamp(y, -128, 127);
}

void weft_host_logistic_i8(float in_scale, int in_zero_point, const int8_t *in,
                           int8_t *out, size_t n_elems) {
  int8_t table[256];
  const weft_k_multiplier m =
    weft_k_multiplier_of((double)in_scale * (double)(1 << (31 - INT_BITS)));
  /* from here on the argument would leave Q4.27 */
  const int32_t radius =
    (int32_t)floor(ldexp(((1 << INT_BITS) - 1) * (double)(1 << (31 - INT_BITS)), -m.shift));
  for (int32_t x = -128; x <= 127; x++)
    table[x + 128] = logistic_one(x - in_zero_point, radius, m);
  for (size_t i = 0; i < n_elems; i++)
    out[i] = table[in[i] + 128];
}

void *weft_k_logistic_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *out = weft_k_output(s, 0);
  if (in->n_scales < 1 || in->n_elems != out->n_elems)
    return NULL;
  return (void *)(uintptr_t)in;
}

weft_status weft_k_logistic_run(const weft_k_site *s, void *params) {
  const weft_tensor *in = params;
  weft_host_logistic_i8(in->scale[0], in->zero_point[0], weft_k_input_data(s, 0),
                        weft_k_output_data(s, 0), in->n_elems);
  return WEFT_OK;
}
