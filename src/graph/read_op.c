/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/read.h"

enum { OPERATOR_OPCODE = 0, OPERATOR_INPUTS = 1, OPERATOR_OUTPUTS = 2,
       OPERATOR_OPTIONS = 3 };

/* BuiltinOptions union types. */
enum { OPTIONS_CONV = 1, OPTIONS_DEPTHWISE = 2, OPTIONS_POOL = 5,
       OPTIONS_FULLY_CONNECTED = 8, OPTIONS_SOFTMAX = 9, OPTIONS_CONCAT = 10,
       OPTIONS_ADD = 11,
       OPTIONS_RESHAPE = 17, OPTIONS_REDUCER = 27, OPTIONS_STRIDED_SLICE = 32,
       OPTIONS_PACK = 59 };

/* Operand counts of the operators that we know more than the name of; the
 * first min_inputs may not be absent. */
static const struct {
  weft_op_kind kind;
  int min_inputs, max_inputs;
} counts[] = {
  {WEFT_OP_ADD, 2, 2},             {WEFT_OP_AVERAGE_POOL_2D, 1, 1},
  {WEFT_OP_CONCATENATION, 1, 1048576},
  {WEFT_OP_CONV_2D, 2, 3},         {WEFT_OP_DEPTHWISE_CONV_2D, 2, 3},
  {WEFT_OP_DEQUANTIZE, 1, 1},      {WEFT_OP_FULLY_CONNECTED, 2, 3},
  {WEFT_OP_LOGISTIC, 1, 1},
  {WEFT_OP_MAX_POOL_2D, 1, 1},     {WEFT_OP_MEAN, 2, 2},
  {WEFT_OP_PAD, 2, 3},             {WEFT_OP_QUANTIZE, 1, 1},
  {WEFT_OP_RELU, 1, 1},            {WEFT_OP_RELU6, 1, 1},
  {WEFT_OP_RESHAPE, 1, 2},         {WEFT_OP_SHAPE, 1, 1},
  {WEFT_OP_SOFTMAX, 1, 1},         {WEFT_OP_STRIDED_SLICE, 4, 5},
  {WEFT_OP_PACK, 1, 1048576},
};

static const int32_t *read_operands(weft_reader *r, weft_fb_table table,
                                    unsigned slot, int lowest, int *n) {
  weft_fb_vec v = weft_fb_vector(&r->fb, table, slot, 4);
  if (v.n > r->operands_left) {
    weft_fb_fail(&r->fb, WEFT_E_CAP, v.at, "more than 1048576 operands",
                 "at most 1048576 operands of all operators together");
    v.n = 0;
  }
  r->operands_left -= v.n;
  int32_t *operands = WEFT_NEW(r->arena, int32_t, v.n + 1);
  for (uint32_t k = 0; k < v.n; k++) {
    operands[k] = weft_fb_vec_i32(v, k);
    if (operands[k] >= lowest && operands[k] < r->graph->n_tensors)
      continue;
    weft_fb_fail(&r->fb, WEFT_E_MODEL, v.at + 4 * k,
                 weft_diag_text(r->diag, "tensor %d", (int)operands[k]),
                 weft_diag_text(r->diag, "%d..%d", lowest,
                                r->graph->n_tensors - 1));
    v.n = 0;
  }
  *n = (int)v.n;
  return operands;
}

/* An option that must be at least 1; beyond 65535 no operator is sensible. */
static int read_size(weft_reader *r, weft_fb_table options, unsigned slot,
                     int32_t otherwise, const char *name, weft_op *op) {
  int32_t v = weft_fb_i32(&r->fb, options, slot, otherwise);
  if (v < 1)
    weft_fb_fail(&r->fb, WEFT_E_MODEL, options.at,
                 weft_diag_text(r->diag, "%s %d", name, (int)v),
                 weft_diag_text(r->diag, "%s of at least 1", name));
  if (v > 65535)
    op->unsupported = "a stride, dilation or window over 65535";
  return v;
}

static void read_act(weft_reader *r, weft_fb_table options, unsigned slot,
                     weft_op *op) {
  int v = weft_fb_i8(&r->fb, options, slot, 0);
  if (v < WEFT_ACT_NONE || v > WEFT_ACT_SIGN_BIT)
    weft_fb_fail(&r->fb, WEFT_E_MODEL, options.at,
                 weft_diag_text(r->diag, "fused activation %d", v), "0..5");
  else
    op->act = (weft_act)v;
}

