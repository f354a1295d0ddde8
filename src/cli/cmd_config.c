/* SPDX-License-Identifier: Apache-2.0 */
/* config list | show | init | validate. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli_board.h"
#include "config/config_rows.h"

static void json_machine(weft_json *j, const weft_config *m) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  char hash[17];
  snprintf(hash, sizeof hash, "%016" PRIx64, weft_config_hash(m));
  weft_json_object(j, NULL);
  weft_json_string(j, "name", m->name);
  weft_json_string(j, "hash", hash);
  weft_json_object(j, "keys");
  for (size_t i = 0; i < n; i++) {
    const int32_t den = rows[i].is_frac ? weft_config_get_den(m, &rows[i]) : 1;
    char text[40];
    snprintf(text, sizeof text, "%d/%d", weft_config_get(m, &rows[i]), den);
    if (den == 1)
      weft_json_int(j, rows[i].key, weft_config_get(m, &rows[i]));
    else
      weft_json_string(j, rows[i].key, text);
  }
  weft_json_end(j);
  weft_json_end(j);
}

static void print_machine_json(cli *c, const weft_config *m) {
  weft_json *j = weft_json_new(c->arena);
  json_machine(j, m);
  cli_print_json(c, j);
}

static weft_status list_machines(cli *c) {
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_array(j, "machines");
  cli_say(c, "%-8s %-8s %5s %10s %6s %8s  %s\n", "name", "array", "lanes", "scratchpad",
          "ring", "B/cycle", "hash");
  for (const char *const *n = weft_config_names(); *n; n++) {
    weft_config *m = NULL;
    WEFT_TRY(weft_config_load(c->arena, c->diag, *n, NULL, 0, &m));
    json_machine(j, m);
    cli_say(c, "%-8s %2dx%-5d %5d %6d KiB %2d KiB %6d/%d  %016" PRIx64 "\n", *n, m->rows,
            m->cols, m->lanes, m->spm_kib, m->ring_kib, m->dram_rate_num,
            m->dram_rate_den, weft_config_hash(m));
  }
  weft_json_end(j);
  weft_json_end(j);
  if (c->json)
    cli_print_json(c, j);
  return WEFT_OK;
}

/* The canonical text with a comment behind each key. */
static const char *commented_text(cli *c, const weft_config *m) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  const char *text = "# a machine of weft: every key in every file; limits in brackets\n";
  for (size_t i = 0; i < n; i++) {
    const weft_config_row *r = &rows[i];
    const int32_t den = r->is_frac ? weft_config_get_den(m, r) : 1;
    const char *value = den == 1
                          ? weft_arena_printf(c->arena, "%d", weft_config_get(m, r))
                          : weft_arena_printf(c->arena, "%d/%d", weft_config_get(m, r), den);
    text = weft_arena_printf(c->arena, "%s%s: %s  # [%d..%d] %s\n", text, r->key, value,
                             r->min, r->max, r->doc);
  }
  return text;
}

static weft_status write_or_print(cli *c, const char *text) {
  if (c->out)
    return weft_file_write(c->diag, c->out, text, strlen(text));
  cli_say_lines(c, text);
  return WEFT_OK;
}

static weft_status load(cli *c, const char *name, weft_config **m) {
  weft_board *board = NULL;
  if (!c->board)
    return weft_config_load(c->arena, c->diag, name, c->sets.items, c->sets.n, m);
  if (c->args.n > 1)
    c->config = name;
  WEFT_TRY(cli_load_board(c, c->board, &board));
  WEFT_TRY(cli_board_machine(c, board, m));
  return cli_board_timing(c, board, *m);
}

static weft_status show(cli *c, const char *name, bool is_commented) {
  weft_config *m = NULL;
  WEFT_TRY(load(c, name, &m));
  if (c->json)
    print_machine_json(c, m);
  return c->json && !c->out ? WEFT_OK
                            : write_or_print(c, is_commented ? commented_text(c, m)
                                                             : weft_config_text(c->arena, m));
}

static weft_status validate(cli *c, const char *name) {
  weft_config *m = NULL;
  WEFT_TRY(load(c, name, &m));
  if (c->json)
    print_machine_json(c, m);
  else if (!c->quiet)
    cli_say(c, "%s: valid, hash %016" PRIx64 "\n", c->board ? m->name : name, weft_config_hash(m));
  return WEFT_OK;
}

/* Options that an action would not look at. */
static weft_status check_action(cli *c, const char *action) {
  const bool is_list = strcmp(action, "list") == 0;
  const bool has_machine = c->config || c->sets.n || c->board || c->from || c->args.n > 1;
  if (is_list && has_machine)
    return cli_usage(c, "weft config list", "a machine", "list alone: it tells the named machines as they are");
  if (c->out && (is_list || strcmp(action, "validate") == 0))
    return cli_usage(c, "-o", weft_diag_text(c->diag, "weft config %s", action), "show or init");
  if (c->config && c->args.n > 1)
    return cli_usage(c, "--config", weft_diag_text(c->diag, "%s and %s", c->config, c->args.items[1]), "one machine");
  return WEFT_OK;
}

weft_status cmd_config(cli *c) {
  static const char *const actions[] = {"list", "show", "init", "validate"};
  const char *action = c->args.items[0];
  const char *name = c->args.n > 1 ? c->args.items[1] : c->config ? c->config : "base";
  WEFT_TRY(check_action(c, action));
  if (strcmp(action, "list") == 0)
    return list_machines(c);
  if (c->from)
    return strcmp(action, "init") == 0 ? cli_config_from(c, commented_text)
                                       : cli_usage(c, "--from", action, "weft config init --from FORMAT FILE");
  if (strcmp(action, "show") == 0)
    return show(c, name, false);
  if (strcmp(action, "init") == 0)
    return show(c, name, true);
  if (strcmp(action, "validate") == 0)
    return validate(c, name);
  const char *nearest = weft_nearest(action, actions, 4);
  return weft_fail(c->diag, WEFT_E_USAGE, weft_diag_text(c->diag, "weft config %.60s", action),
                   "no action of config",
                   "list, show [NAME|FILE], init [NAME], validate [FILE]",
                   nearest ? weft_diag_text(c->diag, "did you mean %s?", nearest) : NULL);
}
