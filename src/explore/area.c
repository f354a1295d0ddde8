/* SPDX-License-Identifier: Apache-2.0 */
/* Logic cells by least squares over stored synthesis results; multipliers and block
 * RAM by formula. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

enum { MAX_STORED = 200 };

typedef struct stored {
  weft_config c;
  double cells, dsp, bram;
} stored;

static int log2_of(int32_t v) {
  int n = 0;
  while ((1 << n) < v)
    n++;
  return n;
}

/* Blocks of 18 kbit for width bits by depth words: the shape that takes fewest. */
static int blocks(int width, int depth) {
  static const int shapes[][2] = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}};
  int best = 0;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const int n = ((width + shapes[i][0] - 1) / shapes[i][0]) * ((depth + shapes[i][1] - 1) / shapes[i][1]);
    best = best == 0 || n < best ? n : best;
  }
  return best;
}

/* Wide memories are cut into slices of at most 64 bits. */
static int sliced(int width, int depth) {
  const int slice = width < 64 ? width : 64;
  return width / slice * blocks(slice, depth);
}

int explore_machine_blocks(const weft_config *c) {
  const int tap_bits = log2_of(weft_spm_rows(c)) + log2_of(c->rows) + 48;
  return c->rows * sliced(c->word_bytes * 8, weft_spm_rows(c)) + sliced(c->cols * 8, weft_ring_words(c)) +
         blocks(tap_bits, c->taps) + 4 * blocks(128, c->queue_depth) + blocks(128, 16) +
         blocks(c->beat_bytes * 8, 128) + blocks(c->beat_bytes * 9, 64) + blocks(48, 512);
}

/* What grows: the PEs, the rotator, the lanes, the words that LD and ST handle. */
static void features(const weft_config *c, double f[AREA_N_FEATURES]) {
  f[0] = 1;
  f[1] = (double)c->rows * c->cols;
  f[2] = (double)c->rows * c->cols * log2_of(c->rows);
  f[3] = c->lanes;
  f[4] = c->cols;
}

/* Solves the n x n system by Gauss with pivots; false if it is singular. */
static bool solve(double *a, double *b, int n) {
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k + 1; i < n; i++)
      pivot = fabs(a[i * n + k]) > fabs(a[pivot * n + k]) ? i : pivot;
    if (fabs(a[pivot * n + k]) < 1e-9)
      return false;
    for (int j = 0; j < n; j++) {
      const double swap = a[k * n + j];
      a[k * n + j] = a[pivot * n + j];
      a[pivot * n + j] = swap;
    }
    const double swap = b[k];
    b[k] = b[pivot];
    b[pivot] = swap;
    for (int i = 0; i < n; i++) {
      const double m = i == k ? 0 : a[i * n + k] / a[k * n + k];
      for (int j = 0; j < n; j++)
        a[i * n + j] -= m * a[k * n + j];
      b[i] -= m * b[k];
    }
  }
  for (int k = 0; k < n; k++)
    b[k] /= a[k * n + k];
  return true;
}

/* Relative errors count alike for small and large machines. */
static bool fit_cells(const stored *s, size_t n, double out[AREA_N_FEATURES]) {
  double a[AREA_N_FEATURES * AREA_N_FEATURES] = {0};
  double b[AREA_N_FEATURES] = {0};
  for (size_t i = 0; i < n; i++) {
    double f[AREA_N_FEATURES];
    features(&s[i].c, f);
    for (int j = 0; j < AREA_N_FEATURES; j++) {
      b[j] += f[j] / s[i].cells;
      for (int k = 0; k < AREA_N_FEATURES; k++)
        a[j * AREA_N_FEATURES + k] += f[j] * f[k] / (s[i].cells * s[i].cells);
    }
  }
  if (!solve(a, b, AREA_N_FEATURES))
    return false;
  memcpy(out, b, sizeof b);
  return true;
}

