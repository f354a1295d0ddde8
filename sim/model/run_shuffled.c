/* SPDX-License-Identifier: Apache-2.0 */
/* A segment in a random order that its queues and semaphores allow: each queue in
 * order, a wait blocks its queue, WT runs as far ahead as it likes, EXC follows
 * the WTs that stand before it. If a program is ordered as it must be, every seed
 * gives the bytes of program order. */
#include "sim/model/model.h"

typedef struct queue_list {
  uint32_t *insns;              /* indices in the program                     */
  uint32_t n, next;
} queue_list;

static void fill_queues(weft_model *m, weft_arena *arena, const weft_prog_segment *s, queue_list *queues) {
  for (int q = WEFT_Q_LD; q <= WEFT_Q_ST; q++)
    queues[q].insns = WEFT_NEW(arena, uint32_t, s->n_insns);
  for (uint32_t k = s->first_insn; k < s->first_insn + s->n_insns; k++) {
    int q = (int)weft_insn_queue(&m->p->insns[k]);
    if (q >= WEFT_Q_LD && q <= WEFT_Q_ST)
      queues[q].insns[queues[q].n++] = k;
  }
}

static bool is_blocked(const weft_model *m, const queue_list *queues, int q) {
  const queue_list *list = &queues[q];
  if (list->next == list->n)
    return true;
  const weft_insn *i = &m->p->insns[list->insns[list->next]];
  if (m->semaphores[weft_insn_get(i, WEFT_H_WAIT_ID)] < weft_insn_get(i, WEFT_H_WAIT_N))
    return true;
  if (m->semaphores[weft_insn_get(i, WEFT_H_SIG_ID)] + weft_insn_get(i, WEFT_H_SIG_N) > 15)
    return true;
  const queue_list *wt = &queues[WEFT_Q_WT];
  return weft_insn_get(i, WEFT_H_OP) == WEFT_I_EXC && wt->next < wt->n &&
         wt->insns[wt->next] < list->insns[list->next];
}

weft_status model_run_shuffled(weft_model *m, const weft_prog_segment *s, uint64_t seed) {
  weft_arena *arena = weft_arena_new();
  queue_list queues[WEFT_N_QUEUES] = {{NULL, 0, 0}};
  weft_rng rng = {seed};
  weft_status status = WEFT_OK;
  fill_queues(m, arena, s, queues);
  /* a favoured queue runs ahead for a while: far orders, not only near ones */
  int64_t favour = 0, stay = 0;
  for (uint32_t left = s->n_insns; left > 0 && status == WEFT_OK;) {
    int open[WEFT_N_QUEUES], n = 0;
    left = 0;
    for (int q = WEFT_Q_LD; q <= WEFT_Q_ST; q++) {
      left += queues[q].n - queues[q].next;
      if (!is_blocked(m, queues, q))
        open[n++] = q;
    }
    if (left == 0)
      break;
    if (n == 0) {
      status = model_fault(m, "WATCHDOG", "no queue can go on", "an order in which every wait is met");
      break;
    }
    if (stay-- <= 0) {
      favour = weft_rng_range(&rng, WEFT_Q_LD, WEFT_Q_ST);
      stay = weft_rng_range(&rng, 0, 20);
    }
    int q = open[weft_rng_range(&rng, 0, n - 1)];
    for (int k = 0; k < n; k++)
      q = open[k] == favour ? open[k] : q;
    m->pc = queues[q].insns[queues[q].next++];
    status = model_execute(m, &m->p->insns[m->pc]);
  }
  weft_arena_free(&arena);
  return status;
}
