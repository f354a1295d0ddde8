/* SPDX-License-Identifier: Apache-2.0 */
#include "build/report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_CAP_BYTES ((size_t)256 << 20)

static weft_status load(weft_arena *arena, weft_diag *d, const char *path, json_t **out) {
  weft_span text = {NULL, 0};
  json_error_t error;
  WEFT_TRY(weft_file_read(arena, d, path, REPORT_CAP_BYTES, &text));
  *out = json_loadb((const char *)text.data, text.size, 0, &error);
  if (*out)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s:%d", path, error.line),
                   weft_diag_text(d, "%.100s", error.text), "JSON of the tool", NULL);
}

static void sum_bels(json_t *use, const char *const *names, size_t n, int64_t *used,
                     int64_t *available) {
  *used = *available = 0;
  for (size_t i = 0; i < n && names[i]; i++) {
    json_t *bel = json_object_get(use, names[i]);
    *used += json_integer_value(json_object_get(bel, "used"));
    if (i == 0)
      *available = json_integer_value(json_object_get(bel, "available"));
  }
}

/* The machine's clock is the one with the highest constraint. */
static bool read_clocks(json_t *clocks, double target_mhz, report *out) {
  const char *name = NULL;
  json_t *clock = NULL;
  out->is_met = true;
  out->fmax_mhz = 0;
  json_object_foreach(clocks, name, clock) {
    const double achieved = json_number_value(json_object_get(clock, "achieved"));
    const double constraint = json_number_value(json_object_get(clock, "constraint"));
    const bool is_main = constraint >= 0.99 * target_mhz;
    if (is_main && (out->fmax_mhz <= 0 || achieved < out->fmax_mhz))
      out->fmax_mhz = achieved;
    out->is_met = out->is_met && achieved >= (is_main ? target_mhz : constraint);
  }
  out->is_met = out->is_met && out->fmax_mhz > 0;
  out->fmax_mhz = floor(out->fmax_mhz * 100 + 1e-6) / 100;   /* 79.99 stays */
  return out->fmax_mhz > 0;
}

/* A net or cell in our names: without what yosys appends. */
static const char *plain(weft_arena *arena, const char *name) {
  static const char *const tails[] = {"_TRELLIS_FF", "_LUT4", "_CCU2C", "_PFUMX", "_DP16KD",
                                      "_MULT18X18D", "_SB_", "_DFF", "_ALU", "_LUT", "_MUX2", "$"};
  size_t n = strlen(name);
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    const char *at = strstr(name + (n > 0), tails[i]);
    if (at && (size_t)(at - name) < n)
      n = (size_t)(at - name);
  }
  return weft_arena_printf(arena, "%.*s", (int)n, name);
}

static double path_delay(json_t *path) {
  double sum = 0;
  size_t i;
  json_t *step;
  json_array_foreach(json_object_get(path, "path"), i, step)
    sum += json_number_value(json_object_get(step, "delay"));
  return sum;
}

static const char *clock_of(json_t *path, const char *end) {
  const char *text = json_string_value(json_object_get(path, end));
  const char *blank = text ? strrchr(text, ' ') : NULL;
  return blank ? blank + 1 : text ? text : end;
}

static void read_path(weft_arena *arena, json_t *paths, report *out) {
  json_t *worst = NULL, *path, *step;
  size_t i, cap = 0;
  json_array_foreach(paths, i, path)
    if (strcmp(clock_of(path, "from"), clock_of(path, "to")) == 0 &&
        (!worst || path_delay(path) > path_delay(worst)))
      worst = path;
  double at = 0;
  json_array_foreach(json_object_get(worst, "path"), i, step) {
    at += json_number_value(json_object_get(step, "delay"));
    const char *net = json_string_value(json_object_get(step, "net"));
    const char *cell = json_string_value(json_object_get(json_object_get(step, "to"), "cell"));
    const char *name = plain(arena, net ? net : cell ? cell : "");
    if (out->n_steps > 0 && strcmp(out->steps[out->n_steps - 1].name, name) == 0) {
      out->steps[out->n_steps - 1].at_ns = at;
      continue;
    }
    out->steps = weft_arena_grow(arena, out->steps, &cap, out->n_steps + 1, sizeof *out->steps);
    out->steps[out->n_steps++] = (report_step){at, name};
  }
}

weft_status report_read(weft_arena *arena, weft_diag *d, const char *path, const family *f,
                        double target_mhz, report *out) {
  json_t *j = NULL;
  *out = (report){0};
  WEFT_TRY(load(arena, d, path, &j));
  json_t *use = json_object_get(j, "utilization");
  sum_bels(use, f->cells, 8, &out->cells, &out->cells_of);
  sum_bels(use, f->dsp, 4, &out->dsp, &out->dsp_of);
  sum_bels(use, f->bram, 4, &out->bram, &out->bram_of);
  const bool has_clock = read_clocks(json_object_get(j, "fmax"), target_mhz, out);
  read_path(arena, json_object_get(j, "critical_paths"), out);
  json_decref(j);
  if (has_clock && out->cells_of > 0)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s", path),
                   has_clock ? "no utilization of the logic cells" : "no clock at the target",
                   "a report of nextpnr", NULL);
}

weft_status report_no_fit(weft_arena *arena, weft_diag *d, const char *log) {
  weft_span text = {NULL, 0};
  weft_status s = WEFT_OK;
  WEFT_TRY(weft_file_read(arena, d, log, REPORT_CAP_BYTES, &text));
  const char *at = weft_arena_printf(arena, "%.*s", (int)text.size, (const char *)text.data);
  for (; *at; at += strcspn(at, "\n"), at += *at == '\n') {
    char kind[41];
    long used = 0, available = 0;
    if (sscanf(at, "Info: %40[A-Za-z0-9_]: %ld/ %ld", kind, &used, &available) == 3 &&
        used > available)
      s = weft_fail(d, WEFT_E_NO_FIT, weft_diag_text(d, "%s", kind),
                    weft_diag_text(d, "%ld used, %ld too many", used, used - available),
                    weft_diag_text(d, "%ld of the part", available),
                    "a smaller machine (-c), or a larger board");
  }
  return s;
}

static int by_name(const void *a, const void *b) {
  const area_module *x = a, *y = b;
  return strcmp(x->name, y->name);
}

static void add_cells(area_module *m, json_t *cells) {
  const char *type = NULL;
  json_t *n = NULL;
  json_object_foreach(cells, type, n) {
    const int64_t count = json_integer_value(n);
    m->n[family_cell_kind(type)] += count;
    m->size += count * family_cell_size(type);
  }
}

weft_status area_read(weft_arena *arena, weft_diag *d, const char *path, area *out) {
  json_t *j = NULL, *cells = NULL;
  const char *name = NULL;
  *out = (area){0};
  WEFT_TRY(load(arena, d, path, &j));
  json_t *modules = json_object_get(j, "modules");
  out->modules = WEFT_NEW(arena, area_module, json_object_size(modules) + 1);
  json_object_foreach(modules, name, cells) {
    area_module *m = &out->modules[out->n_modules++];
    m->name = weft_arena_printf(arena, "%.200s", name);
    add_cells(m, cells);
  }
  out->total.name = "total";
  add_cells(&out->total, json_object_get(j, "total"));
  json_decref(j);
  if (out->n_modules == 0)
    return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s", path), "no modules",
                     "the counts of yosys_run.py", NULL);
  qsort(out->modules, out->n_modules, sizeof *out->modules, by_name);
  return WEFT_OK;
}
