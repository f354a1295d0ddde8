/* SPDX-License-Identifier: Apache-2.0 */
/* What must stay true of weights: found in an input file, measured again in each file
 * that is written. Private to the driver. */
#ifndef WEFT_COMPILER_OPTIMIZE_KEPT_H
#define WEFT_COMPILER_OPTIMIZE_KEPT_H

#include "compiler/optimize/compress.h"

/* A network that comes pruned or clustered stays so: layers with at least 30 % zeros
 * get a mask, layers with at most 32 distinct values, each four times in the mean, get
 * clusters. Returns how many layers. */
int opt_keep_found(weft_arena *arena, opt_net *net);

/* The weights as the file holds them (integers if it has them), with what `net` must
 * keep: E_MISMATCH if the file lost it. *out has the layers of the file. */
weft_status opt_check_file(weft_arena *arena, weft_diag *d, const opt_net *net, const char *name,
                           weft_span file, opt_net **out);

/* "zeros kept in 2 layers, 2:4 in 1, <= 16 values a layer in 2", by measurement. */
const char *opt_kept_text(weft_arena *arena, const opt_net *file_net);

#endif