static void read_padding(weft_reader *r, weft_fb_table options, weft_op *op) {
  int v = weft_fb_i8(&r->fb, options, 0, 0);
  if (v != WEFT_PAD_SAME && v != WEFT_PAD_VALID)
    weft_fb_fail(&r->fb, WEFT_E_MODEL, options.at,
                 weft_diag_text(r->diag, "padding %d", v),
                 "0 (SAME) or 1 (VALID)");
  else
    op->padding = (weft_pad)v;
}

/* CONV_2D, and DEPTHWISE_CONV_2D whose slots from 3 on are one later. */
static void read_conv(weft_reader *r, weft_fb_table options, unsigned shift,
                      weft_op *op) {
  read_padding(r, options, op);
  op->stride_w = read_size(r, options, 1, 0, "stride_w", op);
  op->stride_h = read_size(r, options, 2, 0, "stride_h", op);
  read_act(r, options, 3 + shift, op);
  op->dilation_w = read_size(r, options, 4 + shift, 1, "dilation_w", op);
  op->dilation_h = read_size(r, options, 5 + shift, 1, "dilation_h", op);
}

static void read_pool(weft_reader *r, weft_fb_table options, weft_op *op) {
  read_padding(r, options, op);
  op->stride_w = read_size(r, options, 1, 0, "stride_w", op);
  op->stride_h = read_size(r, options, 2, 0, "stride_h", op);
  op->filter_w = read_size(r, options, 3, 0, "filter_width", op);
  op->filter_h = read_size(r, options, 4, 0, "filter_height", op);
  read_act(r, options, 5, op);
  op->dilation_w = op->dilation_h = 1;
}

static void read_slice(weft_fb *fb, weft_fb_table options, weft_op_extra *x) {
  x->begin_mask = weft_fb_i32(fb, options, 0, 0);
  x->end_mask = weft_fb_i32(fb, options, 1, 0);
  x->shrink_mask = weft_fb_i32(fb, options, 4, 0);
  x->plain_slice = weft_fb_i32(fb, options, 2, 0) == 0 &&
                   weft_fb_i32(fb, options, 3, 0) == 0 &&
                   !weft_fb_bool(fb, options, 5, false);
}

static void read_options(weft_reader *r, weft_fb_table table, weft_op *op,
                         weft_op_extra *x) {
  weft_fb *fb = &r->fb;
#define OPTIONS(type) weft_fb_union(fb, table, OPERATOR_OPTIONS, type)
  switch ((int)op->kind) {
  case WEFT_OP_CONV_2D:
    read_conv(r, OPTIONS(OPTIONS_CONV), 0, op);
    break;
  case WEFT_OP_DEPTHWISE_CONV_2D: {
    weft_fb_table options = OPTIONS(OPTIONS_DEPTHWISE);
    read_conv(r, options, 1, op);
    x->depth_multiplier = weft_fb_i32(fb, options, 3, 0);
    break;
  }
  case WEFT_OP_AVERAGE_POOL_2D:
  case WEFT_OP_MAX_POOL_2D:
    read_pool(r, OPTIONS(OPTIONS_POOL), op);
    break;
  case WEFT_OP_FULLY_CONNECTED: {
    weft_fb_table options = OPTIONS(OPTIONS_FULLY_CONNECTED);
    read_act(r, options, 0, op);
    if (weft_fb_i8(fb, options, 1, 0) != 0)
      op->unsupported = "shuffled weights (weights_format)";
    op->keep_dims = weft_fb_bool(fb, options, 2, false);
    break;
  }
  case WEFT_OP_ADD:
    read_act(r, OPTIONS(OPTIONS_ADD), 0, op);
    break;
  case WEFT_OP_CONCATENATION: {
    weft_fb_table options = OPTIONS(OPTIONS_CONCAT);
    op->axis = weft_fb_i32(fb, options, 0, 0);
    read_act(r, options, 1, op);
    break;
  }
  case WEFT_OP_SOFTMAX:
    op->beta = weft_fb_f32(fb, OPTIONS(OPTIONS_SOFTMAX), 0, 0);
    break;
  case WEFT_OP_MEAN:
    op->keep_dims = weft_fb_bool(fb, OPTIONS(OPTIONS_REDUCER), 0, false);
    break;
  case WEFT_OP_RESHAPE:
    x->new_shape = weft_fb_vector(fb, OPTIONS(OPTIONS_RESHAPE), 0, 4);
    break;
  case WEFT_OP_STRIDED_SLICE:
    read_slice(fb, OPTIONS(OPTIONS_STRIDED_SLICE), x);
    break;
  case WEFT_OP_PACK:
    x->axis = weft_fb_i32(fb, OPTIONS(OPTIONS_PACK), 1, 0);
    break;
  default:
    break;
  }
#undef OPTIONS
}

