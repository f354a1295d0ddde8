/* SPDX-License-Identifier: Apache-2.0 */
/* explore: machines for a board and networks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build/build.h"
#include "cli/cli_board.h"
#include "cli/cli_eda.h"
#include "explore/explore.h"

static weft_status read_models(cli *c, explore_job *job) {
  const size_t n = c->args.n;
  const weft_graph **graphs = WEFT_NEW(c->arena, const weft_graph *, n);
  const char **names = WEFT_NEW(c->arena, const char *, n);
  for (size_t i = 0; i < n; i++) {
    cli_model m;
    char hash[17];
    weft_span bytes;
    WEFT_TRY(cli_open_model(c, c->args.items[i], &m));
    if (!m.graph)
      return cli_usage(c, c->args.items[i], "a program file", "a network: it is compiled for each machine");
    WEFT_TRY(weft_graph_check(m.graph, c->diag, NULL));
    WEFT_TRY(weft_file_read(c->arena, c->diag, c->args.items[i], (size_t)1 << 30, &bytes));
    weft_hash16(bytes.data, bytes.size, hash);
    graphs[i] = m.graph;
    names[i] = weft_arena_printf(c->arena, "%s %s", c->args.items[i], hash);
  }
  job->models = graphs;
  job->model_names = names;
  job->n_models = n;
  return WEFT_OK;
}

typedef struct words {
  const char **items;
  size_t n;
} words;

static void add_option(words *w, const char *name, const char *value) {
  if (!value)
    return;
  w->items[w->n++] = name;
  w->items[w->n++] = value;
}

/* The command of this run without --launcher and -j, for the tasks of Slurm. */
static const char *const *self_of(cli *c, const explore_job *job) {
  char exe[4096];
  const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  words w = {WEFT_NEW(c->arena, const char *, c->args.n + 2 * c->sets.n + 24), 0};
  w.items[w.n++] = weft_arena_printf(c->arena, "%.*s", (int)(n > 0 ? n : 0), exe);
  w.items[w.n++] = "explore";
  add_option(&w, "--board", job->board->name);
  add_option(&w, "--boards", c->boards);
  add_option(&w, "--config", c->config);
  for (size_t i = 0; i < c->sets.n; i++)
    add_option(&w, "--set", c->sets.items[i]);
  add_option(&w, "-o", job->dir);
  add_option(&w, "--space", job->space_path);
  add_option(&w, "--progress", "none");
  w.items[w.n++] = "--";
  for (size_t i = 0; i < c->args.n; i++)
    w.items[w.n++] = c->args.items[i];
  return w.items;
}

static weft_status prepare(cli *c, explore_job *job) {
  weft_board *board = NULL;
  weft_config *base = NULL;
  if (!c->board)
    return cli_usage(c, "weft explore", "no --board", "weft explore MODEL... --board BOARD -o DIR");
  if (!c->out)
    return cli_usage(c, "weft explore", "no -o DIR", "weft explore MODEL... --board BOARD -o DIR");
  if (c->launcher && strcmp(c->launcher, "local") != 0 && strcmp(c->launcher, "slurm") != 0)
    return cli_usage(c, "--launcher", weft_diag_text(c->diag, "'%.60s'", c->launcher), "local or slurm");
  WEFT_TRY(cli_load_board(c, c->board, &board));
  WEFT_TRY(cli_board_machine(c, board, &base));
  WEFT_TRY(read_models(c, job));
  WEFT_TRY(weft_folder_make(c->diag, c->out));
  job->board = board;
  job->base = base;
  job->is_untried = c->untried;
  job->target_fps = (double)c->target_fps;
  job->dir = c->out;
  job->space_path = c->space;
  job->jobs = c->has_jobs ? (int)c->jobs : 1;
  job->launcher = c->launcher ? c->launcher : "local";
  job->only_point = c->has_point ? (int64_t)c->point : -1;
  job->progress = c->progress;
  job->self = self_of(c, job);
  return WEFT_OK;
}

