/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compiler/optimize/net_inside.h"

static const char *const kind_names[] = {
#define OPT(name, tflite, has_weights, text) #name,
#include "net_ops.def"
#undef OPT
};

const char *opt_kind_name(opt_kind k) {
  return (unsigned)k < OPT_N_KINDS ? kind_names[k] : "?";
}

const char *opt_layer_place(weft_diag *d, const opt_net *net, int layer) {
  const opt_layer *l = &net->layers[layer];
  return weft_diag_text(d, "%s: layer %d %s '%s'", net->name, layer,
                        opt_kind_name(l->kind), l->name);
}

const char *opt_shape_text(weft_diag *d, const int32_t *shape, int rank) {
  const char *text = rank > 0 ? weft_diag_text(d, "%d", (int)shape[0]) : "scalar";
  for (int k = 1; k < rank; k++)
    text = weft_diag_text(d, "%sx%d", text, (int)shape[k]);
  return text;
}

static bool is_one_of(const int *values, int n, int value) {
  for (int k = 0; k < n; k++)
    if (values[k] == value)
      return true;
  return false;
}

bool opt_is_input(const opt_net *net, int value) {
  return is_one_of(net->inputs, net->n_inputs, value);
}

bool opt_is_output(const opt_net *net, int value) {
  return is_one_of(net->outputs, net->n_outputs, value);
}

/* ---- copies ---------------------------------------------------------------- */
static void *copy(weft_arena *arena, const void *from, size_t n, size_t size) {
  return from ? weft_arena_copy(arena, from, n * size) : NULL;
}

static size_t n_scales(const opt_weights *w) { return w->per_tensor ? 1 : w->n_out; }

static size_t n_centroids(const opt_weights *w) {
  size_t n = (size_t)w->keep.n_clusters;
  return w->keep.per_channel ? n * w->n_out : n;
}

static opt_weights *clone_weights(weft_arena *arena, const opt_weights *from) {
  opt_weights *w = weft_arena_copy(arena, from, sizeof *from);
  w->w = copy(arena, from->w, w->n_elems, sizeof *w->w);
  w->bias = copy(arena, from->bias, w->n_out, sizeof *w->bias);
  w->mask = copy(arena, from->mask, w->n_elems, sizeof *w->mask);
  w->cluster = copy(arena, from->cluster, w->n_elems, sizeof *w->cluster);
  w->centroid = copy(arena, from->centroid, n_centroids(w), sizeof *w->centroid);
  w->scale = copy(arena, from->scale, n_scales(w), sizeof *w->scale);
  w->q = copy(arena, from->q, w->n_elems, sizeof *w->q);
  w->q_bias = copy(arena, from->q_bias, w->n_out, sizeof *w->q_bias);
  return w;
}

opt_net *opt_clone(weft_arena *arena, const opt_net *from) {
  opt_net *net = weft_arena_copy(arena, from, sizeof *from);
  net->arena = arena;
  net->name = weft_arena_printf(arena, "%s", from->name);
  net->values = copy(arena, from->values, (size_t)net->n_values, sizeof *net->values);
  net->layers = copy(arena, from->layers, (size_t)net->n_layers, sizeof *net->layers);
  net->inputs = copy(arena, from->inputs, (size_t)net->n_inputs, sizeof *net->inputs);
  net->outputs = copy(arena, from->outputs, (size_t)net->n_outputs, sizeof *net->outputs);
  for (int v = 0; v < net->n_values; v++)
    net->values[v].name = weft_arena_printf(arena, "%s", from->values[v].name);
  for (int i = 0; i < net->n_layers; i++) {
    opt_layer *l = &net->layers[i];
    l->name = weft_arena_printf(arena, "%s", l->name);
    l->inputs = copy(arena, l->inputs, (size_t)l->n_inputs, sizeof *l->inputs);
    if (l->weights)
      l->weights = clone_weights(arena, l->weights);
  }
  return net;
}

/* ---- shapes ---------------------------------------------------------------- */
static const char *window(const opt_layer *l, const opt_value *in, int32_t channels,
                          int32_t *shape, int *rank) {
  if (in->rank != 4)
    return "an input that is not of rank 4";
  shape[0] = in->shape[0];
  shape[1] = weft_out_size(l->padding, in->shape[1], l->filter_h, l->stride_h, l->dilation_h);
  shape[2] = weft_out_size(l->padding, in->shape[2], l->filter_w, l->stride_w, l->dilation_w);
  shape[3] = channels;
  *rank = 4;
  return shape[1] < 1 || shape[2] < 1 ? "a window that does not fit the input" : NULL;
}

static const char *same(const opt_value *in, int32_t *shape, int *rank) {
  memcpy(shape, in->shape, sizeof in->shape);
  *rank = in->rank;
  return NULL;
}

static const char *infer_dense(const opt_layer *l, const opt_value *in, const opt_value *out,
                               int32_t *shape, int *rank) {
  if ((size_t)l->weights->shape[1] != in->n_elems)
    return "as many inputs as the weights have columns";
  *rank = out->rank;
  for (int k = 0; k < *rank; k++)
    shape[k] = 1;
  shape[*rank - 1] = l->weights->shape[0];
  return NULL;
}

