/* SPDX-License-Identifier: Apache-2.0 */
/* The static checker: program order, tokens, clocks. Accesses of single
 * instructions are in verify_dma.c and verify_exc.c. */
#include "compiler/verify.h"

#include <string.h>

enum { N_SEMS = 8, MAX_COUNT = 15 };

weft_status weft_check_fail(weft_check *k, const char *found, const char *allowed) {
  return weft_fail(k->diag, WEFT_E_PROGRAM,
                   weft_diag_text(k->diag, "%s, instruction %u", k->p->model, (unsigned)k->at), found, allowed,
                   "this is a bug of the compiler unless the program was edited");
}

static int queue_index(const weft_insn *i) {
  switch ((int)weft_insn_queue(i)) {
  case WEFT_Q_LD: return 0;
  case WEFT_Q_WT: return 1;
  case WEFT_Q_EX: return 2;
  case WEFT_Q_ST: return 3;
  default: return -1;
  }
}

/* ---- tokens and clocks --------------------------------------------------- */

static void learn(weft_check_clock *a, const weft_check_clock *b) {
  for (int q = 0; q < WEFT_CHECK_QUEUES; q++)
    if (b->of[q] > a->of[q])
      a->of[q] = b->of[q];
}

static weft_status take_tokens(weft_check *k, const weft_insn *i) {
  int64_t n = weft_insn_get(i, WEFT_H_WAIT_N);
  weft_check_sem *s = &k->sems[weft_insn_get(i, WEFT_H_WAIT_ID)];
  if (n == 0)
    return WEFT_OK;
  if (s->taker >= 0 && s->taker != k->queue)
    return weft_check_fail(k, "a second queue that takes from the semaphore", "one taking queue each");
  s->taker = k->queue;
  s->taken += n;
  if (s->taken > s->given)
    return weft_check_fail(k, "a wait that no earlier signal meets", "program order that can be executed");
  int at = s->n - 1;
  while (at > 0 && s->signals[at - 1].total >= s->taken)
    at--;
  learn(&k->clock[k->queue], &s->signals[at].done);
  return WEFT_OK;
}

static weft_status give_tokens(weft_check *k, const weft_insn *i) {
  int64_t n = weft_insn_get(i, WEFT_H_SIG_N);
  weft_check_sem *s = &k->sems[weft_insn_get(i, WEFT_H_SIG_ID)];
  k->clock[k->queue].of[k->queue] = k->at;
  if (n == 0)
    return WEFT_OK;
  if (s->giver >= 0 && s->giver != k->queue)
    return weft_check_fail(k, "a second queue that gives to the semaphore", "one giving queue each");
  s->giver = k->queue;
  s->given += n;
  if (s->given - s->taken > MAX_COUNT)
    return weft_check_fail(k, "a semaphore above 15", "at most 15 tokens");
  s->signals = weft_arena_grow(k->arena, s->signals, &s->cap, (size_t)s->n + 1, sizeof *s->signals);
  s->signals[s->n++] = (weft_check_signal){.total = s->given, .done = k->clock[k->queue]};
  return WEFT_OK;
}

/* ---- accesses ------------------------------------------------------------- */

static bool before(const weft_check *k, int32_t insn, int queue) {
  return insn < 0 || queue == k->queue || insn <= k->clock[k->queue].of[queue];
}

static int queue_of(const weft_check *k, int32_t insn) {
  return insn < 0 ? k->queue : queue_index(&k->p->insns[insn]);
}

/* Why an access is wrong, or NULL: then it is noted. Readers of the scratchpad
 * are EX (slot 0) and ST; of DRAM, LD (slot 0). */
static const char *note_access(weft_check *k, weft_check_mark *m, bool write, int reader_queue) {
  int32_t at = (int32_t)k->at;
  if (!write) {
    if (m->writer == WEFT_CHECK_NEVER)
      return "is read before it was written";
    if (m->writer == at)
      return "is read and written by one instruction";
    if (!before(k, m->writer, queue_of(k, m->writer)))
      return "is read while its writer may still run";
    if (k->queue == 3 && m->reader[1] != WEFT_CHECK_NEVER)
      return "is stored a second time";
    m->reader[k->queue == 3] = at;
    return NULL;
  }
  if (m->writer == at || m->reader[0] == at || m->reader[1] == at)
    return "is touched twice by one instruction";
  bool unread = m->reader[0] == WEFT_CHECK_NEVER && m->reader[1] == WEFT_CHECK_NEVER;
  if (k->queue == 2 && m->writer >= 0 && unread && k->batch_of[m->writer] == k->batch_of[at])
    return "is written twice by one layer";
  if (!before(k, m->writer, queue_of(k, m->writer)))
    return "is overwritten while its writer may still run";
  if (!before(k, m->reader[0], reader_queue) || !before(k, m->reader[1], 3))
    return "is overwritten while a reader may still run";
  *m = (weft_check_mark){.writer = at, .reader = {WEFT_CHECK_NEVER, WEFT_CHECK_NEVER}};
  return NULL;
}

