/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model_builder.h"

static const int8_t weights[256] = {1, -2, 3};
static const int32_t biases[8] = {5, -6, 7};

static void start(mb_model *m, int n_tensors, int n_ops, int output) {
  memset(m, 0, sizeof *m);
  m->version = 3;
  m->n_subgraphs = 1;
  m->n_tensors = n_tensors;
  m->n_ops = n_ops;
  m->n_inputs = m->n_outputs = 1;
  m->outputs[0] = output;
}

mb_tensor mb_int8(const char *name, int rank, const int32_t *shape, float scale,
                  int zero) {
  mb_tensor t = {.name = name, .type = WEFT_INT8, .rank = rank, .n_scales = 1,
                 .n_zeros = 1, .scale = {scale}, .zero = {zero}};
  memcpy(t.shape, shape, (size_t)rank * sizeof *shape);
  return t;
}

mb_tensor mb_const_i32(const char *name, int n, const int32_t *values) {
  return (mb_tensor){.name = name, .type = WEFT_INT32, .rank = 1, .shape = {n},
                     .data = values, .data_bytes = 4 * (uint32_t)n};
}

static mb_tensor filter(int rank, const int32_t *shape, int channels, int axis) {
  mb_tensor t = mb_int8("filter", rank, shape, 0.02f, 0);
  t.data = weights;
  t.data_bytes = 1;
  for (int k = 0; k < rank; k++)
    t.data_bytes *= (uint32_t)shape[k];
  t.n_scales = t.n_zeros = channels;
  for (int k = 0; k < channels; k++)
    t.scale[k] = 0.02f + 0.01f * (float)k;
  t.axis = axis;
  return t;
}

void mb_conv(mb_model *m) {
  start(m, 4, 1, 3);
  m->tensors[0] = mb_int8("input", 4, (int32_t[]){1, 5, 5, 2}, 0.5f, -3);
  m->tensors[1] = filter(4, (int32_t[]){3, 3, 3, 2}, 3, 0);
  m->tensors[2] = mb_const_i32("bias", 3, biases);
  m->tensors[3] = mb_int8("output", 4, (int32_t[]){1, 5, 5, 3}, 0.1f, -128);
  m->ops[0] = (mb_op){.code = WEFT_OP_CONV_2D, .n_inputs = 3, .n_outputs = 1,
                      .inputs = {0, 1, 2}, .outputs = {3}, .options_type = 1,
                      .n_options = 4,
                      .options = {{0, 0}, {1, 1}, {2, 1}, {3, 3}}};
}

void mb_depthwise(mb_model *m) {
  mb_conv(m);
  m->tensors[1] = filter(4, (int32_t[]){1, 3, 3, 4}, 4, 3);
  m->tensors[2] = mb_const_i32("bias", 4, biases);
  m->tensors[3].shape[3] = 4;
  m->ops[0].code = WEFT_OP_DEPTHWISE_CONV_2D;
  m->ops[0].options_type = 2;
  m->ops[0].options[3] = (mb_option){3, 2};
}

void mb_fully_connected(mb_model *m) {
  start(m, 4, 1, 3);
  m->tensors[0] = mb_int8("input", 2, (int32_t[]){1, 6}, 0.5f, -3);
  m->tensors[1] = filter(2, (int32_t[]){4, 6}, 1, 0);
  m->tensors[2] = mb_const_i32("bias", 4, biases);
  m->tensors[2].n_scales = m->tensors[2].n_zeros = 1;
  m->tensors[2].scale[0] = 0.01f;
  m->tensors[3] = mb_int8("output", 2, (int32_t[]){1, 4}, 0.25f, 10);
  m->ops[0] = (mb_op){.code = WEFT_OP_FULLY_CONNECTED, .n_inputs = 3,
                      .n_outputs = 1, .inputs = {0, 1, 2}, .outputs = {3},
                      .options_type = 8, .n_options = 1, .options = {{0, 0}}};
}

void mb_unary(mb_model *m, int code, int rank, const int32_t *shape) {
  start(m, 2, 1, 1);
  m->tensors[0] = mb_int8("input", rank, shape, 0.5f, -3);
  m->tensors[1] = mb_int8("output", rank, shape, 0.25f, 4);
  m->ops[0] = (mb_op){.code = code, .n_inputs = 1, .n_outputs = 1,
                      .outputs = {1}};
}

