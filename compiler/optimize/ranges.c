/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/ranges.h"

typedef enum form { WHOLE, CLOSED, ABOVE, BELOW } form;

static const struct { const char *key; form form; double from, to; } rows[] = {
#define RANGE(name, key, form, from, to) {key, form, from, to},
#include "ranges.def"
#undef RANGE
};

const char *opt_range_key(opt_range r) { return rows[r].key; }

bool opt_in_range(opt_range r, double v) {
  const bool is_from_in = rows[r].form != ABOVE, is_to_in = rows[r].form != BELOW;
  return (v > rows[r].from || (is_from_in && v == rows[r].from)) &&
         (v < rows[r].to || (is_to_in && v == rows[r].to));
}

const char *opt_range_text(weft_diag *d, opt_range r) {
  const double without = rows[r].form == ABOVE ? rows[r].from : rows[r].to;
  if (rows[r].form == WHOLE)
    return weft_diag_text(d, "a whole number in %.0f..%.0f", rows[r].from, rows[r].to);
  if (rows[r].form == CLOSED)
    return weft_diag_text(d, "a number in %g..%g", rows[r].from, rows[r].to);
  return weft_diag_text(d, "a number in %g..%g, without %g", rows[r].from, rows[r].to, without);
}

weft_status opt_range_check(weft_diag *d, const char *where, opt_range r, double v) {
  if (opt_in_range(r, v))
    return WEFT_OK;
  return weft_fail(d, WEFT_E_CONFIG, where, weft_diag_text(d, "%s %g", rows[r].key, v), opt_range_text(d, r), NULL);
}

weft_status opt_range_int(weft_diag *d, const yaml_tree *map, opt_range r, int64_t *out) {
  return yaml_int(d, map, rows[r].key, (int64_t)rows[r].from, (int64_t)rows[r].to, out);
}

weft_status opt_range_double(weft_diag *d, const yaml_tree *map, opt_range r, double *out) {
  const yaml_tree *t = yaml_get(map, rows[r].key);
  double v = 0;
  if (!t)
    return WEFT_OK;
  if (!yaml_number(t, &v) || !opt_in_range(r, v))
    return yaml_fail(d, t, opt_range_text(d, r));
  *out = v;
  return WEFT_OK;
}
