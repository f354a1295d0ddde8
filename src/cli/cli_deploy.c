/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* deploy's simulated board, and loading bitstreams by openFPGALoader. */
#include "cli/cli_deploy.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/board/board_pty.h"
#include "sim/board/board_rtl.h"
#include "sim/rtl/sim_run_tool.h"

static void report_progress(void *user, uint64_t done, uint64_t total, const char *what) {
  weft_progress_step(user, what, done, total);
}

static weft_status open_device(cli *c, const weft_board *b, const weft_config *config, deploy_sim *s) {
  weft_byte_device *device = WEFT_NEW(s->arena, weft_byte_device, 1);
  bool is_sdram = strcmp(b->memory_kind, "sdram") == 0;
  weft_board_rtl o = {
    .board_package = weft_board_package(c->arena, b, 0), .progress = report_progress, .progress_user = c->progress,
    .options = {.mem_bytes = (uint32_t)b->memory_bytes, .period_ps = (uint32_t)(1000000000000 / b->target_hz)}};
  if (is_sdram) {
    o.options.chip = weft_board_rtl_chip((uint32_t)b->memory_data_bits, (uint32_t)b->memory_row_bits, (uint32_t)b->memory_col_bits);
    if (o.options.chip == NULL)
      return weft_fail(c->diag, WEFT_E_UNSUPPORTED, b->name, "no chip of this geometry", "a row of sim/board/sdram_chips.def", NULL);
  } else if (strcmp(b->memory_kind, "flash") == 0)
    o.options.flash = "w25q128jv";
  else if (strcmp(b->memory_kind, "bram") != 0)
    return cli_not_yet(c, weft_diag_text(c->diag, "a simulated board with memory.kind %s", b->memory_kind));
  WEFT_TRY(weft_board_rtl_open(s->arena, c->diag, config, &o, device));
  s->device = device;
  return WEFT_OK;
}

weft_status deploy_sim_open(cli *c, const weft_board *b, const weft_config *config, deploy_sim *out) {
  weft_board_pty *pty = NULL;
  out->arena = weft_arena_new();
  WEFT_TRY(open_device(c, b, config, out));
  WEFT_TRY(weft_board_pty_open(out->arena, c->diag, out->device, NULL, NULL, false, &pty));
  out->pty = pty;
  return WEFT_OK;
}

const char *deploy_sim_path(const deploy_sim *s) { return weft_board_pty_path(s->pty); }

weft_status deploy_sim_close(cli *c, deploy_sim *s, weft_status status) {
  weft_board_pty *pty = s->pty;
  const char *broken = weft_board_pty_close(&pty);
  if (broken != NULL)
    status = weft_fail(c->diag, WEFT_E_INTERNAL, "simulated board", weft_diag_text(c->diag, "%s", broken),
                       "the rules of the memory and its port", "please report this");
  weft_byte_device *device = s->device;
  if (device != NULL)
    device->close(device->self);
  if (s->arena != NULL)
    weft_arena_free(&s->arena);
  return status;
}

/* ---- bitstreams ------------------------------------------------------------------ */
typedef struct manifest {
  cli *c;
  const char *path;
  json_t *json;
} manifest;

static weft_status bad(const manifest *m, const char *found) {
  return weft_fail(m->c->diag, WEFT_E_READ, m->path, found, "the manifest.json that weft build leaves beside a bitstream",
                   "weft build BOARD writes both");
}

static const char *text_of(const manifest *m, const char *key) {
  const char *text = json_string_value(json_object_get(m->json, key));
  return text != NULL ? weft_arena_printf(m->c->arena, "%.200s", text) : NULL;
}

/* Hex digits, with or without 0x. */
static weft_status number_of(const manifest *m, const char *key, uint64_t *out) {
  const char *text = text_of(m, key);
  if (text != NULL && cli_number(strncmp(text, "0x", 2) == 0 ? text : weft_arena_printf(m->c->arena, "0x%s", text), out))
    return WEFT_OK;
  return bad(m, weft_diag_text(m->c->diag, "no number '%s'", key));
}

