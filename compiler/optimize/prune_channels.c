/* SPDX-License-Identifier: Apache-2.0 */
/* Structured pruning. A channel counts by the weights that make it times those that
 * read it, each relative to its layer; a group of layers whose channels go together is
 * damaged by -log of the share of that which is left, once for each of its layers (so
 * that channels of a residual sum outlast those between two layers). Steps of least
 * damage a MAC are taken until the budget is met; what rounding leaves of it is given back
 * where it mends most. */
#include <math.h>
#include <stdlib.h>

#include "compiler/optimize/channels.h"
#include "compiler/optimize/ranges.h"
#include "compiler/optimize/compress.h"

typedef struct unit {
  uint32_t number;
  uint64_t group;               /* hash of the layers that make it           */
  double score;
} unit;

typedef struct group {
  size_t first, n, keep;        /* units first .. first + n, best first      */
  double n_layers;              /* that make or read its channels            */
} group;

typedef struct plan {
  opt_channels ch;
  size_t n_units, n_groups;
  unit *units;
  group *groups;
  bool *gone;                   /* [ch.n] by unit                            */
  size_t multiple;
} plan;

static double column_size(const opt_channels *ch, const opt_layer *l, size_t channel) {
  const opt_weights *w = l->weights;
  const opt_slice s = opt_slice_of(ch, l, channel);
  double sum = 0;
  for (size_t o = 0; o < w->n_out; o++)
    for (size_t k = 0; k < s.n; k++)
      sum += fabs((double)w->w[o * (w->n_elems / w->n_out) + s.first + k * s.step]);
  return sum;
}

typedef struct tally { double sum; size_t n; } tally;

static void add_share(tally *t, double v, double mean) {
  t->sum += mean > 0 ? v / mean : 0;
  t->n++;
}

/* Sizes relative to their layer's mean: rows to `made`, columns to `read`. */
static void tally_layer(weft_arena *scratch, const opt_channels *ch, const opt_layer *l,
                        tally *made, tally *read) {
  const size_t n_out = l->weights->n_out;
  const size_t n_in = opt_channels_of(ch, l->inputs[0]);
  double *size = WEFT_NEW(scratch, double, n_out > n_in ? n_out : n_in);
  double mean = 0;
  for (size_t i = 0; i < l->weights->n_elems; i++)
    size[opt_channel(l->weights, i)] += fabs((double)l->weights->w[i]);
  for (size_t o = 0; o < n_out; o++)
    mean += size[o] / (double)n_out;
  for (size_t o = 0; o < n_out; o++)
    add_share(&made[opt_unit(ch, l->output, o)], size[o], mean);
  if (!opt_reads_channels(l))
    return;
  mean = 0;
  for (size_t i = 0; i < n_in; i++) {
    size[i] = column_size(ch, l, i);
    mean += size[i] / (double)n_in;
  }
  for (size_t i = 0; i < n_in; i++)
    add_share(&read[opt_unit(ch, l->inputs[0], i)], size[i], mean);
}

/* Units that may go are those of prunable layers: not frozen, read by no m:n. */
static void find_units(weft_arena *scratch, plan *p) {
  const opt_channels *ch = &p->ch;
  tally *made = WEFT_NEW(scratch, tally, ch->n);
  tally *read = WEFT_NEW(scratch, tally, ch->n);
  uint64_t *group_of = WEFT_NEW(scratch, uint64_t, ch->n);
  bool *blocked = WEFT_NEW(scratch, bool, ch->n);
  for (int i = 0; i < ch->net->n_layers; i++) {
    const opt_layer *l = &ch->net->layers[i];
    if (!l->weights)
      continue;
    tally_layer(scratch, ch, l, made, read);
    for (size_t o = 0; o < l->weights->n_out; o++) {
      uint64_t *g = &group_of[opt_unit(ch, l->output, o)];
      weft_rng r = {*g ^ (uint64_t)(i + 1)};
      *g = weft_rng_next(&r);
    }
    for (size_t c = 0; l->weights->keep.m > 0 && c < opt_channels_of(ch, l->inputs[0]); c++)
      blocked[opt_unit(ch, l->inputs[0], c)] = true;
  }
  for (size_t u = 0; u < ch->n; u++) {
    if (ch->unit[u] != u || ch->frozen[u] || blocked[u] || made[u].n == 0)
      continue;
    const double reads = read[u].n ? read[u].sum / (double)read[u].n : 0;
    p->units[p->n_units++] = (unit){(uint32_t)u, group_of[u], made[u].sum / (double)made[u].n * reads};
  }
}

