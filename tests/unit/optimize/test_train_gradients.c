/* SPDX-License-Identifier: Apache-2.0 */
/* Every gradient against central differences of a loss in double (double_net.c), and
 * the fast forward against the plain one.
 *
 * Bound of a gradient: 2e-4 of the greatest of its layer plus 1e-6; the difference of
 * step 1e-6 in double is good to about 1e-9, floats of a few hundred terms to 1e-5. */
#include "net_maker.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

enum { N = 19 };                /* more than a chunk                         */

static weft_arena *arena;
static int set_up(void **state) {
  (void)state;
  arena = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  (void)state;
  weft_arena_free(&arena);
  return 0;
}

static void inputs(const opt_net *net, float **x, int32_t **label) {
  const size_t n = N * net->values[0].n_elems;
  const size_t classes = net->values[net->outputs[0]].n_elems;
  *x = WEFT_NEW(arena, float, n);
  *label = WEFT_NEW(arena, int32_t, N);
  for (size_t i = 0; i < n; i++)
    (*x)[i] = 2 * nm_uniform(5, i);
  for (size_t i = 0; i < N; i++)
    (*label)[i] = (int32_t)(i % (classes > 1 ? classes : 2));
}

static void check_layer(const opt_net *net, const float *x, const int32_t *label,
                        const opt_train_options *o, int layer, const float *grad) {
  const opt_weights *w = net->layers[layer].weights;
  const size_t n = w->n_elems + w->n_out, step = n / 40 + 1;
  double most = 0;
  for (size_t i = 0; i < n; i++)
    most = fabs((double)grad[i]) > most ? fabs((double)grad[i]) : most;
  assert_true(most > 1e-5);
  for (size_t i = 0; i < n; i += i < w->n_elems ? step : 1) {
    const double up = nm_loss(net, x, label, N, o, layer, i, 1e-6);
    const double down = nm_loss(net, x, label, N, o, layer, i, -1e-6);
    const double want = (up - down) / 2e-6;
    if (!(fabs(want - (double)grad[i]) <= 2e-4 * most + 1e-6))
      fail_msg("layer %d %zu: %.9g, difference %.9g (greatest %g)", layer, i, (double)grad[i],
               want, most);
  }
}

static void check_options(const opt_net *net, bool labels, const opt_train_options *o) {
  float *x, **grad = WEFT_NEW(arena, float *, net->n_layers);
  int32_t *label;
  double loss;
  inputs(net, &x, &label);
  label = labels ? label : NULL;
  assert_int_equal(opt_gradients(arena, NULL, net, x, label, N, o, &loss, grad), WEFT_OK);
  const double want = nm_loss(net, x, label, N, o, -1, 0, 0);
  if (!(fabs(loss - want) <= 1e-5 * fabs(want)))
    fail_msg("loss %.9g, in double %.9g", loss, want);
  for (int l = 0; l < net->n_layers; l++)
    if (net->layers[l].weights)
      check_layer(net, x, label, o, l, grad[l]);
}

/* The same output as the plain forward, in 1 and in 2 threads. */
static void check_forward(const opt_net *net) {
  const size_t n = N * net->values[net->outputs[0]].n_elems;
  float *x, *plain = WEFT_NEW(arena, float, n), *fast = WEFT_NEW(arena, float, n);
  float *two = WEFT_NEW(arena, float, n);
  int32_t *label;
  inputs(net, &x, &label);
  assert_int_equal(opt_forward(NULL, net, x, N, plain, NULL, NULL), WEFT_OK);
  assert_int_equal(opt_forward_fast(NULL, net, x, N, 1, fast), WEFT_OK);
  assert_int_equal(opt_forward_fast(NULL, net, x, N, 2, two), WEFT_OK);
  assert_memory_equal(fast, two, n * sizeof *fast);
  for (size_t i = 0; i < n; i++)
    if (!(fabsf(plain[i] - fast[i]) <= 2e-5f * (1 + fabsf(plain[i]))))
      fail_msg("output %zu: plain %.9g, fast %.9g", i, (double)plain[i], (double)fast[i]);
}

