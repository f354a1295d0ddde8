/* SPDX-License-Identifier: Apache-2.0 */
/* board.yaml: keys, limits, defaults. */
#include "build/board.h"

#include <stdio.h>
#include <string.h>

#include "config/yaml_tree.h"

typedef enum kind { KIND_WORD, KIND_NUM, KIND_MHZ, KIND_FLAG } kind;

typedef struct row {
  const char *key, *fallback, *choices, *doc;
  kind kind;
  int64_t min, max;
  size_t at;
} row;

#define HZ_MAX 1000000000

static const row rows[] = {
#define WORD(key, field, fallback, choices, doc) \
  {key, fallback, choices, doc, KIND_WORD, 0, 0, offsetof(weft_board, field)},
#define NUM(key, field, fallback, min, max, doc) \
  {key, fallback, NULL, doc, KIND_NUM, min, max, offsetof(weft_board, field)},
#define MHZ(key, field, fallback, doc) \
  {key, fallback, NULL, doc, KIND_MHZ, 1, HZ_MAX, offsetof(weft_board, field)},
#define FLAG(key, field, fallback, doc) \
  {key, fallback, NULL, doc, KIND_FLAG, 0, 1, offsetof(weft_board, field)},
#include "build/board.def"
};
#define N_ROWS (sizeof rows / sizeof *rows)

static const char *form_of(weft_diag *d, const row *k) {
  switch (k->kind) {
  case KIND_WORD: return k->choices ? k->choices : "a word of letters, digits and ._/+-";
  case KIND_NUM: return weft_diag_text(d, "%lld..%lld", (long long)k->min, (long long)k->max);
  case KIND_MHZ: return "MHz, more than 0, at most 1000, at most six decimals";
  case KIND_FLAG: return "true or false";
  }
  return "";
}

static bool is_word(const char *text) {
  if (strstr(text, "..") || text[0] == '/')
    return false;
  for (const char *p = text; *p; p++)
    if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/+-", *p))
      return false;
  const size_t n = strlen(text);
  return n > 0 && n <= 80;
}

static bool is_choice(const char *choices, const char *word) {
  const size_t n = strlen(word);
  for (const char *p = choices; (p = strstr(p, word)) != NULL; p++)
    if ((p == choices || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
      return true;
  return false;
}

static bool read_num(const char *text, int64_t *out) {
  const bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const char *digits = "0123456789abcdef";
  int64_t v = 0;
  size_t n = 0;
  for (const char *p = text + (is_hex ? 2 : 0); *p; p++, n++) {
    const char *at = strchr(digits, *p >= 'A' && *p <= 'F' ? *p + 32 : *p);
    if (!at || at - digits >= (is_hex ? 16 : 10) || n == 15)
      return false;
    v = v * (is_hex ? 16 : 10) + (at - digits);
  }
  *out = v;
  return n > 0;
}

/* "27", "40.5": exact, in Hz. */
static bool read_mhz(const char *text, int64_t *out) {
  int64_t v = 0;
  int places = -1;
  for (const char *p = text; *p; p++) {
    if (*p == '.' && places < 0 && p != text) {
      places = 0;
      continue;
    }
    if (*p < '0' || *p > '9' || v > HZ_MAX || places == 6)
      return false;
    v = v * 10 + (*p - '0');
    places += places >= 0;
  }
  for (int i = places < 0 ? 0 : places; i < 6; i++)
    v = v > HZ_MAX ? v : v * 10;
  *out = v;
  return places != 0 && text[0] != '\0';
}

static bool set(weft_board *b, const row *k, const char *value) {
  char *field = (char *)b + k->at;
  int64_t v = 0;
  switch (k->kind) {
  case KIND_WORD:
    *(const char **)(void *)field = value;
    return is_word(value) && (!k->choices || is_choice(k->choices, value));
  case KIND_FLAG:
    *(bool *)(void *)field = strcmp(value, "true") == 0;
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
  case KIND_NUM:
  case KIND_MHZ:
    if (!(k->kind == KIND_MHZ ? read_mhz(value, &v) : read_num(value, &v)))
      return false;
    *(int64_t *)(void *)field = v;
    return v >= k->min && v <= k->max;
  }
  return false;
}

static weft_status read_row(weft_diag *d, const yaml_tree *map, const row *k, weft_board *b) {
  const yaml_tree *node = yaml_get(map, k->key);
  if (!node && k->fallback) {
    (void)set(b, k, k->fallback);
    return WEFT_OK;
  }
  if (!node)
    return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s: %s", map->file, k->key),
                     "no such key in the file", form_of(d, k), k->doc);
  if (node->kind == YAML_TREE_SCALAR && set(b, k, node->text))
    return WEFT_OK;
  const char *found = node->kind == YAML_TREE_SCALAR ? node->text : "a nested value";
  return weft_fail(d, WEFT_E_CONFIG, yaml_where(d, node), weft_diag_text(d, "'%.80s'", found),
                   form_of(d, k), k->doc);
}

weft_status weft_board_parse(weft_arena *arena, weft_diag *d, const char *where,
                             weft_span yaml, weft_board **out) {
  const char *keys[N_ROWS];
  yaml_tree *map = NULL;
  WEFT_TRY(yaml_tree_parse(arena, d, where, yaml, &map));
  if (map->kind != YAML_TREE_MAP)
    return yaml_fail(d, map, "lines of 'key: value'");
  for (size_t i = 0; i < N_ROWS; i++)
    keys[i] = rows[i].key;
  weft_status s = yaml_known(d, map, keys, N_ROWS);
  *out = WEFT_NEW(arena, weft_board, 1);
  for (size_t i = 0; i < N_ROWS; i++) {
    const weft_status one = read_row(d, map, &rows[i], *out);
    s = one != WEFT_OK ? one : s;
  }
  return s;
}

uint32_t weft_board_id(const weft_board *b) {
  return weft_crc32(b->name, strlen(b->name), 0);
}

char *weft_board_package(weft_arena *arena, const weft_board *b, uint64_t build_id) {
  return weft_arena_printf(
    arena,
    "// SPDX-License-Identifier: Apache-2.0\n"
    "// Generated from board.yaml; do not edit.\n"
    "/* verilator lint_off UNUSEDPARAM */\n"
    "package weft_board_pkg;\n"
    "  localparam int ClockHz = %lld;\n"
    "  localparam int TargetHz = %lld;\n"
    "  localparam int Baud = %lld;\n"
    "  localparam logic [31:0] BoardId = 32'h%08x;\n"
    "  localparam logic [63:0] BuildId = 64'h%016llx;\n"
    "  localparam logic [31:0] MemBytes = 32'd%lld;\n"
    "  localparam int MemDataBits = %lld;\n"
    "  localparam int MemRowBits = %lld;\n"
    "  localparam int MemColBits = %lld;\n"
    "  localparam bit MemHasDqm = %d;\n"
    "  localparam string MemKind = \"%s\";\n"
    "endpackage\n"
    "/* verilator lint_on UNUSEDPARAM */\n",
    (long long)b->clock_hz, (long long)b->target_hz, (long long)b->baud, weft_board_id(b),
    (unsigned long long)build_id, (long long)b->memory_bytes, (long long)b->memory_data_bits,
    (long long)b->memory_row_bits, (long long)b->memory_col_bits, b->memory_has_dqm,
    b->memory_kind);
}
