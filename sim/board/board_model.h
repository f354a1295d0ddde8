/* SPDX-License-Identifier: Apache-2.0 */
/* The device's end of the link in C, over a plain memory and the machine model:
 * answers as boards/common/weft_link.sv does, runs whatever program lies in its
 * memory. It counts no cycles and stamps no marks. */
#ifndef WEFT_SIM_BOARD_BOARD_MODEL_H
#define WEFT_SIM_BOARD_BOARD_MODEL_H

#include "config/config.h"
#include "sim/board/byte_device.h"

typedef struct weft_board_traits {         /* what HELLO says, and defects       */
  uint32_t board_id, clock_hz, baud;
  uint32_t mem_bytes;                      /* a power of two                     */
  uint64_t build_id;
  bool has_dead_bit;                       /* a bit of memory that reads as 0    */
  uint32_t dead_address;
  uint8_t dead_mask;
  bool is_mute;                            /* never answers                      */
  bool is_endless;                         /* a run never ends                   */
  bool stores_nothing;                     /* a run ends well, memory stays      */
  uint64_t wrong_run;                      /* 0: none; that run, counted from 1, and those after it
                                            * end well with bit 7 of each byte of OUTPUT wrong */
} weft_board_traits;

/* E_CONFIG. `config` and the arena outlive the device. */
weft_status weft_board_model_open(weft_arena *arena, weft_diag *d, const weft_config *config,
                                  const weft_board_traits *traits, weft_byte_device *out);
/* Commands that were executed, not those that were only answered again. */
uint64_t weft_board_model_runs(const weft_byte_device *dev);

#endif
