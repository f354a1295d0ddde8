/* SPDX-License-Identifier: Apache-2.0 */
/* Elimination of a column p from rows w with inverse Hessian G: w -= w[p] / G[p][p] *
 * G[p], at the cost of w[p]^2 / G[p][p], and G -= G[.][p] * G[p] / G[p][p]. */
#include "compiler/optimize/surgeon.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/train_engine.h"

#define DAMPING 0.01             /* of the mean of the diagonal, towards the old weights */

/* Rows that share their mask, while units leave. */
typedef struct band {
  size_t n, rows, n_inverses;
  double *inverse;              /* [n_inverses][n][n]                        */
  double *w;                    /* [rows][n]                                 */
} band;

typedef struct unit { double loss; size_t band, position; } unit;

typedef struct surgery {
  surgeon_layer *l;
  const surgeon_rule *rule;
  size_t n, n_bands, n_units;   /* n_units: of a band                        */
  size_t *order;                /* [n_bands][n_units] as they leave          */
  unit *trace;                  /* [n_bands][n_units] the same               */
  size_t *n_gone;               /* [n_bands]                                 */
  band *work;                   /* [threads]                                 */
  band *small;                  /* [threads] a unit's own                    */
  bool **gone;                  /* [threads][n_units]                        */
  atomic_size_t parts;          /* a band traced is 2, or 3 with groups; cut 1 */
} surgery;

/* In place, of a symmetric positive definite matrix (Gauss, Jordan). */
static void invert(double *a, size_t n) {
  for (size_t k = 0; k < n; k++) {
    double *restrict top = a + k * n;
    const double by = 1 / top[k];
    top[k] = 1;
    for (size_t j = 0; j < n; j++)
      top[j] *= by;
    for (size_t i = 0; i < n; i++) {
      double *restrict row = a + i * n;
      const double f = row[k];
      if (i == k || f == 0)
        continue;
      row[k] = 0;
      for (size_t j = 0; j < n; j++)
        row[j] -= f * top[j];
    }
  }
}

static void damp(surgeon_layer *l, size_t n) {
  for (size_t h = 0; h < l->n_hessians; h++) {
    double *a = l->hessian + h * n * n;
    double sum = 0;
    for (size_t i = 0; i < l->columns; i++)
      sum += a[i * n + i];
    const double by = sum > 0 ? DAMPING * sum / (double)l->columns : 1;
    for (size_t i = 0; i < n; i++)
      a[i * n + i] += i < l->columns || a[i * n + i] <= 0 ? by : 0;
    for (size_t r = 0; r < l->rows; r++)
      for (size_t i = 0; i < l->columns && (l->n_hessians == 1 || r == h); i++)
        l->target[r * n + i] += by * l->w[r * n + i];
  }
}

static double *inverse_of(const surgeon_layer *l, size_t n, size_t row) {
  return l->hessian + (l->n_hessians == 1 ? 0 : row) * n * n;
}

/* Hessians become inverses, weights the best ones while nothing has left. */
static void solve(surgeon_layer *l, size_t n) {
  damp(l, n);
  for (size_t h = 0; h < l->n_hessians; h++)
    invert(l->hessian + h * n * n, n);
  for (size_t r = 0; r < l->rows; r++) {
    const double *inverse = inverse_of(l, n, r);
    for (size_t i = 0; i < n; i++) {
      double sum = 0;
      for (size_t j = 0; j < n; j++)
        sum += inverse[i * n + j] * l->target[r * n + j];
      l->w[r * n + i] = sum;
    }
  }
}

static void leave_inverse(double *inverse, size_t n, size_t p) {
  double *restrict from = inverse + p * n;
  const double by = 1 / from[p];
  for (size_t i = 0; i < n; i++) {
    double *restrict row = inverse + i * n;
    const double f = row[p] * by;
    if (i == p || f == 0)
      continue;
    for (size_t j = 0; j < n; j++)
      row[j] -= f * from[j];
    row[p] = 0;
  }
  memset(from, 0, n * sizeof *from);
}

/* Column p goes; the loss. */
static double leave(band *b, size_t p) {
  double loss = 0;
  for (size_t r = 0; r < b->rows; r++) {
    const double *restrict from = b->inverse + ((b->n_inverses == 1 ? 0 : r) * b->n + p) * b->n;
    double *restrict w = b->w + r * b->n;
    const double f = w[p] / from[p];
    loss += w[p] * f;
    for (size_t j = 0; j < b->n; j++)
      w[j] -= f * from[j];
    w[p] = 0;
  }
  for (size_t k = 0; k < b->n_inverses; k++)
    leave_inverse(b->inverse + k * b->n * b->n, b->n, p);
  return loss;
}

