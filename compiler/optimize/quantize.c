/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges and weights to scales, zero points and integers. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/quantize_inside.h"

opt_ptq_options opt_ptq_default(void) {
  return (opt_ptq_options){.method = OPT_CALIB_PERCENTILE, .percentile = 99.99,
                           .bias_correction = true, .activation_bits = 8};
}

/* ---- values ------------------------------------------------------------------ */
/* Between excluded layers nothing is quantized. */
static bool stays_float(const opt_net *net, int value) {
  int producer = net->values[value].producer, readers = 0;
  if (producer < 0 || !net->layers[producer].weights || !net->layers[producer].weights->exclude)
    return false;
  for (int i = 0; i < net->n_layers; i++)
    for (int j = 0; j < net->layers[i].n_inputs; j++) {
      if (net->layers[i].inputs[j] != value)
        continue;
      readers++;
      if (!net->layers[i].weights || !net->layers[i].weights->exclude)
        return false;
    }
  return readers > 0;
}

/* Scales of 8 bits that a file or training settled and that the range still
 * stands for are kept to the last bit. */
static void keep_if_equal(const opt_value *v, weft_type type, float *scale, int32_t *zero_point) {
  if (v->has_quant && v->type == type && v->zero_point == *zero_point &&
      fabsf(v->scale - *scale) <= 1e-6f * *scale)
    *scale = v->scale;
}

static weft_status set_values(weft_diag *d, opt_net *net, int bits, const int *group) {
  const weft_type type = bits == 16 ? WEFT_INT16 : WEFT_INT8;
  for (int v = 0; v < net->n_values; v++) {
    opt_value *value = &net->values[v];
    const opt_value *of = &net->values[group[v]];
    if (value->producer < 0 && !opt_is_input(net, v))
      continue;
    if (stays_float(net, v)) {
      value->has_quant = false;
      value->type = WEFT_FLOAT32;
      continue;
    }
    float scale;
    int32_t zero_point;
    if (!opt_fixed_scale(net, v, bits, &scale, &zero_point)) {
      if (!of->has_range)
        return weft_fail(d, WEFT_E_ARG, net->name,
                         weft_diag_text(d, "value '%s' has no range", value->name),
                         "ranges by calibration or training", "calibrate first");
      opt_activation_scale(of->min, of->max, bits, &scale, &zero_point);
      keep_if_equal(of, type, &scale, &zero_point);
    }
    value->has_quant = true;
    value->type = type;
    value->scale = scale;
    value->zero_point = zero_point;
  }
  return WEFT_OK;
}

/* The union of what is tied, on the lowest of each group. A prescribed scale that
 * is tied to others is their range too. */
static void join_ranges(opt_net *net, int bits, const int *group) {
  for (int v = 0; v < net->n_values; v++) {
    opt_value *a = &net->values[group[v]], *b = &net->values[v];
    float scale;
    int32_t zero;
    if (opt_fixed_scale(net, v, bits, &scale, &zero)) {
      b->has_range = true;
      b->min = bits == 16 ? -1.0f : 0.0f;
      b->max = bits == 16 ? scale * 32767.0f : scale * 255.0f;
    }
    if (a == b || !b->has_range)
      continue;
    a->min = a->has_range && a->min < b->min ? a->min : b->min;
    a->max = a->has_range && a->max > b->max ? a->max : b->max;
    a->has_range = true;
  }
}

/* ---- weights -------------------------------------------------------------------- */
/* A bias of 2^30 steps leaves as much to the sums. */
#define BIAS_LIMIT 0x1p30

/* Tiny weights beside a large bias get coarser steps. */
static void make_room(const opt_weights *w, double in_scale) {
  for (size_t c = 0; c < w->n_out; c++) {
    float *s = &w->scale[w->per_tensor ? 0 : c];
    double least = fabs((double)w->bias[c]) / (in_scale * BIAS_LIMIT);
    if ((double)*s < least)
      *s = (float)(least * (1 + 1e-6));
  }
}

static double step_of(const opt_weights *w, double in_scale, size_t c) {
  return in_scale * (double)w->scale[w->per_tensor ? 0 : c];
}

