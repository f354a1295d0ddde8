/* SPDX-License-Identifier: Apache-2.0 */
/* A board and a machine become a bitstream: elaborate, synth, place, pack. Each
 * stage writes into a folder of its own below out_dir, which gets its name only
 * when the stage is whole. Depends on base, config, gen and sim/rtl. */
#ifndef WEFT_BUILD_BUILD_H
#define WEFT_BUILD_BUILD_H

#include "base/base.h"
#include "base/progress.h"
#include "build/board.h"
#include "build/tools.h"
#include "config/config.h"

typedef enum weft_build_stage {
  WEFT_BUILD_ELABORATE, WEFT_BUILD_SYNTH, WEFT_BUILD_PLACE, WEFT_BUILD_PACK
} weft_build_stage;

typedef struct weft_build_options {
  const weft_board *board;
  const weft_config *config;
  const char *out_dir;          /* made if absent                             */
  weft_eda_places places;       /* where tools are                            */
  weft_build_stage until;       /* the last stage; PACK: all, and the reports */
  size_t n_seeds;               /* seeds 1..n are placed; the fastest is kept */
  size_t most_seeds;            /* while timing is missed, n_jobs more at a time, up to this; 0: n_seeds */
  size_t n_jobs;                /* placements at a time                       */
  bool allow_timing_fail;       /* a bitstream even if timing is missed       */
  bool resume;                  /* takes stages whose inputs are the same     */
  weft_progress *progress;      /* may be NULL                                */
} weft_build_options;

typedef struct weft_build_seed {
  int seed;
  double fmax_mhz;              /* 0: the placer failed                       */
} weft_build_seed;

typedef struct weft_build_result {
  const char *bitstream;        /* NULL: none                                 */
  const char *manifest, *page;  /* files                                      */
  double target_mhz, fmax_mhz;
  int seed;
  int64_t cells, dsp, bram;     /* of the placed design; until SYNTH: of the netlist */
  int64_t cells_of, dsp_of, bram_of;
  double seconds;
  bool is_timing_met;
  const weft_build_seed *seeds;
  size_t n_seeds;
  const char *worst_path;       /* lines "   1.23 ns  module.signal", or ""   */
} weft_build_result;

/* Errors: E_CONFIG (pins do not match the top, board is export only), E_TOOL
 * (absent or failed: the log is named), E_NO_FIT with used and available cells,
 * E_TIMING with target, reached and the worst path (no bitstream is left),
 * E_WRITE, E_INTERRUPTED (not told in d: the caller knows the way on; the stages and
 * seeds that ended are whole). *out is filled as far as the build came. */
weft_status weft_build_run(weft_arena *arena, weft_diag *d, const weft_build_options *o,
                           weft_build_result *out);

#endif