void mb_add(mb_model *m) {
  const int32_t shape[] = {1, 2, 2, 4};
  start(m, 3, 1, 2);
  m->n_inputs = 2;
  m->inputs[1] = 1;
  m->tensors[0] = mb_int8("a", 4, shape, 0.5f, -3);
  m->tensors[1] = mb_int8("b", 4, shape, 0.25f, 7);
  m->tensors[2] = mb_int8("sum", 4, shape, 0.75f, 0);
  m->ops[0] = (mb_op){.code = WEFT_OP_ADD, .n_inputs = 2, .n_outputs = 1,
                      .inputs = {0, 1}, .outputs = {2}, .options_type = 11,
                      .n_options = 1, .options = {{0, 1}}};
}

void mb_concat(mb_model *m) {
  start(m, 3, 1, 2);
  m->n_inputs = 2;
  m->inputs[1] = 1;
  m->tensors[0] = mb_int8("a", 4, (int32_t[]){1, 2, 2, 4}, 0.5f, -3);
  m->tensors[1] = mb_int8("b", 4, (int32_t[]){1, 2, 2, 1}, 0.5f, -3);
  m->tensors[2] = mb_int8("both", 4, (int32_t[]){1, 2, 2, 5}, 0.5f, -3);
  m->ops[0] = (mb_op){.code = WEFT_OP_CONCATENATION, .n_inputs = 2, .n_outputs = 1,
                      .inputs = {0, 1}, .outputs = {2}, .options_type = 10,
                      .n_options = 2, .options = {{0, -1}, {1, 0}}};
}

void mb_pool(mb_model *m, int code) {
  mb_unary(m, code, 4, (int32_t[]){1, 6, 6, 2});
  m->tensors[1] = mb_int8("output", 4, (int32_t[]){1, 3, 3, 2}, 0.5f, -3);
  m->ops[0].options_type = 5;
  m->ops[0].n_options = 5;
  const mb_option options[] = {{0, 1}, {1, 2}, {2, 2}, {3, 2}, {4, 2}};
  memcpy(m->ops[0].options, options, sizeof options);
}

void mb_keras_reshape(mb_model *m) {
  static const int32_t zero[] = {0}, one[] = {1}, six[] = {6};
  start(m, 9, 4, 8);
  m->tensors[0] = mb_int8("input", 3, (int32_t[]){1, 2, 3}, 0.5f, -3);
  m->tensors[1] = (mb_tensor){.name = "shape", .type = WEFT_INT32, .rank = 1,
                              .shape = {3}};
  m->tensors[2] = mb_const_i32("begin", 1, zero);
  m->tensors[3] = mb_const_i32("end", 1, one);
  m->tensors[4] = mb_const_i32("stride", 1, one);
  m->tensors[5] = (mb_tensor){.name = "batch", .type = WEFT_INT32};
  m->tensors[6] = mb_const_i32("six", 1, six);
  m->tensors[6].rank = 0;
  m->tensors[7] = (mb_tensor){.name = "packed", .type = WEFT_INT32, .rank = 1,
                              .shape = {2}};
  m->tensors[8] = mb_int8("output", 2, (int32_t[]){1, 6}, 0.5f, -3);
  m->ops[0] = (mb_op){.code = WEFT_OP_SHAPE, .n_inputs = 1, .n_outputs = 1,
                      .inputs = {0}, .outputs = {1}};
  m->ops[1] = (mb_op){.code = WEFT_OP_STRIDED_SLICE, .n_inputs = 4,
                      .n_outputs = 1, .inputs = {1, 2, 3, 4}, .outputs = {5},
                      .options_type = 32, .n_options = 1, .options = {{4, 1}}};
  m->ops[2] = (mb_op){.code = WEFT_OP_PACK, .n_inputs = 2, .n_outputs = 1,
                      .inputs = {5, 6}, .outputs = {7}, .options_type = 59,
                      .n_options = 1, .options = {{0, 2}}};
  m->ops[3] = (mb_op){.code = WEFT_OP_RESHAPE, .n_inputs = 2, .n_outputs = 1,
                      .inputs = {0, 7}, .outputs = {8}};
}
