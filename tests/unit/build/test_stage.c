/* SPDX-License-Identifier: Apache-2.0 */
/* A stage replaces the folders of earlier builds, and no other. */
#include "build/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char out[] = "/tmp/weft-stage-XXXXXX";

static const char *in_out(weft_arena *a, const char *name) { return weft_arena_printf(a, "%s/%s", out, name); }

static void put(weft_arena *a, const char *name, const char *text) {
  assert_int_equal(weft_file_write(NULL, in_out(a, name), text, strlen(text)), WEFT_OK);
}

static int set_up(void **state) {
  *state = weft_arena_new();
  strcpy(out + strlen(out) - 6, "XXXXXX");
  return mkdtemp(out) == NULL;
}

static int tear_down(void **state) {
  stage_remove_tree(*state, out);
  weft_arena_free((weft_arena **)state);
  return 0;
}

static void begin(weft_arena *a, stage *s) {
  stage_begin(a, s, out, "synth");
  stage_add_text(s, "input");
  stage_close_inputs(s);
}

static void a_users_folder_stays(void **state) {
  weft_diag *d = weft_diag_new(*state);
  stage s;
  mkdir(in_out(*state, "synth"), 0777);
  put(*state, "synth/thesis.txt", "years");
  begin(*state, &s);
  assert_int_equal(stage_open(*state, d, &s), WEFT_E_WRITE);
  assert_string_equal(weft_diag_at(d, 0)->where, in_out(*state, "synth"));
  assert_int_equal(access(in_out(*state, "synth/thesis.txt"), R_OK), 0);
}

static void what_a_link_names_stays(void **state) {
  stage s;
  mkdir(in_out(*state, "other"), 0777);
  put(*state, "other/stage.sum", "of another build");
  assert_int_equal(symlink("other", in_out(*state, "synth")), 0);
  begin(*state, &s);
  assert_int_equal(stage_open(*state, NULL, &s), WEFT_E_WRITE);
  assert_int_equal(access(in_out(*state, "other/stage.sum"), R_OK), 0);
}

static void an_earlier_build_is_replaced(void **state) {
  stage s;
  for (int round = 0; round < 2; round++) {
    mkdir(in_out(*state, "synth.part"), 0777);
    put(*state, "synth.part/half", "of an interrupted build");
    begin(*state, &s);
    assert_int_equal(stage_open(*state, NULL, &s), WEFT_OK);
    assert_int_not_equal(access(in_out(*state, "synth.part/half"), F_OK), 0);
    assert_int_not_equal(access(in_out(*state, "synth"), F_OK), 0);
    put(*state, "synth.part/netlist", "x");
    assert_int_equal(stage_commit(*state, NULL, &s, (const char *[]){"netlist", NULL}), WEFT_OK);
    assert_true(stage_is_valid(*state, &s));
  }
}

static void only_files_are_hashed(void **state) {
  weft_diag *d = weft_diag_new(*state);
  char hex[65];
  assert_int_equal(mkfifo(in_out(*state, "pipe"), 0666), 0);
  const char *const paths[] = {in_out(*state, "pipe"), "/dev/zero", out};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(stage_file_hash(*state, d, paths[i], hex), WEFT_E_READ);
    assert_string_equal(weft_diag_at(d, i)->found, "not a regular file");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(only_files_are_hashed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_users_folder_stays, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_a_link_names_stays, set_up, tear_down),
    cmocka_unit_test_setup_teardown(an_earlier_build_is_replaced, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
