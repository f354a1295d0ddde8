/* SPDX-License-Identifier: Apache-2.0 */
/* Real numbers to integers: the rules that fake quantization in training and
 * opt_quantize share, so that the integers of the file are those trained with. */
#ifndef WEFT_COMPILER_OPTIMIZE_SCALE_H
#define WEFT_COMPILER_OPTIMIZE_SCALE_H

#include "compiler/optimize/net.h"

/* One scale for the layer: w->per_tensor, or clusters of the whole layer, whose K
 * values would become up to K an output channel under scales by channel, or dense
 * weights of 4 bits (TFLite-Micro has no others). */
bool opt_one_scale(const opt_weights *w);
/* Symmetric narrow range: greatest magnitude / 127 (7 at 4 bits), for each output
 * channel (scale[n_out]) or the layer (scale[1]). All zero, or below 2^-60: 1 / 127 (1 / 7). */
void opt_weight_scales(const opt_weights *w, float *scale);
/* Nearest, halves away from zero, within the narrow range. */
int8_t opt_weight_q(float w, float scale, int bits);
/* out[i] = scale * opt_weight_q(w[i]) with its scale: what fake quantization uses. */
void opt_fake_weights(const opt_weights *w, const float *scale, float *out);
/* Asymmetric 8 bits (-128..127) with the zero point moved to a whole number, or
 * symmetric 16 bits (zero point 0). min <= 0 <= max; both 0: scale 1 / 255. No
 * scale is below 2^-20 (2^-28 at 16 bits). */
void opt_activation_scale(float min, float max, int bits, float *scale, int32_t *zero_point);

/* Operators whose inputs and output have one scale, because they copy integers: pools,
 * RESHAPE, PAD, RELU6, CONCAT. */
bool opt_copies_integers(opt_kind k);
/* Values that must have one scale: all of such an operator. group[n_values]: the
 * lowest value that v is tied to (v itself if none is lower). Their common range is
 * the union of theirs. */
void opt_tied(const opt_net *net, int *group);
/* Output of SOFTMAX and LOGISTIC: a scale that the operator prescribes, whatever
 * the range: 1/256, zero point -128; 1/32768, 0 at 16 bits. false: another value. */
bool opt_fixed_scale(const opt_net *net, int value, int bits, float *scale, int32_t *zero_point);

#endif
