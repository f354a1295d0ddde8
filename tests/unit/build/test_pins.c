/* SPDX-License-Identifier: Apache-2.0 */
#include "build/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "build/board.h"

static int set_up(void **state) {
  *state = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  weft_arena_free((weft_arena **)state);
  return 0;
}

static weft_status parse(weft_arena *a, weft_diag *d, const char *where, const char *text,
                         pins *out) {
  return pins_parse(a, d, where, (weft_span){(const uint8_t *)text, strlen(text)}, out);
}

static void all_five_formats(void **state) {
  static const struct { const char *where, *text; } files[] = {
    {"a.lpf", "# x\nLOCATE COMP \"clk\" SITE \"G2\"; IOBUF PORT \"clk\" IO_TYPE=LVCMOS33;\n"
              "LOCATE COMP \"led[0]\" SITE \"B2\";\nFREQUENCY PORT \"clk\" 25 MHZ;\n"},
    {"a.pcf", "set_io clk G2\nset_io -nowarn led[0] B2 \n"},
    {"a.cst", "IO_LOC \"clk\" G2;\nIO_PORT \"clk\" IO_TYPE=LVCMOS33;\nIO_LOC \"led[0]\" B2;"},
    {"a.xdc", "set_property -dict {PACKAGE_PIN G2 IOSTANDARD LVCMOS33} [get_ports clk]\n"
              "set_property -dict {PACKAGE_PIN B2 IOSTANDARD LVCMOS33} [get_ports {led[0]}]\n"},
    {"a.qsf", "set_location_assignment PIN_G2 -to clk\nset_location_assignment PIN_B2 -to led[0]\n"},
  };
  for (size_t i = 0; i < 5; i++) {
    pins p;
    assert_int_equal(parse(*state, NULL, files[i].where, files[i].text, &p), WEFT_OK);
    assert_int_equal(p.n, 2);
    assert_string_equal(p.items[0].port, "clk");
    assert_string_equal(p.items[0].site, i == 4 ? "PIN_G2" : "G2");
    assert_string_equal(p.items[1].port, "led[0]");
    assert_string_equal(p.items[1].site, i == 4 ? "PIN_B2" : "B2");
    assert_int_equal(pins_match(*state, NULL, "a", &p, "clk 1 input\nled 1 output\n", ""),
                     WEFT_OK);
  }
}

static void a_port_or_pin_twice_is_refused(void **state) {
  pins p;
  weft_diag *d = weft_diag_new(*state);
  assert_int_equal(parse(*state, d, "a.pcf", "set_io clk 1\nset_io clk 2\n", &p), WEFT_E_CONFIG);
  assert_string_equal(weft_diag_at(d, 0)->where, "a.pcf:2: clk");
  assert_int_equal(parse(*state, d, "a.pcf", "set_io clk 1\nset_io led 1\n", &p), WEFT_E_CONFIG);
  assert_string_equal(weft_diag_at(d, 1)->found, "pin 1, which clk has");
  assert_int_equal(parse(*state, d, "a.pcf", "set_io clk\n", &p), WEFT_E_CONFIG);
  assert_int_equal(parse(*state, d, "a.txt", "", &p), WEFT_E_CONFIG);
}

static void every_port_bit_has_one_pin(void **state) {
  pins p;
  weft_diag *d = weft_diag_new(*state);
  const char *file = "set_io clk 1\nset_io a[0] 2\nset_io a[2] 3\nset_io b 4\n";
  assert_int_equal(parse(*state, d, "a.pcf", file, &p), WEFT_OK);
  assert_int_equal(pins_match(*state, d, "a.pcf", &p, "a 3 inout\nclk 1 input\n", ""),
                   WEFT_E_CONFIG);
  assert_int_equal(weft_diag_count(d), 2);
  assert_string_equal(weft_diag_at(d, 0)->where, "a.pcf: a[1]");
  assert_string_equal(weft_diag_at(d, 1)->where, "a.pcf:4: b");
  const char *ports = "a 3 inout\nb 1 input\nclk 1 input\nIO_x_dq 32 inout\n";
  assert_int_equal(parse(*state, d, "a.pcf", weft_arena_printf(*state, "%sset_io a[1] 5\n", file),
                         &p), WEFT_OK);
  assert_int_equal(pins_match(*state, NULL, "a.pcf", &p, ports, "O_x_ IO_x_"), WEFT_OK);
  assert_int_equal(pins_match(*state, NULL, "a.pcf", &p, ports, ""), WEFT_E_CONFIG);
}

static void pins_of_every_board_are_sound(void **state) {
  const char *const *names = weft_board_names(*state, ".", NULL);
  size_t n = 0;
  for (; names[n]; n++) {
    weft_board *b = NULL;
    pins p;
    weft_span text;
    const char *path = NULL;
    assert_int_equal(weft_board_load(*state, NULL, ".", NULL, names[n], &b), WEFT_OK);
    assert_int_equal(weft_board_file(*state, NULL, b, b->pins, &path), WEFT_OK);
    assert_int_equal(weft_file_read(*state, NULL, path, 1 << 20, &text), WEFT_OK);
    assert_int_equal(pins_parse(*state, NULL, path, text, &p), WEFT_OK);
    assert_true(p.n > 0 || b->export_only);
  }
  assert_true(n >= 11);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(all_five_formats, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_port_or_pin_twice_is_refused, set_up, tear_down),
    cmocka_unit_test_setup_teardown(every_port_bit_has_one_pin, set_up, tear_down),
    cmocka_unit_test_setup_teardown(pins_of_every_board_are_sound, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