/* A flattening, or a shape around channels that stay last. */
static const char *infer_reshape(const opt_value *in, const opt_value *out, int32_t *shape,
                                 int *rank) {
  size_t n = 1;
  same(out, shape, rank);
  for (int k = 0; k < out->rank - 1; k++)
    n *= (size_t)out->shape[k];
  if (in->n_elems % n != 0)
    return "as many elements as before";
  shape[*rank - 1] = (int32_t)(in->n_elems / n);
  return NULL;
}

static const char *infer_mean(const opt_value *in, const opt_value *out, int32_t *shape,
                              int *rank) {
  if (in->rank != 4)
    return "an input that is not of rank 4";
  *rank = out->rank;
  for (int k = 0; k < *rank; k++)
    shape[k] = 1;
  shape[*rank - 1] = in->shape[3];
  return NULL;
}

static const char *infer_joined(const opt_net *net, const opt_layer *l, int32_t *shape,
                                int *rank) {
  const opt_value *first = &net->values[l->inputs[0]];
  same(first, shape, rank);
  for (int j = 1; j < l->n_inputs; j++) {
    const opt_value *in = &net->values[l->inputs[j]];
    int n = l->kind == OPT_CONCAT ? first->rank - 1 : first->rank;
    if (in->rank != first->rank ||
        memcmp(in->shape, first->shape, (size_t)n * sizeof *shape) != 0)
      return l->kind == OPT_CONCAT ? "inputs equal in all axes but the last"
                                   : "inputs of equal shapes";
    if (l->kind == OPT_CONCAT)
      shape[*rank - 1] += in->shape[*rank - 1];
  }
  return NULL;
}

static const char *infer_pad(const opt_layer *l, const opt_value *in, int32_t *shape, int *rank) {
  if (in->rank != 4)
    return "an input that is not of rank 4";
  same(in, shape, rank);
  for (int k = 0; k < 4; k++)
    shape[k] += l->pad[2 * k] + l->pad[2 * k + 1];
  return NULL;
}

const char *opt_infer(const opt_net *net, const opt_layer *l, int32_t *shape, int *rank) {
  const opt_value *in = &net->values[l->inputs[0]], *out = &net->values[l->output];
  switch (l->kind) {
  case OPT_CONV:
    if (in->rank == 4 && l->weights->shape[3] != in->shape[3])
      return "as many input channels as the weights have";
    return window(l, in, l->weights->shape[0], shape, rank);
  case OPT_DEPTHWISE:
    if (in->rank == 4 && l->weights->shape[3] != in->shape[3] * l->depth_multiplier)
      return "input channels * depth multiplier channels in the weights";
    return window(l, in, l->weights->shape[3], shape, rank);
  case OPT_MAX_POOL:
  case OPT_AVERAGE_POOL:
    return window(l, in, in->rank == 4 ? in->shape[3] : 0, shape, rank);
  case OPT_DENSE:
    return infer_dense(l, in, out, shape, rank);
  case OPT_ADD:
  case OPT_CONCAT:
    return infer_joined(net, l, shape, rank);
  case OPT_MEAN:
    return infer_mean(in, out, shape, rank);
  case OPT_PAD:
    return infer_pad(l, in, shape, rank);
  case OPT_RESHAPE:
    return infer_reshape(in, out, shape, rank);
  default:
    return same(in, shape, rank);
  }
}

static void set_shape(opt_value *v, const int32_t *shape, int rank) {
  v->rank = rank;
  v->n_elems = 1;
  memset(v->shape, 0, sizeof v->shape);
  for (int k = 0; k < rank; k++) {
    v->shape[k] = shape[k];
    v->n_elems *= (size_t)shape[k];
  }
}

static void follow_weights(opt_layer *l) {
  if (l->kind != OPT_CONV && l->kind != OPT_DEPTHWISE)
    return;
  l->filter_h = l->weights->shape[1];
  l->filter_w = l->weights->shape[2];
}

weft_status opt_shapes(weft_diag *d, opt_net *net) {
  for (int v = 0; v < net->n_values; v++)
    net->values[v].producer = -1;
  for (int i = 0; i < net->n_layers; i++) {
    opt_layer *l = &net->layers[i];
    int32_t shape[WEFT_MAX_RANK] = {0};
    int rank = 0;
    follow_weights(l);
    const char *why = opt_infer(net, l, shape, &rank);
    if (why)
      return weft_fail(d, WEFT_E_INTERNAL, opt_layer_place(d, net, i),
                       "shapes that contradict each other", why, "report this network");
    set_shape(&net->values[l->output], shape, rank);
    net->values[l->output].producer = i;
  }
  return WEFT_OK;
}

uint64_t opt_macs(const opt_net *net) {
  uint64_t macs = 0;
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    if (!l->weights)
      continue;
    const opt_value *out = &net->values[l->output];
    macs += l->kind == OPT_DENSE
                ? l->weights->n_elems
                : (uint64_t)(out->n_elems / (size_t)out->shape[3]) * l->weights->n_elems;
  }
  return macs;
}
