/* SPDX-License-Identifier: Apache-2.0 */
/* The accelerator with weft_sdram and a chip behind its port, against the same
 * with sim/dram and the board's numbers: every issue in the same cycle, the same
 * bytes. The accelerator does not wait for a board to tell its cycles.
 *     sdram_equal MACHINE CONTROLLER CHIP SEED...    random programs
 *     sdram_equal MACHINE CONTROLLER CHIP NET.tflite */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compile.h"
#include "graph/graph.h"
#include "runtime/runtime.h"
#include "sim/rtl/sim_cache.h"
#include "tests/board/sdram/sdram_port.h"
#include "tests/common/prog_builder.h"

#define MAX_CYCLES 20000000u

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};

static sdram_port *port;

typedef struct port_backend {
  weft_sim_library library;
  rtl_sim *sim;
} port_backend;

static weft_status port_open(weft_arena *arena, weft_diag *d, const weft_config *c, const weft_backend_options *o,
                             void **self) {
  (void)o;
  port_backend *b = WEFT_NEW(arena, port_backend, 1);
  WEFT_TRY(weft_sim_library_open(arena, d, c, false, NULL, NULL, &b->library));
  const rtl_sim_memory m = {.rate_num = 1, .rate_den = 1, .latency = 1};
  b->sim = b->library.api->open(&m);
  if (b->sim == NULL)
    return WEFT_E_INTERNAL;
  b->library.api->set_port(b->sim, sdram_port_cycle, port);
  *self = b;
  return WEFT_OK;
}

static void port_close(void *self) {
  port_backend *b = self;
  b->library.api->close(b->sim);
  weft_sim_library_close(&b->library);
}

static weft_status port_run(void *self, weft_diag *d, const weft_program *p, uint32_t segment, uint8_t *const regions[4],
                            weft_tensor_seen seen, void *user, weft_run_stats *stats) {
  port_backend *b = self;
  const rtl_sim_api *api = b->library.api;
  (void)seen;
  (void)user;
  uint32_t base = 0x40000, bases[4];              /* elsewhere than the plain run's */
  for (uint32_t i = 0; i < 4; i++) {
    bases[i] = base;
    sdram_port_poke(port, base, regions[i], p->region_bytes[i]);
    api->csr_write(b->sim, CSR_BASE0 + 8 * i, base);
    api->csr_write(b->sim, CSR_SIZE0 + 8 * i, p->region_bytes[i]);
    base = (base + p->region_bytes[i] + 4096) / 1024 * 1024;
  }
  api->csr_write(b->sim, CSR_PROG_OFFSET, p->segments[segment].first_insn * WEFT_INSN_BYTES);
  api->csr_write(b->sim, CSR_PROG_INSNS, p->segments[segment].n_insns);
  api->csr_write(b->sim, CSR_CTRL, 4);
  api->csr_write(b->sim, CSR_CTRL, 1);
  uint64_t n = 0;
  if (api->run(b->sim, MAX_CYCLES, NULL, &n) != RTL_SIM_DONE || sdram_port_error(port) != NULL)
    return weft_fail(d, WEFT_E_FAULT, "weft_sdram", sdram_port_error(port) ? sdram_port_error(port) : "no end", "an end", NULL);
  stats->has_cycles = true;
  stats->cycles += api->csr_read(b->sim, CSR_CYCLES_LO);
  stats->issue_trace = stats->issue_trace * UINT64_C(0x100000001b3) + api->issue_trace(b->sim);
  for (int i = 0; i < 200; i++)                   /* the last writes reach the chip */
    (void)api->csr_read(b->sim, CSR_STATUS);
  for (uint32_t i = 0; i < 4; i++)
    sdram_port_peek(port, bases[i], regions[i], p->region_bytes[i]);
  return WEFT_OK;
}

static const weft_backend backend_port = {"weft_sdram", port_open, port_run, port_close};

typedef struct result { uint64_t cycles, trace, hash; } result;

