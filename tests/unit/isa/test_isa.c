/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "isa/isa.h"
#include "isa/isa_table.h"

static void fields_do_not_overlap(void **state) {
  (void)state;
  for (size_t k = 0; k < weft_isa_n_insns; k++) {
    uint8_t used[128] = {0};
    for (int f = 0; f < WEFT_N_FIELDS; f++) {
      const weft_isa_field *row = &weft_isa_fields[f];
      if (row->opcode != 0 && row->opcode != weft_isa_insns[k].opcode)
        continue;
      assert_true(row->width >= 1 && row->lsb + row->width <= 128);
      for (int b = row->lsb; b < row->lsb + row->width; b++) {
        if (used[b])
          fail_msg("%s.%s overlaps bit %d", weft_isa_insns[k].name, row->name, b);
        used[b] = 1;
      }
    }
  }
}

static void engine_fields_do_not_overlap(void **state) {
  (void)state;
  for (size_t k = 0; k < weft_isa_n_engregs; k++) {
    uint32_t used = 0;
    for (int f = 0; f < WEFT_N_ENGFIELDS; f++) {
      const weft_isa_engfield *row = &weft_isa_engfields[f];
      if (row->queue != weft_isa_engregs[k].queue || row->reg != weft_isa_engregs[k].index)
        continue;
      assert_true(row->lsb + row->width <= 32);
      uint32_t mask = (uint32_t)(((UINT64_C(1) << row->width) - 1) << row->lsb);
      assert_int_equal(used & mask, 0);
      used |= mask;
    }
    assert_int_not_equal(used, 0);
  }
}

static void opcodes_and_registers_are_unique(void **state) {
  (void)state;
  for (size_t a = 0; a < weft_isa_n_insns; a++)
    for (size_t b = 0; b < a; b++) {
      assert_int_not_equal(weft_isa_insns[a].opcode, weft_isa_insns[b].opcode);
      assert_string_not_equal(weft_isa_insns[a].name, weft_isa_insns[b].name);
    }
  for (size_t a = 0; a < weft_isa_n_engregs; a++)
    for (size_t b = 0; b < a; b++)
      assert_false(weft_isa_engregs[a].queue == weft_isa_engregs[b].queue &&
                   weft_isa_engregs[a].index == weft_isa_engregs[b].index);
}

static int64_t random_value(weft_rng *r, int width, char kind) {
  uint64_t v = weft_rng_next(r);
  if (weft_rng_range(r, 0, 3) == 0)
    v &= 3;
  v &= width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
  if (kind == 'S' && (v >> (width - 1) & 1) != 0)
    v |= UINT64_MAX << width;
  return (int64_t)v;
}

static weft_insn random_insn(weft_rng *r) {
  const weft_isa_insn *row =
      &weft_isa_insns[weft_rng_range(r, 0, (int64_t)weft_isa_n_insns - 1)];
  weft_insn i = weft_insn_make((weft_opcode)row->opcode);
  int64_t values[WEFT_N_FIELDS] = {0};
  for (int f = 0; f < WEFT_N_FIELDS; f++) {
    const weft_isa_field *field = &weft_isa_fields[f];
    if (field->opcode != row->opcode &&
        !(row->ordered && f >= (int)WEFT_H_WAIT_ID && f <= (int)WEFT_H_SIG_N))
      continue;
    values[f] = random_value(r, field->width, field->kind);
    weft_insn_set(&i, (weft_field)f, values[f]);
  }
  if (row->queue == WEFT_Q_ANY)
    weft_insn_set(&i, WEFT_H_QUEUE, weft_rng_range(r, WEFT_Q_LD, WEFT_Q_ST));
  for (int f = 0; f < WEFT_N_FIELDS; f++)
    if (weft_isa_fields[f].opcode == row->opcode)
      assert_int_equal(weft_insn_get(&i, (weft_field)f), values[f]);
  return i;
}

static void legal_words_survive_text_and_bytes(void **state) {
  weft_rng r = {1};
  int n_legal = 0;
  (void)state;
  for (int k = 0; k < 30000; k++) {
    weft_arena *arena = weft_arena_new();
    weft_insn back, i = random_insn(&r);
    uint8_t bytes[WEFT_INSN_BYTES];
    weft_insn_store(&i, bytes);
    back = weft_insn_load(bytes);
    assert_memory_equal(&back, &i, sizeof i);
    const char *text = weft_insn_text(arena, &i);
    n_legal += weft_insn_illegal(&i) == NULL;
    assert_int_equal(strncmp(text, "RAW", 3) == 0, weft_insn_illegal(&i) != NULL);
    memset(&back, 0xff, sizeof back);
    assert_int_equal(weft_insn_parse(weft_diag_new(arena), "a.txt", text, 1, &back), WEFT_OK);
    assert_memory_equal(&back, &i, sizeof i);
    weft_arena_free(&arena);
  }
  assert_true(n_legal > 5000);
}

