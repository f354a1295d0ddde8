/* SPDX-License-Identifier: Apache-2.0 */
/* Layers to operators, in order; DEQUANTIZE and QUANTIZE where a float layer
 * stands between integer ones, QUANTIZE where a CONCAT input has another scale. */
#include "compiler/optimize/tflite_write.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "compiler/optimize/tflite_inside.h"

/* BuiltinOptions union types. */
enum { OPTIONS_CONV = 1, OPTIONS_DEPTHWISE = 2, OPTIONS_POOL = 5, OPTIONS_DENSE = 8,
       OPTIONS_SOFTMAX = 9, OPTIONS_CONCAT = 10, OPTIONS_ADD = 11, OPTIONS_RESHAPE = 17,
       OPTIONS_PAD = 22, OPTIONS_MEAN = 27, OPTIONS_DEQUANTIZE = 38, OPTIONS_QUANTIZE = 95 };

static const struct { int code, float_version, int8_version, int16_version; } kinds[] = {
  [OPT_CONV] = {WEFT_OP_CONV_2D, 1, 3, 4},
  [OPT_DEPTHWISE] = {WEFT_OP_DEPTHWISE_CONV_2D, 1, 3, 5},
  [OPT_DENSE] = {WEFT_OP_FULLY_CONNECTED, 1, 4, 7},
  [OPT_ADD] = {WEFT_OP_ADD, 1, 2, 3},
  [OPT_MAX_POOL] = {WEFT_OP_MAX_POOL_2D, 1, 2, 3},
  [OPT_AVERAGE_POOL] = {WEFT_OP_AVERAGE_POOL_2D, 1, 2, 3},
  [OPT_MEAN] = {WEFT_OP_MEAN, 1, 2, 3},
  [OPT_PAD] = {WEFT_OP_PAD, 1, 2, 3},
  [OPT_RESHAPE] = {WEFT_OP_RESHAPE, 1, 1, 1},
  [OPT_RELU] = {WEFT_OP_RELU, 1, 2, 3},
  [OPT_RELU6] = {WEFT_OP_RELU6, 1, 2, 3},
  [OPT_SOFTMAX] = {WEFT_OP_SOFTMAX, 1, 2, 3},
  [OPT_LOGISTIC] = {WEFT_OP_LOGISTIC, 1, 2, 3},
  [OPT_CONCAT] = {WEFT_OP_CONCATENATION, 1, 2, 3},
};

/* Version of an operator with int4 weights. The converter writes 7 for DEPTHWISE_CONV_2D
 * too, which LiteRT's reference resolver does not list though its kernel can. */
static int int4_version(opt_kind kind) {
  return kind == OPT_DENSE ? 10 : kind == OPT_DEPTHWISE ? 6 : 7;
}

static bool in_float(const opt_net *net, const opt_layer *l) {
  return l->weights ? l->weights->q == NULL : !net->values[l->output].has_quant;
}

/* ---- values ---------------------------------------------------------------- */
static tfw_tensor tensor_of_value(const opt_value *v) {
  return (tfw_tensor){.name = v->name, .rank = v->rank, .shape = v->shape,
                      .type = v->has_quant ? v->type : WEFT_FLOAT32,
                      .n_scales = v->has_quant, .scale = &v->scale,
                      .zero_point = v->zero_point};
}

static int value_tensor(tfw *w, int value) {
  if (w->tensor_of[value] < 0) {
    tfw_tensor t = tensor_of_value(&w->net->values[value]);
    w->tensor_of[value] = tfw_add_tensor(w, &t, NULL, 0);
  }
  return w->tensor_of[value];
}

static tfw_tensor float_form(tfw *w, const opt_value *v) {
  tfw_tensor t = tensor_of_value(v);
  t.name = weft_arena_printf(w->arena, "%s/float", v->name);
  t.type = WEFT_FLOAT32;
  t.n_scales = 0;
  return t;
}

static int quantize_version(const opt_value *v) { return v->type == WEFT_INT16 ? 3 : 2; }

