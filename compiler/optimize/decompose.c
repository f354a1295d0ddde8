/* SPDX-License-Identifier: Apache-2.0 */
/* One layer into two (singular values) or three (Tucker-2: input and output
 * channels). All but the last have no bias and no activation, so that padding
 * stays zero; the square roots of singular values go to both sides. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/ranges.h"
#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/svd.h"

#define TUCKER_ROUNDS 3

/* Factors of a layer: w[o, tap, i] = sum of out[o, a] * core[a, tap, b] * in[i, b].
 * `in` or `out` of no columns: not factored. SVD: core is the identity, unused. */
typedef struct factors {
  size_t n_out, n_in, taps, rank_out, rank_in;
  opt_matrix in, out;
  double *core;                 /* [rank_out][taps][rank_in]                 */
} factors;

static size_t choose_rank(const opt_svd *s, const opt_decompose *o, size_t full) {
  size_t rank = o->rank > 0 ? (size_t)o->rank : opt_rank_of(s, o->energy);
  const size_t multiple = o->multiple > 1 ? (size_t)o->multiple : 1;
  rank = (rank + multiple - 1) / multiple * multiple;
  return rank < full ? rank : full;
}

/* The first `n` columns. */
static opt_matrix leading(weft_arena *a, const opt_matrix *m, size_t n) {
  opt_matrix out = opt_matrix_new(a, m->rows, n);
  memcpy(out.v, m->v, m->rows * (n < m->columns ? n : m->columns) * sizeof *m->v);
  return out;
}

static opt_svd svd_of_rows(weft_arena *a, const opt_weights *w) {
  const size_t columns = w->n_elems / w->n_out;
  opt_matrix m = opt_matrix_new(a, w->n_out, columns);
  for (size_t o = 0; o < w->n_out; o++)
    for (size_t i = 0; i < columns; i++)
      *opt_at(&m, o, i) = (double)w->w[o * columns + i];
  return opt_svd_of(a, &m);
}

static void factor_matrix(weft_arena *a, const opt_weights *w, const opt_decompose *o, factors *f) {
  const opt_svd s = svd_of_rows(a, w);
  f->rank_in = f->rank_out = choose_rank(&s, o, s.k);
  f->in = leading(a, &s.v, f->rank_in);
  f->out = leading(a, &s.u, f->rank_out);
  for (size_t k = 0; k < f->rank_in; k++) {
    for (size_t i = 0; i < f->n_in; i++)
      *opt_at(&f->in, i, k) *= sqrt(s.s[k]);
    for (size_t i = 0; i < f->n_out; i++)
      *opt_at(&f->out, i, k) *= sqrt(s.s[k]);
  }
}

/* w[o, tap, i] * by, as a matrix whose rows are the other kind of channel: by of
 * input channels gives rows o, columns (tap, b); by of output channels gives rows i,
 * columns (tap, a). `by` of no columns: w itself. */
static opt_matrix unfold(weft_arena *a, const opt_weights *w, const factors *f, bool rows_are_out,
                         const opt_matrix *by) {
  const size_t n_by = by->columns ? by->columns : rows_are_out ? f->n_in : f->n_out;
  opt_matrix m = opt_matrix_new(a, rows_are_out ? f->n_out : f->n_in, f->taps * n_by);
  for (size_t o = 0; o < f->n_out; o++)
    for (size_t t = 0; t < f->taps; t++)
      for (size_t i = 0; i < f->n_in; i++) {
        const double v = (double)w->w[(o * f->taps + t) * f->n_in + i];
        const size_t row = rows_are_out ? o : i;
        const size_t other = rows_are_out ? i : o;
        if (!by->columns)
          *opt_at(&m, row, t * n_by + other) = v;
        for (size_t k = 0; k < by->columns; k++)
          *opt_at(&m, row, t * n_by + k) += v * *opt_at(by, other, k);
      }
  return m;
}

static opt_matrix best_basis(weft_arena *a, const opt_weights *w, const factors *f, bool of_out,
                             const opt_matrix *other, size_t rank) {
  const opt_matrix m = unfold(a, w, f, of_out, other);
  const opt_svd s = opt_svd_of(a, &m);
  return leading(a, &s.u, rank);
}

static void find_core(weft_arena *a, const opt_weights *w, factors *f) {
  const opt_matrix half = unfold(a, w, f, true, &f->in);       /* [o, (tap, b)] */
  const opt_matrix core = f->out.columns ? opt_matrix_t_times(a, &f->out, &half) : half;
  f->core = WEFT_NEW(a, double, f->rank_out * f->taps * f->rank_in);
  for (size_t r = 0; r < f->rank_out; r++)
    for (size_t c = 0; c < f->taps * f->rank_in; c++)
      f->core[r * f->taps * f->rank_in + c] = *opt_at(&core, r, c);
}

