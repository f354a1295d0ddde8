/* SPDX-License-Identifier: Apache-2.0 */
/* Files of one array: idx, .npy, .npz. */
#include <string.h>

#include "base/npy.h"
#include "compiler/optimize/data_read.h"

/* Sets n_elems from the shape; false if `size` is not exactly that many. */
static bool fits(data_array *a, int n_bytes, size_t size) {
  size_t n = 1;
  for (int i = 0; i < a->rank; i++)
    if (!weft_mul_size(n, a->shape[i], &n))
      return false;
  a->n_elems = n;
  return weft_mul_size(n, (size_t)n_bytes, &n) && n == size;
}

weft_status data_read_idx(weft_arena *arena, weft_diag *d, const char *path,
                          data_array *out) {
  static const data_number types[16] = {
    [8] = {'u', 1, true}, [9] = {'i', 1, true}, [11] = {'i', 2, true},
    [12] = {'i', 4, true}, [13] = {'f', 4, true}, [14] = {'f', 8, true}};
  weft_span file = {NULL, 0};
  WEFT_TRY(data_file(arena, d, path, &file));
  if (file.size < 4 || file.data[0] || file.data[1] || file.data[2] > 15 ||
      types[file.data[2]].n_bytes == 0)
    return data_fail(d, path, "no idx header", "an idx file: 0 0 type rank");
  const data_number type = types[file.data[2]];
  const int rank = file.data[3];
  const size_t at = 4 + 4 * (size_t)rank;
  if (rank < 1 || rank > WEFT_MAX_RANK + 1 || file.size < at)
    return data_fail(d, path, weft_diag_text(d, "%d dimensions", rank),
                     weft_diag_text(d, "1..%d dimensions", WEFT_MAX_RANK + 1));
  *out = (data_array){.rank = rank};
  for (int i = 0; i < rank; i++) {
    const uint8_t *p = file.data + 4 + 4 * i;
    out->shape[i] = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
  }
  if (!fits(out, type.n_bytes, file.size - at))
    return data_fail(d, path, weft_diag_text(d, "%zu bytes of data", file.size - at),
                     weft_diag_text(d, "as many as its header says: %s of %d bytes",
                                    data_shape_text(d, out->shape, rank), type.n_bytes));
  data_convert(arena, type, file.data + at, out);
  return WEFT_OK;
}

/* "'descr': '<f4'" */
static bool npy_type(const char *header, data_number *out) {
  const char *p = strstr(header, "'descr':");
  p = p ? strchr(p + 8, '\'') : NULL;
  if (!p || !strchr("<>|=", p[1]) || !p[1] || !p[2] || p[3] < '1' || p[3] > '8' || p[4] != '\'')
    return false;
  *out = (data_number){p[2] == 'b' ? 'u' : p[2], p[3] - '0', p[1] == '>'};
  const bool is_int = (out->kind == 'u' || out->kind == 'i') &&
                      (out->n_bytes == 1 || out->n_bytes == 2 || out->n_bytes == 4 || out->n_bytes == 8);
  const bool is_float = out->kind == 'f' &&
                        (out->n_bytes == 2 || out->n_bytes == 4 || out->n_bytes == 8);
  return is_int || is_float;
}

weft_status data_read_npy(weft_arena *arena, weft_diag *d, const char *path, weft_span file,
                          data_array *out) {
  char header[2048];
  data_number type = {0};
  size_t at = 0;
  if (!weft_npy_is(file))
    return data_fail(d, path, "no NPY header", "a .npy file");
  if (!weft_npy_header(file, header, sizeof header, &at))
    return data_fail(d, path, "a damaged NPY header", "NPY 1.0 to 3.0");
  *out = (data_array){0};
  if (!npy_type(header, &type))
    return data_fail(d, path, weft_diag_text(d, "%.200s", header),
                     "numbers of type u1 i1 b1 u2 i2 u4 i4 u8 i8 f2 f4 f8");
  if (!strstr(header, "'fortran_order': False"))
    return data_fail(d, path, "Fortran order", "C order");
  if (!weft_npy_shape(header, out->shape, WEFT_MAX_RANK + 1, &out->rank) || !fits(out, type.n_bytes, file.size - at))
    return data_fail(d, path, weft_diag_text(d, "%zu bytes of data", file.size - at),
                     weft_diag_text(d, "as many as its header says: %s of %d bytes",
                                    data_shape_text(d, out->shape, out->rank), type.n_bytes));
  data_convert(arena, type, file.data + at, out);
  return WEFT_OK;
}

