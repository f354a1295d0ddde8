/* SPDX-License-Identifier: Apache-2.0 */
/* What boards/common/weft_sdram.sv takes, as numbers of sim/dram's law with rows.
 * Written from that module's README and limits; tests/board measures the RTL and
 * fails when they differ. */
#ifndef WEFT_SIM_BOARD_SDRAM_LAW_H
#define WEFT_SIM_BOARD_SDRAM_LAW_H

#include "sim/dram/dram.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sdram_board {    /* parameters of weft_sdram as board tops set them */
  uint32_t clock_hz;
  uint32_t data_bits;           /* 16, 32                                     */
  uint32_t row_bits;            /* 13: 8192 rows in 64 ms; 11: 4096 refreshes */
  uint32_t row_bytes;           /* a power of two                             */
  bool has_dqm;
} sdram_board;

/* False: no such controller (a beat below a word, a clock out of range). */
bool sdram_law(const sdram_board *board, uint32_t beat_bytes, weft_dram_timing *out);

#ifdef __cplusplus
}
#endif

#endif
