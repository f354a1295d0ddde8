/* SPDX-License-Identifier: Apache-2.0 */
/* An arena and a list of issues as the state of each test. */
#ifndef WEFT_TESTS_UNIT_OPTIMIZE_FIXTURE_H
#define WEFT_TESTS_UNIT_OPTIMIZE_FIXTURE_H

#include <stdlib.h>

#include "base/base.h"

typedef struct fixture {
  weft_arena *arena;
  weft_diag *d;
} fixture;

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  if (f == NULL)
    weft_out_of_memory(sizeof *f);
  f->arena = weft_arena_new();
  f->d = weft_diag_new(f->arena);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  weft_arena_free(&f->arena);
  free(f);
  return 0;
}

#endif
