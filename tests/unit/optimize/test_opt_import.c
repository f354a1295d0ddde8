/* SPDX-License-Identifier: Apache-2.0 */
/* opt_import, opt_clone, opt_shapes, opt_forward: on networks built here, on the
 * demo network, and with WEFT_MODELS=DIR on every float network that
 * tests/golden/optimize/float.golden has outputs of. */
#include "../graph/model_builder.h"
#include "compiler/optimize/net.h"
#include "compiler/optimize/tflite_write.h"
#include "opt_nets.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../arena.h"

static weft_status import_file(const char *path, opt_net **net) {
  return opt_test_import(arena, diag, path, net);
}

static weft_status import_model(const mb_model *m, opt_net **net) {
  mb_file *f = WEFT_NEW(arena, mb_file, 1);
  weft_graph *g = NULL;
  mb_write(m, f);
  WEFT_TRY(weft_graph_read(arena, diag, "built", (weft_span){f->bytes, f->size}, &g));
  return opt_import(arena, diag, g, net);
}

/* ---- built networks ----------------------------------------------------------- */
static mb_tensor float_tensor(const char *name, int rank, const int32_t *shape) {
  mb_tensor t = {.name = name, .type = WEFT_FLOAT32, .rank = rank};
  memcpy(t.shape, shape, (size_t)rank * sizeof *shape);
  return t;
}

static mb_tensor float_constant(const char *name, int rank, const int32_t *shape,
                                const float *values) {
  mb_tensor t = float_tensor(name, rank, shape);
  t.data = values;
  t.data_bytes = (uint32_t)sizeof *values;
  for (int k = 0; k < rank; k++)
    t.data_bytes *= (uint32_t)shape[k];
  return t;
}

static float weights[6] = {1, 2, 3, -1, 0.5f, 0};
static float biases[2] = {0.25f, -100};

/* y = relu(W x + b), 3 to 2. */
static void dense_model(mb_model *m) {
  mb_fully_connected(m);
  m->tensors[0] = float_tensor("x", 2, (int32_t[]){1, 3});
  m->tensors[1] = float_constant("w", 2, (int32_t[]){2, 3}, weights);
  m->tensors[2] = float_constant("b", 1, (int32_t[]){2}, biases);
  m->tensors[3] = float_tensor("y", 2, (int32_t[]){1, 2});
  m->ops[0].n_options = 1;
  m->ops[0].options[0] = (mb_option){0, WEFT_ACT_RELU};
  m->ops[0].options_type = 8;
}

static void runs_dense(void **state) {
  (void)state;
  mb_model m;
  opt_net *net = NULL;
  const float in[6] = {1, 10, 100, 0, 0, 1};
  float out[4];
  dense_model(&m);
  assert_int_equal(import_model(&m, &net), WEFT_OK);
  assert_int_equal(net->n_layers, 1);
  assert_int_equal(net->layers[0].kind, OPT_DENSE);
  assert_int_equal(net->layers[0].act, WEFT_ACT_RELU);
  assert_string_equal(net->layers[0].name, "y");
  assert_false(net->values[net->layers[0].output].has_quant);
  assert_int_equal(opt_macs(net), 6);
  assert_int_equal(opt_forward(diag, net, in, 2, out, NULL, NULL), WEFT_OK);
  assert_true(out[0] == 321.25f && out[1] == 0 && out[2] == 3.25f && out[3] == 0);
}

static void missing_bias_is_zeros(void **state) {
  (void)state;
  mb_model m;
  opt_net *net = NULL;
  dense_model(&m);
  m.ops[0].inputs[2] = -1;
  assert_int_equal(import_model(&m, &net), WEFT_OK);
  assert_true(net->layers[0].weights->bias[1] == 0);
}

static void refuses(const mb_model *m, weft_status want, const char *text) {
  opt_net *net = NULL;
  set_up(NULL);
  assert_int_equal(import_model(m, &net), want);
  assert_true(weft_diag_count(diag) > 0);
  const weft_issue *q = weft_diag_at(diag, 0);
  if (!strstr(q->found, text))
    fail_msg("found '%s', expected '%s'", q->found, text);
  weft_arena_free(&arena);
}

