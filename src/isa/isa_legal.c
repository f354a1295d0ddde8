/* SPDX-License-Identifier: Apache-2.0 */
/* The ILLEGAL rules of configs/README.md; they need no configuration. */
#include "isa/isa.h"
#include "isa/isa_table.h"

static void covered_bits(int opcode, uint64_t *lo, uint64_t *hi) {
  *lo = *hi = 0;
  for (int f = 0; f < WEFT_N_FIELDS; f++) {
    const weft_isa_field *row = &weft_isa_fields[f];
    if (row->opcode != 0 && row->opcode != opcode)
      continue;
    for (int b = row->lsb; b < row->lsb + row->width; b++) {
      if (b < 64)
        *lo |= UINT64_C(1) << b;
      else
        *hi |= UINT64_C(1) << (b - 64);
    }
  }
}

static const char *illegal_header(const weft_insn *i, const weft_isa_insn *row) {
  int queue = (int)weft_insn_get(i, WEFT_H_QUEUE);
  if (row->queue == WEFT_Q_ANY ? queue < WEFT_Q_LD || queue > WEFT_Q_ST : queue != row->queue)
    return "wrong queue";
  if (weft_insn_get(i, WEFT_H_LAG) != 0)
    return "reserved field LAG is not 0";
  if (!row->ordered && (weft_insn_get(i, WEFT_H_WAIT_N) != 0 || weft_insn_get(i, WEFT_H_SIG_N) != 0))
    return "a configuration instruction waits or signals";
  return NULL;
}

static const char *illegal_exc(const weft_insn *i) {
  if (weft_insn_get(i, WEFT_F_EXC_FOLD) != 0)
    return "reserved mode FOLD";
  if (weft_insn_get(i, WEFT_F_EXC_KMODE) != 0)
    return "reserved mode KMODE";
  int64_t n_tiles = weft_insn_get(i, WEFT_F_EXC_N_TILES);
  int64_t n_groups = weft_insn_get(i, WEFT_F_EXC_N_GROUPS);
  if (n_tiles < 1 || n_groups < 1 || weft_insn_get(i, WEFT_F_EXC_N_TAPS) < 1 ||
      weft_insn_get(i, WEFT_F_EXC_LAST_ROWS) < 1)
    return "N_TILES, N_GROUPS, N_TAPS or LAST_ROWS is 0";
  if (weft_insn_get(i, WEFT_F_EXC_MAX) != 0 && weft_insn_get(i, WEFT_F_EXC_UNIT) == 0)
    return "MAX without UNIT";
  bool whole = weft_insn_get(i, WEFT_F_EXC_FIRST_K) != 0 && weft_insn_get(i, WEFT_F_EXC_LAST_K) != 0;
  if (!whole && (n_tiles != 1 || n_groups != 1))
    return "FIRST_K or LAST_K = 0 with more than one tile or n-group";
  return NULL;
}

static const char *illegal_dma(int64_t lines, int64_t width, int64_t channels) {
  return lines < 1 || width < 1 || channels < 1 ? "LINES, WIDTH or CHANNELS is 0" : NULL;
}

static const char *illegal_wt(const weft_insn *i) {
  if (weft_insn_get(i, WEFT_F_WT_N_GROUPS) < 1 || weft_insn_get(i, WEFT_F_WT_REPEATS) < 1)
    return "N_GROUPS or REPEATS is 0";
  if (weft_insn_get(i, WEFT_F_WT_PARAMS) > 2)
    return "reserved mode PARAMS = 3";
  if (weft_insn_get(i, WEFT_F_WT_PARAMS) == 0 && weft_insn_get(i, WEFT_F_WT_N_WORDS) == 0)
    return "neither parameters nor words";
  return NULL;
}

static const char *illegal_reg(int queue, int64_t a, int64_t b) {
  bool a_ok = a == 255 || weft_isa_engreg_find(queue, a) != NULL;
  bool b_ok = b == 255 || weft_isa_engreg_find(queue, b) != NULL;
  return a_ok && b_ok ? NULL : "no such engine register";
}

const char *weft_insn_illegal(const weft_insn *i) {
  uint64_t lo, hi;
  int opcode = (int)weft_insn_get(i, WEFT_H_OP);
  const weft_isa_insn *row = weft_isa_find(opcode);
  if (row == NULL)
    return "unknown opcode";
  covered_bits(opcode, &lo, &hi);
  if ((i->lo & ~lo) != 0 || (i->hi & ~hi) != 0)
    return "reserved bits are not 0";
  const char *why = illegal_header(i, row);
  if (why != NULL)
    return why;
  switch ((weft_opcode)opcode) {
  case WEFT_I_EXC:
    return illegal_exc(i);
  case WEFT_I_LD:
    return illegal_dma(weft_insn_get(i, WEFT_F_LD_LINES), weft_insn_get(i, WEFT_F_LD_WIDTH),
                       weft_insn_get(i, WEFT_F_LD_CHANNELS));
  case WEFT_I_ST:
    if (weft_insn_get(i, WEFT_F_ST_REGION) == 0)
      return "ST into region 0";
    return illegal_dma(weft_insn_get(i, WEFT_F_ST_LINES), weft_insn_get(i, WEFT_F_ST_WIDTH),
                       weft_insn_get(i, WEFT_F_ST_CHANNELS));
  case WEFT_I_WT:
    return illegal_wt(i);
  case WEFT_I_CFG:
    return illegal_reg(WEFT_Q_EX, weft_insn_get(i, WEFT_F_CFG_REG_A), weft_insn_get(i, WEFT_F_CFG_REG_B));
  case WEFT_I_LCFG:
    return illegal_reg(WEFT_Q_LD, weft_insn_get(i, WEFT_F_LCFG_REG_A), weft_insn_get(i, WEFT_F_LCFG_REG_B));
  case WEFT_I_SCFG:
    return illegal_reg(WEFT_Q_ST, weft_insn_get(i, WEFT_F_SCFG_REG_A), weft_insn_get(i, WEFT_F_SCFG_REG_B));
  case WEFT_I_NOP:
  case WEFT_I_END:
  case WEFT_I_MARK:
  case WEFT_I_TAP:
    return NULL;
  }
  return "unknown opcode";
}
