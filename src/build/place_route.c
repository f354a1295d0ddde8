/* SPDX-License-Identifier: Apache-2.0 */
/* Stages place and pack: nextpnr for each seed, the fastest is packed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build/build_int.h"
#include "sim/rtl/sim_run_tool.h"

#define CELLS_CAP_BYTES ((size_t)64 << 20)

typedef struct run {
  stage s;
  family_files files;
  const char *folder, *log;
  const char *argv[FAMILY_MAX_ARGS + 2];
  int seed;
  bool is_done;
  report r;
} run;

typedef struct ticker {
  build *b;
  double expected_s;
} ticker;

static void tick(void *user, double seconds) {
  const ticker *t = user;
  weft_progress_estimate(t->b->o->progress, "place and route", seconds, t->expected_s);
}

/* Tools in a WebAssembly sandbox open what is below their folder: the pins
 * file is copied there. */
static weft_status copy_pins(build *b, const char **name) {
  weft_span text = {NULL, 0};
  const char *ending = strrchr(b->o->board->pins, '.');
  WEFT_TRY(weft_file_read(b->arena, b->d, b->pins_path, CELLS_CAP_BYTES, &text));
  *name = weft_arena_printf(b->arena, "pins%s", ending ? ending : "");
  return weft_file_write(b->d, build_path(b, *name), text.data, text.size);
}

static weft_status make_run(build *b, run *r, int seed, bool is_surrogate, const char *pins) {
  const char *netlist = is_surrogate ? b->surrogate : b->netlist;
  r->seed = seed;
  r->folder = weft_arena_printf(b->arena, "%s%d", is_surrogate ? "surrogate" : "seed", seed);
  r->log = build_path(b, weft_arena_printf(b->arena, "%s.log", r->folder));
  stage_begin(b->arena, &r->s, b->o->out_dir, r->folder);
  r->files = (family_files){
    .netlist = netlist, .pins = pins,
    .report = weft_arena_printf(b->arena, "%s/report.json", r->s.rel_part),
    .placed = weft_arena_printf(b->arena, "%s/placed.%s", r->s.rel_part, b->family->placed_ending)};
  r->argv[0] = b->tools[1].file;
  const size_t n = b->family->place_args(b->arena, b->o->board, &r->files, seed, r->argv + 1);
  stage_add_text(&r->s, b->tools[1].version);
  for (size_t i = 1; i <= n; i++)
    stage_add_text(&r->s, r->argv[i]);
  WEFT_TRY(stage_add_file(b->arena, b->d, &r->s, build_path(b, netlist)));
  WEFT_TRY(stage_add_file(b->arena, b->d, &r->s, build_path(b, pins)));
  stage_close_inputs(&r->s);
  r->is_done = b->o->resume && stage_is_valid(b->arena, &r->s);
  return r->is_done ? WEFT_OK : stage_open(b->arena, b->d, &r->s);
}

/* A guess for the progress line's total, until the router tells its own. */
static double expected_place_s(build *b, size_t n_runs) {
  area cells;
  if (area_read(b->arena, NULL, b->area_path, &cells) != WEFT_OK)
    return 60;
  const size_t rounds = (n_runs + b->o->n_jobs - 1) / b->o->n_jobs;
  return (10 + 0.02 * (double)cells.total.size) * (double)rounds;
}

/* Runs what is not done yet. A run that fails is not fatal while another ends; one that
 * ended before an interruption is kept. */
static weft_status run_all(build *b, run *runs, size_t n) {
  weft_tool_job *jobs = WEFT_NEW(b->arena, weft_tool_job, n);
  run **of = WEFT_NEW(b->arena, run *, n);
  size_t n_jobs = 0;
  for (size_t i = 0; i < n; i++) {
    if (runs[i].is_done)
      continue;
    unlink(runs[i].log);
    of[n_jobs] = &runs[i];
    jobs[n_jobs++] = (weft_tool_job){.argv = runs[i].argv, .cwd = b->o->out_dir,
                                     .log_path = runs[i].log};
  }
  ticker t = {b, expected_place_s(b, n_jobs)};
  const weft_status s = weft_tool_run_all(b->arena, NULL, jobs, n_jobs, b->o->n_jobs, tick, &t);
  for (size_t i = 0; i < n_jobs; i++) {
    if (jobs[i].failed)
      continue;
    const char *placed = weft_arena_printf(b->arena, "placed.%s", b->family->placed_ending);
    WEFT_TRY(stage_commit(b->arena, b->d, &of[i]->s, (const char *[]){"report.json", placed, NULL}));
    of[i]->is_done = true;
  }
  return s == WEFT_E_INTERRUPTED ? s : WEFT_OK;
}

static weft_status fail_all(build *b, const run *runs, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const weft_status s = access(runs[i].log, R_OK) == 0
                            ? report_no_fit(b->arena, b->d, runs[i].log) : WEFT_OK;
    if (s != WEFT_OK)
      return s;
  }
  const char *error = build_first_error(b, runs[0].log);
  return weft_fail(b->d, WEFT_E_TOOL, b->tools[1].name,
                   weft_diag_text(b->d, "no seed was placed and routed%s%.300s", error ? ": " : "", error ? error : ""),
                   "exit status 0", weft_diag_text(b->d, "read %s", runs[0].log));
}

static weft_status read_reports(build *b, run *runs, size_t n, run **best) {
  *best = NULL;
  for (size_t i = 0; i < n; i++) {
    if (!runs[i].is_done)
      continue;
    const char *path = build_path(b, weft_arena_printf(b->arena, "%s/report.json", runs[i].folder));
    WEFT_TRY(report_read(b->arena, b->d, path, b->family, b->out->target_mhz, &runs[i].r));
    if (!*best || runs[i].r.fmax_mhz > (*best)->r.fmax_mhz)
      *best = &runs[i];
  }
  return *best ? WEFT_OK : fail_all(b, runs, n);
}

