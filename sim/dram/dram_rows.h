/* SPDX-License-Identifier: Apache-2.0 */
/* Private to sim/dram: the law with rows (dram.h), a machine of states. In a
 * tick: written (if a beat was taken), edge, then the acceptance of a burst,
 * then show of the next cycle. */
#ifndef WEFT_DRAM_DRAM_ROWS_H
#define WEFT_DRAM_DRAM_ROWS_H

#include "sim/dram/dram.h"

/* NULL, or what is out of range. */
const char *weft_dram_rows_check(const weft_dram_timing *t);
void weft_dram_rows_restart(weft_dram *d);
/* The strobes of the beat that was just written. */
void weft_dram_rows_written(weft_dram *d, uint32_t strb);
/* The state of the next cycle, from the bursts accepted before this one. */
void weft_dram_rows_edge(weft_dram *d);
/* w_ready, and the read of a slot. */
void weft_dram_rows_show(weft_dram *d, weft_dram_out *out);

/* In dram.c: puts the active burst's beat on its way. */
void weft_dram_read_beat(weft_dram *d);

#endif
