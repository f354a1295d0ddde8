/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/common/prog_builder.h"

#include <string.h>

struct prog_builder {
  weft_arena *arena;
  const weft_config *config;
  weft_insn *insns;
  size_t n_insns, cap_insns;
  uint8_t *constants;
  size_t n_constants, cap_constants;
  size_t *fixups;               /* WTs whose OFFSET counts from the constants */
  size_t n_fixups, cap_fixups;
  size_t last_ordered;          /* index + 1 of the last LD, EX or ST; 0: none */
};

prog_builder *prog_builder_new(weft_arena *arena, const weft_config *config) {
  prog_builder *b = WEFT_NEW(arena, prog_builder, 1);
  b->arena = arena;
  b->config = config;
  return b;
}

void prog_add(prog_builder *b, weft_insn i) {
  b->insns = weft_arena_grow(b->arena, b->insns, &b->cap_insns, b->n_insns + 1, sizeof *b->insns);
  b->insns[b->n_insns++] = i;
}

static int semaphore_of(weft_queue from, weft_queue to) {
  switch (from) {
  case WEFT_Q_LD:
    return to == WEFT_Q_EX ? 0 : 3;
  case WEFT_Q_EX:
    return to == WEFT_Q_ST ? 1 : 4;
  default:
    return to == WEFT_Q_LD ? 2 : 5;
  }
}

void prog_add_serial(prog_builder *b, weft_insn i) {
  weft_queue to = weft_insn_queue(&i);
  if (b->last_ordered != 0) {
    weft_insn *before = &b->insns[b->last_ordered - 1];
    weft_queue from = weft_insn_queue(before);
    if (from != to) {
      int id = semaphore_of(from, to);
      weft_insn_set(before, WEFT_H_SIG_ID, id);
      weft_insn_set(before, WEFT_H_SIG_N, 1);
      weft_insn_set(&i, WEFT_H_WAIT_ID, id);
      weft_insn_set(&i, WEFT_H_WAIT_N, 1);
    }
  }
  prog_add(b, i);
  b->last_ordered = b->n_insns;
}

void prog_cfg(prog_builder *b, weft_queue queue, uint32_t reg, uint32_t value) {
  weft_insn i = weft_insn_make(queue == WEFT_Q_EX ? WEFT_I_CFG : queue == WEFT_Q_LD ? WEFT_I_LCFG : WEFT_I_SCFG);
  weft_field reg_a = queue == WEFT_Q_EX ? WEFT_F_CFG_REG_A : queue == WEFT_Q_LD ? WEFT_F_LCFG_REG_A : WEFT_F_SCFG_REG_A;
  weft_field reg_b = queue == WEFT_Q_EX ? WEFT_F_CFG_REG_B : queue == WEFT_Q_LD ? WEFT_F_LCFG_REG_B : WEFT_F_SCFG_REG_B;
  weft_field val_a = queue == WEFT_Q_EX ? WEFT_F_CFG_VAL_A : queue == WEFT_Q_LD ? WEFT_F_LCFG_VAL_A : WEFT_F_SCFG_VAL_A;
  weft_insn_set(&i, reg_a, reg);
  weft_insn_set(&i, reg_b, 255);
  weft_insn_set(&i, val_a, value);
  prog_add(b, i);
}

uint32_t prog_constants(prog_builder *b, const void *data, size_t n) {
  size_t at = (b->n_constants + 63) & ~(size_t)63;
  b->constants = weft_arena_grow(b->arena, b->constants, &b->cap_constants, at + n, 1);
  memset(b->constants + b->n_constants, 0, at - b->n_constants);
  memcpy(b->constants + at, data, n);
  b->n_constants = at + n;
  return (uint32_t)at;
}

void prog_wt(prog_builder *b, uint32_t constants_at, uint32_t n_words, uint32_t n_groups, uint32_t repeats,
             uint32_t params) {
  weft_insn i = weft_insn_make(WEFT_I_WT);
  weft_insn_set(&i, WEFT_F_WT_OFFSET, constants_at);
  weft_insn_set(&i, WEFT_F_WT_N_WORDS, n_words);
  weft_insn_set(&i, WEFT_F_WT_N_GROUPS, n_groups);
  weft_insn_set(&i, WEFT_F_WT_REPEATS, repeats);
  weft_insn_set(&i, WEFT_F_WT_PARAMS, params);
  b->fixups = weft_arena_grow(b->arena, b->fixups, &b->cap_fixups, b->n_fixups + 1, sizeof *b->fixups);
  b->fixups[b->n_fixups++] = b->n_insns;
  prog_add(b, i);
}

