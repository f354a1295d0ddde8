/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian stores, checked sizes, the CRC of program files. */
#include "base/base.h"

void weft_put_le16(uint8_t *p, uint16_t v) {
  p[0] = (uint8_t)v;
  p[1] = (uint8_t)(v >> 8);
}

void weft_put_le32(uint8_t *p, uint32_t v) {
  weft_put_le16(p, (uint16_t)v);
  weft_put_le16(p + 2, (uint16_t)(v >> 16));
}

void weft_put_le64(uint8_t *p, uint64_t v) {
  weft_put_le32(p, (uint32_t)v);
  weft_put_le32(p + 4, (uint32_t)(v >> 32));
}

bool weft_mul_size(size_t a, size_t b, size_t *out) {
  if (b != 0 && a > SIZE_MAX / b)
    return false;
  *out = a * b;
  return true;
}

bool weft_add_size(size_t a, size_t b, size_t *out) {
  if (a > SIZE_MAX - b)
    return false;
  *out = a + b;
  return true;
}

/* CRC-32 of IEEE 802.3, reflected, four bits a step. `seed` is the CRC of what
 * came before; 0 at the start. */
uint32_t weft_crc32(const void *data, size_t size, uint32_t seed) {
  static const uint32_t nibble[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *p = data;
  uint32_t crc = ~seed;
  for (size_t i = 0; i < size; i++) {
    crc ^= p[i];
    crc = crc >> 4 ^ nibble[crc & 15];
    crc = crc >> 4 ^ nibble[crc & 15];
  }
  return ~crc;
}
