/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates of cells and their error; what built machines tell of a clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "explore/explore_int.h"

static int set_up(void **state) {
  *state = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  weft_arena_free((weft_arena **)state);
  return 0;
}

static const int machines[][5] = {{4, 4, 2, 32, 16}, {8, 8, 8, 64, 64}, {4, 4, 1, 16, 8}, {4, 8, 2, 32, 32}, {8, 4, 2, 32, 16},
                                  {8, 8, 2, 64, 64}, {2, 4, 1, 16, 8}, {4, 8, 4, 64, 32}, {16, 4, 1, 64, 16}, {2, 8, 2, 32, 16}};
enum { N_MACHINES = sizeof machines / sizeof *machines };

/* Cells of the parts, and their sum. */
static void parts(const int *m, int out[5]) {
  out[0] = 30 + 120 * m[0] * m[1];
  out[1] = 340 + 900 * m[2];
  out[2] = 70 * m[0];
  out[3] = 60 + 50 * m[1];
  out[4] = 7000;
}

static int law(const int *m) {
  int p[5];
  parts(m, p);
  return p[0] + p[1] + p[2] + p[3] + p[4];
}

/* A file of these lines, whose name lives in the arena. */
static const char *file_of(weft_arena *a, const char *text) {
  char *path = weft_arena_printf(a, "%s/weft-area-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
  return path;
}

static const char head[] = "# made by a test\nrows,cols,lanes,spm_kib,ring_kib,queue,taps,beat,pe,lane,row,col,rest,dsp,bram\n";

/* The law's machines; cells of the one called `odd` are doubled. */
static const char *lawful(weft_arena *a, int odd) {
  const char *text = head;
  for (int i = 0; i < N_MACHINES; i++) {
    const int *m = machines[i];
    int p[5];
    parts(m, p);
    text = weft_arena_printf(a, "%s%d,%d,%d,%d,%d,32,512,4,%d,%d,%d,%d,%d,%d,60\n", text, m[0], m[1], m[2], m[3], m[4],
                             p[0], p[1], p[2], p[3], p[4] + (i == odd ? law(m) : 0), m[0] * m[1] + 4 * m[2]);
  }
  return text;
}

static weft_status fit(weft_arena *a, weft_diag *d, const char *text, explore_area *out) {
  const char *path = file_of(a, text);
  const weft_status s = explore_area_fit(a, d, path, out);
  unlink(path);
  return s;
}

static void a_law_is_found(void **state) {
  explore_area area;
  weft_config *c = NULL;
  assert_int_equal(fit(*state, NULL, lawful(*state, -1), &area), WEFT_OK);
  assert_int_equal(area.n_points, N_MACHINES);
  assert_true(area.max_error < 0.001);
  assert_int_equal(weft_config_load(*state, NULL, "wide", NULL, 0, &c), WEFT_OK);
  const int wide[] = {8, 16, 16};
  assert_true(explore_area_cells(&area, c) > 0.99 * law(wide) && explore_area_cells(&area, c) < 1.01 * law(wide));
  assert_int_equal(explore_area_dsp(&area, c), 8 * 16 + 4 * 16);
}

static weft_config machine(int32_t rows, int32_t cols, int32_t lanes) {
  return (weft_config){.rows = rows, .cols = cols, .word_bytes = cols, .lanes = lanes, .spm_kib = 32, .ring_kib = 16,
                       .queue_depth = 32, .acc_bits = 28, .taps = 512, .beat_bytes = 4};
}

static void machines_that_do_not_differ(void **state) {
  explore_area area;
  const char *text = head;
  for (int i = 0; i < 8; i++)
    text = weft_arena_printf(*state, "%s4,4,2,32,16,32,512,4,2000,1800,500,500,9000,24,52\n", text);
  assert_int_equal(fit(*state, NULL, text, &area), WEFT_E_CONFIG);
}

static void outside_the_results(void **state) {
  explore_area area;
  assert_int_equal(fit(*state, NULL, lawful(*state, -1), &area), WEFT_OK);
  weft_config inner = machine(8, 8, 4), wide = machine(8, 16, 4);
  assert_false(explore_area_is_beyond(&area, &inner));
  assert_true(explore_area_is_beyond(&area, &wide));
  assert_null(explore_area_unlike(&inner));
  inner.acc_bits = 32;
  assert_string_equal(explore_area_unlike(&inner), "array.acc_bits");
}

/* A result that the others do not foretell is told whole: a fit that includes it would
 * bend towards it. */
static void the_error_is_against_the_others(void **state) {
  explore_area area;
  assert_int_equal(fit(*state, NULL, lawful(*state, 1), &area), WEFT_OK);
  assert_true(area.max_error > 0.499 && area.max_error < 0.501);
  assert_true(area.mean_error >= area.max_error / N_MACHINES);
}

/* What is stored tells any one of its machines from the others as well as a proposal must be. */
static void stored_results_agree(void **state) {
  static const char *const files[] = {"boards/family/ecp5/area.csv", "boards/family/gowin/area.csv"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    explore_area area;
    assert_int_equal(explore_area_fit(*state, NULL, files[i], &area), WEFT_OK);
    assert_true(area.max_error < 0.15);
  }
}

/* What was placed and routed, against the estimate from other machines' synthesis: 15 % of a proposal. */
static void built_machines_agree(void **state) {
  static const char *const families[] = {"ecp5", "gowin"};
  size_t n = 0;
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    explore_area area;
    explore_built built;
    assert_int_equal(explore_area_fit(*state, NULL, weft_arena_printf(*state, "boards/family/%s/area.csv", families[i]), &area), WEFT_OK);
    assert_int_equal(explore_built_read(*state, NULL, weft_arena_printf(*state, "boards/family/%s/built.csv", families[i]), &built), WEFT_OK);
    for (size_t k = 0; k < built.n; k++, n++) {
      const double cells = explore_area_cells(&area, &built.items[k].config) / built.items[k].cells;
      print_message("%s %dx%d q%d: estimate %+.1f %%\n", built.items[k].board, (int)built.items[k].config.rows,
                    (int)built.items[k].config.cols, (int)built.items[k].config.lanes, 100 * (cells - 1));
      assert_true(cells > 0.85 && cells < 1.15);
    }
  }
  assert_true(n >= 2);
}

