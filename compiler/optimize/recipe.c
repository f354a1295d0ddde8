/* SPDX-License-Identifier: Apache-2.0 */
/* Recipes: YAML to stages, and what can be checked before anything is trained. */
#include "compiler/optimize/recipe.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "compiler/optimize/ranges.h"

static const struct { const char *key; bool integer; } stage_rows[] = {
#define STAGE(name, key, integer, text) {key, integer},
#include "stages.def"
#undef STAGE
};

const char *opt_stage_key(opt_stage_kind k) { return stage_rows[k].key; }
bool opt_stage_is_integer(opt_stage_kind k) { return stage_rows[k].integer; }

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TRAIN_KEYS "name", "epochs", "batch", "lr", "optimizer", "momentum", "lr_schedule", "lr_relative", \
                   "weight_decay", "dropout", "samples", "augment", "checkpoint"

typedef struct keys { const char *const *names; size_t n; } keys;
#define KEYS(kind, ...)                                                       \
  case OPT_STAGE_##kind: {                                                    \
    static const char *const names[] = {__VA_ARGS__};                         \
    return (keys){names, COUNT(names)};                                       \
  }

static keys keys_of(opt_stage_kind k) {
  switch (k) {
    KEYS(TRAIN, TRAIN_KEYS, "reinitialize")
    KEYS(PRUNE, TRAIN_KEYS, "schedule", "initial", "final", "begin", "end", "power", "frequency",
         "pattern", "block", "pooling", "cols", "first_layer", "method")
    KEYS(CLUSTER, TRAIN_KEYS, "number_of_clusters", "init", "per_channel", "preserve_sparsity")
    KEYS(DECOMPOSE, TRAIN_KEYS, "energy", "rank", "multiple", "only_if")
    KEYS(CHANNELS, TRAIN_KEYS, "macs", "multiple")
    KEYS(REMOVE_DEAD, "name")
    KEYS(LORA, TRAIN_KEYS, "file", "alpha", "rank", "layers")
    KEYS(DISTILL, TRAIN_KEYS, "teacher", "temperature", "alpha", "labels", "reinitialize")
    KEYS(QAT, TRAIN_KEYS, "teacher", "temperature", "alpha", "labels", "dense",
         "activations")
    KEYS(PTQ, "name", "method", "percentile", "samples", "bias_correction", "equalize", "dense",
         "activations")
  default: return (keys){NULL, 0};
  }
}

static weft_status read_augment(weft_diag *d, const yaml_tree *t, opt_augment *a) {
  static const char *const names[] = {"shift", "flip", "cutout"};
  int64_t shift = 0;
  int64_t cutout = 0;
  if (t && t->kind != YAML_TREE_MAP)
    return yaml_fail(d, t, "{shift: N, flip: true, cutout: N}");
  WEFT_TRY(yaml_known(d, t, names, COUNT(names)));
  WEFT_TRY(yaml_int(d, t, "shift", 0, 1000, &shift));
  WEFT_TRY(yaml_int(d, t, "cutout", 0, 1000, &cutout));
  WEFT_TRY(yaml_bool(d, t, "flip", &a->flip));
  a->shift = (int)shift;
  a->cutout = (int)cutout;
  return WEFT_OK;
}

