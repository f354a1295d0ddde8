/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/dram/dram.h"

#include <stddef.h>
#include <string.h>

#include "sim/dram/dram_rows.h"

#define N_ANSWERS (sizeof((weft_dram *)0)->answers / sizeof(weft_dram_answer))
#define NO_REGION UINT32_MAX

static void fail(weft_dram *d, const char *what, uint32_t addr) {
  if (d->error != NULL)
    return;
  d->error = what;
  d->error_addr = addr;
  d->error_cycle = d->cycle;
}

const char *weft_dram_check(const weft_dram_timing *t) {
  if (t->beat_bytes != 4 && t->beat_bytes != 8 && t->beat_bytes != 16)
    return "beat_bytes must be 4, 8 or 16";
  if (t->rate_num < 1 || t->rate_num > 64 || t->rate_den < 1 || t->rate_den > 64)
    return "the rate must be N/M with N and M in 1..64";
  if (t->latency < 1 || t->latency > WEFT_DRAM_MAX_LATENCY)
    return "the latency must be 1..1000";
  if (t->refresh_interval != 0 && t->refresh_cycles >= t->refresh_interval)
    return "a refresh must be shorter than its interval";
  return t->row_bytes == 0 ? NULL : weft_dram_rows_check(t);
}

bool weft_dram_init(weft_dram *d, const weft_dram_timing *timing,
                    const weft_dram_region *regions, uint32_t n_regions) {
  memset(d, 0, sizeof *d);
  d->timing = *timing;
  const char *why = weft_dram_check(timing);
  if (why == NULL && n_regions > sizeof d->regions / sizeof *d->regions)
    why = "at most 4 regions";
  for (uint32_t i = 0; why == NULL && i < n_regions; i++) {
    d->regions[i] = regions[i];
    if ((regions[i].base | regions[i].bytes) % timing->beat_bytes != 0)
      why = "base and size of a region must be multiples of the beat";
    else if (regions[i].bytes != 0 && regions[i].base > UINT32_MAX - (regions[i].bytes - 1))
      why = "a region must end within 32 bits";
  }
  if (why == NULL)
    d->n_regions = n_regions;
  else
    fail(d, why, 0);
  return why == NULL;
}

bool weft_dram_idle(const weft_dram *d) {
  bool beats = d->active.valid && d->active.beats_left > 0;
  return !beats && !d->behind.valid && d->n_answers == 0;
}

void weft_dram_read_beat(weft_dram *d) {
  const weft_dram_burst *b = &d->active;
  weft_dram_answer *a = &d->answers[(d->cycle + d->timing.latency) % N_ANSWERS];
  a->valid = true;
  if (b->region == NO_REGION)
    memset(a->data, 0, sizeof a->data);
  else
    memcpy(a->data, d->regions[b->region].data + b->offset, d->timing.beat_bytes);
  d->n_answers++;
  d->read_beats++;
}

static void beat_done(weft_dram *d) {
  d->active.offset += d->timing.beat_bytes;
  if (--d->active.beats_left == 0)
    d->gap_left = d->timing.gap;
}

/* Bresenham: counts on in every cycle, whether the slot is used or not. */
static bool phase_slot(weft_dram *d) {
  uint32_t whole = d->timing.beat_bytes * d->timing.rate_den;
  d->phase += d->timing.rate_num < whole ? d->timing.rate_num : whole;
  if (d->phase < whole)
    return false;
  d->phase -= whole;
  return true;
}

static bool in_refresh(const weft_dram *d) {
  return d->timing.refresh_interval != 0 && d->cycle >= d->timing.refresh_interval &&
         d->refresh_at < d->timing.refresh_cycles;
}

static void show_answer(weft_dram *d, weft_dram_out *out) {
  weft_dram_answer *a = &d->answers[d->cycle % N_ANSWERS];
  out->r_valid = a->valid;
  if (a->valid) {
    memcpy(out->r_data, a->data, d->timing.beat_bytes);
    a->valid = false;
    d->n_answers--;
  }
  out->req_ready = !d->behind.valid;
}

static void show_plain(weft_dram *d, weft_dram_out *out) {
  bool slot = phase_slot(d) && !in_refresh(d);
  if (d->active.valid && d->active.beats_left == 0) {
    if (d->gap_left > 0)
      d->gap_left--;
    else
      d->active.valid = false;
  }
  if (!d->active.valid && d->behind.valid) {
    d->active = d->behind;
    d->behind.valid = false;
  }
  out->w_ready = slot && d->active.valid && d->active.beats_left > 0 && d->active.write;
  if (slot && d->active.valid && d->active.beats_left > 0 && !d->active.write) {
    weft_dram_read_beat(d);
    beat_done(d);
  }
}

