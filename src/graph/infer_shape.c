/* SPDX-License-Identifier: Apache-2.0 */
/* Recomputes what the file states. Operators in forms that weft_graph_check
 * refuses anyway (ranks, operands that are not constant) are left alone. */
#include "graph/read.h"

#include <string.h>

int weft_out_size(weft_pad padding, int in, int k, int stride, int dilation) {
  int64_t extent = ((int64_t)k - 1) * dilation + 1;
  int64_t out = padding == WEFT_PAD_SAME
                    ? ((int64_t)in + stride - 1) / stride
                    : ((int64_t)in + stride - extent) / stride;
  return out < 0 ? 0 : (int)out;
}

int weft_pad_before(weft_pad padding, int in, int out, int k, int stride,
                    int dilation) {
  (void)padding; /* the formula gives 0 for VALID */
  int64_t extent = ((int64_t)k - 1) * dilation + 1;
  int64_t total = ((int64_t)out - 1) * stride + extent - in;
  int64_t before = total > 0 ? total / 2 : 0;
  return before > INT32_MAX ? INT32_MAX : (int)before;
}

int weft_const_ints(const weft_graph *g, int tensor, int64_t *values, int cap) {
  const weft_tensor *t = tensor < 0 ? NULL : &g->tensors[tensor];
  if (!t || !t->data.data || t->unsupported || t->n_elems > (size_t)cap)
    return -1;
  if (t->type != WEFT_INT32 && t->type != WEFT_INT64)
    return -1;
  for (size_t k = 0; k < t->n_elems; k++)
    values[k] = t->type == WEFT_INT32
                    ? (int32_t)weft_le32(t->data.data + 4 * k)
                    : (int64_t)weft_le64(t->data.data + 8 * k);
  return (int)t->n_elems;
}

static const weft_tensor *input_of(const weft_reader *r, int i, int j) {
  const weft_op *op = &r->graph->ops[i];
  return j < op->n_inputs && op->inputs[j] >= 0
             ? &r->graph->tensors[op->inputs[j]]
             : NULL;
}

static const weft_tensor *output_of(const weft_reader *r, int i) {
  return &r->graph->tensors[r->graph->ops[i].outputs[0]];
}

static weft_status expect_shape(weft_reader *r, int i, const int32_t *shape,
                                int rank) {
  const weft_tensor *out = output_of(r, i);
  if (out->rank == rank &&
      memcmp(out->shape, shape, (size_t)rank * sizeof *shape) == 0)
    return WEFT_OK;
  return weft_fail_op(
      r, i, WEFT_E_MODEL,
      weft_diag_text(r->diag, "output shape %s",
                     weft_shape_text(r->diag, out->shape, out->rank)),
      weft_diag_text(r->diag, "%s, from the inputs' shapes and the options",
                     weft_shape_text(r->diag, shape, rank)));
}

static weft_status add_work(weft_reader *r, int i, uint64_t outputs,
                            uint64_t each) {
  if (outputs != 0 && each > WEFT_CAP_MACS / outputs)
    r->work = WEFT_CAP_MACS + 1;
  else
    r->work += outputs * each;
  if (r->work <= WEFT_CAP_MACS)
    return WEFT_OK;
  return weft_fail_op(r, i, WEFT_E_CAP, "more than 2^36 multiply-accumulates",
                      "at most 68719476736 in the whole network");
}

static weft_status add_macs(weft_reader *r, int i, uint64_t each) {
  uint64_t outputs = output_of(r, i)->n_elems;
  WEFT_TRY(add_work(r, i, outputs, each));
  r->graph->macs += outputs * each;
  return WEFT_OK;
}

/* Output size of a window over axis 1 and 2 of a rank-4 input. */
static weft_status window_shape(weft_reader *r, int i, const weft_tensor *in,
                                int32_t channels) {
  const weft_op *op = &r->graph->ops[i];
  int h = weft_out_size(op->padding, in->shape[1], op->filter_h, op->stride_h,
                        op->dilation_h);
  int w = weft_out_size(op->padding, in->shape[2], op->filter_w, op->stride_w,
                        op->dilation_w);
  if (h < 1 || w < 1)
    return weft_fail_op(
        r, i, WEFT_E_MODEL,
        weft_diag_text(r->diag, "window %dx%d, dilation %dx%d, over %s",
                       op->filter_h, op->filter_w, op->dilation_h,
                       op->dilation_w,
                       weft_shape_text(r->diag, in->shape, in->rank)),
        "a VALID window inside the input");
  const int32_t shape[4] = {in->shape[0], h, w, channels};
  return expect_shape(r, i, shape, 4);
}

