/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/byte_stream.h"

#include <string.h>

enum { GAP_MS = 20, GAPS = 15 };   /* silence that ends a frame in the device; a while of it */

/* Bytes that the lines let through now, both ways. */
static bool pump(weft_byte_stream *b) {
  uint8_t data[512];
  bool moved = false;
  for (uint32_t n; (n = weft_fault_get(b->up, data, sizeof data, b->now_ms)) > 0;) {
    for (uint32_t at = 0; at < n;) {
      at += b->device->put(b->device->self, data + at, n - at);
      b->device->advance(b->device->self);
    }
    b->quiet_ms = b->now_ms;
    moved = true;
  }
  while (b->device->advance(b->device->self) || moved) {
    uint32_t n = b->device->get(b->device->self, data, sizeof data);
    weft_fault_put(b->down, data, n, b->now_ms);
    moved = n > 0;
    if (n == 0 && !b->device->advance(b->device->self))
      break;
  }
  return moved;
}

static int stream_write(void *self, const uint8_t *data, uint32_t n_bytes, uint32_t wait_ms) {
  weft_byte_stream *b = self;
  (void)wait_ms;
  weft_fault_put(b->up, data, n_bytes, b->now_ms);
  pump(b);
  return (int)n_bytes;
}

static void pass_ms(weft_byte_stream *b) {
  uint64_t quiet_ms = ++b->now_ms - b->quiet_ms;
  if (quiet_ms % GAP_MS != 0 || quiet_ms > GAP_MS * GAPS)
    return;
  weft_fault_flush(b->up);
  weft_fault_flush(b->down);
  pump(b);
  b->device->silence(b->device->self);
}

static int stream_read(void *self, uint8_t *data, uint32_t max_bytes, uint32_t wait_ms) {
  weft_byte_stream *b = self;
  for (uint32_t waited = 0;; waited++) {
    pump(b);
    uint32_t n = weft_fault_get(b->down, data, max_bytes, b->now_ms);
    if (n > 0 || waited >= wait_ms)
      return (int)n;
    pass_ms(b);
  }
}

static uint32_t stream_now(void *self) { return (uint32_t)((weft_byte_stream *)self)->now_ms; }

static void stream_pause(void *self, uint32_t ms) {
  while (ms-- > 0)
    pass_ms(self);
}

void weft_byte_stream_init(weft_byte_stream *b, weft_byte_device *device, weft_fault_line *up, weft_fault_line *down,
                           weft_stream *out) {
  memset(b, 0, sizeof *b);
  b->device = device;
  b->up = up;
  b->down = down;
  *out = (weft_stream){b, stream_write, stream_read, NULL, stream_now, stream_pause, NULL};
}
