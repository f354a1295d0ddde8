/* SPDX-License-Identifier: Apache-2.0 */
/* One batch: samples, forward, loss, backward, sum of the gradients. */
#include <string.h>

#include "compiler/optimize/train_inside.h"

enum { SUM_ELEMS = 1 << 14 };

static size_t chunks_of(size_t n) { return (n + TRAIN_CHUNK - 1) / TRAIN_CHUNK; }

static bool is_augmented(const opt_augment *a) { return a->shift || a->flip || a->cutout; }

/* Logits of the samples of the train split, in its order. */
static void teach_chunk(void *user, size_t chunk, int worker) {
  train_run *r = user;
  train_space *t = r->teacher_space[worker];
  const size_t at = chunk * TRAIN_CHUNK;
  t->n = r->n_samples - at < TRAIN_CHUNK ? r->n_samples - at : TRAIN_CHUNK;
  for (size_t i = 0; i < t->n && !weft_interrupted(); i++)
    opt_data_get(r->data, OPT_TRAIN, at + i, t->act[r->o->teacher->inputs[0]] + i * r->n_in);
  train_forward(r->teacher_plan, t);
  memcpy(r->teacher + at * r->n_out, t->act[r->teacher_plan->logits],
         t->n * r->n_out * sizeof(float));
}

static weft_status new_teacher(train_run *r) {
  const opt_net *t = r->o->teacher;
  WEFT_TRY(train_plan_new(r->arena, r->d, t, false, r->plan->loss, &r->teacher_plan));
  const size_t in = t->values[t->inputs[0]].n_elems;
  const size_t out = t->values[r->teacher_plan->logits].n_elems;
  if (in != r->n_in || out != r->n_out)
    return weft_fail(r->d, WEFT_E_CONFIG, t->name,
                     weft_diag_text(r->d, "a teacher of %zu inputs and %zu outputs", in, out),
                     weft_diag_text(r->d, "%zu inputs and %zu outputs, as the student", r->n_in,
                                    r->n_out),
                     "choose a teacher of the same data");
  r->teacher_space = WEFT_NEW(r->arena, train_space *, r->threads);
  r->soft = WEFT_NEW(r->arena, float *, r->threads);
  for (int i = 0; i < r->threads; i++) {
    r->teacher_space[i] = train_space_new(r->teacher_plan, false);
    r->soft[i] = train_floats(r->arena, TRAIN_CHUNK * r->n_out);
  }
  if (is_augmented(&r->o->augment))
    return WEFT_OK;
  r->teacher = train_floats(r->arena, r->n_samples * r->n_out);
  train_pool_run(r->pool, chunks_of(r->n_samples), teach_chunk, r);
  return weft_interrupted() ? WEFT_E_INTERRUPTED : WEFT_OK;
}

weft_status train_batches_new(train_run *r) {
  const size_t chunks = chunks_of((size_t)r->o->batch);
  const size_t spaces = r->o->quantize ? chunks : (size_t)r->threads;
  r->n_chunks = chunks;
  r->gradient = WEFT_NEW(r->arena, float *, chunks);
  r->chunk_loss = WEFT_NEW(r->arena, double, chunks);
  r->chunk_metric = WEFT_NEW(r->arena, double, chunks);
  r->chunk_min = WEFT_NEW(r->arena, float *, chunks);
  r->chunk_max = WEFT_NEW(r->arena, float *, chunks);
  for (size_t c = 0; c < chunks; c++) {
    r->gradient[c] = train_floats(r->arena, r->plan->n_params);
    r->chunk_min[c] = train_floats(r->arena, (size_t)r->net->n_values);
    r->chunk_max[c] = train_floats(r->arena, (size_t)r->net->n_values);
  }
  r->space = WEFT_NEW(r->arena, train_space *, spaces);
  r->target = WEFT_NEW(r->arena, float *, spaces);
  for (size_t s = 0; s < spaces; s++) {
    r->space[s] = train_space_new(r->plan, true);
    if (r->plan->loss == OPT_SQUARED)
      r->target[s] = train_floats(r->arena, TRAIN_CHUNK * r->n_in);
  }
  r->order = WEFT_NEW(r->arena, uint32_t, r->n_samples);
  r->order_epoch = -1;
  return r->o->teacher ? new_teacher(r) : WEFT_OK;
}

/* ---- a chunk ------------------------------------------------------------------- */
static size_t space_of(const train_run *r, size_t chunk, int worker) {
  return r->o->quantize ? chunk : (size_t)worker;
}

static size_t sample_of(const train_run *r, size_t i) {
  return r->training ? r->order[r->batch_first + i] : r->batch_first + i;
}

static void load(train_run *r, size_t chunk, int worker) {
  const size_t k = space_of(r, chunk, worker), at = chunk * TRAIN_CHUNK;
  train_space *s = r->space[k];
  float *x = s->act[r->net->inputs[0]];
  s->first = at;
  s->n = r->batch_n - at < TRAIN_CHUNK ? r->batch_n - at : TRAIN_CHUNK;
  s->dropout = r->training ? r->o->dropout : 0;
  s->dropout_key = train_random(r->o->seed ^ 0x64726f70u, (uint64_t)r->step);
  for (size_t i = 0; i < s->n; i++) {
    const size_t sample = sample_of(r, at + i);
    if (r->training && is_augmented(&r->o->augment))
      opt_data_get_augmented(r->data, r->split, sample, &r->o->augment, r->o->seed,
                             (uint64_t)r->order_epoch, x + i * r->n_in);
    else
      opt_data_get(r->data, r->split, sample, x + i * r->n_in);
  }
  if (r->target[k])
    memcpy(r->target[k], x, s->n * r->n_in * sizeof *x);
}