static int float_input(tfw *w, int value) {
  const opt_value *v = &w->net->values[value];
  if (!v->has_quant)
    return value_tensor(w, value);
  if (w->float_of[value] < 0) {
    tfw_tensor t = float_form(w, v);
    int32_t from = value_tensor(w, value);
    w->float_of[value] = tfw_add_tensor(w, &t, NULL, 0);
    tfw_add_op(w, WEFT_OP_DEQUANTIZE, quantize_version(v), &from, 1, w->float_of[value],
               OPTIONS_DEQUANTIZE, &(fbw_table){0});
  }
  return w->float_of[value];
}

static bool same_quant(const opt_value *a, const opt_value *b) {
  return a->type == b->type && a->scale == b->scale && a->zero_point == b->zero_point;
}

/* In the quantization of the output, as CONCATENATION demands. */
static int concat_input(tfw *w, const opt_layer *l, int j) {
  const opt_value *v = &w->net->values[l->inputs[j]], *out = &w->net->values[l->output];
  int32_t from = value_tensor(w, l->inputs[j]);
  if (same_quant(v, out))
    return from;
  opt_value as = *v;
  as.name = weft_arena_printf(w->arena, "%s/input%d", l->name, j);
  as.scale = out->scale;
  as.zero_point = out->zero_point;
  tfw_tensor t = tensor_of_value(&as);
  int to = tfw_add_tensor(w, &t, NULL, 0);
  tfw_add_op(w, WEFT_OP_QUANTIZE, quantize_version(v), &from, 1, to, OPTIONS_QUANTIZE,
             &(fbw_table){0});
  return to;
}

static int layer_input(tfw *w, const opt_layer *l, int j) {
  if (in_float(w->net, l))
    return float_input(w, l->inputs[j]);
  return l->kind == OPT_CONCAT ? concat_input(w, l, j) : value_tensor(w, l->inputs[j]);
}

/* ---- constants --------------------------------------------------------------- */
static const void *float_bytes(tfw *w, const float *values, size_t n) {
  uint8_t *bytes = weft_arena_alloc(w->arena, n, 4);
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    weft_put_le32(bytes + 4 * i, bits);
  }
  return bytes;
}

static const void *nibbles(tfw *w, const int8_t *q, size_t n) {
  uint8_t *bytes = weft_arena_alloc(w->arena, n / 2 + 1, 1);
  for (size_t i = 0; i < n; i++)
    bytes[i / 2] = (uint8_t)(bytes[i / 2] | (q[i] & 15) << (i % 2 * 4));
  return bytes;
}

static int add_kernel(tfw *w, const opt_layer *l) {
  const opt_weights *k = l->weights;
  tfw_tensor t = {.name = weft_arena_printf(w->arena, "%s/weights", l->name), .rank = k->rank,
                  .shape = k->shape, .type = WEFT_FLOAT32};
  if (!k->q)
    return tfw_add_tensor(w, &t, float_bytes(w, k->w, k->n_elems), 4 * k->n_elems);
  t.type = k->bits == 4 ? WEFT_INT4 : WEFT_INT8;
  t.n_scales = k->per_tensor ? 1 : k->n_out;
  t.scale = k->scale;
  t.axis = k->per_tensor ? 0 : k->channel_axis;
  if (k->bits == 4)
    return tfw_add_tensor(w, &t, nibbles(w, k->q, k->n_elems), (k->n_elems + 1) / 2);
  return tfw_add_tensor(w, &t, k->q, k->n_elems);
}