/* Truncated higher-order SVD, then a few rounds of orthogonal iteration. */
static void factor_tucker(weft_arena *a, const opt_weights *w, const opt_decompose *o, factors *f) {
  const opt_matrix none = {0, 0, NULL};
  const opt_matrix rows_out = unfold(a, w, f, true, &none);
  const opt_matrix rows_in = unfold(a, w, f, false, &none);
  const opt_svd of_out = opt_svd_of(a, &rows_out);
  const opt_svd of_in = opt_svd_of(a, &rows_in);
  f->rank_out = choose_rank(&of_out, o, f->n_out);
  f->rank_in = choose_rank(&of_in, o, f->n_in);
  f->in = f->rank_in < f->n_in ? leading(a, &of_in.u, f->rank_in) : none;
  f->out = f->rank_out < f->n_out ? leading(a, &of_out.u, f->rank_out) : none;
  for (int round = 0; round < TUCKER_ROUNDS && f->in.columns && f->out.columns; round++) {
    f->out = best_basis(a, w, f, true, &f->in, f->rank_out);
    f->in = best_basis(a, w, f, false, &f->out, f->rank_in);
  }
  find_core(a, w, f);
}

/* ---- layers --------------------------------------------------------------- */
static opt_weights *new_weights(opt_net *net, const opt_layer *like, size_t n_out, size_t taps_h,
                                size_t taps_w, size_t n_in) {
  opt_weights *w = WEFT_NEW(net->arena, opt_weights, 1);
  const bool is_dense = like->kind == OPT_DENSE;
  *w = (opt_weights){.rank = is_dense ? 2 : 4, .n_elems = n_out * taps_h * taps_w * n_in,
                     .n_out = n_out, .bits = like->weights->bits,
                     .per_tensor = like->weights->per_tensor, .frozen = like->weights->frozen,
                     .exclude = like->weights->exclude};
  w->shape[0] = (int32_t)n_out;
  w->shape[1] = (int32_t)(is_dense ? n_in : taps_h);
  w->shape[2] = is_dense ? 0 : (int32_t)taps_w;
  w->shape[3] = is_dense ? 0 : (int32_t)n_in;
  w->w = WEFT_NEW(net->arena, float, w->n_elems);
  w->bias = WEFT_NEW(net->arena, float, n_out);
  return w;
}

/* Makes room before a layer for n more, and n values for them. */
static void make_room(opt_net *net, int layer, int n) {
  opt_layer *layers = WEFT_NEW(net->arena, opt_layer, net->n_layers + n);
  opt_value *values = WEFT_NEW(net->arena, opt_value, net->n_values + n);
  memcpy(layers, net->layers, (size_t)layer * sizeof *layers);
  memcpy(layers + layer + n, net->layers + layer, (size_t)(net->n_layers - layer) * sizeof *layers);
  memcpy(values, net->values, (size_t)net->n_values * sizeof *values);
  net->layers = layers;
  net->values = values;
  net->n_layers += n;
}

/* A layer 1x1 without bias and activation from value `in` to a new value. */
static opt_layer *add_part(opt_net *net, int at, const opt_layer *whole, const char *suffix,
                           int in, opt_weights *w) {
  opt_layer *l = &net->layers[at];
  *l = *whole;
  l->name = weft_arena_printf(net->arena, "%s/%s", whole->name, suffix);
  l->inputs = WEFT_NEW(net->arena, int, 1);
  l->inputs[0] = in;
  l->output = net->n_values++;
  l->act = WEFT_ACT_NONE;
  l->weights = w;
  opt_value *v = &net->values[l->output];
  *v = (opt_value){.name = l->name, .rank = w->rank, .shape = {1, 1, 1, 1}};
  v->shape[w->rank - 1] = (int32_t)w->n_out;
  return l;
}

static void make_pointwise(opt_layer *l) {
  l->stride_h = l->stride_w = l->dilation_h = l->dilation_w = 1;
  l->filter_h = l->filter_w = 1;
  l->padding = WEFT_PAD_VALID;
}

static void fill_in(opt_weights *w, const opt_matrix *in) {
  for (size_t k = 0; k < in->columns; k++)
    for (size_t i = 0; i < in->rows; i++)
      w->w[k * in->rows + i] = (float)*opt_at(in, i, k);
}

static void fill_out(opt_weights *w, const opt_matrix *out) {
  for (size_t r = 0; r < out->rows; r++)
    for (size_t k = 0; k < out->columns; k++)
      w->w[r * out->columns + k] = (float)*opt_at(out, r, k);
}

static uint64_t pixels(const opt_net *net, const opt_layer *l, int value) {
  const opt_value *v = &net->values[value];
  return l->kind == OPT_DENSE ? 1 : v->n_elems / (size_t)v->shape[3];
}

