/* SPDX-License-Identifier: Apache-2.0 */
/* Calibration, scales, integers, evaluation and comparison on a small network of
 * every kind of layer, and on the demo network. */
#include "compiler/optimize/quantize_inside.h"
#include "compiler/optimize/scale.h"
#include "compiler/optimize/tflite_write.h"
#include "opt_nets.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N 64
#define IN 192

static weft_arena *arena;
static weft_diag *diag;
static opt_net *net, *before;
static opt_data data;
static opt_ptq_options options;

/* Calibration and test: 64 samples each; labels are the float network's classes. */
static int set_up(void **state) {
  (void)state;
  arena = weft_arena_new();
  diag = weft_diag_new(arena);
  net = opt_test_net(arena, 11, true);
  before = opt_clone(arena, net);
  options = opt_ptq_default();
  float *x = opt_test_samples(arena, 5, 2 * N * IN), *y = WEFT_NEW(arena, float, 2 * N * 5);
  int32_t *label = WEFT_NEW(arena, int32_t, 2 * N);
  assert_int_equal(opt_forward(diag, net, x, 2 * N, y, NULL, NULL), WEFT_OK);
  for (int i = 0; i < 2 * N; i++)
    for (int k = 1; k < 5; k++)
      label[i] = y[5 * i + k] > y[5 * i + label[i]] ? k : label[i];
  data = (opt_data){.arena = arena, .path = "data", .rank = 3, .shape = {8, 8, 3}, .n_elems = IN,
                    .type = WEFT_FLOAT32, .scale = {1}, .n_scales = 1, .metric = OPT_TOP1,
                    .n_classes = 5};
  data.splits[OPT_CALIB] = (opt_samples){N, x, label};
  data.splits[OPT_TEST] = (opt_samples){N, x + N * IN, label + N};
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  weft_arena_free(&arena);
  return 0;
}

static void ok(weft_status s) {
  if (s != WEFT_OK)
    opt_test_issues(diag);
  assert_int_equal(s, WEFT_OK);
}

static void quantize(void) {
  ok(opt_calibrate(diag, net, &data, &options, NULL));
  ok(opt_quantize(diag, net, &options));
}

static opt_layer *layer(const char *name) {
  for (int i = 0; i < net->n_layers; i++)
    if (strcmp(net->layers[i].name, name) == 0)
      return &net->layers[i];
  fail_msg("no layer %s", name);
  return NULL;
}

static opt_value *value(const char *name) { return &net->values[layer(name)->output]; }

static double accuracy(opt_split split) {
  double metric = -1;
  ok(opt_evaluate(diag, net, &data, split, NULL, &metric));
  return metric;
}

/* ---- scales --------------------------------------------------------------------- */
static void scales_follow_the_specification(void **state) {
  (void)state;
  quantize();
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    const opt_weights *w = l->weights;
    for (size_t c = 0; w && c < w->n_out; c++) {
      int most = 0;
      for (size_t k = 0; k < w->n_elems; k++) {
        bool mine = (w->channel_axis == 3 ? k % w->n_out : k / (w->n_elems / w->n_out)) == c;
        most = mine && abs(w->q[k]) > most ? abs(w->q[k]) : most;
      }
      assert_int_equal(most, 127);
      double step = (double)net->values[l->inputs[0]].scale * (double)w->scale[c];
      assert_true(fabs((double)w->q_bias[c] - (double)w->bias[c] / step) <= 0.5);
    }
  }
  assert_true(value("classes")->scale == 1.0f / 256 && value("classes")->zero_point == -128);
  assert_int_equal(value("a")->zero_point, -128);
  assert_true(value("pool")->scale == value("sum")->scale);
  assert_true(value("joined")->scale == value("e")->scale);
  assert_true(value("flat")->zero_point == value("mean")->zero_point);
  assert_true(value("dense")->scale != value("mean")->scale);
}

static void learned_ranges_are_used(void **state) {
  (void)state;
  value("c")->has_range = true;
  value("c")->min = -1.27f;
  value("c")->max = 1.28f;
  quantize();
  assert_true(value("c")->scale == (float)((1.28f + 1.27f) / 255.0));
  assert_int_equal(value("c")->zero_point, -1);
}

/* Nothing to find: no samples are needed, and biases stay as they were trained. */
static void trained_networks_stay(void **state) {
  (void)state;
  for (int v = 0; v < net->n_values; v++) {
    net->values[v].has_range = true;
    net->values[v].min = -3;
    net->values[v].max = 3;
  }
  data.splits[OPT_CALIB].n = 0;
  ok(opt_calibrate(diag, net, &data, &options, NULL));
  assert_memory_equal(layer("a")->weights->bias, before->layers[1].weights->bias, 6 * sizeof(float));
  net->values[3].has_range = false;
  assert_int_equal(opt_calibrate(diag, net, &data, &options, NULL), WEFT_E_INPUT);
}