static int add_bias(tfw *w, const opt_layer *l) {
  const opt_weights *k = l->weights;
  const opt_value *in = &w->net->values[l->inputs[0]];
  const int32_t n_out = (int32_t)k->n_out;
  tfw_tensor t = {.name = weft_arena_printf(w->arena, "%s/bias", l->name), .rank = 1,
                  .shape = &n_out, .type = WEFT_FLOAT32};
  if (!k->q)
    return tfw_add_tensor(w, &t, float_bytes(w, k->bias, k->n_out), 4 * k->n_out);
  bool wide = in->type == WEFT_INT16;
  size_t size = wide ? 8 : 4;
  uint8_t *bytes = weft_arena_alloc(w->arena, k->n_out, size);
  for (size_t c = 0; c < k->n_out; c++) {
    if (wide)
      weft_put_le64(bytes + 8 * c, (uint64_t)k->q_bias[c]);
    else
      weft_put_le32(bytes + 4 * c, (uint32_t)k->q_bias[c]);
  }
  t.type = wide ? WEFT_INT64 : WEFT_INT32;
  t.n_scales = k->per_tensor ? 1 : k->n_out;
  float *scale = WEFT_NEW(w->arena, float, t.n_scales);
  for (size_t c = 0; c < t.n_scales; c++)
    scale[c] = fminf(fmaxf(in->scale * k->scale[c], FLT_MIN), FLT_MAX);
  t.scale = scale;
  return tfw_add_tensor(w, &t, bytes, k->n_out * size);
}

/* Operands behind the first: weights and bias, shapes, axes, paddings, others. */
static size_t operands(tfw *w, const opt_layer *l, int32_t *inputs) {
  const opt_value *out = &w->net->values[l->output];
  size_t n = 0;
  for (int j = 0; j < l->n_inputs; j++)
    inputs[n++] = layer_input(w, l, j);
  if (l->weights) {
    inputs[n++] = add_kernel(w, l);
    inputs[n++] = add_bias(w, l);
  } else if (l->kind == OPT_RESHAPE) {
    inputs[n++] = tfw_add_ints(w, weft_arena_printf(w->arena, "%s/shape", l->name), 1,
                               (int32_t[]){out->rank}, out->shape);
  } else if (l->kind == OPT_MEAN) {
    inputs[n++] = tfw_add_ints(w, weft_arena_printf(w->arena, "%s/axes", l->name), 1,
                               (int32_t[]){2}, (int32_t[]){1, 2});
  } else if (l->kind == OPT_PAD) {
    int32_t pads[8];
    for (int k = 0; k < 8; k++)
      pads[k] = l->pad[k];
    inputs[n++] = tfw_add_ints(w, weft_arena_printf(w->arena, "%s/paddings", l->name), 2,
                               (int32_t[]){4, 2}, pads);
  }
  return n;
}

/* ---- options ------------------------------------------------------------------- */
static void set_window(fbw_table *t, const opt_layer *l) {
  fbw_set(t, 0, 1, (uint32_t)l->padding);
  fbw_set(t, 1, 4, (uint32_t)l->stride_w);
  fbw_set(t, 2, 4, (uint32_t)l->stride_h);
}

static int set_conv(fbw_table *t, const opt_layer *l) {
  int shift = l->kind == OPT_DEPTHWISE;
  set_window(t, l);
  if (shift)
    fbw_set(t, 3, 4, (uint32_t)l->depth_multiplier);
  fbw_set(t, 3 + shift, 1, (uint32_t)l->act);
  fbw_set(t, 4 + shift, 4, (uint32_t)l->dilation_w);
  fbw_set(t, 5 + shift, 4, (uint32_t)l->dilation_h);
  return shift ? OPTIONS_DEPTHWISE : OPTIONS_CONV;
}

static int set_pool(fbw_table *t, const opt_layer *l) {
  set_window(t, l);
  fbw_set(t, 3, 4, (uint32_t)l->filter_w);
  fbw_set(t, 4, 4, (uint32_t)l->filter_h);
  fbw_set(t, 5, 1, (uint32_t)l->act);
  return OPTIONS_POOL;
}

