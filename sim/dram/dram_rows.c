/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/dram/dram_rows.h"

#include <stddef.h>
#include <string.h>

enum { IDLE, SETUP, SLOT, GAP, REFRESH };

static uint32_t beat_cycles(const weft_dram_timing *t) {
  return t->beat_bytes * t->rate_den / t->rate_num;
}

const char *weft_dram_rows_check(const weft_dram_timing *t) {
  if ((t->row_bytes & (t->row_bytes - 1)) != 0 || t->row_bytes < WEFT_DRAM_MAX_BEAT)
    return "row_bytes must be 0 or a power of two from 16 on";
  if (t->setup < 1)
    return "with rows the setup must be at least 1";
  if (beat_cycles(t) < 1 || t->beat_bytes * t->rate_den % t->rate_num != 0)
    return "with rows a beat must take whole cycles";
  if (t->mask_cycles != 0 && t->rate_num % t->rate_den != 0)
    return "with mask_cycles the rate must be whole bytes a cycle";
  return NULL;
}

void weft_dram_rows_restart(weft_dram *d) {
  memset(&d->rows, 0, sizeof d->rows);
  d->rows.due = d->timing.refresh_interval != 0;
}

void weft_dram_rows_written(weft_dram *d, uint32_t strb) {
  if (d->timing.mask_cycles == 0)
    return;
  const uint32_t word = d->timing.rate_num / d->timing.rate_den;
  const uint32_t whole = (1u << word) - 1u;
  for (uint32_t i = 0; i < d->timing.beat_bytes; i += word) {
    const uint32_t s = strb >> i & whole;
    d->rows.partial += s != 0 && s != whole;
  }
}

static uint32_t row_of(const weft_dram *d, uint32_t addr) { return addr / d->timing.row_bytes; }

static void enter(weft_dram *d, uint32_t state, uint32_t cycles) {
  d->rows.state = cycles == 0 ? (state == SETUP ? SLOT : IDLE) : state;
  d->rows.left = cycles;
}

static void take_behind(weft_dram *d) {
  d->active = d->behind;
  d->behind.valid = false;
}

static void edge_idle(weft_dram *d) {
  if (d->rows.due) {
    d->rows.due = false;
    enter(d, REFRESH, d->timing.refresh_cycles - 1);
  } else if (d->active.valid || d->behind.valid) {
    if (!d->active.valid)
      take_behind(d);
    enter(d, SETUP, d->timing.setup - 1);
  }
}

/* The last cycle of a beat in row `row`. */
static void beat_ends(weft_dram *d, uint32_t row) {
  weft_dram_burst *a = &d->active, *b = &d->behind;
  a->addr += d->timing.beat_bytes;
  a->offset += d->timing.beat_bytes;
  if (--a->beats_left != 0 && row_of(d, a->addr) == row)
    return;
  const bool masks = d->timing.mask_cycles != 0 && a->write;
  const bool follows = a->beats_left == 0 && b->valid && b->write == a->write &&
                       row_of(d, b->addr) == row && !d->rows.due && !masks;
  if (follows) {
    take_behind(d);
    return;
  }
  a->valid = a->beats_left != 0;
  enter(d, GAP, d->timing.gap + d->rows.partial * d->timing.mask_cycles);
  d->rows.partial = 0;
}

void weft_dram_rows_edge(weft_dram *d) {
  if (d->rows.state == IDLE) {
    edge_idle(d);
  } else if (d->rows.state == SLOT) {
    if (++d->rows.beat_cycle == beat_cycles(&d->timing)) {
      d->rows.beat_cycle = 0;
      beat_ends(d, row_of(d, d->active.addr));
    }
  } else if (--d->rows.left == 0) {
    d->rows.state = d->rows.state == SETUP ? SLOT : IDLE;
  }
}

void weft_dram_rows_show(weft_dram *d, weft_dram_out *out) {
  const bool slot = d->rows.state == SLOT && d->rows.beat_cycle == 0;
  out->w_ready = slot && d->active.write;
  if (slot && !d->active.write)
    weft_dram_read_beat(d);
}
