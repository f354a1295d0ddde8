/* SPDX-License-Identifier: Apache-2.0 */
/* The static checker. Programs of random networks pass it and give the same
 * bytes in every order that their semaphores allow; of mutated ones, each is
 * rejected, or still gives those bytes in such orders. WEFT_MUTANTS=N. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "compiler/compile.h"
#include "runtime/runtime.h"
#include "tests/common/random_layer.h"
#include "tests/common/shuffle_program.h"

typedef struct subject {        /* a network, its program, what it answers     */
  weft_arena *arena;
  weft_diag *diag;
  const weft_config *config;
  weft_graph *graph;
  weft_program *program;
  const uint8_t *input;
  uint8_t **want;
} subject;

static uint8_t **make_outputs(weft_arena *a, const weft_graph *g) {
  uint8_t **out = WEFT_NEW(a, uint8_t *, g->n_outputs);
  for (int k = 0; k < g->n_outputs; k++)
    out[k] = WEFT_NEW(a, uint8_t, g->tensors[g->outputs[k]].n_bytes);
  return out;
}

static weft_status run_program(subject *s, const weft_program *p, uint8_t **out, uint64_t poison) {
  weft_session *session;
  weft_backend_options o = {.poison = true, .poison_seed = poison, .max_cycles = 100000000};
  WEFT_TRY(weft_session_open(s->arena, s->diag, p, s->config, &weft_backend_model, &o, &session));
  weft_status status = weft_session_run(session, s->diag, &s->input, out, NULL, NULL, NULL);
  weft_session_close(&session);
  return status;
}

static bool same_outputs(const subject *s, uint8_t **got) {
  for (int k = 0; k < s->graph->n_outputs; k++)
    if (memcmp(s->want[k], got[k], s->graph->tensors[s->graph->outputs[k]].n_bytes) != 0)
      return false;
  return true;
}

/* False if the network does not fit. */
static bool open_subject(subject *s, const weft_config *config, uint64_t seed) {
  *s = (subject){.arena = weft_arena_new(), .config = config};
  s->diag = weft_diag_new(s->arena);
  s->graph = random_layer_graph(s->arena, seed, config, 60000, NULL);
  weft_status status = weft_compile(s->arena, s->diag, s->graph, config, NULL, &s->program);
  if (status == WEFT_E_NO_FIT)
    return false;
  if (status != WEFT_OK)
    print_message("seed %llu: %s\n", (unsigned long long)seed, weft_diag_at(s->diag, 0)->found);
  assert_int_equal(status, WEFT_OK);
  size_t n = s->graph->tensors[s->graph->inputs[0]].n_bytes;
  uint8_t *in = WEFT_NEW(s->arena, uint8_t, n);
  weft_rng r = {seed};
  for (size_t k = 0; k < n; k++)
    in[k] = weft_rng_byte(&r);
  s->input = in;
  s->want = make_outputs(s->arena, s->graph);
  assert_int_equal(run_program(s, s->program, s->want, 1), WEFT_OK);
  return true;
}

/* Runs in `n` random orders: 1 equal, 0 blocked or fault or other bytes. */
static int equal_in_orders(subject *s, const weft_program *p, weft_rng *r, int n) {
  for (int k = 0; k < n; k++) {
    uint8_t **got = make_outputs(s->arena, s->graph);
    const weft_program *q = shuffle_program(s->arena, r, p);
    if (!q || run_program(s, q, got, (uint64_t)k + 2) != WEFT_OK || !same_outputs(s, got))
      return 0;
  }
  return 1;
}

static void check_orders(const char *name) {
  weft_arena *a = weft_arena_new();
  weft_config *config;
  assert_int_equal(weft_config_load(a, weft_diag_new(a), name, NULL, 0, &config), WEFT_OK);
  for (uint64_t seed = 1; seed <= 150; seed++) {
    subject s;
    weft_rng r = {seed * 77};
    if (open_subject(&s, config, seed) && !equal_in_orders(&s, s.program, &r, 4)) {
      print_message("%s: seed %llu: an order that its semaphores allow gives other bytes\n", name, (unsigned long long)seed);
      fail();
    }
    weft_arena_free(&s.arena);
  }
  weft_arena_free(&a);
}

static void test_any_order_base(void **state) {
  (void)state;
  check_orders("base");
}

static void test_any_order_stress(void **state) {
  (void)state;
  check_orders("stress");
}

/* ---- mutants --------------------------------------------------------------- */

