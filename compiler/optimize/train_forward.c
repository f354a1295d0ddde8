/* SPDX-License-Identifier: Apache-2.0 */
/* The network without a training loop: fast forward, gradients of one batch. */
#include <string.h>

#include "compiler/optimize/train_engine.h"

typedef struct forward_job {
  const train_plan *plan;
  train_space **space;          /* [worker]                                  */
  const float *in;
  size_t n;
  float *out;
} forward_job;

static void forward_chunk(void *user, size_t chunk, int worker) {
  const forward_job *j = user;
  const opt_net *net = j->plan->net;
  train_space *s = j->space[worker];
  const size_t at = chunk * TRAIN_CHUNK;
  const size_t n_in = net->values[net->inputs[0]].n_elems;
  const size_t n_out = net->values[j->plan->logits].n_elems;
  s->n = j->n - at < TRAIN_CHUNK ? j->n - at : TRAIN_CHUNK;
  if (weft_interrupted())
    return;
  memcpy(s->act[net->inputs[0]], j->in + at * n_in, s->n * n_in * sizeof(float));
  train_forward(j->plan, s);
  memcpy(j->out + at * n_out, s->act[j->plan->logits], s->n * n_out * sizeof(float));
}

weft_status opt_forward_fast(weft_diag *d, const opt_net *net, const float *in, size_t n,
                             int threads, float *out) {
  weft_arena *arena = weft_arena_new();
  train_plan *plan;
  weft_status s = train_plan_new(arena, d, net, false, OPT_SQUARED, &plan);
  if (s == WEFT_OK) {
    train_pool *pool = train_pool_new(arena, threads);
    threads = threads < 1 ? 1 : threads;
    forward_job j = {plan, WEFT_NEW(arena, train_space *, threads), in, n, out};
    for (int i = 0; i < threads; i++)
      j.space[i] = train_space_new(plan, false);
    train_pool_run(pool, (n + TRAIN_CHUNK - 1) / TRAIN_CHUNK, forward_chunk, &j);
    train_pool_free(pool);
    s = weft_interrupted() ? WEFT_E_INTERRUPTED : WEFT_OK;
  }
  weft_arena_free(&arena);
  return s;
}

typedef struct gradient_job {
  const train_plan *plan;
  const opt_train_options *o;
  train_space *space;
  const float *x, *teacher;
  const int32_t *label;
  size_t n;
} gradient_job;

static double chunk_gradient(const gradient_job *j, size_t at, float *gradient) {
  const train_plan *p = j->plan;
  train_space *s = j->space;
  const int in = p->net->inputs[0];
  const size_t n_in = p->net->values[in].n_elems, n_out = p->net->values[p->logits].n_elems;
  s->n = j->n - at < TRAIN_CHUNK ? j->n - at : TRAIN_CHUNK;
  memcpy(s->act[in], j->x + at * n_in, s->n * n_in * sizeof(float));
  train_forward(p, s);
  const train_target t = {.label = j->label ? j->label + at : NULL,
                          .value = j->x + at * n_in,
                          .teacher = j->teacher ? j->teacher + at * n_out : NULL,
                          .temperature = j->o->temperature,
                          .alpha = j->o->teacher_only ? 0 : j->o->alpha};
  const double loss = train_loss(p->loss, &t, s->act[p->logits], s->n, n_out,
                                 1.0f / (float)j->n, s->grad[p->logits]);
  train_backward(p, s, gradient);
  return loss;
}

/* Logits of the teacher, for the same loss. */
static weft_status teach(weft_arena *arena, weft_diag *d, const opt_net *teacher, opt_loss loss,
                         const float *x, size_t n, float **out) {
  train_plan *plan;
  WEFT_TRY(train_plan_new(arena, d, teacher, false, loss, &plan));
  forward_job j = {plan, WEFT_NEW(arena, train_space *, 1), x, n, NULL};
  j.out = *out = WEFT_NEW(arena, float, n * teacher->values[plan->logits].n_elems);
  j.space[0] = train_space_new(plan, false);
  for (size_t c = 0; c * TRAIN_CHUNK < n; c++)
    forward_chunk(&j, c, 0);
  return WEFT_OK;
}

weft_status opt_gradients(weft_arena *arena, weft_diag *d, const opt_net *net, const float *x,
                          const int32_t *label, size_t n, const opt_train_options *o,
                          double *loss, float **grad) {
  train_plan *plan;
  const opt_loss kind = train_loss_of(net, label != NULL || o->teacher != NULL);
  WEFT_TRY(train_plan_new(arena, d, net, true, kind, &plan));
  gradient_job j = {plan, o, train_space_new(plan, true), x, NULL, label, n};
  if (o->teacher) {
    float *logits;
    WEFT_TRY(teach(arena, d, o->teacher, kind, x, n, &logits));
    j.teacher = logits;
  }
  float *all = WEFT_NEW(arena, float, plan->n_params);
  *loss = 0;
  for (size_t at = 0; at < n; at += TRAIN_CHUNK)
    *loss += chunk_gradient(&j, at, all);
  *loss /= (double)n;
  for (int l = 0; l < net->n_layers; l++)
    grad[l] = plan->w_at[l] == TRAIN_NONE ? NULL : all + plan->w_at[l];
  return WEFT_OK;
}
