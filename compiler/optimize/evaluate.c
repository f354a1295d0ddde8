/* SPDX-License-Identifier: Apache-2.0 */
/* A network on a split: the float one by the fast forward, the integer one by the
 * reference kernels on the file that would be written. */
#include <string.h>
#include <unistd.h>

#include "compiler/optimize/quantize_inside.h"
#include "compiler/optimize/tflite_write.h"
#include "compiler/optimize/train_engine.h"
#include "kernels/kernels.h"

#define SAMPLES_AT_ONCE 64
#define MOST_THREADS 16

typedef struct worker {        /* of one thread                              */
  weft_ref *ref;               /* whole integer networks                     */
  opt_runner *runner;          /* networks with float layers, or of 16 bits  */
  float *x, *y;
  uint8_t *in, *out;
} worker;

typedef struct evaluation {
  weft_diag *diag;
  const opt_net *net;
  const opt_data *data;
  opt_split split;
  worker *workers;
  size_t first;
  double *score;               /* [samples] 1 or 0, or the squared error     */
  weft_status *status;         /* [threads]                                  */
} evaluation;

static double score_of(const opt_data *data, const float *x, int label, const float *y, size_t n) {
  size_t best = 0;
  double sum = 0;
  switch (data->metric) {
  case OPT_BINARY:
    return (y[0] > 0.5f) == (label > 0);
  case OPT_MSE:
    for (size_t i = 0; i < n; i++)
      sum += ((double)y[i] - (double)x[i]) * ((double)y[i] - (double)x[i]);
    return sum / (double)n;
  default:
    for (size_t i = 1; i < n; i++)
      best = y[i] > y[best] ? i : best;
    return (int)best == label;
  }
}

static weft_status run_one(const evaluation *e, worker *w) {
  const opt_value *in = &e->net->values[e->net->inputs[0]];
  const opt_value *out = &e->net->values[e->net->outputs[0]];
  if (w->runner) {
    WEFT_TRY(opt_runner_run(w->runner, NULL, w->x));
    opt_runner_value(w->runner, e->net->outputs[0], w->y);
    return WEFT_OK;
  }
  opt_to_integers(in, w->x, w->in);
  WEFT_TRY(weft_ref_run(w->ref, (const uint8_t *const *)&w->in, &w->out, NULL, NULL));
  opt_to_floats(out, w->out, w->y);
  return WEFT_OK;
}

static int label_of(const evaluation *e, size_t i) {
  const int32_t *label = e->data->splits[e->split].label;
  return label ? (int)label[i] : 0;
}

static void one_sample(void *user, size_t k, int thread) {
  evaluation *e = user;
  worker *w = &e->workers[thread];
  size_t i = e->first + k;
  if (e->status[thread] != WEFT_OK)
    return;
  opt_data_get(e->data, e->split, i, w->x);
  e->status[thread] = run_one(e, w);
  e->score[i] = score_of(e->data, w->x, label_of(e, i), w->y,
                         e->net->values[e->net->outputs[0]].n_elems);
}

static weft_status open_workers(weft_arena *arena, evaluation *e, int threads) {
  const opt_value *in = &e->net->values[e->net->inputs[0]];
  const opt_value *out = &e->net->values[e->net->outputs[0]];
  weft_span bytes = {0};
  weft_graph *g = NULL;
  bool islands = opt_has_islands(e->net) || in->type == WEFT_INT16;
  if (!islands) {
    WEFT_TRY(opt_write(arena, e->diag, e->net, &bytes));
    WEFT_TRY(weft_graph_read(arena, e->diag, e->net->name, bytes, &g));
  }
  for (int t = 0; t < threads; t++) {
    worker *w = &e->workers[t];
    w->x = WEFT_NEW(arena, float, in->n_elems);
    w->y = WEFT_NEW(arena, float, out->n_elems);
    w->in = weft_arena_alloc(arena, in->n_elems, 2);
    w->out = weft_arena_alloc(arena, out->n_elems, 2);
    if (islands)
      WEFT_TRY(opt_runner_open(arena, e->diag, e->net, &w->runner));
    else
      WEFT_TRY(weft_ref_open(arena, e->diag, g, &w->ref));
  }
  return WEFT_OK;
}