static void without_ranges_is_an_error(void **state) {
  (void)state;
  assert_int_equal(opt_quantize(diag, net, &options), WEFT_E_ARG);
}

static void integers_of_a_file_stay(void **state) {
  (void)state;
  weft_span a = {0}, b = {0};
  ok(opt_test_import(arena, diag, "tests/models/cnn_mnist_int8.tflite", &net));
  ok(opt_write(arena, diag, net, &a));
  ok(opt_quantize(diag, net, &options));
  ok(opt_write(arena, diag, net, &b));
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, a.size);
}

/* ---- forms ------------------------------------------------------------------------- */
static void eight_bits_are_near(void **state) {
  (void)state;
  quantize();
  assert_true(accuracy(OPT_TEST) >= 0.9);
}

static void every_method_is_near(void **state) {
  (void)state;
  for (int m = OPT_CALIB_MINMAX; m <= OPT_CALIB_KL; m++) {
    net = opt_clone(arena, before);
    options.method = (opt_calib)m;
    options.bias_correction = m % 2;
    quantize();
    if (accuracy(OPT_TEST) < 0.9)
      fail_msg("method %d: %g", m, accuracy(OPT_TEST));
  }
}

static void dense_by_tensor(void **state) {
  (void)state;
  options.per_tensor_dense = true;
  quantize();
  assert_true(layer("dense")->weights->per_tensor);
  assert_false(layer("a")->weights->per_tensor);
  assert_true(accuracy(OPT_TEST) >= 0.9);
}

static void four_bits(void **state) {
  (void)state;
  weft_span bytes;
  opt_net *back;
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].weights)
      net->layers[i].weights->bits = 4;
  quantize();
  assert_true(layer("dense")->weights->per_tensor);
  for (size_t k = 0; k < layer("a")->weights->n_elems; k++)
    assert_in_range(layer("a")->weights->q[k] + 7, 0, 14);
  assert_true(accuracy(OPT_TEST) >= 0.5);
  ok(opt_write(arena, diag, net, &bytes));
  ok(opt_test_import_bytes(arena, diag, bytes, &back));
  assert_int_equal(back->layers[1].weights->bits, 4);
  assert_memory_equal(back->layers[1].weights->q, net->layers[1].weights->q,
                      net->layers[1].weights->n_elems);
  options.activation_bits = 16;
  assert_int_equal(opt_quantize(diag, net, &options), WEFT_E_UNSUPPORTED);
}

static void sixteen_bits(void **state) {
  (void)state;
  weft_span bytes;
  opt_net *back;
  options.activation_bits = 16;
  quantize();
  assert_int_equal(value("a")->type, WEFT_INT16);
  assert_int_equal(value("c")->zero_point, 0);
  assert_true(value("classes")->scale == 1.0f / 32768);
  ok(opt_write(arena, diag, net, &bytes));
  ok(opt_test_import_bytes(arena, diag, bytes, &back));
  assert_int_equal(back->values[back->outputs[0]].type, WEFT_INT16);
  assert_true(accuracy(OPT_TEST) == 1.0);
  opt_layer_error *e;
  int n, bad;
  ok(opt_compare(arena, diag, before, net, &data, 16, &e, &n, &bad));
  assert_true(e[n - 1].sqnr_db > 35);
  layer("c")->weights->q_bias[2] = INT64_MIN;
  assert_int_equal(opt_compare(arena, diag, before, net, &data, 16, &e, &n, &bad), WEFT_E_UNSUPPORTED);
}

/* The generated input of seed 1; the hash is that of TFLite-Micro's output. */
static void equal_int16(const char *root, const char *file, const char *want) {
  char path[512], hash[17];
  opt_runner *r;
  weft_rng rng = {1};
  snprintf(path, sizeof path, "%s/models/%s", root, file);
  ok(opt_test_import(arena, diag, path, &net));
  const opt_value *in = &net->values[net->inputs[0]], *out = &net->values[net->outputs[0]];
  float *x = WEFT_NEW(arena, float, in->n_elems), *y = WEFT_NEW(arena, float, out->n_elems);
  uint8_t *q = weft_arena_alloc(arena, out->n_elems, 2);
  for (size_t i = 0; i < in->n_elems; i++) {
    int low = weft_rng_byte(&rng), high = weft_rng_byte(&rng);
    x[i] = (float)(in->scale * (double)(int16_t)(low | high << 8));
  }
  ok(opt_runner_open(arena, diag, net, &r));
  ok(opt_runner_run(r, diag, x));
  opt_runner_value(r, net->outputs[0], y);
  opt_to_integers(out, y, q);
  weft_hash16(q, 2 * out->n_elems, hash);
  assert_string_equal(hash, want);
}

