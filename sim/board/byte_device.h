/* SPDX-License-Identifier: Apache-2.0 */
/* A board as seen from its serial port: bytes in, bytes out, and time that
 * passes when it is told to. Two make one: the C model of a board's link
 * (board_model.c) and the Verilated board (board_rtl.c). Either goes behind a
 * pseudo terminal (board_pty.c) or straight under the device library (tests). */
#ifndef WEFT_SIM_BOARD_BYTE_DEVICE_H
#define WEFT_SIM_BOARD_BYTE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct weft_byte_device {
  void *self;
  /* Bytes that it took (its input may be full). */
  uint32_t (*put)(void *self, const uint8_t *data, uint32_t n_bytes);
  uint32_t (*get)(void *self, uint8_t *data, uint32_t max_bytes);
  /* Some work; true while more would come without new bytes. */
  bool (*advance)(void *self);
  /* The line was silent for longer than a gap inside a frame. */
  void (*silence)(void *self);
  const char *(*error)(void *self);        /* it broke a rule of its own; NULL: none */
  void (*close)(void *self);               /* ends it; memory is its arena's          */
} weft_byte_device;

#endif
