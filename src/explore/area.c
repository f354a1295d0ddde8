/* SPDX-License-Identifier: Apache-2.0 */
/* Logic cells, part by part, by least squares over stored synthesis results;
 * multipliers and block RAM by formula. */
#include <math.h>
#include <string.h>

#include "explore/explore_int.h"

enum { N_FIELDS = 10 + AREA_N_PARTS, MIN_RESULTS = 4 };

typedef struct stored {
  weft_config c;
  double parts[AREA_N_PARTS], cells, dsp, bram;
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
         blocks(tap_bits, c->taps) + 4 * blocks(128, c->queue_depth) + blocks(134, 16) +
         blocks(c->beat_bytes * 8, 128) + blocks(c->beat_bytes * 9, 64) + blocks(48, 512);
}

/* What the cells of each part grow with; the rest is the same for every machine. */
static void drivers(const weft_config *c, double x[AREA_N_PARTS]) {
  x[AREA_PE] = (double)c->rows * c->cols;
  x[AREA_LANE] = c->lanes;
  x[AREA_ROW] = c->rows;
  x[AREA_COL] = c->cols;
  x[AREA_REST] = 0;
}

bool explore_area_is_beyond(const explore_area *a, const weft_config *c) {
  double x[AREA_N_PARTS];
  drivers(c, x);
  for (int i = 0; i < AREA_N_PARTS; i++)
    if (x[i] < a->least[i] || x[i] > a->most[i])
      return true;
  return false;
}

const char *explore_area_unlike(const weft_config *c) {
  return c->micro != 0 ? "array.micro" : c->hop != 0 ? "array.hop" : c->acc_bits != 28 ? "array.acc_bits"
         : c->taps != 512 ? "array.taps" : c->beat_bytes != 4 ? "dram.beat_bytes" : NULL;
}

static double sum_parts(const area_line *lines, const weft_config *c) {
  double x[AREA_N_PARTS];
  double sum = 0;
  drivers(c, x);
  for (int i = 0; i < AREA_N_PARTS; i++)
    sum += lines[i].base + lines[i].slope * x[i];
  return sum > 0 ? sum : 0;
}

/* A line for each part through the results but `skip`. */
static bool fit_parts(weft_arena *arena, const stored *s, size_t n, size_t skip, area_line *lines) {
  double *rows = WEFT_NEW(arena, double, 2 * n);
  double *cells = WEFT_NEW(arena, double, n);
  for (int part = 0; part < AREA_N_PARTS; part++) {
    const size_t n_unknowns = part == AREA_REST ? 1 : 2;
    double line[2] = {0, 0};
    for (size_t i = 0; i < n; i++) {
      double x[AREA_N_PARTS];
      drivers(&s[i].c, x);
      rows[i * n_unknowns] = 1;
      if (n_unknowns == 2)
        rows[i * 2 + 1] = x[part];
      cells[i] = s[i].parts[part];
    }
    if (!explore_least_squares(rows, cells, n, n_unknowns, skip, line))
      return false;
    lines[part] = (area_line){line[0], line[1]};
  }
  return true;
}

static bool fit_cells(weft_arena *arena, const stored *s, size_t n, explore_area *out) {
  for (size_t i = 0; i < n; i++) {
    area_line without[AREA_N_PARTS];
    if (!fit_parts(arena, s, n, i, without))
      return false;
    const double error = fabs(sum_parts(without, &s[i].c) / s[i].cells - 1);
    out->mean_error += error / (double)n;
    out->max_error = error > out->max_error ? error : out->max_error;
  }
  return fit_parts(arena, s, n, n, out->lines);
}

static bool fit_dsp(weft_arena *arena, const stored *s, size_t n, double out[2]) {
  double *rows = WEFT_NEW(arena, double, 2 * n);
  double *dsp = WEFT_NEW(arena, double, n);
  for (size_t i = 0; i < n; i++) {
    rows[2 * i] = (double)s[i].c.rows * s[i].c.cols;
    rows[2 * i + 1] = s[i].c.lanes;
    dsp[i] = s[i].dsp;
  }
  return explore_least_squares(rows, dsp, n, 2, n, out);
}

double explore_area_cells(const explore_area *a, const weft_config *c) { return sum_parts(a->lines, c); }

int explore_area_dsp(const explore_area *a, const weft_config *c) {
  return (int)lround(a->dsp[0] * c->rows * c->cols + a->dsp[1] * c->lanes);
}

int explore_area_bram(const explore_area *a, const weft_config *c) {
  return explore_machine_blocks(c) + (int)lround(a->bram_extra);
}

/* rows, cols, lanes, spm_kib, ring_kib, queue, taps, beat, the parts, dsp, bram */
static weft_status read_stored(weft_diag *d, const char *path, const explore_row *r, stored *s) {
  double v[N_FIELDS];
  for (size_t i = 6; i < N_FIELDS; i++)
    WEFT_TRY(explore_csv_number(d, path, r, i, &v[i]));
  WEFT_TRY(explore_csv_machine(d, path, r, 0, &s->c));
  for (int i = 0; i < AREA_N_PARTS; i++) {
    s->parts[i] = v[8 + i];
    s->cells += v[8 + i];
  }
  if (v[6] < 1 || v[7] < 1 || s->cells < 1)
    return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s, line %zu", path, r->line), "0", "1 or more", NULL);
  s->c.taps = (int32_t)v[6];
  s->c.beat_bytes = (int32_t)v[7];
  s->dsp = v[N_FIELDS - 2];
  s->bram = v[N_FIELDS - 1];
  return WEFT_OK;
}

weft_status explore_area_fit(weft_arena *arena, weft_diag *d, const char *csv_path, explore_area *out) {
  explore_row *rows = NULL;
  size_t n = 0;
  WEFT_TRY(explore_csv_read(arena, d, csv_path, N_FIELDS, &rows, &n));
  stored *s = WEFT_NEW(arena, stored, n + 1);
  for (size_t i = 0; i < n; i++)
    WEFT_TRY(read_stored(d, csv_path, &rows[i], &s[i]));
  *out = (explore_area){.n_points = n};
  if (n < MIN_RESULTS || !fit_cells(arena, s, n, out) || !fit_dsp(arena, s, n, out->dsp))
    return weft_fail(d, WEFT_E_CONFIG, csv_path, weft_diag_text(d, "%zu results", n),
                     weft_diag_text(d, "%d results of machines that differ in rows, columns and lanes", MIN_RESULTS),
                     "make area-points");
  for (size_t i = 0; i < n; i++) {
    double x[AREA_N_PARTS];
    drivers(&s[i].c, x);
    for (int k = 0; k < AREA_N_PARTS; k++) {
      out->least[k] = i == 0 || x[k] < out->least[k] ? x[k] : out->least[k];
      out->most[k] = i == 0 || x[k] > out->most[k] ? x[k] : out->most[k];
    }
  }
  for (size_t i = 0; i < n; i++)
    out->bram_extra += (s[i].bram - explore_machine_blocks(&s[i].c)) / (double)n;
  return WEFT_OK;
}
