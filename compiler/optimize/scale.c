/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/scale.h"

#include <math.h>

#include "compiler/optimize/net_inside.h"

static int greatest(int bits) { return (1 << (bits - 1)) - 1; }

bool opt_one_scale(const opt_weights *w) {
  return w->per_tensor || (w->keep.n_clusters > 0 && !w->keep.per_channel) ||
         (w->bits == 4 && w->rank == 2);
}

/* Weights as lines: of one scale each, or (`across`) a scale for each element. */
typedef struct lines { size_t n, length; bool across; } lines;

static lines lines_of(const opt_weights *w) {
  if (opt_one_scale(w))
    return (lines){1, w->n_elems, false};
  if (w->channel_axis == 3)
    return (lines){w->n_elems / w->n_out, w->n_out, true};
  return (lines){w->n_out, w->n_elems / w->n_out, false};
}

void opt_weight_scales(const opt_weights *w, float *scale) {
  const lines l = lines_of(w);
  const size_t n = l.across ? l.length : l.n;
  const float q_max = (float)greatest(w->bits);
  for (size_t c = 0; c < n; c++)
    scale[c] = 0;
  for (size_t k = 0; k < l.n; k++)
    for (size_t i = 0; i < l.length; i++) {
      float *s = &scale[l.across ? i : k];
      const float a = fabsf(w->w[k * l.length + i]);
      *s = a > *s ? a : *s;
    }
  for (size_t c = 0; c < n; c++)
    scale[c] = (scale[c] >= 0x1p-60f ? scale[c] : 1.0f) / q_max;
}

/* scale * opt_weight_q(w, scale) without a call: to the nearest, halves to even by
 * adding 1.5 * 2^23, then halves away from zero. */
static inline float fake(float w, float scale, float q_max) {
  float t = w / scale;
  t = t < -q_max ? -q_max : t;
  t = t > q_max ? q_max : t;
  float q = (t + 12582912.0f) - 12582912.0f;
  const float rest = t - q;
  q += rest == 0.5f && t > 0 ? 1.0f : 0.0f;
  q -= rest == -0.5f && t < 0 ? 1.0f : 0.0f;
  return scale * q;
}

void opt_fake_weights(const opt_weights *w, const float *scale, float *out) {
  const lines l = lines_of(w);
  const float q_max = (float)greatest(w->bits);
  for (size_t k = 0; k < l.n; k++) {
    const float *restrict x = w->w + k * l.length;
    float *restrict y = out + k * l.length;
    const float s = scale[l.across ? 0 : k];
    if (l.across)
      for (size_t i = 0; i < l.length; i++)
        y[i] = fake(x[i], scale[i], q_max);
    else
      for (size_t i = 0; i < l.length; i++)
        y[i] = fake(x[i], s, q_max);
  }
}

int8_t opt_weight_q(float w, float scale, int bits) {
  const float q_max = (float)greatest(bits);
  const float q = roundf(w / scale);
  return (int8_t)(q < -q_max ? -q_max : q > q_max ? q_max : q);
}

void opt_activation_scale(float min, float max, int bits, float *scale, int32_t *zero_point) {
  if (bits == 16) {
    const float a = -min > max ? -min : max;
    *scale = fmaxf((a > 0 ? a : 1.0f) / 32767.0f, 0x1p-28f);
    *zero_point = 0;
    return;
  }
  const double range = (double)max - (double)min;
  const double s = fmax((range > 0 ? range : 1.0) / 255.0, 0x1p-20);
  const double z = round(-128.0 - (double)min / s);
  *scale = (float)s;
  *zero_point = (int32_t)(z < -128 ? -128 : z > 127 ? 127 : z);
}

static int lowest(const int *group, int v) {
  while (group[v] != v)
    v = group[v];
  return v;
}

static void tie(int *group, int a, int b) {
  a = lowest(group, a);
  b = lowest(group, b);
  group[a > b ? a : b] = a < b ? a : b;
}

bool opt_copies_integers(opt_kind k) {
  return k == OPT_MAX_POOL || k == OPT_AVERAGE_POOL || k == OPT_RESHAPE || k == OPT_PAD ||
         k == OPT_RELU6 || k == OPT_CONCAT;
}

void opt_tied(const opt_net *net, int *group) {
  for (int v = 0; v < net->n_values; v++)
    group[v] = v;
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    for (int j = 0; j < l->n_inputs && opt_copies_integers(l->kind); j++)
      tie(group, l->inputs[j], l->output);
  }
  for (int v = 0; v < net->n_values; v++)
    group[v] = lowest(group, v);
}

bool opt_fixed_scale(const opt_net *net, int value, int bits, float *scale, int32_t *zero_point) {
  const int i = net->values[value].producer;
  if (i < 0 || (net->layers[i].kind != OPT_SOFTMAX && net->layers[i].kind != OPT_LOGISTIC))
    return false;
  *scale = bits == 16 ? 0x1p-15f : 0x1p-8f;
  *zero_point = bits == 16 ? 0 : -128;
  return true;
}
