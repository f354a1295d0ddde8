/* SPDX-License-Identifier: Apache-2.0 */
/* The text form:
 *   weft-program 1
 *   program model="kws01" config_hash=0x... constants_offset=... region_bytes=a,b,c,d
 *   config ... end          canonical YAML, one key a line
 *   input, output, tensor, fused, layer, segment: a record a line, all fields
 *   code N ... end          one instruction a line
 *   constants N ... end     hexadecimal bytes, or "zero COUNT"
 * Shapes leave trailing zeros away. Floats are "value@bits"; the bits count. Strings escape ", \ and control bytes. */
#include <stdio.h>
#include <string.h>

#include "isa/isa_table.h"
#include "isa/program_rec.h"

enum { HEX_LINE_BYTES = 32 };

typedef struct out {
  weft_arena *arena;
  char *text;
  size_t n, cap;
} out;

static void put_n(out *o, const char *s, size_t n) {
  o->text = weft_arena_grow(o->arena, o->text, &o->cap, o->n + n + 1, 1);
  memcpy(o->text + o->n, s, n);
  o->n += n;
  o->text[o->n] = '\0';
}

static void put(out *o, const char *s) { put_n(o, s, strlen(s)); }

static void put_number(out *o, const char *before, long long v) {
  char text[48];
  int n = snprintf(text, sizeof text, "%s%lld", before, v);
  put_n(o, text, (size_t)n);
}

static void put_string(out *o, const char *s) {
  put(o, "\"");
  for (; *s != '\0'; s++) {
    unsigned char c = (unsigned char)*s;
    char text[8];
    if (c == '"' || c == '\\')
      snprintf(text, sizeof text, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
      snprintf(text, sizeof text, "\\x%02x", c);
    else
      snprintf(text, sizeof text, "%c", c);
    put(o, text);
  }
  put(o, "\"");
}

static void put_float(out *o, uint32_t bits) {
  char text[64];
  float v;
  memcpy(&v, &bits, sizeof v);
  int n = snprintf(text, sizeof text, "%.9g@0x%08x", (double)v, bits);
  put_n(o, text, (size_t)n);
}

static void put_list(out *o, const uint8_t *at, int n, bool is_signed) {
  for (int k = 0; k < n; k++) {
    uint32_t v;
    memcpy(&v, at + 4 * k, 4);
    put_number(o, k == 0 ? "" : ",", is_signed ? (long long)(int32_t)v : (long long)v);
  }
}

static void put_shape(out *o, const uint8_t *at) {
  static const uint8_t zero[4] = {0};
  int n = 8;
  while (n > 1 && memcmp(at + 4 * (n - 1), zero, 4) == 0)
    n--;
  put_list(o, at, n, true);
}

/* A hash is no number to read. */
static void put_u64(out *o, const char *name, uint64_t v) {
  char text[32];
  snprintf(text, sizeof text, strcmp(name, "config_hash") == 0 ? "0x%016llx" : "%llu", (unsigned long long)v);
  put(o, text);
}

static void put_value(out *o, const weft_rec_field *f, const uint8_t *at) {
  const char *string;
  uint64_t wide;
  uint32_t v = 0;
  switch (f->kind) {
  case WEFT_REC_STRING:
    memcpy(&string, at, sizeof string);
    put_string(o, string != NULL ? string : "");
    return;
  case WEFT_REC_U64:
    memcpy(&wide, at, sizeof wide);
    put_u64(o, f->name, wide);
    return;
  case WEFT_REC_SHAPE:
    put_shape(o, at);
    return;
  case WEFT_REC_REGIONS:
    put_list(o, at, 4, false);
    return;
  case WEFT_REC_F32:
    memcpy(&v, at, 4);
    put_float(o, v);
    return;
  case WEFT_REC_U32:
    put_list(o, at, 1, false);
    return;
  case WEFT_REC_I32:
    break;
  }
  put_list(o, at, 1, true);
}

static void put_record(out *o, const weft_rec *rec, const void *item) {
  put(o, rec->name);
  for (size_t f = 0; f < rec->n_fields; f++) {
    if (strcmp(rec->fields[f].name, "config_text") == 0)
      continue;
    put(o, " ");
    put(o, rec->fields[f].name);
    put(o, "=");
    put_value(o, &rec->fields[f], (const uint8_t *)item + rec->fields[f].at);
  }
  put(o, "\n");
}

static void put_code(out *o, const weft_program *p) {
  put_number(o, "code ", p->n_insns);
  put(o, "\n");
  for (uint32_t k = 0; k < p->n_insns; k++) {
    weft_arena *line = weft_arena_new();
    put(o, weft_insn_text(line, &p->insns[k]));
    put_number(o, " ; @", k);
    put(o, "\n");
    weft_arena_free(&line);
  }
  put(o, "end\n");
}

static size_t zero_run(weft_span s, size_t at) {
  size_t n = 0;
  while (at + n < s.size && s.data[at + n] == 0)
    n++;
  return n;
}

static void put_constants(out *o, weft_span s) {
  put_number(o, "constants ", (long long)s.size);
  put(o, "\n");
  for (size_t at = 0; at < s.size;) {
    char text[2 * HEX_LINE_BYTES + 1];
    size_t zeros = zero_run(s, at), n = s.size - at < HEX_LINE_BYTES ? s.size - at : HEX_LINE_BYTES;
    if (zeros >= HEX_LINE_BYTES) {
      put_number(o, "zero ", (long long)zeros);
      put(o, "\n");
      at += zeros;
      continue;
    }
    for (size_t k = 0; k < n; k++)
      snprintf(text + 2 * k, 3, "%02x", s.data[at + k]);
    put_n(o, text, 2 * n);
    put(o, "\n");
    at += n;
  }
  put(o, "end\n");
}

char *weft_program_text(weft_arena *arena, const weft_program *p) {
  out o = {.arena = arena};
  put_number(&o, "weft-program ", WEFT_PROGRAM_FORMAT);
  put(&o, "\n");
  put_record(&o, &weft_recs[WEFT_REC_PROGRAM], p);
  put(&o, "config\n");
  put(&o, p->config_text);
  put(&o, "end\n");
  for (int id = WEFT_REC_INPUT; id < WEFT_N_RECS; id++) {
    uint32_t n;
    const uint8_t *items = weft_rec_list(p, (weft_rec_id)id, &n);
    for (uint32_t k = 0; k < n; k++)
      put_record(&o, &weft_recs[id], items + k * weft_recs[id].bytes);
  }
  put_code(&o, p);
  put_constants(&o, p->constants);
  return o.text;
}
