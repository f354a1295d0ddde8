/* SPDX-License-Identifier: Apache-2.0 */
/* LD and ST of bands. */
#include "compiler/builder.h"

typedef struct dma_box {         /* lines of the tensor and of the buffer        */
  int32_t y0, y1, x0, x1;        /* of the tensor                                */
  int32_t h, w, c;               /* the tensor, as this layer sees it            */
} dma_box;

static void set_regs(weft_builder *b, weft_regs *r, const weft_layout *t, const dma_box *box) {
  int32_t banks = b->p->config->rows;
  weft_build_reg(b, r, WEFT_REG_LD_LINE, WEFT_R_LD_LINE_PITCH_BYTES, (int64_t)box->w * box->c);
  weft_build_reg(b, r, WEFT_REG_LD_WORDS, WEFT_R_LD_WORDS_G, t->g);
  weft_build_reg(b, r, WEFT_REG_LD_WORDS, WEFT_R_LD_WORDS_MOD, 0);
  weft_build_reg(b, r, WEFT_REG_LD_PITCH, WEFT_R_LD_PITCH_ROW, (int64_t)(t->pitch / banks) * t->g);
  weft_build_reg(b, r, WEFT_REG_LD_PITCH, WEFT_R_LD_PITCH_MOD, t->pitch % banks);
  weft_build_reg(b, r, WEFT_REG_LD_PLANES, WEFT_R_LD_PLANES_PLANE_X, t->plane_x);
  weft_build_reg(b, r, WEFT_REG_LD_PLANES, WEFT_R_LD_PLANES_PLANE_Y, t->plane_y);
}

static void emit_dma(weft_builder *b, const weft_operand *o, int buffer, const dma_box *box, bool store) {
  const weft_value *v = &b->p->values[o->value];
  const weft_layout *t = &o->layout;
  int64_t lines = box->y1 - box->y0, width = box->x1 - box->x0;
  int64_t first = (int64_t)v->offset + ((int64_t)box->y0 * box->w + box->x0) * box->c;
  int64_t last = (int64_t)v->offset + ((int64_t)(box->y1 - 1) * box->w + box->x1) * box->c;
  if (width == box->w && t->pitch == box->w && !t->px && !t->py && lines * width <= 4095) {
    width *= lines;               /* contiguous on both sides: one long line */
    lines = 1;
  }
  set_regs(b, store ? &b->st : &b->ld, t, box);
  weft_build_flush(b, store ? &b->st : &b->ld);
  weft_insn *i = weft_build_insn(b, store ? WEFT_I_ST : WEFT_I_LD);
  weft_build_set(b, i, store ? WEFT_F_ST_OFFSET : WEFT_F_LD_OFFSET, first);
  weft_build_set(b, i, store ? WEFT_F_ST_ROW : WEFT_F_LD_ROW, o->base[buffer]);
  weft_build_set(b, i, store ? WEFT_F_ST_LINES : WEFT_F_LD_LINES, lines);
  weft_build_set(b, i, store ? WEFT_F_ST_WIDTH : WEFT_F_LD_WIDTH, width);
  weft_build_set(b, i, store ? WEFT_F_ST_CHANNELS : WEFT_F_LD_CHANNELS, box->c);
  weft_build_set(b, i, store ? WEFT_F_ST_REGION : WEFT_F_LD_REGION, v->region);
  weft_build_set(b, i, store ? WEFT_F_ST_PX : WEFT_F_LD_PX, t->px);
  weft_build_set(b, i, store ? WEFT_F_ST_PY : WEFT_F_LD_PY, t->py);
  weft_build_access(b, WEFT_SPACE_SPM, !store, o->base[buffer], o->base[buffer] + t->rows);
  weft_build_access(b, WEFT_SPACE_DRAM + (int)v->region, store, first, last);
}

void weft_emit_load(weft_builder *b, const weft_operand *o, const weft_band *band, bool residual) {
  const weft_layer *l = b->layer;
  dma_box box = {.y0 = band->iy0, .y1 = band->iy1, .x0 = band->ix0, .x1 = band->ix1,
                 .h = l->ih, .w = l->iw, .c = l->ci};
  if (residual)
    box = (dma_box){.y0 = band->y0, .y1 = band->y1, .x0 = band->x0, .x1 = band->x1,
                    .h = l->oh, .w = l->ow, .c = l->co};
  emit_dma(b, o, band->buffer, &box, false);
}

void weft_emit_store(weft_builder *b, const weft_operand *o, const weft_band *band) {
  const weft_layer *l = b->layer;
  dma_box box = {.y0 = band->y0, .y1 = band->y1, .x0 = band->x0, .x1 = band->x1,
                 .h = l->oh, .w = l->ow, .c = l->co};
  emit_dma(b, o, band->buffer, &box, true);
}
