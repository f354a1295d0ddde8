/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the chip model: a sequence that keeps it, and the same one clock
 * (or one step) short, which the model must stop with that rule's name. */
#include "sim/board/sdram_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PERIOD = 7500 };
enum { MODE, REF, PRE, ACT, WRITE, READ, STOP, NOP };

typedef struct action {
  int wait;                     /* clocks of NOP before it                     */
  int command;
  uint32_t ba, a;
} action;

static sdram_model *m;

static bool clock_one(int command, uint32_t ba, uint32_t a) {
  const unsigned c = (unsigned)command;
  const sdram_pins p = {.cke = true, .ras_n = (c & 4) != 0, .cas_n = (c & 2) != 0, .we_n = (c & 1) != 0,
                        .ba = ba, .a = a, .dq = 0x5a5a, .dq_oe = command == WRITE};
  return sdram_clock(m, &p);
}

static void play(const action *list, size_t n) {
  for (size_t i = 0; i < n && list[i].wait >= 0; i++) {
    for (int k = 0; k < list[i].wait; k++)
      clock_one(NOP, 0, 0);
    clock_one(list[i].command, list[i].ba, list[i].a);
  }
}

static void open_chip(const char *name, bool is_initialised) {
  m = sdram_open(sdram_chip_find(name), PERIOD, PERIOD, 0, 1);
  assert_non_null(m);
  static const action init[] = {{13400, PRE, 0, 0x400}, {3, REF, 0, 0}, {9, REF, 0, 0}, {9, MODE, 0, 0x30}, {2, NOP, 0, 0}};
  if (is_initialised)
    play(init, sizeof init / sizeof *init);
  assert_null(sdram_error(m));
}

#define END {-1, 0, 0, 0}
typedef struct rule_row {
  const char *rule;
  bool is_initialised;
  action good[5], bad[5];       /* with PERIOD 7.5 ns: RCD RP 3, RAS 6, RC 9, RRD 2, WR 2, RFC 9 */
} rule_row;

static const rule_row rows[] = {
  {"tRCD", true, {{0, ACT, 0, 1}, {2, READ, 0, 0}, END}, {{0, ACT, 0, 1}, {1, READ, 0, 0}, END}},
  {"tRAS", true, {{0, ACT, 0, 1}, {5, PRE, 0, 0}, END}, {{0, ACT, 0, 1}, {4, PRE, 0, 0}, END}},
  {"tRP", true, {{0, ACT, 0, 1}, {9, PRE, 0, 0}, {2, ACT, 0, 2}, END}, {{0, ACT, 0, 1}, {9, PRE, 0, 0}, {1, ACT, 0, 2}, END}},
  {"tRRD", true, {{0, ACT, 0, 1}, {1, ACT, 1, 1}, END}, {{0, ACT, 0, 1}, {0, ACT, 1, 1}, END}},
  {"tWR", true, {{0, ACT, 0, 1}, {8, WRITE, 0, 0}, {1, PRE, 0, 0}, END}, {{0, ACT, 0, 1}, {8, WRITE, 0, 0}, {0, PRE, 0, 0}, END}},
  {"tRFC", true, {{0, REF, 0, 0}, {8, ACT, 0, 1}, END}, {{0, REF, 0, 0}, {7, ACT, 0, 1}, END}},
  {"tMRD", true, {{0, MODE, 0, 0x30}, {1, ACT, 0, 1}, END}, {{0, MODE, 0, 0x30}, {0, ACT, 0, 1}, END}},
  {"bus turn", true, {{0, ACT, 0, 1}, {3, READ, 0, 0}, {4, WRITE, 0, 1}, END}, {{0, ACT, 0, 1}, {3, READ, 0, 0}, {3, WRITE, 0, 1}, END}},
  {"bank open", true, {{0, ACT, 0, 1}, {9, ACT, 1, 2}, END}, {{0, ACT, 0, 1}, {9, ACT, 0, 2}, END}},
  {"bank closed", true, {{0, ACT, 0, 1}, {9, READ, 0, 2}, END}, {{0, ACT, 0, 1}, {9, READ, 1, 2}, END}},
  {"auto precharge", true, {{0, ACT, 0, 1}, {9, READ, 0, 2}, END}, {{0, ACT, 0, 1}, {9, READ, 0, 0x402}, END}},
  {"command", true, {{0, NOP, 0, 0}, END}, {{0, STOP, 0, 0}, END}},
  {"mode", true, {{0, MODE, 0, 0x230}, END}, {{0, MODE, 0, 0x33}, END}},
  {"CAS latency", true, {{0, MODE, 0, 0x30}, END}, {{0, MODE, 0, 0x40}, END}},
  {"tCK", true, {{0, MODE, 0, 0x30}, END}, {{0, MODE, 0, 0x20}, END}},
  {"power up", false, {{13400, PRE, 0, 0x400}, END}, {{13300, PRE, 0, 0x400}, END}},
  {"init order", false, {{13400, PRE, 0, 0x400}, {3, REF, 0, 0}, END}, {{13400, REF, 0, 0}, END}},
  {"init order", false, {{13400, PRE, 0, 0x400}, {3, REF, 0, 0}, {9, REF, 0, 0}, {9, MODE, 0, 0x30}, END},
   {{13400, PRE, 0, 0x400}, {3, REF, 0, 0}, {9, MODE, 0, 0x30}, END}},
  {"init order", false, {{13400, PRE, 0, 0x400}, END}, {{13400, PRE, 0, 0x400}, {3, ACT, 0, 1}, END}},
};

