/* SPDX-License-Identifier: Apache-2.0 */
/* Fake quantization of activations, TFMOT's default 8-bit scheme or symmetric 16 bits: moving averages of
 * the least and greatest of a batch, the input's of all batches; straight-through
 * gradient inside the range. A range that is not known starts from the first batch. */
#include "compiler/optimize/scale.h"
#include "compiler/optimize/train_inside.h"

#define EMA_DECAY 0.999f

static bool is_source(const train_run *r, int v) {
  const int by = r->net->values[v].producer;
  return by < 0 ? v == r->net->inputs[0]
                : r->plan->run[by] && !opt_copies_integers(r->net->layers[by].kind);
}

static void adopt(train_run *r, int v) {
  const opt_value *value = &r->net->values[v];
  train_range *g = &r->range[r->group[v]];
  const opt_kind kind = value->producer < 0 ? OPT_N_KINDS : r->net->layers[value->producer].kind;
  if (value->producer < 0)
    g->all_values = true;
  if (kind == OPT_SOFTMAX || kind == OPT_LOGISTIC) {
    g->fixed = g->known = true;
    g->max = 255.0f / 256.0f;
  } else if (value->has_range) {
    g->min = g->known && g->min < value->min ? g->min : value->min;
    g->max = g->known && g->max > value->max ? g->max : value->max;
    g->known = true;
  }
}

void train_ranges_new(train_run *r) {
  const opt_net *net = r->net;
  r->group = WEFT_NEW(r->arena, int, net->n_values);
  r->range = WEFT_NEW(r->arena, train_range, net->n_values);
  opt_tied(net, r->group);
  for (int v = 0; v < net->n_values; v++) {
    r->range[r->group[v]].n_sources += is_source(r, v);
    adopt(r, v);
  }
  for (size_t c = 0; c < r->n_chunks; c++)
    for (int v = 0; v < net->n_values; v++)
      if (r->plan->wanted[r->plan->root[v]] && is_source(r, v))
        r->space[c]->pass[v] = WEFT_NEW(r->arena, uint8_t, TRAIN_CHUNK * net->values[v].n_elems);
}

void train_ranges_finish(train_run *r) {
  for (int v = 0; v < r->net->n_values; v++) {
    const train_range *g = &r->range[r->group[v]];
    if (!g->known)
      continue;
    r->net->values[v].has_range = true;
    r->net->values[v].min = g->min;
    r->net->values[v].max = g->max;
  }
}

/* ---- least and greatest ------------------------------------------------------------- */
static void observe(train_run *r, size_t chunk, int v) {
  enum { LANES = 16 };
  const train_space *s = r->space[chunk];
  const float *x = s->act[v];
  const size_t n = s->n * r->net->values[v].n_elems;
  float lo[LANES], hi[LANES];
  for (size_t k = 0; k < LANES; k++)
    lo[k] = hi[k] = x[0];
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t k = 0; k < LANES; k++) {
      lo[k] = x[i + k] < lo[k] ? x[i + k] : lo[k];
      hi[k] = x[i + k] > hi[k] ? x[i + k] : hi[k];
    }
  for (; i < n; i++) {
    lo[0] = x[i] < lo[0] ? x[i] : lo[0];
    hi[0] = x[i] > hi[0] ? x[i] : hi[0];
  }
  for (size_t k = 1; k < LANES; k++) {
    lo[0] = lo[k] < lo[0] ? lo[k] : lo[0];
    hi[0] = hi[k] > hi[0] ? hi[k] : hi[0];
  }
  r->chunk_min[chunk][v] = lo[0];
  r->chunk_max[chunk][v] = hi[0];
}

/* Of all chunks, with 0; joined to what the group has seen in this batch. */
static void see(train_run *r, size_t n_chunks, int v) {
  train_range *g = &r->range[r->group[v]];
  for (size_t c = 0; c < n_chunks; c++) {
    g->seen_min = r->chunk_min[c][v] < g->seen_min ? r->chunk_min[c][v] : g->seen_min;
    g->seen_max = r->chunk_max[c][v] > g->seen_max ? r->chunk_max[c][v] : g->seen_max;
  }
}

static void forget(train_run *r) {
  for (int v = 0; v < r->net->n_values; v++)
    r->range[v].seen_min = r->range[v].seen_max = 0;
}

static void learn_range(train_range *g) {
  if (g->fixed)
    return;
  if (g->all_values) {
    g->min = g->seen_min < g->min ? g->seen_min : g->min;
    g->max = g->seen_max > g->max ? g->seen_max : g->max;
  } else {
    g->min += (g->seen_min - g->min) * (1 - EMA_DECAY);
    g->max += (g->seen_max - g->max) * (1 - EMA_DECAY);
  }
}

