/* SPDX-License-Identifier: Apache-2.0 */
/* EXC instructions of one output rectangle, with the WT, CFG and TAP that they
 * need: configs/README.md, EXC and Drain. */
#include "compiler/builder.h"

/* First output line and column that the raster counts from. */
static void raster_origin(const weft_layer *l, const weft_band *band, int32_t *oy, int32_t *ox) {
  *oy = weft_axis_long(l->oh) ? band->by0 : 0;
  *ox = weft_axis_long(l->ow) ? band->x0 : 0;
}

static weft_tap make_tap(const weft_builder *b, const weft_layer *l, const weft_band *band, int32_t ty, int32_t tx, bool open) {
  const weft_layout *in = &l->ifm.layout;
  int32_t ay = in->py ? ty & 1 : 0, ax = in->px ? tx & 1 : 0;
  int64_t sy = in->py ? (ty - ay) / 2 : ty, sx = in->px ? (tx - ax) / 2 : tx;
  weft_row_mod d = weft_distance(b, sy * in->pitch + sx, in->g);
  int64_t row = d.row + (int64_t)ay * in->plane_y + (int64_t)ax * in->plane_x;
  if (row < INT16_MIN || row > INT16_MAX)          /* addresses wrap at the depth */
    row %= weft_spm_rows(b->p->config);
  weft_tap t = {.drow = (int32_t)row, .dmod = d.mod,
                .ylo = 0, .yhi = 4095, .xlo = 0, .xhi = 4095};
  if (!open) {
    int32_t oy, ox;
    raster_origin(l, band, &oy, &ox);
    weft_axis_bounds(ty + oy * l->sy, l->sy, l->ih, l->oh - oy, &t.ylo, &t.yhi);
    weft_axis_bounds(tx + ox * l->sx, l->sx, l->iw, l->ow - ox, &t.xlo, &t.xhi);
  }
  return t;
}

static int32_t place_taps(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_band *band) {
  int32_t n = w->parts[0].n_taps, cols = w->parts[0].cols;
  weft_tap *taps = WEFT_NEW(b->p->arena, weft_tap, n);
  for (int32_t k = 0; k < n; k++)
    taps[k] = make_tap(b, l, band, k / cols * l->dy - l->pt, k % cols * l->dx - l->pl, w->n_parts > 1);
  return weft_build_taps(b, taps, n);
}

static void set_input(weft_builder *b, const weft_layer *l, const weft_band *band, int32_t y0, int32_t x0, int32_t dy, int32_t dx) {
  const weft_layout *in = &l->ifm.layout;
  bool one_row = weft_layer_one_row(l);
  int32_t iy = one_row ? y0 * l->sy - band->biy0 : y0 - (in->py ? band->biy0 / 2 : band->biy0);
  int32_t ix = one_row ? x0 * l->sx - band->ix0 : x0 - (in->px ? band->ix0 / 2 : band->ix0);
  weft_row_mod a = weft_address(b, l->ifm.base[band->buffer], (int64_t)(iy + dy) * in->pitch + ix + dx, in->g);
  weft_build_reg(b, &b->ex, WEFT_REG_EX_IN, WEFT_R_EX_IN_ROW, a.row);
  weft_build_reg(b, &b->ex, WEFT_REG_EX_IN, WEFT_R_EX_IN_MOD, a.mod);
}

