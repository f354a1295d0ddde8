/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a tile, fast: operands of a tile are gathered into rows of
 * 16-bit steps, weights are widened once an n-group into pairs of steps, and
 * the inner loop multiplies pairs. Equal to exc_plain.c byte for byte. */
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "sim/model/exc.h"

enum { CHUNK_STEPS = 256 };     /* even, and >= 2 words                        */

struct model_fast {
  weft_arena *arena;
  const int8_t *key;            /* weights that `pairs` holds                 */
  uint64_t key_steps;
  int16_t *pairs;               /* [(steps+1)/2][cols][2]                     */
  size_t cap;
  uint32_t n_filled;
  int16_t rows[MODEL_MAX_ROWS][CHUNK_STEPS];
};

struct model_fast *model_fast_new(weft_arena *arena) {
  struct model_fast *f = WEFT_NEW(arena, struct model_fast, 1);
  f->arena = arena;
  return f;
}

void model_fast_forget(struct model_fast *f) { f->key = NULL; }

static void widen_pairs(weft_model *m, const int8_t *w, uint64_t steps, bool unit) {
  struct model_fast *f = m->fast;
  size_t cols = (size_t)m->cols, n_pairs = (size_t)(steps + 1) / 2;
  if (!unit && f->key == w && f->key_steps == steps && w != (const int8_t *)m->gathered)
    return;
  f->pairs = weft_arena_grow(f->arena, f->pairs, &f->cap, n_pairs * cols * 2, sizeof *f->pairs);
  for (size_t k = 0; k < n_pairs; k++) {
    int16_t *to = f->pairs + k * cols * 2;
    const int8_t *from = unit ? NULL : w + k * cols * 2;
    bool second = 2 * k + 1 < steps;
    for (size_t c = 0; c < cols; c++) {
      to[2 * c] = unit ? 1 : from[c];
      to[2 * c + 1] = !second ? 0 : unit ? 1 : from[cols + c];
    }
  }
  f->key = unit ? NULL : w;
  f->key_steps = steps;
}

#if defined(__SSE2__)
static __m128i pair_of(const int16_t *a) {
  int32_t both;
  memcpy(&both, a, sizeof both);
  return _mm_set1_epi32(both);
}

/* Two rows by 4 or 8 channels: weights are read once for both. */
static void multiply_4(int32_t *acc, const int16_t *a, const int16_t *w, size_t n_pairs, size_t cols) {
  __m128i s = _mm_loadu_si128((const __m128i *)(const void *)acc);
  for (size_t k = 0; k < n_pairs; k++, w += 2 * cols)
    s = _mm_add_epi32(s, _mm_madd_epi16(pair_of(a + 2 * k), _mm_loadu_si128((const __m128i *)(const void *)w)));
  _mm_storeu_si128((__m128i *)(void *)acc, s);
}

static void multiply_8x2(int32_t *acc0, int32_t *acc1, const int16_t *a0, const int16_t *a1, const int16_t *w,
                         size_t n_pairs, size_t cols) {
  __m128i s00 = _mm_loadu_si128((const __m128i *)(const void *)acc0);
  __m128i s01 = _mm_loadu_si128((const __m128i *)(const void *)(acc0 + 4));
  __m128i s10 = _mm_loadu_si128((const __m128i *)(const void *)acc1);
  __m128i s11 = _mm_loadu_si128((const __m128i *)(const void *)(acc1 + 4));
  for (size_t k = 0; k < n_pairs; k++, w += 2 * cols) {
    __m128i w0 = _mm_loadu_si128((const __m128i *)(const void *)w);
    __m128i w1 = _mm_loadu_si128((const __m128i *)(const void *)(w + 8));
    __m128i p0 = pair_of(a0 + 2 * k), p1 = pair_of(a1 + 2 * k);
    s00 = _mm_add_epi32(s00, _mm_madd_epi16(p0, w0));
    s01 = _mm_add_epi32(s01, _mm_madd_epi16(p0, w1));
    s10 = _mm_add_epi32(s10, _mm_madd_epi16(p1, w0));
    s11 = _mm_add_epi32(s11, _mm_madd_epi16(p1, w1));
  }
  _mm_storeu_si128((__m128i *)(void *)acc0, s00);
  _mm_storeu_si128((__m128i *)(void *)(acc0 + 4), s01);
  _mm_storeu_si128((__m128i *)(void *)acc1, s10);
  _mm_storeu_si128((__m128i *)(void *)(acc1 + 4), s11);
}

static void multiply(weft_model *m, uint32_t n_rows, const int16_t *w, size_t n_pairs) {
  struct model_fast *f = m->fast;
  size_t cols = (size_t)m->cols;
  if (cols == 4) {
    for (uint32_t r = 0; r < n_rows; r++)
      multiply_4(m->acc[r], f->rows[r], w, n_pairs, cols);
    return;
  }
  for (uint32_t r = 0; r < n_rows; r += 2) {
    int32_t spare[8] = {0};
    bool two = r + 1 < n_rows;
    for (size_t c = 0; c < cols; c += 8)
      multiply_8x2(m->acc[r] + c, two ? m->acc[r + 1] + c : spare, f->rows[r], f->rows[two ? r + 1 : r],
                   w + 2 * c, n_pairs, cols);
  }
}
#else
static void multiply(weft_model *m, uint32_t n_rows, const int16_t *w, size_t n_pairs) {
  size_t cols = (size_t)m->cols;
  for (uint32_t r = 0; r < n_rows; r++)
    for (size_t k = 0; k < n_pairs; k++) {
      const int16_t *a = m->fast->rows[r] + 2 * k, *pair = w + 2 * k * cols;
      for (size_t c = 0; c < cols; c++)
        m->acc[r][c] = (int32_t)((uint32_t)m->acc[r][c] + (uint32_t)(a[0] * pair[2 * c] + a[1] * pair[2 * c + 1]));
    }
}
#endif

