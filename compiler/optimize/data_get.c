/* SPDX-License-Identifier: Apache-2.0 */
/* One sample at a time: preprocessing, augmentation; the shuffle. */
#include <string.h>

#include "compiler/optimize/data.h"
#include "graph/graph.h"

/* n raw values as floats; loops that the compiler makes vectors of. */
static void widen(weft_type type, const void *x, size_t at, size_t n, float *restrict out) {
  const uint8_t *restrict u = (const uint8_t *)x + at;
  const int8_t *restrict s = (const int8_t *)x + at;
  if (type == WEFT_FLOAT32)
    memcpy(out, (const float *)x + at, n * sizeof *out);
  else if (type == WEFT_INT8)
    for (size_t k = 0; k < n; k++)
      out[k] = (float)s[k];
  else
    for (size_t k = 0; k < n; k++)
      out[k] = (float)u[k];
}

void opt_data_get(const opt_data *data, opt_split split, size_t i, float *out) {
  const size_t n = data->n_elems;
  const size_t n_scales = (size_t)data->n_scales;
  const float scale = data->scale[0];
  const float offset = data->offset[0];
  widen((weft_type)data->type, data->splits[split].x, i * n, n, out);
  if (n_scales == 1)
    for (size_t k = 0; k < n; k++)
      out[k] = out[k] * scale + offset;
  else
    for (size_t k = 0; k < n; k++)
      out[k] = out[k] * data->scale[k % n_scales] + data->offset[k % n_scales];
}

/* A state that differs for each (seed, epoch, i) and is well mixed. */
static weft_rng stream(uint64_t seed, uint64_t epoch, uint64_t i) {
  weft_rng r = {seed};
  r.state = weft_rng_next(&r) ^ epoch;
  r.state = weft_rng_next(&r) ^ i;
  return r;
}

/* lines, columns and channels of a sample: [h, w], [h, w, c]. */
typedef struct plane { int h, w, c; } plane;

static bool plane_of(const opt_data *data, plane *p) {
  if (data->rank != 2 && data->rank != 3)
    return false;
  *p = (plane){data->shape[0], data->shape[1], data->rank == 3 ? data->shape[2] : 1};
  return true;
}

static void flip(plane p, float *x) {
  for (int y = 0; y < p.h; y++)
    for (int left = 0; left < p.w / 2; left++)
      for (int c = 0; c < p.c; c++) {
        float *a = x + ((size_t)y * (size_t)p.w + (size_t)left) * (size_t)p.c + c;
        float *b = x + ((size_t)y * (size_t)p.w + (size_t)(p.w - 1 - left)) * (size_t)p.c + c;
        const float t = *a;
        *a = *b;
        *b = t;
      }
}

/* Moves by (dy, dx) in place: lines and pixels in an order that reads before it
 * writes; what comes in is 0. */
static void shift(plane p, int dy, int dx, float *x) {
  const size_t line = (size_t)p.w * (size_t)p.c;
  const int n_pixels = p.w - (dx < 0 ? -dx : dx);
  for (int k = 0; k < p.h; k++) {
    const int y = dy > 0 ? p.h - 1 - k : k;
    float *to = x + (size_t)y * line;
    const bool is_inside = y - dy >= 0 && y - dy < p.h && n_pixels > 0;
    if (!is_inside) {
      memset(to, 0, line * sizeof *to);
      continue;
    }
    const float *from = x + (size_t)(y - dy) * line;
    const size_t n = (size_t)n_pixels * (size_t)p.c;
    memmove(to + (dx > 0 ? dx : 0) * p.c, from + (dx < 0 ? -dx : 0) * p.c, n * sizeof *to);
    memset(dx > 0 ? to : to + n, 0, (line - n) * sizeof *to);
  }
}

static void cut(plane p, int y0, int x0, int side, float *x) {
  for (int y = y0 < 0 ? 0 : y0; y < y0 + side && y < p.h; y++)
    for (int at = x0 < 0 ? 0 : x0; at < x0 + side && at < p.w; at++)
      memset(x + ((size_t)y * (size_t)p.w + (size_t)at) * (size_t)p.c, 0,
             (size_t)p.c * sizeof *x);
}

void opt_data_get_augmented(const opt_data *data, opt_split split, size_t i,
                            const opt_augment *a, uint64_t seed, uint64_t epoch, float *out) {
  weft_rng r = stream(seed, epoch, i);
  plane p;
  opt_data_get(data, split, i, out);
  if (!plane_of(data, &p))
    return;
  if (a->flip && (weft_rng_next(&r) >> 63) != 0)
    flip(p, out);
  if (a->shift > 0) {
    const int dy = (int)weft_rng_range(&r, -a->shift, a->shift);
    const int dx = (int)weft_rng_range(&r, -a->shift, a->shift);
    shift(p, dy, dx, out);
  }
  if (a->cutout > 0) {
    const int half = a->cutout / 2;
    const int y = (int)weft_rng_range(&r, 0, p.h - 1);
    const int x = (int)weft_rng_range(&r, 0, p.w - 1);
    cut(p, y - half, x - half, a->cutout, out);
  }
}

void opt_shuffle(uint64_t seed, uint64_t epoch, size_t n, uint32_t *order) {
  weft_rng r = stream(seed, epoch, UINT64_MAX);
  for (size_t i = 0; i < n; i++)
    order[i] = (uint32_t)i;
  for (size_t i = n; i > 1; i--) {
    const size_t k = (size_t)(weft_rng_next(&r) % i);
    const uint32_t t = order[i - 1];
    order[i - 1] = order[k];
    order[k] = t;
  }
}
