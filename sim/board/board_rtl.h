/* SPDX-License-Identifier: Apache-2.0 */
/* The Verilated board (weft_sim_board) as a byte device: built once a board and
 * machine by the simulator cache of sim/rtl. */
#ifndef WEFT_SIM_BOARD_BOARD_RTL_H
#define WEFT_SIM_BOARD_BOARD_RTL_H

#include "sim/board/board_sim.h"
#include "sim/board/byte_device.h"
#include "sim/rtl/sim_cache.h"

typedef struct weft_board_rtl {
  const char *board_package;    /* text of weft_board_pkg                      */
  board_sim_options options;    /* chip NULL and dram NULL: the machine's dram.* */
  weft_sim_progress progress;
  void *progress_user;
} weft_board_rtl;

/* Errors of weft_sim_target_open; E_CONFIG: the memory's options. */
weft_status weft_board_rtl_open(weft_arena *arena, weft_diag *d, const weft_config *config, const weft_board_rtl *o,
                                weft_byte_device *out);
uint64_t weft_board_rtl_cycles(const weft_byte_device *dev);
/* phy: the host's end of the line sends and samples at so many clocks a bit (4). */
void weft_board_rtl_bit_clocks(const weft_byte_device *dev, int n);
/* Closing it is the device's close. The smallest chip of sdram_chips.def of that
 * geometry, or NULL. */
const char *weft_board_rtl_chip(uint32_t data_bits, uint32_t row_bits, uint32_t col_bits);
/* dram.* of a machine as the memory port's timing. */
weft_dram_timing weft_board_rtl_timing(const weft_config *c);

#endif
