/* SPDX-License-Identifier: Apache-2.0 */
/* Weights ahead of time. Ring words and parameter sets are two streams that only
 * share the memory port: a set can be sent when the last but one is no longer
 * used, words as soon as the ring has room. Between two sets there is time for
 * more words than a large layer needs and for fewer than a small one, so the words
 * of each WT are shifted: it sends the sets of its own n-groups and, with each,
 * the stream's next n words, `lead` words ahead of what the array takes. */
#include <stdlib.h>
#include <string.h>

#include "compiler/builder.h"

enum { MOST_COPIED_BYTES = 32 << 10 };

typedef struct sender {         /* a WT with the EXC that it feeds             */
  int slot;
  int64_t groups, words;        /* words: of an n-group                        */
  int64_t set_bytes, cycles;    /* cycles: of an n-group                       */
  int64_t from;                 /* where they lie                              */
  int64_t n;                    /* words that it sends with each set           */
  int run;
} sender;

static int64_t get(const weft_builder *b, int slot, weft_field f) { return weft_insn_get(&b->slots[slot].insn, f); }

static bool is_op(const weft_builder *b, int slot, weft_opcode op) { return get(b, slot, WEFT_H_OP) == op; }

/* Weights of the segment: the place of each, how often it is sent. */
typedef struct blob { int64_t at, n_bytes, to; int n_uses; } blob;
typedef struct blobs { blob *all; size_t n; } blobs;

static int compare_blobs(const void *a, const void *b) {
  const blob *x = a, *y = b;
  return x->at != y->at ? (x->at < y->at ? -1 : 1) : x->n_bytes < y->n_bytes ? -1 : x->n_bytes > y->n_bytes;
}

static int64_t set_bytes(const weft_builder *b, int wt) {
  int64_t params = get(b, wt, WEFT_F_WT_PARAMS);
  return (params == 2 ? 12 : params == 1 ? 4 : 0) * (int64_t)b->p->config->cols;
}

static blob blob_of(const weft_builder *b, int wt) {
  int64_t group = set_bytes(b, wt) + get(b, wt, WEFT_F_WT_N_WORDS) * b->p->config->cols;
  return (blob){.at = get(b, wt, WEFT_F_WT_OFFSET), .n_bytes = get(b, wt, WEFT_F_WT_N_GROUPS) * group, .to = -1, .n_uses = 1};
}

static blobs list_blobs(const weft_builder *b, int from, int to) {
  blobs o = {.all = WEFT_NEW(b->p->arena, blob, to - from + 1)};
  size_t n = 0;
  for (int k = from; k < to; k++)
    if (is_op(b, k, WEFT_I_WT))
      o.all[n++] = blob_of(b, k);
  qsort(o.all, n, sizeof *o.all, compare_blobs);
  for (size_t k = 0; k < n; k++)
    if (o.n && compare_blobs(&o.all[o.n - 1], &o.all[k]) == 0)
      o.all[o.n - 1].n_uses++;
    else
      o.all[o.n++] = o.all[k];
  return o;
}

static blob *find_blob(const weft_builder *b, const blobs *o, int wt) {
  blob key = blob_of(b, wt);
  return bsearch(&key, o->all, o->n, sizeof key, compare_blobs);
}

static sender read_sender(const weft_builder *b, int wt, int exc) {
  const weft_config *c = b->p->config;
  int64_t rows = get(b, exc, WEFT_F_EXC_ONE_ROW) ? 1 : c->rows, drain = rows * c->cols / c->lanes;
  sender s = {.slot = wt, .groups = get(b, wt, WEFT_F_WT_N_GROUPS), .words = get(b, wt, WEFT_F_WT_N_WORDS),
              .set_bytes = set_bytes(b, wt), .from = get(b, wt, WEFT_F_WT_OFFSET)};
  s.n = s.words;
  s.cycles = get(b, exc, WEFT_F_EXC_N_TILES) * (s.words > drain ? s.words : drain);
  return s;
}

/* Cycles of the port for LD and ST, whose fields are the same. */
static int64_t transfer_cycles(const weft_builder *b, int slot) {
  const weft_config *c = b->p->config;
  int64_t pixels = get(b, slot, WEFT_F_LD_LINES) * get(b, slot, WEFT_F_LD_WIDTH);
  return pixels * get(b, slot, WEFT_F_LD_CHANNELS) * c->dram_rate_den / c->dram_rate_num;
}

/* Feeds one EXC that keeps its words in the ring, with weights that are sent once,
 * or so small that a copy for each time costs little; half of the ring at most, so
 * that whole bursts of others find room beside them. */
static bool is_sender(const weft_builder *b, const blobs *o, int wt, int exc) {
  if (get(b, wt, WEFT_F_WT_N_WORDS) > weft_ring_words(b->p->config) / 2 || !get(b, wt, WEFT_F_WT_PARAMS) ||
      get(b, wt, WEFT_F_WT_REPEATS) != 1 || get(b, exc, WEFT_F_EXC_STREAM) || !get(b, exc, WEFT_F_EXC_FIRST_K) ||
      !get(b, exc, WEFT_F_EXC_LAST_K))
    return false;
  const blob *w = find_blob(b, o, wt);
  return (w->n_uses - 1) * w->n_bytes <= MOST_COPIED_BYTES;
}

/* Words between two sets: what the port has time for, less what the ring and the
 * rest of the run have no room for, such that the next sender's groups divide the
 * lead. -1: there is no such number. */
