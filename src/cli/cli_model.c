/* SPDX-License-Identifier: Apache-2.0 */
/* The positional file: a network or a program, and the machine it runs on. */
#include <string.h>
#include <sys/stat.h>

#include "cli/cli_board.h"

#define MAX_FILE_BYTES ((size_t)1 << 30)

bool cli_is_same_file(const char *a, const char *b) {
  struct stat x, y;
  return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A program from outside may be made by hand: order of queues and ranges are
 * proved before anything runs it; inspect shows it all the same. */
weft_status cli_prove(cli *c, const weft_program *p) {
  const weft_span text = {(const uint8_t *)p->config_text, strlen(p->config_text)};
  weft_config *machine = NULL;
  WEFT_TRY(weft_config_parse(c->arena, c->diag, "the program's machine", text, &machine));
  return weft_program_verify(c->diag, p, machine);
}

weft_status cli_open_model(cli *c, const char *path, cli_model *out) {
  *out = (cli_model){.path = path};
  weft_span bytes = {NULL, 0};
  WEFT_TRY(weft_file_read(c->arena, c->diag, path, MAX_FILE_BYTES, &bytes));
  if (weft_program_is(bytes))
    return weft_program_load(c->arena, c->diag, path, bytes, &out->program);
  return weft_graph_read(c->arena, c->diag, path, bytes, &out->graph);
}

/* A program knows its machine by text; reports show the name, if it has one. */
static const char *name_of_machine(cli *c, const weft_config *machine) {
  const char *text = weft_config_text(c->arena, machine);
  for (const char *const *n = weft_config_names(); *n; n++) {
    weft_config *named = NULL;
    if (weft_config_load(c->arena, NULL, *n, NULL, 0, &named) == WEFT_OK &&
        strcmp(weft_config_text(c->arena, named), text) == 0)
      return *n;
  }
  return "custom";
}

static weft_status load_own_config(cli *c, const weft_program *own, weft_config **out) {
  const weft_span text = {(const uint8_t *)own->config_text, strlen(own->config_text)};
  WEFT_TRY(weft_config_parse(c->arena, c->diag, "the program's machine", text, out));
  (*out)->name = name_of_machine(c, *out);
  return WEFT_OK;
}

static weft_status load_named(cli *c, weft_config **out) {
  const char *name = c->config ? c->config : "base";
  WEFT_TRY(weft_config_load(c->arena, c->diag, name, c->sets.items, c->sets.n, out));
  for (size_t i = 0; i < c->sets.n; i++)   /* reports never call it by the bare name */
    (*out)->name = weft_arena_printf(c->arena, "%s %s", (*out)->name, c->sets.items[i]);
  return WEFT_OK;
}

weft_status cli_load_config(cli *c, const weft_program *own, weft_config **out) {
  weft_board *board = NULL;
  if (c->board)
    WEFT_TRY(cli_load_board(c, c->board, &board));
  const bool is_own = own && !c->config && c->sets.n == 0;
  WEFT_TRY(is_own ? load_own_config(c, own, out) : board ? cli_board_machine(c, board, out) : load_named(c, out));
  if (own && !is_own)
    WEFT_TRY(weft_program_match(c->diag, own, *out));
  return board ? cli_board_timing(c, board, *out) : WEFT_OK;
}

weft_status cli_get_program(cli *c, const cli_model *m, const weft_config *config,
                            weft_program **out) {
  if (m->program) {
    *out = m->program;
    return cli_prove(c, m->program);
  }
  weft_progress_step(c->progress, "compile", 0, 0);
  weft_program *fresh = NULL;
  weft_span file = {NULL, 0};
  WEFT_TRY(weft_compile(c->arena, c->diag, m->graph, config, NULL, &fresh));
  WEFT_TRY(weft_program_store(c->arena, fresh, &file));
  return weft_program_load(c->arena, c->diag, "compiled program", file, out);
}
