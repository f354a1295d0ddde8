/* SPDX-License-Identifier: Apache-2.0 */
/* k-means in one dimension: over sorted values a cluster is an interval, and its
 * mean a difference of prefix sums. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/ranges.h"
#include "compiler/optimize/net_inside.h"

#define MAX_ROUNDS 100
#define MAX_CLUSTERS 256

typedef struct points {
  size_t n;
  double *v, *sum;              /* ascending; sum[i] of the first i          */
} points;

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return x < y ? -1 : x > y ? 1 : 0;
}

static void seal(points *p) {
  if (p->n)
    qsort(p->v, p->n, sizeof *p->v, by_value);
  for (size_t i = 0; i < p->n; i++)
    p->sum[i + 1] = p->sum[i] + p->v[i];
}

/* Number of values <= limit. */
static size_t count_to(const points *p, double limit) {
  size_t lo = 0;
  size_t hi = p->n;
  while (lo < hi) {
    const size_t mid = lo + (hi - lo) / 2;
    if (p->v[mid] <= limit)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static double unit_random(weft_rng *r) {
  return (double)(weft_rng_next(r) >> 11) * 0x1p-53;
}

/* The distinct values if they are at most k; returns their number or 0. */
static size_t take_distinct(const points *p, double *c, size_t k) {
  size_t n = 0;
  for (size_t i = 0; i < p->n; i++) {
    if (i > 0 && p->v[i] == p->v[i - 1])
      continue;
    if (n == k)
      return 0;
    c[n++] = p->v[i];
  }
  return n;
}

/* D^2 sampling (Arthur, Vassilvitskii 2007). */
static void plus_plus(weft_arena *scratch, const points *p, weft_rng *r, double *c, size_t k) {
  double *near = WEFT_NEW(scratch, double, p->n);
  c[0] = p->v[(size_t)(unit_random(r) * (double)p->n)];
  for (size_t i = 0; i < p->n; i++)
    near[i] = INFINITY;
  for (size_t j = 1; j < k; j++) {
    double total = 0;
    for (size_t i = 0; i < p->n; i++) {
      const double gap = p->v[i] - c[j - 1];
      near[i] = gap * gap < near[i] ? gap * gap : near[i];
      total += near[i];
    }
    double left = unit_random(r) * total;
    size_t i = 0;
    while (i + 1 < p->n && left >= near[i])
      left -= near[i++];
    c[j] = p->v[i];
  }
}

static void choose_first(weft_arena *scratch, const points *p, const opt_cluster *o,
                         weft_rng *r, double *c, size_t k) {
  const double lo = p->v[0];
  const double hi = p->v[p->n - 1];
  const double last = (double)(k > 1 ? k - 1 : 1);
  if (o->init == OPT_KMEANS_PP)
    plus_plus(scratch, p, r, c, k);
  for (size_t j = 0; j < k && o->init != OPT_KMEANS_PP; j++) {
    const double share = (double)j / last;
    c[j] = o->init == OPT_LINEAR   ? lo + (hi - lo) * share
           : o->init == OPT_RANDOM ? lo + (hi - lo) * unit_random(r)
                                   : p->v[(size_t)floor(share * (double)(p->n - 1) + 0.5)];
  }
  qsort(c, k, sizeof *c, by_value);
}

/* One round of Lloyd; false if nothing moved. A centroid without values stays; the
 * order stays in any case. */
static bool improve(const points *p, double *c, size_t k) {
  bool has_moved = false;
  size_t from = 0;
  for (size_t j = 0; j < k; j++) {
    const double here = c[j];
    const size_t to = j + 1 < k ? count_to(p, (here + c[j + 1]) / 2) : p->n;
    if (to > from) {
      const double mean = (p->sum[to] - p->sum[from]) / (double)(to - from);
      const double clamped = mean < p->v[from] ? p->v[from] : mean > p->v[to - 1] ? p->v[to - 1] : mean;
      has_moved = has_moved || clamped != here;
      c[j] = clamped;
      from = to;
    }
  }
  return has_moved;
}

/* k centroids of the points, ascending, into c. */
static void find_centroids(weft_arena *scratch, points *p, const opt_cluster *o, weft_rng *r,
                           double *c, size_t k) {
  seal(p);
  size_t n = p->n ? take_distinct(p, c, k) : 0;
  if (n == 0 && p->n > 0) {
    choose_first(scratch, p, o, r, c, k);
    for (int round = 0; round < MAX_ROUNDS && improve(p, c, k); round++)
      continue;
    n = k;
  }
  for (; n < k; n++)
    c[n] = n ? c[n - 1] : 0;
}

static size_t nearest(const double *c, size_t k, double v) {
  size_t lo = 0;
  size_t hi = k - 1;
  while (lo < hi) {
    const size_t mid = lo + (hi - lo) / 2;
    if (v <= (c[mid] + c[mid + 1]) / 2)
      hi = mid;
    else
      lo = mid + 1;
  }
  return lo;
}

/* Clusters the weights of one channel, or all, with the centroids at `out`. */
static void cluster_part(opt_weights *w, const opt_cluster *o, bool keep_zeros, size_t channel,
                         float *out) {
  weft_arena *scratch = weft_arena_new();
  const opt_part at = opt_part_of(w, channel, o->per_channel);
  points p = {0, WEFT_NEW(scratch, double, at.n + 1), WEFT_NEW(scratch, double, at.n + 1)};
  double c[MAX_CLUSTERS];
  const size_t k = (size_t)o->n_clusters;
  const size_t others = keep_zeros ? k - 1 : k;
  weft_rng r = {o->seed ^ channel * 0x9e3779b97f4a7c15u};
  weft_rng_next(&r);
  for (size_t n = 0, i = at.first; n < at.n; n++, i += at.step)
    if (!(keep_zeros && w->w[i] == 0))
      p.v[p.n++] = (double)w->w[i];
  find_centroids(scratch, &p, o, &r, c, others);
  size_t zero = 0;
  for (size_t j = 0; j < others; j++) {
    c[j] = (double)(float)c[j];
    zero += c[j] < 0 ? 1 : 0;
  }
  for (size_t j = 0; j < others; j++)
    out[keep_zeros && j >= zero ? j + 1 : j] = (float)c[j];
  if (keep_zeros)
    out[zero] = 0;
  for (size_t n = 0, i = at.first; n < at.n; n++, i += at.step) {
    const size_t j = nearest(c, others, (double)w->w[i]);
    w->cluster[i] = (uint16_t)(keep_zeros && w->w[i] == 0 ? zero
                               : keep_zeros && j >= zero  ? j + 1 : j);
  }
  weft_arena_free(&scratch);
}

/* A mask of the non-zero weights, if there are zeros to keep and no mask. */
static bool wants_zeros(weft_arena *arena, opt_weights *w, const opt_cluster *o) {
  bool has_zero = false;
  for (size_t i = 0; i < w->n_elems; i++)
    has_zero = has_zero || w->w[i] == 0;
  if (!has_zero || !(o->preserve_sparsity || w->keep.zeros))
    return false;
  if (!w->mask)
    w->mask = weft_arena_alloc(arena, w->n_elems, 1);
  for (size_t i = 0; i < w->n_elems; i++)
    w->mask[i] = w->w[i] != 0;
  w->keep.zeros = true;
  return true;
}

weft_status opt_cluster_layer(weft_arena *arena, weft_diag *d, opt_layer *l,
                              const opt_cluster *o) {
  opt_weights *w = l->weights;
  if (!w || w->q || !opt_in_range(OPT_RANGE_CLUSTERS, o->n_clusters))
    return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "cluster: layer '%s'", l->name),
                     !w     ? "no weights"
                     : w->q ? "integer weights" : weft_diag_text(d, "%d clusters", o->n_clusters),
                     weft_diag_text(d, "number_of_clusters: %s, of float weights", opt_range_text(d, OPT_RANGE_CLUSTERS)), NULL);
  const size_t k = (size_t)o->n_clusters;
  const size_t parts = o->per_channel ? w->n_out : 1;
  if (w->mask)
    opt_apply_mask(w);
  const bool keep_zeros = wants_zeros(arena, w, o);
  w->cluster = WEFT_NEW(arena, uint16_t, w->n_elems);
  w->centroid = WEFT_NEW(arena, float, parts * k);
  for (size_t i = 0; i < parts; i++)
    cluster_part(w, o, keep_zeros, i, w->centroid + i * k);
  w->keep.n_clusters = o->n_clusters;
  w->keep.per_channel = o->per_channel;
  opt_cluster_apply(w);
  return WEFT_OK;
}

static size_t centroid_of(const opt_weights *w, size_t i) {
  const size_t first = w->keep.per_channel ? opt_channel(w, i) * (size_t)w->keep.n_clusters : 0;
  return first + w->cluster[i];
}

void opt_cluster_apply(opt_weights *w) {
  for (size_t i = 0; i < w->n_elems; i++)
    w->w[i] = w->mask && !w->mask[i] ? 0 : w->centroid[centroid_of(w, i)];
}

void opt_cluster_gradient(const opt_weights *w, const float *dw, float *dcentroid) {
  const size_t n = (size_t)w->keep.n_clusters * (w->keep.per_channel ? w->n_out : 1);
  memset(dcentroid, 0, n * sizeof *dcentroid);
  for (size_t i = 0; i < w->n_elems; i++)
    if (!w->mask || w->mask[i])
      dcentroid[centroid_of(w, i)] += dw[i];
}
