/* SPDX-License-Identifier: Apache-2.0 */
#include "build/board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const good =
  "family: ecp5\ndevice: LFE5U-25F\npackage: CABGA381\nspeed: 6\nclock_mhz: 25\n"
  "target_mhz: 40.5\ndefault_config: tiny\npins: pins.lpf\nmemory.kind: sdram\n"
  "memory.bytes: 33554432\nidcode: 0x41111043\nlut: 24288\ndsp: 28\nbram: 56\n";

static int set_up(void **state) {
  *state = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  weft_arena_free((weft_arena **)state);
  return 0;
}

static weft_status parse(weft_arena *a, weft_diag *d, const char *text, weft_board **out) {
  return weft_board_parse(a, d, "board.yaml", (weft_span){(const uint8_t *)text, strlen(text)},
                          out);
}

static void a_file_and_its_defaults(void **state) {
  weft_board *b = NULL;
  assert_int_equal(parse(*state, NULL, good, &b), WEFT_OK);
  assert_string_equal(b->family, "ecp5");
  assert_int_equal(b->clock_hz, 25000000);
  assert_int_equal(b->target_hz, 40500000);
  assert_int_equal(b->idcode, 0x41111043);
  assert_int_equal(b->baud, 3000000);
  assert_string_equal(b->top, "top.sv");
  assert_true(b->memory_has_dqm);
  assert_false(b->export_only);
}

/* One line replaced: status, and a text that an issue must hold. */
static void expect(void **state, const char *line, const char *by, const char *text) {
  weft_arena *a = *state;
  weft_diag *d = weft_diag_new(a);
  weft_board *b = NULL;
  const char *at = strstr(good, line);
  assert_non_null(at);
  const char *yaml = weft_arena_printf(a, "%.*s%s%s", (int)(at - good), good, by,
                                       at + strlen(line));
  assert_int_equal(parse(a, d, yaml, &b), WEFT_E_CONFIG);
  bool is_found = false;
  for (size_t i = 0; i < weft_diag_count(d); i++) {
    const weft_issue *issue = weft_diag_at(d, i);
    const char *all[] = {issue->where, issue->found, issue->allowed, issue->remedy};
    for (size_t k = 0; k < 4; k++)
      is_found = is_found || (all[k] && strstr(all[k], text));
  }
  assert_true(is_found);
}

static void what_is_wrong_is_named(void **state) {
  expect(state, "speed: 6\n", "sped: 6\n", "speed");
  expect(state, "family: ecp5", "family: ecp", "ecp5 ice40 gowin xilinx intel");
  expect(state, "clock_mhz: 25", "clock_mhz: 0", "at most 1000");
  expect(state, "clock_mhz: 25", "clock_mhz: 25.1234567", "at most 1000");
  expect(state, "clock_mhz: 25", "clock_mhz: 1.2.3", "at most 1000");
  expect(state, "clock_mhz: 25", "clock_mhz: 99999999999999999999", "at most 1000");
  expect(state, "dsp: 28", "dsp: -1", "0..100000");
  expect(state, "dsp: 28", "dsp: 99999999999999999999", "0..100000");
  expect(state, "dsp: 28", "dsp: [28]", "a nested value");
  expect(state, "pins: pins.lpf", "pins: ../../etc/passwd", "a word of letters");
  expect(state, "pins: pins.lpf", "pins: /etc/passwd", "a word of letters");
  expect(state, "lut: 24288\n", "", "no such key");
  expect(state, "lut: 24288", "lut: 24288\nlut: 1", "once");
  expect(state, "memory.bytes: 33554432", "memory.bytes: 99999999999", "4294967295");
}

static void the_package_says_what_the_file_says(void **state) {
  weft_board *b = NULL;
  assert_int_equal(parse(*state, NULL, good, &b), WEFT_OK);
  b->name = "mine";
  const char *text = weft_board_package(*state, b, UINT64_C(0x1122334455667788));
  assert_non_null(strstr(text, "ClockHz = 25000000;"));
  assert_non_null(strstr(text, "TargetHz = 40500000;"));
  assert_non_null(strstr(text, "BuildId = 64'h1122334455667788;"));
  assert_non_null(strstr(text, "MemHasDqm = 1;"));
}

static void every_board_of_the_repository_reads(void **state) {
  const char *const *names = weft_board_names(*state, ".", NULL);
  size_t n = 0;
  for (; names[n]; n++) {
    weft_board *b = NULL;
    const char *path = NULL;
    assert_int_equal(weft_board_load(*state, NULL, ".", NULL, names[n], &b), WEFT_OK);
    assert_int_equal(weft_board_file(*state, NULL, b, b->pins, &path), WEFT_OK);
  }
  assert_true(n >= 11);
  weft_diag *d = weft_diag_new(*state);
  weft_board *b = NULL;
  assert_int_equal(weft_board_load(*state, d, ".", NULL, "ulx3s-85g", &b), WEFT_E_CONFIG);
  assert_string_equal(weft_diag_at(d, 0)->remedy, "did you mean ulx3s-85f?");
  assert_int_equal(weft_board_load(*state, d, ".", NULL, "../boards/ulx3s-85f", &b),
                   WEFT_E_CONFIG);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_file_and_its_defaults, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_is_wrong_is_named, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_package_says_what_the_file_says, set_up, tear_down),
    cmocka_unit_test_setup_teardown(every_board_of_the_repository_reads, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