static int by_group_and_score(const void *a, const void *b) {
  const unit *x = a;
  const unit *y = b;
  if (x->group != y->group)
    return x->group < y->group ? -1 : 1;
  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->number < y->number ? -1 : 1;
}

static bool has_unit(const opt_channels *ch, int value, uint32_t number) {
  for (size_t c = 0; c < opt_channels_of(ch, value); c++)
    if (opt_unit(ch, value, c) == number)
      return true;
  return false;
}

static double layers_of(const opt_channels *ch, uint32_t number) {
  double n = 0;
  for (int i = 0; i < ch->net->n_layers; i++) {
    const opt_layer *l = &ch->net->layers[i];
    if (!l->weights)
      continue;
    n += has_unit(ch, l->output, number) ? 1 : 0;
    n += opt_reads_channels(l) && has_unit(ch, l->inputs[0], number) ? 1 : 0;
  }
  return n;
}

static void find_groups(weft_arena *scratch, opt_net *net, plan *p) {
  opt_channels_open(scratch, net, &p->ch);
  p->units = WEFT_NEW(scratch, unit, p->ch.n);
  p->groups = WEFT_NEW(scratch, group, p->ch.n);
  p->gone = WEFT_NEW(scratch, bool, p->ch.n);
  find_units(scratch, p);
  qsort(p->units, p->n_units, sizeof *p->units, by_group_and_score);
  for (size_t i = 0; i < p->n_units; i++) {
    if (i == 0 || p->units[i].group != p->units[i - 1].group)
      p->groups[p->n_groups++] = (group){.first = i};
    p->groups[p->n_groups - 1].n++;
  }
  for (size_t g = 0; g < p->n_groups; g++) {
    p->groups[g].keep = p->groups[g].n;
    p->groups[g].n_layers = layers_of(&p->ch, p->units[p->groups[g].first].number);
  }
}

static void mark(plan *p) {
  for (size_t g = 0; g < p->n_groups; g++)
    for (size_t i = 0; i < p->groups[g].n; i++)
      p->gone[p->units[p->groups[g].first + i].number] = i >= p->groups[g].keep;
}

static uint64_t channels_left(const plan *p, int value) {
  uint64_t n = 0;
  for (size_t c = 0; c < opt_channels_of(&p->ch, value); c++)
    n += p->gone[opt_unit(&p->ch, value, c)] ? 0 : 1;
  return n;
}

/* MACs if the plan were carried out. */
static uint64_t macs_of(plan *p) {
  const opt_net *net = p->ch.net;
  uint64_t macs = 0;
  mark(p);
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    if (!l->weights)
      continue;
    const opt_value *out = &net->values[l->output];
    const uint64_t pixels = l->kind == OPT_DENSE ? 1 : out->n_elems / (size_t)out->shape[3];
    const uint64_t taps = l->weights->n_elems / l->weights->n_out /
                          (l->kind == OPT_DEPTHWISE ? 1 : opt_channels_of(&p->ch, l->inputs[0]));
    macs += pixels * taps * channels_left(p, l->output) *
            (l->kind == OPT_DEPTHWISE ? 1 : channels_left(p, l->inputs[0]));
  }
  return macs;
}

/* Channels of a group after one step less or more; unchanged at its ends. */
static size_t step_down(const plan *p, const group *g) {
  const size_t less = (g->keep - 1) / p->multiple * p->multiple;
  return less > 0 ? less : g->keep;
}

static size_t step_up(const plan *p, const group *g) {
  const size_t more = (g->keep / p->multiple + 1) * p->multiple;
  return more < g->n ? more : g->n;
}

static double left_of(const plan *p, const group *g, size_t keep) {
  double sum = 0;
  for (size_t i = 0; i < keep; i++)
    sum += p->units[g->first + i].score;
  return sum;
}

