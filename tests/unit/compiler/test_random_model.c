/* SPDX-License-Identifier: Apache-2.0 */
/* Random networks: kernels against compiler and machine model, every tensor that
 * exists and every output, in poisoned memories. WEFT_RANDOM=N: seeds for each
 * machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/random_layer.h"
#include "compiler/compile.h"
#include "kernels/kernels.h"
#include "runtime/runtime.h"

typedef struct compared {
  weft_arena *arena;
  const uint8_t **want;         /* [n_tensors]                                 */
  size_t *n_bytes;
  int seen, different;
  const char *first;
} compared;

static weft_status keep(void *user, int tensor, const void *data, size_t n_bytes) {
  compared *c = user;
  c->want[tensor] = weft_arena_copy(c->arena, data, n_bytes);
  c->n_bytes[tensor] = n_bytes;
  return WEFT_OK;
}

static weft_status compare(void *user, const weft_prog_tensor *t, const void *data, size_t n_bytes) {
  compared *c = user;
  c->seen++;
  if (c->want[t->tensor] && c->n_bytes[t->tensor] == n_bytes && memcmp(c->want[t->tensor], data, n_bytes) == 0)
    return WEFT_OK;
  if (!c->different++)
    c->first = t->name;
  return WEFT_OK;
}

static uint8_t **make_outputs(weft_arena *a, const weft_graph *g) {
  uint8_t **out = WEFT_NEW(a, uint8_t *, g->n_outputs);
  for (int k = 0; k < g->n_outputs; k++)
    out[k] = WEFT_NEW(a, uint8_t, g->tensors[g->outputs[k]].n_bytes);
  return out;
}

static uint8_t *make_input(weft_arena *a, const weft_graph *g, uint64_t seed) {
  size_t n = g->tensors[g->inputs[0]].n_bytes;
  uint8_t *in = WEFT_NEW(a, uint8_t, n);
  weft_rng r = {seed ^ 0x1234567};
  for (size_t k = 0; k < n; k++)
    in[k] = weft_rng_byte(&r);
  return in;
}

static void print_issues(const weft_diag *d, uint64_t seed, const char *text) {
  print_message("seed %llu:%s\n", (unsigned long long)seed, text);
  for (size_t k = 0; k < weft_diag_count(d); k++) {
    const weft_issue *i = weft_diag_at(d, k);
    print_message("  %s: %s (allowed: %s)\n", i->where, i->found, i->allowed);
  }
}

/* Every network fits every machine, and is equal. */
static bool run_one(const weft_config *config, uint64_t seed) {
  weft_arena *a = weft_arena_new();
  weft_diag *d = weft_diag_new(a);
  const char *text;
  weft_graph *g = random_layer_graph(a, seed, config, 600000, &text);
  compared c = {.arena = a, .want = WEFT_NEW(a, const uint8_t *, g->n_tensors), .n_bytes = WEFT_NEW(a, size_t, g->n_tensors)};
  const uint8_t *in = make_input(a, g, seed);
  uint8_t **want = make_outputs(a, g), **got = make_outputs(a, g);
  weft_ref *ref;
  weft_program *p;
  weft_session *s;
  weft_backend_options o = {.poison = true, .poison_seed = seed};
  bool equal = false;
  weft_status status = weft_compile(a, d, g, config, NULL, &p);
  if (status == WEFT_OK && weft_ref_open(a, d, g, &ref) == WEFT_OK &&
      weft_ref_run(ref, &in, want, keep, &c) == WEFT_OK &&
      weft_session_open(a, d, p, config, &weft_backend_model, &o, &s) == WEFT_OK) {
    status = weft_session_run(s, d, &in, got, compare, &c, NULL);
    weft_session_close(&s);
    equal = status == WEFT_OK && !c.different && c.seen;
    for (int k = 0; k < g->n_outputs; k++)
      if (memcmp(want[k], got[k], g->tensors[g->outputs[k]].n_bytes) != 0)
        equal = false;
  }
  if (!equal) {
    print_issues(d, seed, text);
    print_message("  %s: %d tensors seen, %d differ, first '%s'\n", config->name, c.seen, c.different, c.first ? c.first : "");
  }
  weft_arena_free(&a);
  return equal;
}

static void compare_machine(const char *name, const char *const *sets, size_t n_sets) {
  weft_arena *a = weft_arena_new();
  weft_diag *d = weft_diag_new(a);
  weft_config *config;
  assert_int_equal(weft_config_load(a, d, name, sets, n_sets, &config), WEFT_OK);
  const char *env = getenv("WEFT_RANDOM"), *first = getenv("WEFT_RANDOM_FIRST");
  uint64_t n = env ? strtoull(env, NULL, 10) : 700, from = first ? strtoull(first, NULL, 10) : 1;
  int wrong = 0;
  uint64_t equal = 0;
  for (uint64_t seed = from; seed < from + n && wrong < 10; seed++)
    run_one(config, seed) ? (void)equal++ : (void)wrong++;
  print_message("%s: %llu of %llu networks equal\n", name, (unsigned long long)equal, (unsigned long long)n);
  weft_arena_free(&a);
  assert_int_equal(equal, n);
}

static void test_base(void **state) {
  (void)state;
  compare_machine("base", NULL, 0);
}

static void test_stress(void **state) {
  (void)state;
  compare_machine("stress", NULL, 0);
}

static void test_odd_machine(void **state) {
  (void)state;
  static const char *const sets[] = {"array.rows=16", "array.taps=64", "scratchpad.kib=8", "ring.kib=2", "array.hop=8"};
  compare_machine("base", sets, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_base), cmocka_unit_test(test_stress),
                                     cmocka_unit_test(test_odd_machine)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
