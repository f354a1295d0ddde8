/* SPDX-License-Identifier: Apache-2.0 */
/* LD and ST of bands. */
#include "compiler/builder.h"

typedef struct dma_lines {       /* one instruction                              */
  int64_t offset, pitch_bytes;   /* DRAM                                         */
  int32_t lines, width, channels;
  int32_t row, mod, pitch;       /* scratchpad                                   */
  int32_t plane_x, plane_y;
  bool px, py;
} dma_lines;

static void emit_lines(weft_builder *b, const weft_operand *o, bool store, const dma_lines *d) {
  const weft_value *v = &b->p->values[o->value];
  int32_t banks = b->p->config->rows, g = o->layout.g;
  weft_regs *r = store ? &b->st : &b->ld;
  weft_build_reg(b, r, WEFT_REG_LD_LINE, WEFT_R_LD_LINE_PITCH_BYTES, d->pitch_bytes);
  weft_build_reg(b, r, WEFT_REG_LD_WORDS, WEFT_R_LD_WORDS_G, g);
  weft_build_reg(b, r, WEFT_REG_LD_WORDS, WEFT_R_LD_WORDS_MOD, d->mod);
  weft_build_reg(b, r, WEFT_REG_LD_PITCH, WEFT_R_LD_PITCH_ROW, (int64_t)(d->pitch / banks) * g);
  weft_build_reg(b, r, WEFT_REG_LD_PITCH, WEFT_R_LD_PITCH_MOD, d->pitch % banks);
  weft_build_reg(b, r, WEFT_REG_LD_PLANES, WEFT_R_LD_PLANES_PLANE_X, d->plane_x);
  weft_build_reg(b, r, WEFT_REG_LD_PLANES, WEFT_R_LD_PLANES_PLANE_Y, d->plane_y);
  weft_build_flush(b, r);
  weft_insn *i = weft_build_insn(b, store ? WEFT_I_ST : WEFT_I_LD);
  weft_build_set(b, i, store ? WEFT_F_ST_OFFSET : WEFT_F_LD_OFFSET, v->offset + d->offset);
  weft_build_set(b, i, store ? WEFT_F_ST_ROW : WEFT_F_LD_ROW, d->row);
  weft_build_set(b, i, store ? WEFT_F_ST_LINES : WEFT_F_LD_LINES, d->lines);
  weft_build_set(b, i, store ? WEFT_F_ST_WIDTH : WEFT_F_LD_WIDTH, d->width);
  weft_build_set(b, i, store ? WEFT_F_ST_CHANNELS : WEFT_F_LD_CHANNELS, d->channels);
  weft_build_set(b, i, store ? WEFT_F_ST_REGION : WEFT_F_LD_REGION, v->region);
  weft_build_set(b, i, store ? WEFT_F_ST_PX : WEFT_F_LD_PX, d->px);
  weft_build_set(b, i, store ? WEFT_F_ST_PY : WEFT_F_LD_PY, d->py);
  int64_t last = d->offset + (d->lines - 1) * d->pitch_bytes + (int64_t)d->width * d->channels;
  if (d->width == 1)              /* a slice of channels: the whole pixels      */
    last = d->offset + d->lines * d->pitch_bytes;
  weft_build_access(b, WEFT_SPACE_DRAM + (int)v->region, store, v->offset + d->offset, v->offset + last);
}

/* Pixel of a box's corner in the buffer, in its (plane's) pitch. */
static int32_t flat_of(const weft_layout *t, const weft_box *box, int32_t y) {
  return ((y - box->top) >> t->py) * t->pitch + ((box->x0 - box->left) >> t->px);
}

/* Whole pixels: image lines, or one long line where both sides are contiguous. */
static void emit_pixels(weft_builder *b, const weft_operand *o, int buffer, const weft_box *box, bool store) {
  const weft_layout *t = &o->layout;
  int32_t banks = b->p->config->rows, line = box->y0 - box->top, flat = flat_of(t, box, box->y0);
  dma_lines d = {.offset = ((int64_t)box->y0 * box->w + box->x0) * box->c, .pitch_bytes = (int64_t)box->w * box->c,
                 .lines = box->y1 - box->y0, .width = box->x1 - box->x0, .channels = box->c,
                 .row = o->base[buffer] + flat / banks * t->g, .mod = flat % banks, .pitch = t->pitch,
                 .plane_x = t->plane_x, .plane_y = t->plane_y, .px = t->px, .py = t->py};
  if (d.width == box->w && t->pitch == box->w && !t->px && !t->py && (int64_t)d.lines * d.width <= 4095) {
    d.width *= d.lines;
    d.lines = 1;
  }
  emit_lines(b, o, store, &d);
  weft_build_touch(b, o, buffer, !store, line, box->y1 - box->top);
}

