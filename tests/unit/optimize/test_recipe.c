/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/ranges.h"
#include "compiler/optimize/recipe.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
  weft_arena *arena;
  weft_diag *d;
  opt_recipe *r;
} fixture;

static weft_status parse(fixture *f, const char *text) {
  f->arena = weft_arena_new();
  f->d = weft_diag_new(f->arena);
  return opt_recipe_parse(f->arena, f->d, "r.yaml", text, &f->r);
}

static void refuses(const char *text, const char *where, const char *why) {
  fixture f;
  char all[4096];
  assert_int_equal(parse(&f, text), WEFT_E_CONFIG);
  const weft_issue *i = weft_diag_at(f.d, weft_diag_count(f.d) - 1);
  snprintf(all, sizeof all, "%s|%s|%s|%s", i->where, i->found, i->allowed,
           i->remedy ? i->remedy : "");
  if (!strstr(all, where) || !strstr(all, why))
    print_error("%s\n", all);
  assert_non_null(strstr(all, where));
  assert_non_null(strstr(all, why));
  weft_arena_free(&f.arena);
}

static void default_is_ptq(void **state) {
  (void)state;
  fixture f;
  assert_int_equal(parse(&f, ""), WEFT_OK);
  assert_int_equal(f.r->n_stages, 1);
  assert_int_equal(f.r->stages[0].kind, OPT_STAGE_PTQ);
  weft_arena_free(&f.arena);
}

static void reads_every_stage(void **state) {
  (void)state;
  fixture f;
  assert_int_equal(parse(&f,
    "seed: 7\ntarget: 0.9\nstages:\n"
    "  - train: {epochs: 3, batch: 64, lr: 0.01, optimizer: momentum, reinitialize: true}\n"
    "  - prune: {pattern: '2:4', schedule: constant, final: 0.5, frequency: 10, epochs: 2}\n"
    "  - prune: {name: blocks, pattern: block, block: [4, 2], pooling: max}\n"
    "  - cluster: {number_of_clusters: 8, init: linear, per_channel: true}\n"
    "  - distill: {teacher: t.tflite, temperature: 2, alpha: 0.5, labels: false}\n"
    "  - channels: {macs: 0.25}\n  - remove_dead:\n"
    "layers: {'a/.*': {skip: [prune, cluster], bits: 4, freeze: true}}\n"), WEFT_OK);
  const opt_stage *s = f.r->stages;
  assert_int_equal(f.r->n_stages, 8);   /* the ptq behind them */
  assert_int_equal(s[7].kind, OPT_STAGE_PTQ);
  assert_true(s[0].train.epochs == 3 && s[0].train.batch == 64 && s[0].train.lr == 0.01);
  assert_true(s[0].train.optimizer == OPT_MOMENTUM && s[0].train.reinitialize);
  assert_int_equal(s[1].train.prune.pattern, OPT_M_OF_N);
  assert_true(s[1].train.prune.m == 2 && s[1].train.prune.n == 4 && s[1].has_frequency);
  assert_int_equal(s[2].train.prune.pattern, OPT_BLOCK);
  assert_true(s[2].train.prune.block_h == 4 && s[2].train.prune.block_w == 2 &&
              s[2].train.prune.block_max);
  assert_string_equal(s[2].name, "blocks");
  assert_true(s[3].cluster.n_clusters == 8 && s[3].cluster.init == OPT_LINEAR &&
              s[3].cluster.per_channel && s[3].cluster.preserve_sparsity);
  assert_true(s[4].train.teacher_only && s[4].train.temperature == 2 && s[4].train.alpha == 0.5);
  assert_true(s[5].channels.macs == 0.25);
  assert_true(f.r->rules[0].skip == (1u << OPT_STAGE_PRUNE | 1u << OPT_STAGE_CLUSTER));
  assert_true(f.r->rules[0].bits == 4 && f.r->rules[0].frozen && f.r->seed == 7 && f.r->has_target);
  weft_arena_free(&f.arena);
}

