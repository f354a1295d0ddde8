/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "compiler/optimize/import.h"

int opt_constant_ints(const weft_graph *g, int tensor, int32_t *values, int cap) {
  const weft_tensor *t = tensor < 0 ? NULL : &g->tensors[tensor];
  if (!t || !t->data.data || t->unsupported || t->type != WEFT_INT32 ||
      t->n_elems > (size_t)cap)
    return -1;
  for (size_t k = 0; k < t->n_elems; k++)
    values[k] = (int32_t)weft_le32(t->data.data + 4 * k);
  return (int)t->n_elems;
}

static float half_to_float(uint16_t h) {
  int exponent = h >> 10 & 31, fraction = h & 1023;
  float v = exponent == 31  ? (fraction ? NAN : INFINITY)
            : exponent == 0 ? ldexpf((float)fraction, -24)
                            : ldexpf((float)(fraction + 1024), exponent - 25);
  return h & 0x8000 ? -v : v;
}

static float float_at(const weft_tensor *t, size_t i) {
  uint32_t bits = weft_le32(t->data.data + 4 * i);
  float v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

static bool finite_all(opt_importer *im, int op, const weft_tensor *t, const float *values,
                       size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(values[i]))
      return opt_refuse(im, op, WEFT_E_MODEL,
                        weft_diag_text(im->diag, "tensor '%s' element %zu is %s", t->name, i,
                                       isnan(values[i]) ? "NaN" : "infinite"),
                        "finite weights", "train the network again, or find what diverged");
  return true;
}

static bool same_constant(const weft_tensor *t) {
  return t && t->data.data && !t->unsupported && !t->is_variable;
}

static bool check_scales(opt_importer *im, int op, const weft_tensor *t, const opt_weights *w) {
  bool channels = (size_t)t->n_scales == w->n_out &&
                  (t->n_scales == 1 || t->quantized_dimension == w->channel_axis);
  if (t->n_scales != 1 && !channels)
    return opt_refuse(im, op, WEFT_E_UNSUPPORTED,
                      weft_diag_text(im->diag, "%d weight scales along axis %d", t->n_scales,
                                     t->quantized_dimension),
                      "one scale, or one an output channel", "convert the network again");
  for (int k = 0; k < t->n_scales; k++)
    if (t->zero_point[k] != 0)
      return opt_refuse(im, op, WEFT_E_UNSUPPORTED,
                        weft_diag_text(im->diag, "weight zero point %d", (int)t->zero_point[k]),
                        "weight zero points of 0", "convert the network again");
  return true;
}

static bool read_integer(opt_importer *im, int op, const weft_tensor *t, opt_weights *w) {
  if (!check_scales(im, op, t, w))
    return false;
  w->bits = t->is_int4 ? 4 : 8;
  w->per_tensor = t->n_scales == 1;
  w->scale = weft_arena_copy(im->arena, t->scale, (size_t)t->n_scales * sizeof *t->scale);
  w->q = WEFT_NEW(im->arena, int8_t, w->n_elems);
  for (size_t i = 0; i < w->n_elems; i++) {
    w->q[i] = (int8_t)t->data.data[i];
    w->w[i] = w->scale[w->per_tensor ? 0 : opt_channel(w, i)] * (float)w->q[i];
  }
  return finite_all(im, op, t, w->w, w->n_elems);
}

static bool read_kernel(opt_importer *im, int op, const weft_tensor *t, bool quantized,
                        opt_weights *w) {
  switch ((int)t->type) {
  case WEFT_FLOAT32:
    for (size_t i = 0; i < w->n_elems; i++)
      w->w[i] = float_at(t, i);
    break;
  case WEFT_FLOAT16:
    for (size_t i = 0; i < w->n_elems; i++)
      w->w[i] = half_to_float(weft_le16(t->data.data + 2 * i));
    break;
  case WEFT_INT8:
    if (!quantized)
      return opt_refuse(im, op, WEFT_E_UNSUPPORTED,
                        "integer weights with float activations (a dynamic-range file)",
                        "a float network, or one quantized in whole",
                        "start from the float file that it was converted from");
    return read_integer(im, op, t, w);
  default:
    return opt_refuse(im, op, WEFT_E_UNSUPPORTED,
                      weft_diag_text(im->diag, "weights of %s", weft_type_name(t->type)),
                      "weights of float32, float16, int8 or int4", "convert the network again");
  }
  return finite_all(im, op, t, w->w, w->n_elems);
}

