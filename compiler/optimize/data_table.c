/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of one source: shapes and labels against what the YAML says. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/data_read.h"

/* Whether an array's shape behind the batch is the YAML's, 1s ignored; a flat
 * shape takes any with as many elements. */
static bool is_shape(const data_spec *s, const data_array *a) {
  size_t n = 1;
  int k = 0;
  bool is_same = true;
  for (int i = 1; i < a->rank; i++) {
    n *= a->shape[i];
    if (a->shape[i] == 1)
      continue;
    while (k < s->rank && s->shape[k] == 1)
      k++;
    is_same = is_same && k < s->rank && (size_t)s->shape[k] == a->shape[i];
    k++;
  }
  return n == s->n_elems && (is_same || s->rank == 1);
}

static weft_status take_array(const data_spec *s, const data_source *from,
                              const data_array *a, data_table *out) {
  if (a->rank < 1 || !is_shape(s, a))
    return data_fail(s->d, from->path,
                     weft_diag_text(s->d, "%s: samples of %s",
                                    data_shape_text(s->d, a->shape, a->rank),
                                    data_shape_text(s->d, a->shape + 1, a->rank > 0 ? a->rank - 1 : 0)),
                     weft_diag_text(s->d, "samples of %s, the shape in the description",
                                    data_spec_text(s)));
  *out = (data_table){.source = from, .type = a->type, .n = a->shape[0], .x = a->x};
  return WEFT_OK;
}

weft_status data_read_raw(const data_spec *s, const data_source *from, data_table *out) {
  static const struct { weft_type type; data_number number; } rows[] = {
    {WEFT_UINT8, {'u', 1, false}}, {WEFT_INT8, {'i', 1, false}},
    {WEFT_INT16, {'i', 2, false}}, {WEFT_FLOAT32, {'f', 4, false}}};
  weft_span file = {NULL, 0};
  data_number number = rows[0].number;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].type == from->type)
      number = rows[i].number;
  WEFT_TRY(data_file(s->arena, s->d, from->path, &file));
  const size_t size = file.size < from->skip ? 0 : file.size - from->skip;
  const size_t n = size / (size_t)number.n_bytes;
  const size_t stride = from->stride ? from->stride : s->n_elems;
  const bool is_whole = size == n * (size_t)number.n_bytes && n >= s->n_elems &&
                        (n - s->n_elems) % stride == 0;
  if (file.size < from->skip || !is_whole)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu bytes", file.size),
                     weft_diag_text(s->d, "%zu bytes, then whole samples of %s %s", from->skip,
                                    weft_type_name(from->type), data_spec_text(s)));
  data_array a = {.n_elems = n};
  data_convert(s->arena, number, file.data + from->skip, &a);
  *out = (data_table){.source = from, .type = a.type, .n = (n - s->n_elems) / stride + 1, .x = a.x};
  if (stride == s->n_elems)
    return WEFT_OK;
  const size_t size_bytes = weft_type_bits(a.type) / 8;
  const size_t sample_bytes = s->n_elems * size_bytes;
  if (out->n > DATA_MAX_FILE_BYTES / sample_bytes)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu windows", out->n),
                     "at most 4 GiB of samples");
  uint8_t *x = weft_arena_alloc(s->arena, out->n, sample_bytes);
  for (size_t i = 0; i < out->n; i++)
    memcpy(x + i * sample_bytes, (const uint8_t *)a.x + i * stride * size_bytes, sample_bytes);
  out->x = x;
  return WEFT_OK;
}

/* Records: a label, then planes; samples become HWC. */
weft_status data_read_cifar(const data_spec *s, const data_source *from, data_table *out) {
  weft_span file = {NULL, 0};
  WEFT_TRY(data_file(s->arena, s->d, from->path, &file));
  const size_t n_record = 1 + s->n_elems;
  const size_t channels = (size_t)s->shape[s->rank - 1];
  if (s->rank != 3 || file.size == 0 || file.size % n_record != 0)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu bytes", file.size),
                     weft_diag_text(s->d, "records of 1 + %zu bytes for samples of %s",
                                    s->n_elems, data_spec_text(s)));
  const size_t n = file.size / n_record;
  const size_t n_pixels = s->n_elems / channels;
  uint8_t *x = weft_arena_alloc(s->arena, n, s->n_elems);
  int32_t *label = WEFT_NEW(s->arena, int32_t, n);
  for (size_t i = 0; i < n; i++) {
    const uint8_t *p = file.data + i * n_record;
    label[i] = p[0];
    for (size_t k = 0; k < s->n_elems; k++)
      x[i * s->n_elems + k % n_pixels * channels + k / n_pixels] = p[1 + k];
  }
  *out = (data_table){.source = from, .type = WEFT_UINT8, .n = n, .x = x, .label = label};
  return WEFT_OK;
}

static weft_status read_array(const data_spec *s, const data_source *from, data_array *a) {
  if (from->format == DATA_IDX)
    return data_read_idx(s->arena, s->d, from->path, a);
  weft_span file = {NULL, 0};
  WEFT_TRY(data_file(s->arena, s->d, from->path, &file));
  return from->format == DATA_NPY
           ? data_read_npy(s->arena, s->d, from->path, file, a)
           : data_read_npz(s->arena, s->d, from->path, file, from->member, a);
}

static weft_status read_samples(const data_spec *s, const data_source *from, data_table *out) {
  data_array a = {0};
  switch (from->format) {
  case DATA_RAW: return data_read_raw(s, from, out);
  case DATA_CSV: return data_read_csv(s, from, out);
  case DATA_IMAGE: return data_read_images(s, from, out);
  case DATA_CIFAR: return data_read_cifar(s, from, out);
  case DATA_WAV: return data_read_wav(s, from, out);
  default: break;
  }
  WEFT_TRY(read_array(s, from, &a));
  return take_array(s, from, &a, out);
}

static weft_status check_finite(const data_spec *s, const data_table *t) {
  const float *x = t->x;
  if (t->type != WEFT_FLOAT32)
    return WEFT_OK;
  for (size_t i = 0; i < t->n * s->n_elems; i++)
    if (!isfinite(x[i]))
      return data_fail(s->d, t->source->path,
                       weft_diag_text(s->d, "%s at element %zu of sample %zu",
                                      isnan(x[i]) ? "NaN" : "an infinity", i % s->n_elems,
                                      i / s->n_elems),
                       "finite values");
  return WEFT_OK;
}

weft_status data_read_source(const data_spec *s, const data_source *from, data_table *out) {
  WEFT_TRY(read_samples(s, from, out));
  if (out->n == 0 || out->n > DATA_MAX_SAMPLES)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu samples", out->n),
                     weft_diag_text(s->d, "1..%zu samples", DATA_MAX_SAMPLES));
  WEFT_TRY(check_finite(s, out));
  if (from->labels)
    return data_read_labels(s, from, out->n, &out->label);
  if (from->label >= 0) {
    int32_t *label = WEFT_NEW(s->arena, int32_t, out->n);
    for (size_t i = 0; i < out->n; i++)
      label[i] = from->label;
    out->label = label;
  }
  return WEFT_OK;
}
