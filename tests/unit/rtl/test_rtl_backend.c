/* SPDX-License-Identifier: Apache-2.0 */
/* The rtl backend: several instances beside each other, batches, tensors in the
 * cycle of their retirement, faults, caps, poison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/compile.h"
#include "graph/graph.h"
#include "runtime/runtime.h"
#include "tests/common/prog_builder.h"

typedef struct fixture {
  weft_arena *arena;
  weft_diag *d;
  weft_config *c;
} fixture;

static int set_up(void **state) {
  fixture *f = test_calloc(1, sizeof *f);
  f->arena = weft_arena_new();
  f->d = weft_diag_new(f->arena);
  *state = f;
  return weft_config_load(f->arena, f->d, "tiny", NULL, 0, &f->c) != WEFT_OK;
}

static int tear_down(void **state) {
  fixture *f = *state;
  weft_arena_free(&f->arena);
  test_free(f);
  return 0;
}

static weft_session *open_session(fixture *f, const weft_program *p, const weft_backend_options *o) {
  weft_session *s = NULL;
  assert_int_equal(WEFT_OK, weft_session_open(f->arena, f->d, p, f->c, &weft_backend_rtl, o, &s));
  return s;
}

static uint8_t *random_bytes(fixture *f, uint64_t seed, uint32_t n) {
  weft_rng rng = {seed};
  uint8_t *bytes = WEFT_NEW(f->arena, uint8_t, n);
  for (uint32_t i = 0; i < n; i++)
    bytes[i] = weft_rng_byte(&rng);
  return bytes;
}

typedef struct answer { uint64_t cycles; uint8_t *out; } answer;

static answer run(fixture *f, weft_session *s, const weft_program *p, uint64_t seed) {
  const uint8_t *in = random_bytes(f, seed, p->inputs[0].n_bytes);
  answer a = {0, WEFT_NEW(f->arena, uint8_t, p->outputs[0].n_bytes)};
  weft_run_stats stats;
  assert_int_equal(WEFT_OK, weft_session_run(s, f->d, &in, &a.out, NULL, NULL, &stats));
  a.cycles = stats.cycles;
  return a;
}

static void test_instances_are_independent(void **state) {
  fixture *f = *state;
  weft_rng rng = {77};
  weft_program *p = prog_random(f->arena, &rng, f->c, PROG_ALL, 3);
  weft_backend_options poisoned = {.wave_layer = -1, .poison = true, .poison_seed = 5};
  /* random stores behind the scratchpad's copy leave gaps with old bytes */
  size_t all = (size_t)(f->c->rows * weft_spm_rows(f->c) * f->c->word_bytes);
  weft_session *a = open_session(f, p, NULL), *b = open_session(f, p, &poisoned);
  for (uint64_t seed = 1; seed <= 3; seed++) {
    answer x = run(f, a, p, seed), y = run(f, b, p, seed);
    assert_memory_equal(x.out, y.out, all);
    assert_int_equal(x.cycles, y.cycles);
    assert_int_equal(x.cycles, run(f, a, p, seed + 10).cycles);
  }
  weft_session_close(&a);
  answer z = run(f, b, p, 1);
  weft_session_close(&b);
  assert_true(z.cycles > 0);
}

/* [bank][row][B] of the whole scratchpad as pixels of one word: pixel i is in
 * bank i mod ROWS, row i div ROWS. */
static weft_status keep(void *user, const weft_prog_tensor *t, const void *data, size_t n_bytes) {
  uint8_t **kept = user;
  assert_int_equal(0, t->tensor);
  memcpy(*kept, data, n_bytes);
  *kept += n_bytes;
  return WEFT_OK;
}

static void test_tensor_is_seen_when_its_instruction_retires(void **state) {
  fixture *f = *state;
  uint32_t rows = (uint32_t)f->c->rows, depth = (uint32_t)weft_spm_rows(f->c), word = (uint32_t)f->c->word_bytes;
  uint32_t all = rows * depth * word;
  prog_builder *b = prog_builder_new(f->arena, f->c);
  prog_dma_all(b, WEFT_I_LD, WEFT_REGION_INPUT, 0);
  prog_dma_all(b, WEFT_I_LD, WEFT_REGION_INPUT, all);
  prog_dma_all(b, WEFT_I_ST, WEFT_REGION_OUTPUT, 0);
  weft_program *p = prog_finish(b, 2 * all, all);
  uint32_t first_ld = 0;
  while (weft_insn_get(&p->insns[first_ld], WEFT_H_OP) != WEFT_I_LD)
    first_ld++;
  weft_prog_tensor t = {.name = "t", .type = 9, .rank = 4, .shape = {1, 2, (int32_t)(rows * depth / 2), (int32_t)word},
                        .place = WEFT_IN_SPM, .g = 1, .h = 2, .w = rows * depth / 2, .c = word,
                        .pitch = rows * depth / 2, .insn = first_ld};
  p->tensors = &t;
  p->n_tensors = 1;
  const uint8_t *in = random_bytes(f, 3, 2 * all);
  uint8_t *out = WEFT_NEW(f->arena, uint8_t, all), *seen = WEFT_NEW(f->arena, uint8_t, 2 * all), *end = seen;
  weft_session *s = open_session(f, p, NULL);
  assert_int_equal(WEFT_OK, weft_session_run(s, f->d, &in, &out, keep, &end, NULL));
  weft_session_close(&s);
  assert_int_equal(all, end - seen);
  for (uint32_t i = 0; i < rows * depth; i++)
    assert_memory_equal(seen + i * word, in + ((i % rows) * depth + i / rows) * word, word);
  assert_memory_equal(out, in + all, all);
}

