/* SPDX-License-Identifier: Apache-2.0 */
/* Networks for the tests of training, a layer at a time; and their loss in double,
 * written again with plain loops, to hold gradients against. */
#ifndef WEFT_TESTS_NET_MAKER_H
#define WEFT_TESTS_NET_MAKER_H

#include "compiler/optimize/train.h"

/* One input [1, h, w, c]; h 0: [1, c]. Room for 32 layers. */
opt_net *nm_new(weft_arena *arena, int h, int w, int c);
/* Each returns the index of its output value; weights are uniform in +-1/sqrt(fan in). */
int nm_conv(opt_net *net, int in, int out_c, int k_h, int k_w, int stride, int dilation,
            weft_pad pad, weft_act act);
int nm_depthwise(opt_net *net, int in, int multiplier, int k, int stride, int dilation,
                 weft_pad pad, weft_act act);
int nm_dense(opt_net *net, int in, int out, weft_act act);
int nm_pool(opt_net *net, opt_kind kind, int in, int k, int stride, weft_pad pad);
int nm_join(opt_net *net, opt_kind kind, int a, int b, weft_act act);  /* ADD, CONCAT */
int nm_pad(opt_net *net, int in, int top, int bottom, int left, int right);
int nm_flatten(opt_net *net, int in);
int nm_unary(opt_net *net, opt_kind kind, int in);  /* MEAN RELU RELU6 SOFTMAX LOGISTIC */
/* The output; shapes of all values are known after each call already. */
void nm_end(opt_net *net, int out);

float nm_uniform(uint64_t seed, uint64_t i);        /* in [-1, 1)             */

/* Labelled images: each class is bright in a place of its own, under noise; the same for
 * the same sizes. Splits train and validation. */
opt_data *nm_data(weft_arena *arena, const int32_t shape[3], int n_classes, size_t n_train,
                  size_t n_validation);

/* Mean loss of n samples, as opt_gradients defines it, with weight i of layer
 * `layer` (bias after the weights) moved by `by`; layer -1: none. */
double nm_loss(const opt_net *net, const float *x, const int32_t *label, size_t n,
               const opt_train_options *o, int layer, size_t i, double by);
/* The same with by[n_elems] added to all weights of the layer. */
double nm_loss_along(const opt_net *net, const float *x, const int32_t *label, size_t n,
                     const opt_train_options *o, int layer, const double *by);

#endif