enum { MOST_LINES = 4094 };       /* 12 bits, whole pairs of lines or columns   */

/* A slice of channels: every pixel is a line, and image lines that lie flush on both sides are
 * one run of them; x takes the place of y. */
static void emit_slices(weft_builder *b, const weft_operand *o, int buffer, const weft_box *box, bool store) {
  const weft_layout *t = &o->layout;
  const int32_t banks = b->p->config->rows, width = box->x1 - box->x0;
  const bool is_flush = width == box->w && t->pitch == box->w && !t->px && !t->py;
  const int32_t most = is_flush ? weft_max32(MOST_LINES / width, 1) : 1;
  for (int32_t y = box->y0; y < box->y1; y += most) {
    int32_t lines = weft_min32(most, box->y1 - y), line = y - box->top, flat = flat_of(t, box, y);
    dma_lines d = {.offset = ((int64_t)y * box->w + box->x0) * box->c + box->c0, .pitch_bytes = box->c,
                   .lines = lines * width, .width = 1, .channels = box->c1 - box->c0,
                   .row = o->base[buffer] + flat / banks * t->g + (t->py && (line & 1) ? t->plane_y : 0),
                   .mod = flat % banks, .pitch = 1, .plane_y = t->plane_x, .py = t->px};
    emit_lines(b, o, store, &d);
    weft_build_touch(b, o, buffer, !store, line, line + lines);
  }
}

void weft_emit_box(weft_builder *b, const weft_operand *o, int buffer, const weft_box *box, bool store) {
  for (int32_t y = box->y0; y < box->y1; y += MOST_LINES)
    for (int32_t x = box->x0; x < box->x1; x += MOST_LINES) {
      weft_box part = *box;
      part.y0 = y;
      part.y1 = weft_min32(y + MOST_LINES, box->y1);
      part.x0 = x;
      part.x1 = weft_min32(x + MOST_LINES, box->x1);
      if (box->c1 - box->c0 == box->c)
        emit_pixels(b, o, buffer, &part, store);
      else
        emit_slices(b, o, buffer, &part, store);
    }
}

void weft_emit_load(weft_builder *b, const weft_operand *o, const weft_band *band, bool residual) {
  const weft_layer *l = b->layer;
  bool slice = l->kind != WEFT_LAYER_DENSE && band->c1 - band->c0 < l->co;
  weft_box box = {.y0 = band->iy0, .y1 = band->iy1, .x0 = band->ix0, .x1 = band->ix1, .c0 = slice ? band->c0 : 0,
                  .c1 = slice ? band->c1 : l->ci, .w = l->iw, .c = l->ci, .top = band->biy0, .left = band->ix0};
  if (residual)
    box = (weft_box){.y0 = band->y0, .y1 = band->y1, .x0 = band->x0, .x1 = band->x1, .c0 = band->c0,
                     .c1 = band->c1, .w = l->ow, .c = l->co, .top = band->by0, .left = band->x0};
  weft_emit_box(b, o, band->buffer, &box, false);
}

void weft_emit_store(weft_builder *b, const weft_operand *o, const weft_band *band) {
  const weft_layer *l = b->layer;
  weft_box box = {.y0 = band->y0, .y1 = band->y1, .x0 = band->x0, .x1 = band->x1, .c0 = band->c0,
                  .c1 = band->c1, .w = l->ow, .c = l->co, .top = band->by0, .left = band->x0};
  if (l->is_slice)
    box.c = b->p->values[o->value].c;
  if (l->is_slice && !o->resident) {
    box.c0 += l->first_c;
    box.c1 += l->first_c;
  }
  weft_emit_box(b, o, band->buffer, &box, true);
}