enum { M_DROP_WAIT, M_DROP_SIGNAL, M_WAIT_ID, M_SIGNAL_ID, M_WAIT_N, M_SIGNAL_N, M_SWAP, M_DELETE, M_REPEAT,
       M_FIELD, M_OFFSET, M_BIT, N_MUTATIONS };

static bool has(const weft_insn *i, weft_field f) { return weft_insn_get(i, f) != 0; }

static void add_to(weft_insn *i, weft_field f, int64_t by) {
  int64_t v = weft_insn_get(i, f) + by;
  weft_insn_set(i, f, weft_field_fits(f, v) ? v : 0);
}

/* Counts and modes that decide how much is read or written. */
static bool change_field(weft_insn *i, weft_rng *r) {
  static const weft_field exc[] = {WEFT_F_EXC_N_TILES, WEFT_F_EXC_N_GROUPS, WEFT_F_EXC_N_TAPS, WEFT_F_EXC_FIRST_K,
                                   WEFT_F_EXC_LAST_K, WEFT_F_EXC_STREAM, WEFT_F_EXC_UNIT};
  static const weft_field wt[] = {WEFT_F_WT_N_WORDS, WEFT_F_WT_N_GROUPS, WEFT_F_WT_REPEATS, WEFT_F_WT_PARAMS};
  switch ((int)weft_insn_get(i, WEFT_H_OP)) {
  case WEFT_I_EXC: {            /* taps of unit layers are arithmetic: no addresses tell */
    weft_field f = exc[weft_rng_range(r, 0, 6)];
    bool unit = weft_insn_get(i, WEFT_F_EXC_UNIT);
    add_to(i, f, weft_rng_range(r, 0, 1) ? 1 : -1);
    return !unit || (f != WEFT_F_EXC_N_TAPS && f != WEFT_F_EXC_STREAM);
  }
  case WEFT_I_WT: add_to(i, wt[weft_rng_range(r, 0, 3)], weft_rng_range(r, 0, 1) ? 1 : -1); return true;
  case WEFT_I_ST: add_to(i, weft_rng_range(r, 0, 1) ? WEFT_F_ST_LINES : WEFT_F_ST_WIDTH, 1); return true;
  default: return false;
  }
}

static bool change_offset(weft_insn *i, weft_rng *r) {
  int op = (int)weft_insn_get(i, WEFT_H_OP);
  weft_field f = op == WEFT_I_LD ? WEFT_F_LD_OFFSET : op == WEFT_I_ST ? WEFT_F_ST_OFFSET : WEFT_F_WT_OFFSET;
  if (op != WEFT_I_LD && op != WEFT_I_ST && op != WEFT_I_WT)
    return false;
  add_to(i, f, INT64_C(1) << weft_rng_range(r, 24, 30));
  return true;
}

static bool mutate(weft_insn *at, weft_insn *next, weft_rng *r, int kind) {
  weft_insn old = *at;
  switch (kind) {
  case M_DROP_WAIT: weft_insn_set(at, WEFT_H_WAIT_N, 0); return has(&old, WEFT_H_WAIT_N);
  case M_DROP_SIGNAL: weft_insn_set(at, WEFT_H_SIG_N, 0); return has(&old, WEFT_H_SIG_N);
  case M_WAIT_ID: weft_insn_set(at, WEFT_H_WAIT_ID, weft_rng_range(r, 0, 7)); return has(&old, WEFT_H_WAIT_N);
  case M_SIGNAL_ID: weft_insn_set(at, WEFT_H_SIG_ID, weft_rng_range(r, 0, 7)); return has(&old, WEFT_H_SIG_N);
  case M_WAIT_N: add_to(at, WEFT_H_WAIT_N, weft_rng_range(r, 0, 1) ? 1 : -1); return weft_insn_is_ordered(&old);
  case M_SIGNAL_N: add_to(at, WEFT_H_SIG_N, weft_rng_range(r, 0, 1) ? 1 : -1); return weft_insn_is_ordered(&old);
  case M_SWAP:
    *at = *next;
    *next = old;
    return weft_insn_queue(&old) != weft_insn_queue(at) && weft_insn_get(at, WEFT_H_OP) != WEFT_I_END;
  case M_DELETE: {
    int op = (int)weft_insn_get(&old, WEFT_H_OP);
    weft_insn nop = weft_insn_make(WEFT_I_NOP);
    weft_insn_set(&nop, WEFT_H_QUEUE, weft_insn_queue(&old));
    weft_insn_set(&nop, WEFT_H_WAIT_ID, weft_insn_get(&old, WEFT_H_WAIT_ID));
    weft_insn_set(&nop, WEFT_H_WAIT_N, weft_insn_get(&old, WEFT_H_WAIT_N));
    weft_insn_set(&nop, WEFT_H_SIG_ID, weft_insn_get(&old, WEFT_H_SIG_ID));
    weft_insn_set(&nop, WEFT_H_SIG_N, weft_insn_get(&old, WEFT_H_SIG_N));
    *at = nop;
    return op == WEFT_I_WT || op == WEFT_I_ST || (op == WEFT_I_EXC && !weft_insn_get(&old, WEFT_F_EXC_UNIT));
  }
  case M_REPEAT: *next = old; return weft_insn_is_ordered(&old) && weft_insn_get(&old, WEFT_H_OP) != WEFT_I_LD;
  case M_FIELD: return change_field(at, r);
  case M_OFFSET: return change_offset(at, r);
  default: {                     /* bits that nothing covers, opcodes, queues */
    int bit = (int)weft_rng_range(r, 0, 8);
    at->lo ^= bit < 6 ? UINT64_C(1) << 31 : UINT64_C(1) << (bit - 3);
    return true;
  }
  }
}

