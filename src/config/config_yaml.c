/* SPDX-License-Identifier: Apache-2.0 */
/* YAML of a machine: one document, one flat mapping of plain scalars, every key
 * once. Read by events, so that nothing deeper than a scalar is ever built:
 * nesting, aliases, anchors, tags and further documents end the reading. */
#include "config/config_rows.h"

#include <string.h>
#include <yaml.h>

typedef struct reader {
  weft_arena *arena;
  weft_diag *d;
  const char *where;
  yaml_parser_t parser;
  yaml_event_t event;
  bool has_event;
  weft_status worst;            /* of keys: reading goes on, to tell all of them */
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

static weft_status expect(reader *r, yaml_event_type_t type, const char *what) {
  WEFT_TRY(next(r));
  return r->event.type == type ? WEFT_OK : fail(r, "something else", what);
}

/* The current event as a NUL-terminated plain scalar. */
static weft_status scalar(reader *r, const char *what, const char **text) {
  if (r->event.type != YAML_SCALAR_EVENT)
    return fail(r, r->event.type == YAML_ALIAS_EVENT ? "an alias" : "a nested value",
                what);
  const char *value = (const char *)r->event.data.scalar.value;
  const size_t n = r->event.data.scalar.length;
  if (r->event.data.scalar.anchor || r->event.data.scalar.tag)
    return fail(r, "an anchor or tag", what);
  if (r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE || memchr(value, 0, n))
    return fail(r, "a quoted or block scalar", what);
  char *copy = weft_arena_alloc(r->arena, n + 1, 1);
  memcpy(copy, value, n);
  *text = copy;
  return WEFT_OK;
}

static const char *form_of(const weft_config_row *row) {
  return row->is_frac ? "N or N/M, 1..64 each" : "a decimal integer";
}

static weft_status read_pair(reader *r, weft_config *c, bool *seen) {
  const char *key = NULL;
  const char *value = NULL;
  WEFT_TRY(scalar(r, "a key of the configuration", &key));
  const char *nearest = NULL;
  const weft_config_row *row = weft_config_find(key, &nearest);
  const size_t line = r->event.start_mark.line + 1;
  const char *where = weft_diag_text(r->d, "%s:%zu: %.80s", r->where, line, key);
  if (!row) {
    r->worst = weft_fail(r->d, WEFT_E_CONFIG, where, "an unknown key",
                         "the keys of configs/CONFIG.md",
                         nearest ? weft_diag_text(r->d, "did you mean %s?", nearest)
                                 : "see 'weft config show base'");
    WEFT_TRY(next(r));
    return scalar(r, "one value", &value);
  }
  size_t n_rows = 0;
  const size_t i = (size_t)(row - weft_config_rows(&n_rows));
  if (seen[i])
    return weft_fail(r->d, WEFT_E_CONFIG, where, "the key a second time",
                     "every key once", "remove one of the lines");
  seen[i] = true;
  WEFT_TRY(next(r));
  WEFT_TRY(scalar(r, form_of(row), &value));
  if (!weft_config_set_text(c, row, value, strlen(value)))
    r->worst = weft_fail(r->d, WEFT_E_CONFIG, where,
                         weft_diag_text(r->d, "'%.80s'", value), form_of(row),
                         row->doc);
  return WEFT_OK;
}

static weft_status fail_missing(reader *r, const bool *seen) {
  size_t n_rows = 0;
  const weft_config_row *rows = weft_config_rows(&n_rows);
  weft_status s = WEFT_OK;
  for (size_t i = 0; i < n_rows; i++)
    if (!seen[i] && !rows[i].is_optional)
      s = weft_fail(r->d, WEFT_E_CONFIG,
                    weft_diag_text(r->d, "%s: %s", r->where, rows[i].key),
                    "no such key in the file", "every key in every file",
                    rows[i].is_frac
                      ? "add it: N or N/M"
                      : weft_diag_text(r->d, "add '%s: N' with N in %d..%d",
                                       rows[i].key, rows[i].min, rows[i].max));
  return s;
}

static weft_status read_document(reader *r, weft_config *c) {
  bool seen[64] = {false};
  _Static_assert(sizeof(weft_config) / sizeof(int32_t) < 64, "seen is too small");
  WEFT_TRY(expect(r, YAML_STREAM_START_EVENT, "a YAML stream"));
  WEFT_TRY(expect(r, YAML_DOCUMENT_START_EVENT, "one document"));
  WEFT_TRY(expect(r, YAML_MAPPING_START_EVENT, "lines of 'key: value'"));
  if (r->event.data.mapping_start.anchor || r->event.data.mapping_start.tag)
    return fail(r, "an anchor or tag", "lines of 'key: value'");
  for (;;) {
    WEFT_TRY(next(r));
    if (r->event.type == YAML_MAPPING_END_EVENT)
      break;
    WEFT_TRY(read_pair(r, c, seen));
  }
  WEFT_TRY(expect(r, YAML_DOCUMENT_END_EVENT, "the end of the document"));
  WEFT_TRY(expect(r, YAML_STREAM_END_EVENT, "one document"));
  const weft_status missing = fail_missing(r, seen);
  return missing != WEFT_OK ? missing : r->worst;
}

weft_status weft_config_read_yaml(weft_arena *arena, weft_diag *d,
                                  const char *where, weft_span yaml,
                                  weft_config *c) {
  reader r = {.arena = arena, .d = d, .where = where};
  if (!yaml_parser_initialize(&r.parser))
    weft_out_of_memory(0);
  yaml_parser_set_input_string(&r.parser, yaml.data, yaml.size);
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  const weft_status s = read_document(&r, c);
  if (r.has_event)
    yaml_event_delete(&r.event);
  yaml_parser_delete(&r.parser);
  return s;
}