static void sixteen_bits_equal_tflm(void **state) {
  (void)state;
  const char *root = getenv("WEFT_MODELS");
  if (!root) {
    print_message("SKIP: no WEFT_MODELS\n");
    skip();
  }
  equal_int16(root, "walkthrough/cnn_mnist_ptq_int16x8.tflite", "4c584b68707c7e81");
  equal_int16(root, "arm_ml_zoo/ds_cnn_small_int16x8.tflite", "ce70737fac6ad5b5");
}

static void excluded_layers_stay_float(void **state) {
  (void)state;
  weft_span bytes;
  opt_net *back;
  layer("a")->weights->exclude = true;
  layer("b")->weights->exclude = true;
  layer("dense")->weights->exclude = true;
  quantize();
  assert_null(layer("b")->weights->q);
  assert_true(value("a")->has_quant);          /* the ADD reads it           */
  assert_true(value("b")->has_quant);
  assert_true(accuracy(OPT_TEST) >= 0.9);
  ok(opt_write(arena, diag, net, &bytes));
  ok(opt_test_import_bytes(arena, diag, bytes, &back));
  assert_true(back->layers[2].weights->exclude);
  layer("c")->weights->exclude = true;
  ok(opt_quantize(diag, net, &options));
  assert_false(value("b")->has_quant);         /* float on both sides        */
  assert_true(accuracy(OPT_TEST) >= 0.9);
}

/* ---- what must stay ------------------------------------------------------------------- */
static size_t distinct(const opt_weights *w, size_t from, size_t step, size_t n) {
  bool seen[256] = {false};
  size_t count = 0;
  for (size_t k = 0; k < n; k++) {
    bool *s = &seen[w->q[from + k * step] + 128];
    count += !*s;
    *s = true;
  }
  return count;
}

static void cluster(opt_weights *w, int n, bool per_channel) {
  size_t each = w->n_elems / w->n_out;
  w->keep.n_clusters = n;
  w->keep.per_channel = per_channel;
  for (size_t i = 0; i < w->n_elems; i++) {
    float c = w->channel_axis == 3 ? (float)(i % w->n_out) : (float)(i / each);
    w->w[i] = ((float)(int)(i * 7 % (size_t)n) - 2) * (per_channel ? 0.01f * (c + 1) : 0.1f);
    if (!per_channel)
      w->w[i] += 1e-9f;
  }
  if (!per_channel)
    for (size_t i = 0; i < each; i++)
      w->w[i] = i % 2 ? 0.1f + 1e-9f : 0;      /* a channel of small weights */
}

static void clusters_stay(void **state) {
  (void)state;
  opt_weights *one = layer("c")->weights, *channels = layer("b")->weights;
  cluster(one, 8, false);
  cluster(channels, 4, true);
  quantize();
  assert_true(one->per_tensor);
  assert_in_range(distinct(one, 0, 1, one->n_elems), 6, 9);
  for (size_t c = 0; c < channels->n_out; c++)
    assert_in_range(distinct(channels, c, channels->n_out, 9), 1, 4);
  for (size_t i = 0; i < one->n_elems; i++)
    assert_true(one->w[i] != 0 || one->q[i] == 0);
}

/* ---- corrections ------------------------------------------------------------------------ */
static double mean_shift(const opt_net *a) {
  opt_layer_error *e;
  int n, bad;
  ok(opt_compare(arena, diag, before, a, &data, N, &e, &n, &bad));
  return e[n - 2].sqnr_db;
}

static void biases_take_back_rounding(void **state) {
  (void)state;
  double db[2];
  for (int k = 0; k < 2; k++) {
    net = opt_clone(arena, before);
    for (int i = 0; i < net->n_layers; i++)
      if (net->layers[i].weights)
        net->layers[i].weights->bits = 4;
    options.bias_correction = k;
    quantize();
    db[k] = mean_shift(net);
  }
  assert_true(db[1] > db[0] + 1);
}

static float row_max(const opt_weights *w, bool by_input, size_t c) {
  size_t each = w->n_elems / w->n_out, n_in = (size_t)w->shape[3];
  float most = 0;
  for (size_t i = 0; i < w->n_elems; i++)
    if ((by_input ? i % n_in : i / each) == c)
      most = fmaxf(most, fabsf(w->w[i]));
  return most;
}

