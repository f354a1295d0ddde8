/* SPDX-License-Identifier: Apache-2.0 */
/* Samples to .npy and to a contact sheet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "compiler/optimize/data_inspect.h"
#include "compiler/optimize/data_read.h"

#define SHEET_COLUMNS 10
#define SHEET_SAMPLES 100
#define SHEET_GAP 2

/* NPY 1.0: the header is padded with blanks to a multiple of 64. */
weft_span data_npy(weft_arena *arena, const char *type, const char *shape, const void *x,
                   size_t n_bytes) {
  const char *text = weft_arena_printf(
      arena, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
  const size_t n_text = strlen(text);
  const size_t at = (10 + n_text + 1 + 63) / 64 * 64;
  uint8_t *file = weft_arena_alloc(arena, at + n_bytes, 1);
  memcpy(file, "\x93NUMPY\x01\x00", 8);
  weft_put_le16(file + 8, (uint16_t)(at - 10));
  memset(file + 10, ' ', at - 10);
  memcpy(file + 10, text, n_text);
  file[at - 1] = '\n';
  memcpy(file + at, x, n_bytes);
  return (weft_span){file, at + n_bytes};
}

static weft_status write_npy(weft_arena *arena, weft_diag *d, const char *path,
                             const char *type, const char *shape, const void *x, size_t n_bytes) {
  if (n_bytes > DATA_MAX_FILE_BYTES)
    return weft_fail(d, WEFT_E_CAP, path, weft_diag_text(d, "%zu bytes", n_bytes),
                     "at most 4 GiB", "a smaller split");
  const weft_span file = data_npy(arena, type, shape, x, n_bytes);
  return weft_file_write(d, path, file.data, file.size);
}

weft_status opt_data_export(weft_arena *arena, weft_diag *d, const opt_data *data,
                            opt_split split, const char *path) {
  const opt_samples *s = &data->splits[split];
  const weft_type type = (weft_type)data->type;
  const char *shape = weft_arena_printf(arena, "%zu,", s->n);
  const char *name = type == WEFT_UINT8 ? "|u1" : type == WEFT_INT8 ? "|i1" : "<f4";
  for (int i = 0; i < data->rank; i++)
    shape = weft_arena_printf(arena, "%s %d%s", shape, data->shape[i], i + 1 < data->rank ? "," : "");
  WEFT_TRY(write_npy(arena, d, path, name, shape, s->x,
                     s->n * data->n_elems * weft_type_bits(type) / 8));
  if (!s->label)
    return WEFT_OK;
  const size_t n = strlen(path);
  const size_t stem = n > 4 && strcmp(path + n - 4, ".npy") == 0 ? n - 4 : n;
  return write_npy(arena, d, weft_arena_printf(arena, "%.*s_labels.npy", (int)stem, path), "<i4",
                   weft_arena_printf(arena, "%zu,", s->n), s->label, s->n * 4);
}

/* One sample into the sheet at its top left pixel. */
static void paste(const opt_data *data, const float *x, int channels, uint8_t *to, size_t stride) {
  float lo = x[0];
  float hi = x[0];
  for (size_t k = 0; k < data->n_elems; k++) {
    lo = x[k] < lo ? x[k] : lo;
    hi = x[k] > hi ? x[k] : hi;
  }
  const size_t line = (size_t)data->shape[1] * (size_t)channels;
  for (size_t k = 0; k < data->n_elems; k++) {
    const double v = hi > lo ? ((double)x[k] - (double)lo) / ((double)hi - (double)lo) : 0;
    to[k / line * stride + k % line] = (uint8_t)(v * 255 + 0.5);
  }
}

/* uint8 samples as they are, others as numbers of the preprocessing. */
static void sample_of(const opt_data *data, opt_split split, size_t i, int channels, float *x,
                      uint8_t *to, size_t stride) {
  const size_t line = (size_t)data->shape[1] * (size_t)channels;
  if (data->type == WEFT_UINT8) {
    const uint8_t *raw = (const uint8_t *)data->splits[split].x + i * data->n_elems;
    for (int y = 0; y < data->shape[0]; y++)
      memcpy(to + (size_t)y * stride, raw + (size_t)y * line, line);
    return;
  }
  opt_data_get(data, split, i, x);
  paste(data, x, channels, to, stride);
}

static weft_status write_png(weft_arena *arena, weft_diag *d, const char *path, png_image *image,
                             const uint8_t *pixels) {
  png_alloc_size_t n = 0;
  if (!png_image_write_get_memory_size(*image, n, 0, pixels, 0, NULL))
    return weft_fail(d, WEFT_E_INTERNAL, path, weft_diag_text(d, "%s", image->message), NULL, NULL);
  void *file = weft_arena_alloc(arena, n, 1);
  if (!png_image_write_to_memory(image, file, &n, 0, pixels, 0, NULL))
    return weft_fail(d, WEFT_E_INTERNAL, path, weft_diag_text(d, "%s", image->message), NULL, NULL);
  return weft_file_write(d, path, file, n);
}

weft_status opt_data_sheet(weft_arena *arena, weft_diag *d, const opt_data *data,
                           opt_split split, const char *path) {
  const int channels = data->rank == 3 ? data->shape[2] : 1;
  const size_t n = data->splits[split].n < SHEET_SAMPLES ? data->splits[split].n : SHEET_SAMPLES;
  if ((data->rank != 2 && data->rank != 3) || (channels != 1 && channels != 3) ||
      data->n_elems > (size_t)1 << 20)
    return weft_fail(d, WEFT_E_UNSUPPORTED, data->path,
                     weft_diag_text(d, "samples of %d dimensions, %d channels", data->rank, channels),
                     "a sheet of [h, w], [h, w, 1] or [h, w, 3], at most 2^20 elements", NULL);
  const size_t h = (size_t)data->shape[0] + SHEET_GAP;
  const size_t w = (size_t)data->shape[1] + SHEET_GAP;
  const size_t across = n < SHEET_COLUMNS ? n : SHEET_COLUMNS;
  const size_t down = (n + across - 1) / across;
  const size_t stride = across * w * (size_t)channels;
  png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)(across * w),
                     .height = (png_uint_32)(down * h),
                     .format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB};
  uint8_t *pixels = weft_arena_alloc(arena, down * h, stride);
  float *x = WEFT_NEW(arena, float, data->n_elems);
  memset(pixels, 96, down * h * stride);
  for (size_t i = 0; i < n; i++)
    sample_of(data, split, i, channels, x,
              pixels + i / across * h * stride + i % across * w * (size_t)channels, stride);
  return write_png(arena, d, path, &image, pixels);
}