/* Logits of the teacher for the samples of a chunk. */
static void teach(train_run *r, const train_space *s, int worker, float *logits) {
  if (r->teacher) {
    for (size_t i = 0; i < s->n; i++)
      memcpy(logits + i * r->n_out, r->teacher + sample_of(r, s->first + i) * r->n_out,
             r->n_out * sizeof *logits);
    return;
  }
  train_space *t = r->teacher_space[worker];
  t->n = s->n;
  memcpy(t->act[r->o->teacher->inputs[0]], s->act[r->net->inputs[0]],
         s->n * r->n_in * sizeof(float));
  train_forward(r->teacher_plan, t);
  memcpy(logits, t->act[r->teacher_plan->logits], s->n * r->n_out * sizeof *logits);
}

static void learn(train_run *r, size_t chunk, int worker) {
  const size_t k = space_of(r, chunk, worker);
  train_space *s = r->space[k];
  const opt_samples *all = &r->data->splits[r->split];
  const float *logits = s->act[r->plan->logits];
  int32_t label[TRAIN_CHUNK] = {0};
  for (size_t i = 0; i < s->n && all->label; i++)
    label[i] = all->label[sample_of(r, s->first + i)];
  train_target t = {.label = label, .value = r->target[k], .temperature = r->o->temperature,
                    .alpha = r->o->teacher_only ? 0 : r->o->alpha};
  if (r->training && r->o->teacher) {
    teach(r, s, worker, r->soft[worker]);
    t.teacher = r->soft[worker];
  }
  r->chunk_metric[chunk] = all->label || r->target[k]
                               ? train_metric(r->plan->loss, &t, logits, s->n, r->n_out)
                               : 0;
  r->chunk_loss[chunk] =
      train_loss(r->plan->loss, &t, logits, s->n, r->n_out, 1.0f / (float)r->batch_n,
                 s->grad[r->plan->logits]);
  if (!r->training)
    return;
  memset(r->gradient[chunk], 0, r->plan->n_params * sizeof(float));
  train_backward(r->plan, s, r->gradient[chunk]);
}

static void whole_chunk(void *user, size_t chunk, int worker) {
  train_run *r = user;
  load(r, chunk, worker);
  train_forward(r->plan, r->space[space_of(r, chunk, worker)]);
  learn(r, chunk, worker);
}
static void load_chunk(void *user, size_t chunk, int worker) { load(user, chunk, worker); }
static void learn_chunk(void *user, size_t chunk, int worker) { learn(user, chunk, worker); }

static void sum_part(void *user, size_t part, int worker) {
  train_run *r = user;
  const size_t from = part * SUM_ELEMS, to = from + SUM_ELEMS;
  (void)worker;
  train_sum(r->sum, r->gradient, chunks_of(r->batch_n), from,
            to < r->plan->n_params ? to : r->plan->n_params);
}

/* Forward, loss and, in training, gradients of the batch at hand. */
static void run_batch(train_run *r, double *loss, double *metric) {
  const size_t n = chunks_of(r->batch_n);
  if (r->o->quantize) {
    train_pool_run(r->pool, n, load_chunk, r);
    train_quantized_forward(r, n);
    train_pool_run(r->pool, n, learn_chunk, r);
  } else {
    train_pool_run(r->pool, n, whole_chunk, r);
  }
  for (size_t c = 0; c < n; c++) {
    *loss += r->chunk_loss[c];
    *metric += r->chunk_metric[c];
  }
}

void train_step(train_run *r) {
  const int64_t epoch = r->step / r->steps_per_epoch, in_epoch = r->step % r->steps_per_epoch;
  if (r->order_epoch != epoch)
    opt_shuffle(r->o->seed, (uint64_t)epoch, r->n_samples, r->order);
  r->order_epoch = epoch;
  r->split = OPT_TRAIN;
  r->training = true;
  r->batch_first = (size_t)(in_epoch * r->o->batch);
  r->batch_n = r->n_samples - r->batch_first;
  if (r->batch_n > (size_t)r->o->batch)
    r->batch_n = (size_t)r->o->batch;
  if (in_epoch == 0)
    r->loss_sum = r->metric_sum = 0;
  run_batch(r, &r->loss_sum, &r->metric_sum);
  train_pool_run(r->pool, (r->plan->n_params + SUM_ELEMS - 1) / SUM_ELEMS, sum_part, r);
  train_weights_gradient(r);
  train_update(r);
}

weft_status train_evaluate(train_run *r, opt_split split, double *loss, double *metric) {
  const size_t n = r->data->splits[split].n, batch = r->n_chunks * TRAIN_CHUNK;
  *loss = *metric = 0;
  r->split = split;
  r->training = false;
  for (r->batch_first = 0; r->batch_first < n; r->batch_first += batch) {
    if (weft_interrupted())
      return WEFT_E_INTERRUPTED;
    r->batch_n = n - r->batch_first < batch ? n - r->batch_first : batch;
    run_batch(r, loss, metric);
  }
  *loss /= (double)n;
  *metric /= (double)n;
  return WEFT_OK;
}
