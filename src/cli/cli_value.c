/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of dense little-endian tensors as numbers. */
#include <math.h>
#include <string.h>

#include "cli/cli.h"

double cli_elem(weft_type type, const void *data, size_t i) {
  const uint8_t *p = data;
  float f;
  switch (type) {
  case WEFT_FLOAT32:
    memcpy(&f, p + 4 * i, sizeof f);
    return (double)f;
  case WEFT_INT8: return (int8_t)p[i];
  case WEFT_UINT8:
  case WEFT_BOOL: return p[i];
  case WEFT_INT16: return (int16_t)weft_le16(p + 2 * i);
  case WEFT_INT32: return (int32_t)weft_le32(p + 4 * i);
  case WEFT_INT64: return (double)(int64_t)weft_le64(p + 8 * i);
  case WEFT_FLOAT16:
  case WEFT_STRING:
  case WEFT_INT4: break;
  }
  return (double)NAN;
}

const char *cli_elem_text(weft_arena *arena, weft_type type, const void *data,
                          size_t i) {
  return weft_arena_printf(arena, "%.9g", cli_elem(type, data, i));
}

size_t cli_argmax(weft_type type, const void *data, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (cli_elem(type, data, i) > cli_elem(type, data, best))
      best = i;
  return best;
}