static int64_t choose_words(const weft_builder *b, const sender *s, int64_t lead, int64_t after, int64_t next_groups) {
  const weft_config *c = b->p->config;
  int64_t room = weft_ring_words(c) - 64 - s->words, top = after < room ? after : room;
  int64_t most = s->words + (top >= lead ? (top - lead) / s->groups : -((lead - top + s->groups - 1) / s->groups));
  int64_t least = s->words - lead / s->groups;
  int64_t time = (s->cycles * c->dram_rate_num * 9 / (10 * c->dram_rate_den) - s->set_bytes) / c->cols;
  least = least < 0 ? 0 : least;
  time = time < least ? least : time > most ? most : time;
  for (int64_t n = time; n >= least; n--)
    if ((lead + s->groups * (n - s->words)) % next_groups == 0)
      return n;
  for (int64_t n = time + 1; n <= most; n++)
    if ((lead + s->groups * (n - s->words)) % next_groups == 0)
      return n;
  return -1;
}

static bool plan_run(const weft_builder *b, sender *s, int n) {
  int64_t left = 0, lead = 0;
  for (int k = 0; k < n; k++)
    left += s[k].groups * s[k].words;
  for (int k = 0; k < n; k++) {
    left -= s[k].groups * s[k].words;
    s[k].n = choose_words(b, &s[k], lead, left, k + 1 < n ? s[k + 1].groups : 1);
    if (s[k].n < 0)
      return false;
    lead += s[k].groups * (s[k].n - s[k].words);
  }
  return lead == 0;
}

/* n bytes more behind those that are there. */
static uint8_t *append(weft_builder *b, int64_t n_bytes, int64_t *at) {
  *at = (int64_t)b->n_constants;
  b->constants = weft_arena_grow(b->p->arena, b->constants, &b->cap_constants, b->n_constants + (size_t)n_bytes, 1);
  b->n_constants += (size_t)n_bytes;
  return b->constants + *at;
}

/* Sets and words of a run are taken apart and put together in the order of sending. */
static void write_run(weft_builder *b, const sender *s, int n, const uint8_t *old) {
  int64_t cols = b->p->config->cols, n_words = 0, at;
  for (int k = 0; k < n; k++)
    n_words += s[k].groups * s[k].words;
  uint8_t *words = WEFT_NEW(b->p->arena, uint8_t, (size_t)(n_words * cols) + 1), *next = words;
  for (int k = 0; k < n; k++)
    for (int64_t g = 0; g < s[k].groups; g++, next += s[k].words * cols)
      memcpy(next, old + s[k].from + g * (s[k].set_bytes + s[k].words * cols) + s[k].set_bytes, (size_t)(s[k].words * cols));
  next = words;
  for (int k = 0; k < n; k++) {
    int64_t group = s[k].set_bytes + s[k].n * cols;
    uint8_t *to = append(b, s[k].groups * group, &at);
    weft_insn *i = &b->slots[s[k].slot].insn;
    weft_build_set(b, i, WEFT_F_WT_OFFSET, at);
    weft_build_set(b, i, WEFT_F_WT_N_WORDS, s[k].n);
    for (int64_t g = 0; g < s[k].groups; g++, to += group, next += s[k].n * cols) {
      memcpy(to, old + s[k].from + g * (s[k].set_bytes + s[k].words * cols), (size_t)s[k].set_bytes);
      memcpy(to + s[k].set_bytes, next, (size_t)(s[k].n * cols));
    }
  }
}

/* Weights that stay in their order, once. */
static void write_blob(weft_builder *b, const blobs *o, int wt, const uint8_t *old) {
  blob *w = find_blob(b, o, wt);
  if (w->to < 0)
    memcpy(append(b, w->n_bytes, &w->to), old + w->at, (size_t)w->n_bytes);
  weft_build_set(b, &b->slots[wt].insn, WEFT_F_WT_OFFSET, w->to);
}

/* A run ends where an EXC comes whose weights cannot be ahead: WTs of slots[..]. */
static int find_runs(const weft_builder *b, const blobs *o, int from, int to, sender *s, bool *moves) {
  int n = 0, first = 0, wt = -1;
  int64_t loads = 0;            /* since the last EXC                          */
  *moves = false;
  for (int k = from; k <= to; k++) {
    bool exc = k < to && is_op(b, k, WEFT_I_EXC) && wt >= 0, fits = exc && is_sender(b, o, wt, k);
    if (k < to && is_op(b, k, WEFT_I_WT))
      wt = k;
    if (k == to || (exc && !fits)) {
      bool planned = plan_run(b, &s[first], n - first);
      for (int m = first; m < n; m++) {
        s[m].n = planned ? s[m].n : s[m].words;
        *moves = *moves || s[m].n != s[m].words;
      }
      first = n;
    }
    if (fits) {
      s[n] = read_sender(b, wt, k);
      s[n].cycles -= loads / s[n].groups;
      s[n++].run = first;
    }
    wt = exc ? -1 : wt;
    loads = exc ? 0 : loads;
    if (k < to && (is_op(b, k, WEFT_I_LD) || is_op(b, k, WEFT_I_ST)))
      loads += transfer_cycles(b, k);
  }
  return n;
}

void weft_stream_ahead(weft_builder *b, int from, int to, size_t first_constant) {
  sender *s = WEFT_NEW(b->p->arena, sender, to - from + 1);
  blobs o = list_blobs(b, from, to);
  bool moves;
  int n = find_runs(b, &o, from, to, s, &moves), at = 0;
  if (!moves)
    return;
  const uint8_t *old = weft_arena_copy(b->p->arena, b->constants, b->n_constants);
  b->n_constants = first_constant;
  for (int k = from; k < to; k++) {
    if (!is_op(b, k, WEFT_I_WT))
      continue;
    if (at < n && s[at].slot == k) {
      int end = at + 1;
      while (end < n && s[end].run == s[at].run)
        end++;
      write_run(b, &s[at], end - at, old);
      at = end;
    } else if (!at || k > s[at - 1].slot) {
      write_blob(b, &o, k, old);
    }
  }
}
