/* SPDX-License-Identifier: Apache-2.0 */
/* EXC instructions of one output rectangle, with the WT, CFG and TAP that they
 * need: configs/README.md, EXC and Drain. */
#include "compiler/builder.h"

typedef struct row_mod {
  int64_t row;
  int32_t mod;
} row_mod;

/* Pixel distance `flat` in rows and banks (floor). */
static row_mod distance(const weft_builder *b, int64_t flat, int32_t g) {
  int32_t banks = b->p->config->rows;
  int32_t mod = (int32_t)(((flat % banks) + banks) % banks);
  return (row_mod){.row = (flat - mod) / banks * g, .mod = mod};
}

static row_mod address(const weft_builder *b, int32_t base, int64_t flat, int32_t g) {
  row_mod d = distance(b, flat, g);
  int64_t depth = weft_spm_rows(b->p->config);
  d.row = (((base + d.row) % depth) + depth) % depth;
  return d;
}

static int32_t floor_div(int32_t a, int32_t d) { return a >= 0 ? a / d : -((-a + d - 1) / d); }

/* One axis of a tap: t = input coordinate at output 0. */
static void axis_bounds(int32_t t, int32_t stride, int32_t in, int32_t out, int32_t *lo, int32_t *hi) {
  *lo = weft_max32(0, -floor_div(t, stride));
  *hi = floor_div(in - 1 - t, stride);
  if (*lo > *hi || *lo >= out) {
    *lo = 1;
    *hi = 0;
  } else if (*hi >= out - 1) {
    *hi = 4095;
  }
}

static weft_tap make_tap(const weft_builder *b, const weft_layer *l, int32_t ty, int32_t tx, bool open) {
  const weft_layout *in = &l->ifm.layout;
  int32_t ay = in->py ? ty & 1 : 0, ax = in->px ? tx & 1 : 0;
  int64_t sy = in->py ? (ty - ay) / 2 : ty, sx = in->px ? (tx - ax) / 2 : tx;
  row_mod d = distance(b, sy * in->pitch + sx, in->g);
  weft_tap t = {.drow = (int32_t)d.row + ay * in->plane_y + ax * in->plane_x, .dmod = d.mod,
                .ylo = 0, .yhi = 4095, .xlo = 0, .xhi = 4095};
  if (!open) {
    axis_bounds(ty, l->sy, l->ih, l->oh, &t.ylo, &t.yhi);
    axis_bounds(tx, l->sx, l->iw, l->ow, &t.xlo, &t.xhi);
  }
  return t;
}

static int32_t place_taps(weft_builder *b, const weft_layer *l, const weft_weights *w) {
  int32_t n = w->parts[0].n_taps, limit = b->p->config->taps;
  int32_t cols = weft_min32(l->kw, limit);
  weft_tap *taps = WEFT_NEW(b->p->arena, weft_tap, n);
  for (int32_t k = 0; k < n; k++)
    taps[k] = make_tap(b, l, k / cols * l->dy - l->pt, k % cols * l->dx - l->pl, w->n_parts > 1);
  return weft_build_taps(b, taps, n);
}

static void set_input(weft_builder *b, const weft_layer *l, const weft_band *band, int32_t y0, int32_t x0, int32_t dy, int32_t dx) {
  const weft_layout *in = &l->ifm.layout;
  bool one_row = weft_layer_one_row(l);
  int32_t iy = one_row ? y0 * l->sy - band->biy0 : y0 - (in->py ? band->biy0 / 2 : band->biy0);
  int32_t ix = one_row ? x0 * l->sx - band->ix0 : x0 - (in->px ? band->ix0 / 2 : band->ix0);
  row_mod a = address(b, l->ifm.base[band->buffer], (int64_t)(iy + dy) * in->pitch + ix + dx, in->g);
  weft_build_reg(b, &b->ex, WEFT_REG_EX_IN, WEFT_R_EX_IN_ROW, a.row);
  weft_build_reg(b, &b->ex, WEFT_REG_EX_IN, WEFT_R_EX_IN_MOD, a.mod);
}