static void check(opt_net *net, int out) {
  const opt_train_options o = {.alpha = 1, .temperature = 1};
  nm_end(net, nm_unary(net, OPT_SOFTMAX, out));
  check_forward(net);
  check_options(net, true, &o);
}

/* A convolution that is not the first, so that both its gradients are seen. */
static void check_conv(int kh, int kw, int stride, int dilation, weft_pad pad, weft_act act) {
  opt_net *net = nm_new(arena, 7, 6, 2);
  int v = nm_conv(net, 0, 3, 1, 1, 1, 1, WEFT_PAD_VALID, WEFT_ACT_NONE);
  v = nm_conv(net, v, 4, kh, kw, stride, dilation, pad, act);
  check(net, nm_dense(net, nm_flatten(net, v), 3, WEFT_ACT_NONE));
}

static void test_conv(void **state) {
  (void)state;
  check_conv(3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  check_conv(3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU6);
  check_conv(3, 2, 2, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  check_conv(1, 1, 2, 1, WEFT_PAD_VALID, WEFT_ACT_NONE);
  check_conv(1, 3, 2, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  check_conv(3, 3, 1, 2, WEFT_PAD_SAME, WEFT_ACT_RELU);
  check_conv(2, 3, 1, 2, WEFT_PAD_VALID, WEFT_ACT_RELU);
  check_conv(5, 5, 3, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
}

static void check_depthwise(int mult, int k, int stride, int dilation, weft_pad pad) {
  opt_net *net = nm_new(arena, 7, 6, 2);
  int v = nm_conv(net, 0, 3, 1, 1, 1, 1, WEFT_PAD_VALID, WEFT_ACT_NONE);
  v = nm_depthwise(net, v, mult, k, stride, dilation, pad, WEFT_ACT_RELU6);
  check(net, nm_dense(net, nm_flatten(net, v), 3, WEFT_ACT_NONE));
}

static void test_depthwise(void **state) {
  (void)state;
  check_depthwise(1, 3, 1, 1, WEFT_PAD_SAME);
  check_depthwise(2, 3, 2, 1, WEFT_PAD_SAME);
  check_depthwise(3, 2, 1, 1, WEFT_PAD_VALID);
  check_depthwise(1, 3, 1, 2, WEFT_PAD_SAME);
  check_depthwise(1, 3, 1, 2, WEFT_PAD_VALID);
}

static void test_dense(void **state) {
  (void)state;
  opt_net *net = nm_new(arena, 0, 0, 9);
  int v = nm_dense(net, 0, 8, WEFT_ACT_RELU);
  v = nm_dense(net, v, 7, WEFT_ACT_RELU6);
  check(net, nm_dense(net, v, 4, WEFT_ACT_NONE));
}

static void check_pool(opt_kind kind, int k, int stride, weft_pad pad) {
  opt_net *net = nm_new(arena, 7, 6, 2);
  int v = nm_conv(net, 0, 3, 2, 2, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  v = nm_pool(net, kind, v, k, stride, pad);
  check(net, nm_dense(net, nm_flatten(net, v), 3, WEFT_ACT_NONE));
}

static void test_pools(void **state) {
  (void)state;
  for (int kind = 0; kind < 2; kind++) {
    const opt_kind k = kind ? OPT_AVERAGE_POOL : OPT_MAX_POOL;
    check_pool(k, 2, 2, WEFT_PAD_VALID);
    check_pool(k, 3, 2, WEFT_PAD_SAME);
    check_pool(k, 3, 1, WEFT_PAD_SAME);
    check_pool(k, 2, 3, WEFT_PAD_VALID);
    check_pool(k, 2, 2, WEFT_PAD_SAME);
    check_pool(k, 2, 3, WEFT_PAD_SAME);
  }
}

/* A value that three layers read, one of them through a RESHAPE; ADD of a value with
 * itself; CONCAT; PAD; MEAN; stand-alone activations. */
static void test_joins(void **state) {
  (void)state;
  opt_net *net = nm_new(arena, 5, 4, 2);
  const int a = nm_conv(net, 0, 4, 1, 1, 1, 1, WEFT_PAD_VALID, WEFT_ACT_NONE);
  const int r = nm_unary(net, OPT_RELU, a);
  const int b = nm_conv(net, a, 4, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  int v = nm_join(net, OPT_ADD, b, r, WEFT_ACT_RELU);
  v = nm_join(net, OPT_CONCAT, v, a, WEFT_ACT_NONE);
  v = nm_join(net, OPT_ADD, v, v, WEFT_ACT_NONE);
  v = nm_pad(net, v, 1, 2, 0, 1);
  v = nm_conv(net, v, 5, 3, 3, 2, 1, WEFT_PAD_VALID, WEFT_ACT_NONE);
  v = nm_unary(net, OPT_RELU6, v);
  v = nm_unary(net, OPT_MEAN, v);
  v = nm_dense(net, v, 3, WEFT_ACT_NONE);
  const int flat = nm_dense(net, nm_flatten(net, a), 3, WEFT_ACT_NONE);
  check(net, nm_join(net, OPT_ADD, v, flat, WEFT_ACT_NONE));
}

/* SOFTMAX and LOGISTIC inside a network. */
static void test_inner_functions(void **state) {
  (void)state;
  opt_net *net = nm_new(arena, 0, 0, 6);
  int v = nm_unary(net, OPT_SOFTMAX, nm_dense(net, 0, 5, WEFT_ACT_NONE));
  v = nm_unary(net, OPT_LOGISTIC, nm_dense(net, v, 5, WEFT_ACT_NONE));
  check(net, nm_dense(net, v, 3, WEFT_ACT_NONE));
}

static void test_binary(void **state) {
  (void)state;
  const opt_train_options o = {.alpha = 1, .temperature = 1};
  opt_net *net = nm_new(arena, 0, 0, 6);
  const int v = nm_dense(net, nm_dense(net, 0, 5, WEFT_ACT_RELU), 1, WEFT_ACT_NONE);
  nm_end(net, nm_unary(net, OPT_LOGISTIC, v));
  check_forward(net);
  check_options(net, true, &o);
}

static void test_squared(void **state) {
  (void)state;
  const opt_train_options o = {.alpha = 1, .temperature = 1};
  opt_net *net = nm_new(arena, 0, 0, 6);
  nm_end(net, nm_dense(net, nm_dense(net, 0, 3, WEFT_ACT_RELU), 6, WEFT_ACT_NONE));
  check_options(net, false, &o);
}

static void test_distillation(void **state) {
  (void)state;
  opt_net *teacher = nm_new(arena, 0, 0, 6), *net = nm_new(arena, 0, 0, 6);
  int v = nm_dense(teacher, nm_dense(teacher, 0, 9, WEFT_ACT_RELU), 4, WEFT_ACT_NONE);
  nm_end(teacher, nm_unary(teacher, OPT_SOFTMAX, v));
  v = nm_dense(net, nm_dense(net, 0, 5, WEFT_ACT_RELU), 4, WEFT_ACT_NONE);
  nm_end(net, nm_unary(net, OPT_SOFTMAX, v));
  opt_train_options o = {.teacher = teacher, .temperature = 4, .alpha = 0.1};
  check_options(net, true, &o);
  o.temperature = 1.5;
  o.teacher_only = true;
  check_options(net, true, &o);
}

static void test_frozen(void **state) {
  (void)state;
  const opt_train_options o = {.alpha = 1, .temperature = 1};
  opt_net *net = nm_new(arena, 0, 0, 6);
  float *x, *grad[3];
  int32_t *label;
  double loss;
  const int v = nm_dense(net, nm_dense(net, 0, 5, WEFT_ACT_RELU), 4, WEFT_ACT_NONE);
  nm_end(net, nm_unary(net, OPT_SOFTMAX, v));
  net->layers[0].weights->frozen = true;
  inputs(net, &x, &label);
  assert_int_equal(opt_gradients(arena, NULL, net, x, label, N, &o, &loss, grad), WEFT_OK);
  assert_null(grad[0]);
  check_layer(net, x, label, &o, 1, grad[1]);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_conv), T(test_depthwise), T(test_dense), T(test_pools), T(test_joins),
      T(test_inner_functions), T(test_binary), T(test_squared), T(test_distillation),
      T(test_frozen)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
