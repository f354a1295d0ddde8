/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of data files: reading, inflating, converting numbers. */
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "compiler/optimize/data_read.h"

#define MAX_RATIO 1032           /* deflate cannot do better */

weft_status data_fail(weft_diag *d, const char *path, const char *found,
                      const char *allowed) {
  return weft_fail(d, WEFT_E_INPUT, weft_diag_text(d, "%s", path), found, allowed, NULL);
}

const char *data_shape_text(weft_diag *d, const size_t *shape, int rank) {
  const char *text = "";
  for (int i = 0; i < rank; i++)
    text = weft_diag_text(d, "%s%s%zu", text, i ? "x" : "", shape[i]);
  return weft_diag_text(d, "[%s]", text);
}

const char *data_spec_text(const data_spec *s) {
  size_t shape[WEFT_MAX_RANK] = {0};
  for (int i = 0; i < s->rank; i++)
    shape[i] = (size_t)s->shape[i];
  return data_shape_text(s->d, shape, s->rank);
}

bool data_inflate(weft_span in, bool is_gzip, uint8_t *out, size_t n_out) {
  z_stream z = {0};
  if (inflateInit2(&z, is_gzip ? 15 + 16 : -15) != Z_OK)
    weft_out_of_memory(0);
  const uint8_t *next = in.data;
  size_t n_in = in.size;
  size_t n_done = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const uInt give = (uInt)(n_in < (1u << 30) ? n_in : 1u << 30);
    const size_t room = n_out - n_done;
    const uInt take = (uInt)(room < (1u << 30) ? room : 1u << 30);
    z.next_in = (z_const Bytef *)(uintptr_t)next;
    z.avail_in = give;
    z.next_out = out + n_done;
    z.avail_out = take;
    status = inflate(&z, Z_NO_FLUSH);
    next += give - z.avail_in;
    n_in -= give - z.avail_in;
    n_done += take - z.avail_out;
    if (status == Z_OK && give == z.avail_in && take == z.avail_out)
      break;
  }
  inflateEnd(&z);
  return status == Z_STREAM_END && n_done == n_out && (!is_gzip || n_in == 0);
}

weft_status data_file(weft_arena *arena, weft_diag *d, const char *path, weft_span *out) {
  WEFT_TRY(weft_file_read(arena, d, path, DATA_MAX_FILE_BYTES, out));
  if (out->size < 18 || out->data[0] != 0x1f || out->data[1] != 0x8b)
    return WEFT_OK;
  const size_t n = weft_le32(out->data + out->size - 4);
  if (n / MAX_RATIO > out->size)
    return data_fail(d, path, "a gzip file that states an impossible size",
                     "one gzip member");
  uint8_t *bytes = weft_arena_alloc(arena, n ? n : 1, 1);
  if (!data_inflate(*out, true, bytes, n))
    return data_fail(d, path, "damaged gzip data", "one whole gzip member");
  *out = (weft_span){bytes, n};
  return WEFT_OK;
}

static uint64_t load(const uint8_t *p, data_number t) {
  uint64_t v = 0;
  for (int k = 0; k < t.n_bytes; k++)
    v |= (uint64_t)p[t.is_big ? t.n_bytes - 1 - k : k] << 8 * k;
  return v;
}

static float half(uint64_t bits) {
  const float sign = bits >> 15 ? -1.0f : 1.0f;
  const int exponent = (int)(bits >> 10 & 31);
  const float mantissa = (float)(bits & 1023);
  if (exponent == 31)
    return (bits & 1023) != 0 ? NAN : sign * INFINITY;
  return exponent ? sign * ldexpf(1024.0f + mantissa, exponent - 25)
                  : sign * ldexpf(mantissa, -24);
}

static float as_float(uint64_t bits, data_number t) {
  const int shift = 64 - 8 * t.n_bytes;
  if (t.kind == 'u')
    return (float)bits;
  if (t.kind == 'i')
    return (float)((int64_t)(bits << shift) >> shift);
  if (t.n_bytes == 2)
    return half(bits);
  if (t.n_bytes == 4) {
    const uint32_t word = (uint32_t)bits;
    float v;
    memcpy(&v, &word, sizeof v);
    return v;
  }
  double v;
  memcpy(&v, &bits, sizeof v);
  return (float)v;
}

void data_convert(weft_arena *arena, data_number from, const uint8_t *src, data_array *a) {
  const bool is_byte = from.n_bytes == 1;
  a->type = !is_byte ? WEFT_FLOAT32 : from.kind == 'i' ? WEFT_INT8 : WEFT_UINT8;
  a->x = src;
  const bool is_same = from.kind == 'f' && from.n_bytes == 4 && !from.is_big;
  if (is_byte || (is_same && (uintptr_t)src % 4 == 0))
    return;
  float *x = WEFT_NEW(arena, float, a->n_elems ? a->n_elems : 1);
  for (size_t i = 0; i < a->n_elems; i++)
    x[i] = as_float(load(src + i * (size_t)from.n_bytes, from), from);
  a->x = x;
}
