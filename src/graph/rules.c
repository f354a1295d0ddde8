/* SPDX-License-Identifier: Apache-2.0 */
/* Predicates of op_rules.def, in its order. Formulas: numerics.md 2, 3, 6.5. */
#include "graph/rules.h"

#include <math.h>

#include "graph/read.h"

static const weft_tensor *input(const weft_rule_case *c, int j) {
  return j < c->op->n_inputs && c->op->inputs[j] >= 0
             ? &c->graph->tensors[c->op->inputs[j]]
             : NULL;
}

static const weft_tensor *output(const weft_rule_case *c) {
  return &c->graph->tensors[c->op->outputs[0]];
}

static bool refuse_text(weft_rule_case *c, const char *found) {
  c->found = found;
  return false;
}

static bool refuse_number(weft_rule_case *c, const char *what, double value) {
  c->found = weft_diag_text(c->diag, "%s %.9g", what, value);
  return false;
}

static bool refuse_tensor(weft_rule_case *c, const char *what,
                          const weft_tensor *t) {
  const char *scales = t->n_scales == 0   ? "not quantized"
                       : t->n_scales == 1 ? "quantized per tensor"
                                          : "quantized per channel";
  c->found = weft_diag_text(
      c->diag, "%s '%s': %s %s, %s%s", what, t->name, weft_type_name(t->type),
      weft_shape_text(c->diag, t->shape, t->rank), scales,
      t->data.data ? ", constant" : "");
  return false;
}

static const char *quantizations_text(const weft_rule_case *c, const weft_tensor *in, const weft_tensor *out) {
  return weft_diag_text(c->diag, "scale %.9g, zero point %d to scale %.9g, zero point %d",
                        (double)in->scale[0], (int)in->zero_point[0], (double)out->scale[0],
                        (int)out->zero_point[0]);
}

static bool is_int8(const weft_tensor *t) {
  return t->type == WEFT_INT8 && t->n_scales == 1;
}

static bool is_computed(const weft_tensor *t) { return !t->data.data; }

static bool usable_tensor(weft_rule_case *c, int index) {
  const weft_tensor *t = index < 0 ? NULL : &c->graph->tensors[index];
  if (!t || (!t->unsupported && !t->is_variable))
    return true;
  c->found = weft_diag_text(c->diag, "tensor %d '%s': %s", index, t->name,
                            t->unsupported ? t->unsupported : "a variable");
  return false;
}

bool weft_rule_usable(weft_rule_case *c) {
  if (c->op->unsupported)
    return refuse_text(c, c->op->unsupported);
  for (int j = 0; j < c->op->n_inputs; j++)
    if (!usable_tensor(c, c->op->inputs[j]))
      return false;
  for (int j = 0; j < c->op->n_outputs; j++)
    if (!usable_tensor(c, c->op->outputs[j]))
      return false;
  return true;
}

bool weft_rule_input_int8(weft_rule_case *c) {
  const weft_tensor *t = input(c, 0);
  return (is_int8(t) && is_computed(t)) || refuse_tensor(c, "input", t);
}

bool weft_rule_second_int8(weft_rule_case *c) {
  const weft_tensor *t = input(c, 1);
  return (is_int8(t) && is_computed(t)) || refuse_tensor(c, "input", t);
}

bool weft_rule_output_int8(weft_rule_case *c) {
  return is_int8(output(c)) || refuse_tensor(c, "output", output(c));
}

bool weft_rule_rank_4(weft_rule_case *c) {
  if (input(c, 0)->rank != 4)
    return refuse_tensor(c, "input", input(c, 0));
  return output(c)->rank == 4 || refuse_tensor(c, "output", output(c));
}

bool weft_rule_mean_rank_4(weft_rule_case *c) {
  return input(c, 0)->rank == 4 || refuse_tensor(c, "input", input(c, 0));
}

