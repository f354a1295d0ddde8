/* SPDX-License-Identifier: Apache-2.0 */
/* check: where each operator runs, and every reason why one cannot. With -c it
 * also asks the compiler whether the network fits. */
#include <string.h>

#include "cli/cli.h"

static void print_json(cli *c, const weft_graph *g, const weft_where *where) {
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "model", g->path);
  weft_json_uint(j, "macs", g->macs);
  weft_json_array(j, "operators");
  for (int i = 0; i < g->n_ops; i++) {
    const weft_op *op = &g->ops[i];
    weft_json_object(j, NULL);
    weft_json_int(j, "index", i);
    weft_json_string(j, "op", op->name);
    weft_json_string(j, "where", weft_where_name(where[i]));
    if (op->n_outputs > 0)
      weft_json_string(j, "output", g->tensors[op->outputs[0]].name);
    weft_json_end(j);
  }
  weft_json_end(j);
  cli_json_issues(c, j);
  weft_json_end(j);
  cli_print_json(c, j);
}

static void print_summary(cli *c, const weft_graph *g) {
  cli_say(c, "%s  %d operators  %.2f M MAC", g->path, g->n_ops, (double)g->macs / 1e6);
  for (int i = 0; i < g->n_inputs; i++) {
    const weft_tensor *t = &g->tensors[g->inputs[i]];
    cli_say(c, "  input %s%s", weft_type_name(t->type),
            cli_shape_text(c->arena, t->shape, t->rank));
  }
  for (int i = 0; i < g->n_outputs; i++) {
    const weft_tensor *t = &g->tensors[g->outputs[i]];
    cli_say(c, "  output %s%s", weft_type_name(t->type),
            cli_shape_text(c->arena, t->shape, t->rank));
  }
  cli_say(c, "\n");
}

static void print_text(cli *c, const weft_graph *g, const weft_where *where) {
  if (c->quiet)
    return;
  print_summary(c, g);
  cli_say(c, "%5s  %-24s %-12s %-18s %s\n", "index", "op", "where", "ofm", "name");
  for (int i = 0; i < g->n_ops; i++) {
    const weft_op *op = &g->ops[i];
    const weft_tensor *t = op->n_outputs > 0 ? &g->tensors[op->outputs[0]] : NULL;
    cli_say(c, "%5d  %-24.40s %-12s %-18s %.60s\n", i, op->name,
            weft_where_name(where[i]),
            t ? cli_shape_text(c->arena, t->shape, t->rank) : "", t ? t->name : "");
  }
}

weft_status cmd_check(cli *c) {
  cli_model m;
  WEFT_TRY(cli_open_model(c, c->args.items[0], &m));
  if (!m.graph)
    return cli_usage(c, "weft check", "a program file", "a network (.tflite)");
  weft_where *where = WEFT_NEW(c->arena, weft_where, m.graph->n_ops);
  weft_status s = weft_graph_check(m.graph, c->diag, where);
  weft_config *config = NULL;
  weft_program *program = NULL;
  if (s == WEFT_OK && (c->config || c->sets.n)) {
    s = cli_load_config(c, NULL, &config);
    if (s == WEFT_OK)
      s = cli_get_program(c, &m, config, &program);
  }
  if (c->json)
    print_json(c, m.graph, where);
  else
    print_text(c, m.graph, where);
  if (s == WEFT_OK && program && !c->quiet)
    cli_say(c, "fits %s: %u instructions, %zu bytes of constants, %u bytes of arena\n",
            config->name, program->n_insns, program->constants.size,
            program->region_bytes[WEFT_REGION_ARENA]);
  return s;
}
