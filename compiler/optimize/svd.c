/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/svd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SWEEPS 60
#define TOLERANCE 1e-14

opt_matrix opt_matrix_new(weft_arena *arena, size_t rows, size_t columns) {
  return (opt_matrix){rows, columns, WEFT_NEW(arena, double, rows * columns)};
}

static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

opt_matrix opt_matrix_times(weft_arena *arena, const opt_matrix *a, const opt_matrix *b) {
  opt_matrix out = opt_matrix_new(arena, a->rows, b->columns);
  for (size_t c = 0; c < b->columns; c++)
    for (size_t k = 0; k < a->columns; k++) {
      const double by = *opt_at(b, k, c);
      for (size_t r = 0; r < a->rows; r++)
        *opt_at(&out, r, c) += *opt_at(a, r, k) * by;
    }
  return out;
}

opt_matrix opt_matrix_t_times(weft_arena *arena, const opt_matrix *a, const opt_matrix *b) {
  opt_matrix out = opt_matrix_new(arena, a->columns, b->columns);
  for (size_t c = 0; c < b->columns; c++)
    for (size_t r = 0; r < a->columns; r++)
      *opt_at(&out, r, c) = dot(opt_at(a, 0, r), opt_at(b, 0, c), a->rows);
  return out;
}

static void rotate(double *a, double *b, size_t n, double cosine, double sine) {
  for (size_t i = 0; i < n; i++) {
    const double x = a[i];
    a[i] = cosine * x - sine * b[i];
    b[i] = sine * x + cosine * b[i];
  }
}

/* Makes columns p and q of `a` orthogonal; false if they were. */
static bool orthogonalize(opt_matrix *a, opt_matrix *v, size_t p, size_t q) {
  double *x = opt_at(a, 0, p);
  double *y = opt_at(a, 0, q);
  const double xx = dot(x, x, a->rows);
  const double yy = dot(y, y, a->rows);
  const double xy = dot(x, y, a->rows);
  if (fabs(xy) <= TOLERANCE * sqrt(xx * yy) || xy == 0)
    return false;
  const double zeta = (yy - xx) / (2 * xy);
  const double t = (zeta >= 0 ? 1 : -1) / (fabs(zeta) + sqrt(1 + zeta * zeta));
  const double cosine = 1 / sqrt(1 + t * t);
  rotate(x, y, a->rows, cosine, cosine * t);
  rotate(opt_at(v, 0, p), opt_at(v, 0, q), v->rows, cosine, cosine * t);
  return true;
}

typedef struct order { double size; size_t column; } order;

static int by_size(const void *a, const void *b) {
  const order *x = a;
  const order *y = b;
  if (x->size != y->size)
    return x->size > y->size ? -1 : 1;
  return x->column < y->column ? -1 : 1;
}

/* Column `from` of both, scaled to length 1 and signed, as column k of the result. */
static void take(const opt_matrix *a, const opt_matrix *v, size_t from, double size, size_t k,
                 opt_svd *out) {
  double most = 0;
  const double *x = opt_at(a, 0, from);
  out->s[k] = size;
  for (size_t r = 0; r < a->rows; r++)
    most = fabs(x[r]) > fabs(most) ? x[r] : most;
  const double sign = most < 0 ? -1 : 1;
  for (size_t r = 0; r < a->rows; r++)
    *opt_at(&out->u, r, k) = size > 0 ? sign * x[r] / size : 0;
  for (size_t r = 0; r < v->rows; r++)
    *opt_at(&out->v, r, k) = size > 0 ? sign * *opt_at(v, r, from) : 0;
}

/* rows >= columns. */
static opt_svd tall(weft_arena *arena, const opt_matrix *from) {
  weft_arena *scratch = weft_arena_new();
  const size_t n = from->columns;
  opt_matrix a = {from->rows, n, weft_arena_copy(scratch, from->v, from->rows * n * sizeof *from->v)};
  opt_matrix v = opt_matrix_new(scratch, n, n);
  order *by = WEFT_NEW(scratch, order, n);
  opt_svd out = {n, opt_matrix_new(arena, a.rows, n), opt_matrix_new(arena, n, n),
                 WEFT_NEW(arena, double, n)};
  for (size_t i = 0; i < n; i++)
    *opt_at(&v, i, i) = 1;
  bool has_moved = true;
  for (int sweep = 0; sweep < MAX_SWEEPS && has_moved; sweep++) {
    has_moved = false;
    for (size_t p = 0; p + 1 < n; p++)
      for (size_t q = p + 1; q < n; q++)
        has_moved = orthogonalize(&a, &v, p, q) || has_moved;
  }
  for (size_t i = 0; i < n; i++)
    by[i] = (order){sqrt(dot(opt_at(&a, 0, i), opt_at(&a, 0, i), a.rows)), i};
  qsort(by, n, sizeof *by, by_size);
  for (size_t k = 0; k < n; k++)
    take(&a, &v, by[k].column, by[k].size > by[0].size * 1e-15 ? by[k].size : 0, k, &out);
  weft_arena_free(&scratch);
  return out;
}

opt_svd opt_svd_of(weft_arena *arena, const opt_matrix *a) {
  if (a->rows >= a->columns)
    return tall(arena, a);
  weft_arena *scratch = weft_arena_new();
  opt_matrix t = opt_matrix_new(scratch, a->columns, a->rows);
  for (size_t r = 0; r < a->rows; r++)
    for (size_t c = 0; c < a->columns; c++)
      *opt_at(&t, c, r) = *opt_at(a, r, c);
  opt_svd out = tall(arena, &t);
  const opt_matrix u = out.u;
  out.u = out.v;
  out.v = u;
  weft_arena_free(&scratch);
  for (size_t k = 0; k < out.k; k++) {
    double most = 0;
    for (size_t r = 0; r < out.u.rows; r++)
      most = fabs(*opt_at(&out.u, r, k)) > fabs(most) ? *opt_at(&out.u, r, k) : most;
    for (size_t r = 0; most < 0 && r < out.u.rows; r++)
      *opt_at(&out.u, r, k) = -*opt_at(&out.u, r, k);
    for (size_t r = 0; most < 0 && r < out.v.rows; r++)
      *opt_at(&out.v, r, k) = -*opt_at(&out.v, r, k);
  }
  return out;
}

size_t opt_rank_of(const opt_svd *s, double energy) {
  double total = 0;
  double sum = 0;
  size_t rank = 0;
  for (size_t i = 0; i < s->k; i++)
    total += s->s[i] * s->s[i];
  while (rank < s->k && sum < energy * total) {
    sum += s->s[rank] * s->s[rank];
    rank++;
  }
  return rank ? rank : 1;
}
