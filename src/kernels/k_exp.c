/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_exp.h"

/* A polynomial on [-1/4, 0), then a factor exp(-2^e) for each higher bit. */
int32_t weft_k_exp_negative(int32_t a, int m) {
  static const int32_t factor[7] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  if (a == 0)
    return INT32_MAX;
  const int fraction_bits = 31 - m;
  const int32_t quarter = 1 << (fraction_bits - 2);
  const int32_t u = (a & (quarter - 1)) - quarter;
  const int32_t x = weft_k_satshl(u, m) + (1 << 28);
  const int32_t x2 = weft_k_srdhm(x, x), x3 = weft_k_srdhm(x2, x);
  const int32_t x4 = weft_k_srdhm(x2, x2);
  const int32_t cubic = weft_k_srdhm(weft_k_rdbpot(x4, 2) + x3, 715827883) + x2;
  int32_t y =
    1895147668 + weft_k_srdhm(1895147668, x + weft_k_rdbpot(cubic, 1));
  const int32_t rest = u - a;
  for (int j = 0; j < m + 2; j++)
    if (rest >> (fraction_bits - 2 + j) & 1)
      y = weft_k_srdhm(y, factor[j]);
  return y;
}

int32_t weft_k_one_over_one_plus(int32_t a) {
  const int32_t half = (int32_t)(((int64_t)a + (INT64_C(1) << 31)) >> 1);
  int32_t x = 1515870810 + weft_k_srdhm(half, -1010580540);
  for (int i = 0; i < 3; i++) {
    const int32_t error = (1 << 29) - weft_k_srdhm(half, x);
    x += weft_k_satshl(weft_k_srdhm(x, error), 2);
  }
  return weft_k_satshl(x, 1);
}
