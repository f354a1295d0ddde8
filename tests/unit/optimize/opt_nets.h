/* SPDX-License-Identifier: Apache-2.0 */
/* Networks and files for the optimizer's tests. Functions that load assert. */
#ifndef TESTS_UNIT_OPTIMIZE_OPT_NETS_H
#define TESTS_UNIT_OPTIMIZE_OPT_NETS_H

#include "compiler/optimize/net.h"

/* Every kind of layer but LOGISTIC, 8x8x3 to 5 classes, weights by the seed:
 * PAD, CONV, DEPTHWISE, CONV, ADD, MAX_POOL, CONV, CONCAT (or not), RELU, AVERAGE_POOL, RELU6, MEAN, RESHAPE, DENSE, SOFTMAX. */
opt_net *opt_test_net(weft_arena *arena, uint64_t seed, bool concat);
/* n samples of normal-looking numbers in about -2..2. */
float *opt_test_samples(weft_arena *arena, uint64_t seed, size_t n_floats);

/* Status and network of a file, or of bytes. */
weft_status opt_test_import(weft_arena *arena, weft_diag *d, const char *path, opt_net **net);
weft_status opt_test_import_bytes(weft_arena *arena, weft_diag *d, weft_span bytes, opt_net **net);
/* Prints every issue: for a failing assertion. */
void opt_test_issues(const weft_diag *d);

#endif