/* The best machines of the front, built whole: what the estimates were worth. */
static weft_status refine(cli *c, const explore_job *job, explore_result *r) {
  for (uint64_t k = 0; k < c->refine; k++) {
    explore_point *best = NULL;
    for (size_t i = 0; i < r->n_points; i++) {
      explore_point *p = &r->points[i];
      if (p->is_front && !p->is_built && (!best || p->is_chosen || (!best->is_chosen && p->fps > best->fps)))
        best = p;
    }
    if (!best)
      break;
    const weft_build_options o = {
      .board = job->board, .config = best->config, .until = WEFT_BUILD_PACK, .places = cli_eda_places(c),
      .out_dir = weft_arena_printf(c->arena, "%s/build_%zu", job->dir, (size_t)(best - r->points)),
      .n_seeds = 1, .n_jobs = (size_t)job->jobs, .allow_timing_fail = true,
      .resume = true, .progress = job->progress};
    weft_build_result built;
    WEFT_TRY(weft_build_run(c->arena, c->diag, &o, &built));
    best->is_built = true;
    best->built_cells = (double)built.cells;
    best->built_mhz = built.fmax_mhz;
  }
  return WEFT_OK;
}

static void print_table(cli *c, const explore_job *job, const explore_result *r) {
  cli_say(c, "%s: %zu machines, %zu more illegal, %zu rejected, %zu on the front\n", job->board->name, r->n_points,
          r->n_illegal, r->n_rejected, r->n_front);
  cli_say(c, "cells: estimate from %zu synthesis results, each against a fit to the others: off by %.1f %% in the mean, "
             "%.1f %% at most\ncycles: RTL with the board's memory timing; per second: at %.1f MHz, the board's target\n"
             "clock: from %zu machines that were built\n\n",
          r->area.n_points, 100 * r->area.mean_error, 100 * r->area.max_error, (double)job->board->target_hz / 1e6,
          r->built.n);
  cli_say(c, "  %-20s %8s %5s %5s %12s %10s  %s\n", "machine", "cells", "dsp", "bram", "cycles", "per second", "clock");
  for (size_t i = 0; i < r->n_points; i++) {
    const explore_point *p = &r->points[i];
    if (!p->is_front)
      continue;
    uint64_t most = 0;
    for (size_t k = 0; k < job->n_models; k++)
      most = p->cycles[k] > most ? p->cycles[k] : most;
    cli_say(c, "%c %-20s %8.0f %5d %5d %12llu %10.1f  %s%s", p->is_chosen ? '*' : ' ', p->name, p->cells, p->dsp, p->bram,
            (unsigned long long)most, p->fps, p->clock_why,
            p->is_beyond ? "; cells beyond the stored results" : "");
    if (p->is_built)
      cli_say(c, "\n    built now: %.0f cells (estimate %+.1f %%), %.1f MHz", p->built_cells,
              100 * (p->cells / p->built_cells - 1), p->built_mhz);
    cli_say(c, "\n");
  }
  cli_say(c, "\n%s/{front.csv,explore.json,front.svg,chosen.yaml}: every point with its reason\n", job->dir);
}

static void print_json(cli *c, const explore_job *job, const explore_result *r) {
  const explore_point *p = &r->points[r->chosen];
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "board", job->board->name);
  weft_json_uint(j, "points", r->n_points);
  weft_json_uint(j, "rejected", r->n_rejected);
  weft_json_uint(j, "front", r->n_front);
  weft_json_double(j, "area_mean_error", r->area.mean_error);
  weft_json_double(j, "area_max_error", r->area.max_error);
  weft_json_object(j, "chosen");
  weft_json_string(j, "machine", p->name);
  weft_json_string(j, "config", weft_arena_printf(c->arena, "%s/chosen.yaml", job->dir));
  explore_json_figures(j, job, p);
  weft_json_end(j);
  weft_json_end(j);
  cli_print_json(c, j);
}

weft_status cmd_explore(cli *c) {
  explore_job job = {0};
  explore_result r;
  WEFT_TRY(prepare(c, &job));
  const weft_status s = explore_run(c->arena, c->diag, &job, &r);
  if (job.only_point >= 0 || (s != WEFT_OK && s != WEFT_E_NO_FIT))
    return s;
  WEFT_TRY(explore_write(c->arena, c->diag, &job, &r));
  WEFT_TRY(s);
  if (c->has_refine) {
    WEFT_TRY(refine(c, &job, &r));
    WEFT_TRY(explore_write(c->arena, c->diag, &job, &r));
  }
  weft_progress_clear(c->progress);
  if (c->json)
    print_json(c, &job, &r);
  else if (!c->quiet)
    print_table(c, &job, &r);
  return WEFT_OK;
}
