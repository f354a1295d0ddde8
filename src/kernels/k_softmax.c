/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX int8 to int8, gemmlowp fixed point (numerics.md 2.5, 4.9). Qm.n below
 * has m integer and n fraction bits; a product is weft_k_srdhm. */
#include <math.h>

#include "kernels/k_exp.h"
#include "kernels/k_ops.h"

#define DIFF_INT_BITS 5    /* differences are Q5.26                           */
#define SUM_INT_BITS 12    /* sums are Q12.19                                 */
#define DIFF_FRACTION_BITS (31 - DIFF_INT_BITS)

void weft_host_softmax_prepare(float beta, float in_scale, weft_host_softmax *p) {
  double m = (double)beta * (double)in_scale * (1 << DIFF_FRACTION_BITS);
  m = m < INT32_MAX ? m : INT32_MAX;
  const weft_k_multiplier q = weft_k_multiplier_of(m);
  const double span = ((1 << DIFF_INT_BITS) - 1) * (double)(1 << DIFF_FRACTION_BITS);
  p->multiplier = q.q;
  p->left_shift = q.shift > 0 ? q.shift : 0;
  p->diff_min = -(int32_t)floor(ldexp(span, -p->left_shift));
}

static int count_leading_zeros(uint32_t x) {
  int n = 0;
  while (n < 32 && !(x >> (31 - n) & 1))
    n++;
  return n;
}

static int32_t exp_of_difference(const weft_host_softmax *p, int32_t diff) {
  const int32_t shifted = (int32_t)((uint32_t)diff << p->left_shift);
  return weft_k_exp_negative(weft_k_srdhm(shifted, p->multiplier), DIFF_INT_BITS);
}

static void softmax_row(const int32_t exps[256], int32_t diff_min, const int8_t *in,
                        int8_t *out, size_t n_cols) {
  int32_t max = -128, sum = 0;
  for (size_t c = 0; c < n_cols; c++)
    max = in[c] > max ? in[c] : max;
  for (size_t c = 0; c < n_cols; c++)
    if (in[c] - max >= diff_min)
      sum = weft_k_wrap_add(sum, weft_k_rdbpot(exps[max - in[c]], SUM_INT_BITS));
  const int zeros = count_leading_zeros((uint32_t)sum);
  const int32_t reciprocal =
    weft_k_one_over_one_plus((int32_t)(((uint32_t)sum << zeros) - (UINT32_C(1) << 31)));
  const int shift = SUM_INT_BITS - zeros + 31 - 8;
  for (size_t c = 0; c < n_cols; c++) {
    out[c] = -128;
    if (in[c] - max < diff_min)
      continue;
    const int32_t y = weft_k_rdbpot(weft_k_srdhm(reciprocal, exps[max - in[c]]), shift);
    out[c] = (int8_t)weft_k_clamp(y - 128, -128, 127);
  }
}

void weft_host_softmax_i8(const weft_host_softmax *p, const int8_t *in, int8_t *out,
                          size_t n_rows, size_t n_cols) {
  int32_t exps[256] = {0};     /* by how far below the row's maximum           */
  for (int32_t d = 0; d < 256 && -d >= p->diff_min; d++)
    exps[d] = exp_of_difference(p, -d);
  for (size_t r = 0; r < n_rows; r++)
    softmax_row(exps, p->diff_min, in + r * n_cols, out + r * n_cols, n_cols);
}

void *weft_k_softmax_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *out = weft_k_output(s, 0);
  if (in->rank < 1 || in->n_scales < 1 || in->n_elems != out->n_elems)
    return NULL;
  weft_host_softmax *p = WEFT_NEW(s->arena, weft_host_softmax, 1);
  weft_host_softmax_prepare(s->op->beta, in->scale[0], p);
  return p;
}

weft_status weft_k_softmax_run(const weft_k_site *s, void *params) {
  const weft_tensor *in = weft_k_input(s, 0);
  const size_t n_cols = (size_t)in->shape[in->rank - 1];
  weft_host_softmax_i8(params, weft_k_input_data(s, 0), weft_k_output_data(s, 0),
                       in->n_elems / n_cols, n_cols);
  return WEFT_OK;
}