/* A word is either refused or made of its fields alone. */
static void random_words_are_refused_or_covered(void **state) {
  weft_rng r = {2};
  int n_legal = 0;
  (void)state;
  for (int k = 0; k < 300000; k++) {
    weft_insn i = random_insn(&r);
    uint64_t flip = UINT64_C(1) << weft_rng_range(&r, 0, 63);
    if (weft_rng_range(&r, 0, 1) == 0)
      i.lo ^= flip;
    else
      i.hi ^= flip;
    if (weft_insn_illegal(&i) != NULL)
      continue;
    n_legal++;
    weft_insn again = weft_insn_make((weft_opcode)weft_insn_get(&i, WEFT_H_OP));
    for (int f = 0; f < WEFT_N_FIELDS; f++)
      if (weft_isa_fields[f].opcode == 0 ||
          weft_isa_fields[f].opcode == weft_insn_get(&i, WEFT_H_OP))
        weft_insn_set(&again, (weft_field)f, weft_insn_get(&i, (weft_field)f));
    assert_memory_equal(&again, &i, sizeof i);
  }
  assert_true(n_legal > 10000);
}

static void check_illegal(weft_insn i, const char *why) {
  const char *found = weft_insn_illegal(&i);
  assert_non_null(found);
  assert_string_equal(found, why);
}

static weft_insn one_tile(void) {
  weft_insn i = weft_insn_make(WEFT_I_EXC);
  weft_insn_set(&i, WEFT_F_EXC_N_TILES, 1);
  weft_insn_set(&i, WEFT_F_EXC_N_GROUPS, 1);
  weft_insn_set(&i, WEFT_F_EXC_N_TAPS, 1);
  weft_insn_set(&i, WEFT_F_EXC_LAST_ROWS, 1);
  return i;
}

static void each_rule_has_its_reason(void **state) {
  weft_insn i = {0, 0};
  (void)state;
  check_illegal(i, "unknown opcode");
  i = one_tile();
  assert_null(weft_insn_illegal(&i));
  weft_insn_set(&i, WEFT_F_EXC_FOLD, 1);
  check_illegal(i, "reserved mode FOLD");
  i = one_tile();
  weft_insn_set(&i, WEFT_F_EXC_KMODE, 2);
  check_illegal(i, "reserved mode KMODE");
  i = one_tile();
  weft_insn_set(&i, WEFT_F_EXC_MAX, 1);
  check_illegal(i, "MAX without UNIT");
  i = one_tile();
  weft_insn_set(&i, WEFT_F_EXC_N_TILES, 2);
  check_illegal(i, "FIRST_K or LAST_K = 0 with more than one tile or n-group");
  i = one_tile();
  weft_insn_set(&i, WEFT_H_QUEUE, WEFT_Q_LD);
  check_illegal(i, "wrong queue");
  i = one_tile();
  weft_insn_set(&i, WEFT_H_LAG, 1);
  check_illegal(i, "reserved field LAG is not 0");
  i = weft_insn_make(WEFT_I_TAP);
  weft_insn_set(&i, WEFT_H_SIG_N, 1);
  check_illegal(i, "a configuration instruction waits or signals");
  i = weft_insn_make(WEFT_I_END);
  i.hi = 1;
  check_illegal(i, "reserved bits are not 0");
  i = weft_insn_make(WEFT_I_LCFG);
  weft_insn_set(&i, WEFT_F_LCFG_REG_B, 4);
  check_illegal(i, "no such engine register");
  check_illegal(weft_insn_make(WEFT_I_WT), "N_GROUPS or REPEATS is 0");
  check_illegal(weft_insn_make(WEFT_I_LD), "LINES, WIDTH or CHANNELS is 0");
  check_illegal(weft_insn_make(WEFT_I_ST), "ST into region 0");
  check_illegal(weft_insn_make(WEFT_I_NOP), "wrong queue");
}

