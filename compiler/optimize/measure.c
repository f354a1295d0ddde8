/* SPDX-License-Identifier: Apache-2.0 */
/* What the weights are now, and whether that is what they must stay. */
#include <stdlib.h>
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/net_inside.h"

static float value_at(const opt_weights *w, size_t i) {
  return w->q ? (float)w->q[i] : w->w[i];
}

static int by_value(const void *a, const void *b) {
  const float x = *(const float *)a;
  const float y = *(const float *)b;
  return x < y ? -1 : x > y ? 1 : 0;
}

static size_t count_distinct(float *v, size_t n) {
  size_t count = n ? 1 : 0;
  if (n)
    qsort(v, n, sizeof *v, by_value);
  for (size_t i = 1; i < n; i++)
    count += v[i] != v[i - 1] ? 1 : 0;
  return count;
}

static bool holds(const opt_weights *w, size_t m, size_t n) {
  const size_t channels = (size_t)w->shape[w->rank - 1];
  for (size_t line = 0; line < w->n_elems; line += channels)
    for (size_t first = 0; first < channels; first += n) {
      size_t used = 0;
      for (size_t i = first; i < first + n && i < channels; i++)
        used += value_at(w, line + i) != 0 ? 1 : 0;
      if (used > m)
        return false;
    }
  return true;
}

void opt_measure(weft_arena *arena, const opt_layer *l, opt_facts *out) {
  const opt_weights *w = l->weights;
  *out = (opt_facts){0};
  if (!w || w->n_elems == 0)
    return;
  const size_t n_channel = w->n_elems / w->n_out;
  float *v = WEFT_NEW(arena, float, w->n_elems);
  out->n_elems = w->n_elems;
  for (size_t c = 0; c < w->n_out; c++) {
    for (size_t i = 0; i < n_channel; i++)
      v[i] = value_at(w, w->channel_axis == 3 ? i * w->n_out + c : c * n_channel + i);
    const size_t n = count_distinct(v, n_channel);
    out->max_distinct_in_channel = n > out->max_distinct_in_channel ? n : out->max_distinct_in_channel;
  }
  for (size_t i = 0; i < w->n_elems; i++) {
    v[i] = value_at(w, i);
    out->n_zeros += v[i] == 0 ? 1 : 0;
  }
  out->n_distinct = count_distinct(v, w->n_elems);
  out->holds_m_of_n = w->keep.m > 0 && holds(w, (size_t)w->keep.m, (size_t)w->keep.n);
}

static weft_status fail(weft_diag *d, const opt_net *net, int layer, const char *found,
                        const char *allowed) {
  return weft_fail(d, WEFT_E_MISMATCH, opt_layer_place(d, net, layer), found, allowed,
                   "an invariant was lost: this is a bug of a stage");
}

static weft_status check_layer(weft_diag *d, const opt_net *net, int layer, weft_arena *scratch) {
  const opt_layer *l = &net->layers[layer];
  const opt_weights *w = l->weights;
  weft_status s = WEFT_OK;
  opt_facts f;
  size_t lost = 0;
  size_t masked = 0;
  if (!w)
    return WEFT_OK;
  opt_measure(scratch, l, &f);
  for (size_t i = 0; w->keep.zeros && w->mask && i < w->n_elems; i++) {
    masked += w->mask[i] ? 0 : 1;
    lost += !w->mask[i] && value_at(w, i) != 0 ? 1 : 0;
  }
  if (lost)
    s = fail(d, net, layer, weft_diag_text(d, "%zu pruned weights are not zero", lost),
             weft_diag_text(d, "%zu zeros that stay", masked));
  if (w->keep.m > 0 && !f.holds_m_of_n)
    s = fail(d, net, layer, "more non-zero weights in a group",
             weft_diag_text(d, "%d of %d input channels", w->keep.m, w->keep.n));
  const size_t distinct = w->keep.per_channel ? f.max_distinct_in_channel : f.n_distinct;
  if (w->keep.n_clusters > 0 && distinct > (size_t)w->keep.n_clusters)
    s = fail(d, net, layer, weft_diag_text(d, "%zu distinct values%s", distinct,
                                           w->keep.per_channel ? " in a channel" : ""),
             weft_diag_text(d, "at most %d clusters", w->keep.n_clusters));
  return s;
}

weft_status opt_check_kept(weft_diag *d, const opt_net *net) {
  weft_status s = WEFT_OK;
  weft_arena *scratch = weft_arena_new();
  for (int i = 0; i < net->n_layers; i++) {
    const weft_status one = check_layer(d, net, i, scratch);
    s = one == WEFT_OK ? s : one;
  }
  weft_arena_free(&scratch);
  return s;
}
