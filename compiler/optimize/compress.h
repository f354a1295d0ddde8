/* SPDX-License-Identifier: Apache-2.0 */
/* Pruning, clustering, decomposition of the weights of an opt_net, without
 * training; the training loop calls the same functions at each update. All of it
 * changes float weights: layers with integers (w->q) are refused (E_CONFIG). */
#ifndef WEFT_COMPILER_OPTIMIZE_COMPRESS_H
#define WEFT_COMPILER_OPTIMIZE_COMPRESS_H

#include "base/progress.h"
#include "compiler/optimize/data.h"
#include "compiler/optimize/net.h"

/* TFMOT's schedules, arguments and defaults. end -1: never ends (CONSTANT).
 * opt_schedule_at: sparsity wanted, or -1 if masks are not to be updated then. `step`
 * counts the weight updates made so far: ask before the first one (step 0) and after
 * each (the last is step N of N). Unlike TFMOT's, whose counter is 1 when first read,
 * masks are taken at `begin` itself, and at `end` itself even if the frequency does not
 * divide the way there. */
typedef enum opt_schedule_kind { OPT_CONSTANT_SPARSITY, OPT_POLYNOMIAL_DECAY } opt_schedule_kind;
typedef struct opt_schedule {
  opt_schedule_kind kind;
  double initial, final, power; /* CONSTANT: final only                      */
  int64_t begin, end, frequency;
} opt_schedule;
opt_schedule opt_schedule_default(opt_schedule_kind kind);   /* power 3, frequency 100 */
double opt_schedule_at(const opt_schedule *s, int64_t step);
/* E_CONFIG before training if `steps` steps cannot reach the final sparsity, or
 * never update at all: says which and what would do. */
weft_status opt_schedule_check(weft_diag *d, const char *where, const opt_schedule *s,
                               int64_t steps);

typedef enum opt_pattern { OPT_UNSTRUCTURED, OPT_BLOCK, OPT_M_OF_N, OPT_VECTOR } opt_pattern;
typedef struct opt_prune {
  opt_pattern pattern;
  int block_h, block_w;         /* BLOCK: rows = output channels, columns = the rest;
                                   pooled by the mean of |w|, or the maximum */
  bool block_max;
  int m, n;                     /* M_OF_N: keep the m greatest of n input channels */
  int cols;                     /* VECTOR: 1 x COLS output channels together */
} opt_prune;
/* Chooses w->mask anew by magnitude and applies it; sets w->keep. Of n weights (blocks,
 * vectors) the max(1, round(n * (1 - sparsity))) greatest stay, ties by the lower
 * index: TFMOT's rule in its float arithmetic. M_OF_N ignores `sparsity`. *dense is set
 * to a reason if the pattern cannot apply to the layer (2:4 with 1 input channel), which
 * then is unchanged, else NULL. The mask is made in `arena` if there is none. E_CONFIG. */
weft_status opt_prune_layer(weft_arena *arena, weft_diag *d, opt_layer *l, const opt_prune *p,
                            double sparsity, const char **dense);
void opt_apply_mask(opt_weights *w);
size_t opt_n_kept(size_t n, double sparsity);   /* that rule's number          */
/* What opt_prune_layer checks first: E_CONFIG, or *dense. */
weft_status opt_prune_applies(weft_diag *d, const opt_layer *l, const opt_prune *p,
                              double sparsity, const char **dense);
/* Applies the mask that follows `p`, and what must stay true from now on. */
void opt_keep_mask(opt_weights *w, const opt_prune *p);

/* Masks and new weights by the optimal brain surgeon (surgeon.h), layer by layer from the
 * calibration split (else train): each layer comes as near as it can to what the network
 * computed before, given inputs from what is pruned already. Biases change too. Much
 * better than magnitude where little or no training follows. Time grows with
 * outputs * inputs^3 of a layer; before anything is changed E_CAP for what would take a
 * quarter of an hour or 2 GiB, E_CONFIG for weights that are pruned already. */
typedef struct opt_surgery {
  opt_prune prune;
  double sparsity;
  const bool *layer;            /* [n_layers] which                          */
  const char **stays_dense;     /* [n_layers], written as opt_prune_layer does */
  const opt_data *data;
  int threads;                  /* 1..; the result does not depend on it     */
  weft_progress *progress;
} opt_surgery;
weft_status opt_prune_surgeon(weft_diag *d, opt_net *net, const opt_surgery *o);

/* Removes channels that are dead: constant whatever the input is (zero weights; the
 * constant, relu(bias), goes into its readers' biases unless they pad), or read by no
 * weight that is not zero. Channels that ADD, CONCAT, DEPTHWISE, pools and flattening tie
 * together go together or stay; a value keeps at least one. Outputs stay bit for bit
 * if the constants are 0, else up to rounding. n_removed counts such groups of tied
 * channels. E_CONFIG if weights are integers already. */
