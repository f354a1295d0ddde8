/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds-checked reading of flatbuffers: tables, scalars, strings, vectors and
 * unions of a file that may be hostile. Knows no schema. Depends on base only.
 *
 * Layout (little endian): u32 offset of the root table at 0, identifier at 4.
 * A table starts with an i32: its vtable is at table - i32. A vtable is u16
 * vtable size, u16 table size, then one u16 per slot: offset of the field in
 * the table, 0 if the field has its default. Strings, vectors and tables in
 * fields are u32 offsets forward from the field itself. A union is two slots:
 * u8 type, offset of the value. Vectors begin with a u32 element count.
 *
 * Failing closed: the first violation is reported (E_MODEL, place, byte) and
 * kept in fb->status; from then on every accessor answers as if the field were
 * absent, so loops end by themselves. Check fb->status once after a group of
 * reads. No pointer is ever cast: scalars are put together from bytes, so the
 * file's alignment cannot matter to us; misaligned offsets are reported since
 * no writer makes them.
 *
 * Work: every table opened costs one of fb->tables_left, so shared or cyclic
 * offsets cannot make reading longer than the budget (E_CAP). */
#ifndef WEFT_GRAPH_FLATBUF_H
#define WEFT_GRAPH_FLATBUF_H

#include "base/base.h"

#define WEFT_FB_TABLE_BUDGET (1u << 20)

typedef struct weft_fb {
  weft_span bytes;
  weft_diag *diag;
  const char *path;         /* of the file, for messages                      */
  const char *place;        /* what is being read, e.g. "tensors"; may change */
  int64_t index;            /* element of place, -1: none                     */
  weft_status status;       /* first failure; sticky                          */
  uint32_t tables_left;
} weft_fb;

/* A zeroed table or vector is "absent": every field has its default, n = 0. */
typedef struct weft_fb_table {
  uint32_t at, size;        /* bytes in the file                              */
  uint32_t vtable, vtable_size;
} weft_fb_table;

typedef struct weft_fb_vec {
  const uint8_t *data;      /* n * elem_bytes readable bytes                  */
  uint32_t n;
  uint32_t at;              /* of data, bytes in the file                     */
} weft_fb_vec;

/* Requires at least 8 bytes, fewer than 2^31, and the 4-character identifier.
 * d is not NULL. Returns fb->status. */
weft_status weft_fb_open(weft_fb *fb, weft_diag *d, const char *path,
                         weft_span bytes, const char *identifier);
weft_fb_table weft_fb_root(weft_fb *fb);

/* Reports `found` against `allowed` at byte `at` unless something failed
 * before; returns fb->status. */
weft_status weft_fb_fail(weft_fb *fb, weft_status code, uint32_t at,
                         const char *found, const char *allowed);
/* "FILE: operators[3]", the current place, in the diag's memory. */
const char *weft_fb_where(const weft_fb *fb);

bool weft_fb_has(weft_fb *fb, weft_fb_table t, unsigned slot);
bool weft_fb_bool(weft_fb *fb, weft_fb_table t, unsigned slot, bool otherwise);
int weft_fb_i8(weft_fb *fb, weft_fb_table t, unsigned slot, int otherwise);
unsigned weft_fb_u8(weft_fb *fb, weft_fb_table t, unsigned slot,
                    unsigned otherwise);
int32_t weft_fb_i32(weft_fb *fb, weft_fb_table t, unsigned slot,
                    int32_t otherwise);
uint32_t weft_fb_u32(weft_fb *fb, weft_fb_table t, unsigned slot,
                     uint32_t otherwise);
uint64_t weft_fb_u64(weft_fb *fb, weft_fb_table t, unsigned slot,
                     uint64_t otherwise);
float weft_fb_f32(weft_fb *fb, weft_fb_table t, unsigned slot, float otherwise);

/* Vector of scalars of elem_bytes (1, 2, 4, 8). */
weft_fb_vec weft_fb_vector(weft_fb *fb, weft_fb_table t, unsigned slot,
                           unsigned elem_bytes);
/* Vector of tables, and its elements. */
weft_fb_vec weft_fb_tables(weft_fb *fb, weft_fb_table t, unsigned slot);
weft_fb_table weft_fb_at(weft_fb *fb, weft_fb_vec tables, uint32_t i);
weft_fb_table weft_fb_child(weft_fb *fb, weft_fb_table t, unsigned slot);
/* The union whose type is in `slot` and value in slot + 1; absent if it is of
 * another type. */
weft_fb_table weft_fb_union(weft_fb *fb, weft_fb_table t, unsigned slot,
                            unsigned type);
/* Copy for people: at most cap - 1 bytes, control characters and bytes that
 * are not UTF-8 become '?'. Absent: "". Owned by the arena. */
const char *weft_fb_string(weft_fb *fb, weft_fb_table t, unsigned slot,
                           weft_arena *arena, size_t cap);

int32_t weft_fb_vec_i32(weft_fb_vec v, uint32_t i);   /* i < v.n, 4-byte elems */
int64_t weft_fb_vec_i64(weft_fb_vec v, uint32_t i);   /* 8-byte elements       */
float weft_fb_vec_f32(weft_fb_vec v, uint32_t i);

#endif
