/* SPDX-License-Identifier: Apache-2.0 */
/* Foundation of every folder: status codes, located diagnostics, arena, bytes,
 * hashes, the generated input stream, atomic files. Depends on nothing of ours.
 *
 * Memory: everything lives in an arena and is freed with it. Running out of
 * host memory ends the process with exit 5 through weft_out_of_memory(): the
 * one failure that is not returned. Everything a file or user can cause is. */
#ifndef WEFT_BASE_BASE_H
#define WEFT_BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 is success; other values are rows of err.def. */
typedef enum weft_status {
  WEFT_OK = 0,
#define ERR(name, exit_code, text) WEFT_E_##name,
#include "err.def"
#undef ERR
  WEFT_N_STATUS
} weft_status;

int weft_status_exit(weft_status s);          /* exit code of the contract   */
const char *weft_status_name(weft_status s);  /* "UNSUPPORTED_OP"            */
const char *weft_status_text(weft_status s);  /* one-line meaning            */

#define WEFT_TRY(expr)                      \
  do {                                      \
    weft_status try_status_ = (expr);       \
    if (try_status_ != WEFT_OK)             \
      return try_status_;                   \
  } while (0)

/* ---- arena ------------------------------------------------------------- */
typedef struct weft_arena weft_arena;
weft_arena *weft_arena_new(void);
void weft_arena_free(weft_arena **arena);     /* NULL is accepted            */
/* Zeroed, 16-byte aligned; n * size is checked; never NULL. */
void *weft_arena_alloc(weft_arena *arena, size_t n, size_t size);
char *weft_arena_printf(weft_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *weft_arena_vprintf(weft_arena *arena, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
void *weft_arena_copy(weft_arena *arena, const void *data, size_t size);
/* Grows *items (elements of `size` bytes, capacity *cap) to hold `need`. */
void *weft_arena_grow(weft_arena *arena, void *items, size_t *cap,
                      size_t need, size_t size);
#define WEFT_NEW(arena, type, n) \
  ((type *)weft_arena_alloc((arena), (size_t)(n), sizeof(type)))
_Noreturn void weft_out_of_memory(size_t bytes);

/* ---- diagnostics: errors are data --------------------------------------- */
typedef struct weft_issue {
  weft_status code;
  const char *where;    /* file, layer, tensor, key: what the user can find  */
  const char *found;    /* the value that broke the rule                     */
  const char *allowed;  /* the rule                                          */
  const char *remedy;   /* what to do, or NULL                               */
} weft_issue;

typedef struct weft_diag weft_diag;  /* a list of issues, in order of report */
weft_diag *weft_diag_new(weft_arena *arena);
size_t weft_diag_count(const weft_diag *d);
const weft_issue *weft_diag_at(const weft_diag *d, size_t i);
/* Formats into the diag's memory: for the four texts below. */
const char *weft_diag_text(weft_diag *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Reports one issue and returns its code: `return weft_fail(...)`. Strings are
 * kept by reference: literals or weft_diag_text(). d may be NULL. */
weft_status weft_fail(weft_diag *d, weft_status code, const char *where,
                      const char *found, const char *allowed,
                      const char *remedy);

/* ---- bytes, hashes, numbers --------------------------------------------- */
typedef struct weft_span {
  const uint8_t *data;
  size_t size;          /* bytes                                             */
} weft_span;

static inline uint16_t weft_le16(const uint8_t *p) {
  return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t weft_le32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
         (uint32_t)p[3] << 24;
}
static inline uint64_t weft_le64(const uint8_t *p) {
  return (uint64_t)weft_le32(p) | (uint64_t)weft_le32(p + 4) << 32;
}
void weft_put_le16(uint8_t *p, uint16_t v);
void weft_put_le32(uint8_t *p, uint32_t v);
void weft_put_le64(uint8_t *p, uint64_t v);

uint32_t weft_crc32(const void *data, size_t size, uint32_t seed);
typedef struct weft_sha256 {
  uint32_t h[8];
  uint64_t n_bytes;
  uint8_t block[64];
} weft_sha256;
void weft_sha256_init(weft_sha256 *s);
void weft_sha256_add(weft_sha256 *s, const void *data, size_t size);
void weft_sha256_end(weft_sha256 *s, uint8_t digest[32]);
/* First 16 hex digits of the SHA-256, and a NUL. */
void weft_hash16(const void *data, size_t size, char out[17]);

/* splitmix64; next_byte is the stream of tools/oracle.py. */
typedef struct weft_rng { uint64_t state; } weft_rng;
uint64_t weft_rng_next(weft_rng *r);
static inline uint8_t weft_rng_byte(weft_rng *r) {
  return (uint8_t)weft_rng_next(r);
}
/* Uniform in [lo, hi]. */
int64_t weft_rng_range(weft_rng *r, int64_t lo, int64_t hi);

/* Checked size arithmetic: false on overflow. */
bool weft_mul_size(size_t a, size_t b, size_t *out);
bool weft_add_size(size_t a, size_t b, size_t *out);
/* Levenshtein-nearest of n names to `word`, or NULL if none is near. */
const char *weft_nearest(const char *word, const char *const *names, size_t n);

/* ---- files -------------------------------------------------------------- */
/* Whole file into the arena; directories, fifos and files over cap_bytes are
 * errors (E_READ). */
weft_status weft_file_read(weft_arena *arena, weft_diag *d, const char *path,
                           size_t cap_bytes, weft_span *out);
/* Written beside its name and renamed: whole or not at all (E_WRITE). Into a pipe or
 * device as it is; a pipe without a reader is waited for (E_INTERRUPTED). */
weft_status weft_file_write(weft_diag *d, const char *path, const void *data,
                            size_t size);

/* A folder is there afterwards, and those above it: E_WRITE. */
weft_status weft_folder_make(weft_diag *d, const char *path);

/* Set by the SIGINT handler of the command; long loops poll it and return
 * E_INTERRUPTED. */
bool weft_interrupted(void);
void weft_set_interrupted(void);

#endif
