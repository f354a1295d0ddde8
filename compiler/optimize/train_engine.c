/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/train_engine.h"

#include <string.h>

typedef struct kernels {
  void (*forward)(const train_op *o);
  void (*backward)(const train_op *o);
} kernels;

static const kernels table[OPT_N_KINDS] = {
    [OPT_CONV] = {train_conv_forward, train_conv_backward},
    [OPT_DEPTHWISE] = {train_depthwise_forward, train_depthwise_backward},
    [OPT_DENSE] = {train_dense_forward, train_dense_backward},
    [OPT_ADD] = {train_add_forward, train_add_backward},
    [OPT_MAX_POOL] = {train_max_pool_forward, train_max_pool_backward},
    [OPT_AVERAGE_POOL] = {train_average_pool_forward, train_average_pool_backward},
    [OPT_MEAN] = {train_mean_forward, train_mean_backward},
    [OPT_PAD] = {train_pad_forward, train_pad_backward},
    [OPT_RESHAPE] = {NULL, NULL},       /* the same memory                   */
    [OPT_RELU] = {train_copy_forward, train_copy_backward},
    [OPT_RELU6] = {train_copy_forward, train_copy_backward},
    [OPT_SOFTMAX] = {train_softmax_forward, train_softmax_backward},
    [OPT_LOGISTIC] = {train_logistic_forward, train_logistic_backward},
    [OPT_CONCAT] = {train_concat_forward, train_concat_backward},
};

opt_loss train_loss_of(const opt_net *net, bool has_labels) {
  if (!has_labels)
    return OPT_SQUARED;
  return net->values[net->outputs[0]].n_elems == 1 ? OPT_BINARY_CROSS_ENTROPY
                                                   : OPT_CROSS_ENTROPY;
}

static int logits_of(const opt_net *net, opt_loss loss) {
  const int out = net->outputs[0], layer = net->values[out].producer;
  if (layer < 0)
    return out;
  const opt_kind kind = net->layers[layer].kind;
  const bool last = (kind == OPT_SOFTMAX && loss == OPT_CROSS_ENTROPY) ||
                    (kind == OPT_LOGISTIC && loss == OPT_BINARY_CROSS_ENTROPY);
  return last ? net->layers[layer].inputs[0] : out;
}

/* Which layers the logits depend on, roots, and who reads a value last. */
static void find_order(train_plan *p) {
  const opt_net *net = p->net;
  bool *live = WEFT_NEW(p->arena, bool, net->n_values);
  live[p->logits] = true;
  for (int l = net->n_layers - 1; l >= 0; l--) {
    const opt_layer *layer = &net->layers[l];
    p->run[l] = live[layer->output];
    for (int i = 0; i < layer->n_inputs && p->run[l]; i++)
      live[layer->inputs[i]] = true;
  }
  for (int v = 0; v < net->n_values; v++) {
    p->root[v] = v;
    p->last_use[v] = -1;
  }
  for (int l = 0; l < net->n_layers; l++) {
    const opt_layer *layer = &net->layers[l];
    p->max_inputs = layer->n_inputs > p->max_inputs ? layer->n_inputs : p->max_inputs;
    if (layer->kind == OPT_RESHAPE)
      p->root[layer->output] = p->root[layer->inputs[0]];
    else
      for (int i = 0; i < layer->n_inputs && p->run[l]; i++)
        p->last_use[p->root[layer->inputs[i]]] = l;
  }
  p->last_use[p->root[p->logits]] = net->n_layers;
}

static void find_gradients(train_plan *p, bool backward) {
  const opt_net *net = p->net;
  for (int l = 0; l < net->n_layers; l++) {
    const opt_layer *layer = &net->layers[l];
    bool wanted = false;
    p->w_at[l] = p->b_at[l] = TRAIN_NONE;
    if (layer->weights && !layer->weights->frozen && p->run[l] && backward) {
      p->w_at[l] = p->n_params;
      p->b_at[l] = p->n_params + layer->weights->n_elems;
      p->n_params = p->b_at[l] + layer->weights->n_out;
      wanted = true;
    }
    for (int i = 0; i < layer->n_inputs; i++)
      wanted = wanted || p->wanted[p->root[layer->inputs[i]]];
    if (wanted)
      p->wanted[p->root[layer->output]] = true;
  }
}