static void set_raster(weft_builder *b, const weft_layer *l, int32_t y0, int32_t x0, int32_t cols) {
  weft_regs *r = &b->ex;
  const weft_layout *in = &l->ifm.layout;
  bool one_row = weft_layer_one_row(l);
  int32_t word = b->p->config->word_bytes, tail = (l->ci - 1) % word + 1;
  weft_build_reg(b, r, WEFT_REG_EX_IN_WORDS, WEFT_R_EX_IN_WORDS_G, in->g);
  weft_build_reg(b, r, WEFT_REG_EX_IN_WORDS, WEFT_R_EX_IN_WORDS_TAIL, tail);
  row_mod x = distance(b, one_row ? l->sx : b->p->config->rows, in->g);
  weft_build_reg(b, r, WEFT_REG_EX_X_STEP, WEFT_R_EX_X_STEP_DROW, x.row);
  weft_build_reg(b, r, WEFT_REG_EX_X_STEP, WEFT_R_EX_X_STEP_DMOD, x.mod);
  if (one_row) {
    row_mod y = distance(b, (int64_t)l->sy * in->pitch - (int64_t)(cols - 1) * l->sx, in->g);
    weft_build_reg(b, r, WEFT_REG_EX_Y_STEP, WEFT_R_EX_Y_STEP_DROW, y.row);
    weft_build_reg(b, r, WEFT_REG_EX_Y_STEP, WEFT_R_EX_Y_STEP_DMOD, y.mod);
  }
  bool open_x = weft_axis_open(l->iw, l->kw, l->sx, l->pl, l->ow);
  bool open_y = weft_axis_open(l->ih, l->kh, l->sy, l->pt, l->oh);
  weft_build_reg(b, r, WEFT_REG_EX_ORIGIN, WEFT_R_EX_ORIGIN_X0, open_x ? 0 : x0);
  weft_build_reg(b, r, WEFT_REG_EX_ORIGIN, WEFT_R_EX_ORIGIN_Y0, open_y ? 0 : y0);
  weft_build_reg(b, r, WEFT_REG_EX_ORIGIN, WEFT_R_EX_ORIGIN_PAD, l->pad);
  weft_build_reg(b, r, WEFT_REG_EX_RASTER, WEFT_R_EX_RASTER_WIDTH, one_row ? cols : in->pitch);
  weft_build_reg(b, r, WEFT_REG_EX_RASTER, WEFT_R_EX_RASTER_VALID, cols);
}

static void set_output(weft_builder *b, const weft_layer *l, const weft_band *band, int32_t y0, int32_t x0) {
  weft_regs *r = &b->ex;
  const weft_layout *o = &l->ofm.layout;
  int32_t by = l->ofm.resident ? 0 : band->by0, bx = l->ofm.resident ? 0 : band->x0;
  int64_t flat = (int64_t)((y0 - by) >> o->py) * o->pitch + ((x0 - bx) >> o->px);
  row_mod a = address(b, l->ofm.base[band->buffer], flat, o->g);
  row_mod pitch = distance(b, o->pitch, o->g);
  weft_build_reg(b, r, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_ROW, a.row);
  weft_build_reg(b, r, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_MOD, a.mod);
  weft_build_reg(b, r, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_PX, o->px);
  weft_build_reg(b, r, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_PY, o->py);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_PITCH, WEFT_R_EX_OUT_PITCH_ROW, pitch.row);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_PITCH, WEFT_R_EX_OUT_PITCH_MOD, pitch.mod);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_WORDS, WEFT_R_EX_OUT_WORDS_G, o->g);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_WORDS, WEFT_R_EX_OUT_WORDS_PLANE_X, o->plane_x);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_PLANES, WEFT_R_EX_OUT_PLANES_PLANE_Y, o->plane_y);
}

static void set_add(weft_builder *b, const weft_layer *l, const weft_band *band, int32_t y0, int32_t x0) {
  weft_regs *r = &b->ex;
  const weft_residual *a = &l->add;
  const weft_layout *o = &l->res.layout;
  int32_t by = l->res.resident ? 0 : band->by0, bx = l->res.resident ? 0 : band->x0;
  row_mod at = address(b, l->res.base[band->buffer], (int64_t)(y0 - by) * o->pitch + (x0 - bx), o->g);
  row_mod pitch = distance(b, o->pitch, o->g);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_M1, WEFT_R_EX_ADD_M1_M, a->m1);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_M2, WEFT_R_EX_ADD_M2_M, a->m2);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_M3, WEFT_R_EX_ADD_M3_M, a->m3);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_RS1, a->rs1);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_RS2, a->rs2);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_RS3, a->rs3);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_LS, a->ls);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_ZP, WEFT_R_EX_ADD_ZP_Z1, a->z1);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_ZP, WEFT_R_EX_ADD_ZP_Z2, a->z2);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_ZP, WEFT_R_EX_ADD_ZP_ZO, a->zo);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_CLAMP, WEFT_R_EX_ADD_CLAMP_LO, a->lo);
  weft_build_reg(b, r, WEFT_REG_EX_ADD_CLAMP, WEFT_R_EX_ADD_CLAMP_HI, a->hi);
  weft_build_reg(b, r, WEFT_REG_EX_RES, WEFT_R_EX_RES_ROW, at.row);
  weft_build_reg(b, r, WEFT_REG_EX_RES, WEFT_R_EX_RES_MOD, at.mod);
  weft_build_reg(b, r, WEFT_REG_EX_RES_PITCH, WEFT_R_EX_RES_PITCH_ROW, pitch.row);
  weft_build_reg(b, r, WEFT_REG_EX_RES_PITCH, WEFT_R_EX_RES_PITCH_MOD, pitch.mod);
}

