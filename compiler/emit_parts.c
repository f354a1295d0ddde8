/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of a layer by parts (parts.c): for each tile of a line's pixels and
 * each n-group, part after part is loaded and summed. */
#include "compiler/builder.h"

typedef struct tile {
  const weft_layer *l;
  const weft_weights *w;
  const weft_rect *rect;          /* its requantization                          */
  int32_t y, x0, n;               /* output pixels                               */
  int32_t group, n_groups;        /* of the band of channels                     */
  int buffer;                     /* of the output                               */
} tile;

typedef struct window {           /* what a part reads of the image              */
  int32_t y, x;                   /* of its first tap at the tile's first pixel  */
  weft_box box;
} window;

/* Inputs [first, last] of taps k0..k0 + n - 1, cut to the image; empty: 0, 0. */
static void clip(int64_t first, int64_t last, int32_t size, int32_t *lo, int32_t *hi) {
  first = first < 0 ? 0 : first;
  last = last > size - 1 ? size - 1 : last;
  *lo = first > last ? 0 : (int32_t)first;
  *hi = first > last ? 0 : (int32_t)last + 1;
}

static window window_of(const weft_builder *b, const tile *t, const weft_part *part, int32_t g) {
  const weft_layer *l = t->l;
  window w = {.y = t->y * l->sy - l->pt + part->ky * l->dy, .x = t->x0 * l->sx - l->pl + part->kx * l->dx};
  w.box = (weft_box){.c0 = part->c0, .c1 = part->c0 + part->n_channels, .w = l->iw, .c = l->ci};
  if (l->kind != WEFT_LAYER_DENSE) {
    w.box.c0 = g * b->p->config->cols;
    w.box.c1 = weft_min32(w.box.c0 + b->p->config->cols, l->ci);
  }
  clip(w.y, w.y + (int64_t)(part->rows - 1) * l->dy, l->ih, &w.box.y0, &w.box.y1);
  clip(w.x, w.x + (int64_t)(t->n - 1) * l->sx + (int64_t)(part->cols - 1) * l->dx, l->iw, &w.box.x0, &w.box.x1);
  w.box.top = w.box.y0;
  w.box.left = w.box.x0;
  return w;
}

/* The taps' pixels count from the buffer's first one, so that every input stays
 * where it lies; columns from the tile's first pixel. */
static int32_t place_taps(weft_builder *b, const tile *t, const weft_part *part, const window *w, const weft_layout *in) {
  const weft_layer *l = t->l;
  weft_tap *taps = WEFT_NEW(b->p->arena, weft_tap, part->n_taps);
  for (int32_t k = 0; k < part->n_taps; k++) {
    int32_t y = w->y + k / part->cols * l->dy, x = w->x + k % part->cols * l->dx, at = x - w->box.x0;
    int32_t odd = in->px ? at & 1 : 0;
    taps[k] = (weft_tap){.yhi = 4095, .xlo = 1};
    if (y < 0 || y >= l->ih || w->box.x0 == w->box.x1)
      continue;
    weft_axis_bounds(x, l->sx, l->iw, t->n, &taps[k].xlo, &taps[k].xhi);
    weft_row_mod d = weft_distance(b, (int64_t)(y - w->box.y0) * in->pitch + (in->px ? (at - odd) / 2 : at), in->g);
    taps[k].drow = (int32_t)d.row + odd * in->plane_x;
    taps[k].dmod = d.mod;
  }
  return weft_build_taps(b, taps, part->n_taps);
}

static void set_input(weft_builder *b, const tile *t, const weft_layout *in, int32_t base, int32_t n_channels) {
  weft_regs *r = &b->ex;
  int32_t word = b->p->config->word_bytes;
  weft_build_reg(b, r, WEFT_REG_EX_IN, WEFT_R_EX_IN_ROW, base);
  weft_build_reg(b, r, WEFT_REG_EX_IN_WORDS, WEFT_R_EX_IN_WORDS_G, in->g);
  weft_build_reg(b, r, WEFT_REG_EX_IN_WORDS, WEFT_R_EX_IN_WORDS_TAIL, (n_channels - 1) % word + 1);
  weft_build_reg(b, r, WEFT_REG_EX_X_STEP, WEFT_R_EX_X_STEP_DROW, 0);
  weft_build_reg(b, r, WEFT_REG_EX_ORIGIN, WEFT_R_EX_ORIGIN_PAD, t->l->pad);
  weft_build_reg(b, r, WEFT_REG_EX_RASTER, WEFT_R_EX_RASTER_WIDTH, t->n);
  weft_build_reg(b, r, WEFT_REG_EX_RASTER, WEFT_R_EX_RASTER_VALID, t->n);
}

