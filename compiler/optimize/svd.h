/* SPDX-License-Identifier: Apache-2.0 */
/* Singular values by one-sided Jacobi rotations: plain C, so that the same matrix
 * gives the same bytes on every machine. Inside of compiler/optimize. */
#ifndef WEFT_COMPILER_OPTIMIZE_SVD_H
#define WEFT_COMPILER_OPTIMIZE_SVD_H

#include "base/base.h"

/* A matrix, columns one after another: (row r, column c) at v[c * rows + r]. */
typedef struct opt_matrix {
  size_t rows, columns;
  double *v;
} opt_matrix;
opt_matrix opt_matrix_new(weft_arena *arena, size_t rows, size_t columns);
static inline double *opt_at(const opt_matrix *m, size_t row, size_t column) {
  return &m->v[column * m->rows + row];
}
/* a * b and transpose(a) * b. */
opt_matrix opt_matrix_times(weft_arena *arena, const opt_matrix *a, const opt_matrix *b);
opt_matrix opt_matrix_t_times(weft_arena *arena, const opt_matrix *a, const opt_matrix *b);

/* a = u * diag(s) * transpose(v); k = min(rows, columns), u rows x k, v columns x k, s
 * descending; the entry of greatest magnitude of each column of u is positive. Columns of
 * u and v behind a singular value of 0 are 0. */
typedef struct opt_svd {
  size_t k;
  opt_matrix u, v;
  double *s;
} opt_svd;
opt_svd opt_svd_of(weft_arena *arena, const opt_matrix *a);
/* Least rank whose singular values hold that share of the squared sum; >= 1. */
size_t opt_rank_of(const opt_svd *s, double energy);

#endif