/* ---- quantization ------------------------------------------------------------------- */
typedef struct grid { float scale, inverse, lo, hi; } grid;   /* lo, hi: in steps */

static grid grid_of(const train_run *r, int v) {
  const train_range *g = &r->range[r->group[v]];
  const int bits = r->o->activation_bits == 16 ? 16 : 8, half = 1 << (bits - 1);
  float scale;
  int32_t zero;
  opt_activation_scale(g->min, g->max, bits, &scale, &zero);
  return (grid){scale, 1.0f / scale, (float)(-half - zero), (float)(half - 1 - zero)};
}

/* To the nearest whole number, |x| < 2^22. */
static inline float nearest(float x) { return (x + 12582912.0f) - 12582912.0f; }

static void note_passing(uint8_t *restrict pass, const float *restrict x, size_t n, grid g,
                         weft_act act) {
  const float from = g.lo, to = g.hi, by = g.inverse;
  const float above = act == WEFT_ACT_NONE ? -3.4e38f : 0.0f;
  const float below = act == WEFT_ACT_RELU6 ? 6.0f : 3.4e38f;
  for (size_t i = 0; i < n; i++)
    pass[i] = (uint8_t)((x[i] * by >= from) & (x[i] * by <= to) & (x[i] > above) &
                        (x[i] < below));
}

static void to_grid(float *restrict x, size_t n, grid g) {
  for (size_t i = 0; i < n; i++) {
    float t = x[i] * g.inverse;
    t = t > g.lo ? t : g.lo;
    t = t < g.hi ? t : g.hi;
    x[i] = nearest(t) * g.scale;
  }
}

static void quantize_value(train_run *r, size_t chunk, int v) {
  train_space *s = r->space[chunk];
  const int by = r->net->values[v].producer;
  const size_t n = s->n * r->net->values[v].n_elems;
  const grid g = grid_of(r, v);
  if (s->pass[v] && r->training)
    note_passing(s->pass[v], s->act[v], n, g, train_act_of(&r->net->layers[by]));
  to_grid(s->act[v], n, g);
}

/* ---- forward ------------------------------------------------------------------------ */
static int value_of(const train_run *r) {
  return r->at_layer < 0 ? r->net->inputs[0] : r->net->layers[r->at_layer].output;
}

static void run_layer(void *user, size_t chunk, int worker) {
  train_run *r = user;
  const int v = value_of(r);
  (void)worker;
  if (r->at_layer >= 0)
    train_forward_layer(r->plan, r->space[chunk], r->at_layer);
  if (is_source(r, v) && r->training)
    observe(r, chunk, v);
}

static void quantize_layer(void *user, size_t chunk, int worker) {
  train_run *r = user;
  const int v = value_of(r);
  (void)worker;
  const opt_kind kind = r->at_layer < 0 ? OPT_N_KINDS : r->net->layers[r->at_layer].kind;
  if (is_source(r, v) || kind == OPT_AVERAGE_POOL || kind == OPT_RELU6)
    quantize_value(r, chunk, v);
  if (r->at_layer >= 0)
    train_dropout(r->plan, r->space[chunk], r->at_layer);
}

static void pass_layers(train_run *r, size_t n_chunks, bool quantize) {
  for (r->at_layer = -1; r->at_layer < r->net->n_layers; r->at_layer++) {
    if (r->at_layer >= 0 && !r->plan->run[r->at_layer])
      continue;
    const int v = value_of(r);
    train_range *g = &r->range[r->group[v]];
    train_pool_run(r->pool, n_chunks, run_layer, r);
    if (r->training && is_source(r, v)) {
      see(r, n_chunks, v);
      if (quantize && g->n_sources == 1)
        learn_range(g);
    }
    if (quantize)
      train_pool_run(r->pool, n_chunks, quantize_layer, r);
  }
}

static void start_ranges(train_run *r, size_t n_chunks) {
  bool all = true;
  for (int v = 0; v < r->net->n_values; v++)
    all = all && (r->range[r->group[v]].known || !is_source(r, v));
  if (all)
    return;
  pass_layers(r, n_chunks, false);
  for (int v = 0; v < r->net->n_values; v++) {
    train_range *g = &r->range[v];
    if (r->group[v] != v || g->known || g->n_sources == 0)
      continue;
    g->min = g->seen_min;
    g->max = g->seen_max;
    g->known = true;
  }
}

void train_quantized_forward(train_run *r, size_t n_chunks) {
  forget(r);
  start_ranges(r, n_chunks);
  forget(r);
  pass_layers(r, n_chunks, true);
  for (int v = 0; v < r->net->n_values && r->training; v++)
    if (r->group[v] == v && r->range[v].n_sources > 1)
      learn_range(&r->range[v]);
}
