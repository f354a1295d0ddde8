/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "isa/isa_table.h"
#include "isa/program_rec.h"

typedef struct store {
  weft_arena *arena;
  uint8_t *bytes;
  size_t n, cap;
} store;

static uint8_t *room(store *s, size_t n) {
  s->bytes = weft_arena_grow(s->arena, s->bytes, &s->cap, s->n + n, 1);
  uint8_t *at = s->bytes + s->n;
  s->n += n;
  return at;
}

static void put_u32(store *s, uint32_t v) { weft_put_le32(room(s, 4), v); }
static void put_u64(store *s, uint64_t v) { weft_put_le64(room(s, 8), v); }

static void put_bytes(store *s, const void *data, size_t n) {
  if (n != 0)
    memcpy(room(s, n), data, n);
}

static void put_words(store *s, const uint8_t *at, int n) {
  for (int k = 0; k < n; k++) {
    uint32_t v;
    memcpy(&v, at + 4 * k, 4);
    put_u32(s, v);
  }
}

static void put_field(store *s, const weft_rec_field *f, const uint8_t *at) {
  const char *string;
  uint64_t wide;
  switch (f->kind) {
  case WEFT_REC_STRING:
    memcpy(&string, at, sizeof string);
    string = string != NULL ? string : "";
    put_u32(s, (uint32_t)strlen(string));
    put_bytes(s, string, strlen(string));
    break;
  case WEFT_REC_U64:
    memcpy(&wide, at, sizeof wide);
    put_u64(s, wide);
    break;
  case WEFT_REC_U32:
  case WEFT_REC_I32:
  case WEFT_REC_F32:
    put_words(s, at, 1);
    break;
  case WEFT_REC_SHAPE:
    put_words(s, at, 8);
    break;
  case WEFT_REC_REGIONS:
    put_words(s, at, 4);
    break;
  }
}

static size_t section_begin(store *s, uint32_t tag) {
  put_u32(s, tag);
  put_u32(s, 0);
  return s->n;
}

static void section_end(store *s, size_t begin) {
  weft_put_le32(s->bytes + begin - 4, (uint32_t)(s->n - begin));
}

static void put_records(store *s, const weft_rec *rec, const void *items, uint32_t n) {
  size_t begin = section_begin(s, rec->tag);
  put_u32(s, n);
  for (uint32_t k = 0; k < n; k++)
    for (size_t f = 0; f < rec->n_fields; f++)
      put_field(s, &rec->fields[f], (const uint8_t *)items + k * rec->bytes + rec->fields[f].at);
  section_end(s, begin);
}

weft_status weft_program_store(weft_arena *arena, const weft_program *p, weft_span *out) {
  store s = {.arena = arena};
  uint8_t *header = room(&s, WEFT_PROGRAM_HEADER_BYTES);
  memset(header, 0, WEFT_PROGRAM_HEADER_BYTES);
  put_records(&s, &weft_recs[WEFT_REC_PROGRAM], p, 1);
  for (int id = WEFT_REC_INPUT; id < WEFT_N_RECS; id++) {
    uint32_t n;
    const void *items = weft_rec_list(p, (weft_rec_id)id, &n);
    put_records(&s, &weft_recs[id], items, n);
  }
  size_t begin = section_begin(&s, WEFT_TAG_INSNS);
  for (uint32_t k = 0; k < p->n_insns; k++)
    weft_insn_store(&p->insns[k], room(&s, WEFT_INSN_BYTES));
  section_end(&s, begin);
  begin = section_begin(&s, WEFT_TAG_CONSTANTS);
  put_bytes(&s, p->constants.data, p->constants.size);
  section_end(&s, begin);
  if (s.n > UINT32_MAX)
    return WEFT_E_NO_FIT;
  memcpy(s.bytes, WEFT_PROGRAM_MAGIC, 8);
  weft_put_le32(s.bytes + 8, WEFT_PROGRAM_FORMAT);
  weft_put_le32(s.bytes + 12, (uint32_t)s.n);
  weft_put_le32(s.bytes + 20, weft_isa_version);
  weft_put_le32(s.bytes + 16, weft_crc32(s.bytes + WEFT_PROGRAM_CRC_AT, s.n - WEFT_PROGRAM_CRC_AT, 0));
  *out = (weft_span){s.bytes, s.n};
  return WEFT_OK;
}

bool weft_program_is(weft_span bytes) {
  return bytes.size >= 8 && memcmp(bytes.data, WEFT_PROGRAM_MAGIC, 8) == 0;
}
