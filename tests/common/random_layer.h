/* SPDX-License-Identifier: Apache-2.0 */
/* Small random networks built in memory, for comparing kernels, machine model
 * and RTL through the compiler: one to five operators with extreme kernels,
 * strides, pads, dilations, channels, zero points, weights, multipliers, biases;
 * branches that want two layouts, ADDs that fuse and that do not, tensors larger
 * than the scratchpad and reductions longer than the ring of `c`. Same seed and
 * machine, same network. */
#ifndef WEFT_TESTS_RANDOM_LAYER_H
#define WEFT_TESTS_RANDOM_LAYER_H

#include "config/config.h"
#include "graph/graph.h"

/* Never NULL; weft_graph_check passes. *text: operators in one line. Work is
 * about max_macs multiply-accumulates, or one layer's if that needs more. */
weft_graph *random_layer_graph(weft_arena *arena, uint64_t seed, const weft_config *c, uint64_t max_macs,
                               const char **text);

#endif
