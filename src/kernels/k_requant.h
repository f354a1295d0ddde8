/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-point arithmetic of TFLite-Micro's integer kernels, as of commit
 * 8f6596d, double rounding. A real multiplier m is q * 2^(shift - 31) with q = 0
 * or q in [2^30, 2^31). Results are those of the upstream C++ including the
 * two's-complement wrap where that overflows. No function here can fail.
 * Formulas: numerics.md 2.1 to 2.3, 2.6. */
#ifndef WEFT_KERNELS_K_REQUANT_H
#define WEFT_KERNELS_K_REQUANT_H

#include <stdint.h>

#include "graph/graph.h"

typedef struct weft_k_multiplier {
  int32_t q;      /* 0, or [2^30, 2^31)                                      */
  int32_t shift;  /* > 0 left, < 0 right; at least -31                       */
} weft_k_multiplier;

/* QuantizeMultiplier. 0 for values below 2^-32, and for those that are no
 * positive finite number (the graph reader refuses their scales). */
weft_k_multiplier weft_k_multiplier_of(double value);

/* SaturatingRoundingDoublingHighMul: (2ab + 2^31) >> 32, half up; INT32_MAX for
 * a = b = INT32_MIN. */
int32_t weft_k_srdhm(int32_t a, int32_t b);
/* RoundingDivideByPOT: x / 2^n, half away from zero, n in [0, 31]. */
int32_t weft_k_rdbpot(int32_t x, int n);
/* SaturatingRoundingMultiplyByPOT with n in [1, 31]: x * 2^n, saturating. */
int32_t weft_k_satshl(int32_t x, int n);
/* MultiplyByQuantizedMultiplier: x * 2^left wraps, srdhm by q, rdbpot by right. */
int32_t weft_k_scale(int32_t x, weft_k_multiplier m);

static inline int32_t weft_k_clamp(int32_t x, int32_t lo, int32_t hi) {
  return (x = x < lo ? lo : x) > hi ? hi : x;  /* lo first, as upstream      */
}
/* 32-bit sum that wraps instead of being undefined. */
static inline int32_t weft_k_wrap_add(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* CalculateActivationRangeQuantized for int8: round(v / scale) + zero_point in
 * float32. Codes other than RELU, RELU6, RELU_N1_TO_1 give [-128, 127]. */
void weft_k_act_range(weft_act act, float scale, int32_t zero_point, int32_t *lo,
                      int32_t *hi);
/* int32(round(value)), saturating; 0 for NaN. */
int32_t weft_k_round_i32(float value);

#endif
