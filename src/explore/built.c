/* SPDX-License-Identifier: Apache-2.0 */
/* Machines that were built, and what that tells of the clock of others. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "explore/explore_int.h"

enum { N_FIELDS = 11 };

/* board, speed, rows, cols, lanes, spm_kib, ring_kib, queue, cells, fmax_mhz, hash */
weft_status explore_built_read(weft_arena *arena, weft_diag *d, const char *csv_path, explore_built *out) {
  explore_row *rows = NULL;
  size_t n = 0;
  *out = (explore_built){0};
  if (access(csv_path, F_OK) != 0)
    return WEFT_OK;
  WEFT_TRY(explore_csv_read(arena, d, csv_path, N_FIELDS, &rows, &n));
  explore_build *items = WEFT_NEW(arena, explore_build, n + 1);
  for (size_t i = 0; i < n; i++) {
    items[i].board = rows[i].field[0];
    items[i].speed = rows[i].field[1];
    WEFT_TRY(explore_csv_machine(d, csv_path, &rows[i], 2, &items[i].config));
    WEFT_TRY(explore_csv_number(d, csv_path, &rows[i], 8, &items[i].cells));
    WEFT_TRY(explore_csv_number(d, csv_path, &rows[i], 9, &items[i].mhz));
    items[i].hash = rows[i].field[10];
  }
  out->items = items;
  out->n = n;
  return WEFT_OK;
}

static bool has_hash(const weft_config *c, const char *hash) {
  char text[17];
  snprintf(text, sizeof text, "%016" PRIx64, weft_config_hash(c));
  return strcmp(text, hash) == 0;
}

static bool is_same(const weft_config *c, const explore_build *b) {
  return has_hash(c, b->hash) && c->queue_depth == b->config.queue_depth;
}

/* No larger array, and the same in every other key. */
static bool is_within(const weft_config *c, const explore_build *b) {
  weft_config x = *c;
  x.rows = b->config.rows;
  x.cols = x.word_bytes = b->config.cols;
  x.lanes = b->config.lanes;
  x.spm_kib = b->config.spm_kib;
  x.ring_kib = b->config.ring_kib;
  return c->rows <= x.rows && c->cols <= x.cols && c->lanes <= x.lanes && has_hash(&x, b->hash);
}

static bool is_smaller(const weft_config *a, const weft_config *b) {
  return a->rows <= b->rows && a->cols <= b->cols && a->lanes <= b->lanes;
}

explore_clock explore_clock_of(weft_arena *arena, const explore_built *built, const weft_board *board,
                               const weft_config *c, const char **why) {
  const double target = (double)board->target_hz / 1e6;
  const explore_build *cover = NULL;
  bool is_any = false;
  for (size_t i = 0; i < built->n; i++) {
    const explore_build *b = &built->items[i];
    const bool is_met = b->mhz >= target;
    if (strcmp(b->board, board->name) == 0 && is_same(c, b)) {
      *why = weft_arena_printf(arena, "built: %.0f cells, %.1f of %.1f MHz", b->cells, b->mhz, target);
      return is_met ? EXPLORE_CLOCK_BUILT : EXPLORE_CLOCK_MISSED;
    }
    if (!is_met || strcmp(b->speed, board->speed) != 0)
      continue;
    is_any = true;
    if (is_within(c, b) && (!cover || is_smaller(&b->config, &cover->config)))
      cover = b;
  }
  if (cover) {
    *why = weft_arena_printf(arena, "no larger than %dx%d q%d, which met %.1f MHz on %s", cover->config.rows,
                             cover->config.cols, cover->config.lanes, cover->mhz, cover->board);
    return EXPLORE_CLOCK_COVERED;
  }
  *why = is_any ? weft_arena_printf(arena, "larger than every machine that was built at %.1f MHz", target)
                : weft_arena_printf(arena, "no machine was built at %.1f MHz yet", target);
  return is_any ? EXPLORE_CLOCK_BEYOND : EXPLORE_CLOCK_UNKNOWN;
}