static void expect_failure(fixture *f, const weft_program *p, const weft_backend_options *o, weft_status want,
                           const char *where) {
  const uint8_t *in = random_bytes(f, 1, p->inputs[0].n_bytes);
  uint8_t *out = WEFT_NEW(f->arena, uint8_t, p->outputs[0].n_bytes);
  weft_session *s = open_session(f, p, o);
  for (int k = 0; k < 2; k++) {           /* the second after a reset */
    assert_int_equal(want, weft_session_run(s, f->d, &in, &out, NULL, NULL, NULL));
    const weft_issue *last = weft_diag_at(f->d, weft_diag_count(f->d) - 1);
    assert_non_null(strstr(last->where, where));
  }
  weft_session_close(&s);
}

static void test_faults_name_the_instruction(void **state) {
  fixture *f = *state;
  uint32_t all = (uint32_t)(f->c->rows * weft_spm_rows(f->c) * f->c->word_bytes);
  prog_builder *b = prog_builder_new(f->arena, f->c);
  prog_dma_all(b, WEFT_I_ST, WEFT_REGION_OUTPUT, 64);        /* 64 bytes too far */
  weft_program *p = prog_finish(b, 64, all);
  uint32_t at = 0;
  while (weft_insn_get(&p->insns[at], WEFT_H_OP) != WEFT_I_ST)
    at++;
  expect_failure(f, p, NULL, WEFT_E_FAULT, weft_diag_text(f->d, "instruction %u, queue 4", (unsigned)at));
  b = prog_builder_new(f->arena, f->c);
  weft_insn bad = weft_insn_make(WEFT_I_CFG);
  weft_insn_set(&bad, WEFT_H_LAG, 1);
  prog_add(b, weft_insn_make(WEFT_I_CFG));
  prog_add(b, bad);
  expect_failure(f, prog_finish(b, 64, 64), NULL, WEFT_E_FAULT, "instruction 1, queue 0");
}

static void test_cycle_cap(void **state) {
  fixture *f = *state;
  weft_rng rng = {5};
  weft_backend_options o = {.wave_layer = -1, .max_cycles = 100};
  expect_failure(f, prog_random(f->arena, &rng, f->c, PROG_ALL, 1), &o, WEFT_E_CAP, "rtl");
}

typedef struct reports { size_t n; double part[100]; } reports;

static void note_progress(void *user, uint64_t done, uint64_t total, const char *what) {
  reports *r = user;
  if (strcmp(what, "rtl") != 0)   /* building the simulator */
    return;
  assert_true(r->n < 100 && done < total);
  r->part[r->n++] = (double)done / (double)total;
}

/* Of the demo network a report comes each 10,000 cycles; each is further, by about
 * what these cycles are of all. */
static void test_progress_does_not_stand(void **state) {
  fixture *f = *state;
  reports r = {0};
  weft_span file;
  weft_graph *g = NULL;
  weft_program *p = NULL;
  assert_int_equal(weft_file_read(f->arena, f->d, "tests/models/cnn_mnist_int8.tflite", 1 << 20, &file), WEFT_OK);
  assert_int_equal(weft_graph_read(f->arena, f->d, "demo", file, &g), WEFT_OK);
  assert_int_equal(weft_compile(f->arena, f->d, g, f->c, NULL, &p), WEFT_OK);
  weft_backend_options o = {.wave_layer = -1, .progress = note_progress, .progress_user = &r};
  weft_session *s = open_session(f, p, &o);
  const uint64_t cycles = run(f, s, p, 1).cycles;
  weft_session_close(&s);
  assert_int_equal(r.n, cycles / 10000);
  for (size_t i = 0; i < r.n; i++) {
    const double moved = r.part[i] - (i ? r.part[i - 1] : 0), share = 10000.0 / (double)cycles;
    if (moved < share / 3 || moved > share * 2)
      fail_msg("reports %g %g %g of %zu", r.part[0], r.part[1], r.part[2], r.n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_instances_are_independent, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_tensor_is_seen_when_its_instruction_retires, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_faults_name_the_instruction, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_cycle_cap, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_progress_does_not_stand, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