static void find_scratch(train_plan *p) {
  for (int l = 0; l < p->net->n_layers; l++) {
    const opt_layer *layer = &p->net->layers[l];
    const opt_value *in = &p->net->values[layer->inputs[0]];
    size_t n = (size_t)in->shape[in->rank - 1];
    if (layer->kind == OPT_CONV)
      n = train_conv_scratch(p->net, layer);
    p->scratch_elems = n > p->scratch_elems ? n : p->scratch_elems;
  }
}

weft_status train_plan_new(weft_arena *arena, weft_diag *d, const opt_net *net, bool backward,
                           opt_loss loss, train_plan **out) {
  if (net->n_inputs != 1 || net->n_outputs != 1)
    return weft_fail(d, WEFT_E_UNSUPPORTED, net->name,
                     weft_diag_text(d, "%d inputs, %d outputs", net->n_inputs, net->n_outputs),
                     "one input and one output", "cut the network into parts");
  train_plan *p = WEFT_NEW(arena, train_plan, 1);
  const int n = net->n_layers;
  *p = (train_plan){.arena = arena, .net = net, .loss = loss, .logits = logits_of(net, loss),
                    .run = WEFT_NEW(arena, bool, n), .w = WEFT_NEW(arena, const float *, n),
                    .b = WEFT_NEW(arena, const float *, n), .w_at = WEFT_NEW(arena, size_t, n),
                    .b_at = WEFT_NEW(arena, size_t, n),
                    .root = WEFT_NEW(arena, int, net->n_values),
                    .wanted = WEFT_NEW(arena, bool, net->n_values),
                    .last_use = WEFT_NEW(arena, int, net->n_values),
                    .drops = WEFT_NEW(arena, bool, n), .max_inputs = 1};
  for (int l = 0; l < n; l++)
    if (net->layers[l].weights) {
      p->drops[l] = net->layers[l].kind == OPT_DENSE && net->layers[l].output != p->logits;
      p->w[l] = net->layers[l].weights->w;
      p->b[l] = net->layers[l].weights->bias;
    }
  find_order(p);
  find_gradients(p, backward);
  find_scratch(p);
  *out = p;
  return WEFT_OK;
}

uint64_t train_random(uint64_t key, uint64_t i) {
  weft_rng r = {key + i * 0x9e3779b97f4a7c15u};
  r.state = weft_rng_next(&r);
  return weft_rng_next(&r);
}

float *train_floats(weft_arena *arena, size_t n) {
  float *f = WEFT_NEW(arena, float, n + 16);
  return f + (64 - (uintptr_t)f % 64) % 64 / sizeof *f;
}

train_space *train_space_new(const train_plan *p, bool backward) {
  const opt_net *net = p->net;
  train_space *s = WEFT_NEW(p->arena, train_space, 1);
  s->act = WEFT_NEW(p->arena, float *, net->n_values);
  s->grad = WEFT_NEW(p->arena, float *, net->n_values);
  s->pass = WEFT_NEW(p->arena, uint8_t *, net->n_values);
  s->x = WEFT_NEW(p->arena, const float *, p->max_inputs);
  s->dx = WEFT_NEW(p->arena, float *, p->max_inputs);
  s->scratch = train_floats(p->arena, p->scratch_elems);
  for (int v = 0; v < net->n_values; v++) {
    const int r = p->root[v], by = net->values[v].producer;
    const size_t n = TRAIN_CHUNK * net->values[v].n_elems;
    if (by >= 0 && !p->run[by])
      continue;
    s->act[v] = r == v ? train_floats(p->arena, n) : s->act[r];
    if (backward && p->wanted[r])
      s->grad[v] = r == v ? train_floats(p->arena, n) : s->grad[r];
  }
  return s;
}

