/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "import/import_int.h"

static const char *value_text(import_file *f, const json_t *value) {
  char *text = json_is_object(value) || json_is_array(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
  if (!text)
    return json_is_object(value) ? "{...}" : "[...]";
  const size_t n = strlen(text);
  const bool is_string = n >= 2 && text[0] == '"';
  const char *copy = weft_arena_printf(f->arena, "%.*s", (int)(is_string ? n - 2 : n), text + is_string);
  free(text);
  return copy;
}

weft_status import_read_json(import_file *f, weft_span text) {
  json_error_t error;
  const char *key = NULL;
  json_t *value = NULL;
  weft_status s = WEFT_OK;
  json_t *all = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
  if (!all)
    return import_bad(f, error.line > 0 ? (size_t)error.line : 0, error.text, "JSON");
  if (!json_is_object(all))
    s = import_bad(f, 0, "JSON that is no object", "{\"key\": value, ...}");
  json_object_foreach(all, key, value)
    if (s == WEFT_OK)
      s = import_add(f, 0, "", key, value_text(f, value));
  json_decref(all);
  return s;
}