static weft_status check_bias(weft_reader *r, int i, int32_t channels) {
  const weft_tensor *bias = input_of(r, i, 2);
  if (!bias || bias->n_elems == (size_t)channels)
    return WEFT_OK;
  return weft_fail_op(r, i, WEFT_E_MODEL,
                      weft_diag_text(r->diag, "%zu biases", bias->n_elems),
                      weft_diag_text(r->diag, "%d, one an output channel",
                                     (int)channels));
}

static weft_status infer_conv(weft_reader *r, int i) {
  weft_op *op = &r->graph->ops[i];
  const weft_tensor *in = input_of(r, i, 0), *filter = input_of(r, i, 1);
  if (in->rank != 4 || filter->rank != 4)
    return WEFT_OK;
  int32_t channels = filter->shape[0], depth = filter->shape[3];
  op->filter_h = filter->shape[1];
  op->filter_w = filter->shape[2];
  if (in->shape[3] % depth != 0 || channels % (in->shape[3] / depth) != 0)
    return weft_fail_op(
        r, i, WEFT_E_MODEL,
        weft_diag_text(r->diag, "%d input channels, filter %s",
                       (int)in->shape[3],
                       weft_shape_text(r->diag, filter->shape, 4)),
        "groups = input channels / filter channels, and both whole");
  op->n_groups = in->shape[3] / depth;
  if (op->filter_h > 65535 || op->filter_w > 65535) {
    op->unsupported = "a stride, dilation or window over 65535";
    return WEFT_OK;
  }
  WEFT_TRY(check_bias(r, i, channels));
  WEFT_TRY(window_shape(r, i, in, channels));
  return add_macs(r, i, (uint64_t)op->filter_h * (uint64_t)op->filter_w *
                            (uint64_t)depth);
}

static weft_status infer_depthwise(weft_reader *r, int i) {
  weft_op *op = &r->graph->ops[i];
  const weft_tensor *in = input_of(r, i, 0), *filter = input_of(r, i, 1);
  if (in->rank != 4 || filter->rank != 4)
    return WEFT_OK;
  int32_t channels = filter->shape[3], stated = r->extra[i].depth_multiplier;
  op->filter_h = filter->shape[1];
  op->filter_w = filter->shape[2];
  if (filter->shape[0] != 1 || channels % in->shape[3] != 0)
    return weft_fail_op(
        r, i, WEFT_E_MODEL,
        weft_diag_text(r->diag, "%d input channels, filter %s",
                       (int)in->shape[3],
                       weft_shape_text(r->diag, filter->shape, 4)),
        "filter 1xHxWxO with O a multiple of the input channels");
  op->depth_multiplier = channels / in->shape[3];
  if (stated != op->depth_multiplier)
    return weft_fail_op(
        r, i, WEFT_E_MODEL,
        weft_diag_text(r->diag, "depth_multiplier %d", (int)stated),
        weft_diag_text(r->diag, "%d, output channels / input channels",
                       op->depth_multiplier));
  if (op->filter_h > 65535 || op->filter_w > 65535) {
    op->unsupported = "a stride, dilation or window over 65535";
    return WEFT_OK;
  }
  WEFT_TRY(check_bias(r, i, channels));
  WEFT_TRY(window_shape(r, i, in, channels));
  return add_macs(r, i, (uint64_t)op->filter_h * (uint64_t)op->filter_w);
}

static weft_status infer_pool(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  const weft_tensor *in = input_of(r, i, 0);
  if (in->rank != 4)
    return WEFT_OK;
  WEFT_TRY(window_shape(r, i, in, in->shape[3]));
  uint64_t h = (uint64_t)op->filter_h, w = (uint64_t)op->filter_w;
  uint64_t in_h = (uint64_t)in->shape[1], in_w = (uint64_t)in->shape[2];
  return add_work(r, i, output_of(r, i)->n_elems,
                  (h < in_h ? h : in_h) * (w < in_w ? w : in_w));
}

