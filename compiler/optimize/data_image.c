/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of PNG and JPEG files, or of folders of them, one a class, in the
 * order of their names. Sizes are checked before pixels are decoded. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>
#include <png.h>

#include "compiler/optimize/data_read.h"

#define MAX_IMAGES 200000
#define MAX_IMAGE_BYTES ((size_t)256 << 20)

typedef struct names {
  const char **items;
  size_t n, cap;
} names;

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_image(const char *name) {
  static const char *const tails[] = {".png", ".PNG", ".jpg", ".jpeg", ".JPG", ".JPEG"};
  const char *tail = strrchr(name, '.');
  for (size_t i = 0; tail && i < sizeof tails / sizeof *tails; i++)
    if (strcmp(tail, tails[i]) == 0)
      return true;
  return false;
}

/* Sorted names in a folder: subfolders, or images. */
static weft_status list(const data_spec *s, const char *path, bool folders, names *out) {
  DIR *dir = opendir(path);
  const struct dirent *entry;
  if (!dir)
    return weft_fail(s->d, WEFT_E_READ, weft_diag_text(s->d, "%s", path),
                     weft_diag_text(s->d, "%s", strerror(errno)), "a readable folder", NULL);
  *out = (names){0};
  while ((entry = readdir(dir)) != NULL && out->n < MAX_IMAGES) {
    const char *name = entry->d_name;
    if (name[0] == '.')
      continue;
    const bool is_wanted =
        folders ? is_folder(weft_arena_printf(s->arena, "%s/%s", path, name)) : is_image(name);
    if (!is_wanted)
      continue;
    out->items = weft_arena_grow(s->arena, out->items, &out->cap, out->n + 1, sizeof *out->items);
    out->items[out->n++] = weft_arena_printf(s->arena, "%s", name);
  }
  closedir(dir);
  if (out->n)
    qsort(out->items, out->n, sizeof *out->items, by_bytes);
  return WEFT_OK;
}

static weft_status fail_size(const data_spec *s, const char *path, size_t h, size_t w) {
  return data_fail(s->d, path, weft_diag_text(s->d, "an image of %zu lines, %zu columns", h, w),
                   weft_diag_text(s->d, "%d lines, %d columns: shape %s", s->shape[0],
                                  s->shape[1], data_spec_text(s)));
}

static weft_status read_png(const data_spec *s, const char *path, weft_span file, uint8_t *out) {
  png_image image = {.version = PNG_IMAGE_VERSION};
  const png_color black = {0, 0, 0};
  weft_status status = WEFT_OK;
  if (!png_image_begin_read_from_memory(&image, file.data, file.size))
    return data_fail(s->d, path, weft_diag_text(s->d, "%s", image.message), "a PNG image");
  image.format = s->shape[2] == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  if (image.height != (png_uint_32)s->shape[0] || image.width != (png_uint_32)s->shape[1])
    status = fail_size(s, path, image.height, image.width);
  else if (!png_image_finish_read(&image, &black, out, 0, NULL))
    status = data_fail(s->d, path, weft_diag_text(s->d, "%s", image.message), "a PNG image");
  png_image_free(&image);
  return status;
}

typedef struct jpeg_errors {
  struct jpeg_error_mgr base;
  jmp_buf back;
  char text[JMSG_LENGTH_MAX];
} jpeg_errors;

static void jpeg_stop(j_common_ptr info) {
  jpeg_errors *e = (jpeg_errors *)(void *)info->err;
  info->err->format_message(info, e->text);
  longjmp(e->back, 1);
}
/* Warnings (data cut short, damaged codes) are errors too. */
static void jpeg_warn(j_common_ptr info, int level) {
  if (level < 0)
    jpeg_stop(info);
}

static void decode_lines(struct jpeg_decompress_struct *j, uint8_t *out) {
  const size_t stride = (size_t)j->output_width * (size_t)j->output_components;
  while (j->output_scanline < j->output_height) {
    JSAMPROW row = out + j->output_scanline * stride;
    jpeg_read_scanlines(j, &row, 1);
  }
  jpeg_finish_decompress(j);
}

