/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges, then the REQUIRE rows of params.def. The rows may divide and
 * multiply: they are read only when every range holds. */
#include "config/config_rows.h"

static weft_status check_range(weft_diag *d, const weft_config *c,
                               const weft_config_row *row) {
  const int32_t v = weft_config_get(c, row);
  const int32_t den = row->is_frac ? weft_config_get_den(c, row) : 1;
  const bool is_den_legal = !row->is_frac || (den >= row->min && den <= row->max);
  if (v >= row->min && v <= row->max && is_den_legal)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_CONFIG,
                   weft_diag_text(d, "%s: %s", c->name ? c->name : "config",
                                  row->key),
                   den == 1 ? weft_diag_text(d, "%d", v)
                            : weft_diag_text(d, "%d/%d", v, den),
                   row->is_frac
                     ? weft_diag_text(d, "N or N/M, %d..%d each", row->min, row->max)
                     : weft_diag_text(d, "%d..%d", row->min, row->max),
                   row->doc);
}

static weft_status check_require(weft_diag *d, const weft_config *c, bool holds,
                                 const char *expression, const char *message) {
  if (holds)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_CONFIG,
                   weft_diag_text(d, "%s", c->name ? c->name : "config"),
                   weft_diag_text(d, "not %s", expression), message,
                   "see configs/CONFIG.md");
}

static weft_status check_requires(weft_diag *d, const weft_config *c) {
  weft_status first = WEFT_OK;
#define PARAM(key, field, sv, min, max, structural, doc) \
  const int32_t sv = c->field; \
  (void)sv;
#define REQUIRE(expression, message)                                   \
  {                                                                    \
    const weft_status s =                                              \
      check_require(d, c, (expression), #expression, message);        \
    first = first ? first : s;                                         \
  }
#include "params.def"
  return first;
}

weft_status weft_config_check(weft_diag *d, const weft_config *c) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  weft_status first = WEFT_OK;
  for (size_t i = 0; i < n; i++) {
    const weft_status s = check_range(d, c, &rows[i]);
    first = first ? first : s;
  }
  return first ? first : check_requires(d, c);
}
