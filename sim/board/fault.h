/* SPDX-License-Identifier: Apache-2.0 */
/* A bad cable, seeded: damages frames that pass in one direction. It finds
 * frames in the stream, and each one is, with `rate_ppm`, damaged in one way:
 * bytes dropped, bits flipped, a byte or the whole frame twice, the frame lost,
 * noise in front, or late. Bytes outside frames pass. */
#ifndef WEFT_SIM_BOARD_FAULT_H
#define WEFT_SIM_BOARD_FAULT_H

#include "base/base.h"

#define WEFT_FAULT_KINDS 7
#define WEFT_FAULT_CAP (1u << 17)

typedef struct weft_fault_line {
  uint32_t rate_ppm;                       /* frames damaged of a million        */
  uint32_t cut_after;                      /* frames, then nothing passes; 0: never */
  uint32_t delay_max_ms;
  weft_rng rng;
  uint64_t n_frames, n_damaged, n_kind[WEFT_FAULT_KINDS];
  bool is_cut;
  uint8_t in[2048];
  uint32_t n_in;
  uint8_t out[WEFT_FAULT_CAP];             /* what came through                  */
  uint32_t from, to;
  uint64_t hold_until_ms;                  /* out waits until then               */
} weft_fault_line;

void weft_fault_init(weft_fault_line *f, uint64_t seed, uint32_t rate_ppm);
void weft_fault_put(weft_fault_line *f, const uint8_t *data, uint32_t n_bytes, uint64_t now_ms);
uint32_t weft_fault_get(weft_fault_line *f, uint8_t *data, uint32_t max_bytes, uint64_t now_ms);
/* The line is silent: what looked like the start of a frame passes, too. */
void weft_fault_flush(weft_fault_line *f);

#endif