/* Weights OxK; the last axis of the output is O, the rest are rows of K. */
static weft_status infer_fully_connected(weft_reader *r, int i) {
  const weft_tensor *in = input_of(r, i, 0), *weights = input_of(r, i, 1);
  const weft_tensor *out = output_of(r, i);
  if (weights->rank != 2)
    return WEFT_OK;
  size_t n = (size_t)weights->shape[0], k = (size_t)weights->shape[1];
  bool whole = in->n_elems % k == 0 && out->rank >= 1 &&
               out->shape[out->rank - 1] == weights->shape[0] &&
               out->n_elems == in->n_elems / k * n;
  if (!whole)
    return weft_fail_op(
        r, i, WEFT_E_MODEL,
        weft_diag_text(r->diag, "input %s, weights %s, output %s",
                       weft_shape_text(r->diag, in->shape, in->rank),
                       weft_shape_text(r->diag, weights->shape, 2),
                       weft_shape_text(r->diag, out->shape, out->rank)),
        "rows of K inputs to rows of O outputs, with weights OxK");
  WEFT_TRY(check_bias(r, i, weights->shape[0]));
  return add_macs(r, i, k);
}

static weft_status infer_add(weft_reader *r, int i) {
  const weft_tensor *a = input_of(r, i, 0), *b = input_of(r, i, 1);
  const weft_tensor *longer = a->rank >= b->rank ? a : b;
  const weft_tensor *other = longer == a ? b : a;
  int32_t shape[WEFT_MAX_RANK] = {0};
  int skip = longer->rank - other->rank;
  for (int k = 0; k < longer->rank; k++) {
    int32_t x = longer->shape[k], y = k < skip ? 1 : other->shape[k - skip];
    if (x != y && x != 1 && y != 1)
      return weft_fail_op(
          r, i, WEFT_E_MODEL,
          weft_diag_text(r->diag, "inputs %s and %s",
                         weft_shape_text(r->diag, a->shape, a->rank),
                         weft_shape_text(r->diag, b->shape, b->rank)),
          "equal shapes, or axes of 1 that broadcast");
    shape[k] = x > y ? x : y;
  }
  return expect_shape(r, i, shape, longer->rank);
}

static weft_status infer_concat(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  const weft_tensor *first = input_of(r, i, 0);
  const int axis = op->axis < 0 ? op->axis + first->rank : op->axis;
  int32_t shape[WEFT_MAX_RANK];
  int64_t total = 0;
  memcpy(shape, first->shape, sizeof shape);
  if (axis < 0 || axis >= first->rank)
    return weft_fail_op(r, i, WEFT_E_MODEL,
                        weft_diag_text(r->diag, "axis %d of rank %d", op->axis, first->rank),
                        "an axis of the inputs");
  for (int j = 0; j < op->n_inputs; j++) {
    const weft_tensor *in = input_of(r, i, j);
    bool fits = in && in->rank == first->rank;
    for (int k = 0; k < first->rank && fits; k++)
      fits = k == axis || in->shape[k] == first->shape[k];
    if (!fits)
      return weft_fail_op(r, i, WEFT_E_MODEL,
                          in ? weft_diag_text(r->diag, "inputs %s and %s",
                                              weft_shape_text(r->diag, first->shape, first->rank),
                                              weft_shape_text(r->diag, in->shape, in->rank))
                             : "an absent input",
                          weft_diag_text(r->diag, "inputs equal in all axes but axis %d", axis));
    total += in->shape[axis];
  }
  shape[axis] = total > INT32_MAX ? INT32_MAX : (int32_t)total;
  return expect_shape(r, i, shape, first->rank);
}

static weft_status infer_pad(weft_reader *r, int i) {
  const weft_tensor *in = input_of(r, i, 0);
  int64_t pads[2 * WEFT_MAX_RANK];
  int n = weft_const_ints(r->graph, r->graph->ops[i].inputs[1], pads,
                          2 * WEFT_MAX_RANK);
  if (n < 0)
    return WEFT_OK;
  int32_t shape[WEFT_MAX_RANK] = {0};
  bool fits = n == 2 * in->rank;
  for (int k = 0; k < in->rank && fits; k++) {
    int64_t before = pads[2 * k], after = pads[2 * k + 1];
    fits = before >= 0 && after >= 0 && before <= INT32_MAX &&
           after <= INT32_MAX && in->shape[k] + before + after <= INT32_MAX;
    shape[k] = fits ? (int32_t)(in->shape[k] + before + after) : 0;
  }
  if (!fits)
    return weft_fail_op(r, i, WEFT_E_MODEL,
                        weft_diag_text(r->diag, "%d paddings for rank %d, or one "
                                       "out of range", n, in->rank),
                        "two numbers of at least 0 an axis");
  return expect_shape(r, i, shape, in->rank);
}

