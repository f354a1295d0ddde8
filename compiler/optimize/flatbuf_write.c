/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/flatbuf_write.h"

#include <string.h>

#define FILE_ALIGN 16u

void fbw_open(fbw *b, weft_arena *arena) {
  memset(b, 0, sizeof *b);
  b->arena = arena;
  b->cap = 4096;
  b->bytes = weft_arena_alloc(arena, b->cap, 1);
}

/* Room for n bytes before what is written; their place. */
static uint8_t *push(fbw *b, size_t n) {
  if (n > b->cap - b->used) {
    size_t cap = 2 * b->cap + n;
    uint8_t *bytes = weft_arena_alloc(b->arena, cap, 1);
    memcpy(bytes + cap - b->used, b->bytes + b->cap - b->used, b->used);
    b->bytes = bytes;
    b->cap = cap;
  }
  b->used += n;
  return b->bytes + b->cap - b->used;
}

/* Zeros, so that after n more bytes the place is a multiple of align. */
static void pad_for(fbw *b, size_t n, size_t align) {
  size_t over = (b->used + n) % align;
  memset(push(b, over ? align - over : 0), 0, over ? align - over : 0);
}

fbw_ref fbw_vector(fbw *b, const void *data, size_t n, size_t elem_bytes, size_t align) {
  size_t size = n * elem_bytes;
  pad_for(b, size, align);
  uint8_t *at = push(b, size);
  if (size)
    memcpy(at, data, size);
  weft_put_le32(push(b, 4), (uint32_t)n);
  return (fbw_ref)b->used;
}

fbw_ref fbw_ints(fbw *b, const int32_t *values, size_t n) {
  pad_for(b, 4 * n, 4);
  uint8_t *at = push(b, 4 * n);
  for (size_t i = 0; i < n; i++)
    weft_put_le32(at + 4 * i, (uint32_t)values[i]);
  weft_put_le32(push(b, 4), (uint32_t)n);
  return (fbw_ref)b->used;
}

static uint32_t bits_of(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

fbw_ref fbw_floats(fbw *b, const float *values, size_t n) {
  pad_for(b, 4 * n, 4);
  uint8_t *at = push(b, 4 * n);
  for (size_t i = 0; i < n; i++)
    weft_put_le32(at + 4 * i, bits_of(values[i]));
  weft_put_le32(push(b, 4), (uint32_t)n);
  return (fbw_ref)b->used;
}

fbw_ref fbw_string(fbw *b, const char *text) {
  size_t n = strlen(text);
  pad_for(b, n + 1, 4);
  memcpy(push(b, n + 1), text, n + 1);
  weft_put_le32(push(b, 4), (uint32_t)n);
  return (fbw_ref)b->used;
}

fbw_ref fbw_refs(fbw *b, const fbw_ref *refs, size_t n) {
  pad_for(b, 4 * n, 4);
  uint8_t *at = push(b, 4 * n);
  for (size_t i = 0; i < n; i++)
    weft_put_le32(at + 4 * i, (uint32_t)(b->used - 4 * i) - refs[i]);
  weft_put_le32(push(b, 4), (uint32_t)n);
  return (fbw_ref)b->used;
}

void fbw_set(fbw_table *t, int slot, int size, uint32_t value) {
  t->field[slot].size = (uint8_t)size;
  t->field[slot].value = value;
}

void fbw_set_float(fbw_table *t, int slot, float value) { fbw_set(t, slot, 4, bits_of(value)); }

void fbw_set_ref(fbw_table *t, int slot, fbw_ref ref) {
  if (!ref)
    return;
  fbw_set(t, slot, 4, ref);
  t->field[slot].is_ref = true;
}

/* Four-byte fields first, then bytes; the table's size, a multiple of 4. */
static unsigned lay_out(const fbw_table *t, uint16_t *offset, unsigned *n_slots) {
  unsigned at = 4;
  *n_slots = 0;
  for (int size = 4; size >= 1; size -= 3)
    for (unsigned k = 0; k < FBW_SLOTS; k++) {
      if (t->field[k].size != size)
        continue;
      offset[k] = (uint16_t)at;
      at += (unsigned)size;
      *n_slots = k + 1 > *n_slots ? k + 1 : *n_slots;
    }
  return (at + 3) & ~3u;
}

static fbw_ref vtable_for(fbw *b, const uint16_t *offset, unsigned n_slots, unsigned size) {
  uint8_t bytes[4 + 2 * FBW_SLOTS + 2] = {0};
  size_t n = 4 + 2 * (size_t)n_slots;
  weft_put_le16(bytes, (uint16_t)n);
  weft_put_le16(bytes + 2, (uint16_t)size);
  for (unsigned k = 0; k < n_slots; k++)
    weft_put_le16(bytes + 4 + 2 * k, offset[k]);
  for (size_t i = 0; i < b->n_vtables; i++)
    if (b->vtables[i] >= n && memcmp(b->bytes + b->cap - b->vtables[i], bytes, n) == 0)
      return b->vtables[i];
  pad_for(b, n, 4);
  memcpy(push(b, n), bytes, n);
  b->vtables = weft_arena_grow(b->arena, b->vtables, &b->cap_vtables, b->n_vtables + 1,
                               sizeof *b->vtables);
  return b->vtables[b->n_vtables++] = (fbw_ref)b->used;
}

fbw_ref fbw_add(fbw *b, const fbw_table *t) {
  uint16_t offset[FBW_SLOTS] = {0};
  unsigned n_slots, size = lay_out(t, offset, &n_slots);
  fbw_ref vtable = vtable_for(b, offset, n_slots, size);
  pad_for(b, size, 4);
  uint8_t *at = push(b, size);
  memset(at, 0, size);
  weft_put_le32(at, (uint32_t)vtable - (uint32_t)b->used);
  for (unsigned k = 0; k < n_slots; k++) {
    uint32_t value = t->field[k].value;
    if (t->field[k].size == 1)
      at[offset[k]] = (uint8_t)value;
    else if (t->field[k].size == 4)
      weft_put_le32(at + offset[k],
                    t->field[k].is_ref ? (uint32_t)b->used - offset[k] - value : value);
  }
  return (fbw_ref)b->used;
}

weft_span fbw_close(fbw *b, fbw_ref root, const char *identifier) {
  pad_for(b, 8, FILE_ALIGN);
  memcpy(push(b, 4), identifier, 4);
  uint8_t *at = push(b, 4);
  weft_put_le32(at, (uint32_t)b->used - root);
  return (weft_span){at, b->used};
}
