/* SPDX-License-Identifier: Apache-2.0 */
/* A board by name, and the machine that it stands for. */
#include "cli/cli_board.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/board_dram.h"
#include "cli/cli_eda.h"

weft_status cli_load_board(cli *c, const char *name, weft_board **out) {
  const char *root = NULL;
  WEFT_TRY(cli_root(c, &root));
  return weft_board_load(c->arena, c->diag, root, c->boards ? c->boards : getenv("WEFT_BOARDS"), name, out);
}

weft_status cli_board_machine(cli *c, const weft_board *b, weft_config **out) {
  const char *name = c->config ? c->config : b->default_config;
  const char *beside = weft_arena_printf(c->arena, "%s/%s", b->dir, b->default_config);
  if (!c->config && access(beside, R_OK) == 0)
    name = beside;
  WEFT_TRY(weft_config_load(c->arena, c->diag, name, c->sets.items, c->sets.n, out));
  if (name == beside)
    (*out)->name = weft_arena_printf(c->arena, "%s/%s", b->name, b->default_config);
  return WEFT_OK;
}

weft_status cli_board_timing(cli *c, const weft_board *b, weft_config *machine) {
  for (size_t i = 0; i < c->sets.n; i++)
    if (strncmp(c->sets.items[i], "dram.", 5) == 0 && strncmp(c->sets.items[i], "dram.beat_bytes=", 16) != 0)
      return weft_fail(c->diag, WEFT_E_CONFIG, weft_diag_text(c->diag, "--set %.80s", c->sets.items[i]),
                       weft_diag_text(c->diag, "with --board %s, whose controller tells it", b->name),
                       "keys that are not the memory's timing", "leave --board or --set dram.* out");
  WEFT_TRY(weft_board_dram(c->diag, b, machine));
  machine->name = weft_arena_printf(c->arena, "%s on %s", machine->name, b->name);
  return WEFT_OK;
}
