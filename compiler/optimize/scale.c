/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/scale.h"

#include <math.h>

#include "compiler/optimize/net_inside.h"

static int greatest(int bits) { return (1 << (bits - 1)) - 1; }

bool opt_one_scale(const opt_weights *w) {
  return w->per_tensor || (w->keep.n_clusters > 0 && !w->keep.per_channel);
}

void opt_weight_scales(const opt_weights *w, float *scale) {
  const bool one = opt_one_scale(w);
  const size_t n = one ? 1 : w->n_out;
  for (size_t c = 0; c < n; c++)
    scale[c] = 0;
  for (size_t i = 0; i < w->n_elems; i++) {
    float *s = &scale[one ? 0 : opt_channel(w, i)];
    const float a = fabsf(w->w[i]);
    *s = a > *s ? a : *s;
  }
  const float q_max = (float)greatest(w->bits);
  for (size_t c = 0; c < n; c++) {
    scale[c] = (scale[c] > 0 ? scale[c] : 1.0f) / q_max;
    if (!(scale[c] > 0))        /* a subnormal greatest */
      scale[c] = 1.0f / q_max;
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
    *scale = (a > 0 ? a : 1.0f) / 32767.0f;
    *zero_point = 0;
    return;
  }
  const double range = (double)max - (double)min;
  const double s = (range > 0 ? range : 1.0) / 255.0;
  const double z = round(-128.0 - (double)min / s);
  *scale = (float)s;
  *zero_point = (int32_t)(z < -128 ? -128 : z > 127 ? 127 : z);
}
