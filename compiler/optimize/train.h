/* SPDX-License-Identifier: Apache-2.0 */
/* Fine-tuning of an opt_net: SGD, momentum, Adam; fake quantization, masks and
 * clusters in the loop; distillation. Float arithmetic by OpenBLAS; results are a
 * function of (network, data, options, seed) alone, on any number of threads.
 *
 * Between machines: OpenBLAS picks its kernels by the kind of processor, and libm its
 * functions, so the same bytes are promised for one kind of processor and one version of
 * both libraries. The environment variable OPENBLAS_CORETYPE (for example Haswell, which
 * every AVX2 machine runs) names the kind by hand; a checkpoint remembers it. */
#ifndef WEFT_COMPILER_OPTIMIZE_TRAIN_H
#define WEFT_COMPILER_OPTIMIZE_TRAIN_H

#include "base/progress.h"
#include "compiler/optimize/compress.h"
#include "compiler/optimize/data.h"
#include "compiler/optimize/net.h"

typedef enum opt_optimizer { OPT_SGD, OPT_MOMENTUM, OPT_ADAM } opt_optimizer;
typedef enum opt_lr_schedule { OPT_LR_CONSTANT, OPT_LR_COSINE, OPT_LR_STEP } opt_lr_schedule;
typedef enum opt_loss { OPT_CROSS_ENTROPY, OPT_BINARY_CROSS_ENTROPY, OPT_SQUARED } opt_loss;

typedef struct opt_train_options {
  int64_t epochs, batch;
  size_t max_samples;           /* of the train split, first ones; 0: all    */
  opt_optimizer optimizer;
  double lr, momentum, beta1, beta2, epsilon, weight_decay;   /* Keras' defaults */
  opt_lr_schedule lr_schedule;  /* STEP: a tenth after 1/2 of the steps, again after 3/4 */
  bool lr_relative;             /* lr times the root mean square that weights, or biases, of a
                                   layer start with: batch norm folded into the weights
                                   leaves layers of very different size      */
  double dropout;               /* after hidden dense layers; 0: none        */
  bool quantize;                /* fake quantization, TFMOT's default 8-bit scheme:
                                   weights int8 narrow range per channel (dense too),
                                   activations moving average 0.999 min/max  */
  int activation_bits;          /* of `quantize`: 8, or 16 (0: 8)            */
  bool keep_masks, keep_clusters;   /* false: E_CONFIG if there are any to lose */
  bool has_prune;               /* masks re-chosen by a schedule in the loop */
  opt_schedule prune_schedule;
  opt_prune prune;
  const bool *prune_layer;      /* [n_layers] which; NULL: every layer with weights but the first */
  const char **stays_dense;     /* [n_layers], written: why the pattern does not apply to a
                                   chosen layer, else NULL; NULL: not asked   */
  const opt_net *teacher;       /* distillation; NULL: none                  */
  double temperature, alpha;    /* alpha * loss + (1 - alpha) * T^2 * KL     */
  bool teacher_only;            /* no labels                                 */
  int lora_rank;                /* > 0: adapters of that rank learn, all weights and biases
                                   stay, and adapters are merged at the end  */
  double lora_alpha;            /* W + alpha / rank * B A                    */
  const bool *lora_layer;       /* [n_layers] which CONV and DENSE; NULL: all that are not frozen */
  opt_adapters *adapters;       /* written with lora_rank; NULL: not asked   */
  bool reinitialize;            /* Glorot uniform weights, zero biases, first */
  opt_augment augment;
  uint64_t seed;
  int threads;                  /* 1..; the result does not depend on it     */
  const char *checkpoint_dir;   /* NULL: none; DIR/train.checkpoint, whole or not
                                   there, after each epoch and on an interrupt */
  bool resume;                  /* from it; from the start if there is none  */
} opt_train_options;
opt_train_options opt_train_default(void);   /* Adam 1e-3, batch 32, 1 epoch */

typedef struct opt_history {    /* one row an epoch                          */
  size_t n;
  double *loss, *metric, *lr, *sparsity;
} opt_history;

/* Trains in place on the train split; metric (data->metric; mean squared error without
 * labels) is of the validation split if there is one, else of the batches as they were
 * trained. Loss: cross-entropy, binary with one output, squared error against the input
 * without labels. A network that ends in SOFTMAX or LOGISTIC is trained on its logits. E_CONFIG for what
 * cannot work before the first step, E_INTERRUPTED after a whole checkpoint. With
 * `quantize` every value gets has_range and the weights what opt_quantize turns into
 * exactly the integers that the loop trained with. */
weft_status opt_train(weft_arena *arena, weft_diag *d, opt_net *net, const opt_data *data,
                      const opt_train_options *o, weft_progress *p, opt_history *out);

/* Labels that the network can give, in what opt_train would see of the splits train and
 * validation: E_INPUT names the sample. opt_train asks it too, if its loss takes labels. */
weft_status opt_train_check_labels(weft_diag *d, const opt_net *net, const opt_data *data,
                                   const opt_train_options *o);

/* Float forward with the same arithmetic as training: n samples, as opt_forward,
 * within rounding of it (tested), faster. */
weft_status opt_forward_fast(weft_diag *d, const opt_net *net, const float *in, size_t n,
                             int threads, float *out);

/* For the finite difference tests: loss and gradients of one batch at the present weights; grad[l] is
 * the weights' gradient, then the bias' (NULL for layers without weights). */
weft_status opt_gradients(weft_arena *arena, weft_diag *d, const opt_net *net, const float *x,
                          const int32_t *label, size_t n, const opt_train_options *o,
                          double *loss, float **grad);

#endif
