/* SPDX-License-Identifier: Apache-2.0 */
/* Timing depends on program and configuration only: the same programs over
 * activations of all -128, all 127 and random bytes issue every instruction in
 * the same cycle, and a second sample takes the cycles of the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/runtime.h"
#include "tests/common/prog_builder.h"

enum { N_FILLS = 4, N_PROGRAMS = 12 };

static void fill(uint8_t *in, size_t n, int kind) {
  weft_rng rng = {(uint64_t)kind};
  for (size_t i = 0; i < n; i++)
    in[i] = kind == 0 ? 0x80 : kind == 1 ? 0x7f : weft_rng_byte(&rng);
}

static void one_program(const weft_config *c, uint64_t seed) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_rng rng = {seed};
  const weft_program *p = prog_random(arena, &rng, c, PROG_ALL, 6);
  weft_backend_options o = {.wave_layer = -1, .max_cycles = 40000000};
  weft_session *session = NULL;
  assert_int_equal(WEFT_OK, weft_session_open(arena, d, p, c, &weft_backend_rtl, &o, &session));
  uint8_t *in = WEFT_NEW(arena, uint8_t, p->inputs[0].n_bytes), *out = WEFT_NEW(arena, uint8_t, p->outputs[0].n_bytes);
  weft_run_stats first = {0};
  for (int kind = 0; kind < N_FILLS; kind++) {
    weft_run_stats s = {0};
    fill(in, p->inputs[0].n_bytes, kind);
    const uint8_t *inputs[] = {in};
    assert_int_equal(WEFT_OK, weft_session_run(session, d, inputs, &out, NULL, NULL, &s));
    assert_true(s.cycles > 0 && s.issue_trace != 0);
    if (kind == 0)
      first = s;
    assert_int_equal(first.cycles, s.cycles);
    assert_true(first.issue_trace == s.issue_trace);
  }
  weft_session_close(&session);
  weft_arena_free(&arena);
}

static void timing_of(const char *machine) {
  weft_arena *arena = weft_arena_new();
  weft_config *c = NULL;
  assert_int_equal(WEFT_OK, weft_config_load(arena, NULL, machine, NULL, 0, &c));
  for (uint64_t seed = 1; seed <= N_PROGRAMS; seed++)
    one_program(c, seed);
  weft_arena_free(&arena);
}

static void test_base(void **state) {
  (void)state;
  timing_of("base");
}
static void test_stress(void **state) {
  (void)state;
  timing_of("stress");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_base), cmocka_unit_test(test_stress)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
