/* SPDX-License-Identifier: Apache-2.0 */
/* Forward and backward of a network over chunks of a batch; private to train*.c.
 *
 * A batch is cut into chunks of TRAIN_CHUNK samples, whatever the number of
 * threads; each chunk has its own gradient, and gradients are added in the order
 * of the chunks. So a result is a function of the batch alone. */
#ifndef WEFT_COMPILER_OPTIMIZE_TRAIN_ENGINE_H
#define WEFT_COMPILER_OPTIMIZE_TRAIN_ENGINE_H

#include "compiler/optimize/train.h"

#define TRAIN_CHUNK 16
#define TRAIN_NONE SIZE_MAX

typedef struct train_plan {
  weft_arena *arena;
  const opt_net *net;
  opt_loss loss;
  int logits;                   /* value that the loss is taken of           */
  bool *run;                    /* [n_layers] the logits depend on it        */
  const float **w, **b;         /* [n_layers] what the forward uses          */
  size_t *w_at, *b_at;          /* [n_layers] place in the gradient;
                                   TRAIN_NONE: not trained                    */
  size_t n_params;              /* elements of a gradient                    */
  int *root;                    /* [n_values] whose memory it shares: RESHAPE */
  bool *wanted;                 /* [n_values] its gradient is needed         */
  int *last_use;                /* [n_values] of roots: last layer that reads it */
  bool *drops;                  /* [n_layers] dropout after it: hidden DENSE */
  size_t scratch_elems;
  int max_inputs;
} train_plan;

/* What one chunk needs while it is computed. */
typedef struct train_space {
  size_t n;                     /* samples, at most TRAIN_CHUNK              */
  float **act, **grad;          /* [n_values], n_elems a sample              */
  uint8_t **pass;               /* [n_values] 1: the gradient passes the fake
                                   quantization and the activation; NULL: none */
  size_t first;                 /* index in the batch of the first sample    */
  double dropout;               /* rate; 0: none                             */
  uint64_t dropout_key;         /* of the seed and the step                  */
  float *scratch;
  const float **x;              /* [max_inputs], of the layer at hand        */
  float **dx;
} train_space;

/* E_UNSUPPORTED: more than one input or output. */
weft_status train_plan_new(weft_arena *arena, weft_diag *d, const opt_net *net,
                           bool backward, opt_loss loss, train_plan **out);
train_space *train_space_new(const train_plan *p, bool backward);
void train_forward_layer(const train_plan *p, train_space *s, int layer);
void train_dropout(const train_plan *p, train_space *s, int layer);
void train_forward(const train_plan *p, train_space *s);   /* both, all layers */
/* From grad of the logits; adds to gradient[n_params]. */
void train_backward(const train_plan *p, train_space *s, float *gradient);
/* Aligned for vectors, in the plan's arena. */
float *train_floats(weft_arena *arena, size_t n);
/* A hash of (key, i): the one source of chance; equal on any thread. */
uint64_t train_random(uint64_t key, uint64_t i);

/* ---- one layer on one chunk ------------------------------------------------ */
typedef struct train_op {
  const opt_net *net;
  const opt_layer *l;
  const opt_value *in, *out;    /* in: inputs[0]                             */
  size_t n;
  const float *const *x;        /* [n_inputs]                                */
  float *y;
  float *dy;                    /* past the activation                       */
  float *const *dx;             /* [n_inputs]; NULL: not wanted; added to    */
  const float *w, *b;
  float *dw;                    /* added to; NULL: not trained               */
  bool sets;                    /* MAX_POOL: dx[0] is set, not added to      */
  float *scratch;
} train_op;

void train_conv_forward(const train_op *o);
void train_conv_backward(const train_op *o);
size_t train_conv_scratch(const opt_net *net, const opt_layer *l);
void train_depthwise_forward(const train_op *o);
void train_depthwise_backward(const train_op *o);
void train_dense_forward(const train_op *o);
void train_dense_backward(const train_op *o);
void train_max_pool_forward(const train_op *o);
void train_max_pool_backward(const train_op *o);
/* Windows that touch no element twice: its backward can set. */
bool train_is_apart(const opt_layer *l);
void train_average_pool_forward(const train_op *o);
void train_average_pool_backward(const train_op *o);
void train_mean_forward(const train_op *o);
void train_mean_backward(const train_op *o);
void train_add_forward(const train_op *o);
void train_add_backward(const train_op *o);
void train_concat_forward(const train_op *o);
void train_concat_backward(const train_op *o);
void train_pad_forward(const train_op *o);
void train_pad_backward(const train_op *o);
void train_copy_forward(const train_op *o);   /* RELU, RELU6                  */
void train_copy_backward(const train_op *o);
void train_softmax_forward(const train_op *o);
void train_softmax_backward(const train_op *o);
void train_logistic_forward(const train_op *o);
void train_logistic_backward(const train_op *o);

/* y += b (NULL: none), then the activation; rows of `cols`. */
void train_bias_act(float *y, const float *b, size_t rows, size_t cols, weft_act act);
/* dy through the activation of y; db[cols] += column sums (NULL: none). */
void train_act_gradient(float *dy, const float *y, float *db, size_t rows, size_t cols,
                        weft_act act);
/* The activation that a layer applies: fused, or its own (RELU, RELU6). */
weft_act train_act_of(const opt_layer *l);

/* Geometry of a window layer (CONV, DEPTHWISE, pools). */
typedef struct train_window {
  int in_h, in_w, in_c, out_h, out_w, out_c;
  int k_h, k_w, stride_h, stride_w, dilation_h, dilation_w, pad_y, pad_x;
} train_window;
train_window train_window_of(const opt_net *net, const opt_layer *l);
/* Windows of one sample as rows of a matrix, zeros outside of the image:
 * col[out_h * out_w][k_h * k_w * in_c]. */
void train_windows(float *col, const float *x, const train_window *w);

/* ---- losses -------------------------------------------------------------- */
typedef struct train_target {
  const int32_t *label;         /* [n]                                       */
  const float *value;           /* [n][n_elems] of OPT_SQUARED               */
  const float *teacher;         /* [n][n_elems] logits; NULL: none           */
  double temperature, alpha;    /* of the teacher                            */
} train_target;
/* Sum over the samples of the loss; grad = its derivative * scale. */
double train_loss(opt_loss loss, const train_target *t, const float *logits, size_t n,
                  size_t n_elems, float scale, float *grad);
/* The loss that labels and outputs ask for. */
opt_loss train_loss_of(const opt_net *net, bool has_labels);
/* Samples whose class is right, or the sum of mean squared errors. */
double train_metric(opt_loss loss, const train_target *t, const float *logits, size_t n,
                    size_t n_elems);

/* ---- threads ---------------------------------------------------------------- */
typedef struct train_pool train_pool;
train_pool *train_pool_new(weft_arena *arena, int threads);
void train_pool_free(train_pool *p);
/* task(user, i, worker) for i < n, each once, in any order; returns when all are
 * done. worker < threads. */
typedef void (*train_task)(void *user, size_t i, int worker);
void train_pool_run(train_pool *p, size_t n, train_task task, void *user);

/* out[i] = sum over c < n of in[c][i], in that order. */
void train_sum(float *out, float *const *in, size_t n, size_t from, size_t to);

#endif
