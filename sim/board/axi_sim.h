/* SPDX-License-Identifier: Apache-2.0 */
/* C interface of a Verilated weft_axi between a processor and a memory of ours: an
 * AXI4-Lite master that sets registers and an AXI4 slave that holds the bytes. Both
 * stall at random and use what the bus allows: write data before its address,
 * responses late, writes that reach the memory only with their response, reads
 * that look at it when their address is taken or when their data go. Each rule
 * that weft_axi could break is checked every clock. Not thread-safe. */
#ifndef WEFT_SIM_BOARD_AXI_SIM_H
#define WEFT_SIM_BOARD_AXI_SIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AXI_SIM_ABI 1

typedef struct axi_sim_options {
  uint8_t *memory;              /* the caller's; bus address base is its first byte */
  uint32_t mem_bytes, base;
  uint64_t seed;
  uint32_t stall_percent;       /* of clocks in which a side is not ready, 0..95 */
} axi_sim_options;

typedef struct axi_sim axi_sim;

typedef struct axi_sim_api {
  uint32_t abi;
  axi_sim *(*open)(const axi_sim_options *o);       /* NULL: out of range        */
  void (*close)(axi_sim *s);
  uint32_t (*load)(axi_sim *s, uint32_t offset);    /* a register, some clocks   */
  void (*store)(axi_sim *s, uint32_t offset, uint32_t value);
  void (*idle)(axi_sim *s, uint32_t n_clocks);
  const char *(*error)(const axi_sim *s);           /* the first broken rule, or NULL */
  uint64_t (*clocks)(const axi_sim *s);
} axi_sim_api;

const axi_sim_api *weft_axi_sim_api(void);

#ifdef __cplusplus
}
#endif
#endif
