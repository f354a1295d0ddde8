/* SPDX-License-Identifier: Apache-2.0 */
/* The assembler fuzzer's harness over fresh programs (compiled from the reader's
 * seeds, and random ones), as they are and damaged, binary and text, and over the
 * seeds in tests/fuzz/corpus/assemble. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/prog_builder.h"
#include "tests/fuzz/fuzz_assemble.c"

#define SEEDS "tests/fuzz/corpus/assemble"

static weft_config *machine(weft_arena *arena, const char *name) {
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(arena, NULL, name, NULL, 0, &c), WEFT_OK);
  return c;
}

/* Heap copy of exactly `size` bytes, so that the sanitizer sees its end. */
static void replay(const uint8_t *bytes, size_t size) {
  uint8_t *copy = test_malloc(size + (size == 0));
  memcpy(copy, bytes, size);
  LLVMFuzzerTestOneInput(copy, size);
  test_free(copy);
}

static void damage(weft_span s, weft_rng *rng, int n) {
  uint8_t *bytes = test_malloc(s.size);
  for (int k = 0; k < n; k++) {
    memcpy(bytes, s.data, s.size);
    size_t size = weft_rng_range(rng, 0, 7) == 0 ? (size_t)weft_rng_range(rng, 0, (int64_t)s.size) : s.size;
    for (int64_t i = weft_rng_range(rng, 1, 2); i > 0; i--) {
      size_t at = (size_t)weft_rng_range(rng, 0, (int64_t)s.size - 1);
      int flip = 1 << weft_rng_range(rng, 0, 7), any = weft_rng_byte(rng);
      bytes[at] = (uint8_t)(weft_rng_range(rng, 0, 1) == 0 ? any : bytes[at] ^ flip);
    }
    replay(bytes, size);
  }
  test_free(bytes);
}

static void both_forms(weft_arena *arena, const weft_program *p, weft_rng *rng, int n) {
  weft_span bytes;
  const char *text = weft_program_text(arena, p);
  assert_int_equal(weft_program_store(arena, p, &bytes), WEFT_OK);
  replay(bytes.data, bytes.size);
  replay((const uint8_t *)text, strlen(text));
  damage(bytes, rng, n);
  damage((weft_span){(const uint8_t *)text, strlen(text)}, rng, n / 2);
}

static void random_programs(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 6; seed++) {
    weft_arena *arena = weft_arena_new();
    weft_rng rng = {seed};
    both_forms(arena, prog_random(arena, &rng, machine(arena, "stress"), PROG_ALL, 2), &rng, 60);
    weft_arena_free(&arena);
  }
}

static void compiled_programs(void **state) {
  static const char *const networks[] = {"own_conv", "own_add", "own_average_pool", "own_max_pool", "own_mean",
                                         "own_pad", "own_depthwise", "own_fully_connected", "own_keras_reshape"};
  int n_compiled = 0;
  (void)state;
  for (size_t k = 0; k < sizeof networks / sizeof networks[0]; k++) {
    weft_arena *arena = weft_arena_new();
    weft_rng rng = {k};
    weft_graph *g = NULL;
    weft_program *p = NULL;
    weft_span bytes;
    const char *path = weft_arena_printf(arena, "tests/fuzz/corpus/model/%s.tflite", networks[k]);
    assert_int_equal(weft_file_read(arena, NULL, path, 1 << 20, &bytes), WEFT_OK);
    assert_int_equal(weft_graph_read(arena, NULL, path, bytes, &g), WEFT_OK);
    if (weft_compile(arena, NULL, g, machine(arena, "tiny"), NULL, &p) == WEFT_OK) {
      both_forms(arena, p, &rng, 400);
      n_compiled++;
    }
    weft_arena_free(&arena);
  }
  assert_true(n_compiled >= 7);
}

static void committed_seeds(void **state) {
  DIR *dir = opendir(SEEDS);
  int n = 0;
  (void)state;
  assert_non_null(dir);
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    weft_arena *arena = weft_arena_new();
    weft_span bytes;
    if (e->d_name[0] != '.') {
      assert_int_equal(weft_file_read(arena, NULL, weft_arena_printf(arena, SEEDS "/%s", e->d_name), 1 << 20, &bytes), WEFT_OK);
      replay(bytes.data, bytes.size);
      n++;
    }
    weft_arena_free(&arena);
  }
  closedir(dir);
  assert_true(n >= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_programs),
    cmocka_unit_test(compiled_programs),
    cmocka_unit_test(committed_seeds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
