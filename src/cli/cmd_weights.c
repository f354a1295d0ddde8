/* SPDX-License-Identifier: Apache-2.0 */
/* inspect --weights: what is in the weights of a network, layer by layer. */
#include "cli/cli.h"
#include "compiler/optimize/compress.h"

typedef struct fact {
  opt_facts f;
  bool two_of_four;
} fact;

static fact measure(cli *c, opt_layer *l) {
  opt_weights *w = l->weights;
  const opt_keep before = w->keep;
  fact out;
  w->keep.m = 2;
  w->keep.n = 4;
  opt_measure(c->arena, l, &out.f);
  w->keep = before;
  out.two_of_four = l->kind != OPT_DEPTHWISE && w->shape[w->rank - 1] > 2 && out.f.holds_m_of_n;
  return out;
}

static void say_layer(cli *c, weft_json *j, int i, opt_layer *l) {
  const opt_weights *w = l->weights;
  const fact m = measure(c, l);
  const double zeros = (double)m.f.n_zeros / (double)m.f.n_elems;
  cli_say(c, "%5d  %-10s %-16s %9zu %6.1f %% %9zu %9zu  %-3s  %.60s\n", i, opt_kind_name(l->kind),
          cli_shape_text(c->arena, w->shape, w->rank), m.f.n_elems, 100 * zeros, m.f.n_distinct,
          m.f.max_distinct_in_channel, m.two_of_four ? "yes" : "no", l->name);
  weft_json_object(j, NULL);
  weft_json_int(j, "index", i);
  weft_json_string(j, "kind", opt_kind_name(l->kind));
  weft_json_string(j, "name", l->name);
  weft_json_array(j, "shape");
  for (int k = 0; k < w->rank; k++)
    weft_json_int(j, NULL, w->shape[k]);
  weft_json_end(j);
  weft_json_uint(j, "elements", m.f.n_elems);
  weft_json_uint(j, "zeros", m.f.n_zeros);
  weft_json_uint(j, "distinct", m.f.n_distinct);
  weft_json_uint(j, "distinct_in_channel", m.f.max_distinct_in_channel);
  weft_json_bool(j, "two_of_four", m.two_of_four);
  weft_json_end(j);
}

weft_status cli_weights(cli *c, const weft_graph *g) {
  opt_net *net = NULL;
  weft_json *j = weft_json_new(c->arena);
  WEFT_TRY(opt_import(c->arena, c->diag, g, &net));
  weft_json_object(j, NULL);
  weft_json_string(j, "model", g->path);
  weft_json_array(j, "weights");
  cli_say(c, "%5s  %-10s %-16s %9s %8s %9s %9s  %-3s  %s\n", "layer", "kind", "shape", "weights",
          "zeros", "distinct", "a channel", "2:4", "name");
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].weights)
      say_layer(c, j, i, &net->layers[i]);
  weft_json_end(j);
  weft_json_end(j);
  if (c->json)
    cli_print_json(c, j);
  return WEFT_OK;
}
