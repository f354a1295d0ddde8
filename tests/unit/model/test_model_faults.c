/* SPDX-License-Identifier: Apache-2.0 */
/* The model stops cleanly: a fault names the instruction, nothing is read or
 * written outside its memories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/model/model.h"
#include "tests/common/prog_builder.h"

static weft_arena *arena;
static weft_config *config;
static prog_builder *b;

static int begin(void **state) {
  (void)state;
  arena = weft_arena_new();
  b = NULL;
  if (weft_config_load(arena, NULL, "base", NULL, 0, &config) != WEFT_OK)
    return 1;
  b = prog_builder_new(arena, config);
  return 0;
}

static int end(void **state) {
  (void)state;
  weft_arena_free(&arena);
  return 0;
}

static weft_status run(const weft_program *p, weft_diag *d, uint64_t max_cycles) {
  weft_backend_options o = {.max_cycles = max_cycles};
  uint8_t *regions[4];
  void *self;
  for (int k = 0; k < 4; k++)
    regions[k] = WEFT_NEW(arena, uint8_t, p->region_bytes[k]);
  if (p->constants.size != 0)
    memcpy(regions[0] + p->constants_offset, p->constants.data, p->constants.size);
  assert_int_equal(weft_backend_model.open(arena, d, config, &o, &self), WEFT_OK);
  weft_status s = weft_backend_model.run(self, d, p, 0, regions, NULL, NULL, NULL);
  weft_backend_model.close(self);
  return s;
}

/* The program must fault at `insn` with that fault and detail. */
static void faults(uint32_t insn, const char *found) {
  weft_diag *d = weft_diag_new(arena);
  char where[40];
  weft_status s = run(prog_finish(b, 4096, 4096), d, 0);
  assert_int_equal(s, WEFT_E_FAULT);
  assert_int_equal(weft_status_exit(s), 9);
  snprintf(where, sizeof where, "test, instruction %u (", (unsigned)insn);
  assert_int_equal(strncmp(weft_diag_at(d, 0)->where, where, strlen(where)), 0);
  assert_string_equal(weft_diag_at(d, 0)->found, found);
}

static weft_insn exc(void) {
  weft_insn i = weft_insn_make(WEFT_I_EXC);
  weft_insn_set(&i, WEFT_F_EXC_N_TILES, 1);
  weft_insn_set(&i, WEFT_F_EXC_LAST_ROWS, 1);
  weft_insn_set(&i, WEFT_F_EXC_N_GROUPS, 1);
  weft_insn_set(&i, WEFT_F_EXC_N_TAPS, 1);
  weft_insn_set(&i, WEFT_F_EXC_UNIT, 1);
  weft_insn_set(&i, WEFT_F_EXC_FIRST_K, 1);
  weft_insn_set(&i, WEFT_F_EXC_LAST_K, 1);
  return i;
}

/* Two instructions: words of an input pixel, raster. */
static void shape(void) {
  uint32_t words = 0, raster = 0;
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_G, 1);
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_TAIL, 8);
  weft_engreg_set(&raster, WEFT_R_EX_RASTER_WIDTH, 1);
  weft_engreg_set(&raster, WEFT_R_EX_RASTER_VALID, 1);
  prog_cfg(b, WEFT_Q_EX, WEFT_REG_EX_IN_WORDS, words);
  prog_cfg(b, WEFT_Q_EX, WEFT_REG_EX_RASTER, raster);
}

static void plain_program_runs(void **state) {
  (void)state;
  shape();
  prog_add(b, exc());
  assert_int_equal(run(prog_finish(b, 64, 64), weft_diag_new(arena), 0), WEFT_OK);
}

static void illegal_instructions(void **state) {
  weft_insn i = exc();
  (void)state;
  shape();
  i.lo = (i.lo & ~UINT64_C(63)) | 63;
  prog_add(b, i);
  faults(2, "ILLEGAL: unknown opcode");
}

static void reserved_modes(void **state) {
  weft_insn i = exc();
  (void)state;
  weft_insn_set(&i, WEFT_F_EXC_KMODE, 1);
  prog_add(b, i);
  faults(0, "ILLEGAL: reserved mode KMODE");
}

static void empty_register_file(void **state) {
  (void)state;
  prog_add(b, exc());
  faults(0, "ILLEGAL: IN_WORDS.G or TAIL outside its range");
}

static void taps_beyond_the_table(void **state) {
  weft_insn i = exc();
  (void)state;
  shape();
  weft_insn_set(&i, WEFT_F_EXC_TAP_BASE, 511);
  weft_insn_set(&i, WEFT_F_EXC_N_TAPS, 2);
  prog_add(b, i);
  faults(2, "ILLEGAL: taps beyond the tap table");
}

