/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges from histograms: what to clip, by three rules. */
#include <math.h>

#include "compiler/optimize/quantize_inside.h"

#define LEVELS 256
#define CANDIDATES 64          /* shares of an end, from 1 down to 1/64      */

static double step_of(const opt_bins *b) { return (b->hi - b->lo) / OPT_BINS; }
static double middle(const opt_bins *b, int i) { return b->lo + ((double)i + 0.5) * step_of(b); }

/* ---- percentile ---------------------------------------------------------------- */
static void by_percentile(const opt_bins *b, double percentile, double *min, double *max) {
  double total = 0, below = 0, above = 0, cut;
  int first = 0, last = OPT_BINS - 1;
  for (int i = 0; i < OPT_BINS; i++)
    total += b->count[i];
  cut = total * (1.0 - percentile / 100.0);
  while (first < last && below + b->count[first] <= cut)
    below += b->count[first++];
  while (last > first && above + b->count[last] <= cut)
    above += b->count[last--];
  *min = fmin(0.0, b->lo + first * step_of(b));
  *max = fmax(0.0, b->lo + (last + 1) * step_of(b));
}

/* ---- least squared error ---------------------------------------------------------- */
static double squared_error(const opt_bins *b, double min, double max) {
  float scale;
  int32_t zero;
  double sum = 0;
  opt_activation_scale((float)min, (float)max, 8, &scale, &zero);
  for (int i = 0; i < OPT_BINS; i++) {
    if (b->count[i] == 0)
      continue;
    double x = middle(b, i), q = round(x / (double)scale) + zero;
    q = q < -128 ? -128 : q > 127 ? 127 : q;
    double e = x - (double)scale * (q - zero);
    sum += b->count[i] * (e * e);
  }
  return sum;
}

/* ---- divergence ----------------------------------------------------------------------- */
static double total_of(const double *count, int from, int to) {
  double sum = 0;
  for (int i = from; i < to; i++)
    sum += count[i];
  return sum;
}

/* Zeros are exact at any scale: their bin counts no more than a neighbour. */
static void level_zeros(const opt_bins *b, double *count) {
  int zero = (int)(-b->lo / step_of(b));
  zero = zero >= OPT_BINS ? OPT_BINS - 1 : zero;
  for (int i = 0; i < OPT_BINS; i++)
    count[i] = b->count[i];
  double left = zero > 0 ? count[zero - 1] : 0, right = zero + 1 < OPT_BINS ? count[zero + 1] : 0;
  double most = left > right ? left : right;
  count[zero] = count[zero] > most ? most : count[zero];
}

/* Of counts clipped to bins [first, end), against 256 levels each spread evenly
 * over its bins that are not empty. */
static double divergence(const double *count, int first, int end) {
  const double total = total_of(count, 0, OPT_BINS), kept = total_of(count, first, end);
  const double low = total_of(count, 0, first), high = total_of(count, end, OPT_BINS);
  const int n = end - first;
  double sum = 0;
  for (int level = 0; level < LEVELS && kept > 0; level++) {
    int from = first + level * n / LEVELS, to = first + (level + 1) * n / LEVELS, used = 0;
    double mass = total_of(count, from, to);
    for (int i = from; i < to; i++)
      used += count[i] > 0;
    for (int i = from; i < to; i++) {
      double p = count[i] + (i == first ? low : 0) + (i == end - 1 ? high : 0);
      double q = used && count[i] > 0 ? mass / used / kept : 1e-12;
      sum += p > 0 ? p / total * log(p / total / q) : 0;
    }
  }
  return kept > 0 ? sum : INFINITY;
}

static double kl_error(const opt_bins *b, double min, double max) {
  int first = (int)floor((min - b->lo) / step_of(b));
  int end = (int)ceil((max - b->lo) / step_of(b));
  first = first < 0 ? 0 : first;
  end = end > OPT_BINS ? OPT_BINS : end;
  if (end - first < LEVELS)
    return INFINITY;
  double count[OPT_BINS];
  level_zeros(b, count);
  return divergence(count, first, end);
}

/* ---- the search -------------------------------------------------------------------------- */
/* Shrinks both ends together, then each alone, to the least error. */
static void search(const opt_bins *b, double (*error)(const opt_bins *, double, double),
                   double *min, double *max) {
  double best = error(b, b->lo, b->hi);
  *min = b->lo;
  *max = b->hi;
  for (int round = 0; round < 3; round++) {
    const double lo = *min, hi = *max;
    for (int k = CANDIDATES - 1; k > 0; k--) {
      double share = (double)k / CANDIDATES;
      double a = round == 2 ? lo : lo * share, c = round == 1 ? hi : hi * share;
      double e = error(b, a, c);
      if (e < best) {
        best = e;
        *min = a;
        *max = c;
      }
    }
  }
}

void opt_range_of_bins(const opt_bins *b, const opt_ptq_options *o, double *min, double *max) {
  *min = b->lo;
  *max = b->hi;
  if (!(b->hi > b->lo))
    return;
  if (o->method == OPT_CALIB_PERCENTILE)
    by_percentile(b, o->percentile, min, max);
  else
    search(b, o->method == OPT_CALIB_KL ? kl_error : squared_error, min, max);
}