bool weft_rule_batch_1(weft_rule_case *c) {
  return input(c, 0)->shape[0] == 1 ||
         refuse_number(c, "batch", input(c, 0)->shape[0]);
}

bool weft_rule_weights_int8(weft_rule_case *c) {
  const weft_tensor *t = input(c, 1);
  int rank = c->op->kind == WEFT_OP_FULLY_CONNECTED ? 2 : 4;
  return (t->type == WEFT_INT8 && t->data.data && t->rank == rank) ||
         refuse_tensor(c, "weights", t);
}

/* TFLite-Micro has no FULLY_CONNECTED of int4 weights with several scales. */
bool weft_rule_int4_scale(weft_rule_case *c) {
  const weft_tensor *t = input(c, 1);
  if (!t->is_int4 || t->n_scales == 1)
    return true;
  c->found = weft_diag_text(c->diag, "int4 weights, %d scales", t->n_scales);
  return false;
}

bool weft_rule_weights_scales(weft_rule_case *c) {
  const weft_tensor *t = input(c, 1);
  int axis = c->op->kind == WEFT_OP_DEPTHWISE_CONV_2D ? 3 : 0;
  if (t->n_scales == 1 ||
      (t->n_scales == t->shape[axis] && t->quantized_dimension == axis))
    return true;
  c->found = weft_diag_text(c->diag, "%d scales along axis %d of %s",
                            t->n_scales, t->quantized_dimension,
                            weft_shape_text(c->diag, t->shape, t->rank));
  return false;
}

bool weft_rule_weights_symmetric(weft_rule_case *c) {
  const weft_tensor *t = input(c, 1);
  for (int k = 0; k < t->n_scales; k++)
    if (t->zero_point[k] != 0)
      return refuse_number(c, "zero point", t->zero_point[k]);
  return true;
}

bool weft_rule_bias_int32(weft_rule_case *c) {
  const weft_tensor *t = input(c, 2);
  return !t || (t->type == WEFT_INT32 && t->data.data) ||
         refuse_tensor(c, "bias", t);
}

static const char *const act_names[] = {"NONE", "RELU", "RELU_N1_TO_1",
                                        "RELU6", "TANH", "SIGN_BIT"};

bool weft_rule_act_known(weft_rule_case *c) {
  return c->op->act <= WEFT_ACT_RELU6 || refuse_text(c, act_names[c->op->act]);
}

bool weft_rule_act_none(weft_rule_case *c) {
  return c->op->act == WEFT_ACT_NONE || refuse_text(c, act_names[c->op->act]);
}

/* 6 / scale stays far inside int32. */
static bool scale_is_usable(float scale) { return scale >= 0x1p-24f; }

bool weft_rule_act_range(weft_rule_case *c) {
  return scale_is_usable(output(c)->scale[0]) ||
         refuse_number(c, "output scale", (double)output(c)->scale[0]);
}

bool weft_rule_input_scale(weft_rule_case *c) {
  return scale_is_usable(input(c, 0)->scale[0]) ||
         refuse_number(c, "input scale", (double)input(c, 0)->scale[0]);
}

bool weft_rule_multipliers(weft_rule_case *c) {
  const weft_tensor *weights = input(c, 1);
  for (int k = 0; k < weights->n_scales; k++) {
    double m = (double)input(c, 0)->scale[0] * (double)weights->scale[k] /
               (double)output(c)->scale[0];
    if (!(m < 0x1p30))
      return refuse_number(c, "multiplier", m);
  }
  return true;
}

/* GetQuantizedConvolutionMultipler asks it where there is one weight scale. */
bool weft_rule_bias_scale(weft_rule_case *c) {
  const weft_tensor *weights = input(c, 1), *bias = input(c, 2);
  if (!bias || weights->n_scales != 1)
    return true;
  double product = (double)input(c, 0)->scale[0] * (double)weights->scale[0];
  double stated = bias->n_scales > 0 ? (double)bias->scale[0] : 0.0;
  double off = fabs(product - stated) / (double)output(c)->scale[0];
  return off <= 0.02 || refuse_number(c, "a difference of", off);
}

