/* SPDX-License-Identifier: Apache-2.0 */
/* Masks by magnitude. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/ranges.h"
#include "compiler/optimize/net_inside.h"

#define MAX_GROUP 64             /* n of m:n */

typedef struct unit {            /* a weight or a block */
  float score;
  size_t index;
} unit;

static int by_score(const void *a, const void *b) {
  const unit *x = a;
  const unit *y = b;
  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index ? 1 : 0;
}

/* In float, half to even. */
size_t opt_n_kept(size_t n, double sparsity) {
  const float kept = rintf((float)n * (1.0f - (float)sparsity));
  return kept < 1 ? 1 : kept > (float)n ? n : (size_t)kept;
}

/* Sorts the units; returns how many of the first stay. */
static size_t choose(unit *units, size_t n, double sparsity) {
  for (size_t i = 0; i < n; i++)
    if (isnan(units[i].score))
      units[i].score = INFINITY;
  qsort(units, n, sizeof *units, by_score);
  return opt_n_kept(n, sparsity);
}

static void prune_weights(weft_arena *scratch, opt_weights *w, double sparsity) {
  unit *units = WEFT_NEW(scratch, unit, w->n_elems);
  for (size_t i = 0; i < w->n_elems; i++)
    units[i] = (unit){fabsf(w->w[i]), i};
  const size_t kept = choose(units, w->n_elems, sparsity);
  memset(w->mask, 0, w->n_elems);
  for (size_t i = 0; i < kept; i++)
    w->mask[units[i].index] = 1;
}

typedef struct grid {            /* of blocks; those at the far edges are smaller */
  size_t rows, columns, h, w, n_down, n_across;
} grid;

static float block_score(const opt_weights *w, const grid *g, size_t block, bool is_max) {
  const size_t row = block / g->n_across * g->h;
  const size_t column = block % g->n_across * g->w;
  double sum = 0;
  double most = 0;
  size_t n = 0;
  for (size_t r = row; r < row + g->h && r < g->rows; r++)
    for (size_t c = column; c < column + g->w && c < g->columns; c++, n++) {
      const double v = fabs((double)w->w[opt_weight_at(w, r, c)]);
      sum += v;
      most = v > most ? v : most;
    }
  return (float)(is_max ? most : sum / (double)n);
}

static void set_block(opt_weights *w, const grid *g, size_t block) {
  const size_t row = block / g->n_across * g->h;
  const size_t column = block % g->n_across * g->w;
  for (size_t r = row; r < row + g->h && r < g->rows; r++)
    for (size_t c = column; c < column + g->w && c < g->columns; c++)
      w->mask[opt_weight_at(w, r, c)] = 1;
}

static void prune_blocks(weft_arena *scratch, opt_weights *w, size_t h, size_t width,
                         bool is_max, double sparsity) {
  grid g = {.rows = w->n_out, .columns = w->n_elems / w->n_out, .h = h, .w = width};
  g.n_down = (g.rows + h - 1) / h;
  g.n_across = (g.columns + width - 1) / width;
  const size_t n = g.n_down * g.n_across;
  unit *units = WEFT_NEW(scratch, unit, n);
  for (size_t i = 0; i < n; i++)
    units[i] = (unit){block_score(w, &g, i, is_max), i};
  const size_t kept = choose(units, n, sparsity);
  memset(w->mask, 0, w->n_elems);
  for (size_t i = 0; i < kept; i++)
    set_block(w, &g, units[i].index);
}

/* Input channels lie together: the last axis. */
static void prune_groups(opt_weights *w, size_t m, size_t n) {
  const size_t channels = (size_t)w->shape[w->rank - 1];
  memset(w->mask, 0, w->n_elems);
  for (size_t line = 0; line < w->n_elems; line += channels)
    for (size_t first = 0; first < channels; first += n) {
      unit units[MAX_GROUP];
      const size_t size = channels - first < n ? channels - first : n;
      for (size_t i = 0; i < size; i++)
        units[i] = (unit){fabsf(w->w[line + first + i]), i};
      choose(units, size, 0);
      for (size_t i = 0; i < m && i < size; i++)
        w->mask[line + first + units[i].index] = 1;
    }
}

