/* SPDX-License-Identifier: Apache-2.0 */
/* The RTL backend: loads regions behind the memory port, programs the registers
 * as a host would, runs, and looks at memories in the cycle in which a tensor's
 * last write retires. */
#include <stdio.h>
#include <libgen.h>
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/progress.h"
#include "runtime/runtime.h"
#include "sim/rtl/rtl_sim.h"
#include "sim/rtl/sim_cache.h"
#include "sim/rtl/wave_scope.h"

#define CHUNK_CYCLES 10000u       /* between reports and looks at an interrupt */
#define DEFAULT_MAX_CYCLES UINT64_C(500000000)
#define WATCHDOG_CYCLES 4000000u    /* more than the longest EXC             */
#define MAX_MARKS 512u              /* that the machine keeps                */
#define NEVER UINT64_MAX

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum { STATUS_BUSY = 1, STATUS_DONE = 2, CTRL_START = 1, CTRL_RESET = 2, CTRL_ACK = 4 };

typedef struct rtl_backend {
  weft_arena *arena;
  const weft_config *config;
  weft_backend_options options;
  weft_sim_library library;
  rtl_sim *sim;
  const char *wave_part;        /* waves are written here, renamed at close   */
  bool is_wave_whole;
  bool needs_reset;             /* the last run did not end                   */
} rtl_backend;

typedef struct event {          /* when a tensor of the map becomes valid     */
  int queue;                    /* 0..3                                       */
  uint64_t ordinal;             /* retirements of that queue                  */
  uint32_t tensor;
  bool is_done;
} event;

typedef struct run_state {
  rtl_backend *b;
  weft_diag *d;
  const weft_program *p;
  uint32_t segment;
  uint8_t *const *regions;
  weft_tensor_seen seen;
  void *user;
  weft_run_stats *stats;
  weft_arena *arena;            /* of this run                                */
  event *events;
  size_t n_events;
  uint64_t wave_first, wave_last;   /* EX retirements between which waves run */
  uint32_t n_ex;
  uint64_t *pace;               /* [n_ex + 2] cycles expected up to each of EX */
  uint64_t n_seen, seen_at;     /* of EX retired at the last report, and when */
  uint8_t spare[4][64];         /* memory of empty regions                    */
} run_state;

/* ---- open, close ---------------------------------------------------------- */
static void poison_scratchpad(rtl_backend *b) {
  weft_rng rng = {b->options.poison_seed};
  uint8_t word[64];
  for (int32_t bank = 0; bank < b->config->rows; bank++)
    for (int32_t row = 0; row < weft_spm_rows(b->config); row++) {
      for (int32_t i = 0; i < b->config->word_bytes; i++)
        word[i] = weft_rng_byte(&rng);
      b->library.api->spm_write(b->sim, (uint32_t)bank, (uint32_t)row, word);
    }
}

static weft_dram_timing timing_of(const weft_config *c) {
  return (weft_dram_timing){
    .beat_bytes = (uint32_t)c->beat_bytes,
    .rate_num = (uint32_t)c->dram_rate_num, .rate_den = (uint32_t)c->dram_rate_den,
    .latency = (uint32_t)c->dram_latency, .gap = (uint32_t)c->dram_gap,
    .refresh_interval = (uint32_t)c->dram_refresh_interval,
    .refresh_cycles = (uint32_t)c->dram_refresh_cycles,
    .row_bytes = (uint32_t)c->dram_row_bytes, .setup = (uint32_t)c->dram_setup,
    .mask_cycles = (uint32_t)c->dram_mask_cycles,
  };
}

/* The rules between DRAM keys: params.def's rules are the RTL's too, which
 * has no DRAM. */
static weft_status check_memory(weft_diag *d, const weft_config *c) {
  const weft_dram_timing t = timing_of(c);
  const char *broken = weft_dram_check(&t);
  if (broken == NULL)
    return WEFT_OK;
  if (c->dram_refresh_interval == 0 || c->dram_refresh_cycles < c->dram_refresh_interval)
    return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s: dram.*", c->name),
                     weft_diag_text(d, "beat_bytes %d, bytes_per_cycle %d/%d, row_bytes %d, setup %d, mask_cycles %d",
                                    (int)c->beat_bytes, (int)c->dram_rate_num, (int)c->dram_rate_den,
                                    (int)c->dram_row_bytes, (int)c->dram_setup, (int)c->dram_mask_cycles),
                     broken, "dram.row_bytes 0: no rows");
  return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s", c->name),
                   weft_diag_text(d, "dram.refresh_cycles %d, dram.refresh_interval %d", (int)c->dram_refresh_cycles,
                                  (int)c->dram_refresh_interval),
                   "dram.refresh_cycles below dram.refresh_interval", "0 for both: no refresh");
}

