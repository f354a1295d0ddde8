/* SPDX-License-Identifier: Apache-2.0 */
/* CFG, LCFG, SCFG write engine registers; TAP writes an entry of the table. */
#include "sim/model/model.h"

static void write_reg(uint32_t *regs, int64_t index, int64_t value) {
  if (index != 255)
    regs[index] = (uint32_t)value;
}

weft_status model_cfg(weft_model *m, const weft_insn *i) {
  weft_queue q = weft_insn_queue(i);
  uint32_t *regs = q == WEFT_Q_EX ? m->ex : q == WEFT_Q_LD ? m->ld : m->st;
  write_reg(regs, weft_insn_get(i, WEFT_F_CFG_REG_A), weft_insn_get(i, WEFT_F_CFG_VAL_A));
  write_reg(regs, weft_insn_get(i, WEFT_F_CFG_REG_B), weft_insn_get(i, WEFT_F_CFG_VAL_B));
  return WEFT_OK;
}

weft_status model_tap_insn(weft_model *m, const weft_insn *i) {
  int64_t index = weft_insn_get(i, WEFT_F_TAP_INDEX);
  if (index >= m->config.taps || weft_insn_get(i, WEFT_F_TAP_DMOD) >= m->rows)
    return model_fault(m, "ILLEGAL", weft_diag_text(m->d, "entry %d", (int)index), "a table entry and DMOD < ROWS");
  m->taps[index] = (model_tap){
    .drow = (int32_t)weft_insn_get(i, WEFT_F_TAP_DROW), .dmod = (int32_t)weft_insn_get(i, WEFT_F_TAP_DMOD),
    .ylo = (int32_t)weft_insn_get(i, WEFT_F_TAP_YLO), .yhi = (int32_t)weft_insn_get(i, WEFT_F_TAP_YHI),
    .xlo = (int32_t)weft_insn_get(i, WEFT_F_TAP_XLO), .xhi = (int32_t)weft_insn_get(i, WEFT_F_TAP_XHI)};
  return WEFT_OK;
}