static double loss_of_one(const band *b, size_t p) {
  double loss = 0;
  for (size_t r = 0; r < b->rows; r++) {
    const double w = b->w[r * b->n + p];
    loss += w * w / b->inverse[((b->n_inverses == 1 ? 0 : r) * b->n + p) * b->n + p];
  }
  return loss;
}

/* Of `width` columns from `first` on: they leave a copy of their part. */
static double loss_of_several(const band *b, band *small, size_t first, size_t width) {
  double loss = 0;
  small->n = width;
  small->rows = b->rows;
  small->n_inverses = b->n_inverses;
  for (size_t r = 0; r < b->rows; r++)
    memcpy(small->w + r * width, b->w + r * b->n + first, width * sizeof *b->w);
  for (size_t k = 0; k < b->n_inverses; k++)
    for (size_t i = 0; i < width; i++)
      memcpy(small->inverse + (k * width + i) * width,
             b->inverse + (k * b->n + first + i) * b->n + first, width * sizeof *b->w);
  for (size_t p = 0; p < width; p++)
    loss += leave(small, p);
  return loss;
}

static size_t width_of(const surgery *s, size_t u) {
  const size_t left = s->l->columns - u * s->rule->width;
  return left < s->rule->width ? left : s->rule->width;
}

/* Of each weight of unit u, if it goes. */
static double loss_of(const surgery *s, const band *b, band *small, size_t u) {
  const size_t width = width_of(s, u);
  const double loss = width == 1 ? loss_of_one(b, u * s->rule->width)
                                 : loss_of_several(b, small, u * s->rule->width, width);
  return loss / (double)(width * b->rows);
}

/* Whether the group of column u has more than it may keep. */
static bool may_leave(const surgery *s, const bool *gone, size_t u) {
  const surgeon_rule *r = s->rule;
  size_t left = 0;
  if (r->group == 0)
    return true;
  const size_t line = u - u % r->line, first = line + u % r->line / r->group * r->group;
  for (size_t i = first; i < first + r->group && i < line + r->line; i++)
    left += !gone[i];
  return left > r->keep;
}

static size_t cheapest(const surgery *s, const band *b, band *small, const bool *gone,
                       double *loss) {
  size_t best = SIZE_MAX;
  for (size_t u = 0; u < s->n_units; u++) {
    if (gone[u] || !may_leave(s, gone, u))
      continue;
    const double v = loss_of(s, b, small, u);
    if (best == SIZE_MAX || v < *loss) {
      best = u;
      *loss = v;
    }
  }
  return best;
}

static void load(const surgery *s, size_t index, band *b) {
  const surgeon_layer *l = s->l;
  const size_t first = index * s->rule->height;
  b->n = s->n;
  b->rows = l->rows - first < s->rule->height ? l->rows - first : s->rule->height;
  b->n_inverses = l->n_hessians == 1 ? 1 : b->rows;
  memcpy(b->inverse, inverse_of(l, s->n, first),
         b->n_inverses * s->n * s->n * sizeof *b->inverse);
  memcpy(b->w, l->w + first * s->n, b->rows * s->n * sizeof *b->w);
}

static void leave_unit(const surgery *s, band *b, size_t u) {
  for (size_t i = 0; i < width_of(s, u); i++)
    leave(b, u * s->rule->width + i);
}

/* Mask and weights of a band whose first n_gone units have left. */
static void store(const surgery *s, size_t index, const band *b) {
  surgeon_layer *l = s->l;
  const size_t first = index * s->rule->height;
  memset(l->mask + first * l->columns, 1, b->rows * l->columns);
  for (size_t k = 0; k < s->n_gone[index]; k++) {
    const size_t u = s->order[index * s->n_units + k];
    for (size_t r = first; r < first + b->rows; r++)
      memset(l->mask + r * l->columns + u * s->rule->width, 0, width_of(s, u));
  }
  memcpy(l->w + first * s->n, b->w, b->rows * s->n * sizeof *b->w);
}

/* The first worker is the caller's thread: it alone may tell. */
static void tell(surgery *s, size_t parts, int worker) {
  const surgeon_layer *l = s->l;
  const size_t done = atomic_fetch_add(&s->parts, parts) + parts;
  if (worker == 0)
    weft_progress_step(l->progress, "prune",
                       (uint64_t)(l->done + l->work * (double)done / (double)(3 * s->n_bands)),
                       (uint64_t)l->total);
}

/* The order in which units leave a band, with their losses; that is all of groups. */
static void trace(void *user, size_t index, int worker) {
  surgery *s = user;
  band *b = &s->work[worker];
  bool *gone = s->gone[worker];
  double most = 0;
  memset(gone, 0, s->n_units * sizeof *gone);
  load(s, index, b);
  for (size_t k = 0; k < s->n_units && !weft_interrupted(); k++) {
    double loss = 0;
    const size_t u = cheapest(s, b, &s->small[worker], gone, &loss);
    if (u == SIZE_MAX)
      break;
    most = loss > most ? loss : most;
    gone[u] = true;
    s->order[index * s->n_units + k] = u;
    s->trace[index * s->n_units + k] = (unit){most, index, k};
    s->n_gone[index] = k + 1;
    leave_unit(s, b, u);
  }
  if (s->rule->group)
    store(s, index, b);
  tell(s, s->rule->group ? 3 : 2, worker);
}

