/* SPDX-License-Identifier: Apache-2.0 */
/* Scales and integers of weights and activations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/optimize/scale.h"
#include "opt_nets.h"

static float values[6] = {-2.54f, 1.0f, 0.0f, 0.0f, 0.5f, 0.127f};

static opt_weights weights_2x3(int axis) {
  opt_weights w = {.rank = 2, .shape = {2, 3}, .n_elems = 6, .n_out = axis ? 3 : 2,
                   .channel_axis = axis, .w = values, .bits = 8};
  return w;
}

static void test_channels(void **state) {
  (void)state;
  float s[3];
  opt_weights w = weights_2x3(0);
  opt_weight_scales(&w, s);
  assert_true(s[0] == 2.54f / 127.0f);
  assert_true(s[1] == 0.5f / 127.0f);
  w = weights_2x3(3);
  opt_weight_scales(&w, s);
  assert_true(s[0] == 2.54f / 127.0f);
  assert_true(s[1] == 1.0f / 127.0f);
  assert_true(s[2] == 0.127f / 127.0f);
}

static void test_one_scale(void **state) {
  (void)state;
  float s[3] = {-1, -1, -1};
  opt_weights w = weights_2x3(0);
  w.keep.n_clusters = 4;
  assert_true(opt_one_scale(&w));
  opt_weight_scales(&w, s);
  assert_true(s[0] == 2.54f / 127.0f);
  assert_true(s[1] == -1);
  w.keep.per_channel = true;
  assert_false(opt_one_scale(&w));
  w.per_tensor = true;
  assert_true(opt_one_scale(&w));
}

static void test_zero_channel(void **state) {
  (void)state;
  float zero[2] = {0, -0.0f}, s[2];
  opt_weights w = {.rank = 2, .shape = {2, 1}, .n_elems = 2, .n_out = 2, .w = zero, .bits = 4};
  opt_weight_scales(&w, s);
  assert_true(s[0] == 1.0f / 7.0f);
  assert_int_equal(opt_weight_q(zero[1], s[1], 4), 0);
}

static void test_rounding(void **state) {
  (void)state;
  assert_int_equal(opt_weight_q(0.5f, 1.0f, 8), 1);
  assert_int_equal(opt_weight_q(-2.5f, 1.0f, 8), -3);
  assert_int_equal(opt_weight_q(1e9f, 1.0f, 8), 127);
  assert_int_equal(opt_weight_q(-1e9f, 1.0f, 8), -127);
  assert_int_equal(opt_weight_q(-1e9f, 1.0f, 4), -7);
}

/* The same numbers as one at a time, halves and ends included. */
static void test_fake(void **state) {
  (void)state;
  static float x[6 * 40], y[6 * 40], scale[40];
  for (int axis = 0; axis <= 3; axis += 3)
    for (int bits = 4; bits <= 8; bits += 4) {
      opt_weights w = {.rank = 4, .n_elems = 6 * 40, .n_out = axis ? 40 : 6, .channel_axis = axis,
                       .w = x, .bits = bits};
      const float q_max = bits == 8 ? 127 : 7;
      for (int i = 0; i < 240; i++)     /* halves, and their neighbours      */
        x[i] = ((float)(i % 31 - 15) / 2 + (float)(i % 3 - 1) * 0x1p-22f) / q_max;
      for (size_t c = 0; c < w.n_out; c++)
        x[axis ? c : c * 40] = 1;       /* scale 1 / q_max                   */
      opt_weight_scales(&w, scale);
      opt_fake_weights(&w, scale, y);
      for (size_t i = 0; i < 240; i++) {
        const float s = scale[axis ? i % 40 : i / 40];
        assert_true(y[i] == s * (float)opt_weight_q(x[i], s, bits));
      }
    }
}

static void test_activations(void **state) {
  (void)state;
  float s;
  int32_t z;
  opt_activation_scale(0.0f, 1.0f, 8, &s, &z);
  assert_true(s == (float)(1.0 / 255.0));
  assert_int_equal(z, -128);
  opt_activation_scale(-1.0f, 1.0f, 8, &s, &z);
  assert_int_equal(z, -1);     /* -128 + 127.5: halves away from zero */
  opt_activation_scale(-3.0f, 0.0f, 8, &s, &z);
  assert_int_equal(z, 127);
  opt_activation_scale(-1e-9f, 1e-9f, 8, &s, &z);
  assert_true(s == 0x1p-20f);
  opt_activation_scale(-3.0f, 1.0f, 16, &s, &z);
  assert_true(s == 3.0f / 32767.0f);
  assert_int_equal(z, 0);
}

static int value_of(const opt_net *net, const char *name) {
  for (int v = 0; v < net->n_values; v++)
    if (strcmp(net->values[v].name, name) == 0)
      return v;
  fail_msg("no value %s", name);
  return -1;
}

/* x ties pad; sum, pool, e, joined are one; so are relu, average, relu6 and mean, flat. */
static void test_tied(void **state) {
  (void)state;
  weft_arena *arena = weft_arena_new();
  const opt_net *net = opt_test_net(arena, 1, true);
  static const char *const pairs[][2] = {{"pad", "x"}, {"pool", "sum"}, {"e", "sum"}, {"joined", "sum"},
                                         {"average", "relu"}, {"relu6", "relu"}, {"flat", "mean"}};
  static const char *const alone[] = {"x", "a", "b", "c", "sum", "relu", "mean", "dense", "classes"};
  int *group = WEFT_NEW(arena, int, net->n_values);
  float s;
  int32_t z;
  opt_tied(net, group);
  for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++)
    assert_int_equal(group[value_of(net, pairs[k][0])], value_of(net, pairs[k][1]));
  for (size_t k = 0; k < sizeof alone / sizeof alone[0]; k++)
    assert_int_equal(group[value_of(net, alone[k])], value_of(net, alone[k]));
  assert_false(opt_fixed_scale(net, value_of(net, "dense"), 8, &s, &z));
  assert_true(opt_fixed_scale(net, value_of(net, "classes"), 8, &s, &z));
  assert_true(s == 1.0f / 256 && z == -128);
  weft_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_channels), cmocka_unit_test(test_one_scale),
      cmocka_unit_test(test_zero_channel), cmocka_unit_test(test_rounding),
      cmocka_unit_test(test_activations), cmocka_unit_test(test_fake),
      cmocka_unit_test(test_tied)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
