/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-layer equalization: where only one layer reads another's output, through
 * what commutes with positive factors, channel i of the first is divided and its
 * readers' weights are multiplied by the factor that makes their ranges equal
 * (Nagel et al. 2019, equation 11). */
#include <math.h>

#include "compiler/optimize/quantize_inside.h"

#define ROUNDS 20
#define DEAD 1e-3f            /* of the greatest channel: left alone          */

static bool commutes(const opt_layer *l) {
  bool kind = l->kind == OPT_MAX_POOL || l->kind == OPT_AVERAGE_POOL || l->kind == OPT_PAD ||
              l->kind == OPT_RELU || l->kind == OPT_MEAN;
  return kind && (l->act == WEFT_ACT_NONE || l->act == WEFT_ACT_RELU);
}

/* The only layer that reads a value, -1: none, several, or the network's output. */
static int only_reader(const opt_net *net, int value) {
  int reader = -1, n = 0;
  for (int k = 0; k < net->n_outputs; k++)
    n += net->outputs[k] == value;
  for (int i = 0; i < net->n_layers; i++)
    for (int j = 0; j < net->layers[i].n_inputs; j++)
      if (net->layers[i].inputs[j] == value) {
        reader = i;
        n++;
      }
  return n == 1 ? reader : -1;
}

static bool may_scale(const opt_weights *w) {
  return w && w->keep.n_clusters == 0 && !w->exclude && !w->frozen;
}

/* The layer with weights behind `first` whose input channels are its outputs. */
static int partner_of(const opt_net *net, int first) {
  const opt_layer *a = &net->layers[first];
  if (!may_scale(a->weights) || (a->act != WEFT_ACT_NONE && a->act != WEFT_ACT_RELU))
    return -1;
  int next = only_reader(net, a->output);
  while (next >= 0 && commutes(&net->layers[next]))
    next = only_reader(net, net->layers[next].output);
  if (next < 0 || !may_scale(net->layers[next].weights))
    return -1;
  const opt_layer *b = &net->layers[next];
  const opt_value *in = &net->values[b->inputs[0]];
  size_t channels = (size_t)in->shape[in->rank - 1];
  bool flat = b->kind != OPT_DENSE || in->n_elems == channels;
  return flat && channels == a->weights->n_out ? next : -1;
}

/* Input channel of weight i. */
static size_t input_channel(const opt_layer *l, size_t i) {
  const opt_weights *w = l->weights;
  if (l->kind == OPT_DEPTHWISE)
    return i % w->n_out / (size_t)l->depth_multiplier;
  return i % (size_t)w->shape[w->rank - 1];
}

/* Greatest magnitude of each channel; returns that of all. */
static float greatest(const opt_layer *l, bool by_input, float *out, size_t n) {
  const opt_weights *w = l->weights;
  for (size_t c = 0; c < n; c++)
    out[c] = 0;
  for (size_t i = 0; i < w->n_elems; i++) {
    size_t c = by_input ? input_channel(l, i) : opt_channel(w, i);
    float a = fabsf(w->w[i]);
    out[c] = a > out[c] ? a : out[c];
  }
  float most = 0;
  for (size_t c = 0; c < n; c++)
    most = out[c] > most ? out[c] : most;
  return most;
}

static void equalize_pair(weft_arena *arena, opt_layer *a, opt_layer *b) {
  size_t n = a->weights->n_out;
  float *r1 = WEFT_NEW(arena, float, n), *r2 = WEFT_NEW(arena, float, n);
  float dead1 = DEAD * greatest(a, false, r1, n), dead2 = DEAD * greatest(b, true, r2, n);
  for (size_t c = 0; c < n; c++)
    r1[c] = r1[c] > dead1 && r2[c] > dead2 ? sqrtf(r1[c] / r2[c]) : 1.0f;
  for (size_t i = 0; i < a->weights->n_elems; i++)
    a->weights->w[i] /= r1[opt_channel(a->weights, i)];
  for (size_t c = 0; c < n; c++)
    a->weights->bias[c] /= r1[c];
  for (size_t i = 0; i < b->weights->n_elems; i++)
    b->weights->w[i] *= r1[input_channel(b, i)];
}

static void forget_ranges(opt_net *net, int first, int last) {
  int v = net->layers[first].output;
  while (v != net->layers[last].inputs[0]) {
    net->values[v].has_range = false;
    v = net->layers[only_reader(net, v)].output;
  }
  net->values[v].has_range = false;
}

void opt_equalize(opt_net *net) {
  weft_arena *arena = weft_arena_new();
  for (int round = 0; round < ROUNDS; round++)
    for (int i = 0; i < net->n_layers; i++) {
      int j = partner_of(net, i);
      if (j < 0)
        continue;
      equalize_pair(arena, &net->layers[i], &net->layers[j]);
      forget_ranges(net, i, j);
    }
  weft_arena_free(&arena);
}