static weft_status read_train(weft_diag *d, const yaml_tree *t, opt_train_options *o) {
  static const char *const optimizers[] = {"sgd", "momentum", "adam"};
  static const char *const schedules[] = {"constant", "cosine", "step"};
  int optimizer = (int)o->optimizer;
  int schedule = (int)o->lr_schedule;
  int64_t samples = 0;
  const yaml_tree *epochs = yaml_get(t, "epochs");
  const bool is_none = o->epochs == 0 && epochs && epochs->kind == YAML_TREE_SCALAR && strcmp(epochs->text, "0") == 0;
  if (!is_none)                 /* a stage that is training needs one */
    WEFT_TRY(opt_range_int(d, t, OPT_RANGE_EPOCHS, &o->epochs));
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_BATCH, &o->batch));
  WEFT_TRY(yaml_int(d, t, "samples", 0, 1 << 30, &samples));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_LR, &o->lr));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_MOMENTUM, &o->momentum));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_WEIGHT_DECAY, &o->weight_decay));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_DROPOUT, &o->dropout));
  if (o->weight_decay * o->lr >= 1)
    return yaml_fail(d, yaml_get(t, yaml_get(t, "weight_decay") ? "weight_decay" : "lr"), "weight_decay * lr below 1");
  WEFT_TRY(yaml_choice(d, t, "optimizer", optimizers, COUNT(optimizers), &optimizer));
  WEFT_TRY(yaml_choice(d, t, "lr_schedule", schedules, COUNT(schedules), &schedule));
  WEFT_TRY(yaml_bool(d, t, "lr_relative", &o->lr_relative));
  WEFT_TRY(yaml_bool(d, t, "reinitialize", &o->reinitialize));
  WEFT_TRY(read_augment(d, yaml_get(t, "augment"), &o->augment));
  o->optimizer = (opt_optimizer)optimizer;
  o->lr_schedule = (opt_lr_schedule)schedule;
  o->max_samples = (size_t)samples;
  return WEFT_OK;
}

/* "unstructured", "block", "vector", or "m:n". */
static weft_status read_pattern(weft_diag *d, const yaml_tree *t, opt_prune *p) {
  const yaml_tree *node = yaml_get(t, "pattern");
  if (!node)
    return WEFT_OK;
  int used = 0;
  if (node->kind == YAML_TREE_SCALAR &&
      sscanf(node->text, "%2d:%2d%n", &p->m, &p->n, &used) == 2 && node->text[used] == 0 &&
      p->m >= 1 && p->n > p->m && p->n <= 64) {
    p->pattern = OPT_M_OF_N;
    return WEFT_OK;
  }
  static const char *const names[] = {"unstructured", "block", "vector", "2:4"};
  int which = 0;
  WEFT_TRY(yaml_choice(d, t, "pattern", names, COUNT(names), &which));
  p->pattern = which == 1 ? OPT_BLOCK : which == 2 ? OPT_VECTOR : OPT_UNSTRUCTURED;
  return WEFT_OK;
}

static weft_status read_block(weft_diag *d, const yaml_tree *t, opt_prune *p) {
  const yaml_tree *node = yaml_get(t, "block");
  static const char *const poolings[] = {"avg", "max"};
  int pooling = p->block_max ? 1 : 0;
  WEFT_TRY(yaml_choice(d, t, "pooling", poolings, 2, &pooling));
  p->block_max = pooling == 1;
  if (!node)
    return WEFT_OK;
  double v[2] = {0, 0};
  for (size_t i = 0; i < 2; i++)
    if (node->kind != YAML_TREE_LIST || node->n != 2 || !yaml_number(node->child[i], &v[i]) ||
        !opt_in_range(OPT_RANGE_BLOCK, v[i]) || v[i] != (int)v[i])
      return yaml_fail(d, node, weft_diag_text(d, "[rows, columns], each %s", opt_range_text(d, OPT_RANGE_BLOCK)));
  p->block_h = (int)v[0];
  p->block_w = (int)v[1];
  return WEFT_OK;
}

/* The surgeon sets masks once; a schedule is magnitude's. */
static weft_status read_method(weft_diag *d, const yaml_tree *t, opt_stage *s) {
  static const char *const methods[] = {"magnitude", "surgeon"};
  static const char *const others[] = {"schedule", "initial", "begin", "end", "power", "frequency", "pooling"};
  int method = 0;
  WEFT_TRY(yaml_choice(d, t, "method", methods, COUNT(methods), &method));
  s->surgeon = method == 1;
  for (size_t i = 0; i < COUNT(others) && s->surgeon; i++)
    if (yaml_get(t, others[i]))
      return yaml_fail(d, yaml_get(t, others[i]), "method: magnitude with this key");
  return WEFT_OK;
}

