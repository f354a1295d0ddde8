/* SPDX-License-Identifier: Apache-2.0 */
/* What WT instructions read: weights and parameters in the machine's own form. */
#include <stdlib.h>

#include "isa/program.h"

typedef struct range { uint64_t from, to; } range;

static int by_start(const void *a, const void *b) {
  const range *x = a;
  const range *y = b;
  return x->from < y->from ? -1 : x->from > y->from ? 1 : 0;
}

static uint64_t field(const weft_insn *i, weft_field f) {
  return (uint64_t)weft_insn_get(i, f);
}

static uint64_t params_bytes(const weft_insn *i, uint64_t cols) {
  const uint64_t params = field(i, WEFT_F_WT_PARAMS);
  return params == 0 ? 0 : params == 1 ? 4 * cols : 12 * cols;
}

static uint64_t merged(range *r, size_t n) {
  uint64_t sum = 0;
  uint64_t end = 0;
  if (n)
    qsort(r, n, sizeof *r, by_start);
  for (size_t i = 0; i < n; i++) {
    const uint64_t from = r[i].from > end ? r[i].from : end;
    sum += r[i].to > from ? r[i].to - from : 0;
    end = r[i].to > end ? r[i].to : end;
  }
  return sum;
}

weft_stream_bytes weft_program_stream(const weft_program *p, const weft_config *c) {
  weft_arena *scratch = weft_arena_new();
  range *ranges = WEFT_NEW(scratch, range, p->n_insns);
  const uint64_t cols = (uint64_t)c->cols;
  weft_stream_bytes out = {0, 0};
  size_t n = 0;
  for (uint32_t i = 0; i < p->n_insns; i++) {
    const weft_insn *insn = &p->insns[i];
    if (field(insn, WEFT_H_OP) != WEFT_I_WT)
      continue;
    const uint64_t words = field(insn, WEFT_F_WT_N_WORDS) * cols;
    const uint64_t groups = field(insn, WEFT_F_WT_N_GROUPS);
    const uint64_t from = field(insn, WEFT_F_WT_OFFSET);
    ranges[n++] = (range){from, from + groups * (params_bytes(insn, cols) + words)};
    out.moved += groups * (params_bytes(insn, cols) + words * field(insn, WEFT_F_WT_REPEATS));
  }
  out.stored = merged(ranges, n);
  weft_arena_free(&scratch);
  return out;
}