static void names_what_is_wrong(void **state) {
  (void)state;
  refuses("stages: [{prun: {}}]\n", "r.yaml:1: prun", "did you mean prune?");
  refuses("stages: [{ptq: {epochs: 3}}]\n", "epochs", "an unknown key");
  refuses("stages:\n  - prune: {final: 1.5}\n", "r.yaml:2: final", "0..1");
  refuses("stages: [{prune: {pattern: '4:4'}}]\n", "pattern", "unstructured");
  refuses("stages: [{cluster: {number_of_clusters: 1}}]\n", "number_of_clusters", "2..256");
  refuses("stages: [{ptq: {activations: 12}}]\n", "activations", "8 or 16");
  refuses("stages: [{lora: {file: a.npz, rank: 2}}]\n", "lora", "file, which is merged, or rank");
  refuses("stages: [{lora: {layers: '('}}]\n", "layers", "regular expression");
  refuses("stages: [{lora: {rank: 0}}]\n", "rank", "1..65536");
  refuses("stages: [{ptq: {}, qat: {}}]\n", "r.yaml:1", "one stage");
  refuses("stages: [{train: {name: ../x}}]\n", "train", "letters");
  refuses("layers: {'(': {bits: 4}}\n", "(", "regular expression");
  refuses("layers: {a: {bits: 5}}\n", "bits", "4 or 8");
  refuses("stages: [{qat: {epochs: 0}}]\n", "epochs", "1..1000000");
  refuses("stages: []\n", "stages", "1..40");
  refuses("stages: [{qat: {labels: false}}]\n", "labels", "teacher: self");
  refuses("stages: [{prune: {method: obs}}]\n", "method", "surgeon");
  refuses("stages: [{prune: {method: surgeon, frequency: 10}}]\n", "frequency", "method: magnitude");
}

/* A network of two layers with weights, by hand. */
static opt_net small_net(fixture *f, opt_layer layers[2], opt_weights weights[2]) {
  static const char *const names[] = {"first/conv", "second/dense"};
  memset(layers, 0, 2 * sizeof *layers);
  memset(weights, 0, 2 * sizeof *weights);
  for (int i = 0; i < 2; i++) {
    layers[i].name = names[i];
    layers[i].kind = i ? OPT_DENSE : OPT_CONV;
    layers[i].weights = &weights[i];
    weights[i].bits = 8;
  }
  return (opt_net){.arena = f->arena, .name = "net", .n_layers = 2, .layers = layers};
}

static void rules_match_whole_names(void **state) {
  (void)state;
  fixture f;
  opt_layer layers[2];
  opt_weights weights[2];
  assert_int_equal(parse(&f, "layers: {'second.*': {skip: [prune], bits: 4}, 'first': {bits: 4}}\n"),
                   WEFT_OK);
  const opt_net net = small_net(&f, layers, weights);
  opt_net copy = net;
  opt_recipe_mark(f.r, &copy);
  assert_int_equal(weights[0].bits, 8);   /* 'first' is not the whole name */
  assert_int_equal(weights[1].bits, 4);
  assert_true(opt_recipe_takes(f.r, OPT_STAGE_PRUNE, &layers[0]));
  assert_false(opt_recipe_takes(f.r, OPT_STAGE_PRUNE, &layers[1]));
  assert_true(opt_recipe_takes(f.r, OPT_STAGE_CLUSTER, &layers[1]));
  opt_data data = {.path = "d.yaml"};
  data.splits[OPT_CALIB].n = 1;
  assert_int_equal(opt_recipe_check(f.d, f.r, &copy, &data), WEFT_E_CONFIG);   /* 'first' */
  weft_arena_free(&f.arena);
}

static void qat_may_have_a_teacher(void **state) {
  (void)state;
  fixture f;
  assert_int_equal(parse(&f, "stages: [{qat: {}}, {qat: {teacher: self, labels: false, temperature: 2}}]\n"), WEFT_OK);
  assert_false(f.r->stages[0].taught);
  assert_true(f.r->stages[1].taught && f.r->stages[1].file == NULL && f.r->stages[1].train.teacher_only);
  weft_arena_free(&f.arena);
}

