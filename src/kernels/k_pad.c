/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "kernels/k_ops.h"

/* Copies rows (innermost axis) of the block that starts at axis k. */
static const int8_t *copy_block(const weft_k_pad *p, int k, const int8_t *in,
                                int8_t *out) {
  if (k == p->rank - 1) {
    memcpy(out + p->before[k], in, (size_t)p->in[k]);
    return in + p->in[k];
  }
  size_t step = 1;
  for (int j = k + 1; j < p->rank; j++)
    step *= (size_t)p->out[j];
  for (int i = 0; i < p->in[k]; i++)
    in = copy_block(p, k + 1, in, out + (size_t)(p->before[k] + i) * step);
  return in;
}

void weft_k_pad_i8(const weft_k_pad *p, const int8_t *in, int8_t *out) {
  size_t n_out = 1;
  for (int k = 0; k < p->rank; k++)
    n_out *= (size_t)p->out[k];
  memset(out, p->value, n_out);
  copy_block(p, 0, in, out);
}

void *weft_k_pad_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *pads = weft_k_input(s, 1);
  const weft_tensor *out = weft_k_output(s, 0);
  if (!pads || !pads->data.data || pads->type != WEFT_INT32 || in->rank < 1 ||
      out->rank != in->rank || pads->n_elems != 2 * (size_t)in->rank ||
      out->n_scales < 1)
    return NULL;
  weft_k_pad *p = WEFT_NEW(s->arena, weft_k_pad, 1);
  p->rank = in->rank;
  p->value = (int8_t)out->zero_point[0];
  for (int k = 0; k < in->rank; k++) {
    p->in[k] = in->shape[k];
    p->out[k] = out->shape[k];
    p->before[k] = weft_k_const_i32(pads, 2 * (size_t)k);
    if (p->before[k] < 0 || p->before[k] > p->out[k] - p->in[k])
      return NULL;
  }
  return p;
}

weft_status weft_k_pad_run(const weft_k_site *s, void *params) {
  weft_k_pad_i8(params, weft_k_input_data(s, 0), weft_k_output_data(s, 0));
  return WEFT_OK;
}
