/* SPDX-License-Identifier: Apache-2.0 */
/* A training run while it runs; shared by train*.c alone. */
#ifndef WEFT_COMPILER_OPTIMIZE_TRAIN_INSIDE_H
#define WEFT_COMPILER_OPTIMIZE_TRAIN_INSIDE_H

#include "compiler/optimize/train_engine.h"

/* Something that the optimizer moves: weights, bias or centroids. */
typedef struct train_param {
  float *p;
  size_t n, at;                 /* place in sum, m and v                     */
  double scale;                 /* of the learning rate                      */
} train_param;

/* Adapters of a layer that learns by them alone. */
typedef struct train_lora {
  size_t rank;
  double scale;                 /* alpha / rank                              */
  const float *base;            /* [n_elems] the weights as they came        */
  float *a, *b;                 /* [rank][columns], [n_out][rank]            */
  size_t a_at, b_at;            /* places in sum                             */
} train_lora;

/* Weights of a layer: trained -> (mask, clusters) -> w->w -> (fake
 * quantization) -> used. */
typedef struct train_layer {
  opt_weights *w;               /* NULL: a layer without                     */
  float *trained;               /* w->w itself, or the dense weights of clusters */
  float *used;                  /* w->w itself, or fake quantized            */
  float *scale;                 /* [n_out] of used                           */
  bool pruned, clustered;       /* in this loop                              */
  train_lora *lora;             /* NULL: none                                */
  size_t centroid_at;           /* place of the centroids in sum             */
  size_t n_centroids;
} train_layer;

/* Activations that share a range: through pools, PAD, RESHAPE, CONCAT. */
typedef struct train_range {
  float min, max;
  bool known, all_values;       /* all_values: the input's; else moving average */
  bool fixed;                   /* after SOFTMAX, LOGISTIC                   */
  int n_sources;                /* values that are observed                  */
  float seen_min, seen_max;     /* of this batch                             */
} train_range;

typedef struct train_run {
  weft_arena *arena;
  weft_diag *d;
  opt_net *net;
  const opt_data *data;
  const opt_train_options *o;
  weft_progress *progress;
  opt_history *history;
  train_plan *plan;
  train_pool *pool;
  int threads;
  size_t n_samples, n_in, n_out;
  int64_t steps_per_epoch, n_steps, step;   /* step: steps that are done     */
  double loss_sum, metric_sum;  /* of the epoch so far                       */
  uint32_t *order;              /* of the samples in order_epoch             */
  int64_t order_epoch;
  train_layer *layer;           /* [n_layers]                                */
  train_param *param;
  size_t n_param, n_sum;        /* n_sum: plan->n_params and the centroids   */
  float *sum, *m, *v;           /* [n_sum]: gradient, moments                */
  size_t n_chunks;              /* of a whole batch                          */
  float **gradient;             /* [n_chunks][n_params]                      */
  double *chunk_loss, *chunk_metric;
  train_space **space;          /* [n_chunks] with quantize, else [threads]  */
  float **target;               /* the same: inputs of OPT_SQUARED           */
  int *group;                   /* [n_values] range of a value               */
  train_range *range;           /* [n_values] of group leaders               */
  float **chunk_min, **chunk_max;   /* [n_chunks][n_values]                  */
  train_plan *teacher_plan;
  train_space **teacher_space;  /* [threads]                                 */
  float **soft;                 /* [threads] logits of the teacher for a chunk */
  float *teacher;               /* [n_samples][n_out]; NULL with augmentation */
  /* the batch at hand */
  opt_split split;
  bool training;
  size_t batch_first, batch_n;  /* in the order of the epoch                 */
  int at_layer;
  uint8_t identity[32];         /* hash of network, data and options         */
  uint8_t *checkpoint;
} train_run;

/* train_weights.c */
void train_add_param(train_run *r, float *p, size_t n, size_t at);   /* at: in sum */
weft_status train_weights_new(train_run *r);     /* layer, E_CONFIG          */
weft_status train_weights_choose(train_run *r);  /* masks after r->step updates */
void train_weights_apply(train_run *r);          /* w->w and used            */
void train_weights_gradient(train_run *r);       /* sum, after the batch     */
double train_sparsity(const opt_net *net);       /* zeros of all weights     */
void train_initialize(opt_net *net, uint64_t seed);   /* Glorot uniform      */

/* train_lora.c: new: E_CONFIG, nothing for a layer without adapters */
weft_status train_lora_new(train_run *r, int l);
void train_lora_apply(const train_layer *t);     /* w->w merged              */
void train_lora_gradient(const train_layer *t, const float *dw, float *sum);
opt_adapters train_lora_result(weft_arena *arena, const train_run *r);

/* train_clusters.c: assigns each weight anew to the nearest centroid, w->w from them */
void train_cluster_apply(train_layer *t);
bool train_clusters_sound(const train_layer *t);   /* indices within the table */

/* train_fake.c */
void train_ranges_new(train_run *r);
void train_ranges_finish(train_run *r);          /* into net->values         */
void train_quantized_forward(train_run *r, size_t n_chunks);

/* train_optimizer.c */
double train_rate(const opt_train_options *o, int64_t step, int64_t n_steps);
void train_update(train_run *r);

/* train_batch.c */
weft_status train_batches_new(train_run *r);
void train_step(train_run *r);
/* Mean loss and metric of a split; E_INTERRUPTED. */
weft_status train_evaluate(train_run *r, opt_split split, double *loss, double *metric);

/* train_checkpoint.c: E_WRITE; E_CONFIG of another run, E_INPUT of a damaged file. */
void train_identity(train_run *r);               /* before anything is changed */
weft_status train_checkpoint_save(train_run *r);
weft_status train_checkpoint_load(train_run *r);   /* nothing without a file */

#endif