static weft_status infer_mean(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  const weft_tensor *in = input_of(r, i, 0);
  int64_t axes[WEFT_MAX_RANK];
  int n = weft_const_ints(r->graph, op->inputs[1], axes, WEFT_MAX_RANK);
  bool reduced[WEFT_MAX_RANK] = {false};
  if (n < 0)
    return WEFT_OK;
  for (int k = 0; k < n; k++) {
    int64_t axis = axes[k] < 0 ? axes[k] + in->rank : axes[k];
    if (axis < 0 || axis >= in->rank)
      return weft_fail_op(r, i, WEFT_E_MODEL,
                          weft_diag_text(r->diag, "axis %lld of rank %d",
                                         (long long)axes[k], in->rank),
                          "an axis of the input");
    reduced[axis] = true;
  }
  int32_t shape[WEFT_MAX_RANK] = {0};
  int rank = 0;
  for (int k = 0; k < in->rank; k++) {
    if (!reduced[k])
      shape[rank++] = in->shape[k];
    else if (op->keep_dims)
      shape[rank++] = 1;
  }
  return expect_shape(r, i, shape, rank);
}

/* The target shape comes from input 1, else from the option, else from the
 * output itself. */
static weft_status infer_reshape(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  const weft_tensor *in = input_of(r, i, 0), *out = output_of(r, i);
  weft_fb_vec option = r->extra[i].new_shape;
  int64_t want[WEFT_MAX_RANK];
  int n = -1;
  if (in->n_elems != out->n_elems)
    return weft_fail_op(
        r, i, WEFT_E_MODEL,
        weft_diag_text(r->diag, "%s to %s",
                       weft_shape_text(r->diag, in->shape, in->rank),
                       weft_shape_text(r->diag, out->shape, out->rank)),
        "as many elements as before");
  if (op->n_inputs == 2 && op->inputs[1] >= 0) {
    n = weft_const_ints(r->graph, op->inputs[1], want, WEFT_MAX_RANK);
  } else if (option.n <= WEFT_MAX_RANK && option.n > 0) {
    n = (int)option.n;
    for (int k = 0; k < n; k++)
      want[k] = weft_fb_vec_i32(option, (uint32_t)k);
  }
  if (n < 0 || (n == 1 && want[0] == 0 && out->rank == 0))
    return WEFT_OK;
  bool equal = n == out->rank;
  int n_open = 0;
  for (int k = 0; k < n && equal; k++) {
    n_open += want[k] == -1;
    equal = want[k] == -1 ? n_open == 1 : want[k] == out->shape[k];
  }
  if (equal)
    return WEFT_OK;
  return weft_fail_op(r, i, WEFT_E_MODEL,
                      weft_diag_text(r->diag, "output shape %s",
                                     weft_shape_text(r->diag, out->shape,
                                                     out->rank)),
                      "the shape that the operator asks for, with one -1 at most");
}

static bool is_open(const weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  bool open = op->unsupported != NULL || op->n_outputs == 0;
  for (int j = 0; j < op->n_inputs; j++)
    open = open || (op->inputs[j] >= 0 &&
                    r->graph->tensors[op->inputs[j]].unsupported);
  for (int j = 0; j < op->n_outputs; j++)
    open = open || r->graph->tensors[op->outputs[j]].unsupported;
  return open;
}

weft_status weft_infer_shape(weft_reader *r, int i) {
  if (is_open(r, i))
    return WEFT_OK;
  switch ((int)r->graph->ops[i].kind) {
  case WEFT_OP_CONV_2D:
    return infer_conv(r, i);
  case WEFT_OP_DEPTHWISE_CONV_2D:
    return infer_depthwise(r, i);
  case WEFT_OP_AVERAGE_POOL_2D:
  case WEFT_OP_MAX_POOL_2D:
    return infer_pool(r, i);
  case WEFT_OP_FULLY_CONNECTED:
    return infer_fully_connected(r, i);
  case WEFT_OP_ADD:
    return infer_add(r, i);
  case WEFT_OP_CONCATENATION:
    return infer_concat(r, i);
  case WEFT_OP_PAD:
    return infer_pad(r, i);
  case WEFT_OP_MEAN:
    return infer_mean(r, i);
  case WEFT_OP_RESHAPE:
    return infer_reshape(r, i);
  case WEFT_OP_QUANTIZE:
  case WEFT_OP_DEQUANTIZE:
  case WEFT_OP_RELU:
  case WEFT_OP_RELU6:
  case WEFT_OP_LOGISTIC:
  case WEFT_OP_SOFTMAX: {
    const weft_tensor *in = input_of(r, i, 0);
    return expect_shape(r, i, in->shape, in->rank);
  }
  default:
    return WEFT_OK;
  }
}
