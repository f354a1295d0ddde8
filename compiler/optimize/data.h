/* SPDX-License-Identifier: Apache-2.0 */
/* Samples and labels: one reader for idx (also .gz), .npy/.npz, raw, CSV,
 * PNG/JPEG folders, CIFAR binary, .wav; named splits; a deterministic shuffle;
 * preprocessing; augmentation. Described by a small YAML (DATA.md has every
 * key):
 *
 *     inputs:                       # one file, or a list joined in order
 *       - {file: train-images-idx3-ubyte.gz, format: idx, labels: train-labels-idx1-ubyte.gz}
 *     shape: [28, 28, 1]
 *     preprocess: {scale: 0.00392156862745098, offset: 0}   # value*scale + offset
 *     metric: top1                  # top1 | mse | binary
 *     splits:
 *       train: {from: 0, count: 54000}
 *       calib: {from: 0, count: 300}
 *       validation: {from: 54000, count: 6000}
 *       test: {files: [{file: t10k-images-idx3-ubyte.gz, ...}]}
 *
 * A wrong shape, type, count or label is E_INPUT naming both sides. Files are
 * hostile input. */
#ifndef WEFT_COMPILER_OPTIMIZE_DATA_H
#define WEFT_COMPILER_OPTIMIZE_DATA_H

#include "base/base.h"

typedef enum opt_split { OPT_TRAIN, OPT_CALIB, OPT_VALIDATION, OPT_TEST, OPT_N_SPLITS } opt_split;
typedef enum opt_metric { OPT_TOP1, OPT_BINARY, OPT_MSE } opt_metric;
const char *opt_split_name(opt_split s);
const char *opt_metric_name(opt_metric m);   /* "top1": greater is better; mse: less */

typedef struct opt_samples {
  size_t n;
  const void *x;                /* [n][n_elems] of `type`, raw, unpreprocessed */
  const int32_t *label;         /* [n]; NULL if there are none (mse: target = input) */
} opt_samples;

typedef struct opt_augment {    /* of training samples only                  */
  int shift;                    /* up to so many pixels in y and x, zeros in */
  bool flip;                    /* horizontally, half of the samples         */
  int cutout;                   /* side of a square of zeros; 0: none        */
} opt_augment;

typedef struct opt_data {
  weft_arena *arena;
  const char *path;
  int rank;                     /* of one sample, without the batch          */
  int32_t shape[8];
  size_t n_elems;
  int type;                     /* weft_type of the raw samples: UINT8, INT8, FLOAT32 */
  float scale[4], offset[4];    /* by channel (shape[rank-1] <= 4) or [0] for all */
  int n_scales;
  opt_metric metric;
  int n_classes;                /* `classes:`, else greatest label + 1; 0 without labels */
  const char **class_names;     /* [n_classes], or NULL                      */
  opt_samples splits[OPT_N_SPLITS];  /* n 0: the YAML names none             */
} opt_data;

weft_status opt_data_open(weft_arena *arena, weft_diag *d, const char *yaml_path,
                          opt_data **out);
/* Sample i of a split, preprocessed, into out[n_elems]. */
void opt_data_get(const opt_data *data, opt_split split, size_t i, float *out);
/* The same with augmentation drawn from (seed, epoch, i) alone: equal on any
 * number of threads. */
void opt_data_get_augmented(const opt_data *data, opt_split split, size_t i,
                            const opt_augment *a, uint64_t seed, uint64_t epoch, float *out);
/* Permutation of 0..n-1 for an epoch (Fisher-Yates on splitmix64). */
void opt_shuffle(uint64_t seed, uint64_t epoch, size_t n, uint32_t *order);

#endif
