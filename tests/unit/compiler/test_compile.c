/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline as a whole: dumps, determinism, what fuses, what does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile.h"
#include "tests/common/random_layer.h"

typedef struct machine {
  weft_arena *arena;
  weft_diag *diag;
  weft_config *config;
} machine;

static machine open_machine(const char *name, const char *const *sets, size_t n) {
  machine m = {.arena = weft_arena_new()};
  m.diag = weft_diag_new(m.arena);
  assert_int_equal(weft_config_load(m.arena, m.diag, name, sets, n, &m.config), WEFT_OK);
  return m;
}

static void count_dump(void *user, const char *text) {
  int *n = user;
  assert_true(strlen(text) > 20);
  ++*n;
}

static void test_every_pass_is_dumped_once(void **state) {
  (void)state;
  machine m = open_machine("base", NULL, 0);
  weft_graph *g = random_layer_graph(m.arena, 3, m.config, 60000, NULL);
  int passes = 0;
  for (const char *const *name = weft_compile_passes(); *name; name++, passes++) {
    int n = 0;
    weft_program *p;
    weft_compile_options o = {.dump_pass = *name, .dump = count_dump, .dump_user = &n};
    assert_int_equal(weft_compile(m.arena, m.diag, g, m.config, &o, &p), WEFT_OK);
    assert_int_equal(n, 1);
  }
  assert_int_equal(passes, 6);
  weft_arena_free(&m.arena);
}

static void test_same_network_same_bytes(void **state) {
  (void)state;
  machine m = open_machine("stress", NULL, 0);
  for (uint64_t seed = 1; seed <= 40; seed++) {
    weft_span bytes[2];
    bool fits = true;
    for (int k = 0; k < 2 && fits; k++) {
      weft_program *p;
      weft_graph *g = random_layer_graph(m.arena, seed, m.config, 60000, NULL);
      fits = weft_compile(m.arena, m.diag, g, m.config, NULL, &p) == WEFT_OK;
      if (fits)
        assert_int_equal(weft_program_store(m.arena, p, &bytes[k]), WEFT_OK);
    }
    if (!fits)
      continue;
    assert_int_equal(bytes[0].size, bytes[1].size);
    assert_memory_equal(bytes[0].data, bytes[1].data, bytes[0].size);
  }
  weft_arena_free(&m.arena);
}

/* Every tensor that an operator makes is in the map or in the fused list. */
static void test_every_tensor_is_mapped_or_fused(void **state) {
  (void)state;
  machine m = open_machine("base", NULL, 0);
  int fused = 0;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    weft_program *p;
    weft_graph *g = random_layer_graph(m.arena, seed, m.config, 60000, NULL);
    if (weft_compile(m.arena, m.diag, g, m.config, NULL, &p) != WEFT_OK)
      continue;
    for (int i = 0; i < g->n_ops; i++) {
      int found = 0;
      for (uint32_t k = 0; k < p->n_tensors; k++)
        found += p->tensors[k].tensor == g->ops[i].outputs[0];
      for (uint32_t k = 0; k < p->n_fused; k++)
        found += p->fused[k].tensor == g->ops[i].outputs[0];
      assert_int_equal(found, 1);
    }
    fused += (int)p->n_fused;
  }
  assert_true(fused > 10);
  weft_arena_free(&m.arena);
}

static bool last_issue_has(const machine *m, const char *text) {
  const weft_issue *i = weft_diag_at(m->diag, weft_diag_count(m->diag) - 1);
  return strstr(i->allowed, text) || strstr(i->where, text);
}

static void test_sums_beyond_the_accumulator(void **state) {
  (void)state;
  static const char *const sets[] = {"array.acc_bits=20"};
  machine m = open_machine("base", sets, 1);
  int refused = 0;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    weft_program *p;
    weft_graph *g = random_layer_graph(m.arena, seed, m.config, 60000, NULL);
    if (weft_compile(m.arena, m.diag, g, m.config, NULL, &p) == WEFT_E_NO_FIT && last_issue_has(&m, "acc_bits"))
      refused++;
  }
  assert_true(refused > 3);
  weft_arena_free(&m.arena);
}

/* A layer an input, which moves its bytes once and no weights; a join of one is none. */
static void test_concatenation_copies(void **state) {
  (void)state;
  machine m = open_machine("base", NULL, 0);
  static const int n_inputs[] = {1, 2, 1, 10, 2};
  for (int k = 0; k < 5; k++) {
    weft_span file;
    weft_graph *g;
    weft_program *p;
    const char *path = weft_arena_printf(m.arena, "tests/golden/ops/concatenation_%02d.tflite", k);
    assert_int_equal(weft_file_read(m.arena, m.diag, path, 1 << 20, &file), WEFT_OK);
    assert_int_equal(weft_graph_read(m.arena, m.diag, path, file, &g), WEFT_OK);
    assert_int_equal(weft_compile(m.arena, m.diag, g, m.config, NULL, &p), WEFT_OK);
    const weft_op *op = &g->ops[0];
    assert_int_equal(op->n_inputs, n_inputs[k]);
    assert_int_equal(p->n_layers, op->n_inputs == 1 ? 0 : op->n_inputs);
    for (uint32_t l = 0; l < p->n_layers; l++) {
      assert_int_equal(p->layers[l].bytes_in, g->tensors[op->inputs[l]].n_bytes);
      assert_int_equal(p->layers[l].bytes_out, g->tensors[op->inputs[l]].n_bytes);
    }
  }
  weft_arena_free(&m.arena);
}

/* Windows and pixels that do not fit go by parts. */
static void test_every_network_fits_the_smallest_machine(void **state) {
  (void)state;
  static const char *const sets[] = {"scratchpad.kib=1", "array.taps=16", "ring.kib=1"};
  machine m = open_machine("base", sets, 3);
  for (uint64_t seed = 1; seed <= 300; seed++) {
    weft_program *p;
    weft_graph *g = random_layer_graph(m.arena, seed, m.config, 60000, NULL);
    assert_int_equal(weft_compile(m.arena, m.diag, g, m.config, NULL, &p), WEFT_OK);
  }
  weft_arena_free(&m.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_pass_is_dumped_once), cmocka_unit_test(test_same_network_same_bytes),
    cmocka_unit_test(test_every_tensor_is_mapped_or_fused), cmocka_unit_test(test_sums_beyond_the_accumulator),
    cmocka_unit_test(test_concatenation_copies),
    cmocka_unit_test(test_every_network_fits_the_smallest_machine)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