/* Before a simulator is built for it: waves are renamed into place, so only a
 * new name or a regular file in a writable folder will do. */
static weft_status check_wave(weft_diag *d, const char *path) {
  char *copy = strdup(path);
  if (copy == NULL)
    weft_out_of_memory(strlen(path));
  const char *folder = dirname(copy);
  struct stat st;
  const char *why = NULL;
  if (path[0] == '\0' || path[strlen(path) - 1] == '/')
    why = "no file name";
  else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
    why = "not a regular file";
  else if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode) || access(folder, W_OK) != 0)
    why = "its folder is absent or cannot be written";
  free(copy);
  if (why == NULL)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", path), why, "a file for the waves (FST)", NULL);
}

/* A machine of its own records two cycles of everything, to tell what there is. */
static weft_status check_scope(rtl_backend *b, weft_diag *d, const rtl_sim_memory *m) {
  const rtl_sim_api *api = b->library.api;
  const char *probe = weft_arena_printf(b->arena, "%s.%ld.probe", b->options.wave_path, (long)getpid());
  rtl_sim *sim = api->open(m);
  const char *header = NULL;
  if (sim != NULL && api->trace_open(sim, probe, NULL)) {
    api->trace_on(sim, true);
    (void)api->csr_read(sim, CSR_STATUS);
    api->close(sim);
    header = weft_wave_header(b->arena, b->library.handle, probe);
  } else if (sim != NULL) {
    api->close(sim);
  }
  unlink(probe);
  return header != NULL ? weft_wave_scope_check(b->arena, d, header, b->options.wave_scope) : WEFT_OK;
}

static weft_status rtl_open(weft_arena *arena, weft_diag *d, const weft_config *c,
                            const weft_backend_options *o, void **self) {
  *self = NULL;
  WEFT_TRY(weft_config_check(d, c));
  rtl_backend *b = WEFT_NEW(arena, rtl_backend, 1);
  b->arena = arena;
  b->config = c;
  b->options.wave_layer = -1;
  if (o != NULL)
    b->options = *o;
  bool trace = b->options.wave_path != NULL;
  WEFT_TRY(check_memory(d, c));
  if (o != NULL && o->wave_path != NULL)
    WEFT_TRY(check_wave(d, o->wave_path));
  WEFT_TRY(b->options.is_quick && !trace
             ? weft_sim_library_quick(arena, d, c, b->options.progress, b->options.progress_user, &b->library)
             : weft_sim_library_open(arena, d, c, trace, b->options.progress, b->options.progress_user, &b->library));
  const weft_dram_timing t = timing_of(c);
  rtl_sim_memory m = {
    .rate_num = t.rate_num, .rate_den = t.rate_den, .latency = t.latency, .gap = t.gap,
    .refresh_interval = t.refresh_interval, .refresh_cycles = t.refresh_cycles,
    .row_bytes = t.row_bytes, .setup = t.setup, .mask_cycles = t.mask_cycles,
  };
  *self = b;
  b->sim = b->library.api->open(&m);
  if (b->sim == NULL)
    return weft_fail(d, WEFT_E_INTERNAL, b->library.path, "the simulator does not open",
                     "memory timing in range, and scratchpad banks at u_core.u_spm.g_bank[].g_slice[].u_ram", NULL);
  if (trace && b->options.wave_scope != NULL)
    WEFT_TRY(check_scope(b, d, &m));
  if (trace)
    b->wave_part = weft_arena_printf(arena, "%s.%ld.part", b->options.wave_path, (long)getpid());
  if (trace && !b->library.api->trace_open(b->sim, b->wave_part, b->options.wave_scope))
    return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", b->options.wave_path), "cannot be written",
                     "a writable FST file", NULL);
  if (b->options.poison)
    poison_scratchpad(b);
  return WEFT_OK;
}

static void rtl_close(void *self) {
  rtl_backend *b = self;
  if (b == NULL)
    return;
  if (b->sim != NULL)
    b->library.api->close(b->sim);
  if (b->wave_part != NULL && (!b->is_wave_whole || rename(b->wave_part, b->options.wave_path) != 0))
    unlink(b->wave_part);
  weft_sim_library_close(&b->library);
}

