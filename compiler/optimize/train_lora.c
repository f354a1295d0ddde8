/* SPDX-License-Identifier: Apache-2.0 */
/* Low-rank adapters in the loop: A and B learn, the weights under them and every other layer
 * stay. w->w is the merged weights at each step, and so at the end. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/train_inside.h"

static bool takes(const train_run *r, int l) {
  const opt_layer *layer = &r->net->layers[l];
  const bool fits = layer->kind == OPT_CONV || layer->kind == OPT_DENSE;
  return fits && r->plan->w_at[l] != TRAIN_NONE && (!r->o->lora_layer || r->o->lora_layer[l]);
}

/* B is 0, so that training starts from the network as it is; A uniform within one over the
 * square root of its columns. */
static void initialize(train_lora *x, size_t columns, uint64_t key) {
  const double limit = 1 / sqrt((double)columns);
  for (size_t i = 0; i < x->rank * columns; i++) {
    const double u = (double)(train_random(key, i) >> 11) * 0x1p-53;
    x->a[i] = (float)((2 * u - 1) * limit);
  }
}

static void add_matrix(train_run *r, float *p, size_t n, size_t *at) {
  *at = r->n_sum;
  r->n_sum += n;
  train_add_param(r, p, n, *at);
}

weft_status train_lora_new(train_run *r, int l) {
  const opt_train_options *o = r->o;
  opt_weights *w = r->net->layers[l].weights;
  if (!takes(r, l))
    return WEFT_OK;
  if (w->mask || w->cluster)
    return weft_fail(r->d, WEFT_E_CONFIG, opt_layer_place(r->d, r->net, l),
                     "pruned or clustered weights, which an adapter would change",
                     "adapters trained before pruning and clustering", "leave the layer out");
  const size_t columns = w->n_elems / w->n_out, rank = (size_t)o->lora_rank;
  if (rank > columns || rank > w->n_out)
    return weft_fail(r->d, WEFT_E_CONFIG, opt_layer_place(r->d, r->net, l),
                     weft_diag_text(r->d, "rank %zu of a %zu x %zu matrix", rank, w->n_out, columns),
                     "a rank of at most both sides", "a smaller rank, or leave the layer out");
  train_lora *x = r->layer[l].lora = WEFT_NEW(r->arena, train_lora, 1);
  x->rank = rank;
  x->scale = o->lora_alpha / (double)rank;
  x->base = weft_arena_copy(r->arena, w->w, w->n_elems * sizeof *w->w);
  x->a = train_floats(r->arena, rank * columns);
  x->b = train_floats(r->arena, w->n_out * rank);
  initialize(x, columns, train_random(o->seed ^ 0x6c6f7261u, (uint64_t)l));
  add_matrix(r, x->a, rank * columns, &x->a_at);
  add_matrix(r, x->b, w->n_out * rank, &x->b_at);
  return WEFT_OK;
}

void train_lora_apply(const train_layer *t) {
  const train_lora *x = t->lora;
  opt_lora_product(t->w, x->base, x->a, x->b, x->rank, x->scale, t->w->w);
}

void train_lora_gradient(const train_layer *t, const float *dw, float *sum) {
  const train_lora *x = t->lora;
  opt_lora_gradient(t->w, dw, x->a, x->b, x->rank, x->scale, sum + x->a_at, sum + x->b_at);
}

opt_adapters train_lora_result(weft_arena *arena, const train_run *r) {
  const int n = r->net->n_layers;
  opt_adapters out = {(size_t)r->o->lora_rank, WEFT_NEW(arena, float *, n), WEFT_NEW(arena, float *, n)};
  for (int l = 0; l < n; l++) {
    const train_lora *x = r->layer[l].lora;
    const opt_weights *w = r->layer[l].w;
    if (!x)
      continue;
    out.a[l] = weft_arena_copy(arena, x->a, x->rank * (w->n_elems / w->n_out) * sizeof(float));
    out.b[l] = weft_arena_copy(arena, x->b, w->n_out * x->rank * sizeof(float));
  }
  return out;
}