/* The file's integers still stand for the weights, and the biases fit. */
static bool integers_stand(const opt_weights *w, double in_scale, bool wide) {
  if (!w->q || w->bits != 8 || opt_one_scale(w) != w->per_tensor)
    return false;
  for (size_t i = 0; i < w->n_elems; i++)
    if (w->w[i] != w->scale[w->per_tensor ? 0 : opt_channel(w, i)] * (float)w->q[i])
      return false;
  for (size_t c = 0; c < w->n_out && !wide; c++)
    if (fabs((double)w->bias[c]) > (double)INT32_MAX * step_of(w, in_scale, c))
      return false;
  return true;
}

/* Within what 64-bit sums of TFLite bear. */
static int64_t bias_steps(double bias, double step) {
  double q = bias / step;
  return (int64_t)llround(q > 0x1p46 ? 0x1p46 : q < -0x1p46 ? -0x1p46 : q);
}

/* A float keeps 24 bits of a bias: the file's integer stays where it stands for it. */
static void set_bias(opt_weights *w, const int64_t *before, double in_scale) {
  for (size_t c = 0; c < w->n_out; c++) {
    double step = step_of(w, in_scale, c);
    bool stands = before && (float)(step * (double)before[c]) == w->bias[c];
    w->q_bias[c] = stands ? before[c] : bias_steps((double)w->bias[c], step);
  }
}

static void set_weights(weft_arena *arena, opt_weights *w, double in_scale, bool wide) {
  const int64_t *before = w->q_bias;
  if (!integers_stand(w, in_scale, wide)) {
    w->scale = WEFT_NEW(arena, float, w->n_out);
    w->q = WEFT_NEW(arena, int8_t, w->n_elems);
    w->per_tensor = opt_one_scale(w);
    opt_weight_scales(w, w->scale);
    if (!wide)
      make_room(w, in_scale);
    for (size_t i = 0; i < w->n_elems; i++)
      w->q[i] = opt_weight_q(w->w[i], w->scale[w->per_tensor ? 0 : opt_channel(w, i)], w->bits);
  }
  w->q_bias = WEFT_NEW(arena, int64_t, w->n_out);
  set_bias(w, before, in_scale);
}

/* The bias' scale is a float of the file too. */
static bool scales_multiply(const opt_weights *w, float in_scale) {
  for (size_t c = 0; c < (w->per_tensor ? 1 : w->n_out); c++)
    if (!isnormal(in_scale * w->scale[c]))
      return false;
  return true;
}

static void drop_integers(opt_weights *w) {
  w->q = NULL;
  w->q_bias = NULL;
  w->scale = NULL;
}

weft_status opt_quantize(weft_diag *d, opt_net *net, const opt_ptq_options *o) {
  weft_diag *to = d ? d : weft_diag_new(net->arena);
  int bits = o->activation_bits == 16 ? 16 : 8;
  int *group = WEFT_NEW(net->arena, int, net->n_values);
  opt_tied(net, group);
  join_ranges(net, bits, group);
  WEFT_TRY(set_values(to, net, bits, group));
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    opt_weights *w = l->weights;
    if (!w)
      continue;
    if (w->exclude) {
      drop_integers(w);
      continue;
    }
    if (w->bits == 4 && bits == 16)
      return weft_fail(to, WEFT_E_UNSUPPORTED, opt_layer_place(to, net, i),
                       "weights of 4 bits with activations of 16", "8-bit weights, or activations",
                       "choose one of the two");
    w->per_tensor = w->per_tensor || (o->per_tensor_dense && l->kind == OPT_DENSE);
    float in_scale = net->values[l->inputs[0]].scale;
    set_weights(net->arena, w, (double)in_scale, bits == 16);
    if (!scales_multiply(w, in_scale))
      return weft_fail(to, WEFT_E_UNSUPPORTED, opt_layer_place(to, net, i),
                       "weights and activations too large for a scale of the bias",
                       "input scale * weight scale within float", "find what diverged in training");
  }
  return WEFT_OK;
}