static void read_op(weft_reader *r, weft_fb_table table, weft_op *op,
                    weft_op_extra *x) {
  uint32_t k = weft_fb_u32(&r->fb, table, OPERATOR_OPCODE, 0);
  if (k >= r->opcodes.n) {
    weft_fb_fail(&r->fb, WEFT_E_MODEL, table.at,
                 weft_diag_text(r->diag, "opcode_index %u", (unsigned)k),
                 weft_diag_text(r->diag, "one of the %u operator codes",
                                (unsigned)r->opcodes.n));
    return;
  }
  op->kind = r->opcode_kind[k];
  op->name = r->opcode_name[k];
  op->inputs = read_operands(r, table, OPERATOR_INPUTS, -1, &op->n_inputs);
  op->outputs = read_operands(r, table, OPERATOR_OUTPUTS, 0, &op->n_outputs);
  read_options(r, table, op, x);
}

static weft_status check_counts(weft_reader *r, int i) {
  const weft_op *op = &r->graph->ops[i];
  size_t k = 0, n = sizeof counts / sizeof counts[0];
  while (k < n && counts[k].kind != op->kind)
    k++;
  if (k == n)
    return WEFT_OK;
  if (op->n_inputs < counts[k].min_inputs ||
      op->n_inputs > counts[k].max_inputs || op->n_outputs != 1)
    return weft_fail_op(r, i, WEFT_E_MODEL,
                        weft_diag_text(r->diag, "%d inputs, %d outputs",
                                       op->n_inputs, op->n_outputs),
                        weft_diag_text(r->diag, "%d to %d inputs, 1 output",
                                       counts[k].min_inputs,
                                       counts[k].max_inputs));
  for (int j = 0; j < counts[k].min_inputs; j++)
    if (op->inputs[j] < 0)
      return weft_fail_op(r, i, WEFT_E_MODEL,
                          weft_diag_text(r->diag, "input %d is absent", j),
                          "a tensor");
  return WEFT_OK;
}

/* Every tensor is made once, and before it is used. TFLite-Micro does run some
 * networks that break this, if not to a defined end: unsupported, not damaged. */
static weft_status link_op(weft_reader *r, int i, const bool *given) {
  weft_graph *g = r->graph;
  weft_op *op = &g->ops[i];
  for (int j = 0; j < op->n_inputs; j++) {
    int t = op->inputs[j];
    if (t >= 0 && !given[t] && !g->tensors[t].data.data &&
        g->tensors[t].producer < 0 && !g->tensors[t].unsupported)
      op->unsupported = "reads a tensor that nothing made before";
  }
  for (int j = 0; j < op->n_outputs; j++) {
    int t = op->outputs[j];
    weft_tensor *made = &g->tensors[t];
    if (made->data.data)
      return weft_fail_op(r, i, WEFT_E_MODEL,
                          weft_diag_text(r->diag, "writes constant %d '%s'", t,
                                         made->name),
                          "outputs without a value of their own");
    if (given[t] || made->producer >= 0)
      op->unsupported = "writes an input, variable or other operator's output";
    else
      made->producer = i;
  }
  return WEFT_OK;
}

static weft_status finish_ops(weft_reader *r) {
  weft_graph *g = r->graph;
  bool *given = WEFT_NEW(r->arena, bool, g->n_tensors + 1);
  for (int k = 0; k < g->n_inputs; k++)
    given[g->inputs[k]] = true;
  for (int t = 0; t < g->n_tensors; t++)
    given[t] = given[t] || g->tensors[t].is_variable;
  for (int i = 0; i < g->n_ops; i++) {
    WEFT_TRY(check_counts(r, i));
    WEFT_TRY(link_op(r, i, given));
    WEFT_TRY(weft_infer_shape(r, i));
    weft_fold_op(r, i);
  }
  return WEFT_OK;
}

weft_status weft_read_ops(weft_reader *r, weft_fb_vec operators) {
  weft_graph *g = r->graph;
  r->fb.place = "operators";
  if (operators.n > WEFT_CAP_OPS)
    return weft_fb_fail(&r->fb, WEFT_E_CAP, operators.at,
                        "more than 65536 operators", "at most 65536 operators");
  g->n_ops = (int)operators.n;
  g->ops = WEFT_NEW(r->arena, weft_op, operators.n + 1);
  r->extra = WEFT_NEW(r->arena, weft_op_extra, operators.n + 1);
  for (uint32_t i = 0; i < operators.n && r->fb.status == WEFT_OK; i++) {
    r->fb.index = i;
    read_op(r, weft_fb_at(&r->fb, operators, i), &g->ops[i], &r->extra[i]);
  }
  r->fb.index = -1;
  WEFT_TRY(r->fb.status);
  return finish_ops(r);
}