static weft_status read_jpeg(const data_spec *s, const char *path, weft_span file, uint8_t *out) {
  struct jpeg_decompress_struct j;
  jpeg_errors errors;
  j.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_stop;
  errors.base.emit_message = jpeg_warn;
  if (setjmp(errors.back)) {
    jpeg_destroy_decompress(&j);
    return data_fail(s->d, path, weft_diag_text(s->d, "%s", errors.text), "a JPEG image");
  }
  jpeg_create_decompress(&j);
  jpeg_mem_src(&j, file.data, file.size);
  jpeg_read_header(&j, TRUE);
  if (j.image_height != (JDIMENSION)s->shape[0] || j.image_width != (JDIMENSION)s->shape[1]) {
    const size_t h = j.image_height;
    const size_t w = j.image_width;
    jpeg_destroy_decompress(&j);
    return fail_size(s, path, h, w);
  }
  j.out_color_space = s->shape[2] == 1 ? JCS_GRAYSCALE : JCS_RGB;
  j.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&j);
  decode_lines(&j, out);
  jpeg_destroy_decompress(&j);
  return WEFT_OK;
}

static weft_status read_image(const data_spec *s, const char *path, uint8_t *out) {
  weft_arena *scratch = weft_arena_new();
  weft_span file = {NULL, 0};
  weft_status status = weft_file_read(scratch, s->d, path, MAX_IMAGE_BYTES, &file);
  if (status == WEFT_OK) {
    if (file.size > 8 && memcmp(file.data, "\x89PNG", 4) == 0)
      status = read_png(s, path, file, out);
    else if (file.size > 8 && file.data[0] == 0xff && file.data[1] == 0xd8)
      status = read_jpeg(s, path, file, out);
    else
      status = data_fail(s->d, path, "another kind of file", "a PNG or JPEG image");
  }
  weft_arena_free(&scratch);
  return status;
}

/* All images of one folder, appended as paths with one label. */
static weft_status add_folder(const data_spec *s, const char *path, int32_t label, names *paths,
                              int32_t **labels, size_t *cap) {
  names files;
  WEFT_TRY(list(s, path, false, &files));
  for (size_t i = 0; i < files.n; i++) {
    *labels = weft_arena_grow(s->arena, *labels, cap, paths->n + 1, sizeof **labels);
    (*labels)[paths->n] = label;
    paths->items = weft_arena_grow(s->arena, paths->items, &paths->cap, paths->n + 1,
                                   sizeof *paths->items);
    paths->items[paths->n++] = weft_arena_printf(s->arena, "%s/%s", path, files.items[i]);
  }
  return WEFT_OK;
}

/* The class of folder number i: its name among the classes, else i. */
static weft_status class_of(const data_spec *s, const char *path, const char *name, size_t i,
                            int32_t *label) {
  *label = (int32_t)i;
  if (s->n_classes == 0)
    return WEFT_OK;
  *label = data_label(s, name, strlen(name));
  return *label >= 0 ? WEFT_OK
                     : data_fail(s->d, path, weft_diag_text(s->d, "the folder '%.60s'", name),
                                 "folders named as the classes");
}

weft_status data_read_images(const data_spec *s, const data_source *from, data_table *out) {
  names folders;
  names paths = {0};
  int32_t *labels = NULL;
  size_t cap = 0;
  if (s->rank != 3 || (s->shape[2] != 1 && s->shape[2] != 3))
    return data_fail(s->d, from->path, weft_diag_text(s->d, "images for shape %s", data_spec_text(s)),
                     "[lines, columns, 1 or 3]");
  WEFT_TRY(list(s, from->path, true, &folders));
  if (folders.n == 0)
    WEFT_TRY(add_folder(s, from->path, 0, &paths, &labels, &cap));
  for (size_t i = 0; i < folders.n; i++) {
    const char *path = weft_arena_printf(s->arena, "%s/%s", from->path, folders.items[i]);
    int32_t label = 0;
    WEFT_TRY(class_of(s, from->path, folders.items[i], i, &label));
    WEFT_TRY(add_folder(s, path, label, &paths, &labels, &cap));
  }
  if (paths.n > DATA_MAX_FILE_BYTES / s->n_elems)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu images", paths.n),
                     "at most 4 GiB of pixels");
  uint8_t *x = weft_arena_alloc(s->arena, paths.n ? paths.n : 1, s->n_elems);
  for (size_t i = 0; i < paths.n; i++) {
    if (weft_interrupted())
      return WEFT_E_INTERRUPTED;
    WEFT_TRY(read_image(s, paths.items[i], x + i * s->n_elems));
  }
  *out = (data_table){.source = from, .type = WEFT_UINT8, .n = paths.n, .x = x,
                      .label = folders.n ? labels : NULL};
  return WEFT_OK;
}
