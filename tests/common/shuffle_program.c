/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/common/shuffle_program.h"

#include <string.h>

enum { N_Q = 4 };

typedef struct shuffler {
  const weft_program *p;
  uint32_t *slots[N_Q];         /* instructions of a queue, in order           */
  uint32_t n[N_Q], next[N_Q];
  int64_t tokens[8];
} shuffler;

static int queue_index(const weft_insn *i) {
  int q = (int)weft_insn_queue(i);
  return q == WEFT_Q_LD ? 0 : q == WEFT_Q_WT ? 1 : q == WEFT_Q_EX ? 2 : q == WEFT_Q_ST ? 3 : -1;
}

/* An EXC follows the WTs that stand before it. */
static bool lacks_weights(const shuffler *s, uint32_t at) {
  return weft_insn_get(&s->p->insns[at], WEFT_H_OP) == WEFT_I_EXC && s->next[1] < s->n[1] && s->slots[1][s->next[1]] < at;
}

static bool can_run(const shuffler *s, int q) {
  if (s->next[q] == s->n[q])
    return false;
  const weft_insn *i = &s->p->insns[s->slots[q][s->next[q]]];
  if (!weft_insn_is_ordered(i))
    return true;
  if (lacks_weights(s, s->slots[q][s->next[q]]))
    return false;
  int64_t wait = weft_insn_get(i, WEFT_H_WAIT_ID), sig = weft_insn_get(i, WEFT_H_SIG_ID);
  int64_t n_wait = weft_insn_get(i, WEFT_H_WAIT_N), n_sig = weft_insn_get(i, WEFT_H_SIG_N);
  return s->tokens[wait] >= n_wait && s->tokens[sig] - (wait == sig ? n_wait : 0) + n_sig <= 15;
}

static uint32_t run(shuffler *s, int q) {
  uint32_t at = s->slots[q][s->next[q]++];
  const weft_insn *i = &s->p->insns[at];
  if (weft_insn_is_ordered(i)) {
    s->tokens[weft_insn_get(i, WEFT_H_WAIT_ID)] -= weft_insn_get(i, WEFT_H_WAIT_N);
    s->tokens[weft_insn_get(i, WEFT_H_SIG_ID)] += weft_insn_get(i, WEFT_H_SIG_N);
  }
  return at;
}

/* order[k]: which instruction comes k-th in the segment. A favoured queue runs as
 * far as it can before another is favoured. */
static bool shuffle_segment(weft_arena *arena, weft_rng *rng, const weft_program *p, const weft_prog_segment *g, uint32_t *order) {
  shuffler s = {.p = p};
  for (int q = 0; q < N_Q; q++)
    s.slots[q] = WEFT_NEW(arena, uint32_t, g->n_insns);
  for (uint32_t k = 0; k + 1 < g->n_insns; k++) {
    int q = queue_index(&p->insns[g->first_insn + k]);
    if (q < 0)
      return false;
    s.slots[q][s.n[q]++] = g->first_insn + k;
  }
  int favoured = 0;
  for (uint32_t k = 0; k + 1 < g->n_insns; k++) {
    if (weft_rng_range(rng, 0, 9) == 0)
      favoured = (int)weft_rng_range(rng, 0, N_Q - 1);
    int q = can_run(&s, favoured) ? favoured : (int)weft_rng_range(rng, 0, N_Q - 1), tries = 0;
    while (!can_run(&s, q) && tries++ < N_Q)
      q = (q + 1) % N_Q;
    if (!can_run(&s, q))
      return false;
    order[k] = run(&s, q);
  }
  order[g->n_insns - 1] = g->first_insn + g->n_insns - 1;
  return true;
}

weft_program *shuffle_program(weft_arena *arena, weft_rng *rng, const weft_program *p) {
  weft_program *out = weft_arena_copy(arena, p, sizeof *p);
  weft_insn *insns = weft_arena_copy(arena, p->insns, p->n_insns * sizeof *insns);
  weft_prog_tensor *tensors = weft_arena_copy(arena, p->tensors, p->n_tensors * sizeof *tensors + 1);
  for (uint32_t k = 0; k < p->n_segments; k++) {
    const weft_prog_segment *g = &p->segments[k];
    if (g->kind != WEFT_SEG_ACCEL)
      continue;
    uint32_t *order = WEFT_NEW(arena, uint32_t, g->n_insns);
    if (!shuffle_segment(arena, rng, p, g, order))
      return NULL;
    for (uint32_t n = 0; n < g->n_insns; n++) {
      insns[g->first_insn + n] = p->insns[order[n]];
      for (uint32_t t = 0; t < p->n_tensors; t++)
        if (p->tensors[t].insn == order[n])
          tensors[t].insn = g->first_insn + n;
    }
  }
  out->insns = insns;
  out->tensors = tensors;
  return out;
}
