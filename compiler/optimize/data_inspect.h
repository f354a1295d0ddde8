/* SPDX-License-Identifier: Apache-2.0 */
/* What `weft data` tells of data, and the files that it writes. */
#ifndef WEFT_COMPILER_OPTIMIZE_DATA_INSPECT_H
#define WEFT_COMPILER_OPTIMIZE_DATA_INSPECT_H

#include "compiler/optimize/data.h"

typedef struct opt_data_stats {  /* of preprocessed values                   */
  double min, max, mean, std;
  size_t *per_class;             /* [data->n_classes]; NULL without labels   */
} opt_data_stats;
/* Of a split that is there. */
void opt_data_measure(weft_arena *arena, const opt_data *data, opt_split split,
                      opt_data_stats *out);
/* How many samples of b are in a too, byte for byte. */
size_t opt_data_shared(const opt_data *data, opt_split a, opt_split b);
/* The first samples of a split as text, up to 3 beside each other, lines of at most 78
 * characters; "" if a sample is no picture ([h, w] or [h, w, channels]). */
const char *opt_data_picture(weft_arena *arena, const opt_data *data, opt_split split);

/* The samples as they are in the files: .npy of [n, shape]; the labels (int32) to the
 * path with "_labels" before ".npy", if there are any. E_WRITE; E_CAP above 4 GiB. */
weft_status opt_data_export(weft_arena *arena, weft_diag *d, const opt_data *data,
                            opt_split split, const char *path);
/* PNG of the first samples (at most 100), 10 a line, each scaled to its own range if
 * not uint8. E_UNSUPPORTED unless samples are [h, w] or [h, w, 1 or 3]. */
weft_status opt_data_sheet(weft_arena *arena, weft_diag *d, const opt_data *data,
                           opt_split split, const char *path);

#endif
