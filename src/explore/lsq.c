/* SPDX-License-Identifier: Apache-2.0 */
/* Least squares by the normal equations; few unknowns, so Gauss with pivots. */
#include <math.h>
#include <string.h>

#include "explore/explore_int.h"

enum { N = EXPLORE_MAX_UNKNOWNS };

static void swap_rows(double a[N][N + 1], size_t i, size_t k) {
  double row[N + 1];
  memcpy(row, a[i], sizeof row);
  memcpy(a[i], a[k], sizeof row);
  memcpy(a[k], row, sizeof row);
}

/* The columns of `a` are scaled to a diagonal of 1 before: pivots compare. */
static bool solve(double a[N][N + 1], size_t n) {
  for (size_t k = 0; k < n; k++) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; i++)
      pivot = fabs(a[i][k]) > fabs(a[pivot][k]) ? i : pivot;
    if (fabs(a[pivot][k]) < 1e-9)
      return false;
    swap_rows(a, k, pivot);
    for (size_t i = 0; i < n; i++) {
      const double m = i == k ? 0 : a[i][k] / a[k][k];
      for (size_t j = k; j <= n; j++)
        a[i][j] -= m * a[k][j];
    }
  }
  return true;
}

bool explore_least_squares(const double *rows, const double *y, size_t n_rows, size_t n_unknowns,
                           size_t skip, double *x) {
  double a[N][N + 1] = {{0}};
  double scale[N];
  for (size_t i = 0; i < n_rows; i++)
    for (size_t j = 0; i != skip && j < n_unknowns; j++) {
      for (size_t k = 0; k < n_unknowns; k++)
        a[j][k] += rows[i * n_unknowns + j] * rows[i * n_unknowns + k];
      a[j][n_unknowns] += rows[i * n_unknowns + j] * y[i];
    }
  for (size_t j = 0; j < n_unknowns; j++) {
    if (a[j][j] <= 0)
      return false;
    scale[j] = 1 / sqrt(a[j][j]);
  }
  for (size_t j = 0; j < n_unknowns; j++)
    for (size_t k = 0; k <= n_unknowns; k++)
      a[j][k] *= scale[j] * (k < n_unknowns ? scale[k] : 1);
  if (!solve(a, n_unknowns))
    return false;
  for (size_t j = 0; j < n_unknowns; j++)
    x[j] = a[j][n_unknowns] / a[j][j] * scale[j];
  return true;
}
