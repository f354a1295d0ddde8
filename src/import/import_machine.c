/* SPDX-License-Identifier: Apache-2.0 */
/* Wishes of a format to a legal machine, and the table of what became of each key. */
#include "import/import_machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config_rows.h"
#include "import/import_int.h"

#define FILE_CAP_BYTES ((size_t)1 << 20)

typedef enum format_id {
#define FORMAT(id, name, doc) FORMAT_##id,
#include "import/import.def"
  N_FORMATS
} format_id;
static const char *const format_names[N_FORMATS] = {
#define FORMAT(id, name, doc) name,
#include "import/import.def"
};
typedef struct known_key {
  format_id format;
  const char *key, *targets, *note;
} known_key;
static const known_key known_keys[] = {
#define KEY(format, key, targets, note) {FORMAT_##format, key, targets, note},
#include "import/import.def"
};
enum { N_KEYS = sizeof known_keys / sizeof *known_keys };

const char *import_fate_name(import_fate f) {
  static const char *const names[] = {"same", "nearest", "none", "unknown"};
  return names[f];
}

/* ---- entries ------------------------------------------------------------------ */
bool import_counts(const import_state *s, const import_entry *e) {
  if (!s->sections[0])
    return true;
  for (size_t i = 0; s->sections[i]; i++)
    if (strcmp(s->sections[i], e->section) == 0)
      return true;
  return false;
}

