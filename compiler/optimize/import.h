/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of opt_import: import.c (values, layers), import_weights.c (constants). */
#ifndef WEFT_COMPILER_OPTIMIZE_IMPORT_H
#define WEFT_COMPILER_OPTIMIZE_IMPORT_H

#include "compiler/optimize/net_inside.h"

typedef struct opt_importer {
  weft_arena *arena;
  weft_diag *diag;
  const weft_graph *graph;
  opt_net *net;
  int *value_of;            /* [n_tensors] value index, -1: none yet           */
  int *constant_of;         /* [n_tensors] the constant behind a DEQUANTIZE    */
  weft_status first;        /* of the reported issues                          */
} opt_importer;

/* Reports an issue of operator op, and goes on to find more. Returns false. */
bool opt_refuse(opt_importer *im, int op, weft_status code, const char *found,
                const char *allowed, const char *remedy);
/* Weights and bias of operator op (CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED)
 * into l->weights; false if refused. l->inputs and l->output are set. */
bool opt_import_weights(opt_importer *im, int op, opt_layer *l);
/* The values of a constant int32 tensor: their number, -1 if it is none. */
int opt_constant_ints(const weft_graph *g, int tensor, int32_t *values, int cap);

#endif
