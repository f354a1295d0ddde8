/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the text form (program_text.c describes it). As hostile as the binary. */
#include <string.h>

#include "isa/isa_table.h"
#include "isa/program_rec.h"

enum { MAX_LINE_BYTES = 1 << 20 };

typedef struct source {
  weft_arena *arena;
  weft_diag *d;
  const char *path;
  const char *at, *end;
  uint32_t line_number;
  char *line;                   /* current line, NUL-terminated               */
  size_t line_cap;
} source;

static weft_status bad(const source *s, const char *found, const char *allowed) {
  return weft_fail(s->d, WEFT_E_PROGRAM, weft_diag_text(s->d, "%s, line %u", s->path, s->line_number), found,
                   allowed, "weft inspect prints the form");
}

static weft_status bad_word(const source *s, const char *word, const char *allowed) {
  return bad(s, weft_diag_text(s->d, "\"%.60s\"", word), allowed);
}

/* Next line that is not empty and no comment; at the end, line is "". */
static weft_status next_line(source *s) {
  for (;;) {
    const char *nl = memchr(s->at, '\n', (size_t)(s->end - s->at));
    size_t n = (size_t)((nl != NULL ? nl : s->end) - s->at);
    s->line_number++;
    if (n > MAX_LINE_BYTES || memchr(s->at, '\0', n) != NULL)
      return bad(s, "a line that is too long or holds a NUL", "text lines of at most 1 MiB");
    s->line = weft_arena_grow(s->arena, s->line, &s->line_cap, n + 1, 1);
    memcpy(s->line, s->at, n);
    s->line[n] = '\0';
    if (n > 0 && s->line[n - 1] == '\r')
      s->line[n - 1] = '\0';
    bool last = nl == NULL;
    s->at = last ? s->end : nl + 1;
    if (last || (s->line[0] != '\0' && s->line[0] != ';'))
      return WEFT_OK;
  }
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

static bool take_number(const char **at, bool *negative, uint64_t *out) {
  const char *s = *at;
  uint64_t v = 0;
  int base = 10, n = 0;
  *negative = *s == '-';
  s += *negative;
  if (s[0] == '0' && s[1] == 'x') {
    base = 16;
    s += 2;
  }
  for (int digit; (digit = hex_digit(*s)) >= 0 && digit < base; s++, n++) {
    if (v > (UINT64_MAX - (uint64_t)digit) / (uint64_t)base)
      return false;
    v = v * (uint64_t)base + (uint64_t)digit;
  }
  *at = s;
  *out = v;
  return n > 0;
}

static weft_status take_32(source *s, const char **at, bool is_signed, uint8_t *to) {
  bool negative = false;
  uint64_t v = 0;
  const char *word = *at;
  uint64_t limit = is_signed ? INT32_MAX : UINT32_MAX;
  if (!take_number(at, &negative, &v) || (negative && (!is_signed || v > limit + 1 || v == 0)) || (!negative && v > limit))
    return bad_word(s, word, is_signed ? "a number of 32 bits" : "an unsigned number of 32 bits");
  uint32_t bits = negative ? 0 - (uint32_t)v : (uint32_t)v;
  memcpy(to, &bits, sizeof bits);
  return WEFT_OK;
}

static weft_status take_list(source *s, const char **at, int n, bool is_signed, uint8_t *to) {
  for (int k = 0; k < n; k++) {
    if (k > 0 && *(*at)++ != ',')
      return bad_word(s, *at - 1, "a comma and another number");
    WEFT_TRY(take_32(s, at, is_signed, to + 4 * k));
  }
  return WEFT_OK;
}

static weft_status take_shape(source *s, const char **at, uint8_t *to) {
  memset(to, 0, 32);
  WEFT_TRY(take_32(s, at, true, to));
  for (int k = 1; k < 8 && **at == ','; k++) {
    ++*at;
    WEFT_TRY(take_32(s, at, true, to + 4 * k));
  }
  return WEFT_OK;
}

static weft_status take_string(source *s, const char **at, uint8_t *to) {
  const char *p = *at;
  size_t n = 0;
  if (*p++ != '"')
    return bad_word(s, *at, "a string in double quotes");
  char *text = weft_arena_alloc(s->arena, strlen(p) + 1, 1);
  while (*p != '"' && *p != '\0') {
    char c = *p++;
    if (c == '\\' && p[0] == 'x' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
      c = (char)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
      p += 3;
    } else if (c == '\\' && (*p == '"' || *p == '\\')) {
      c = *p++;
    } else if (c == '\\') {
      return bad_word(s, p - 1, "\\\", \\\\ or \\xHH");
    }
    if (c == '\0')
      return bad_word(s, *at, "a string without NUL");
    text[n++] = c;
  }
  if (*p != '"' || n > WEFT_PROGRAM_MAX_STRING)
    return bad_word(s, *at, "a string of at most 65536 bytes and its closing quote");
  *at = p + 1;
  const char *kept = text;
  memcpy(to, &kept, sizeof kept);
  return WEFT_OK;
}

static weft_status take_float(source *s, const char **at, uint8_t *to) {
  const char *sign = strchr(*at, '@');
  if (sign == NULL)
    return bad_word(s, *at, "value@bits");
  *at = sign + 1;
  return take_32(s, at, false, to);
}

static weft_status take_value(source *s, const char **at, weft_rec_kind kind, uint8_t *to) {
  bool negative;
  uint64_t wide;
  const char *word = *at;
  switch (kind) {
  case WEFT_REC_STRING:
    return take_string(s, at, to);
  case WEFT_REC_U64:
    if (!take_number(at, &negative, &wide) || negative)
      return bad_word(s, word, "an unsigned number of 64 bits");
    memcpy(to, &wide, sizeof wide);
    return WEFT_OK;
  case WEFT_REC_SHAPE:
    return take_shape(s, at, to);
  case WEFT_REC_REGIONS:
    return take_list(s, at, 4, false, to);
  case WEFT_REC_F32:
    return take_float(s, at, to);
  case WEFT_REC_U32:
    return take_32(s, at, false, to);
  case WEFT_REC_I32:
    break;
  }
  return take_32(s, at, true, to);
}

/* The fields of a record, each once, in the order of its table. */
static weft_status take_record(source *s, const weft_rec *rec, uint8_t *item) {
  const char *at = s->line + strlen(rec->name);
  for (size_t f = 0; f < rec->n_fields; f++) {
    const weft_rec_field *field = &rec->fields[f];
    size_t n = strlen(field->name);
    if (strcmp(field->name, "config_text") == 0)
      continue;
    at += strspn(at, " \t");
    if (strncmp(at, field->name, n) != 0 || at[n] != '=')
      return bad_word(s, at, weft_diag_text(s->d, "%s=...", field->name));
    at += n + 1;
    WEFT_TRY(take_value(s, &at, field->kind, item + field->at));
    if (*at != '\0' && *at != ' ' && *at != '\t')
      return bad_word(s, at, "a space behind the value");
  }
  at += strspn(at, " \t");
  return *at == '\0' ? WEFT_OK : bad_word(s, at, "the end of the line");
}

static bool starts(const source *s, const char *word) {
  size_t n = strlen(word);
  return strncmp(s->line, word, n) == 0 && (s->line[n] == ' ' || s->line[n] == '\0');
}

static weft_status take_config(source *s, weft_program *p) {
  char *text = NULL;
  size_t n = 0, cap = 0;
  if (!starts(s, "config"))
    return bad_word(s, s->line, "config");
  for (;;) {
    WEFT_TRY(next_line(s));
    if (s->line[0] == '\0')
      return bad(s, "the end of the file", "end");
    if (starts(s, "end"))
      break;
    size_t more = strlen(s->line);
    text = weft_arena_grow(s->arena, text, &cap, n + more + 2, 1);
    memcpy(text + n, s->line, more);
    n += more;
    text[n++] = '\n';
    text[n] = '\0';
  }
  p->config_text = text != NULL ? text : "";
  return next_line(s);
}

static weft_status take_records(source *s, weft_program *p, weft_rec_id id) {
  const weft_rec *rec = &weft_recs[id];
  uint8_t *items = NULL;
  size_t n = 0, cap = 0;
  for (; starts(s, rec->name); n++) {
    items = weft_arena_grow(s->arena, items, &cap, n + 1, rec->bytes);
    memset(items + n * rec->bytes, 0, rec->bytes);
    WEFT_TRY(take_record(s, rec, items + n * rec->bytes));
    WEFT_TRY(next_line(s));
  }
  weft_rec_set_list(p, id, items, (uint32_t)n);
  return WEFT_OK;
}

static weft_status take_count(source *s, const char *word, uint64_t limit, uint64_t *n) {
  bool negative = true;
  if (!starts(s, word))
    return bad_word(s, s->line, word);
  const char *at = s->line + strlen(word);
  at += strspn(at, " ");
  if (!take_number(&at, &negative, n) || negative || *at != '\0' || *n > limit)
    return bad_word(s, s->line, weft_diag_text(s->d, "%s COUNT, at most %llu", word, (unsigned long long)limit));
  return WEFT_OK;
}

static weft_status take_code(source *s, weft_program *p) {
  uint64_t n = 0;
  /* an instruction is at least 3 characters and a newline */
  WEFT_TRY(take_count(s, "code", (uint64_t)(s->end - s->at) / 4 + 1, &n));
  weft_insn *insns = WEFT_NEW(s->arena, weft_insn, n);
  for (uint64_t k = 0; k < n; k++) {
    WEFT_TRY(next_line(s));
    WEFT_TRY(weft_insn_parse(s->d, s->path, s->line, (int)s->line_number, &insns[k]));
  }
  p->insns = insns;
  p->n_insns = (uint32_t)n;
  WEFT_TRY(next_line(s));
  if (!starts(s, "end"))
    return bad_word(s, s->line, "end behind the instructions");
  return next_line(s);
}

static weft_status take_hex(source *s, uint8_t *to, size_t room, size_t *n) {
  const char *at = s->line;
  uint64_t zeros = 0;
  if (starts(s, "zero")) {
    WEFT_TRY(take_count(s, "zero", room, &zeros));
    *n = (size_t)zeros;
    return zeros > 0 ? WEFT_OK : bad_word(s, s->line, "a count of at least 1");
  }
  for (*n = 0; at[0] != '\0'; at += 2, (*n)++) {
    int hi = hex_digit(at[0]), lo = hi < 0 ? -1 : hex_digit(at[1]);
    if (lo < 0 || *n == room)
      return bad_word(s, at, "pairs of hexadecimal digits, as many bytes as stated");
    to[*n] = (uint8_t)(hi << 4 | lo);
  }
  return *n > 0 ? WEFT_OK : bad(s, "the end of the file", "more constants");
}

static weft_status take_constants(source *s, weft_program *p) {
  enum { MAX_CONSTANTS = 1 << 28 };
  uint64_t size = 0;
  size_t n = 0;
  WEFT_TRY(take_count(s, "constants", MAX_CONSTANTS, &size));
  uint8_t *bytes = WEFT_NEW(s->arena, uint8_t, size);
  for (size_t at = 0; at < size; at += n) {
    WEFT_TRY(next_line(s));
    WEFT_TRY(take_hex(s, bytes + at, (size_t)size - at, &n));
  }
  p->constants = (weft_span){bytes, (size_t)size};
  WEFT_TRY(next_line(s));
  if (!starts(s, "end"))
    return bad_word(s, s->line, "end behind the constants");
  WEFT_TRY(next_line(s));
  return s->line[0] == '\0' ? WEFT_OK : bad_word(s, s->line, "the end of the file");
}

weft_status weft_program_assemble(weft_arena *arena, weft_diag *d, const char *path, weft_span text,
                                  weft_program **out) {
  source s = {.arena = arena, .d = d, .path = path};
  weft_program *p = WEFT_NEW(arena, weft_program, 1);
  s.at = text.size != 0 ? (const char *)text.data : "";
  s.end = s.at + text.size;
  WEFT_TRY(next_line(&s));
  if (strcmp(s.line, "weft-program 1") != 0)
    return bad_word(&s, s.line, "weft-program 1");
  WEFT_TRY(next_line(&s));
  if (!starts(&s, "program"))
    return bad_word(&s, s.line, "the program record");
  WEFT_TRY(take_record(&s, &weft_recs[WEFT_REC_PROGRAM], (uint8_t *)p));
  WEFT_TRY(next_line(&s));
  WEFT_TRY(take_config(&s, p));
  for (int id = WEFT_REC_INPUT; id < WEFT_N_RECS; id++)
    WEFT_TRY(take_records(&s, p, (weft_rec_id)id));
  WEFT_TRY(take_code(&s, p));
  WEFT_TRY(take_constants(&s, p));
  WEFT_TRY(weft_program_check(arena, d, path, p));
  *out = p;
  return WEFT_OK;
}