/* One part of one n-group: load (unless it lies there), weights, sum. */
static void emit_part(weft_builder *b, const tile *t, int number, int32_t g, int buffer, bool load) {
  const weft_layer *l = t->l;
  const weft_part *part = &t->w->parts[number];
  window w = window_of(b, t, part, g);
  weft_operand in = l->ifm;
  in.layout = weft_parts_input(b->p, l, w.box.c1 - w.box.c0);
  bool reads = w.box.y0 < w.box.y1 && w.box.x0 < w.box.x1, last = number == t->w->n_parts - 1;
  if (load && reads)
    weft_emit_box(b, &in, buffer, &w.box, false);
  weft_emit_wt(b, t->w, number, g, 1, 1);
  set_input(b, t, &in.layout, in.base[buffer], w.box.c1 - w.box.c0);
  weft_row_mod out = {.row = l->ofm.base[t->buffer] + g - t->group};
  weft_set_output(b, &l->ofm.layout, out);
  weft_set_requant(b, l, t->w, t->rect);
  weft_build_flush(b, &b->ex);
  int32_t tap_base = place_taps(b, t, part, &w, &in.layout);
  weft_build_mark(b);
  weft_insn *i = weft_build_insn(b, WEFT_I_EXC);
  weft_build_set(b, i, WEFT_F_EXC_N_TILES, 1);
  weft_build_set(b, i, WEFT_F_EXC_LAST_ROWS, t->n);
  weft_build_set(b, i, WEFT_F_EXC_N_GROUPS, 1);
  weft_build_set(b, i, WEFT_F_EXC_N_TAPS, part->n_taps);
  weft_build_set(b, i, WEFT_F_EXC_TAP_BASE, tap_base);
  weft_build_set(b, i, WEFT_F_EXC_DEPTHWISE, l->kind != WEFT_LAYER_DENSE);
  weft_build_set(b, i, WEFT_F_EXC_MAX, l->kind == WEFT_LAYER_MAX);
  weft_build_set(b, i, WEFT_F_EXC_UNIT, weft_layer_is_unit(l));
  weft_build_set(b, i, WEFT_F_EXC_STREAM, weft_part_streams(b->p, t->w, number));
  weft_build_set(b, i, WEFT_F_EXC_FIRST_K, number == 0);
  weft_build_set(b, i, WEFT_F_EXC_LAST_K, last);
  if (reads)
    weft_build_touch(b, &in, buffer, false, 0, w.box.y1 - w.box.y0);
  if (last)
    weft_build_touch(b, &l->ofm, t->buffer, true, 0, 1);
}

/* All n-groups of a tile. Two parts of a dense layer stay in the two buffers. */
static void emit_tile(weft_builder *b, const tile *t, int *n_loads) {
  bool stay = t->l->kind == WEFT_LAYER_DENSE && t->w->n_parts <= 2;
  for (int32_t g = 0; g < t->n_groups; g++)
    for (int k = 0; k < t->w->n_parts; k++)
      emit_part(b, t, k, t->group + g, stay ? k : (*n_loads)++ & 1, !stay || g == 0);
  int32_t c0 = t->group * b->p->config->cols;
  weft_box box = {.y0 = t->y, .y1 = t->y + 1, .x0 = t->x0, .x1 = t->x0 + t->n, .c0 = c0,
                  .c1 = weft_min32(c0 + t->n_groups * b->p->config->cols, t->l->co),
                  .w = t->l->ow, .c = t->l->co, .top = t->y, .left = t->x0};
  weft_emit_box(b, &t->l->ofm, t->buffer, &box, true);
}

void weft_emit_by_parts(weft_builder *b, const weft_layer *l, const weft_weights *w) {
  int32_t groups = l->tile_c / b->p->config->cols + (l->tile_c % b->p->config->cols != 0);
  int n_loads = 0, number = 0;
  for (int k = 0; k < l->n_rects; k++) {
    const weft_rect *r = &l->rects[k];
    for (int32_t y = r->y0; y < r->y1; y++)
      for (int32_t x = r->x0; x < r->x1; x += l->tile_w)
        for (int32_t g = 0; g < w->n_groups; g += groups) {
          tile t = {.l = l, .w = w, .rect = r, .y = y, .x0 = x, .n = weft_min32(l->tile_w, r->x1 - x), .group = g,
                    .n_groups = weft_min32(groups, w->n_groups - g), .buffer = number++ & 1};
          emit_tile(b, &t, &n_loads);
        }
  }
}
