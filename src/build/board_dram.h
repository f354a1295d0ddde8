/* SPDX-License-Identifier: Apache-2.0 */
/* The timing of a board's memory back-end, for the simulators. */
#ifndef WEFT_BUILD_BOARD_DRAM_H
#define WEFT_BUILD_BOARD_DRAM_H

#include "build/board.h"
#include "config/config.h"

/* Sets the keys dram.* of a machine, but for dram.beat_bytes, to what the
 * controller of the board takes at its target clock. Memory kinds: sdram; bram;
 * flash, where the numbers are those of the RAM below it, for programs that lie in
 * it whole. E_CONFIG: the controller cannot serve that beat at that clock;
 * E_UNSUPPORTED: a memory of somebody else (axi). */
weft_status weft_board_dram(weft_diag *d, const weft_board *b, weft_config *c);

#endif
