/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/place.h"

static bool overlap_in_time(const weft_value *a, const weft_value *b) {
  return a->first <= b->last && b->first <= a->last;
}

/* Lowest base at which a block is clear of the `n` placed values that live with
 * it; -1: none. */
static int32_t lowest_base(const weft_plan *p, const int *placed, int n, const weft_value *v) {
  int32_t base = 0, depth = weft_spm_rows(p->config);
  for (bool moved = true; moved;) {
    moved = false;
    for (int k = 0; k < n; k++) {
      const weft_value *o = &p->values[placed[k]];
      if (overlap_in_time(o, v) && base < o->base + o->layout.rows && o->base < base + v->layout.rows) {
        base = o->base + o->layout.rows;
        moved = true;
      }
    }
    if (base + v->layout.rows > depth)
      return -1;
  }
  return base;
}

static int next_largest(const weft_plan *p, const bool *done) {
  int best = -1;
  for (int i = 0; i < p->n_values; i++)
    if (p->values[i].resident && !done[i] &&
        (best < 0 || p->values[i].layout.rows > p->values[best].layout.rows))
      best = i;
  return best;
}

bool weft_place_values(weft_plan *p, int *failed) {
  bool *done = WEFT_NEW(p->arena, bool, p->n_values + 1);
  int *placed = WEFT_NEW(p->arena, int, p->n_values + 1);
  int n = 0;
  for (int i = next_largest(p, done); i >= 0; i = next_largest(p, done)) {
    done[i] = true;
    int32_t base = lowest_base(p, placed, n, &p->values[i]);
    if (base < 0) {
      *failed = i;
      return false;
    }
    p->values[i].base = base;
    placed[n++] = i;
  }
  return true;
}

static void cut_hole(weft_holes *h, int32_t from, int32_t to) {
  int n = h->n;
  for (int k = 0; k < n; k++) {
    int32_t a = h->from[k], b = h->to[k];
    if (to <= a || b <= from)
      continue;
    h->to[k] = from > a ? from : a;              /* may become empty */
    if (to < b) {
      if (h->to[k] == a) {
        h->from[k] = to;
        h->to[k] = b;
      } else if (h->n < WEFT_MAX_HOLES) {
        h->from[h->n] = to;
        h->to[h->n++] = b;
      }
    }
  }
}

void weft_place_holes(const weft_plan *p, int layer, weft_holes *h) {
  h->n = 1;
  h->from[0] = 0;
  h->to[0] = weft_spm_rows(p->config);
  for (int i = 0; i < p->n_values; i++) {
    const weft_value *v = &p->values[i];
    if (v->resident && v->first <= layer && layer <= v->last)
      cut_hole(h, v->base, v->base + v->layout.rows);
  }
}

bool weft_place_blocks(const weft_holes *holes, int n, const int32_t *rows, int32_t *base) {
  weft_holes h = *holes;
  bool done[WEFT_MAX_BUFFERS] = {false};
  for (int round = 0; round < n; round++) {
    int best = -1, at = -1;
    for (int k = 0; k < n; k++)
      if (!done[k] && (best < 0 || rows[k] > rows[best]))
        best = k;
    for (int k = 0; k < h.n; k++)           /* the tightest hole that takes it */
      if (h.to[k] - h.from[k] >= rows[best] &&
          (at < 0 || h.to[k] - h.from[k] < h.to[at] - h.from[at]))
        at = k;
    if (at < 0)
      return false;
    base[best] = h.from[at];
    h.from[at] += rows[best];
    done[best] = true;
  }
  return true;
}