static int options_of(tfw *w, const opt_layer *l, fbw_table *t) {
  const opt_value *out = &w->net->values[l->output];
  switch (l->kind) {
  case OPT_CONV:
  case OPT_DEPTHWISE:
    return set_conv(t, l);
  case OPT_MAX_POOL:
  case OPT_AVERAGE_POOL:
    return set_pool(t, l);
  case OPT_DENSE:
    fbw_set(t, 0, 1, (uint32_t)l->act);
    if (out->rank != 2)
      fbw_set(t, 2, 1, 1);
    return OPTIONS_DENSE;
  case OPT_ADD:
    fbw_set(t, 0, 1, (uint32_t)l->act);
    fbw_set(t, 1, 1, 0);       /* pot_scale_int16, true by default           */
    return OPTIONS_ADD;
  case OPT_CONCAT:
    fbw_set(t, 0, 4, (uint32_t)(out->rank - 1));
    fbw_set(t, 1, 1, (uint32_t)l->act);
    return OPTIONS_CONCAT;
  case OPT_SOFTMAX:
    fbw_set_float(t, 0, l->beta);
    return OPTIONS_SOFTMAX;
  case OPT_MEAN:
    fbw_set(t, 0, 1, out->rank == 4);
    return OPTIONS_MEAN;
  case OPT_RESHAPE:
    fbw_set_ref(t, 0, fbw_ints(&w->b, out->shape, (size_t)out->rank));
    return OPTIONS_RESHAPE;
  case OPT_PAD:
    return OPTIONS_PAD;
  default:
    return 0;
  }
}

static int version_of(const opt_net *net, const opt_layer *l) {
  if (in_float(net, l))
    return l->dilation_h > 1 || l->dilation_w > 1 ? 2 : kinds[l->kind].float_version;
  if (net->values[l->output].type == WEFT_INT16)
    return kinds[l->kind].int16_version;
  return l->weights && l->weights->bits == 4 ? int4_version(l->kind) : kinds[l->kind].int8_version;
}

static weft_status check_inputs(const tfw *w, int i) {
  const opt_layer *l = &w->net->layers[i];
  for (int j = 0; j < l->n_inputs && !in_float(w->net, l); j++)
    if (!w->net->values[l->inputs[j]].has_quant || !w->net->values[l->output].has_quant)
      return weft_fail(w->diag, WEFT_E_INTERNAL, opt_layer_place(w->diag, w->net, i),
                       "an integer layer at a float value", "quantized inputs and output",
                       "report this network");
  return WEFT_OK;
}

static weft_status write_layer(tfw *w, int i) {
  const opt_layer *l = &w->net->layers[i];
  const opt_value *out = &w->net->values[l->output];
  WEFT_TRY(check_inputs(w, i));
  int32_t *inputs = WEFT_NEW(w->arena, int32_t, l->n_inputs + 2);
  size_t n = operands(w, l, inputs);
  fbw_table options = {0};
  int type = options_of(w, l, &options), to;
  bool back = in_float(w->net, l) && out->has_quant;
  if (back) {
    tfw_tensor t = float_form(w, out);
    t.name = weft_arena_printf(w->arena, "%s/unquantized", out->name);
    to = tfw_add_tensor(w, &t, NULL, 0);
  } else {
    to = value_tensor(w, l->output);
  }
  tfw_add_op(w, kinds[l->kind].code, version_of(w->net, l), inputs, n, to, type, &options);
  if (back) {
    int32_t from = to;
    tfw_add_op(w, WEFT_OP_QUANTIZE, 1, &from, 1, value_tensor(w, l->output), OPTIONS_QUANTIZE,
               &(fbw_table){0});
  }
  return WEFT_OK;
}

weft_status opt_write(weft_arena *arena, weft_diag *d, const opt_net *net, weft_span *out) {
  tfw w;
  int32_t *inputs = WEFT_NEW(arena, int32_t, net->n_inputs + 1);
  int32_t *outputs = WEFT_NEW(arena, int32_t, net->n_outputs + 1);
  tfw_open(&w, arena, d ? d : weft_diag_new(arena), net);
  for (int k = 0; k < net->n_inputs; k++)
    inputs[k] = value_tensor(&w, net->inputs[k]);
  for (int i = 0; i < net->n_layers; i++)
    WEFT_TRY(write_layer(&w, i));
  for (int k = 0; k < net->n_outputs; k++)
    outputs[k] = value_tensor(&w, net->outputs[k]);
  *out = tfw_close(&w, inputs, net->n_inputs, outputs, net->n_outputs);
  if (out->size >= (size_t)1 << 31)
    return weft_fail(d, WEFT_E_CAP, net->name, "a file of 2 GiB or more", "fewer than 2^31 bytes",
                     "use a smaller network");
  return WEFT_OK;
}