static const char *const in_order = "written before read, and a wait between queues";

weft_status weft_check_word(weft_check *k, int64_t flat_mod, int64_t row, int32_t g, int64_t *batch) {
  int64_t banks = k->c->rows, bank = flat_mod & (banks - 1);
  int64_t line = (row + (flat_mod / banks) * g) & (k->depth - 1);
  if (++k->work > UINT64_C(4000000000))
    return weft_fail(k->diag, WEFT_E_CAP, k->p->model, "more than 4e9 scratchpad accesses", "the checker's work cap", NULL);
  weft_check_mark *m = &k->spm[bank * k->depth + line];
  const char *why = note_access(k, m, !batch, 2);
  if (!why && batch && *batch && *batch != k->batch_of[m->writer])
    why = "is left from an older batch than its neighbours";
  if (batch && m->writer >= 0)
    *batch = k->batch_of[m->writer];
  return why ? weft_check_fail(k, weft_diag_text(k->diag, "row %d of bank %d %s", (int)line, (int)bank, why), in_order)
             : WEFT_OK;
}

static const char *note_read(weft_check *k, weft_check_mark *m) { return note_access(k, m, false, 0); }
static const char *note_write(weft_check *k, weft_check_mark *m) { return note_access(k, m, true, 0); }

const char *weft_mark_written(weft_check *k, weft_check_mark *m) {
  (void)k;
  return m->writer == WEFT_CHECK_NEVER ? "is unwritten" : NULL;
}

static const char *write_by_host(weft_check *k, weft_check_mark *m) {
  (void)k;
  m->writer = WEFT_CHECK_HOST;
  return NULL;
}

weft_status weft_check_bytes(weft_check *k, uint32_t region, int64_t lo, int64_t hi, bool write) {
  if (lo < 0 || hi > (int64_t)k->p->region_bytes[region])
    return weft_check_fail(k, weft_diag_text(k->diag, "bytes %lld..%lld of region %u", (long long)lo, (long long)hi - 1, region),
                           "an access inside of the region");
  bool fixed = region == WEFT_REGION_CONST || region == WEFT_REGION_INPUT;
  if (fixed && write)
    return weft_check_fail(k, "a store to constants or inputs", "stores to arena and outputs");
  if (fixed)
    return WEFT_OK;
  uint64_t at;
  const char *why = weft_marks_visit(k, region, (uint64_t)lo, (uint64_t)hi, write ? note_write : note_read, &at);
  return why ? weft_check_fail(k, weft_diag_text(k->diag, "byte %llu of region %u %s", (unsigned long long)at, region, why), in_order)
             : WEFT_OK;
}

weft_status weft_check_reg(weft_check *k, int reg, weft_engfield f, int64_t *value) {
  if (!k->known[k->queue][reg])
    return weft_check_fail(k, weft_diag_text(k->diag, "register %d, never written in this segment", reg),
                           "every register written before its use");
  *value = weft_engreg_get(k->regs[k->queue][reg], f);
  return WEFT_OK;
}

/* ---- instructions ---------------------------------------------------------- */

static void write_regs(weft_check *k, const weft_insn *i) {
  int64_t reg[2] = {weft_insn_get(i, WEFT_F_CFG_REG_A), weft_insn_get(i, WEFT_F_CFG_REG_B)};
  int64_t value[2] = {weft_insn_get(i, WEFT_F_CFG_VAL_A), weft_insn_get(i, WEFT_F_CFG_VAL_B)};
  for (int n = 0; n < 2; n++)
    if (reg[n] < WEFT_CHECK_EX_REGS) {
      k->regs[k->queue][reg[n]] = (uint32_t)value[n];
      k->known[k->queue][reg[n]] = true;
    }
}

static weft_status write_tap(weft_check *k, const weft_insn *i) {
  int64_t at = weft_insn_get(i, WEFT_F_TAP_INDEX);
  if (weft_insn_get(i, WEFT_F_TAP_DMOD) >= k->c->rows)
    return weft_check_fail(k, "a tap's bank beyond array.rows", "DMOD < array.rows");
  if (at >= k->c->taps)
    return weft_check_fail(k, "a tap beyond the table", "INDEX < array.taps");
  k->taps[at] = *i;
  k->tap_known[at] = true;
  return WEFT_OK;
}

