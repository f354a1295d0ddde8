/* SPDX-License-Identifier: Apache-2.0 */
/* The backend row: opens a machine, runs a segment instruction by instruction. */
#include "sim/model/model.h"

#include <string.h>

#include "sim/model/exc.h"

enum { DEFAULT_MAX_WORK = 2000000000 };

weft_status model_fault(weft_model *m, const char *fault, const char *found, const char *allowed) {
  const weft_insn *i = &m->p->insns[m->pc];
  const char *name = weft_insn_name(i);
  return weft_fail(m->d, WEFT_E_FAULT,
                   weft_diag_text(m->d, "%s, instruction %u (%s)", m->p->model, m->pc, name ? name : "unknown"),
                   weft_diag_text(m->d, "%s: %s", fault, found), allowed,
                   "weft inspect shows the program; compile the network again");
}

weft_status model_work(weft_model *m, uint64_t n) {
  m->work += n;
  if (m->work > m->max_work)
    return weft_fail(m->d, WEFT_E_CAP, m->p->model,
                     weft_diag_text(m->d, "more than %llu steps", (unsigned long long)m->max_work),
                     "the work cap", "raise --max-cycles");
  return weft_interrupted() ? WEFT_E_INTERRUPTED : WEFT_OK;
}

static weft_status model_open(weft_arena *arena, weft_diag *d, const weft_config *c, const weft_backend_options *o,
                              void **self) {
  WEFT_TRY(weft_config_check(d, c));
  weft_model *m = WEFT_NEW(arena, weft_model, 1);
  size_t n_bytes;
  m->arena = arena;
  m->config = *c;
  if (o != NULL)
    m->options = *o;
  m->rows = c->rows;
  m->cols = c->cols;
  while ((1 << m->log_rows) < m->rows)
    m->log_rows++;
  m->depth = (uint32_t)weft_spm_rows(c);
  m->spm = WEFT_NEW(arena, uint8_t, (size_t)c->spm_kib * 1024);
  m->fast = model_fast_new(arena);
  uint8_t *spm = weft_model_scratchpad(m, &n_bytes);
  weft_rng rng = {m->options.poison_seed};
  for (size_t k = 0; m->options.poison && k < n_bytes; k++)
    spm[k] = weft_rng_byte(&rng);
  *self = m;
  return WEFT_OK;
}

static weft_status take_tokens(weft_model *m, const weft_insn *i) {
  int64_t id = weft_insn_get(i, WEFT_H_WAIT_ID), n = weft_insn_get(i, WEFT_H_WAIT_N);
  if (m->semaphores[id] < n)
    return model_fault(m, "WATCHDOG", weft_diag_text(m->d, "semaphore %d holds %d", (int)id, m->semaphores[id]),
                       weft_diag_text(m->d, "the %d that it waits for", (int)n));
  m->semaphores[id] -= (int32_t)n;
  return WEFT_OK;
}

static weft_status give_tokens(weft_model *m, const weft_insn *i) {
  int64_t id = weft_insn_get(i, WEFT_H_SIG_ID), n = weft_insn_get(i, WEFT_H_SIG_N);
  if (m->semaphores[id] + n > 15)
    return model_fault(m, "ILLEGAL", weft_diag_text(m->d, "semaphore %d at %d", (int)id, (int)(m->semaphores[id] + n)),
                       "at most 15");
  m->semaphores[id] += (int32_t)n;
  return WEFT_OK;
}

static weft_status dispatch(weft_model *m, const weft_insn *i) {
  switch ((weft_opcode)weft_insn_get(i, WEFT_H_OP)) {
  case WEFT_I_CFG:
  case WEFT_I_LCFG:
  case WEFT_I_SCFG:
    return model_cfg(m, i);
  case WEFT_I_TAP:
    return model_tap_insn(m, i);
  case WEFT_I_EXC:
    return model_exc(m, i);
  case WEFT_I_LD:
    return model_ld(m, i);
  case WEFT_I_ST:
    return model_st(m, i);
  case WEFT_I_WT:
    return model_wt_insn(m, i);
  case WEFT_I_NOP:
  case WEFT_I_MARK:
  case WEFT_I_END:
    break;
  }
  return model_work(m, 1);
}

