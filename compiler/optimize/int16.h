/* SPDX-License-Identifier: Apache-2.0 */
/* TFLite-Micro's arithmetic of 16-bit activations and 8-bit weights, for the
 * accuracy of networks that the accelerator does not run. Inside of quantization. */
#ifndef WEFT_COMPILER_OPTIMIZE_INT16_H
#define WEFT_COMPILER_OPTIMIZE_INT16_H

#include "compiler/optimize/net_inside.h"

/* NULL, or why the layer's arithmetic is outside of what upstream defines. */
const char *opt_refuse_int16(const opt_net *net, const opt_layer *l);
/* One layer that is not refused, one sample; in[n_inputs], dense NHWC. Every value of the layer is
 * INT16 with zero point 0. */
void opt_run_int16(const opt_net *net, const opt_layer *l, const int16_t *const *in,
                   int16_t *out);

/* SOFTMAX over rows of n, LOGISTIC: int16_curves.c. */
void opt_softmax_int16(double in_scale, double beta, const int16_t *in, int16_t *out,
                       size_t n_rows, size_t n);
void opt_logistic_int16(float in_scale, const int16_t *in, int16_t *out, size_t n);

#endif
