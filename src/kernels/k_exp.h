/* SPDX-License-Identifier: Apache-2.0 */
/* exp and 1 / (1 + x) in gemmlowp's fixed point (numerics.md 2.5), for SOFTMAX
 * and LOGISTIC. Qm.n has m integer and n = 31 - m fraction bits. */
#ifndef WEFT_KERNELS_K_EXP_H
#define WEFT_KERNELS_K_EXP_H

#include "kernels/k_requant.h"

/* exp(a) in Q0.31 of a <= 0 in Q(m).(31 - m), m 1..5. */
int32_t weft_k_exp_negative(int32_t a, int m);
/* 1 / (1 + a) in Q0.31 of a in [0, 1) in Q0.31: three Newton steps. */
int32_t weft_k_one_over_one_plus(int32_t a);

#endif