static weft_status read_prune(weft_diag *d, const yaml_tree *t, opt_stage *s) {
  static const char *const kinds[] = {"constant", "polynomial_decay"};
  opt_schedule *c = &s->train.prune_schedule;
  int kind = (int)c->kind;
  int64_t cols = s->train.prune.cols;
  WEFT_TRY(yaml_choice(d, t, "schedule", kinds, 2, &kind));
  c->kind = (opt_schedule_kind)kind;
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_INITIAL, &c->initial));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_FINAL, &c->final));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_POWER, &c->power));
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_BEGIN, &c->begin));
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_END, &c->end));
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_FREQUENCY, &c->frequency));
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_COLS, &cols));
  WEFT_TRY(yaml_bool(d, t, "first_layer", &s->first_layer));
  WEFT_TRY(read_method(d, t, s));
  WEFT_TRY(read_pattern(d, t, &s->train.prune));
  WEFT_TRY(read_block(d, t, &s->train.prune));
  s->train.prune.cols = (int)cols;
  s->has_end = yaml_get(t, "end") != NULL;
  s->has_frequency = yaml_get(t, "frequency") != NULL;
  s->sparsity = c->final;
  return WEFT_OK;
}

static weft_status read_cluster(weft_diag *d, const yaml_tree *t, opt_stage *s) {
  static const char *const inits[] = {"linear", "density", "random", "kmeans++"};
  int init = (int)s->cluster.init;
  int64_t n = s->cluster.n_clusters;
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_CLUSTERS, &n));
  WEFT_TRY(yaml_choice(d, t, "init", inits, COUNT(inits), &init));
  WEFT_TRY(yaml_bool(d, t, "per_channel", &s->cluster.per_channel));
  WEFT_TRY(yaml_bool(d, t, "preserve_sparsity", &s->cluster.preserve_sparsity));
  s->cluster.init = (opt_centroids)init;
  s->cluster.n_clusters = (int)n;
  return WEFT_OK;
}

static weft_status read_shape_change(weft_diag *d, const yaml_tree *t, opt_stage *s) {
  static const char *const conditions[] = {"cycles", "always"};
  int condition = 0;
  int64_t rank = 0;
  int64_t multiple = 0;
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_ENERGY, &s->decompose.energy));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_MACS, &s->channels.macs));
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_RANK, &rank));
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_MULTIPLE, &multiple));
  WEFT_TRY(yaml_choice(d, t, "only_if", conditions, 2, &condition));
  s->decompose.rank = (int)rank;
  s->decompose.multiple = (int)multiple;   /* 0: the machine's columns */
  s->channels.multiple = (int)multiple;
  s->always = condition == 1;
  return WEFT_OK;
}

static weft_status read_teacher(weft_arena *arena, weft_diag *d, const yaml_tree *t, opt_stage *s) {
  static const char *const others[] = {"temperature", "alpha", "labels"};
  bool labels = true;
  const yaml_tree *teacher = yaml_get(t, "teacher");
  s->taught = teacher || s->kind == OPT_STAGE_DISTILL;
  for (size_t i = 0; i < COUNT(others) && !s->taught; i++)
    if (yaml_get(t, others[i]))
      return yaml_fail(d, yaml_get(t, others[i]), "teacher: self, or a .tflite, beside it");
  const bool is_self = teacher && teacher->kind == YAML_TREE_SCALAR && strcmp(teacher->text, "self") == 0;
  if (teacher && !is_self)
    WEFT_TRY(yaml_path(arena, d, teacher, &s->file));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_TEMPERATURE, &s->train.temperature));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_ALPHA, &s->train.alpha));
  WEFT_TRY(yaml_bool(d, t, "labels", &labels));
  s->train.teacher_only = !labels;
  return WEFT_OK;
}