static void expect_bad(void **state, const char *line, const char *text) {
  weft_diag *d = weft_diag_new(*state);
  explore_area area;
  const char *csv = weft_arena_printf(*state, "%s%s", lawful(*state, -1), line);
  assert_int_equal(fit(*state, d, csv, &area), WEFT_E_CONFIG);
  const weft_issue *i = weft_diag_at(d, 0);
  assert_non_null(strstr(weft_arena_printf(*state, "%s %s %s", i->where, i->found, i->allowed), text));
}

static void damaged_results(void **state) {
  explore_area area;
  expect_bad(state, "4,4,2,32,16,32,512,4,1,1,1,1,1000,24\n", "line 13");
  expect_bad(state, "4,4,2,32,16,32,512,4,1,1,1,1,1000,24,50,7\n", "15 fields");
  expect_bad(state, "4,4,2,32,16,32,512,4,1,1,1,1,many,24,50\n", "many");
  expect_bad(state, "4,4,2,32,16,32,512,4,0,0,0,0,0,24,50\n", "1 or more");
  expect_bad(state, "4,4,2,32,1e9,32,512,4,1,1,1,1,9000,24,50\n", "1..1024");
  expect_bad(state, "4,4.5,2,32,16,32,512,4,1,1,1,1,9000,24,50\n", "1..1024");
  expect_bad(state, "-4,4,2,32,16,32,512,4,1,1,1,1,9000,24,50\n", "0 or more");
  const char *many = "";
  for (int i = 0; i < 191; i++)
    many = weft_arena_printf(*state, "%s4,4,2,32,16,32,512,4,1,1,1,1,9000,24,50\n", many);
  expect_bad(state, many, "at most 200");
  assert_int_equal(fit(*state, NULL, head, &area), WEFT_E_CONFIG);
  assert_int_equal(explore_area_fit(*state, NULL, "/nonexistent", &area), WEFT_E_READ);
}

