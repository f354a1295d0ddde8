/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions as text: "EXC wait=0:1 sig=2:1 N_TILES=16 UNIT=1". Fields that
 * are 0 are left out, words that are no legal instruction are
 * "RAW 0x<bits 127..64> 0x<bits 63..0>", ';' starts a comment. */
#include <stdlib.h>
#include <string.h>

#include "isa/isa.h"
#include "isa/isa_table.h"

enum { ISA_LINE_BYTES = 1024 };

typedef struct text_out {
  char text[ISA_LINE_BYTES];
  size_t n;
} text_out;

static void put(text_out *o, const char *s) {
  size_t n = strlen(s);
  if (o->n + n >= sizeof o->text)
    n = sizeof o->text - 1 - o->n;
  memcpy(o->text + o->n, s, n);
  o->n += n;
  o->text[o->n] = '\0';
}

static void put_number(text_out *o, int64_t v) {
  char digits[24];
  size_t at = sizeof digits - 1;
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  digits[at] = '\0';
  do {
    digits[--at] = (char)('0' + u % 10);
    u /= 10;
  } while (u != 0);
  if (v < 0)
    digits[--at] = '-';
  put(o, digits + at);
}

static void put_hex(text_out *o, uint64_t v, int digits) {
  char text[20] = "0x";
  for (int k = 0; k < digits; k++)
    text[2 + k] = "0123456789abcdef"[v >> (4 * (digits - 1 - k)) & 15];
  text[2 + digits] = '\0';
  put(o, text);
}

static void put_sem(text_out *o, const char *key, int64_t id, int64_t n) {
  if (id == 0 && n == 0)
    return;
  put(o, key);
  put_number(o, id);
  put(o, ":");
  put_number(o, n);
}

static void put_reg(text_out *o, int queue, const char *key, int64_t reg) {
  const weft_isa_engreg *row = weft_isa_engreg_find(queue, reg);
  put(o, " ");
  put(o, key);
  put(o, "=");
  put(o, row != NULL ? row->name : "none");
}

static void put_reg_comment(text_out *o, int queue, int64_t reg, int64_t value) {
  const weft_isa_engreg *row = weft_isa_engreg_find(queue, reg);
  if (row == NULL)
    return;
  put(o, " ; ");
  put(o, row->name);
  for (int f = 0; f < WEFT_N_ENGFIELDS; f++) {
    const weft_isa_engfield *field = &weft_isa_engfields[f];
    if (field->queue != queue || field->reg != reg)
      continue;
    put(o, " ");
    put(o, field->name);
    put(o, "=");
    put_number(o, weft_engreg_get((uint32_t)value, (weft_engfield)f));
  }
}

static bool is_cfg(int opcode) {
  return opcode == WEFT_I_CFG || opcode == WEFT_I_LCFG || opcode == WEFT_I_SCFG;
}

static void put_cfg(text_out *o, int queue, const weft_insn *i) {
  int64_t a = weft_insn_get(i, WEFT_F_CFG_REG_A), b = weft_insn_get(i, WEFT_F_CFG_REG_B);
  int64_t va = weft_insn_get(i, WEFT_F_CFG_VAL_A), vb = weft_insn_get(i, WEFT_F_CFG_VAL_B);
  put_reg(o, queue, "REG_A", a);
  put(o, " VAL_A=");
  put_hex(o, (uint64_t)va, 8);
  put_reg(o, queue, "REG_B", b);
  put(o, " VAL_B=");
  put_hex(o, (uint64_t)vb, 8);
  put_reg_comment(o, queue, a, va);
  put_reg_comment(o, queue, b, vb);
}

static void put_fields(text_out *o, int opcode, const weft_insn *i) {
  for (int f = 0; f < WEFT_N_FIELDS; f++) {
    int64_t v = weft_insn_get(i, (weft_field)f);
    if (weft_isa_fields[f].opcode != opcode || v == 0)
      continue;
    put(o, " ");
    put(o, weft_isa_fields[f].name);
    put(o, "=");
    put_number(o, v);
  }
}

