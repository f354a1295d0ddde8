/* SPDX-License-Identifier: Apache-2.0 */
/* Post-training quantization: ranges from calibration samples, then scales, zero
 * points and integer weights by the TFLite quantization specification. The
 * values that QAT learned (has_range) are used as they are. */
#ifndef WEFT_COMPILER_OPTIMIZE_QUANTIZE_H
#define WEFT_COMPILER_OPTIMIZE_QUANTIZE_H

#include "base/progress.h"
#include "compiler/optimize/data.h"
#include "compiler/optimize/net.h"

typedef enum opt_calib { OPT_CALIB_MINMAX, OPT_CALIB_MOVING_AVERAGE, OPT_CALIB_PERCENTILE,
                         OPT_CALIB_MSE, OPT_CALIB_KL } opt_calib;
typedef struct opt_ptq_options {
  opt_calib method;
  double percentile;            /* of PERCENTILE, default 99.99              */
  size_t max_samples;           /* 0: the whole split                        */
  bool bias_correction, equalize;
  bool per_tensor_dense;
  int activation_bits;          /* 8, or 16                                  */
} opt_ptq_options;
/* PERCENTILE 99.99 with bias correction, 8 bits: the nearest to the float network
 * on calibration and training data of MLPerf Tiny's four (KL, squared error). */
opt_ptq_options opt_ptq_default(void);

/* Ranges of every value without one, from the calibration split; the network's
 * input and output are never clipped. With bias_correction it changes the float
 * biases too: compare with a clone taken before. A network whose values all have
 * ranges (trained, or imported integers) is left as it is. E_MODEL: activations that are not
 * finite; E_INPUT: samples of another shape, or none. */
weft_status opt_calibrate(weft_diag *d, opt_net *net, const opt_data *data,
                          const opt_ptq_options *o, weft_progress *p);
/* Cross-layer equalization, in place, float output unchanged up to rounding. */
void opt_equalize(opt_net *net);
/* Scales, zero points, q, q_bias. Clustered layers keep at most n_clusters
 * distinct integers (per channel: in each channel), zeros stay zero. An imported
 * integer network that nothing changed keeps its integers. E_ARG: a value without
 * range; E_UNSUPPORTED: 4-bit weights with 16-bit activations. */
weft_status opt_quantize(weft_diag *d, opt_net *net, const opt_ptq_options *o);

typedef struct opt_layer_error {
  int layer;
  double sqnr_db, cosine, max_abs;
} opt_layer_error;
/* Float against quantized, layer by layer, on the first n samples of the calibration
 * split (the test split if there is none); the first layer whose SQNR falls by more
 * than 10 dB below its inputs' is *first_bad (-1: none). float_net is a clone from
 * before opt_calibrate, of the same layers. */
weft_status opt_compare(weft_arena *arena, weft_diag *d, const opt_net *float_net,
                        const opt_net *quant_net, const opt_data *data, size_t n,
                        opt_layer_error **out, int *n_out, int *first_bad);

/* Accuracy (0..1) or mean squared error (data->metric) of a network on a split. A
 * quantized network is written and run by the reference kernels (weft_ref): the
 * integer result, not a simulation; float layers in it run in float, and 16-bit
 * activations by TFLite-Micro's arithmetic of them (int16.h). E_INPUT: labels or samples that
 * do not fit the network. Runs on as many threads as there are processors. */
weft_status opt_evaluate(weft_diag *d, const opt_net *net, const opt_data *data,
                         opt_split split, weft_progress *p, double *metric);

#endif