static train_op op_of(const train_plan *p, train_space *s, int l) {
  const opt_net *net = p->net;
  const opt_layer *layer = &net->layers[l];
  for (int i = 0; i < layer->n_inputs; i++) {
    s->x[i] = s->act[layer->inputs[i]];
    s->dx[i] = s->grad[layer->inputs[i]];
  }
  return (train_op){.net = net, .l = layer, .in = &net->values[layer->inputs[0]],
                    .out = &net->values[layer->output], .n = s->n, .x = s->x,
                    .y = s->act[layer->output], .dy = s->grad[layer->output], .dx = s->dx,
                    .w = p->w[l], .b = p->b[l], .scratch = s->scratch};
}

static size_t columns(const train_op *o) {
  return o->b ? o->l->weights->n_out : o->out->n_elems;
}

void train_forward_layer(const train_plan *p, train_space *s, int l) {
  const train_op o = op_of(p, s, l);
  if (!table[o.l->kind].forward)
    return;
  table[o.l->kind].forward(&o);
  train_bias_act(o.y, o.b, o.n * o.out->n_elems / columns(&o), columns(&o),
                 train_act_of(o.l));
}

/* Of a kept unit 1 / (1 - rate), of a dropped one 0. */
static float kept(const train_space *s, int layer, size_t unit) {
  const uint64_t r = train_random(s->dropout_key + ((uint64_t)layer << 40), unit);
  return (double)(r >> 11) * 0x1p-53 < s->dropout ? 0.0f : (float)(1 / (1 - s->dropout));
}

void train_dropout(const train_plan *p, train_space *s, int l) {
  if (!p->drops[l] || s->dropout <= 0)
    return;
  const opt_value *v = &p->net->values[p->net->layers[l].output];
  float *y = s->act[p->net->layers[l].output];
  for (size_t i = 0; i < s->n * v->n_elems; i++)
    y[i] *= kept(s, l, s->first * v->n_elems + i);
}

/* The gradient before the dropout, and the output as it was. */
static void undo_dropout(const train_plan *p, const train_space *s, int l, const train_op *o) {
  if (!p->drops[l] || s->dropout <= 0)
    return;
  for (size_t i = 0; i < s->n * o->out->n_elems; i++) {
    const float k = kept(s, l, s->first * o->out->n_elems + i);
    o->dy[i] *= k;
    o->y[i] *= (float)(1 - s->dropout);
  }
}

void train_forward(const train_plan *p, train_space *s) {
  for (int l = 0; l < p->net->n_layers; l++)
    if (p->run[l]) {
      train_forward_layer(p, s, l);
      train_dropout(p, s, l);
    }
}

static void pass_gradient(float *restrict dy, const uint8_t *restrict pass, size_t n) {
  for (size_t i = 0; i < n; i++)
    dy[i] = pass[i] ? dy[i] : 0;
}

/* The last reader of a value is the first to add to its gradient. */
static void clear_gradients(const train_plan *p, const train_space *s, const train_op *o, int l) {
  for (int i = 0; i < o->l->n_inputs; i++) {
    const int r = p->root[o->l->inputs[i]];
    if (o->dx[i] && p->last_use[r] == l)
      memset(o->dx[i], 0, s->n * p->net->values[r].n_elems * sizeof *o->dx[i]);
  }
}

static void backward_layer(const train_plan *p, train_space *s, int l, float *gradient) {
  train_op o = op_of(p, s, l);
  if (!table[o.l->kind].backward || !o.dy)
    return;
  const bool trained = p->w_at[l] != TRAIN_NONE;
  const uint8_t *pass = s->pass[o.l->output];
  const size_t n = o.n * o.out->n_elems;
  o.dw = trained ? gradient + p->w_at[l] : NULL;
  undo_dropout(p, s, l, &o);
  if (pass)
    pass_gradient(o.dy, pass, n);
  train_act_gradient(o.dy, o.y, trained ? gradient + p->b_at[l] : NULL, n / columns(&o),
                     columns(&o), pass ? WEFT_ACT_NONE : train_act_of(o.l));
  o.sets = train_is_apart(o.l) && p->last_use[p->root[o.l->inputs[0]]] == l;
  if (!o.sets)
    clear_gradients(p, s, &o, l);
  table[o.l->kind].backward(&o);
}

void train_backward(const train_plan *p, train_space *s, float *gradient) {
  for (int l = p->net->n_layers - 1; l >= 0; l--)
    if (p->run[l])
      backward_layer(p, s, l, gradient);
}
