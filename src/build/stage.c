/* SPDX-License-Identifier: Apache-2.0 */
#include "build/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUM_CAP_BYTES ((size_t)1 << 20)

static void to_hex(const uint8_t digest[32], char hex[65]) {
  for (int i = 0; i < 32; i++)
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* What is wrong with it, or NULL. A pipe would be waited for, a device has no end. */
static const char *add_bytes_of(weft_sha256 *s, const char *path) {
  uint8_t block[65536];
  struct stat st;
  ssize_t n = 1;
  const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return strerror(errno);
  const bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  while (is_file && ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR)))
    weft_sha256_add(s, block, n > 0 ? (size_t)n : 0);
  const char *why = !is_file ? "not a regular file" : n < 0 ? strerror(errno) : NULL;
  close(fd);
  return why;
}

weft_status stage_file_hash(weft_arena *arena, weft_diag *d, const char *path, char hex[65]) {
  (void)arena;
  weft_sha256 s;
  uint8_t digest[32];
  weft_sha256_init(&s);
  const char *why = add_bytes_of(&s, path);
  if (why)
    return weft_fail(d, WEFT_E_READ, weft_diag_text(d, "%s", path), why, "a readable regular file", NULL);
  weft_sha256_end(&s, digest);
  to_hex(digest, hex);
  return WEFT_OK;
}

void stage_begin(weft_arena *arena, stage *s, const char *out_dir, const char *name) {
  *s = (stage){.dir = weft_arena_printf(arena, "%s/%s", out_dir, name),
               .part = weft_arena_printf(arena, "%s/%s.part", out_dir, name),
               .rel_part = weft_arena_printf(arena, "%s.part", name)};
  weft_sha256_init(&s->inputs);
}

void stage_add_text(stage *s, const char *text) {
  weft_sha256_add(&s->inputs, text, strlen(text) + 1);
}

weft_status stage_add_file(weft_arena *arena, weft_diag *d, stage *s, const char *path) {
  char hex[65];
  WEFT_TRY(stage_file_hash(arena, d, path, hex));
  stage_add_text(s, hex);
  return WEFT_OK;
}

void stage_close_inputs(stage *s) {
  uint8_t digest[32];
  weft_sha256_end(&s->inputs, digest);
  to_hex(digest, s->key);
}

bool stage_is_valid(weft_arena *arena, const stage *s) {
  weft_span sum = {NULL, 0};
  const char *path = weft_arena_printf(arena, "%s/stage.sum", s->dir);
  if (access(path, R_OK) != 0 ||
      weft_file_read(arena, NULL, path, SUM_CAP_BYTES, &sum) != WEFT_OK)
    return false;
  const char *text = weft_arena_printf(arena, "%.*s", (int)sum.size, (const char *)sum.data);
  if (strncmp(text, s->key, 64) != 0 || text[64] != '\n')
    return false;
  for (const char *at = text + 65; *at;) {
    const size_t n = strcspn(at, "\n");
    char hex[65];
    if (n < 67 || at[n] != '\n' ||
        stage_file_hash(arena, NULL,
                        weft_arena_printf(arena, "%s/%.*s", s->dir, (int)(n - 66), at + 66),
                        hex) != WEFT_OK ||
        strncmp(at, hex, 64) != 0)
      return false;
    at += n + 1;
  }
  return true;
}

void stage_remove_tree(weft_arena *arena, const char *dir) {
  DIR *folder = opendir(dir);
  for (struct dirent *e; folder && (e = readdir(folder)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    const char *path = weft_arena_printf(arena, "%s/%s", dir, e->d_name);
    if (unlink(path) != 0 && errno == EISDIR)
      stage_remove_tree(arena, path);
  }
  if (folder)
    closedir(folder);
  rmdir(dir);
}

static bool is_there(const char *path, mode_t kind) {
  struct stat st;
  return lstat(path, &st) == 0 && (kind == 0 || (st.st_mode & S_IFMT) == kind);
}

/* Renamed before it is emptied: a removal that is cut short leaves a .part, which
 * needs no stage.sum to be known as ours. */
static weft_status remove_old(weft_arena *arena, weft_diag *d, const stage *s) {
  if (is_there(s->part, S_IFDIR))
    stage_remove_tree(arena, s->part);
  if (!is_there(s->dir, 0))
    return WEFT_OK;
  if (!is_there(s->dir, S_IFDIR) || !is_there(weft_arena_printf(arena, "%s/stage.sum", s->dir), S_IFREG))
    return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", s->dir), "it is there, and no stage of a build (no stage.sum)",
                     "a folder that weft build made, or none", "-o DIR names another one, or move this one away");
  if (rename(s->dir, s->part) != 0)
    return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", s->dir), strerror(errno), "a writable folder", "-o DIR names another one");
  stage_remove_tree(arena, s->part);
  return WEFT_OK;
}

weft_status stage_open(weft_arena *arena, weft_diag *d, const stage *s) {
  WEFT_TRY(remove_old(arena, d, s));
  if (mkdir(s->part, 0777) == 0)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", s->part), strerror(errno),
                   "a writable folder", "-o DIR names another one");
}

weft_status stage_commit(weft_arena *arena, weft_diag *d, const stage *s,
                         const char *const *outputs) {
  const char *sum = weft_arena_printf(arena, "%s\n", s->key);
  for (size_t i = 0; outputs[i]; i++) {
    char hex[65];
    WEFT_TRY(stage_file_hash(arena, d, weft_arena_printf(arena, "%s/%s", s->part, outputs[i]),
                             hex));
    sum = weft_arena_printf(arena, "%s%s  %s\n", sum, hex, outputs[i]);
  }
  WEFT_TRY(weft_file_write(d, weft_arena_printf(arena, "%s/stage.sum", s->part), sum,
                           strlen(sum)));
  if (rename(s->part, s->dir) == 0)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", s->dir), strerror(errno),
                   "a writable folder", NULL);
}