static weft_status check_file(const manifest *m, weft_span bits) {
  const char *want = json_string_value(json_object_get(json_object_get(m->json, "bitstream"), "sha256"));
  char hash[17];
  weft_hash16(bits.data, bits.size, hash);
  if (want != NULL && strncmp(want, hash, 16) == 0)
    return WEFT_OK;
  return bad(m, weft_diag_text(m->c->diag, "the bitstream's SHA-256 begins with %s, not %.16s", hash, want != NULL ? want : "(none)"));
}

/* What missed its timing may compute anything: only who asks for it gets it. */
static weft_status check_timing(const manifest *m, const char *bitstream) {
  cli *c = m->c;
  const json_t *is_met = json_object_get(m->json, "timing_met");
  if (json_is_true(is_met))
    return WEFT_OK;
  if (!json_is_false(is_met))
    return bad(m, "no true or false 'timing_met'");
  const char *found = weft_diag_text(c->diag, "timing is missed: %.2f MHz", json_number_value(json_object_get(m->json, "fmax_mhz")));
  const char *wanted = weft_diag_text(c->diag, "%.2f MHz", json_number_value(json_object_get(m->json, "target_mhz")));
  if (!c->allow_timing_fail)
    return weft_fail(c->diag, WEFT_E_TIMING, bitstream, found, wanted,
                     "weft build with more --seeds or a smaller machine (-c), or --allow-timing-fail");
  weft_progress_clear(c->progress);
  fprintf(stderr, "warning: %s: %s of %s: results may be wrong at any time\n", bitstream, found, wanted);
  return WEFT_OK;
}

static weft_status check_manifest(const manifest *m, const weft_board *b, const weft_config *config, weft_span bits,
                                  deploy_bitstream *out) {
  const char *board = text_of(m, "board");
  uint64_t hash = 0;
  WEFT_TRY(number_of(m, "config_hash", &hash));
  WEFT_TRY(number_of(m, "build_id", &out->build_id));
  WEFT_TRY(check_file(m, bits));
  out->has_build_id = true;
  if (board == NULL || strcmp(board, b->name) != 0)
    return weft_fail(m->c->diag, WEFT_E_CONFIG, out->path, weft_diag_text(m->c->diag, "a bitstream of board %s", board != NULL ? board : "?"),
                     weft_diag_text(m->c->diag, "board %s", b->name), NULL);
  if (hash != weft_config_hash(config))
    return weft_fail(m->c->diag, WEFT_E_CONFIG_HASH, out->path, weft_diag_text(m->c->diag, "machine %016llx", (unsigned long long)hash),
                     weft_diag_text(m->c->diag, "machine %s, %016llx", config->name, (unsigned long long)weft_config_hash(config)),
                     "compile for the bitstream's machine (-c), or build it for this one");
  return check_timing(m, out->path);
}

/* Beside the bitstream, or over it: weft build leaves OUT/manifest.json and OUT/pack/BOARD.bit. */
static const char *manifest_path(cli *c, const char *path) {
  const char *slash = strrchr(path, '/');
  const int n_dir = slash ? (int)(slash - path + 1) : 0;
  const char *beside = weft_arena_printf(c->arena, "%.*smanifest.json", n_dir, path);
  const char *above = weft_arena_printf(c->arena, "%.*s../manifest.json", n_dir, path);
  return access(beside, F_OK) != 0 && access(above, F_OK) == 0 ? above : beside;
}

weft_status deploy_read_bitstream(cli *c, const weft_board *b, const weft_config *config, const char *path,
                                  deploy_bitstream *out) {
  weft_span bits = {NULL, 0}, text = {NULL, 0};
  manifest m = {c, manifest_path(c, path), NULL};
  out->path = path;
  WEFT_TRY(weft_file_read(c->arena, c->diag, path, (size_t)1 << 28, &bits));
  WEFT_TRY(weft_file_read(c->arena, c->diag, m.path, (size_t)1 << 24, &text));
  m.json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
  weft_status s = json_is_object(m.json) ? check_manifest(&m, b, config, bits, out) : bad(&m, "no JSON object");
  json_decref(m.json);
  return s;
}

static void loader_tick(void *user, double seconds) {
  cli *c = user;
  weft_progress_step(c->progress, "openFPGALoader", (uint64_t)seconds, 0);
}

