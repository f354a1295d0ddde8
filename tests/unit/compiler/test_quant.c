/* SPDX-License-Identifier: Apache-2.0 */
/* Multipliers of the compiler: numerics.md 2.1, 4.5, 4.8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/plan.h"

static void test_quantize_multiplier_edges(void **state) {
  (void)state;
  static const struct { double d; int32_t q; int shift; } rows[] = {
    {0, 0, 0}, {1, 1 << 30, 1}, {0.5, 1 << 30, 0}, {0.75, 3 << 29, 0},
    {1 - 0x1p-33, 1 << 30, 1}, {0x1p-31, 1 << 30, -30}, {0x1p-32, 1 << 30, -31}, {0x1p-33, 0, 0},
    {3, 3 << 29, 2}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    int32_t q;
    int shift;
    weft_quantize_multiplier(rows[k].d, &q, &shift);
    assert_int_equal(q, rows[k].q);
    assert_int_equal(shift, rows[k].shift);
  }
}

/* The compiler proves its own choice; here every sum is asked again with an
 * independent rounding, for small n and for large ones. */
static void test_average_is_exact(void **state) {
  (void)state;
  static const int sizes[] = {1, 2, 3, 4, 5, 6, 7, 9, 12, 49, 64, 81, 125, 127, 128, 255, 1764, 12544, 32768};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    weft_requant r;
    int n = sizes[k];
    assert_true(weft_requant_average(n, &r));
    for (int sum = -128 * n; sum <= 127 * n; sum++) {
      int twice = 2 * (sum < 0 ? -sum : sum);
      int magnitude = (twice + n) / (2 * n);
      assert_int_equal(weft_requant_apply(&r, sum), sum < 0 ? -magnitude : magnitude);
    }
  }
  weft_requant r;
  assert_false(weft_requant_average(0, &r));
}

static void test_identity(void **state) {
  (void)state;
  weft_requant r = weft_requant_identity();
  for (int x = -128; x <= 127; x++)
    assert_int_equal(weft_requant_apply(&r, x), x);
}

static void test_activation_ranges(void **state) {
  (void)state;
  int lo, hi;
  weft_activation_range(WEFT_ACT_RELU6, 0.05f, -128, &lo, &hi);
  assert_int_equal(lo, -128);
  assert_int_equal(hi, -8);
  weft_activation_range(WEFT_ACT_RELU, 0.05f, 10, &lo, &hi);
  assert_int_equal(lo, 10);
  assert_int_equal(hi, 127);
  weft_activation_range(WEFT_ACT_RELU_N1_TO_1, 0.1f, 0, &lo, &hi);
  assert_int_equal(lo, -10);
  assert_int_equal(hi, 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_quantize_multiplier_edges), cmocka_unit_test(test_average_is_exact),
    cmocka_unit_test(test_identity), cmocka_unit_test(test_activation_ranges)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
