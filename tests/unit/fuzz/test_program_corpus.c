/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "corpus_replay.h"
#include "tests/fuzz/fuzz_program.c"

static void test_every_seed(void **state) {
  (void)state;
  assert_int_equal(corpus_replay("tests/fuzz/corpus/program", LLVMFuzzerTestOneInput, 1600),
                   8);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_seed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