static bool is_key(const import_state *s, const char *a, const char *b) {
  return (s->any_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

const import_entry *import_find(const import_state *s, const char *section, const char *key) {
  for (size_t i = 0; i < s->file->n; i++) {
    const import_entry *e = &s->file->entries[i];
    if (strncmp(e->section, IMPORT_CONDITIONAL, strlen(IMPORT_CONDITIONAL)) == 0)
      continue;
    if (is_key(s, e->key, key) && (section ? strcmp(e->section, section) == 0 : import_counts(s, e)))
      return e;
  }
  return NULL;
}

weft_status import_parse(import_state *s, const import_entry *e, const char *text, double *out) {
  char *end = NULL;
  const double v = strtod(text, &end);
  while (end && *end == ' ')
    end++;
  if (end == text || *end != '\0' || !isfinite(v) || v < 0 || v > 1e12)
    return import_bad(s->file, e->line, weft_diag_text(s->file->d, "%s: %s", e->key, text), "a number, 0 to 1e12");
  *out = v;
  return WEFT_OK;
}

weft_status import_number(import_state *s, const char *section, const char *key, bool must_be, double *out) {
  const import_entry *e = import_find(s, section, key);
  if (e)
    return import_parse(s, e, e->value, out);
  return must_be ? import_bad(s->file, 0, weft_diag_text(s->file->d, "no %s", key), "a file of the format of --from")
                 : WEFT_OK;
}

void import_wish_for(import_state *s, const char *target, double wanted) {
  for (size_t i = 0; i < s->n_wishes; i++)
    if (strcmp(s->wishes[i].target, target) == 0) {
      s->wishes[i].wanted = wanted;
      return;
    }
  if (s->n_wishes < IMPORT_MAX_WISHES)
    s->wishes[s->n_wishes++] = (import_wish){target, wanted};
}

static const import_wish *wish_of(const import_state *s, const char *target) {
  for (size_t i = 0; i < s->n_wishes; i++)
    if (strcmp(s->wishes[i].target, target) == 0)
      return &s->wishes[i];
  return NULL;
}

/* ---- the nearest legal machine -------------------------------------------------- */
static int32_t power_near(double v, int32_t lo, int32_t hi) {
  int32_t best = lo;
  for (int32_t p = 1; p <= hi; p *= 2)
    if (p >= lo && fabs(p - v) < fabs(best - v))
      best = p;
  return best;
}

static int32_t least_power(int32_t v) {
  int32_t p = 1;
  while (p < v)
    p *= 2;
  return p;
}

static int32_t clamp(double v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : (int32_t)lround(v); }

/* N/M with N, M in 1..64; more than a beat a cycle does not come. */
static void set_rate(weft_config *c, double rate) {
  double best = HUGE_VAL;
  for (int32_t den = 1; den <= WEFT_FRAC_MAX; den++)
    for (int32_t num = 1; num <= WEFT_FRAC_MAX && num <= den * c->beat_bytes; num++) {
      const double error = fabs((double)num / den - rate);
      if (error < best - 1e-12) {
        best = error;
        c->dram_rate_num = num;
        c->dram_rate_den = den;
      }
    }
}

static double wanted(const import_state *s, const char *target, double otherwise) {
  const import_wish *w = wish_of(s, target);
  return w ? w->wanted : otherwise;
}

/* The ranges are params.def's; weft_config_check has the last word. */
static void settle(import_state *s) {
  weft_config *c = s->config;
  c->rows = power_near(wanted(s, "array.rows", c->rows), 2, 32);
  c->cols = power_near(wanted(s, "array.cols", c->cols), 4, 32);
  c->word_bytes = c->cols;
  c->lanes = least_power((c->rows * c->cols + 8) / 9);
  c->lanes = c->lanes < c->cols ? c->lanes : c->cols;
  c->acc_bits = clamp(wanted(s, "array.acc_bits", c->acc_bits), 20, 32);
  const int32_t bank_bytes = c->rows * c->word_bytes;
  const int32_t least_kib = least_power((16 * bank_bytes + 1023) / 1024);
  const int32_t most_kib = 32 * bank_bytes < 1024 ? 32 * bank_bytes : 1024;
  c->spm_kib = power_near(wanted(s, "scratchpad.kib", c->spm_kib), least_kib, most_kib);
  c->ring_kib = power_near(wanted(s, "ring.kib", c->ring_kib), 1, 1024);
  c->queue_depth = power_near(wanted(s, "queue.depth", c->queue_depth), 4, 64);
  const double rate = wanted(s, "dram.bytes_per_cycle", (double)c->dram_rate_num / c->dram_rate_den);
  while (c->beat_bytes < rate && c->beat_bytes < 16)
    c->beat_bytes *= 2;
  c->beat_bytes = power_near(wanted(s, "dram.beat_bytes", c->beat_bytes), 4, c->cols < 16 ? c->cols : 16);
  set_rate(c, rate);
  c->dram_latency = clamp(wanted(s, "dram.latency", c->dram_latency), 1, 1000);
}

/* ---- the table -------------------------------------------------------------------- */
static const known_key *find_key(const import_state *s, format_id format, const char *key) {
  static const known_key other = {FORMAT_VELA, "", NULL, "a memory that holds no constants: weft has one memory"};
  for (size_t i = 0; i < N_KEYS; i++)
    if (known_keys[i].format == format && is_key(s, known_keys[i].key, key))
      return &known_keys[i];
  const char *rest = format == FORMAT_VELA ? strchr(key, '_') : NULL;
  if (!rest)
    return NULL;
  const size_t n = (size_t)(rest - key);
  const bool is_ours = s->memory && strlen(s->memory) == n && strncasecmp(s->memory, key, n) == 0;
  for (size_t i = 0; i < N_KEYS; i++)
    if (known_keys[i].format == format && is_key(s, known_keys[i].key, rest + 1))
      return is_ours ? &known_keys[i] : &other;
  return NULL;
}

static double final_value(const weft_config *c, const weft_config_row *row) {
  return (double)weft_config_get(c, row) / (row->is_frac ? weft_config_get_den(c, row) : 1);
}

static const char *final_text(weft_arena *arena, const weft_config *c, const weft_config_row *row) {
  const int32_t den = row->is_frac ? weft_config_get_den(c, row) : 1;
  return den == 1 ? weft_arena_printf(arena, "%s %d", row->key, weft_config_get(c, row))
                  : weft_arena_printf(arena, "%s %d/%d", row->key, weft_config_get(c, row), den);
}

static void tell(const import_state *s, const known_key *k, import_row *r) {
  weft_arena *arena = s->file->arena;
  r->note = k->note;
  r->becomes = "";
  r->fate = IMPORT_NONE;
  for (const char *at = k->targets; at && *at; at += strspn(at, " ")) {
    const size_t n = strcspn(at, " ");
    const char *target = weft_arena_printf(arena, "%.*s", (int)n, at);
    const import_wish *w = wish_of(s, target);
    at += n;
    if (!w)
      continue;
    const char *nearest = NULL;
    const weft_config_row *row = weft_config_find(target, &nearest);
    const bool is_same = fabs(final_value(s->config, row) - w->wanted) < 1e-9;
    r->becomes = weft_arena_printf(arena, "%s%s%s", r->becomes, *r->becomes ? ", " : "",
                                   final_text(arena, s->config, row));
    if (!is_same)
      r->note = weft_arena_printf(arena, "%s; asks for %s %.6g", r->note, target, w->wanted);
    r->fate = r->fate == IMPORT_NEAREST || !is_same ? IMPORT_NEAREST : IMPORT_SAME;
  }
}

static const char *nearest_key(format_id format, const char *key) {
  const char *names[N_KEYS];
  size_t n = 0;
  for (size_t i = 0; i < N_KEYS; i++)
    if (known_keys[i].format == format)
      names[n++] = known_keys[i].key;
  return weft_nearest(key, names, n);
}

static void make_rows(const import_state *s, format_id format, import_result *out) {
  const import_file *f = s->file;
  out->rows = WEFT_NEW(f->arena, import_row, f->n + 1);
  for (size_t i = 0; i < f->n; i++) {
    const import_entry *e = &f->entries[i];
    if (!import_counts(s, e))
      continue;
    import_row *r = &out->rows[out->n_rows++];
    *r = (import_row){.key = e->key, .value = e->value, .line = e->line};
    if (strncmp(e->section, IMPORT_CONDITIONAL, strlen(IMPORT_CONDITIONAL)) == 0) {
      r->fate = IMPORT_NONE;
      r->becomes = "";
      r->note = "again below #if: conditional, not read";
      continue;
    }
    const known_key *k = find_key(s, format, e->key);
    if (k) {
      tell(s, k, r);
      continue;
    }
    const char *nearest = nearest_key(format, e->key);
    r->fate = IMPORT_UNKNOWN;
    r->becomes = "";
    r->note = nearest ? weft_arena_printf(f->arena, "no key that weft knows of; %s?", nearest)
                      : "no key that weft knows of";
  }
}

static void list_filled(const import_state *s, import_result *out) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  out->filled = "";
  for (size_t i = 0; i < n; i++)
    if (!wish_of(s, rows[i].key) && !rows[i].is_optional)
      out->filled = weft_arena_printf(s->file->arena, "%s%s%s", out->filled, *out->filled ? ", " : "",
                                      final_text(s->file->arena, s->config, &rows[i]));
}

/* ---- formats ------------------------------------------------------------------------ */
static bool has_defines(weft_span text) {
  const char *at = (const char *)text.data;
  for (size_t i = 0; i + 8 <= text.size; i++)
    if (memcmp(at + i, "#define ", 8) == 0)
      return true;
  return false;
}

static weft_status read_entries(import_file *f, format_id format, weft_span text) {
  if (memchr(text.data, '\0', text.size))
    return import_bad(f, 0, "a byte 0", "text");
  if (format == FORMAT_VTA || format == FORMAT_TENSIL)
    return import_read_json(f, text);
  if (format == FORMAT_GEMMINI)
    return has_defines(text) ? import_read_header(f, text) : import_read_scala(f, text);
  return import_read_ini(f, text);
}

static weft_status find_format(weft_diag *d, const char *name, format_id *out) {
  for (*out = 0; *out < N_FORMATS; (*out)++)
    if (strcmp(format_names[*out], name) == 0)
      return WEFT_OK;
  const char *nearest = weft_nearest(name, format_names, N_FORMATS);
  return weft_fail(d, WEFT_E_USAGE, "--from", weft_diag_text(d, "'%.60s'", name), "gemmini, vta, tensil, scalesim, vela",
                   nearest ? weft_diag_text(d, "did you mean %s?", nearest) : NULL);
}

weft_status weft_import(weft_arena *arena, weft_diag *d, const char *format, const char *path,
                        const import_options *o, import_result *out) {
  static weft_status (*const read[N_FORMATS])(import_state *s) = {import_gemmini, import_vta, import_tensil,
                                                                  import_scalesim, import_vela};
  format_id id;
  weft_span text;
  import_file f = {.arena = arena, .d = d, .path = path};
  import_state s = {.file = &f, .options = o};
  *out = (import_result){0};
  WEFT_TRY(find_format(d, format, &id));
  WEFT_TRY(weft_file_read(arena, d, path, FILE_CAP_BYTES, &text));
  WEFT_TRY(read_entries(&f, id, text));
  WEFT_TRY(weft_config_load(arena, d, "base", NULL, 0, &s.config));
  s.config->name = path;
  s.any_case = id == FORMAT_SCALESIM || id == FORMAT_VELA;
  WEFT_TRY(read[id](&s));
  settle(&s);
  make_rows(&s, id, out);
  list_filled(&s, out);
  out->config = s.config;
  return weft_config_check(d, s.config);
}
