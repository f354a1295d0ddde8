/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/fault.h"

#include <string.h>

#include "device/weft_device.h"

enum { DROP, FLIP, TWICE_BYTE, TWICE_FRAME, LOSE, NOISE, LATE };

void weft_fault_init(weft_fault_line *f, uint64_t seed, uint32_t rate_ppm) {
  memset(f, 0, sizeof *f);
  f->rng.state = seed;
  f->rate_ppm = rate_ppm;
  f->delay_max_ms = 60;
}

static void pass(weft_fault_line *f, const uint8_t *data, uint32_t n) {
  if (f->is_cut)
    return;
  if (f->to + n > WEFT_FAULT_CAP) {
    memmove(f->out, f->out + f->from, f->to - f->from);
    f->to -= f->from;
    f->from = 0;
  }
  if (f->to + n > WEFT_FAULT_CAP)
    return;
  memcpy(f->out + f->to, data, n);
  f->to += n;
}

static uint32_t below(weft_fault_line *f, uint32_t n) { return (uint32_t)weft_rng_range(&f->rng, 0, (int64_t)n - 1); }

static void flip_bits(weft_fault_line *f, uint8_t *frame, uint32_t n) {
  for (uint32_t k = 1 + below(f, 6); k > 0; k--)
    frame[below(f, n)] ^= (uint8_t)(1u << below(f, 8));
}

static void damage(weft_fault_line *f, uint8_t *frame, uint32_t n, uint64_t now_ms) {
  uint32_t kind = below(f, WEFT_FAULT_KINDS), at = below(f, n);
  f->n_damaged++;
  f->n_kind[kind]++;
  if (kind == FLIP)
    flip_bits(f, frame, n);
  else if (kind == DROP) {
    uint32_t k = 1 + below(f, n - at < 20 ? n - at : 20);
    pass(f, frame, at);
    pass(f, frame + at + k, n - at - k);
    return;
  } else if (kind == TWICE_BYTE)
    pass(f, frame, at + 1);
  else if (kind == TWICE_FRAME)
    pass(f, frame, n);
  else if (kind == LATE && f->delay_max_ms != 0)
    f->hold_until_ms = now_ms + 1 + below(f, f->delay_max_ms);
  else if (kind == NOISE)
    for (uint32_t k = 1 + below(f, 30); k > 0; k--) {
      uint8_t b = weft_rng_byte(&f->rng);
      pass(f, &b, 1);
    }
  if (kind == TWICE_BYTE)
    pass(f, frame + at, n - at);
  else if (kind != LOSE)
    pass(f, frame, n);
}

static void take_frame(weft_fault_line *f, uint8_t *frame, uint32_t n, uint64_t now_ms) {
  f->n_frames++;
  if (f->cut_after != 0 && f->n_frames >= f->cut_after) {
    pass(f, frame, n / 2);
    f->is_cut = true;
  } else if (below(f, 1000000) < f->rate_ppm)
    damage(f, frame, n, now_ms);
  else
    pass(f, frame, n);
}

void weft_fault_put(weft_fault_line *f, const uint8_t *data, uint32_t n_bytes, uint64_t now_ms) {
  while (n_bytes > 0 && !f->is_cut) {
    uint32_t n = (uint32_t)sizeof f->in - f->n_in < n_bytes ? (uint32_t)sizeof f->in - f->n_in : n_bytes;
    memcpy(f->in + f->n_in, data, n);
    f->n_in += n;
    data += n;
    n_bytes -= n;
    uint32_t at = 0;
    for (int seq, k; (k = weft_frame_look(f->in + at, f->n_in - at, &seq)) != 0;) {
      if (k > 0)
        take_frame(f, f->in + at, (uint32_t)k, now_ms);
      else
        pass(f, f->in + at, (uint32_t)-k);
      at += (uint32_t)(k > 0 ? k : -k);
    }
    f->n_in -= at;
    memmove(f->in, f->in + at, f->n_in);
  }
}

uint32_t weft_fault_get(weft_fault_line *f, uint8_t *data, uint32_t max_bytes, uint64_t now_ms) {
  uint32_t n = f->to - f->from < max_bytes ? f->to - f->from : max_bytes;
  if (now_ms < f->hold_until_ms)
    return 0;
  memcpy(data, f->out + f->from, n);
  f->from += n;
  if (f->from == f->to)
    f->from = f->to = 0;
  return n;
}

void weft_fault_flush(weft_fault_line *f) {
  pass(f, f->in, f->n_in);
  f->n_in = 0;
}