/* ---- tensors --------------------------------------------------------------- */
static const uint8_t *unbank(run_state *r, const weft_prog_tensor *t, size_t *n_bytes) {
  const weft_config *c = r->b->config;
  const uint32_t rows = (uint32_t)c->rows, word_bytes = (uint32_t)c->word_bytes;
  const uint32_t spm_rows = (uint32_t)weft_spm_rows(c);
  *n_bytes = (size_t)t->h * t->w * t->c;
  uint8_t *dense = weft_arena_alloc(r->arena, *n_bytes + 1, 1), *at = dense, word[64];
  for (uint32_t y = 0; y < t->h; y++)
    for (uint32_t x = 0; x < t->w; x++) {
      uint32_t base = t->row + (t->px ? (x & 1) * t->plane_x : 0) + (t->py ? (y & 1) * t->plane_y : 0);
      uint32_t f = t->mod + (y >> t->py) * t->pitch + (x >> t->px);
      for (uint32_t first = 0; first < t->c; first += word_bytes) {
        uint32_t n = t->c - first < word_bytes ? t->c - first : word_bytes;
        uint32_t row = (base + f / rows * t->g + first / word_bytes) % spm_rows;
        r->b->library.api->spm_read(r->b->sim, f % rows, row, word);
        memcpy(at, word, n);
        at += n;
      }
    }
  return dense;
}

static size_t dram_tensor_bytes(const weft_prog_tensor *t) {
  size_t n = t->type == 0 || t->type == 2 ? 4 : 1;
  for (int32_t i = 0; i < t->rank; i++)
    n *= (size_t)t->shape[i];
  return n;
}

static weft_status show(run_state *r, const weft_prog_tensor *t) {
  if (t->place == WEFT_IN_DRAM)
    return r->seen(r->user, t, r->regions[t->region] + t->offset, dram_tensor_bytes(t));
  size_t n_bytes;
  const uint8_t *dense = unbank(r, t, &n_bytes);
  return r->seen(r->user, t, dense, n_bytes);
}

/* Ordered instructions of a queue within the segment, up to and with `insn`. */
static uint64_t ordinal_of(const weft_program *p, uint32_t first, uint32_t insn, int *queue) {
  weft_queue q = weft_insn_queue(&p->insns[insn]);
  uint64_t n = 0;
  for (uint32_t i = first; i <= insn; i++)
    n += weft_insn_is_ordered(&p->insns[i]) && weft_insn_queue(&p->insns[i]) == q;
  *queue = (int)q - 1;
  return n;
}

static void find_events(run_state *r) {
  const weft_prog_segment *s = &r->p->segments[r->segment];
  r->events = WEFT_NEW(r->arena, event, r->p->n_tensors + 1);
  for (uint32_t i = 0; r->seen != NULL && i < r->p->n_tensors; i++) {
    const weft_prog_tensor *t = &r->p->tensors[i];
    if (t->segment != r->segment)
      continue;
    event *e = &r->events[r->n_events++];
    e->tensor = i;
    e->queue = -1;
    if (t->insn != UINT32_MAX)
      e->ordinal = ordinal_of(r->p, s->first_insn, t->insn, &e->queue);
  }
}

/* A layer runs from its mark to the next one; the first from the start. */
static void find_wave(run_state *r) {
  const weft_prog_segment *s = &r->p->segments[r->segment];
  int64_t layer = r->b->options.wave_layer;
  r->wave_first = layer < 0 ? 0 : NEVER;
  r->wave_last = NEVER;
  uint64_t ordinal = 0;
  bool is_first = true;
  for (uint32_t i = s->first_insn; layer >= 0 && i < s->first_insn + s->n_insns; i++) {
    const weft_insn *insn = &r->p->insns[i];
    if (weft_insn_queue(insn) != WEFT_Q_EX || !weft_insn_is_ordered(insn))
      continue;
    ordinal++;
    if (weft_insn_get(insn, WEFT_H_OP) != WEFT_I_MARK)
      continue;
    if (weft_insn_get(insn, WEFT_F_MARK_ID) == layer && r->wave_first == NEVER)
      r->wave_first = is_first ? 0 : ordinal;
    else if (r->wave_first != NEVER && r->wave_last == NEVER)
      r->wave_last = ordinal;
    is_first = false;
  }
}

