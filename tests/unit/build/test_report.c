/* SPDX-License-Identifier: Apache-2.0 */
#include "build/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/weft-report-XXXXXX";

static int set_up(void **state) {
  *state = weft_arena_new();
  strcpy(path + strlen(path) - 6, "XXXXXX");
  close(mkstemp(path));
  return 0;
}
static int tear_down(void **state) {
  unlink(path);
  weft_arena_free((weft_arena **)state);
  return 0;
}

static void put(const char *text) {
  FILE *f = fopen(path, "w");
  fputs(text, f);
  fclose(f);
}

static const char *const sample =
  "{\"critical_paths\": [{\"from\": \"posedge c\", \"to\": \"posedge c\", \"path\": ["
  "{\"delay\": 1.5, \"type\": \"clk-to-q\", \"to\": {\"cell\": \"u_a.x_q_TRELLIS_FF_Q\"}},"
  "{\"delay\": 2, \"net\": \"u_a.y\"}, {\"delay\": 0.5, \"net\": \"u_a.y_LUT4_Z\"}]},"
  "{\"from\": \"async\", \"to\": \"posedge c\", \"path\": [{\"delay\": 99, \"net\": \"pad\"}]}],"
  "\"fmax\": {\"c\": {\"achieved\": 79.999, \"constraint\": 80}, \"pad\": {\"achieved\": 30, "
  "\"constraint\": 25}}, \"utilization\": {\"TRELLIS_COMB\": {\"used\": 7, \"available\": 9},"
  "\"MULT18X18D\": {\"used\": 1, \"available\": 2}}}";

static void clocks_cells_and_the_worst_path(void **state) {
  report r;
  put(sample);
  assert_int_equal(report_read(*state, NULL, path, family_find("ecp5"), 80, &r), WEFT_OK);
  assert_false(r.is_met);
  assert_true(r.fmax_mhz < 80 && r.fmax_mhz > 79.9);
  assert_int_equal(r.cells, 7);
  assert_int_equal(r.cells_of, 9);
  assert_int_equal(r.dsp, 1);
  assert_int_equal(r.bram, 0);
  assert_int_equal(r.n_steps, 2);
  assert_string_equal(r.steps[0].name, "u_a.x_q");
  assert_string_equal(r.steps[1].name, "u_a.y");
  assert_true(r.steps[1].at_ns > 3.99 && r.steps[1].at_ns < 4.01);
  assert_int_equal(report_read(*state, NULL, path, family_find("ecp5"), 79.9, &r), WEFT_OK);
  assert_true(r.is_met);
}

static void gowin_counts_places_of_luts_and_halves_of_multipliers(void **state) {
  report r;
  put("{\"critical_paths\": [], \"fmax\": {\"c\": {\"achieved\": 50, \"constraint\": 40.5}},"
      "\"utilization\": {\"LUT4\": {\"used\": 7, \"available\": 100}, \"ALU\": {\"used\": 5, "
      "\"available\": 75}, \"RAM16SDP4\": {\"used\": 2, \"available\": 9}, \"MULT9X9\": {\"used\": 3, "
      "\"available\": 96}, \"MULT18X18\": {\"used\": 4, \"available\": 48}}}");
  assert_int_equal(report_read(*state, NULL, path, family_find("gowin"), 40.5, &r), WEFT_OK);
  assert_true(r.is_met);
  assert_int_equal(r.cells, 7 + 5 + 4 * 2);
  assert_int_equal(r.cells_of, 100);
  assert_int_equal(r.dsp, 3 + 2 * 4);
  assert_int_equal(r.dsp_of, 96);
}

static void damaged_reports_are_errors(void **state) {
  report r;
  area a;
  const size_t n = strlen(sample);
  for (size_t i = 0; i < n; i++) {
    put(weft_arena_printf(*state, "%.*s", (int)i, sample));
    assert_int_equal(report_read(*state, NULL, path, family_find("ecp5"), 80, &r), WEFT_E_TOOL);
  }
  static const char *const wrong[] = {"[]", "{}", "{\"fmax\": 3}", "{\"fmax\": {\"c\": []}}",
                                      "{\"modules\": [], \"critical_paths\": {\"a\": 1}}"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    put(wrong[i]);
    assert_int_equal(report_read(*state, NULL, path, family_find("ecp5"), 80, &r), WEFT_E_TOOL);
    assert_int_equal(area_read(*state, NULL, path, &a), WEFT_E_TOOL);
  }
}

static void what_does_not_fit_is_told_in_numbers(void **state) {
  weft_diag *d = weft_diag_new(*state);
  put("Info: Device utilisation:\nInfo: \t         ICESTORM_LC:    6000/   5280   113%\n"
      "Info: \t        ICESTORM_RAM:      16/     30    53%\nERROR: no BELs remaining\n");
  assert_int_equal(report_no_fit(*state, d, path), WEFT_E_NO_FIT);
  assert_int_equal(weft_diag_count(d), 1);
  assert_string_equal(weft_diag_at(d, 0)->where, "ICESTORM_LC");
  assert_string_equal(weft_diag_at(d, 0)->found, "6000 used, 720 too many");
  put("ERROR: something else\n");
  assert_int_equal(report_no_fit(*state, d, path), WEFT_OK);
}

static void cells_by_module(void **state) {
  area a;
  put("{\"total\": {\"LUT4\": 5, \"CCU2C\": 2, \"MULT18X18D\": 1}, \"modules\": {"
      "\"u_b\": {\"LUT4\": 1, \"CCU2C\": 2}, \"u_a\": {\"LUT4\": 4, \"MULT18X18D\": 1}}}");
  assert_int_equal(area_read(*state, NULL, path, &a), WEFT_OK);
  assert_int_equal(a.n_modules, 2);
  assert_string_equal(a.modules[0].name, "u_a");
  assert_int_equal(a.modules[0].n[CELL_DSP], 1);
  assert_int_equal(a.modules[1].size, 5);
  assert_int_equal(a.total.size, 9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(clocks_cells_and_the_worst_path, set_up, tear_down),
    cmocka_unit_test_setup_teardown(gowin_counts_places_of_luts_and_halves_of_multipliers, set_up, tear_down),
    cmocka_unit_test_setup_teardown(damaged_reports_are_errors, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_does_not_fit_is_told_in_numbers, set_up, tear_down),
    cmocka_unit_test_setup_teardown(cells_by_module, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