static void more_rows_than_the_array(void **state) {
  weft_insn i = exc();
  (void)state;
  shape();
  weft_insn_set(&i, WEFT_F_EXC_LAST_ROWS, 9);
  prog_add(b, i);
  faults(2, "ILLEGAL: LAST_ROWS beyond the rows of a tile");
}

static void accumulation_never_opened(void **state) {
  weft_insn i = exc();
  (void)state;
  shape();
  weft_insn_set(&i, WEFT_F_EXC_FIRST_K, 0);
  prog_add(b, i);
  faults(2, "ILLEGAL: FIRST_K = 0 without an open accumulation of as many rows");
}

static void accumulation_never_drained(void **state) {
  weft_insn i = exc();
  (void)state;
  shape();
  weft_insn_set(&i, WEFT_F_EXC_LAST_K, 0);
  prog_add(b, i);
  faults(3, "ILLEGAL: an accumulation that was never drained");
}

static void ring_underflow(void **state) {
  uint8_t words[7 * 8] = {0};
  weft_insn i = exc();
  (void)state;
  shape();
  weft_insn_set(&i, WEFT_F_EXC_UNIT, 0);
  prog_wt(b, prog_constants(b, words, sizeof words), 7, 1, 1, 0);
  prog_add(b, i);
  faults(3, "WATCHDOG: 8 ring words wanted");
}

static void ring_words_left(void **state) {
  uint8_t words[9 * 8] = {0};
  weft_insn i = exc();
  (void)state;
  shape();
  weft_insn_set(&i, WEFT_F_EXC_UNIT, 0);
  prog_wt(b, prog_constants(b, words, sizeof words), 9, 1, 1, 0);
  prog_add(b, i);
  faults(4, "ILLEGAL: 1 ring words and 0 parameter sets left");
}

static void group_longer_than_the_ring(void **state) {
  weft_insn i = exc();
  (void)state;
  shape();
  weft_insn_set(&i, WEFT_F_EXC_UNIT, 0);
  uint32_t words = 0;
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_G, 1024);
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_TAIL, 7);
  prog_cfg(b, WEFT_Q_EX, WEFT_REG_EX_IN_WORDS, words);
  prog_add(b, i);
  faults(3, "ILLEGAL: an n-group longer than the ring less 2");
}

static void wrong_parameters(void **state) {
  uint8_t set[3 * 4 * 8] = {0};
  uint32_t post = 0;
  (void)state;
  shape();
  weft_engreg_set(&post, WEFT_R_EX_POST_PARAMS, 1);
  prog_cfg(b, WEFT_Q_EX, WEFT_REG_EX_POST, post);
  prog_wt(b, prog_constants(b, set, sizeof set), 0, 1, 1, 2);
  prog_add(b, exc());
  faults(4, "ILLEGAL: a parameter set of mode 2");
}

static weft_insn dma(weft_opcode op, uint32_t offset, uint32_t width, uint32_t region) {
  weft_insn i = weft_insn_make(op);
  bool load = op == WEFT_I_LD;
  weft_insn_set(&i, load ? WEFT_F_LD_OFFSET : WEFT_F_ST_OFFSET, offset);
  weft_insn_set(&i, load ? WEFT_F_LD_LINES : WEFT_F_ST_LINES, 1);
  weft_insn_set(&i, load ? WEFT_F_LD_WIDTH : WEFT_F_ST_WIDTH, width);
  weft_insn_set(&i, load ? WEFT_F_LD_CHANNELS : WEFT_F_ST_CHANNELS, 1);
  weft_insn_set(&i, load ? WEFT_F_LD_REGION : WEFT_F_ST_REGION, region);
  return i;
}

static void load_up_to_the_last_byte(void **state) {
  (void)state;
  prog_add(b, dma(WEFT_I_LD, 4000, 96, WEFT_REGION_INPUT));
  prog_add(b, dma(WEFT_I_ST, 4095, 1, WEFT_REGION_OUTPUT));
  assert_int_equal(run(prog_finish(b, 4096, 4096), weft_diag_new(arena), 0), WEFT_OK);
}

static void load_beyond_its_region(void **state) {
  (void)state;
  prog_add(b, dma(WEFT_I_LD, 4000, 97, WEFT_REGION_INPUT));
  faults(0, "RANGE: bytes 4000..4096 of region 2");
}

static void store_beyond_its_region(void **state) {
  (void)state;
  prog_add(b, dma(WEFT_I_ST, UINT32_MAX, 1, WEFT_REGION_OUTPUT));
  faults(0, "RANGE: bytes 4294967295..4294967295 of region 3");
}

