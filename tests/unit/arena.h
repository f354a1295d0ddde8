/* SPDX-License-Identifier: Apache-2.0 */
/* An arena and a list of issues for each test of a file: set_up and tear_down for
 * cmocka_unit_test_setup_teardown. Include it once, behind the file's other headers. */
#ifndef WEFT_TESTS_UNIT_ARENA_H
#define WEFT_TESTS_UNIT_ARENA_H

#include "base/base.h"

static weft_arena *arena;
static weft_diag *diag;

static int set_up(void **state) {
  (void)state;
  arena = weft_arena_new();
  diag = weft_diag_new(arena);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  weft_arena_free(&arena);
  return 0;
}

#endif
