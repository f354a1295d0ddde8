/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of the weight stream: by hand, and against the compiler's own count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile.h"
#include "graph/graph.h"
#include "isa/program.h"

static weft_insn wt(int64_t offset, int64_t words, int64_t groups, int64_t repeats, int64_t params) {
  weft_insn i = weft_insn_make(WEFT_I_WT);
  weft_insn_set(&i, WEFT_F_WT_OFFSET, offset);
  weft_insn_set(&i, WEFT_F_WT_N_WORDS, words);
  weft_insn_set(&i, WEFT_F_WT_N_GROUPS, groups);
  weft_insn_set(&i, WEFT_F_WT_REPEATS, repeats);
  weft_insn_set(&i, WEFT_F_WT_PARAMS, params);
  return i;
}

static void by_hand(void **state) {
  (void)state;
  weft_arena *arena = weft_arena_new();
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(arena, NULL, "base", NULL, 0, &c), WEFT_OK);
  assert_int_equal(c->cols, 8);
  const weft_insn insns[] = {
    weft_insn_make(WEFT_I_NOP),
    wt(640, 10, 2, 3, 2),        /* 2 * (96 + 80) stored, 2 * (96 + 240) moved */
    wt(0, 5, 1, 1, 1),           /* 32 + 40 */
    wt(640, 10, 2, 1, 2),        /* the same again: moved, not stored */
    wt(640 + 352 - 72, 9, 1, 1, 0), /* inside of it */
    wt(640 + 352 - 8, 2, 1, 1, 0)}; /* 8 more bytes */
  const weft_program p = {.insns = insns, .n_insns = 6};
  const weft_stream_bytes s = weft_program_stream(&p, c);
  assert_int_equal(s.stored, 352 + 72 + 8);
  assert_int_equal(s.moved, 672 + 72 + 352 + 72 + 16);
  weft_arena_free(&arena);
}

/* bytes_in of a layer is what its LD and WT read. */
static void as_the_compiler_counts(void **state) {
  (void)state;
  static const char *const machines[] = {"base", "stress", "tiny"};
  for (size_t m = 0; m < 3; m++) {
    weft_arena *arena = weft_arena_new();
    weft_config *c = NULL;
    weft_graph *g = NULL;
    weft_program *p = NULL;
    weft_span file;
    static const char path[] = "tests/models/cnn_mnist_int8.tflite";
    assert_int_equal(weft_config_load(arena, NULL, machines[m], NULL, 0, &c), WEFT_OK);
    assert_int_equal(weft_file_read(arena, NULL, path, 1 << 20, &file), WEFT_OK);
    assert_int_equal(weft_graph_read(arena, NULL, path, file, &g), WEFT_OK);
    assert_int_equal(weft_compile(arena, NULL, g, c, NULL, &p), WEFT_OK);
    const weft_stream_bytes s = weft_program_stream(p, c);
    uint64_t loaded = 0;
    uint64_t counted = 0;
    for (uint32_t i = 0; i < p->n_insns; i++)
      if (weft_insn_get(&p->insns[i], WEFT_H_OP) == WEFT_I_LD)
        loaded += (uint64_t)(weft_insn_get(&p->insns[i], WEFT_F_LD_LINES) *
                             weft_insn_get(&p->insns[i], WEFT_F_LD_WIDTH) *
                             weft_insn_get(&p->insns[i], WEFT_F_LD_CHANNELS));
    for (uint32_t i = 0; i < p->n_layers; i++)
      counted += p->layers[i].bytes_in;
    assert_int_equal(s.moved + loaded, counted);
    assert_true(s.stored <= p->constants.size && s.stored > p->constants.size * 9 / 10);
    assert_true(s.moved >= s.stored);
    weft_arena_free(&arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(as_the_compiler_counts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
