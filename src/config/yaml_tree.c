/* SPDX-License-Identifier: Apache-2.0 */
/* Reads libyaml's events into a tree, refusing what a small description never needs. */
#include "config/yaml_tree.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_BYTES = 1 << 20, MAX_NODES = 20000, MAX_DEPTH = 16 };

typedef struct builder {
  weft_arena *arena;
  weft_diag *d;
  const char *file;
  yaml_parser_t parser;
  yaml_event_t event;
  bool has_event;
  size_t n_nodes;
} builder;

static weft_status fail_at(builder *b, const char *found, const char *allowed) {
  const size_t line = b->has_event ? b->event.start_mark.line + 1
                                   : b->parser.problem_mark.line + 1;
  return weft_fail(b->d, WEFT_E_CONFIG, weft_diag_text(b->d, "%s:%zu", b->file, line), found,
                   allowed, NULL);
}

static weft_status next(builder *b) {
  if (b->has_event)
    yaml_event_delete(&b->event);
  b->has_event = false;
  if (!yaml_parser_parse(&b->parser, &b->event)) {
    if (b->parser.error == YAML_MEMORY_ERROR)
      weft_out_of_memory(0);
    return fail_at(b, weft_diag_text(b->d, "%s", b->parser.problem ? b->parser.problem : "damage"),
                   "valid YAML");
  }
  b->has_event = true;
  return WEFT_OK;
}

static weft_status refuse_marks(builder *b) {
  const yaml_event_t *e = &b->event;
  const yaml_char_t *anchor = NULL;
  const yaml_char_t *tag = NULL;
  if (e->type == YAML_ALIAS_EVENT)
    return fail_at(b, "an alias", "plain values: no anchors, aliases or tags");
  if (e->type == YAML_SCALAR_EVENT) {
    anchor = e->data.scalar.anchor;
    tag = e->data.scalar.tag;
  } else if (e->type == YAML_MAPPING_START_EVENT) {
    anchor = e->data.mapping_start.anchor;
    tag = e->data.mapping_start.tag;
  } else if (e->type == YAML_SEQUENCE_START_EVENT) {
    anchor = e->data.sequence_start.anchor;
    tag = e->data.sequence_start.tag;
  }
  if (anchor || tag)
    return fail_at(b, anchor ? "an anchor" : "a tag", "plain values: no anchors, aliases or tags");
  return WEFT_OK;
}

static weft_status new_node(builder *b, yaml_kind kind, yaml_tree **out) {
  if (++b->n_nodes > MAX_NODES)
    return fail_at(b, "too many values", "at most 20000 values in a file");
  yaml_tree *t = WEFT_NEW(b->arena, yaml_tree, 1);
  t->kind = kind;
  t->file = b->file;
  t->line = b->event.start_mark.line + 1;
  *out = t;
  return WEFT_OK;
}

static weft_status read_scalar(builder *b, yaml_tree **out) {
  const char *value = (const char *)b->event.data.scalar.value;
  const size_t n = b->event.data.scalar.length;
  if (memchr(value, 0, n))
    return fail_at(b, "a NUL character", "text");
  WEFT_TRY(new_node(b, YAML_TREE_SCALAR, out));
  char *copy = weft_arena_alloc(b->arena, n + 1, 1);
  memcpy(copy, value, n);
  (*out)->text = copy;
  (*out)->is_plain = b->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  return WEFT_OK;
}

static weft_status read_node(builder *b, int depth, yaml_tree **out);

static void add_child(builder *b, yaml_tree *parent, size_t *cap, yaml_tree *child) {
  parent->child = weft_arena_grow(b->arena, parent->child, cap, parent->n + 1,
                                  sizeof *parent->child);
  parent->child[parent->n++] = child;
}

static weft_status read_list(builder *b, int depth, yaml_tree **out) {
  WEFT_TRY(new_node(b, YAML_TREE_LIST, out));
  size_t cap = 0;
  for (;;) {
    WEFT_TRY(next(b));
    if (b->event.type == YAML_SEQUENCE_END_EVENT)
      return WEFT_OK;
    yaml_tree *item = NULL;
    WEFT_TRY(read_node(b, depth + 1, &item));
    add_child(b, *out, &cap, item);
  }
}

static weft_status read_key(builder *b, const yaml_tree *map, const char **key) {
  WEFT_TRY(refuse_marks(b));
  if (b->event.type != YAML_SCALAR_EVENT)
    return fail_at(b, "a nested value", "a key");
  yaml_tree *t = NULL;
  WEFT_TRY(read_scalar(b, &t));
  for (size_t i = 0; i < map->n; i++)
    if (strcmp(map->child[i]->key, t->text) == 0)
      return fail_at(b, weft_diag_text(b->d, "the key '%.80s' a second time", t->text),
                     "every key once");
  *key = t->text;
  return WEFT_OK;
}

