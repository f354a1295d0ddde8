/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "import/import_int.h"

enum { MAX_TEXT = 100 };

weft_status import_bad(import_file *f, size_t line, const char *found, const char *allowed) {
  return weft_fail(f->d, WEFT_E_CONFIG,
                   line ? weft_diag_text(f->d, "%s:%zu", f->path, line) : weft_diag_text(f->d, "%s", f->path),
                   weft_diag_text(f->d, "%.100s", found), allowed, NULL);
}

/* Printable, at most MAX_TEXT bytes. */
static const char *clean(weft_arena *arena, const char *text) {
  char *copy = weft_arena_printf(arena, "%.*s", MAX_TEXT, text);
  for (char *p = copy; *p; p++)
    if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
      *p = '?';
  return copy;
}

weft_status import_add(import_file *f, size_t line, const char *section, const char *key, const char *value) {
  const char *name = clean(f->arena, key), *part = clean(f->arena, section);
  for (size_t i = 0; i < f->n; i++)
    if (strcmp(f->entries[i].key, name) == 0 && strcmp(f->entries[i].section, part) == 0)
      return import_bad(f, line, weft_diag_text(f->d, "%s a second time", name), "each key once");
  if (f->n == IMPORT_MAX_ENTRIES)
    return import_bad(f, line, "too many entries", weft_diag_text(f->d, "at most %d", IMPORT_MAX_ENTRIES));
  f->entries = weft_arena_grow(f->arena, f->entries, &f->cap, f->n + 1, sizeof *f->entries);
  f->entries[f->n++] = (import_entry){part, name, clean(f->arena, value), line};
  return WEFT_OK;
}

/* ---- lines ------------------------------------------------------------------- */
static char *trim(char *text) {
  while (isspace((unsigned char)*text))
    text++;
  size_t n = strlen(text);
  while (n > 0 && isspace((unsigned char)text[n - 1]))
    text[--n] = '\0';
  return text;
}

/* The next line, ended; NULL behind the last. */
static char *next_line(char **rest) {
  char *line = *rest;
  if (!line)
    return NULL;
  char *end = strchr(line, '\n');
  *rest = end ? end + 1 : NULL;
  if (end)
    *end = '\0';
  return line;
}

static char *text_of(import_file *f, weft_span text) {
  return weft_arena_printf(f->arena, "%.*s", (int)text.size, (const char *)text.data);
}

static void cut_comment(char *line, const char *mark) {
  char *at = strstr(line, mark);
  if (at)
    *at = '\0';
}

/* ---- INI --------------------------------------------------------------------- */
weft_status import_read_ini(import_file *f, weft_span text) {
  char *rest = text_of(f, text);
  const char *section = "";
  size_t number = 0;
  for (char *line; (line = next_line(&rest)) != NULL;) {
    number++;
    line = trim(line);
    const size_t n = strlen(line);
    if (n == 0 || *line == ';' || *line == '#')
      continue;
    if (*line == '[') {
      if (line[n - 1] != ']' || n < 3)
        return import_bad(f, number, line, "[section]");
      line[n - 1] = '\0';
      section = line + 1;
      continue;
    }
    char *sign = line + strcspn(line, "=:");
    if (*sign == '\0' || sign == line)
      return import_bad(f, number, line, "key = value, or [section]");
    *sign++ = '\0';
    WEFT_TRY(import_add(f, number, section, trim(line), trim(sign)));
  }
  return WEFT_OK;
}

/* ---- C header ------------------------------------------------------------------ */
static bool is_word(const char *text) {
  if (!isalpha((unsigned char)*text) && *text != '_')
    return false;
  for (; *text; text++)
    if (!isalnum((unsigned char)*text) && *text != '_')
      return false;
  return true;
}

/* "NAME VALUE" after #define; macros with arguments and the guard of the file are no
 * configuration. */
static weft_status add_define(import_file *f, size_t number, char *text, const char *guard) {
  const size_t n = strcspn(text, " \t");
  char *value = text + n + (text[n] != '\0');
  text[n] = '\0';
  return is_word(text) && strcmp(text, guard) != 0 ? import_add(f, number, "", text, trim(value)) : WEFT_OK;
}

/* "TYPE NAME;" after typedef. */
static weft_status add_typedef(import_file *f, size_t number, char *text) {
  char *end = strchr(text, ';');
  if (end)
    *end = '\0';
  text = trim(text);
  char *name = strrchr(text, ' ');
  if (!name || !is_word(name + 1))
    return WEFT_OK;
  *name++ = '\0';
  return import_add(f, number, "", name, trim(text));
}

