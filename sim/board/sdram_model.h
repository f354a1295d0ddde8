/* SPDX-License-Identifier: Apache-2.0 */
/* An SDR SDRAM chip at its pins, for board simulators and benches: it stores
 * words, answers reads after its CAS latency and access time, and stops at the
 * first broken rule with the rule, what it allows and what it found. Depends on
 * nothing; readable by C++.
 *
 * A simulator of a board whose FPGA clock rises at n * period_ps, in each cycle n:
 *     dq_i = sdram_dq(m, n * period_ps);                rising edge; evaluate;
 *     pins as the FPGA drives them now;  sdram_clock(m, &pins);
 *     dq_i = sdram_dq(m, n * period_ps + period_ps / 2);  falling edge; evaluate.
 * The chip's edge of cycle n is at n * period_ps + shift_ps, 0 < shift_ps <= period_ps.
 * Data travel flight_ps, to the chip's pins and back together.
 *
 * Checked at each command: power up (pause, all banks precharged, refreshes,
 * mode, no command before), tRCD tRP tRAS (both) tRC tRRD tWR tRFC tMRD, tCK of
 * the CAS latency, row open and bank closed, at most 8 refreshes postponed,
 * turning of the data bus, burst length 1, CKE high. */
#ifndef WEFT_SIM_BOARD_SDRAM_MODEL_H
#define WEFT_SIM_BOARD_SDRAM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SDRAM_BANKS 4u
#define SDRAM_POSTPONED 8u      /* refreshes                                  */

typedef struct sdram_chip {     /* a row of sdram_chips.def; times in ps      */
  const char *name;
  uint32_t data_bits, row_bits, col_bits;
  uint32_t rcd, rp, ras, ras_max, rc, rrd, wr, wr_ck, rfc, mrd_ck, refi, power_up;
  uint32_t init_refreshes, tck2, tck3, ac2, ac3, oh;
  const char *source;
} sdram_chip;

typedef struct sdram_pins {     /* as the chip sees them at its edge          */
  bool cke, cs_n, ras_n, cas_n, we_n;
  uint32_t ba, a, dqm, dq;
  bool dq_oe;                   /* the FPGA drives dq                         */
} sdram_pins;

typedef struct sdram_faults {   /* all 0: a sound chip                        */
  uint32_t dead_data;           /* mask: these bits read as 0                 */
  uint32_t dead_address;        /* mask over a[12:0]: these lines stay 0      */
} sdram_faults;

typedef struct sdram_model sdram_model;

/* The chip of that name, or NULL; names[i] ends with NULL. */
const sdram_chip *sdram_chip_find(const char *name);
const sdram_chip *sdram_chip_at(size_t i);          /* NULL beyond the last    */

/* A chip before power up, its memory 0; *chip is copied and may be a changed row. seed: of
 * the garbage on dq. NULL without memory, or if an argument is out of range. */
sdram_model *sdram_open(const sdram_chip *chip, uint32_t period_ps, uint32_t shift_ps,
                        uint32_t flight_ps, uint64_t seed);
void sdram_close(sdram_model *m);
void sdram_set_faults(sdram_model *m, const sdram_faults *f);

/* The chip's next rising edge. False from the first broken rule on. */
bool sdram_clock(sdram_model *m, const sdram_pins *pins);
/* What the FPGA sees on dq at that time; garbage outside the valid window. */
uint32_t sdram_dq(sdram_model *m, uint64_t at_ps);

/* NULL, or the first broken rule: "tRCD: allowed 20000 ps, found 12500 ps (...)". */
const char *sdram_error(const sdram_model *m);
const char *sdram_error_rule(const sdram_model *m);  /* "tRCD", or NULL        */

/* Counts since power up, and the memory: word at bank, row, column. */
typedef struct sdram_counts { uint64_t clocks, activates, reads, writes, refreshes; } sdram_counts;
sdram_counts sdram_counted(const sdram_model *m);
uint32_t *sdram_word(sdram_model *m, uint32_t bank, uint32_t row, uint32_t col);

#ifdef __cplusplus
}
#endif

#endif
