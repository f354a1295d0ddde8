/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tools of weft build are, and doctor --install. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_eda.h"
#include "sim/rtl/sim_cache.h"

/* The user's data folder, or NULL. */
static const char *data_dir(cli *c) {
  const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  if (xdg && xdg[0] == '/')
    return weft_arena_printf(c->arena, "%s/weft", xdg);
  return home && home[0] == '/' ? weft_arena_printf(c->arena, "%s/.local/share/weft", home) : NULL;
}

weft_eda_places cli_eda_places(cli *c) {
  weft_eda_places p = {.path = getenv("PATH")};
  const char *root = weft_sim_root(c->arena);
  const char *data = data_dir(c);
  const char *given = getenv("WEFT_VENV");
  size_t n = 0;
  if (given && given[0]) {
    p.venvs[n++] = given;   /* that one or none */
    return p;
  }
  if (root)
    p.venvs[n++] = weft_arena_printf(c->arena, "%s/build/eda", root);
  if (data)
    p.venvs[n++] = weft_arena_printf(c->arena, "%s/eda", data);
  return p;
}

weft_status cli_root(cli *c, const char **root) {
  *root = weft_sim_root(c->arena);
  if (*root)
    return WEFT_OK;
  return weft_fail(c->diag, WEFT_E_READ, "rtl/weft_top.sv", "not found beside the executable",
                   "the folders rtl/ and boards/", "set WEFT_ROOT to the folder that holds them");
}

static void tick(void *user, double seconds) {
  cli *c = user;
  weft_progress_step(c->progress, "installing", (uint64_t)(seconds * 10),
                     (uint64_t)(weft_progress_total(seconds, 60) * 10));
}

static bool has_all(cli *c) {
  const weft_eda_places places = cli_eda_places(c);
  for (int id = 0; id < WEFT_N_EDA; id++)
    if (!weft_eda_find(c->arena, &places, (weft_eda_id)id).file)
      return false;
  return true;
}

weft_status cli_install_eda(cli *c) {
  const char *root = NULL;
  WEFT_TRY(cli_root(c, &root));
  const char *build = weft_arena_printf(c->arena, "%s/build", root);
  const char *data = data_dir(c);
  const char *dir = access(build, W_OK) == 0 ? build : data;
  if (!dir)
    return weft_fail(c->diag, WEFT_E_WRITE, "doctor --install", "no folder that can be written",
                     "build/ of the repository, XDG_DATA_HOME or HOME", NULL);
  mkdir(dir, 0777);
  const char *venv = weft_arena_printf(c->arena, "%s/eda", dir);
  if (has_all(c)) {
    cli_say(c, "nothing to install, every tool is there (to get the pinned ones again: remove %s)\n", venv);
    return WEFT_OK;
  }
  cli_say(c, "installing the wheels of boards/flow/requirements.txt into %s\n", venv);
  WEFT_TRY(weft_eda_install(c->arena, c->diag, venv,
                            weft_arena_printf(c->arena, "%s/boards/flow/requirements.txt", root),
                            weft_arena_printf(c->arena, "%s/eda.log", dir), tick, c));
  weft_progress_clear(c->progress);
  return WEFT_OK;
}
