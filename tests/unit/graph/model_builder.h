/* SPDX-License-Identifier: Apache-2.0 */
/* Writes small TFLite files from a description, for tests: sound ones, or broken
 * ones by describing nonsense or by patching bytes at the places it tells.
 * Not a general writer: every field is a cell of 4 bytes, strings included. */
#ifndef TESTS_UNIT_GRAPH_MODEL_BUILDER_H
#define TESTS_UNIT_GRAPH_MODEL_BUILDER_H

#include "graph/graph.h"

#define MB_TENSORS 12
#define MB_OPS 6

typedef struct mb_tensor {
  const char *name;
  int type;
  int rank;                 /* up to 9, one more than a graph has             */
  int32_t shape[9];
  const void *data;         /* constant bytes, or NULL                        */
  uint32_t data_bytes;
  int n_scales, n_zeros;
  float scale[8];
  int64_t zero[8];
  int32_t axis;
  int32_t buffer_plus;      /* added to the right buffer index                */
  bool variable, sparse;
  uint8_t details;          /* type of quantization details                   */
  uint32_t external;        /* external buffer                                */
} mb_tensor;

typedef struct mb_option {
  unsigned slot;
  int32_t value;            /* i8, bool, i32, or the bits of an f32           */
} mb_option;

typedef struct mb_op {
  int code;
  const char *custom;
  int n_inputs, n_outputs;
  int32_t inputs[12], outputs[2];
  int options_type;         /* 0: no options                                  */
  int n_options;
  mb_option options[8];
  int n_new_shape;          /* RESHAPE's option                               */
  int32_t new_shape[8];
  int32_t opcode_plus;      /* added to the right opcode index                */
} mb_op;

typedef struct mb_model {
  uint32_t version;
  int n_tensors, n_ops, n_inputs, n_outputs, n_subgraphs;
  mb_tensor tensors[MB_TENSORS];
  mb_op ops[MB_OPS];
  int32_t inputs[4], outputs[4];
  const char *metadata;     /* name of one metadata entry, or NULL            */
} mb_model;

typedef struct mb_file {
  uint8_t bytes[16384];
  uint32_t size;
  /* places of tables and vectors (of their count), bytes in the file */
  uint32_t model, opcodes, subgraphs, buffers, subgraph, tensors, operators;
  uint32_t tensor[MB_TENSORS], shape[MB_TENSORS], scale[MB_TENSORS];
  uint32_t op[MB_OPS], op_inputs[MB_OPS], data[MB_TENSORS];
} mb_file;

void mb_write(const mb_model *m, mb_file *f);
/* Place of a slot's entry in the vtable of the table at `table`. */
uint32_t mb_slot(const mb_file *f, uint32_t table, unsigned slot);
/* Place of the field itself. */
uint32_t mb_field(const mb_file *f, uint32_t table, unsigned slot);
int32_t mb_float(float value);

/* Descriptions to start from. All are sound and supported. */
mb_tensor mb_int8(const char *name, int rank, const int32_t *shape, float scale,
                  int zero);
mb_tensor mb_const_i32(const char *name, int n, const int32_t *values);
/* 0 input 1x5x5x2, 1 filter 3x3x3x2 per channel, 2 bias, 3 output 1x5x5x3:
 * CONV_2D SAME, stride 1, RELU6. */
void mb_conv(mb_model *m);
/* The same with DEPTHWISE_CONV_2D, multiplier 2: filter 1x3x3x4. */
void mb_depthwise(mb_model *m);
/* 0 input 1x6, 1 weights 4x6, 2 bias, 3 output 1x4. */
void mb_fully_connected(mb_model *m);
/* One input (0), one output (1), both int8, of one shape. */
void mb_unary(mb_model *m, int code, int rank, const int32_t *shape);
/* 0 and 1 inputs, 2 output, 1x2x2x4. */
void mb_add(mb_model *m);
/* 0 and 1 inputs 1x2x2x4 and 1x2x2x1, 2 output 1x2x2x5, axis -1. */
void mb_concat(mb_model *m);
/* 0 input 1x6x6x2, 1 output 1x3x3x2: 2x2, stride 2, VALID. */
void mb_pool(mb_model *m, int code);
/* Keras Reshape 1x2x3 -> 1x6: SHAPE, STRIDED_SLICE, PACK, RESHAPE. */
void mb_keras_reshape(mb_model *m);

#endif