static void store_into_the_program(void **state) {
  (void)state;
  prog_add(b, dma(WEFT_I_ST, 0, 1, WEFT_REGION_CONST));
  faults(0, "ILLEGAL: ST into region 0");
}

static void weights_beyond_region_0(void **state) {
  uint8_t words[64] = {0};
  (void)state;
  prog_wt(b, prog_constants(b, words, sizeof words), 9, 1, 1, 0);
  faults(0, "RANGE: bytes up to 136 of region 0");
}

static void tokens_that_nobody_gave(void **state) {
  weft_insn i = weft_insn_make(WEFT_I_NOP);
  (void)state;
  weft_insn_set(&i, WEFT_H_QUEUE, WEFT_Q_EX);
  weft_insn_set(&i, WEFT_H_WAIT_ID, 3);
  weft_insn_set(&i, WEFT_H_WAIT_N, 1);
  prog_add(b, i);
  faults(0, "WATCHDOG: semaphore 3 holds 0");
}

static void tokens_beyond_15(void **state) {
  weft_insn i = weft_insn_make(WEFT_I_NOP);
  (void)state;
  weft_insn_set(&i, WEFT_H_QUEUE, WEFT_Q_EX);
  weft_insn_set(&i, WEFT_H_SIG_N, 8);
  prog_add(b, i);
  prog_add(b, i);
  faults(1, "ILLEGAL: semaphore 0 at 16");
}

static void work_is_capped(void **state) {
  uint32_t words = 0;
  weft_insn i = exc();
  weft_diag *d = weft_diag_new(arena);
  (void)state;
  shape();
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_G, 65535);
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_TAIL, 8);
  prog_cfg(b, WEFT_Q_EX, WEFT_REG_EX_IN_WORDS, words);
  weft_insn_set(&i, WEFT_F_EXC_N_TILES, 65535);
  weft_insn_set(&i, WEFT_F_EXC_N_GROUPS, 65535);
  weft_insn_set(&i, WEFT_F_EXC_N_TAPS, 512);
  prog_add(b, i);
  assert_int_equal(run(prog_finish(b, 64, 64), d, 1000000), WEFT_E_CAP);
  assert_int_equal(weft_status_exit(WEFT_E_CAP), 5);
}

static void without_end(void **state) {
  weft_program *p;
  weft_prog_segment s;
  weft_diag *d = weft_diag_new(arena);
  (void)state;
  prog_add(b, weft_insn_make(WEFT_I_MARK));
  p = prog_finish(b, 64, 64);
  s = p->segments[0];
  s.n_insns--;
  p->segments = &s;
  assert_int_equal(run(p, d, 0), WEFT_E_FAULT);
  assert_string_equal(weft_diag_at(d, 0)->found, "NO_END: no END");
}

/* Whatever bits instructions have, the model ends without a signal. */
static void random_words_never_crash(void **state) {
  weft_rng r = {9};
  weft_rng job = {1};
  (void)state;
  for (int k = 0; k < 400; k++) {
    weft_arena *saved = arena;
    arena = weft_arena_new();
    weft_program *p = prog_random(arena, &job, config, PROG_ALL, 4);
    weft_insn *insns = weft_arena_copy(arena, p->insns, p->n_insns * sizeof *insns);
    for (int n = 0; n < 4; n++) {
      weft_insn *i = &insns[weft_rng_range(&r, 0, (int64_t)p->n_insns - 1)];
      if (weft_rng_range(&r, 0, 1) == 0)
        i->lo ^= UINT64_C(1) << weft_rng_range(&r, 0, 63);
      else
        i->hi ^= UINT64_C(1) << weft_rng_range(&r, 0, 63);
    }
    p->insns = insns;
    weft_status s = run(p, weft_diag_new(arena), 2000000);
    assert_true(s == WEFT_OK || s == WEFT_E_FAULT || s == WEFT_E_CAP);
    weft_arena_free(&arena);
    arena = saved;
  }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(plain_program_runs), TEST(illegal_instructions), TEST(reserved_modes), TEST(empty_register_file),
    TEST(taps_beyond_the_table), TEST(more_rows_than_the_array), TEST(accumulation_never_opened),
    TEST(accumulation_never_drained), TEST(ring_underflow), TEST(ring_words_left), TEST(group_longer_than_the_ring),
    TEST(wrong_parameters), TEST(load_up_to_the_last_byte), TEST(load_beyond_its_region),
    TEST(store_beyond_its_region), TEST(store_into_the_program), TEST(weights_beyond_region_0),
    TEST(tokens_that_nobody_gave), TEST(tokens_beyond_15), TEST(work_is_capped), TEST(without_end),
    TEST(random_words_never_crash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
