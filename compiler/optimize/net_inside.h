/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of compiler/optimize that read, run and write an opt_net;
 * nobody outside the folder includes this. */
#ifndef WEFT_COMPILER_OPTIMIZE_NET_INSIDE_H
#define WEFT_COMPILER_OPTIMIZE_NET_INSIDE_H

#include "compiler/optimize/net.h"

/* Output shape of a layer from its inputs' shapes, weights and options into
 * shape and *rank; a shape that the layer may choose (RESHAPE, kept dimensions)
 * follows the present one of its output. NULL, or why there is none. */
const char *opt_infer(const opt_net *net, const opt_layer *l, int32_t *shape,
                      int *rank);

/* "net.tflite: layer 3 CONV 'name'", in the diag's memory. */
const char *opt_layer_place(weft_diag *d, const opt_net *net, int layer);
/* "1x8x8x16", in the diag's memory. */
const char *opt_shape_text(weft_diag *d, const int32_t *shape, int rank);

/* Of the network: a value without a producer may be neither, and then is unused. */
bool opt_is_input(const opt_net *net, int value);
bool opt_is_output(const opt_net *net, int value);

/* Channel (index of bias and scale) of weight i. */
static inline size_t opt_channel(const opt_weights *w, size_t i) {
  return w->channel_axis == 3 ? i % w->n_out : i / (w->n_elems / w->n_out);
}

/* Weights as a matrix: rows are output channels, columns the rest in memory order. */
static inline size_t opt_weight_at(const opt_weights *w, size_t row, size_t column) {
  return w->channel_axis == 3 ? column * w->n_out + row
                              : row * (w->n_elems / w->n_out) + column;
}

/* The weights of one table of centroids: all, or those of an output channel. */
typedef struct opt_part { size_t first, step, n; } opt_part;
static inline opt_part opt_part_of(const opt_weights *w, size_t channel, bool per_channel) {
  const size_t row = w->n_elems / w->n_out;
  if (!per_channel)
    return (opt_part){0, 1, w->n_elems};
  return w->channel_axis == 3 ? (opt_part){channel, w->n_out, row} : (opt_part){channel * row, 1, row};
}

#endif
