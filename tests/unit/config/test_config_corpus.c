/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML fuzzer's seeds through its harness: whole, cut at every byte, and
 * with each byte changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/fuzz_yaml.c"

static void replay(const uint8_t *bytes, size_t size) {
  uint8_t *copy = test_malloc(size + (size == 0));
  memcpy(copy, bytes, size);
  LLVMFuzzerTestOneInput(copy, size);
  test_free(copy);
}

static void replay_seed(const char *name) {
  static const uint8_t other[] = {0, '\n', ':', '&', '*', '{', '-', 0xff};
  weft_arena *arena = weft_arena_new();
  weft_span seed;
  const char *path = weft_arena_printf(arena, "tests/fuzz/corpus/yaml/%s", name);
  assert_int_equal(weft_file_read(arena, NULL, path, 1u << 16, &seed), WEFT_OK);
  uint8_t *bytes = weft_arena_copy(arena, seed.data, seed.size);
  for (size_t size = 0; size <= seed.size; size++)
    replay(bytes, size);
  for (size_t at = 0; at < seed.size; at++) {
    bytes[at] = other[at % sizeof other];
    replay(bytes, seed.size);
    bytes[at] = seed.data[at];
  }
  weft_arena_free(&arena);
}

static void test_every_seed(void **state) {
  (void)state;
  static const char *const seeds[] = {"base.yaml", "duplicate.yaml", "alias.yaml", "deep.yaml", "numbers.yaml"};
  for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
    replay_seed(seeds[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_seed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
