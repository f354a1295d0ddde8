/* SPDX-License-Identifier: Apache-2.0 */
/* A Zynq: registers of the AXI4-Lite slave by UIO, a DMA buffer (u-dma-buf) that
 * the master reads and writes. A memory-mapped board has no link: HELLO comes
 * from the registers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "board/board_host.h"

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum {
#define LINKREG(name, address, access, doc) REG_##name = (address),
#include "link.def"
};
enum { REGISTER_BYTES = 4096 };

struct weft_uio {
  weft_uio_bus bus;
  volatile uint32_t *registers;            /* mapped; NULL: the caller's bus      */
  uint8_t *buffer;
  uint32_t buffer_bytes, base, run_id;
};

static uint32_t mapped_load(void *self, uint32_t offset) {
  const weft_uio *u = self;
  return u->registers[offset / 4];
}

static void mapped_store(void *self, uint32_t offset, uint32_t value) {
  const weft_uio *u = self;
  u->registers[offset / 4] = value;
}

static uint32_t load(const weft_uio *u, uint32_t offset) { return u->bus.load(u->bus.self, offset); }
static void store(const weft_uio *u, uint32_t offset, uint32_t value) { u->bus.store(u->bus.self, offset, value); }

static int uio_read(void *self, uint32_t address, uint32_t *value) {
  const weft_uio *u = self;
  if (address == REG_MEM_STATE)
    *value = 1;
  else if (address < REGISTER_BYTES && address % 4 == 0)
    *value = load(u, address);
  else
    return WEFT_DEV_BAD_ARG;
  return WEFT_DEV_OK;
}

/* Bases are bus addresses: the buffer's offset goes on top. */
static int uio_write(void *self, uint32_t address, uint32_t value) {
  const weft_uio *u = self;
  bool is_base = address >= CSR_BASE0 && address <= CSR_BASE3 && (address - CSR_BASE0) % 8 == 0;
  if (address >= REGISTER_BYTES || address % 4 != 0)
    return WEFT_DEV_BAD_ARG;
  store(u, address, is_base ? value + u->base : value);
  return WEFT_DEV_OK;
}

static int uio_hello(void *self, weft_dev_info *info) {
  const weft_uio *u = self;
  memset(info, 0, sizeof *info);
  if (load(u, CSR_ID) != 0x54464557u)
    return WEFT_DEV_VERSION;
  info->version = 1;
  info->isa_version = load(u, CSR_ISA_VERSION);
  info->config_hash = (uint64_t)load(u, CSR_HASH_HI) << 32 | load(u, CSR_HASH_LO);
  info->mem_bytes = u->buffer_bytes;
  return WEFT_DEV_OK;
}

static bool is_inside(const weft_uio *u, uint32_t address, uint32_t n_bytes) {
  return address % 64 == 0 && address <= u->buffer_bytes && n_bytes <= u->buffer_bytes - address;
}

static int uio_mem_write(void *self, uint32_t address, const uint8_t *data, uint32_t n_bytes) {
  const weft_uio *u = self;
  if (!is_inside(u, address, n_bytes))
    return WEFT_DEV_BAD_ARG;
  memcpy(u->buffer + address, data, n_bytes);
  return WEFT_DEV_OK;
}

static int uio_mem_read(void *self, uint32_t address, uint8_t *data, uint32_t n_bytes) {
  const weft_uio *u = self;
  if (!is_inside(u, address, n_bytes))
    return WEFT_DEV_BAD_ARG;
  memcpy(data, u->buffer + address, n_bytes);
  return WEFT_DEV_OK;
}

static int uio_mem_crc(void *self, uint32_t address, uint32_t n_bytes, uint32_t chunk_bytes, uint32_t *crcs) {
  const weft_uio *u = self;
  if (!is_inside(u, address, n_bytes) || chunk_bytes == 0)
    return WEFT_DEV_BAD_ARG;
  for (uint32_t at = 0, i = 0; at < n_bytes; at += chunk_bytes, i++)
    crcs[i] = weft_crc32_frame(0, u->buffer + address + at, n_bytes - at < chunk_bytes ? n_bytes - at : chunk_bytes);
  return WEFT_DEV_OK;
}

static int uio_run(void *self, uint32_t run_id) {
  weft_uio *u = self;
  if (run_id == u->run_id)
    return WEFT_DEV_OK;
  u->run_id = run_id;
  __sync_synchronize();
  store(u, CSR_CTRL, 1);
  return WEFT_DEV_OK;
}

