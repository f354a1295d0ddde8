/* SPDX-License-Identifier: Apache-2.0 */
/* Machines for a board and networks: every legal point of a space is either rejected
 * with the reason or measured; the front of cells against cycles is what remains.
 *
 * Block RAM, multipliers and the memory of a network are exact (formula, compiler);
 * cycles are those of the RTL with the board's memory timing; logic cells are
 * estimated by least squares over stored synthesis results of the family
 * (boards/family/<family>/area.csv), whose error is told. Whether a machine will
 * reach the board's clock is taken from machines that were built (built.csv beside
 * it), never guessed. Depends on base, config, graph, compiler, isa, runtime, build. */
#ifndef WEFT_EXPLORE_EXPLORE_H
#define WEFT_EXPLORE_EXPLORE_H

#include "base/json.h"
#include "base/progress.h"
#include "build/board.h"
#include "config/config.h"
#include "graph/graph.h"

/* ---- area ---------------------------------------------------------------- */
/* The cells of a machine's parts grow with one number each: the PEs with rows *
 * columns, requant lanes, address generators with the rows, byte lanes of LD and ST
 * with the columns. The rest (board, queues, control) is the same for all. */
typedef enum area_part { AREA_PE, AREA_LANE, AREA_ROW, AREA_COL, AREA_REST, AREA_N_PARTS } area_part;
typedef struct area_line { double base, slope; } area_line;
typedef struct explore_area {
  size_t n_points;              /* stored results that were fitted            */
  area_line lines[AREA_N_PARTS];
  double dsp[2];                /* a product of rows and columns, a lane      */
  double bram_extra;            /* board's blocks beside the machine's        */
  double least[AREA_N_PARTS], most[AREA_N_PARTS];   /* of what parts grow with */
  double mean_error, max_error; /* of cells, relative: each stored result
                                   against a fit to the others                */
} explore_area;
/* E_READ without such a file, E_CONFIG if it is damaged or has fewer than 4. */
weft_status explore_area_fit(weft_arena *arena, weft_diag *d, const char *csv_path,
                             explore_area *out);
double explore_area_cells(const explore_area *a, const weft_config *c);
/* Whether a machine lies outside the stored results: its error is not known. */
bool explore_area_is_beyond(const explore_area *a, const weft_config *c);
/* The key in which a machine is not of the kind that the stored results are of, or NULL. */
const char *explore_area_unlike(const weft_config *c);
int explore_area_dsp(const explore_area *a, const weft_config *c);
int explore_area_bram(const explore_area *a, const weft_config *c);
/* 18 kbit blocks of a machine: scratchpad, ring, tap table, queues, buffers. */
int explore_machine_blocks(const weft_config *c);

/* ---- clock --------------------------------------------------------------- */
typedef struct explore_build {
  const char *board, *speed;    /* speed grade of its part                    */
  const char *hash;             /* of the whole machine, 16 digits            */
  weft_config config;           /* rows to queue_depth                        */
  double cells, mhz;            /* placed                                     */
} explore_build;
typedef struct explore_built {
  const explore_build *items;
  size_t n;
} explore_built;
/* No file: none. E_CONFIG if it is damaged. */
weft_status explore_built_read(weft_arena *arena, weft_diag *d, const char *csv_path,
                               explore_built *out);
typedef enum explore_clock {
  EXPLORE_CLOCK_BUILT,          /* on this board, and it met the target       */
  EXPLORE_CLOCK_COVERED,        /* no dimension of the array is larger than that
                                   of one that met it on such a part          */
  EXPLORE_CLOCK_UNKNOWN,        /* none met it on such a part yet             */
  EXPLORE_CLOCK_BEYOND,         /* some did, all are smaller                  */
  EXPLORE_CLOCK_MISSED          /* built on this board, too slow              */
} explore_clock;
explore_clock explore_clock_of(weft_arena *arena, const explore_built *built,
                               const weft_board *board, const weft_config *c, const char **why);
const char *explore_clock_name(explore_clock clock);   /* "built", "covered", ... */

/* ---- space --------------------------------------------------------------- */
/* Every machine of the space that params.def allows, in order of the file's keys
 * (last key fastest), starting from `base`. The YAML is a mapping of machine keys to
 * lists; NULL: the built-in space and `base` itself, first. n_illegal counts what
 * REQUIRE rows refused. */
weft_status explore_space(weft_arena *arena, weft_diag *d, const char *yaml_path,
                          const weft_config *base, weft_config ***out, size_t *n, size_t *n_illegal);

/* ---- points -------------------------------------------------------------- */
typedef enum explore_state { EXPLORE_OPEN, EXPLORE_REJECTED, EXPLORE_DONE } explore_state;
typedef struct explore_point {
  const weft_config *config;
  const char *name;             /* "8x8 q8 s64 r64"                           */
  explore_state state;
  const char *why;              /* of a rejection                             */
  double cells;                 /* estimate                                   */
  int dsp, bram;
  bool is_beyond;               /* the estimate lies outside the stored results */
  explore_clock clock;
  const char *clock_why;
  uint64_t *cycles;             /* [n_models], RTL                            */
  double fps;                   /* of the slowest model at the board's target */
  bool is_front, is_chosen;
  /* after refine: */
  bool is_built;
  double built_cells, built_mhz;
} explore_point;

typedef struct explore_job {
  const weft_board *board;
  const weft_config *base;      /* keys that the space does not name          */
  const weft_graph *const *models;
  const char *const *model_names;
  size_t n_models;
  double target_fps;            /* 0: the fastest that fits                   */
  const char *dir;              /* results; exists                            */
  const char *space_path;       /* NULL: built-in                             */
  bool is_untried;              /* also machines beyond those that were built */
  int jobs;
  const char *launcher;         /* "local" or "slurm"                         */
  const char *const *self;      /* command of this run, for slurm; NULL ends   */
  int64_t only_point;           /* a worker of slurm: this one; -1: all        */
  weft_progress *progress;
} explore_job;

typedef struct explore_result {
  explore_area area;
  explore_built built;
  explore_point *points;
  size_t n_points, n_illegal, n_rejected, n_front;
  int chosen;                   /* index, -1: none                            */
} explore_result;

/* Enumerates, rejects, measures, finds the front. Measured points are kept in
 * DIR/points, so that a run that was interrupted (E_INTERRUPTED) goes on and ends in
 * the same bytes. E_NO_FIT if nothing fits, with the first reason; E_UNSUPPORTED
 * without stored results of the family; E_TOOL without Verilator or Slurm. */
weft_status explore_run(weft_arena *arena, weft_diag *d, const explore_job *job,
                        explore_result *out);

/* One point; what a worker does. Writes its result file. */
weft_status explore_measure(weft_arena *arena, weft_diag *d, const explore_job *job,
                            explore_point *p);
/* Reads a result file; false if there is none for exactly this point. */
bool explore_recall(weft_arena *arena, const explore_job *job, explore_point *p);

/* Keys cells, dsp, bram, fps, cycles, clock of a point, into the open object. */
void explore_json_figures(weft_json *j, const explore_job *job, const explore_point *p);

/* DIR/front.csv, DIR/explore.json, DIR/front.svg, DIR/chosen.yaml. */
weft_status explore_write(weft_arena *arena, weft_diag *d, const explore_job *job,
                          const explore_result *r);

#endif
