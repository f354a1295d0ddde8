/* SPDX-License-Identifier: Apache-2.0 */
/* Stages elaborate and synth: yosys with slang, by boards/flow/yosys_run.py. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build/build_int.h"
#include "build/pins.h"
#include "sim/rtl/sim_run_tool.h"

#define PORTS_CAP_BYTES ((size_t)1 << 20)
#define LOG_CAP_BYTES ((size_t)256 << 20)
#define PINS_CAP_BYTES ((size_t)1 << 20)

typedef struct ticker {
  build *b;
  const char *what;
  double expected_s;
} ticker;

static void tick(void *user, double seconds) {
  const ticker *t = user;
  weft_progress_estimate(t->b->o->progress, t->what, seconds, t->expected_s);
}

const char *build_path(build *b, const char *name) {
  return weft_arena_printf(b->arena, "%s/%s", b->o->out_dir, name);
}

/* Relative names are relative to the caller; the tools run in out_dir. */
static const char *absolute(build *b, const char *path) {
  char cwd[4096];
  if (path[0] == '/' || !getcwd(cwd, sizeof cwd))
    return path;
  return weft_arena_printf(b->arena, "%s/%s", cwd, path);
}

const char *build_first_error(build *b, const char *log) {
  weft_span text = {NULL, 0};
  if (weft_file_read(b->arena, NULL, log, LOG_CAP_BYTES, &text) != WEFT_OK)
    return NULL;
  const char *all = weft_arena_printf(b->arena, "%.*s", (int)text.size, (const char *)text.data);
  const char *at = strstr(all, "ERROR: ");
  while (at && at > all && at[-1] != '\n')
    at--;
  return at ? weft_arena_printf(b->arena, "%.*s", (int)strcspn(at, "\n"), at) : NULL;
}

/* Runs yosys on a script in the stage's .part folder. */
static weft_status run_yosys(build *b, const stage *s, const char *script, const char *const *more,
                             const char *what, double expected_s) {
  const char *script_name = weft_arena_printf(b->arena, "%s/script.ys", s->part);
  const char *log = weft_arena_printf(b->arena, "%s/%s.log", b->o->out_dir, what);
  const char *argv[20] = {
    b->tools[0].file, "-B",
    absolute(b, weft_arena_printf(b->arena, "%s/boards/flow/yosys_run.py", b->o->board->root)),
    weft_arena_printf(b->arena, "%s/script.ys", s->rel_part)};
  for (size_t i = 0; more[i] && i < 8; i++)
    argv[4 + i] = more[i];
  WEFT_TRY(weft_file_write(b->d, script_name, script, strlen(script)));
  unlink(log);
  ticker t = {b, what, expected_s};
  const weft_status ran = weft_tool_run(b->arena, NULL, argv, b->o->out_dir, log, tick, &t);
  if (ran == WEFT_OK)
    return ran;
  if (ran == WEFT_E_INTERRUPTED)
    return ran;
  const char *error = ran == WEFT_E_TOOL ? build_first_error(b, log) : NULL;
  return weft_fail(b->d, ran, weft_diag_text(b->d, "%s", what),
                   error ? error : "yosys failed",
                   "a design that yosys takes", weft_diag_text(b->d, "read %s", log));
}

static weft_status add_common_inputs(build *b, stage *s) {
  stage_add_text(s, b->tools[0].version);
  return stage_add_file(b->arena, b->d, s,
                        weft_arena_printf(b->arena, "%s/boards/flow/yosys_run.py",
                                          b->o->board->root));
}

static weft_status check_pins(build *b, const char *ports_path) {
  weft_span ports = {NULL, 0}, text = {NULL, 0};
  pins p;
  WEFT_TRY(weft_file_read(b->arena, b->d, ports_path, PORTS_CAP_BYTES, &ports));
  WEFT_TRY(weft_file_read(b->arena, b->d, b->pins_path, PINS_CAP_BYTES, &text));
  WEFT_TRY(pins_parse(b->arena, b->d, b->pins_path, text, &p));
  return pins_match(b->arena, b->d, b->pins_path, &p,
                    weft_arena_printf(b->arena, "%.*s", (int)ports.size, (const char *)ports.data),
                    b->family->placed_ports);
}

