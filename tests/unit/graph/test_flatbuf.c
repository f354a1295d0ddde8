/* SPDX-License-Identifier: Apache-2.0 */
/* The container under attack: patched bytes of a sound file, each with the code
 * and the words of its diagnostic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "graph/flatbuf.h"
#include "model_builder.h"

typedef struct setup {
  weft_arena *arena;
  weft_diag *diag;
  mb_file file;
} setup;

static void open_setup(setup *s) {
  static mb_model m;
  mb_conv(&m);
  s->arena = weft_arena_new();
  s->diag = weft_diag_new(s->arena);
  mb_write(&m, &s->file);
}

/* Reads from a heap copy of exactly the file's size, for the sanitizer. */
static weft_status read_copy(setup *s, size_t size) {
  uint8_t *copy = test_malloc(size + 1);
  memcpy(copy, s->file.bytes, size);
  weft_graph *g = NULL;
  weft_status status = weft_graph_read(s->arena, s->diag, "t.tflite",
                                       (weft_span){copy, size}, &g);
  test_free(copy);
  return status;
}

static void expect(setup *s, weft_status code, const char *where,
                   const char *found) {
  weft_status status = read_copy(s, s->file.size);
  const weft_issue *issue = weft_diag_at(s->diag, 0);
  assert_int_equal(status, code);
  assert_non_null(issue);
  assert_int_equal(weft_diag_count(s->diag), 1);
  if (!strstr(issue->where, where) || !strstr(issue->found, found))
    fail_msg("got '%s' '%s', want '%s' '%s'", issue->where, issue->found, where,
             found);
  assert_non_null(issue->allowed);
  assert_non_null(issue->remedy);
  weft_arena_free(&s->arena);
}

static void put32(setup *s, uint32_t at, uint32_t v) {
  weft_put_le32(s->file.bytes + at, v);
}

static void put16(setup *s, uint32_t at, unsigned v) {
  weft_put_le16(s->file.bytes + at, (uint16_t)v);
}

static void test_sound_file(void **state) {
  (void)state;
  setup s;
  open_setup(&s);
  assert_int_equal(read_copy(&s, s.file.size), WEFT_OK);
  assert_int_equal(weft_diag_count(s.diag), 0);
  weft_arena_free(&s.arena);
}

/* A cut file is damaged if any byte that is used is gone: the last is bias's. */
static void test_every_truncation(void **state) {
  (void)state;
  for (size_t size = 0;; size++) {
    setup s;
    open_setup(&s);
    bool whole = size >= s.file.size;
    weft_status status = read_copy(&s, whole ? s.file.size : size);
    bool cut = size < s.file.data[2] + 4 + 12;
    assert_int_equal(status, cut ? WEFT_E_MODEL : WEFT_OK);
    assert_int_equal(weft_diag_count(s.diag), status == WEFT_OK ? 0 : 1);
    weft_arena_free(&s.arena);
    if (whole)
      return;
  }
}

static void test_header(void **state) {
  (void)state;
  setup s;
  open_setup(&s);
  s.file.size = 7;
  expect(&s, WEFT_E_MODEL, "header", "bytes in the file: 7");
  open_setup(&s);
  s.file.bytes[4] = 'X';
  expect(&s, WEFT_E_MODEL, "header, byte 4", "another file identifier");
  open_setup(&s);
  put32(&s, mb_field(&s.file, s.file.model, 0), 2);
  expect(&s, WEFT_E_MODEL, "t.tflite", "schema version 2");
}

static void test_tables(void **state) {
  (void)state;
  setup s;
  open_setup(&s);
  put32(&s, 0, 0x7ffffffc);
  expect(&s, WEFT_E_MODEL, "byte 2147483644", "table at byte 2147483644");
  open_setup(&s);
  put32(&s, 0, s.file.model + 2);
  expect(&s, WEFT_E_MODEL, "header", "table at byte");
  open_setup(&s);
  put32(&s, s.file.model, 0x7fffffff);
  expect(&s, WEFT_E_MODEL, "header", "table whose vtable is at");
  open_setup(&s);
  put32(&s, s.file.model, 0x80000000u);
  expect(&s, WEFT_E_MODEL, "header", "table whose vtable is at");
  open_setup(&s);
  put16(&s, mb_slot(&s.file, s.file.model, 0) - 4, 7);
  expect(&s, WEFT_E_MODEL, "header", "vtable of 7");
  open_setup(&s);
  put16(&s, mb_slot(&s.file, s.file.model, 0) - 4, 0xfffe);
  expect(&s, WEFT_E_MODEL, "header", "vtable of 65534");
  open_setup(&s);
  put16(&s, mb_slot(&s.file, s.file.model, 0) - 2, 0xffff);
  expect(&s, WEFT_E_MODEL, "header", "table of bytes: 65535");
  open_setup(&s);
  put16(&s, mb_slot(&s.file, s.file.tensor[1], 1), 0x7fff);
  expect(&s, WEFT_E_MODEL, "tensors[1]", "field at offset 32767");
  open_setup(&s);
  put16(&s, mb_slot(&s.file, s.file.tensor[1], 1), 3);
  expect(&s, WEFT_E_MODEL, "tensors[1]", "field at offset 3");
}

