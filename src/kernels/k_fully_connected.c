/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_ops.h"

weft_status weft_k_fully_connected(const weft_k_sums *p, const int8_t *in,
                                   int8_t *out) {
  const size_t n_in = (size_t)p->in.c;
  for (int n = 0; n < p->in.n; n++, in += n_in) {
    if (weft_interrupted())
      return WEFT_E_INTERRUPTED;
    const int8_t *w = p->filter;
    for (int c = 0; c < p->out.c; c++, w += n_in)
      *out++ = weft_k_finish(p, c, weft_k_dot(w, in, n_in, p->in_zero));
  }
  return WEFT_OK;
}

void *weft_k_fully_connected_open(const weft_k_site *s) {
  const weft_tensor *in = weft_k_input(s, 0), *w = weft_k_input(s, 1);
  const weft_tensor *out = weft_k_output(s, 0);
  if (!w || w->rank != 2)
    return NULL;
  const int n_out = w->shape[0], n_in = w->shape[1];
  const size_t batch = out->n_elems / (size_t)n_out;
  weft_k_sums *p = weft_k_sums_open(s, n_out);
  if (!p || batch * (size_t)n_in != in->n_elems ||
      batch * (size_t)n_out != out->n_elems)
    return NULL;
  p->in = (weft_k_image){(int)batch, 1, 1, n_in};
  p->out = (weft_k_image){(int)batch, 1, 1, n_out};
  p->filter_c = n_in;
  return p;
}

weft_status weft_k_fully_connected_run(const weft_k_site *s, void *params) {
  return weft_k_fully_connected(params, weft_k_input_data(s, 0),
                                weft_k_output_data(s, 0));
}