static weft_status read_map(builder *b, int depth, yaml_tree **out) {
  WEFT_TRY(new_node(b, YAML_TREE_MAP, out));
  size_t cap = 0;
  for (;;) {
    WEFT_TRY(next(b));
    if (b->event.type == YAML_MAPPING_END_EVENT)
      return WEFT_OK;
    const char *key = NULL;
    WEFT_TRY(read_key(b, *out, &key));
    WEFT_TRY(next(b));
    yaml_tree *item = NULL;
    WEFT_TRY(read_node(b, depth + 1, &item));
    item->key = key;
    add_child(b, *out, &cap, item);
  }
}

static weft_status read_node(builder *b, int depth, yaml_tree **out) {
  WEFT_TRY(refuse_marks(b));
  if (depth > MAX_DEPTH)
    return fail_at(b, "deeper nesting", "at most 16 levels");
  switch (b->event.type) {
  case YAML_SCALAR_EVENT: return read_scalar(b, out);
  case YAML_SEQUENCE_START_EVENT: return read_list(b, depth, out);
  case YAML_MAPPING_START_EVENT: return read_map(b, depth, out);
  default: return fail_at(b, "nothing", "a value");
  }
}

static weft_status read_document(builder *b, yaml_tree **out) {
  WEFT_TRY(next(b));
  WEFT_TRY(next(b));
  if (b->event.type != YAML_DOCUMENT_START_EVENT)
    return fail_at(b, "an empty file", "one YAML document");
  WEFT_TRY(next(b));
  WEFT_TRY(read_node(b, 0, out));
  WEFT_TRY(next(b));
  WEFT_TRY(next(b));
  return b->event.type == YAML_STREAM_END_EVENT ? WEFT_OK
                                                : fail_at(b, "a second document", "one document");
}

size_t yaml_mark_bytes(weft_span text) {
  return text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

weft_status yaml_tree_parse(weft_arena *arena, weft_diag *d, const char *where, weft_span text,
                            yaml_tree **out) {
  builder b = {.arena = arena, .d = d, .file = where};
  if (!yaml_parser_initialize(&b.parser))
    weft_out_of_memory(0);
  const size_t mark = yaml_mark_bytes(text);
  yaml_parser_set_input_string(&b.parser, text.data + mark, text.size - mark);
  yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
  const weft_status s = read_document(&b, out);
  if (b.has_event)
    yaml_event_delete(&b.event);
  yaml_parser_delete(&b.parser);
  return s;
}

weft_status yaml_tree_read(weft_arena *arena, weft_diag *d, const char *path, yaml_tree **out) {
  weft_span text;
  WEFT_TRY(weft_file_read(arena, d, path, MAX_BYTES, &text));
  return yaml_tree_parse(arena, d, path, text, out);
}

static bool is_null(const yaml_tree *t) {
  return t->kind == YAML_TREE_SCALAR && t->is_plain &&
         (t->text[0] == 0 || strcmp(t->text, "~") == 0 || strcmp(t->text, "null") == 0);
}

const yaml_tree *yaml_get(const yaml_tree *map, const char *key) {
  if (!map || map->kind != YAML_TREE_MAP)
    return NULL;
  for (size_t i = 0; i < map->n; i++)
    if (strcmp(map->child[i]->key, key) == 0)
      return is_null(map->child[i]) ? NULL : map->child[i];
  return NULL;
}

const char *yaml_where(weft_diag *d, const yaml_tree *t) {
  return t->key ? weft_diag_text(d, "%s:%zu: %.80s", t->file, t->line, t->key)
                : weft_diag_text(d, "%s:%zu", t->file, t->line);
}

static const char *found_text(weft_diag *d, const yaml_tree *t) {
  return t->kind == YAML_TREE_MAP    ? "a mapping"
         : t->kind == YAML_TREE_LIST ? t->n ? "a list" : "an empty list"
                                     : weft_diag_text(d, "'%.80s'", t->text);
}

weft_status yaml_fail(weft_diag *d, const yaml_tree *t, const char *allowed) {
  return weft_fail(d, WEFT_E_CONFIG, yaml_where(d, t), found_text(d, t), allowed, NULL);
}

weft_status yaml_string(weft_diag *d, const yaml_tree *map, const char *key, const char **out) {
  const yaml_tree *t = yaml_get(map, key);
  if (!t)
    return WEFT_OK;
  if (t->kind != YAML_TREE_SCALAR)
    return yaml_fail(d, t, "one text");
  *out = t->text;
  return WEFT_OK;
}

weft_status yaml_path(weft_arena *arena, weft_diag *d, const yaml_tree *node, const char **out) {
  static const char variable[] = "${WEFT_MODELS}";
  if (node->kind != YAML_TREE_SCALAR)
    return yaml_fail(d, node, "a path");
  if (strncmp(node->text, variable, sizeof variable - 1) == 0) {
    const char *root = getenv("WEFT_MODELS");
    if (!root || !*root)
      return weft_fail(d, WEFT_E_CONFIG, yaml_where(d, node), "WEFT_MODELS is not set",
                       "a folder with models/ and data/", "set the environment variable WEFT_MODELS");
    *out = weft_arena_printf(arena, "%s%s", root, node->text + sizeof variable - 1);
    return WEFT_OK;
  }
  if (strstr(node->text, "${"))
    return yaml_fail(d, node, "a path; ${WEFT_MODELS} at its start is the only variable");
  const char *slash = strrchr(node->file, '/');
  *out = node->text[0] == '/' || !slash
           ? node->text
           : weft_arena_printf(arena, "%.*s/%s", (int)(slash - node->file), node->file, node->text);
  return WEFT_OK;
}

bool yaml_number(const yaml_tree *t, double *out) {
  if (t->kind != YAML_TREE_SCALAR || !t->is_plain || t->text[0] == 0 || strlen(t->text) > 40 ||
      strspn(t->text, "+-.0123456789eE") != strlen(t->text))
    return false;
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!c_locale)
    weft_out_of_memory(0);
  const locale_t before = uselocale(c_locale);
  char *end = NULL;
  errno = 0;
  const double v = strtod(t->text, &end);
  uselocale(before);
  freelocale(c_locale);
  if (*end != 0 || end == t->text || !isfinite(v))
    return false;
  *out = v;
  return true;
}