/* ---- the run ---------------------------------------------------------------- */
/* Regions share no row, so that cycles do not depend on where they lie: a board's
 * host places them at the same granularity. */
static uint32_t next_base(const run_state *r, uint32_t end) {
  const uint32_t row = (uint32_t)r->b->config->dram_row_bytes, step = row > 64 ? row : 64;
  return (end + 64 + step - 1) / step * step;
}

static weft_status start(run_state *r) {
  const rtl_sim_api *api = r->b->library.api;
  rtl_sim *sim = r->b->sim;
  rtl_sim_region map[4];
  uint32_t base = 0;
  for (int i = 0; i < 4; i++) {
    uint32_t size = (r->p->region_bytes[i] + 63u) & ~63u;
    map[i] = (rtl_sim_region){size != 0 ? r->regions[i] : r->spare[i], base, size != 0 ? size : 64};
    base = next_base(r, base + map[i].size_bytes);
  }
  api->map(sim, map);
  for (uint32_t i = 0; i < 4; i++) {
    api->csr_write(sim, CSR_BASE0 + 8 * i, map[i].base);
    api->csr_write(sim, CSR_SIZE0 + 8 * i, r->p->region_bytes[i]);
  }
  uint64_t hash = (uint64_t)api->csr_read(sim, CSR_HASH_HI) << 32 | api->csr_read(sim, CSR_HASH_LO);
  if (hash != r->p->config_hash)
    return weft_fail(r->d, WEFT_E_CONFIG_HASH, "simulator",
                     weft_diag_text(r->d, "machine %016llx, program %016llx", (unsigned long long)hash,
                                    (unsigned long long)r->p->config_hash),
                     "equal hashes", "compile for this machine, or choose it with -c");
  const weft_prog_segment *s = &r->p->segments[r->segment];
  api->csr_write(sim, CSR_PROG_OFFSET, s->first_insn * WEFT_INSN_BYTES);
  api->csr_write(sim, CSR_PROG_INSNS, s->n_insns);
  api->csr_write(sim, CSR_WATCHDOG, WATCHDOG_CYCLES);
  api->csr_write(sim, CSR_CTRL, CTRL_ACK);
  api->csr_write(sim, CSR_CTRL, CTRL_START);
  return WEFT_OK;
}

static void next_watch(const run_state *r, rtl_sim_watch *w) {
  for (int q = 0; q < RTL_SIM_QUEUES; q++)
    w->retired[q] = NEVER;
  for (size_t i = 0; i < r->n_events; i++) {
    const event *e = &r->events[i];
    if (!e->is_done && e->queue >= 0 && e->ordinal < w->retired[e->queue])
      w->retired[e->queue] = e->ordinal;
  }
  if (r->b->options.wave_path == NULL)
    return;
  uint64_t now[RTL_SIM_QUEUES];
  r->b->library.api->retired(r->b->sim, now);
  uint64_t next = now[2] < r->wave_first ? r->wave_first : r->wave_last;
  if (next > now[2] && next < w->retired[2])
    w->retired[2] = next;
}

static weft_status show_due(run_state *r, bool is_end) {
  uint64_t now[RTL_SIM_QUEUES];
  r->b->library.api->retired(r->b->sim, now);
  if (r->b->options.wave_path != NULL)
    r->b->library.api->trace_on(r->b->sim, now[2] >= r->wave_first && now[2] < r->wave_last);
  for (size_t i = 0; i < r->n_events; i++) {
    event *e = &r->events[i];
    if (e->is_done || !(e->queue < 0 ? is_end : now[e->queue] >= e->ordinal))
      continue;
    e->is_done = true;
    WEFT_TRY(show(r, &r->p->tensors[e->tensor]));
  }
  return WEFT_OK;
}

/* Of a layer, by its MACs or its bytes. */
static uint64_t expected_cycles(const run_state *r, uint32_t layer) {
  const weft_config *c = r->b->config;
  if (layer >= r->p->n_layers)
    return 0;
  const weft_prog_layer *l = &r->p->layers[layer];
  const uint64_t by_macs = l->macs / (uint64_t)(c->rows * c->cols);
  const uint64_t by_bytes = (l->bytes_in + l->bytes_out) * (uint64_t)c->dram_rate_den / (uint64_t)c->dram_rate_num;
  return by_macs > by_bytes ? by_macs : by_bytes;
}