static const char *elaborate_script(build *b, const stage *s, bool is_surrogate) {
  const char *files = absolute(b, b->board_package);
  for (size_t i = 0; i < b->n_sources; i++)
    files = weft_arena_printf(b->arena, "%s %s", files, absolute(b, b->sources[i].path));
  return weft_arena_printf(b->arena,
                           "read_slang -D %s -D SYNTHESIS%s%s --top top %s\n"
                           "hierarchy -check -top top\nproc\ncheck -assert\n"
                           "write_rtlil %s/design.il\n",
                           b->family->define, is_surrogate ? " -D WEFT_SURROGATE" : "",
                           b->o->config->micro != 0 ? " -D WEFT_MICRO" : "", files,
                           s->rel_part);
}

static weft_status elaborate(build *b, bool is_surrogate, const char **folder) {
  stage s;
  char hex[65];
  *folder = is_surrogate ? "elaborate-surrogate" : "elaborate";
  stage_begin(b->arena, &s, b->o->out_dir, *folder);
  WEFT_TRY(add_common_inputs(b, &s));
  stage_add_text(&s, b->family->define);
  WEFT_TRY(stage_file_hash(b->arena, b->d, b->board_package, hex));
  stage_add_text(&s, hex);
  for (size_t i = 0; i < b->n_sources; i++)
    stage_add_text(&s, b->sources[i].hash);
  stage_close_inputs(&s);
  if (b->o->resume && stage_is_valid(b->arena, &s))
    return WEFT_OK;
  WEFT_TRY(stage_open(b->arena, b->d, &s));
  const char *more[] = {"--ports", weft_arena_printf(b->arena, "%s/ports.txt", s.rel_part), NULL};
  WEFT_TRY(run_yosys(b, &s, elaborate_script(b, &s, is_surrogate), more, *folder, 12));
  return stage_commit(b->arena, b->d, &s, (const char *[]){"design.il", "ports.txt", NULL});
}

weft_status build_elaborate(build *b) {
  const char *folder = NULL;
  WEFT_TRY(elaborate(b, false, &folder));
  return check_pins(b, build_path(b, "elaborate/ports.txt"));
}

/* Seconds that synthesis of this machine takes, for the progress line. */
static double expected_synth_s(const build *b) {
  return 25 + 0.6 * b->o->config->rows * b->o->config->cols;
}

weft_status build_synthesize(build *b, bool is_surrogate) {
  stage s;
  const char *from = "elaborate";
  const char *folder = is_surrogate ? "synth-surrogate" : "synth";
  if (is_surrogate)
    WEFT_TRY(elaborate(b, true, &from));
  stage_begin(b->arena, &s, b->o->out_dir, folder);
  WEFT_TRY(add_common_inputs(b, &s));
  WEFT_TRY(stage_add_file(b->arena, b->d, &s,
                          build_path(b, weft_arena_printf(b->arena, "%s/design.il", from))));
  stage_add_text(&s, b->family->synth);
  stage_close_inputs(&s);
  *(is_surrogate ? &b->surrogate : &b->netlist) =
    weft_arena_printf(b->arena, "%s/netlist.json", folder);
  if (!is_surrogate)
    b->area_path = build_path(b, "synth/area.json");
  if (b->o->resume && stage_is_valid(b->arena, &s))
    return WEFT_OK;
  WEFT_TRY(stage_open(b->arena, b->d, &s));
  const char *json = weft_arena_printf(b->arena, "%s/netlist.json", s.rel_part);
  const char *script = weft_arena_printf(b->arena,
                                         "read_rtlil %s/design.il\n%swrite_json %s\n"
                                         "write_verilog -noattr -noexpr -siminit %s/netlist.v\n",
                                         from, b->family->synth, json, s.rel_part);
  const char *more[] = {"--tidy", json, "--area", json,
                        weft_arena_printf(b->arena, "%s/area.json", s.rel_part), NULL};
  WEFT_TRY(run_yosys(b, &s, script, more, folder, expected_synth_s(b)));
  return stage_commit(b->arena, b->d, &s,
                      (const char *[]){"netlist.json", "netlist.v", "area.json", NULL});
}
