/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/flatbuf.h"

#include <string.h>

const char *weft_fb_where(const weft_fb *fb) {
  if (fb->index < 0)
    return weft_diag_text(fb->diag, "%s: %s", fb->path, fb->place);
  return weft_diag_text(fb->diag, "%s: %s[%lld]", fb->path, fb->place,
                        (long long)fb->index);
}

weft_status weft_fb_fail(weft_fb *fb, weft_status code, uint32_t at,
                         const char *found, const char *allowed) {
  if (fb->status != WEFT_OK)
    return fb->status;
  fb->status = code;
  const char *where = weft_fb_where(fb);
  if (at > 0)
    where = weft_diag_text(fb->diag, "%s, byte %u", where, (unsigned)at);
  return weft_fail(fb->diag, code, where, found, allowed,
                   "the file is damaged or not a TFLite model; fetch or "
                   "convert it again");
}

static weft_status fail_number(weft_fb *fb, uint32_t at, const char *what,
                               uint64_t value, const char *allowed) {
  const char *found = what;
  if (fb->status == WEFT_OK)
    found = weft_diag_text(fb->diag, "%s %llu", what, (unsigned long long)value);
  return weft_fb_fail(fb, WEFT_E_MODEL, at, found, allowed);
}

/* n bytes at `at` are in the file. */
static bool inside(const weft_fb *fb, uint64_t at, uint64_t n) {
  return at <= fb->bytes.size && n <= fb->bytes.size - at;
}

weft_status weft_fb_open(weft_fb *fb, weft_diag *d, const char *path,
                         weft_span bytes, const char *identifier) {
  memset(fb, 0, sizeof *fb);
  fb->bytes = bytes;
  fb->diag = d;
  fb->path = path;
  fb->place = "header";
  fb->index = -1;
  fb->tables_left = WEFT_FB_TABLE_BUDGET;
  if (bytes.size < 8)
    return fail_number(fb, 0, "bytes in the file:", bytes.size, "at least 8");
  if (bytes.size >= (UINT64_C(1) << 31))
    return fail_number(fb, 0, "bytes in the file:", bytes.size,
                       "fewer than 2147483648");
  if (memcmp(bytes.data + 4, identifier, 4) != 0)
    return weft_fb_fail(fb, WEFT_E_MODEL, 4, "another file identifier",
                        identifier);
  return WEFT_OK;
}

static weft_fb_table open_table(weft_fb *fb, uint64_t at) {
  const weft_fb_table none = {0};
  if (fb->status != WEFT_OK)
    return none;
  if (fb->tables_left == 0) {
    weft_fb_fail(fb, WEFT_E_CAP, (uint32_t)at, "more than 1048576 tables",
                 "at most 1048576 tables");
    return none;
  }
  fb->tables_left--;
  if (at % 4 != 0 || !inside(fb, at, 4)) {
    fail_number(fb, (uint32_t)at, "table at byte", at,
                "a multiple of 4 inside the file");
    return none;
  }
  weft_fb_table t = {.at = (uint32_t)at};
  int64_t vtable = (int64_t)at - (int32_t)weft_le32(fb->bytes.data + at);
  if (vtable < 0 || vtable % 2 != 0 || !inside(fb, (uint64_t)vtable, 4)) {
    fail_number(fb, t.at, "table whose vtable is at", (uint64_t)vtable,
                "an even place inside the file");
    return none;
  }
  t.vtable = (uint32_t)vtable;
  t.vtable_size = weft_le16(fb->bytes.data + vtable);
  t.size = weft_le16(fb->bytes.data + vtable + 2);
  if (t.vtable_size < 4 || t.vtable_size % 2 != 0 ||
      !inside(fb, t.vtable, t.vtable_size)) {
    fail_number(fb, t.vtable, "vtable of", t.vtable_size,
                "even, at least 4, inside the file");
    return none;
  }
  if (t.size < 4 || !inside(fb, t.at, t.size)) {
    fail_number(fb, t.at, "table of bytes:", t.size,
                "at least 4, inside the file");
    return none;
  }
  return t;
}

weft_fb_table weft_fb_root(weft_fb *fb) {
  return open_table(fb, fb->status == WEFT_OK ? weft_le32(fb->bytes.data) : 0);
}

/* Place of a field of n bytes; 0: absent (a field is never at 0). */
static uint32_t field_at(weft_fb *fb, weft_fb_table t, unsigned slot,
                         unsigned n) {
  uint32_t entry = 4 + 2 * slot;
  if (fb->status != WEFT_OK || t.at == 0 || entry + 2 > t.vtable_size)
    return 0;
  uint32_t offset = weft_le16(fb->bytes.data + t.vtable + entry);
  if (offset == 0)
    return 0;
  if (offset < 4 || offset + n > t.size) {
    fail_number(fb, t.at, "field at offset", offset, "inside its table");
    return 0;
  }
  return t.at + offset;
}

bool weft_fb_has(weft_fb *fb, weft_fb_table t, unsigned slot) {
  return field_at(fb, t, slot, 1) != 0;
}

unsigned weft_fb_u8(weft_fb *fb, weft_fb_table t, unsigned slot,
                    unsigned otherwise) {
  uint32_t at = field_at(fb, t, slot, 1);
  return at ? fb->bytes.data[at] : otherwise;
}

int weft_fb_i8(weft_fb *fb, weft_fb_table t, unsigned slot, int otherwise) {
  uint32_t at = field_at(fb, t, slot, 1);
  return at ? (int8_t)fb->bytes.data[at] : otherwise;
}

