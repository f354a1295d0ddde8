/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the binary form. Nothing in the file is trusted: a cursor never leaves
 * its section, and counts are bounded by the bytes that are left. */
#include <string.h>

#include "isa/isa_table.h"
#include "isa/program_rec.h"

typedef struct cursor {
  weft_arena *arena;
  weft_diag *d;
  const char *path;
  const uint8_t *at, *end, *start;
} cursor;

static size_t left(const cursor *c) { return (size_t)(c->end - c->at); }

static weft_status damaged(const cursor *c, const char *found, const char *allowed) {
  return weft_fail(c->d, WEFT_E_PROGRAM,
                   weft_diag_text(c->d, "%s, byte %zu", c->path, (size_t)(c->at - c->start)), found,
                   allowed, "compile the network again");
}

static weft_status get_u32(cursor *c, uint32_t *v) {
  if (left(c) < 4)
    return damaged(c, "end of section", "4 more bytes");
  *v = weft_le32(c->at);
  c->at += 4;
  return WEFT_OK;
}

static weft_status get_string(cursor *c, const char **out) {
  uint32_t n;
  WEFT_TRY(get_u32(c, &n));
  if (n > left(c) || n > WEFT_PROGRAM_MAX_STRING)
    return damaged(c, weft_diag_text(c->d, "a string of %u bytes", n), "at most what the section holds");
  if (memchr(c->at, '\0', n) != NULL)
    return damaged(c, "a string with a NUL byte", "text");
  char *text = weft_arena_alloc(c->arena, (size_t)n + 1, 1);
  memcpy(text, c->at, n);
  c->at += n;
  *out = text;
  return WEFT_OK;
}

static weft_status get_words(cursor *c, uint8_t *at, int n) {
  for (int k = 0; k < n; k++) {
    uint32_t v;
    WEFT_TRY(get_u32(c, &v));
    memcpy(at + 4 * k, &v, 4);
  }
  return WEFT_OK;
}

static weft_status get_field(cursor *c, const weft_rec_field *f, uint8_t *at) {
  const char *text = NULL;
  uint32_t half[2] = {0, 0};
  uint64_t wide;
  switch (f->kind) {
  case WEFT_REC_STRING:
    WEFT_TRY(get_string(c, &text));
    memcpy(at, &text, sizeof text);
    return WEFT_OK;
  case WEFT_REC_U64:
    WEFT_TRY(get_u32(c, &half[0]));
    WEFT_TRY(get_u32(c, &half[1]));
    wide = half[0] | (uint64_t)half[1] << 32;
    memcpy(at, &wide, sizeof wide);
    return WEFT_OK;
  case WEFT_REC_SHAPE:
    return get_words(c, at, 8);
  case WEFT_REC_REGIONS:
    return get_words(c, at, 4);
  case WEFT_REC_U32:
  case WEFT_REC_I32:
  case WEFT_REC_F32:
    break;
  }
  return get_words(c, at, 1);
}

static weft_status section_open(cursor *file, uint32_t tag, cursor *section) {
  uint32_t found = 0, n = 0;
  WEFT_TRY(get_u32(file, &found));
  WEFT_TRY(get_u32(file, &n));
  if (found != tag)
    return damaged(file, weft_diag_text(file->d, "section 0x%08x", found),
                   weft_diag_text(file->d, "section 0x%08x", tag));
  if (n > left(file))
    return damaged(file, weft_diag_text(file->d, "a section of %u bytes", n),
                   weft_diag_text(file->d, "at most the %zu that are left", left(file)));
  *section = *file;
  section->end = file->at + n;
  file->at += n;
  return WEFT_OK;
}

static size_t record_min_bytes(const weft_rec *rec) {
  size_t n = 0;
  for (size_t f = 0; f < rec->n_fields; f++) {
    weft_rec_kind kind = rec->fields[f].kind;
    n += kind == WEFT_REC_SHAPE ? 32 : kind == WEFT_REC_REGIONS ? 16 : kind == WEFT_REC_U64 ? 8 : 4;
  }
  return n;
}

