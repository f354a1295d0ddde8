/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and weights in the order of WT: [n-group][part] {parameters of the
 * last part, ring words [tap][byte of the pixel][COLS]}. */
#include <string.h>

#include "compiler/builder.h"
#include "compiler/lower.h"

/* Rectangles of rows x cols taps, in slices of n_channels. */
static void cut_parts(weft_builder *b, const weft_layer *l, weft_weights *w, int32_t rows, int32_t cols, int32_t n_channels) {
  int32_t ci = l->kind == WEFT_LAYER_DENSE ? l->ci : 1, bytes = b->p->config->cols;
  size_t n = (size_t)weft_ceil_div(l->kh, rows) * (size_t)weft_ceil_div(l->kw, cols) * (size_t)weft_ceil_div(ci, n_channels);
  weft_part *parts = WEFT_NEW(b->p->arena, weft_part, n);
  uint32_t offset = 0;
  for (int32_t y = 0; y < l->kh; y += rows)
    for (int32_t x = 0; x < l->kw; x += cols)
      for (int32_t c = 0; c < ci; c += n_channels) {
        weft_part part = {.ky = y, .kx = x, .rows = weft_min32(rows, l->kh - y), .cols = weft_min32(cols, l->kw - x),
                          .c0 = c, .n_channels = weft_min32(n_channels, ci - c), .offset = offset};
        part.n_taps = part.rows * part.cols;
        part.n_words = (int64_t)part.n_taps * part.n_channels;
        offset += (uint32_t)(part.n_words * bytes);
        parts[w->n_parts++] = part;
      }
  w->parts = parts;
}

static void split_taps(weft_builder *b, const weft_layer *l, weft_weights *w) {
  int32_t limit = b->p->config->taps, ci = l->kind == WEFT_LAYER_DENSE ? l->ci : 1;
  if (l->by_parts)
    cut_parts(b, l, w, l->part_h, l->part_w, weft_min32(l->part_c, ci));
  else if (l->kh * l->kw <= limit)
    cut_parts(b, l, w, l->kh, l->kw, ci);
  else if (l->kw <= limit)
    cut_parts(b, l, w, limit / l->kw, l->kw, ci);
  else
    cut_parts(b, l, w, 1, limit, ci);
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

/* Ring words of one tap and n-group, channels [c0, c0 + n); returns behind them. */
static uint8_t *put_tap(uint8_t *at, const weft_layer *l, int32_t tap, const weft_part *part, int32_t first, int32_t cols) {
  if (l->kind == WEFT_LAYER_DEPTHWISE) {
    for (int32_t k = 0; k < cols && first + k < l->co; k++)
      at[k] = (uint8_t)l->weights[(size_t)tap * (size_t)l->co + (size_t)(first + k)];
    return at + cols;
  }
  size_t taps = (size_t)(l->kh * l->kw), ci = (size_t)l->ci, n = (size_t)part->n_channels;
  for (int32_t k = 0; k < cols && first + k < l->co; k++) {
    const int8_t *from = &l->weights[((size_t)(first + k) * taps + (size_t)tap) * ci + (size_t)part->c0];
    for (size_t i = 0; i < n; i++)
      at[i * (size_t)cols + (size_t)k] = (uint8_t)from[i];
  }
  return at + n * (size_t)cols;
}

static uint8_t *put_group(uint8_t *at, const weft_layer *l, const weft_weights *w, int32_t first, int32_t cols) {
  for (int k = 0; k < w->n_parts; k++) {
    const weft_part *part = &w->parts[k];
    if (k == w->n_parts - 1) {
      put_params(at, l, w->params, first, cols);
      at += (w->params == 1 ? 4 : 12) * cols;
    }
    for (int32_t t = 0; t < part->n_taps; t++)
      at = put_tap(at, l, (part->ky + t / part->cols) * l->kw + part->kx + t % part->cols, part, first, cols);
  }
  return at;
}

weft_status weft_pack_weights(weft_builder *b, const weft_layer *l, weft_weights *w) {
  int32_t cols = b->p->config->cols;
  *w = (weft_weights){.n_groups = weft_ceil_div(l->co, cols)};
  split_taps(b, l, w);
  if (weft_layer_is_unit(l))
    return WEFT_OK;
  w->params = weft_lower_is_per_tensor(l) ? 1 : 2;
  uint64_t words = (uint64_t)(l->kind == WEFT_LAYER_DENSE ? l->ci : 1) * (uint64_t)(l->kh * l->kw);
  uint64_t group = (words + (w->params == 1 ? 4 : 12)) * (uint64_t)cols;
  if (group * (uint64_t)w->n_groups > UINT32_MAX / 4)
    return weft_plan_fail(b->p, WEFT_E_CAP, l, "more than a gigabyte of weights", "less");
  w->group_bytes = (uint32_t)group;
  uint8_t *at = weft_build_constants(b, (size_t)group * (size_t)w->n_groups, &w->offset);
  memset(at, 0, (size_t)group * (size_t)w->n_groups);
  for (int32_t g = 0; g < w->n_groups; g++)
    at = put_group(at, l, w, g * cols, cols);
  return WEFT_OK;
}