/* The end of the loader's words: at most three lines and 400 bytes. */
static const char *last_lines(cli *c, const char *text) {
  size_t end = strlen(text), from, n_lines = 0;
  while (end > 0 && strchr(" \r\n", text[end - 1]) != NULL)
    end--;
  for (from = end; from > 0 && end - from < 400; from--)
    if ((text[from - 1] == '\n' || text[from - 1] == '\r') && ++n_lines == 3)
      break;
  return weft_diag_text(c->diag, "%.*s", (int)(end - from), text + from);
}

static weft_status loader_failed(cli *c, const weft_diag *own, bool has_run, const char *text) {
  const char *why = weft_diag_count(own) > 0 ? weft_diag_at(own, 0)->found : "it failed";
  if (!has_run)
    return weft_fail(c->diag, WEFT_E_TOOL, "openFPGALoader", why, "an openFPGALoader that starts", "apt-get install openfpgaloader");
  return weft_fail(c->diag, WEFT_E_LINK, "openFPGALoader", weft_diag_text(c->diag, "%s; its last words:\n%s", why, last_lines(c, text)),
                   "a board on the cable that takes the bitstream", "is it plugged in and powered, may you use the cable (udev), does no other program?");
}

/* Runs openFPGALoader; its words into *text. */
static weft_status loader(cli *c, const char *const *argv, const char **text) {
  char log[] = "/tmp/weft-loader-XXXXXX";
  weft_span words = {NULL, 0};
  const int fd = mkstemp(log);
  if (fd < 0)
    return weft_fail(c->diag, WEFT_E_WRITE, "/tmp", "no temporary file", "a writable /tmp", NULL);
  close(fd);
  weft_diag *own = weft_diag_new(c->arena);
  weft_tool_job job = {.argv = argv, .log_path = log};
  weft_status s = weft_tool_run_all(c->arena, own, &job, 1, 1, loader_tick, c);
  if (weft_file_read(c->arena, NULL, log, 1 << 20, &words) == WEFT_OK)
    *text = weft_arena_printf(c->arena, "%.*s", (int)words.size, (const char *)words.data);
  unlink(log);
  return s == WEFT_OK || s == WEFT_E_INTERRUPTED ? s : loader_failed(c, own, job.pid >= 0, *text);
}

/* "idcode 0x41113043" or "IDCODE: 41113043": a hex number behind the word. */
static bool find_idcode(const char *text, uint32_t *out) {
  for (const char *p = text; (p = strcasestr(p, "idcode")) != NULL;) {
    p += strlen("idcode");
    p += strspn(p, " \t:=");
    char *end = NULL;
    unsigned long v = strtoul(p, &end, 16);
    if (end != p && v != 0 && v <= UINT32_MAX) {
      *out = (uint32_t)v;
      return true;
    }
  }
  return false;
}

weft_status deploy_load_bitstream(cli *c, const weft_board *b, const deploy_bitstream *bits) {
  const char *text = "";
  uint32_t found = 0;
  bool has_board = strcmp(b->loader, "none") != 0, has_cable = strcmp(b->cable, "none") != 0;
  if (weft_tool_identity(c->arena, "openFPGALoader") == NULL)
    return weft_fail(c->diag, WEFT_E_TOOL, "openFPGALoader", "not found on PATH", "openFPGALoader, to identify and load a board",
                     "apt-get install openfpgaloader; or load the bitstream by hand and leave --bitstream out");
  const char *detect[] = {"openFPGALoader", has_cable ? "-c" : "--detect", has_cable ? b->cable : NULL, "--detect", NULL};
  WEFT_TRY(loader(c, detect, &text));
  if (b->idcode != 0 && (!find_idcode(text, &found) || found != (uint32_t)b->idcode))
    return weft_fail(c->diag, WEFT_E_LINK, "JTAG cable", weft_diag_text(c->diag, "wrong board: IDCODE 0x%08x", (unsigned)found),
                     weft_diag_text(c->diag, "%s of %s, 0x%08x", b->device, b->name, (unsigned)b->idcode),
                     "name the board that is plugged in");
  const char *load[] = {"openFPGALoader", has_board ? "-b" : "-c", has_board ? b->loader : b->cable, bits->path, NULL};
  return loader(c, load, &text);
}