char *weft_insn_text(weft_arena *arena, const weft_insn *i) {
  text_out o = {.n = 0};
  int opcode = (int)weft_insn_get(i, WEFT_H_OP);
  int queue = (int)weft_insn_get(i, WEFT_H_QUEUE);
  if (weft_insn_illegal(i) != NULL) {
    put(&o, "RAW ");
    put_hex(&o, i->hi, 16);
    put(&o, " ");
    put_hex(&o, i->lo, 16);
    return weft_arena_copy(arena, o.text, o.n + 1);
  }
  put(&o, weft_insn_name(i));
  if (opcode == WEFT_I_NOP) {
    put(&o, " queue=");
    put(&o, weft_isa_queue_names[queue]);
  }
  put_sem(&o, " wait=", weft_insn_get(i, WEFT_H_WAIT_ID), weft_insn_get(i, WEFT_H_WAIT_N));
  put_sem(&o, " sig=", weft_insn_get(i, WEFT_H_SIG_ID), weft_insn_get(i, WEFT_H_SIG_N));
  if (is_cfg(opcode))
    put_cfg(&o, queue, i);
  else
    put_fields(&o, opcode, i);
  return weft_arena_copy(arena, o.text, o.n + 1);
}

/* ---- parsing ------------------------------------------------------------ */
typedef struct text_in {
  weft_diag *d;
  const char *path;
  int line_number;
  int opcode, queue;
  uint64_t seen_lo, seen_hi;    /* bits written so far                        */
} text_in;

static weft_status bad(const text_in *in, const char *word, const char *rule) {
  return weft_fail(in->d, WEFT_E_PROGRAM, weft_diag_text(in->d, "%s, line %d", in->path, in->line_number),
                   weft_diag_text(in->d, "\"%.80s\"", word), rule,
                   "configs/isa.def lists every instruction and field");
}

static bool parse_number(const char *s, int64_t *out) {
  bool negative = *s == '-';
  uint64_t v = 0, base = 10;
  s += negative;
  if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
    base = 16;
    s += 2;
  }
  if (*s == '\0')
    return false;
  for (; *s != '\0'; s++) {
    uint64_t digit;
    if (*s >= '0' && *s <= '9')
      digit = (uint64_t)(*s - '0');
    else if (*s >= 'a' && *s <= 'f')
      digit = (uint64_t)(*s - 'a' + 10);
    else if (*s >= 'A' && *s <= 'F')
      digit = (uint64_t)(*s - 'A' + 10);
    else
      return false;
    if (digit >= base || v > (UINT64_C(1) << 40))
      return false;
    v = v * base + digit;
  }
  *out = negative ? -(int64_t)v : (int64_t)v;
  return true;
}

static weft_status set_once(text_in *in, weft_insn *i, weft_field f, int64_t v, const char *word) {
  weft_insn ones = {0, 0};
  const weft_isa_field *row = &weft_isa_fields[f];
  for (int b = row->lsb; b < row->lsb + row->width; b++) {
    if (b < 64)
      ones.lo |= UINT64_C(1) << b;
    else
      ones.hi |= UINT64_C(1) << (b - 64);
  }
  if ((in->seen_lo & ones.lo) != 0 || (in->seen_hi & ones.hi) != 0)
    return bad(in, word, "each field at most once");
  if (!weft_field_fits(f, v))
    return bad(in, word, weft_diag_text(in->d, "a%s value of %d bits", row->kind == 'S' ? " signed" : "n unsigned",
                                        row->width));
  in->seen_lo |= ones.lo;
  in->seen_hi |= ones.hi;
  weft_insn_set(i, f, v);
  return WEFT_OK;
}

static weft_status parse_sem(text_in *in, weft_insn *i, weft_field id, weft_field n, char *value,
                             const char *word) {
  int64_t v_id, v_n;
  char *colon = strchr(value, ':');
  if (colon == NULL)
    return bad(in, word, "wait=ID:COUNT or sig=ID:COUNT");
  *colon = '\0';
  if (!parse_number(value, &v_id) || !parse_number(colon + 1, &v_n))
    return bad(in, word, "wait=ID:COUNT or sig=ID:COUNT");
  WEFT_TRY(set_once(in, i, id, v_id, word));
  return set_once(in, i, n, v_n, word);
}

static bool parse_reg_name(int queue, const char *value, int64_t *out) {
  if (strcmp(value, "none") == 0) {
    *out = 255;
    return true;
  }
  for (size_t k = 0; k < weft_isa_n_engregs; k++)
    if (weft_isa_engregs[k].queue == queue && strcmp(weft_isa_engregs[k].name, value) == 0) {
      *out = weft_isa_engregs[k].index;
      return true;
    }
  return false;
}

