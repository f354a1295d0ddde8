/* SPDX-License-Identifier: Apache-2.0 */
/* What a host does with a board: open, load, run, counters. */
#include "weft_device.h"

#include <string.h>

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum {
#define LINKREG(name, address, access, doc) REG_##name = (address),
#include "link.def"
};
enum { BUSY = 1u, DONE = 2u, MAX_MARKS = 512 };

const char *weft_dev_text(int error) {
  static const char *const texts[] = {
    "no error", "no answer", "the connection failed", "answers are damaged", "not this version of the link",
    "a command was refused", "the memory is not ready", "an invalid argument", "the memory test failed",
    "the DMA test failed", "the array test failed", "the memory does not hold what was written",
    "the accelerator stopped with a fault", "the run did not end in time", "the register test failed",
    "cancelled",
  };
  return error >= 0 && error < (int)(sizeof texts / sizeof texts[0]) ? texts[error] : "unknown error";
}

static uint32_t now(const weft_device *dev) { return dev->t.now_ms(dev->t.self); }

static void nap(const weft_device *dev, uint32_t ms) {
  if (dev->t.pause_ms != NULL)
    dev->t.pause_ms(dev->t.self, ms);
}

static void step(const weft_device *dev, const char *what, uint32_t done, uint32_t total) {
  if (dev->progress != NULL)
    dev->progress(dev->user, what, done, total);
}

/* Until the accelerator is idle and the memory ready. */
static int wait_ready(weft_device *dev, uint32_t ready_ms) {
  uint32_t begin = now(dev);
  for (;;) {
    weft_dev_status s = {0, 0, 0};
    uint32_t memory = 0;
    int e = dev->t.status(dev->t.self, &s);
    if (e == WEFT_DEV_OK)
      e = dev->t.reg_read(dev->t.self, REG_MEM_STATE, &memory);
    if (e != WEFT_DEV_OK)
      return e;
    dev->failure.found = s.probe;
    if ((memory & 2u) != 0)
      return WEFT_DEV_MEMORY;
    if ((s.csr & BUSY) == 0 && (memory & 1u) != 0)
      return WEFT_DEV_OK;
    if (now(dev) - begin > ready_ms)
      return WEFT_DEV_NOT_READY;
    nap(dev, 2);
  }
}

int weft_dev_open(weft_device *dev, const weft_transport *t, uint32_t ready_ms) {
  void (*progress)(void *, const char *, uint32_t, uint32_t) = dev->progress;
  void *user = dev->user;
  memset(dev, 0, sizeof *dev);
  dev->progress = progress;
  dev->user = user;
  dev->t = *t;
  int e = t->hello(t->self, &dev->info);
  if (e == WEFT_DEV_OK)
    e = t->reset(t->self);
  return e == WEFT_DEV_OK ? wait_ready(dev, ready_ms) : e;
}

static uint32_t chunk_size(uint32_t i, uint32_t n_bytes) {
  uint32_t left = n_bytes - i * WEFT_DEV_CHUNK;
  return left < WEFT_DEV_CHUNK ? left : WEFT_DEV_CHUNK;
}

/* Chunks [first, end) in one go, checked. */
static int load_part(weft_device *dev, uint32_t address, const uint8_t *data, uint32_t n_bytes, uint32_t first,
                     uint32_t end, uint32_t *work) {
  uint32_t at = first * WEFT_DEV_CHUNK, n = end * WEFT_DEV_CHUNK < n_bytes ? (end - first) * WEFT_DEV_CHUNK : n_bytes - at;
  int e = dev->t.mem_write(dev->t.self, address + at, data + at, n);
  if (e == WEFT_DEV_OK)
    e = dev->t.mem_crc(dev->t.self, address + at, n, WEFT_DEV_CHUNK, work + first);
  for (uint32_t i = first; e == WEFT_DEV_OK && i < end; i++) {
    uint32_t crc = weft_crc32_frame(0, data + i * WEFT_DEV_CHUNK, chunk_size(i, n_bytes));
    if (work[i] == crc)
      continue;
    dev->failure.address = address + i * WEFT_DEV_CHUNK;
    dev->failure.expected = crc;
    dev->failure.found = work[i];
    e = WEFT_DEV_UPLOAD;
  }
  dev->n_uploaded += n;
  return e;
}

