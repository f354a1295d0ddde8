/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/builder.h"

#include <string.h>

weft_insn *weft_build_insn(weft_builder *b, weft_opcode op) {
  weft_arena *a = b->p->arena;
  b->slots = weft_arena_grow(a, b->slots, &b->cap_slots, (size_t)b->n_slots + 1, sizeof *b->slots);
  weft_slot *s = &b->slots[b->n_slots++];
  *s = (weft_slot){.insn = weft_insn_make(op), .first_access = b->n_accesses};
  return &s->insn;
}

static void fail_field(weft_builder *b, int64_t value) {
  if (b->status == WEFT_OK)
    b->status = weft_plan_fail(b->p, WEFT_E_NO_FIT, b->layer,
                               weft_diag_text(b->p->diag, "a dimension that one instruction cannot hold (%lld)", (long long)value),
                               "fewer channels, or a smaller image");
}

void weft_build_set(weft_builder *b, weft_insn *i, weft_field f, int64_t value) {
  if (weft_field_fits(f, value))
    weft_insn_set(i, f, value);
  else
    fail_field(b, value);
}

void weft_build_access(weft_builder *b, int space, bool write, int64_t lo, int64_t hi) {
  if (lo >= hi)
    return;
  weft_arena *a = b->p->arena;
  b->accesses = weft_arena_grow(a, b->accesses, &b->cap_accesses, (size_t)b->n_accesses + 1,
                                sizeof *b->accesses);
  b->accesses[b->n_accesses++] =
      (weft_access){.space = space, .write = write, .lo = (uint32_t)lo, .hi = (uint32_t)hi};
  b->slots[b->n_slots - 1].n_accesses++;
}

void weft_build_touch(weft_builder *b, const weft_operand *o, int buffer, bool write, int32_t l0, int32_t l1) {
  const weft_layout *t = &o->layout;
  int64_t banks = b->p->config->rows;
  for (int plane = 0; plane < (1 << (t->px + t->py)); plane++) {
    int64_t base = o->base[buffer] + (int64_t)plane * t->plane_rows;
    int64_t from = (int64_t)(l0 >> t->py) * t->pitch, to = (int64_t)(((l1 - 1) >> t->py) + 1) * t->pitch;
    if (t->g > 1) {
      from = from / banks * banks * t->g;
      to = (to + banks - 1) / banks * banks * t->g;
    }
    int64_t end = (int64_t)t->plane_rows * banks;
    weft_build_access(b, WEFT_SPACE_SPM, write, base * banks + from, base * banks + (to < end ? to : end));
  }
}

void weft_build_forget(weft_builder *b) {
  memset(&b->ex, 0, sizeof b->ex);
  memset(&b->ld, 0, sizeof b->ld);
  memset(&b->st, 0, sizeof b->st);
  memset(b->tap_known, 0, (size_t)b->p->config->taps * sizeof *b->tap_known);
  b->next_tap = b->busy_tap = b->n_busy_taps = 0;
  b->pending_mark = -1;
}

void weft_build_reg(weft_builder *b, weft_regs *r, int reg, weft_engfield f, int64_t value) {
  if (!r->asked[reg])
    r->want[reg] = 0;
  r->asked[reg] = true;
  if (weft_engfield_fits(f, value))
    weft_engreg_set(&r->want[reg], f, value);
  else
    fail_field(b, value);
}

typedef struct config_fields {
  weft_opcode op;
  weft_field reg_a, reg_b, val_a, val_b;
} config_fields;

static config_fields fields_of(const weft_builder *b, const weft_regs *r) {
  if (r == &b->ex)
    return (config_fields){WEFT_I_CFG, WEFT_F_CFG_REG_A, WEFT_F_CFG_REG_B, WEFT_F_CFG_VAL_A, WEFT_F_CFG_VAL_B};
  if (r == &b->ld)
    return (config_fields){WEFT_I_LCFG, WEFT_F_LCFG_REG_A, WEFT_F_LCFG_REG_B, WEFT_F_LCFG_VAL_A, WEFT_F_LCFG_VAL_B};
  return (config_fields){WEFT_I_SCFG, WEFT_F_SCFG_REG_A, WEFT_F_SCFG_REG_B, WEFT_F_SCFG_VAL_A, WEFT_F_SCFG_VAL_B};
}