/* Fmax of the second netlist, less the family's share. */
static weft_status judge_by_surrogate(build *b, const char *pins) {
  run *r = WEFT_NEW(b->arena, run, 1), *best = NULL;
  WEFT_TRY(make_run(b, r, 1, true, pins));
  WEFT_TRY(run_all(b, r, 1));
  WEFT_TRY(read_reports(b, r, 1, &best));
  b->best.fmax_mhz = r->r.fmax_mhz * (100 - b->family->surrogate_percent) / 100;
  b->best.is_met = r->r.is_met && b->best.fmax_mhz >= b->out->target_mhz;
  b->best.steps = r->r.steps;
  b->best.n_steps = r->r.n_steps;
  return WEFT_OK;
}

static const char *path_text(build *b) {
  const char *text = "";
  for (size_t i = 0; i < b->best.n_steps; i++)
    text = weft_arena_printf(b->arena, "%s%8.2f ns  %s\n", text, b->best.steps[i].at_ns,
                             b->best.steps[i].name);
  return text;
}

static void keep(build *b, const run *runs, size_t n, const run *best) {
  weft_build_result *out = b->out;
  weft_build_seed *seeds = WEFT_NEW(b->arena, weft_build_seed, n);
  for (size_t i = 0; i < n; i++)
    seeds[i] = (weft_build_seed){runs[i].seed, runs[i].is_done ? runs[i].r.fmax_mhz : 0};
  out->seeds = seeds;
  out->n_seeds = n;
  out->seed = best->seed;
  out->cells = best->r.cells;
  out->cells_of = best->r.cells_of;
  out->dsp = best->r.dsp;
  out->dsp_of = best->r.dsp_of;
  out->bram = best->r.bram;
  out->bram_of = best->r.bram_of;
  b->best = best->r;
  b->best_placed = weft_arena_printf(b->arena, "%s/placed.%s", best->folder,
                                     b->family->placed_ending);
}

/* Seeds 1.., the first ones together, further ones while timing is missed. */
static weft_status place_seeds(build *b, const char *pins, run *runs, size_t most, size_t *n, run **best) {
  size_t next = b->o->n_seeds;
  do {
    const size_t from = *n;
    for (; *n < next; ++*n)
      WEFT_TRY(make_run(b, &runs[*n], (int)*n + 1, false, pins));
    WEFT_TRY(run_all(b, runs + from, *n - from));
    WEFT_TRY(read_reports(b, runs, *n, best));
    next = *n + b->o->n_jobs < most ? *n + b->o->n_jobs : most;
  } while (!(*best)->r.is_met && *n < most);
  return WEFT_OK;
}

weft_status build_place(build *b) {
  const char *pins = NULL;
  const size_t most = b->o->most_seeds > b->o->n_seeds ? b->o->most_seeds : b->o->n_seeds;
  size_t n = 0;
  run *runs = WEFT_NEW(b->arena, run, most), *best = NULL;
  WEFT_TRY(copy_pins(b, &pins));
  WEFT_TRY(place_seeds(b, pins, runs, most, &n, &best));
  keep(b, runs, n, best);
  if (b->family->surrogate_percent)
    WEFT_TRY(judge_by_surrogate(b, pins));
  b->out->fmax_mhz = b->best.fmax_mhz;
  b->out->is_timing_met = b->best.is_met;
  b->out->worst_path = path_text(b);
  return WEFT_OK;
}

static weft_status run_packer(build *b, const char *const *argv) {
  const char *log = build_path(b, "pack.log");
  unlink(log);
  weft_progress_step(b->o->progress, "pack", 0, 1);
  const weft_status s = weft_tool_run(b->arena, NULL, argv, b->o->out_dir, log, NULL, NULL);
  if (s == WEFT_OK || s == WEFT_E_INTERRUPTED)
    return s;
  const char *error = build_first_error(b, log);
  return weft_fail(b->d, s, b->tools[2].name, error ? error : "it failed", "exit status 0",
                   weft_diag_text(b->d, "read %s", log));
}

weft_status build_pack(build *b) {
  stage s;
  const char *name = weft_arena_printf(b->arena, "%s.%s", b->o->board->name,
                                       b->family->bitstream_ending);
  stage_begin(b->arena, &s, b->o->out_dir, "pack");
  family_files files = {.placed = b->best_placed,
                        .bitstream = weft_arena_printf(b->arena, "%s/%s", s.rel_part, name)};
  const char *argv[FAMILY_MAX_ARGS + 2] = {b->tools[2].file};
  const size_t n = b->family->pack_args(b->arena, b->o->board, &files, argv + 1);
  stage_add_text(&s, b->tools[2].version);
  for (size_t i = 1; i <= n; i++)
    stage_add_text(&s, argv[i]);
  WEFT_TRY(stage_add_file(b->arena, b->d, &s, build_path(b, b->best_placed)));
  stage_close_inputs(&s);
  b->out->bitstream = build_path(b, weft_arena_printf(b->arena, "pack/%s", name));
  if (!b->o->resume || !stage_is_valid(b->arena, &s)) {
    WEFT_TRY(stage_open(b->arena, b->d, &s));
    WEFT_TRY(run_packer(b, argv));
    WEFT_TRY(stage_commit(b->arena, b->d, &s, (const char *[]){name, NULL}));
  }
  return stage_file_hash(b->arena, b->d, b->out->bitstream, b->bitstream_hash);
}
