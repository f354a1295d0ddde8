/* SPDX-License-Identifier: Apache-2.0 */
/* Layers by parts: kernels longer than the tap table, windows larger than the
 * scratchpad, pixels of more channels than a bank has words. A tile is up to
 * ROWS pixels of a line; for each n-group its window is loaded and summed part by
 * part, a part being a rectangle of taps and a slice of the input channels. Slow
 * (inputs are loaded again for each n-group) and small. */
#include "compiler/place.h"
#include "compiler/tile.h"

static bool taps_fit(const weft_plan *p, const weft_layer *l) {
  bool inside = l->oh == 1 && l->ow == 1 && l->pt == 0 && l->pl == 0 && (int64_t)(l->kh - 1) * l->dy < l->ih &&
                (int64_t)(l->kw - 1) * l->dx < l->iw;
  return inside || (int64_t)l->kh * l->kw <= p->config->taps;
}

bool weft_parts_needed(const weft_plan *p, const weft_layer *l) {
  return !taps_fit(p, l) || !weft_tile_fits_alone(p, l);
}

int32_t weft_parts_pixels(const weft_plan *p, const weft_layer *l) {
  return l->sx > 2 ? 1 : weft_min32(p->config->rows, l->ow);
}

weft_layout weft_parts_input(const weft_plan *p, const weft_layer *l, int32_t n_channels) {
  int64_t w = (int64_t)(weft_parts_pixels(p, l) - 1) * l->sx + (int64_t)(l->part_w - 1) * l->dx + 1;
  int64_t h = (int64_t)(l->part_h - 1) * l->dy + 1;
  return weft_layout_make(p->config, h < l->ih ? (int32_t)h : l->ih, w < l->iw ? (int32_t)w : l->iw, n_channels,
                          l->sx == 2, false, 0);
}

/* Largest n in 1..most, in steps of `step`, whose part fits `rows`; *size is a
 * field of the layer. */
static void grow(const weft_plan *p, weft_layer *l, int32_t *size, int32_t most, int32_t step, int32_t rows) {
  int32_t lo = 1, hi = weft_ceil_div(most, step);
  while (lo < hi) {
    int32_t mid = (lo + hi + 1) / 2;
    *size = weft_min32(mid * step, most);
    weft_layout in = weft_parts_input(p, l, l->part_c);
    if (in.rows <= rows && in.pitch <= 4095)
      lo = mid;
    else
      hi = mid - 1;
  }
  *size = weft_min32(lo * step, most);
}

/* Part and tile within those rows for one buffer of each. */
static void choose_part(const weft_plan *p, weft_layer *l, int32_t in_rows, int32_t out_rows) {
  const weft_config *c = p->config;
  int32_t pixel_rows = weft_ceil_div(weft_parts_pixels(p, l), c->rows);
  int32_t groups = weft_min32(weft_ceil_div(l->co, c->cols), weft_max32(1, out_rows / pixel_rows));
  int32_t taps = weft_max32(1, c->taps / 2);      /* the next part's are written meanwhile */
  bool dense = l->kind == WEFT_LAYER_DENSE;
  l->part_h = l->part_w = 1;
  l->part_c = c->word_bytes;
  l->tile_c = weft_min32(l->co, groups * c->cols);
  if (dense)
    grow(p, l, &l->part_c, weft_min32(l->ci, 32768), c->word_bytes, in_rows);
  if (l->part_c < l->ci && dense)
    return;
  grow(p, l, &l->part_w, weft_min32(l->kw, taps), 1, in_rows);
  if (l->part_w == l->kw)
    grow(p, l, &l->part_h, weft_min32(l->kh, taps / l->kw), 1, in_rows);
}

static void set_buffers(weft_operand *o, const weft_layout *layout, const int32_t base[2]) {
  o->n_buffers = 2;
  o->layout = *layout;
  o->base[0] = base[0];
  o->base[1] = base[1];
}

bool weft_parts_tile(weft_plan *p, int at) {
  weft_layer *l = &p->layers[at];
  weft_holes h;
  weft_place_holes(p, at, &h);
  l->tile_h = l->chunk_h = 1;
  l->tile_w = weft_parts_pixels(p, l);
  l->lead_h = l->tail_h = 0;
  for (int32_t rows = weft_spm_rows(p->config) / 8; rows > 0; rows /= 2) {
    int32_t base[4];
    choose_part(p, l, 3 * rows, rows);
    weft_layout in = weft_parts_input(p, l, l->part_c);
    weft_layout out = weft_layout_make(p->config, 1, l->tile_w, l->tile_c, false, false, 0);
    if (!weft_place_blocks(&h, 4, (int32_t[]){in.rows, in.rows, out.rows, out.rows}, base))
      continue;
    set_buffers(&l->ifm, &in, base);
    set_buffers(&l->ofm, &out, base + 2);
    return true;
  }
  return false;
}