void prog_dma_all(prog_builder *b, weft_opcode op, uint32_t region, uint32_t offset) {
  weft_queue q = op == WEFT_I_LD ? WEFT_Q_LD : WEFT_Q_ST;
  uint32_t depth = (uint32_t)weft_spm_rows(b->config), words = 0, g = depth;
  weft_insn i = weft_insn_make(op);
  weft_engreg_set(&words, WEFT_R_LD_WORDS_G, g);
  prog_cfg(b, q, WEFT_REG_LD_WORDS, words);
  prog_cfg(b, q, WEFT_REG_LD_LINE, 0);
  prog_cfg(b, q, WEFT_REG_LD_PITCH, 0);
  weft_insn_set(&i, op == WEFT_I_LD ? WEFT_F_LD_OFFSET : WEFT_F_ST_OFFSET, offset);
  weft_insn_set(&i, op == WEFT_I_LD ? WEFT_F_LD_LINES : WEFT_F_ST_LINES, 1);
  weft_insn_set(&i, op == WEFT_I_LD ? WEFT_F_LD_WIDTH : WEFT_F_ST_WIDTH, b->config->rows);
  weft_insn_set(&i, op == WEFT_I_LD ? WEFT_F_LD_CHANNELS : WEFT_F_ST_CHANNELS,
                (int64_t)depth * b->config->word_bytes);
  weft_insn_set(&i, op == WEFT_I_LD ? WEFT_F_LD_REGION : WEFT_F_ST_REGION, region);
  prog_add_serial(b, i);
}

static weft_prog_io *io(weft_arena *arena, const char *name, uint32_t region, uint32_t n_bytes) {
  weft_prog_io *row = WEFT_NEW(arena, weft_prog_io, 1);
  *row = (weft_prog_io){.name = name, .type = 9, .rank = 1, .shape = {(int32_t)n_bytes}, .region = region,
                        .n_bytes = n_bytes};
  return row;
}

weft_program *prog_finish(prog_builder *b, uint32_t in_bytes, uint32_t out_bytes) {
  weft_program *p = WEFT_NEW(b->arena, weft_program, 1);
  weft_prog_segment *segment = WEFT_NEW(b->arena, weft_prog_segment, 1);
  prog_add(b, weft_insn_make(WEFT_I_END));
  segment->kind = WEFT_SEG_ACCEL;
  segment->n_insns = (uint32_t)b->n_insns;
  p->constants_offset = (uint32_t)((b->n_insns * WEFT_INSN_BYTES + 63) & ~(size_t)63);
  for (size_t k = 0; k < b->n_fixups; k++) {
    weft_insn *wt = &b->insns[b->fixups[k]];
    weft_insn_set(wt, WEFT_F_WT_OFFSET, weft_insn_get(wt, WEFT_F_WT_OFFSET) + p->constants_offset);
  }
  p->model = "test";
  p->config_text = weft_config_text(b->arena, b->config);
  p->config_hash = weft_config_hash(b->config);
  p->n_insns = (uint32_t)b->n_insns;
  p->insns = b->insns;
  p->constants = (weft_span){b->constants, b->n_constants};
  p->region_bytes[WEFT_REGION_CONST] = (uint32_t)((p->constants_offset + b->n_constants + 63) & ~(size_t)63);
  p->region_bytes[WEFT_REGION_ARENA] = 64;
  p->region_bytes[WEFT_REGION_INPUT] = (in_bytes + 63) & ~63u;
  p->region_bytes[WEFT_REGION_OUTPUT] = (out_bytes + 63) & ~63u;
  p->n_inputs = p->n_outputs = p->n_segments = 1;
  p->inputs = io(b->arena, "in", WEFT_REGION_INPUT, in_bytes);
  p->outputs = io(b->arena, "out", WEFT_REGION_OUTPUT, out_bytes);
  p->segments = segment;
  return p;
}
