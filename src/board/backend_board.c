/* SPDX-License-Identifier: Apache-2.0 */
/* The backend `board`: segments of a program on a board behind a port. */
#include <string.h>

#include "board/board_host.h"

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum { WATCHDOG_CYCLES = 10000000, DEFAULT_BAUD = 3000000 };

typedef struct board_backend {
  weft_arena *arena;
  weft_connection *c;
  weft_connection own;                     /* if the caller gave only a port       */
  bool is_own;
  const weft_program *placed;              /* whose regions are at base[]          */
  uint32_t base[4];
  uint32_t *work;
  uint8_t *old;                            /* OUTPUT before a run                */
} board_backend;

static void report(void *user, const char *what, uint32_t done, uint32_t total) {
  const weft_backend_options *o = user;
  if (o->progress != NULL)
    o->progress(o->progress_user, done, total, what);
}

static weft_status board_open(weft_arena *arena, weft_diag *d, const weft_config *c, const weft_backend_options *o,
                              void **self) {
  board_backend *b = WEFT_NEW(arena, board_backend, 1);
  static const weft_board_limits limits = {400, 2000, 60000};
  b->arena = arena;
  *self = b;
  if (o != NULL && o->connection != NULL)
    b->c = o->connection;
  else if (o == NULL || o->port == NULL)
    return weft_fail(d, WEFT_E_USAGE, "--backend board", "no --port", "--port DEV, the board's serial port", "or: weft deploy BOARD PROGRAM --sim");
  else {
    WEFT_TRY(weft_connect(arena, d, o->port, o->baud != 0 ? o->baud : DEFAULT_BAUD, &limits, &b->own));
    b->c = &b->own;
    b->is_own = true;
  }
  if (o != NULL && o->progress != NULL) {
    b->c->device.progress = report;
    b->c->device.user = weft_arena_copy(arena, o, sizeof *o);
  }
  if (b->c->device.info.config_hash != weft_config_hash(c))
    return weft_fail(d, WEFT_E_LINK, b->c->path,
                     weft_diag_text(d, "wrong bitstream: its machine is %016llx", (unsigned long long)b->c->device.info.config_hash),
                     weft_diag_text(d, "the program's machine %016llx", (unsigned long long)weft_config_hash(c)),
                     "load the bitstream of this machine, or compile for the board's (-c)");
  return WEFT_OK;
}

static void board_close(void *self) {
  board_backend *b = self;
  if (b->is_own)
    weft_disconnect(&b->own);
}

static weft_status place(board_backend *b, weft_diag *d, const weft_program *p) {
  uint32_t end = 0, most = 0;
  WEFT_TRY(weft_board_place(d, p, b->c->device.info.mem_bytes, b->base, &end));
  for (int k = 0; k < 4; k++)
    most = p->region_bytes[k] > most ? p->region_bytes[k] : most;
  b->work = WEFT_NEW(b->arena, uint32_t, most / WEFT_DEV_CHUNK + 2);
  b->old = weft_arena_alloc(b->arena, (size_t)p->region_bytes[WEFT_REGION_OUTPUT] + 1, 1);
  b->placed = p;
  return WEFT_OK;
}

/* What the segment may read: all four regions; only what differs is sent. */
static int load_regions(board_backend *b, const weft_program *p, uint8_t *const regions[4]) {
  int e = WEFT_DEV_OK;
  for (int k = 0; k < 4 && e == WEFT_DEV_OK; k++) {
    bool is_needed = k == WEFT_REGION_CONST || k == WEFT_REGION_INPUT || p->n_segments > 1;
    if (is_needed && p->region_bytes[k] != 0)
      e = weft_dev_load(&b->c->device, b->base[k], regions[k], p->region_bytes[k], b->work);
  }
  return e;
}

/* No byte of OUTPUT as it was: what a run does not store cannot pass for a result
 * of an earlier one. The key hangs on the whole content, so that one spoiling does
 * not undo the last. A later segment of several gets the host's bytes instead. */
static int spoil_output(board_backend *b, const weft_program *p) {
  const weft_transport *t = &b->c->device.t;
  const uint32_t n = p->region_bytes[WEFT_REGION_OUTPUT], at = b->base[WEFT_REGION_OUTPUT];
  if (p->n_segments > 1 || n == 0)
    return WEFT_DEV_OK;
  int e = t->mem_read(t->self, at, b->old, n);
  weft_rng rng = {weft_crc32_frame(0, b->old, n)};
  for (uint32_t i = 0; i < n; i++)
    b->old[i] = (uint8_t)(b->old[i] ^ weft_rng_range(&rng, 1, 255));
  return e == WEFT_DEV_OK ? t->mem_write(t->self, at, b->old, n) : e;
}

