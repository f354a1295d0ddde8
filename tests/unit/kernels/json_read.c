/* SPDX-License-Identifier: Apache-2.0 */
#include "json_read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
  weft_arena *arena;
  const char *at, *end;       /* *end is a NUL                                 */
  bool failed;
} reader;

static json_node *read_value(reader *r, int depth);

static void skip_space(reader *r) {
  while (r->at < r->end && isspace((unsigned char)*r->at))
    r->at++;
}

static bool take(reader *r, char c) {
  skip_space(r);
  if (*r->at != c)
    return false;
  r->at++;
  return true;
}

static char *read_string(reader *r) {
  char *text = weft_arena_alloc(r->arena, 1, 1);
  if (!take(r, '"')) {
    r->failed = true;
    return text;
  }
  const char *start = r->at;
  while (r->at < r->end && *r->at != '"')
    r->at += *r->at == '\\' && r->at + 1 < r->end ? 2 : 1;
  const size_t size = (size_t)(r->at - start);
  text = weft_arena_alloc(r->arena, size + 1, 1);
  size_t n = 0;
  for (size_t i = 0; i < size; i++) {
    const bool escape = start[i] == '\\' && i + 1 < size &&
                        (start[i + 1] == '"' || start[i + 1] == '\\');
    i += escape;
    text[n++] = start[i];
  }
  if (!take(r, '"'))
    r->failed = true;
  return text;
}

static void read_members(reader *r, json_node *node, char close, int depth) {
  json_node **link = &node->first;
  if (take(r, close))
    return;
  do {
    const char *key = NULL;
    if (node->kind == JSON_OBJECT) {
      key = read_string(r);
      r->failed = r->failed || !take(r, ':');
    }
    if (r->failed)
      return;
    *link = read_value(r, depth + 1);
    (*link)->key = key;
    link = &(*link)->next;
  } while (!r->failed && take(r, ','));
  if (!take(r, close))
    r->failed = true;
}

static void read_word(reader *r, json_node *node) {
  static const char *const words[] = {"null", "false", "true"};
  for (int i = 0; i < 3; i++)
    if (strncmp(r->at, words[i], strlen(words[i])) == 0) {
      r->at += strlen(words[i]);
      node->kind = i == 0 ? JSON_NULL : JSON_BOOL;
      node->number = i == 2;
      return;
    }
  char *end;
  node->kind = JSON_NUMBER;
  node->number = strtod(r->at, &end);
  r->failed = r->failed || end == r->at;
  r->at = end;
}

static json_node *read_value(reader *r, int depth) {
  json_node *node = WEFT_NEW(r->arena, json_node, 1);
  skip_space(r);
  if (depth > 32) {
    r->failed = true;
  } else if (*r->at == '{' || *r->at == '[') {
    node->kind = *r->at == '{' ? JSON_OBJECT : JSON_ARRAY;
    const char close = *r->at++ == '{' ? '}' : ']';
    read_members(r, node, close, depth);
  } else if (*r->at == '"') {
    node->kind = JSON_STRING;
    node->text = read_string(r);
  } else {
    read_word(r, node);
  }
  return node;
}

const json_node *json_read(weft_arena *arena, weft_span bytes) {
  char *text = weft_arena_alloc(arena, bytes.size + 1, 1);
  memcpy(text, bytes.data, bytes.size);
  reader r = {arena, text, text + bytes.size, false};
  const json_node *node = read_value(&r, 0);
  skip_space(&r);
  return r.failed || r.at != r.end ? NULL : node;
}

const json_node *json_get(const json_node *node, const char *key) {
  if (!node || node->kind != JSON_OBJECT)
    return NULL;
  for (const json_node *m = node->first; m; m = m->next)
    if (strcmp(m->key, key) == 0)
      return m;
  return NULL;
}

size_t json_count(const json_node *node) {
  size_t n = 0;
  for (const json_node *m = node ? node->first : NULL; m; m = m->next)
    n++;
  return n;
}