static bool fit_dsp(const stored *s, size_t n, double out[2]) {
  double a[4] = {0};
  double b[2] = {0};
  for (size_t i = 0; i < n; i++) {
    const double f[2] = {(double)s[i].c.rows * s[i].c.cols, s[i].c.lanes};
    for (int j = 0; j < 2; j++) {
      b[j] += f[j] * s[i].dsp;
      a[2 * j] += f[j] * f[0];
      a[2 * j + 1] += f[j] * f[1];
    }
  }
  out[0] = b[0];
  out[1] = b[1];
  return solve(a, out, 2);
}

double explore_area_cells(const explore_area *a, const weft_config *c) {
  double f[AREA_N_FEATURES];
  double sum = 0;
  features(c, f);
  for (int i = 0; i < AREA_N_FEATURES; i++)
    sum += a->cells[i] * f[i];
  return sum > 0 ? sum : 0;
}

int explore_area_dsp(const explore_area *a, const weft_config *c) {
  return (int)lround(a->dsp[0] * c->rows * c->cols + a->dsp[1] * c->lanes);
}

int explore_area_bram(const explore_area *a, const weft_config *c) {
  return explore_machine_blocks(c) + (int)lround(a->bram_extra);
}

static bool read_line(const char *line, stored *s) {
  int v[11];
  if (sscanf(line, "%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6],
             &v[7], &v[8], &v[9], &v[10]) != 11)
    return false;
  for (int i = 0; i < 11; i++)
    if (v[i] < (i < 9 ? 1 : 0))
      return false;
  memset(s, 0, sizeof *s);
  s->c.rows = v[0];
  s->c.cols = s->c.word_bytes = v[1];
  s->c.lanes = v[2];
  s->c.spm_kib = v[3];
  s->c.ring_kib = v[4];
  s->c.queue_depth = v[5];
  s->c.taps = v[6];
  s->c.beat_bytes = v[7];
  s->cells = v[8];
  s->dsp = v[9];
  s->bram = v[10];
  return true;
}

static weft_status read_stored(weft_arena *arena, weft_diag *d, const char *path, stored *s, size_t *n) {
  weft_span file;
  WEFT_TRY(weft_file_read(arena, d, path, 1 << 16, &file));
  char *text = weft_arena_printf(arena, "%.*s", (int)file.size, (const char *)file.data);
  char *rest = NULL;
  size_t line = 0;
  *n = 0;
  for (char *p = strtok_r(text, "\n", &rest); p; p = strtok_r(NULL, "\n", &rest)) {
    line++;
    if (*p == '#' || strncmp(p, "rows,", 5) == 0)
      continue;
    if (*n == MAX_STORED || !read_line(p, &s[*n]))
      return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s, line %zu", path, line),
                       weft_diag_text(d, "%.80s", p), "eleven whole numbers, at most 200 lines", NULL);
    (*n)++;
  }
  return WEFT_OK;
}

weft_status explore_area_fit(weft_arena *arena, weft_diag *d, const char *csv_path, explore_area *out) {
  stored *s = WEFT_NEW(arena, stored, MAX_STORED);
  size_t n = 0;
  WEFT_TRY(read_stored(arena, d, csv_path, s, &n));
  *out = (explore_area){.n_points = n};
  if (n <= AREA_N_FEATURES || !fit_cells(s, n, out->cells) || !fit_dsp(s, n, out->dsp))
    return weft_fail(d, WEFT_E_CONFIG, csv_path, weft_diag_text(d, "%zu results", n),
                     "more than 5 results of machines that differ in rows, columns and lanes", "make area-points");
  for (size_t i = 0; i < n; i++) {
    const double error = fabs(explore_area_cells(out, &s[i].c) / s[i].cells - 1);
    out->mean_error += error / (double)n;
    out->max_error = error > out->max_error ? error : out->max_error;
    out->bram_extra += (s[i].bram - explore_machine_blocks(&s[i].c)) / (double)n;
  }
  return WEFT_OK;
}
