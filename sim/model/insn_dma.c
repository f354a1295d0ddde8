/* SPDX-License-Identifier: Apache-2.0 */
/* LD and ST: the same walk over lines and pixels, in two directions. */
#include <string.h>

#include "sim/model/model.h"

typedef struct dma_job {
  uint8_t *dram;                /* the region's byte OFFSET                   */
  uint64_t pitch_bytes;
  uint32_t row, mod, lines, width, channels, g;
  uint32_t pitch_row, pitch_mod, px, py, plane_x, plane_y;
} dma_job;

static weft_status dma_setup(weft_model *m, const weft_insn *i, const uint32_t *regs, dma_job *j) {
  uint64_t offset = (uint64_t)weft_insn_get(i, WEFT_F_LD_OFFSET);
  uint32_t region = (uint32_t)weft_insn_get(i, WEFT_F_LD_REGION);
  *j = (dma_job){
    .row = (uint32_t)weft_insn_get(i, WEFT_F_LD_ROW), .lines = (uint32_t)weft_insn_get(i, WEFT_F_LD_LINES),
    .width = (uint32_t)weft_insn_get(i, WEFT_F_LD_WIDTH), .channels = (uint32_t)weft_insn_get(i, WEFT_F_LD_CHANNELS),
    .px = (uint32_t)weft_insn_get(i, WEFT_F_LD_PX), .py = (uint32_t)weft_insn_get(i, WEFT_F_LD_PY),
    .pitch_bytes = (uint64_t)weft_engreg_get(regs[WEFT_REG_LD_LINE], WEFT_R_LD_LINE_PITCH_BYTES),
    .g = (uint32_t)weft_engreg_get(regs[WEFT_REG_LD_WORDS], WEFT_R_LD_WORDS_G),
    .mod = (uint32_t)weft_engreg_get(regs[WEFT_REG_LD_WORDS], WEFT_R_LD_WORDS_MOD),
    .pitch_row = (uint32_t)weft_engreg_get(regs[WEFT_REG_LD_PITCH], WEFT_R_LD_PITCH_ROW),
    .pitch_mod = (uint32_t)weft_engreg_get(regs[WEFT_REG_LD_PITCH], WEFT_R_LD_PITCH_MOD),
    .plane_x = (uint32_t)weft_engreg_get(regs[WEFT_REG_LD_PLANES], WEFT_R_LD_PLANES_PLANE_X),
    .plane_y = (uint32_t)weft_engreg_get(regs[WEFT_REG_LD_PLANES], WEFT_R_LD_PLANES_PLANE_Y)};
  uint64_t end = offset + (j->lines - 1) * j->pitch_bytes + (uint64_t)j->width * j->channels;
  if (end > m->p->region_bytes[region])
    return model_fault(m, "RANGE", weft_diag_text(m->d, "bytes %llu..%llu of region %u", (unsigned long long)offset,
                                                  (unsigned long long)end - 1, region),
                       weft_diag_text(m->d, "its %u bytes", m->p->region_bytes[region]));
  if (j->mod >= (uint32_t)m->rows || j->pitch_mod >= (uint32_t)m->rows)
    return model_fault(m, "ILLEGAL", "a bank beyond the array's rows", "MOD < ROWS");
  j->dram = m->regions[region] + offset;
  return WEFT_OK;
}

static uint8_t *pixel(const weft_model *m, const dma_job *j, uint32_t l, uint32_t x, uint32_t word) {
  uint32_t yy = l >> j->py, xx = x >> j->px;
  uint32_t row = j->row + (j->px & x) * j->plane_x + (j->py & l) * j->plane_y + yy * j->pitch_row + word;
  return model_word(m, row, j->mod + yy * j->pitch_mod + xx, j->g);
}

static uint32_t word_bytes(const weft_model *m, const dma_job *j, uint32_t word) {
  uint32_t left = j->channels - word * (uint32_t)m->cols;
  return left < (uint32_t)m->cols ? left : (uint32_t)m->cols;
}

weft_status model_ld(weft_model *m, const weft_insn *i) {
  dma_job j;
  WEFT_TRY(dma_setup(m, i, m->ld, &j));
  uint32_t n_words = (j.channels + (uint32_t)m->cols - 1) / (uint32_t)m->cols;
  for (uint32_t l = 0; l < j.lines; l++) {
    const uint8_t *from = j.dram + l * j.pitch_bytes;
    WEFT_TRY(model_work(m, (uint64_t)j.width * n_words));
    for (uint32_t x = 0; x < j.width; x++, from += j.channels)
      for (uint32_t word = 0; word < n_words; word++) {
        uint8_t *to = pixel(m, &j, l, x, word);
        uint32_t n = word_bytes(m, &j, word);
        memcpy(to, from + (size_t)word * (size_t)m->cols, n);
        memset(to + n, 0, (size_t)m->cols - n);
      }
  }
  return WEFT_OK;
}

weft_status model_st(weft_model *m, const weft_insn *i) {
  dma_job j;
  WEFT_TRY(dma_setup(m, i, m->st, &j));
  uint32_t n_words = (j.channels + (uint32_t)m->cols - 1) / (uint32_t)m->cols;
  for (uint32_t l = 0; l < j.lines; l++) {
    uint8_t *to = j.dram + l * j.pitch_bytes;
    WEFT_TRY(model_work(m, (uint64_t)j.width * n_words));
    for (uint32_t x = 0; x < j.width; x++, to += j.channels)
      for (uint32_t word = 0; word < n_words; word++)
        memcpy(to + (size_t)word * (size_t)m->cols, pixel(m, &j, l, x, word), word_bytes(m, &j, word));
  }
  return WEFT_OK;
}
