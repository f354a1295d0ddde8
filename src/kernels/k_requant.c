/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_requant.h"

#include <math.h>

weft_k_multiplier weft_k_multiplier_of(double value) {
  const weft_k_multiplier none = {0, 0};
  if (!(value > 0) || !isfinite(value))
    return none;
  int shift;
  const double fraction = frexp(value, &shift);
  int64_t q = (int64_t)round(fraction * 0x1p31);
  if (q == INT64_C(1) << 31) {
    q /= 2;
    shift++;
  }
  return shift < -31 ? none : (weft_k_multiplier){(int32_t)q, shift};
}

int32_t weft_k_srdhm(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN)
    return INT32_MAX;
  return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

int32_t weft_k_rdbpot(int32_t x, int n) {
  if (n == 0)
    return x;
  return (int32_t)((x + (INT64_C(1) << (n - 1)) - (x < 0)) >> n);
}

int32_t weft_k_satshl(int32_t x, int n) {
  const int64_t wide = (int64_t)x * (INT64_C(1) << n);
  if (wide > INT32_MAX)
    return INT32_MAX;
  return wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

int32_t weft_k_scale(int32_t x, weft_k_multiplier m) {
  if (m.shift <= 0)
    return weft_k_rdbpot(weft_k_srdhm(x, m.q), -m.shift);
  const uint32_t wrapped = m.shift < 32 ? (uint32_t)x << m.shift : 0;
  return weft_k_srdhm((int32_t)wrapped, m.q);
}

int32_t weft_k_round_i32(float value) {
  const float r = roundf(value);
  if (isnan(r))
    return 0;
  if (r >= 0x1p31f)
    return INT32_MAX;
  return r < -0x1p31f ? INT32_MIN : (int32_t)r;
}

static int32_t quantized(float value, float scale, int32_t zero_point) {
  const int64_t q = (int64_t)weft_k_round_i32(value / scale) + zero_point;
  return q > 127 ? 127 : q < -128 ? -128 : (int32_t)q;
}

void weft_k_act_range(weft_act act, float scale, int32_t zero_point, int32_t *lo,
                      int32_t *hi) {
  *lo = -128;
  *hi = 127;
  if (act == WEFT_ACT_RELU || act == WEFT_ACT_RELU6)
    *lo = quantized(0.0f, scale, zero_point);
  if (act == WEFT_ACT_RELU_N1_TO_1)
    *lo = quantized(-1.0f, scale, zero_point);
  if (act == WEFT_ACT_RELU6)
    *hi = quantized(6.0f, scale, zero_point);
  if (act == WEFT_ACT_RELU_N1_TO_1)
    *hi = quantized(1.0f, scale, zero_point);
}
