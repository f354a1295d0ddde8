/* SPDX-License-Identifier: Apache-2.0 */
/* The program reader under libFuzzer. The harness mends magic, size, versions
 * and CRC first, so that what is behind them is reached. A program that loads
 * survives text and assembly with the same bytes; one that the static checker
 * passes runs on the machine model to a defined end: done, fault or cap. */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile.h"
#include "isa/isa_table.h"
#include "isa/program.h"
#include "isa/program_rec.h"
#include "runtime/runtime.h"

#define RUN_BYTES (1u << 22)    /* regions of a program that is run           */
#define RUN_CYCLES (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise) {
  if (!promise)
    abort();
}

static weft_span mend(weft_arena *arena, const uint8_t *data, size_t size) {
  size_t n = size < WEFT_PROGRAM_HEADER_BYTES ? WEFT_PROGRAM_HEADER_BYTES : size;
  uint8_t *bytes = weft_arena_alloc(arena, n, 1);
  memcpy(bytes, data, size);
  memcpy(bytes, WEFT_PROGRAM_MAGIC, 8);
  weft_put_le32(bytes + 8, WEFT_PROGRAM_FORMAT);
  weft_put_le32(bytes + 12, (uint32_t)n);
  weft_put_le32(bytes + 20, weft_isa_version);
  weft_put_le32(bytes + 16, weft_crc32(bytes + WEFT_PROGRAM_CRC_AT,
                                       n - WEFT_PROGRAM_CRC_AT, 0));
  return (weft_span){bytes, n};
}

static void require_same_after_text(weft_arena *arena, const weft_program *p) {
  weft_span stored, again;
  weft_program *q = NULL;
  weft_diag *d = weft_diag_new(arena);
  require(weft_program_store(arena, p, &stored) == WEFT_OK);
  const char *text = weft_program_text(arena, p);
  weft_span span = {(const uint8_t *)text, strlen(text)};
  require(weft_program_assemble(arena, d, "fuzz.s", span, &q) == WEFT_OK);
  require(weft_program_store(arena, q, &again) == WEFT_OK);
  require(stored.size == again.size &&
          memcmp(stored.data, again.data, stored.size) == 0);
}

static uint8_t **buffers(weft_arena *arena, const weft_prog_io *io, uint32_t n) {
  uint8_t **list = WEFT_NEW(arena, uint8_t *, n + 1);
  for (uint32_t k = 0; k < n; k++)
    list[k] = weft_arena_alloc(arena, (size_t)io[k].n_bytes + 1, 1);
  return list;
}

static void run(weft_arena *arena, const weft_program *p, const weft_config *c) {
  weft_session *session = NULL;
  weft_diag *d = weft_diag_new(arena);
  const weft_backend_options options = {.max_cycles = RUN_CYCLES,
                                        .wave_layer = -1};
  uint64_t total = 0;
  for (int k = 0; k < 4; k++)
    total += p->region_bytes[k];
  if (total > RUN_BYTES)
    return;
  uint8_t **in = buffers(arena, p->inputs, p->n_inputs);
  uint8_t **out = buffers(arena, p->outputs, p->n_outputs);
  weft_status status = weft_session_open(arena, d, p, c, &weft_backend_model,
                                         &options, &session);
  if (status == WEFT_OK) {
    status = weft_session_run(session, d, (const uint8_t *const *)in, out, NULL,
                              NULL, NULL);
    weft_session_close(&session);
  }
  require(status == WEFT_OK || status == WEFT_E_CAP ||
          status == WEFT_E_FAULT);
  require(status == WEFT_OK || weft_diag_count(d) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_program *p = NULL;
  weft_config *c = NULL;
  weft_program_load(arena, d, "fuzz.weft", (weft_span){data, size}, &p);
  p = NULL;
  d = weft_diag_new(arena);
  weft_status status =
    weft_program_load(arena, d, "fuzz.weft", mend(arena, data, size), &p);
  require(status == WEFT_OK || status == WEFT_E_PROGRAM ||
          status == WEFT_E_CONFIG_HASH || status == WEFT_E_CAP);
  require((status == WEFT_OK) == (weft_diag_count(d) == 0));
  if (status == WEFT_OK) {
    weft_span text = {(const uint8_t *)p->config_text, strlen(p->config_text)};
    require_same_after_text(arena, p);
    require(weft_config_parse(arena, d, "fuzz.weft", text, &c) == WEFT_OK);
    if (weft_program_verify(d, p, c) == WEFT_OK)
      run(arena, p, c);
  }
  weft_arena_free(&arena);
  return 0;
}
