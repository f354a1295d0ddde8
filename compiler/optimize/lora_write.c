/* SPDX-License-Identifier: Apache-2.0 */
/* Adapters to a .npz: a zip of stored .npy members. */
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/data_read.h"

enum { LOCAL_BYTES = 30, ENTRY_BYTES = 46, END_BYTES = 22 };

typedef struct member {
  const char *name;
  weft_span npy;
  size_t at;                   /* of its local header                         */
} member;

typedef struct archive {
  weft_arena *arena;
  size_t n, n_bytes;
  member *members;
} archive;

static void add(archive *z, const char *layer, char which, const float *x, size_t rows, size_t columns) {
  member *m = &z->members[z->n++];
  m->name = weft_arena_printf(z->arena, "%s.%c.npy", layer, which);
  m->npy = data_npy(z->arena, "<f4", weft_arena_printf(z->arena, "%zu, %zu", rows, columns), x,
                    rows * columns * sizeof *x);
  z->n_bytes += LOCAL_BYTES + ENTRY_BYTES + 2 * strlen(m->name) + m->npy.size;
}

/* What the local header and the directory's entry say alike, from "version needed" on. */
static void put_sizes(uint8_t *p, const member *m) {
  weft_put_le16(p, 20);
  weft_put_le32(p + 6, 0x00210000);          /* 0:00, 1980-01-01: the same bytes each time */
  weft_put_le32(p + 10, weft_crc32(m->npy.data, m->npy.size, 0));
  weft_put_le32(p + 14, (uint32_t)m->npy.size);
  weft_put_le32(p + 18, (uint32_t)m->npy.size);
  weft_put_le16(p + 22, (uint16_t)strlen(m->name));
}

static uint8_t *put_member(uint8_t *p, const uint8_t *start, member *m) {
  const size_t n = strlen(m->name);
  m->at = (size_t)(p - start);
  weft_put_le32(p, 0x04034b50);
  put_sizes(p + 4, m);
  memcpy(p + LOCAL_BYTES, m->name, n);
  memcpy(p + LOCAL_BYTES + n, m->npy.data, m->npy.size);
  return p + LOCAL_BYTES + n + m->npy.size;
}

static uint8_t *put_entry(uint8_t *p, const member *m) {
  const size_t n = strlen(m->name);
  weft_put_le32(p, 0x02014b50);
  weft_put_le16(p + 4, 20);
  put_sizes(p + 6, m);
  weft_put_le32(p + 42, (uint32_t)m->at);
  memcpy(p + ENTRY_BYTES, m->name, n);
  return p + ENTRY_BYTES + n;
}

static weft_status write_archive(weft_diag *d, archive *z, const char *path) {
  const size_t n_bytes = z->n_bytes + END_BYTES;
  if (n_bytes > UINT32_MAX || z->n > UINT16_MAX)
    return weft_fail(d, WEFT_E_CAP, path, weft_diag_text(d, "%zu bytes of adapters", n_bytes),
                     "at most 4 GiB", "a smaller rank, or fewer layers");
  uint8_t *start = weft_arena_alloc(z->arena, n_bytes, 1), *p = start;
  for (size_t i = 0; i < z->n; i++)
    p = put_member(p, start, &z->members[i]);
  const size_t directory = (size_t)(p - start);
  for (size_t i = 0; i < z->n; i++)
    p = put_entry(p, &z->members[i]);
  weft_put_le32(p, 0x06054b50);
  weft_put_le16(p + 8, (uint16_t)z->n);
  weft_put_le16(p + 10, (uint16_t)z->n);
  weft_put_le32(p + 12, (uint32_t)((size_t)(p - start) - directory));
  weft_put_le32(p + 16, (uint32_t)directory);
  return weft_file_write(d, path, start, n_bytes);
}

weft_status opt_lora_write(weft_diag *d, const opt_net *net, const opt_adapters *x,
                           const char *npz_path) {
  archive z = {.arena = weft_arena_new()};
  z.members = WEFT_NEW(z.arena, member, 2 * net->n_layers + 1);
  for (int l = 0; l < net->n_layers; l++) {
    const opt_weights *w = net->layers[l].weights;
    if (!x->a[l])
      continue;
    add(&z, net->layers[l].name, 'A', x->a[l], x->rank, w->n_elems / w->n_out);
    add(&z, net->layers[l].name, 'B', x->b[l], w->n_out, x->rank);
  }
  const weft_status s = write_archive(d, &z, npz_path);
  weft_arena_free(&z.arena);
  return s;
}