static void set_raster(weft_builder *b, const weft_layer *l, const weft_band *band, const weft_rect *rect) {
  weft_regs *r = &b->ex;
  const weft_layout *in = &l->ifm.layout;
  bool one_row = weft_layer_one_row(l);
  int32_t word = b->p->config->word_bytes, tail = (l->ci - 1) % word + 1, cols = rect->x1 - rect->x0, oy, ox;
  raster_origin(l, band, &oy, &ox);
  weft_build_reg(b, r, WEFT_REG_EX_IN_WORDS, WEFT_R_EX_IN_WORDS_G, in->g);
  weft_build_reg(b, r, WEFT_REG_EX_IN_WORDS, WEFT_R_EX_IN_WORDS_TAIL, tail);
  weft_row_mod x = weft_distance(b, !one_row ? b->p->config->rows : cols > 1 ? l->sx : 0, in->g);
  weft_build_reg(b, r, WEFT_REG_EX_X_STEP, WEFT_R_EX_X_STEP_DROW, x.row);
  weft_build_reg(b, r, WEFT_REG_EX_X_STEP, WEFT_R_EX_X_STEP_DMOD, x.mod);
  if (one_row) {
    bool lines = rect->y1 - rect->y0 > 1;
    weft_row_mod y = weft_distance(b, lines ? (int64_t)l->sy * in->pitch - (int64_t)(cols - 1) * l->sx : 0, in->g);
    weft_build_reg(b, r, WEFT_REG_EX_Y_STEP, WEFT_R_EX_Y_STEP_DROW, y.row);
    weft_build_reg(b, r, WEFT_REG_EX_Y_STEP, WEFT_R_EX_Y_STEP_DMOD, y.mod);
  }
  bool open_x = weft_axis_open(l->iw, l->kw, l->sx, l->pl, l->ow);
  bool open_y = weft_axis_open(l->ih, l->kh, l->sy, l->pt, l->oh);
  weft_build_reg(b, r, WEFT_REG_EX_ORIGIN, WEFT_R_EX_ORIGIN_X0, open_x ? 0 : rect->x0 - ox);
  weft_build_reg(b, r, WEFT_REG_EX_ORIGIN, WEFT_R_EX_ORIGIN_Y0, open_y ? 0 : rect->y0 - oy);
  weft_build_reg(b, r, WEFT_REG_EX_ORIGIN, WEFT_R_EX_ORIGIN_PAD, l->pad);
  weft_build_reg(b, r, WEFT_REG_EX_RASTER, WEFT_R_EX_RASTER_WIDTH, one_row ? cols : in->pitch);
  weft_build_reg(b, r, WEFT_REG_EX_RASTER, WEFT_R_EX_RASTER_VALID, cols);
}

/* First output pixel of a rectangle in the output's or residual's buffer. */
static weft_row_mod pixel_at(const weft_builder *b, const weft_operand *o, const weft_band *band, const weft_rect *rect) {
  const weft_layout *t = &o->layout;
  int32_t y = (rect->y0 - (o->resident ? 0 : band->by0)) >> t->py;
  int32_t x = (rect->x0 - (o->resident ? 0 : band->x0)) >> t->px;
  return weft_address(b, o->base[band->buffer], (int64_t)y * t->pitch + x, t->g);
}

void weft_emit_wt(weft_builder *b, const weft_weights *w, int part, int32_t g, int32_t n_groups, int32_t n_tiles) {
  if (!w->params)
    return;
  bool last = part == w->n_parts - 1;
  weft_insn *i = weft_build_insn(b, WEFT_I_WT);
  weft_build_set(b, i, WEFT_F_WT_OFFSET, (int64_t)w->offset + (int64_t)g * w->group_bytes + w->parts[part].offset);
  weft_build_set(b, i, WEFT_F_WT_N_WORDS, w->parts[part].n_words);
  weft_build_set(b, i, WEFT_F_WT_N_GROUPS, n_groups);
  weft_build_set(b, i, WEFT_F_WT_REPEATS, weft_part_streams(b->p, w, part) ? n_tiles : 1);
  weft_build_set(b, i, WEFT_F_WT_PARAMS, last ? w->params : 0);
}

static void touch_all(weft_builder *b, const weft_layer *l, const weft_band *band, int32_t y0, int32_t y1, bool writes) {
  int32_t i0, i1;
  weft_input_range(l->ih, l->kh, l->sy, l->dy, l->pt, l->ifm.layout.py, y0, y1, &i0, &i1);
  weft_build_touch(b, &l->ifm, band->buffer, false, i0 - band->biy0, i1 - band->biy0);
  if (!writes)
    return;
  int32_t by = l->ofm.resident ? 0 : band->by0;
  weft_build_touch(b, &l->ofm, band->buffer, true, y0 - by, y1 - by);
  by = l->res.resident ? 0 : band->by0;
  if (l->has_add)
    weft_build_touch(b, &l->res, band->buffer, false, y0 - by, y1 - by);
}

