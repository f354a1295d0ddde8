/* SPDX-License-Identifier: Apache-2.0 */
/* Optimal brain surgeon: which weights of a layer go, and what the others become, so
 * that its outputs on given inputs change least (LeCun 1990, Hassibi 1993, Frantar
 * 2022). Matrices only; prune_surgeon.c takes them from a network. Plain C in double.
 *
 * A row holds the weights of an output channel in memory order and, last, its bias,
 * whose input is 1: n = columns + 1 numbers. */
#ifndef WEFT_COMPILER_OPTIMIZE_SURGEON_H
#define WEFT_COMPILER_OPTIMIZE_SURGEON_H

#include "base/base.h"
#include "base/progress.h"

typedef struct surgeon_layer {
  size_t rows, columns;
  size_t n_hessians;            /* 1, or `rows`: each row has inputs of its own */
  double *hessian;              /* [n_hessians][n][n], sums over x of x[i] * x[j]; spoiled */
  double *target;               /* [rows][n], sums over x of x[i] * output wanted; spoiled */
  double *w;                    /* [rows][n]; in: what to stay near where inputs say
                                   nothing; out: 0 where the mask is         */
  uint8_t *mask;                /* [rows][columns], out: 1 stays             */
  weft_progress *progress;      /* NULL: none; told `done` to `done + work` of `total` */
  double done, work, total;
} surgeon_layer;

/* What goes together, and how much. A unit is `height` rows x `width` columns; those at
 * the far edges are smaller. */
typedef struct surgeon_rule {
  size_t height, width;         /* 1 x 1: single weights                     */
  size_t keep, group, line;     /* group > 0: of each `group` columns of a `line` at most
                                   `keep` stay in a row, units are 1 x 1; else: */
  double sparsity;              /* of all units max(1, round(n * (1 - sparsity))) stay */
} surgeon_rule;

/* Units go one after another, of the rows that share them the one whose loss a weight is
 * least (ties: the lower index), and the rest of the rows is solved anew; without groups
 * the rows are cut where their losses, never falling, are equal. The result does not
 * depend on `threads`. E_INPUT: numbers that are not finite; E_INTERRUPTED. */
weft_status surgeon_prune(weft_diag *d, const char *where, surgeon_layer *l,
                          const surgeon_rule *rule, int threads);

/* Multiplications (about) and bytes of a layer, to tell before what it costs. */
double surgeon_work(size_t rows, size_t columns, size_t n_hessians, const surgeon_rule *rule);
double surgeon_bytes(size_t rows, size_t columns, size_t n_hessians, const surgeon_rule *rule);

#endif