static void test_offsets(void **state) {
  (void)state;
  static const uint32_t bad[] = {0, 0xffffffffu, 0x7fffffffu, 0x80000000u};
  for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
    setup s;
    open_setup(&s);
    put32(&s, mb_field(&s.file, s.file.model, 2), bad[k]);
    expect(&s, WEFT_E_MODEL, "header", "offset to byte");
    open_setup(&s);
    put32(&s, s.file.tensors + 4, bad[k]);
    expect(&s, WEFT_E_MODEL, "tensors[0]", "offset to byte");
    open_setup(&s);
    put32(&s, mb_field(&s.file, s.file.tensor[2], 3), bad[k]);
    expect(&s, WEFT_E_MODEL, "tensors[2]", "offset to byte");
    open_setup(&s);
    put32(&s, mb_field(&s.file, s.file.op[0], 4), bad[k]);
    expect(&s, WEFT_E_MODEL, "operators[0]", "offset to byte");
  }
}

static void test_vectors(void **state) {
  (void)state;
  static const uint32_t huge[] = {0xffffffffu, 0x80000000u, 0x40000000u, 5000};
  for (size_t k = 0; k < sizeof huge / sizeof huge[0]; k++) {
    setup s;
    open_setup(&s);
    put32(&s, s.file.tensors, huge[k]);
    expect(&s, WEFT_E_MODEL, "", "vector of elements:");
    open_setup(&s);
    put32(&s, s.file.shape[0], huge[k]);
    expect(&s, WEFT_E_MODEL, "tensors[0]", "vector of elements:");
    open_setup(&s);
    put32(&s, s.file.op_inputs[0], huge[k]);
    expect(&s, WEFT_E_MODEL, "operators[0]", "vector of elements:");
    open_setup(&s);
    put32(&s, s.file.data[1], huge[k]);
    expect(&s, WEFT_E_MODEL, "tensors[1]", "vector of elements:");
  }
  setup s;
  open_setup(&s);
  uint32_t at = mb_field(&s.file, s.file.tensor[0], 0);
  put32(&s, at, weft_le32(s.file.bytes + at) + 2);
  expect(&s, WEFT_E_MODEL, "tensors[0]", "vector at byte");
}

/* An element that points at its own vector, or at its parent. */
static void test_cycles(void **state) {
  (void)state;
  setup s;
  open_setup(&s);
  put32(&s, s.file.tensors + 4, s.file.subgraph - (s.file.tensors + 4));
  expect(&s, WEFT_E_MODEL, "tensors[0]", "offset to byte");
  open_setup(&s);
  put32(&s, s.file.subgraphs + 4, 0u - 4u);
  expect(&s, WEFT_E_MODEL, "subgraphs", "offset to byte");
}

/* 400,000 tensors that are all one table: more tables than the budget. */
static void test_table_budget(void **state) {
  (void)state;
  const uint32_t n = 400000;
  setup s;
  open_setup(&s);
  size_t size = s.file.size + 4 + 4 * (size_t)n + 64;
  uint8_t *big = test_calloc(size, 1);
  weft_fb fb;
  memcpy(big, s.file.bytes, s.file.size);
  uint32_t vector = s.file.size, table = vector + 4 + 4 * n;
  weft_put_le32(big + vector, n);
  for (uint32_t k = 0; k < n; k++)
    weft_put_le32(big + vector + 4 + 4 * k, table - (vector + 4 + 4 * k));
  weft_put_le32(big + table, 0u - 8u);
  weft_put_le16(big + table + 8, 4);
  weft_put_le16(big + table + 10, 4);
  uint32_t tensors = mb_field(&s.file, s.file.subgraph, 0);
  weft_put_le32(big + tensors, vector - tensors);
  weft_graph *g = NULL;
  assert_int_equal(weft_graph_read(s.arena, s.diag, "t.tflite",
                                   (weft_span){big, size}, &g),
                   WEFT_E_CAP);
  assert_non_null(strstr(weft_diag_at(s.diag, 0)->found, "tensors"));
  assert_int_equal(weft_fb_open(&fb, s.diag, "t.tflite", (weft_span){big, size},
                                "TFL3"),
                   WEFT_OK);
  weft_fb_vec v = {big + vector + 4, n, vector + 4};
  for (int round = 0; round < 3; round++)
    for (uint32_t k = 0; k < n; k++)
      weft_fb_at(&fb, v, k);
  assert_int_equal(fb.status, WEFT_E_CAP);
  assert_int_equal(fb.tables_left, 0);
  test_free(big);
  weft_arena_free(&s.arena);
}

/* The sound file with a vector of n zeros, elem_bytes each, behind it, which the
 * field at `field` points at; the reader must stop at a cap. */
