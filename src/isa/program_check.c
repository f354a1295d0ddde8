/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of a program before anything runs it, beyond its container.
 * Whether it is *safe* on the machine (hazards, tokens) is weft_program_verify's
 * question. */
#include <math.h>
#include <string.h>

#include "isa/program_rec.h"

enum { TYPE_FLOAT32 = 0, TYPE_INT32 = 2, TYPE_UINT8 = 3, TYPE_INT16 = 7, TYPE_INT8 = 9 };

typedef struct check {
  weft_diag *d;
  const char *path;
  const weft_program *p;
  const weft_config *c;
} check;

static weft_status broken(const check *k, const char *what, uint32_t index, const char *found,
                          const char *allowed) {
  return weft_fail(k->d, WEFT_E_PROGRAM, weft_diag_text(k->d, "%s, %s %u", k->path, what, index), found,
                   allowed, "compile the network again");
}

static uint64_t type_bytes(int32_t type) {
  switch (type) {
  case TYPE_FLOAT32:
  case TYPE_INT32:
    return 4;
  case TYPE_INT16:
    return 2;
  case TYPE_UINT8:
  case TYPE_INT8:
    return 1;
  default:
    return 0;
  }
}

/* Bytes of a dense tensor, 0 if the shape or type is no shape or type. */
static uint64_t dense_bytes(int32_t type, int32_t rank, const int32_t shape[8]) {
  uint64_t n = type_bytes(type);
  if (rank < 0 || rank > 8)
    return 0;
  for (int32_t k = 0; k < rank; k++) {
    if (shape[k] < 1 || n > UINT32_MAX)
      return 0;
    n *= (uint64_t)shape[k];
  }
  return n <= UINT32_MAX ? n : 0;
}

static bool in_region(const check *k, uint32_t region, uint64_t offset, uint64_t n) {
  return region < WEFT_N_REGIONS && offset + n <= k->p->region_bytes[region];
}

static weft_status check_io(const check *k, const char *what, uint32_t region, const weft_prog_io *io,
                            uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    uint64_t bytes = dense_bytes(io[i].type, io[i].rank, io[i].shape);
    if (bytes == 0 || bytes != io[i].n_bytes)
      return broken(k, what, i, weft_diag_text(k->d, "%u bytes", io[i].n_bytes), "type and shape that give its size");
    if (io[i].region != region || !in_region(k, region, io[i].offset, bytes))
      return broken(k, what, i, weft_diag_text(k->d, "region %u, offset %u", io[i].region, io[i].offset),
                    "a place inside its region");
    if (!isfinite(io[i].scale))
      return broken(k, what, i, "a scale that is not finite", "a finite scale");
  }
  return WEFT_OK;
}

static weft_status check_layout(const check *k, uint32_t i, const weft_prog_tensor *t, uint64_t bytes) {
  uint64_t dense = (uint64_t)t->h * t->w;
  if (dense > UINT32_MAX || dense * t->c != bytes || type_bytes(t->type) != 1)
    return broken(k, "tensor", i, weft_diag_text(k->d, "%u x %u x %u", t->h, t->w, t->c),
                  "as many bytes as its shape");
  uint64_t word = (uint64_t)k->c->word_bytes;
  if (t->mod >= (uint32_t)k->c->rows || t->g < (t->c + word - 1) / word || t->px > 1 || t->py > 1 ||
      t->row >= (uint32_t)weft_spm_rows(k->c))
    return broken(k, "tensor", i, weft_diag_text(k->d, "row %u, mod %u, g %u, px %u, py %u", t->row, t->mod,
                                                 t->g, t->px, t->py),
                  "a layout of the scratchpad");
  return WEFT_OK;
}

