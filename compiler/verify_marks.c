/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of DRAM bytes, as runs of equal ones in pages: memory follows what a
 * program touches, not the sizes that it declares. */
#include "compiler/verify.h"

#include <string.h>

enum { PAGE_BYTES = 4096, MAX_RUNS = 1 << 24 };

static const weft_check_mark never = {WEFT_CHECK_NEVER, {WEFT_CHECK_NEVER, WEFT_CHECK_NEVER}};

void weft_marks_open(weft_check *k, int region) {
  k->dram[region] = WEFT_NEW(k->arena, weft_check_page, (size_t)k->p->region_bytes[region] / PAGE_BYTES + 1);
}

static bool insert_run(weft_check *k, weft_check_page *p, int at, weft_check_run run) {
  if (k->n_runs++ > MAX_RUNS)
    return false;
  p->runs = weft_arena_grow(k->arena, p->runs, &p->cap, (size_t)p->n + 1, sizeof *p->runs);
  memmove(&p->runs[at + 1], &p->runs[at], (size_t)(p->n - at) * sizeof *p->runs);
  p->runs[at] = run;
  p->n++;
  return true;
}

static uint32_t start_of(const weft_check_page *p, int run) { return run ? p->runs[run - 1].end : 0; }

static bool same(const weft_check_mark *a, const weft_check_mark *b) {
  return a->writer == b->writer && a->reader[0] == b->reader[0] && a->reader[1] == b->reader[1];
}

static void merge_runs(weft_check *k, weft_check_page *p, int from, int to) {
  int n = from > 0 ? from : 1;
  for (int i = n; i < p->n; i++) {
    if (i <= to && same(&p->runs[n - 1].mark, &p->runs[i].mark))
      p->runs[n - 1].end = p->runs[i].end;
    else
      p->runs[n++] = p->runs[i];
  }
  k->n_runs -= p->n - n;
  p->n = n;
}

/* Run that begins at `lo`, splitting the one around it; -1: too many. */
static int split_at(weft_check *k, weft_check_page *p, uint32_t lo) {
  int from = 0, to = p->n - 1;
  while (from < to) {
    int mid = (from + to) / 2;
    if (p->runs[mid].end > lo)
      to = mid;
    else
      from = mid + 1;
  }
  if (start_of(p, from) == lo)
    return from;
  return insert_run(k, p, from, (weft_check_run){.end = lo, .mark = p->runs[from].mark}) ? from + 1 : -1;
}

static const char *const too_many = "is one of too many pieces to follow";

/* Bytes [lo, hi) of a page. */
static const char *visit_page(weft_check *k, weft_check_page *p, uint32_t lo, uint32_t hi, weft_mark_visit visit, uint32_t *at) {
  const char *why = NULL;
  if (!p->n && !insert_run(k, p, 0, (weft_check_run){.end = PAGE_BYTES, .mark = never}))
    return too_many;
  int first = split_at(k, p, lo), i = first;
  if (first < 0)
    return too_many;
  for (; !why && i < p->n && start_of(p, i) < hi; i++) {
    *at = start_of(p, i);
    if (p->runs[i].end > hi && !insert_run(k, p, i, (weft_check_run){.end = hi, .mark = p->runs[i].mark}))
      return too_many;
    why = visit(k, &p->runs[i].mark);
  }
  merge_runs(k, p, first, i);
  return why;
}

const char *weft_marks_visit(weft_check *k, uint32_t region, uint64_t lo, uint64_t hi, weft_mark_visit visit, uint64_t *at) {
  while (lo < hi) {
    uint64_t page = lo / PAGE_BYTES, end = (page + 1) * PAGE_BYTES;
    uint32_t in_page = 0;
    end = end < hi ? end : hi;
    const char *why = visit_page(k, &k->dram[region][page], (uint32_t)(lo % PAGE_BYTES),
                                 (uint32_t)(end - page * PAGE_BYTES), visit, &in_page);
    if (why) {
      *at = page * PAGE_BYTES + in_page;
      return why;
    }
    lo = end;
  }
  return NULL;
}

void weft_marks_settle(weft_check *k) {
  for (int r = 0; r < WEFT_N_REGIONS; r++)
    for (uint32_t g = 0; k->dram[r] && g <= k->p->region_bytes[r] / PAGE_BYTES; g++) {
      weft_check_page *p = &k->dram[r][g];
      for (int i = 0; i < p->n; i++) {
        int32_t writer = p->runs[i].mark.writer == WEFT_CHECK_NEVER ? WEFT_CHECK_NEVER : WEFT_CHECK_HOST;
        p->runs[i].mark = (weft_check_mark){writer, {WEFT_CHECK_NEVER, WEFT_CHECK_NEVER}};
      }
      if (p->n)
        merge_runs(k, p, 0, p->n);
    }
}
