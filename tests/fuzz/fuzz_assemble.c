/* SPDX-License-Identifier: Apache-2.0 */
/* The assembler under libFuzzer (and the program reader, by magic; its size and
 * CRC are put right first, so that what lies behind is reached). Whatever the bytes:
 * the reader answers; a program it accepts is stored as it was read and survives
 * its text; the static checker answers; what it passes, the machine model runs
 * without a fault; what it rejects may fault. A broken promise aborts. */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile.h"
#include "runtime/runtime.h"

enum { RUN_BYTES = 1 << 20, RUN_STEPS = 300000, RUN_SPM_KIB = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise) {
  if (!promise)
    abort();
}

static void require_issues(const weft_diag *d, weft_status status) {
  require((status == WEFT_OK) == (weft_diag_count(d) == 0));
  for (size_t k = 0; k < weft_diag_count(d); k++) {
    const weft_issue *issue = weft_diag_at(d, k);
    require(issue->where && issue->found && issue->allowed);
    require(issue->code == status);
  }
}

static weft_status read_any(weft_arena *arena, weft_diag *d, weft_span bytes, weft_program **out) {
  if (!weft_program_is(bytes))
    return weft_program_assemble(arena, d, "fuzz", bytes, out);
  uint8_t *copy = weft_arena_copy(arena, bytes.data, bytes.size);
  if (bytes.size >= 24) {
    weft_put_le32(copy + 12, (uint32_t)bytes.size);
    weft_put_le32(copy + 16, weft_crc32(copy + 20, bytes.size - 20, 0));
  }
  return weft_program_load(arena, d, "fuzz", (weft_span){copy, bytes.size}, out);
}

static void require_round_trips(weft_arena *arena, const weft_program *p) {
  weft_span bytes, again;
  weft_program *back = NULL;
  require(weft_program_store(arena, p, &bytes) == WEFT_OK);
  require(weft_program_load(arena, NULL, "fuzz", bytes, &back) == WEFT_OK);
  require(weft_program_store(arena, back, &again) == WEFT_OK);
  require(bytes.size == again.size && memcmp(bytes.data, again.data, bytes.size) == 0);
  const char *text = weft_program_text(arena, p);
  require(weft_program_assemble(arena, NULL, "fuzz", (weft_span){(const uint8_t *)text, strlen(text)}, &back) == WEFT_OK);
  require(weft_program_store(arena, back, &again) == WEFT_OK);
  require(bytes.size == again.size && memcmp(bytes.data, again.data, bytes.size) == 0);
}

static weft_status look(void *user, const weft_prog_tensor *t, const void *data, size_t n_bytes) {
  unsigned *sum = user;
  (void)t;
  for (size_t k = 0; k < n_bytes; k++)
    *sum += ((const uint8_t *)data)[k];
  return WEFT_OK;
}

static void run(weft_arena *arena, const weft_program *p, const weft_config *c, bool checked) {
  weft_backend_options o = {.max_cycles = RUN_STEPS, .poison = true, .poison_seed = 1};
  weft_session *s = NULL;
  weft_diag *d = weft_diag_new(arena);
  const uint8_t **in = WEFT_NEW(arena, const uint8_t *, p->n_inputs + 1);
  uint8_t **out = WEFT_NEW(arena, uint8_t *, p->n_outputs + 1);
  unsigned sum = 0;
  uint64_t total = 0;
  for (int k = 0; k < WEFT_N_REGIONS; k++)
    total += p->region_bytes[k];
  if (total > RUN_BYTES || c->spm_kib > RUN_SPM_KIB || p->n_segments > 50)
    return;
  for (uint32_t k = 0; k < p->n_inputs; k++)
    in[k] = WEFT_NEW(arena, uint8_t, p->inputs[k].n_bytes);
  for (uint32_t k = 0; k < p->n_outputs; k++)
    out[k] = WEFT_NEW(arena, uint8_t, p->outputs[k].n_bytes);
  require(weft_session_open(arena, d, p, c, &weft_backend_model, &o, &s) == WEFT_OK);
  weft_status status = weft_session_run(s, d, in, out, look, &sum, NULL);
  require(status == WEFT_OK || status == WEFT_E_CAP || (!checked && status == WEFT_E_FAULT));
  weft_session_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_program *p = NULL;
  weft_config *c = NULL;
  weft_status status = read_any(arena, d, (weft_span){data, size}, &p);
  require_issues(d, status);
  if (status == WEFT_OK) {
    require_round_trips(arena, p);
    weft_span yaml = {(const uint8_t *)p->config_text, strlen(p->config_text)};
    require(weft_config_parse(arena, NULL, "fuzz", yaml, &c) == WEFT_OK);
    run(arena, p, c, weft_program_verify(weft_diag_new(arena), p, c) == WEFT_OK);
  }
  weft_arena_free(&arena);
  return 0;
}