/* Samples, but no steps that a schedule would have to fit into. */
static void surgeon_needs_data_and_no_schedule(void **state) {
  (void)state;
  fixture f;
  opt_layer layers[2];
  opt_weights weights[2];
  opt_data data = {.path = "d.yaml"};
  data.splits[OPT_TRAIN].n = data.splits[OPT_CALIB].n = 10;
  assert_int_equal(parse(&f, "stages: [{prune: {method: surgeon, epochs: 1}}, {ptq: {}}]\n"), WEFT_OK);
  assert_true(f.r->stages[0].surgeon);
  opt_net net = small_net(&f, layers, weights);
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, &data), WEFT_OK);
  f.r->n_stages = 1;
  f.r->stages[0].train.epochs = 0;
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, NULL), WEFT_E_CONFIG);
  weft_arena_free(&f.arena);
}

static void schedule_is_checked_before_training(void **state) {
  (void)state;
  fixture f;
  opt_layer layers[2];
  opt_weights weights[2];
  opt_data data = {.path = "d.yaml"};
  data.splits[OPT_TRAIN].n = data.splits[OPT_CALIB].n = 1000;
  assert_int_equal(parse(&f, "stages: [{prune: {final: 0.9, end: 2000, epochs: 2, batch: 128}}]\n"),
                   WEFT_OK);
  opt_net net = small_net(&f, layers, weights);
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, &data), WEFT_E_CONFIG);   /* 16 steps */
  weft_arena_free(&f.arena);
  assert_int_equal(parse(&f, "stages: [{prune: {final: 0.9, epochs: 2, batch: 10}}]\n"), WEFT_OK);
  net = small_net(&f, layers, weights);
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, &data), WEFT_OK);
  assert_int_equal(f.r->stages[0].train.prune_schedule.end, 100);        /* half of 200 steps */
  assert_int_equal(f.r->stages[0].train.prune_schedule.frequency, 10);
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, NULL), WEFT_E_CONFIG);
  weft_arena_free(&f.arena);
}

/* Labels of a training that comes late are checked before the first stage; those that no
 * training sees are not its business. */
static void labels_are_checked_before_any_stage(void **state) {
  (void)state;
  fixture f;
  opt_layer layers[2];
  opt_weights weights[2];
  opt_value out = {.n_elems = 3};
  int32_t label[10] = {0, 1, 2, 0, 1, 2, 0, 1, 3, 0};
  opt_data data = {.path = "d.yaml", .metric = OPT_TOP1};
  data.splits[OPT_TRAIN] = (opt_samples){.n = 10, .label = label};
  data.splits[OPT_CALIB].n = 10;
  assert_int_equal(parse(&f, "stages: [{prune: {method: surgeon}}, {train: {epochs: 1, samples: 9}}]\n"), WEFT_OK);
  opt_net net = small_net(&f, layers, weights);
  net.values = &out;
  net.outputs = (int[]){0};
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, &data), WEFT_E_INPUT);
  assert_non_null(strstr(weft_diag_at(f.d, 0)->found, "label 3 of sample 8 of train"));
  f.r->stages[1].train.max_samples = 8;
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, &data), WEFT_OK);
  data.splits[OPT_VALIDATION] = (opt_samples){.n = 9, .label = label};
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, &data), WEFT_E_INPUT);
  f.r->n_stages = 1;
  assert_int_equal(opt_recipe_check(f.d, f.r, &net, &data), WEFT_OK);
  weft_arena_free(&f.arena);
}

/* The stage of each row; every row is here, or this does not compile. */
static const char *stage_of(opt_range r) {
  switch (r) {
  case OPT_RANGE_EPOCHS: case OPT_RANGE_BATCH: case OPT_RANGE_LR: case OPT_RANGE_MOMENTUM:
  case OPT_RANGE_WEIGHT_DECAY: case OPT_RANGE_DROPOUT: return "train";
  case OPT_RANGE_INITIAL: case OPT_RANGE_FINAL: case OPT_RANGE_POWER: case OPT_RANGE_BEGIN: case OPT_RANGE_END:
  case OPT_RANGE_FREQUENCY: case OPT_RANGE_COLS: case OPT_RANGE_BLOCK: return "prune";
  case OPT_RANGE_CLUSTERS: return "cluster";
  case OPT_RANGE_ENERGY: case OPT_RANGE_RANK: case OPT_RANGE_MULTIPLE: return "decompose";
  case OPT_RANGE_MACS: return "channels";
  case OPT_RANGE_TEMPERATURE: case OPT_RANGE_ALPHA: return "distill";
  case OPT_RANGE_LORA_ALPHA: return "lora";
  case OPT_RANGE_PERCENTILE: return "ptq";
  case OPT_N_RANGES: break;
  }
  return NULL;
}

