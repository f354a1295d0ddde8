/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX and LOGISTIC at 16 bits: tables with interpolation (numerics.md 2.8,
 * 4.9, 4.10). */
#include <math.h>
#include <stdlib.h>

#include "compiler/optimize/int16.h"
#include "kernels/k_requant.h"

#define TABLE 513

static int32_t clamp16(int64_t v) {
  return (int32_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}

/* f over [in_min, in_max] in 512 steps; outputs in units of 2/65535. */
static void make_table(float (*f)(float), float in_min, float in_max, int16_t *table) {
  const float out_scale = 2.0f / 65535.0f;
  const float out_min = out_scale * -32768.0f, out_max = out_scale * 32767.0f;
  const float step = (in_max - in_min) / 512.0f, k = 65536.0f / (out_max - out_min);
  for (int i = 0; i < TABLE - 1; i++) {
    float a = roundf(f(in_min + (float)i * step) * k);
    float mid = roundf(f(in_min + (float)i * step + step / 2.0f) * k);
    float b = f(in_min + (float)(i + 1) * step) * k;
    float error = roundf((b + a) / 2.0f) - mid;
    table[i] = (int16_t)clamp16((int64_t)(a - roundf(error / 2.0f)));
  }
  table[TABLE - 1] = (int16_t)clamp16((int64_t)roundf(f(in_max) * k));
}

static int32_t look_up(const int16_t *table, int32_t v) {
  const int i = 256 + (v >> 7);
  return table[i] + ((((int32_t)table[i + 1] - table[i]) * (v & 127) + 64) >> 7);
}

static float exponential(float x) { return expf(x); }
static float reciprocal(float x) { return 1.0f / (1.0f + x); }

static void softmax_row(const int16_t *exps, const int16_t *recips, weft_k_multiplier m,
                        const int16_t *in, int16_t *out, size_t n) {
  int32_t top = INT16_MIN, sum = 0;
  for (size_t i = 0; i < n; i++)
    top = in[i] > top ? in[i] : top;
  for (size_t i = 0; i < n; i++) {
    int32_t e = look_up(exps, clamp16((int64_t)weft_k_scale(in[i] - top, m) + INT16_MAX));
    out[i] = (int16_t)e;
    sum += e;
  }
  const int h = __builtin_clz((unsigned)sum), k = 31 - h;
  const int64_t t = (((int64_t)sum << (h - 1)) + (1 << 13)) >> 14;
  const int64_t r = look_up(recips, clamp16(t - (1 << 15) - (1 << 16)));
  for (size_t i = 0; i < n; i++) {
    int64_t y = ((int64_t)out[i] * r + (k ? INT64_C(1) << (k - 1) : 0)) >> k;
    out[i] = (int16_t)(y < 0 ? 0 : y > INT16_MAX ? INT16_MAX : y);
  }
}

void opt_softmax_int16(double in_scale, double beta, const int16_t *in, int16_t *out,
                       size_t n_rows, size_t n) {
  int16_t exps[TABLE], recips[TABLE];
  make_table(exponential, -10.0f, 0.0f, exps);
  make_table(reciprocal, 0.0f, 1.0f, recips);
  weft_k_multiplier m = weft_k_multiplier_of(in_scale * beta / (10.0 / 65535.0));
  for (size_t r = 0; r < n_rows; r++)
    softmax_row(exps, recips, m, in + r * n, out + r * n, n);
}

/* Upstream's table is not quite round(65536 sigmoid(i / 24)): these are one more. */
static const uint8_t one_more[] = {4,  8,  12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29,
                                   30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49, 50,
                                   54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255};

static void make_sigmoid(uint32_t *table) {
  for (int i = 0; i < 256; i++)
    table[i] = (uint32_t)lround(65536.0 / (1.0 + exp(-i / 24.0)));
  for (size_t k = 0; k < sizeof one_more; k++)
    table[one_more[k]]++;
}

static bool is_2_to_minus_12(float scale) {
  float power = log2f(scale);
  return roundf(power) == -12.0f && fabsf(power - roundf(power)) < 1e-3f;
}

void opt_logistic_int16(float in_scale, const int16_t *in, int16_t *out, size_t n) {
  uint32_t table[256];
  double m = is_2_to_minus_12(in_scale) ? 3 : (double)in_scale * 4096 * 3;
  int shift = 0;
  make_sigmoid(table);
  while (!is_2_to_minus_12(in_scale) && m <= 16383.5 && shift <= 30) {
    m *= 2;
    shift++;
  }
  const int64_t times = (int64_t)m;
  for (size_t i = 0; i < n; i++) {
    int64_t u = (in[i] * times + (shift ? INT64_C(1) << (shift - 1) : 0)) >> shift;
    uint64_t a = (uint64_t)llabs(u), at = a >> 9, w = UINT64_C(0x7fff) << 10;
    if (at < 255)
      w = ((uint64_t)table[at] << 9) + (a & 511) * (table[at + 1] - table[at]);
    out[i] = (int16_t)((u >= 0 ? (int64_t)w + 512 : (INT64_C(1) << 25) - (int64_t)w + 511) >> 10);
  }
}
