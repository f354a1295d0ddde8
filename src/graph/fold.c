/* SPDX-License-Identifier: Apache-2.0 */
/* Shape arithmetic: a Keras Reshape becomes SHAPE, STRIDED_SLICE, PACK,
 * RESHAPE, constant once the batch is 1. An operator is folded when its value
 * follows from the file alone; then its output has data like any constant. */
#include "graph/read.h"

static void set_value(weft_reader *r, int i, const int64_t *values, int n) {
  weft_op *op = &r->graph->ops[i];
  weft_tensor *out = &r->graph->tensors[op->outputs[0]];
  size_t size = out->type == WEFT_INT64 ? 8 : 4;
  bool typed = out->type == WEFT_INT32 || out->type == WEFT_INT64;
  if (!typed || out->unsupported || out->n_elems != (size_t)n)
    return;
  uint8_t *bytes = weft_arena_alloc(r->arena, (size_t)n + 1, size);
  for (int k = 0; k < n; k++) {
    if (size == 4 && (values[k] > INT32_MAX || values[k] < INT32_MIN))
      return;
    if (size == 8)
      weft_put_le64(bytes + 8 * k, (uint64_t)values[k]);
    else
      weft_put_le32(bytes + 4 * k, (uint32_t)values[k]);
  }
  out->data.data = bytes;
  out->data.size = (size_t)n * size;
  op->folded = true;
}

static void fold_shape(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  const weft_tensor *in = &r->graph->tensors[op->inputs[0]];
  int64_t values[WEFT_MAX_RANK] = {0};
  if (in->unsupported)
    return;
  for (int k = 0; k < in->rank; k++)
    values[k] = in->shape[k];
  set_value(r, i, values, in->rank);
}

/* One number of begin, end or strides; false if it is not constant. */
static bool one_of(const weft_graph *g, int tensor, int64_t *value) {
  return weft_const_ints(g, tensor, value, 1) == 1;
}

/* numerics.md 4.16, rank 1, stride > 0. */
static void fold_strided_slice(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  const weft_op_extra *x = &r->extra[i];
  int64_t in[WEFT_CAP_FOLDED_ELEMS], out[WEFT_CAP_FOLDED_ELEMS];
  int64_t begin = 0, end = 0, stride = 0;
  int n = weft_const_ints(r->graph, op->inputs[0], in, WEFT_CAP_FOLDED_ELEMS);
  if (n < 1 || r->graph->tensors[op->inputs[0]].rank != 1 || !x->plain_slice ||
      op->n_inputs != 4)
    return;
  if (!one_of(r->graph, op->inputs[1], &begin) ||
      !one_of(r->graph, op->inputs[2], &end) ||
      !one_of(r->graph, op->inputs[3], &stride) || stride < 1 || stride > n)
    return;
  begin = begin < 0 ? begin + n : begin;
  end = end < 0 ? end + n : end;
  begin = x->begin_mask & 1 || begin < 0 ? 0 : begin;
  end = x->end_mask & 1 || end > n ? n : end;
  if (x->shrink_mask & 1)
    end = begin + 1;
  int m = 0;
  for (int64_t k = begin; k < end && k < n; k += stride)
    out[m++] = in[k];
  bool scalar = x->shrink_mask & 1;
  if (m > 0 && r->graph->tensors[op->outputs[0]].rank == (scalar ? 0 : 1))
    set_value(r, i, out, m);
}

static void fold_pack(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  int64_t values[WEFT_CAP_FOLDED_ELEMS];
  if (op->n_inputs > (int)WEFT_CAP_FOLDED_ELEMS || r->extra[i].axis > 0 ||
      r->extra[i].axis < -1)
    return;
  for (int j = 0; j < op->n_inputs; j++) {
    int t = op->inputs[j];
    if (t < 0 || r->graph->tensors[t].rank != 0 ||
        weft_const_ints(r->graph, t, &values[j], 1) != 1)
      return;
  }
  if (r->graph->tensors[op->outputs[0]].rank == 1)
    set_value(r, i, values, op->n_inputs);
}

void weft_fold_op(weft_reader *r, int i) {
  switch ((int)r->graph->ops[i].kind) {
  case WEFT_OP_SHAPE:
    fold_shape(r, i);
    break;
  case WEFT_OP_STRIDED_SLICE:
    fold_strided_slice(r, i);
    break;
  case WEFT_OP_PACK:
    fold_pack(r, i);
    break;
  default:
    break;
  }
}