bool weft_rule_same_shapes(weft_rule_case *c) {
  const weft_tensor *a = input(c, 0), *b = input(c, 1);
  bool same = a->rank == b->rank;
  for (int k = 0; k < a->rank && same; k++)
    same = a->shape[k] == b->shape[k];
  if (!same)
    c->found = weft_diag_text(c->diag, "%s and %s",
                              weft_shape_text(c->diag, a->shape, a->rank),
                              weft_shape_text(c->diag, b->shape, b->rank));
  return same;
}

bool weft_rule_add_multiplier(weft_rule_case *c) {
  double a = (double)input(c, 0)->scale[0], b = (double)input(c, 1)->scale[0];
  double twice = 2 * (a > b ? a : b);
  double m = twice / ((double)(1 << 20) * (double)output(c)->scale[0]);
  return (m < 1 - 0x1p-32 && m >= 0x1p-31) || refuse_number(c, "output multiplier", m);
}

bool weft_rule_concat_int8(weft_rule_case *c) {
  for (int j = 0; j < c->op->n_inputs; j++)
    if (!is_int8(input(c, j)) || !is_computed(input(c, j)))
      return refuse_tensor(c, "input", input(c, j));
  return true;
}

/* TFLite-Micro's limit too. */
bool weft_rule_concat_count(weft_rule_case *c) {
  return c->op->n_inputs <= 10 || refuse_number(c, "inputs:", c->op->n_inputs);
}

bool weft_rule_concat_channels(weft_rule_case *c) {
  const int rank = output(c)->rank, axis = c->op->axis;
  return axis == rank - 1 || axis == -1 || refuse_number(c, "axis", axis);
}

bool weft_rule_concat_quantization(weft_rule_case *c) {
  const weft_tensor *out = output(c);
  for (int j = 0; j < c->op->n_inputs; j++) {
    const weft_tensor *in = input(c, j);
    if (in->scale[0] == out->scale[0] && in->zero_point[0] == out->zero_point[0])
      continue;
    c->found = quantizations_text(c, in, out);
    return false;
  }
  return true;
}

bool weft_rule_same_quantization(weft_rule_case *c) {
  const weft_tensor *in = input(c, 0), *out = output(c);
  float off = fabsf(in->scale[0] - out->scale[0]);
  if (in->zero_point[0] == out->zero_point[0] && (double)off <= 1.0e-6)
    return true;
  c->found = quantizations_text(c, in, out);
  return false;
}

bool weft_rule_mean_axes(weft_rule_case *c) {
  const weft_tensor *axes = input(c, 1);
  int64_t values[WEFT_MAX_RANK];
  int n = weft_const_ints(c->graph, c->op->inputs[1], values, WEFT_MAX_RANK);
  if (n < 0 || axes->type != WEFT_INT32)
    return refuse_tensor(c, "axes", axes);
  unsigned reduced = 0;
  for (int k = 0; k < n; k++)
    reduced |= 1u << ((values[k] + 4) & 3);
  return reduced == 6u ||
         refuse_number(c, "axes, as a sum of 2^axis:", (double)reduced);
}

bool weft_rule_scale_ratio(weft_rule_case *c) {
  const weft_tensor *in = input(c, 0);
  if (in->n_scales == 0)
    return true;
  double m = (double)in->scale[0] / (double)output(c)->scale[0];
  return (m < 0x1p30 && m >= 0x1p-31) || refuse_number(c, "ratio", m);
}

bool weft_rule_pad_constant(weft_rule_case *c) {
  const weft_tensor *pads = input(c, 1);
  if (c->op->n_inputs > 2 && input(c, 2))
    return refuse_tensor(c, "fill value", input(c, 2));
  return (pads->type == WEFT_INT32 && pads->data.data) ||
         refuse_tensor(c, "paddings", pads);
}

