/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering of single operators, for legalize.c. Each adds one layer (PAD may
 * add two). Inside of compiler/. */
#ifndef WEFT_COMPILER_LOWER_H
#define WEFT_COMPILER_LOWER_H

#include "compiler/plan.h"

int weft_lower_value(weft_plan *p, int tensor);
void weft_lower_view(const weft_tensor *t, int32_t *h, int32_t *w, int32_t *c);
/* Binds a layer to an operator's NHWC images; its sizes are the operator's. True
 * for images one pixel wide, whose values are lines: weft_lower_turn when the
 * layer's other fields are set. */
bool weft_lower_image(weft_plan *p, weft_layer *l, const weft_op *op);
void weft_lower_turn(weft_layer *l);       /* x takes the place of y            */
/* Binds a layer to its input seen as h x w x c; the value goes through DRAM if
 * its producer sees it otherwise. */
void weft_lower_input(weft_plan *p, weft_layer *l, int tensor, int32_t h, int32_t w, int32_t c);
/* Makes the output's value and the layer's one rectangle. */
void weft_lower_output(weft_plan *p, weft_layer *l, int tensor, int32_t h, int32_t w, int32_t c);
/* Kernel, strides, dilation and pads of an operator; sizes must be set. */
void weft_lower_window(weft_layer *l, const weft_op *op);

/* The sum of 128 * magnitude fits the accumulator; E_NO_FIT with the number of
 * bits that would. */
weft_status weft_lower_check_sum(weft_plan *p, const weft_layer *l, int64_t magnitude);

/* Multiplier and shifts equal in all channels: only biases are streamed. */
bool weft_lower_is_per_tensor(const weft_layer *l);

weft_status weft_lower_conv(weft_plan *p, int op);
weft_status weft_lower_depthwise(weft_plan *p, int op);
weft_status weft_lower_fc(weft_plan *p, int op);
weft_status weft_lower_add(weft_plan *p, int op);
weft_status weft_lower_pool(weft_plan *p, int op);
weft_status weft_lower_mean(weft_plan *p, int op);
weft_status weft_lower_pad(weft_plan *p, int op);
weft_status weft_lower_relu(weft_plan *p, int op);
weft_status weft_lower_concat(weft_plan *p, int op);
weft_status weft_lower_host(weft_plan *p, int op);

#endif
