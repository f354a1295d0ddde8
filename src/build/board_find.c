/* SPDX-License-Identifier: Apache-2.0 */
/* Boards are folders: one of the user's first, then those of the repository. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/board.h"

#define MAX_YAML_BYTES ((size_t)64 * 1024)
#define MAX_BOARDS 512

static const char *yaml_of(weft_arena *arena, const char *boards, const char *name) {
  return weft_arena_printf(arena, "%s/%s/board.yaml", boards, name);
}

static bool is_name(const char *name) {
  const size_t n = strlen(name);
  return n > 0 && n <= 64 &&
         strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static size_t list(weft_arena *arena, const char *boards, const char **names, size_t n) {
  DIR *folder = opendir(boards);
  for (struct dirent *e; folder && (e = readdir(folder)) != NULL;) {
    if (n == MAX_BOARDS || !is_name(e->d_name) ||
        access(yaml_of(arena, boards, e->d_name), F_OK) != 0)
      continue;
    bool is_new = true;
    for (size_t i = 0; i < n; i++)
      is_new = is_new && strcmp(names[i], e->d_name) != 0;
    if (is_new)
      names[n++] = weft_arena_printf(arena, "%s", e->d_name);
  }
  if (folder)
    closedir(folder);
  return n;
}

static int by_name(const void *a, const void *b) {
  const char *const *x = a, *const *y = b;
  return strcmp(*x, *y);
}

const char *const *weft_board_names(weft_arena *arena, const char *root, const char *extra) {
  const char **names = WEFT_NEW(arena, const char *, MAX_BOARDS + 1);
  size_t n = extra ? list(arena, extra, names, 0) : 0;
  n = list(arena, weft_arena_printf(arena, "%s/boards", root), names, n);
  qsort(names, n, sizeof *names, by_name);
  return names;
}

static weft_status fail_unknown(weft_arena *arena, weft_diag *d, const char *root,
                                const char *extra, const char *name) {
  const char *const *names = weft_board_names(arena, root, extra);
  size_t n = 0;
  const char *all = "";
  for (; names[n]; n++)
    all = weft_arena_printf(arena, "%s%s%s", all, n ? ", " : "", names[n]);
  const char *nearest = weft_nearest(name, names, n);
  return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "board %.64s", name), "no such board",
                   weft_diag_text(d, "%s", n ? all : "a folder with a board.yaml"),
                   nearest ? weft_diag_text(d, "did you mean %s?", nearest)
                           : "--boards DIR adds a folder of boards");
}

weft_status weft_board_load(weft_arena *arena, weft_diag *d, const char *root,
                            const char *extra, const char *name, weft_board **out) {
  const char *dirs[] = {extra, weft_arena_printf(arena, "%s/boards", root)};
  if (extra && access(weft_arena_printf(arena, "%s/.", extra), R_OK | X_OK) != 0)
    return weft_fail(d, WEFT_E_READ, extra, strerror(errno), "a folder of boards (--boards, WEFT_BOARDS)", NULL);
  for (size_t i = 0; i < 2 && is_name(name); i++) {
    if (!dirs[i] || access(yaml_of(arena, dirs[i], name), F_OK) != 0)
      continue;
    const char *path = yaml_of(arena, dirs[i], name);
    weft_span yaml = {NULL, 0};
    WEFT_TRY(weft_file_read(arena, d, path, MAX_YAML_BYTES, &yaml));
    WEFT_TRY(weft_board_parse(arena, d, path, yaml, out));
    (*out)->name = weft_arena_printf(arena, "%s", name);
    (*out)->dir = weft_arena_printf(arena, "%s/%s", dirs[i], name);
    (*out)->root = root;
    return WEFT_OK;
  }
  return fail_unknown(arena, d, root, extra, name);
}

weft_status weft_board_file(weft_arena *arena, weft_diag *d, const weft_board *b,
                            const char *name, const char **path) {
  *path = weft_arena_printf(arena, "%s/%s", b->dir, name);
  if (access(*path, R_OK) == 0)
    return WEFT_OK;
  *path = weft_arena_printf(arena, "%s/boards/%s", b->root, name);
  if (access(*path, R_OK) == 0)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_READ, weft_diag_text(d, "%s", name),
                   weft_diag_text(d, "neither in %s nor in %s/boards", b->dir, b->root),
                   "a file that board.yaml names", NULL);
}
