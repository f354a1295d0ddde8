/* SPDX-License-Identifier: Apache-2.0 */
/* The parametric DRAM behind the burst port of weft_top (rtl/README.md), for
 * simulators: the Verilator shim and the SystemC target call the same code.
 * Depends on nothing; readable by C++. No allocation; memory is the caller's.
 *
 * One cycle of a simulator, `out` being what the model shows in that cycle:
 *     drive the port's inputs from out; evaluate; sample the port's outputs into
 *     in; clock edge; weft_dram_tick(d, &in, &out);
 * and weft_dram_restart(d, &out) after the edge that takes the start write: the
 * next cycle is cycle 0, so that equal runs see equal phases.
 *
 * Timing, cycle t counted from the restart:
 *  slot     t is a slot iff floor((t+1)*r) > floor(t*r), r = min(1, rate / beat_bytes);
 *           no slot in a refresh: t >= interval and t mod interval < cycles
 *  burst    accepted in t, its first beat may take a slot from t+1 on; one beat
 *           a slot, bursts in order; after the last beat `gap` cycles take none
 *  ready    while no second burst is accepted behind the one in progress (its
 *           gap included)
 *  read     memory is read in the slot, data are shown `latency` cycles later
 *  write    w_ready in the slot, data and strobes are taken in that cycle
 *
 * With row_bytes != 0 the law is that of a controller that keeps a row open only
 * for what waits (boards/common/weft_sdram.sv); latency, read, write as above:
 *  beat     beat_bytes / rate cycles, a whole number; its slot is the first
 *  idle     cycle c finds a refresh due: it is idle again in c + refresh_cycles;
 *           else finds a burst (accepted before c): its first slot is c + setup
 *  end      of a burst's last beat in cycle e: the burst behind (accepted before
 *           e) has its first slot in e + 1 if it goes the same way, lies in the
 *           same row_bytes, no refresh is due and it is no write where
 *           mask_cycles != 0; else idle again in e + 1 + gap. A burst that goes
 *           on in the next row ends and begins again, without a look behind
 *  ready    while nothing is accepted behind; the burst behind leaves that place
 *           at the end of the cycle that found it
 *  mask     each word of `rate` bytes written in part adds mask_cycles to the gap
 *  refresh  due in cycle 0 and every refresh_interval cycles, until it begins */
#ifndef WEFT_DRAM_DRAM_H
#define WEFT_DRAM_DRAM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_DRAM_MAX_BEAT 16u      /* bytes                                 */
#define WEFT_DRAM_MAX_LATENCY 1000u /* cycles                                */
#define WEFT_DRAM_BURST 64u         /* bytes of the longest burst            */

typedef struct weft_dram_timing {
  uint32_t beat_bytes;              /* 4, 8, 16                              */
  uint32_t rate_num, rate_den;      /* bytes a cycle, each 1..64             */
  uint32_t latency;                 /* 1..1000 cycles                        */
  uint32_t gap;                     /* cycles                                */
  uint32_t refresh_interval;        /* cycles, 0: no refresh                 */
  uint32_t refresh_cycles;
  uint32_t row_bytes;               /* 0: the plain law; else a power of two */
  uint32_t setup;                   /* cycles, >= 1 with rows                */
  uint32_t mask_cycles;             /* 0: strobes cost nothing               */
} weft_dram_timing;

typedef struct weft_dram_region {   /* base and bytes: multiples of the beat */
  uint32_t base;
  uint32_t bytes;
  uint8_t *data;                    /* the caller's                          */
  bool read_only;                   /* a write is an error                   */
} weft_dram_region;

typedef struct weft_dram_in {       /* outputs of weft_top                   */
  bool req_valid, req_write;
  uint32_t req_addr;
  uint32_t req_beats;
  uint32_t w_strb;
  uint8_t w_data[WEFT_DRAM_MAX_BEAT];
} weft_dram_in;

typedef struct weft_dram_out {      /* inputs of weft_top                    */
  bool req_ready, w_ready, r_valid;
  uint8_t r_data[WEFT_DRAM_MAX_BEAT];
} weft_dram_out;

typedef struct weft_dram_burst {
  bool valid, write;
  uint32_t region, offset;          /* of the next beat                      */
  uint32_t addr;                    /* its address                           */
  uint32_t beats_left;
} weft_dram_burst;

typedef struct weft_dram_answer {
  bool valid;
  uint8_t data[WEFT_DRAM_MAX_BEAT];
} weft_dram_answer;

typedef struct weft_dram {
  weft_dram_timing timing;
  weft_dram_region regions[4];
  uint32_t n_regions;
  uint64_t cycle;                   /* since the restart                     */
  uint32_t phase;
  uint32_t refresh_at;              /* cycle mod refresh_interval            */
  uint32_t gap_left;
  struct weft_dram_rows {           /* with row_bytes only                   */
    uint32_t state, left;           /* cycles of the state to come           */
    uint32_t beat_cycle;
    uint32_t partial;               /* words written in part since idle      */
    bool due;
  } rows;
  weft_dram_burst active, behind;
  weft_dram_in held;                /* a request that was not taken          */
  weft_dram_answer answers[1024];   /* by cycle mod 1024                     */
  uint32_t n_answers;               /* read beats not shown yet              */
  uint64_t read_beats, write_beats, bursts;   /* since the restart           */
  const char *error;                /* first broken rule, or NULL            */
  uint32_t error_addr;
  uint64_t error_cycle;
} weft_dram;

/* NULL, or which timing value is out of range. */
const char *weft_dram_check(const weft_dram_timing *timing);
/* Fills *d; false if a timing value or a region is out of range (error says
 * which). Region memory must outlive d. */
bool weft_dram_init(weft_dram *d, const weft_dram_timing *timing,
                    const weft_dram_region *regions, uint32_t n_regions);
/* Begins cycle 0 and shows its outputs. An error if a burst is in flight. */
void weft_dram_restart(weft_dram *d, weft_dram_out *out);
/* Ends a cycle: takes what the port drove in it, shows the next cycle's
 * outputs. A broken rule (a burst outside every region, too long or not aligned,
 * a write to a read-only region, a request changed or withdrawn before it was taken) is kept in d->error; the burst then reads
 * zeros and writes nothing. */
void weft_dram_tick(weft_dram *d, const weft_dram_in *in, weft_dram_out *out);
/* No beat outstanding and no read data on the way (a gap may still run). */
bool weft_dram_idle(const weft_dram *d);

#ifdef __cplusplus
}
#endif

#endif
