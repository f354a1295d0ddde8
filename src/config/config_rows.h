/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/config and src/gen: params.def as an array. */
#ifndef WEFT_CONFIG_CONFIG_ROWS_H
#define WEFT_CONFIG_CONFIG_ROWS_H

#include "config/config.h"

#define WEFT_FRAC_MAX 64
#define WEFT_CONFIG_MAX_ROWS 64
_Static_assert(sizeof(weft_config) / sizeof(int32_t) < WEFT_CONFIG_MAX_ROWS, "raise WEFT_CONFIG_MAX_ROWS");

typedef struct weft_config_row {
  const char *key;       /* YAML key, "array.rows"                          */
  const char *sv;        /* SystemVerilog name; of a fraction: field name   */
  const char *doc;
  bool is_frac, is_structural;
  int32_t min, max;      /* of a fraction: of each part                     */
  size_t at, den_at;     /* offsets in weft_config; den_at of fractions     */
  bool is_optional;      /* may be absent: 0, and then in no canonical text   */
} weft_config_row;

const weft_config_row *weft_config_rows(size_t *n);
int32_t weft_config_get(const weft_config *c, const weft_config_row *row);
int32_t weft_config_get_den(const weft_config *c, const weft_config_row *row);
/* Parses "12" or "3/4" into c. False if the text is not of that form; ranges
 * are weft_config_check's. A number that no int32 holds becomes the nearest. */
bool weft_config_set_text(weft_config *c, const weft_config_row *row,
                          const char *text, size_t n_bytes);
/* The row of a key, or NULL and the nearest key (or NULL). */
const weft_config_row *weft_config_find(const char *key, const char **nearest);
/* Syntax and keys only; no range check. Reports every problem; is_known[row]:
 * the file gives the key's value (absent and optional: 0), also if it fails. */
weft_status weft_config_read_yaml(weft_arena *arena, weft_diag *d,
                                  const char *where, weft_span yaml,
                                  weft_config *c, bool *is_known);
/* weft_config_check of the keys that are known, and of the rules among them. */
weft_status weft_config_check_known(weft_diag *d, const weft_config *c, const bool *is_known);
/* REQUIRE rows. */
typedef struct weft_config_require { const char *expression, *message; } weft_config_require;
const weft_config_require *weft_config_requires(size_t *n);

#endif