static int uio_status(void *self, weft_dev_status *out) {
  const weft_uio *u = self;
  *out = (weft_dev_status){load(u, CSR_STATUS), u->run_id, 1};
  __sync_synchronize();
  return WEFT_DEV_OK;
}

static int uio_reset(void *self) {
  weft_uio *u = self;
  u->run_id = 0;
  store(u, CSR_CTRL, 2);
  return WEFT_DEV_OK;
}

static uint32_t uio_now(void *self) {
  struct timespec t;
  (void)self;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint32_t)((uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u);
}

static void uio_pause(void *self, uint32_t ms) {
  const weft_uio *u = self;
  const struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
  if (u->bus.pause != NULL)
    u->bus.pause(u->bus.self, ms);
  else
    nanosleep(&t, NULL);
}

/* A u-dma-buf device has no size of its own: sysfs tells it. */
static size_t size_of(const char *path, const struct stat *st) {
  const char *name = strrchr(path, '/');
  char text[128], digits[24] = "";
  if (st->st_size > 0)
    return st->st_size <= INT32_MAX ? (size_t)st->st_size : 0;
  snprintf(text, sizeof text, "/sys/class/u-dma-buf/%.60s/size", name != NULL ? name + 1 : path);
  int fd = open(text, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, digits, sizeof digits - 1) : 0;
  if (fd >= 0)
    close(fd);
  unsigned long v = n > 0 ? strtoul(digits, NULL, 10) : 0;
  return v <= INT32_MAX ? (size_t)v : 0;
}

static void *map(weft_diag *d, const char *path, size_t n_bytes, size_t *found, weft_status *s) {
  struct stat st;
  int fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
  void *p = MAP_FAILED;
  *s = WEFT_OK;
  if (fd >= 0 && n_bytes == 0 && fstat(fd, &st) == 0)
    n_bytes = size_of(path, &st);
  if (fd >= 0 && n_bytes != 0)
    p = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  int why = errno;
  if (fd >= 0)
    close(fd);
  *found = n_bytes;
  if (p != MAP_FAILED)
    return p;
  *s = weft_fail(d, WEFT_E_LINK, weft_diag_text(d, "%s", path), strerror(why), "a UIO device or a DMA buffer that can be mapped",
                 "load the bitstream and its overlay; the user must own the device");
  return NULL;
}

static void give_transport(weft_uio *u, weft_transport *t) {
  *t = (weft_transport){u, uio_hello, uio_read, uio_write, uio_mem_write, uio_mem_read, uio_mem_crc, uio_run, uio_status,
                        uio_reset, uio_now, uio_pause};
}

weft_uio *weft_uio_attach(weft_arena *arena, const weft_uio_bus *bus, uint8_t *buffer, uint32_t n_bytes, uint32_t base,
                          weft_transport *t) {
  weft_uio *u = WEFT_NEW(arena, weft_uio, 1);
  *u = (weft_uio){.bus = *bus, .buffer = buffer, .buffer_bytes = n_bytes, .base = base};
  give_transport(u, t);
  return u;
}

weft_status weft_uio_open(weft_arena *arena, weft_diag *d, const char *registers, const char *buffer, uint32_t base,
                          weft_transport *t, weft_uio **out) {
  weft_uio *u = WEFT_NEW(arena, weft_uio, 1);
  weft_status s;
  size_t n = 0;
  u->registers = map(d, registers, REGISTER_BYTES, &n, &s);
  WEFT_TRY(s);
  u->buffer = map(d, buffer, 0, &n, &s);
  u->buffer_bytes = (uint32_t)n;
  u->base = base;
  u->bus = (weft_uio_bus){u, mapped_load, mapped_store, NULL};
  *out = u;
  if (s != WEFT_OK) {
    weft_uio_close(out);
    return s;
  }
  give_transport(u, t);
  return WEFT_OK;
}

void weft_uio_close(weft_uio **u) {
  if (*u != NULL && (*u)->registers != NULL)
    munmap((void *)(uintptr_t)(*u)->registers, REGISTER_BYTES);
  if (*u != NULL && (*u)->buffer != NULL)
    munmap((*u)->buffer, (*u)->buffer_bytes);
  *u = NULL;
}
