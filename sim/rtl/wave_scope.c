/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/rtl/wave_scope.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOP "TOP.weft_top."
#define MAX_LISTED 12

typedef struct name {
  const char *path;             /* below weft_top */
  bool is_instance;
} name;

typedef struct names {
  weft_arena *arena;
  name *items;
  size_t n, cap;
} names;

const char *weft_wave_header(weft_arena *arena, void *library, const char *path) {
  void *(*open_file)(const char *);
  int (*put_header)(void *, FILE *);
  void (*close_file)(void *);
  void *symbols[] = {dlsym(library, "fstReaderOpen"), dlsym(library, "fstReaderProcessHier"),
                     dlsym(library, "fstReaderClose")};
  if (!symbols[0] || !symbols[1] || !symbols[2])
    return NULL;
  memcpy(&open_file, &symbols[0], sizeof open_file);
  memcpy(&put_header, &symbols[1], sizeof put_header);
  memcpy(&close_file, &symbols[2], sizeof close_file);
  void *reader = open_file(path);
  if (!reader)
    return NULL;
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  if (!f)
    weft_out_of_memory(1);
  const int ok = put_header(reader, f);
  fclose(f);
  close_file(reader);
  const char *copy = ok ? weft_arena_printf(arena, "%s", text) : NULL;
  free(text);
  return copy;
}

static void add(names *all, const char *path, bool is_instance) {
  if (strncmp(path, TOP, strlen(TOP)) != 0)
    return;
  all->items = weft_arena_grow(all->arena, all->items, &all->cap, all->n + 1, sizeof *all->items);
  all->items[all->n++] = (name){weft_arena_printf(all->arena, "%s", path + strlen(TOP)), is_instance};
}

/* One declaration; `path` is where it stands. */
static void read_line(names *all, const char **path, const char *line) {
  char word[200];
  if (strncmp(line, "$upscope", 8) == 0) {
    const char *dot = strrchr(*path, '.');
    *path = weft_arena_printf(all->arena, "%.*s", (int)(dot ? dot - *path : 0), *path);
  } else if (sscanf(line, "$scope %*s %199s", word) == 1) {
    *path = weft_arena_printf(all->arena, "%s%s%s", *path, **path ? "." : "", word);
    add(all, *path, true);
  } else if (sscanf(line, "$var %*s %*s %*s %199s", word) == 1) {
    add(all, weft_arena_printf(all->arena, "%s.%s", *path, word), false);
  }
}

static void read_header(names *all, const char *header) {
  const char *path = "";
  for (const char *line = header; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
    read_line(all, &path, line);
}

static bool has(const names *all, const char *path, size_t n, bool is_instance) {
  for (size_t i = 0; i < all->n; i++)
    if ((!is_instance || all->items[i].is_instance) && strlen(all->items[i].path) == n &&
        strncmp(all->items[i].path, path, n) == 0)
      return true;
  return false;
}

/* Instances directly below the first n bytes of path. */
static size_t children(const names *all, const char *path, size_t n, const char **out) {
  const size_t from = n ? n + 1 : 0;
  size_t n_out = 0;
  for (size_t i = 0; i < all->n; i++) {
    const char *p = all->items[i].path;
    if (all->items[i].is_instance && strlen(p) > from && strncmp(p, path, n) == 0 && (n == 0 || p[n] == '.') &&
        !strchr(p + from, '.'))
      out[n_out++] = p + from;
  }
  return n_out;
}

static weft_status fail(names *all, weft_diag *d, const char *scope, size_t known) {
  const char **below = WEFT_NEW(all->arena, const char *, all->n + 1);
  const size_t n = children(all, scope, known, below);
  const char *next = scope + (known ? known + 1 : 0);
  const char *word = weft_arena_printf(all->arena, "%.*s", (int)strcspn(next, "."), next);
  const char *nearest = weft_nearest(word, below, n);
  const char *list = "";
  for (size_t i = 0; i < n && i < MAX_LISTED; i++)
    list = weft_diag_text(d, "%s%s%s", list, i ? ", " : " ", below[i]);
  const char *dot = known ? "." : "";
  return weft_fail(d, WEFT_E_USAGE, "--wave-scope", weft_diag_text(d, "'%.200s', no instance or signal", scope),
                   weft_diag_text(d, "below weft_top%s%.*s:%s%s", dot, (int)known, scope, n ? list : " no instance",
                                  n > MAX_LISTED ? ", ..." : ""),
                   nearest ? weft_diag_text(d, "did you mean %.*s%s%s?", (int)known, scope, dot, nearest) : NULL);
}

weft_status weft_wave_scope_check(weft_arena *arena, weft_diag *d, const char *header, const char *scope) {
  names all = {.arena = arena};
  const char *path = strncmp(scope, "weft_top.", 9) == 0 ? scope + 9 : scope;
  size_t known = strlen(path);
  read_header(&all, header);
  if (has(&all, path, known, false))
    return WEFT_OK;
  while (known > 0 && !(path[known] == '.' && has(&all, path, known, true)))
    known--;
  return fail(&all, d, path, known);
}
