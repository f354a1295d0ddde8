/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/read.h"
#include "graph/rules.h"

typedef struct rule_row {
  weft_rule_info info;
  weft_rule holds;
  bool gate;
} rule_row;

static const rule_row rule_rows[] = {
#define GATE(op, predicate, allowed, remedy) \
  {{WEFT_OP_##op, allowed, remedy}, weft_rule_##predicate, true},
#define RULE(op, predicate, allowed, remedy) \
  {{WEFT_OP_##op, allowed, remedy}, weft_rule_##predicate, false},
#include "graph/op_rules.def"
#undef RULE
#undef GATE
};

#define N_RULES (sizeof rule_rows / sizeof rule_rows[0])

const weft_rule_info *weft_rule_row(size_t i) {
  return i < N_RULES ? &rule_rows[i].info : NULL;
}

typedef struct checker {
  const weft_graph *graph;
  weft_diag *diag;
  weft_status first;
} checker;

static void report(checker *c, weft_status code, const char *where,
                   const char *found, const char *allowed, const char *remedy) {
  weft_fail(c->diag, code, where, found, allowed, remedy);
  if (c->first == WEFT_OK)
    c->first = code;
}

static bool check_rules(checker *c, int i) {
  const weft_op *op = &c->graph->ops[i];
  weft_rule_case one = {.graph = c->graph, .op = op, .diag = c->diag};
  bool ok = true;
  for (size_t k = 0; k < N_RULES; k++) {
    const rule_row *row = &rule_rows[k];
    if (row->info.kind != op->kind || row->holds(&one))
      continue;
    report(c, WEFT_E_UNSUPPORTED, weft_op_place(c->diag, c->graph, i),
           one.found, row->info.allowed, row->info.remedy);
    ok = false;
    if (row->gate)
      break;
  }
  return ok;
}

static weft_where check_op(checker *c, int i) {
  const weft_op *op = &c->graph->ops[i];
  const weft_op_info *row = weft_op_find((int)op->kind);
  if (row && row->where != WEFT_NOWHERE)
    return check_rules(c, i) ? row->where : WEFT_NOWHERE;
  report(c, WEFT_E_UNSUPPORTED_OP, weft_op_place(c->diag, c->graph, i),
         weft_diag_text(c->diag, "not supported yet: %s", op->name),
         "an operator of the table that `weft ops` prints",
         "replace this layer, or run it outside weft");
  return WEFT_NOWHERE;
}

static void refuse_end(checker *c, int tensor, const char *found,
                       const char *allowed) {
  report(c, WEFT_E_UNSUPPORTED, weft_tensor_place(c->diag, c->graph, tensor),
         found, allowed, "convert the network again with other ends");
}

static void check_end(checker *c, int tensor, bool *seen) {
  const weft_tensor *t = &c->graph->tensors[tensor];
  if (seen[tensor])
    refuse_end(c, tensor, "listed twice", "each input and output once");
  seen[tensor] = true;
  if (t->unsupported)
    refuse_end(c, tensor, t->unsupported, "a static, dense tensor");
  else if (t->type != WEFT_INT8 && t->type != WEFT_UINT8 &&
           t->type != WEFT_FLOAT32)
    refuse_end(c, tensor, weft_type_name(t->type),
               "inputs and outputs of int8, uint8 or float32");
}

static void check_ends(checker *c) {
  const weft_graph *g = c->graph;
  bool *seen = WEFT_NEW(g->arena, bool, g->n_tensors + 1);
  for (int k = 0; k < g->n_inputs; k++) {
    check_end(c, g->inputs[k], seen);
    if (g->tensors[g->inputs[k]].data.data)
      refuse_end(c, g->inputs[k], "an input with a constant value",
                 "inputs without data");
  }
  for (int k = 0; k < g->n_outputs; k++) {
    int t = g->outputs[k];
    check_end(c, t, seen);
    if (g->tensors[t].producer < 0 || g->tensors[t].data.data)
      refuse_end(c, t, "an output that no operator computes",
                 "outputs made by an operator that is not folded");
  }
  if (g->n_ops == 0 || g->n_inputs == 0 || g->n_outputs == 0)
    report(c, WEFT_E_UNSUPPORTED, g->path,
           weft_diag_text(c->diag, "%d operators, %d inputs, %d outputs",
                          g->n_ops, g->n_inputs, g->n_outputs),
           "at least one of each", "convert the network again");
}

weft_status weft_graph_check(const weft_graph *g, weft_diag *d,
                             weft_where *where) {
  checker c = {.graph = g, .diag = d ? d : weft_diag_new(g->arena)};
  if (g->unsupported)
    report(&c, WEFT_E_UNSUPPORTED, g->path, g->unsupported, "plain tensors",
           "use the file from before it was compressed");
  for (int i = 0; i < g->n_ops; i++) {
    weft_where w = check_op(&c, i);
    if (where)
      where[i] = w;
  }
  check_ends(&c);
  return c.first;
}