static void set_requant(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_rect *rect) {
  weft_regs *r = &b->ex;
  const weft_requant *q = l->scalar ? &rect->requant : &l->requant[0];
  weft_build_reg(b, r, WEFT_REG_EX_CLAMP, WEFT_R_EX_CLAMP_LO, l->lo);
  weft_build_reg(b, r, WEFT_REG_EX_CLAMP, WEFT_R_EX_CLAMP_HI, l->hi);
  weft_build_reg(b, r, WEFT_REG_EX_CLAMP, WEFT_R_EX_CLAMP_ZP, l->zo);
  weft_build_reg(b, r, WEFT_REG_EX_POST, WEFT_R_EX_POST_PARAMS, w->params);
  weft_build_reg(b, r, WEFT_REG_EX_POST, WEFT_R_EX_POST_ADD, l->has_add);
  if (w->params == 2)
    return;
  weft_build_reg(b, r, WEFT_REG_EX_POST, WEFT_R_EX_POST_LS, q->ls);
  weft_build_reg(b, r, WEFT_REG_EX_POST, WEFT_R_EX_POST_RS, q->rs);
  weft_build_reg(b, r, WEFT_REG_EX_MULT, WEFT_R_EX_MULT_M, q->m);
  if (w->params == 0)
    weft_build_reg(b, r, WEFT_REG_EX_BIAS, WEFT_R_EX_BIAS_B, q->bias);
}

static bool part_streams(const weft_builder *b, const weft_weights *w, int part) {
  int64_t words = (int64_t)w->parts[part].n_taps * (w->tap_bytes / (uint32_t)b->p->config->cols);
  return w->params && words > weft_ring_words(b->p->config) - 2;
}

/* WT of n-groups g.. of a part; the last part's parameters come first. */
static void emit_wt(weft_builder *b, const weft_weights *w, int part, int32_t g, int32_t n_groups, int32_t n_tiles) {
  if (!w->params)
    return;
  bool last = part == w->n_parts - 1;
  uint32_t before = 0;
  for (int k = 0; k < part; k++)
    before += (uint32_t)w->parts[k].n_taps * w->tap_bytes;
  int64_t words = (int64_t)w->parts[part].n_taps * (w->tap_bytes / (uint32_t)b->p->config->cols);
  weft_insn *i = weft_build_insn(b, WEFT_I_WT);
  weft_build_set(b, i, WEFT_F_WT_OFFSET, (int64_t)w->offset + (int64_t)g * w->group_bytes + before);
  weft_build_set(b, i, WEFT_F_WT_N_WORDS, words);
  weft_build_set(b, i, WEFT_F_WT_N_GROUPS, n_groups);
  weft_build_set(b, i, WEFT_F_WT_REPEATS, part_streams(b, w, part) ? n_tiles : 1);
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
  move_row(b, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_ROW, &l->ofm, band, g);
  if (l->has_add)
    move_row(b, WEFT_REG_EX_RES, WEFT_R_EX_RES_ROW, &l->res, band, g);
}

static void emit_part(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_band *band,
                      const weft_rect *r, int part, int32_t g, int32_t n_groups) {
  bool one_row = weft_layer_one_row(l), dense = l->kind == WEFT_LAYER_DENSE;
  bool last = part == w->n_parts - 1, streams = part_streams(b, w, part);
  int32_t rows = r->y1 - r->y0, cols = r->x1 - r->x0, banks = b->p->config->rows;
  int64_t pixels = one_row ? (int64_t)rows * cols : (int64_t)(rows - 1) * l->ifm.layout.pitch + cols;
  int64_t tiles = one_row ? pixels : (pixels + banks - 1) / banks;
  emit_wt(b, w, part, g, n_groups, (int32_t)tiles);
  set_input(b, l, band, r->y0, r->x0, w->parts[part].dy, w->parts[part].dx);
  set_raster(b, l, r->y0, r->x0, cols);
  set_output(b, l, band, r->y0, r->x0);
  set_requant(b, l, w, r);
  if (l->has_add)
    set_add(b, l, band, r->y0, r->x0);
  move_to_group(b, l, band, g);
  weft_build_flush(b, &b->ex);
  int32_t tap_base = place_taps(b, l, w);
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
