/* SPDX-License-Identifier: Apache-2.0 */
/* Stages: recipe options to calls of compress.h, train.h and quantize.h. */
#include "compiler/optimize/stage_run.h"

#include <string.h>

#include "compiler/compile.h"
#include "compiler/optimize/tflite_write.h"

#define MAX_FILE_BYTES ((size_t)1 << 30)

typedef struct stage_state {
  weft_arena *arena;
  weft_diag *d;
  const opt_job *job;
  opt_stage *s;
  opt_net *net;
  const opt_net *original;
  opt_history *history;
  opt_net **integer;
  const char **note;
} stage_state;

static void forget_ranges(opt_net *net) {
  for (int v = 0; v < net->n_values; v++)
    net->values[v].has_range = net->values[v].has_quant = false;
}

static void append_note(stage_state *t, const char *layer, const char *why) {
  const char *before = *t->note;
  const int n = (int)strcspn(layer, ";");   /* a fused tensor's name is a list of names */
  *t->note = weft_arena_printf(t->arena, "%s%s%.*s: %s", before, before[0] ? "; " : "", n, layer, why);
}

static weft_status train(stage_state *t) {
  opt_train_options o = t->s->train;
  if (o.epochs == 0)
    return WEFT_OK;
  o.threads = t->job->threads;
  o.resume = t->job->resume;
  o.keep_masks = true;
  o.keep_clusters = true;
  o.checkpoint_dir = weft_arena_printf(t->arena, "%s/checkpoint_%td_%s", t->job->dir,
                                       t->s - t->job->recipe->stages, t->s->name);
  return opt_train(t->arena, t->d, t->net, t->job->data, &o, t->job->progress, t->history);
}

/* Layers of the recipe's choice; the first layer with weights only if asked for. */
static bool *layers_to_prune(stage_state *t) {
  bool *take = WEFT_NEW(t->arena, bool, t->net->n_layers);
  bool is_first = true;
  for (int l = 0; l < t->net->n_layers; l++) {
    const opt_layer *layer = &t->net->layers[l];
    if (!layer->weights)
      continue;
    take[l] = opt_recipe_takes(t->job->recipe, OPT_STAGE_PRUNE, layer) &&
              (!is_first || t->s->first_layer);
    if (is_first && !t->s->first_layer)
      append_note(t, layer->name, "first layer, left dense (first_layer: true prunes it)");
    is_first = false;
  }
  return take;
}

/* Masks that stay as they are from here on. */
static weft_status set_masks(stage_state *t, const bool *take, const char **dense) {
  const opt_surgery o = {.prune = t->s->train.prune, .sparsity = t->s->sparsity, .layer = take,
                         .stays_dense = dense, .data = t->job->data, .threads = t->job->threads,
                         .progress = t->job->progress};
  if (t->s->surgeon)
    return opt_prune_surgeon(t->d, t->net, &o);
  for (int l = 0; l < t->net->n_layers; l++)
    if (take[l])
      WEFT_TRY(opt_prune_layer(t->arena, t->d, &t->net->layers[l], &o.prune, o.sparsity, &dense[l]));
  return WEFT_OK;
}

static weft_status prune(stage_state *t) {
  if (t->s->train.prune.cols == 0)
    t->s->train.prune.cols = t->job->config->cols;
  const bool *take = layers_to_prune(t);
  const char **dense = WEFT_NEW(t->arena, const char *, t->net->n_layers);
  t->s->train.has_prune = !t->s->surgeon && t->s->train.epochs > 0;
  if (!t->s->train.has_prune)
    WEFT_TRY(set_masks(t, take, dense));
  t->s->train.prune_layer = take;
  t->s->train.stays_dense = t->s->train.has_prune ? dense : NULL;
  WEFT_TRY(train(t));
  for (int l = 0; l < t->net->n_layers; l++)
    if (dense[l])
      append_note(t, t->net->layers[l].name, dense[l]);
  return WEFT_OK;
}

static weft_status cluster(stage_state *t) {
  for (int l = 0; l < t->net->n_layers; l++)
    if (opt_recipe_takes(t->job->recipe, OPT_STAGE_CLUSTER, &t->net->layers[l]))
      WEFT_TRY(opt_cluster_layer(t->arena, t->d, &t->net->layers[l], &t->s->cluster));
  return train(t);
}

static weft_status quantize_clone(stage_state *t, const opt_net *net, opt_net **out) {
  const opt_ptq_options *o = &t->s->ptq;
  *out = opt_clone(t->arena, net);
  if (o->equalize)
    opt_equalize(*out);
  WEFT_TRY(opt_calibrate(t->d, *out, t->job->data, o, t->job->progress));
  return opt_quantize(t->d, *out, o);
}

/* Cycles of the network as it would be written after plain PTQ. */
static weft_status cycles_of(stage_state *t, const opt_net *net, bool *has, uint64_t *cycles) {
  opt_net *q = NULL;
  weft_span file;
  opt_row row = {0};
  opt_job quiet = *t->job;
  quiet.n_verify = 1;
  WEFT_TRY(quantize_clone(t, net, &q));
  WEFT_TRY(opt_write(t->arena, t->d, q, &file));
  WEFT_TRY(opt_measure_file(t->arena, t->d, &quiet, file, &row));
  *has = row.has_cycles;
  *cycles = row.cycles;
  return WEFT_OK;
}

