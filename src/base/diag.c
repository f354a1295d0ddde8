/* SPDX-License-Identifier: Apache-2.0 */
/* The list of issues. A hostile file can break a rule a million times: the
 * list keeps the first MAX_ISSUES and drops the rest. */
#include "base/base.h"

#include <stdio.h>

#define MAX_ISSUES 1000

struct weft_diag {
  weft_arena *arena;
  weft_issue *issues;
  size_t n_issues, cap;
};

weft_diag *weft_diag_new(weft_arena *arena) {
  weft_diag *d = WEFT_NEW(arena, weft_diag, 1);
  d->arena = arena;
  return d;
}

size_t weft_diag_count(const weft_diag *d) { return d ? d->n_issues : 0; }

const weft_issue *weft_diag_at(const weft_diag *d, size_t i) {
  return d && i < d->n_issues ? &d->issues[i] : NULL;
}

const char *weft_diag_text(weft_diag *d, const char *fmt, ...) {
  if (!d || d->n_issues >= MAX_ISSUES)
    return "";
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int n = vsnprintf(NULL, 0, fmt, args);
  char *text = weft_arena_alloc(d->arena, n < 0 ? 1 : (size_t)n + 1, 1);
  if (n > 0)
    vsnprintf(text, (size_t)n + 1, fmt, again);
  va_end(again);
  va_end(args);
  return text;
}

weft_status weft_fail(weft_diag *d, weft_status code, const char *where,
                      const char *found, const char *allowed,
                      const char *remedy) {
  if (!d || d->n_issues >= MAX_ISSUES)
    return code;
  d->issues = weft_arena_grow(d->arena, d->issues, &d->cap, d->n_issues + 1,
                              sizeof *d->issues);
  d->issues[d->n_issues++] = (weft_issue){
    .code = code, .where = where, .found = found, .allowed = allowed,
    .remedy = remedy};
  return code;
}