bool weft_fb_bool(weft_fb *fb, weft_fb_table t, unsigned slot, bool otherwise) {
  return weft_fb_u8(fb, t, slot, otherwise) != 0;
}

uint32_t weft_fb_u32(weft_fb *fb, weft_fb_table t, unsigned slot,
                     uint32_t otherwise) {
  uint32_t at = field_at(fb, t, slot, 4);
  return at ? weft_le32(fb->bytes.data + at) : otherwise;
}

int32_t weft_fb_i32(weft_fb *fb, weft_fb_table t, unsigned slot,
                    int32_t otherwise) {
  uint32_t at = field_at(fb, t, slot, 4);
  return at ? (int32_t)weft_le32(fb->bytes.data + at) : otherwise;
}

uint64_t weft_fb_u64(weft_fb *fb, weft_fb_table t, unsigned slot,
                     uint64_t otherwise) {
  uint32_t at = field_at(fb, t, slot, 8);
  return at ? weft_le64(fb->bytes.data + at) : otherwise;
}

static float float_of(uint32_t bits) {
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

float weft_fb_f32(weft_fb *fb, weft_fb_table t, unsigned slot, float otherwise) {
  uint32_t at = field_at(fb, t, slot, 4);
  return at ? float_of(weft_le32(fb->bytes.data + at)) : otherwise;
}

/* Follows the offset at `at`; 0 on failure. */
static uint64_t follow(weft_fb *fb, uint32_t at) {
  uint64_t to = (uint64_t)at + weft_le32(fb->bytes.data + at);
  if (to == at || !inside(fb, to, 4)) {
    fail_number(fb, at, "offset to byte", to, "forward, inside the file");
    return 0;
  }
  return to;
}

weft_fb_vec weft_fb_vector(weft_fb *fb, weft_fb_table t, unsigned slot,
                           unsigned elem_bytes) {
  weft_fb_vec v = {0};
  uint32_t at = field_at(fb, t, slot, 4);
  uint64_t to = at ? follow(fb, at) : 0;
  if (to == 0)
    return v;
  if (to % 4 != 0) {
    fail_number(fb, at, "vector at byte", to, "a multiple of 4");
    return v;
  }
  uint32_t n = weft_le32(fb->bytes.data + to);
  if (!inside(fb, to + 4, (uint64_t)n * elem_bytes)) {
    fail_number(fb, (uint32_t)to, "vector of elements:", n, "inside the file");
    return v;
  }
  v.at = (uint32_t)to + 4;
  v.data = fb->bytes.data + v.at;
  v.n = n;
  return v;
}

weft_fb_vec weft_fb_tables(weft_fb *fb, weft_fb_table t, unsigned slot) {
  return weft_fb_vector(fb, t, slot, 4);
}

weft_fb_table weft_fb_at(weft_fb *fb, weft_fb_vec tables, uint32_t i) {
  const weft_fb_table none = {0};
  if (fb->status != WEFT_OK || i >= tables.n)
    return none;
  uint64_t to = follow(fb, tables.at + 4 * i);
  return to ? open_table(fb, to) : none;
}

weft_fb_table weft_fb_child(weft_fb *fb, weft_fb_table t, unsigned slot) {
  const weft_fb_table none = {0};
  uint32_t at = field_at(fb, t, slot, 4);
  uint64_t to = at ? follow(fb, at) : 0;
  return to ? open_table(fb, to) : none;
}

weft_fb_table weft_fb_union(weft_fb *fb, weft_fb_table t, unsigned slot,
                            unsigned type) {
  const weft_fb_table none = {0};
  return weft_fb_u8(fb, t, slot, 0) == type ? weft_fb_child(fb, t, slot + 1)
                                            : none;
}

/* Bytes of the UTF-8 character at s, 0 if it is none that may be printed. */
static size_t utf8_length(const uint8_t *s, size_t n) {
  if (s[0] < 0x80)
    return s[0] >= 0x20 && s[0] != 0x7f;
  size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4 || length > n)
    return 0;
  for (size_t i = 1; i < length; i++)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
  bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
  bool beyond = s[0] == 0xf4 && s[1] >= 0x90;
  bool c1_control = s[0] == 0xc2 && s[1] < 0xa0;
  return overlong || surrogate || beyond || c1_control ? 0 : length;
}

const char *weft_fb_string(weft_fb *fb, weft_fb_table t, unsigned slot,
                           weft_arena *arena, size_t cap) {
  weft_fb_vec v = weft_fb_vector(fb, t, slot, 1);
  size_t n = 0;
  char *text = weft_arena_alloc(arena, (v.n < cap ? v.n : cap - 1) + 1, 1);
  for (size_t i = 0; i < v.n;) {
    size_t length = utf8_length(v.data + i, v.n - i);
    size_t step = length ? length : 1;
    if (n + step > cap - 1)
      break;
    if (length)
      memcpy(text + n, v.data + i, length);
    else
      text[n] = '?';
    n += step;
    i += step;
  }
  return text;
}

int32_t weft_fb_vec_i32(weft_fb_vec v, uint32_t i) {
  return (int32_t)weft_le32(v.data + 4 * (size_t)i);
}

int64_t weft_fb_vec_i64(weft_fb_vec v, uint32_t i) {
  return (int64_t)weft_le64(v.data + 8 * (size_t)i);
}

float weft_fb_vec_f32(weft_fb_vec v, uint32_t i) {
  return float_of(weft_le32(v.data + 4 * (size_t)i));
}
