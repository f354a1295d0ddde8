/* SPDX-License-Identifier: Apache-2.0 */
/* A board on this machine: its serial port, its self-tests, programs on it. The
 * device library (src/device) does the talking; here are what it does not know:
 * ports of an operating system, program files, messages. */
#ifndef WEFT_BOARD_BOARD_HOST_H
#define WEFT_BOARD_BOARD_HOST_H

#include "device/weft_device.h"
#include "runtime/runtime.h"

/* ---- ports ------------------------------------------------------------------ */
typedef struct weft_port weft_port;        /* a serial port or a pseudo terminal */
/* 8N1, no flow control, raw. Serial ports by libserialport, terminals that it
 * does not know (pseudo terminals) by termios. Waits end when weft is
 * interrupted. E_LINK: no such port, no right, not a terminal. */
weft_status weft_port_open(weft_arena *arena, weft_diag *d, const char *path, uint32_t baud, weft_port **out,
                           weft_stream *stream);
void weft_port_close(weft_port **p);

/* A Zynq's registers and memory, mapped from UIO and a DMA buffer (or from any two
 * files of the right size: tests). The buffer begins at bus address `base`. */
typedef struct weft_uio weft_uio;
weft_status weft_uio_open(weft_arena *arena, weft_diag *d, const char *registers, const char *buffer, uint32_t base,
                          weft_transport *t, weft_uio **out);
void weft_uio_close(weft_uio **u);
/* The same over somebody's accesses to registers (a simulated bus) and a buffer of
 * the caller's; nothing to close. pause NULL: the process sleeps. */
typedef struct weft_uio_bus {
  void *self;
  uint32_t (*load)(void *self, uint32_t offset);
  void (*store)(void *self, uint32_t offset, uint32_t value);
  void (*pause)(void *self, uint32_t ms);
} weft_uio_bus;
weft_uio *weft_uio_attach(weft_arena *arena, const weft_uio_bus *bus, uint8_t *buffer, uint32_t n_bytes, uint32_t base,
                          weft_transport *t);

/* ---- a connected board -------------------------------------------------------- */
typedef struct weft_board_limits {
  uint32_t reply_ms;                       /* one reply, without its bytes' time   */
  uint32_t ready_ms;                       /* memory after power-up                */
  uint32_t run_ms;                         /* one inference                        */
} weft_board_limits;

typedef struct weft_connection {
  weft_port *port;
  const char *path;
  weft_link link;
  weft_transport transport;
  weft_device device;
  weft_board_limits limits;
} weft_connection;

/* Opens the port, says hello. E_LINK with a message of its own for each cause. */
weft_status weft_connect(weft_arena *arena, weft_diag *d, const char *path, uint32_t baud,
                         const weft_board_limits *limits, weft_connection *out);
/* The same over registers and memory that are mapped: no port. path is for messages. */
weft_status weft_connect_mapped(weft_diag *d, const char *path, const weft_transport *t, const weft_board_limits *limits,
                                weft_connection *out);
void weft_disconnect(weft_connection *c);
/* Reports a weft_dev_error of the connection: its code (E_LINK, E_FAULT,
 * E_INTERRUPTED) and what to do. `what` is the step. */
weft_status weft_connection_fail(weft_diag *d, const weft_connection *c, const char *what, int error);

/* Regions of a program in a board's memory, *end behind them. They share no row,
 * so that cycles do not depend on where they lie. E_NO_FIT. */
weft_status weft_board_place(weft_diag *d, const weft_program *p, uint32_t mem_bytes, uint32_t base[4], uint32_t *end);

/* ---- self-tests ----------------------------------------------------------------- */
typedef enum weft_self_test { WEFT_TEST_DMA, WEFT_TEST_ARRAY } weft_self_test;
/* A little program for a machine: DMA copies its input through the scratchpad,
 * ARRAY runs every PE and lane over it. expected[program->region_bytes[3]] is
 * what the machine model makes of it. */
weft_status weft_self_test_make(weft_arena *arena, weft_diag *d, const weft_config *c, weft_self_test kind,
                                weft_program **program, uint8_t **input, uint8_t **expected);
/* Runs it in the board's memory from `from` on, or from 0 if there is no room: what
 * lay there is gone. Compares every byte. *is_run false: the whole memory is too
 * small for it, nothing was done. E_LINK. */
weft_status weft_self_test_run(weft_arena *arena, weft_diag *d, weft_connection *c, const weft_config *config,
                               weft_self_test kind, uint32_t from, bool *is_run);

#endif
