/* SPDX-License-Identifier: Apache-2.0 */
/* Predicates of op_rules.def. Inside of src/graph. */
#ifndef WEFT_GRAPH_RULES_H
#define WEFT_GRAPH_RULES_H

#include "graph/graph.h"

/* One operator under check. A predicate answers whether its rule holds; if
 * not, it leaves the observed value in `found` (diag's memory). Predicates may
 * rely on the gates above them in op_rules.def. */
typedef struct weft_rule_case {
  const weft_graph *graph;
  const weft_op *op;
  weft_diag *diag;
  const char *found;
} weft_rule_case;

typedef bool (*weft_rule)(weft_rule_case *c);

#define GATE(op, predicate, allowed, remedy) RULE(op, predicate, allowed, remedy)
#define RULE(op, predicate, allowed, remedy) bool weft_rule_##predicate(weft_rule_case *c);
#include "graph/op_rules.def"
#undef RULE
#undef GATE

#endif
