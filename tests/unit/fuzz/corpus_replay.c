/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_replay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* Heap copy of exactly `size` bytes, so that the sanitizer sees its end. */
static void replay(corpus_harness harness, const uint8_t *bytes, size_t size) {
  uint8_t *copy = malloc(size + (size == 0));
  if (copy == NULL)
    abort();
  memcpy(copy, bytes, size);
  harness(copy, size);
  free(copy);
}

static void damage_words(corpus_harness harness, uint8_t *bytes, size_t size) {
  const uint32_t bad[] = {0, 1, 0xffffffffu, 0x7fffffffu, 0x80000000u,
                          (uint32_t)size};
  for (size_t at = 0; at + 4 <= size; at += 4) {
    uint32_t old = weft_le32(bytes + at);
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
      weft_put_le32(bytes + at, bad[k]);
      replay(harness, bytes, size);
    }
    for (int k = 0; k < 32; k += 5) {
      weft_put_le32(bytes + at, old ^ (UINT32_C(1) << k));
      replay(harness, bytes, size);
    }
    weft_put_le32(bytes + at, old);
  }
}

static void replay_seed(const char *path, corpus_harness harness,
                        size_t small_bytes) {
  weft_arena *arena = weft_arena_new();
  weft_span seed;
  if (weft_file_read(arena, NULL, path, 1u << 20, &seed) != WEFT_OK)
    abort();
  uint8_t *bytes = weft_arena_copy(arena, seed.data, seed.size);
  replay(harness, bytes, seed.size);
  for (size_t size = 0; size < seed.size; size += 1 + seed.size / 100)
    replay(harness, bytes, size);
  if (seed.size <= small_bytes)
    damage_words(harness, bytes, seed.size);
  weft_arena_free(&arena);
}

int corpus_replay(const char *folder, corpus_harness harness,
                  size_t small_bytes) {
  int n = 0;
  char path[512];
  const struct dirent *entry;
  DIR *list = opendir(folder);
  while (list != NULL && (entry = readdir(list)) != NULL) {
    if (entry->d_name[0] == '.')
      continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    replay_seed(path, harness, small_bytes);
    n++;
  }
  if (list != NULL)
    closedir(list);
  return n;
}
