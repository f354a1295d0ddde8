/* SPDX-License-Identifier: Apache-2.0 */
/* C ABI of a verilated machine. One shared object a configuration holds the
 * RTL, the DRAM model behind its memory port and this interface; the SystemC
 * wrapper uses the same one. No global state: any number of instances.
 *
 * Time is counted in clock cycles since open. Nothing here interprets a
 * program; retirements are counted so that a caller can look at memories in
 * the cycle in which an instruction completes. */
#ifndef WEFT_SIM_RTL_RTL_SIM_H
#define WEFT_SIM_RTL_RTL_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/dram/dram.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RTL_SIM_ABI 2
#define RTL_SIM_QUEUES 4        /* LD, WT, EX, ST: bit order of retire_o      */

typedef struct rtl_sim rtl_sim;

typedef struct rtl_sim_region { /* a piece of DRAM: caller-owned bytes        */
  uint8_t *data;
  uint32_t base;                /* byte address, 64-byte aligned              */
  uint32_t size_bytes;          /* a multiple of 64                           */
} rtl_sim_region;

typedef struct rtl_sim_memory { /* timing of the memory port, params.def      */
  uint32_t rate_num, rate_den;  /* bytes a cycle                              */
  uint32_t latency, gap, refresh_interval, refresh_cycles;
  uint32_t row_bytes, setup, mask_cycles;  /* all 0: no rows                  */
} rtl_sim_memory;

typedef struct rtl_sim_shape {  /* what the RTL was built with                */
  uint32_t rows, cols, word_bytes, spm_rows, beat_bytes;
} rtl_sim_shape;

typedef struct rtl_sim_watch {  /* stop when a queue has retired so many      */
  uint64_t retired[RTL_SIM_QUEUES];   /* UINT64_MAX: never                    */
} rtl_sim_watch;

typedef enum rtl_sim_stop {
  RTL_SIM_DONE,                 /* irq_o is high                              */
  RTL_SIM_WATCH,                /* a watched retirement happened this cycle   */
  RTL_SIM_LIMIT,                /* max_cycles passed                          */
  RTL_SIM_BAD_ACCESS            /* the RTL broke a rule of the memory port: a
                                   bug, see bad_access                        */
} rtl_sim_stop;

/* What is behind the memory port, in place of the built-in DRAM model. Called
 * once a cycle, after the clock edge: `driven` is what weft_top drove in the
 * cycle that ended, *shown what it sees in the next one. is_start: the edge
 * took a start write, the next cycle is cycle 0 of a run. */
typedef void (*rtl_sim_port)(void *user, bool is_start, const weft_dram_in *driven,
                             weft_dram_out *shown);

typedef struct rtl_sim_api {
  uint32_t abi;
  rtl_sim_shape shape;
  bool can_trace;
  /* NULL: timing out of range, or a back door that the RTL does not have. */
  rtl_sim *(*open)(const rtl_sim_memory *memory);
  void (*close)(rtl_sim *s);
  void (*reset)(rtl_sim *s);    /* rst_ni low for 4 cycles                    */
  void (*map)(rtl_sim *s, const rtl_sim_region regions[4]);
  void (*set_port)(rtl_sim *s, rtl_sim_port port, void *user);  /* NULL: built-in */
  void (*csr_write)(rtl_sim *s, uint32_t offset, uint32_t value);  /* 1 cycle */
  uint32_t (*csr_read)(rtl_sim *s, uint32_t offset);               /* 2 cycles */
  /* Steps until one of the stops; *n_cycles is what this call took. */
  rtl_sim_stop (*run)(rtl_sim *s, uint64_t max_cycles, const rtl_sim_watch *watch,
                      uint64_t *n_cycles);
  /* Retirements and issues since the last start write. */
  void (*retired)(const rtl_sim *s, uint64_t counts[RTL_SIM_QUEUES]);
  /* Hash over (cycle, queue) of all issues since the last start write: equal
   * for equal timing. */
  uint64_t (*issue_trace)(const rtl_sim *s);
  const char *(*bad_access)(const rtl_sim *s, uint32_t *address);  /* NULL: none */
  /* Back door into the scratchpad: word_bytes of bank and row. */
  void (*spm_read)(rtl_sim *s, uint32_t bank, uint32_t row, uint8_t *word);
  void (*spm_write)(rtl_sim *s, uint32_t bank, uint32_t row, const uint8_t *word);
  /* FST waves (can_trace only): open a file, and record from now on or not.
   * scope: instance path below weft_top, NULL for all. */
  bool (*trace_open)(rtl_sim *s, const char *path, const char *scope);
  void (*trace_on)(rtl_sim *s, bool on);
} rtl_sim_api;

/* The one exported symbol. */
const rtl_sim_api *weft_rtl_sim_api(void);

#ifdef __cplusplus
}
#endif
#endif
