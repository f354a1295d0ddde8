/* SPDX-License-Identifier: Apache-2.0 */
/* A byte device behind a pseudo terminal, served by a thread of its own: what a
 * host's command sees as a serial port. A fault line each way is optional. */
#ifndef WEFT_SIM_BOARD_BOARD_PTY_H
#define WEFT_SIM_BOARD_BOARD_PTY_H

#include "sim/board/byte_device.h"
#include "sim/board/fault.h"

typedef struct weft_board_pty weft_board_pty;
/* The device (and the fault lines, NULL: none) belong to the thread until close.
 * hangs_up: a cut line also closes the terminal. E_LINK. */
weft_status weft_board_pty_open(weft_arena *arena, weft_diag *d, const weft_byte_device *device, weft_fault_line *up,
                                weft_fault_line *down, bool hangs_up, weft_board_pty **out);
const char *weft_board_pty_path(const weft_board_pty *p);
/* Ends the thread; returns the rule that the device broke, or NULL. */
const char *weft_board_pty_close(weft_board_pty **p);

#endif
