/* SPDX-License-Identifier: Apache-2.0 */
/* The machine reader under libFuzzer: whatever the bytes, it answers; a machine
 * that it returns passes the check and prints to text that reads back as the
 * same machine. A broken promise aborts. */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise) {
  if (!promise)
    abort();
}

static void require_round_trip(weft_arena *arena, const weft_config *c) {
  const char *text = weft_config_text(arena, c);
  weft_config *again = NULL;
  weft_span yaml = {(const uint8_t *)text, strlen(text)};
  require(weft_config_parse(arena, NULL, "again", yaml, &again) == WEFT_OK);
  require(weft_config_check(NULL, again) == WEFT_OK);
  require(strcmp(text, weft_config_text(arena, again)) == 0);
  require(weft_config_hash(c) == weft_config_hash(again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_config *c = NULL;
  weft_status s = weft_config_parse(arena, d, "fuzz", (weft_span){data, size}, &c);
  require((s == WEFT_OK) == (weft_diag_count(d) == 0));
  require(s == WEFT_OK || weft_status_exit(s) == 3);
  if (s == WEFT_OK && weft_config_check(d, c) == WEFT_OK)
    require_round_trip(arena, c);
  weft_arena_free(&arena);
  return 0;
}