static void each_rule_is_kept_and_broken(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    open_chip("mt48lc16m16a2-6a", rows[i].is_initialised);
    play(rows[i].good, 5);
    if (sdram_error(m) != NULL)
      fail_msg("%s: %s", rows[i].rule, sdram_error(m));
    sdram_close(m);
    open_chip("mt48lc16m16a2-6a", rows[i].is_initialised);
    play(rows[i].bad, 5);
    if (sdram_error_rule(m) == NULL || strcmp(sdram_error_rule(m), rows[i].rule) != 0)
      fail_msg("%s: found %s", rows[i].rule, sdram_error(m) ? sdram_error(m) : "nothing");
    sdram_close(m);
  }
}

/* Rules that others cover in a chip as it is: tRC = tRAS + tRP, and eight
 * refreshes take less than the longest open row. */
static void rules_behind_others(void **state) {
  (void)state;
  static const action rc[] = {{13400, PRE, 0, 0x400}, {3, REF, 0, 0}, {9, REF, 0, 0}, {9, MODE, 0, 0x30},
                              {2, ACT, 0, 1}, {5, PRE, 0, 0}, {2, ACT, 0, 2}};
  static const action open[] = {{13400, PRE, 0, 0x400}, {3, REF, 0, 0}, {9, REF, 0, 0}, {9, MODE, 0, 0x30},
                                {2, ACT, 0, 1}, {16000, PRE, 0, 0}};
  sdram_chip chip = *sdram_chip_find("mt48lc16m16a2-6a");
  chip.rc += PERIOD;
  m = sdram_open(&chip, PERIOD, PERIOD, 0, 1);
  play(rc, sizeof rc / sizeof *rc);
  assert_string_equal(sdram_error_rule(m), "tRC");
  sdram_close(m);
  chip.refi = 1000000000;
  m = sdram_open(&chip, PERIOD, PERIOD, 0, 1);
  play(open, sizeof open / sizeof *open);
  assert_string_equal(sdram_error_rule(m), "tRAS max");
  sdram_close(m);
}

static void eight_refreshes_may_be_postponed(void **state) {
  (void)state;
  open_chip("mt48lc16m16a2-6a", true);
  int clocks = 0;
  while (clock_one(NOP, 0, 0))
    clocks++;
  assert_string_equal(sdram_error_rule(m), "tREFI");
  assert_in_range(clocks, 9 * 7812500 / PERIOD - 8, 9 * 7812500 / PERIOD);
  sdram_close(m);
}

/* Data are there from the access time to the hold after the next edge, and only then. */
static void data_have_their_window(void **state) {
  (void)state;
  open_chip("mt48lc16m16a2-6a", true);
  clock_one(ACT, 1, 7);
  for (int i = 0; i < 3; i++)
    clock_one(NOP, 0, 0);
  *sdram_word(m, 1, 7, 9) = 0x1234;
  clock_one(READ, 1, 9);
  const uint64_t edge = sdram_counted(m).clocks * PERIOD;       /* of the READ */
  const uint64_t from = edge + 2 * PERIOD + 5400, until = edge + 3 * PERIOD + 2700;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(sdram_dq(m, from), 0x1234);
    assert_int_equal(sdram_dq(m, until - 1), 0x1234);
  }
  int equal = 0;
  for (int i = 0; i < 3; i++)
    equal += (sdram_dq(m, from - 1) == 0x1234) + (sdram_dq(m, until) == 0x1234);
  assert_true(equal < 2);
  sdram_close(m);
}

static void masks_and_faults(void **state) {
  (void)state;
  open_chip("mt48lc16m16a2-6a", true);
  *sdram_word(m, 0, 1, 5) = 0xffff;
  clock_one(ACT, 0, 1);
  for (int i = 0; i < 3; i++)
    clock_one(NOP, 0, 0);
  const sdram_pins p = {.cke = true, .ras_n = true, .a = 5, .dqm = 2, .dq = 0x1234, .dq_oe = true};
  assert_true(sdram_clock(m, &p));
  assert_int_equal(*sdram_word(m, 0, 1, 5), 0xff34);
  const sdram_faults dead = {0x30, 0x4};
  sdram_set_faults(m, &dead);
  clock_one(READ, 0, 5);                          /* column 1 answers, bits 4 and 5 as 0 */
  *sdram_word(m, 0, 1, 1) = 0xffff;
  clock_one(READ, 0, 5);
  assert_int_equal(sdram_dq(m, (sdram_counted(m).clocks + 2) * PERIOD + 5400), 0xffcf);
  sdram_close(m);
}

static void bad_chips_are_refused(void **state) {
  (void)state;
  const sdram_chip *good = sdram_chip_find("m12l64322a-6");
  assert_null(sdram_chip_find("m12"));
  assert_null(sdram_open(good, 0, 1, 0, 1));
  assert_null(sdram_open(good, 100, 101, 0, 1));
  sdram_chip c = *good;
  c.data_bits = 8;
  assert_null(sdram_open(&c, 100, 50, 0, 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_rule_is_kept_and_broken),
    cmocka_unit_test(rules_behind_others),
    cmocka_unit_test(eight_refreshes_may_be_postponed),
    cmocka_unit_test(data_have_their_window),
    cmocka_unit_test(masks_and_faults),
    cmocka_unit_test(bad_chips_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
