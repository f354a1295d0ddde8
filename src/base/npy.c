/* SPDX-License-Identifier: Apache-2.0 */
#include "base/npy.h"

#include <string.h>

bool weft_npy_is(weft_span file) {
  return file.size >= 12 && memcmp(file.data, "\x93NUMPY", 6) == 0;
}

bool weft_npy_header(weft_span file, char *header, size_t size, size_t *data_at) {
  if (!weft_npy_is(file))
    return false;
  const uint8_t version = file.data[6];
  const size_t at = version == 1 ? 10 : 12;
  const size_t n = version == 1 ? weft_le16(file.data + 8) : weft_le32(file.data + 8);
  if (version < 1 || version > 3 || n >= size || n > file.size - at)
    return false;
  memcpy(header, file.data + at, n);
  header[n] = '\0';
  *data_at = at + n;
  return true;
}

bool weft_npy_shape(const char *header, size_t *shape, int most, int *rank) {
  const char *p = strstr(header, "'shape':");
  p = p ? strchr(p, '(') : NULL;
  *rank = 0;
  if (!p)
    return false;
  for (p++; *p != ')'; p++) {
    size_t v = 0;
    if (*p == ' ' || *p == ',')
      continue;
    if (*p < '0' || *p > '9' || *rank == most)
      return false;
    for (; *p >= '0' && *p <= '9'; p++)
      if (!weft_mul_size(v, 10, &v) || !weft_add_size(v, (size_t)(*p - '0'), &v))
        return false;
    p--;
    shape[(*rank)++] = v;
  }
  return true;
}