static weft_status dispatch(weft_check *k, const weft_insn *i) {
  switch ((weft_opcode)weft_insn_get(i, WEFT_H_OP)) {
  case WEFT_I_CFG:
  case WEFT_I_LCFG:
  case WEFT_I_SCFG: write_regs(k, i); return WEFT_OK;
  case WEFT_I_TAP: return write_tap(k, i);
  case WEFT_I_LD: return weft_check_dma(k, i, false);
  case WEFT_I_ST: return weft_check_dma(k, i, true);
  case WEFT_I_WT: return weft_check_wt(k, i);
  case WEFT_I_EXC: return weft_check_exc(k, i);
  case WEFT_I_NOP:
  case WEFT_I_MARK:
  case WEFT_I_END: return WEFT_OK;
  }
  return weft_check_fail(k, "an unknown instruction", "an instruction of isa.def");
}

/* A CONCATENATION of the name of the one before it is a further part of that one. Of other
 * operators each is a layer, whatever their tensors are called. */
static bool starts_layer(const weft_check *k, const weft_insn *mark) {
  int64_t id = weft_insn_get(mark, WEFT_F_MARK_ID);
  if (id < 1 || id >= (int64_t)k->p->n_layers)
    return true;
  const weft_prog_layer *l = &k->p->layers[id];
  return strcmp(l[0].op, "CONCATENATION") != 0 || strcmp(l[-1].op, l[0].op) != 0 || strcmp(l[-1].name, l[0].name) != 0;
}

static weft_status check_insn(weft_check *k, uint32_t segment) {
  const weft_insn *i = &k->p->insns[k->at];
  const char *why = weft_insn_illegal(i);
  if (why)
    return weft_check_fail(k, why, "a legal instruction");
  k->queue = queue_index(i);
  if (k->queue < 0)
    return weft_check_fail(k, "an instruction of the fetch unit", "END at the end only");
  if (!weft_insn_is_ordered(i))
    return dispatch(k, i);
  int op = (int)weft_insn_get(i, WEFT_H_OP);
  if (op == WEFT_I_MARK && starts_layer(k, i))
    k->last_mark = k->at;
  WEFT_TRY(take_tokens(k, i));
  WEFT_TRY(dispatch(k, i));
  WEFT_TRY(give_tokens(k, i));
  return weft_check_map(k, segment, k->at);
}

/* Layers are told apart by the MARK between the EXCs of two. */
static void number_batches(weft_check *k, const weft_prog_segment *s) {
  int64_t layer = 1 + (int64_t)s->first_insn;
  bool after_mark = false;               /* walking backward: a MARK, then no EXC yet */
  for (uint32_t n = s->n_insns; n-- > 0;) {
    uint32_t at = s->first_insn + n;
    int op = (int)weft_insn_get(&k->p->insns[at], WEFT_H_OP);
    if (op == WEFT_I_EXC && after_mark) {
      layer++;
      after_mark = false;
    }
    after_mark = after_mark || (op == WEFT_I_MARK && starts_layer(k, &k->p->insns[at]));
    k->batch_of[at] = 2 * layer + (op == WEFT_I_LD);
  }
}

static void start_segment(weft_check *k, const weft_prog_segment *s) {
  for (int64_t w = 0; w < (int64_t)k->c->rows * k->depth; w++)
    k->spm[w] = (weft_check_mark){WEFT_CHECK_NEVER, {WEFT_CHECK_NEVER, WEFT_CHECK_NEVER}};
  for (int q = 0; q < WEFT_CHECK_QUEUES; q++)
    for (int r = 0; r < WEFT_CHECK_QUEUES; r++)
      k->clock[q].of[r] = (int64_t)s->first_insn - 1;
  memset(k->sems, 0, sizeof k->sems);
  for (int n = 0; n < N_SEMS; n++)
    k->sems[n].giver = k->sems[n].taker = -1;
  memset(k->known, 0, sizeof k->known);
  memset(k->tap_known, 0, (size_t)k->c->taps * sizeof *k->tap_known);
  k->n_sends = k->n_takes = k->set_send = 0;
  k->words_ahead = k->sets_ahead = k->set_group = 0;
  k->open = false;
  k->last_mark = s->first_insn;
  number_batches(k, s);
}

static weft_status end_segment(weft_check *k, uint32_t segment) {
  for (int n = 0; n < N_SEMS; n++)
    if (k->sems[n].given != k->sems[n].taken)
      return weft_check_fail(k, weft_diag_text(k->diag, "semaphore %d at %lld", n,
                                               (long long)(k->sems[n].given - k->sems[n].taken)), "every token taken");
  WEFT_TRY(weft_stream_end(k));
  if (k->open)
    return weft_check_fail(k, "an accumulation that is never drained", "LAST_K before END");
  return weft_check_map(k, segment, UINT32_MAX);
}