typedef struct tally { int rejected, equal, wrong; } tally;

/* Changes an instruction or two from a random one on; -1: nothing to change. */
static int64_t change_one(weft_insn *insns, uint32_t n_insns, weft_rng *r, int kind) {
  uint32_t at = (uint32_t)weft_rng_range(r, 0, (int64_t)n_insns - 2);
  for (uint32_t tries = 0; tries < 2 * n_insns; tries++) {
    weft_insn keep[2] = {insns[at], insns[at + 1]};
    if (weft_insn_get(&keep[0], WEFT_H_OP) != WEFT_I_END && mutate(&insns[at], &insns[at + 1], r, kind) &&
        (memcmp(&keep[0], &insns[at], sizeof *keep) || memcmp(&keep[1], &insns[at + 1], sizeof *keep)))
      return at;
    insns[at] = keep[0];
    insns[at + 1] = keep[1];
    at = (at + 1) % (n_insns - 1);
  }
  return -1;
}

/* Files need no names and may give one to all: what is wrong stays wrong. */
static void judge_without_names(subject *s, const weft_program *p, bool is_good) {
  weft_program q = *p;
  weft_prog_layer *layers = weft_arena_copy(s->arena, q.layers, q.n_layers * sizeof *layers);
  for (uint32_t k = 0; k < q.n_layers; k++) {
    if (strcmp(layers[k].op, "CONCATENATION") == 0)
      return;                   /* its parts are told by the name */
    layers[k].name = "";
    layers[k].op = "CONV_2D";
  }
  q.layers = layers;
  assert_int_equal(weft_program_verify(s->diag, &q, s->config) == WEFT_OK, is_good);
}

/* False: the program has nothing that this mutation changes. */
static bool try_mutant(subject *s, weft_rng *r, int kind, tally *t) {
  weft_program q = *s->program;
  weft_insn *insns = weft_arena_copy(s->arena, q.insns, q.n_insns * sizeof *insns);
  q.insns = insns;
  int64_t found = change_one(insns, q.n_insns, r, kind);
  if (found < 0)
    return false;
  assert_memory_not_equal(insns, s->program->insns, q.n_insns * sizeof *insns);
  uint32_t at = (uint32_t)found;
  const bool is_good = weft_program_verify(s->diag, &q, s->config) == WEFT_OK;
  judge_without_names(s, &q, is_good);
  if (!is_good) {
    t->rejected++;
  } else if (equal_in_orders(s, &q, r, 6)) {
    t->equal++;
  } else {
    t->wrong++;
    print_message("mutation %d at instruction %u accepted, and changes bytes:\n  %s\n  %s\n", kind, at,
                  weft_insn_text(s->arena, &s->program->insns[at]), weft_insn_text(s->arena, &insns[at]));
  }
  return true;
}

static void test_mutants(void **state) {
  (void)state;
  const char *env = getenv("WEFT_MUTANTS");
  int n = env ? atoi(env) : 1000;
  weft_arena *a = weft_arena_new();
  weft_config *config[2];
  tally t[N_MUTATIONS] = {{0, 0, 0}};
  assert_int_equal(weft_config_load(a, weft_diag_new(a), "base", NULL, 0, &config[0]), WEFT_OK);
  assert_int_equal(weft_config_load(a, weft_diag_new(a), "stress", NULL, 0, &config[1]), WEFT_OK);
  weft_rng r = {99};
  int done = 0, wrong = 0, rejected = 0;
  for (uint64_t seed = 1; done < n; seed++) {
    subject s;
    bool fits = open_subject(&s, config[seed % 2], seed);
    for (int k = 0; fits && k < N_MUTATIONS && done < n; k++)
      done += try_mutant(&s, &r, k, &t[k]);
    weft_arena_free(&s.arena);
  }
  for (int k = 0; k < N_MUTATIONS; k++) {
    print_message("mutation %2d: %d rejected, %d equal, %d wrong\n", k, t[k].rejected, t[k].equal, t[k].wrong);
    wrong += t[k].wrong;
    rejected += t[k].rejected;
    assert_true(t[k].rejected > 0 || n < 1000);
  }
  weft_arena_free(&a);
  assert_int_equal(wrong, 0);
  assert_true(rejected * 2 > done);
}

