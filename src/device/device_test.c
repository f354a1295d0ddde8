/* SPDX-License-Identifier: Apache-2.0 */
/* Self-tests of a board's memory, DMA and array. */
#include "weft_device.h"

#include <string.h>

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum { LINE = 16, BLOCK = 1024 };

int weft_dev_test_link(weft_device *dev, uint32_t n) {
  int e = WEFT_DEV_OK;
  for (uint32_t i = 0; e == WEFT_DEV_OK && i < n; i++) {
    uint32_t want = (i & 1u) != 0 ? ~(1u << (i / 2 & 31u)) : 1u << (i / 2 & 31u), got = 0;
    e = dev->t.reg_write(dev->t.self, CSR_SIZE3, want);
    if (e == WEFT_DEV_OK)
      e = dev->t.reg_read(dev->t.self, CSR_SIZE3, &got);
    if (e != WEFT_DEV_OK || got == want)
      continue;
    dev->failure.address = CSR_SIZE3;
    dev->failure.expected = want;
    dev->failure.found = got;
    e = WEFT_DEV_REGISTERS;
  }
  return e;
}

static int differs(weft_device *dev, uint32_t address, const uint8_t *expected, const uint8_t *found, uint32_t n,
                   int error) {
  for (uint32_t i = 0; i < n; i++)
    if (expected[i] != found[i]) {
      dev->failure.address = address + i;
      dev->failure.expected = expected[i];
      dev->failure.found = found[i];
      return error;
    }
  return WEFT_DEV_OK;
}

/* Every data line low, high, and alone, in one block of 16 lines. */
static int data_lines(weft_device *dev, uint32_t base, uint8_t *buf) {
  uint8_t *back = buf + BLOCK / 2;
  for (uint32_t pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < BLOCK / 4; i++)
      buf[i] = (uint8_t)((i / 8 == i % 32 ? 1u << (i % 8) : 0u) ^ (pass != 0 ? 0xffu : 0u));
    int e = dev->t.mem_write(dev->t.self, base, buf, BLOCK / 4);
    if (e == WEFT_DEV_OK)
      e = dev->t.mem_read(dev->t.self, base, back, BLOCK / 4);
    if (e == WEFT_DEV_OK)
      e = differs(dev, base, buf, back, BLOCK / 4, WEFT_DEV_MEMORY);
    if (e != WEFT_DEV_OK)
      return e;
  }
  return WEFT_DEV_OK;
}

static void tag(uint8_t line[LINE], uint32_t address) {
  for (uint32_t i = 0; i < LINE; i++)
    line[i] = (uint8_t)((address >> 8 * (i % 4)) + 0x5bu * (i + 1) + (address != 0 ? 1u : 0u));
}

/* A tag at 0 and at every power of two; what was there comes back afterwards. */
static int address_lines(weft_device *dev, uint8_t *buf) {
  uint32_t n = 0, size = dev->info.mem_bytes;
  uint8_t line[LINE], back[LINE];
  int e = WEFT_DEV_OK;
  for (uint32_t a = 0; e == WEFT_DEV_OK && a < size && n < 28; a = a == 0 ? 64 : 2 * a, n++)
    e = dev->t.mem_read(dev->t.self, a, buf + LINE * n, LINE);
  n = 0;
  for (uint32_t a = 0; e == WEFT_DEV_OK && a < size && n < 28; a = a == 0 ? 64 : 2 * a, n++) {
    tag(line, a);
    e = dev->t.mem_write(dev->t.self, a, line, LINE);
  }
  n = 0;
  for (uint32_t a = 0; e == WEFT_DEV_OK && a < size && n < 28; a = a == 0 ? 64 : 2 * a, n++) {
    tag(line, a);
    e = dev->t.mem_read(dev->t.self, a, back, LINE);
    if (e == WEFT_DEV_OK)
      e = differs(dev, a, line, back, LINE, WEFT_DEV_MEMORY);
  }
  n = 0;
  int restored = WEFT_DEV_OK;
  for (uint32_t a = 0; (e == WEFT_DEV_OK || e == WEFT_DEV_MEMORY) && restored == WEFT_DEV_OK && a < size && n < 28;
       a = a == 0 ? 64 : 2 * a, n++)
    restored = dev->t.mem_write(dev->t.self, a, buf + LINE * n, LINE);
  return e == WEFT_DEV_OK ? restored : e;
}

static void pattern(uint8_t *buf, uint32_t address, uint32_t n, uint32_t flip) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t x = (address + i) * 2654435761u;
    buf[i] = (uint8_t)((x >> 13 ^ x >> 24) ^ flip);
  }
}

/* Every bit of the range as 0 and as 1. The CRC finds the block, a read the byte. */
static int cells(weft_device *dev, uint32_t base, uint32_t size, uint8_t *buf) {
  for (uint32_t pass = 0; pass < 2; pass++) {
    uint32_t flip = pass != 0 ? 0xffu : 0u;
    for (uint32_t at = 0; at < size; at += BLOCK) {
      uint32_t n = size - at < BLOCK ? size - at : BLOCK;
      pattern(buf, base + at, n, flip);
      int e = dev->t.mem_write(dev->t.self, base + at, buf, n);
      if (e != WEFT_DEV_OK)
        return e;
      if (dev->progress != NULL)
        dev->progress(dev->user, "memory test", pass * size + at, 2 * size);
    }
    for (uint32_t at = 0; at < size; at += BLOCK) {
      uint32_t n = size - at < BLOCK ? size - at : BLOCK, crc = 0;
      uint8_t byte;
      int e = dev->t.mem_crc(dev->t.self, base + at, n, BLOCK, &crc);
      pattern(buf, base + at, n, flip);
      if (e == WEFT_DEV_OK && crc == weft_crc32_frame(0, buf, n))
        continue;
      if (e == WEFT_DEV_OK)
        e = dev->t.mem_read(dev->t.self, base + at, buf, n);
      for (uint32_t i = 0; e == WEFT_DEV_OK && i < n; i++) {
        pattern(&byte, base + at + i, 1, flip);
        e = differs(dev, base + at + i, &byte, buf + i, 1, WEFT_DEV_MEMORY);
      }
      return e != WEFT_DEV_OK ? e : WEFT_DEV_MEMORY;
    }
  }
  return WEFT_DEV_OK;
}

int weft_dev_test_memory(weft_device *dev, uint32_t base, uint32_t size, uint8_t *buf) {
  if (base % 64 != 0 || size < BLOCK || base > dev->info.mem_bytes || size > dev->info.mem_bytes - base)
    return WEFT_DEV_BAD_ARG;
  int e = data_lines(dev, base, buf);
  if (e == WEFT_DEV_OK)
    e = address_lines(dev, buf);
  return e == WEFT_DEV_OK ? cells(dev, base, size, buf) : e;
}

int weft_dev_test_program(weft_device *dev, const weft_dev_program *p, uint32_t out_address, const uint8_t *expected,
                          uint32_t n_bytes, uint8_t *buf, uint32_t limit_ms, int error) {
  int e = weft_dev_run(dev, p, limit_ms);
  for (uint32_t at = 0; e == WEFT_DEV_OK && at < n_bytes; at += BLOCK) {
    uint32_t n = n_bytes - at < BLOCK ? n_bytes - at : BLOCK;
    e = dev->t.mem_read(dev->t.self, out_address + at, buf, n);
    if (e == WEFT_DEV_OK)
      e = differs(dev, out_address + at, expected + at, buf, n, error);
  }
  return e;
}
