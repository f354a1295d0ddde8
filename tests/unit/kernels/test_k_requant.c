/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives against closed forms that share nothing with k_requant.c. */
#include "kernels/k_requant.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect_multiplier(double value, int32_t q, int32_t shift) {
  const weft_k_multiplier m = weft_k_multiplier_of(value);
  assert_int_equal(m.q, q);
  assert_int_equal(m.shift, shift);
}

static void multiplier_edges_are_those_of_upstream(void **state) {
  (void)state;
  expect_multiplier(1.0, 1 << 30, 1);
  expect_multiplier(0.5, 1 << 30, 0);
  expect_multiplier(1 - 0x1p-24, INT32_MAX - 127, 0);
  expect_multiplier(1 - 0x1p-40, 1 << 30, 1);      /* rounds up to 2^31       */
  expect_multiplier(0x1p-31, 1 << 30, -30);
  expect_multiplier(0x1p-32, 1 << 30, -31);
  expect_multiplier(0x1.8p-33, 0, 0);              /* flushed                 */
  expect_multiplier(0x1.fffffffffp-33, 1 << 30, -31); /* rounds up past the flush */
  expect_multiplier(0x1p29, 1 << 30, 30);
  expect_multiplier(1e-300, 0, 0);
  expect_multiplier(0, 0, 0);
  expect_multiplier(-1, 0, 0);
  expect_multiplier((double)NAN, 0, 0);
  expect_multiplier((double)INFINITY, 0, 0);
}

/* Real x / 2^n, half away from zero. */
static int64_t half_away(int64_t x, int n) {
  const int64_t half = n ? INT64_C(1) << (n - 1) : 0;
  return x >= 0 ? (x + half) >> n : -((-x + half) >> n);
}

static void rounding_shift_is_half_away_from_zero(void **state) {
  (void)state;
  weft_rng rng = {11};
  for (int n = 0; n <= 31; n++)
    for (int i = 0; i < 3000; i++) {
      int32_t x = (int32_t)weft_rng_next(&rng);
      if (i % 3 == 0)                              /* a tie, or next to one   */
        x = (int32_t)((uint32_t)x << n) + (n ? 1 << (n - 1) : 0) - i % 2;
      assert_int_equal(weft_k_rdbpot(x, n), half_away(x, n));
    }
  assert_int_equal(weft_k_rdbpot(INT32_MIN, 31), -1);
  assert_int_equal(weft_k_rdbpot(INT32_MAX, 31), 1);
}

static void high_multiply_is_half_up(void **state) {
  (void)state;
  assert_int_equal(weft_k_srdhm(INT32_MIN, INT32_MIN), INT32_MAX);
  assert_int_equal(weft_k_srdhm(INT32_MIN, INT32_MAX), -INT32_MAX);
  assert_int_equal(weft_k_srdhm(1, 1 << 30), 1);   /* +1/2 goes up            */
  assert_int_equal(weft_k_srdhm(-1, 1 << 30), 0);  /* -1/2 goes up            */
  assert_int_equal(weft_k_srdhm(-3, 1 << 30), -1);
}

/* numerics.md 2.3, the one-shift form for shift <= 0. */
static int32_t one_shift(int32_t x, weft_k_multiplier m) {
  const int64_t p = (int64_t)x * m.q;
  const int n = -m.shift;
  if (n == 0)
    return (int32_t)((p + (INT64_C(1) << 30)) >> 31);
  const int64_t nudge = x < 0 ? -(INT64_C(1) << 30) : INT64_C(1) << 30;
  if (n == 31)                                     /* 2^61 and 2^62 fit       */
    return (int32_t)((p + (INT64_C(1) << 61) + nudge) >> 62);
  return (int32_t)((p + (INT64_C(1) << (n + 30)) + nudge) >> (n + 31));
}

