/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzzer's seeds through the fuzzer's harness, as they are and damaged in
 * ways that do not depend on chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/fuzz_model.c"

#define SEEDS "tests/fuzz/corpus/model"
#define SMALL 1600 /* bytes: seeds up to this size are damaged at every word */

/* Heap copy of exactly `size` bytes, so that the sanitizer sees its end. */
static void replay(const uint8_t *bytes, size_t size) {
  uint8_t *copy = test_malloc(size + (size == 0));
  memcpy(copy, bytes, size);
  LLVMFuzzerTestOneInput(copy, size);
  test_free(copy);
}

static void damage_words(uint8_t *bytes, size_t size) {
  const uint32_t bad[] = {0, 1, 0xffffffffu, 0x7fffffffu, 0x80000000u,
                          (uint32_t)size};
  for (size_t at = 0; at + 4 <= size; at += 4) {
    uint32_t old = weft_le32(bytes + at);
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
      weft_put_le32(bytes + at, bad[k]);
      replay(bytes, size);
    }
    for (int k = 0; k < 32; k += 5) {
      weft_put_le32(bytes + at, old ^ (UINT32_C(1) << k));
      replay(bytes, size);
    }
    weft_put_le32(bytes + at, old);
  }
}

static const char *verdict_of(weft_arena *arena, weft_span bytes) {
  weft_graph *g = NULL;
  weft_diag *d = weft_diag_new(arena);
  weft_status status = weft_graph_read(arena, d, "seed", bytes, &g);
  if (status == WEFT_OK)
    status = weft_graph_check(g, d, NULL);
  return weft_status_name(status);
}

static void test_seed(const char *name, const char *verdict) {
  weft_arena *arena = weft_arena_new();
  weft_span seed;
  const char *path = weft_arena_printf(arena, SEEDS "/%s", name);
  assert_int_equal(weft_file_read(arena, NULL, path, 1u << 20, &seed), WEFT_OK);
  if (strcmp(verdict_of(arena, seed), verdict) != 0)
    fail_msg("%s: %s, was %s", name, verdict_of(arena, seed), verdict);
  uint8_t *bytes = weft_arena_copy(arena, seed.data, seed.size);
  replay(bytes, seed.size);
  for (size_t size = 0; size < seed.size; size += 1 + seed.size / 100)
    replay(bytes, size);
  if (seed.size <= SMALL)
    damage_words(bytes, seed.size);
  weft_arena_free(&arena);
}

static void test_every_seed(void **state) {
  (void)state;
  char name[200], verdict[40];
  int n = 0;
  FILE *list = fopen(SEEDS ".verdicts", "r");
  assert_non_null(list);
  while (fscanf(list, "%199s %39s", name, verdict) == 2) {
    test_seed(name, verdict);
    n++;
  }
  fclose(list);
  assert_int_equal(n, 40);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_seed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
