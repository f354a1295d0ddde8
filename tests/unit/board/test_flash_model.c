/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the flash model, kept by one reader and broken by the same one
 * with one thing wrong. */
#include "sim/board/flash_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HALF 20000u             /* ps */

static uint8_t *data;
static flash_model *m;
static uint64_t now;

typedef struct wrong {          /* all 0: a good reader                       */
  uint64_t early, wake_early, high_short;
  bool no_wake, drives_dummy, single_address, bad_command, fast;
} wrong;

static void pins(bool cs_n, bool sck, uint32_t io, uint32_t oe) {
  const flash_pins p = {cs_n, sck, io, oe};
  flash_pins_at(m, now, &p);
}
static void clock_one(uint32_t io, uint32_t oe, uint64_t half) {
  now += half;
  pins(false, true, io, oe);
  now += half;
  pins(false, false, io, oe);
}
static void command(uint32_t c, uint64_t half) {
  pins(false, false, 0, 0xd);
  for (int i = 7; i >= 0; i--)
    clock_one((c >> i & 1u) | 0xc, 0xd, half);
}
static void deselect(uint64_t high) {
  now += HALF;
  pins(true, false, 0, 0);
  now += high;
}

/* Reads two bytes at `at` with EBh; the first of a series sends the command. */
static uint32_t read_two(const wrong *w, uint32_t at, bool is_first) {
  const uint64_t half = w->fast ? 3000 : HALF;
  uint32_t got = 0;
  if (is_first)
    command(w->bad_command ? 0x6b : 0xeb, half);
  else
    pins(false, false, 0, 0);
  const uint32_t out = at << 8 | 0xa0;
  for (int i = 7; i >= 0; i--)
    clock_one(out >> 4 * i & 0xf, w->single_address ? 0xd : 0xf, half);
  for (int i = 0; i < 4; i++)
    clock_one(0, w->drives_dummy ? 0xd : 0, half);
  for (int i = 0; i < 4; i++) {
    got = got << 4 | flash_io(m, now + half + half - 1);
    clock_one(0, 0, half);
  }
  return got;
}

static void session(const wrong *w) {
  m = flash_open(flash_chip_find("w25q128jv"), data, FLASH_ASLEEP, 0, 1);
  now = 20000000 - w->early;
  if (!w->no_wake) {
    command(0xab, HALF);
    deselect(3000000 - w->wake_early);
  }
  const uint32_t first = read_two(w, 0x123456, true);
  deselect(10000 - w->high_short);
  const uint32_t second = read_two(w, 0x000102, false);
  if (flash_error(m) == NULL) {
    assert_int_equal(first, 0x5657);
    assert_int_equal(second, 0x0203);
  }
}

static void a_good_reader(void **state) {
  (void)state;
  const wrong none = {0};
  session(&none);
  assert_null(flash_error(m));
  flash_close(m);
}

static void each_rule_is_broken(void **state) {
  (void)state;
  static const struct { const char *rule; wrong w; } rows[] = {
    {"tVSL", {.early = HALF + 1}},
    {"tRES1", {.wake_early = 16 * HALF}},
    {"tSHSL", {.high_short = 1}},
    {"power-down", {.no_wake = true}},
    {"contention", {.drives_dummy = true}},
    {"address", {.single_address = true}},
    {"command", {.bad_command = true}},
    {"tCK", {.fast = true}},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    session(&rows[i].w);
    if (flash_error_rule(m) == NULL || strcmp(flash_error_rule(m), rows[i].rule) != 0)
      fail_msg("%s: found %s", rows[i].rule, flash_error(m) ? flash_error(m) : "nothing");
    flash_close(m);
  }
}

static void an_address_must_be_whole(void **state) {
  (void)state;
  m = flash_open(flash_chip_find("w25q128jv"), data, FLASH_CONTINUOUS, 0, 1);
  now = 30000000;
  pins(false, false, 0, 0xf);
  for (int i = 0; i < 3; i++)
    clock_one(0, 0xf, HALF);
  deselect(HALF);
  assert_string_equal(flash_error_rule(m), "aborted");
  flash_close(m);
}

static void chip_select_changes_with_sck_low(void **state) {
  (void)state;
  m = flash_open(flash_chip_find("w25q128jv"), data, FLASH_AWAKE, 0, 1);
  now = 30000000;
  pins(false, true, 0, 0);
  assert_string_equal(flash_error_rule(m), "chip select");
  flash_close(m);
}

static void old_data_then_garbage_then_new(void **state) {
  (void)state;
  const wrong none = {0};
  session(&none);                                 /* last falling edge at now */
  const uint64_t edge = now;
  assert_int_equal(flash_io(m, edge + 1499), 0x3);
  assert_int_equal(flash_io(m, edge + 6000), 0x0);    /* first nibble of byte 0x104 */
  flash_set_faults(m, 1, false);
  assert_int_equal(flash_io(m, edge + 1499), 0x2);
  flash_close(m);
}

static int set_up(void **state) {
  (void)state;
  data = test_malloc(1u << 24);
  for (uint32_t i = 0; i < 1u << 24; i++)
    data[i] = (uint8_t)i;
  return 0;
}
static int tear_down(void **state) {
  (void)state;
  test_free(data);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_good_reader),
    cmocka_unit_test(each_rule_is_broken),
    cmocka_unit_test(an_address_must_be_whole),
    cmocka_unit_test(chip_select_changes_with_sck_low),
    cmocka_unit_test(old_data_then_garbage_then_new),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