weft_status opt_remove_dead(weft_diag *d, opt_net *net, size_t *n_removed);
/* Structured pruning: the channels of least |weights| that make and that read them,
 * relative to their layer, go from where they damage least a MAC, until the budget is
 * met. Inputs and outputs of the network, what m:n layers read, and reshapes that do
 * more than flatten are not cut. E_CONFIG if one multiple a layer is too much already. */
typedef struct opt_structured {
  double macs;                  /* share of the MACs to keep, (0, 1]         */
  int multiple;                 /* channel counts rounded to it (COLS); 1: no */
  const opt_data *data;         /* the mean of what goes, over calibration samples, is
                                   added to its readers' biases; NULL: nothing is */
} opt_structured;
weft_status opt_prune_channels(weft_diag *d, opt_net *net, const opt_structured *o);

typedef enum opt_centroids { OPT_LINEAR, OPT_DENSITY, OPT_RANDOM, OPT_KMEANS_PP } opt_centroids;
typedef struct opt_cluster {
  int n_clusters;
  opt_centroids init;           /* default OPT_KMEANS_PP                     */
  bool per_channel, preserve_sparsity;
  uint64_t seed;
} opt_cluster;
/* Chooses centroids (k-means until stable, at most 100 rounds), sets cluster,
 * centroid (ascending in a channel), keep, and w = centroid[cluster]. With
 * preserve_sparsity, or if keep.zeros holds already, one centroid is exactly 0 and
 * zeros (and only they) stay on it. E_CONFIG unless 2 <= n_clusters <= 256. */
weft_status opt_cluster_layer(weft_arena *arena, weft_diag *d, opt_layer *l,
                              const opt_cluster *c);
/* w from cluster and centroid (and mask); gradients gathered by cluster (sums); what
 * is masked gives none, so a centroid of 0 that must stay does. */
void opt_cluster_apply(opt_weights *w);
void opt_cluster_gradient(const opt_weights *w, const float *dw, float *dcentroid);

typedef struct opt_decompose {
  double energy;                /* share of squared singular values to keep  */
  int rank;                     /* > 0: this rank instead                    */
  int multiple;                 /* rank rounded up to it (COLS)              */
} opt_decompose;
/* SVD of DENSE and 1x1 CONV into two layers, Tucker-2 of k x k CONV into three
 * (1x1, kxk, 1x1; two if one side has full rank); bias, activation and name stay on the
 * last, the others are "<name>/svd", "/tucker_in", "/tucker_core". Ranks are those of each
 * side. *done says whether the MACs fall; if not, or if the kind has no factors, the layer
 * is left. Indices of later layers move. E_CONFIG for weights that are pruned, clustered
 * or integers: decompose first. */
weft_status opt_decompose_layer(weft_diag *d, opt_net *net, int layer, const opt_decompose *o,
                                bool *done);
/* W += alpha / r * B A from arrays "<layer>.A" [r, in], "<layer>.B" [out, r] of a .npz
 * (in: the weights of one output, in memory order). E_INPUT for shapes, NaN, and arrays of
 * no layer; E_CONFIG as above. */
weft_status opt_lora_merge(weft_diag *d, opt_net *net, const char *npz_path, double alpha);
/* Low-rank adapters of a network: a[l] is A, b[l] is B of layer l, NULL without. */
typedef struct opt_adapters {
  size_t rank;
  float **a, **b;               /* [n_layers]                                */
} opt_adapters;
/* The .npz that opt_lora_merge reads. E_WRITE, E_CAP. */
weft_status opt_lora_write(weft_diag *d, const opt_net *net, const opt_adapters *x,
                           const char *npz_path);
/* out = base + scale * B A, sums in double: what merging gives, bit for bit. */
void opt_lora_product(const opt_weights *w, const float *base, const float *a, const float *b,
                      size_t rank, double scale, float *out);
/* da, db: the loss' derivatives by A and B from dw, that by the weights. */
void opt_lora_gradient(const opt_weights *w, const float *dw, const float *a, const float *b,
                       size_t rank, double scale, float *da, float *db);

/* Re-measured facts of a layer or file; the truth of every report. */
typedef struct opt_facts {
  size_t n_elems, n_zeros, n_distinct;       /* of q if quantized, else of w */
  size_t max_distinct_in_channel;
  bool holds_m_of_n;                          /* of keep.m, keep.n            */
} opt_facts;
void opt_measure(weft_arena *arena, const opt_layer *l, opt_facts *out);
/* E_MISMATCH naming layer and counts if a kept invariant is lost. */
weft_status opt_check_kept(weft_diag *d, const opt_net *net);

#endif