static weft_status read_ptq(weft_diag *d, const yaml_tree *t, opt_stage *s) {
  static const char *const methods[] = {"minmax", "moving_average", "percentile", "mse", "kl"};
  static const char *const dense[] = {"per_channel", "per_tensor"};
  int method = (int)s->ptq.method;
  int dense_scale = s->ptq.per_tensor_dense ? 1 : 0;
  int64_t samples = (int64_t)s->ptq.max_samples;
  int64_t activations = s->ptq.activation_bits;
  WEFT_TRY(yaml_choice(d, t, "method", methods, COUNT(methods), &method));
  WEFT_TRY(yaml_choice(d, t, "dense", dense, 2, &dense_scale));
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_PERCENTILE, &s->ptq.percentile));
  WEFT_TRY(yaml_bool(d, t, "bias_correction", &s->ptq.bias_correction));
  WEFT_TRY(yaml_bool(d, t, "equalize", &s->ptq.equalize));
  WEFT_TRY(yaml_int(d, t, "activations", 8, 16, &activations));
  if (s->kind == OPT_STAGE_PTQ)
    WEFT_TRY(yaml_int(d, t, "samples", 0, 1 << 30, &samples));
  if (activations != 8 && activations != 16)
    return yaml_fail(d, yaml_get(t, "activations"), "8 or 16 bits");
  s->ptq.method = (opt_calib)method;
  s->ptq.per_tensor_dense = dense_scale == 1;
  s->ptq.max_samples = (size_t)samples;
  s->ptq.activation_bits = (int)activations;
  return WEFT_OK;
}

