/* SPDX-License-Identifier: Apache-2.0 */
/* Float against quantized, layer by layer. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/quantize_inside.h"

#define DROP_DB 10.0           /* of a layer below its inputs, to be named   */
#define MOST_DB 200.0          /* no error at all                            */
#define INPUT_DB 48.0          /* what 8 bits give: better inputs count as this */

typedef struct sums {
  double ff, qq, fq, ee, max;
} sums;

typedef struct comparison {
  const opt_net *net;          /* quantized                                  */
  const opt_runner *runner;
  float *q;
  sums *layer;
} comparison;

static void add(sums *s, const float *f, const float *q, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double a = (double)f[i], b = (double)q[i], e = a - b;
    s->ff += a * a;
    s->qq += b * b;
    s->fq += a * b;
    s->ee += e * e;
    s->max = fabs(e) > s->max ? fabs(e) : s->max;
  }
}

static double sqnr(const sums *s) {
  if (s->ee <= 0)
    return MOST_DB;
  return s->ff <= 0 ? -MOST_DB : 10 * log10(s->ff / s->ee);
}

static double cosine(const sums *s) {
  double n = sqrt(s->ff) * sqrt(s->qq);
  return n > 0 ? s->fq / n : s->ff <= 0 && s->qq <= 0;
}

static void see_layer(void *user, int layer, const float *f, size_t n) {
  comparison *c = user;
  opt_runner_value(c->runner, c->net->layers[layer].output, c->q);
  add(&c->layer[layer], f, c->q, n);
}

static size_t greatest_value(const opt_net *net) {
  size_t n = 1;
  for (int v = 0; v < net->n_values; v++)
    n = net->values[v].n_elems > n ? net->values[v].n_elems : n;
  return n;
}

static weft_status check_pair(weft_diag *d, const opt_net *a, const opt_net *b) {
  bool same = a->n_layers == b->n_layers && a->n_values == b->n_values;
  for (int i = 0; same && i < a->n_layers; i++)
    same = a->layers[i].kind == b->layers[i].kind && a->layers[i].output == b->layers[i].output &&
           a->values[a->layers[i].output].n_elems == b->values[b->layers[i].output].n_elems;
  return same ? WEFT_OK
              : weft_fail(d, WEFT_E_ARG, a->name, "other layers than the quantized network has",
                          "the network that was quantized", NULL);
}

static weft_status run(weft_arena *arena, weft_diag *d, const opt_net *a, comparison *c,
                       opt_runner *r, const opt_data *data, opt_split split, size_t n,
                       sums *input) {
  const opt_value *in = &a->values[a->inputs[0]];
  float *x = WEFT_NEW(arena, float, in->n_elems);
  float *y = WEFT_NEW(arena, float, a->values[a->outputs[0]].n_elems);
  for (size_t i = 0; i < n; i++) {
    opt_data_get(data, split, i, x);
    WEFT_TRY(opt_runner_run(r, d, x));
    opt_runner_value(r, a->inputs[0], c->q);
    add(input, x, c->q, in->n_elems);
    WEFT_TRY(opt_forward(d, a, x, 1, y, see_layer, c));
  }
  return WEFT_OK;
}

static int find_first_bad(const opt_net *net, const opt_layer_error *e, double input_db) {
  for (int i = 0; i < net->n_layers; i++) {
    double least = INPUT_DB;
    for (int j = 0; j < net->layers[i].n_inputs; j++) {
      int from = net->values[net->layers[i].inputs[j]].producer;
      double db = from < 0 ? input_db : e[from].sqnr_db;
      least = db < least ? db : least;
    }
    if (e[i].sqnr_db < least - DROP_DB)
      return i;
  }
  return -1;
}

weft_status opt_compare(weft_arena *arena, weft_diag *d, const opt_net *float_net,
                        const opt_net *quant_net, const opt_data *data, size_t n,
                        opt_layer_error **out, int *n_out, int *first_bad) {
  weft_arena *scratch = weft_arena_new();
  weft_diag *to = d ? d : weft_diag_new(scratch);
  opt_runner *runner = NULL;
  sums input = {0};
  opt_split split = data->splits[OPT_CALIB].n > 0 ? OPT_CALIB : OPT_TEST;
  comparison c = {.net = quant_net, .q = WEFT_NEW(scratch, float, greatest_value(quant_net)),
                  .layer = WEFT_NEW(scratch, sums, quant_net->n_layers)};
  n = n < data->splits[split].n ? n : data->splits[split].n;
  weft_status s = check_pair(to, float_net, quant_net);
  s = s == WEFT_OK ? opt_check_samples(to, float_net, data, split) : s;
  s = s == WEFT_OK ? opt_runner_open(scratch, to, quant_net, &runner) : s;
  c.runner = runner;
  s = s == WEFT_OK ? run(scratch, to, float_net, &c, runner, data, split, n, &input) : s;
  if (s == WEFT_OK) {
    opt_layer_error *e = WEFT_NEW(arena, opt_layer_error, quant_net->n_layers);
    for (int i = 0; i < quant_net->n_layers; i++)
      e[i] = (opt_layer_error){i, sqnr(&c.layer[i]), cosine(&c.layer[i]), c.layer[i].max};
    *out = e;
    *n_out = quant_net->n_layers;
    *first_bad = find_first_bad(quant_net, e, sqnr(&input));
  }
  weft_arena_free(&scratch);
  return s;
}
