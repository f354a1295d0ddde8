/* SPDX-License-Identifier: Apache-2.0 */
#include "isa/isa.h"

#include <assert.h>
#include <string.h>

#include "isa/isa_table.h"

#define ISA_ANY WEFT_Q_ANY
#define ISA_LD WEFT_Q_LD
#define ISA_WT WEFT_Q_WT
#define ISA_EX WEFT_Q_EX
#define ISA_ST WEFT_Q_ST
#define ISA_CTL WEFT_Q_CTL

const weft_isa_insn weft_isa_insns[] = {
#define INSN(name, opcode, queue, ordered, doc) {#name, opcode, ISA_##queue, ordered},
#include "isa.def"
};
const size_t weft_isa_n_insns = sizeof weft_isa_insns / sizeof weft_isa_insns[0];

const weft_isa_field weft_isa_fields[WEFT_N_FIELDS] = {
#define HEADER(name, lsb, width, doc) {#name, 0, lsb, width, 'U'},
#include "isa.def"
#define FIELD(insn, name, lsb, width, kind, doc) \
  {#name, WEFT_I_##insn, lsb, width, #kind[0]},
#include "isa.def"
};

const weft_isa_engreg weft_isa_engregs[] = {
#define ENGREG(queue, name, index, doc) {#name, WEFT_Q_##queue, index},
#include "isa.def"
};
const size_t weft_isa_n_engregs = sizeof weft_isa_engregs / sizeof weft_isa_engregs[0];

const weft_isa_engfield weft_isa_engfields[WEFT_N_ENGFIELDS] = {
#define ENGFIELD(queue, reg, name, lsb, width, kind, doc) \
  {#name, WEFT_Q_##queue, WEFT_REG_##queue##_##reg, lsb, width, #kind[0]},
#include "isa.def"
};

const char *const weft_isa_queue_names[WEFT_N_QUEUES] = {
#define QUEUE(name, code, doc) [code] = #name,
#include "isa.def"
};

const uint32_t weft_isa_version = ISA_VERSION;

static uint64_t low_bits(int n) {
  return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static uint64_t bits_get(const weft_insn *i, int lsb, int width) {
  uint64_t v;
  if (lsb >= 64)
    v = i->hi >> (lsb - 64);
  else if (lsb + width <= 64)
    v = i->lo >> lsb;
  else
    v = i->lo >> lsb | i->hi << (64 - lsb);
  return v & low_bits(width);
}

static void bits_set(weft_insn *i, int lsb, int width, uint64_t v) {
  for (int b = 0; b < width; b++) {
    int at = lsb + b;
    uint64_t *half = at < 64 ? &i->lo : &i->hi;
    uint64_t bit = UINT64_C(1) << (at & 63);
    *half = (v >> b & 1) != 0 ? *half | bit : *half & ~bit;
  }
}

static int64_t extend(uint64_t v, int width, char kind) {
  if (kind == 'S' && (v >> (width - 1) & 1) != 0)
    v |= ~low_bits(width);
  return (int64_t)v;
}

static bool fits(int64_t v, int width, char kind) {
  if (kind == 'S') {
    int64_t half = INT64_C(1) << (width - 1);
    return v >= -half && v < half;
  }
  return v >= 0 && (uint64_t)v <= low_bits(width);
}

const weft_isa_insn *weft_isa_find(int opcode) {
  for (size_t k = 0; k < weft_isa_n_insns; k++)
    if (weft_isa_insns[k].opcode == opcode)
      return &weft_isa_insns[k];
  return NULL;
}

weft_insn weft_insn_make(weft_opcode op) {
  weft_insn i = {0, 0};
  const weft_isa_insn *row = weft_isa_find((int)op);
  assert(row != NULL);
  weft_insn_set(&i, WEFT_H_OP, (int64_t)op);
  if (row->queue != WEFT_Q_ANY)
    weft_insn_set(&i, WEFT_H_QUEUE, row->queue);
  return i;
}

void weft_insn_set(weft_insn *i, weft_field f, int64_t value) {
  const weft_isa_field *row = &weft_isa_fields[f];
  assert(weft_field_fits(f, value));
  assert(row->opcode == 0 || bits_get(i, 0, 6) == (uint64_t)row->opcode);
  bits_set(i, row->lsb, row->width, (uint64_t)value);
}

int64_t weft_insn_get(const weft_insn *i, weft_field f) {
  const weft_isa_field *row = &weft_isa_fields[f];
  return extend(bits_get(i, row->lsb, row->width), row->width, row->kind);
}

bool weft_field_fits(weft_field f, int64_t value) {
  return fits(value, weft_isa_fields[f].width, weft_isa_fields[f].kind);
}

void weft_engreg_set(uint32_t *reg, weft_engfield f, int64_t value) {
  const weft_isa_engfield *row = &weft_isa_engfields[f];
  assert(weft_engfield_fits(f, value));
  uint32_t mask = (uint32_t)low_bits(row->width) << row->lsb;
  *reg = (*reg & ~mask) | ((uint32_t)value << row->lsb & mask);
}

int64_t weft_engreg_get(uint32_t reg, weft_engfield f) {
  const weft_isa_engfield *row = &weft_isa_engfields[f];
  return extend(reg >> row->lsb & low_bits(row->width), row->width, row->kind);
}

bool weft_engfield_fits(weft_engfield f, int64_t value) {
  return fits(value, weft_isa_engfields[f].width, weft_isa_engfields[f].kind);
}

const weft_isa_engreg *weft_isa_engreg_find(int queue, int64_t index) {
  for (size_t k = 0; k < weft_isa_n_engregs; k++)
    if (weft_isa_engregs[k].queue == queue && weft_isa_engregs[k].index == index)
      return &weft_isa_engregs[k];
  return NULL;
}

const char *weft_insn_name(const weft_insn *i) {
  const weft_isa_insn *row = weft_isa_find((int)bits_get(i, 0, 6));
  return row != NULL ? row->name : NULL;
}

bool weft_insn_is_ordered(const weft_insn *i) {
  const weft_isa_insn *row = weft_isa_find((int)bits_get(i, 0, 6));
  return row != NULL && row->ordered;
}

weft_queue weft_insn_queue(const weft_insn *i) {
  return (weft_queue)weft_insn_get(i, WEFT_H_QUEUE);
}

void weft_insn_store(const weft_insn *i, uint8_t bytes[WEFT_INSN_BYTES]) {
  weft_put_le64(bytes, i->lo);
  weft_put_le64(bytes + 8, i->hi);
}

weft_insn weft_insn_load(const uint8_t bytes[WEFT_INSN_BYTES]) {
  weft_insn i = {weft_le64(bytes), weft_le64(bytes + 8)};
  return i;
}
