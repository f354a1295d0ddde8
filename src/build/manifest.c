/* SPDX-License-Identifier: Apache-2.0 */
/* What a build leaves to read: manifest.json, utilization.json, timing.json and
 * the page. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "build/build_int.h"
#include "build/page.h"

static weft_status write_json(build *b, const char *name, weft_json *j) {
  size_t n = 0;
  const char *text = weft_json_text(j, &n);
  return weft_file_write(b->d, build_path(b, name), text, n);
}

static void put_use(weft_json *j, const char *key, int64_t used, int64_t available) {
  weft_json_object(j, key);
  weft_json_int(j, "used", used);
  weft_json_int(j, "available", available);
  weft_json_end(j);
}

static void put_figures(build *b, weft_json *j) {
  const weft_build_result *r = b->out;
  weft_json_double(j, "target_mhz", r->target_mhz);
  weft_json_double(j, "fmax_mhz", r->fmax_mhz);
  weft_json_bool(j, "timing_met", r->is_timing_met);
  weft_json_string(j, "judged_by", b->family->surrogate_percent
                                     ? "netlist with registers for multipliers, less a share"
                                     : "the report of place and route");
  weft_json_int(j, "surrogate_percent", b->family->surrogate_percent);
  weft_json_int(j, "seed", r->seed);
  weft_json_array(j, "seeds");
  for (size_t i = 0; i < r->n_seeds; i++) {
    weft_json_object(j, NULL);
    weft_json_int(j, "seed", r->seeds[i].seed);
    weft_json_double(j, "fmax_mhz", r->seeds[i].fmax_mhz);
    weft_json_end(j);
  }
  weft_json_end(j);
  put_use(j, "cells", r->cells, r->cells_of);
  put_use(j, "dsp", r->dsp, r->dsp_of);
  put_use(j, "bram", r->bram, r->bram_of);
}

static const char *hex64(build *b, uint64_t v) {
  return weft_arena_printf(b->arena, "%016" PRIx64, v);
}

static void put_bitstream(build *b, weft_json *j) {
  struct stat st;
  if (!b->out->bitstream || stat(b->out->bitstream, &st) != 0) {
    weft_json_null(j, "bitstream");
    return;
  }
  weft_json_object(j, "bitstream");
  weft_json_string(j, "file", b->out->bitstream + strlen(b->o->out_dir) + 1);
  weft_json_string(j, "sha256", b->bitstream_hash);
  weft_json_int(j, "bytes", (int64_t)st.st_size);
  weft_json_end(j);
}

static weft_status write_manifest(build *b) {
  const weft_board *board = b->o->board;
  weft_json *j = weft_json_new(b->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "board", board->name);
  weft_json_string(j, "family", board->family);
  weft_json_string(j, "device", board->device);
  weft_json_string(j, "idcode", weft_arena_printf(b->arena, "0x%08" PRIx64, (uint64_t)board->idcode));
  weft_json_string(j, "board_id", weft_arena_printf(b->arena, "0x%08" PRIx32, weft_board_id(board)));
  weft_json_string(j, "config", b->o->config->name);
  weft_json_string(j, "config_hash", hex64(b, weft_config_hash(b->o->config)));
  weft_json_string(j, "config_text", weft_config_text(b->arena, b->o->config));
  weft_json_string(j, "build_id", hex64(b, b->build_id));
  put_bitstream(b, j);
  put_figures(b, j);
  weft_json_array(j, "tools");
  for (size_t i = 0; i < 3; i++) {
    weft_json_object(j, NULL);
    weft_json_string(j, "name", b->tools[i].name);
    weft_json_string(j, "version", b->tools[i].version);
    weft_json_end(j);
  }
  weft_json_end(j);
  weft_json_object(j, "sources");
  for (size_t i = 0; i < b->n_sources; i++)
    weft_json_string(j, b->sources[i].name, b->sources[i].hash);
  weft_json_end(j);
  weft_json_end(j);
  return write_json(b, "manifest.json", j);
}

static void put_module(weft_json *j, const area_module *m) {
  static const char *const names[] = {"lut", "carry", "lut_ram", "ff", "dsp", "bram", "other"};
  weft_json_object(j, NULL);
  weft_json_string(j, "module", m->name);
  weft_json_int(j, "logic_cells", m->size);
  for (int k = 0; k < N_CELL_KINDS; k++)
    weft_json_int(j, names[k], m->n[k]);
  weft_json_end(j);
}

static weft_status write_utilization(build *b, const area *cells) {
  weft_json *j = weft_json_new(b->arena);
  weft_json_object(j, NULL);
  put_use(j, "cells", b->out->cells, b->out->cells_of);
  put_use(j, "dsp", b->out->dsp, b->out->dsp_of);
  put_use(j, "bram", b->out->bram, b->out->bram_of);
  weft_json_array(j, "modules");
  for (size_t i = 0; i < cells->n_modules; i++)
    put_module(j, &cells->modules[i]);
  put_module(j, &cells->total);
  weft_json_end(j);
  weft_json_end(j);
  return write_json(b, "utilization.json", j);
}

static weft_status write_timing(build *b) {
  weft_json *j = weft_json_new(b->arena);
  weft_json_object(j, NULL);
  put_figures(b, j);
  weft_json_array(j, "worst_path");
  for (size_t i = 0; i < b->best.n_steps; i++) {
    weft_json_object(j, NULL);
    weft_json_double(j, "at_ns", round(b->best.steps[i].at_ns * 1000) / 1000);
    weft_json_string(j, "net", b->best.steps[i].name);
    weft_json_end(j);
  }
  weft_json_end(j);
  weft_json_end(j);
  return write_json(b, "timing.json", j);
}

weft_status build_report(build *b) {
  area cells;
  b->out->manifest = build_path(b, "manifest.json");
  b->out->page = build_path(b, "index.html");
  WEFT_TRY(area_read(b->arena, b->d, b->area_path, &cells));
  WEFT_TRY(write_utilization(b, &cells));
  WEFT_TRY(write_timing(b));
  WEFT_TRY(page_write(b->arena, b->d, b->out->page, b->o, b->out, &cells, &b->best));
  WEFT_TRY(write_manifest(b));
  if (b->out->is_timing_met || b->o->allow_timing_fail)
    return WEFT_OK;
  return weft_fail(b->d, WEFT_E_TIMING,
                   weft_diag_text(b->d, "%s, seed %d", b->o->board->name, b->out->seed),
                   weft_diag_text(b->d, "%.2f MHz; worst path:\n%s", b->out->fmax_mhz,
                                  b->out->worst_path),
                   weft_diag_text(b->d, "%.2f MHz", b->out->target_mhz),
                   "more --seeds, a smaller machine (-c), or --allow-timing-fail");
}
