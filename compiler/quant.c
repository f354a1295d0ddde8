/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "compiler/plan.h"

void weft_quantize_multiplier(double d, int32_t *q, int *shift) {
  *q = 0;
  *shift = 0;
  if (d == 0)
    return;
  double f = frexp(d, shift);
  int64_t q64 = (int64_t)round(f * 2147483648.0);
  if (q64 == INT64_C(1) << 31) {
    q64 /= 2;
    ++*shift;
  }
  if (*shift < -31) {
    q64 = 0;
    *shift = 0;
  }
  *q = (int32_t)q64;
}

static weft_requant requant_from(int32_t q, int shift, int32_t bias) {
  return (weft_requant){.bias = bias, .m = q,
                        .ls = shift > 0 ? shift : 0,
                        .rs = shift < 0 ? -shift : 0};
}

weft_requant weft_requant_make(double multiplier, int32_t bias) {
  int32_t q;
  int shift;
  weft_quantize_multiplier(multiplier, &q, &shift);
  return requant_from(q, shift, bias);
}

weft_requant weft_requant_identity(void) {
  return (weft_requant){.bias = 0, .m = 1 << 30, .ls = 1, .rs = 0};
}

weft_requant weft_requant_mean(double multiplier, int32_t n, int32_t bias) {
  int32_t q;
  int shift, k = 0;
  weft_quantize_multiplier(multiplier, &q, &shift);
  while (k < 31 && (n >> (k + 1)) != 0)
    k++;
  k = weft_min32(k, 31 + shift);
  q = (int32_t)(((int64_t)q << k) / n);
  return requant_from(q, shift - k, bias);
}

static int32_t wrap32(int64_t x) { return (int32_t)(uint32_t)(uint64_t)x; }

int32_t weft_requant_apply(const weft_requant *r, int32_t acc) {
  int32_t x = wrap32((int64_t)acc + r->bias);
  int32_t shifted = wrap32((int64_t)((uint64_t)(int64_t)x << r->ls));
  int64_t h = ((int64_t)shifted * r->m + (INT64_C(1) << 30)) >> 31;
  if (r->rs == 0)
    return (int32_t)h;
  return (int32_t)((h + (INT64_C(1) << (r->rs - 1)) - (h < 0)) >> r->rs);
}

/* Both sides never fall as the sum rises, so equality on both sides of every
 * step of the average, and at the ends, is equality everywhere. */
static bool is_average(const weft_requant *r, int32_t n) {
  for (int32_t v = -127; v <= 127; v++) {
    int32_t step = v > 0 ? v * n - n / 2 : (v - 1) * n + n / 2 + 1;   /* first sum that gives v */
    if (weft_requant_apply(r, step) != v || weft_requant_apply(r, step - 1) != v - 1)
      return false;
  }
  return weft_requant_apply(r, -128 * n) == -128 && weft_requant_apply(r, 127 * n) == 127;
}

bool weft_requant_average(int32_t n, weft_requant *out) {
  int fl = 0, cl;
  if (n < 1 || n > 1 << 20)
    return false;
  while (n >> (fl + 1))
    fl++;
  cl = (n & (n - 1)) ? fl + 1 : fl;
  int ls = 23 - cl;
  int rs = (n & (n - 1)) ? ls + fl : ls + fl - 1;
  int64_t m = ((INT64_C(1) << (31 + rs - ls)) + n / 2) / n;
  if (m <= 0 || m >= INT64_C(1) << 31)
    return false;
  *out = (weft_requant){.bias = 0, .m = (int32_t)m, .ls = ls, .rs = rs};
  return is_average(out, n);
}

void weft_activation_range(weft_act act, float scale, int zero_point, int *lo, int *hi) {
  double six = round((double)(6.0f / scale)), one = round((double)(1.0f / scale));
  *lo = -128;
  *hi = 127;
  if (act == WEFT_ACT_RELU || act == WEFT_ACT_RELU6)
    *lo = zero_point > *lo ? zero_point : *lo;
  if (act == WEFT_ACT_RELU6 && zero_point + six < *hi)
    *hi = (int)(zero_point + six);
  if (act == WEFT_ACT_RELU_N1_TO_1) {
    *lo = zero_point - one > *lo ? (int)(zero_point - one) : *lo;
    *hi = zero_point + one < *hi ? (int)(zero_point + one) : *hi;
  }
}