/* MACs of the factors; the first 1x1 of Tucker runs on the input's pixels. */
static uint64_t macs_of(const opt_net *net, const opt_layer *l, const factors *f) {
  const uint64_t out = pixels(net, l, l->output);
  if (!f->core)
    return out * f->rank_in * (f->n_in + f->n_out);
  return (f->in.columns ? pixels(net, l, l->inputs[0]) * f->n_in * f->rank_in : 0) +
         out * f->rank_in * f->taps * f->rank_out + (f->out.columns ? out * f->rank_out * f->n_out : 0);
}

static void replace_matrix(opt_net *net, int layer, const factors *f) {
  make_room(net, layer, 1);
  opt_layer *last = &net->layers[layer + 1];
  opt_weights *a = new_weights(net, last, f->rank_in, 1, 1, f->n_in);
  opt_weights *b = new_weights(net, last, f->n_out, 1, 1, f->rank_in);
  fill_in(a, &f->in);
  fill_out(b, &f->out);
  b->bias = last->weights->bias;
  const opt_layer *first = add_part(net, layer, last, "svd", last->inputs[0], a);
  last->inputs = WEFT_NEW(net->arena, int, 1);
  last->inputs[0] = first->output;
  last->weights = b;
  if (last->kind == OPT_CONV)
    make_pointwise(last);        /* the stride is the first one's */
}

static void replace_tucker(opt_net *net, int layer, const factors *f) {
  const bool has_in = f->in.columns > 0;
  const bool has_out = f->out.columns > 0;
  make_room(net, layer, (has_in ? 1 : 0) + (has_out ? 1 : 0));
  int at = layer;
  opt_layer *last = &net->layers[layer + (has_in ? 1 : 0) + (has_out ? 1 : 0)];
  int in = last->inputs[0];
  float *bias = last->weights->bias;
  opt_weights *core = new_weights(net, last, f->rank_out, (size_t)last->weights->shape[1],
                                  (size_t)last->weights->shape[2], f->rank_in);
  for (size_t i = 0; i < core->n_elems; i++)
    core->w[i] = (float)f->core[i];
  if (has_in) {
    opt_weights *w = new_weights(net, last, f->rank_in, 1, 1, f->n_in);
    fill_in(w, &f->in);
    opt_layer *first = add_part(net, at++, last, "tucker_in", in, w);
    make_pointwise(first);
    in = first->output;
  }
  opt_weights *out = NULL;
  if (has_out) {
    out = new_weights(net, last, f->n_out, 1, 1, f->rank_out);
    fill_out(out, &f->out);
    in = add_part(net, at++, last, "tucker_core", in, core)->output;
    make_pointwise(last);
  }
  last->inputs = WEFT_NEW(net->arena, int, 1);
  last->inputs[0] = in;
  last->weights = has_out ? out : core;
  last->weights->bias = bias;
}

static weft_status check(weft_diag *d, const opt_net *net, int layer, const opt_decompose *o) {
  const opt_weights *w = net->layers[layer].weights;
  const char *found = NULL;
  if (w && w->q)
    found = "integer weights";
  else if (w && (w->keep.zeros || w->keep.n_clusters))
    found = "pruned or clustered weights, which factors would lose";
  if (found)
    return weft_fail(d, WEFT_E_CONFIG, opt_layer_place(d, net, layer), found,
                     "decomposition before pruning, clustering and quantization", NULL);
  return o->rank > 0 ? opt_range_check(d, opt_layer_place(d, net, layer), OPT_RANGE_RANK, o->rank)
                     : opt_range_check(d, opt_layer_place(d, net, layer), OPT_RANGE_ENERGY, o->energy);
}

weft_status opt_decompose_layer(weft_diag *d, opt_net *net, int layer, const opt_decompose *o,
                                bool *done) {
  const opt_layer *l = &net->layers[layer];
  const opt_weights *w = l->weights;
  *done = false;
  WEFT_TRY(check(d, net, layer, o));
  if (l->kind != OPT_CONV && l->kind != OPT_DENSE)
    return WEFT_OK;
  weft_arena *scratch = weft_arena_new();
  factors f = {.n_out = w->n_out};
  f.taps = l->kind == OPT_DENSE ? 1 : (size_t)w->shape[1] * (size_t)w->shape[2];
  f.n_in = w->n_elems / w->n_out / f.taps;
  const uint64_t before = pixels(net, l, l->output) * w->n_elems;
  const bool is_matrix = f.taps == 1;
  if (is_matrix)
    factor_matrix(scratch, w, o, &f);
  else
    factor_tucker(scratch, w, o, &f);
  weft_status s = WEFT_OK;
  if (macs_of(net, l, &f) < before) {
    if (is_matrix)
      replace_matrix(net, layer, &f);
    else
      replace_tucker(net, layer, &f);
    *done = true;
    s = opt_shapes(d, net);
  }
  weft_arena_free(&scratch);
  return s;
}