weft_status yaml_int(weft_diag *d, const yaml_tree *map, const char *key, int64_t lo, int64_t hi,
                     int64_t *out) {
  const yaml_tree *t = yaml_get(map, key);
  if (!t)
    return WEFT_OK;
  char *end = NULL;
  errno = 0;
  const bool is_scalar = t->kind == YAML_TREE_SCALAR && t->is_plain;
  const long long v = is_scalar ? strtoll(t->text, &end, 10) : 0;
  if (!is_scalar || *end != 0 || errno || v < lo || v > hi)
    return yaml_fail(d, t, weft_diag_text(d, "a whole number in %lld..%lld", (long long)lo,
                                          (long long)hi));
  *out = v;
  return WEFT_OK;
}

weft_status yaml_double(weft_diag *d, const yaml_tree *map, const char *key, double lo, double hi,
                        double *out) {
  const yaml_tree *t = yaml_get(map, key);
  if (!t)
    return WEFT_OK;
  double v = 0;
  if (!yaml_number(t, &v) || v < lo || v > hi)
    return yaml_fail(d, t, weft_diag_text(d, "a number in %g..%g", lo, hi));
  *out = v;
  return WEFT_OK;
}

weft_status yaml_bool(weft_diag *d, const yaml_tree *map, const char *key, bool *out) {
  const yaml_tree *t = yaml_get(map, key);
  if (!t)
    return WEFT_OK;
  const bool is_true = t->kind == YAML_TREE_SCALAR && strcmp(t->text, "true") == 0;
  if (!is_true && !(t->kind == YAML_TREE_SCALAR && strcmp(t->text, "false") == 0))
    return yaml_fail(d, t, "true or false");
  *out = is_true;
  return WEFT_OK;
}

static const char *joined(weft_diag *d, const char *const *names, size_t n) {
  const char *all = n ? names[0] : "";
  for (size_t i = 1; i < n; i++)
    all = weft_diag_text(d, "%s, %s", all, names[i]);
  return all;
}

weft_status yaml_choice(weft_diag *d, const yaml_tree *map, const char *key,
                        const char *const *names, size_t n, int *out) {
  const yaml_tree *t = yaml_get(map, key);
  if (!t)
    return WEFT_OK;
  for (size_t i = 0; t->kind == YAML_TREE_SCALAR && i < n; i++)
    if (strcmp(t->text, names[i]) == 0) {
      *out = (int)i;
      return WEFT_OK;
    }
  const char *near = t->kind == YAML_TREE_SCALAR ? weft_nearest(t->text, names, n) : NULL;
  return weft_fail(d, WEFT_E_CONFIG, yaml_where(d, t), found_text(d, t), joined(d, names, n),
                   near ? weft_diag_text(d, "did you mean %s?", near) : NULL);
}

weft_status yaml_known(weft_diag *d, const yaml_tree *map, const char *const *names, size_t n) {
  weft_status s = WEFT_OK;
  for (size_t i = 0; map && map->kind == YAML_TREE_MAP && i < map->n; i++) {
    const yaml_tree *t = map->child[i];
    size_t k = 0;
    while (k < n && strcmp(names[k], t->key) != 0)
      k++;
    if (k < n)
      continue;
    const char *near = weft_nearest(t->key, names, n);
    s = weft_fail(d, WEFT_E_CONFIG, yaml_where(d, t), "an unknown key", joined(d, names, n),
                  near ? weft_diag_text(d, "did you mean %s?", near) : NULL);
  }
  return s;
}