static void refuses_odd_files(void **state) {
  mb_model m;
  float bad[6];
  const int8_t codes[6] = {1};
  weft_arena_free(&arena);
  memcpy(bad, weights, sizeof bad);
  dense_model(&m);
  m.tensors[1].data = bad;
  bad[4] = NAN;
  refuses(&m, WEFT_E_MODEL, "tensor 'w' element 4 is NaN");
  bad[4] = -INFINITY;
  refuses(&m, WEFT_E_MODEL, "tensor 'w' element 4 is infinite");
  dense_model(&m);
  m.tensors[1] = mb_int8("w", 2, (int32_t[]){2, 3}, 0.5f, 0);
  m.tensors[1].data = codes;
  m.tensors[1].data_bytes = 6;
  refuses(&m, WEFT_E_UNSUPPORTED, "dynamic-range");
  dense_model(&m);
  m.ops[0].options[0].value = WEFT_ACT_TANH;
  refuses(&m, WEFT_E_UNSUPPORTED, "another fused activation");
  dense_model(&m);
  m.tensors[0].shape[0] = m.tensors[3].shape[0] = 2;
  refuses(&m, WEFT_E_UNSUPPORTED, "shape 2x3");
  dense_model(&m);
  m.tensors[1].data = NULL;
  refuses(&m, WEFT_E_UNSUPPORTED, "reads a tensor that nothing made");
  dense_model(&m);
  m.ops[0].code = WEFT_OP_TANH;
  refuses(&m, WEFT_E_UNSUPPORTED_OP, "TANH");
  set_up(state);
}

/* A dense layer without activation, then RELU6 of its own. */
static void fuses_activations(void **state) {
  (void)state;
  mb_model m;
  opt_net *net = NULL;
  const float in[3] = {1, 1, 0};
  float out[2];
  dense_model(&m);
  m.ops[0].options[0].value = WEFT_ACT_NONE;
  m.tensors[4] = float_tensor("z", 2, (int32_t[]){1, 2});
  m.n_tensors = 5;
  m.ops[1] = (mb_op){.code = WEFT_OP_RELU6, .n_inputs = 1, .n_outputs = 1, .inputs = {3}, .outputs = {4}};
  m.n_ops = 2;
  m.outputs[0] = 4;
  assert_int_equal(import_model(&m, &net), WEFT_OK);
  assert_int_equal(net->n_layers, 1);
  assert_int_equal(net->layers[0].act, WEFT_ACT_RELU6);
  assert_string_equal(net->layers[0].name, "z");
  assert_int_equal(net->outputs[0], net->layers[0].output);
  assert_int_equal(opt_forward(diag, net, in, 1, out, NULL, NULL), WEFT_OK);
  assert_true(out[0] == 3.25f && out[1] == 0);
  m.n_outputs = 2;
  m.outputs[1] = 3;            /* both ends are wanted                       */
  assert_int_equal(import_model(&m, &net), WEFT_E_UNSUPPORTED);
}

/* The layers behind a fused one move up, and know it. */
static void fuses_twice(void **state) {
  (void)state;
  weft_span bytes;
  opt_net *net = opt_test_net(arena, 3, false), *back;
  assert_int_equal(opt_write(arena, diag, net, &bytes), WEFT_OK);
  assert_int_equal(opt_test_import_bytes(arena, diag, bytes, &back), WEFT_OK);
  assert_int_equal(back->n_layers, net->n_layers - 1);
  for (int i = 0; i < back->n_layers; i++) {
    assert_int_equal(back->values[back->layers[i].output].producer, i);
    if (strcmp(back->layers[i].name, "relu") == 0)
      assert_int_equal(back->layers[i].kind, OPT_CONV);
  }
}

