/* SPDX-License-Identifier: Apache-2.0 */
/* YAML of a machine: one document, one flat mapping of plain scalars, every key
 * once. Read by events, so that nothing deeper than a scalar is ever built. What
 * is wrong with a line is told and the reading goes on, to tell all of them. */
#include "config/config_rows.h"
#include "config/yaml_tree.h"

#include <string.h>
#include <yaml.h>

#define MAX_DEPTH 8             /* of a value that is no scalar and is skipped */

typedef struct reader {
  weft_arena *arena;
  weft_diag *d;
  const char *where;
  yaml_parser_t parser;
  yaml_event_t event;
  bool has_event;
  weft_status worst;            /* of lines */
  bool is_seen[WEFT_CONFIG_MAX_ROWS];
} reader;

static weft_status fail(reader *r, const char *found, const char *allowed) {
  const size_t line = r->has_event ? r->event.start_mark.line + 1
                                   : r->parser.problem_mark.line + 1;
  return weft_fail(r->d, WEFT_E_CONFIG,
                   weft_diag_text(r->d, "%s:%zu", r->where, line), found,
                   allowed, "'weft config show base' prints a complete file");
}

static weft_status next(reader *r) {
  if (r->has_event)
    yaml_event_delete(&r->event);
  r->has_event = false;
  if (!yaml_parser_parse(&r->parser, &r->event)) {
    if (r->parser.error == YAML_MEMORY_ERROR)
      weft_out_of_memory(0);
    const char *problem = r->parser.problem ? r->parser.problem : "damaged";
    return fail(r, weft_diag_text(r->d, "%s", problem), "valid YAML");
  }
  r->has_event = true;
  return WEFT_OK;
}

static const char *event_name(yaml_event_type_t type) {
  switch ((int)type) {
  case YAML_STREAM_END_EVENT: return "an empty file";
  case YAML_DOCUMENT_START_EVENT: return "a second document";
  case YAML_SEQUENCE_START_EVENT: return "a list";
  case YAML_SCALAR_EVENT: return "a value without a key";
  default: return "something else";
  }
}

static weft_status expect(reader *r, yaml_event_type_t type, const char *what) {
  WEFT_TRY(next(r));
  return r->event.type == type ? WEFT_OK : fail(r, event_name(r->event.type), what);
}

static void tell(reader *r, const char *where, const char *found, const char *allowed, const char *remedy) {
  r->worst = weft_fail(r->d, WEFT_E_CONFIG, where, found, allowed, remedy);
}

static const char *problem_of_scalar(const yaml_event_t *e) {
  if (e->type == YAML_ALIAS_EVENT)
    return "an alias";
  if (e->type != YAML_SCALAR_EVENT)
    return "a nested value";
  if (e->data.scalar.anchor || e->data.scalar.tag)
    return "an anchor or tag";
  const bool is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  return is_plain && !memchr(e->data.scalar.value, 0, e->data.scalar.length) ? NULL : "a quoted or block scalar";
}

/* From the first event of a node to its last. */
static weft_status skip(reader *r) {
  int depth = 0;
  for (;;) {
    const yaml_event_type_t type = r->event.type;
    depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
    depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
    if (depth > MAX_DEPTH)
      return fail(r, "a deeply nested value", "lines of 'key: value'");
    if (depth == 0)
      return WEFT_OK;
    WEFT_TRY(next(r));
  }
}

/* The node at the current event as text; NULL: it is none, was told and skipped. */
static weft_status scalar(reader *r, const char *what, const char **text) {
  const char *problem = problem_of_scalar(&r->event);
  *text = NULL;
  if (problem) {
    r->worst = fail(r, problem, what);
    return skip(r);
  }
  const size_t n = r->event.data.scalar.length;
  char *copy = weft_arena_alloc(r->arena, n + 1, 1);
  memcpy(copy, r->event.data.scalar.value, n);
  *text = copy;
  return WEFT_OK;
}

static const char *form_of(const weft_config_row *row) {
  return row->is_frac ? "N or N/M, 1..64 each" : "a decimal integer";
}

