/* SPDX-License-Identifier: Apache-2.0 */
#include "net_maker.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { CAP = 32 };

float nm_uniform(uint64_t seed, uint64_t i) {
  weft_rng r = {seed * 0x9e3779b97f4a7c15u + i * 0xbf58476d1ce4e5b9u};
  return (float)((double)(weft_rng_next(&r) >> 11) / (double)(1ull << 52) - 1.0);
}

opt_net *nm_new(weft_arena *arena, int h, int w, int c) {
  opt_net *net = WEFT_NEW(arena, opt_net, 1);
  *net = (opt_net){.arena = arena, .name = "made", .values = WEFT_NEW(arena, opt_value, CAP + 1),
                   .layers = WEFT_NEW(arena, opt_layer, CAP), .inputs = WEFT_NEW(arena, int, 1),
                   .outputs = WEFT_NEW(arena, int, 1), .n_values = 1, .n_inputs = 1};
  opt_value *v = &net->values[0];
  *v = (opt_value){.name = "input", .rank = h ? 4 : 2, .producer = -1};
  v->shape[0] = 1;
  v->shape[1] = h ? h : c;
  v->shape[2] = w;
  v->shape[3] = h ? c : 0;
  v->n_elems = (size_t)(h ? h * w * c : c);
  return net;
}

static opt_layer *add(opt_net *net, opt_kind kind, int in, int rank) {
  assert(net->n_layers < CAP);
  opt_layer *l = &net->layers[net->n_layers];
  *l = (opt_layer){.kind = kind, .n_inputs = 1, .inputs = WEFT_NEW(net->arena, int, 2),
                   .output = net->n_values, .stride_h = 1, .stride_w = 1, .dilation_h = 1,
                   .dilation_w = 1, .beta = 1, .padding = WEFT_PAD_VALID};
  l->name = weft_arena_printf(net->arena, "layer%d", net->n_layers);
  l->inputs[0] = in;
  net->values[net->n_values] = (opt_value){.name = l->name, .rank = rank, .n_elems = 1};
  for (int k = 0; k < rank; k++)
    net->values[net->n_values].shape[k] = 1;
  net->n_values++;
  net->n_layers++;
  return l;
}

static int done(opt_net *net, const opt_layer *l) {
  const weft_status s = opt_shapes(NULL, net);
  assert(s == WEFT_OK);
  (void)s;
  return l->output;
}

static void give_weights(opt_net *net, opt_layer *l, int rank, const int32_t *shape, int axis,
                         size_t fan_in) {
  opt_weights *w = l->weights = WEFT_NEW(net->arena, opt_weights, 1);
  *w = (opt_weights){.rank = rank, .n_elems = 1, .channel_axis = axis, .bits = 8};
  for (int k = 0; k < rank; k++) {
    w->shape[k] = shape[k];
    w->n_elems *= (size_t)shape[k];
  }
  w->n_out = (size_t)shape[axis];
  w->w = WEFT_NEW(net->arena, float, w->n_elems);
  w->bias = WEFT_NEW(net->arena, float, w->n_out);
  const uint64_t seed = 77 + (uint64_t)net->n_layers;
  for (size_t i = 0; i < w->n_elems; i++)
    w->w[i] = nm_uniform(seed, i) / sqrtf((float)fan_in);
  for (size_t i = 0; i < w->n_out; i++)
    w->bias[i] = 0.2f * nm_uniform(seed + 1000, i);
}

int nm_conv(opt_net *net, int in, int out_c, int k_h, int k_w, int stride, int dilation,
            weft_pad pad, weft_act act) {
  const int c = net->values[in].shape[3];
  opt_layer *l = add(net, OPT_CONV, in, 4);
  l->stride_h = l->stride_w = stride;
  l->dilation_h = l->dilation_w = dilation;
  l->padding = pad;
  l->act = act;
  give_weights(net, l, 4, (int32_t[]){out_c, k_h, k_w, c}, 0, (size_t)(k_h * k_w * c));
  return done(net, l);
}

