/* SPDX-License-Identifier: Apache-2.0 */
/* A tiny platform around weft_tlm, for C: a host that accesses registers, a
 * memory, the accelerator. Each call runs the SystemC kernel until the host has
 * finished. One platform a process (SystemC elaborates once): fork for another. */
#ifndef WEFT_SIM_SYSTEMC_SC_PLATFORM_H
#define WEFT_SIM_SYSTEMC_SC_PLATFORM_H

#include "sim/rtl/rtl_sim.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sc_platform sc_platform;

/* NULL: a second platform, or timing out of range. Never freed: SystemC's
 * objects end with the process. */
sc_platform *sc_platform_new(const rtl_sim_api *api, const rtl_sim_memory *memory);
/* What the memory holds: caller-owned, as rtl_sim_api.map. */
void sc_platform_map(sc_platform *p, const rtl_sim_region regions[4]);
void sc_platform_write(sc_platform *p, uint32_t offset, uint32_t value);
uint32_t sc_platform_read(sc_platform *p, uint32_t offset);
/* Runs until the interrupt; false after max_cycles. */
bool sc_platform_wait_irq(sc_platform *p, uint64_t max_cycles);
/* First error of a socket or of the memory port, or NULL. */
const char *sc_platform_error(const sc_platform *p);
/* Bytes that crossed the DRAM socket. */
void sc_platform_bytes(const sc_platform *p, uint64_t *n_read, uint64_t *n_written);

#ifdef __cplusplus
}
#endif
#endif