static bool is_regular(const char *pattern) {
  regex_t re;
  if (strlen(pattern) > 200 || regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
    return false;
  regfree(&re);
  return true;
}

/* Adapters of a file, or of a rank to train. */
static weft_status read_lora(weft_arena *arena, weft_diag *d, const yaml_tree *t, opt_stage *s) {
  int64_t rank = 4;
  const bool merges = yaml_get(t, "file") != NULL;
  WEFT_TRY(opt_range_int(d, t, OPT_RANGE_RANK, &rank));
  s->alpha = merges ? 1 : (double)rank;
  WEFT_TRY(opt_range_double(d, t, OPT_RANGE_LORA_ALPHA, &s->alpha));
  WEFT_TRY(yaml_string(d, t, "layers", &s->layers));
  if (s->layers && !is_regular(s->layers))
    return yaml_fail(d, yaml_get(t, "layers"), "an extended regular expression of at most 200 characters");
  if (!merges) {
    s->rank = (int)rank;
    return WEFT_OK;
  }
  if (yaml_get(t, "rank") || yaml_get(t, "layers") || yaml_get(t, "epochs"))
    return yaml_fail(d, t, "file, which is merged, or rank, layers and epochs, which train");
  s->train.epochs = 0;
  return yaml_path(arena, d, yaml_get(t, "file"), &s->file);
}

static weft_status read_own_keys(weft_arena *arena, weft_diag *d, const yaml_tree *t, opt_stage *s) {
  switch (s->kind) {
  case OPT_STAGE_PRUNE: return read_prune(d, t, s);
  case OPT_STAGE_CLUSTER: return read_cluster(d, t, s);
  case OPT_STAGE_DECOMPOSE:
  case OPT_STAGE_CHANNELS: return read_shape_change(d, t, s);
  case OPT_STAGE_DISTILL: return read_teacher(arena, d, t, s);
  case OPT_STAGE_QAT:
    WEFT_TRY(read_teacher(arena, d, t, s));
    return read_ptq(d, t, s);
  case OPT_STAGE_PTQ: return read_ptq(d, t, s);
  case OPT_STAGE_LORA: return read_lora(arena, d, t, s);
  default: return WEFT_OK;
  }
}

static opt_stage stage_default(opt_stage_kind k) {
  opt_stage s = {.kind = k, .name = opt_stage_key(k), .train = opt_train_default(),
                 .sparsity = 0.5, .ptq = opt_ptq_default(), .alpha = 1};
  const bool trains = k == OPT_STAGE_TRAIN || k == OPT_STAGE_DISTILL || k == OPT_STAGE_QAT || k == OPT_STAGE_LORA;
  s.train.epochs = trains ? 1 : 0;
  s.train.batch = k == OPT_STAGE_QAT ? 128 : s.train.batch;
  s.train.prune_schedule = opt_schedule_default(OPT_POLYNOMIAL_DECAY);
  s.train.prune_schedule.final = 0.5;
  s.train.prune = (opt_prune){.block_h = 1, .block_w = 1, .m = 2, .n = 4};
  s.train.temperature = 4;
  s.train.alpha = 0.1;
  s.cluster = (opt_cluster){.n_clusters = 16, .init = OPT_KMEANS_PP, .preserve_sparsity = true};
  s.decompose.energy = 0.95;
  s.channels.macs = 0.5;
  return s;
}

static weft_status read_stage(weft_arena *arena, weft_diag *d, const yaml_tree *item, opt_stage *s) {
  if (item->kind != YAML_TREE_MAP || item->n != 1)
    return yaml_fail(d, item, "one stage: '- ptq: {...}'");
  const yaml_tree *t = item->child[0];
  const char *names[OPT_N_STAGES];
  for (int i = 0; i < OPT_N_STAGES; i++)
    names[i] = stage_rows[i].key;
  int k = 0;
  while (k < OPT_N_STAGES && strcmp(names[k], t->key) != 0)
    k++;
  if (k == OPT_N_STAGES)
    return yaml_known(d, item, names, OPT_N_STAGES);
  *s = stage_default((opt_stage_kind)k);
  s->where = yaml_where(d, t);
  if (t->kind == YAML_TREE_LIST || (t->kind == YAML_TREE_SCALAR && t->text[0]))
    return yaml_fail(d, t, "{key: value, ...}");
  const keys own = keys_of(s->kind);
  WEFT_TRY(yaml_known(d, t, own.names, own.n));
  WEFT_TRY(yaml_string(d, t, "name", &s->name));
  if (strspn(s->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") !=
        strlen(s->name) || s->name[0] == 0 || s->name[0] == '.' || strlen(s->name) > 60)
    return yaml_fail(d, t, "name: letters, digits, '_', '-', '.'");
  if (s->kind != OPT_STAGE_PTQ)
    WEFT_TRY(read_train(d, t, &s->train));
  return read_own_keys(arena, d, t, s);
}

static weft_status read_skip(weft_diag *d, const yaml_tree *t, opt_rule *r) {
  const yaml_tree *list = yaml_get(t, "skip");
  if (!list)
    return WEFT_OK;
  if (list->kind != YAML_TREE_LIST)
    return yaml_fail(d, list, "a list of stages");
  for (size_t i = 0; i < list->n; i++) {
    int k = 0;
    while (k < OPT_N_STAGES && (list->child[i]->kind != YAML_TREE_SCALAR ||
                                strcmp(stage_rows[k].key, list->child[i]->text) != 0))
      k++;
    if (k == OPT_N_STAGES)
      return yaml_fail(d, list->child[i], "a stage of a recipe");
    r->skip |= 1u << k;
  }
  return WEFT_OK;
}

static weft_status read_rule(weft_diag *d, const yaml_tree *t, opt_rule *r) {
  static const char *const names[] = {"skip", "bits", "per_tensor", "exclude", "freeze"};
  int64_t bits = 0;
  *r = (opt_rule){.pattern = t->key, .where = yaml_where(d, t)};
  if (t->kind != YAML_TREE_MAP)
    return yaml_fail(d, t, "{skip: [...], bits: 8, per_tensor: true, exclude: true, freeze: true}");
  WEFT_TRY(yaml_known(d, t, names, COUNT(names)));
  if (!is_regular(r->pattern))
    return yaml_fail(d, t, "an extended regular expression of at most 200 characters");
  WEFT_TRY(read_skip(d, t, r));
  WEFT_TRY(yaml_int(d, t, "bits", 4, 8, &bits));
  if (bits != 0 && bits != 4 && bits != 8)
    return yaml_fail(d, yaml_get(t, "bits"), "4 or 8");
  WEFT_TRY(yaml_bool(d, t, "per_tensor", &r->per_tensor));
  WEFT_TRY(yaml_bool(d, t, "exclude", &r->exclude));
  WEFT_TRY(yaml_bool(d, t, "freeze", &r->frozen));
  r->bits = (int)bits;
  return WEFT_OK;
}

static weft_status read_stages(weft_arena *arena, weft_diag *d, const yaml_tree *t, opt_recipe *r) {
  const yaml_tree *list = yaml_get(t, "stages");
  if (list && (list->kind != YAML_TREE_LIST || list->n == 0 || list->n > 40))
    return yaml_fail(d, list, "a list of 1..40 stages");
  const size_t n = list ? list->n : 0;
  r->stages = WEFT_NEW(arena, opt_stage, n + 1);
  for (size_t i = 0; i < n; i++)
    WEFT_TRY(read_stage(arena, d, list->child[i], &r->stages[i]));
  r->n_stages = n;
  if (n == 0 || !opt_stage_is_integer(r->stages[n - 1].kind)) {
    r->stages[n] = stage_default(OPT_STAGE_PTQ);
    r->stages[n].where = "the ptq behind the last stage";
    r->n_stages++;
  }
  return WEFT_OK;
}

weft_status opt_recipe_parse(weft_arena *arena, weft_diag *d, const char *path, const char *text,
                             opt_recipe **out) {
  static const char *const names[] = {"seed", "target", "stages", "layers"};
  opt_recipe *r = WEFT_NEW(arena, opt_recipe, 1);
  yaml_tree *t = NULL;
  int64_t seed = 1;
  *r = (opt_recipe){.path = path, .text = text};
  if (text[0])
    WEFT_TRY(yaml_tree_parse(arena, d, path, (weft_span){(const uint8_t *)text, strlen(text)}, &t));
  if (t && t->kind != YAML_TREE_MAP)
    return yaml_fail(d, t, "a mapping: stages, layers, target, seed");
  WEFT_TRY(yaml_known(d, t, names, COUNT(names)));
  WEFT_TRY(yaml_int(d, t, "seed", 0, INT64_MAX, &seed));
  WEFT_TRY(yaml_double(d, t, "target", 0, 1e12, &r->target));
  r->has_target = yaml_get(t, "target") != NULL;
  r->seed = (uint64_t)seed;
  WEFT_TRY(read_stages(arena, d, t, r));
  const yaml_tree *layers = yaml_get(t, "layers");
  if (layers && layers->kind != YAML_TREE_MAP)
    return yaml_fail(d, layers, "'REGEX': {...} for each rule");
  r->n_rules = layers ? layers->n : 0;
  r->rules = WEFT_NEW(arena, opt_rule, r->n_rules + 1);
  for (size_t i = 0; i < r->n_rules; i++)
    WEFT_TRY(read_rule(d, layers->child[i], &r->rules[i]));
  *out = r;
  return WEFT_OK;
}

weft_status opt_recipe_read(weft_arena *arena, weft_diag *d, const char *path, opt_recipe **out) {
  if (!path)
    return opt_recipe_parse(arena, d, "default recipe", "", out);
  weft_span file;
  WEFT_TRY(weft_file_read(arena, d, path, 1 << 20, &file));
  if (file.size == 0)
    return weft_fail(d, WEFT_E_CONFIG, path, "an empty file", "a mapping: stages, layers, target, seed",
                     "without --recipe the default runs");
  char *text = weft_arena_alloc(arena, file.size + 1, 1);
  memcpy(text, file.data, file.size);
  if (strlen(text) != file.size)
    return weft_fail(d, WEFT_E_CONFIG, path, "a NUL byte", "text", NULL);
  return opt_recipe_parse(arena, d, path, text, out);
}