static weft_status run_integers(weft_arena *arena, evaluation *e, size_t n, int threads,
                                weft_progress *p) {
  e->workers = WEFT_NEW(arena, worker, threads);
  e->status = WEFT_NEW(arena, weft_status, threads);
  WEFT_TRY(open_workers(arena, e, threads));
  train_pool *pool = train_pool_new(arena, threads);
  weft_status s = WEFT_OK;
  for (e->first = 0; e->first < n && s == WEFT_OK; e->first += SAMPLES_AT_ONCE) {
    size_t m = n - e->first < SAMPLES_AT_ONCE ? n - e->first : SAMPLES_AT_ONCE;
    train_pool_run(pool, m, one_sample, e);
    for (int t = 0; t < threads; t++)
      s = s == WEFT_OK ? e->status[t] : s;
    weft_progress_step(p, "evaluate", e->first + m, n);
  }
  train_pool_free(pool);
  return s;
}

static weft_status run_floats(weft_arena *arena, evaluation *e, size_t n, int threads,
                              weft_progress *p) {
  size_t n_in = e->net->values[e->net->inputs[0]].n_elems;
  size_t n_out = e->net->values[e->net->outputs[0]].n_elems;
  float *x = WEFT_NEW(arena, float, SAMPLES_AT_ONCE * n_in);
  float *y = WEFT_NEW(arena, float, SAMPLES_AT_ONCE * n_out);
  for (size_t at = 0; at < n; at += SAMPLES_AT_ONCE) {
    size_t m = n - at < SAMPLES_AT_ONCE ? n - at : SAMPLES_AT_ONCE;
    for (size_t k = 0; k < m; k++)
      opt_data_get(e->data, e->split, at + k, x + k * n_in);
    WEFT_TRY(opt_forward_fast(e->diag, e->net, x, m, threads, y));
    for (size_t k = 0; k < m; k++)
      e->score[at + k] = score_of(e->data, x + k * n_in, label_of(e, at + k), y + k * n_out, n_out);
    weft_progress_step(p, "evaluate", at + m, n);
  }
  return WEFT_OK;
}

/* Labels that the network can give, or an output like the input. */
static weft_status check_outputs(weft_diag *d, const opt_net *net, const opt_data *data,
                                 opt_split split) {
  size_t n = net->values[net->outputs[0]].n_elems;
  if (data->metric == OPT_MSE) {
    if (n == data->n_elems)
      return WEFT_OK;
    return weft_fail(d, WEFT_E_INPUT, data->path,
                     weft_diag_text(d, "metric mse, %zu outputs for %zu inputs", n, data->n_elems),
                     "as many outputs as inputs", "name another metric, or another network");
  }
  if (!data->splits[split].label)
    return weft_fail(d, WEFT_E_INPUT, data->path, "no labels", "labels for accuracy",
                     "name the labels, or metric: mse");
  size_t classes = data->metric == OPT_BINARY ? 2 : n;
  if (data->metric == OPT_BINARY && n != 1)
    return weft_fail(d, WEFT_E_INPUT, data->path, weft_diag_text(d, "metric binary, %zu outputs", n),
                     "one output", "name metric: top1");
  for (size_t i = 0; i < data->splits[split].n; i++)
    if (data->splits[split].label[i] < 0 || (size_t)data->splits[split].label[i] >= classes)
      return weft_fail(d, WEFT_E_INPUT, data->path,
                       weft_diag_text(d, "label %d", (int)data->splits[split].label[i]),
                       weft_diag_text(d, "0..%zu, the network's classes", classes - 1),
                       "give the labels of this network");
  return WEFT_OK;
}

static int n_threads(void) {
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > MOST_THREADS ? MOST_THREADS : (int)n;
}

weft_status opt_evaluate(weft_diag *d, const opt_net *net, const opt_data *data, opt_split split,
                         weft_progress *p, double *metric) {
  weft_arena *arena = weft_arena_new();
  weft_diag *to = d ? d : weft_diag_new(arena);
  evaluation e = {.diag = to, .net = net, .data = data, .split = split};
  size_t n = data->splits[split].n;
  double sum = 0;
  e.score = WEFT_NEW(arena, double, n + 1);
  weft_status s = opt_check_samples(to, net, data, split);
  if (s == WEFT_OK)
    s = check_outputs(to, net, data, split);
  if (s == WEFT_OK)
    s = net->values[net->inputs[0]].has_quant ? run_integers(arena, &e, n, n_threads(), p)
                                              : run_floats(arena, &e, n, n_threads(), p);
  for (size_t i = 0; i < n; i++)
    sum += e.score[i];
  if (s == WEFT_OK)
    *metric = sum / (double)n;
  weft_arena_free(&arena);
  return s;
}
