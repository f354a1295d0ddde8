/* SPDX-License-Identifier: Apache-2.0 */
/* Values of EX registers: configs/README.md, Scratchpad, EXC and Drain. */
#include "compiler/builder.h"

weft_row_mod weft_distance(const weft_builder *b, int64_t flat, int32_t g) {
  int32_t banks = b->p->config->rows;
  int32_t mod = (int32_t)(((flat % banks) + banks) % banks);
  return (weft_row_mod){.row = (flat - mod) / banks * g, .mod = mod};
}

weft_row_mod weft_address(const weft_builder *b, int64_t base, int64_t flat, int32_t g) {
  weft_row_mod d = weft_distance(b, flat, g);
  int64_t depth = weft_spm_rows(b->p->config);
  d.row = (((base + d.row) % depth) + depth) % depth;
  return d;
}

static int32_t floor_div(int32_t a, int32_t d) { return a >= 0 ? a / d : -((-a + d - 1) / d); }

void weft_axis_bounds(int32_t t, int32_t stride, int32_t in, int32_t out, int32_t *lo, int32_t *hi) {
  *lo = weft_max32(0, -floor_div(t, stride));
  *hi = floor_div(in - 1 - t, stride);
  if (*lo > *hi || *lo >= out || *lo > 4095) {
    *lo = 1;
    *hi = 0;
  } else if (*hi >= out - 1 || *hi > 4095) {
    *hi = 4095;
  }
}

static void set_pair(weft_builder *b, int reg, weft_engfield row, weft_engfield mod, weft_row_mod at) {
  weft_build_reg(b, &b->ex, reg, row, at.row);
  weft_build_reg(b, &b->ex, reg, mod, at.mod);
}

void weft_set_output(weft_builder *b, const weft_layout *o, weft_row_mod at) {
  weft_regs *r = &b->ex;
  set_pair(b, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_ROW, WEFT_R_EX_OUT_MOD, at);
  set_pair(b, WEFT_REG_EX_OUT_PITCH, WEFT_R_EX_OUT_PITCH_ROW, WEFT_R_EX_OUT_PITCH_MOD, weft_distance(b, o->pitch, o->g));
  weft_build_reg(b, r, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_PX, o->px);
  weft_build_reg(b, r, WEFT_REG_EX_OUT, WEFT_R_EX_OUT_PY, o->py);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_WORDS, WEFT_R_EX_OUT_WORDS_G, o->g);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_WORDS, WEFT_R_EX_OUT_WORDS_PLANE_X, o->plane_x);
  weft_build_reg(b, r, WEFT_REG_EX_OUT_PLANES, WEFT_R_EX_OUT_PLANES_PLANE_Y, o->plane_y);
}

void weft_set_add(weft_builder *b, const weft_residual *a, const weft_layout *o, weft_row_mod at) {
  const struct { int reg; weft_engfield field; int32_t value; } rows[] = {
    {WEFT_REG_EX_ADD_M1, WEFT_R_EX_ADD_M1_M, a->m1},          {WEFT_REG_EX_ADD_M2, WEFT_R_EX_ADD_M2_M, a->m2},
    {WEFT_REG_EX_ADD_M3, WEFT_R_EX_ADD_M3_M, a->m3},          {WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_RS1, a->rs1},
    {WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_RS2, a->rs2}, {WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_RS3, a->rs3},
    {WEFT_REG_EX_ADD_SHIFT, WEFT_R_EX_ADD_SHIFT_LS, a->ls},   {WEFT_REG_EX_ADD_ZP, WEFT_R_EX_ADD_ZP_Z1, a->z1},
    {WEFT_REG_EX_ADD_ZP, WEFT_R_EX_ADD_ZP_Z2, a->z2},         {WEFT_REG_EX_ADD_ZP, WEFT_R_EX_ADD_ZP_ZO, a->zo},
    {WEFT_REG_EX_ADD_CLAMP, WEFT_R_EX_ADD_CLAMP_LO, a->lo},   {WEFT_REG_EX_ADD_CLAMP, WEFT_R_EX_ADD_CLAMP_HI, a->hi},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
    weft_build_reg(b, &b->ex, rows[k].reg, rows[k].field, rows[k].value);
  set_pair(b, WEFT_REG_EX_RES, WEFT_R_EX_RES_ROW, WEFT_R_EX_RES_MOD, at);
  set_pair(b, WEFT_REG_EX_RES_PITCH, WEFT_R_EX_RES_PITCH_ROW, WEFT_R_EX_RES_PITCH_MOD, weft_distance(b, o->pitch, o->g));
}

void weft_set_requant(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_rect *rect) {
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
