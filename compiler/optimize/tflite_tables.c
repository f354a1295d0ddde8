/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of TFLite's schema, version 3; slots by numerics.md 7. */
#include <string.h>

#include "compiler/optimize/tflite_inside.h"

enum { MODEL_VERSION, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS,
       MODEL_METADATA = 6 };
enum { CODE_OLD = 0, CODE_VERSION = 2, CODE_BUILTIN = 3 };
enum { SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS, SUBGRAPH_NAME };
enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION };
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_AXIS = 6 };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS_TYPE, OP_OPTIONS };

#define DESCRIPTION "weft optimize"
#define RUNTIME_VERSION "2.3.0"  /* the first with all operator versions here */

static int append(tfw *w, tfw_list *list, fbw_ref ref) {
  list->refs = weft_arena_grow(w->arena, list->refs, &list->cap, list->n + 1, sizeof *list->refs);
  list->refs[list->n] = ref;
  return (int)list->n++;
}

static int add_buffer(tfw *w, const void *data, size_t n_bytes) {
  fbw_table t = {0};
  if (data)
    fbw_set_ref(&t, 0, fbw_vector(&w->b, data, n_bytes, 1, 16));
  return append(w, &w->buffers, fbw_add(&w->b, &t));
}

void tfw_open(tfw *w, weft_arena *arena, weft_diag *d, const opt_net *net) {
  memset(w, 0, sizeof *w);
  w->arena = arena;
  w->diag = d;
  w->net = net;
  w->tensor_of = WEFT_NEW(arena, int, net->n_values + 1);
  w->float_of = WEFT_NEW(arena, int, net->n_values + 1);
  for (int v = 0; v < net->n_values; v++)
    w->tensor_of[v] = w->float_of[v] = -1;
  fbw_open(&w->b, arena);
  add_buffer(w, NULL, 0);
}

static fbw_ref quantization(tfw *w, const tfw_tensor *t) {
  if (t->n_scales == 0)
    return 0;
  uint8_t *zeros = weft_arena_alloc(w->arena, t->n_scales, 8);
  for (size_t k = 0; k < t->n_scales; k++)
    weft_put_le64(zeros + 8 * k, (uint64_t)t->zero_point);
  fbw_table q = {0};
  fbw_set_ref(&q, QUANT_ZERO_POINT, fbw_vector(&w->b, zeros, t->n_scales, 8, 8));
  fbw_set_ref(&q, QUANT_SCALE, fbw_floats(&w->b, t->scale, t->n_scales));
  if (t->axis)
    fbw_set(&q, QUANT_AXIS, 4, (uint32_t)t->axis);
  return fbw_add(&w->b, &q);
}

int tfw_add_tensor(tfw *w, const tfw_tensor *t, const void *data, size_t n_bytes) {
  fbw_table table = {0};
  int buffer = data ? add_buffer(w, data, n_bytes) : 0;
  fbw_set_ref(&table, TENSOR_QUANTIZATION, quantization(w, t));
  fbw_set_ref(&table, TENSOR_NAME, fbw_string(&w->b, t->name));
  fbw_set_ref(&table, TENSOR_SHAPE, fbw_ints(&w->b, t->shape, (size_t)t->rank));
  if (t->type)
    fbw_set(&table, TENSOR_TYPE, 1, (uint32_t)t->type);
  if (buffer)
    fbw_set(&table, TENSOR_BUFFER, 4, (uint32_t)buffer);
  return append(w, &w->tensors, fbw_add(&w->b, &table));
}

int tfw_add_ints(tfw *w, const char *name, int rank, const int32_t *shape, const int32_t *values) {
  tfw_tensor t = {.name = name, .rank = rank, .shape = shape, .type = WEFT_INT32};
  size_t n = 1;
  uint8_t bytes[4 * 2 * WEFT_MAX_RANK];
  for (int k = 0; k < rank; k++)
    n *= (size_t)shape[k];
  for (size_t k = 0; k < n; k++)
    weft_put_le32(bytes + 4 * k, (uint32_t)values[k]);
  return tfw_add_tensor(w, &t, bytes, 4 * n);
}

