/* SPDX-License-Identifier: Apache-2.0 */
/* ops: the operator table; with a name or --markdown, its conditions too. */
#include <string.h>

#include "cli/cli.h"

static void add_rules(cli *c, weft_json *j, const weft_op_info *op, bool say) {
  weft_json_array(j, "rules");
  const weft_rule_info *rule;
  for (size_t k = 0; (rule = weft_rule_row(k)) != NULL; k++) {
    if ((int)rule->kind != op->code)
      continue;
    weft_json_string(j, NULL, rule->allowed);
    if (say)
      cli_say(c, c->markdown ? "- %s\n" : "    %s\n", rule->allowed);
  }
  weft_json_end(j);
}

static void add_op(cli *c, weft_json *j, const weft_op_info *op, bool rules) {
  weft_json_object(j, NULL);
  weft_json_string(j, "op", op->name);
  weft_json_int(j, "code", op->code);
  weft_json_string(j, "where", weft_where_name(op->where));
  weft_json_string(j, "condition", op->text);
  cli_say(c, c->markdown ? "| %s | %s | %s |\n" : "%-28s %-12s %s\n", op->name,
          weft_where_name(op->where), op->text);
  add_rules(c, j, op, rules);
  weft_json_end(j);
}

/* Markdown: the conditions of each supported operator below the table. */
static void say_conditions(cli *c, const char *only) {
  const weft_op_info *op;
  weft_json *unused = weft_json_new(c->arena);
  weft_json_object(unused, NULL);
  for (size_t i = 0; (op = weft_op_row(i)) != NULL; i++) {
    if (op->where == WEFT_NOWHERE || (only && strcmp(only, op->name) != 0))
      continue;
    cli_say(c, "\n## %s\n\n", op->name);
    add_rules(c, unused, op, true);
  }
}

weft_status cmd_ops(cli *c) {
  const char *only = c->args.n ? c->args.items[0] : NULL;
  const weft_op_info *op;
  size_t n = 0;
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_array(j, "operators");
  if (c->markdown)
    cli_say(c, "| Operator | Where | Condition |\n|---|---|---|\n");
  for (size_t i = 0; (op = weft_op_row(i)) != NULL; i++) {
    if (only && strcmp(only, op->name) != 0)
      continue;
    n++;
    add_op(c, j, op, only && !c->markdown);
  }
  weft_json_end(j);
  weft_json_end(j);
  if (n == 0)
    return cli_usage(c, "weft ops", weft_diag_text(c->diag, "'%.60s'", only),
                     "an operator of the table, in capitals");
  if (c->markdown)
    say_conditions(c, only);
  if (c->json)
    cli_print_json(c, j);
  return WEFT_OK;
}
