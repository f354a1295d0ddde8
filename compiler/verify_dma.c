/* SPDX-License-Identifier: Apache-2.0 */
/* LD, ST, WT and the tensor map under the static checker. */
#include "compiler/verify.h"

typedef struct dma_shape {
  int64_t offset, row, lines, width, channels, region, px, py;
  int64_t line_bytes, g, mod, pitch_row, pitch_mod, plane_x, plane_y;
} dma_shape;

static weft_status read_shape(weft_check *k, const weft_insn *i, dma_shape *s) {
  /* LD and ST have equal fields */
  s->offset = weft_insn_get(i, WEFT_F_LD_OFFSET);
  s->row = weft_insn_get(i, WEFT_F_LD_ROW);
  s->lines = weft_insn_get(i, WEFT_F_LD_LINES);
  s->width = weft_insn_get(i, WEFT_F_LD_WIDTH);
  s->channels = weft_insn_get(i, WEFT_F_LD_CHANNELS);
  s->region = weft_insn_get(i, WEFT_F_LD_REGION);
  s->px = weft_insn_get(i, WEFT_F_LD_PX);
  s->py = weft_insn_get(i, WEFT_F_LD_PY);
  WEFT_TRY(weft_check_reg(k, WEFT_REG_LD_LINE, WEFT_R_LD_LINE_PITCH_BYTES, &s->line_bytes));
  WEFT_TRY(weft_check_reg(k, WEFT_REG_LD_WORDS, WEFT_R_LD_WORDS_G, &s->g));
  WEFT_TRY(weft_check_reg(k, WEFT_REG_LD_WORDS, WEFT_R_LD_WORDS_MOD, &s->mod));
  WEFT_TRY(weft_check_reg(k, WEFT_REG_LD_PITCH, WEFT_R_LD_PITCH_ROW, &s->pitch_row));
  WEFT_TRY(weft_check_reg(k, WEFT_REG_LD_PITCH, WEFT_R_LD_PITCH_MOD, &s->pitch_mod));
  WEFT_TRY(weft_check_reg(k, WEFT_REG_LD_PLANES, WEFT_R_LD_PLANES_PLANE_X, &s->plane_x));
  WEFT_TRY(weft_check_reg(k, WEFT_REG_LD_PLANES, WEFT_R_LD_PLANES_PLANE_Y, &s->plane_y));
  if (s->lines < 1 || s->width < 1 || s->channels < 1)
    return weft_check_fail(k, "no lines, pixels or channels", "at least 1 of each");
  if (s->mod >= k->c->rows || s->pitch_mod >= k->c->rows)
    return weft_check_fail(k, "a bank beyond array.rows", "MOD < array.rows");
  if (s->g < (s->channels + k->c->word_bytes - 1) / k->c->word_bytes)
    return weft_check_fail(k, "pixels that overlap", "G words for the channels");
  return WEFT_OK;
}

weft_status weft_check_dma(weft_check *k, const weft_insn *i, bool store) {
  dma_shape s;
  WEFT_TRY(read_shape(k, i, &s));
  int64_t words = (s.channels + k->c->word_bytes - 1) / k->c->word_bytes, batch = 0;
  for (int64_t l = 0; l < s.lines; l++) {
    int64_t at = s.offset + l * s.line_bytes, y = l >> s.py;
    WEFT_TRY(weft_check_bytes(k, (uint32_t)s.region, at, at + s.width * s.channels, store));
    for (int64_t x = 0; x < s.width; x++) {
      int64_t mod = s.mod + y * s.pitch_mod + (x >> s.px);
      int64_t row = s.row + y * s.pitch_row + (x & s.px) * s.plane_x + (l & s.py) * s.plane_y;
      for (int64_t g = 0; g < words; g++)
        WEFT_TRY(weft_check_word(k, mod, row + g, (int32_t)s.g, store ? &batch : NULL));
    }
  }
  return WEFT_OK;
}

weft_status weft_check_wt(weft_check *k, const weft_insn *i) {
  weft_check_group g = {.words = weft_insn_get(i, WEFT_F_WT_N_WORDS), .repeats = weft_insn_get(i, WEFT_F_WT_REPEATS),
                        .groups = weft_insn_get(i, WEFT_F_WT_N_GROUPS), .params = (int)weft_insn_get(i, WEFT_F_WT_PARAMS)};
  int64_t offset = weft_insn_get(i, WEFT_F_WT_OFFSET), cols = k->c->cols;
  int64_t set = (g.params == 2 ? 12 : g.params == 1 ? 4 : 0) * cols;
  if (g.groups < 1 || g.repeats < 1 || g.params > 2)
    return weft_check_fail(k, "no n-groups or repeats, or unknown parameters", "N_GROUPS, REPEATS >= 1, PARAMS <= 2");
  if (offset % k->c->beat_bytes || offset < (int64_t)k->p->constants_offset)
    return weft_check_fail(k, "weights that are unaligned or among instructions", "a multiple of dram.beat_bytes behind them");
  WEFT_TRY(weft_check_bytes(k, WEFT_REGION_CONST, offset, offset + g.groups * (set + g.words * cols), false));
  return weft_stream_send(k, &g);
}

static bool type_is_wide(int32_t type) { return type == 0 || type == 2; }

static weft_status check_tensor(weft_check *k, const weft_prog_tensor *t) {
  uint64_t dense = type_is_wide(t->type) ? 4 : 1;
  for (int32_t d = 0; d < t->rank; d++)
    dense *= (uint64_t)t->shape[d];
  if (t->place == WEFT_IN_DRAM) {
    if (t->region >= WEFT_N_REGIONS || t->offset > k->p->region_bytes[t->region] ||
        dense > k->p->region_bytes[t->region] - t->offset)
      return weft_check_fail(k, "a mapped tensor outside of its region", "bytes of the region");
    uint64_t at;
    if (k->dram[t->region] && weft_marks_visit(k, t->region, t->offset, t->offset + dense, weft_mark_written, &at))
      return weft_check_fail(k, "a mapped tensor with unwritten bytes", "whole tensors");
    return WEFT_OK;
  }
  uint64_t words = (t->c + (uint32_t)k->c->word_bytes - 1) / (uint32_t)k->c->word_bytes, banks = (uint64_t)k->c->rows;
  if ((uint64_t)t->h * t->w * t->c != dense || t->g < words)
    return weft_check_fail(k, "a mapped tensor whose layout has another size", "h * w * c bytes");
  for (uint64_t y = 0; y < t->h; y++)
    for (uint64_t x = 0; x < t->w; x++) {
      uint64_t flat = t->mod + (y >> t->py) * t->pitch + (x >> t->px);
      uint64_t row = t->row + (x & t->px) * t->plane_x + (y & t->py) * t->plane_y + flat / banks * t->g;
      for (uint64_t g = 0; g < words; g++) {
        int32_t writer = k->spm[flat % banks * (uint64_t)k->depth + ((row + g) & (uint64_t)(k->depth - 1))].writer;
        if (writer < (int32_t)k->last_mark)
          return weft_check_fail(k, "a mapped tensor with words that its layer did not write", "whole tensors");
      }
    }
  return WEFT_OK;
}

weft_status weft_check_map(weft_check *k, uint32_t segment, uint32_t insn) {
  for (uint32_t n = 0; n < k->p->n_tensors; n++) {
    const weft_prog_tensor *t = &k->p->tensors[n];
    if (t->segment == segment && t->insn == insn)
      WEFT_TRY(check_tensor(k, t));
  }
  return WEFT_OK;
}
