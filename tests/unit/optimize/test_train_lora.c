/* SPDX-License-Identifier: Apache-2.0 */
/* Adapters: their gradients against central differences in double, the weights under them and
 * everything else untouched bit for bit, the .npz of a run merged to the network of the run. */
#include "net_maker.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../arena.h"

enum { H = 6, W = 6, C = 2, CLASSES = 3, N = 18 };

/* 0 CONV, 1 DEPTHWISE, 2 CONV, 3 reshape, 4 DENSE, 5 DENSE */
static opt_net *made_net(void) {
  opt_net *net = nm_new(arena, H, W, C);
  int v = nm_conv(net, 0, 5, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  v = nm_depthwise(net, v, 1, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  v = nm_conv(net, v, 6, 3, 3, 2, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  v = nm_dense(net, nm_flatten(net, v), 7, WEFT_ACT_RELU);
  nm_end(net, nm_unary(net, OPT_SOFTMAX, nm_dense(net, v, CLASSES, WEFT_ACT_NONE)));
  return net;
}

static opt_data *made_data(void) { return nm_data(arena, (const int32_t[]){H, W, C}, CLASSES, 48, 24); }

static opt_train_options options(int rank) {
  opt_train_options o = opt_train_default();
  o.epochs = 4;
  o.batch = 8;
  o.seed = 7;
  o.lr = 0.01;
  o.lora_rank = rank;
  o.lora_alpha = 3;
  return o;
}

static opt_adapters train(opt_net *net, opt_train_options o) {
  opt_adapters x = {0};
  opt_history h;
  o.adapters = &x;
  if (opt_train(arena, diag, net, made_data(), &o, NULL, &h) != WEFT_OK)
    fail_msg("%s: %s", weft_diag_at(diag, 0)->where, weft_diag_at(diag, 0)->found);
  assert_true(h.loss[h.n - 1] < h.loss[0]);
  return x;
}

/* The matrix moves by scale * B dA (side 0), or by scale * dB A, where one element moves. */
static void step_of(const opt_weights *w, const float *a, const float *b, size_t rank, double scale, int side,
                    size_t at, double by, double *out) {
  const size_t columns = w->n_elems / w->n_out;
  memset(out, 0, w->n_elems * sizeof *out);
  if (side == 0)
    for (size_t o = 0; o < w->n_out; o++)
      out[o * columns + at % columns] = scale * by * (double)b[o * rank + at / columns];
  else
    for (size_t i = 0; i < columns; i++)
      out[at / rank * columns + i] = scale * by * (double)a[at % rank * columns + i];
}

static void check_gradient(int layer, size_t rank) {
  opt_net *net = made_net();
  opt_weights *w = net->layers[layer].weights;
  const opt_train_options o = {.alpha = 1, .temperature = 1};
  const size_t columns = w->n_elems / w->n_out, n_a = rank * columns, n_b = w->n_out * rank;
  const double scale = 1.5;
  float *a = WEFT_NEW(arena, float, n_a), *b = WEFT_NEW(arena, float, n_b);
  float *grad[2] = {WEFT_NEW(arena, float, n_a), WEFT_NEW(arena, float, n_b)};
  float **all = WEFT_NEW(arena, float *, net->n_layers);
  float *x = WEFT_NEW(arena, float, N * H * W * C);
  int32_t label[N];
  double loss, *by = WEFT_NEW(arena, double, w->n_elems);
  for (size_t i = 0; i < (size_t)N * H * W * C; i++)
    x[i] = 2 * nm_uniform(5, i);
  for (int i = 0; i < N; i++)
    label[i] = i % CLASSES;
  for (size_t i = 0; i < n_a; i++)
    a[i] = 0.3f * nm_uniform(6, i);
  for (size_t i = 0; i < n_b; i++)
    b[i] = 0.3f * nm_uniform(8, i);
  opt_lora_product(w, w->w, a, b, rank, scale, w->w);
  assert_int_equal(opt_gradients(arena, diag, net, x, label, N, &o, &loss, all), WEFT_OK);
  opt_lora_gradient(w, all[layer], a, b, rank, scale, grad[0], grad[1]);
  for (int side = 0; side < 2; side++) {
    const size_t n = side ? n_b : n_a;
    double most = 0;
    for (size_t i = 0; i < n; i++)
      most = fmax(most, fabs((double)grad[side][i]));
    assert_true(most > 1e-5);
    for (size_t i = 0; i < n; i += n / 40 + 1) {
      step_of(w, a, b, rank, scale, side, i, 1e-6, by);
      const double up = nm_loss_along(net, x, label, N, &o, layer, by);
      step_of(w, a, b, rank, scale, side, i, -1e-6, by);
      const double want = (up - nm_loss_along(net, x, label, N, &o, layer, by)) / 2e-6;
      if (!(fabs(want - (double)grad[side][i]) <= 2e-4 * most + 1e-6))
        fail_msg("layer %d %c[%zu]: %.9g, difference %.9g", layer, 'A' + side, i, (double)grad[side][i], want);
    }
  }
}

static void gradients_are_those_of_the_loss(void **state) {
  (void)state;
  check_gradient(0, 1);
  check_gradient(2, 3);
  check_gradient(4, 2);
  check_gradient(5, 3);
}

/* One step of SGD from B = 0: A stays, B is -lr times its gradient. */
static void the_loop_uses_those_gradients(void **state) {
  (void)state;
  opt_net *net = made_net(), *before = opt_clone(arena, net);
  opt_data *d = made_data();
  opt_train_options o = options(2);
  d->splits[OPT_TRAIN].n = 8;
  d->splits[OPT_VALIDATION].n = 0;
  o.optimizer = OPT_SGD;
  o.epochs = 1;
  opt_adapters x = {0};
  o.adapters = &x;
  assert_int_equal(opt_train(arena, diag, net, d, &o, NULL, NULL), WEFT_OK);
  float *in = WEFT_NEW(arena, float, 8 * H * W * C), **all = WEFT_NEW(arena, float *, net->n_layers);
  int32_t label[8];
  double loss;
  for (size_t i = 0; i < 8; i++) {
    opt_data_get(d, OPT_TRAIN, i, in + i * H * W * C);
    label[i] = d->splits[OPT_TRAIN].label[i];
  }
  assert_int_equal(opt_gradients(arena, diag, before, in, label, 8, &o, &loss, all), WEFT_OK);
  for (int l = 0; l < net->n_layers; l++) {
    const opt_weights *w = before->layers[l].weights;
    if (!x.a[l])
      continue;
    float da[2 * 5 * 9 * 6], db[2 * 7], zero[2 * 7] = {0};
    opt_lora_gradient(w, all[l], x.a[l], zero, 2, 1.5, da, db);
    float most = 0;
    for (size_t i = 0; i < 2 * w->n_out; i++)
      most = fmaxf(most, fabsf(db[i]));
    assert_true(most > 1e-4f);
    for (size_t i = 0; i < 2 * w->n_out; i++)
      if (!(fabsf(x.b[l][i] + 0.01f * db[i]) <= 1e-4f * 0.01f * most))
        fail_msg("layer %d B[%zu]: %g, gradient %g", l, i, (double)x.b[l][i], (double)db[i]);
  }
}

static bool same(const float *a, const float *b, size_t n) { return memcmp(a, b, n * sizeof *a) == 0; }

static void only_adapters_learn(void **state) {
  (void)state;
  opt_net *net = made_net(), *two = made_net();
  const opt_net *before = opt_clone(arena, net);
  bool take[8] = {false, true, true, false, false, true};
  opt_train_options o = options(2);
  o.lora_layer = take;
  const opt_adapters x = train(net, o);
  o.threads = 2;
  train(two, o);
  for (int l = 0; l < net->n_layers; l++) {
    const opt_weights *w = before->layers[l].weights, *now = net->layers[l].weights;
    if (!w)
      continue;
    const bool adapted = l == 2 || l == 5;      /* DEPTHWISE has no such matrix */
    assert_int_equal(x.a[l] != NULL, adapted);
    assert_true(same(w->bias, now->bias, w->n_out));
    assert_int_equal(same(w->w, now->w, w->n_elems), !adapted);
    assert_true(same(two->layers[l].weights->w, now->w, w->n_elems));
    if (!adapted)
      continue;
    float *sum = WEFT_NEW(arena, float, w->n_elems);
    opt_lora_product(w, w->w, x.a[l], x.b[l], 2, 1.5, sum);
    assert_true(same(sum, now->w, w->n_elems));
  }
}

static void the_file_merges_to_the_same_network(void **state) {
  (void)state;
  opt_net *net = made_net(), *merged = made_net();
  char path[] = "/tmp/weft_lora_XXXXXX";
  close(mkstemp(path));
  const opt_adapters x = train(net, options(3));
  assert_int_equal(opt_lora_write(diag, net, &x, path), WEFT_OK);
  const weft_status s = opt_lora_merge(diag, merged, path, 3);
  unlink(path);
  assert_int_equal(s, WEFT_OK);
  for (int l = 0; l < net->n_layers; l++)
    if (net->layers[l].weights)
      assert_true(same(net->layers[l].weights->w, merged->layers[l].weights->w, net->layers[l].weights->n_elems));
}

static void refuses(opt_net *net, opt_train_options o, const char *says) {
  diag = weft_diag_new(arena);
  assert_int_equal(opt_train(arena, diag, net, made_data(), &o, NULL, NULL), WEFT_E_CONFIG);
  if (!strstr(weft_diag_at(diag, 0)->found, says))
    fail_msg("'%s' without '%s'", weft_diag_at(diag, 0)->found, says);
}

static void what_cannot_work_is_refused(void **state) {
  (void)state;
  const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
  const char *dense;
  opt_net *net = made_net();
  opt_train_options o = options(4);
  refuses(net, o, "rank 4 of a 3 x 7 matrix");
  o = options(2);
  o.quantize = true;
  refuses(net, o, "adapters of rank");
  o = options(2);
  o.lora_layer = (bool[8]){false, true};
  refuses(net, o, "no layer for adapters");
  assert_int_equal(opt_prune_layer(arena, diag, &net->layers[4], &p, 0.5, &dense), WEFT_OK);
  refuses(net, options(2), "pruned or clustered");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(gradients_are_those_of_the_loss), T(the_loop_uses_those_gradients), T(only_adapters_learn),
      T(the_file_merges_to_the_same_network), T(what_cannot_work_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