static void expect_cap(uint32_t (*field)(const mb_file *f), uint32_t n,
                       uint32_t elem_bytes, const char *where,
                       const char *found) {
  setup s;
  weft_graph *g = NULL;
  open_setup(&s);
  size_t size = s.file.size + 4 + (size_t)n * elem_bytes;
  uint8_t *big = test_calloc(size, 1);
  memcpy(big, s.file.bytes, s.file.size);
  uint32_t at = field(&s.file);
  weft_put_le32(big + at, s.file.size - at);
  weft_put_le32(big + s.file.size, n);
  assert_int_equal(weft_graph_read(s.arena, s.diag, "t.tflite",
                                   (weft_span){big, size}, &g),
                   WEFT_E_CAP);
  const weft_issue *issue = weft_diag_at(s.diag, 0);
  if (!strstr(issue->where, where) || !strstr(issue->found, found))
    fail_msg("got '%s' '%s', want '%s' '%s'", issue->where, issue->found, where,
             found);
  test_free(big);
  weft_arena_free(&s.arena);
}

static uint32_t opcodes_field(const mb_file *f) {
  return mb_field(f, f->model, 1);
}
static uint32_t tensors_field(const mb_file *f) {
  return mb_field(f, f->subgraph, 0);
}
static uint32_t inputs_field(const mb_file *f) {
  return mb_field(f, f->subgraph, 1);
}
static uint32_t operators_field(const mb_file *f) {
  return mb_field(f, f->subgraph, 3);
}
static uint32_t operands_field(const mb_file *f) {
  return mb_field(f, f->op[0], 1);
}
static uint32_t scales_field(const mb_file *f) {
  uint32_t q = mb_field(f, f->tensor[0], 4);
  return mb_field(f, q + weft_le32(f->bytes + q), 2);
}

static void test_caps(void **state) {
  (void)state;
  expect_cap(opcodes_field, 65537, 4, "operator_codes", "65536 operator codes");
  expect_cap(tensors_field, 262145, 4, "tensors", "262144 tensors");
  expect_cap(inputs_field, 1048577, 4, "inputs", "1048576 tensors");
  expect_cap(operators_field, 65537, 4, "operators", "65536 operators");
  expect_cap(operands_field, 1048577, 4, "operators[0]", "1048576 operands");
  expect_cap(scales_field, 4194305, 4, "tensors[0]", "4194304 scales");
}

/* After the first failure every accessor answers "absent". */
static void test_fails_closed(void **state) {
  (void)state;
  setup s;
  weft_fb fb;
  open_setup(&s);
  weft_fb_open(&fb, s.diag, "t.tflite",
               (weft_span){s.file.bytes, s.file.size}, "TFL3");
  weft_fb_table root = weft_fb_root(&fb);
  assert_int_equal(weft_fb_u32(&fb, root, 0, 77), 3);
  assert_int_equal(weft_fb_fail(&fb, WEFT_E_MODEL, 1, "x", "y"), WEFT_E_MODEL);
  assert_int_equal(weft_fb_u32(&fb, root, 0, 77), 77);
  assert_int_equal(weft_fb_tables(&fb, root, 1).n, 0);
  assert_int_equal(weft_fb_root(&fb).at, 0);
  assert_false(weft_fb_has(&fb, root, 0));
  assert_int_equal(weft_fb_fail(&fb, WEFT_E_CAP, 1, "x", "y"), WEFT_E_MODEL);
  assert_int_equal(weft_diag_count(s.diag), 1);
  weft_arena_free(&s.arena);
}

static void expect_name(const char *bytes, const char *want) {
  static mb_model m;
  setup s;
  weft_graph *g = NULL;
  open_setup(&s);
  mb_conv(&m);
  m.tensors[0].name = bytes;
  mb_write(&m, &s.file);
  assert_int_equal(weft_graph_read(s.arena, s.diag, "t.tflite",
                                   (weft_span){s.file.bytes, s.file.size}, &g),
                   WEFT_OK);
  assert_string_equal(g->tensors[0].name, want);
  weft_arena_free(&s.arena);
}

static void test_names_are_printable(void **state) {
  (void)state;
  char longer[700], cut[512];
  memset(longer, 'n', sizeof longer);
  longer[699] = '\0';
  memset(cut, 'n', sizeof cut);
  cut[511] = '\0';
  expect_name("conv/Relu;dense", "conv/Relu;dense");
  expect_name("h\xc3\xa4user \xe2\x82\xac \xf0\x9f\x90\x8c",
              "h\xc3\xa4user \xe2\x82\xac \xf0\x9f\x90\x8c");
  expect_name("\x1b[31mred\x7f\n", "?[31mred??");
  expect_name("\xff\xc0\xaf\xed\xa0\x80\xe2\x82", "????????");
  expect_name("\xc2\x9b", "??");
  expect_name(longer, cut);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sound_file),
    cmocka_unit_test(test_every_truncation),
    cmocka_unit_test(test_header),
    cmocka_unit_test(test_tables),
    cmocka_unit_test(test_offsets),
    cmocka_unit_test(test_vectors),
    cmocka_unit_test(test_cycles),
    cmocka_unit_test(test_table_budget),
    cmocka_unit_test(test_caps),
    cmocka_unit_test(test_fails_closed),
    cmocka_unit_test(test_names_are_printable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
