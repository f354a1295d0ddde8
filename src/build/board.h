/* SPDX-License-Identifier: Apache-2.0 */
/* A board: boards/<name>/board.yaml as data. Depends on base and config. */
#ifndef WEFT_BUILD_BOARD_H
#define WEFT_BUILD_BOARD_H

#include "base/base.h"

typedef struct weft_board {
  const char *name;             /* of its folder                              */
  const char *dir;              /* the folder                                 */
  const char *root;             /* the folder that holds rtl/ and boards/     */
#define WORD(key, field, fallback, choices, doc) const char *field;
#define NUM(key, field, fallback, min, max, doc) int64_t field;
#define MHZ(key, field, fallback, doc) int64_t field;
#define FLAG(key, field, fallback, doc) bool field;
#include "build/board.def"
} weft_board;

/* board.yaml of a board: the keys of board.def. E_CONFIG names line, key,
 * value, limit and the nearest key; E_READ. `where` is for messages. */
weft_status weft_board_parse(weft_arena *arena, weft_diag *d, const char *where,
                             weft_span yaml, weft_board **out);

/* Finds a board by name: in `extra` (NULL: none) before root/boards. E_CONFIG
 * with the nearest name if there is none; a name is letters, digits, - and _. */
weft_status weft_board_load(weft_arena *arena, weft_diag *d, const char *root,
                            const char *extra, const char *name, weft_board **out);

/* Names of all boards, sorted, each once; NULL ends the list. */
const char *const *weft_board_names(weft_arena *arena, const char *root, const char *extra);

/* The path of a file that board.yaml names: beside it, else below root/boards. */
weft_status weft_board_file(weft_arena *arena, weft_diag *d, const weft_board *b,
                            const char *name, const char **path);

/* Package weft_board_pkg: what a board's top takes from board.yaml. */
char *weft_board_package(weft_arena *arena, const weft_board *b, uint64_t build_id);
/* The number by which the link tells boards apart: CRC-32 of the name. */
uint32_t weft_board_id(const weft_board *b);

#endif
