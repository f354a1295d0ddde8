/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels against what TFLite-Micro computed: operator models and the demo
 * network of this repository, and with WEFT_MODELS=DIR every network under
 * DIR/models whose operators weft has, by the hashes in DIR/goldens. */
#include "json_read.h"
#include "kernels/kernels.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct made {          /* what one run made                            */
  char (*hash)[17];            /* [n_tensors], "" if the sink never saw it     */
  int n_made;
  char outputs[17];
} made;

typedef struct network {
  weft_arena *arena;
  weft_graph *graph;
  weft_ref *ref;
} network;

static void print_issues(const weft_diag *d, const char *path) {
  for (size_t i = 0; i < weft_diag_count(d); i++) {
    const weft_issue *q = weft_diag_at(d, i);
    print_error("%s: %s: found %s, allowed %s\n", path, q->where, q->found, q->allowed);
  }
}

static network load(weft_arena *arena, const char *path) {
  network n = {.arena = arena};
  weft_diag *d = weft_diag_new(arena);
  weft_span bytes = {0};
  weft_status s = weft_file_read(arena, d, path, 64u << 20, &bytes);
  if (s == WEFT_OK)
    s = weft_graph_read(arena, d, path, bytes, &n.graph);
  if (s == WEFT_OK)
    s = weft_ref_open(arena, d, n.graph, &n.ref);
  print_issues(d, path);
  assert_int_equal(s, WEFT_OK);
  return n;
}

static weft_status keep_hash(void *user, int tensor, const void *data, size_t n) {
  made *m = user;
  weft_hash16(data, n, m->hash[tensor]);
  m->n_made++;
  return WEFT_OK;
}

/* The generated input stream: bytes, or (b - 128) / 128 where it is float32. */
static void fill(const weft_tensor *t, weft_rng *rng, uint8_t *out) {
  if (t->type != WEFT_FLOAT32) {
    for (size_t i = 0; i < t->n_bytes; i++)
      out[i] = weft_rng_byte(rng);
    return;
  }
  for (size_t i = 0; i < t->n_elems; i++) {
    const float v = ((float)weft_rng_byte(rng) - 128) / 128;
    memcpy(out + 4 * i, &v, 4);
  }
}

static made run_seed(const network *n, uint64_t seed) {
  const weft_graph *g = n->graph;
  const uint8_t **in = WEFT_NEW(n->arena, const uint8_t *, g->n_inputs);
  uint8_t **out = WEFT_NEW(n->arena, uint8_t *, g->n_outputs);
  weft_rng rng = {seed};
  size_t size = 0;
  for (int i = 0; i < g->n_inputs; i++) {
    uint8_t *bytes = weft_arena_alloc(n->arena, g->tensors[g->inputs[i]].n_bytes, 1);
    fill(&g->tensors[g->inputs[i]], &rng, bytes);
    in[i] = bytes;
  }
  for (int i = 0; i < g->n_outputs; i++)
    size += g->tensors[g->outputs[i]].n_bytes;
  uint8_t *all = weft_arena_alloc(n->arena, size, 1);
  size_t at = 0;
  for (int i = 0; i < g->n_outputs; at += g->tensors[g->outputs[i++]].n_bytes)
    out[i] = all + at;
  made m = {.hash = weft_arena_alloc(n->arena, (size_t)g->n_tensors, 17)};
  assert_int_equal(weft_ref_run(n->ref, in, out, keep_hash, &m), WEFT_OK);
  weft_hash16(all, size, m.outputs);
  return m;
}

/* ---- tables in the repository: lines "model seed tensor hash" --------------- */

static FILE *open_table(const char *path) {
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  return f;
}

/* Checks rows of one table; models lie in `folder`. Each made tensor must have
 * a row and each row a tensor. Returns the number of rows. */
