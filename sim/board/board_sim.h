/* SPDX-License-Identifier: Apache-2.0 */
/* C interface of a Verilated board (weft_sim_board): the functions of a byte
 * device, and what a test may look at. One shared object a board and machine
 * (sim/rtl/sim_cache.h). Not thread-safe; any number of instances. */
#ifndef WEFT_SIM_BOARD_BOARD_SIM_H
#define WEFT_SIM_BOARD_BOARD_SIM_H

#include "sim/board/flash_model.h"
#include "sim/board/sdram_model.h"
#include "sim/dram/dram.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BOARD_SIM_ABI 3

typedef struct board_sim_options {
  bool phy;                     /* every bit through the UART, 4 clocks each; else bytes */
  uint32_t mem_bytes;
  const weft_dram_timing *dram; /* memory outside: its timing                  */
  const char *chip;             /* SDRAM: row of sdram_chips.def; NULL: none   */
  const char *flash;            /* row of flash_chips.def, erased; NULL: none; neither: memory outside */
  uint32_t period_ps;
  sdram_faults faults;
  bool has_dead_bit;            /* memory outside: a bit that reads as 0       */
  uint32_t dead_address;
  uint8_t dead_mask;
} board_sim_options;

typedef struct board_sim board_sim;

typedef struct board_sim_api {
  uint32_t abi;
  board_sim *(*open)(const board_sim_options *o);   /* NULL: options out of range */
  void (*close)(board_sim *s);
  uint32_t (*put)(board_sim *s, const uint8_t *data, uint32_t n_bytes);
  uint32_t (*get)(board_sim *s, uint8_t *data, uint32_t max_bytes);
  bool (*advance)(board_sim *s);
  void (*silence)(board_sim *s);
  const char *(*error)(board_sim *s);               /* a broken rule of the chip or the port */
  uint64_t (*cycles)(const board_sim *s);           /* clocks since reset        */
  void (*set_bit_clocks)(board_sim *s, int n);      /* phy: clocks of a bit at the host's end (4) */
} board_sim_api;

const board_sim_api *weft_board_sim_api(void);

#ifdef __cplusplus
}
#endif
#endif
