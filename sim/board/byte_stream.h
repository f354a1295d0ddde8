/* SPDX-License-Identifier: Apache-2.0 */
/* The stream of the device library over a byte device in the same thread, with
 * a fault line each way and a clock that only moves when somebody waits: a
 * second of time-outs costs nothing, and every wait can be bounded exactly. */
#ifndef WEFT_SIM_BOARD_BYTE_STREAM_H
#define WEFT_SIM_BOARD_BYTE_STREAM_H

#include "device/weft_device.h"
#include "sim/board/byte_device.h"
#include "sim/board/fault.h"

typedef struct weft_byte_stream {
  weft_byte_device *device;
  weft_fault_line *up, *down;              /* to the device, to the host         */
  uint64_t now_ms;
  uint64_t quiet_ms;                       /* since a byte went to the device    */
} weft_byte_stream;

void weft_byte_stream_init(weft_byte_stream *b, weft_byte_device *device, weft_fault_line *up, weft_fault_line *down,
                           weft_stream *out);

#endif
