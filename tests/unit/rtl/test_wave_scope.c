/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of --wave-scope against the declarations of a wave file. */
#include "sim/rtl/wave_scope.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static const char header[] =
  "$timescale 1ps $end\n$scope module TOP $end\n$var wire 1 ! clk_i $end\n$scope module weft_top $end\n"
  "$var wire 1 ! clk_i $end\n$scope module u_core $end\n$scope module u_drain $end\n$var wire 8 % q_o [7:0] $end\n"
  "$upscope $end\n$scope module u_spm $end\n$scope module g_bank[0] $end\n$upscope $end\n$upscope $end\n$upscope $end\n"
  "$scope module u_dma $end\n$upscope $end\n$upscope $end\n$upscope $end\n$enddefinitions $end\n";

static void what_is_there_is_taken(void **state) {
  weft_arena *a = weft_arena_new();
  static const char *const good[] = {"u_core", "u_dma", "u_core.u_drain", "weft_top.u_core.u_drain",
                                     "u_core.u_spm.g_bank[0]", "u_core.u_drain.q_o", "clk_i"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_int_equal(weft_wave_scope_check(a, NULL, header, good[i]), WEFT_OK);
  weft_arena_free(&a);
  (void)state;
}

static void what_is_not_there_is_refused_by_name(void **state) {
  static const struct { const char *scope, *allowed, *remedy; } rows[] = {
    {"u_cor", "below weft_top: u_core, u_dma", "did you mean u_core?"},
    {"u_core.u_drian", "below weft_top.u_core: u_drain, u_spm", "did you mean u_core.u_drain?"},
    {"u_core.u_drian.q_o", "below weft_top.u_core: u_drain, u_spm", "did you mean u_core.u_drain?"},
    {"u_core.u_spm.g_bank[1]", "below weft_top.u_core.u_spm: g_bank[0]", "did you mean u_core.u_spm.g_bank[0]?"},
    {"u_core.u_drain.q", "below weft_top.u_core.u_drain: no instance", NULL},
    {"TOP", "below weft_top: u_core, u_dma", NULL},
    {"u_core.", "below weft_top.u_core: u_drain, u_spm", NULL},
    {".", "below weft_top: u_core, u_dma", NULL},
    {"", "below weft_top: u_core, u_dma", NULL},
    {"u_dma_zzzzzzzz", "below weft_top: u_core, u_dma", NULL},
  };
  weft_arena *a = weft_arena_new();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    weft_diag *d = weft_diag_new(a);
    assert_int_equal(weft_wave_scope_check(a, d, header, rows[i].scope), WEFT_E_USAGE);
    const weft_issue *issue = weft_diag_at(d, 0);
    assert_string_equal(issue->allowed, rows[i].allowed);
    if (rows[i].remedy)
      assert_string_equal(issue->remedy, rows[i].remedy);
    else
      assert_null(issue->remedy);
  }
  assert_int_equal(weft_wave_scope_check(a, NULL, "", "u_core"), WEFT_E_USAGE);
  weft_arena_free(&a);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_there_is_taken),
    cmocka_unit_test(what_is_not_there_is_refused_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
