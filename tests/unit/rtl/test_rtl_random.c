/* SPDX-License-Identifier: Apache-2.0 */
/* RTL against the machine model, at instruction level: random programs move the
 * whole scratchpad in and out, so every byte is compared. Reproduce one with
 * RTL_RANDOM="CONFIG SEED FEATURES N_OPS". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/runtime.h"
#include "tests/common/prog_builder.h"

typedef struct machine { const char *name; const char *sets[4]; size_t n_sets; } machine;

static const machine machines[] = {
  {"stress", {NULL}, 0},
  {"base", {NULL}, 0},
  {"tiny", {NULL}, 0},
  {"tiny", {"array.hop=2"}, 1},
  {"stress", {"array.micro=1", "array.taps=64"}, 2},
  {"tiny", {"array.micro=1", "array.lanes=1", "array.taps=64"}, 3},
};

static const struct { const char *name; uint32_t features; } kinds[] = {
  {"moves", PROG_LD | PROG_ST | PROG_PLANES},
  {"dense", PROG_DENSE | PROG_PARAMS | PROG_EXTREME},
  {"depthwise", PROG_DEPTHWISE | PROG_PARAMS | PROG_EXTREME},
  {"unit", PROG_DEPTHWISE | PROG_DENSE | PROG_UNIT | PROG_MAX},
  {"add", PROG_DENSE | PROG_DEPTHWISE | PROG_UNIT | PROG_ADD},
  {"all", PROG_ALL},
};

typedef struct side { weft_session *session; uint8_t *out; } side;

static side run_side(weft_arena *arena, weft_diag *d, const weft_program *p, const weft_config *c,
                     const weft_backend *b, const uint8_t *in) {
  weft_backend_options o = {.wave_path = getenv("RTL_RANDOM_WAVE"), .wave_layer = -1, .max_cycles = 40000000};
  if (b != &weft_backend_rtl)
    o.wave_path = NULL;
  side s = {NULL, WEFT_NEW(arena, uint8_t, p->outputs[0].n_bytes)};
  weft_status status = weft_session_open(arena, d, p, c, b, &o, &s.session);
  weft_run_stats stats = {0};
  if (status == WEFT_OK)
    status = weft_session_run(s.session, d, &in, &s.out, NULL, NULL, &stats);
  for (size_t i = 0; status != WEFT_OK && i < weft_diag_count(d); i++)
    print_error("%s: %s: %s (%s)\n", b->name, weft_diag_at(d, i)->where, weft_diag_at(d, i)->found,
                weft_diag_at(d, i)->allowed);
  if (s.session != NULL)
    weft_session_close(&s.session);
  if (status != WEFT_OK)
    s.out = NULL;
  return s;
}

/* Number of the bytes that differ, -1 if a backend failed. */
static long compare_one(const weft_config *c, uint64_t seed, uint32_t features, int n_ops, bool show) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_rng rng = {seed};
  weft_program *p = prog_random(arena, &rng, c, features, n_ops);
  if (show)
    fprintf(stderr, "%s\n", weft_program_text(arena, p));
  uint8_t *in = WEFT_NEW(arena, uint8_t, p->inputs[0].n_bytes);
  for (uint32_t i = 0; i < p->inputs[0].n_bytes; i++)
    in[i] = weft_rng_byte(&rng);
  side model = run_side(arena, d, p, c, &weft_backend_model, in);
  side rtl = run_side(arena, d, p, c, &weft_backend_rtl, in);
  long n = model.out != NULL && rtl.out != NULL ? 0 : -1;
  for (uint32_t i = 0; n >= 0 && i < p->outputs[0].n_bytes; i++) {
    if (model.out[i] != rtl.out[i] && (show || n == 0))
      print_error("byte %u: model %d, rtl %d\n", (unsigned)i, (int8_t)model.out[i], (int8_t)rtl.out[i]);
    n += model.out[i] != rtl.out[i];
  }
  weft_arena_free(&arena);
  return n;
}

static int compare_kind(const machine *m, const weft_config *c, size_t kind, int n_programs) {
  int bad = 0;
  for (int i = 0; i < n_programs; i++) {
    uint64_t seed = (uint64_t)kind * 1000003 + (uint64_t)i;
    long n = compare_one(c, seed, kinds[kind].features, 1 + i % 4, false);
    if (n != 0 && bad++ == 0)
      print_error("%s %s: %ld bytes differ; reproduce with RTL_RANDOM=\"%s %llu %u %d\"\n", m->name,
                  kinds[kind].name, n, m->name, (unsigned long long)seed, (unsigned)kinds[kind].features, 1 + i % 4);
  }
  return bad;
}

static int n_programs(void) {
  const char *env = getenv("RTL_RANDOM_PROGRAMS");
  return env != NULL ? atoi(env) : 25;
}

static void test_random_programs(void **state) {
  (void)state;
  int bad = 0, n = 0;
  const char *only = getenv("RTL_RANDOM_ONLY");
  for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
    if (only != NULL && strcmp(only, machines[i].name) != 0)
      continue;
    weft_arena *arena = weft_arena_new();
    weft_config *c = NULL;
    assert_int_equal(WEFT_OK, weft_config_load(arena, NULL, machines[i].name, machines[i].sets, machines[i].n_sets, &c));
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
      int b = compare_kind(&machines[i], c, k, n_programs());
      print_message("%-7s %-10s %d of %d programs equal\n", machines[i].name, kinds[k].name, n_programs() - b, n_programs());
      bad += b;
      n += n_programs();
    }
    weft_arena_free(&arena);
  }
  print_message("%d programs, %d differ\n", n, bad);
  assert_true(n > 0);
  assert_int_equal(0, bad);
}

static void reproduce(const char *text) {
  char name[32];
  unsigned long long seed;
  unsigned features;
  int n_ops;
  if (sscanf(text, "%31s %llu %u %d", name, &seed, &features, &n_ops) != 4)
    exit(2);
  weft_arena *arena = weft_arena_new();
  weft_config *c = NULL;
  if (weft_config_load(arena, NULL, name, NULL, 0, &c) != WEFT_OK)
    exit(3);
  long n = compare_one(c, seed, features, n_ops, true);
  fprintf(stderr, "%ld bytes differ\n", n);
  exit(n != 0);
}

int main(void) {
  const char *one = getenv("RTL_RANDOM");
  if (one != NULL)
    reproduce(one);
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_programs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