static int check_table(const char *folder, const char *table) {
  char path[256], line[256], model[128], hash[32], last[160] = "";
  snprintf(path, sizeof path, "%s/%s", folder, table);
  FILE *f = open_table(path);
  weft_arena *arena = NULL;
  made m = {0};
  int rows = 0, left = 0, tensor;
  unsigned seed;
  while (fgets(line, sizeof line, f)) {
    if (line[0] == '#')
      continue;
    assert_int_equal(sscanf(line, "%127s %u %d %31s", model, &seed, &tensor, hash), 4);
    char run[160];
    snprintf(run, sizeof run, "%s %u", model, seed);
    if (strcmp(run, last) != 0) {
      assert_int_equal(left, 0);              /* the run before had all its rows */
      memcpy(last, run, sizeof run);
      weft_arena_free(&arena);
      arena = weft_arena_new();
      snprintf(path, sizeof path, "%s/%s", folder, model);
      const network n = load(arena, path);
      m = run_seed(&n, seed);
      left = m.n_made;
      assert_in_range(tensor, 0, n.graph->n_tensors - 1);
    }
    if (strcmp(m.hash[tensor], hash) != 0)
      fail_msg("%s: tensor %d is %s, not %s", run, tensor, m.hash[tensor], hash);
    left--;
    rows++;
  }
  assert_int_equal(left, 0);
  weft_arena_free(&arena);
  fclose(f);
  return rows;
}

static void operator_models_make_the_recorded_bytes(void **state) {
  (void)state;
  assert_int_equal(check_table("tests/golden/ops", "ops.golden"), 160);
}

static void demo_network_makes_the_recorded_tensors(void **state) {
  (void)state;
  assert_int_equal(check_table("tests/models", "models.golden"), 15);
}

static void demo_network_is_as_accurate_as_the_oracle(void **state) {
  (void)state;
  weft_arena *arena = weft_arena_new();
  const network n = load(arena, "tests/models/cnn_mnist_int8.tflite");
  weft_span images;
  assert_int_equal(weft_file_read(arena, NULL, "tests/models/mnist300_int8.bin", 1u << 20,
                                  &images), WEFT_OK);
  assert_int_equal(images.size, 300 * 784);
  FILE *labels = open_table("tests/models/mnist300_labels.txt");
  int8_t out[300][10];
  int right = 0, label;
  for (int i = 0; i < 300; i++) {
    const uint8_t *in = images.data + 784 * i;
    uint8_t *to = (uint8_t *)out[i];
    assert_int_equal(weft_ref_run(n.ref, &in, &to, NULL, NULL), WEFT_OK);
    int best = 0;
    for (int c = 1; c < 10; c++)
      best = out[i][c] > out[i][best] ? c : best;
    assert_int_equal(fscanf(labels, "%d", &label), 1);
    right += best == label;
  }
  fclose(labels);
  char hash[17];
  weft_hash16(out, sizeof out, hash);
  assert_string_equal(hash, "7ce21017351dbb8d");
  assert_int_equal(right, 294);
  weft_arena_free(&arena);
}

/* ---- networks outside the repository ------------------------------------------ */

static bool among(const char *word, const char *list) {
  const size_t n = strlen(word);
  for (const char *p = list; (p = strstr(p, word)); p += n)
    if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == 0))
      return true;
  return false;
}

static bool has_type(const json_node *types, const char *name) {
  for (const json_node *t = types->first; t; t = t->next)
    if (strcmp(t->text, name) == 0)
      return true;
  return false;
}

static bool has_supported_ops(const json_node *ops) {
  const bool keras = json_get(ops, "SHAPE") && json_get(ops, "STRIDED_SLICE") &&
                     json_get(ops, "PACK");
  for (const json_node *op = ops->first; op; op = op->next)
    if (!among(op->key, "CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED ADD "
                        "AVERAGE_POOL_2D MAX_POOL_2D MEAN PAD RESHAPE SOFTMAX LOGISTIC "
                        "RELU RELU6 QUANTIZE DEQUANTIZE") &&
        !(keras && among(op->key, "SHAPE STRIDED_SLICE PACK")))
      return false;
  return true;
}

static bool has_supported_types(const json_node *types, const json_node *ops) {
  const bool quantize = json_get(ops, "QUANTIZE") != NULL;
  const bool edges = quantize || json_get(ops, "DEQUANTIZE");
  for (const json_node *t = types->first; t; t = t->next)
    if (!among(t->text, "int8 int32 float32") &&
        !(quantize && strcmp(t->text, "uint8") == 0))
      return false;
  return has_type(types, "int8") && (edges || !has_type(types, "float32"));
}

static bool is_tflm(const json_node *run) {
  return strcmp(json_get(run, "profile")->text, "tflm") == 0;
}