/* Outputs of the cycle d->cycle. */
static void show(weft_dram *d, weft_dram_out *out) {
  if (d->timing.row_bytes != 0)
    weft_dram_rows_show(d, out);
  else
    show_plain(d, out);
  show_answer(d, out);
}

void weft_dram_restart(weft_dram *d, weft_dram_out *out) {
  if (!weft_dram_idle(d))
    fail(d, "restarted with a burst in flight", 0);
  memset(&d->active, 0, sizeof d->active);
  memset(&d->behind, 0, sizeof d->behind);
  memset(&d->held, 0, sizeof d->held);
  memset(d->answers, 0, sizeof d->answers);
  d->n_answers = d->phase = d->refresh_at = d->gap_left = 0;
  d->cycle = d->read_beats = d->write_beats = d->bursts = 0;
  weft_dram_rows_restart(d);
  memset(out, 0, sizeof *out);
  show(d, out);
}

static uint32_t find_region(const weft_dram *d, uint32_t addr, uint32_t n_bytes) {
  for (uint32_t i = 0; i < d->n_regions; i++) {
    const weft_dram_region *r = &d->regions[i];
    if (addr >= r->base && addr - r->base < r->bytes && n_bytes <= r->bytes - (addr - r->base))
      return i;
  }
  return NO_REGION;
}

static void accept_burst(weft_dram *d, const weft_dram_in *in) {
  uint32_t beat = d->timing.beat_bytes;
  weft_dram_burst *b = &d->behind;
  if (in->req_beats < 1 || in->req_beats > WEFT_DRAM_BURST / beat) {
    fail(d, "a burst must have 1 beat to 64 bytes", in->req_addr);
    return;
  }
  b->valid = true;
  b->write = in->req_write;
  b->beats_left = in->req_beats;
  b->region = find_region(d, in->req_addr, in->req_beats * beat);
  if (in->req_addr % beat != 0) {
    b->region = NO_REGION;
    fail(d, "a burst must start at a beat", in->req_addr);
  }
  if (b->region == NO_REGION)
    fail(d, "a burst is outside every region", in->req_addr);
  else if (b->write && d->regions[b->region].read_only)
    fail(d, "a write to a read-only region", in->req_addr);
  b->addr = in->req_addr;
  b->offset = b->region == NO_REGION ? 0 : in->req_addr - d->regions[b->region].base;
  d->bursts++;
}

static void write_beat(weft_dram *d, const weft_dram_in *in) {
  const weft_dram_burst *b = &d->active;
  if (b->region != NO_REGION && !d->regions[b->region].read_only) {
    uint8_t *to = d->regions[b->region].data + b->offset;
    for (uint32_t i = 0; i < d->timing.beat_bytes; i++)
      if ((in->w_strb >> i & 1u) != 0)
        to[i] = in->w_data[i];
  }
  d->write_beats++;
}

static void check_held(weft_dram *d, const weft_dram_in *in) {
  const weft_dram_in *h = &d->held;
  if (h->req_valid && (!in->req_valid || in->req_write != h->req_write ||
                       in->req_addr != h->req_addr || in->req_beats != h->req_beats))
    fail(d, "a request changed before it was taken", h->req_addr);
}

void weft_dram_tick(weft_dram *d, const weft_dram_in *in, weft_dram_out *out) {
  check_held(d, in);
  d->held.req_valid = in->req_valid && !out->req_ready;
  if (d->held.req_valid) {
    d->held.req_write = in->req_write;
    d->held.req_addr = in->req_addr;
    d->held.req_beats = in->req_beats;
  }
  if (out->w_ready) {
    write_beat(d, in);
    if (d->timing.row_bytes == 0)
      beat_done(d);
    else
      weft_dram_rows_written(d, in->w_strb);
  }
  if (d->timing.row_bytes != 0)
    weft_dram_rows_edge(d);
  if (in->req_valid && out->req_ready)
    accept_burst(d, in);
  d->cycle++;
  if (++d->refresh_at == d->timing.refresh_interval) {
    d->refresh_at = 0;
    d->rows.due = true;
  }
  show(d, out);
}
