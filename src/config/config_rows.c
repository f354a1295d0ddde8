/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_rows.h"

#include <string.h>

static const weft_config_row rows[] = {
#define PARAM(key, field, sv, min, max, structural, doc) \
  {key, #sv, doc, false, (structural) != 0, min, max, \
   offsetof(weft_config, field), 0, false},
#define OPTIONAL(key, field, sv, min, max, doc) \
  {key, #sv, doc, false, false, min, max, offsetof(weft_config, field), 0, true},
#define FRAC(key, field, doc) \
  {key, #field, doc, true, false, 1, WEFT_FRAC_MAX, \
   offsetof(weft_config, field##_num), offsetof(weft_config, field##_den), false},
#include "params.def"
};
#define N_ROWS (sizeof rows / sizeof *rows)

static const weft_config_require requires[] = {
#define REQUIRE(expression, message) {#expression, message},
#include "params.def"
};

const weft_config_row *weft_config_rows(size_t *n) {
  *n = N_ROWS;
  return rows;
}

const weft_config_require *weft_config_requires(size_t *n) {
  *n = sizeof requires / sizeof *requires;
  return requires;
}

static int32_t int_at(const weft_config *c, size_t at) {
  int32_t v;
  memcpy(&v, (const char *)c + at, sizeof v);
  return v;
}

static void set_int_at(weft_config *c, size_t at, int32_t v) {
  memcpy((char *)c + at, &v, sizeof v);
}

int32_t weft_config_get(const weft_config *c, const weft_config_row *row) {
  return int_at(c, row->at);
}

int32_t weft_config_get_den(const weft_config *c, const weft_config_row *row) {
  return int_at(c, row->den_at);
}

/* Decimal digits with an optional minus; saturates. */
static bool parse_int(const char *s, size_t n, int32_t *out) {
  const bool is_negative = n > 0 && s[0] == '-';
  int64_t v = 0;
  size_t i = is_negative ? 1 : 0;
  if (i == n)
    return false;
  for (; i < n; i++) {
    if (s[i] < '0' || s[i] > '9')
      return false;
    if (v <= INT32_MAX)
      v = v * 10 + (s[i] - '0');
  }
  if (v > INT32_MAX)
    v = INT32_MAX;
  *out = (int32_t)(is_negative ? -v : v);
  return true;
}

static int32_t gcd(int32_t a, int32_t b) {
  while (b > 0) {
    const int32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

bool weft_config_set_text(weft_config *c, const weft_config_row *row,
                          const char *text, size_t n_bytes) {
  int32_t num = 0;
  int32_t den = 1;
  const char *slash = row->is_frac ? memchr(text, '/', n_bytes) : NULL;
  const size_t n_num = slash ? (size_t)(slash - text) : n_bytes;
  if (!parse_int(text, n_num, &num))
    return false;
  if (slash && !parse_int(slash + 1, n_bytes - n_num - 1, &den))
    return false;
  if (row->is_frac && num > 0 && den > 0 && num <= row->max && den <= row->max) {
    const int32_t common = gcd(num, den);
    num /= common;
    den /= common;
  }
  set_int_at(c, row->at, num);
  if (row->is_frac)
    set_int_at(c, row->den_at, den);
  return true;
}

const weft_config_row *weft_config_find(const char *key, const char **nearest) {
  const char *names[N_ROWS];
  for (size_t i = 0; i < N_ROWS; i++) {
    if (strcmp(rows[i].key, key) == 0)
      return &rows[i];
    names[i] = rows[i].key;
  }
  *nearest = weft_nearest(key, names, N_ROWS);
  return NULL;
}