static bool has_runs(const json_node *runs) {
  bool any = false;
  for (const json_node *r = runs->first; r; r = r->next) {
    if (json_get(r, "unstable"))
      return false;
    any = any || (is_tflm(r) && json_get(r, "t"));
  }
  return any;
}

static bool is_supported(const json_node *model) {
  const json_node *ops = json_get(model, "ops"), *types = json_get(model, "types");
  return ops && types && has_supported_ops(ops) && has_supported_types(types, ops) &&
         has_runs(json_get(model, "runs"));
}

static int n_made_by_ops(const weft_graph *g) {
  int n = 0;
  for (int i = 0; i < g->n_ops; i++)
    n += g->ops[i].folded ? 0 : g->ops[i].n_outputs;
  return n;
}

static void check_golden_run(const network *n, const json_node *run, const char *path) {
  const unsigned seed = (unsigned)json_get(run, "seed")->number;
  const made m = run_seed(n, seed);
  const json_node *want = json_get(run, "t");
  assert_int_equal(m.n_made, n_made_by_ops(n->graph));
  for (int t = 0; t < n->graph->n_tensors; t++) {
    char key[16];
    snprintf(key, sizeof key, "%d", t);
    if (!m.hash[t][0])
      continue;
    const json_node *hash = json_get(want, key);
    if (!hash || strcmp(hash->text, m.hash[t]) != 0)
      fail_msg("%s seed %u: tensor %d is %s, not %s", path, seed, t, m.hash[t],
               hash ? hash->text : "listed");
  }
  assert_string_equal(m.outputs, json_get(run, "out")->text);
}

static int check_golden_model(const char *root, const json_node *model) {
  char path[512];
  int n_runs = 0;
  weft_arena *arena = weft_arena_new();
  snprintf(path, sizeof path, "%s/models/%s", root, json_get(model, "model")->text);
  const network n = load(arena, path);
  for (const json_node *r = json_get(model, "runs")->first; r; r = r->next)
    if (is_tflm(r) && json_get(r, "t") && json_get(r, "step")->number < 2) {
      check_golden_run(&n, r, path);
      n_runs++;
    }
  weft_arena_free(&arena);
  return n_runs;
}

static void check_golden_file(const char *root, const char *name, int *n_models,
                              int *n_runs) {
  char path[512];
  weft_arena *arena = weft_arena_new();
  weft_span bytes;
  snprintf(path, sizeof path, "%s/goldens/%s", root, name);
  assert_int_equal(weft_file_read(arena, NULL, path, 256u << 20, &bytes), WEFT_OK);
  const json_node *models = json_get(json_read(arena, bytes), "models");
  assert_non_null(models);
  for (const json_node *m = models->first; m; m = m->next)
    if (is_supported(m)) {
      *n_runs += check_golden_model(root, m);
      *n_models += 1;
    }
  weft_arena_free(&arena);
}

static bool is_golden_file(const char *name) {
  const size_t n = strlen(name);
  /* at_COMMIT.json: another version of the oracle */
  return n > 5 && strcmp(name + n - 5, ".json") == 0 && strncmp(name, "at_", 3) != 0;
}

static void every_network_outside_equals_its_golden(void **state) {
  (void)state;
  const char *root = getenv("WEFT_MODELS");
  if (!root || !root[0]) {
    print_message("SKIPPED: WEFT_MODELS is not set; no network outside the "
                  "repository was compared with its golden\n");
    skip();
  }
  char path[512];
  snprintf(path, sizeof path, "%s/goldens", root);
  DIR *folder = opendir(path);
  assert_non_null(folder);
  int n_models = 0, n_runs = 0;
  for (const struct dirent *e; (e = readdir(folder));)
    if (is_golden_file(e->d_name))
      check_golden_file(root, e->d_name, &n_models, &n_runs);
  closedir(folder);
  print_message("%d networks, %d runs, every tensor equal\n", n_models, n_runs);
  assert_true(n_models > 0 && n_runs >= n_models);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(operator_models_make_the_recorded_bytes),
    cmocka_unit_test(demo_network_makes_the_recorded_tensors),
    cmocka_unit_test(demo_network_is_as_accurate_as_the_oracle),
    cmocka_unit_test(every_network_outside_equals_its_golden),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
