/* SPDX-License-Identifier: Apache-2.0 */
/* Vela: the accelerator is a name on its command line; the file says what memory is
 * behind its ports. The memory that holds constants becomes dram.*. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "import/import_int.h"

enum { MAX_INHERIT = 8 };

typedef struct npu {
  const char *name;
  int macs, buffer_kib, axi_bytes;
} npu;
static const npu npus[] = {
  {"ethos-u55-32", 32, 16, 8},     {"ethos-u55-64", 64, 16, 8},     {"ethos-u55-128", 128, 24, 8},
  {"ethos-u55-256", 256, 48, 8},   {"ethos-u65-256", 256, 48, 16},  {"ethos-u65-512", 512, 48, 16},
};
enum { N_NPUS = sizeof npus / sizeof *npus };

static weft_status find_npu(import_state *s, const char *name, const npu **out) {
  const char *names[N_NPUS];
  for (size_t i = 0; i < N_NPUS; i++) {
    names[i] = npus[i].name;
    *out = &npus[i];
    if (strcasecmp(names[i], name) == 0)
      return WEFT_OK;
  }
  const char *nearest = weft_nearest(name, names, N_NPUS);
  return weft_fail(s->file->d, WEFT_E_USAGE, "--accelerator", weft_diag_text(s->file->d, "'%.60s'", name),
                   "ethos-u55-32, -64, -128, -256, ethos-u65-256, -512",
                   nearest ? weft_diag_text(s->file->d, "did you mean %s?", nearest) : NULL);
}

/* "System_Config.NAME" of the option, else the first such section of the file. */
static weft_status choose(import_state *s, const char *kind, const char *option, const char *name, const char **out) {
  const char *wanted = name ? weft_arena_printf(s->file->arena, "%s.%s", kind, name) : NULL;
  const size_t n = strlen(kind);
  for (size_t i = 0; i < s->file->n; i++) {
    const char *section = s->file->entries[i].section;
    if (wanted ? strcmp(section, wanted) == 0 : strncmp(section, kind, n) == 0 && section[n] == '.') {
      *out = section;
      return WEFT_OK;
    }
  }
  return import_bad(s->file, 0, weft_diag_text(s->file->d, "no section [%.80s]", wanted ? wanted : kind),
                    weft_diag_text(s->file->d, "[%s.NAME]; %s says which", kind, option));
}

/* The section and those that it inherits from, nearest first. */
static weft_status add_sections(import_state *s, const char *section, size_t *n) {
  for (size_t depth = 0; section; depth++) {
    if (depth == MAX_INHERIT || *n + 1 == sizeof s->sections / sizeof *s->sections)
      return import_bad(s->file, 0, weft_diag_text(s->file->d, "[%.80s] inherits without end", section),
                        weft_diag_text(s->file->d, "at most %d steps", MAX_INHERIT));
    s->sections[(*n)++] = section;
    const import_entry *next = import_find(s, section, "inherit");
    section = next ? next->value : NULL;
  }
  return WEFT_OK;
}

/* Of a section or what it inherits: the nearest. */
static const import_entry *inherited(const import_state *s, const char *key) {
  for (size_t i = 0; s->sections[i]; i++) {
    const import_entry *e = import_find(s, s->sections[i], key);
    if (e)
      return e;
  }
  return NULL;
}

/* The name of the memory behind the port that holds constants. */
static const char *constants_memory(import_state *s) {
  const import_entry *area = inherited(s, "const_mem_area");
  const bool is_axi1 = area && strcasecmp(area->value, "Axi1") == 0;
  const import_entry *port = inherited(s, is_axi1 ? "axi1_port" : "axi0_port");
  return port ? port->value : NULL;
}

static weft_status wish_memory(import_state *s, const npu *core) {
  double scale = 0, latency = 0;
  s->memory = constants_memory(s);
  if (!s->memory)
    return WEFT_OK;
  const import_entry *e = inherited(s, weft_arena_printf(s->file->arena, "%s_clock_scale", s->memory));
  if (e)
    WEFT_TRY(import_parse(s, e, e->value, &scale));
  e = inherited(s, weft_arena_printf(s->file->arena, "%s_read_latency", s->memory));
  if (e)
    WEFT_TRY(import_parse(s, e, e->value, &latency));
  if (scale > 0)
    import_wish_for(s, "dram.bytes_per_cycle", scale * core->axi_bytes);
  if (latency > 0)
    import_wish_for(s, "dram.latency", latency);
  return WEFT_OK;
}

static weft_status wish_scratchpad(import_state *s, const npu *core) {
  double bytes = 1024.0 * core->buffer_kib;
  const import_entry *e = inherited(s, "arena_cache_size");
  if (e)
    WEFT_TRY(import_parse(s, e, e->value, &bytes));
  import_wish_for(s, "scratchpad.kib", bytes / 1024);
  return WEFT_OK;
}

weft_status import_vela(import_state *s) {
  const import_options none = {0};
  const import_options *o = s->options ? s->options : &none;
  const char *system_config = NULL, *memory_mode = NULL;
  const npu *core = NULL;
  size_t n = 0;
  WEFT_TRY(find_npu(s, o->accelerator ? o->accelerator : "ethos-u55-256", &core));
  WEFT_TRY(choose(s, "System_Config", "--system-config", o->system_config, &system_config));
  WEFT_TRY(choose(s, "Memory_Mode", "--memory-mode", o->memory_mode, &memory_mode));
  WEFT_TRY(add_sections(s, system_config, &n));
  WEFT_TRY(add_sections(s, memory_mode, &n));
  WEFT_TRY(import_add(s->file, 0, system_config, "accelerator", core->name));
  const double rows = exp2(floor(log2(core->macs) / 2));
  import_wish_for(s, "array.rows", rows);
  import_wish_for(s, "array.cols", core->macs / rows);
  WEFT_TRY(wish_memory(s, core));
  return wish_scratchpad(s, core);
}
