/* SPDX-License-Identifier: Apache-2.0 */
/* Clusters while training, as TFMOT does it: the centroids learn the sums of their
 * weights' gradients, dense weights behind them learn too (straight through), and each
 * weight goes to the centroid that is nearest to its dense one. What is masked stays on
 * the centroid 0, and nothing else goes there. */
#include <stdlib.h>

#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/train_inside.h"

typedef struct entry { float value; uint16_t index; } entry;

static int by_value(const void *a, const void *b) {
  const entry *x = a, *y = b;
  return x->value != y->value ? (x->value < y->value ? -1 : 1) : (int)x->index - (int)y->index;
}

/* The nearest of n >= 1 ascending entries, the lower of two equally near. */
static uint16_t nearest(const entry *e, size_t n, float v) {
  size_t lo = 0, hi = n - 1;
  while (lo < hi) {
    const size_t mid = lo + (hi - lo) / 2;
    if (v - e[mid].value <= e[mid + 1].value - v)
      hi = mid;
    else
      lo = mid + 1;
  }
  return e[lo].index;
}

/* Entries of a table that weights may move to: all but the masked ones'. */
static size_t sorted_table(const opt_weights *w, size_t table, opt_part s, entry *e) {
  const size_t k = (size_t)w->keep.n_clusters;
  size_t n = 0, zero = k;
  for (size_t i = 0; w->mask && i < s.n && zero == k; i++)
    if (!w->mask[s.first + i * s.step])
      zero = w->cluster[s.first + i * s.step];
  for (size_t c = 0; c < k; c++)
    if (c != zero)
      e[n++] = (entry){w->centroid[table * k + c], (uint16_t)c};
  qsort(e, n, sizeof *e, by_value);
  return n;
}

void train_cluster_apply(train_layer *t) {
  opt_weights *w = t->w;
  entry e[UINT8_MAX + 1];
  for (size_t table = 0; table < t->n_centroids / (size_t)w->keep.n_clusters; table++) {
    const opt_part s = opt_part_of(w, table, w->keep.per_channel);
    const size_t n = sorted_table(w, table, s, e);
    for (size_t k = 0, i = s.first; k < s.n; k++, i += s.step)
      if (!w->mask || w->mask[i])
        w->cluster[i] = nearest(e, n, t->trained[i]);
  }
  opt_cluster_apply(w);
}

bool train_clusters_sound(const train_layer *t) {
  for (size_t i = 0; i < t->w->n_elems; i++)
    if (t->w->cluster[i] >= t->w->keep.n_clusters)
      return false;
  return true;
}