/* At most 8 chunks a part, so that progress moves. */
int weft_dev_load(weft_device *dev, uint32_t address, const uint8_t *data, uint32_t n_bytes, uint32_t *work) {
  enum { PART = 8 };
  uint32_t n_chunks = n_bytes / WEFT_DEV_CHUNK + (n_bytes % WEFT_DEV_CHUNK != 0);
  int e = n_bytes == 0 ? WEFT_DEV_OK : dev->t.mem_crc(dev->t.self, address, n_bytes, WEFT_DEV_CHUNK, work);
  for (uint32_t i = 0; e == WEFT_DEV_OK && i < n_chunks;) {
    uint32_t end = i;
    while (end < n_chunks && end - i < PART &&
           work[end] != weft_crc32_frame(0, data + end * WEFT_DEV_CHUNK, chunk_size(end, n_bytes)))
      end++;
    if (end == i) {
      dev->n_kept += chunk_size(i, n_bytes);
      i++;
      continue;
    }
    e = load_part(dev, address, data, n_bytes, i, end, work);
    step(dev, "upload", end, n_chunks);
    i = end;
  }
  return e;
}

static int set_registers(weft_device *dev, const weft_dev_program *p) {
  int e = WEFT_DEV_OK;
  for (uint32_t i = 0; e == WEFT_DEV_OK && i < 4; i++) {
    e = dev->t.reg_write(dev->t.self, CSR_BASE0 + 8 * i, p->base[i]);
    if (e == WEFT_DEV_OK)
      e = dev->t.reg_write(dev->t.self, CSR_SIZE0 + 8 * i, p->size[i]);
  }
  if (e == WEFT_DEV_OK)
    e = dev->t.reg_write(dev->t.self, CSR_PROG_OFFSET, p->prog_offset);
  if (e == WEFT_DEV_OK)
    e = dev->t.reg_write(dev->t.self, CSR_PROG_INSNS, p->prog_insns);
  return e == WEFT_DEV_OK ? dev->t.reg_write(dev->t.self, CSR_WATCHDOG, p->watchdog) : e;
}

static int read_fault(weft_device *dev, uint32_t csr) {
  dev->failure.expected = csr >> 4 & 15u;
  int e = dev->t.reg_read(dev->t.self, CSR_FAULT_PC, &dev->failure.address);
  if (e == WEFT_DEV_OK)
    e = dev->t.reg_read(dev->t.self, CSR_FAULT_QUEUE, &dev->failure.found);
  return e == WEFT_DEV_OK ? WEFT_DEV_FAULT : e;
}

int weft_dev_run(weft_device *dev, const weft_dev_program *p, uint32_t limit_ms) {
  int e = set_registers(dev, p);
  uint32_t begin = now(dev), wait = 1;
  if (e == WEFT_DEV_OK)
    e = dev->t.run(dev->t.self, dev->run_id = dev->run_id % 0xffffu + 1);
  while (e == WEFT_DEV_OK) {
    weft_dev_status s = {0, 0, 0};
    e = dev->t.status(dev->t.self, &s);
    if (e != WEFT_DEV_OK)
      break;
    if (s.run_id == dev->run_id && (s.csr & DONE) != 0 && (s.csr & BUSY) == 0)
      return (s.csr >> 4 & 15u) != 0 ? read_fault(dev, s.csr) : WEFT_DEV_OK;
    if (now(dev) - begin > limit_ms) {
      e = dev->t.reset(dev->t.self);
      return e == WEFT_DEV_OK ? WEFT_DEV_TIMEOUT : e;
    }
    nap(dev, wait);
    wait = wait < 16 ? 2 * wait : wait;
  }
  return e;
}

int weft_dev_cycles(weft_device *dev, uint64_t *cycles) {
  uint32_t lo = 0, hi = 0;
  int e = dev->t.reg_read(dev->t.self, CSR_CYCLES_LO, &lo);
  if (e == WEFT_DEV_OK)
    e = dev->t.reg_read(dev->t.self, CSR_CYCLES_HI, &hi);
  *cycles = (uint64_t)hi << 32 | lo;
  return e;
}

int weft_dev_layers(weft_device *dev, uint64_t cycles, uint64_t *layers, uint32_t n_layers) {
  uint32_t n = 0, layer = UINT32_MAX;
  uint64_t from = 0;
  int e = dev->t.reg_read(dev->t.self, CSR_MARK_COUNT, &n);
  for (uint32_t i = 0; e == WEFT_DEV_OK && i < n && i < MAX_MARKS; i++) {
    uint32_t id = 0, at = 0;
    e = dev->t.reg_write(dev->t.self, CSR_MARK_INDEX, i);
    if (e == WEFT_DEV_OK)
      e = dev->t.reg_read(dev->t.self, CSR_MARK_ID, &id);
    if (e == WEFT_DEV_OK)
      e = dev->t.reg_read(dev->t.self, CSR_MARK_CYCLE, &at);
    if (e != WEFT_DEV_OK)
      break;
    if (layer < n_layers) {
      layers[layer] += at - from;
      from = at;
    }
    layer = id;
  }
  if (e == WEFT_DEV_OK && layer < n_layers)
    layers[layer] += cycles - from;
  return e;
}
