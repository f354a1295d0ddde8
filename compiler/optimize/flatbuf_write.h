/* SPDX-License-Identifier: Apache-2.0 */
/* Writes flatbuffers, last object first: children before their parents. A
 * reference is an object's distance from the end of the file. Same calls, same
 * bytes. */
#ifndef WEFT_COMPILER_OPTIMIZE_FLATBUF_WRITE_H
#define WEFT_COMPILER_OPTIMIZE_FLATBUF_WRITE_H

#include "base/base.h"

typedef uint32_t fbw_ref;      /* 0: absent                                  */

typedef struct fbw {
  weft_arena *arena;
  uint8_t *bytes;              /* the last `used` of `cap` are written       */
  size_t cap, used;
  fbw_ref *vtables;            /* written ones, to be used again             */
  size_t n_vtables, cap_vtables;
} fbw;

#define FBW_SLOTS 16

/* A table in the making: fields that were not set have the schema's default. */
typedef struct fbw_table {
  struct { uint8_t size; bool is_ref; uint32_t value; } field[FBW_SLOTS];
} fbw_table;

void fbw_open(fbw *b, weft_arena *arena);
/* Elements of elem_bytes (1, 4, 8) little-endian; data starts at a multiple of
 * `align` in the file (4, 8 or 16). */
fbw_ref fbw_vector(fbw *b, const void *data, size_t n, size_t elem_bytes, size_t align);
fbw_ref fbw_ints(fbw *b, const int32_t *values, size_t n);
fbw_ref fbw_floats(fbw *b, const float *values, size_t n);
fbw_ref fbw_string(fbw *b, const char *text);
fbw_ref fbw_refs(fbw *b, const fbw_ref *refs, size_t n);
void fbw_set(fbw_table *t, int slot, int size, uint32_t value);   /* 1 or 4 bytes */
void fbw_set_float(fbw_table *t, int slot, float value);
void fbw_set_ref(fbw_table *t, int slot, fbw_ref ref);            /* 0: not set  */
fbw_ref fbw_add(fbw *b, const fbw_table *t);
/* The whole file with its root and 4-character identifier. */
weft_span fbw_close(fbw *b, fbw_ref root, const char *identifier);

#endif