/* Block comments become blanks; lines stay lines. */
static void blank_comments(char *text) {
  for (char *at = text; (at = strstr(at, "/*")) != NULL;) {
    const char *end = strstr(at + 2, "*/");
    for (; *at && (!end || at < end + 2); at++)
      if (*at != '\n')
        *at = ' ';
  }
}

/* Below #if a key may come again; which one counts is the compiler's business. */
static bool is_again(const import_file *f, const char *key) {
  const size_t n = strcspn(key, " \t(");
  for (size_t i = 0; i < f->n; i++)
    if (strncmp(f->entries[i].key, key, n) == 0 && f->entries[i].key[n] == '\0')
      return true;
  return false;
}

static weft_status add_conditional(import_file *f, size_t number, char *text) {
  const size_t n = strcspn(text, " \t");
  char *value = text + n + (text[n] != '\0');
  text[n] = '\0';
  return import_add(f, number, weft_arena_printf(f->arena, "%s%zu", IMPORT_CONDITIONAL, number), text, trim(value));
}

weft_status import_read_header(import_file *f, weft_span text) {
  char *rest = text_of(f, text);
  blank_comments(rest);
  size_t number = 0;
  const char *guard = "";
  bool goes_on = false, is_conditional = false;
  for (char *line; (line = next_line(&rest)) != NULL;) {
    number++;
    const bool is_rest = goes_on;
    cut_comment(line, "//");
    line = trim(line);
    goes_on = *line != '\0' && line[strlen(line) - 1] == '\\';
    if (is_rest)
      continue;
    is_conditional |= strncmp(line, "#el", 3) == 0 || (strncmp(line, "#if", 3) == 0 && *guard);
    if (is_conditional && strncmp(line, "#define ", 8) == 0 && is_again(f, trim(line + 8)))
      WEFT_TRY(add_conditional(f, number, trim(line + 8)));
    else if (strncmp(line, "#define ", 8) == 0)
      WEFT_TRY(add_define(f, number, trim(line + 8), guard));
    else if (strncmp(line, "#ifndef ", 8) == 0)
      guard = trim(line + 8);
    else if (strncmp(line, "typedef ", 8) == 0)
      WEFT_TRY(add_typedef(f, number, line + 8));
  }
  return WEFT_OK;
}

/* ---- Scala --------------------------------------------------------------------- */
/* The end of a value: the comma or bracket that is not inside its own brackets. */
static char *value_end(char *text) {
  int depth = 0;
  for (; *text; text++) {
    const bool opens = strchr("([{", *text) != NULL, closes = strchr(")]}", *text) != NULL;
    if (depth == 0 && (*text == ',' || closes))
      break;
    depth += opens - closes;
  }
  return text;
}

/* The '=' of an assignment, not of ==, =>, <= and the like. */
static char *find_assignment(char *line) {
  for (char *at = line; (at = strchr(at, '=')) != NULL; at++)
    if (at > line && !strchr("=<>!+-*/", at[-1]) && at[1] != '=' && at[1] != '>')
      return at;
  return NULL;
}

/* "val key: Type" to "key". */
static char *key_of(char *text) {
  char *colon = strchr(text, ':');
  if (colon)
    *colon = '\0';
  text = trim(text);
  char *blank = strrchr(text, ' ');
  return blank ? blank + 1 : text;
}

/* Every assignment of a line; a bracket that it opens and does not close holds others. */
static weft_status add_assignments(import_file *f, size_t number, char *line) {
  for (char *sign; line && (sign = find_assignment(line)) != NULL;) {
    *sign++ = '\0';
    char *key = key_of(line), *end = value_end(sign);
    line = *end ? end + 1 : NULL;
    *end = '\0';
    const char *value = trim(sign);
    const size_t n = strlen(value);
    if (is_word(key) && !(n > 0 && strchr("([{", value[n - 1])))
      WEFT_TRY(import_add(f, number, "", key, value));
  }
  return WEFT_OK;
}

weft_status import_read_scala(import_file *f, weft_span text) {
  char *rest = text_of(f, text);
  size_t number = 0;
  for (char *line; (line = next_line(&rest)) != NULL;) {
    number++;
    cut_comment(line, "//");
    WEFT_TRY(add_assignments(f, number, line));
  }
  return WEFT_OK;
}
