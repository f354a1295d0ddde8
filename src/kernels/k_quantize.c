/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE between 8-bit types and from float32, DEQUANTIZE to float32. */
#include <string.h>

#include "kernels/k_ops.h"

int32_t weft_k_rescale_one(const weft_k_rescale *p, int32_t x) {
  const int32_t y = weft_k_scale(x - p->in_zero, p->m);
  return weft_k_clamp(weft_k_wrap_add(y, p->out_zero), p->lo, p->hi);
}

static int32_t load_8bit(weft_type type, const uint8_t *p) {
  return type == WEFT_INT8 ? (int8_t)*p : *p;
}

static float load_float(const uint8_t *p) {
  const uint32_t bits = weft_le32(p);
  float v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

static void quantize_float(const uint8_t *in, float scale, const weft_k_rescale *p,
                           uint8_t *out, size_t n_elems) {
  for (size_t i = 0; i < n_elems; i++) {
    const int64_t y = (int64_t)weft_k_round_i32(load_float(in + 4 * i) / scale) +
                      p->out_zero;
    out[i] = (uint8_t)(y < p->lo ? p->lo : y > p->hi ? p->hi : y);
  }
}

weft_status weft_host_quantize(weft_type in_type, float in_scale, int in_zero_point,
                               const void *in, weft_type out_type, float out_scale,
                               int out_zero_point, void *out, size_t n_elems) {
  const bool from_8bit = in_type == WEFT_INT8 || in_type == WEFT_UINT8;
  if ((out_type != WEFT_INT8 && out_type != WEFT_UINT8) ||
      (!from_8bit && in_type != WEFT_FLOAT32))
    return WEFT_E_ARG;
  weft_k_rescale p = {.in_zero = in_zero_point, .out_zero = out_zero_point};
  p.lo = out_type == WEFT_INT8 ? -128 : 0;
  p.hi = p.lo + 255;
  if (!from_8bit) {
    quantize_float(in, out_scale, &p, out, n_elems);
    return WEFT_OK;
  }
  p.m = weft_k_multiplier_of((double)in_scale / (double)out_scale);
  const uint8_t *x = in;
  uint8_t *y = out;
  for (size_t i = 0; i < n_elems; i++)
    y[i] = (uint8_t)weft_k_rescale_one(&p, load_8bit(in_type, x + i));
  return WEFT_OK;
}

weft_status weft_host_dequantize(weft_type in_type, float scale, int zero_point,
                                 const void *in, float *out, size_t n_elems) {
  if (in_type != WEFT_INT8 && in_type != WEFT_UINT8)
    return WEFT_E_ARG;
  const uint8_t *x = in;
  for (size_t i = 0; i < n_elems; i++)
    out[i] = (float)((double)scale * (load_8bit(in_type, x + i) - zero_point));
  return WEFT_OK;
}

typedef struct quantization {
  weft_type type;
  float scale;
  int zero_point;
} quantization;

static quantization quantization_of(const weft_tensor *t) {
  if (t->n_scales < 1)
    return (quantization){t->type, 1.0f, 0};
  return (quantization){t->type, t->scale[0], t->zero_point[0]};
}

static bool is_8bit(const weft_tensor *t) {
  return (t->type == WEFT_INT8 || t->type == WEFT_UINT8) && t->n_scales >= 1;
}

void *weft_k_quantize_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *out = weft_k_output(s, 0);
  if (!is_8bit(out) || (!is_8bit(in) && in->type != WEFT_FLOAT32))
    return NULL;
  quantization *q = WEFT_NEW(s->arena, quantization, 2);
  q[0] = quantization_of(in);
  q[1] = quantization_of(out);
  return q;
}

weft_status weft_k_quantize_run(const weft_k_site *s, void *params) {
  const quantization *q = params;
  return weft_host_quantize(q[0].type, q[0].scale, q[0].zero_point,
                            weft_k_input_data(s, 0), q[1].type, q[1].scale,
                            q[1].zero_point, weft_k_output_data(s, 0),
                            weft_k_output(s, 0)->n_elems);
}

void *weft_k_dequantize_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *out = weft_k_output(s, 0);
  if (!is_8bit(in) || out->type != WEFT_FLOAT32)
    return NULL;
  quantization *q = WEFT_NEW(s->arena, quantization, 1);
  *q = quantization_of(in);
  return q;
}

weft_status weft_k_dequantize_run(const weft_k_site *s, void *params) {
  const quantization *q = params;
  return weft_host_dequantize(q->type, q->scale, q->zero_point,
                              weft_k_input_data(s, 0), weft_k_output_data(s, 0),
                              weft_k_output(s, 0)->n_elems);
}