static void concat_model(mb_model *m, int axis) {
  mb_add(m);
  m->n_inputs = 1;
  m->tensors[0] = float_tensor("x", 4, (int32_t[]){1, 2, 2, 4});
  m->tensors[1] = float_tensor("y", 4, (int32_t[]){1, 2, 2, 8});
  m->n_tensors = 2;
  m->outputs[0] = 1;
  m->ops[0] = (mb_op){.code = WEFT_OP_CONCATENATION, .n_inputs = 2, .n_outputs = 1,
                      .inputs = {0, 0}, .outputs = {1}, .options_type = 10, .n_options = 1,
                      .options = {{0, axis}}};
}

static void joins_channels(void **state) {
  (void)state;
  mb_model m;
  opt_net *net = NULL;
  float in[16], out[32];
  for (int i = 0; i < 16; i++)
    in[i] = (float)i;
  concat_model(&m, -1);
  assert_int_equal(import_model(&m, &net), WEFT_OK);
  assert_int_equal(opt_forward(diag, net, in, 1, out, NULL, NULL), WEFT_OK);
  for (int i = 0; i < 32; i++)
    assert_true(out[i] == in[i / 8 * 4 + i % 4]);
  concat_model(&m, 1);
  m.tensors[1].shape[1] = m.tensors[1].shape[3] = 4;
  assert_int_equal(import_model(&m, &net), WEFT_E_UNSUPPORTED);
  concat_model(&m, 3);
  m.tensors[1].shape[3] = 7;
  assert_int_equal(import_model(&m, &net), WEFT_E_MODEL);
}

/* ---- the demo network: int8, with folded shape arithmetic ------------------------ */
static void imports_integers(void **state) {
  (void)state;
  opt_net *net = NULL;
  assert_int_equal(import_file("tests/models/cnn_mnist_int8.tflite", &net), WEFT_OK);
  static const opt_kind kinds[] = {OPT_RESHAPE, OPT_CONV, OPT_MAX_POOL, OPT_RESHAPE, OPT_DENSE};
  assert_int_equal(net->n_layers, 5);
  for (int i = 0; i < 5; i++)
    assert_int_equal(net->layers[i].kind, kinds[i]);
  assert_int_equal(opt_macs(net), 93288);
  const opt_weights *w = net->layers[1].weights;
  const opt_value *in = &net->values[net->layers[1].inputs[0]];
  assert_true(in->has_quant && in->zero_point == -128 && in->type == WEFT_INT8);
  for (size_t i = 0; i < w->n_elems; i++)
    assert_true(w->w[i] == w->scale[i / (w->n_elems / w->n_out)] * (float)w->q[i]);
  for (size_t c = 0; c < w->n_out; c++)
    assert_true(fabs(w->bias[c] - (double)w->q_bias[c] * in->scale * w->scale[c]) < 1e-6);
}

static int count_right(const opt_net *net) {
  weft_span images = {0}, labels = {0};
  float in[784], out[10];
  int right = 0;
  assert_int_equal(weft_file_read(arena, diag, "tests/models/mnist300_int8.bin", 1 << 20, &images), WEFT_OK);
  assert_int_equal(weft_file_read(arena, diag, "tests/models/mnist300_labels.txt", 1 << 20, &labels), WEFT_OK);
  for (size_t n = 0; n < 300; n++) {
    int best = 0;
    for (size_t i = 0; i < 784; i++)
      in[i] = (float)((int8_t)images.data[784 * n + i] + 128) / 255.0f;
    assert_int_equal(opt_forward(diag, net, in, 1, out, NULL, NULL), WEFT_OK);
    for (int c = 1; c < 10; c++)
      best = out[c] > out[best] ? c : best;
    right += best == labels.data[2 * n] - '0';
  }
  return right;
}

static void integers_run_in_float(void **state) {
  (void)state;
  opt_net *net = NULL;
  assert_int_equal(import_file("tests/models/cnn_mnist_int8.tflite", &net), WEFT_OK);
  assert_int_equal(count_right(net), 294);
}

