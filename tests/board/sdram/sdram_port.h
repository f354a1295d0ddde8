/* SPDX-License-Identifier: Apache-2.0 */
/* A controller of sdram_set.sv and its chip behind the memory port of a simulator
 * of sim/rtl, for callers in C. */
#ifndef WEFT_TESTS_SDRAM_PORT_H
#define WEFT_TESTS_SDRAM_PORT_H

#include "sim/board/sdram_law.h"
#include "sim/dram/dram.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sdram_port sdram_port;

/* Booted; NULL if it does not come up. */
sdram_port *sdram_port_open(int controller, const char *chip);
void sdram_port_close(sdram_port *p);
sdram_board sdram_port_board(const sdram_port *p);
/* rtl_sim_port. */
void sdram_port_cycle(void *port, bool is_start, const weft_dram_in *driven, weft_dram_out *shown);
/* The chip's memory by byte address, past the controller. */
void sdram_port_poke(sdram_port *p, uint32_t addr, const uint8_t *bytes, uint32_t n);
void sdram_port_peek(sdram_port *p, uint32_t addr, uint8_t *bytes, uint32_t n);
/* What the chip objected to, or NULL. */
const char *sdram_port_error(const sdram_port *p);

#ifdef __cplusplus
}
#endif

#endif
