/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tools of weft build are, and doctor --install. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_eda.h"
#include "sim/rtl/sim_cache.h"

#define PINS_CAP_BYTES ((size_t)1 << 20)

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
  weft_progress_estimate(c->progress, "installing", seconds, 60);
}

/* The folders of the tools, if each is the pinned one; else NULL. */
static const char *folders_of_all(cli *c, const char *pins) {
  const weft_eda_places places = cli_eda_places(c);
  const char *folders = "";
  for (int id = 0; id < WEFT_N_EDA; id++) {
    const weft_eda_tool t = weft_eda_find(c->arena, &places, (weft_eda_id)id);
    if (!weft_eda_is_pinned(&t, (weft_eda_id)id, pins))
      return NULL;
    const int n = (int)(strrchr(t.file, '/') - t.file) - 4;     /* less "/bin" */
    const char *folder = weft_arena_printf(c->arena, "%.*s", n, t.file);
    if (!strstr(folders, folder))
      folders = weft_arena_printf(c->arena, "%s%s%s", folders, *folders ? " and " : "", folder);
  }
  return folders;
}

/* The environment to install into: one of those that weft build looks in. */
static weft_status choose_venv(cli *c, const char *root, const char **venv) {
  const char *given = getenv("WEFT_VENV");
  const char *build = weft_arena_printf(c->arena, "%s/build", root);
  const char *data = data_dir(c);
  const char *dir = access(build, W_OK) == 0 ? build : data;
  *venv = given && given[0] ? given : dir ? weft_arena_printf(c->arena, "%s/eda", dir) : NULL;
  if (!*venv)
    return weft_fail(c->diag, WEFT_E_WRITE, "doctor --install", "no folder that can be written",
                     "WEFT_VENV, build/ of the repository, XDG_DATA_HOME or HOME", NULL);
  if (*venv != given)
    mkdir(dir, 0777);
  return WEFT_OK;
}

weft_status cli_install_eda(cli *c) {
  const char *root = NULL, *venv = NULL;
  weft_span text = {NULL, 0};
  WEFT_TRY(cli_root(c, &root));
  const char *requirements = weft_arena_printf(c->arena, "%s/boards/flow/requirements.txt", root);
  WEFT_TRY(weft_file_read(c->arena, c->diag, requirements, PINS_CAP_BYTES, &text));
  const char *folders = folders_of_all(c, weft_arena_printf(c->arena, "%.*s", (int)text.size, (const char *)text.data));
  if (folders) {
    cli_say(c, "nothing to install: every tool is the pinned one, in %s\n", folders);
    return WEFT_OK;
  }
  WEFT_TRY(choose_venv(c, root, &venv));
  cli_say(c, "installing the wheels of boards/flow/requirements.txt into %s\n", venv);
  const weft_status s = weft_eda_install(c->arena, c->diag, venv, requirements,
                                         weft_arena_printf(c->arena, "%s.log", venv), tick, c);
  weft_progress_clear(c->progress);
  return s;
}