static weft_status parse_queue(text_in *in, weft_insn *i, const char *value, const char *word) {
  for (int q = WEFT_Q_LD; in->opcode == WEFT_I_NOP && q <= WEFT_Q_ST; q++)
    if (strcmp(weft_isa_queue_names[q], value) == 0)
      return set_once(in, i, WEFT_H_QUEUE, q, word);
  return bad(in, word, "queue=LD, WT, EX or ST, of a NOP");
}

static weft_status parse_word(text_in *in, weft_insn *i, char *key) {
  const char *word = weft_diag_text(in->d, "%s", key);
  char *value = strchr(key, '=');
  int64_t v;
  if (value == NULL)
    return bad(in, word, "NAME=VALUE");
  *value++ = '\0';
  if (strcmp(key, "wait") == 0)
    return parse_sem(in, i, WEFT_H_WAIT_ID, WEFT_H_WAIT_N, value, word);
  if (strcmp(key, "sig") == 0)
    return parse_sem(in, i, WEFT_H_SIG_ID, WEFT_H_SIG_N, value, word);
  if (strcmp(key, "queue") == 0)
    return parse_queue(in, i, value, word);
  for (int f = 0; f < WEFT_N_FIELDS; f++) {
    if (weft_isa_fields[f].opcode != in->opcode || strcmp(weft_isa_fields[f].name, key) != 0)
      continue;
    bool named = is_cfg(in->opcode) && strncmp(key, "REG_", 4) == 0 &&
                 parse_reg_name(in->queue, value, &v);
    if (!named && !parse_number(value, &v))
      return bad(in, word, "a decimal or 0x hexadecimal number");
    return set_once(in, i, (weft_field)f, v, word);
  }
  return bad(in, word, "a field of this instruction");
}

static weft_status parse_raw(const text_in *in, char **words, int n, weft_insn *out) {
  uint64_t half[2] = {0, 0};
  if (n != 3)
    return bad(in, words[0], "RAW 0x<16 digits> 0x<16 digits>");
  for (int k = 0; k < 2; k++) {
    char *end;
    const char *s = words[1 + k];
    if (strncmp(s, "0x", 2) != 0 || strlen(s) != 18 || strspn(s + 2, "0123456789abcdefABCDEF") != 16)
      return bad(in, s, "0x and 16 hexadecimal digits");
    half[k] = strtoull(s + 2, &end, 16);
  }
  out->hi = half[0];
  out->lo = half[1];
  return WEFT_OK;
}

static int split(char *line, char **words, int cap) {
  int n = 0;
  line[strcspn(line, ";\r\n")] = '\0';
  for (char *p = line; *p != '\0';) {
    p += strspn(p, " \t");
    if (*p == '\0')
      break;
    if (n == cap)
      return cap + 1;
    words[n++] = p;
    p += strcspn(p, " \t");
    if (*p != '\0')
      *p++ = '\0';
  }
  return n;
}

weft_status weft_insn_parse(weft_diag *d, const char *path, const char *line, int line_number, weft_insn *out) {
  enum { MAX_WORDS = 24 };
  char copy[ISA_LINE_BYTES];
  char *words[MAX_WORDS];
  text_in in = {.d = d, .path = path, .line_number = line_number};
  size_t length = strcspn(line, "\n");
  if (length >= sizeof copy)
    return bad(&in, "", "a line of at most 1023 bytes");
  memcpy(copy, line, length);
  copy[length] = '\0';
  int n = split(copy, words, MAX_WORDS);
  if (n < 1 || n > MAX_WORDS)
    return bad(&in, "", "an instruction of 1 to 24 words");
  if (strcmp(words[0], "RAW") == 0)
    return parse_raw(&in, words, n, out);
  const weft_isa_insn *row = NULL;
  for (size_t k = 0; k < weft_isa_n_insns; k++)
    if (strcmp(weft_isa_insns[k].name, words[0]) == 0)
      row = &weft_isa_insns[k];
  if (row == NULL)
    return bad(&in, words[0], "the name of an instruction");
  *out = weft_insn_make((weft_opcode)row->opcode);
  in.opcode = row->opcode;
  in.queue = row->queue;
  for (int k = 1; k < n; k++)
    WEFT_TRY(parse_word(&in, out, words[k]));
  const char *why = weft_insn_illegal(out);
  return why == NULL ? WEFT_OK : bad(&in, words[0], why);
}
