/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the TFLite reader, shared by its files: read_model.c (container,
 * order of work), read_tensor.c, read_op.c, infer_shape.c, fold.c. Nobody
 * outside src/graph includes this. */
#ifndef WEFT_GRAPH_READ_H
#define WEFT_GRAPH_READ_H

#include "graph/flatbuf.h"
#include "graph/graph.h"

/* Work caps: a damaged shape ends in E_CAP, not in hours or gigabytes. */
#define WEFT_CAP_MACS (UINT64_C(1) << 36)         /* also window reads of pools */
#define WEFT_CAP_TENSOR_BYTES (UINT64_C(1) << 30) /* all tensors together       */
#define WEFT_CAP_TENSORS 262144u
#define WEFT_CAP_OPS 65536u
#define WEFT_CAP_OPERANDS 1048576u                /* of all operators           */
#define WEFT_CAP_SCALES 4194304u                  /* of all tensors             */
#define WEFT_CAP_NAME_BYTES 512u
#define WEFT_CAP_FOLDED_ELEMS 64u                 /* a shape has few numbers    */

/* What only reading needs of an operator's options. */
typedef struct weft_op_extra {
  int32_t begin_mask, end_mask, shrink_mask;  /* STRIDED_SLICE               */
  bool plain_slice;       /* no ellipsis, new axis or offset                 */
  int axis;               /* PACK                                            */
  int depth_multiplier;   /* as the option says                              */
  weft_fb_vec new_shape;  /* RESHAPE                                         */
} weft_op_extra;

typedef struct weft_reader {
  weft_fb fb;
  weft_arena *arena;
  weft_diag *diag;
  weft_graph *graph;
  weft_fb_vec buffers;
  weft_fb_vec opcodes;
  weft_op_kind *opcode_kind;      /* [opcodes.n]                              */
  const char **opcode_name;
  weft_op_extra *extra;           /* [n_ops]                                  */
  uint64_t tensor_bytes;          /* so far                                   */
  uint64_t work;                  /* MACs and window reads so far             */
  uint32_t operands_left, scales_left;
} weft_reader;

/* Table row of a builtin code, or NULL. */
const weft_op_info *weft_op_find(int code);

/* Each reads its part into r->graph; the first failure is returned. */
weft_status weft_read_tensors(weft_reader *r, weft_fb_vec tensors);
weft_status weft_read_ops(weft_reader *r, weft_fb_vec operators);

/* Requires operator i's stated output shapes to be the recomputed ones where
 * they can be known, and adds its work. */
weft_status weft_infer_shape(weft_reader *r, int i);
/* Marks operator i folded and gives its output a value if it is constant. */
void weft_fold_op(weft_reader *r, int i);

/* Values of a constant int32 or int64 tensor: their number, or -1 if it is not
 * constant, of another type or longer than cap. tensor -1: -1. */
int weft_const_ints(const weft_graph *g, int tensor, int64_t *values, int cap);

/* E_MODEL (or code) about operator i or tensor t, named for the user. */
weft_status weft_fail_op(weft_reader *r, int i, weft_status code,
                         const char *found, const char *allowed);
const char *weft_op_place(weft_diag *d, const weft_graph *g, int i);
const char *weft_tensor_place(weft_diag *d, const weft_graph *g, int t);
/* "1x8x8x16"; "scalar" for rank 0. */
const char *weft_shape_text(weft_diag *d, const int32_t *shape, int rank);

#endif