/* ---- copies, shapes, sinks ---------------------------------------------------------- */
static void clones_deeply(void **state) {
  (void)state;
  opt_net *net = NULL;
  assert_int_equal(import_file("tests/models/cnn_mnist_int8.tflite", &net), WEFT_OK);
  weft_arena *other = weft_arena_new();
  opt_net *twin = opt_clone(other, net);
  float first = net->layers[1].weights->w[0];
  twin->layers[1].weights->w[0] += 1;
  twin->layers[1].weights->scale[0] += 1;
  twin->values[0].scale = 99;
  twin->layers[1].inputs[0] = 77;
  weft_arena_free(&other);
  assert_true(net->layers[1].weights->w[0] == first);
  assert_true(net->layers[1].weights->scale[0] < 1 && net->values[0].scale < 1);
  assert_true(net->layers[1].inputs[0] != 77);
  assert_int_equal(count_right(net), 294);
}

/* 12 channels to 9: pool and flattening follow, the dense layer must be cut too. */
static void shapes_follow_channels(void **state) {
  (void)state;
  opt_net *net = NULL;
  assert_int_equal(import_file("tests/models/cnn_mnist_int8.tflite", &net), WEFT_OK);
  opt_weights *conv = net->layers[1].weights, *dense = net->layers[4].weights;
  conv->shape[0] = 9;
  conv->n_out = 9;
  conv->n_elems = conv->n_elems / 12 * 9;
  assert_int_equal(opt_shapes(diag, net), WEFT_E_INTERNAL);
  dense->shape[1] = 13 * 13 * 9;
  dense->n_elems = 10 * 13 * 13 * 9;
  assert_int_equal(opt_shapes(diag, net), WEFT_OK);
  assert_int_equal(net->values[net->layers[2].output].shape[3], 9);
  assert_int_equal(net->values[net->layers[3].output].n_elems, 13 * 13 * 9);
}

static void count_layer(void *user, int layer, const float *data, size_t n) {
  size_t *seen = user;
  assert_non_null(data);
  seen[layer] += n;
}

static void sink_sees_all_layers(void **state) {
  (void)state;
  opt_net *net = NULL;
  assert_int_equal(import_file("tests/models/cnn_mnist_int8.tflite", &net), WEFT_OK);
  float *in = WEFT_NEW(arena, float, 20 * 784), out[200];
  size_t seen[5] = {0};
  assert_int_equal(opt_forward(diag, net, in, 20, out, count_layer, seen), WEFT_OK);
  assert_int_equal(seen[0], 20 * 784);
  assert_int_equal(seen[1], 20 * 26 * 26 * 12);
  assert_int_equal(seen[4], 200);
}

/* ---- damaged files: an answer or a reason, never more ------------------------------------ */
static bool is_reason(weft_status s) {
  return s == WEFT_E_MODEL || s == WEFT_E_UNSUPPORTED || s == WEFT_E_UNSUPPORTED_OP || s == WEFT_E_CAP;
}

static void use(opt_net *net) {
  weft_span bytes;
  opt_net *back = NULL;
  net = opt_clone(arena, net);
  assert_int_equal(opt_write(arena, diag, net, &bytes), WEFT_OK);
  assert_int_equal(opt_test_import_bytes(arena, diag, bytes, &back), WEFT_OK);
  assert_int_equal(back->n_layers, net->n_layers);
  if (opt_macs(net) > 1000000 || net->values[net->inputs[0]].n_elems > 4096)
    return;
  float *in = WEFT_NEW(arena, float, 4096);
  float *out = WEFT_NEW(arena, float, net->values[net->outputs[0]].n_elems);
  assert_int_equal(opt_forward(diag, net, in, 1, out, NULL, NULL), WEFT_OK);
}

