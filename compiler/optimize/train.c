/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/train.h"
#include "compiler/optimize/ranges.h"

#include <math.h>
#include <string.h>

#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/train_inside.h"

opt_train_options opt_train_default(void) {
  return (opt_train_options){.epochs = 1, .batch = 32, .optimizer = OPT_ADAM, .lr = 1e-3,
                             .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-7,
                             .keep_masks = true, .keep_clusters = true,
                             .prune_schedule = {.kind = OPT_CONSTANT_SPARSITY, .final = 0.5,
                                                .end = -1, .frequency = 100, .power = 3},
                             .temperature = 4, .alpha = 0.1, .threads = 1};
}

/* ---- what cannot work ------------------------------------------------------------- */
static weft_status bad(train_run *r, const char *what, double value, const char *allowed) {
  return weft_fail(r->d, WEFT_E_CONFIG, "training", weft_diag_text(r->d, "%s %g", what, value),
                   allowed, NULL);
}

static weft_status check_numbers(train_run *r) {
  const opt_train_options *o = r->o;
  const struct { opt_range range; double value; } rows[] = {
    {OPT_RANGE_EPOCHS, (double)o->epochs}, {OPT_RANGE_BATCH, (double)o->batch}, {OPT_RANGE_LR, o->lr},
    {OPT_RANGE_DROPOUT, o->dropout}, {OPT_RANGE_MOMENTUM, o->momentum}, {OPT_RANGE_WEIGHT_DECAY, o->weight_decay},
    {OPT_RANGE_TEMPERATURE, o->teacher ? o->temperature : 1}, {OPT_RANGE_ALPHA, o->teacher ? o->alpha : 0}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    WEFT_TRY(opt_range_check(r->d, "training", rows[i].range, rows[i].value));
  if (!(o->beta1 >= 0 && o->beta1 < 1) || !(o->beta2 >= 0 && o->beta2 < 1))
    return bad(r, "beta", o->beta1 < 1 ? o->beta2 : o->beta1, "0 to less than 1");
  if (!(o->weight_decay * o->lr < 1))
    return bad(r, "weight_decay", o->weight_decay, "weight_decay * lr below 1");
  if (o->threads < 1 || o->threads > 256)
    return bad(r, "threads", o->threads, "1 to 256");
  if (o->lora_rank < 0 || (o->lora_rank > 0 && (o->quantize || o->has_prune || o->reinitialize)))
    return bad(r, "adapters of rank", o->lora_rank, "above 0, without fake quantization, pruning or new weights");
  if (o->lora_rank > 0)
    WEFT_TRY(opt_range_check(r->d, "adapters", OPT_RANGE_LORA_ALPHA, o->lora_alpha));
  if (o->activation_bits != 0 && o->activation_bits != 8 && o->activation_bits != 16)
    return bad(r, "bits of activations", o->activation_bits, "8 or 16");
  return WEFT_OK;
}

static weft_status check_split(weft_diag *d, const opt_net *net, const opt_data *data, opt_split split, size_t n) {
  const int32_t *label = data->splits[split].label;
  if (!label)
    return WEFT_OK;
  const size_t n_out = net->values[net->outputs[0]].n_elems;
  const int32_t classes = n_out > 1 ? (int32_t)n_out : 2;
  for (size_t i = 0; i < n; i++)
    if (label[i] < 0 || label[i] >= classes)
      return weft_fail(d, WEFT_E_INPUT, data->path,
                       weft_diag_text(d, "label %d of sample %zu of %s", (int)label[i], i,
                                      opt_split_name(split)),
                       weft_diag_text(d, "0 to %d: the network has %zu outputs", classes - 1, n_out),
                       "name the labels of this network's task");
  return WEFT_OK;
}

static size_t n_samples(const opt_train_options *o, const opt_data *data) {
  const size_t n = data->splits[OPT_TRAIN].n;
  return o->max_samples && o->max_samples < n ? o->max_samples : n;
}

weft_status opt_train_check_labels(weft_diag *d, const opt_net *net, const opt_data *data,
                                   const opt_train_options *o) {
  WEFT_TRY(check_split(d, net, data, OPT_TRAIN, n_samples(o, data)));
  return check_split(d, net, data, OPT_VALIDATION, data->splits[OPT_VALIDATION].n);
}

static weft_status check_labels(train_run *r) {
  if (r->plan->loss != OPT_SQUARED)
    return opt_train_check_labels(r->d, r->net, r->data, r->o);
  if (r->n_out != r->n_in)
    return weft_fail(r->d, WEFT_E_INPUT, r->data->path, "no labels",
                     weft_diag_text(r->d, "labels, or a network with as many outputs (%zu) as "
                                    "inputs (%zu)", r->n_out, r->n_in),
                     "give labels, or a teacher and teacher_only");
  return WEFT_OK;
}

static weft_status check_data(train_run *r) {
  const opt_samples *s = &r->data->splits[OPT_TRAIN];
  if (s->n == 0)
    return weft_fail(r->d, WEFT_E_INPUT, r->data->path, "no samples in the split train",
                     "at least one", "name a split train in the data file");
  if (r->data->n_elems != r->n_in)
    return weft_fail(r->d, WEFT_E_INPUT, r->data->path,
                     weft_diag_text(r->d, "samples of %zu elements", r->data->n_elems),
                     weft_diag_text(r->d, "%zu, the network's input", r->n_in),
                     "give data of the network's shape");
  if (r->o->teacher && r->o->teacher_only == false && !s->label)
    return weft_fail(r->d, WEFT_E_INPUT, r->data->path, "no labels",
                     "labels for alpha of the loss", "give labels, or set teacher_only");
  return check_labels(r);
}

/* A gradient for each chunk of the batch. */
static weft_status check_memory(train_run *r) {
  const size_t chunks = ((size_t)r->o->batch + TRAIN_CHUNK - 1) / TRAIN_CHUNK;
  const double gib = (double)chunks * (double)r->plan->n_params * sizeof(float) / 0x1p30;
  if (gib <= 4)
    return WEFT_OK;
  return weft_fail(r->d, WEFT_E_CAP, "training",
                   weft_diag_text(r->d, "batch %lld: %.1f GiB of gradients",
                                  (long long)r->o->batch, gib),
                   "4 GiB", "choose a smaller batch");
}

/* What opt_quantize would refuse after the training. */
static weft_status check_bits(train_run *r) {
  for (int l = 0; l < r->net->n_layers; l++) {
    const opt_weights *w = r->net->layers[l].weights;
    if (r->o->quantize && r->o->activation_bits == 16 && w && w->bits == 4 && !w->exclude)
      return weft_fail(r->d, WEFT_E_CONFIG, opt_layer_place(r->d, r->net, l), "4-bit weights",
                       "8 bits with 16-bit activations", "bits: 8, or activations: 8");
  }
  return WEFT_OK;
}

static bool learns_anything(const train_run *r) {
  for (int l = 0; l < r->net->n_layers; l++)
    if (r->plan->w_at[l] != TRAIN_NONE)
      return true;
  return false;
}

/* ---- a run ----------------------------------------------------------------------- */
static void new_history(train_run *r) {
  const size_t n = (size_t)r->o->epochs;
  *r->history = (opt_history){0, WEFT_NEW(r->arena, double, n), WEFT_NEW(r->arena, double, n),
                              WEFT_NEW(r->arena, double, n), WEFT_NEW(r->arena, double, n)};
}

static weft_status set_up(train_run *r) {
  const opt_samples *s = &r->data->splits[OPT_TRAIN];
  const bool labels = s->label != NULL && r->data->metric != OPT_MSE;
  WEFT_TRY(check_numbers(r));
  r->threads = r->o->threads;
  r->n_samples = n_samples(r->o, r->data);
  WEFT_TRY(train_plan_new(r->arena, r->d, r->net, true,
                          train_loss_of(r->net, labels || r->o->teacher), &r->plan));
  r->n_in = r->net->values[r->net->inputs[0]].n_elems;
  r->n_out = r->net->values[r->plan->logits].n_elems;
  WEFT_TRY(check_data(r));
  WEFT_TRY(check_bits(r));
  if (!learns_anything(r))
    return weft_fail(r->d, WEFT_E_CONFIG, r->net->name, "no layer with weights to train",
                     "at least one that is not frozen", NULL);
  WEFT_TRY(check_memory(r));
  r->steps_per_epoch = ((int64_t)r->n_samples + r->o->batch - 1) / r->o->batch;
  r->n_steps = r->steps_per_epoch * r->o->epochs;
  if (r->o->has_prune)
    WEFT_TRY(opt_schedule_check(r->d, "training", &r->o->prune_schedule, r->n_steps));
  train_identity(r);
  if (r->o->reinitialize)
    train_initialize(r->net, r->o->seed);
  r->pool = train_pool_new(r->arena, r->threads);
  WEFT_TRY(train_weights_new(r));
  WEFT_TRY(train_batches_new(r));
  if (r->o->quantize)
    train_ranges_new(r);
  if (r->o->resume && r->o->checkpoint_dir)
    WEFT_TRY(train_checkpoint_load(r));
  return r->step == 0 ? train_weights_choose(r) : WEFT_OK;
}

static weft_status end_epoch(train_run *r) {
  opt_history *h = r->history;
  const opt_samples *v = &r->data->splits[OPT_VALIDATION];
  const double n = (double)r->n_samples;
  double loss, metric = r->metric_sum / n;
  train_weights_apply(r);
  if (v->n > 0 && (v->label || r->plan->loss == OPT_SQUARED))
    WEFT_TRY(train_evaluate(r, OPT_VALIDATION, &loss, &metric));
  h->loss[h->n] = r->loss_sum / n;
  h->metric[h->n] = metric;
  h->lr[h->n] = train_rate(r->o, r->step - 1, r->n_steps);
  h->sparsity[h->n] = train_sparsity(r->net);
  h->n++;
  if (!isfinite(r->loss_sum))
    return weft_fail(r->d, WEFT_E_CONFIG, "training",
                     weft_diag_text(r->d, "a loss that is not finite in epoch %zu", h->n),
                     "a finite loss", "lower the learning rate, or look at the data's scale");
  return r->o->checkpoint_dir ? train_checkpoint_save(r) : WEFT_OK;
}

static weft_status interrupted(train_run *r) {
  if (r->o->checkpoint_dir)
    WEFT_TRY(train_checkpoint_save(r));
  return WEFT_E_INTERRUPTED;
}

static weft_status run_all(train_run *r) {
  for (;;) {
    if (weft_interrupted())
      return interrupted(r);
    if ((int64_t)r->history->n < r->step / r->steps_per_epoch) {
      const weft_status s = end_epoch(r);
      if (s == WEFT_E_INTERRUPTED)
        continue;
      WEFT_TRY(s);
      continue;
    }
    if (r->step == r->n_steps)
      return WEFT_OK;
    train_weights_apply(r);
    train_step(r);
    r->step++;
    WEFT_TRY(train_weights_choose(r));
    weft_progress_step(r->progress, "train", (uint64_t)r->step, (uint64_t)r->n_steps);
  }
}

weft_status opt_train(weft_arena *arena, weft_diag *d, opt_net *net, const opt_data *data,
                      const opt_train_options *o, weft_progress *p, opt_history *out) {
  weft_arena *own = weft_arena_new();
  opt_history history = {0};
  train_run *r = WEFT_NEW(own, train_run, 1);
  *r = (train_run){.arena = own, .d = d, .net = net, .data = data, .o = o, .progress = p,
                   .history = &history};
  new_history(r);
  weft_status s = set_up(r);
  if (s == WEFT_OK)
    s = run_all(r);
  if (s == WEFT_OK) {
    train_weights_apply(r);
    if (o->quantize)
      train_ranges_finish(r);
    if (o->lora_rank > 0 && o->adapters)
      *o->adapters = train_lora_result(arena, r);
  }
  if (out && s == WEFT_OK) {
    const size_t bytes = history.n * sizeof(double);
    *out = (opt_history){history.n, weft_arena_copy(arena, history.loss, bytes),
                         weft_arena_copy(arena, history.metric, bytes),
                         weft_arena_copy(arena, history.lr, bytes),
                         weft_arena_copy(arena, history.sparsity, bytes)};
  }
  if (r->pool)
    train_pool_free(r->pool);
  weft_arena_free(&own);
  return s;
}