/* To n-group g: from the band's first one in a buffer. */
static void move_row(weft_builder *b, int reg, weft_engfield f, const weft_operand *o, const weft_band *band, int32_t g) {
  int32_t by = o->resident ? g : g - band->c0 / b->p->config->cols;
  int64_t row = weft_engreg_get(b->ex.want[reg], f) + by;
  weft_build_reg(b, &b->ex, reg, f, row % weft_spm_rows(b->p->config));
}

static void move_to_group(weft_builder *b, const weft_layer *l, const weft_band *band, int32_t g) {
  if (l->kind != WEFT_LAYER_DENSE)
    move_row(b, WEFT_REG_EX_IN, WEFT_R_EX_IN_ROW, &l->ifm, band, g);
  int32_t slice = l->ofm.resident ? l->first_c / b->p->config->cols : 0;
  move_row(b, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_ROW, &l->ofm, band, g + slice);
  if (l->has_add)
    move_row(b, WEFT_REG_EX_RES, WEFT_R_EX_RES_ROW, &l->res, band, g);
}

static void emit_part(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_band *band,
                      const weft_rect *r, int part, int32_t g, int32_t n_groups) {
  bool one_row = weft_layer_one_row(l), dense = l->kind == WEFT_LAYER_DENSE;
  bool last = part == w->n_parts - 1, streams = weft_part_streams(b->p, w, part);
  int32_t rows = r->y1 - r->y0, cols = r->x1 - r->x0, banks = b->p->config->rows;
  int64_t pixels = one_row ? (int64_t)rows * cols : (int64_t)(rows - 1) * l->ifm.layout.pitch + cols;
  int64_t tiles = one_row ? pixels : (pixels + banks - 1) / banks;
  weft_emit_wt(b, w, part, g, n_groups, (int32_t)tiles);
  set_input(b, l, band, r->y0, r->x0, w->parts[part].ky * l->dy, w->parts[part].kx * l->dx);
  set_raster(b, l, band, r);
  weft_set_output(b, &l->ofm.layout, pixel_at(b, &l->ofm, band, r));
  weft_set_requant(b, l, w, r);
  if (l->has_add)
    weft_set_add(b, &l->add, &l->res.layout, pixel_at(b, &l->res, band, r));
  move_to_group(b, l, band, g);
  weft_build_flush(b, &b->ex);
  int32_t tap_base = place_taps(b, l, w, band);
  weft_build_mark(b);
  weft_insn *i = weft_build_insn(b, WEFT_I_EXC);
  weft_build_set(b, i, WEFT_F_EXC_N_TILES, tiles);
  weft_build_set(b, i, WEFT_F_EXC_LAST_ROWS, one_row ? 1 : pixels - (tiles - 1) * banks);
  weft_build_set(b, i, WEFT_F_EXC_N_GROUPS, n_groups);
  weft_build_set(b, i, WEFT_F_EXC_N_TAPS, w->parts[part].n_taps);
  weft_build_set(b, i, WEFT_F_EXC_TAP_BASE, tap_base);
  weft_build_set(b, i, WEFT_F_EXC_DEPTHWISE, !dense);
  weft_build_set(b, i, WEFT_F_EXC_MAX, l->kind == WEFT_LAYER_MAX);
  weft_build_set(b, i, WEFT_F_EXC_UNIT, weft_layer_is_unit(l));
  weft_build_set(b, i, WEFT_F_EXC_STREAM, streams);
  weft_build_set(b, i, WEFT_F_EXC_ONE_ROW, one_row);
  weft_build_set(b, i, WEFT_F_EXC_FIRST_K, part == 0);
  weft_build_set(b, i, WEFT_F_EXC_LAST_K, last);
  touch_all(b, l, band, r->y0, r->y1, last);
}

void weft_emit_exc(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_band *band,
                   const weft_rect *rect) {
  int32_t first = band->c0 / b->p->config->cols, end = weft_ceil_div(band->c1, b->p->config->cols);
  if (w->n_parts == 1) {
    emit_part(b, l, w, band, rect, 0, first, end - first);
    return;
  }
  for (int32_t g = first; g < end; g++)
    for (int part = 0; part < w->n_parts; part++)
      emit_part(b, l, w, band, rect, part, g, 1);
}