/* NULL: told. */
static const weft_config_row *row_of(reader *r, const char *where, const char *key) {
  const char *nearest = NULL;
  const weft_config_row *row = weft_config_find(key, &nearest);
  if (!row) {
    tell(r, where, "an unknown key", "the keys of configs/CONFIG.md",
         nearest ? weft_diag_text(r->d, "did you mean %s?", nearest) : "see 'weft config show base'");
    return NULL;
  }
  size_t n_rows = 0;
  bool *is_seen = &r->is_seen[row - weft_config_rows(&n_rows)];
  if (*is_seen) {
    tell(r, where, "the key a second time", "every key once", "remove one of the lines");
    return NULL;
  }
  *is_seen = true;
  return row;
}

static weft_status read_pair(reader *r, weft_config *c, bool *is_known) {
  const char *key = NULL;
  const char *value = NULL;
  const size_t line = r->event.start_mark.line + 1;
  WEFT_TRY(scalar(r, "a key of the configuration", &key));
  const char *where = weft_diag_text(r->d, "%s:%zu: %.80s", r->where, line, key ? key : "");
  const weft_config_row *row = key ? row_of(r, where, key) : NULL;
  WEFT_TRY(next(r));
  WEFT_TRY(scalar(r, row ? form_of(row) : "one value", &value));
  if (!row || !value)
    return WEFT_OK;
  size_t n_rows = 0;
  const bool is_number = weft_config_set_text(c, row, value, strlen(value));
  is_known[row - weft_config_rows(&n_rows)] = is_number;
  if (!is_number)
    tell(r, where, weft_diag_text(r->d, "'%.80s'", value), form_of(row), row->doc);
  return WEFT_OK;
}

/* A rule reads the 0 of an optional key that is absent. */
static void tell_missing(reader *r, bool *is_known) {
  size_t n_rows = 0;
  const weft_config_row *rows = weft_config_rows(&n_rows);
  for (size_t i = 0; i < n_rows; i++) {
    if (r->is_seen[i])
      continue;
    is_known[i] = rows[i].is_optional;
    if (!rows[i].is_optional)
      tell(r, weft_diag_text(r->d, "%s: %s", r->where, rows[i].key), "no such key in the file",
           "every key in every file",
           rows[i].is_frac ? "add it: N or N/M"
                           : weft_diag_text(r->d, "add '%s: N' with N in %d..%d", rows[i].key, rows[i].min,
                                            rows[i].max));
  }
}

static weft_status read_document(reader *r, weft_config *c, bool *is_known) {
  WEFT_TRY(expect(r, YAML_STREAM_START_EVENT, "a YAML stream"));
  WEFT_TRY(expect(r, YAML_DOCUMENT_START_EVENT, "lines of 'key: value'"));
  WEFT_TRY(expect(r, YAML_MAPPING_START_EVENT, "lines of 'key: value'"));
  if (r->event.data.mapping_start.anchor || r->event.data.mapping_start.tag)
    return fail(r, "an anchor or tag", "lines of 'key: value'");
  for (;;) {
    WEFT_TRY(next(r));
    if (r->event.type == YAML_MAPPING_END_EVENT)
      break;
    WEFT_TRY(read_pair(r, c, is_known));
  }
  weft_status end = expect(r, YAML_DOCUMENT_END_EVENT, "the end of the document");
  end = end ? end : expect(r, YAML_STREAM_END_EVENT, "one document");
  if (end != WEFT_OK)
    return end;
  tell_missing(r, is_known);
  return r->worst;
}

weft_status weft_config_read_yaml(weft_arena *arena, weft_diag *d,
                                  const char *where, weft_span yaml,
                                  weft_config *c, bool *is_known) {
  reader r = {.arena = arena, .d = d, .where = where};
  if (!yaml_parser_initialize(&r.parser))
    weft_out_of_memory(0);
  const size_t mark = yaml_mark_bytes(yaml);
  yaml_parser_set_input_string(&r.parser, yaml.data + mark, yaml.size - mark);
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  const weft_status s = read_document(&r, c, is_known);
  if (r.has_event)
    yaml_event_delete(&r.event);
  yaml_parser_delete(&r.parser);
  return s;
}
