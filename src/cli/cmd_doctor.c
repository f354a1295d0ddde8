/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: what is installed, what works without it, where networks are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli_eda.h"

typedef struct tool {
  const char *name, *command, *package, *used_for;
  bool is_for_rtl;
} tool;

static const tool tools[] = {
  {"verilator", "verilator --version", "verilator", "backend rtl, lint", true},
  {"g++", "g++ --version", "g++", "backend rtl: the simulator is built once", true},
  {"make", "make --version", "make", "building; backend rtl", true},
  {"gcc", "gcc --version", "gcc", "building", false},
  {"clang", "clang --version", "clang", "make lint, make fuzz", false},
  {"python3", "python3 --version", "python3", "make fpga-check, tests against an oracle", false},
  {"openFPGALoader", "openFPGALoader -V", "openfpgaloader", "weft deploy --bitstream: finds the part, loads it", false},
  {"gtkwave", "gtkwave --version", "gtkwave", "looking at waves", false},
};

typedef struct network {
  const char *name, *sha256, *url;
} network;

static const network networks[] = {
#define NETWORK(name, sha256, url) {name, sha256, url},
#include "cli/networks.def"
#undef NETWORK
};

/* First line of a command's output, or NULL if it cannot be run. */
static const char *version_of(cli *c, const char *command) {
  char line[200] = "";
  FILE *f = popen(weft_arena_printf(c->arena, "%s 2>/dev/null </dev/null", command), "r");
  if (!f)
    return NULL;
  const bool has_line = fgets(line, sizeof line, f) != NULL;
  while (fgetc(f) != EOF)
    continue;
  const int status = pclose(f);
  line[strcspn(line, "\n")] = '\0';
  return has_line && status == 0 ? weft_arena_printf(c->arena, "%s", line) : NULL;
}

static bool list_tools(cli *c, weft_json *j) {
  bool is_rtl_ready = true;
  weft_json_array(j, "tools");
  for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
    const tool *t = &tools[i];
    const char *version = version_of(c, t->command);
    is_rtl_ready = is_rtl_ready && (version || !t->is_for_rtl);
    weft_json_object(j, NULL);
    weft_json_string(j, "name", t->name);
    weft_json_string(j, "version", version);
    weft_json_string(j, "used_for", t->used_for);
    weft_json_end(j);
    cli_say(c, "%-10s %-44.44s %s\n", t->name,
            version ? version
                    : weft_arena_printf(c->arena, "absent (Debian package %s)", t->package),
            t->used_for);
  }
  weft_json_end(j);
  return is_rtl_ready;
}

static const char *state_of_network(cli *c, const char *dir, const network *n) {
  weft_span file = {NULL, 0};
  char hash[17];
  if (!dir)
    return "WEFT_MODELS is not set";
  const char *path = weft_arena_printf(c->arena, "%s/models/%s", dir, n->name);
  if (weft_file_read(c->arena, NULL, path, (size_t)1 << 28, &file) != WEFT_OK)
    return "absent";
  weft_hash16(file.data, file.size, hash);
  return strncmp(hash, n->sha256, 16) == 0 ? "here" : "here, but another version";
}

static void list_networks(cli *c, weft_json *j) {
  const char *dir = getenv("WEFT_MODELS");
  cli_say(c, "\nnetworks, below $WEFT_MODELS/models (WEFT_MODELS=%s)\n", dir ? dir : "");
  weft_json_array(j, "networks");
  for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
    const network *n = &networks[i];
    const char *state = state_of_network(c, dir, n);
    weft_json_object(j, NULL);
    weft_json_string(j, "name", n->name);
    weft_json_string(j, "state", state);
    weft_json_string(j, "url", n->url);
    weft_json_string(j, "sha256", n->sha256);
    weft_json_end(j);
    cli_say(c, "%s: %s\n  curl -L -o $WEFT_MODELS/models/%s \\\n    %s\n  sha256 %s\n", n->name,
            state, n->name, n->url, n->sha256);
  }
  weft_json_end(j);
}

/* Verilator 5.006 reads the RTL; older ones do not. NULL: new enough or absent. */
static const char *old_verilator(cli *c) {
  const char *version = version_of(c, "verilator --version");
  const char *at = version ? strstr(version, "Verilator ") : NULL;
  char *end = NULL;
  if (!at)
    return NULL;
  const long major = strtol(at + 10, &end, 10);
  const long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
  return major > 5 || (major == 5 && minor >= 6) ? NULL : version;
}

static void list_eda(cli *c, weft_json *j) {
  const weft_eda_places places = cli_eda_places(c);
  cli_say(c, "\nweft build (wheels, then PATH; 'weft doctor --install' gets the pinned ones)\n");
  weft_json_array(j, "build_tools");
  for (int id = 0; id < WEFT_N_EDA; id++) {
    const weft_eda_tool t = weft_eda_find(c->arena, &places, (weft_eda_id)id);
    weft_json_object(j, NULL);
    weft_json_string(j, "name", t.name);
    weft_json_string(j, "file", t.file);
    weft_json_string(j, "version", t.version);
    weft_json_end(j);
    cli_say(c, "%-18s %-24.24s %s\n", t.name, t.file ? t.version : "absent",
            t.file ? t.file : "");
  }
  weft_json_end(j);
}

weft_status cmd_doctor(cli *c) {
  if (c->install)
    WEFT_TRY(cli_install_eda(c));
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  const bool is_rtl_ready = list_tools(c, j);
  list_eda(c, j);
  list_networks(c, j);
  weft_json_bool(j, "rtl_ready", is_rtl_ready);
  weft_json_end(j);
  if (c->json)
    cli_print_json(c, j);
  const char *old = old_verilator(c);
  if (old)
    return weft_fail(c->diag, WEFT_E_TOOL, "verilator", old, "Verilator 5.006 or newer",
                     "Debian 12 has it: apt-get install verilator");
  if (is_rtl_ready)
    return WEFT_OK;
  return weft_fail(c->diag, WEFT_E_TOOL, "backend rtl", "a tool is absent",
                   "verilator, g++ and make",
                   "tests/setup.sh installs them; ref and model work without");
}
