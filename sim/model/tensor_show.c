/* SPDX-License-Identifier: Apache-2.0 */
/* The back door: tensors of the map as dense NHWC bytes. Costs the program
 * nothing and changes nothing. */
#include <string.h>

#include "sim/model/model.h"

static size_t dense_bytes(const weft_prog_tensor *t) {
  size_t n = t->type == 0 || t->type == 2 ? 4 : t->type == 7 ? 2 : 1;
  for (int32_t k = 0; k < t->rank; k++)
    n *= (size_t)t->shape[k];
  return n;
}

static void unbank(const weft_model *m, const weft_prog_tensor *t, uint8_t *out) {
  uint32_t cols = (uint32_t)m->cols;
  for (uint32_t y = 0; y < t->h; y++)
    for (uint32_t x = 0; x < t->w; x++) {
      uint32_t pixel = (y >> t->py) * t->pitch + (x >> t->px);
      uint32_t row = t->row + (x & t->px) * t->plane_x + (y & t->py) * t->plane_y;
      for (uint32_t c = 0; c < t->c; c += cols) {
        uint32_t n = t->c - c < cols ? t->c - c : cols;
        memcpy(out, model_word(m, row + c / cols, t->mod + pixel, t->g), n);
        out += n;
      }
    }
}

static weft_status show(weft_model *m, const weft_prog_tensor *t, weft_tensor_seen seen, void *user) {
  size_t n = dense_bytes(t);
  if (t->place == WEFT_IN_DRAM)
    return seen(user, t, m->regions[t->region] + t->offset, n);
  weft_arena *arena = weft_arena_new();
  uint8_t *bytes = weft_arena_alloc(arena, n, 1);
  unbank(m, t, bytes);
  weft_status s = seen(user, t, bytes, n);
  weft_arena_free(&arena);
  return s;
}

weft_status model_show(weft_model *m, uint32_t segment, uint32_t insn, weft_tensor_seen seen, void *user) {
  for (uint32_t k = 0; k < m->p->n_tensors; k++) {
    const weft_prog_tensor *t = &m->p->tensors[k];
    if (t->segment == segment && t->insn == insn)
      WEFT_TRY(show(m, t, seen, user));
  }
  return WEFT_OK;
}
