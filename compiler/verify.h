/* SPDX-License-Identifier: Apache-2.0 */
/* State of the static checker. It walks a program in program order at the level
 * of addresses: no values, but every word and byte that is read or written, by
 * whom, and what each queue is known to have waited for. Inside of compiler/. */
#ifndef WEFT_COMPILER_VERIFY_H
#define WEFT_COMPILER_VERIFY_H

#include "compiler/compile.h"

enum { WEFT_CHECK_QUEUES = 4, WEFT_CHECK_EX_REGS = 22, WEFT_CHECK_NEVER = -1 };

typedef struct weft_check_clock { int64_t of[WEFT_CHECK_QUEUES]; } weft_check_clock;

typedef struct weft_check_mark {        /* last accesses of a word or byte     */
  int32_t writer;                       /* instruction, NEVER, or HOST         */
  int32_t reader[2];                    /* LD or EX, ST                        */
} weft_check_mark;
enum { WEFT_CHECK_HOST = -2 };          /* written before this segment         */

typedef struct weft_check_run {         /* bytes of a page up to `end`         */
  uint32_t end;
  weft_check_mark mark;
} weft_check_run;
typedef struct weft_check_page {        /* no runs: never touched              */
  weft_check_run *runs;
  size_t cap;
  int n;
} weft_check_page;

typedef struct weft_check_signal {      /* the n-th token of a semaphore       */
  int64_t total;
  weft_check_clock done;
} weft_check_signal;

typedef struct weft_check_sem {
  int64_t given, taken;
  int giver, taker;                     /* queue, -1: none yet                 */
  weft_check_signal *signals;
  size_t cap;
  int n;
} weft_check_sem;

/* What a WT sends or an EXC takes, n-group by n-group. */
typedef struct weft_check_group { int64_t words, repeats, groups; int params; bool streams; } weft_check_group;

typedef struct weft_check {
  weft_arena *arena;
  weft_diag *diag;
  const weft_program *p;
  const weft_config *c;
  uint32_t at;                          /* the instruction                     */
  int queue;                            /* its queue, 0..3                     */
  int32_t depth;
  weft_check_mark *spm;                 /* [bank * depth + row]                */
  weft_check_page *dram[WEFT_N_REGIONS];/* ARENA and OUTPUT only               */
  int64_t n_runs;                       /* of all pages                        */
  weft_check_clock clock[WEFT_CHECK_QUEUES];
  weft_check_sem sems[8];
  uint32_t regs[WEFT_CHECK_QUEUES][WEFT_CHECK_EX_REGS];
  bool known[WEFT_CHECK_QUEUES][WEFT_CHECK_EX_REGS];
  weft_insn *taps;
  bool *tap_known;
  weft_check_group *sends, *takes;      /* of this segment                     */
  size_t cap_sends, cap_takes;
  int n_sends, n_takes;
  int64_t words_ahead, sets_ahead;      /* sent and not yet taken              */
  int set_send;                         /* where the next set taken is         */
  int64_t set_group;
  int64_t *batch_of;                    /* [n_insns]: EXCs of a layer, LDs of a layer
                                           (that of the next EXC)              */
  uint32_t last_mark;                   /* first instruction of this layer     */
  bool open;                            /* an accumulation that was not drained */
  int64_t open_rows;
  uint64_t work;
} weft_check;

weft_status weft_check_fail(weft_check *k, const char *found, const char *allowed);
/* One access by the current instruction: defined if read, ordered with those
 * of other queues, not twice within one instruction. batch: NULL to write; else
 * where the batch of the words read so far stands (0 at first): all words of one
 * operand must be of one batch, so that no leftover of an older one is read. */
weft_status weft_check_word(weft_check *k, int64_t flat_mod, int64_t row, int32_t g, int64_t *batch);
weft_status weft_check_bytes(weft_check *k, uint32_t region, int64_t lo, int64_t hi, bool write);
/* A register field of the current queue; an unwritten register fails. */
weft_status weft_check_reg(weft_check *k, int reg, weft_engfield f, int64_t *value);

/* ---- verify_marks.c ----------------------------------------------------- */
/* Sees or changes the mark of some bytes; a reason stops the walk. */
typedef const char *(*weft_mark_visit)(weft_check *k, weft_check_mark *m);
void weft_marks_open(weft_check *k, int region);
/* NULL, or the reason and the byte that it is about. */
const char *weft_marks_visit(weft_check *k, uint32_t region, uint64_t lo, uint64_t hi, weft_mark_visit visit,
                             uint64_t *at);
/* Everything that is written so far is in order with what follows. */
void weft_marks_settle(weft_check *k);
/* A visit that wants bytes that somebody wrote. */
const char *weft_mark_written(weft_check *k, weft_check_mark *m);

/* ---- verify_stream.c ---------------------------------------------------- */
weft_status weft_stream_send(weft_check *k, const weft_check_group *g);
weft_status weft_stream_take(weft_check *k, const weft_check_group *g);
weft_status weft_stream_end(weft_check *k);   /* of a segment                  */

weft_status weft_check_dma(weft_check *k, const weft_insn *i, bool store);
weft_status weft_check_wt(weft_check *k, const weft_insn *i);
weft_status weft_check_exc(weft_check *k, const weft_insn *i);
weft_status weft_check_map(weft_check *k, uint32_t segment, uint32_t insn);

#endif