static int read_regions(board_backend *b, const weft_program *p, uint8_t *const regions[4]) {
  const weft_transport *t = &b->c->device.t;
  int e = WEFT_DEV_OK;
  if (p->n_segments > 1 && p->region_bytes[WEFT_REGION_ARENA] != 0)
    e = t->mem_read(t->self, b->base[WEFT_REGION_ARENA], regions[WEFT_REGION_ARENA], p->region_bytes[WEFT_REGION_ARENA]);
  if (e == WEFT_DEV_OK && p->region_bytes[WEFT_REGION_OUTPUT] != 0)
    e = t->mem_read(t->self, b->base[WEFT_REGION_OUTPUT], regions[WEFT_REGION_OUTPUT], p->region_bytes[WEFT_REGION_OUTPUT]);
  return e;
}

static size_t dense_bytes(const weft_prog_tensor *t) {
  size_t n = t->type == 0 || t->type == 2 ? 4 : 1;
  for (int32_t i = 0; i < t->rank; i++)
    n *= (size_t)t->shape[i];
  return n;
}

/* Tensors of the scratchpad cannot be looked at; those that end in memory can,
 * if nothing later overwrote them: outputs. */
static weft_status show(const weft_program *p, uint32_t segment, uint8_t *const regions[4], weft_tensor_seen seen, void *user) {
  for (uint32_t i = 0; seen != NULL && i < p->n_tensors; i++) {
    const weft_prog_tensor *t = &p->tensors[i];
    if (t->segment == segment && t->place == WEFT_IN_DRAM && t->region == WEFT_REGION_OUTPUT)
      WEFT_TRY(seen(user, t, regions[t->region] + t->offset, dense_bytes(t)));
  }
  return WEFT_OK;
}

static int read_stats(board_backend *b, const weft_program *p, weft_run_stats *stats) {
  uint64_t cycles = 0;
  uint32_t reads = 0, writes = 0;
  const weft_transport *t = &b->c->device.t;
  int e = weft_dev_cycles(&b->c->device, &cycles);
  if (e == WEFT_DEV_OK && stats->layer_cycles != NULL)
    e = weft_dev_layers(&b->c->device, cycles, stats->layer_cycles, p->n_layers);
  if (e == WEFT_DEV_OK)
    e = t->reg_read(t->self, CSR_READ_BEATS, &reads);
  if (e == WEFT_DEV_OK)
    e = t->reg_read(t->self, CSR_WRITE_BEATS, &writes);
  stats->has_cycles = cycles != 0;
  stats->cycles += cycles;
  stats->read_bytes += (uint64_t)reads * b->c->device.info.beat_bytes;
  stats->write_bytes += (uint64_t)writes * b->c->device.info.beat_bytes;
  return e;
}

static weft_status board_run(void *self, weft_diag *d, const weft_program *p, uint32_t segment, uint8_t *const regions[4],
                             weft_tensor_seen seen, void *user, weft_run_stats *stats) {
  board_backend *b = self;
  const weft_prog_segment *s = &p->segments[segment];
  weft_dev_program run = {.prog_offset = s->first_insn * WEFT_INSN_BYTES, .prog_insns = s->n_insns, .watchdog = WATCHDOG_CYCLES};
  if (b->placed != p)
    WEFT_TRY(place(b, d, p));
  for (int k = 0; k < 4; k++) {
    run.base[k] = b->base[k];
    run.size[k] = p->region_bytes[k];
  }
  int e = spoil_output(b, p);
  if (e == WEFT_DEV_OK)
    e = load_regions(b, p, regions);
  if (e != WEFT_DEV_OK)
    return weft_connection_fail(d, b->c, "upload", e);
  e = weft_dev_run(&b->c->device, &run, b->c->limits.run_ms);
  if (e != WEFT_DEV_OK)
    return weft_connection_fail(d, b->c, "run", e);
  e = read_regions(b, p, regions);
  if (e == WEFT_DEV_OK && stats != NULL)
    e = read_stats(b, p, stats);
  if (e != WEFT_DEV_OK)
    return weft_connection_fail(d, b->c, "results", e);
  return show(p, segment, regions, seen, user);
}

const weft_backend weft_backend_board = {"board", board_open, board_run, board_close};
