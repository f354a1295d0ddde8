/* SPDX-License-Identifier: Apache-2.0 */
/* CONCATENATION: copies; all operands have one quantization. */
#include <string.h>

#include "kernels/k_ops.h"

typedef struct concat {
  size_t n_blocks;             /* of the axes in front of the joined one      */
  size_t *block_bytes;         /* [n_inputs] of one block of that input       */
} concat;

static bool same_quantization(const weft_tensor *a, const weft_tensor *b) {
  return a->type == b->type && a->n_scales >= 1 && b->n_scales >= 1 && a->scale[0] == b->scale[0] &&
         a->zero_point[0] == b->zero_point[0];
}

void *weft_k_concat_open(const weft_k_site *s) {
  const weft_tensor *out = weft_k_output(s, 0);
  const int axis = s->op->axis < 0 ? s->op->axis + out->rank : s->op->axis;
  concat *p = WEFT_NEW(s->arena, concat, 1);
  size_t total = 0;
  p->block_bytes = WEFT_NEW(s->arena, size_t, s->op->n_inputs);
  p->n_blocks = 1;
  if (out->type != WEFT_INT8 || s->op->act != WEFT_ACT_NONE || axis < 0 || axis >= out->rank)
    return NULL;
  for (int k = 0; k < axis; k++)
    p->n_blocks *= (size_t)out->shape[k];
  for (int j = 0; j < s->op->n_inputs; j++) {
    const weft_tensor *in = weft_k_input(s, j);
    if (!in || !same_quantization(in, out) || in->n_bytes % p->n_blocks != 0)
      return NULL;
    p->block_bytes[j] = in->n_bytes / p->n_blocks;
    total += in->n_bytes;
  }
  return total == out->n_bytes ? p : NULL;
}

weft_status weft_k_concat_run(const weft_k_site *s, void *params) {
  const concat *p = params;
  int8_t *out = weft_k_output_data(s, 0);
  for (size_t b = 0; b < p->n_blocks; b++)
    for (int j = 0; j < s->op->n_inputs; j++) {
      const int8_t *in = weft_k_input_data(s, j);
      memcpy(out, in + b * p->block_bytes[j], p->block_bytes[j]);
      out += p->block_bytes[j];
    }
  return WEFT_OK;
}
