/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/kept.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CLUSTERS = 32, WEIGHTS_A_CLUSTER = 4, LEAST_ZERO_PERCENT = 30 };

static int by_value(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

/* Distinct weights, ascending, into out[MOST_CLUSTERS]; 0 if there are more. */
static int distinct_values(weft_arena *arena, const opt_weights *w, float *out) {
  float *v = weft_arena_copy(arena, w->w, w->n_elems * sizeof *w->w);
  int n = 0;
  qsort(v, w->n_elems, sizeof *v, by_value);
  for (size_t i = 0; i < w->n_elems; i++) {
    if (n && out[n - 1] == v[i])
      continue;
    if (n == MOST_CLUSTERS)
      return 0;
    out[n++] = v[i];
  }
  return n;
}

static bool find_clusters(weft_arena *arena, opt_weights *w) {
  float values[MOST_CLUSTERS];
  const int n = distinct_values(arena, w, values);
  if (n < 2 || w->n_elems < (size_t)n * WEIGHTS_A_CLUSTER)
    return false;
  w->centroid = weft_arena_copy(arena, values, (size_t)n * sizeof *values);
  w->cluster = WEFT_NEW(arena, uint16_t, w->n_elems);
  for (size_t i = 0; i < w->n_elems; i++)
    while (w->centroid[w->cluster[i]] != w->w[i])
      w->cluster[i]++;
  w->keep.n_clusters = n;
  w->keep.per_channel = false;
  return true;
}

static bool find_zeros(weft_arena *arena, opt_weights *w) {
  size_t zeros = 0;
  for (size_t i = 0; i < w->n_elems; i++)
    zeros += w->w[i] == 0;
  if (zeros * 100 < w->n_elems * LEAST_ZERO_PERCENT)
    return false;
  w->mask = WEFT_NEW(arena, uint8_t, w->n_elems);
  for (size_t i = 0; i < w->n_elems; i++)
    w->mask[i] = w->w[i] != 0;
  w->keep.zeros = true;
  return true;
}

int opt_keep_found(weft_arena *arena, opt_net *net) {
  int n = 0;
  for (int l = 0; l < net->n_layers; l++) {
    opt_weights *w = net->layers[l].weights;
    if (!w || w->n_elems == 0)
      continue;
    const bool zeros = find_zeros(arena, w);
    n += find_clusters(arena, w) || zeros;
  }
  return n;
}

/* Layers of both in order: the file has the same layers with weights. */
static const opt_weights *next_weights(const opt_net *net, int *l) {
  while (*l < net->n_layers && !net->layers[*l].weights)
    (*l)++;
  return *l < net->n_layers ? net->layers[(*l)++].weights : NULL;
}

static weft_status hand_over(weft_diag *d, const opt_net *net, opt_net *file_net) {
  int a = 0, b = 0;
  for (;;) {
    const opt_weights *from = next_weights(net, &a);
    opt_weights *to = (opt_weights *)(uintptr_t)next_weights(file_net, &b);
    if (!from && !to)
      return WEFT_OK;
    if (!from || !to || from->n_elems != to->n_elems)
      return weft_fail(d, WEFT_E_MISMATCH, file_net->name, "other layers with weights",
                       "the layers that were written", NULL);
    to->keep = from->keep;
    to->mask = from->mask;
  }
}

weft_status opt_check_file(weft_arena *arena, weft_diag *d, const opt_net *net, const char *name,
                           weft_span file, opt_net **out) {
  weft_graph *g = NULL;
  WEFT_TRY(weft_graph_read(arena, d, name, file, &g));
  WEFT_TRY(opt_import(arena, d, g, out));
  WEFT_TRY(hand_over(d, net, *out));
  return opt_check_kept(d, *out);
}

const char *opt_kept_text(weft_arena *arena, const opt_net *file_net) {
  int zeros = 0, groups = 0, clusters = 0, m = 0, n = 0;
  size_t most = 0, most_channel = 0;
  bool per_channel = false;
  for (int l = 0; l < file_net->n_layers; l++) {
    const opt_weights *w = file_net->layers[l].weights;
    opt_facts f;
    if (!w)
      continue;
    opt_measure(arena, &file_net->layers[l], &f);
    zeros += w->keep.zeros;
    if (w->keep.n) {
      groups++;
      m = w->keep.m;
      n = w->keep.n;
    }
    if (w->keep.n_clusters) {
      clusters++;
      per_channel |= w->keep.per_channel;
      most = f.n_distinct > most ? f.n_distinct : most;
      most_channel = f.max_distinct_in_channel > most_channel ? f.max_distinct_in_channel : most_channel;
    }
  }
  const char *t = zeros ? weft_arena_printf(arena, "zeros kept (%d layers)", zeros) : "";
  if (groups)
    t = weft_arena_printf(arena, "%s%s%d:%d kept (%d)", t, t[0] ? ", " : "", m, n, groups);
  if (clusters)
    t = weft_arena_printf(arena, "%s%s%zu values a %s kept (%d)", t, t[0] ? ", " : "",
                          per_channel ? most_channel : most, per_channel ? "channel" : "layer", clusters);
  return t;
}