/* Damage of going from `more` to `less` channels. */
static double damage(const plan *p, const group *g, size_t more, size_t less) {
  const double before = left_of(p, g, more);
  const double after = left_of(p, g, less);
  return before > after ? g->n_layers * log(before / after) : 0;
}

/* Damage a MAC saved by a step of a group; its MACs in *macs. */
static double price(plan *p, group *g, size_t keep, uint64_t now, uint64_t *macs) {
  const size_t before = g->keep;
  const size_t more = keep > before ? keep : before;
  const size_t less = keep > before ? before : keep;
  g->keep = keep;
  *macs = macs_of(p);
  g->keep = before;
  const double saved = fabs((double)*macs - (double)now);
  return saved > 0 ? damage(p, g, more, less) / saved : INFINITY;
}

/* The cheapest step less; false if there is none. */
static bool shrink(plan *p) {
  const uint64_t now = macs_of(p);
  group *best = NULL;
  double least = INFINITY;
  for (size_t k = 0; k < p->n_groups; k++) {
    group *g = &p->groups[k];
    uint64_t macs = 0;
    const size_t keep = step_down(p, g);
    const double at = keep < g->keep ? price(p, g, keep, now, &macs) : INFINITY;
    if (at < least) {
      least = at;
      best = g;
    }
  }
  if (best)
    best->keep = step_down(p, best);
  return best != NULL;
}

/* The step more that mends most a MAC and still fits; false if none fits. */
static bool grow(plan *p, double budget) {
  const uint64_t now = macs_of(p);
  group *best = NULL;
  double most = 0;
  for (size_t k = 0; k < p->n_groups; k++) {
    group *g = &p->groups[k];
    uint64_t macs = 0;
    const size_t keep = step_up(p, g);
    if (keep == g->keep)
      continue;
    const double at = price(p, g, keep, now, &macs);
    if ((double)macs <= budget && at > most) {
      most = at;
      best = g;
    }
  }
  if (best)
    best->keep = step_up(p, best);
  return best != NULL;
}

static weft_status choose(weft_diag *d, plan *p, const opt_structured *o) {
  const double before = (double)opt_macs(p->ch.net);
  const double budget = before * o->macs;
  bool has_more = true;
  while (has_more && (double)macs_of(p) > budget)
    has_more = shrink(p);
  if (!has_more)
    return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s: prune channels", p->ch.net->name),
                     weft_diag_text(d, "%g of the MACs wanted", o->macs),
                     weft_diag_text(d, "at least %.4f: one multiple of %d channels a layer",
                                    (double)macs_of(p) / before, o->multiple),
                     "a smaller multiple or a greater share");
  while (grow(p, budget))
    continue;
  mark(p);
  return WEFT_OK;
}

static weft_status check(weft_diag *d, const opt_net *net, const opt_structured *o) {
  WEFT_TRY(opt_range_check(d, weft_diag_text(d, "%s: prune channels", net->name), OPT_RANGE_MACS, o->macs));
  WEFT_TRY(opt_range_check(d, weft_diag_text(d, "%s: prune channels", net->name), OPT_RANGE_MULTIPLE, o->multiple));
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].weights && net->layers[i].weights->q)
      return weft_fail(d, WEFT_E_CONFIG, opt_layer_place(d, net, i), "integer weights",
                       "channels are pruned before quantization", NULL);
  return WEFT_OK;
}

weft_status opt_prune_channels(weft_diag *d, opt_net *net, const opt_structured *o) {
  plan p = {.multiple = (size_t)(o->multiple > 0 ? o->multiple : 1)};
  WEFT_TRY(check(d, net, o));
  weft_arena *scratch = weft_arena_new();
  find_groups(scratch, net, &p);
  weft_status s = choose(d, &p, o);
  if (s == WEFT_OK && o->data)
    s = opt_channels_fold(scratch, d, &p.ch, o->data, p.gone);
  if (s == WEFT_OK)
    s = opt_channels_cut(d, &p.ch, p.gone);
  weft_arena_free(&scratch);
  return s;
}
