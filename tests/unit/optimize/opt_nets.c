/* SPDX-License-Identifier: Apache-2.0 */
#include "opt_nets.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

typedef struct maker {
  weft_arena *arena;
  opt_net *net;
  weft_rng rng;
} maker;

static float number(weft_rng *rng) {
  int64_t sum = 0;
  for (int k = 0; k < 4; k++)
    sum += weft_rng_range(rng, -1000, 1000);
  return (float)sum / 2000.0f;
}

float *opt_test_samples(weft_arena *arena, uint64_t seed, size_t n) {
  float *x = WEFT_NEW(arena, float, n);
  weft_rng rng = {seed};
  for (size_t i = 0; i < n; i++)
    x[i] = number(&rng);
  return x;
}

static int add_value(maker *m, const char *name, int rank, const int32_t *shape) {
  opt_value *v = &m->net->values[m->net->n_values];
  v->name = name;
  v->rank = rank;
  v->n_elems = 1;
  for (int k = 0; k < rank; k++)
    v->n_elems *= (size_t)(v->shape[k] = shape[k]);
  v->producer = -1;
  return m->net->n_values++;
}

/* The output's rank is what counts of `rank`; opt_shapes finds the shape. */
static opt_layer *add_layer(maker *m, opt_kind kind, const char *name, int a, int b, int rank,
                            int32_t last) {
  int32_t shape[4] = {1, 1, 1, 1};
  opt_layer *l = &m->net->layers[m->net->n_layers++];
  shape[rank - 1] = last;
  l->kind = kind;
  l->name = name;
  l->n_inputs = b < 0 ? 1 : 2;
  l->inputs = WEFT_NEW(m->arena, int, 2);
  l->inputs[0] = a;
  l->inputs[1] = b;
  l->output = add_value(m, name, rank, shape);
  l->stride_h = l->stride_w = l->dilation_h = l->dilation_w = 1;
  l->filter_h = l->filter_w = 2;
  l->depth_multiplier = 1;
  l->beta = 1;
  return l;
}

static void add_weights(maker *m, opt_layer *l, int rank, const int32_t *shape) {
  opt_weights *w = l->weights = WEFT_NEW(m->arena, opt_weights, 1);
  w->rank = rank;
  w->n_elems = 1;
  for (int k = 0; k < rank; k++)
    w->n_elems *= (size_t)(w->shape[k] = shape[k]);
  w->channel_axis = l->kind == OPT_DEPTHWISE ? 3 : 0;
  w->n_out = (size_t)shape[w->channel_axis];
  w->bits = 8;
  w->w = WEFT_NEW(m->arena, float, w->n_elems);
  w->bias = WEFT_NEW(m->arena, float, w->n_out);
  for (size_t i = 0; i < w->n_elems; i++)
    w->w[i] = number(&m->rng) / 3;
  for (size_t c = 0; c < w->n_out; c++)
    w->bias[c] = number(&m->rng) / 4;
}

static int weighted(maker *m, opt_kind kind, const char *name, int in, weft_act act, int stride,
                    const int32_t *shape) {
  int rank = kind == OPT_DENSE ? 2 : 4;
  opt_layer *l = add_layer(m, kind, name, in, -1, rank, shape[kind == OPT_DEPTHWISE ? 3 : 0]);
  add_weights(m, l, rank, shape);
  l->act = act;
  l->stride_h = l->stride_w = stride;
  l->padding = stride == 1 ? WEFT_PAD_SAME : WEFT_PAD_VALID;
  l->depth_multiplier = kind == OPT_DEPTHWISE ? shape[3] / 6 : 0;
  return l->output;
}

static int plain(maker *m, opt_kind kind, const char *name, int a, int b, int rank) {
  opt_layer *l = add_layer(m, kind, name, a, b, rank, 1);
  l->stride_h = l->stride_w = kind == OPT_MAX_POOL ? 2 : 1;
  for (int k = 2; k < 6 && kind == OPT_PAD; k++)
    l->pad[k] = 1;
  return l->output;
}

opt_net *opt_test_net(weft_arena *arena, uint64_t seed, bool concat) {
  maker m = {.arena = arena, .net = WEFT_NEW(arena, opt_net, 1), .rng = {seed}};
  m.net->arena = arena;
  m.net->name = "built";
  m.net->values = WEFT_NEW(arena, opt_value, 32);
  m.net->layers = WEFT_NEW(arena, opt_layer, 32);
  m.net->inputs = WEFT_NEW(arena, int, 1);
  m.net->outputs = WEFT_NEW(arena, int, 1);
  m.net->n_inputs = m.net->n_outputs = 1;
  int x = add_value(&m, "x", 4, (int32_t[]){1, 8, 8, 3});
  int pad = plain(&m, OPT_PAD, "pad", x, -1, 4);
  int a = weighted(&m, OPT_CONV, "a", pad, WEFT_ACT_RELU, 2, (int32_t[]){6, 3, 3, 3});
  int b = weighted(&m, OPT_DEPTHWISE, "b", a, WEFT_ACT_RELU6, 1, (int32_t[]){1, 3, 3, 12});
  int c = weighted(&m, OPT_CONV, "c", b, WEFT_ACT_NONE, 1, (int32_t[]){6, 1, 1, 12});
  int sum = plain(&m, OPT_ADD, "sum", a, c, 4);
  m.net->layers[m.net->n_layers - 1].act = WEFT_ACT_RELU;
  int pool = plain(&m, OPT_MAX_POOL, "pool", sum, -1, 4);
  int e = weighted(&m, OPT_CONV, "e", pool, WEFT_ACT_NONE, 1,
                   (int32_t[]){concat ? 4 : 10, 3, 3, 6});
  int joined = concat ? plain(&m, OPT_CONCAT, "joined", pool, e, 4) : e;
  int relu = plain(&m, OPT_RELU, "relu", joined, -1, 4);
  int average = plain(&m, OPT_AVERAGE_POOL, "average", relu, -1, 4);
  int relu6 = plain(&m, OPT_RELU6, "relu6", average, -1, 4);
  int mean = plain(&m, OPT_MEAN, "mean", relu6, -1, 4);
  int flat = plain(&m, OPT_RESHAPE, "flat", mean, -1, 2);
  int dense = weighted(&m, OPT_DENSE, "dense", flat, WEFT_ACT_NONE, 1, (int32_t[]){5, 10});
  m.net->outputs[0] = plain(&m, OPT_SOFTMAX, "classes", dense, -1, 2);
  assert_int_equal(opt_shapes(NULL, m.net), WEFT_OK);
  return m.net;
}

void opt_test_issues(const weft_diag *d) {
  for (size_t i = 0; i < weft_diag_count(d); i++) {
    const weft_issue *q = weft_diag_at(d, i);
    print_error("%s: found %s, allowed %s\n", q->where, q->found, q->allowed);
  }
}

weft_status opt_test_import_bytes(weft_arena *arena, weft_diag *d, weft_span bytes, opt_net **net) {
  weft_graph *g = NULL;
  WEFT_TRY(weft_graph_read(arena, d, "written", bytes, &g));
  return opt_import(arena, d, g, net);
}

weft_status opt_test_import(weft_arena *arena, weft_diag *d, const char *path, opt_net **net) {
  weft_span bytes = {0};
  weft_graph *g = NULL;
  WEFT_TRY(weft_file_read(arena, d, path, 64u << 20, &bytes));
  WEFT_TRY(weft_graph_read(arena, d, path, bytes, &g));
  return opt_import(arena, d, g, net);
}
