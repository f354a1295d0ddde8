/* SPDX-License-Identifier: Apache-2.0 */
/* The network as weft sees it: tensors and operators of the first subgraph, in
 * execution order, and the TFLite reader that makes it. Depends on base only.
 *
 * A graph that weft_graph_read returned is safe to use without further bounds
 * checks: every index is in range, every constant has exactly the bytes of its
 * shape, every tensor is produced once and before use, shapes are static with
 * dimensions >= 1, stated output shapes equal the recomputed ones, scales are
 * finite and > 0, zero points are in range (numerics.md section 9), unless the
 * tensor or operator says `unsupported`. Whether an operator is *supported* is
 * another question: compile or run only graphs that weft_graph_check passed. */
#ifndef WEFT_GRAPH_GRAPH_H
#define WEFT_GRAPH_GRAPH_H

#include "base/base.h"

/* TFLite BuiltinOperator codes; rows of ops.def. Codes not in the table are
 * kept as numbers and named "OP_<n>" / the custom code. */
typedef enum weft_op_kind {
#define OP(name, code, where, text) WEFT_OP_##name = (code),
#include "ops.def"
#undef OP
  WEFT_OP_CUSTOM = 32
} weft_op_kind;

typedef enum weft_type {  /* values of TFLite's TensorType */
  WEFT_FLOAT32 = 0, WEFT_FLOAT16 = 1, WEFT_INT32 = 2, WEFT_UINT8 = 3,
  WEFT_INT64 = 4, WEFT_STRING = 5, WEFT_BOOL = 6, WEFT_INT16 = 7,
  WEFT_INT8 = 9, WEFT_INT4 = 17
} weft_type;
const char *weft_type_name(weft_type t);   /* "int8"; "type_23" if unknown   */
size_t weft_type_bits(weft_type t);        /* 0 if not a number              */

typedef enum weft_act { WEFT_ACT_NONE, WEFT_ACT_RELU, WEFT_ACT_RELU_N1_TO_1,
                        WEFT_ACT_RELU6, WEFT_ACT_TANH, WEFT_ACT_SIGN_BIT } weft_act;
typedef enum weft_pad { WEFT_PAD_SAME = 0, WEFT_PAD_VALID = 1 } weft_pad;

#define WEFT_MAX_RANK 8

typedef struct weft_tensor {
  const char *name;            /* never NULL                                  */
  weft_type type;
  int rank;                    /* 0..8; a scalar has rank 0, 1 element        */
  int32_t shape[WEFT_MAX_RANK];
  size_t n_elems;
  size_t n_bytes;
  weft_span data;              /* constant bytes; data.data NULL if none      */
  bool is_int4;                /* a constant that is int4 in the file: type and
                                  data are int8 here, sign-extended           */
  bool is_variable;
  int n_scales;                /* 0: unquantized                              */
  const float *scale;          /* [n_scales]                                  */
  const int32_t *zero_point;   /* [n_scales]                                  */
  int quantized_dimension;     /* axis of n_scales > 1; -1 if outside the rank */
  int producer;                /* operator index, -1: input, constant, unused */
  const char *unsupported;     /* form that weft has no tensors for ("sparse",
                                  "a dimension of 0"), or NULL; then shape may be
                                  zeroed, and weft_graph_check refuses its use */
} weft_tensor;

typedef struct weft_op {
  weft_op_kind kind;
  const char *name;            /* "CONV_2D"; custom operators: their code     */
  int n_inputs, n_outputs;
  const int32_t *inputs;       /* tensor index, -1 absent                     */
  const int32_t *outputs;
  /* options, those of the operator's kind; 0 elsewhere */
  weft_pad padding;
  weft_act act;
  int stride_h, stride_w, dilation_h, dilation_w;
  int filter_h, filter_w;      /* pools: option; conv: from the filter shape  */
  int depth_multiplier;
  int n_groups;                /* CONV_2D: I / I_filter                       */
  bool keep_dims;
  float beta;                  /* SOFTMAX                                     */
  int axis;                    /* CONCATENATION, as the file says: -rank..rank-1 */
  bool folded;                 /* shape arithmetic, constant at batch 1: the
                                  outputs' `data` hold the values             */
  const char *unsupported;     /* option that weft does not know, or NULL     */
} weft_op;

typedef struct weft_graph {
  const char *path;
  weft_arena *arena;
  int n_tensors, n_ops, n_inputs, n_outputs;
  weft_tensor *tensors;        /* index = index in the file's first subgraph  */
  weft_op *ops;                /* execution order                             */
  const int32_t *inputs;       /* tensor indices, model order                 */
  const int32_t *outputs;
  uint64_t macs;               /* nominal MACs of conv, depthwise, FC         */
  const char *unsupported;     /* form of file that weft does not read, or NULL */
} weft_graph;

/* Reads a .tflite from memory. `bytes` must outlive the graph (constants point
 * into it). Errors: E_MODEL with the place in the file; E_CAP when shapes ask
 * for more work or memory than the caps (see graph.c). Unknown operators are
 * not an error here. */
weft_status weft_graph_read(weft_arena *arena, weft_diag *d, const char *path,
                            weft_span bytes, weft_graph **out);

typedef enum weft_where { WEFT_ON_ACCELERATOR, WEFT_ON_HOST, WEFT_FREE,
                          WEFT_NOWHERE } weft_where;
const char *weft_where_name(weft_where w);  /* accelerator host free none      */

/* Reports *every* reason why the network cannot run (E_UNSUPPORTED_OP,
 * E_UNSUPPORTED; rule, observed value, remedy), and where each operator runs
 * (where[n_ops], may be NULL). Machine-independent rules only; fit is the
 * compiler's. Returns WEFT_OK or the first issue's code. */
weft_status weft_graph_check(const weft_graph *g, weft_diag *d, weft_where *where);

/* The operator table (ops.def) and the conditions of weft_graph_check
 * (op_rules.def), row by row, for `weft ops`: NULL past the end. Rules of one
 * operator are consecutive. */
typedef struct weft_op_info {
  const char *name;            /* "CONV_2D"                                   */
  int code;                    /* TFLite builtin code                         */
  weft_where where;            /* WEFT_NOWHERE: known by name, not supported  */
  const char *text;            /* one-line condition                          */
} weft_op_info;
const weft_op_info *weft_op_row(size_t i);
typedef struct weft_rule_info {
  weft_op_kind kind;
  const char *allowed;         /* the rule; also the diagnostic's `allowed`   */
  const char *remedy;
} weft_rule_info;
const weft_rule_info *weft_rule_row(size_t i);

/* SAME/VALID arithmetic, numerics.md 2.7: output size (0 or less: the window
 * does not fit) and padding before the first element. Sizes >= 1. */
int weft_out_size(weft_pad padding, int in, int k, int stride, int dilation);
int weft_pad_before(weft_pad padding, int in, int out, int k, int stride,
                    int dilation);

#endif
