/* SPDX-License-Identifier: Apache-2.0 */
/* From what the optimizer moves to what the forward uses: masks, clusters and fake
 * quantization.
 *
 * In the pruning loop, as in TFMOT's, weights behind a mask get the gradient of the masked
 * network and are 0 again at the next step; only if the masks are chosen just then, one
 * step of the optimizer may carry a weight back above those that stayed. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/scale.h"
#include "compiler/optimize/train_inside.h"

static weft_status check_kept(train_run *r, int l) {
  const opt_weights *w = r->net->layers[l].weights;
  const opt_train_options *o = r->o;
  const char *lost = w->mask && !o->keep_masks && !o->has_prune ? "zeros"
                     : w->cluster && !o->keep_clusters          ? "clusters"
                                                                : NULL;
  if (!lost || w->frozen)
    return WEFT_OK;
  return weft_fail(r->d, WEFT_E_CONFIG, opt_layer_place(r->d, r->net, l),
                   weft_diag_text(r->d, "%s that this training would destroy", lost),
                   "training keeps what an earlier stage made",
                   "set keep_masks and keep_clusters, or freeze the layer");
}

/* By default every layer with weights but the first. */
static bool is_pruned(const train_run *r, int l) {
  const opt_train_options *o = r->o;
  const opt_weights *w = r->net->layers[l].weights;
  int first = 0;
  while (!r->net->layers[first].weights)
    first++;
  return o->has_prune && w && !w->frozen && (o->prune_layer ? o->prune_layer[l] : l != first);
}

static weft_status set_pruned(train_run *r, int l) {
  train_layer *t = &r->layer[l];
  const char *dense = NULL;
  if (!is_pruned(r, l))
    return WEFT_OK;
  WEFT_TRY(opt_prune_applies(r->d, &r->net->layers[l], &r->o->prune, r->o->prune_schedule.final, &dense));
  if (r->o->stays_dense)
    r->o->stays_dense[l] = dense;
  t->pruned = dense == NULL;
  if (t->pruned && !t->w->mask) {
    t->w->mask = weft_arena_alloc(r->net->arena, t->w->n_elems, 1);
    memset(t->w->mask, 1, t->w->n_elems);
  }
  return WEFT_OK;
}

/* Root mean square of what is not 0; 1 if all is. */
static double size_of(const float *p, size_t n) {
  double sum = 0;
  size_t used = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (double)p[i] * (double)p[i];
    used += p[i] != 0;
  }
  return sum > 0 ? sqrt(sum / (double)used) : 1;
}

void train_add_param(train_run *r, float *p, size_t n, size_t at) {
  r->param[r->n_param++] = (train_param){p, n, at, r->o->lr_relative ? size_of(p, n) : 1};
}

static weft_status new_layer(train_run *r, int l) {
  opt_weights *w = r->net->layers[l].weights;
  train_layer *t = &r->layer[l];
  *t = (train_layer){.w = w};
  if (!w)
    return WEFT_OK;
  WEFT_TRY(check_kept(r, l));
  t->trained = t->used = w->w;
  if (r->o->lora_rank > 0) {
    r->plan->w[l] = t->used;
    return train_lora_new(r, l);
  }
  WEFT_TRY(set_pruned(r, l));
  t->clustered = w->cluster && !w->frozen && r->plan->w_at[l] != TRAIN_NONE;
  if (t->clustered) {
    t->trained = train_floats(r->arena, w->n_elems);
    memcpy(t->trained, w->w, w->n_elems * sizeof *w->w);
  }
  if (r->o->quantize && !w->exclude) {
    t->used = train_floats(r->arena, w->n_elems);
    t->scale = WEFT_NEW(r->arena, float, w->n_out);
  }
  r->plan->w[l] = t->used;
  if (r->plan->w_at[l] == TRAIN_NONE)
    return WEFT_OK;
  train_add_param(r, t->trained, w->n_elems, r->plan->w_at[l]);
  train_add_param(r, w->bias, w->n_out, r->plan->b_at[l]);
  if (!t->clustered)
    return WEFT_OK;
  t->n_centroids = (size_t)w->keep.n_clusters * (w->keep.per_channel ? w->n_out : 1);
  t->centroid_at = r->n_sum;
  r->n_sum += t->n_centroids;
  train_add_param(r, w->centroid, t->n_centroids, t->centroid_at);
  return WEFT_OK;
}

