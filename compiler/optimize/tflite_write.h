/* SPDX-License-Identifier: Apache-2.0 */
/* opt_net to a .tflite file that TFLite-Micro and LiteRT load. Deterministic:
 * same network, same bytes. */
#ifndef WEFT_COMPILER_OPTIMIZE_TFLITE_WRITE_H
#define WEFT_COMPILER_OPTIMIZE_TFLITE_WRITE_H

#include "compiler/optimize/net.h"

/* A quantized network (every value has_quant) becomes an integer file, with int8
 * inputs and outputs (int16 for 16-bit activations; weights int8 or packed int4); a float one a float file; layers
 * with weights->exclude become float islands between DEQUANTIZE and QUANTIZE. */
weft_status opt_write(weft_arena *arena, weft_diag *d, const opt_net *net, weft_span *out);

#endif