static void scaling_equals_the_one_shift_form(void **state) {
  (void)state;
  weft_rng rng = {12};
  for (int i = 0; i < 400000; i++) {
    const int32_t q = (int32_t)weft_rng_range(&rng, 1 << 30, INT32_MAX);
    const weft_k_multiplier m = {i % 5 ? q : i % 2 ? 1 << 30 : INT32_MAX,
                                 -(int32_t)weft_rng_range(&rng, 0, 31)};
    int32_t x = (int32_t)weft_rng_next(&rng) >> weft_rng_range(&rng, 0, 28);
    if (i % 7 == 0)
      x = i % 2 ? INT32_MIN : INT32_MAX;
    assert_int_equal(weft_k_scale(x, m), one_shift(x, m));
  }
}

static void left_shifts_multiply_first_and_wrap(void **state) {
  (void)state;
  const weft_k_multiplier one = {1 << 30, 1}, big = {1 << 30, 30};
  assert_int_equal(weft_k_scale(12345, one), 12345);
  assert_int_equal(weft_k_scale(-1, big), -(1 << 29));
  assert_int_equal(weft_k_scale(4, big), 0);       /* 2^32 wraps              */
  assert_int_equal(weft_k_scale(2, big), -(1 << 30)); /* 2^31 wraps           */
  assert_int_equal(weft_k_scale(3, (weft_k_multiplier){1 << 30, 40}), 0);
}

static void satshl_saturates_at_both_ends(void **state) {
  (void)state;
  for (int n = 1; n <= 31; n++) {
    const int32_t top = (int32_t)((INT64_C(1) << (31 - n)) - 1);
    assert_int_equal(weft_k_satshl(top + 1, n), INT32_MAX);
    assert_int_equal(weft_k_satshl(-top - 2, n), INT32_MIN);
    assert_int_equal(weft_k_satshl(top, n), (int64_t)top << n);
    assert_int_equal(weft_k_satshl(-top, n), -((int64_t)top << n));
  }
}

static void expect_range(weft_act act, float scale, int zero, int lo, int hi) {
  int32_t a, b;
  weft_k_act_range(act, scale, zero, &a, &b);
  assert_int_equal(a, lo);
  assert_int_equal(b, hi);
}

static void activation_ranges_follow_scale_and_zero_point(void **state) {
  (void)state;
  expect_range(WEFT_ACT_NONE, 0.1f, 5, -128, 127);
  expect_range(WEFT_ACT_RELU, 0.1f, -128, -128, 127);
  expect_range(WEFT_ACT_RELU, 0.1f, 127, 127, 127);
  expect_range(WEFT_ACT_RELU6, 0.1f, 3, 3, 63);
  expect_range(WEFT_ACT_RELU6, 6.0f / 255, -128, -128, 127);
  expect_range(WEFT_ACT_RELU6, 4.0f, 0, 0, 2);     /* 1.5 goes away from zero */
  expect_range(WEFT_ACT_RELU_N1_TO_1, 0.1f, -125, -128, -115);
  expect_range(WEFT_ACT_RELU_N1_TO_1, 2.0f, 0, -1, 1); /* -0.5 to -1, 0.5 to 1 */
  expect_range(WEFT_ACT_RELU6, 0x1p-60f, 0, 0, 127);
}

static void float_rounding_saturates(void **state) {
  (void)state;
  assert_int_equal(weft_k_round_i32(2.5f), 3);
  assert_int_equal(weft_k_round_i32(-2.5f), -3);
  assert_int_equal(weft_k_round_i32(0x1p31f), INT32_MAX);
  assert_int_equal(weft_k_round_i32(-0x1p31f), INT32_MIN);
  assert_int_equal(weft_k_round_i32(-INFINITY), INT32_MIN);
  assert_int_equal(weft_k_round_i32(NAN), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(multiplier_edges_are_those_of_upstream),
    cmocka_unit_test(rounding_shift_is_half_away_from_zero),
    cmocka_unit_test(high_multiply_is_half_up),
    cmocka_unit_test(scaling_equals_the_one_shift_form),
    cmocka_unit_test(left_shifts_multiply_first_and_wrap),
    cmocka_unit_test(satshl_saturates_at_both_ends),
    cmocka_unit_test(activation_ranges_follow_scale_and_zero_point),
    cmocka_unit_test(float_rounding_saturates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