weft_status train_weights_new(train_run *r) {
  r->layer = WEFT_NEW(r->arena, train_layer, r->net->n_layers);
  r->param = WEFT_NEW(r->arena, train_param, 3 * r->net->n_layers);
  r->n_sum = r->plan->n_params;
  bool prunes = false;
  for (int l = 0; l < r->net->n_layers; l++) {
    WEFT_TRY(new_layer(r, l));
    prunes = prunes || r->layer[l].pruned;
  }
  if (r->o->has_prune && !prunes)
    return weft_fail(r->d, WEFT_E_CONFIG, r->net->name, "no layer to prune",
                     "a layer with weights that learn and that the pattern applies to; by default the "
                     "first is left dense",
                     "name the layers to prune");
  if (r->o->lora_rank > 0 && r->n_param == 0)
    return weft_fail(r->d, WEFT_E_CONFIG, r->net->name, "no layer for adapters",
                     "a CONV or DENSE that is not frozen", "name the layers");
  r->sum = train_floats(r->arena, r->n_sum);
  r->m = train_floats(r->arena, r->n_sum);
  r->v = train_floats(r->arena, r->n_sum);
  return WEFT_OK;
}

weft_status train_weights_choose(train_run *r) {
  const opt_train_options *o = r->o;
  const double sparsity = o->has_prune ? opt_schedule_at(&o->prune_schedule, r->step) : -1;
  for (int l = 0; l < r->net->n_layers && sparsity >= 0; l++) {
    train_layer *t = &r->layer[l];
    const char *dense = NULL;
    if (!t->pruned)
      continue;
    WEFT_TRY(opt_prune_layer(r->net->arena, r->d, &r->net->layers[l], &o->prune, sparsity, &dense));
  }
  return WEFT_OK;
}

static void apply(void *user, size_t l, int worker) {
  train_layer *t = &((train_run *)user)->layer[l];
  (void)worker;
  if (!t->w)
    return;
  if (t->pruned)
    opt_apply_mask(t->w);
  if (t->clustered)
    train_cluster_apply(t);
  if (t->lora)
    train_lora_apply(t);
  if (t->used == t->w->w)
    return;
  opt_weight_scales(t->w, t->scale);
  opt_fake_weights(t->w, t->scale, t->used);
}

void train_weights_apply(train_run *r) {
  train_pool_run(r->pool, (size_t)r->net->n_layers, apply, r);
}

static bool is_schedule_over(const train_run *r) {
  return !r->o->has_prune ||
         (r->o->prune_schedule.end >= 0 && r->step >= r->o->prune_schedule.end);
}

static void mask_gradient(float *restrict g, const uint8_t *restrict mask, size_t n) {
  for (size_t i = 0; i < n; i++)
    g[i] = mask[i] ? g[i] : 0;
}

void train_weights_gradient(train_run *r) {
  for (int l = 0; l < r->net->n_layers; l++) {
    train_layer *t = &r->layer[l];
    if (!t->w || r->plan->w_at[l] == TRAIN_NONE)
      continue;
    float *g = r->sum + r->plan->w_at[l];
    if (t->lora)
      train_lora_gradient(t, g, r->sum);
    if (t->clustered)
      opt_cluster_gradient(t->w, g, r->sum + t->centroid_at);
    if (t->w->mask && (!t->pruned || is_schedule_over(r)))
      mask_gradient(g, t->w->mask, t->w->n_elems);
  }
}

double train_sparsity(const opt_net *net) {
  size_t n = 0, zeros = 0;
  for (int l = 0; l < net->n_layers; l++) {
    const opt_weights *w = net->layers[l].weights;
    n += w ? w->n_elems : 0;
    for (size_t i = 0; w && i < w->n_elems; i++)
      zeros += w->w[i] == 0;
  }
  return n ? (double)zeros / (double)n : 0;
}

/* Keras' fans: taps times input or output channels. */
static double glorot_limit(const opt_layer *l) {
  const opt_weights *w = l->weights;
  double taps = 1, in, out;
  if (l->kind == OPT_DENSE) {
    out = w->shape[0];
    in = w->shape[1];
  } else {
    taps = (double)w->shape[1] * w->shape[2];
    in = l->kind == OPT_CONV ? w->shape[3] : w->shape[3] / l->depth_multiplier;
    out = l->kind == OPT_CONV ? w->shape[0] : l->depth_multiplier;
  }
  return sqrt(6 / (taps * (in + out)));
}

void train_initialize(opt_net *net, uint64_t seed) {
  for (int l = 0; l < net->n_layers; l++) {
    opt_weights *w = net->layers[l].weights;
    if (!w || w->frozen)
      continue;
    const double limit = glorot_limit(&net->layers[l]);
    const uint64_t key = train_random(seed ^ 0x676c6f726f74u, (uint64_t)l);
    for (size_t i = 0; i < w->n_elems; i++) {
      const double u = (double)(train_random(key, i) >> 11) * 0x1p-53;
      w->w[i] = (float)((2 * u - 1) * limit);
      if (w->mask && !w->mask[i])
        w->w[i] = 0;
    }
    memset(w->bias, 0, w->n_out * sizeof *w->bias);
  }
}
