/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of the numbers that a recipe gives to stages, ranges.def. */
#ifndef WEFT_COMPILER_OPTIMIZE_RANGES_H
#define WEFT_COMPILER_OPTIMIZE_RANGES_H

#include "config/yaml_tree.h"

typedef enum opt_range {
#define RANGE(name, key, form, from, to) OPT_RANGE_##name,
#include "ranges.def"
#undef RANGE
  OPT_N_RANGES
} opt_range;

const char *opt_range_key(opt_range r);
bool opt_in_range(opt_range r, double v);       /* NaN is in none */
/* "a number in 0..1000, without 0" */
const char *opt_range_text(weft_diag *d, opt_range r);
/* The check of a stage: E_CONFIG with key, value and range. */
weft_status opt_range_check(weft_diag *d, const char *where, opt_range r, double v);
/* The key's value out of a mapping; absent: *out as it was. E_CONFIG. */
weft_status opt_range_int(weft_diag *d, const yaml_tree *map, opt_range r, int64_t *out);
weft_status opt_range_double(weft_diag *d, const yaml_tree *map, opt_range r, double *out);

#endif