/* Why a pattern cannot apply, or NULL. */
static const char *stays_dense(const opt_layer *l, const opt_prune *p) {
  const opt_weights *w = l->weights;
  const size_t columns = w->n_elems / w->n_out;
  const int h = p->pattern == OPT_VECTOR ? p->cols : p->block_h;
  switch (p->pattern) {
  case OPT_UNSTRUCTURED:
    return NULL;
  case OPT_M_OF_N:
    if (l->kind == OPT_DEPTHWISE || w->shape[w->rank - 1] == 1)
      return "one input channel";
    return w->shape[w->rank - 1] <= p->m ? "no more than m input channels" : NULL;
  case OPT_BLOCK:
    return (size_t)h > w->n_out || (size_t)p->block_w > columns ? "smaller than a block" : NULL;
  case OPT_VECTOR:
    return (size_t)h > w->n_out ? "fewer output channels than a vector" : NULL;
  }
  return NULL;
}

static weft_status check(weft_diag *d, const opt_layer *l, const opt_prune *p,
                         double sparsity) {
  const char *found = NULL;
  const char *allowed = NULL;
  if (!l->weights) {
    found = "a layer without weights";
    allowed = "CONV, DEPTHWISE or DENSE";
  } else if (l->weights->q) {
    found = "integer weights";
    allowed = "pruning before quantization";
  } else if (l->weights->keep.n_clusters > 0) {
    found = "clustered weights: a mask would add a value";
    allowed = "pruning before clustering";
  } else if (p->pattern != OPT_M_OF_N && !opt_in_range(OPT_RANGE_FINAL, sparsity)) {
    found = weft_diag_text(d, "sparsity %g", sparsity);
    allowed = opt_range_text(d, OPT_RANGE_FINAL);
  } else if (p->pattern == OPT_M_OF_N && (p->m < 1 || p->m >= p->n || p->n > MAX_GROUP)) {
    found = weft_diag_text(d, "%d of %d", p->m, p->n);
    allowed = weft_diag_text(d, "m of n with 1 <= m < n <= %d", MAX_GROUP);
  } else if (p->pattern == OPT_BLOCK && (!opt_in_range(OPT_RANGE_BLOCK, p->block_h) || !opt_in_range(OPT_RANGE_BLOCK, p->block_w))) {
    found = weft_diag_text(d, "blocks of %d x %d", p->block_h, p->block_w);
    allowed = opt_range_text(d, OPT_RANGE_BLOCK);
  } else if (p->pattern == OPT_VECTOR && !opt_in_range(OPT_RANGE_COLS, p->cols)) {
    found = weft_diag_text(d, "vectors of %d", p->cols);
    allowed = opt_range_text(d, OPT_RANGE_COLS);
  }
  return found ? weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "prune: layer '%s'", l->name),
                           found, allowed, NULL)
               : WEFT_OK;
}

weft_status opt_prune_applies(weft_diag *d, const opt_layer *l, const opt_prune *p,
                              double sparsity, const char **dense) {
  WEFT_TRY(check(d, l, p, sparsity));
  *dense = stays_dense(l, p);
  return WEFT_OK;
}

weft_status opt_prune_layer(weft_arena *arena, weft_diag *d, opt_layer *l, const opt_prune *p,
                            double sparsity, const char **dense) {
  opt_weights *w = l->weights;
  WEFT_TRY(opt_prune_applies(d, l, p, sparsity, dense));
  if (*dense)
    return WEFT_OK;
  weft_arena *scratch = weft_arena_new();
  if (!w->mask)
    w->mask = weft_arena_alloc(arena, w->n_elems, 1);
  switch (p->pattern) {
  case OPT_UNSTRUCTURED:
    prune_weights(scratch, w, sparsity);
    break;
  case OPT_BLOCK:
    prune_blocks(scratch, w, (size_t)p->block_h, (size_t)p->block_w, p->block_max, sparsity);
    break;
  case OPT_VECTOR:
    prune_blocks(scratch, w, (size_t)p->cols, 1, false, sparsity);
    break;
  case OPT_M_OF_N:
    prune_groups(w, (size_t)p->m, (size_t)p->n);
    break;
  }
  opt_keep_mask(w, p);
  weft_arena_free(&scratch);
  return WEFT_OK;
}

void opt_keep_mask(opt_weights *w, const opt_prune *p) {
  if (p->pattern == OPT_M_OF_N) {
    w->keep.m = p->m;
    w->keep.n = p->n;
  }
  w->keep.zeros = true;
  opt_apply_mask(w);
}

void opt_apply_mask(opt_weights *w) {
  for (size_t i = 0; w->mask && i < w->n_elems; i++)
    if (!w->mask[i])
      w->w[i] = 0;
}
