/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of quantization: calibrate.c, calib_range.c, bias_correct.c, quantize.c,
 * runner.c, evaluate.c, compare.c. */
#ifndef WEFT_COMPILER_OPTIMIZE_QUANTIZE_INSIDE_H
#define WEFT_COMPILER_OPTIMIZE_QUANTIZE_INSIDE_H

#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/quantize.h"
#include "compiler/optimize/scale.h"

/* ---- ranges ------------------------------------------------------------------ */
#define OPT_BINS 2048
typedef struct opt_bins {      /* counts of equal steps from lo to hi        */
  double lo, hi;
  double count[OPT_BINS];
} opt_bins;
/* The range that PERCENTILE, MSE or KL takes from the counts; lo <= 0 <= hi. */
void opt_range_of_bins(const opt_bins *b, const opt_ptq_options *o, double *min, double *max);

/* Adds to each bias what the rounding of the weights takes from the layer's mean
 * output. mean[n_values]: mean activations of the float network, by element. */
weft_status opt_correct_biases(weft_diag *d, opt_net *net, float *const *mean);

/* ---- running a quantized network layer by layer ------------------------------- */
/* Integer layers by the reference kernels (of 16 bits by int16.h), excluded ones in
 * float. Open one for each thread. */
typedef struct opt_runner opt_runner;
weft_status opt_runner_open(weft_arena *arena, weft_diag *d, const opt_net *net,
                            opt_runner **out);
weft_status opt_runner_run(opt_runner *r, weft_diag *d, const float *in);
/* Real numbers of a value after a run. */
void opt_runner_value(const opt_runner *r, int value, float *out);

/* real to integer of v's type, as QUANTIZE does; v->n_elems elements in the host's
 * byte order, aligned. */
void opt_to_integers(const opt_value *v, const float *in, uint8_t *out);
void opt_to_floats(const opt_value *v, const uint8_t *in, float *out);
bool opt_has_islands(const opt_net *net);

/* E_INPUT unless the samples have the elements of the network's input. */
weft_status opt_check_samples(weft_diag *d, const opt_net *net, const opt_data *data,
                              opt_split split);

#endif