static weft_status check_tensors(const check *k) {
  for (uint32_t i = 0; i < k->p->n_tensors; i++) {
    const weft_prog_tensor *t = &k->p->tensors[i];
    uint64_t bytes = dense_bytes(t->type, t->rank, t->shape);
    if (bytes == 0)
      return broken(k, "tensor", i, "no dense size", "a type and a shape");
    if (t->place == WEFT_IN_DRAM && !in_region(k, t->region, t->offset, bytes))
      return broken(k, "tensor", i, weft_diag_text(k->d, "region %u, offset %u", t->region, t->offset),
                    "a place inside its region");
    if (t->place == WEFT_IN_SPM)
      WEFT_TRY(check_layout(k, i, t, bytes));
    if (t->place > WEFT_IN_DRAM || t->segment >= k->p->n_segments)
      return broken(k, "tensor", i, weft_diag_text(k->d, "place %u, segment %u", t->place, t->segment),
                    "a place and a segment of the program");
    const weft_prog_segment *s = &k->p->segments[t->segment];
    if (t->insn != UINT32_MAX && (s->kind != WEFT_SEG_ACCEL || t->insn < s->first_insn ||
                                  t->insn - s->first_insn >= s->n_insns))
      return broken(k, "tensor", i, weft_diag_text(k->d, "instruction %u", t->insn), "an instruction of its segment");
  }
  return WEFT_OK;
}

static weft_status check_accel(const check *k, uint32_t i, const weft_prog_segment *s) {
  if (s->first_insn % 4 != 0 || s->n_insns < 1 || s->first_insn > k->p->n_insns ||
      s->n_insns > k->p->n_insns - s->first_insn)
    return broken(k, "segment", i, weft_diag_text(k->d, "instructions %u + %u", s->first_insn, s->n_insns),
                  "a range of the program that starts at a multiple of 4");
  const weft_insn *last = &k->p->insns[s->first_insn + s->n_insns - 1];
  if (weft_insn_get(last, WEFT_H_OP) != WEFT_I_END)
    return broken(k, "segment", i, "no END", "END as its last instruction");
  return WEFT_OK;
}

static bool quantized(int32_t type, int32_t zero_point, float scale) {
  int32_t lo = type == TYPE_INT8 ? -128 : 0;
  return (type == TYPE_INT8 || type == TYPE_UINT8) && zero_point >= lo && zero_point <= lo + 255 &&
         isfinite(scale) && scale > 0;
}

static bool host_types_fit(const weft_prog_segment *s) {
  bool src_quantized = quantized(s->src_type, s->src_zero_point, s->src_scale);
  bool dst_quantized = quantized(s->dst_type, s->dst_zero_point, s->dst_scale);
  switch (s->kind) {
  case WEFT_SEG_SOFTMAX:
    return src_quantized && s->src_type == TYPE_INT8 && s->dst_type == TYPE_INT8 && isfinite(s->beta) &&
           s->beta > 0;
  case WEFT_SEG_LOGISTIC:
    return src_quantized && s->src_type == TYPE_INT8 && s->dst_type == TYPE_INT8 && s->src_scale >= 0x1p-28f &&
           s->src_scale <= 0x1p30f;
  case WEFT_SEG_QUANTIZE:
    return dst_quantized && (src_quantized || s->src_type == TYPE_FLOAT32);
  case WEFT_SEG_DEQUANTIZE:
    return src_quantized && s->dst_type == TYPE_FLOAT32;
  default:
    return s->kind == WEFT_SEG_COPY;
  }
}

static weft_status check_host(const check *k, uint32_t i, const weft_prog_segment *s) {
  uint64_t n = (uint64_t)s->n_rows * s->n_cols;
  bool copy = s->kind == WEFT_SEG_COPY;
  if (!host_types_fit(s))
    return broken(k, "segment", i, weft_diag_text(k->d, "kind %u, types %d and %d", s->kind, s->src_type, s->dst_type),
                  "a host operator with its types, scales and zero points");
  uint64_t src_bytes = n <= UINT32_MAX ? n * (copy ? 1 : type_bytes(s->src_type)) : UINT64_MAX / 2;
  uint64_t dst_bytes = n <= UINT32_MAX ? n * (copy ? 1 : type_bytes(s->dst_type)) : UINT64_MAX / 2;
  bool aligned = copy || (s->src_offset % type_bytes(s->src_type) == 0 && s->dst_offset % type_bytes(s->dst_type) == 0);
  if (n == 0 || !aligned || !in_region(k, s->src_region, s->src_offset, src_bytes) ||
      s->dst_region == WEFT_REGION_CONST || !in_region(k, s->dst_region, s->dst_offset, dst_bytes))
    return broken(k, "segment", i, weft_diag_text(k->d, "%u x %u elements at region %u + %u, %u + %u", s->n_rows,
                                                  s->n_cols, s->src_region, s->src_offset, s->dst_region, s->dst_offset),
                  "aligned places inside their regions");
  return WEFT_OK;
}

