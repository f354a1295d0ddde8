/* SPDX-License-Identifier: Apache-2.0 */
/* The table err.def as functions. */
#include "base/base.h"

typedef struct status_row {
  int exit_code;
  const char *name;
  const char *text;
} status_row;

static const status_row rows[WEFT_N_STATUS] = {
  [WEFT_OK] = {0, "OK", "success"},
#define ERR(name, exit_code, text) [WEFT_E_##name] = {exit_code, #name, text},
#include "err.def"
#undef ERR
};

/* A value that is no row is a bug of ours, and reads as one. */
static const status_row *row_of(weft_status s) {
  const bool known = (int)s >= 0 && (int)s < WEFT_N_STATUS;
  return &rows[known ? s : WEFT_E_INTERNAL];
}

int weft_status_exit(weft_status s) { return row_of(s)->exit_code; }
const char *weft_status_name(weft_status s) { return row_of(s)->name; }
const char *weft_status_text(weft_status s) { return row_of(s)->text; }
