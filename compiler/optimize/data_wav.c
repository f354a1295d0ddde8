/* SPDX-License-Identifier: Apache-2.0 */
/* 16-bit PCM of a RIFF file as numbers -32768..32767, channels interleaved;
 * samples are windows of it as of a raw file. */
#include <string.h>

#include "compiler/optimize/data_read.h"

static weft_status fail(const data_spec *s, const data_source *from, const char *found) {
  return data_fail(s->d, from->path, found, "a WAV file of 16-bit PCM");
}

/* The payload of a chunk, or NULL. */
static const uint8_t *chunk(weft_span f, const char *name, size_t *n) {
  size_t at = 12;
  while (at + 8 <= f.size) {
    size_t size = weft_le32(f.data + at + 4);
    const size_t room = f.size - at - 8;
    if (memcmp(f.data + at, name, 4) == 0) {
      *n = size < room ? size : room;
      return f.data + at + 8;
    }
    size += size & 1;
    if (size > room)
      return NULL;
    at += 8 + size;
  }
  return NULL;
}

weft_status data_read_wav(const data_spec *s, const data_source *from, data_table *out) {
  weft_span f = {NULL, 0};
  size_t n_format = 0;
  size_t n = 0;
  WEFT_TRY(data_file(s->arena, s->d, from->path, &f));
  if (f.size < 12 || memcmp(f.data, "RIFF", 4) != 0 || memcmp(f.data + 8, "WAVE", 4) != 0)
    return fail(s, from, "no RIFF/WAVE header");
  const uint8_t *format = chunk(f, "fmt ", &n_format);
  const uint8_t *data = chunk(f, "data", &n);
  if (!format || n_format < 16 || !data)
    return fail(s, from, "no 'fmt ' or 'data' chunk");
  const unsigned code = weft_le16(format);
  const unsigned bits = weft_le16(format + 14);
  if ((code != 1 && code != 0xfffe) || bits != 16)
    return fail(s, from, weft_diag_text(s->d, "format %u of %u bits", code, bits));
  const size_t n_values = n / 2;
  const size_t stride = from->stride ? from->stride : s->n_elems;
  if (n_values < s->n_elems)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu values", n_values),
                     weft_diag_text(s->d, "at least one sample of %s", data_spec_text(s)));
  const size_t n_samples = (n_values - s->n_elems) / stride + 1;
  if (n_samples > DATA_MAX_FILE_BYTES / 4 / s->n_elems)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu windows", n_samples),
                     "at most 4 GiB of samples");
  float *x = WEFT_NEW(s->arena, float, n_samples * s->n_elems);
  for (size_t i = 0; i < n_samples; i++)
    for (size_t k = 0; k < s->n_elems; k++)
      x[i * s->n_elems + k] = (float)(int16_t)weft_le16(data + 2 * (i * stride + k));
  *out = (data_table){.source = from, .type = WEFT_FLOAT32, .n = n_samples, .x = x};
  return WEFT_OK;
}
