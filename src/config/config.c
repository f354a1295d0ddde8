/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a machine, its canonical text and its hash. */
#include "config/config.h"

#include <string.h>
#include <sys/stat.h>

#include "config/config_rows.h"
#include "isa.def"   /* ISA_VERSION; its rows expand to nothing here */

#define MAX_FILE_BYTES ((size_t)64 * 1024)

typedef struct machine {
  const char *name;
  const char *yaml;
} machine;

static const machine machines[] = {
#include "machines.inc"
};
#define N_MACHINES (sizeof machines / sizeof *machines)

static const char *const machine_names[N_MACHINES + 1] = {
#define MACHINE_NAMES
#include "machines.inc"
#undef MACHINE_NAMES
};

const char *const *weft_config_names(void) { return machine_names; }

static bool is_path(const char *name) {
  const size_t n = strlen(name);
  return strchr(name, '/') || (n > 5 && strcmp(name + n - 5, ".yaml") == 0) ||
         (n > 4 && strcmp(name + n - 4, ".yml") == 0);
}

static weft_status find_yaml(weft_arena *arena, weft_diag *d, const char *name,
                             weft_span *out) {
  if (is_path(name))
    return weft_file_read(arena, d, name, MAX_FILE_BYTES, out);
  for (size_t i = 0; i < N_MACHINES; i++) {
    if (strcmp(machines[i].name, name) == 0) {
      *out = (weft_span){(const uint8_t *)machines[i].yaml,
                         strlen(machines[i].yaml)};
      return WEFT_OK;
    }
  }
  struct stat st;
  if (stat(name, &st) == 0)
    return weft_fail(d, WEFT_E_CONFIG, "--config", weft_diag_text(d, "%s named '%.80s'", S_ISDIR(st.st_mode) ? "a folder" : "a file", name),
                     "a name of 'weft config list', or a file ending in .yaml", "name it .yaml, or write its folder before it");
  const char *nearest = weft_nearest(name, machine_names, N_MACHINES);
  return weft_fail(d, WEFT_E_CONFIG, "--config",
                   weft_diag_text(d, "unknown machine '%.80s'", name),
                   "a name of 'weft config list', or a file ending in .yaml",
                   nearest ? weft_diag_text(d, "did you mean %s?", nearest)
                           : NULL);
}

static weft_status apply_set(weft_arena *arena, weft_diag *d, const char *set,
                             weft_config *c, bool *is_known) {
  const char *equals = strchr(set, '=');
  const char *where = weft_diag_text(d, "--set %.80s", set);
  if (!equals || equals == set)
    return weft_fail(d, WEFT_E_CONFIG, where, "no key=value",
                     "--set key=value", NULL);
  const char *key = weft_arena_printf(arena, "%.*s", (int)(equals - set), set);
  const char *nearest = NULL;
  const weft_config_row *row = weft_config_find(key, &nearest);
  if (!row)
    return weft_fail(d, WEFT_E_CONFIG, where, "an unknown key",
                     "the keys of configs/CONFIG.md",
                     nearest ? weft_diag_text(d, "did you mean %s?", nearest)
                             : "see 'weft config show base'");
  size_t n_rows = 0;
  bool *is_row_known = &is_known[row - weft_config_rows(&n_rows)];
  *is_row_known = weft_config_set_text(c, row, equals + 1, strlen(equals + 1));
  if (!*is_row_known)
    return weft_fail(d, WEFT_E_CONFIG, where, "no number",
                     row->is_frac ? "N or N/M" : "a decimal integer", row->doc);
  return WEFT_OK;
}

/* Every problem of the file, the sets and the machine that they make. */
static weft_status read_machine(weft_arena *arena, weft_diag *d, const char *name, weft_span yaml,
                                const char *const *sets, size_t n_sets, weft_config **out) {
  bool is_known[WEFT_CONFIG_MAX_ROWS] = {false};
  weft_config *c = WEFT_NEW(arena, weft_config, 1);
  c->name = weft_arena_printf(arena, "%s", name);
  weft_status s = weft_config_read_yaml(arena, d, c->name, yaml, c, is_known);
  for (size_t i = 0; i < n_sets; i++) {
    const weft_status set = apply_set(arena, d, sets[i], c, is_known);
    s = s ? s : set;
  }
  const weft_status checked = weft_config_check_known(d, c, is_known);
  s = s ? s : checked;
  if (s == WEFT_OK)
    *out = c;
  return s;
}

weft_status weft_config_load(weft_arena *arena, weft_diag *d,
                             const char *name_or_path, const char *const *sets,
                             size_t n_sets, weft_config **out) {
  weft_span yaml = {NULL, 0};
  WEFT_TRY(find_yaml(arena, d, name_or_path, &yaml));
  return read_machine(arena, d, name_or_path, yaml, sets, n_sets, out);
}

weft_status weft_config_parse(weft_arena *arena, weft_diag *d, const char *where,
                              weft_span yaml, weft_config **out) {
  if (yaml.size > MAX_FILE_BYTES)
    return weft_fail(d, WEFT_E_CONFIG, where,
                     weft_diag_text(d, "%zu bytes", yaml.size),
                     weft_diag_text(d, "at most %zu bytes", MAX_FILE_BYTES),
                     NULL);
  return read_machine(arena, d, where, yaml, NULL, 0, out);
}

static char *row_text(weft_arena *arena, const weft_config *c,
                      const weft_config_row *row) {
  const int32_t v = weft_config_get(c, row);
  const int32_t den = row->is_frac ? weft_config_get_den(c, row) : 1;
  if (den == 1)
    return weft_arena_printf(arena, "%s: %d\n", row->key, v);
  return weft_arena_printf(arena, "%s: %d/%d\n", row->key, v, den);
}

static char *text_of(weft_arena *arena, const weft_config *c,
                     bool is_structural_only) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  const char *text = "";
  for (size_t i = 0; i < n; i++)
    if ((!is_structural_only || rows[i].is_structural) &&
        (!rows[i].is_optional || weft_config_get(c, &rows[i]) != 0))
      text = weft_arena_printf(arena, "%s%s", text, row_text(arena, c, &rows[i]));
  return weft_arena_printf(arena, "%s", text);
}

char *weft_config_text(weft_arena *arena, const weft_config *c) {
  return text_of(arena, c, false);
}

uint64_t weft_config_hash(const weft_config *c) {
  weft_arena *arena = weft_arena_new();
  const char *text = weft_arena_printf(arena, "%sisa_version: %d\n",
                                       text_of(arena, c, true), ISA_VERSION);
  weft_sha256 s;
  uint8_t digest[32];
  weft_sha256_init(&s);
  weft_sha256_add(&s, text, strlen(text));
  weft_sha256_end(&s, digest);
  weft_arena_free(&arena);
  return weft_le64(digest);
}