/* Layer of each ordered instruction of EX, as its marks tell; a mark itself takes
 * no time and is in none. Their number. */
static uint32_t list_ex(const run_state *r, uint32_t *layers) {
  const weft_prog_segment *s = &r->p->segments[r->segment];
  uint32_t n = 0, layer = UINT32_MAX;
  for (uint32_t i = s->first_insn; i < s->first_insn + s->n_insns; i++) {
    const weft_insn *insn = &r->p->insns[i];
    if (weft_insn_queue(insn) != WEFT_Q_EX || !weft_insn_is_ordered(insn))
      continue;
    const bool is_mark = weft_insn_get(insn, WEFT_H_OP) == WEFT_I_MARK;
    if (is_mark)
      layer = (uint32_t)weft_insn_get(insn, WEFT_F_MARK_ID);
    layers[n++] = is_mark ? UINT32_MAX : layer;
  }
  return n;
}

/* Cycles expected until each instruction of EX retires: its layer's, in equal parts. */
static void find_pace(run_state *r) {
  uint32_t *layers = WEFT_NEW(r->arena, uint32_t, r->p->segments[r->segment].n_insns + 1);
  uint32_t *n_of = WEFT_NEW(r->arena, uint32_t, r->p->n_layers + 1);
  r->n_ex = list_ex(r, layers);
  r->pace = WEFT_NEW(r->arena, uint64_t, r->n_ex + 2);
  for (uint32_t i = 0; i < r->n_ex; i++)
    n_of[layers[i] < r->p->n_layers ? layers[i] : r->p->n_layers]++;
  for (uint32_t i = 0; i < r->n_ex; i++)
    r->pace[i + 1] = r->pace[i] + 1 + (layers[i] < r->p->n_layers ? expected_cycles(r, layers[i]) / n_of[layers[i]] : 0);
  r->pace[r->n_ex + 1] = r->pace[r->n_ex] + 1000;   /* until the last byte is stored */
}

/* What has retired, and the time since then as part of the next instruction. */
static void report(run_state *r, uint64_t cycles) {
  uint64_t now[RTL_SIM_QUEUES];
  r->b->library.api->retired(r->b->sim, now);
  const uint64_t k = now[2] < r->n_ex ? now[2] : r->n_ex;
  if (k != r->n_seen) {
    r->n_seen = k;
    r->seen_at = cycles;
  }
  const double since = (double)(cycles - r->seen_at), next = (double)(r->pace[k + 1] - r->pace[k]);
  const double part = next * weft_progress_part(since, next);
  r->b->options.progress(r->b->options.progress_user, r->pace[k] + (uint64_t)part, r->pace[r->n_ex + 1], "rtl");
}

static weft_status fail_access(run_state *r) {
  uint32_t address = 0;
  const char *what = r->b->library.api->bad_access(r->b->sim, &address);
  return weft_fail(r->d, WEFT_E_INTERNAL, "memory port", weft_diag_text(r->d, "%s, address 0x%08x", what, (unsigned)address),
                   "the rules of rtl/README.md", "please report this");
}

static weft_status run_to_end(run_state *r) {
  uint64_t cap = r->b->options.max_cycles != 0 ? r->b->options.max_cycles : DEFAULT_MAX_CYCLES;
  uint64_t total = 0, next_report = 0;
  for (;;) {
    rtl_sim_watch watch;
    uint64_t n, left = cap - total;
    next_watch(r, &watch);
    rtl_sim_stop stop = r->b->library.api->run(r->b->sim, left < CHUNK_CYCLES ? left : CHUNK_CYCLES, &watch, &n);
    total += n;
    if (stop == RTL_SIM_BAD_ACCESS)
      return fail_access(r);
    WEFT_TRY(show_due(r, false));
    if (stop == RTL_SIM_DONE)
      return WEFT_OK;
    if (weft_interrupted())
      return WEFT_E_INTERRUPTED;
    if (total >= cap)
      return weft_fail(r->d, WEFT_E_CAP, "rtl", weft_diag_text(r->d, "%llu cycles without an end", (unsigned long long)total),
                       weft_diag_text(r->d, "at most %llu cycles", (unsigned long long)cap), "raise --max-cycles");
    if (r->b->options.progress != NULL && total >= next_report) {
      next_report = total + CHUNK_CYCLES;
      report(r, total);
    }
  }
}