static bool read_integer_bias(opt_importer *im, int op, const weft_tensor *t, float in_scale,
                              opt_weights *w) {
  bool wide = t && t->type == WEFT_INT64;
  if (t && t->type != WEFT_INT32 && t->type != WEFT_INT64)
    return opt_refuse(im, op, WEFT_E_UNSUPPORTED,
                      weft_diag_text(im->diag, "a bias of %s", weft_type_name(t->type)),
                      "a bias of int32 or int64", "convert the network again");
  w->q_bias = WEFT_NEW(im->arena, int64_t, w->n_out);
  for (size_t c = 0; t && c < w->n_out; c++) {
    w->q_bias[c] = wide ? (int64_t)weft_le64(t->data.data + 8 * c)
                        : (int32_t)weft_le32(t->data.data + 4 * c);
    double scale = (double)in_scale * (double)w->scale[w->per_tensor ? 0 : c];
    w->bias[c] = (float)(scale * (double)w->q_bias[c]);
  }
  return !t || finite_all(im, op, t, w->bias, w->n_out);
}

static bool read_bias(opt_importer *im, int op, int tensor, float in_scale, opt_weights *w) {
  const weft_tensor *t = tensor < 0 ? NULL : &im->graph->tensors[tensor];
  if (t && !same_constant(t))
    return opt_refuse(im, op, WEFT_E_UNSUPPORTED, "a bias that is not constant",
                      "a constant bias, or none", "convert the network again");
  if (w->q)
    return read_integer_bias(im, op, t, in_scale, w);
  if (!t)
    return true;
  if (t->type != WEFT_FLOAT32 && t->type != WEFT_FLOAT16)
    return opt_refuse(im, op, WEFT_E_UNSUPPORTED,
                      weft_diag_text(im->diag, "a bias of %s", weft_type_name(t->type)),
                      "a float bias beside float weights", "convert the network again");
  for (size_t c = 0; c < w->n_out; c++)
    w->bias[c] = t->type == WEFT_FLOAT32 ? float_at(t, c)
                                         : half_to_float(weft_le16(t->data.data + 2 * c));
  return finite_all(im, op, t, w->bias, w->n_out);
}

static opt_weights *new_weights(opt_importer *im, const opt_layer *l, const weft_tensor *t) {
  opt_weights *w = WEFT_NEW(im->arena, opt_weights, 1);
  w->rank = t->rank;
  memcpy(w->shape, t->shape, (size_t)t->rank * sizeof *w->shape);
  w->n_elems = t->n_elems;
  w->channel_axis = l->kind == OPT_DEPTHWISE ? 3 : 0;
  w->n_out = (size_t)w->shape[w->channel_axis];
  w->bits = 8;
  w->w = WEFT_NEW(im->arena, float, w->n_elems);
  w->bias = WEFT_NEW(im->arena, float, w->n_out);
  return w;
}

static int behind_dequantize(const opt_importer *im, int tensor) {
  return tensor >= 0 && im->constant_of[tensor] >= 0 ? im->constant_of[tensor] : tensor;
}

bool opt_import_weights(opt_importer *im, int i, opt_layer *l) {
  const weft_op *op = &im->graph->ops[i];
  const weft_tensor *t = &im->graph->tensors[behind_dequantize(im, op->inputs[1])];
  const opt_value *in = &im->net->values[l->inputs[0]];
  const opt_value *out = &im->net->values[l->output];
  if (!same_constant(t) || t->rank != (l->kind == OPT_DENSE ? 2 : 4))
    return opt_refuse(im, i, WEFT_E_UNSUPPORTED, "weights that are not constant, or of another rank",
                      l->kind == OPT_DENSE ? "constant weights of rank 2"
                                           : "a constant filter of rank 4",
                      "convert the network again");
  bool hidden = t != &im->graph->tensors[op->inputs[1]];
  bool quantized = hidden || (in->has_quant && out->has_quant);
  opt_weights *w = new_weights(im, l, t);
  if (!read_kernel(im, i, t, quantized, w))
    return false;
  if (hidden) {
    w->scale = NULL;
    w->q = NULL;
  }
  int bias = op->n_inputs > 2 ? behind_dequantize(im, op->inputs[2]) : -1;
  if (!read_bias(im, i, bias, in->scale, w))
    return false;
  l->weights = w;
  return true;
}