static void bad_text_names_line_and_word(void **state) {
  static const struct { const char *text, *found; } cases[] = {
    {"", "\"\""}, {"FROB", "\"FROB\""}, {"EXC N_TILE=1", "\"N_TILE=1\""},
    {"EXC N_TILES=65536", "\"N_TILES=65536\""}, {"EXC N_TILES=-1", "\"N_TILES=-1\""},
    {"EXC N_TILES=1 N_TILES=1", "\"N_TILES=1\""}, {"EXC N_TILES", "\"N_TILES\""},
    {"EXC N_TILES=99999999999999999999999", "\"N_TILES=99999999999999999999999\""},
    {"END wait=1", "\"wait=1\""}, {"NOP queue=CTL", "\"queue=CTL\""},
    {"NOP queue=EX wait=8:1", "\"wait=8:1\""}, {"RAW 0x1 0x2", "\"0x1\""},
    {"RAW", "\"RAW\""}, {"END sig=0:1", "\"END\""}, {"MARK ID=0x", "\"ID=0x\""},
    {"CFG REG_A=FOO VAL_A=1 REG_B=none", "\"REG_A=FOO\""},
  };
  weft_arena *arena = weft_arena_new();
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    weft_insn i;
    weft_diag *d = weft_diag_new(arena);
    assert_int_equal(weft_insn_parse(d, "a.txt", cases[k].text, 41, &i), WEFT_E_PROGRAM);
    assert_int_equal(weft_diag_count(d), 1);
    assert_string_equal(weft_diag_at(d, 0)->where, "a.txt, line 41");
    assert_string_equal(weft_diag_at(d, 0)->found, cases[k].found);
  }
  weft_arena_free(&arena);
}

static void engine_registers_round_trip(void **state) {
  weft_rng r = {3};
  (void)state;
  for (int k = 0; k < 2000; k++)
    for (int f = 0; f < WEFT_N_ENGFIELDS; f++) {
      const weft_isa_engfield *row = &weft_isa_engfields[f];
      uint32_t before = (uint32_t)weft_rng_next(&r), reg = before;
      int64_t v = random_value(&r, row->width, row->kind);
      weft_engreg_set(&reg, (weft_engfield)f, v);
      assert_int_equal(weft_engreg_get(reg, (weft_engfield)f), v);
      uint32_t mask = (uint32_t)(((UINT64_C(1) << row->width) - 1) << row->lsb);
      assert_int_equal(reg & ~mask, before & ~mask);
    }
}

static size_t lock_text(char *out, size_t cap) {
  size_t n = (size_t)snprintf(out, cap, "ISA_VERSION %u\n", weft_isa_version);
  for (size_t k = 0; k < weft_isa_n_insns; k++)
    n += (size_t)snprintf(out + n, cap - n, "insn %s %d queue %d ordered %d\n", weft_isa_insns[k].name,
                          weft_isa_insns[k].opcode, weft_isa_insns[k].queue, weft_isa_insns[k].ordered);
  for (int f = 0; f < WEFT_N_FIELDS; f++) {
    const weft_isa_field *row = &weft_isa_fields[f];
    n += (size_t)snprintf(out + n, cap - n, "field %d %s %d %d %c\n", row->opcode, row->name, row->lsb,
                          row->width, row->kind);
  }
  for (size_t k = 0; k < weft_isa_n_engregs; k++)
    n += (size_t)snprintf(out + n, cap - n, "reg %d %s %d\n", weft_isa_engregs[k].queue,
                          weft_isa_engregs[k].name, weft_isa_engregs[k].index);
  for (int f = 0; f < WEFT_N_ENGFIELDS; f++) {
    const weft_isa_engfield *row = &weft_isa_engfields[f];
    n += (size_t)snprintf(out + n, cap - n, "bits %d %d %s %d %d %c\n", row->queue, row->reg, row->name,
                          row->lsb, row->width, row->kind);
  }
  return n;
}

/* Old program files must stay readable or be refused: whoever moves a bit bumps
 * ISA_VERSION and writes the new lock (the text is left in build/isa.lock). */
static void encodings_are_locked(void **state) {
  static char text[65536];
  weft_arena *arena = weft_arena_new();
  weft_span lock = {NULL, 0};
  size_t n = lock_text(text, sizeof text);
  (void)state;
  assert_true(n < sizeof text);
  assert_int_equal(weft_file_read(arena, NULL, "tests/golden/isa.lock", 1 << 20, &lock), WEFT_OK);
  if (lock.size != n || memcmp(lock.data, text, n) != 0) {
    (void)weft_file_write(NULL, "build/isa.lock", text, n);
    fail_msg("encodings differ from tests/golden/isa.lock: raise ISA_VERSION, "
             "then copy build/isa.lock there");
  }
  weft_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fields_do_not_overlap),
    cmocka_unit_test(engine_fields_do_not_overlap),
    cmocka_unit_test(opcodes_and_registers_are_unique),
    cmocka_unit_test(legal_words_survive_text_and_bytes),
    cmocka_unit_test(random_words_are_refused_or_covered),
    cmocka_unit_test(each_rule_has_its_reason),
    cmocka_unit_test(bad_text_names_line_and_word),
    cmocka_unit_test(engine_registers_round_trip),
    cmocka_unit_test(encodings_are_locked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