static weft_status check_segment(weft_check *k, uint32_t segment) {
  const weft_prog_segment *s = &k->p->segments[segment];
  k->at = s->first_insn;
  if (s->n_insns < 1 || s->first_insn % 4 || s->first_insn > k->p->n_insns || s->n_insns > k->p->n_insns - s->first_insn)
    return weft_check_fail(k, "a segment outside of the program", "instructions of the program, 64-byte aligned");
  start_segment(k, s);
  for (uint32_t n = 0; n + 1 < s->n_insns; n++) {
    k->at = s->first_insn + n;
    WEFT_TRY(check_insn(k, segment));
  }
  k->at = s->first_insn + s->n_insns - 1;
  if (weft_insn_get(&k->p->insns[k->at], WEFT_H_OP) != WEFT_I_END || weft_insn_illegal(&k->p->insns[k->at]))
    return weft_check_fail(k, "no END", "a segment that ends with END");
  return end_segment(k, segment);
}

static uint32_t type_bytes(int32_t type) { return type == 0 || type == 2 ? 4 : 1; }

static weft_status host_range(weft_check *k, uint32_t region, uint32_t offset, uint64_t n_bytes, bool write) {
  if (region >= WEFT_N_REGIONS || offset > k->p->region_bytes[region] || n_bytes > k->p->region_bytes[region] - offset)
    return weft_check_fail(k, "a host operator outside of its region", "bytes of the region");
  uint64_t at;
  if (k->dram[region] &&
      weft_marks_visit(k, region, offset, offset + n_bytes, write ? write_by_host : weft_mark_written, &at))
    return weft_check_fail(k, "a host operator that reads what nobody wrote", "written bytes");
  return write && !k->dram[region] ? weft_check_fail(k, "a host operator that writes constants or inputs", "arena or outputs")
                                   : WEFT_OK;
}

static weft_status check_host(weft_check *k, const weft_prog_segment *s) {
  uint64_t n = (uint64_t)s->n_rows * s->n_cols;
  bool copy = s->kind == WEFT_SEG_COPY;
  WEFT_TRY(host_range(k, s->src_region, s->src_offset, n * (copy ? 1 : type_bytes(s->src_type)), false));
  return host_range(k, s->dst_region, s->dst_offset, n * (copy ? 1 : type_bytes(s->dst_type)), true);
}

static weft_status check_outputs(weft_check *k) {
  for (uint32_t n = 0; n < k->p->n_outputs; n++) {
    const weft_prog_io *io = &k->p->outputs[n];
    WEFT_TRY(host_range(k, io->region, io->offset, io->n_bytes, false));
  }
  return WEFT_OK;
}

static weft_status open_state(weft_check *k) {
  uint64_t bytes = (uint64_t)k->p->region_bytes[WEFT_REGION_ARENA] + k->p->region_bytes[WEFT_REGION_OUTPUT];
  if (bytes > UINT64_C(1) << 28)
    return weft_fail(k->diag, WEFT_E_CAP, k->p->model, weft_diag_text(k->diag, "%llu bytes of arena and outputs",
                     (unsigned long long)bytes), "256 MiB in the checker", NULL);
  k->depth = weft_spm_rows(k->c);
  k->spm = WEFT_NEW(k->arena, weft_check_mark, (size_t)k->c->rows * (size_t)k->depth);
  k->taps = WEFT_NEW(k->arena, weft_insn, k->c->taps);
  k->batch_of = WEFT_NEW(k->arena, int64_t, k->p->n_insns + 1);
  k->tap_known = WEFT_NEW(k->arena, bool, k->c->taps);
  weft_marks_open(k, WEFT_REGION_ARENA);
  weft_marks_open(k, WEFT_REGION_OUTPUT);
  return WEFT_OK;
}

static weft_status check_program(weft_check *k) {
  WEFT_TRY(open_state(k));
  for (uint32_t s = 0; s < k->p->n_segments; s++) {
    if (k->p->segments[s].kind != WEFT_SEG_ACCEL) {
      WEFT_TRY(check_host(k, &k->p->segments[s]));
      continue;
    }
    WEFT_TRY(check_segment(k, s));
    weft_marks_settle(k);
  }
  return check_outputs(k);
}

weft_status weft_program_verify(weft_diag *d, const weft_program *p, const weft_config *c) {
  weft_arena *arena = weft_arena_new();
  weft_check *k = WEFT_NEW(arena, weft_check, 1);
  k->arena = arena;
  k->diag = d;
  k->p = p;
  k->c = c;
  weft_status s = check_program(k);
  weft_arena_free(&arena);
  return s;
}
