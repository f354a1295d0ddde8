/* SPDX-License-Identifier: Apache-2.0 */
/* Stored results: lines of numbers and names. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore_int.h"

#define CSV_CAP_BYTES ((size_t)1 << 16)

static weft_status bad(weft_diag *d, const char *path, size_t line, const char *found, const char *allowed) {
  return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s, line %zu", path, line),
                   weft_diag_text(d, "%.80s", found), allowed, "make area-points and make built-points write these files");
}

static bool split(char *line, size_t n_fields, explore_row *row) {
  size_t n = 0;
  for (char *at = line; at; n++) {
    char *comma = strchr(at, ',');
    if (comma)
      *comma++ = '\0';
    if (n < n_fields)
      row->field[n] = at;
    at = comma;
  }
  return n == n_fields;
}

weft_status explore_csv_read(weft_arena *arena, weft_diag *d, const char *path, size_t n_fields,
                             explore_row **out, size_t *n) {
  weft_span file;
  WEFT_TRY(weft_file_read(arena, d, path, CSV_CAP_BYTES, &file));
  char *text = weft_arena_printf(arena, "%.*s", (int)file.size, (const char *)file.data);
  bool has_head = false;
  *out = WEFT_NEW(arena, explore_row, EXPLORE_MAX_ROWS);
  *n = 0;
  for (size_t line = 1; text; line++) {
    char *end = strchr(text, '\n');
    if (end)
      *end++ = '\0';
    if (*text != '#' && *text != '\0' && has_head) {
      const char *whole = weft_arena_printf(arena, "%s", text);
      explore_row row = {.line = line};
      if (*n == EXPLORE_MAX_ROWS || !split(text, n_fields, &row))
        return bad(d, path, line, whole, weft_diag_text(d, "%zu fields, at most %d lines", n_fields, EXPLORE_MAX_ROWS));
      (*out)[(*n)++] = row;
    }
    has_head |= *text != '#' && *text != '\0';
    text = end;
  }
  return WEFT_OK;
}

weft_status explore_csv_number(weft_diag *d, const char *path, const explore_row *r, size_t i, double *out) {
  char *end = NULL;
  const char *text = r->field[i];
  *out = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(*out) || *out < 0 || *out > 1e9)
    return bad(d, path, r->line, text, "a number, 0 or more");
  return WEFT_OK;
}

weft_status explore_csv_machine(weft_diag *d, const char *path, const explore_row *r, size_t first,
                                weft_config *out) {
  double v[6];
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < 6; i++) {
    WEFT_TRY(explore_csv_number(d, path, r, first + i, &v[i]));
    if (v[i] < 1 || v[i] > 1024 || v[i] > floor(v[i]))
      return bad(d, path, r->line, r->field[first + i], "a whole number, 1..1024");
  }
  out->rows = (int32_t)v[0];
  out->cols = out->word_bytes = (int32_t)v[1];
  out->lanes = (int32_t)v[2];
  out->spm_kib = (int32_t)v[3];
  out->ring_kib = (int32_t)v[4];
  out->queue_depth = (int32_t)v[5];
  return WEFT_OK;
}
