/* SPDX-License-Identifier: Apache-2.0 */
/* The mean of what rounding takes from the weights, W - s*q, times the mean input
 * is a shift of each channel that the bias can take back. */
#include <string.h>

#include "compiler/optimize/quantize_inside.h"

/* W - s*q. */
static float *rounded_off(weft_arena *arena, const opt_weights *w) {
  float *scale = WEFT_NEW(arena, float, w->n_out), *rest = WEFT_NEW(arena, float, w->n_elems);
  bool one = opt_one_scale(w);
  opt_weight_scales(w, scale);
  for (size_t i = 0; i < w->n_elems; i++) {
    float s = scale[one ? 0 : opt_channel(w, i)];
    rest[i] = w->w[i] - s * (float)opt_weight_q(w->w[i], s, w->bits);
  }
  return rest;
}

/* The layer alone, with other weights, no bias and no activation. */
static opt_net alone(weft_arena *arena, const opt_net *net, int layer, float *weights) {
  const opt_layer *from = &net->layers[layer];
  opt_net one = *net;
  opt_layer *l = weft_arena_copy(arena, from, sizeof *from);
  l->weights = weft_arena_copy(arena, from->weights, sizeof *from->weights);
  l->weights->w = weights;
  l->weights->bias = WEFT_NEW(arena, float, from->weights->n_out);
  l->act = WEFT_ACT_NONE;
  one.n_layers = 1;
  one.layers = l;
  one.inputs = &l->inputs[0];
  one.outputs = &l->output;
  return one;
}

static weft_status correct_layer(weft_arena *arena, weft_diag *d, opt_net *net, int i,
                                 const float *mean) {
  opt_weights *w = net->layers[i].weights;
  size_t n = net->values[net->layers[i].output].n_elems, rows = n / w->n_out;
  float *shift = WEFT_NEW(arena, float, n);
  opt_net one = alone(arena, net, i, rounded_off(arena, w));
  WEFT_TRY(opt_forward(d, &one, mean, 1, shift, NULL, NULL));
  for (size_t c = 0; c < w->n_out; c++) {
    double sum = 0;
    for (size_t r = 0; r < rows; r++)
      sum += (double)shift[r * w->n_out + c];
    w->bias[c] += (float)(sum / (double)rows);
  }
  return WEFT_OK;
}

weft_status opt_correct_biases(weft_diag *d, opt_net *net, float *const *mean) {
  weft_status s = WEFT_OK;
  for (int i = 0; i < net->n_layers && s == WEFT_OK; i++) {
    const opt_layer *l = &net->layers[i];
    if (!l->weights || l->weights->exclude)
      continue;
    weft_arena *arena = weft_arena_new();
    s = correct_layer(arena, d, net, i, mean[l->inputs[0]]);
    weft_arena_free(&arena);
  }
  return s;
}
