/* SPDX-License-Identifier: Apache-2.0 */
/* RELU rescales; RELU6 clamps with the input's scale and copies, whatever the
 * output's scale says (TFLite-Micro; LiteRT rescales). */
#include "kernels/k_ops.h"

void *weft_k_relu_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *out = weft_k_output(s, 0);
  if (in->n_scales < 1 || out->n_scales < 1)
    return NULL;
  weft_k_rescale *p = WEFT_NEW(s->arena, weft_k_rescale, 1);
  p->m = weft_k_multiplier_of((double)in->scale[0] / (double)out->scale[0]);
  p->in_zero = in->zero_point[0];
  p->out_zero = out->zero_point[0];
  weft_k_act_range(WEFT_ACT_RELU, out->scale[0], p->out_zero, &p->lo, &p->hi);
  return p;
}

weft_status weft_k_relu_run(const weft_k_site *s, void *params) {
  const int8_t *in = weft_k_input_data(s, 0);
  int8_t *out = weft_k_output_data(s, 0);
  const size_t n = weft_k_output(s, 0)->n_elems;
  for (size_t i = 0; i < n; i++)
    out[i] = (int8_t)weft_k_rescale_one(params, in[i]);
  return WEFT_OK;
}

typedef struct relu6_range {
  int32_t lo, hi;
} relu6_range;

void *weft_k_relu6_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0);
  if (in->n_scales < 1)
    return NULL;
  relu6_range *p = WEFT_NEW(s->arena, relu6_range, 1);
  weft_k_act_range(WEFT_ACT_RELU6, in->scale[0], in->zero_point[0], &p->lo, &p->hi);
  return p;
}

weft_status weft_k_relu6_run(const weft_k_site *s, void *params) {
  const relu6_range *p = params;
  const int8_t *in = weft_k_input_data(s, 0);
  int8_t *out = weft_k_output_data(s, 0);
  const size_t n = weft_k_output(s, 0)->n_elems;
  for (size_t i = 0; i < n; i++)
    out[i] = (int8_t)weft_k_clamp(in[i], p->lo, p->hi);
  return WEFT_OK;
}
