/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and weights in the order of WT: [n-group][part] {parameters of the
 * last part, ring words [tap][byte of the pixel][COLS]}. */
#include <string.h>

#include "compiler/builder.h"
#include "compiler/lower.h"

static void split_taps(weft_builder *b, const weft_layer *l, weft_weights *w) {
  int32_t limit = b->p->config->taps, taps = l->kh * l->kw;
  int32_t rows = l->kw <= limit ? limit / l->kw : 1;
  int32_t cols = l->kw <= limit ? l->kw : limit;
  int n = weft_ceil_div(l->kh, rows) * weft_ceil_div(l->kw, cols);
  weft_part *parts = WEFT_NEW(b->p->arena, weft_part, n);
  w->parts = parts;
  if (taps <= limit) {
    parts[w->n_parts++] = (weft_part){.n_taps = taps};
    return;
  }
  for (int32_t y = 0; y < l->kh; y += rows)
    for (int32_t x = 0; x < l->kw; x += cols)
      parts[w->n_parts++] = (weft_part){.n_taps = weft_min32(rows, l->kh - y) * weft_min32(cols, l->kw - x),
                                        .dy = y * l->dy, .dx = x * l->dx};
}

static bool window_inside(const weft_layer *l) {
  return l->oh == 1 && l->ow == 1 && l->pt == 0 && l->pl == 0 && (int64_t)(l->kh - 1) * l->dy < l->ih &&
         (int64_t)(l->kw - 1) * l->dx < l->iw;
}

static void put_params(uint8_t *at, const weft_layer *l, int params, int32_t first, int32_t cols) {
  for (int32_t k = 0; k < cols && first + k < l->co; k++) {
    const weft_requant *r = &l->requant[first + k];
    weft_put_le32(at + 4 * k, (uint32_t)r->bias);
    if (params == 2) {
      weft_put_le32(at + 4 * (cols + k), (uint32_t)r->m);
      weft_put_le32(at + 4 * (2 * cols + k), (uint32_t)(r->ls | r->rs << 8));
    }
  }
}

/* Ring words of one tap and n-group; returns behind them. */
static uint8_t *put_tap(uint8_t *at, const weft_layer *l, int32_t tap, int32_t first, int32_t cols) {
  if (l->kind == WEFT_LAYER_DEPTHWISE) {
    for (int32_t k = 0; k < cols && first + k < l->co; k++)
      at[k] = (uint8_t)l->weights[(size_t)tap * (size_t)l->co + (size_t)(first + k)];
    return at + cols;
  }
  size_t taps = (size_t)(l->kh * l->kw), ci = (size_t)l->ci;
  for (int32_t k = 0; k < cols && first + k < l->co; k++) {
    const int8_t *from = &l->weights[((size_t)(first + k) * taps + (size_t)tap) * ci];
    for (size_t i = 0; i < ci; i++)
      at[i * (size_t)cols + (size_t)k] = (uint8_t)from[i];
  }
  return at + ci * (size_t)cols;
}

static weft_status check_taps(weft_builder *b, const weft_layer *l) {
  if (l->kh * l->kw <= b->p->config->taps || window_inside(l))
    return WEFT_OK;
  return weft_plan_fail(b->p, WEFT_E_NO_FIT, l, weft_diag_text(b->p->diag, "%d taps", (int)(l->kh * l->kw)),
                        weft_diag_text(b->p->diag, "array.taps %d, or one window inside of the image",
                                       (int)b->p->config->taps));
}

/* Tap number t of part k, in the window. */
static int32_t tap_of(const weft_layer *l, const weft_part *part, int32_t t, int32_t cols) {
  return (part->dy / l->dy + t / cols) * l->kw + part->dx / l->dx + t % cols;
}

weft_status weft_pack_weights(weft_builder *b, const weft_layer *l, weft_weights *w) {
  int32_t cols = b->p->config->cols, limit = b->p->config->taps;
  *w = (weft_weights){.n_groups = weft_ceil_div(l->co, cols)};
  WEFT_TRY(check_taps(b, l));
  split_taps(b, l, w);
  if (weft_layer_is_unit(l))
    return WEFT_OK;
  w->params = weft_lower_is_per_tensor(l) ? 1 : 2;
  uint64_t words = (uint64_t)(l->kind == WEFT_LAYER_DENSE ? l->ci : 1);
  uint64_t tap_bytes = words * (uint64_t)cols, params = (uint64_t)(w->params == 1 ? 4 : 12) * (uint64_t)cols;
  uint64_t group = params + tap_bytes * (uint64_t)(l->kh * l->kw);
  if (group * (uint64_t)w->n_groups > UINT32_MAX / 4)
    return weft_plan_fail(b->p, WEFT_E_CAP, l, "more than a gigabyte of weights", "less");
  w->group_bytes = (uint32_t)group;
  w->tap_bytes = (uint32_t)tap_bytes;
  uint8_t *at = weft_build_constants(b, (size_t)group * (size_t)w->n_groups, &w->offset);
  memset(at, 0, (size_t)group * (size_t)w->n_groups);
  for (int32_t g = 0; g < w->n_groups; g++)
    for (int k = 0; k < w->n_parts; k++) {
      if (k == w->n_parts - 1) {
        put_params(at, l, w->params, g * cols, cols);
        at += params;
      }
      for (int32_t t = 0; t < w->parts[k].n_taps; t++)
        at = put_tap(at, l, tap_of(l, &w->parts[k], t, weft_min32(l->kw, limit)), g * cols, cols);
    }
  return WEFT_OK;
}
