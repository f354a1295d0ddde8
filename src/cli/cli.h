/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/cli: the parsed command line, the verbs, what they share.
 * The contract (options, JSON, exit codes) is the README of this folder. */
#ifndef WEFT_CLI_CLI_H
#define WEFT_CLI_CLI_H

#include "base/base.h"
#include "base/json.h"
#include "base/progress.h"
#include "compiler/compile.h"
#include "config/config.h"
#include "graph/graph.h"
#include "isa/program.h"
#include "kernels/kernels.h"
#include "runtime/runtime.h"

typedef struct cli_list {
  const char **items;
  size_t n, cap;
} cli_list;

typedef struct cli {
  weft_arena *arena;
  weft_diag *diag;
  weft_progress *progress;      /* NULL: none */
  const struct cli_verb *verb;
  cli_list args;                /* positional */
  weft_json *result;            /* of --json: the one object, printed at the end; or NULL */
  bool has_result_issues;       /* it lists the issues */
  /* every verb */
  bool help, json, quiet, has_jobs;
  const char *config;           /* NULL: default */
  cli_list sets;
  const char *progress_mode;
  uint64_t jobs;
  /* some verbs; see the table of cli_args.c */
  const char *backend, *out, *dump_pass, *labels, *profile;
  const char *wave, *wave_scope, *wave_layer, *program;
  const char *split, *export_path;
  const char *data, *recipe, *from, *measure;
  const char *space, *launcher;
  const char *accelerator, *system_config, *memory_mode;
  bool has_point, has_refine, has_target_fps, untried;
  uint64_t point, refine, target_fps;
  cli_list inputs, outputs;
  bool tensors, weights, markdown, has_seed, has_steps, has_poison;
  bool has_max_cycles, has_limit;
  uint64_t seed, steps, poison, max_cycles;
  /* deploy */
  const char *port, *bitstream;
  bool sim;
  /* build */
  const char *boards, *board, *until;
  bool has_seeds, allow_timing_fail, resume, install, export_project;
  uint64_t seeds;
} cli;

typedef struct cli_verb {
  const char *name;
  weft_status (*run)(cli *c);
  int min_args, max_args;
  const char *args;             /* "MODEL|PROGRAM" */
  const char *line;             /* one-line summary */
  const char *text;             /* the manual, ends in a newline */
} cli_verb;

const cli_verb *cli_verbs(size_t *n);
const cli_verb *cli_verb_find(const char *name, const char **nearest);

/* The whole command: returns the exit code. */
int cli_main(int argc, char **argv);

/* cli_args.c */
typedef enum cli_option_kind { CLI_FLAG, CLI_TEXT, CLI_LIST, CLI_NUMBER, CLI_COUNT } cli_option_kind;
typedef struct cli_option {
  const char *name;
  char letter;                  /* 0: none */
  cli_option_kind kind;
  size_t at;                    /* in cli; of a CLI_NUMBER or CLI_COUNT (>= 1) the value */
  size_t given_at;              /* of these: a bool */
  const char *verbs;            /* space-separated; NULL: every verb */
  const char *arg, *doc;
} cli_option;
const cli_option *cli_options(size_t *n);
typedef struct cli_use {        /* a row of uses.def */
  const char *verbs, *option, *other;
  bool is_needed;               /* NEEDS; else CLASH */
} cli_use;
const cli_use *cli_uses(size_t *n);
bool cli_option_is_for(const cli_option *o, const char *verb);
weft_status cli_parse(cli *c, int argc, char **argv);
/* Options of a verb as help text. */
const char *cli_options_text(weft_arena *arena, const char *verb);
bool cli_number(const char *text, uint64_t *out);   /* decimal or 0x; strict */

