/* SPDX-License-Identifier: Apache-2.0 */
/* Semaphores. Program order is the meaning, so every conflict points backward:
 * an instruction waits for the latest conflicting one of each other queue
 * unless that is already known to be done (vector clocks). One semaphore for
 * each ordered pair of queues; tokens are counted, so waiting for the n-th
 * signal waits for all before it. */
#include <limits.h>

#include "compiler/builder.h"

enum { N_Q = 3, MAX_COUNT = 15 };             /* LD, EX, ST                     */

typedef struct edge_list {                    /* of slot i: what it waits for   */
  int from[N_Q];                              /* slot, -1: none                 */
} edge_list;

static int queue_number(const weft_insn *i) {
  switch ((int)weft_insn_queue(i)) {
  case WEFT_Q_LD: return 0;
  case WEFT_Q_EX: return 1;
  case WEFT_Q_ST: return 2;
  default: return -1;
  }
}

static weft_queue queue_code(int q) {
  static const weft_queue codes[] = {WEFT_Q_LD, WEFT_Q_EX, WEFT_Q_ST};
  return codes[q];
}

static bool in_sync(const weft_builder *b, int slot) {
  const weft_insn *i = &b->slots[slot].insn;
  return weft_insn_is_ordered(i) && queue_number(i) >= 0;
}

static bool conflict(const weft_builder *b, int i, int k) {
  const weft_slot *s = &b->slots[i], *t = &b->slots[k];
  for (int a = 0; a < s->n_accesses; a++)
    for (int c = 0; c < t->n_accesses; c++) {
      const weft_access *x = &b->accesses[s->first_access + a], *y = &b->accesses[t->first_access + c];
      if (x->space == y->space && (x->write || y->write) && x->lo < y->hi && y->lo < x->hi)
        return true;
    }
  return false;
}

typedef struct clocks {
  int (*done)[N_Q];             /* [slot]: what is done once the slot is       */
  int know[N_Q][N_Q];           /* know[q][r]: last slot of r done before q's
                                   next                                        */
} clocks;

static void learn(int *know, const int *done) {
  for (int r = 0; r < N_Q; r++)
    if (done[r] > know[r])
      know[r] = done[r];
}

/* Slots that take part, in order; returns how many. */
static int list_ordered(const weft_builder *b, int from, int to, int **slots, int **queues) {
  int n = 0;
  *slots = WEFT_NEW(b->p->arena, int, to - from + 1);
  *queues = WEFT_NEW(b->p->arena, int, to - from + 1);
  for (int i = from; i < to; i++)
    if (in_sync(b, i)) {
      (*slots)[n] = i;
      (*queues)[n++] = queue_number(&b->slots[i].insn);
    }
  return n;
}

/* Slots up to this one are all known to be done to queue q's next. */
static int known_until(const clocks *c, int q) {
  int until = INT_MAX;
  for (int r = 0; r < N_Q; r++)
    if (r != q && c->know[q][r] < c->know[r][r] && c->know[q][r] < until)
      until = c->know[q][r];
  return until;
}

static void find_edges(const weft_builder *b, int from, int to, edge_list *edges) {
  clocks c;
  int *slots, *queues, n = list_ordered(b, from, to, &slots, &queues);
  c.done = weft_arena_alloc(b->p->arena, (size_t)(to - from) + 1, sizeof *c.done);
  for (int q = 0; q < N_Q; q++)
    for (int r = 0; r < N_Q; r++)
      c.know[q][r] = from - 1;
  for (int i = from; i < to; i++)
    for (int r = 0; r < N_Q; r++)
      edges[i - from].from[r] = -1;
  for (int m = 0; m < n; m++) {
    int i = slots[m], q = queues[m];
    int until = known_until(&c, q);
    for (int j = m - 1; j >= 0 && slots[j] > until; j--) {
      int k = slots[j], r = queues[j];
      if (r == q || k <= c.know[q][r] || !conflict(b, i, k))
        continue;
      edges[i - from].from[r] = k;
      learn(c.know[q], c.done[k - from]);
      until = known_until(&c, q);
    }
    int *done = c.done[i - from];
    for (int r = 0; r < N_Q; r++)
      done[r] = c.know[q][r];
    done[q] = i;
    c.know[q][q] = i;
  }
}

