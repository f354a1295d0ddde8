/* SPDX-License-Identifier: Apache-2.0 */
/* Which channels of which values can only go together, and the cutting of them.
 * Inside of compiler/optimize. A channel is an index on a value's last axis; ADD,
 * CONCAT, DEPTHWISE, pools and RESHAPE tie channels of several values into a unit. */
#ifndef WEFT_COMPILER_OPTIMIZE_CHANNELS_H
#define WEFT_COMPILER_OPTIMIZE_CHANNELS_H

#include "compiler/optimize/data.h"
#include "compiler/optimize/net_inside.h"

typedef struct opt_channels {
  opt_net *net;
  size_t n;                     /* channels of all values                    */
  size_t *first;                /* [n_values + 1] number of a value's channel 0 */
  uint32_t *unit;               /* [n] the unit: lowest number of its channels */
  bool *frozen;                 /* [n] by unit: must stay                    */
} opt_channels;

/* Frozen: channels of network inputs and outputs, of SOFTMAX, of reshapes that do
 * more than flatten, and whatever is tied to them. */
void opt_channels_open(weft_arena *scratch, opt_net *net, opt_channels *out);

static inline size_t opt_channels_of(const opt_channels *ch, int value) {
  return ch->first[value + 1] - ch->first[value];
}
static inline uint32_t opt_unit(const opt_channels *ch, int value, size_t channel) {
  return ch->unit[ch->first[value] + channel];
}
/* Weights that read input channel i of a CONV or DENSE layer: start, and then every
 * `step` of them, n times, for each output channel (rows of n_elems / n_out). */
typedef struct opt_slice { size_t first, step, n; } opt_slice;
opt_slice opt_slice_of(const opt_channels *ch, const opt_layer *l, size_t channel);
static inline bool opt_reads_channels(const opt_layer *l) {
  return l->kind == OPT_CONV || l->kind == OPT_DENSE;
}

/* Adds to the biases of readers what channels that are gone say on average: over the
 * first 64 samples of the calibration split (train if there is none; nothing if there
 * are neither). Before the cut. E_INPUT: samples of another size. */
weft_status opt_channels_fold(weft_arena *scratch, weft_diag *d, const opt_channels *ch,
                              const opt_data *data, const bool *gone);
/* Cuts every channel whose unit is gone[unit] out of the network: weights with their
 * masks and clusters, biases, then shapes. Every value must keep a channel. */
weft_status opt_channels_cut(weft_diag *d, const opt_channels *ch, const bool *gone);

#endif
