/* SPDX-License-Identifier: Apache-2.0 */
/* A recipe: stages in order, what layers may skip, a target. YAML:
 *
 *     seed: 1
 *     target: 0.95                  # metric of the last stage on the test split; exit 10 if missed
 *     stages:
 *       - train: {epochs: 10, batch: 32, lr: 0.001}
 *       - prune: {pattern: "2:4", epochs: 2}
 *       - qat: {epochs: 1}
 *     layers:
 *       "conv2d_1.*": {skip: [prune], bits: 4}
 *
 * Every key is listed in README.md. What cannot work (unknown key, a schedule that
 * cannot finish, a pattern without a layer) is E_CONFIG before anything is trained. */
#ifndef WEFT_COMPILER_OPTIMIZE_RECIPE_H
#define WEFT_COMPILER_OPTIMIZE_RECIPE_H

#include "compiler/optimize/quantize.h"
#include "compiler/optimize/train.h"

typedef enum opt_stage_kind {
#define STAGE(name, key, integer, text) OPT_STAGE_##name,
#include "stages.def"
#undef STAGE
  OPT_N_STAGES
} opt_stage_kind;
const char *opt_stage_key(opt_stage_kind k);
bool opt_stage_is_integer(opt_stage_kind k);

typedef struct opt_stage {
  opt_stage_kind kind;
  const char *name;             /* of the row and the file; default: the key  */
  const char *where;            /* "recipe.yaml:7"                            */
  opt_train_options train;      /* epochs 0: this stage does not train        */
  double sparsity;              /* PRUNE without epochs; the schedule's final */
  bool has_end, has_frequency;  /* given by the recipe; else chosen by the steps */
  bool first_layer;             /* PRUNE: the first layer too                 */
  bool surgeon;                 /* PRUNE: opt_prune_surgeon, before the training */
  opt_cluster cluster;
  opt_decompose decompose;
  bool always;                  /* DECOMPOSE: whatever the cycles say         */
  opt_structured channels;
  opt_ptq_options ptq;          /* PTQ; QAT: how the result is written        */
  int rank;                     /* LORA without a file: of the adapters that are trained */
  const char *layers;           /* LORA: regular expression, whole name; NULL: all */
  const char *file;             /* LORA: .npz, NULL: train; DISTILL, QAT: teacher .tflite, NULL: self */
  bool taught;                  /* DISTILL; QAT with a teacher                */
  double alpha;                 /* LORA                                       */
} opt_stage;

typedef struct opt_rule {
  const char *pattern;          /* extended regular expression, whole name    */
  const char *where;
  uint32_t skip;                /* bit 1 << opt_stage_kind                    */
  int bits;                     /* 0: as it is                                */
  bool per_tensor, exclude, frozen;
} opt_rule;

typedef struct opt_recipe {
  const char *path;
  const char *text;             /* of the file; "" for the default            */
  uint64_t seed;
  bool has_target;
  double target;
  size_t n_stages, n_rules;
  opt_stage *stages;
  opt_rule *rules;
} opt_recipe;

/* The default (path NULL): ptq alone. A recipe that does not end in an integer
 * stage gets a ptq behind it. */
weft_status opt_recipe_read(weft_arena *arena, weft_diag *d, const char *path, opt_recipe **out);
weft_status opt_recipe_parse(weft_arena *arena, weft_diag *d, const char *path, const char *text,
                             opt_recipe **out);
/* Against the network and the data: steps, schedules, patterns without a layer.
 * Fills in what depends on the number of steps. */
weft_status opt_recipe_check(weft_diag *d, opt_recipe *r, const opt_net *net, const opt_data *data);
/* Whether a layer takes part in a stage. */
bool opt_recipe_takes(const opt_recipe *r, opt_stage_kind k, const opt_layer *l);
/* The whole name matches an extended regular expression. */
bool opt_name_matches(const char *pattern, const char *name);
/* bits, per_tensor, exclude, frozen of the rules into the layers' weights. */
void opt_recipe_mark(const opt_recipe *r, opt_net *net);

#endif
