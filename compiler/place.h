/* SPDX-License-Identifier: Apache-2.0 */
/* Scratchpad rows: whole values over their live ranges, band buffers in the
 * holes that they leave at a layer. Inside of compiler/. */
#ifndef WEFT_COMPILER_PLACE_H
#define WEFT_COMPILER_PLACE_H

#include "compiler/plan.h"

enum { WEFT_MAX_HOLES = 64, WEFT_MAX_BUFFERS = 6 };

typedef struct weft_holes {
  int n;
  int32_t from[WEFT_MAX_HOLES], to[WEFT_MAX_HOLES];
} weft_holes;

/* Gives every resident value a base, largest first. False: `failed` has none. */
bool weft_place_values(weft_plan *p, int *failed);
/* Free rows at a layer. */
void weft_place_holes(const weft_plan *p, int layer, weft_holes *h);
/* Puts n blocks into the holes, largest first: base[n]. */
bool weft_place_blocks(const weft_holes *h, int n, const int32_t *rows, int32_t *base);

#endif
