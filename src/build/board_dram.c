/* SPDX-License-Identifier: Apache-2.0 */
#include "build/board_dram.h"

#include <string.h>

#include "sim/board/sdram_law.h"

static void set_timing(weft_config *c, const weft_dram_timing *t) {
  c->dram_rate_num = (int32_t)t->rate_num;
  c->dram_rate_den = (int32_t)t->rate_den;
  c->dram_latency = (int32_t)t->latency;
  c->dram_gap = (int32_t)t->gap;
  c->dram_refresh_interval = (int32_t)t->refresh_interval;
  c->dram_refresh_cycles = (int32_t)t->refresh_cycles;
  c->dram_row_bytes = (int32_t)t->row_bytes;
  c->dram_setup = (int32_t)t->setup;
  c->dram_mask_cycles = (int32_t)t->mask_cycles;
}

/* weft_mem_walk: a beat a cycle, setup 1, no gap, one row. */
static weft_status on_chip(weft_diag *d, const weft_board *b, weft_config *c, uint32_t latency) {
  if (strcmp(b->memory_kind, "flash") == 0 && c->beat_bytes != 4)
    return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "board %s, machine %s", b->name, c->name),
                     weft_diag_text(d, "dram.beat_bytes %d", (int)c->beat_bytes), "4", "a machine with dram.beat_bytes 4");
  const weft_dram_timing t = {.rate_num = (uint32_t)c->beat_bytes, .rate_den = 1, .latency = latency,
                              .row_bytes = 1u << 24, .setup = 1};
  set_timing(c, &t);
  return WEFT_OK;
}

weft_status weft_board_dram(weft_diag *d, const weft_board *b, weft_config *c) {
  if (strcmp(b->memory_kind, "flash") == 0)
    return on_chip(d, b, c, 1);
  if (strcmp(b->memory_kind, "bram") == 0)
    return on_chip(d, b, c, 2);
  if (strcmp(b->memory_kind, "sdram") != 0)
    return weft_fail(d, WEFT_E_UNSUPPORTED, weft_diag_text(d, "board %s: memory.kind", b->name), b->memory_kind,
                     "sdram, bram, flash: kinds whose cycles are told", "dram.* keys of your own, by --set");
  const int64_t low_cols = b->memory_col_bits > 9 ? b->memory_col_bits - 1 : b->memory_col_bits;
  const sdram_board s = {(uint32_t)b->target_hz, (uint32_t)b->memory_data_bits, (uint32_t)b->memory_row_bits,
                         (uint32_t)b->memory_data_bits / 8 << low_cols, b->memory_has_dqm};
  weft_dram_timing t;
  if (!sdram_law(&s, (uint32_t)c->beat_bytes, &t))
    return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "board %s, machine %s", b->name, c->name),
                     weft_diag_text(d, "dram.beat_bytes %d at %lld Hz, memory.data_bits %lld", (int)c->beat_bytes,
                                    (long long)b->target_hz, (long long)b->memory_data_bits),
                     "a beat of at least a word of the chip, 20 to 143 MHz", "dram.beat_bytes 4 or more");
  set_timing(c, &t);
  return WEFT_OK;
}
