/* SPDX-License-Identifier: Apache-2.0 */
/* config init --from: a machine from another accelerator's configuration. */
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "import/import_machine.h"

/* A line a key: what it was, what became of it, why. */
static const char *table_text(cli *c, const import_result *r, const char *margin) {
  const char *text = "";
  for (size_t i = 0; i < r->n_rows; i++) {
    const import_row *row = &r->rows[i];
    const char *becomes = *row->becomes ? weft_arena_printf(c->arena, "%s (%s)", row->becomes, import_fate_name(row->fate))
                                        : import_fate_name(row->fate);
    text = weft_arena_printf(c->arena, "%s%s%-28s %-22s -> %-36s %s\n", text, margin, row->key, row->value, becomes,
                             row->note);
  }
  return weft_arena_printf(c->arena, "%s%snot from the file: %s\n", text, margin, r->filled);
}

static void print_json(cli *c, const char *path, const import_result *r) {
  static const char *const lists[] = {"same", "nearest", "none", "unknown"};
  weft_json *j = weft_json_new(c->arena);
  size_t counts[4] = {0};
  weft_json_object(j, NULL);
  weft_json_string(j, "format", c->from);
  weft_json_string(j, "file", path);
  weft_json_string(j, "config", c->out);
  weft_json_string(j, "yaml", weft_config_text(c->arena, r->config));
  weft_json_array(j, "rows");
  for (size_t i = 0; i < r->n_rows; i++) {
    const import_row *row = &r->rows[i];
    counts[row->fate]++;
    weft_json_object(j, NULL);
    weft_json_string(j, "key", row->key);
    weft_json_string(j, "value", row->value);
    weft_json_uint(j, "line", row->line);
    weft_json_string(j, "fate", import_fate_name(row->fate));
    weft_json_string(j, "becomes", row->becomes);
    weft_json_string(j, "note", row->note);
    weft_json_end(j);
  }
  weft_json_end(j);
  for (size_t i = 0; i < 4; i++)
    weft_json_uint(j, lists[i], counts[i]);
  weft_json_string(j, "filled", r->filled);
  weft_json_end(j);
  cli_print_json(c, j);
}

weft_status cli_config_from(cli *c, const char *(*yaml)(cli *c, const weft_config *m)) {
  const import_options o = {c->accelerator, c->system_config, c->memory_mode};
  const char *path = c->args.n > 1 ? c->args.items[1] : NULL;
  import_result r;
  if (!path)
    return cli_usage(c, "weft config init --from", "no FILE", "weft config init --from FORMAT FILE");
  if (strcmp(c->from, "vela") != 0 && (o.accelerator || o.system_config || o.memory_mode))
    return cli_usage(c, "weft config init --from", "an option of vela", "--accelerator, --system-config, --memory-mode with --from vela");
  if (c->sets.n || c->board || c->config)
    return cli_usage(c, "weft config init --from", "--set, --board or -c", "the file alone: edit what comes out");
  WEFT_TRY(weft_import(c->arena, c->diag, c->from, path, &o, &r));
  const char *text = weft_arena_printf(c->arena, "# from %s; what became of each of its keys:\n%s%s", c->from,
                                       table_text(c, &r, "#   "), yaml(c, r.config));
  if (c->out)
    WEFT_TRY(weft_file_write(c->diag, c->out, text, strlen(text)));
  if (c->json)
    print_json(c, path, &r);
  else if (!c->out)
    cli_say_lines(c, text);
  else if (!c->quiet)
    cli_say_lines(c, table_text(c, &r, ""));
  return WEFT_OK;
}
