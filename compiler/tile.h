/* SPDX-License-Identifier: Apache-2.0 */
/* What the tile pass tells about one layer. Inside of compiler/. */
#ifndef WEFT_COMPILER_TILE_H
#define WEFT_COMPILER_TILE_H

#include "compiler/plan.h"

/* One output pixel of one n-group, with all operands in buffers and nothing else
 * in the scratchpad. */
bool weft_tile_fits_alone(const weft_plan *p, const weft_layer *l);

#endif
