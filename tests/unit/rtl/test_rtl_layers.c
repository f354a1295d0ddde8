/* SPDX-License-Identifier: Apache-2.0 */
/* Random networks: kernels = machine model = RTL. Every tensor that exists, and
 * every byte of scratchpad, arena and outputs afterwards, in memories that start
 * as equal noise. WEFT_RANDOM=N: networks on each machine, WEFT_RANDOM_FIRST. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile.h"
#include "kernels/kernels.h"
#include "runtime/runtime.h"
#include "tests/common/dump_program.h"
#include "tests/common/random_layer.h"

enum { MAX_MACS = 25000 };

typedef struct want {           /* what the kernels computed                   */
  weft_arena *arena;
  const uint8_t **data;
  int seen, different;
  const char *first;
} want;

static weft_status keep(void *user, int tensor, const void *data, size_t n_bytes) {
  want *w = user;
  w->data[tensor] = weft_arena_copy(w->arena, data, n_bytes);
  return WEFT_OK;
}

static weft_status compare(void *user, const weft_prog_tensor *t, const void *data, size_t n_bytes) {
  want *w = user;
  w->seen++;
  if (w->data[t->tensor] && memcmp(w->data[t->tensor], data, n_bytes) == 0)
    return WEFT_OK;
  if (!w->different++)
    w->first = t->name;
  return WEFT_OK;
}

typedef struct network {
  weft_arena *arena;
  weft_diag *diag;
  const weft_config *config;
  const char *text;
  weft_program *program;        /* the dumping one                             */
  const uint8_t *input;
  want want;
} network;

static weft_status make_network(network *n, uint64_t seed) {
  weft_graph *g = random_layer_graph(n->arena, seed, n->config, MAX_MACS, &n->text);
  weft_program *p;
  weft_ref *ref;
  WEFT_TRY(weft_compile(n->arena, n->diag, g, n->config, NULL, &p));
  n->program = dump_program(n->arena, p, n->config);
  size_t n_in = g->tensors[g->inputs[0]].n_bytes;
  uint8_t *in = WEFT_NEW(n->arena, uint8_t, n_in), **out = WEFT_NEW(n->arena, uint8_t *, g->n_outputs);
  weft_rng r = {seed ^ 0x5eed};
  for (size_t k = 0; k < n_in; k++)
    in[k] = weft_rng_byte(&r);
  for (int k = 0; k < g->n_outputs; k++)
    out[k] = WEFT_NEW(n->arena, uint8_t, g->tensors[g->outputs[k]].n_bytes);
  n->input = in;
  n->want = (want){.arena = n->arena, .data = WEFT_NEW(n->arena, const uint8_t *, g->n_tensors)};
  WEFT_TRY(weft_ref_open(n->arena, n->diag, g, &ref));
  return weft_ref_run(ref, &n->input, out, keep, &n->want);
}

static weft_status run_backend(network *n, const weft_backend *b, uint64_t seed, uint8_t ***out) {
  weft_session *s;
  weft_backend_options o = {.poison = true, .poison_seed = seed, .wave_layer = -1, .max_cycles = 50000000};
  *out = WEFT_NEW(n->arena, uint8_t *, n->program->n_outputs);
  for (uint32_t k = 0; k < n->program->n_outputs; k++)
    (*out)[k] = WEFT_NEW(n->arena, uint8_t, n->program->outputs[k].n_bytes);
  WEFT_TRY(weft_session_open(n->arena, n->diag, n->program, n->config, b, &o, &s));
  weft_status status = weft_session_run(s, n->diag, &n->input, *out, compare, &n->want, NULL);
  weft_session_close(&s);
  return status;
}

/* 1: equal, 0: does not fit, -1: wrong; 2: there is no simulator. */
static int run_one(const weft_config *config, uint64_t seed) {
  network n = {.arena = weft_arena_new(), .config = config};
  uint8_t **model, **rtl;
  n.diag = weft_diag_new(n.arena);
  weft_status s = make_network(&n, seed);
  int result = s == WEFT_E_NO_FIT ? 0 : s == WEFT_OK ? 1 : -1;
  if (result > 0 && run_backend(&n, &weft_backend_model, seed, &model) != WEFT_OK)
    result = -1;
  s = result > 0 ? run_backend(&n, &weft_backend_rtl, seed, &rtl) : WEFT_OK;
  if (s != WEFT_OK)
    result = s == WEFT_E_TOOL ? 2 : -1;
  for (uint32_t k = 0; result == 1 && k < n.program->n_outputs; k++)
    if (memcmp(model[k], rtl[k], n.program->outputs[k].n_bytes) != 0) {
      print_message("output '%s' of model and RTL differs\n", n.program->outputs[k].name);
      result = -1;
    }
  if (result == 1 && n.want.different)
    result = -1;
  if (result == 2)
    print_message("no simulator: %s\n", weft_diag_at(n.diag, weft_diag_count(n.diag) - 1)->found);
  if (result < 0) {
    print_message("%s seed %llu:%s\n  %d tensors differ from the kernels, first '%s'\n", config->name,
                  (unsigned long long)seed, n.text, n.want.different, n.want.first ? n.want.first : "");
    for (size_t k = 0; k < weft_diag_count(n.diag); k++)
      print_message("  %s: %s\n", weft_diag_at(n.diag, k)->where, weft_diag_at(n.diag, k)->found);
  }
  weft_arena_free(&n.arena);
  return result;
}

static void compare_machine(const char *name, const char *set, uint64_t most) {
  weft_arena *a = weft_arena_new();
  weft_config *config;
  assert_int_equal(weft_config_load(a, weft_diag_new(a), name, &set, set != NULL, &config), WEFT_OK);
  const char *env = getenv("WEFT_RANDOM"), *first = getenv("WEFT_RANDOM_FIRST");
  uint64_t n = env ? strtoull(env, NULL, 10) : most, from = first ? strtoull(first, NULL, 10) : 1;
  int wrong = 0;
  uint64_t equal = 0;
  for (uint64_t seed = from; equal < n && seed < from + 2 * n && wrong < 5; seed++) {
    int r = run_one(config, seed);
    if (r == 2) {
      weft_arena_free(&a);
      skip();
    }
    wrong += r < 0;
    equal += r > 0;
  }
  print_message("%s %s: %d networks equal\n", name, set ? set : "", (int)equal);
  weft_arena_free(&a);
  assert_int_equal(wrong, 0);
  assert_int_equal(equal, n);
}

static void test_base(void **state) {
  (void)state;
  compare_machine("base", NULL, 1000);
}

static void test_stress(void **state) {
  (void)state;
  compare_machine("stress", NULL, 1000);
}

/* The weight wave in two halves: the same bytes, a cycle later. Its simulator is
 * test_rtl_random's. */
static void test_hop_of_half_the_rows(void **state) {
  (void)state;
  compare_machine("tiny", "array.hop=2", 250);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_base), cmocka_unit_test(test_stress),
                                     cmocka_unit_test(test_hop_of_half_the_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
