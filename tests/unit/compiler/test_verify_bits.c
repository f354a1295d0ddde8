/* SPDX-License-Identifier: Apache-2.0 */
/* Any flipped bit of a program: the static checker rejects it, or the machine model
 * runs it without a fault, with the same bytes in every order of its queues and
 * whatever was in the scratchpad before. WEFT_RANDOM=N: mutants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile.h"
#include "sim/model/model.h"
#include "tests/common/random_layer.h"

enum { ORDERS = 5, MUTANTS_EACH = 10 };

typedef struct memories { uint8_t *bytes[5]; size_t n_bytes[5]; } memories;   /* 4: scratchpad */

static weft_config *machine(weft_arena *a, const char *name) {
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(a, NULL, name, NULL, 0, &c), WEFT_OK);
  return c;
}

static uint64_t n_mutants(void) {
  const char *env = getenv("WEFT_RANDOM");
  return env != NULL ? strtoull(env, NULL, 10) : 1000;
}

/* order 0: program order */
static weft_status run(weft_arena *a, const weft_program *p, const weft_config *c, uint64_t order, memories *out) {
  weft_backend_options o = {.poison = true, .poison_seed = order, .max_cycles = 20000000};
  void *self;
  for (int k = 0; k < 4; k++) {
    weft_rng r = {(uint64_t)k};
    out->n_bytes[k] = p->region_bytes[k];
    out->bytes[k] = WEFT_NEW(a, uint8_t, p->region_bytes[k]);
    for (size_t i = 0; i < out->n_bytes[k]; i++)
      out->bytes[k][i] = weft_rng_byte(&r);
  }
  if (p->constants.size != 0)
    memcpy(out->bytes[0] + p->constants_offset, p->constants.data, p->constants.size);
  assert_int_equal(weft_backend_model.open(a, NULL, c, &o, &self), WEFT_OK);
  if (order != 0)
    weft_model_shuffle(self, order);
  out->bytes[4] = weft_model_scratchpad(self, &out->n_bytes[4]);
  for (uint32_t k = 0; k < p->n_segments; k++)
    if (p->segments[k].kind == WEFT_SEG_ACCEL)
      WEFT_TRY(weft_backend_model.run(self, NULL, p, k, out->bytes, NULL, NULL, NULL));
  return WEFT_OK;
}

/* Arena and outputs; the scratchpad begins with another pattern in each run. */
static bool same(const memories *a, const memories *b) {
  return memcmp(a->bytes[1], b->bytes[1], a->n_bytes[1]) == 0 && memcmp(a->bytes[3], b->bytes[3], a->n_bytes[3]) == 0;
}

/* Networks only: they end in stores, so what matters reaches DRAM. */
static weft_program *network(weft_arena *a, const weft_config *c, uint64_t seed) {
  const char *text;
  weft_program *p = NULL;
  weft_graph *g = random_layer_graph(a, seed, c, 20000, &text);
  return weft_compile(a, NULL, g, c, NULL, &p) == WEFT_OK ? p : NULL;
}

static weft_program *mutant_of(weft_arena *a, const weft_program *p, weft_insn **insns) {
  weft_program *q = weft_arena_copy(a, p, sizeof *p);
  *insns = weft_arena_copy(a, p->insns, p->n_insns * sizeof **insns);
  q->insns = *insns;
  return q;
}

static void fail_fault(weft_arena *a, const weft_program *p, const weft_program *q, const weft_insn *i, uint64_t seed,
                       weft_status s) {
  ptrdiff_t at = i - q->insns;
  fail_msg("network %u: passed, but %s\n%d was %s\nis %s", (unsigned)seed, weft_status_name(s), (int)at,
           weft_insn_text(a, &p->insns[at]), weft_insn_text(a, i));
}

static void bit_mutants(void **state) {
  weft_rng r = {5};
  uint64_t n = 0, n_passed = 0;
  (void)state;
  for (uint64_t seed = 1; n < n_mutants(); seed++) {
    weft_arena *a = weft_arena_new();
    const weft_config *c = machine(a, "stress");
    const weft_program *p = network(a, c, seed);
    for (int k = 0; p != NULL && k < MUTANTS_EACH; k++, n++) {
      weft_insn *insns;
      memories want, got;
      weft_program *q = mutant_of(a, p, &insns);
      weft_insn *i = &insns[weft_rng_range(&r, 0, (int64_t)p->n_insns - 1)];
      uint64_t bit = UINT64_C(1) << weft_rng_range(&r, 0, 63);
      if (weft_rng_range(&r, 0, 1) == 0)
        i->lo ^= bit;
      else
        i->hi ^= bit;
      if (weft_program_verify(NULL, q, c) != WEFT_OK)
        continue;
      n_passed++;
      weft_status s = run(a, q, c, 0, &want);
      if (s == WEFT_E_CAP)
        continue;
      if (s != WEFT_OK)
        fail_fault(a, p, q, i, seed, s);
      for (uint64_t order = 1; order <= ORDERS; order++)
        if (run(a, q, c, order * 100, &got) != WEFT_OK || !same(&want, &got))
          fail_msg("network %u, mutant %d: passed, but order %u differs", (unsigned)seed, k, (unsigned)order);
    }
    weft_arena_free(&a);
  }
  print_message("%u of %u bit mutants passed\n", (unsigned)n_passed, (unsigned)n);
  assert_true(n_passed > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(bit_mutants),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
