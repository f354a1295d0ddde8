/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a tile, as configs/README.md states them. */
#include "sim/model/exc.h"

static bool inside(const model_tap *tap, int32_t x, int32_t y) {
  return x >= tap->xlo && x <= tap->xhi && y >= tap->ylo && y <= tap->yhi;
}

static int32_t operand(const weft_model *m, const model_exc_job *j, const model_tile *t, const model_tap *tap,
                       uint32_t r, uint32_t word, uint32_t byte) {
  if (!inside(tap, t->x[r], t->y[r]))
    return j->pad;
  uint32_t row = t->base.row + (uint32_t)tap->drow + word;
  return (int8_t)model_word(m, row, t->base.mod + (uint32_t)tap->dmod + r, j->in_g)[byte];
}

static void accumulate(int32_t *acc, int32_t p, bool max) {
  if (max)
    *acc = p > *acc ? p : *acc;
  else
    *acc = (int32_t)((uint32_t)*acc + (uint32_t)p);
}

static void step(weft_model *m, const model_exc_job *j, const model_tile *t, const model_tap *tap, uint32_t word,
                 int32_t byte, const int8_t *w) {
  for (uint32_t r = 0; r < t->n_rows; r++)
    for (int32_t c = 0; c < m->cols; c++) {
      int32_t a = operand(m, j, t, tap, r, word, (uint32_t)(byte < 0 ? c : byte));
      accumulate(&m->acc[r][c], a * (w != NULL ? w[c] : 1), j->max);
    }
}

void model_tile_plain(weft_model *m, const model_exc_job *j, const model_tile *t, const int8_t *w) {
  for (uint32_t k = 0; k < j->n_taps; k++) {
    const model_tap *tap = &m->taps[j->tap_base + k];
    if (j->depthwise) {
      step(m, j, t, tap, t->group, -1, w);
      w = w != NULL ? w + m->cols : NULL;
      continue;
    }
    for (uint32_t g = 0; g < j->in_g; g++) {
      int32_t n = g + 1 == j->in_g ? (int32_t)j->tail : m->cols;
      for (int32_t byte = 0; byte < n; byte++) {
        step(m, j, t, tap, g, byte, w);
        w = w != NULL ? w + m->cols : NULL;
      }
    }
  }
}