weft_status model_execute(weft_model *m, const weft_insn *i) {
  const char *why = weft_insn_illegal(i);
  if (why != NULL)
    return model_fault(m, "ILLEGAL", why, "a legal instruction");
  if (!weft_insn_is_ordered(i))
    return dispatch(m, i);
  WEFT_TRY(take_tokens(m, i));
  WEFT_TRY(dispatch(m, i));
  return give_tokens(m, i);
}

static weft_status end_of_segment(weft_model *m) {
  if (m->words_left != 0 || m->sets_left != 0)
    return model_fault(m, "ILLEGAL", weft_diag_text(m->d, "%llu ring words and %llu parameter sets left",
                                                    (unsigned long long)m->words_left, (unsigned long long)m->sets_left),
                       "none at END");
  if (m->acc_rows != 0)
    return model_fault(m, "ILLEGAL", "an accumulation that was never drained", "LAST_K = 1 before END");
  return WEFT_OK;
}

static void start(weft_model *m) {
  memset(m->semaphores, 0, sizeof m->semaphores);
  m->n_wts = 0;
  m->words = m->sets = (model_cursor){0};
  m->words_left = m->sets_left = 0;
  m->acc_rows = 0;
  m->work = 0;
  m->max_work = m->options.max_cycles != 0 ? m->options.max_cycles : DEFAULT_MAX_WORK;
  model_fast_forget(m->fast);
}

static weft_status run_insns(weft_model *m, const weft_prog_segment *s, uint32_t segment, weft_tensor_seen seen,
                             void *user) {
  for (uint32_t k = 0; k < s->n_insns; k++) {
    m->pc = s->first_insn + k;
    const weft_insn *i = &m->p->insns[m->pc];
    WEFT_TRY(model_execute(m, i));
    if (seen != NULL)
      WEFT_TRY(model_show(m, segment, m->pc, seen, user));
    if (weft_insn_get(i, WEFT_H_OP) == WEFT_I_END) {
      WEFT_TRY(end_of_segment(m));
      return seen != NULL ? model_show(m, segment, UINT32_MAX, seen, user) : WEFT_OK;
    }
  }
  return model_fault(m, "NO_END", "no END", "END within the segment");
}

static weft_status run_shuffled(weft_model *m, const weft_prog_segment *s, uint32_t segment, weft_tensor_seen seen,
                                void *user) {
  WEFT_TRY(model_run_shuffled(m, s, m->shuffle_seed++));
  m->pc = s->first_insn + s->n_insns - 1;
  WEFT_TRY(end_of_segment(m));
  return seen != NULL ? model_show(m, segment, UINT32_MAX, seen, user) : WEFT_OK;
}

static weft_status model_run(void *self, weft_diag *d, const weft_program *p, uint32_t segment,
                             uint8_t *const regions[4], weft_tensor_seen seen, void *user, weft_run_stats *stats) {
  weft_model *m = self;
  (void)stats;
  if (segment >= p->n_segments || p->segments[segment].kind != WEFT_SEG_ACCEL)
    return weft_fail(d, WEFT_E_ARG, p->model, "a segment that is not the accelerator's", "an ACCEL segment", NULL);
  if (m->p == NULL || m->p->config_hash != p->config_hash)
    WEFT_TRY(weft_program_match(d, p, &m->config));
  m->d = d;
  m->p = p;
  m->regions = regions;
  start(m);
  weft_status s = m->shuffled ? run_shuffled(m, &p->segments[segment], segment, seen, user)
                              : run_insns(m, &p->segments[segment], segment, seen, user);
  m->d = NULL;
  return s;
}

static void model_close(void *self) { (void)self; }

const weft_backend weft_backend_model = {
  .name = "model", .open = model_open, .run = model_run, .close = model_close};

uint8_t *weft_model_scratchpad(void *self, size_t *n_bytes) {
  weft_model *m = self;
  *n_bytes = (size_t)m->rows * m->depth * (size_t)m->cols;
  return m->spm;
}

void weft_model_set_plain(void *self, bool plain) { ((weft_model *)self)->plain = plain; }

void weft_model_shuffle(void *self, uint64_t seed) {
  weft_model *m = self;
  m->shuffled = true;
  m->shuffle_seed = seed;
}
