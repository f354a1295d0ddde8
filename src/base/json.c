/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 32

struct weft_json {
  weft_arena *arena;
  char *text;
  size_t n, cap;
  int depth;
  char closer[MAX_DEPTH];
  bool has_items[MAX_DEPTH + 1];
};

weft_json *weft_json_new(weft_arena *arena) {
  weft_json *j = WEFT_NEW(arena, weft_json, 1);
  j->arena = arena;
  return j;
}

static void put(weft_json *j, const char *s, size_t n) {
  j->text = weft_arena_grow(j->arena, j->text, &j->cap, j->n + n + 2, 1);
  memcpy(j->text + j->n, s, n);
  j->n += n;
}

static void put_text(weft_json *j, const char *s) { put(j, s, strlen(s)); }

/* Length of the UTF-8 sequence at p, 0 if it is none (RFC 3629 table). */
static size_t utf8_length(const uint8_t *p) {
  static const struct { uint8_t lo, hi, second_lo, second_hi, n; } row[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
  if (p[0] < 0x80)
    return 1;
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    if (p[0] < row[i].lo || p[0] > row[i].hi)
      continue;
    if (p[1] < row[i].second_lo || p[1] > row[i].second_hi)
      return 0;
    for (size_t k = 2; k < row[i].n; k++)
      if ((p[k] & 0xc0) != 0x80)
        return 0;
    return row[i].n;
  }
  return 0;
}

static void put_quoted(weft_json *j, const char *s) {
  put(j, "\"", 1);
  for (const uint8_t *p = (const uint8_t *)s; *p;) {
    const size_t n = utf8_length(p);
    char escape[8];
    if (n == 0) {
      put_text(j, "\xef\xbf\xbd");
    } else if (*p == '"' || *p == '\\') {
      snprintf(escape, sizeof escape, "\\%c", *p);
      put_text(j, escape);
    } else if (*p < 0x20 || *p == 0x7f) {
      snprintf(escape, sizeof escape, "\\u%04x", *p);
      put_text(j, escape);
    } else {
      put(j, (const char *)p, n);
    }
    p += n ? n : 1;
  }
  put(j, "\"", 1);
}

static void start_item(weft_json *j, const char *key) {
  if (j->has_items[j->depth])
    put_text(j, ", ");
  j->has_items[j->depth] = true;
  if (!key)
    return;
  put_quoted(j, key);
  put_text(j, ": ");
}

static void open_item(weft_json *j, const char *key, char opener, char closer) {
  start_item(j, key);
  assert(j->depth < MAX_DEPTH);
  put(j, &opener, 1);
  j->closer[j->depth++] = closer;
  j->has_items[j->depth] = false;
}

void weft_json_object(weft_json *j, const char *key) {
  open_item(j, key, '{', '}');
}
void weft_json_array(weft_json *j, const char *key) {
  open_item(j, key, '[', ']');
}

void weft_json_end(weft_json *j) {
  assert(j->depth > 0);
  put(j, &j->closer[--j->depth], 1);
}

void weft_json_reopen(weft_json *j) {
  assert(j->depth == 0 && j->n > 0);
  j->n -= j->text[j->n - 1] == '\n' ? 2 : 1;
  j->depth = 1;
}

void weft_json_string(weft_json *j, const char *key, const char *text) {
  if (!text) {
    weft_json_null(j, key);
    return;
  }
  start_item(j, key);
  put_quoted(j, text);
}

static void put_item(weft_json *j, const char *key, const char *text) {
  start_item(j, key);
  put_text(j, text);
}

void weft_json_int(weft_json *j, const char *key, int64_t v) {
  char text[32];
  snprintf(text, sizeof text, "%lld", (long long)v);
  put_item(j, key, text);
}

void weft_json_uint(weft_json *j, const char *key, uint64_t v) {
  char text[32];
  snprintf(text, sizeof text, "%llu", (unsigned long long)v);
  put_item(j, key, text);
}

void weft_json_double(weft_json *j, const char *key, double v) {
  char text[40];
  snprintf(text, sizeof text, "%.17g", v);
  put_item(j, key, isfinite(v) ? text : "null");
}

void weft_json_bool(weft_json *j, const char *key, bool v) {
  put_item(j, key, v ? "true" : "false");
}

void weft_json_null(weft_json *j, const char *key) { put_item(j, key, "null"); }

const char *weft_json_text(weft_json *j, size_t *n_bytes) {
  if (j->depth == 0 && j->n && j->text[j->n - 1] != '\n')
    put(j, "\n", 1);
  put(j, "", 0);
  j->text[j->n] = '\0';
  if (n_bytes)
    *n_bytes = j->n;
  return j->text;
}
