/* SPDX-License-Identifier: Apache-2.0 */
/* A board behind a port, and what to tell when it fails. */
#include <string.h>

#include "board/board_host.h"

enum { ALIGN = 4096 };                     /* a row of any memory, and a chunk of uploads */

static const char *const fault_names[16] = {
#define FAULT(name, code, doc) [code] = doc,
#include "csr.def"
};
static const char *const refusals[256] = {
#define LINKSTATUS(name, code, doc) [code] = doc,
#include "link.def"
};
enum {
#define LINKCONST(name, value, doc) LINK_##name = (value),
#include "link.def"
};

static const char *remedy_of(int error) {
  switch (error) {
  case WEFT_DEV_NO_ANSWER:
    return "is it powered, its bitstream loaded, the port the right one? 'weft deploy' with --bitstream loads it";
  case WEFT_DEV_CABLE:
    return "check the cable, then run again: what is already in the board's memory is kept";
  case WEFT_DEV_DAMAGED:
    return "a shorter cable, another USB port, or a lower rate (link.baud)";
  case WEFT_DEV_VERSION:
    return "build and load the bitstream again: weft build BOARD";
  case WEFT_DEV_NOT_READY:
  case WEFT_DEV_MEMORY:
  case WEFT_DEV_UPLOAD:
    return "power the board off and on; if it stays, its memory or the read phase is bad";
  case WEFT_DEV_REGISTERS:
  case WEFT_DEV_DMA:
  case WEFT_DEV_ARRAY:
    return "the bitstream may miss its timing: weft build prints what it reaches";
  case WEFT_DEV_TIMEOUT:
    return "run it on the simulator: weft sim";
  default:
    return NULL;
  }
}

static const char *found_text(weft_diag *d, const weft_connection *c, int error) {
  const weft_dev_failure *f = &c->device.failure;
  switch (error) {
  case WEFT_DEV_NO_ANSWER:
    return weft_diag_text(d, "no answer in %u tries of %u ms", (unsigned)LINK_RETRIES, (unsigned)c->limits.reply_ms);
  case WEFT_DEV_REFUSED:
    return weft_diag_text(d, "refused: %s", refusals[c->link.refused] != NULL ? refusals[c->link.refused] : "unknown status");
  case WEFT_DEV_NOT_READY:
    return weft_diag_text(d, "the memory is not ready after %u ms (state 0x%08x)", (unsigned)c->limits.ready_ms, (unsigned)f->found);
  case WEFT_DEV_MEMORY:
    return f->expected == f->found || f->expected > 255
             ? weft_diag_text(d, "the board's own memory test failed (state 0x%08x)", (unsigned)f->found)
             : weft_diag_text(d, "dead memory: byte 0x%08x is 0x%02x, wanted 0x%02x", (unsigned)f->address, (unsigned)f->found,
                              (unsigned)f->expected);
  case WEFT_DEV_DMA:
  case WEFT_DEV_ARRAY:
    return weft_diag_text(d, "%s: byte 0x%08x is 0x%02x, wanted 0x%02x", weft_dev_text(error), (unsigned)f->address,
                          (unsigned)f->found, (unsigned)f->expected);
  case WEFT_DEV_REGISTERS:
    return weft_diag_text(d, "register 0x%02x is 0x%08x, wanted 0x%08x", (unsigned)f->address, (unsigned)f->found,
                          (unsigned)f->expected);
  case WEFT_DEV_UPLOAD:
    return weft_diag_text(d, "dead memory: the 4096 bytes at 0x%08x do not hold what was written", (unsigned)f->address);
  case WEFT_DEV_FAULT:
    return weft_diag_text(d, "%s, instruction %u, queue %u", fault_names[f->expected & 15u] != NULL ? fault_names[f->expected & 15u] : "fault",
                          (unsigned)f->address, (unsigned)f->found);
  case WEFT_DEV_TIMEOUT:
    return weft_diag_text(d, "no end within %u ms", (unsigned)c->limits.run_ms);
  default:
    return weft_dev_text(error);
  }
}

weft_status weft_connection_fail(weft_diag *d, const weft_connection *c, const char *what, int error) {
  if (error == WEFT_DEV_CANCELLED)
    return WEFT_E_INTERRUPTED;
  return weft_fail(d, error == WEFT_DEV_FAULT ? WEFT_E_FAULT : WEFT_E_LINK, weft_diag_text(d, "%s: %s", c->path, what),
                   found_text(d, c, error), "a board that answers and works", remedy_of(error));
}

/* All but what the caller set for progress. */
static void begin(const char *path, const weft_board_limits *limits, weft_connection *out) {
  void (*progress)(void *, const char *, uint32_t, uint32_t) = out->device.progress;
  void *user = out->device.user;
  memset(out, 0, sizeof *out);
  out->device.progress = progress;
  out->device.user = user;
  out->path = path;
  out->limits = *limits;
}

static weft_status say_hello(weft_diag *d, weft_connection *out) {
  const int e = weft_dev_open(&out->device, &out->transport, out->limits.ready_ms);
  return e == WEFT_DEV_OK ? WEFT_OK : weft_connection_fail(d, out, "link", e);
}

weft_status weft_connect_mapped(weft_diag *d, const char *path, const weft_transport *t, const weft_board_limits *limits,
                                weft_connection *out) {
  begin(path, limits, out);
  out->transport = *t;
  return say_hello(d, out);
}

weft_status weft_connect(weft_arena *arena, weft_diag *d, const char *path, uint32_t baud,
                         const weft_board_limits *limits, weft_connection *out) {
  weft_stream stream;
  begin(path, limits, out);
  WEFT_TRY(weft_port_open(arena, d, path, baud, &out->port, &stream));
  weft_link_init(&out->link, &stream, baud, &out->transport);
  out->link.reply_ms = limits->reply_ms;
  weft_status s = say_hello(d, out);
  if (s != WEFT_OK)
    weft_disconnect(out);
  return s;
}

void weft_disconnect(weft_connection *c) { weft_port_close(&c->port); }

weft_status weft_board_place(weft_diag *d, const weft_program *p, uint32_t mem_bytes, uint32_t base[4], uint32_t *end) {
  uint64_t at = 0;
  for (int k = 0; k < 4; k++) {
    base[k] = (uint32_t)at;
    at = (at + p->region_bytes[k] + 64 + ALIGN - 1) / ALIGN * ALIGN;
    if (at > mem_bytes)
      return weft_fail(d, WEFT_E_NO_FIT, p->model, weft_diag_text(d, "at least %llu bytes", (unsigned long long)at),
                       weft_diag_text(d, "%u bytes of the board's memory", (unsigned)mem_bytes), "a board with more memory");
  }
  *end = (uint32_t)at;
  return WEFT_OK;
}
