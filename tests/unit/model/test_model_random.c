/* SPDX-License-Identifier: Apache-2.0 */
/* Random instruction-level programs: the fast EXC equals the plain one on every
 * scratchpad and DRAM byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/model/model.h"
#include "tests/common/prog_builder.h"

typedef struct outcome {
  uint8_t *out, *spm;
  size_t out_bytes, spm_bytes;
} outcome;

static weft_config *machine(weft_arena *arena, const char *name) {
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(arena, NULL, name, NULL, 0, &c), WEFT_OK);
  return c;
}

static void fill(uint8_t *bytes, size_t n, uint64_t seed) {
  weft_rng r = {seed};
  for (size_t k = 0; k < n; k++)
    bytes[k] = weft_rng_byte(&r);
}

static void print_issue(weft_diag *d) {
  for (size_t k = 0; k < weft_diag_count(d); k++)
    print_message("%s: %s; %s\n", weft_diag_at(d, k)->where, weft_diag_at(d, k)->found, weft_diag_at(d, k)->allowed);
}

static outcome run(weft_arena *arena, const weft_config *c, const weft_program *p, bool plain) {
  weft_backend_options o = {.poison = true, .poison_seed = 7};
  weft_diag *d = weft_diag_new(arena);
  uint8_t *regions[4];
  outcome result;
  void *self;
  for (int k = 0; k < 4; k++) {
    regions[k] = WEFT_NEW(arena, uint8_t, p->region_bytes[k]);
    fill(regions[k], p->region_bytes[k], (uint64_t)k + 10);
  }
  for (uint32_t k = 0; k < p->n_insns; k++)
    weft_insn_store(&p->insns[k], regions[0] + (size_t)k * WEFT_INSN_BYTES);
  if (p->constants.size != 0)
    memcpy(regions[0] + p->constants_offset, p->constants.data, p->constants.size);
  assert_int_equal(weft_backend_model.open(arena, d, c, &o, &self), WEFT_OK);
  weft_model_set_plain(self, plain);
  weft_status s = weft_backend_model.run(self, d, p, 0, regions, NULL, NULL, NULL);
  print_issue(d);
  assert_int_equal(s, WEFT_OK);
  result.out = regions[WEFT_REGION_OUTPUT];
  result.out_bytes = p->region_bytes[WEFT_REGION_OUTPUT];
  result.spm = weft_model_scratchpad(self, &result.spm_bytes);
  return result;
}

static int compare(const char *name, uint32_t features, uint64_t seed) {
  weft_arena *arena = weft_arena_new();
  weft_rng rng = {seed};
  const weft_config *c = machine(arena, name);
  const weft_program *p = prog_random(arena, &rng, c, features, 8);
  outcome plain = run(arena, c, p, true), fast = run(arena, c, p, false);
  int n_exc = 0;
  if (memcmp(plain.out, fast.out, plain.out_bytes) != 0 || memcmp(plain.spm, fast.spm, plain.spm_bytes) != 0)
    fail_msg("%s, seed %u: fast and plain differ", name, (unsigned)seed);
  assert_memory_equal(plain.spm, plain.out, plain.spm_bytes);
  for (uint32_t k = 0; k < p->n_insns; k++)
    n_exc += weft_insn_get(&p->insns[k], WEFT_H_OP) == WEFT_I_EXC;
  weft_arena_free(&arena);
  return n_exc;
}

static void fast_equals_plain(void **state) {
  static const char *const machines[] = {"stress", "tiny", "base", "wide", "large"};
  int n_exc = 0;
  (void)state;
  for (size_t k = 0; k < 5; k++)
    for (uint64_t seed = 0; seed < 40; seed++)
      n_exc += compare(machines[k], PROG_ALL, seed);
  print_message("%d EXC instructions\n", n_exc);
  assert_true(n_exc > 800);
}

/* Each feature alone must be reachable, or PROG_ALL would promise too much. */
static void every_feature_is_drawn(void **state) {
  static const uint32_t features[] = {PROG_UNIT, PROG_UNIT | PROG_MAX, PROG_STREAM, PROG_ONE_ROW, PROG_PLANES,
                                      PROG_ADD, PROG_KSPLIT, PROG_PARAMS, PROG_EXTREME};
  (void)state;
  for (size_t k = 0; k < sizeof features / sizeof features[0]; k++) {
    int n = 0;
    for (uint64_t seed = 0; seed < 4; seed++)
      n += compare("base", features[k] | PROG_DENSE | PROG_DEPTHWISE, seed);
    assert_true(n > 4);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fast_equals_plain),
    cmocka_unit_test(every_feature_is_drawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
