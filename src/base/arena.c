/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: a list of zeroed chunks. Small blocks share a chunk; a block larger
 * than a quarter chunk has its own. Under AddressSanitizer every block has its
 * own chunk, so that a read past its end is seen. */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define SHARED_MAX_BYTES ((size_t)0)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SHARED_MAX_BYTES ((size_t)0)
#endif
#endif
#define CHUNK_BYTES ((size_t)64 * 1024)
#ifndef SHARED_MAX_BYTES
#define SHARED_MAX_BYTES (CHUNK_BYTES / 4)
#endif
#define ALIGN_BYTES ((size_t)16)

typedef struct chunk {
  struct chunk *next;
  uint8_t *data;
  size_t used_bytes;
  size_t size_bytes;
} chunk;

struct weft_arena {
  chunk *shared;   /* head is the chunk being filled */
  chunk *single;   /* chunks of one block */
};

_Noreturn void weft_out_of_memory(size_t bytes) {
  fprintf(stderr, "error NO_FIT: out of host memory (%zu bytes asked for)\n",
          bytes);
  exit(5);
}

static void *heap_alloc(size_t bytes) {
  void *p = calloc(1, bytes ? bytes : 1);
  if (!p)
    weft_out_of_memory(bytes);
  return p;
}

weft_arena *weft_arena_new(void) { return heap_alloc(sizeof(weft_arena)); }

static void free_chunks(chunk *c) {
  while (c) {
    chunk *next = c->next;
    free(c->data);
    free(c);
    c = next;
  }
}

void weft_arena_free(weft_arena **arena) {
  if (!arena || !*arena)
    return;
  free_chunks((*arena)->shared);
  free_chunks((*arena)->single);
  free(*arena);
  *arena = NULL;
}

static chunk *chunk_push(chunk **list, size_t bytes) {
  chunk *c = heap_alloc(sizeof *c);
  c->data = heap_alloc(bytes);
  c->size_bytes = bytes;
  c->next = *list;
  *list = c;
  return c;
}

void *weft_arena_alloc(weft_arena *arena, size_t n, size_t size) {
  size_t bytes = 0;
  if (!weft_mul_size(n, size, &bytes) || bytes > SIZE_MAX / 2)
    weft_out_of_memory(SIZE_MAX);
  if (bytes > SHARED_MAX_BYTES)
    return chunk_push(&arena->single, bytes)->data;
  const size_t padded = (bytes + ALIGN_BYTES) & ~(ALIGN_BYTES - 1);
  chunk *c = arena->shared;
  if (!c || c->size_bytes - c->used_bytes < padded)
    c = chunk_push(&arena->shared, CHUNK_BYTES);
  void *p = c->data + c->used_bytes;
  c->used_bytes += padded;
  return p;
}

char *weft_arena_vprintf(weft_arena *arena, const char *fmt, va_list args) {
  va_list again;
  va_copy(again, args);
  const int n = vsnprintf(NULL, 0, fmt, args);
  char *text = weft_arena_alloc(arena, n < 0 ? 1 : (size_t)n + 1, 1);
  if (n > 0)
    vsnprintf(text, (size_t)n + 1, fmt, again);
  va_end(again);
  return text;
}

char *weft_arena_printf(weft_arena *arena, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  char *text = weft_arena_vprintf(arena, fmt, args);
  va_end(args);
  return text;
}

void *weft_arena_copy(weft_arena *arena, const void *data, size_t size) {
  void *p = weft_arena_alloc(arena, size, 1);
  if (size)
    memcpy(p, data, size);
  return p;
}

void *weft_arena_grow(weft_arena *arena, void *items, size_t *cap, size_t need,
                      size_t size) {
  if (need <= *cap)
    return items;
  size_t new_cap = *cap ? *cap : 8;
  while (new_cap < need)
    new_cap = new_cap > SIZE_MAX / 2 ? need : new_cap * 2;
  void *grown = weft_arena_alloc(arena, new_cap, size);
  if (*cap)
    memcpy(grown, items, *cap * size);
  *cap = new_cap;
  return grown;
}