static weft_status run_on(const weft_backend *b, weft_arena *arena, weft_diag *d, const weft_program *p,
                          const weft_config *c, uint64_t seed, result *r) {
  weft_session *session = NULL;
  const weft_backend_options o = {.wave_layer = -1, .max_cycles = MAX_CYCLES};
  WEFT_TRY(weft_session_open(arena, d, p, c, b, &o, &session));
  uint8_t *in = WEFT_NEW(arena, uint8_t, p->inputs[0].n_bytes), *out = WEFT_NEW(arena, uint8_t, p->outputs[0].n_bytes);
  const uint8_t *const inputs[] = {in};
  uint8_t *const outputs[] = {out};
  weft_rng rng = {seed};
  weft_status s = WEFT_OK;
  *r = (result){0, 0, 0};
  for (int k = 0; s == WEFT_OK && k < 2; k++) {
    weft_run_stats stats = {0};
    for (uint32_t i = 0; i < p->inputs[0].n_bytes; i++)
      in[i] = weft_rng_byte(&rng);
    s = weft_session_run(session, d, inputs, outputs, NULL, NULL, &stats);
    r->cycles += stats.cycles;
    r->trace = r->trace * 31 + stats.issue_trace;
    r->hash = r->hash * 31 + weft_crc32(out, p->outputs[0].n_bytes, 0);
  }
  weft_session_close(&session);
  return s;
}

static void set_law(weft_config *c) {
  const sdram_board board = sdram_port_board(port);
  weft_dram_timing t;
  if (!sdram_law(&board, (uint32_t)c->beat_bytes, &t))
    exit(1);
  c->dram_rate_num = (int32_t)t.rate_num;
  c->dram_rate_den = 1;
  c->dram_latency = (int32_t)t.latency;
  c->dram_gap = (int32_t)t.gap;
  c->dram_refresh_interval = (int32_t)t.refresh_interval;
  c->dram_refresh_cycles = (int32_t)t.refresh_cycles;
  c->dram_row_bytes = (int32_t)t.row_bytes;
  c->dram_setup = (int32_t)t.setup;
  c->dram_mask_cycles = (int32_t)t.mask_cycles;
}

static weft_status get_program(weft_arena *arena, weft_diag *d, const weft_config *c, const char *what, weft_program **p) {
  if (strchr(what, '.') == NULL) {
    weft_rng rng = {strtoull(what, NULL, 10)};
    *p = prog_random(arena, &rng, c, PROG_ALL, 4);
    return WEFT_OK;
  }
  weft_span file;
  weft_graph *g = NULL;
  WEFT_TRY(weft_file_read(arena, d, what, 1u << 26, &file));
  WEFT_TRY(weft_graph_read(arena, d, what, file, &g));
  return weft_compile(arena, d, g, c, NULL, p);
}

static bool is_equal(const char *machine, const char *what) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_config *c = NULL;
  weft_program *p = NULL;
  result law, rtl = {0, 0, 0};
  weft_status s = weft_config_load(arena, d, machine, NULL, 0, &c);
  if (s == WEFT_OK) {
    set_law(c);
    s = get_program(arena, d, c, what, &p);
  }
  if (s == WEFT_OK)
    s = run_on(&weft_backend_rtl, arena, d, p, c, 7, &law);
  if (s == WEFT_OK)
    s = run_on(&backend_port, arena, d, p, c, 7, &rtl);
  for (size_t i = 0; s != WEFT_OK && i < weft_diag_count(d); i++)
    fprintf(stderr, "%s: %s\n", weft_diag_at(d, i)->where, weft_diag_at(d, i)->found);
  if (s == WEFT_E_TOOL)
    exit(weft_status_exit(s));
  const bool ok = s == WEFT_OK && memcmp(&law, &rtl, sizeof law) == 0;
  printf("%s %s %s: cycles %llu %llu, issues %016llx %016llx, outputs %016llx %016llx (sim/dram, weft_sdram)\n",
         ok ? "equal " : "DIFFER", machine, what, (unsigned long long)law.cycles, (unsigned long long)rtl.cycles,
         (unsigned long long)law.trace, (unsigned long long)rtl.trace, (unsigned long long)law.hash,
         (unsigned long long)rtl.hash);
  weft_arena_free(&arena);
  return ok;
}

int main(int argc, char **argv) {
  int bad = 0;
  if (argc < 5)
    return 2;
  port = sdram_port_open(atoi(argv[2]), argv[3]);
  if (port == NULL) {
    fprintf(stderr, "controller %s does not come up with %s\n", argv[2], argv[3]);
    return 1;
  }
  for (int i = 4; i < argc; i++)
    bad += !is_equal(argv[1], argv[i]);
  sdram_port_close(port);
  return bad != 0;
}