static weft_status get_records(cursor *file, const weft_rec *rec, void *into, void **items, uint32_t *n) {
  cursor c = *file;
  WEFT_TRY(section_open(file, rec->tag, &c));
  WEFT_TRY(get_u32(&c, n));
  if (*n > left(&c) / record_min_bytes(rec) || (into != NULL && *n != 1))
    return damaged(&c, weft_diag_text(c.d, "%u records", *n), "as many as the section holds");
  uint8_t *rows = into != NULL ? into : weft_arena_alloc(c.arena, *n, rec->bytes);
  for (uint32_t k = 0; k < *n; k++)
    for (size_t f = 0; f < rec->n_fields; f++)
      WEFT_TRY(get_field(&c, &rec->fields[f], rows + k * rec->bytes + rec->fields[f].at));
  if (left(&c) != 0)
    return damaged(&c, weft_diag_text(c.d, "%zu bytes behind the records", left(&c)), "none");
  *items = rows;
  return WEFT_OK;
}

static weft_status get_insns(cursor *file, weft_program *p) {
  cursor c = *file;
  WEFT_TRY(section_open(file, WEFT_TAG_INSNS, &c));
  if (left(&c) % WEFT_INSN_BYTES != 0)
    return damaged(&c, weft_diag_text(c.d, "%zu bytes of instructions", left(&c)), "a multiple of 16");
  p->n_insns = (uint32_t)(left(&c) / WEFT_INSN_BYTES);
  weft_insn *insns = WEFT_NEW(c.arena, weft_insn, p->n_insns);
  for (uint32_t k = 0; k < p->n_insns; k++)
    insns[k] = weft_insn_load(c.at + (size_t)k * WEFT_INSN_BYTES);
  p->insns = insns;
  return WEFT_OK;
}

static weft_status get_constants(cursor *file, weft_program *p) {
  cursor c = *file;
  WEFT_TRY(section_open(file, WEFT_TAG_CONSTANTS, &c));
  p->constants = (weft_span){weft_arena_copy(c.arena, c.at, left(&c)), left(&c)};
  if (left(file) != 0)
    return damaged(file, weft_diag_text(file->d, "%zu bytes behind the last section", left(file)), "none");
  return WEFT_OK;
}

static weft_status check_header(cursor *c, weft_span bytes) {
  if (!weft_program_is(bytes))
    return damaged(c, "another kind of file", "a program file, magic " WEFT_PROGRAM_MAGIC);
  if (bytes.size < WEFT_PROGRAM_HEADER_BYTES)
    return damaged(c, weft_diag_text(c->d, "%zu bytes", bytes.size), "a header of 24 bytes");
  if (weft_le32(bytes.data + 8) != WEFT_PROGRAM_FORMAT)
    return damaged(c, weft_diag_text(c->d, "format version %u", weft_le32(bytes.data + 8)), "format version 1");
  if (weft_le32(bytes.data + 12) != bytes.size)
    return damaged(c, weft_diag_text(c->d, "%zu bytes", bytes.size),
                   weft_diag_text(c->d, "the %u bytes that its header states", weft_le32(bytes.data + 12)));
  uint32_t crc = weft_crc32(bytes.data + WEFT_PROGRAM_CRC_AT, bytes.size - WEFT_PROGRAM_CRC_AT, 0);
  if (weft_le32(bytes.data + 16) != crc)
    return damaged(c, weft_diag_text(c->d, "CRC-32 0x%08x", crc),
                   weft_diag_text(c->d, "0x%08x, as its header states", weft_le32(bytes.data + 16)));
  if (weft_le32(bytes.data + 20) != weft_isa_version)
    return damaged(c, weft_diag_text(c->d, "ISA version %u", weft_le32(bytes.data + 20)),
                   weft_diag_text(c->d, "ISA version %u", weft_isa_version));
  return WEFT_OK;
}

weft_status weft_program_load(weft_arena *arena, weft_diag *d, const char *path, weft_span bytes,
                              weft_program **out) {
  cursor c = {.arena = arena, .d = d, .path = path};
  c.start = c.at = bytes.data;
  c.end = bytes.data + bytes.size;
  WEFT_TRY(check_header(&c, bytes));
  c.at += WEFT_PROGRAM_HEADER_BYTES;
  weft_program *p = WEFT_NEW(arena, weft_program, 1);
  void *items;
  uint32_t n;
  WEFT_TRY(get_records(&c, &weft_recs[WEFT_REC_PROGRAM], p, &items, &n));
  for (int id = WEFT_REC_INPUT; id < WEFT_N_RECS; id++) {
    WEFT_TRY(get_records(&c, &weft_recs[id], NULL, &items, &n));
    weft_rec_set_list(p, (weft_rec_id)id, items, n);
  }
  WEFT_TRY(get_insns(&c, p));
  WEFT_TRY(get_constants(&c, p));
  WEFT_TRY(weft_program_check(arena, d, path, p));
  *out = p;
  return WEFT_OK;
}
