/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_ops.h"

const weft_tensor *weft_k_input(const weft_k_site *s, int j) {
  if (j >= s->op->n_inputs || s->op->inputs[j] < 0)
    return NULL;
  return &s->graph->tensors[s->op->inputs[j]];
}

const weft_tensor *weft_k_output(const weft_k_site *s, int j) {
  return &s->graph->tensors[s->op->outputs[j]];
}

const void *weft_k_input_data(const weft_k_site *s, int j) {
  const weft_tensor *t = weft_k_input(s, j);
  return t->data.data ? t->data.data : s->memory[s->op->inputs[j]];
}

void *weft_k_output_data(const weft_k_site *s, int j) {
  return s->memory[s->op->outputs[j]];
}

int32_t weft_k_const_i32(const weft_tensor *t, size_t i) {
  return (int32_t)weft_le32(t->data.data + 4 * i);
}

weft_k_image weft_k_image_of(const weft_tensor *t) {
  int32_t d[4] = {1, 1, 1, 1};
  for (int k = 0; k < t->rank; k++) {
    const int place = 3 - (t->rank - 1 - k);
    d[place < 0 ? 0 : place] *= t->shape[k];
  }
  return (weft_k_image){d[0], d[1], d[2], d[3]};
}

weft_k_axis weft_k_axis_of(int in, int out, int filter, int stride, int dilation) {
  const int64_t extent = (int64_t)(filter - 1) * dilation + 1;
  const int64_t total = (int64_t)(out - 1) * stride + extent - in;
  const int before = total > 0 ? (int)(total / 2) : 0;
  return (weft_k_axis){in, out, filter, stride, dilation, before};
}

weft_k_taps weft_k_taps_of(const weft_k_axis *a, int out_pos) {
  const int64_t origin = (int64_t)out_pos * a->stride - a->pad_before;
  const int64_t step = a->dilation;
  const int64_t first = origin < 0 ? (-origin + step - 1) / step : 0;
  int64_t end = a->in > origin ? (a->in - origin + step - 1) / step : 0;
  end = end < a->filter ? end : a->filter;
  if (first >= end)
    return (weft_k_taps){0, 0, 0};
  return (weft_k_taps){(int)first, (int)end, (int)(origin + first * step)};
}