static int damage(const uint8_t *good, size_t size, weft_rng *rng) {
  opt_net *net = NULL;
  set_up(NULL);
  uint8_t *bad = weft_arena_copy(arena, good, size);
  for (int64_t k = weft_rng_range(rng, 1, 4); k > 0; k--)
    bad[weft_rng_range(rng, 0, (int64_t)size - 1)] = weft_rng_byte(rng);
  weft_status s = opt_test_import_bytes(arena, diag, (weft_span){bad, size}, &net);
  if (s == WEFT_OK)
    use(net);
  else if (!is_reason(s) || weft_diag_count(diag) == 0)
    fail_msg("status %s", weft_status_name(s));
  weft_arena_free(&arena);
  return s == WEFT_OK;
}

/* The tables of a small float file, where a byte means much. */
static void survives_damage(void **state) {
  weft_span good = {0};
  weft_rng rng = {99};
  int n_ok = 0;
  weft_arena *keep = weft_arena_new();
  assert_int_equal(opt_write(keep, diag, opt_test_net(keep, 4, true), &good), WEFT_OK);
  weft_arena_free(&arena);
  for (int k = 0; k < 3000; k++)
    n_ok += damage(good.data, good.size, &rng);
  assert_in_range(n_ok, 300, 2900);
  weft_arena_free(&keep);
  set_up(state);
}

/* ---- against LiteRT's reference kernels ---------------------------------------------- */
static void check_recorded(const char *root, char *line) {
  char *name = strtok(line, " "), path[512];
  opt_net *net = NULL;
  snprintf(path, sizeof path, "%s/models/%s", root, name);
  assert_int_equal(import_file(path, &net), WEFT_OK);
  size_t n = net->values[net->inputs[0]].n_elems, n_out = net->values[net->outputs[0]].n_elems;
  float *in = WEFT_NEW(arena, float, 2 * n), *out = WEFT_NEW(arena, float, 2 * n_out);
  weft_rng rng = {1};
  double top = 0;
  for (size_t i = 0; i < 2 * n; i++)
    in[i] = (float)(weft_rng_byte(&rng) - 128) / 128.0f;
  assert_int_equal(opt_forward(diag, net, in, 2, out, NULL, NULL), WEFT_OK);
  for (size_t i = 0; i < 2 * n_out; i++)
    top = fmax(top, fabs((double)out[i]));
  size_t k = 0;
  for (char *v = strtok(NULL, " \n"); v; v = strtok(NULL, " \n"), k++)
    if (fabs(strtod(v, NULL) - (double)out[k]) > 1e-5 * top)
      fail_msg("%s output %zu: %s, ours %.9g", name, k, v, (double)out[k]);
  assert_true(k > 0);
}

static void equals_litert(void **state) {
  (void)state;
  const char *root = getenv("WEFT_MODELS");
  char line[512];
  if (!root) {
    print_message("SKIP: no WEFT_MODELS\n");
    skip();
  }
  FILE *f = fopen("tests/golden/optimize/float.golden", "r");
  assert_non_null(f);
  while (fgets(line, sizeof line, f))
    check_recorded(root, line);
  fclose(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(runs_dense, set_up, tear_down),
    cmocka_unit_test_setup_teardown(missing_bias_is_zeros, set_up, tear_down),
    cmocka_unit_test_setup_teardown(refuses_odd_files, set_up, tear_down),
    cmocka_unit_test_setup_teardown(fuses_activations, set_up, tear_down),
    cmocka_unit_test_setup_teardown(fuses_twice, set_up, tear_down),
    cmocka_unit_test_setup_teardown(joins_channels, set_up, tear_down),
    cmocka_unit_test_setup_teardown(imports_integers, set_up, tear_down),
    cmocka_unit_test_setup_teardown(integers_run_in_float, set_up, tear_down),
    cmocka_unit_test_setup_teardown(clones_deeply, set_up, tear_down),
    cmocka_unit_test_setup_teardown(shapes_follow_channels, set_up, tear_down),
    cmocka_unit_test_setup_teardown(sink_sees_all_layers, set_up, tear_down),
    cmocka_unit_test_setup_teardown(survives_damage, set_up, tear_down),
    cmocka_unit_test_setup_teardown(equals_litert, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