void weft_build_flush(weft_builder *b, weft_regs *r) {
  config_fields f = fields_of(b, r);
  weft_insn *i = NULL;
  for (int reg = 0; reg < WEFT_N_EX_REGS; reg++) {
    bool write = r->asked[reg] && (!r->known[reg] || r->now[reg] != r->want[reg]);
    r->asked[reg] = false;
    if (!write)
      continue;
    r->known[reg] = true;
    r->now[reg] = r->want[reg];
    if (i) {
      weft_insn_set(i, f.reg_b, reg);
      weft_insn_set(i, f.val_b, r->want[reg]);
      i = NULL;
    } else {
      i = weft_build_insn(b, f.op);
      weft_insn_set(i, f.reg_a, reg);
      weft_insn_set(i, f.val_a, r->want[reg]);
      weft_insn_set(i, f.reg_b, 255);
    }
  }
}

static bool taps_equal(const weft_tap *a, const weft_tap *b) {
  return a->drow == b->drow && a->dmod == b->dmod && a->ylo == b->ylo && a->yhi == b->yhi &&
         a->xlo == b->xlo && a->xhi == b->xhi;
}

static int32_t find_taps(const weft_builder *b, const weft_tap *taps, int32_t n) {
  for (int32_t at = 0; at + n <= b->p->config->taps; at++) {
    int32_t k = 0;
    while (k < n && b->tap_known[at + k] && taps_equal(&b->taps[at + k], &taps[k]))
      k++;
    if (k == n)
      return at;
  }
  return -1;
}

/* A place that the last EXC does not read, if there is one: it may still run
 * while its successor's taps are written. */
static int32_t choose_place(const weft_builder *b, int32_t n) {
  int32_t all = b->p->config->taps, busy_end = b->busy_tap + b->n_busy_taps;
  int32_t places[] = {b->next_tap, busy_end, 0};
  for (int k = 0; k < 3; k++) {
    int32_t at = places[k];
    if (at + n <= all && (at >= busy_end || at + n <= b->busy_tap))
      return at;
  }
  return -1;
}

static void set_tap(weft_builder *b, int32_t index, const weft_tap *t) {
  weft_insn *i = weft_build_insn(b, WEFT_I_TAP);
  weft_build_set(b, i, WEFT_F_TAP_INDEX, index);
  weft_build_set(b, i, WEFT_F_TAP_DROW, t->drow);
  weft_build_set(b, i, WEFT_F_TAP_DMOD, t->dmod);
  weft_build_set(b, i, WEFT_F_TAP_YLO, t->ylo);
  weft_build_set(b, i, WEFT_F_TAP_YHI, t->yhi);
  weft_build_set(b, i, WEFT_F_TAP_XLO, t->xlo);
  weft_build_set(b, i, WEFT_F_TAP_XHI, t->xhi);
  b->taps[index] = *t;
  b->tap_known[index] = true;
}

int32_t weft_build_taps(weft_builder *b, const weft_tap *taps, int32_t n) {
  int32_t at = find_taps(b, taps, n);
  if (at < 0) {
    at = choose_place(b, n);
    if (at < 0) {                         /* wait for the last EXC to be done */
      weft_insn_set(weft_build_insn(b, WEFT_I_NOP), WEFT_H_QUEUE, WEFT_Q_EX);
      at = 0;
    }
    for (int32_t k = 0; k < n; k++)
      if (!b->tap_known[at + k] || !taps_equal(&b->taps[at + k], &taps[k]))
        set_tap(b, at + k, &taps[k]);
    b->next_tap = at + n;
  }
  b->busy_tap = at;
  b->n_busy_taps = n;
  return at;
}

void weft_build_mark(weft_builder *b) {
  if (b->pending_mark < 0)
    return;
  weft_insn *i = weft_build_insn(b, WEFT_I_MARK);
  weft_build_set(b, i, WEFT_F_MARK_ID, b->pending_mark);
  b->pending_mark = -1;
}

uint8_t *weft_build_constants(weft_builder *b, size_t n, uint32_t *offset) {
  size_t at = (b->n_constants + 63) & ~(size_t)63;
  b->constants = weft_arena_grow(b->p->arena, b->constants, &b->cap_constants, at + n, 1);
  b->n_constants = at + n;
  *offset = (uint32_t)at;
  return b->constants + at;
}