/* The second of two WTs in a row, -1: none, whose words the first can send too. */
static int64_t find_pair(const weft_program *p, int64_t ring_words, uint32_t *first) {
  int64_t before = -1;
  for (uint32_t k = 0; k < p->n_insns; k++) {
    const weft_insn *i = &p->insns[k], *a = before < 0 ? NULL : &p->insns[before];
    if (weft_insn_get(i, WEFT_H_OP) != WEFT_I_WT)
      continue;
    int64_t words = weft_insn_get(i, WEFT_F_WT_N_WORDS) * weft_insn_get(i, WEFT_F_WT_N_GROUPS);
    bool once = weft_insn_get(i, WEFT_F_WT_REPEATS) == 1 && weft_insn_get(i, WEFT_F_WT_PARAMS);
    if (a && once && weft_insn_get(a, WEFT_F_WT_REPEATS) == 1 && words > ring_words &&
        words % weft_insn_get(a, WEFT_F_WT_N_GROUPS) == 0) {
      *first = (uint32_t)before;
      return k;
    }
    before = once ? (int64_t)k : -1;
  }
  return -1;
}

/* All words of an EXC before its first parameter set: as many sent as used, but
 * more than the ring holds. */
static void test_weights_that_stop(void **state) {
  (void)state;
  weft_arena *a = weft_arena_new();
  weft_config *config;
  int found = 0;
  assert_int_equal(weft_config_load(a, weft_diag_new(a), "stress", NULL, 0, &config), WEFT_OK);
  for (uint64_t seed = 1; seed <= 300; seed++) {
    subject s;
    uint32_t first;
    assert_true(open_subject(&s, config, seed));
    int64_t second = find_pair(s.program, weft_ring_words(config), &first);
    if (second >= 0) {
      weft_program q = *s.program;
      weft_insn *insns = weft_arena_copy(s.arena, q.insns, q.n_insns * sizeof *insns);
      q.insns = insns;
      q.region_bytes[WEFT_REGION_CONST] += 1 << 20;
      int64_t words = weft_insn_get(&insns[second], WEFT_F_WT_N_WORDS) * weft_insn_get(&insns[second], WEFT_F_WT_N_GROUPS);
      add_to(&insns[first], WEFT_F_WT_N_WORDS, words / weft_insn_get(&insns[first], WEFT_F_WT_N_GROUPS));
      weft_insn_set(&insns[second], WEFT_F_WT_N_WORDS, 0);
      assert_int_equal(weft_program_verify(s.diag, &q, config), WEFT_E_PROGRAM);
      const weft_issue *i = weft_diag_at(s.diag, weft_diag_count(s.diag) - 1);
      assert_string_equal(i->found, "weights that stop for want of room");
      found++;
    }
    weft_arena_free(&s.arena);
  }
  assert_true(found >= 5);
  weft_arena_free(&a);
}

/* Memory follows what is touched: a region of 200 MiB that nobody uses is free. */
static void test_large_regions_cost_nothing(void **state) {
  (void)state;
  subject s;
  weft_arena *a = weft_arena_new();
  weft_config *config;
  struct rusage before, after;
  assert_int_equal(weft_config_load(a, weft_diag_new(a), "base", NULL, 0, &config), WEFT_OK);
  assert_true(open_subject(&s, config, 2));
  weft_program q = *s.program;
  q.region_bytes[WEFT_REGION_ARENA] = 200u << 20;
  getrusage(RUSAGE_SELF, &before);
  assert_int_equal(weft_program_verify(s.diag, &q, config), WEFT_OK);
  getrusage(RUSAGE_SELF, &after);
  assert_true(after.ru_maxrss - before.ru_maxrss < 50 * 1024);
  weft_arena_free(&s.arena);
  weft_arena_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order_base), cmocka_unit_test(test_any_order_stress),
                                     cmocka_unit_test(test_mutants), cmocka_unit_test(test_weights_that_stop),
                                     cmocka_unit_test(test_large_regions_cost_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