typedef struct token_state {
  weft_builder *b;
  weft_synced *out;
  int given[N_Q][N_Q], taken[N_Q][N_Q];       /* [giver][taker]                 */
} token_state;

static int semaphore(int giver, int taker) { return giver * 2 + (taker > giver ? taker - 1 : taker); }

static weft_insn *append(token_state *t, weft_insn i) {
  weft_synced *o = t->out;
  o->insns = weft_arena_grow(t->b->p->arena, o->insns, &o->cap, (size_t)o->n + 1, sizeof *o->insns);
  o->insns[o->n] = i;
  return &o->insns[o->n++];
}

static weft_insn *append_nop(token_state *t, int q) {
  weft_insn nop = weft_insn_make(WEFT_I_NOP);
  weft_insn_set(&nop, WEFT_H_QUEUE, queue_code(q));
  return append(t, nop);
}

static void set_wait(weft_insn *i, int giver, int taker, int n) {
  weft_insn_set(i, WEFT_H_WAIT_ID, semaphore(giver, taker));
  weft_insn_set(i, WEFT_H_WAIT_N, n);
}

static void give(token_state *t, int giver, int taker, weft_insn *i) {
  if (t->given[giver][taker] - t->taken[giver][taker] == MAX_COUNT) {
    weft_insn held = *i;                      /* the taker takes some early     */
    t->out->n--;
    set_wait(append_nop(t, taker), giver, taker, MAX_COUNT);
    t->taken[giver][taker] += MAX_COUNT;
    i = append(t, held);
  }
  weft_insn_set(i, WEFT_H_SIG_ID, semaphore(giver, taker));
  weft_insn_set(i, WEFT_H_SIG_N, 1);
  t->given[giver][taker]++;
}

/* order[k - from][taker]: the how-manieth signal to taker slot k gives; 0: none. */
static void count_signals(const weft_builder *b, int from, int to, const edge_list *edges, int (*order)[N_Q]) {
  for (int i = from; i < to; i++)
    for (int r = 0; r < N_Q; r++)
      if (edges[i - from].from[r] >= 0)
        order[edges[i - from].from[r] - from][queue_number(&b->slots[i].insn)] = 1;
  int n[N_Q][N_Q] = {{0}};
  for (int i = from; i < to; i++)
    for (int q = 0; q < N_Q; q++)
      if (order[i - from][q]) {
        int giver = queue_number(&b->slots[i].insn);
        order[i - from][q] = ++n[giver][q];
      }
}

static void emit_slot(token_state *t, int slot, const edge_list *e, int (*order)[N_Q], int from, const int *gives) {
  int q = queue_number(&t->b->slots[slot].insn), waits[N_Q], n = 0, giver[N_Q];
  for (int r = 0; r < N_Q; r++) {
    int need = e->from[r] < 0 ? 0 : order[e->from[r] - from][q] - t->taken[r][q];
    if (need <= 0)
      continue;
    t->taken[r][q] += need;
    giver[n] = r;
    waits[n++] = need;
  }
  for (int k = 0; k + 1 < n; k++)
    set_wait(append_nop(t, q), giver[k], q, waits[k]);
  weft_insn *i = append(t, t->b->slots[slot].insn);
  if (n)
    set_wait(i, giver[n - 1], q, waits[n - 1]);
  bool own = false;
  for (int r = 0; r < N_Q; r++)
    if (gives[r]) {
      give(t, q, r, own ? append_nop(t, q) : i);
      own = true;
    }
}

void weft_sync(weft_builder *b, int from, int to, weft_synced *out, uint32_t *index) {
  edge_list *edges = WEFT_NEW(b->p->arena, edge_list, to - from + 1);
  int(*order)[N_Q] = weft_arena_alloc(b->p->arena, (size_t)(to - from) + 1, sizeof *order);
  find_edges(b, from, to, edges);
  count_signals(b, from, to, edges, order);
  token_state t = {.b = b, .out = out};
  for (int i = from; i < to; i++) {
    if (in_sync(b, i))
      emit_slot(&t, i, &edges[i - from], order, from, order[i - from]);
    else
      append(&t, b->slots[i].insn);
    index[i - from] = out->n - 1;
  }
}