int nm_depthwise(opt_net *net, int in, int multiplier, int k, int stride, int dilation,
                 weft_pad pad, weft_act act) {
  const int c = net->values[in].shape[3] * multiplier;
  opt_layer *l = add(net, OPT_DEPTHWISE, in, 4);
  l->stride_h = l->stride_w = stride;
  l->dilation_h = l->dilation_w = dilation;
  l->padding = pad;
  l->act = act;
  l->depth_multiplier = multiplier;
  give_weights(net, l, 4, (int32_t[]){1, k, k, c}, 3, (size_t)(k * k));
  return done(net, l);
}

int nm_dense(opt_net *net, int in, int out, weft_act act) {
  const int n = (int)net->values[in].n_elems;
  opt_layer *l = add(net, OPT_DENSE, in, 2);
  l->act = act;
  give_weights(net, l, 2, (int32_t[]){out, n}, 0, (size_t)n);
  return done(net, l);
}

int nm_pool(opt_net *net, opt_kind kind, int in, int k, int stride, weft_pad pad) {
  opt_layer *l = add(net, kind, in, 4);
  l->filter_h = l->filter_w = k;
  l->stride_h = l->stride_w = stride;
  l->padding = pad;
  return done(net, l);
}

int nm_join(opt_net *net, opt_kind kind, int a, int b, weft_act act) {
  opt_layer *l = add(net, kind, a, net->values[a].rank);
  l->n_inputs = 2;
  l->inputs[1] = b;
  l->act = act;
  return done(net, l);
}

int nm_pad(opt_net *net, int in, int top, int bottom, int left, int right) {
  opt_layer *l = add(net, OPT_PAD, in, 4);
  l->pad[2] = top;
  l->pad[3] = bottom;
  l->pad[4] = left;
  l->pad[5] = right;
  return done(net, l);
}

int nm_flatten(opt_net *net, int in) { return done(net, add(net, OPT_RESHAPE, in, 2)); }

int nm_unary(opt_net *net, opt_kind kind, int in) {
  return done(net, add(net, kind, in, kind == OPT_MEAN ? 2 : net->values[in].rank));
}

void nm_end(opt_net *net, int out) {
  net->outputs[0] = out;
  net->n_outputs = 1;
}

static void samples(const opt_data *d, opt_samples *s, size_t n, uint64_t seed) {
  const size_t n_in = d->n_elems, classes = (size_t)d->n_classes;
  float *x = WEFT_NEW(d->arena, float, n * n_in);
  int32_t *label = WEFT_NEW(d->arena, int32_t, n);
  for (size_t i = 0; i < n; i++) {
    label[i] = (int32_t)((i * 7 + seed) % classes);
    for (size_t k = 0; k < n_in; k++) {
      const bool bright = k * classes / n_in == (size_t)label[i];
      x[i * n_in + k] = 0.7f * nm_uniform(seed, i * n_in + k) + (bright ? 0.5f : 0);
    }
  }
  *s = (opt_samples){n, x, label};
}

opt_data *nm_data(weft_arena *arena, const int32_t shape[3], int n_classes, size_t n_train,
                  size_t n_validation) {
  opt_data *d = WEFT_NEW(arena, opt_data, 1);
  *d = (opt_data){.arena = arena, .path = "made.yaml", .rank = 3,
                  .shape = {shape[0], shape[1], shape[2]},
                  .n_elems = (size_t)(shape[0] * shape[1] * shape[2]), .type = WEFT_FLOAT32,
                  .scale = {1}, .n_scales = 1, .metric = OPT_TOP1, .n_classes = n_classes};
  samples(d, &d->splits[OPT_TRAIN], n_train, 11);
  samples(d, &d->splits[OPT_VALIDATION], n_validation, 12);
  return d;
}
