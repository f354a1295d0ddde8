/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges, then the REQUIRE rows of params.def. A row may divide and multiply: it
 * is read only when each key in it is known and in its range. */
#include "config/config_rows.h"

#include <ctype.h>
#include <string.h>

static bool is_saturated(int32_t v) { return v == INT32_MAX || v == -INT32_MAX; }    /* by the readers */

static const char *value_text(weft_diag *d, const weft_config *c, const weft_config_row *row) {
  const int32_t v = weft_config_get(c, row);
  const int32_t den = row->is_frac ? weft_config_get_den(c, row) : 1;
  const char *beyond = is_saturated(v) || is_saturated(den) ? " or beyond" : "";
  return den == 1 ? weft_diag_text(d, "%d%s", v, beyond) : weft_diag_text(d, "%d/%d%s", v, den, beyond);
}

static bool is_in_range(const weft_config *c, const weft_config_row *row) {
  const int32_t v = weft_config_get(c, row);
  const int32_t den = row->is_frac ? weft_config_get_den(c, row) : row->min;
  return v >= row->min && v <= row->max && den >= row->min && den <= row->max;
}

static weft_status fail_range(weft_diag *d, const weft_config *c, const weft_config_row *row) {
  return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s: %s", c->name ? c->name : "config", row->key),
                   value_text(d, c, row),
                   weft_diag_text(d, row->is_frac ? "N or N/M, %d..%d each" : "%d..%d", row->min, row->max),
                   row->doc);
}

/* The expression names the row's SystemVerilog name, as a whole word. */
static bool is_in(const char *expression, const char *name) {
  const size_t n = strlen(name);
  for (const char *at = strstr(expression, name); at; at = strstr(at + 1, name))
    if ((at == expression || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[n]))
      return true;
  return false;
}

static bool can_read(const char *expression, const bool *is_good) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  for (size_t i = 0; i < n; i++)
    if (!is_good[i] && is_in(expression, rows[i].sv))
      return false;
  return true;
}

static weft_status fail_require(weft_diag *d, const weft_config *c, const char *expression,
                                const char *message) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  const char *found = "";
  for (size_t i = 0; i < n; i++)
    if (is_in(expression, rows[i].sv))
      found = weft_diag_text(d, "%s%s%s %s", found, *found ? ", " : "", rows[i].key,
                             value_text(d, c, &rows[i]));
  return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s", c->name ? c->name : "config"), found, message,
                   "see configs/CONFIG.md");
}

static weft_status check_requires(weft_diag *d, const weft_config *c, const bool *is_good) {
  weft_status first = WEFT_OK;
#define PARAM(key, field, sv, min, max, structural, doc) \
  const int32_t sv = c->field; \
  (void)sv;
#define REQUIRE(expression, message)                          \
  if (can_read(#expression, is_good) && !(expression)) {      \
    const weft_status s = fail_require(d, c, #expression, message); \
    first = first ? first : s;                                \
  }
#include "params.def"
  return first;
}

weft_status weft_config_check_known(weft_diag *d, const weft_config *c, const bool *is_known) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  bool is_good[WEFT_CONFIG_MAX_ROWS];
  weft_status first = WEFT_OK;
  for (size_t i = 0; i < n; i++) {
    is_good[i] = is_known[i] && is_in_range(c, &rows[i]);
    if (!is_known[i] || is_good[i])
      continue;
    const weft_status s = fail_range(d, c, &rows[i]);
    first = first ? first : s;
  }
  const weft_status s = check_requires(d, c, is_good);
  return first ? first : s;
}

weft_status weft_config_check(weft_diag *d, const weft_config *c) {
  bool is_known[WEFT_CONFIG_MAX_ROWS];
  for (size_t i = 0; i < WEFT_CONFIG_MAX_ROWS; i++)
    is_known[i] = true;
  return weft_config_check_known(d, c, is_known);
}
