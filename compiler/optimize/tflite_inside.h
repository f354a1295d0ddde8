/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of opt_write: tflite_write.c (order, layers), tflite_tables.c (tensors,
 * buffers, operators of the schema). */
#ifndef WEFT_COMPILER_OPTIMIZE_TFLITE_INSIDE_H
#define WEFT_COMPILER_OPTIMIZE_TFLITE_INSIDE_H

#include "compiler/optimize/flatbuf_write.h"
#include "compiler/optimize/net_inside.h"

typedef struct tfw_list {
  fbw_ref *refs;
  size_t n, cap;
} tfw_list;

typedef struct tfw {
  fbw b;
  weft_arena *arena;
  weft_diag *diag;
  const opt_net *net;
  tfw_list tensors, buffers, ops, codes;
  struct { int code, version; } code[64];
  int *tensor_of;              /* [n_values] tensor index, -1: not yet       */
  int *float_of;               /* [n_values] its float form, -1: not yet     */
} tfw;

/* What a tensor is, besides its data. n_scales 0: not quantized. */
typedef struct tfw_tensor {
  const char *name;
  int rank;
  const int32_t *shape;
  weft_type type;
  size_t n_scales;
  const float *scale;
  int64_t zero_point;
  int axis;
} tfw_tensor;

void tfw_open(tfw *w, weft_arena *arena, weft_diag *d, const opt_net *net);
/* Each returns the index of what it added. data NULL: no constant. */
int tfw_add_tensor(tfw *w, const tfw_tensor *t, const void *data, size_t n_bytes);
int tfw_add_ints(tfw *w, const char *name, int rank, const int32_t *shape, const int32_t *values);
/* One operator; options_type 0: none. */
void tfw_add_op(tfw *w, int code, int version, const int32_t *inputs, size_t n_inputs, int output,
                int options_type, const fbw_table *options);
weft_span tfw_close(tfw *w, const int32_t *inputs, int n_inputs, const int32_t *outputs,
                    int n_outputs);

#endif
