/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: CRCs, making one, finding one in a stream. */
#include "weft_device.h"

#include <string.h>

enum {
#define LINKCONST(name, value, doc) LINK_##name = (value),
#include "link.def"
};

uint16_t weft_crc16_frame(uint16_t crc, const uint8_t *data, uint32_t n_bytes) {
  uint32_t c = crc;
  for (uint32_t i = 0; i < n_bytes; i++) {
    c ^= data[i];
    for (int k = 0; k < 8; k++)
      c = c >> 1 ^ ((c & 1u) != 0 ? 0x8408u : 0u);
  }
  return (uint16_t)c;
}

/* A nibble at a time: 64 bytes of table suit a small controller. */
uint32_t weft_crc32_frame(uint32_t crc, const uint8_t *data, uint32_t n_bytes) {
  static const uint32_t table[16] = {
    0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
    0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
  };
  uint32_t c = ~crc;
  for (uint32_t i = 0; i < n_bytes; i++) {
    c ^= data[i];
    c = c >> 4 ^ table[c & 15u];
    c = c >> 4 ^ table[c & 15u];
  }
  return ~c;
}

static void put(uint8_t *p, uint32_t v, int n_bytes) {
  for (int i = 0; i < n_bytes; i++)
    p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get(const uint8_t *p, int n_bytes) {
  uint32_t v = 0;
  for (int i = n_bytes - 1; i >= 0; i--)
    v = v << 8 | p[i];
  return v;
}

uint32_t weft_frame_make(uint8_t *out, uint8_t type, uint8_t seq, uint32_t addr, const uint8_t *payload,
                         uint32_t n_payload) {
  if (n_payload != 0 && payload != out + LINK_HEADER_BYTES)
    memcpy(out + LINK_HEADER_BYTES, payload, n_payload);
  out[0] = LINK_SYNC0;
  out[1] = LINK_SYNC1;
  out[2] = type;
  out[3] = seq;
  put(out + 4, n_payload, 2);
  put(out + 6, addr, 4);
  put(out + 10, weft_crc16_frame(0xffff, out + 2, 8), 2);
  put(out + LINK_HEADER_BYTES + n_payload, weft_crc32_frame(0, out + 2, 10 + n_payload), 4);
  return LINK_HEADER_BYTES + n_payload + LINK_PCRC_BYTES;
}

int weft_frame_look(const uint8_t *in, uint32_t n_bytes, int *damaged_seq) {
  *damaged_seq = -1;
  if (n_bytes == 0)
    return 0;
  if (in[0] != LINK_SYNC0 || (n_bytes > 1 && in[1] != LINK_SYNC1))
    return -1;
  if (n_bytes < LINK_HEADER_BYTES)
    return 0;
  uint32_t n_payload = get(in + 4, 2);
  if (get(in + 10, 2) != weft_crc16_frame(0xffff, in + 2, 8) || n_payload > LINK_PAYLOAD_MAX)
    return -1;
  uint32_t all = LINK_HEADER_BYTES + n_payload + LINK_PCRC_BYTES;
  if (n_bytes < all)
    return 0;
  if (get(in + LINK_HEADER_BYTES + n_payload, 4) == weft_crc32_frame(0, in + 2, 10 + n_payload))
    return (int)all;
  *damaged_seq = in[3];
  return -2;
}