static void gather_word(weft_model *m, const model_exc_job *j, const model_tile *t, const model_tap *tap, uint32_t g,
                        uint32_t n) {
  struct model_fast *f = m->fast;
  uint32_t row = t->base.row + (uint32_t)tap->drow + g, mod = t->base.mod + (uint32_t)tap->dmod;
  for (uint32_t r = 0; r < t->n_rows; r++) {
    int16_t *to = f->rows[r] + f->n_filled;
    if (t->x[r] < tap->xlo || t->x[r] > tap->xhi || t->y[r] < tap->ylo || t->y[r] > tap->yhi) {
      for (uint32_t k = 0; k < n; k++)
        to[k] = j->pad;
      continue;
    }
    const int8_t *from = (const int8_t *)model_word(m, row, mod + r, j->in_g);
    if (n == 8)
      for (uint32_t k = 0; k < 8; k++)
        to[k] = from[k];
    else
      for (uint32_t k = 0; k < n; k++)
        to[k] = from[k];
  }
  f->n_filled += n;
}

/* Multiplies the filled steps; an odd one stays for the next pair. */
static const int16_t *flush(weft_model *m, uint32_t n_rows, const int16_t *w, bool last) {
  struct model_fast *f = m->fast;
  bool odd = (f->n_filled & 1) != 0;
  if (odd && last)
    for (uint32_t r = 0; r < n_rows; r++)
      f->rows[r][f->n_filled] = 0;
  size_t n_pairs = (f->n_filled + (odd && last)) / 2;
  multiply(m, n_rows, w, n_pairs);
  for (uint32_t r = 0; odd && !last && r < n_rows; r++)
    f->rows[r][0] = f->rows[r][f->n_filled - 1];
  f->n_filled = odd && !last;
  return w + n_pairs * 2 * (size_t)m->cols;
}

static void tile_dense(weft_model *m, const model_exc_job *j, const model_tile *t) {
  struct model_fast *f = m->fast;
  const int16_t *w = f->pairs;
  f->n_filled = 0;
  for (uint32_t k = 0; k < j->n_taps; k++)
    for (uint32_t g = 0; g < j->in_g; g++) {
      uint32_t n = g + 1 == j->in_g ? j->tail : (uint32_t)m->cols;
      if (f->n_filled + n + 1 > CHUNK_STEPS)
        w = flush(m, t->n_rows, w, false);
      gather_word(m, j, t, &m->taps[j->tap_base + k], g, n);
    }
  (void)flush(m, t->n_rows, w, true);
}

static inline void lanes_sum(int32_t *acc, const int8_t *a, const int8_t *w, int32_t n) {
  for (int32_t c = 0; c < n; c++)
    acc[c] = (int32_t)((uint32_t)acc[c] + (uint32_t)(a[c] * w[c]));
}

static inline void lanes_max(int32_t *acc, const int8_t *a, int32_t n) {
  for (int32_t c = 0; c < n; c++)
    acc[c] = a[c] > acc[c] ? a[c] : acc[c];
}

static void lanes(int32_t *acc, const int8_t *a, const int8_t *w, int32_t n, bool max) {
  if (max)
    lanes_max(acc, a, n);
  else if (n == 8)
    lanes_sum(acc, a, w, 8);
  else if (n == 16)
    lanes_sum(acc, a, w, 16);
  else
    lanes_sum(acc, a, w, n);
}

static void tile_depthwise(weft_model *m, const model_exc_job *j, const model_tile *t, const int8_t *w) {
  int8_t pad[MODEL_MAX_COLS], ones[MODEL_MAX_COLS];
  memset(pad, j->pad, sizeof pad);
  memset(ones, 1, sizeof ones);
  for (uint32_t k = 0; k < j->n_taps; k++) {
    const model_tap *tap = &m->taps[j->tap_base + k];
    const int8_t *weights = j->unit ? ones : w + (size_t)k * (size_t)m->cols;
    uint32_t row = t->base.row + (uint32_t)tap->drow + t->group, mod = t->base.mod + (uint32_t)tap->dmod;
    for (uint32_t r = 0; r < t->n_rows; r++) {
      bool in = t->x[r] >= tap->xlo && t->x[r] <= tap->xhi && t->y[r] >= tap->ylo && t->y[r] <= tap->yhi;
      const int8_t *a = in ? (const int8_t *)model_word(m, row, mod + r, j->in_g) : pad;
      lanes(m->acc[r], a, weights, m->cols, j->max);
    }
  }
}

void model_tile_fast(weft_model *m, const model_exc_job *j, const model_tile *t, const int8_t *w) {
  if (j->depthwise) {
    tile_depthwise(m, j, t, w);
    return;
  }
  if (j->max) {                 /* dense MAX: legal, of no use, not worth speed */
    model_tile_plain(m, j, t, w);
    return;
  }
  widen_pairs(m, w, j->steps, j->unit);
  tile_dense(m, j, t);
}
