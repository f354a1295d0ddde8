/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/common/dump_program.h"

#include <string.h>

typedef struct tail { weft_insn insns[16]; uint32_t n; } tail;

static void add(tail *t, weft_insn i) { t->insns[t->n++] = i; }

/* ST waits for everything that LD and EX did. */
static void add_join(tail *t, weft_queue from, int semaphore) {
  weft_insn give = weft_insn_make(WEFT_I_NOP), take = weft_insn_make(WEFT_I_NOP);
  weft_insn_set(&give, WEFT_H_QUEUE, from);
  weft_insn_set(&give, WEFT_H_SIG_ID, semaphore);
  weft_insn_set(&give, WEFT_H_SIG_N, 1);
  weft_insn_set(&take, WEFT_H_QUEUE, WEFT_Q_ST);
  weft_insn_set(&take, WEFT_H_WAIT_ID, semaphore);
  weft_insn_set(&take, WEFT_H_WAIT_N, 1);
  add(t, give);
  add(t, take);
}

static void add_config(tail *t, int a, uint32_t value_a, int b, uint32_t value_b) {
  weft_insn i = weft_insn_make(WEFT_I_SCFG);
  weft_insn_set(&i, WEFT_F_SCFG_REG_A, a);
  weft_insn_set(&i, WEFT_F_SCFG_VAL_A, value_a);
  weft_insn_set(&i, WEFT_F_SCFG_REG_B, b);
  weft_insn_set(&i, WEFT_F_SCFG_VAL_B, value_b);
  add(t, i);
}

/* ROWS pixels of as many words as a bank has. */
static void add_store(tail *t, const weft_config *c, uint32_t offset) {
  weft_insn i = weft_insn_make(WEFT_I_ST);
  weft_insn_set(&i, WEFT_F_ST_OFFSET, offset);
  weft_insn_set(&i, WEFT_F_ST_LINES, 1);
  weft_insn_set(&i, WEFT_F_ST_WIDTH, c->rows);
  weft_insn_set(&i, WEFT_F_ST_CHANNELS, weft_spm_rows(c) * c->word_bytes);
  weft_insn_set(&i, WEFT_F_ST_REGION, WEFT_REGION_OUTPUT);
  add(t, i);
}

static tail make_tail(const weft_config *c, uint32_t offset) {
  tail t = {.n = 0};
  add_join(&t, WEFT_Q_LD, 6);
  add_join(&t, WEFT_Q_EX, 7);
  uint32_t words = 0;
  weft_engreg_set(&words, WEFT_R_ST_WORDS_G, weft_spm_rows(c));
  add_config(&t, WEFT_REG_ST_LINE, 0, WEFT_REG_ST_WORDS, words);
  add_config(&t, WEFT_REG_ST_PITCH, 0, WEFT_REG_ST_PLANES, 0);
  add_store(&t, c, offset);
  return t;
}

static weft_prog_io bytes_of(const char *name, uint32_t region, uint32_t offset, uint32_t n) {
  return (weft_prog_io){.name = name, .tensor = 0, .type = 9, .rank = 1, .shape = {(int32_t)n}, .region = region,
                        .offset = offset, .n_bytes = n};
}

static void add_outputs(weft_arena *arena, weft_program *q, uint32_t spm_at, uint32_t spm_bytes) {
  weft_prog_io *io = WEFT_NEW(arena, weft_prog_io, q->n_outputs + 3);
  memcpy(io, q->outputs, q->n_outputs * sizeof *io);
  io[q->n_outputs++] = bytes_of("outputs", WEFT_REGION_OUTPUT, 0, spm_at);
  io[q->n_outputs++] = bytes_of("scratchpad", WEFT_REGION_OUTPUT, spm_at, spm_bytes);
  if (q->region_bytes[WEFT_REGION_ARENA])
    io[q->n_outputs++] = bytes_of("arena", WEFT_REGION_ARENA, 0, q->region_bytes[WEFT_REGION_ARENA]);
  q->outputs = io;
}

weft_program *dump_program(weft_arena *arena, const weft_program *p, const weft_config *c) {
  weft_program *q = weft_arena_copy(arena, p, sizeof *p);
  uint32_t last = 0, spm_at = (p->region_bytes[WEFT_REGION_OUTPUT] + 63u) & ~63u;
  for (uint32_t k = 0; k < p->n_segments; k++)
    if (p->segments[k].kind == WEFT_SEG_ACCEL)
      last = k;
  tail t = make_tail(c, spm_at);
  weft_prog_segment *segments = weft_arena_copy(arena, p->segments, p->n_segments * sizeof *segments);
  uint32_t end = segments[last].first_insn + segments[last].n_insns - 1, n = (end + t.n + 4) & ~3u;
  weft_insn *insns = WEFT_NEW(arena, weft_insn, n);
  memcpy(insns, p->insns, end * sizeof *insns);
  memcpy(insns + end, t.insns, t.n * sizeof *insns);
  for (uint32_t k = end + t.n; k < n; k++)
    insns[k] = weft_insn_make(WEFT_I_END);
  segments[last].n_insns += t.n;
  q->constants_offset = (n * WEFT_INSN_BYTES + 63u) & ~63u;
  uint32_t moved = q->constants_offset - p->constants_offset;
  for (uint32_t k = 0; k < end; k++)
    if (weft_insn_get(&insns[k], WEFT_H_OP) == WEFT_I_WT)
      weft_insn_set(&insns[k], WEFT_F_WT_OFFSET, weft_insn_get(&insns[k], WEFT_F_WT_OFFSET) + moved);
  q->n_insns = n;
  q->insns = insns;
  q->segments = segments;
  q->region_bytes[WEFT_REGION_CONST] += moved;
  uint32_t spm_bytes = (uint32_t)c->spm_kib * 1024;
  q->region_bytes[WEFT_REGION_OUTPUT] = spm_at + spm_bytes;
  add_outputs(arena, q, spm_at, spm_bytes);
  return q;
}
