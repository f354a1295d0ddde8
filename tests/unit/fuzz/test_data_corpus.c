/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "corpus_replay.h"
#include "tests/fuzz/fuzz_data.c"

static void test_every_seed(void **state) {
  (void)state;
  assert_int_equal(corpus_replay("tests/fuzz/corpus/data", LLVMFuzzerTestOneInput, 1600), 13);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_seed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
