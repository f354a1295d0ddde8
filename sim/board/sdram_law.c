/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sdram_law.h"

#include <string.h>

/* Defaults of weft_sdram: the slowest chip of the boards, ps. */
enum { RCD = 20000, RP = 20000, RAS = 44000, RC = 66000, WR = 15000, WR_CLOCKS = 2, RFC = 70000 };
enum { REFI_8192 = 7812500, REFI_4096 = 15625000 };
enum { SLOWEST_HZ = 20000000, FASTEST_HZ = 143000000, CL2_HZ = 100000000 };

static uint32_t clocks(const sdram_board *b, uint64_t ps) {
  return (uint32_t)((ps * (b->clock_hz / 1000) + 999999999) / 1000000000);
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

bool sdram_law(const sdram_board *b, uint32_t beat_bytes, weft_dram_timing *out) {
  const uint32_t word = b->data_bits / 8;
  if ((word != 2 && word != 4) || beat_bytes < word || beat_bytes % word != 0 ||
      b->clock_hz < SLOWEST_HZ || b->clock_hz > FASTEST_HZ)
    return false;
  const int64_t cl = b->clock_hz > CL2_HZ ? 3 : 2, words = beat_bytes / word;
  const int64_t setup = larger(clocks(b, RCD), 2);
  const int64_t tail = larger(larger(clocks(b, WR), WR_CLOCKS), (int64_t)clocks(b, RAS) - setup - words + 1);
  const int64_t turn = cl + 1 - tail - setup, cycle = (int64_t)clocks(b, RC) - setup - words - tail;
  const int64_t close = larger(larger((int64_t)clocks(b, RP) - 1, 1), larger(turn, cycle));
  const uint64_t refi = b->row_bits == 11 ? REFI_4096 : REFI_8192;
  memset(out, 0, sizeof *out);
  out->beat_bytes = beat_bytes;
  out->rate_num = word;
  out->rate_den = 1;
  out->latency = (uint32_t)(cl + 4 + words);
  out->gap = (uint32_t)(tail + close);
  out->refresh_interval = (uint32_t)(refi * (b->clock_hz / 1000) / 1000000000);
  out->refresh_cycles = (uint32_t)larger(clocks(b, RFC), 3);
  out->row_bytes = b->row_bytes;
  out->setup = (uint32_t)setup;
  out->mask_cycles = b->has_dqm ? 0 : (uint32_t)(cl + 5);
  return weft_dram_check(out) == NULL;
}