static void equalizes(void **state) {
  (void)state;
  float a[5 * 4], b[5 * 4];
  const float *x = data.splits[OPT_TEST].x;
  layer("b")->act = WEFT_ACT_RELU;
  ok(opt_forward(diag, net, x, 4, a, NULL, NULL));
  opt_equalize(net);
  ok(opt_forward(diag, net, x, 4, b, NULL, NULL));
  const opt_weights *depthwise = layer("b")->weights, *conv = layer("c")->weights;
  for (int i = 0; i < 20; i++)
    assert_true(fabsf(a[i] - b[i]) < 1e-5f);
  for (size_t c = 0; c < 12; c++) {
    float most = 0;
    for (size_t k = c; k < depthwise->n_elems; k += 12)
      most = fmaxf(most, fabsf(depthwise->w[k]));
    assert_true(fabsf(most - row_max(conv, true, c)) < 1e-5f);
  }
}

/* ---- comparison ---------------------------------------------------------------------------- */
static void names_the_first_bad_layer(void **state) {
  (void)state;
  opt_layer_error *e;
  int n = 0, bad = 0;
  quantize();
  ok(opt_compare(arena, diag, before, net, &data, 16, &e, &n, &bad));
  assert_int_equal(n, net->n_layers);
  assert_int_equal(bad, -1);
  for (int i = 0; i < n; i++)
    assert_true(e[i].sqnr_db > 25 && e[i].cosine > 0.99 && e[i].max_abs < 1);
  assert_true(e[0].sqnr_db > 40);
  value("c")->min *= 100;
  value("c")->max *= 100;
  ok(opt_quantize(diag, net, &options));
  ok(opt_compare(arena, diag, before, net, &data, 16, &e, &n, &bad));
  assert_string_equal(net->layers[bad].name, "c");
}

/* ---- bad input ------------------------------------------------------------------------------ */
static void refuses_bad_samples(void **state) {
  (void)state;
  double metric;
  data.n_elems = 100;
  assert_int_equal(opt_calibrate(diag, net, &data, &options, NULL), WEFT_E_INPUT);
  data.n_elems = IN;
  data.splits[OPT_CALIB].n = 0;
  assert_int_equal(opt_calibrate(diag, net, &data, &options, NULL), WEFT_E_INPUT);
  ((int32_t *)data.splits[OPT_TEST].label)[3] = 5;
  assert_int_equal(opt_evaluate(diag, net, &data, OPT_TEST, NULL, &metric), WEFT_E_INPUT);
  assert_non_null(strstr(weft_diag_at(diag, weft_diag_count(diag) - 1)->found, "label 5"));
  data.splits[OPT_TEST].label = NULL;
  assert_int_equal(opt_evaluate(diag, net, &data, OPT_TEST, NULL, &metric), WEFT_E_INPUT);
  data.metric = OPT_MSE;
  assert_int_equal(opt_evaluate(diag, net, &data, OPT_TEST, NULL, &metric), WEFT_E_INPUT);
}

static void refuses_diverging_networks(void **state) {
  (void)state;
  for (size_t i = 0; i < layer("a")->weights->n_elems; i++)
    layer("a")->weights->w[i] = layer("c")->weights->w[i % 12] = 3e38f;
  assert_int_equal(opt_calibrate(diag, net, &data, &options, NULL), WEFT_E_MODEL);
  assert_non_null(strstr(weft_diag_at(diag, 0)->where, "value 'a'"));
}

static void float_and_integer_metrics(void **state) {
  (void)state;
  double metric;
  assert_true(accuracy(OPT_TEST) == 1.0);
  net->n_layers = 1;           /* PAD alone: output 10x10x3                  */
  net->outputs[0] = net->layers[0].output;
  memset(net->layers[0].pad, 0, sizeof net->layers[0].pad);
  ok(opt_shapes(diag, net));
  data.metric = OPT_MSE;
  ok(opt_evaluate(diag, net, &data, OPT_TEST, NULL, &metric));
  assert_true(metric == 0);
  quantize();
  ok(opt_evaluate(diag, net, &data, OPT_TEST, NULL, &metric));
  double step = (double)net->values[0].scale;
  assert_true(metric > 0 && metric < step * step);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    T(scales_follow_the_specification), T(learned_ranges_are_used), T(trained_networks_stay),
    T(without_ranges_is_an_error),
    T(integers_of_a_file_stay), T(eight_bits_are_near), T(every_method_is_near), T(dense_by_tensor),
    T(four_bits), T(sixteen_bits), T(sixteen_bits_equal_tflm),
    T(excluded_layers_stay_float), T(clusters_stay),
    T(biases_take_back_rounding), T(equalizes), T(names_the_first_bad_layer), T(refuses_bad_samples),
    T(refuses_diverging_networks), T(float_and_integer_metrics),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