/* One member of a zip's central directory. */
typedef struct member {
  const char *name;             /* without .npy */
  uint16_t method;
  size_t n_packed, n_bytes, at; /* at: local header */
} member;

static bool find_directory(weft_span f, size_t *at, size_t *n) {
  for (size_t back = 22; back <= f.size && back < 22 + 65536; back++) {
    const uint8_t *p = f.data + f.size - back;
    if (weft_le32(p) == 0x06054b50) {
      *n = weft_le16(p + 10);
      *at = weft_le32(p + 16);
      return *at <= f.size;
    }
  }
  return false;
}

static bool read_member(weft_arena *arena, weft_span f, size_t *at, member *out) {
  if (f.size - *at < 46 || weft_le32(f.data + *at) != 0x02014b50)
    return false;
  const uint8_t *p = f.data + *at;
  const size_t n_name = weft_le16(p + 28);
  const size_t n_all = 46 + n_name + weft_le16(p + 30) + weft_le16(p + 32);
  if (f.size - *at < n_all)
    return false;
  *out = (member){.method = weft_le16(p + 10), .n_packed = weft_le32(p + 20),
                  .n_bytes = weft_le32(p + 24), .at = weft_le32(p + 42)};
  const bool is_npy = n_name > 4 && memcmp(p + 46 + n_name - 4, ".npy", 4) == 0;
  out->name = weft_arena_printf(arena, "%.*s", (int)(is_npy ? n_name - 4 : n_name),
                                (const char *)p + 46);
  *at += n_all;
  return true;
}

static bool unpack(weft_arena *arena, weft_span f, const member *m, weft_span *out) {
  if (m->at > f.size || f.size - m->at < 30 || weft_le32(f.data + m->at) != 0x04034b50)
    return false;
  const uint8_t *p = f.data + m->at;
  const size_t at = m->at + 30 + weft_le16(p + 26) + weft_le16(p + 28);
  if (at > f.size || m->n_packed > f.size - at || m->n_bytes / 1032 > m->n_packed)
    return false;
  const weft_span packed = {f.data + at, m->n_packed};
  if (m->method == 0) {
    *out = packed;
    return m->n_packed == m->n_bytes;
  }
  uint8_t *bytes = weft_arena_alloc(arena, m->n_bytes ? m->n_bytes : 1, 1);
  *out = (weft_span){bytes, m->n_bytes};
  return m->method == 8 && data_inflate(packed, false, bytes, m->n_bytes);
}

weft_status data_read_npz(weft_arena *arena, weft_diag *d, const char *path, weft_span file,
                          const char *wanted, data_array *out) {
  size_t at = 0;
  size_t n = 0;
  member found = {0};
  bool has_found = false;
  const char *names = "";
  if (!find_directory(file, &at, &n))
    return data_fail(d, path, "no zip directory", "a .npz file");
  for (size_t i = 0; i < n; i++) {
    member m;
    if (!read_member(arena, file, &at, &m))
      return data_fail(d, path, "a damaged zip directory", "a .npz file");
    if (strlen(names) < 400)
      names = weft_diag_text(d, "%s%s%.80s", names, i ? ", " : "", m.name);
    if (wanted ? strcmp(m.name, wanted) == 0 : n == 1) {
      found = m;
      has_found = true;
    }
  }
  if (!has_found)
    return data_fail(d, path,
                     wanted ? weft_diag_text(d, "no array '%.80s'", wanted) : "several arrays",
                     weft_diag_text(d, "one of its arrays: %s", names));
  weft_span bytes = {NULL, 0};
  if (!unpack(arena, file, &found, &bytes))
    return data_fail(d, path, weft_diag_text(d, "damaged member '%.80s'", found.name),
                     "stored or deflated members below 4 GiB");
  return data_read_npy(arena, d, weft_diag_text(d, "%s: %.80s", path, found.name), bytes, out);
}

weft_status data_npz_names(weft_arena *arena, weft_diag *d, const char *path, weft_span file,
                           const char ***names, size_t *n) {
  size_t at = 0;
  if (!find_directory(file, &at, n))
    return data_fail(d, path, "no zip directory", "a .npz file");
  *names = WEFT_NEW(arena, const char *, *n);
  for (size_t i = 0; i < *n; i++) {
    member m;
    if (!read_member(arena, file, &at, &m))
      return data_fail(d, path, "a damaged zip directory", "a .npz file");
    (*names)[i] = m.name;
  }
  return WEFT_OK;
}
