/* SPDX-License-Identifier: Apache-2.0 */
/* ops: the operator table. */
#include <string.h>

#include "cli/cli.h"

typedef struct op_row {
  const char *name, *where, *condition;
  int code;
} op_row;

static const op_row rows[] = {
#define OP(name, code, where, text) {#name, #where, text, code},
#include "graph/ops.def"
#undef OP
};

static const char *place(const char *where) {
  return strcmp(where, "ACCELERATOR") == 0 ? "accelerator"
         : strcmp(where, "HOST") == 0      ? "host"
         : strcmp(where, "FREE") == 0      ? "free"
                                           : "none";
}

weft_status cmd_ops(cli *c) {
  const char *only = c->args.n ? c->args.items[0] : NULL;
  size_t n = 0;
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_array(j, "operators");
  if (c->markdown)
    cli_say(c, "| Operator | Where | Condition |\n|---|---|---|\n");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const op_row *r = &rows[i];
    if (only && strcmp(only, r->name) != 0)
      continue;
    n++;
    weft_json_object(j, NULL);
    weft_json_string(j, "op", r->name);
    weft_json_int(j, "code", r->code);
    weft_json_string(j, "where", place(r->where));
    weft_json_string(j, "condition", r->condition);
    weft_json_end(j);
    cli_say(c, c->markdown ? "| %s | %s | %s |\n" : "%-28s %-12s %s\n", r->name,
            place(r->where), r->condition);
  }
  weft_json_end(j);
  weft_json_end(j);
  if (n == 0)
    return cli_usage(c, "weft ops", weft_diag_text(c->diag, "'%.60s'", only),
                     "an operator of the table, in capitals");
  if (c->json)
    cli_print_json(c, j);
  return WEFT_OK;
}