/* cli_print.c: the only writers to the terminal */
void cli_say(cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same of whole lines, whose writer lets no name break one. */
void cli_say_lines(cli *c, const char *text);
void cli_print_issues(cli *c);
void cli_print_json(cli *c, weft_json *j);     /* once a command; j is complete */
/* The object of the command, or one of its own: with error, exit and issues. */
void cli_flush_json(cli *c, weft_status s);
void cli_json_issues(cli *c, weft_json *j);
weft_status cli_usage(cli *c, const char *where, const char *found,
                      const char *allowed);
/* "not supported yet: WHAT", E_UNSUPPORTED. */
weft_status cli_not_yet(cli *c, const char *what);
const char *cli_shape_text(weft_arena *arena, const int32_t *shape, int rank);
/* In quotes: a shell reads it as one word, whatever it holds. */
const char *cli_shell_word(weft_arena *arena, const char *text);

/* cli_model.c: the positional file */
typedef struct cli_model {
  const char *path;
  weft_graph *graph;            /* one of the two is NULL */
  weft_program *program;
} cli_model;
/* Both exist and are one file, by whatever names. */
bool cli_is_same_file(const char *a, const char *b);
weft_status cli_open_model(cli *c, const char *path, cli_model *out);
/* E_PROGRAM unless the static checker proves the program for its machine. */
weft_status cli_prove(cli *c, const weft_program *p);
weft_status cli_load_config(cli *c, const weft_program *own, weft_config **out);
/* Compiles unless the file was a program. What runs is always what a program
 * file holds: a fresh compilation is stored and loaded again. */
weft_status cli_get_program(cli *c, const cli_model *m, const weft_config *config,
                            weft_program **out);

/* cli_input.c */
typedef struct cli_io {         /* an input or output of the network */
  const char *name;
  weft_type type;
  bool is_quantized;
  int rank;
  const int32_t *shape;
  size_t n_elems, n_bytes;
} cli_io;
typedef struct cli_ios {
  int n_inputs, n_outputs;
  cli_io *inputs, *outputs;
} cli_ios;
weft_status cli_list_io(cli *c, const cli_model *m, cli_ios *out);

typedef struct cli_feed {       /* where the inputs of each run come from */
  const cli_ios *ios;
  uint64_t n_runs;
  weft_span *files;             /* [n_inputs], NULL: generated */
  uint64_t n_records;           /* of each file; a step takes record 0 again */
  weft_rng rng;
  uint8_t **bytes;              /* [n_inputs] of the current run */
} cli_feed;
/* E_USAGE unless inputs are given, or a seed or steps to make them from. */
weft_status cli_feed_open(cli *c, const cli_ios *ios, cli_feed *out);
void cli_feed_next(cli_feed *f, uint64_t run);
/* The next generated input: oracle.py's generate(). */
void cli_generate(weft_rng *rng, const cli_io *io, uint8_t *out);
/* Data of a .npy of that type and element count (any shape, C order). */
weft_status cli_npy(weft_diag *d, const char *path, weft_span file,
                    const cli_io *io, weft_span *data);

/* cli_exec.c: one backend behind one call */
typedef struct cli_seen {       /* a tensor that a run made */
  int32_t tensor;
  const char *name;
  weft_type type;
  int rank;
  const int32_t *shape;
} cli_seen;
typedef weft_status (*cli_sink)(void *user, const cli_seen *t, const void *data,
                                size_t n_bytes);
typedef struct cli_exec {
  const char *backend;          /* "ref", "model", "rtl" */
  const weft_graph *graph;
  weft_program *program;
  weft_config *config;
  weft_ref *ref;
  weft_session *session;
  weft_progress *progress;
  uint64_t run, n_runs;         /* for progress: the run that comes, of how many */
} cli_exec;
weft_status cli_exec_open(cli *c, const cli_model *m, const char *backend,
                          cli_exec *out);
weft_status cli_exec_run(cli *c, cli_exec *e, uint8_t *const *inputs,
                         uint8_t *const *outputs, cli_sink sink, void *user,
                         weft_run_stats *stats);
/* Tells that a run is done. */
void cli_exec_step(cli_exec *e);
void cli_exec_close(cli_exec *e);

/* Element i as a number (exact but for large int64); and as text. */
double cli_elem(weft_type type, const void *data, size_t i);
const char *cli_elem_text(weft_arena *arena, weft_type type, const void *data,
                          size_t i);
/* Index of the first maximum. */
size_t cli_argmax(weft_type type, const void *data, size_t n);

/* cmd_weights.c: zeros and distinct values of each layer of a network */
weft_status cli_weights(cli *c, const weft_graph *g);

/* cmd_config_from.c: config init --from; yaml makes the machine's text */
weft_status cli_config_from(cli *c, const char *(*yaml)(cli *c, const weft_config *m));

/* The verbs, cmd_*.c */
weft_status cmd_assemble(cli *c);
weft_status cmd_build(cli *c);
weft_status cmd_check(cli *c);
weft_status cmd_compile(cli *c);
weft_status cmd_config(cli *c);
weft_status cmd_data(cli *c);
weft_status cmd_deploy(cli *c);
weft_status cmd_doctor(cli *c);
weft_status cmd_explore(cli *c);
weft_status cmd_help(cli *c);
weft_status cmd_inspect(cli *c);
weft_status cmd_ops(cli *c);
weft_status cmd_optimize(cli *c);
weft_status cmd_run(cli *c);
weft_status cmd_sim(cli *c);
weft_status cmd_verify(cli *c);

#endif
