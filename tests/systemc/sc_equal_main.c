/* SPDX-License-Identifier: Apache-2.0 */
/* The accelerator in a SystemC platform against the plain simulator: the same
 * bytes, cycles and counters. Each platform lives in a forked process, because
 * SystemC elaborates once.
 *     sc_equal MACHINE SEED...       random programs
 * Exit 0: all equal; 1: not; 8: a tool of the simulator is missing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/runtime.h"
#include "sim/rtl/sim_cache.h"
#include "sim/systemc/sc_platform.h"
#include "tests/common/prog_builder.h"

#define MAX_CYCLES 20000000u

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};

typedef struct sc_backend {
  weft_sim_library library;
  sc_platform *platform;
} sc_backend;

static weft_status sc_open(weft_arena *arena, weft_diag *d, const weft_config *c, const weft_backend_options *o,
                           void **self) {
  (void)o;
  sc_backend *b = WEFT_NEW(arena, sc_backend, 1);
  WEFT_TRY(weft_sim_library_open(arena, d, c, false, NULL, NULL, &b->library));
  rtl_sim_memory m = {(uint32_t)c->dram_rate_num, (uint32_t)c->dram_rate_den, (uint32_t)c->dram_latency,
                      (uint32_t)c->dram_gap, (uint32_t)c->dram_refresh_interval, (uint32_t)c->dram_refresh_cycles,
                      (uint32_t)c->dram_row_bytes, (uint32_t)c->dram_setup, (uint32_t)c->dram_mask_cycles};
  b->platform = sc_platform_new(b->library.api, &m);
  *self = b;
  return b->platform != NULL ? WEFT_OK : WEFT_E_INTERNAL;
}

static void program_registers(sc_platform *s, const weft_program *p, uint32_t segment, uint8_t *const regions[4]) {
  rtl_sim_region map[4];
  uint32_t base = 0x40000;
  for (uint32_t i = 0; i < 4; i++) {
    map[i] = (rtl_sim_region){regions[i], base, (p->region_bytes[i] + 63) / 64 * 64};
    base += map[i].size_bytes + 0x1000;
    sc_platform_write(s, CSR_BASE0 + 8 * i, map[i].base);
    sc_platform_write(s, CSR_SIZE0 + 8 * i, p->region_bytes[i]);
  }
  sc_platform_map(s, map);
  sc_platform_write(s, CSR_PROG_OFFSET, p->segments[segment].first_insn * WEFT_INSN_BYTES);
  sc_platform_write(s, CSR_PROG_INSNS, p->segments[segment].n_insns);
}

static weft_status sc_run(void *self, weft_diag *d, const weft_program *p, uint32_t segment, uint8_t *const regions[4],
                          weft_tensor_seen seen, void *user, weft_run_stats *stats) {
  sc_platform *s = ((sc_backend *)self)->platform;
  (void)seen;
  (void)user;
  program_registers(s, p, segment, regions);
  sc_platform_write(s, CSR_CTRL, 4);
  sc_platform_write(s, CSR_CTRL, 1);
  if (!sc_platform_wait_irq(s, MAX_CYCLES))
    return weft_fail(d, WEFT_E_CAP, p->model, "no interrupt", "one within the cycle cap", NULL);
  if ((sc_platform_read(s, CSR_STATUS) >> 4 & 15) != 0 || sc_platform_error(s) != NULL)
    return weft_fail(d, WEFT_E_FAULT, p->model, sc_platform_error(s) != NULL ? sc_platform_error(s) : "a fault",
                     "none", NULL);
  uint64_t beat_bytes = ((sc_backend *)self)->library.api->shape.beat_bytes;
  stats->cycles += sc_platform_read(s, CSR_CYCLES_LO);
  stats->read_bytes += sc_platform_read(s, CSR_READ_BEATS) * beat_bytes;
  stats->write_bytes += sc_platform_read(s, CSR_WRITE_BEATS) * beat_bytes;
  return WEFT_OK;
}

static void sc_close(void *self) { (void)self; }

static const weft_backend backend_sc = {"systemc", sc_open, sc_run, sc_close};

typedef struct result { uint64_t cycles, read_bytes, write_bytes, hash; } result;

static weft_status run_on(const weft_backend *b, const char *machine, uint64_t seed, int n_runs, result *r) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_config *c = NULL;
  WEFT_TRY(weft_config_load(arena, d, machine, NULL, 0, &c));
  weft_rng rng = {seed};
  weft_program *p = prog_random(arena, &rng, c, PROG_ALL, 4);
  weft_session *session = NULL;
  weft_backend_options o = {.wave_layer = -1, .max_cycles = MAX_CYCLES};
  weft_status s = weft_session_open(arena, d, p, c, b, &o, &session);
  uint8_t *in = WEFT_NEW(arena, uint8_t, p->inputs[0].n_bytes), *out = WEFT_NEW(arena, uint8_t, p->outputs[0].n_bytes);
  const uint8_t *const inputs[] = {in};
  uint8_t *const outputs[] = {out};
  *r = (result){0};
  for (int k = 0; s == WEFT_OK && k < n_runs; k++) {
    weft_run_stats stats = {0};
    for (uint32_t i = 0; i < p->inputs[0].n_bytes; i++)
      in[i] = weft_rng_byte(&rng);
    s = weft_session_run(session, d, inputs, outputs, NULL, NULL, &stats);
    r->cycles += stats.cycles;
    r->read_bytes += stats.read_bytes;
    r->write_bytes += stats.write_bytes;
    r->hash = r->hash * 31 + weft_crc32(out, p->outputs[0].n_bytes, 0);
  }
  for (size_t i = 0; s != WEFT_OK && i < weft_diag_count(d); i++)
    fprintf(stderr, "%s: %s: %s\n", b->name, weft_diag_at(d, i)->where, weft_diag_at(d, i)->found);
  if (session != NULL)
    weft_session_close(&session);
  weft_arena_free(&arena);
  return s;
}

static bool run_in_systemc(const char *machine, uint64_t seed, int n_runs, result *r) {
  int ends[2], status = 0;
  if (pipe(ends) != 0)
    return false;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    result mine;
    bool ok = run_on(&backend_sc, machine, seed, n_runs, &mine) == WEFT_OK &&
              write(ends[1], &mine, sizeof mine) == (ssize_t)sizeof mine;
    _exit(ok ? 0 : 1);
  }
  close(ends[1]);
  bool ok = pid > 0 && read(ends[0], r, sizeof *r) == (ssize_t)sizeof *r;
  close(ends[0]);
  if (pid > 0)
    waitpid(pid, &status, 0);
  return ok && status == 0;
}

static bool is_equal(const char *machine, uint64_t seed) {
  result plain, systemc = {0};
  weft_status s = run_on(&weft_backend_rtl, machine, seed, 2, &plain);
  if (s != WEFT_OK)
    exit(weft_status_exit(s));
  bool ok = run_in_systemc(machine, seed, 2, &systemc) && memcmp(&plain, &systemc, sizeof plain) == 0;
  printf("%s %s seed %llu: cycles %llu %llu, read %llu %llu, written %llu %llu, outputs %016llx %016llx\n",
         ok ? "equal " : "DIFFER", machine, (unsigned long long)seed, (unsigned long long)plain.cycles,
         (unsigned long long)systemc.cycles, (unsigned long long)plain.read_bytes,
         (unsigned long long)systemc.read_bytes, (unsigned long long)plain.write_bytes,
         (unsigned long long)systemc.write_bytes, (unsigned long long)plain.hash, (unsigned long long)systemc.hash);
  return ok;
}

int main(int argc, char **argv) {
  int bad = 0;
  for (int i = 2; i < argc; i++)
    bad += !is_equal(argv[1], strtoull(argv[i], NULL, 10));
  return argc < 3 ? 2 : bad != 0;
}
