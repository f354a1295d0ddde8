/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of data under libFuzzer. Byte 0 chooses the format, byte 1 what a
 * description may add, the rest is the file. Whatever it is, the reader answers with
 * samples that can be read whole or with an issue. A broken promise aborts. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1            /* memfd_create */
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compiler/optimize/data_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise) {
  if (!promise)
    abort();
}

/* A folder of one file, for `image`. */
static void make_folder(char folder[32], const uint8_t *data, size_t size) {
  char path[64];
  strcpy(folder, "/tmp/weft_fuzz_XXXXXX");
  require(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/x.png", folder);
  FILE *f = fopen(path, "wb");
  require(f && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static void remove_folder(const char *folder) {
  char path[64];
  snprintf(path, sizeof path, "%s/x.png", folder);
  unlink(path);
  rmdir(folder);
}

static void require_table(const data_spec *s, const data_table *t) {
  const size_t bytes = t->n * s->n_elems * weft_type_bits(t->type) / 8;
  unsigned sum = 0;
  require(t->n >= 1);
  require(t->type == WEFT_UINT8 || t->type == WEFT_INT8 || t->type == WEFT_FLOAT32);
  for (size_t i = 0; i < bytes; i++)
    sum += ((const uint8_t *)t->x)[i];
  for (size_t i = 0; t->type == WEFT_FLOAT32 && i < t->n * s->n_elems; i++)
    require(isfinite(((const float *)t->x)[i]));
  for (size_t i = 0; t->label && i < t->n; i++)
    require(t->label[i] >= 0);
  require(sum != 1u << 31);
}

static data_source source_of(uint8_t options, data_format format, const char *path) {
  static const weft_type types[] = {WEFT_UINT8, WEFT_INT8, WEFT_INT16, WEFT_FLOAT32};
  return (data_source){.where = "fuzz", .path = path, .format = format, .type = types[options & 3],
                       .skip = options & 4 ? 3 : 0, .stride = options & 8 ? 2 : 0,
                       .label_column = options & 16 ? -2 : -1, .labels_column = -1,
                       .header = (options & 32) != 0, .separator = options & 64 ? ';' : ',',
                       .label = options & 128 ? 1 : -1};
}

/* The same bytes as the labels of as many samples as they may be. */
static void read_as_labels(data_spec *s, data_source *from) {
  static const char *const tails[] = {"csv", "npy", "npz", "idx", "bin"};
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    char path[64];
    const int32_t *label = NULL;
    snprintf(path, sizeof path, "/tmp/weft_fuzz_%ld.%s", (long)getpid(), tails[i]);
    unlink(path);
    require(symlink(from->path, path) == 0);
    from->labels = path;
    if (data_read_labels(s, from, 2, &label) == WEFT_OK)
      require(label[0] >= 0 && label[1] >= 0);
    unlink(path);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[32];
  if (size < 2)
    return 0;
  const data_format format = (data_format)(data[0] % DATA_N_FORMATS);
  const bool is_image = format == DATA_IMAGE;
  weft_arena *arena = weft_arena_new();
  data_spec s = {.arena = arena, .d = weft_diag_new(arena), .rank = 3, .shape = {2, 3, 1}, .n_elems = 6};
  data_table t = {0};
  if (format == DATA_CIFAR || (is_image && data[1] & 1)) {
    s.shape[2] = 3;
    s.n_elems = 18;
  }
  const int fd = memfd_create("weft", MFD_CLOEXEC);
  require(fd >= 0 && write(fd, data + 2, size - 2) == (ssize_t)(size - 2));
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (is_image)
    make_folder(path, data + 2, size - 2);
  data_source from = source_of(data[1], format, path);
  const weft_status status = data_read_source(&s, &from, &t);
  require((status == WEFT_OK) == (weft_diag_count(s.d) == 0));
  if (status == WEFT_OK)
    require_table(&s, &t);
  if (!is_image)
    read_as_labels(&s, &from);
  else
    remove_folder(from.path);
  close(fd);
  weft_arena_free(&arena);
  return 0;
}