static weft_status check_segments(const check *k) {
  if (k->p->n_segments < 1)
    return broken(k, "segment", 0, "none", "at least one segment");
  for (uint32_t i = 0; i < k->p->n_segments; i++) {
    const weft_prog_segment *s = &k->p->segments[i];
    WEFT_TRY(s->kind == WEFT_SEG_ACCEL ? check_accel(k, i, s) : check_host(k, i, s));
  }
  return WEFT_OK;
}

static weft_status check_code(const check *k) {
  const weft_program *p = k->p;
  for (uint32_t i = 0; i < p->n_insns; i++) {
    const char *why = weft_insn_illegal(&p->insns[i]);
    if (why != NULL)
      return broken(k, "instruction", i, why, "a legal instruction");
  }
  for (uint32_t i = 0; i < p->n_fused; i++)
    if (p->fused[i].insn >= p->n_insns)
      return broken(k, "fused tensor", i, weft_diag_text(k->d, "instruction %u", p->fused[i].insn),
                    "an instruction of the program");
  uint64_t code = ((uint64_t)p->n_insns * WEFT_INSN_BYTES + 63) & ~UINT64_C(63);
  if (p->constants_offset != code || code + p->constants.size > p->region_bytes[WEFT_REGION_CONST])
    return broken(k, "region", 0, weft_diag_text(k->d, "constants of %zu bytes at %u", p->constants.size,
                                                 p->constants_offset),
                  "the first multiple of 64 behind the instructions, inside region 0");
  return WEFT_OK;
}

weft_status weft_program_check(weft_arena *arena, weft_diag *d, const char *path, const weft_program *p) {
  weft_config *c = NULL;
  check k = {.d = d, .path = path, .p = p};
  weft_span yaml = {(const uint8_t *)p->config_text, strlen(p->config_text)};
  if (weft_config_parse(arena, NULL, path, yaml, &c) != WEFT_OK)
    return broken(&k, "section", 0, "a configuration that is not valid", "the machine it was compiled for");
  if (weft_config_hash(c) != p->config_hash)
    return weft_fail(d, WEFT_E_CONFIG_HASH, path,
                     weft_diag_text(d, "hash %016llx", (unsigned long long)p->config_hash),
                     weft_diag_text(d, "%016llx, the hash of the configuration inside",
                                    (unsigned long long)weft_config_hash(c)),
                     "compile the network again");
  if (strcmp(weft_config_text(arena, c), p->config_text) != 0)
    return broken(&k, "section", 0, "a configuration in another form", "its canonical text");
  k.c = c;
  WEFT_TRY(check_code(&k));
  WEFT_TRY(check_segments(&k));
  WEFT_TRY(check_io(&k, "input", WEFT_REGION_INPUT, p->inputs, p->n_inputs));
  WEFT_TRY(check_io(&k, "output", WEFT_REGION_OUTPUT, p->outputs, p->n_outputs));
  return check_tensors(&k);
}

weft_status weft_program_match(weft_diag *d, const weft_program *p, const weft_config *c) {
  if (weft_config_hash(c) == p->config_hash)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_CONFIG_HASH, weft_diag_text(d, "program of %s", p->model),
                   weft_diag_text(d, "machine %s, hash %016llx", c->name, (unsigned long long)weft_config_hash(c)),
                   weft_diag_text(d, "the machine it was compiled for, hash %016llx", (unsigned long long)p->config_hash),
                   "leave -c away, or compile the network for this machine");
}