/* Codes below 127 stand in both fields: readers before 2020 know the old one. */
static int code_index(tfw *w, int code, int version) {
  for (size_t k = 0; k < w->codes.n; k++)
    if (w->code[k].code == code && w->code[k].version == version)
      return (int)k;
  fbw_table t = {0};
  fbw_set(&t, CODE_OLD, 1, (uint32_t)(code < 127 ? code : 127));
  fbw_set(&t, CODE_VERSION, 4, (uint32_t)version);
  fbw_set(&t, CODE_BUILTIN, 4, (uint32_t)code);
  w->code[w->codes.n].code = code;
  w->code[w->codes.n].version = version;
  return append(w, &w->codes, fbw_add(&w->b, &t));
}

void tfw_add_op(tfw *w, int code, int version, const int32_t *inputs, size_t n_inputs, int output,
                int options_type, const fbw_table *options) {
  fbw_table t = {0};
  const int32_t out = output;
  if (options_type) {
    fbw_set(&t, OP_OPTIONS_TYPE, 1, (uint32_t)options_type);
    fbw_set_ref(&t, OP_OPTIONS, fbw_add(&w->b, options));
  }
  fbw_set_ref(&t, OP_OUTPUTS, fbw_ints(&w->b, &out, 1));
  fbw_set_ref(&t, OP_INPUTS, fbw_ints(&w->b, inputs, n_inputs));
  fbw_set(&t, OP_CODE, 4, (uint32_t)code_index(w, code, version));
  append(w, &w->ops, fbw_add(&w->b, &t));
}

static fbw_ref subgraph(tfw *w, const int32_t *inputs, int n_inputs, const int32_t *outputs,
                        int n_outputs) {
  fbw_table t = {0};
  fbw_set_ref(&t, SUBGRAPH_NAME, fbw_string(&w->b, "main"));
  fbw_set_ref(&t, SUBGRAPH_OPERATORS, fbw_refs(&w->b, w->ops.refs, w->ops.n));
  fbw_set_ref(&t, SUBGRAPH_OUTPUTS, fbw_ints(&w->b, outputs, (size_t)n_outputs));
  fbw_set_ref(&t, SUBGRAPH_INPUTS, fbw_ints(&w->b, inputs, (size_t)n_inputs));
  fbw_set_ref(&t, SUBGRAPH_TENSORS, fbw_refs(&w->b, w->tensors.refs, w->tensors.n));
  return fbw_add(&w->b, &t);
}

static fbw_ref metadata(tfw *w) {
  char version[16] = RUNTIME_VERSION;
  fbw_table t = {0};
  int buffer = add_buffer(w, version, sizeof version);
  fbw_set_ref(&t, 0, fbw_string(&w->b, "min_runtime_version"));
  fbw_set(&t, 1, 4, (uint32_t)buffer);
  fbw_ref entry = fbw_add(&w->b, &t);
  return fbw_refs(&w->b, &entry, 1);
}

weft_span tfw_close(tfw *w, const int32_t *inputs, int n_inputs, const int32_t *outputs,
                    int n_outputs) {
  fbw_table t = {0};
  fbw_set_ref(&t, MODEL_METADATA, metadata(w));
  fbw_set_ref(&t, MODEL_BUFFERS, fbw_refs(&w->b, w->buffers.refs, w->buffers.n));
  fbw_set_ref(&t, MODEL_DESCRIPTION, fbw_string(&w->b, DESCRIPTION));
  fbw_ref graph = subgraph(w, inputs, n_inputs, outputs, n_outputs);
  fbw_set_ref(&t, MODEL_SUBGRAPHS, fbw_refs(&w->b, &graph, 1));
  fbw_set_ref(&t, MODEL_CODES, fbw_refs(&w->b, w->codes.refs, w->codes.n));
  fbw_set(&t, MODEL_VERSION, 4, 3);
  return fbw_close(&w->b, fbw_add(&w->b, &t), "TFL3");
}