bool weft_rule_pad_batch(weft_rule_case *c) {
  int64_t pads[2 * WEFT_MAX_RANK] = {0};
  int n = weft_const_ints(c->graph, c->op->inputs[1], pads, 2 * WEFT_MAX_RANK);
  return n < 2 || (pads[0] == 0 && pads[1] == 0) ||
         refuse_number(c, "batch padding", (double)(pads[0] + pads[1]));
}

bool weft_rule_reshape_type(weft_rule_case *c) {
  const weft_tensor *in = input(c, 0);
  bool known = in->type == WEFT_INT8 || in->type == WEFT_UINT8 ||
               in->type == WEFT_FLOAT32;
  if (!known || !is_computed(in))
    return refuse_tensor(c, "input", in);
  return output(c)->type == in->type || refuse_tensor(c, "output", output(c));
}

bool weft_rule_reshape_constant(weft_rule_case *c) {
  const weft_tensor *shape = input(c, 1);
  return !shape || shape->data.data || refuse_tensor(c, "shape", shape);
}

bool weft_rule_fraction_output(weft_rule_case *c) {
  const weft_tensor *out = output(c);
  if (out->scale[0] == 1.0f / 256 && out->zero_point[0] == -128)
    return true;
  c->found = weft_diag_text(c->diag, "scale %.9g, zero point %d",
                            (double)out->scale[0], (int)out->zero_point[0]);
  return false;
}

bool weft_rule_softmax_row(weft_rule_case *c) {
  const weft_tensor *in = input(c, 0);
  if (in->rank >= 1 && in->shape[in->rank - 1] <= 4095)
    return true;
  return refuse_tensor(c, "input", in);
}

bool weft_rule_softmax_beta(weft_rule_case *c) {
  double beta = (double)c->op->beta;
  double m = beta * (double)input(c, 0)->scale[0] * 0x1p26;
  return (isfinite(beta) && m > 1) || refuse_number(c, "a product of", m);
}

bool weft_rule_logistic_scale(weft_rule_case *c) {
  double scale = (double)input(c, 0)->scale[0];
  return (scale >= 0x1p-28 && scale <= 0x1p30) || refuse_number(c, "scale", scale);
}

bool weft_rule_quantize_types(weft_rule_case *c) {
  const weft_tensor *in = input(c, 0);
  weft_type from = in->type, to = output(c)->type;
  bool known = (from == WEFT_FLOAT32 && to == WEFT_INT8) ||
               (from == WEFT_INT8 && (to == WEFT_INT8 || to == WEFT_UINT8)) ||
               (from == WEFT_UINT8 && to == WEFT_INT8);
  if (known && is_computed(in))
    return true;
  c->found = weft_diag_text(c->diag, "%s to %s%s", weft_type_name(from),
                            weft_type_name(to),
                            is_computed(in) ? "" : ", of a constant");
  return false;
}

bool weft_rule_quantize_scales(weft_rule_case *c) {
  const weft_tensor *in = input(c, 0);
  if (in->type != WEFT_FLOAT32 && in->n_scales != 1)
    return refuse_tensor(c, "input", in);
  return output(c)->n_scales == 1 || refuse_tensor(c, "output", output(c));
}

bool weft_rule_dequantize_types(weft_rule_case *c) {
  const weft_tensor *in = input(c, 0);
  bool known = in->type == WEFT_INT8 || in->type == WEFT_UINT8;
  if (!known || !is_computed(in))
    return refuse_tensor(c, "input", in);
  return output(c)->type == WEFT_FLOAT32 ||
         refuse_tensor(c, "output", output(c));
}

bool weft_rule_dequantize_scale(weft_rule_case *c) {
  return input(c, 0)->n_scales == 1 || refuse_tensor(c, "input", input(c, 0));
}

bool weft_rule_folded(weft_rule_case *c) {
  return c->op->folded || refuse_text(c, "a value known only at run time");
}