static void reader_takes_what_is_in_range(opt_range r, const char *number, double v) {
  fixture f;
  char text[300];
  snprintf(text, sizeof text, r == OPT_RANGE_BLOCK ? "stages: [{%s: {%s: [1, %s]%s}}]\n" : "stages: [{%s: {%s: %s%s}}]\n",
           stage_of(r), opt_range_key(r), number, r == OPT_RANGE_LORA_ALPHA ? ", file: a.npz" : "");
  const weft_status s = parse(&f, text);
  const weft_issue *i = weft_diag_at(f.d, 0);
  if ((s == WEFT_OK) != opt_in_range(r, v))
    fail_msg("%s: %s", text, weft_status_name(s));
  if (s != WEFT_OK && (!strstr(i->where, opt_range_key(r)) || !strstr(i->allowed, opt_range_text(f.d, r)) ||
                       (r != OPT_RANGE_BLOCK && !strstr(i->found, number))))
    fail_msg("%s: %s, %s, %s", text, i->where, i->found, i->allowed);
  weft_arena_free(&f.arena);
}

/* Each bound of each row, and the nearest number beyond it. */
static void the_reader_has_the_ranges_of_the_stages(void **state) {
  (void)state;
  static const struct { bool is_whole; double from, to; } rows[] = {
#define RANGE(name, key, form, from, to) {sizeof #form == sizeof "WHOLE" && #form[0] == 'W', from, to},
#include "compiler/optimize/ranges.def"
#undef RANGE
  };
  for (int r = 0; r < OPT_N_RANGES; r++) {
    const double from = rows[r].from, to = rows[r].to;
    const bool is_whole = rows[r].is_whole;
    const double v[] = {from, to, is_whole ? from - 1 : nextafter(from, -INFINITY), is_whole ? from + 1 : nextafter(from, to),
                        is_whole && to < 1e15 ? to + 1 : nextafter(to, INFINITY), is_whole && to < 1e15 ? to - 1 : nextafter(to, from)};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
      char number[60];
      snprintf(number, sizeof number, is_whole ? "%.0f" : "%.17g", v[i]);
      reader_takes_what_is_in_range((opt_range)r, number, v[i]);
    }
    reader_takes_what_is_in_range((opt_range)r, "nan", NAN);
  }
  refuses("stages: [{train: {lr: 500, weight_decay: 0.002}}]\n", "weight_decay", "weight_decay * lr below 1");
}

/* The same numbers through a stage's own check. */
static void a_schedule_has_the_ranges_of_the_reader(void **state) {
  (void)state;
  static const double v[] = {-0.1, 0, 0.5, 0.999999, 1, 1.5, 100, 100.5, NAN};
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    opt_schedule s = opt_schedule_default(OPT_POLYNOMIAL_DECAY);
    s.end = 10;
    s.frequency = 1;
    opt_schedule t = s;
    s.final = v[i];
    t.power = v[i];
    assert_int_equal(opt_schedule_check(NULL, "x", &s, 100) == WEFT_OK, opt_in_range(OPT_RANGE_FINAL, v[i]));
    assert_int_equal(opt_schedule_check(NULL, "x", &t, 100) == WEFT_OK, opt_in_range(OPT_RANGE_POWER, v[i]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(default_is_ptq),
    cmocka_unit_test(the_reader_has_the_ranges_of_the_stages),
    cmocka_unit_test(a_schedule_has_the_ranges_of_the_reader),
    cmocka_unit_test(reads_every_stage),
    cmocka_unit_test(names_what_is_wrong),
    cmocka_unit_test(rules_match_whole_names),
    cmocka_unit_test(qat_may_have_a_teacher),
    cmocka_unit_test(surgeon_needs_data_and_no_schedule),
    cmocka_unit_test(schedule_is_checked_before_training),
    cmocka_unit_test(labels_are_checked_before_any_stage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
