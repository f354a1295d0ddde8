/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/explore. */
#ifndef WEFT_EXPLORE_EXPLORE_INT_H
#define WEFT_EXPLORE_EXPLORE_INT_H

#include "explore/explore.h"

/* ---- csv.c: stored results ------------------------------------------------ */
enum { EXPLORE_MAX_FIELDS = 16, EXPLORE_MAX_ROWS = 200 };
typedef struct explore_row {
  size_t line;                  /* of the file, from 1                        */
  const char *field[EXPLORE_MAX_FIELDS];
} explore_row;
/* Lines of n_fields fields between commas; '#' lines, empty lines and the first
 * other line (the head) are left out. E_READ; E_CONFIG with the line. */
weft_status explore_csv_read(weft_arena *arena, weft_diag *d, const char *path, size_t n_fields,
                             explore_row **out, size_t *n);
/* Field i as a number of 0 or more. E_CONFIG with the line. */
weft_status explore_csv_number(weft_diag *d, const char *path, const explore_row *r, size_t i,
                               double *out);
/* Six fields from `first` on: rows, columns, lanes, scratchpad and ring KiB, queue. */
weft_status explore_csv_machine(weft_diag *d, const char *path, const explore_row *r, size_t first,
                                weft_config *out);

/* ---- lsq.c ------------------------------------------------------------------ */
/* x[n_unknowns] that makes sum((row . x - 1 * y)^2) least; rows are [n_rows][n_unknowns].
 * At most EXPLORE_MAX_UNKNOWNS; `skip` is a row that does not count, n_rows: none.
 * False if the rows do not determine x. */
enum { EXPLORE_MAX_UNKNOWNS = 8 };
bool explore_least_squares(const double *rows, const double *y, size_t n_rows, size_t n_unknowns,
                           size_t skip, double *x);

/* ---- launch.c: workers ------------------------------------------------------- */
/* Measures todo[n] here, job->jobs at a time, or by Slurm. Results are files. */
weft_status explore_launch(weft_arena *arena, weft_diag *d, const explore_job *job,
                           const explore_point *first, explore_point **todo, size_t n);

/* ---- point.c ------------------------------------------------------------------ */
/* What the networks become on a machine: a hash of their instructions, by which two
 * machines are told to run the same. A network that does not fit rejects the point. */
weft_status explore_compile(weft_arena *arena, weft_diag *d, const explore_job *job,
                            explore_point *p, char hash[17]);

#endif