/* The first n_gone units of the order leave. */
static void cut(void *user, size_t index, int worker) {
  surgery *s = user;
  band *b = &s->work[worker];
  load(s, index, b);
  for (size_t k = 0; k < s->n_gone[index] && !weft_interrupted(); k++)
    leave_unit(s, b, s->order[index * s->n_units + k]);
  store(s, index, b);
  tell(s, 1, worker);
}

/* Greatest loss first; of a band what left last first. */
static int by_loss(const void *a, const void *b) {
  const unit *x = a, *y = b;
  if (x->loss != y->loss)
    return x->loss > y->loss ? -1 : 1;
  if (x->position != y->position)
    return x->position > y->position ? -1 : 1;
  return x->band < y->band ? -1 : x->band > y->band;
}

static void share_out(surgery *s) {
  const size_t n = s->n_bands * s->n_units;
  const size_t kept = opt_n_kept(n, s->rule->sparsity);
  qsort(s->trace, n, sizeof *s->trace, by_loss);
  for (size_t i = 0; i < kept; i++)
    s->n_gone[s->trace[i].band]--;
}

static void new_work(weft_arena *arena, surgery *s, int threads) {
  const size_t n = s->n, h = s->rule->height, w = s->rule->width;
  const size_t inverses = s->l->n_hessians == 1 ? 1 : h;
  s->work = WEFT_NEW(arena, band, threads);
  s->small = WEFT_NEW(arena, band, threads);
  s->gone = WEFT_NEW(arena, bool *, threads);
  for (int i = 0; i < threads; i++) {
    s->work[i] = (band){.inverse = WEFT_NEW(arena, double, inverses * n * n),
                        .w = WEFT_NEW(arena, double, h * n)};
    s->small[i] = (band){.inverse = WEFT_NEW(arena, double, inverses * w * w),
                         .w = WEFT_NEW(arena, double, h * w)};
    s->gone[i] = WEFT_NEW(arena, bool, s->n_units);
  }
}

static bool is_finite(const double *v, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += v[i] * 0;
  return sum == 0;
}

static weft_status fail_finite(weft_diag *d, const char *where) {
  return weft_fail(d, WEFT_E_INPUT, where, "activations that are not finite",
                   "calibration samples that the network computes", "look at the data's scale");
}

double surgeon_work(size_t rows, size_t columns, size_t n_hessians, const surgeon_rule *rule) {
  const double n = (double)columns + 1, bands = ceil((double)rows / (double)rule->height);
  const double width = (double)(rule->width < columns ? rule->width : columns);
  return (n_hessians == 1 ? bands + 1 : (double)rows) * n * n * (n + width * width);
}

double surgeon_bytes(size_t rows, size_t columns, size_t n_hessians, const surgeon_rule *rule) {
  const double n = (double)columns + 1;
  const double inverses = n_hessians == 1 ? 1 : (double)n_hessians + (double)rule->height;
  return sizeof(double) * n * (4 * inverses * n + 4 * (double)rows);
}

weft_status surgeon_prune(weft_diag *d, const char *where, surgeon_layer *l,
                          const surgeon_rule *rule, int threads) {
  const size_t n = l->columns + 1;
  if (!is_finite(l->hessian, l->n_hessians * n * n) || !is_finite(l->target, l->rows * n))
    return fail_finite(d, where);
  weft_arena *arena = weft_arena_new();
  surgery s = {.l = l, .rule = rule, .n = l->columns + 1,
               .n_bands = (l->rows + rule->height - 1) / rule->height,
               .n_units = (l->columns + rule->width - 1) / rule->width};
  threads = threads < 1 ? 1 : threads;
  s.order = WEFT_NEW(arena, size_t, s.n_bands * s.n_units);
  s.trace = WEFT_NEW(arena, unit, s.n_bands * s.n_units);
  s.n_gone = WEFT_NEW(arena, size_t, s.n_bands);
  new_work(arena, &s, threads);
  solve(l, s.n);
  train_pool *pool = train_pool_new(arena, threads);
  train_pool_run(pool, s.n_bands, trace, &s);
  if (rule->group == 0 && !weft_interrupted()) {
    share_out(&s);
    train_pool_run(pool, s.n_bands, cut, &s);
  }
  train_pool_free(pool);
  weft_arena_free(&arena);
  if (weft_interrupted())
    return WEFT_E_INTERRUPTED;
  return is_finite(l->w, l->rows * n) ? WEFT_OK : fail_finite(d, where);
}
