/* SPDX-License-Identifier: Apache-2.0 */
/* The two streams of WT, ring words and parameter sets, against what the EXCs
 * take: sent before, in equal number, of the right kind; and no stop: the one
 * queue that sends both must always find room. */
#include "compiler/verify.h"

enum { SETS = 2 };
static const int64_t most_words = INT64_C(1) << 52;  /* so that no sum wraps            */

weft_status weft_stream_send(weft_check *k, const weft_check_group *g) {
  k->sends = weft_arena_grow(k->arena, k->sends, &k->cap_sends, (size_t)k->n_sends + 1, sizeof *k->sends);
  k->sends[k->n_sends++] = *g;
  k->words_ahead += g->words * g->repeats * g->groups;
  k->sets_ahead += g->params ? g->groups : 0;
  return k->words_ahead <= most_words ? WEFT_OK : weft_check_fail(k, "more than 2^52 ring words", "less");
}

/* Takes sets from the stream's next ones; each must be of that kind. */
static bool take_sets(weft_check *k, int64_t n, int params) {
  while (n > 0) {
    const weft_check_group *g = &k->sends[k->set_send];
    int64_t here = g->params ? g->groups - k->set_group : 0;
    if (here > 0 && g->params != params)
      return false;
    int64_t taken = here < n ? here : n;
    n -= taken;
    k->set_group += taken;
    if (taken == here) {
      k->set_send++;
      k->set_group = 0;
    }
  }
  return true;
}

weft_status weft_stream_take(weft_check *k, const weft_check_group *g) {
  int64_t group = g->words * g->repeats, sets = g->params ? g->groups : 0;
  if (group > k->words_ahead / g->groups || sets > k->sets_ahead)
    return weft_check_fail(k, weft_diag_text(k->diag, "%lld ring words and %lld parameter sets sent", (long long)k->words_ahead,
                                             (long long)k->sets_ahead),
                           weft_diag_text(k->diag, "%lld n-groups of %lld words, %lld sets used", (long long)g->groups,
                                          (long long)group, (long long)sets));
  if (!take_sets(k, sets, g->params))
    return weft_check_fail(k, "parameter sets of another kind", "POST.PARAMS");
  k->words_ahead -= group * g->groups;
  k->sets_ahead -= sets;
  k->takes = weft_arena_grow(k->arena, k->takes, &k->cap_takes, (size_t)k->n_takes + 1, sizeof *k->takes);
  k->takes[k->n_takes++] = *g;
  return WEFT_OK;
}

typedef struct flow {           /* as far as both sides have come              */
  int send, take;               /* their items                                 */
  int64_t send_group, take_group;
  bool set_sent;                /* of the group being sent                     */
  int64_t part;                 /* words of it that are sent                   */
  int64_t words, sets;          /* sent, of a segment                          */
  int64_t freed, freed_sets;    /* by the array                                */
} flow;

/* Sends what there is room for, in bursts of 64 bytes; false: nothing. */
static bool advance_send(const weft_check *k, flow *f) {
  const weft_check_group *g = &k->sends[f->send];
  int64_t room = weft_ring_words(k->c) - (f->words - f->freed), want = g->words * g->repeats - f->part;
  int64_t burst = 64 / k->c->cols;
  bool moved = false;
  if (want > room)
    room = room / burst * burst;
  if (g->params && !f->set_sent) {
    if (f->sets - f->freed_sets == SETS)
      return false;
    f->set_sent = moved = true;
    f->sets++;
  }
  if (want > 0 && room <= 0)
    return moved;
  f->words += want < room ? want : room;
  f->part += want < room ? want : room;
  if (want > room)
    return true;
  f->part = 0;
  f->set_sent = false;
  if (++f->send_group == g->groups) {
    f->send_group = 0;
    f->send++;
  }
  return true;
}

/* Ends an n-group of an EXC; one that frees words as it reads them begins to. */
static bool advance_take(const weft_check *k, flow *f) {
  const weft_check_group *g = &k->takes[f->take];
  int64_t words = g->words * g->repeats, all = f->words - f->freed;
  bool has_set = !g->params || f->sets > f->freed_sets;
  if (all >= words && has_set) {
    f->freed += words;
    f->freed_sets += g->params != 0;
    if (++f->take_group == g->groups) {
      f->take_group = 0;
      f->take++;
    }
    return true;
  }
  return false;
}

/* One n-group of STREAM: its words pass through the ring when its set is there. */
static bool pass_through(const weft_check *k, flow *f) {
  const weft_check_group *g = &k->takes[f->take];
  const weft_check_group *s = &k->sends[f->send];
  bool own = g->streams && s->groups == g->groups && s->words * s->repeats == g->words * g->repeats &&
             s->params == g->params && f->send_group == f->take_group && f->words - f->freed == f->part;
  if (!own || (s->params && !f->set_sent))
    return false;
  int64_t rest = s->words * s->repeats - f->part;
  f->words += rest;
  f->freed += f->part + rest;
  f->freed_sets += g->params != 0;
  f->part = 0;
  f->set_sent = false;
  if (++f->send_group == s->groups) {
    f->send_group = 0;
    f->send++;
  }
  if (++f->take_group == g->groups) {
    f->take_group = 0;
    f->take++;
  }
  return true;
}

weft_status weft_stream_end(weft_check *k) {
  flow f = {0};
  if (k->words_ahead || k->sets_ahead)
    return weft_check_fail(k, "weights that no EXC takes", "as many ring words and parameter sets sent as used");
  while (f.send < k->n_sends || f.take < k->n_takes) {
    if (++k->work > UINT64_C(4000000000))
      return weft_fail(k->diag, WEFT_E_CAP, k->p->model, "more than 4e9 n-groups", "the checker's work cap", NULL);
    bool moved = f.send < k->n_sends && advance_send(k, &f);
    if (!moved && f.take < k->n_takes)
      moved = advance_take(k, &f) || (f.send < k->n_sends && pass_through(k, &f));
    if (!moved)
      return weft_check_fail(k, "weights that stop for want of room", "words and parameter sets in an order that goes on");
  }
  k->n_sends = k->n_takes = k->set_send = 0;
  k->set_group = 0;
  return WEFT_OK;
}
