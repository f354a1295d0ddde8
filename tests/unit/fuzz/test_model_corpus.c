/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "corpus_replay.h"
#include "tests/fuzz/fuzz_model.c"

#define SEEDS "tests/fuzz/corpus/model"
#define N_SEEDS 40

static void test_every_seed(void **state) {
  (void)state;
  assert_int_equal(corpus_replay(SEEDS, LLVMFuzzerTestOneInput, 1600), N_SEEDS);
}

static void expect_verdict(const char *name, const char *verdict) {
  weft_arena *arena = weft_arena_new();
  weft_graph *g = NULL;
  weft_span seed;
  const char *path = weft_arena_printf(arena, SEEDS "/%s", name);
  assert_int_equal(weft_file_read(arena, NULL, path, 1u << 20, &seed), WEFT_OK);
  weft_status status = weft_graph_read(arena, NULL, path, seed, &g);
  if (status == WEFT_OK)
    status = weft_graph_check(g, NULL, NULL);
  if (strcmp(weft_status_name(status), verdict) != 0)
    fail_msg("%s: %s, was %s", name, weft_status_name(status), verdict);
  weft_arena_free(&arena);
}

static void test_verdicts(void **state) {
  (void)state;
  char name[200], verdict[40];
  int n = 0;
  FILE *list = fopen(SEEDS ".verdicts", "r");
  assert_non_null(list);
  while (fscanf(list, "%199s %39s", name, verdict) == 2) {
    expect_verdict(name, verdict);
    n++;
  }
  fclose(list);
  assert_int_equal(n, N_SEEDS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_seed),
    cmocka_unit_test(test_verdicts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
