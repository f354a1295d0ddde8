/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": nearest name by Levenshtein distance, letter case ignored. */
#include "base/base.h"

#include <string.h>

#define MAX_WORD 64

static int lower(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

static size_t min3(size_t a, size_t b, size_t c) {
  const size_t ab = a < b ? a : b;
  return ab < c ? ab : c;
}

static size_t distance(const char *a, size_t n, const char *b, size_t m) {
  size_t row[MAX_WORD + 1];
  for (size_t j = 0; j <= m; j++)
    row[j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= m; j++) {
      const size_t above = row[j];
      const size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = min3(above + 1, row[j - 1] + 1, diagonal + change);
      diagonal = above;
    }
  }
  return row[m];
}

const char *weft_nearest(const char *word, const char *const *names, size_t n) {
  const size_t length = strnlen(word, MAX_WORD + 1);
  if (length == 0 || length > MAX_WORD)
    return NULL;
  const char *best = NULL;
  size_t best_distance = length / 3 + 2;
  for (size_t i = 0; i < n; i++) {
    const size_t m = strnlen(names[i], MAX_WORD + 1);
    if (m > MAX_WORD)
      continue;
    const size_t d = distance(word, length, names[i], m);
    if (d < best_distance && d < length) {
      best_distance = d;
      best = names[i];
    }
  }
  return best;
}
