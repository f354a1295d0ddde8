/* SPDX-License-Identifier: Apache-2.0 */
/* Operator kernels: TFLite-Micro's integer arithmetic, one operator a file,
 * the plain version that everything else is compared with (`--backend ref`).
 * Depends on base and graph; shares no code with compiler/ or sim/. */
#ifndef WEFT_KERNELS_KERNELS_H
#define WEFT_KERNELS_KERNELS_H

#include "graph/graph.h"

/* Called after each operator (not folded ones) with each output. */
typedef weft_status (*weft_tensor_sink)(void *user, int tensor, const void *data,
                                        size_t n_bytes);

typedef struct weft_ref weft_ref;   /* one loaded network, reusable           */
weft_status weft_ref_open(weft_arena *arena, weft_diag *d, const weft_graph *g,
                          weft_ref **out);
/* One inference. inputs[n_inputs], outputs[n_outputs] are dense NHWC bytes of
 * the tensors' sizes, caller-owned. sink may be NULL. Errors: E_INTERRUPTED,
 * E_INTERNAL. */
weft_status weft_ref_run(weft_ref *r, const uint8_t *const *inputs,
                         uint8_t *const *outputs, weft_tensor_sink sink,
                         void *user);

/* Single host operators, for segments of a program that run beside the
 * accelerator (kernels of their own file, no graph needed). */
typedef struct weft_host_softmax { int32_t multiplier, left_shift, diff_min; } weft_host_softmax;
void weft_host_softmax_prepare(float beta, float in_scale, weft_host_softmax *p);
void weft_host_softmax_i8(const weft_host_softmax *p, const int8_t *in, int8_t *out,
                          size_t n_rows, size_t n_cols);
/* LOGISTIC to scale 1/256, zero point -128; in_scale from 2^-28 to 2^30. */
void weft_host_logistic_i8(float in_scale, int in_zero_point, const int8_t *in,
                           int8_t *out, size_t n_elems);
/* QUANTIZE: float32 -> int8/uint8, int8/uint8 -> int8/uint8; DEQUANTIZE. */
weft_status weft_host_quantize(weft_type in_type, float in_scale, int in_zero_point,
                               const void *in, weft_type out_type, float out_scale,
                               int out_zero_point, void *out, size_t n_elems);
weft_status weft_host_dequantize(weft_type in_type, float scale, int zero_point,
                                 const void *in, float *out, size_t n_elems);

#endif