static weft_status try_decompose(stage_state *t, int *l, const opt_decompose *o, uint64_t *now) {
  bool done = false;
  bool has = false;
  uint64_t then = 0;
  const char *name = t->net->layers[*l].name;
  opt_net *trial = opt_clone(t->arena, t->net);
  const int before = trial->n_layers;
  WEFT_TRY(opt_decompose_layer(t->d, trial, *l, o, &done));
  if (!done) {
    append_note(t, name, "no rank with fewer MACs");
    return WEFT_OK;
  }
  if (!t->s->always) {
    WEFT_TRY(cycles_of(t, trial, &has, &then));
    if (!has || then >= *now) {
      append_note(t, name, has ? "cycles would not fall" : "cycles not known");
      return WEFT_OK;
    }
    *now = then;
  }
  *l += trial->n_layers - before;
  *t->net = *trial;
  return WEFT_OK;
}

static weft_status decompose(stage_state *t) {
  opt_decompose o = t->s->decompose;
  uint64_t now = 0;
  bool has = true;
  if (o.multiple == 0)
    o.multiple = t->job->config->cols;
  if (!t->s->always)
    WEFT_TRY(cycles_of(t, t->net, &has, &now));
  if (!has)
    return weft_fail(t->d, WEFT_E_CONFIG, t->s->where, "no cycles for this network",
                     "only_if: cycles needs the rtl backend", "only_if: always");
  for (int l = 0; l < t->net->n_layers; l++) {
    const opt_layer *layer = &t->net->layers[l];
    const bool fits = layer->kind == OPT_DENSE || layer->kind == OPT_CONV;
    if (fits && opt_recipe_takes(t->job->recipe, OPT_STAGE_DECOMPOSE, layer))
      WEFT_TRY(try_decompose(t, &l, &o, &now));
  }
  return train(t);
}

static weft_status channels(stage_state *t) {
  opt_structured o = t->s->channels;
  if (o.multiple == 0)
    o.multiple = t->job->config->cols;
  o.data = t->job->data;
  WEFT_TRY(opt_prune_channels(t->d, t->net, &o));
  return train(t);
}

/* Trained adapters are left beside the stage's network, for other runs to merge. */
static weft_status lora(stage_state *t) {
  if (t->s->file)
    return opt_lora_merge(t->d, t->net, t->s->file, t->s->alpha);
  opt_adapters found = {0};
  bool *take = WEFT_NEW(t->arena, bool, t->net->n_layers);
  for (int l = 0; l < t->net->n_layers; l++) {
    const opt_layer *layer = &t->net->layers[l];
    take[l] = opt_recipe_takes(t->job->recipe, OPT_STAGE_LORA, layer) &&
              (!t->s->layers || opt_name_matches(t->s->layers, layer->name));
  }
  t->s->train.lora_rank = t->s->rank;
  t->s->train.lora_alpha = t->s->alpha;
  t->s->train.lora_layer = take;
  t->s->train.adapters = &found;
  WEFT_TRY(train(t));
  const char *name = weft_arena_printf(t->arena, "%02td_%s.npz", t->s - t->job->recipe->stages + 1, t->s->name);
  append_note(t, "adapters", name);
  return opt_lora_write(t->d, t->net, &found, weft_arena_printf(t->arena, "%s/%s", t->job->dir, name));
}

static weft_status take_teacher(stage_state *t) {
  opt_net *teacher = opt_clone(t->arena, t->original);
  if (t->s->file) {
    weft_span file;
    weft_graph *g = NULL;
    WEFT_TRY(weft_file_read(t->arena, t->d, t->s->file, MAX_FILE_BYTES, &file));
    WEFT_TRY(weft_graph_read(t->arena, t->d, t->s->file, file, &g));
    WEFT_TRY(opt_import(t->arena, t->d, g, &teacher));
  }
  t->s->train.teacher = teacher;
  return WEFT_OK;
}

static weft_status distill(stage_state *t) {
  WEFT_TRY(take_teacher(t));
  return train(t);
}

static weft_status qat(stage_state *t) {
  t->s->train.quantize = true;
  t->s->train.activation_bits = t->s->ptq.activation_bits;
  if (t->s->taught)
    WEFT_TRY(take_teacher(t));
  WEFT_TRY(train(t));
  *t->integer = opt_clone(t->arena, t->net);
  return opt_quantize(t->d, *t->integer, &t->s->ptq);
}

static weft_status remove_dead(stage_state *t) {
  size_t n = 0;
  WEFT_TRY(opt_remove_dead(t->d, t->net, &n));
  append_note(t, "removed", weft_arena_printf(t->arena, "%zu channels", n));
  return WEFT_OK;
}

weft_status opt_stage_run(weft_arena *arena, weft_diag *d, const opt_job *job, opt_stage *s,
                          opt_net *net, const opt_net *original, opt_history *history,
                          opt_net **integer, const char **note) {
  stage_state t = {arena, d, job, s, net, original, history, integer, note};
  *note = "";
  *integer = NULL;
  if (!opt_stage_is_integer(s->kind))
    forget_ranges(net);
  switch (s->kind) {
  case OPT_STAGE_TRAIN: return train(&t);
  case OPT_STAGE_PRUNE: return prune(&t);
  case OPT_STAGE_CLUSTER: return cluster(&t);
  case OPT_STAGE_DECOMPOSE: return decompose(&t);
  case OPT_STAGE_CHANNELS: return channels(&t);
  case OPT_STAGE_REMOVE_DEAD: return remove_dead(&t);
  case OPT_STAGE_LORA: return lora(&t);
  case OPT_STAGE_DISTILL: return distill(&t);
  case OPT_STAGE_QAT: return qat(&t);
  case OPT_STAGE_PTQ: return quantize_clone(&t, net, integer);
  default: return WEFT_E_INTERNAL;
  }
}
