/* SPDX-License-Identifier: Apache-2.0 */
/* LOGISTIC against TFLite-Micro's answer to all 256 inputs at many scales. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/kernels.h"

static void hash_of_all(float scale, int zero, char text[17]) {
  int8_t in[256], out[256];
  for (int k = 0; k < 256; k++)
    in[k] = (int8_t)(k - 128);
  weft_host_logistic_i8(scale, zero, in, out, 256);
  weft_sha256 s;
  uint8_t digest[32];
  weft_sha256_init(&s);
  weft_sha256_add(&s, out, 256);
  weft_sha256_end(&s, digest);
  for (int k = 0; k < 8; k++)
    snprintf(text + 2 * k, 3, "%02x", digest[k]);
}

static void equals_the_oracle_on_every_input(void **state) {
  (void)state;
  FILE *f = fopen("tests/golden/logistic.golden", "r");
  assert_non_null(f);
  unsigned bits;
  int zero, n = 0;
  char want[17], got[17];
  while (fscanf(f, "%8x %d %16s", &bits, &zero, want) == 3) {
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    hash_of_all(scale, zero, got);
    if (strcmp(want, got) != 0)
      print_message("scale %.9g, zero point %d\n", (double)scale, zero);
    assert_string_equal(got, want);
    n++;
  }
  fclose(f);
  assert_int_equal(n, 837);
}

static void knows_its_simple_values(void **state) {
  (void)state;
  const int8_t in[] = {0, 16, -16, 127, -128};         /* 0, 1, -1, 7.94, -8   */
  const int8_t want[] = {0, 59, -59, 127, -128};       /* 256 / (1 + e^-x) - 128 */
  int8_t out[5];
  weft_host_logistic_i8(1.0f / 16, 0, in, out, 5);
  assert_memory_equal(out, want, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(equals_the_oracle_on_every_input),
                                     cmocka_unit_test(knows_its_simple_values)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
