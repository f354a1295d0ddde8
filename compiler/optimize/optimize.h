/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a recipe: each stage changes the network, is measured again from the file
 * that was written, and becomes a row. */
#ifndef WEFT_COMPILER_OPTIMIZE_OPTIMIZE_H
#define WEFT_COMPILER_OPTIMIZE_OPTIMIZE_H

#include "compiler/optimize/recipe.h"
#include "config/config.h"

typedef struct opt_layer_row {
  const char *name;
  opt_facts facts;
  bool has_error;               /* integer stages: against the stage's float network */
  double sqnr_db, cosine, max_abs;
  uint32_t histogram[64];       /* of w between -max|w| and max|w|, zeros left out */
} opt_layer_row;

typedef struct opt_row {
  const char *stage;            /* "0 float", "1 prune", ...                  */
  bool is_integer;
  bool has_metric;              /* there is a test split                      */
  double metric;                /* of the test split: right share 0..1, or mse */
  size_t n_bytes;               /* of the file                                */
  bool has_cycles;
  uint64_t cycles, stream_bytes;/* integer stages: on the machine; weights and parameters as moved */
  const char *runs;             /* "rtl, 3 inputs equal", or why it does not run */
  size_t n_weights, n_zeros, n_distinct_max;
  const char *invariants;       /* "zeros kept, 2:4 kept, <= 16 values kept"  */
  const char *note;             /* what the stage left out and why, or ""     */
  const char *file;             /* path                                       */
  double seconds;
  opt_history history;
  int n_layers, first_bad;      /* first_bad: first layer that hurts, -1 none  */
  const char *first_bad_name;
  opt_layer_row *layers;
} opt_row;

typedef struct opt_job {
  const char *model_path;
  weft_span model;
  const weft_config *config;
  opt_recipe *recipe;
  const opt_data *data;         /* NULL: none                                 */
  const char *dir;              /* exists                                     */
  int threads;
  bool resume;
  const char *backend;          /* cycles: "rtl", "model", "none"             */
  int n_verify;                 /* inputs that the backend must run equal to ref */
  weft_progress *progress;
} opt_job;

typedef struct opt_result {
  size_t n_rows;
  opt_row *rows;
  const char *model_file;       /* the last integer file, as DIR/model.tflite  */
  opt_metric metric;
} opt_result;

/* E_MISMATCH: an invariant was lost, or RTL and kernels differ; E_ACCURACY: the
 * target is missed (all files are there). *out is filled as far as it came. */
weft_status opt_run(weft_arena *arena, weft_diag *d, const opt_job *job, opt_result *out);

/* Cycles and verification of an integer file on a machine. *runs says what ran or
 * why not; a network that the compiler refuses is no error. */
weft_status opt_measure_file(weft_arena *arena, weft_diag *d, const opt_job *job, weft_span file,
                             opt_row *row);

/* DIR/run.json, DIR/report.html. */
weft_status opt_write_run_json(weft_arena *arena, weft_diag *d, const opt_job *job,
                               const opt_result *r, const char *const *command, size_t n_command);
weft_status opt_write_report(weft_arena *arena, weft_diag *d, const opt_job *job,
                             const opt_result *r);

#endif