static const char *fault_text(uint32_t code) {
  static const struct { uint32_t code; const char *text; } rows[] = {
#define FAULT(name, code, doc) {code, doc},
#include "csr.def"
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (rows[i].code == code)
      return rows[i].text;
  return "unknown fault";
}

static weft_status check_fault(run_state *r) {
  const rtl_sim_api *api = r->b->library.api;
  uint32_t fault = api->csr_read(r->b->sim, CSR_STATUS) >> 4 & 15;
  if (fault == 0)
    return WEFT_OK;
  uint32_t pc = api->csr_read(r->b->sim, CSR_FAULT_PC), queue = api->csr_read(r->b->sim, CSR_FAULT_QUEUE);
  return weft_fail(r->d, WEFT_E_FAULT,
                   weft_diag_text(r->d, "instruction %u, queue %u",
                                  (unsigned)(r->p->segments[r->segment].first_insn + pc), (unsigned)queue),
                   fault_text(fault), "a program that the static checker accepts", "weft inspect shows the instruction");
}

/* A mark stands before its layer: layers are mark to mark, the first from the
 * start write, the last to done, so that they add up to all cycles. */
static void read_layers(run_state *r, uint64_t cycles) {
  const rtl_sim_api *api = r->b->library.api;
  weft_run_stats *s = r->stats;
  uint32_t n = api->csr_read(r->b->sim, CSR_MARK_COUNT), layer = UINT32_MAX;
  uint64_t from = 0;
  for (uint32_t i = 0; i < n && i < MAX_MARKS && s->layer_cycles != NULL; i++) {
    api->csr_write(r->b->sim, CSR_MARK_INDEX, i);
    uint32_t id = api->csr_read(r->b->sim, CSR_MARK_ID), at = api->csr_read(r->b->sim, CSR_MARK_CYCLE);
    if (layer < s->n_layers) {
      s->layer_cycles[layer] += at - from;
      from = at;
    }
    layer = id;
  }
  if (layer < s->n_layers && s->layer_cycles != NULL)
    s->layer_cycles[layer] += cycles - from;
}

static void read_stats(run_state *r) {
  const rtl_sim_api *api = r->b->library.api;
  rtl_sim *sim = r->b->sim;
  if (r->stats == NULL)
    return;
  uint64_t cycles = (uint64_t)api->csr_read(sim, CSR_CYCLES_HI) << 32 | api->csr_read(sim, CSR_CYCLES_LO);
  uint32_t beat = (uint32_t)r->b->config->beat_bytes;
  r->stats->has_cycles = true;
  r->stats->cycles += cycles;
  r->stats->issue_trace = r->stats->issue_trace * UINT64_C(0x100000001b3) + api->issue_trace(sim);
  r->stats->read_bytes += (uint64_t)api->csr_read(sim, CSR_READ_BEATS) * beat;
  r->stats->write_bytes += (uint64_t)api->csr_read(sim, CSR_WRITE_BEATS) * beat;
  read_layers(r, cycles);
}

static weft_status run_segment(run_state *r) {
  find_events(r);
  find_wave(r);
  find_pace(r);
  if (r->b->needs_reset)
    r->b->library.api->reset(r->b->sim);
  r->b->needs_reset = true;
  WEFT_TRY(start(r));
  if (r->b->options.wave_path != NULL)
    r->b->library.api->trace_on(r->b->sim, r->wave_first == 0);
  WEFT_TRY(run_to_end(r));
  if (r->b->options.wave_path != NULL)
    r->b->library.api->trace_on(r->b->sim, false);
  r->b->is_wave_whole = true;
  WEFT_TRY(check_fault(r));
  r->b->needs_reset = false;
  WEFT_TRY(show_due(r, true));
  read_stats(r);
  return WEFT_OK;
}

static weft_status rtl_run(void *self, weft_diag *d, const weft_program *p, uint32_t segment,
                           uint8_t *const regions[4], weft_tensor_seen seen, void *user, weft_run_stats *stats) {
  run_state r = {.b = self, .d = d, .p = p, .segment = segment, .regions = regions, .seen = seen, .user = user,
                 .stats = stats, .arena = weft_arena_new()};
  weft_status s = run_segment(&r);
  weft_arena_free(&r.arena);
  return s;
}

const weft_backend weft_backend_rtl = {"rtl", rtl_open, rtl_run, rtl_close};