static const char *built_line(weft_arena *a, const char *board, const char *speed, weft_config c, const char *rest) {
  return weft_arena_printf(a, "%s,%s,%d,%d,%d,32,16,32,%s,%016llx\n", board, speed, c.rows, c.cols, c.lanes, rest,
                           (unsigned long long)weft_config_hash(&c));
}

static void what_built_machines_tell(void **state) {
  const char *path = file_of(*state, weft_arena_printf(*state, "board,speed,...\n%s%s%s%s",
    built_line(*state, "one", "6", machine(8, 8, 2), "20000,81.5"), built_line(*state, "one", "6", machine(4, 4, 2), "14000,85"),
    built_line(*state, "other", "6", machine(4, 16, 1), "18000,70"),
    built_line(*state, "fast", "8", machine(16, 16, 16), "60000,99")));
  explore_built built;
  assert_int_equal(explore_built_read(*state, NULL, path, &built), WEFT_OK);
  unlink(path);
  assert_int_equal(built.n, 4);
  const weft_board board = {.name = "one", .speed = "6", .target_hz = 80000000};
  const weft_board slow = {.name = "one", .speed = "6", .target_hz = 90000000};
  const weft_board elsewhere = {.name = "other", .speed = "6", .target_hz = 80000000};
  const weft_config small = machine(4, 4, 2), inner = machine(4, 8, 1), wide = machine(4, 16, 1), lanes = machine(8, 8, 4);
  const char *why = NULL;
  assert_int_equal(explore_clock_of(*state, &built, &board, &small, &why), EXPLORE_CLOCK_BUILT);
  assert_non_null(strstr(why, "14000 cells, 85.0 of 80.0 MHz"));
  assert_int_equal(explore_clock_of(*state, &built, &board, &inner, &why), EXPLORE_CLOCK_COVERED);
  assert_non_null(strstr(why, "8x8 q2, which met 81.5 MHz on one"));
  assert_int_equal(explore_clock_of(*state, &built, &elsewhere, &small, &why), EXPLORE_CLOCK_COVERED);
  assert_non_null(strstr(why, "4x4 q2"));      /* the smallest that covers */
  assert_int_equal(explore_clock_of(*state, &built, &elsewhere, &wide, &why), EXPLORE_CLOCK_MISSED);
  assert_int_equal(explore_clock_of(*state, &built, &board, &wide, &why), EXPLORE_CLOCK_BEYOND);
  assert_int_equal(explore_clock_of(*state, &built, &board, &lanes, &why), EXPLORE_CLOCK_BEYOND);
  assert_int_equal(explore_clock_of(*state, &built, &slow, &inner, &why), EXPLORE_CLOCK_UNKNOWN);
  weft_config other = small;
  other.acc_bits = 32;             /* another machine: neither built nor covered */
  assert_int_equal(explore_clock_of(*state, &built, &board, &other, &why), EXPLORE_CLOCK_BEYOND);
  assert_int_equal(explore_built_read(*state, NULL, "/nonexistent", &built), WEFT_OK);
  assert_int_equal(built.n, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_law_is_found, set_up, tear_down),
    cmocka_unit_test_setup_teardown(machines_that_do_not_differ, set_up, tear_down),
    cmocka_unit_test_setup_teardown(outside_the_results, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_error_is_against_the_others, set_up, tear_down),
    cmocka_unit_test_setup_teardown(stored_results_agree, set_up, tear_down),
    cmocka_unit_test_setup_teardown(built_machines_agree, set_up, tear_down),
    cmocka_unit_test_setup_teardown(damaged_results, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_built_machines_tell, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
