/* SPDX-License-Identifier: Apache-2.0 */
/* A Verilated weft_axi (axi_sim.h) with a memory of its own: what stands behind
 * the UIO transport of a simulated Zynq. Built by the simulator cache of sim/rtl. */
#ifndef WEFT_SIM_BOARD_AXI_RTL_H
#define WEFT_SIM_BOARD_AXI_RTL_H

#include "sim/board/axi_sim.h"
#include "sim/rtl/sim_cache.h"

typedef struct weft_axi_rtl_options {
  const char *board_package;    /* text of weft_board_pkg                       */
  uint32_t mem_bytes, base, stall_percent;
  uint64_t seed;
  weft_sim_progress progress;
  void *progress_user;
} weft_axi_rtl_options;

typedef struct weft_axi_rtl weft_axi_rtl;
/* Errors of weft_sim_target_open; E_CONFIG: options out of range. */
weft_status weft_axi_rtl_open(weft_arena *arena, weft_diag *d, const weft_config *config, const weft_axi_rtl_options *o,
                              weft_axi_rtl **out);
void weft_axi_rtl_close(weft_axi_rtl **a);
uint8_t *weft_axi_rtl_memory(const weft_axi_rtl *a);
/* The first rule of the bus that was broken, or NULL. */
const char *weft_axi_rtl_error(const weft_axi_rtl *a);
/* Accesses as weft_uio_bus has them; a pause is so many clocks. */
uint32_t weft_axi_rtl_load(void *self, uint32_t offset);
void weft_axi_rtl_store(void *self, uint32_t offset, uint32_t value);
void weft_axi_rtl_pause(void *self, uint32_t ms);

#endif
