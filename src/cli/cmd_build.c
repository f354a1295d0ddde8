/* SPDX-License-Identifier: Apache-2.0 */
/* build: a board and a machine become a bitstream. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/build.h"
#include "build/export.h"
#include "cli/cli_board.h"
#include "cli/cli_eda.h"

#define MAX_SEEDS 64
#define SEEDS_TRIED 4        /* if none is asked for and timing is missed */

static void print_json(cli *c, const weft_build_options *o, const weft_build_result *r) {
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "board", o->board->name);
  weft_json_string(j, "config", o->config->name);
  weft_json_string(j, "bitstream", r->bitstream);
  weft_json_double(j, "target_mhz", r->target_mhz);
  weft_json_double(j, "fmax_mhz", r->fmax_mhz);
  weft_json_bool(j, "timing_met", r->is_timing_met);
  weft_json_int(j, "seed", r->seed);
  weft_json_int(j, "cells", r->cells);
  weft_json_int(j, "dsp", r->dsp);
  weft_json_int(j, "bram", r->bram);
  weft_json_double(j, "seconds", r->seconds);
  weft_json_string(j, "manifest", r->manifest);
  weft_json_string(j, "page", r->page);
  if (!r->is_timing_met)
    weft_json_string(j, "worst_path", r->worst_path);
  weft_json_end(j);
  cli_print_json(c, j);
}

static void print_text(cli *c, const weft_build_options *o, const weft_build_result *r) {
  cli_say(c, "%s, machine %s: %.2f MHz of %.2f MHz%s, seed %d\n", o->board->name, o->config->name,
          r->fmax_mhz, r->target_mhz, r->is_timing_met ? "" : " - TIMING NOT MET", r->seed);
  for (size_t i = 0; r->n_seeds > 1 && i < r->n_seeds; i++)
    cli_say(c, "  seed %d: %.2f MHz\n", r->seeds[i].seed, r->seeds[i].fmax_mhz);
  cli_say(c, "  %lld of %lld logic cells, %lld of %lld multipliers, %lld of %lld block RAMs\n",
          (long long)r->cells, (long long)r->cells_of, (long long)r->dsp, (long long)r->dsp_of,
          (long long)r->bram, (long long)r->bram_of);
  cli_say(c, "  %.0f s; page %s\n", r->seconds, r->page);
  if (r->bitstream)
    cli_say(c, "  bitstream %s%s\n", r->bitstream, r->is_timing_met ? "" : " (timing not met)");
}

static const char *const stages[] = {"elaborate", "synth", "place", "pack"};

static weft_status read_until(cli *c, weft_build_stage *out) {
  *out = WEFT_BUILD_PACK;
  for (int i = 0; c->until && i < 4; i++)
    if (strcmp(c->until, stages[i]) == 0) {
      *out = (weft_build_stage)i;
      return WEFT_OK;
    }
  return c->until ? cli_usage(c, "--until", weft_diag_text(c->diag, "'%.60s'", c->until),
                              "elaborate, synth, place or pack")
                  : WEFT_OK;
}

static weft_status check_numbers(cli *c) {
  if (c->has_seeds && c->seeds > MAX_SEEDS)
    return cli_usage(c, "--seeds", weft_diag_text(c->diag, "%llu", (unsigned long long)c->seeds),
                     "1..64");
  return WEFT_OK;
}

static weft_status export_project(cli *c, const weft_build_options *o) {
  WEFT_TRY(weft_build_export(c->arena, c->diag, o));
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "board", o->board->name);
  weft_json_string(j, "config", o->config->name);
  weft_json_string(j, "export", o->out_dir);
  weft_json_bool(j, "was_run", false);
  weft_json_end(j);
  if (c->json)
    cli_print_json(c, j);
  else if (!c->quiet)
    cli_say(c, "%s, machine %s: project in %s; weft has not run it\n", o->board->name,
            o->config->name, o->out_dir);
  return WEFT_OK;
}

weft_status cmd_build(cli *c) {
  weft_board *board = NULL;
  weft_config *config = NULL;
  weft_build_stage until;
  WEFT_TRY(check_numbers(c));
  WEFT_TRY(read_until(c, &until));
  WEFT_TRY(cli_load_board(c, c->args.items[0], &board));
  WEFT_TRY(cli_board_machine(c, board, &config));
  const weft_build_options o = {
    .board = board, .config = config,
    .out_dir = c->out ? c->out : weft_arena_printf(c->arena, "build/%s/%s",
                                                  c->export_project ? "export" : "boards", board->name),
    .until = until, .places = cli_eda_places(c),
    .n_seeds = c->has_seeds ? (size_t)c->seeds : 1,
    .most_seeds = c->has_seeds || c->allow_timing_fail ? 0 : SEEDS_TRIED,
    .n_jobs = c->has_jobs ? (size_t)c->jobs : 1,
    .allow_timing_fail = c->allow_timing_fail, .resume = c->resume, .progress = c->progress};
  if (c->export_project)
    return export_project(c, &o);
  weft_build_result r;
  const weft_status s = weft_build_run(c->arena, c->diag, &o, &r);
  weft_progress_clear(c->progress);
  if (s == WEFT_E_INTERRUPTED)
    return weft_fail(c->diag, s, o.out_dir, "interrupted; the stages that ended are whole", "",
                     "the same command with --resume goes on behind them");
  if (s != WEFT_OK && s != WEFT_E_TIMING)
    return s;
  if (c->json)
    print_json(c, &o, &r);
  else if (!c->quiet && until < WEFT_BUILD_PLACE)
    cli_say(c, "%s, machine %s: %s is done, %.0f s\n", board->name, config->name, c->until, r.seconds);
  else if (!c->quiet)
    print_text(c, &o, &r);
  return s;
}
