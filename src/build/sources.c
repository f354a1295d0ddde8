/* SPDX-License-Identifier: Apache-2.0 */
/* What is built: the RTL, boards/common, one family, the top and the packages.
 * The build id is the hash of all of it, of the machine and of the tools. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/build_int.h"
#include "gen/gen.h"

static weft_status add(build *b, const char *path, const char *name) {
  if (b->n_sources == BUILD_MAX_SOURCES)
    return weft_fail(b->d, WEFT_E_CAP, name, "more files than expected", "at most 512", NULL);
  build_source *s = &b->sources[b->n_sources++];
  s->path = path;
  s->name = name;
  return stage_file_hash(b->arena, b->d, path, s->hash);
}

static weft_status add_folder(build *b, const char *folder, bool is_deep) {
  const char *dir = weft_arena_printf(b->arena, "%s/%s", b->o->board->root, folder);
  struct dirent **names = NULL;
  const int n = scandir(dir, &names, NULL, alphasort);
  weft_status s = WEFT_OK;
  for (int i = 0; i < n; i++) {
    const char *name = weft_arena_printf(b->arena, "%s/%s", folder, names[i]->d_name);
    const char *path = weft_arena_printf(b->arena, "%s/%s", b->o->board->root, name);
    const size_t len = strlen(name);
    struct stat st;
    const bool is_hidden = names[i]->d_name[0] == '.';
    free(names[i]);
    if (s != WEFT_OK || is_hidden || stat(path, &st) != 0)
      continue;
    if (S_ISDIR(st.st_mode) && is_deep)
      s = add_folder(b, name, true);
    else if (S_ISREG(st.st_mode) && len > 3 && strcmp(name + len - 3, ".sv") == 0)
      s = add(b, path, name);
  }
  free(names);
  return s;
}

/* Packages first: readers take files in order. weft_board_pkg needs the id. */
static weft_status write_packages(build *b) {
  static const char *const names[] = {"weft_isa_pkg.sv", "weft_csr_pkg.sv", "weft_params_pkg.sv",
                                      "weft_link_pkg.sv"};
  for (int i = 0; i < 4; i++) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
      weft_out_of_memory(1);
    if (i == 0)
      weft_gen_sv_isa(f);
    else if (i == 1)
      weft_gen_sv_csr(f);
    else if (i == 2)
      weft_gen_sv_params(f, b->o->config);
    else
      weft_gen_sv_link(f);
    fclose(f);
    const char *path = build_path(b, names[i]);
    const weft_status s = weft_file_write(b->d, path, text, size);
    free(text);
    WEFT_TRY(s);
    WEFT_TRY(add(b, path, names[i]));
  }
  return WEFT_OK;
}

weft_status build_collect_sources(build *b) {
  const weft_board *board = b->o->board;
  WEFT_TRY(write_packages(b));
  WEFT_TRY(add_folder(b, "rtl", true));
  WEFT_TRY(add_folder(b, "boards/common", false));
  WEFT_TRY(add_folder(b, weft_arena_printf(b->arena, "boards/family/%s", board->family), false));
  WEFT_TRY(weft_board_file(b->arena, b->d, board, board->top, &b->top_path));
  WEFT_TRY(weft_board_file(b->arena, b->d, board, board->pins, &b->pins_path));
  return add(b, b->top_path, weft_arena_printf(b->arena, "top: %s", board->top));
}

weft_status build_identify(build *b) {
  weft_sha256 s;
  uint8_t digest[32];
  char hex[65];
  weft_sha256_init(&s);
  for (size_t i = 0; i < b->n_sources; i++)
    weft_sha256_add(&s, b->sources[i].hash, 64);
  const char *pins[] = {b->pins_path,
                        weft_arena_printf(b->arena, "%s/board.yaml", b->o->board->dir)};
  for (size_t i = 0; i < 2; i++) {
    WEFT_TRY(stage_file_hash(b->arena, b->d, pins[i], hex));
    weft_sha256_add(&s, hex, 64);
  }
  for (size_t i = 0; i < 3; i++)
    weft_sha256_add(&s, b->tools[i].version, strlen(b->tools[i].version) + 1);
  weft_sha256_end(&s, digest);
  b->build_id = weft_le64(digest);
  const char *text = weft_board_package(b->arena, b->o->board, b->build_id);
  b->board_package = build_path(b, "weft_board_pkg.sv");
  return weft_file_write(b->d, b->board_package, text, strlen(text));
}
