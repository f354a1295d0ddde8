/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml_tree.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
  weft_arena *arena;
  weft_diag *d;
  yaml_tree *t;
} fixture;

static weft_status parse(fixture *f, const char *text) {
  f->arena = weft_arena_new();
  f->d = weft_diag_new(f->arena);
  const weft_span s = {(const uint8_t *)text, strlen(text)};
  return yaml_tree_parse(f->arena, f->d, "t.yaml", s, &f->t);
}

static void expect_issue(fixture *f, weft_status s, const char *where, const char *text) {
  assert_int_equal(s, WEFT_E_CONFIG);
  const weft_issue *i = weft_diag_at(f->d, weft_diag_count(f->d) - 1);
  assert_non_null(strstr(i->where, where));
  char all[2048];
  snprintf(all, sizeof all, "%s|%s|%s", i->found, i->allowed, i->remedy ? i->remedy : "");
  if (!strstr(all, text))
    print_error("%s\n", all);
  assert_non_null(strstr(all, text));
}

static void reads_values(void **state) {
  (void)state;
  fixture f;
  assert_int_equal(parse(&f, "\xef\xbb\xbf" "a: 3\nb: {c: 0.5, d: true}\ne: [x, 'y']\nf: ~\n"), WEFT_OK);
  int64_t a = 0;
  double c = 0;
  bool is_d = false;
  int which = -1;
  const yaml_tree *b = yaml_get(f.t, "b");
  assert_int_equal(yaml_int(f.d, f.t, "a", 1, 3, &a), WEFT_OK);
  assert_int_equal(yaml_double(f.d, b, "c", 0, 1, &c), WEFT_OK);
  assert_int_equal(yaml_bool(f.d, b, "d", &is_d), WEFT_OK);
  assert_int_equal(a, 3);
  assert_true(c == 0.5 && is_d);
  assert_int_equal(yaml_get(f.t, "e")->n, 2);
  assert_string_equal(yaml_get(f.t, "e")->child[1]->text, "y");
  assert_null(yaml_get(f.t, "f"));
  const char *const names[] = {"one", "three"};
  assert_int_equal(yaml_choice(f.d, f.t, "absent", names, 2, &which), WEFT_OK);
  assert_int_equal(which, -1);
  weft_arena_free(&f.arena);
}

static void names_key_limit_and_nearest(void **state) {
  (void)state;
  fixture f;
  assert_int_equal(parse(&f, "epohcs: 3\nbatch: 0\nkind: lineer\nx: 1e999\n"), WEFT_OK);
  const char *const keys[] = {"epochs", "batch", "kind", "x"};
  const char *const kinds[] = {"linear", "random"};
  int64_t v = 7;
  double x = 7;
  int which = -1;
  expect_issue(&f, yaml_known(f.d, f.t, keys, 4), "t.yaml:1: epohcs", "epochs?");
  expect_issue(&f, yaml_int(f.d, f.t, "batch", 1, 9, &v), "t.yaml:2: batch", "1..9");
  expect_issue(&f, yaml_choice(f.d, f.t, "kind", kinds, 2, &which), ":3: kind", "linear?");
  expect_issue(&f, yaml_double(f.d, f.t, "x", 0, 9, &x), ":4: x", "0..9");
  assert_true(v == 7 && x == 7 && which == -1);
  weft_arena_free(&f.arena);
}

static void refuses(const char *text, const char *why) {
  fixture f;
  const weft_status s = parse(&f, text);
  expect_issue(&f, s, "t.yaml", why);
  weft_arena_free(&f.arena);
}

static void names_an_empty_list(void **state) {
  (void)state;
  fixture f;
  assert_int_equal(parse(&f, "a: []\n"), WEFT_OK);
  const weft_status s = yaml_fail(f.d, yaml_get(f.t, "a"), "a list of values");
  expect_issue(&f, s, "t.yaml:1: a", "an empty list|a list of values");
  weft_arena_free(&f.arena);
}

static void refuses_what_is_never_needed(void **state) {
  (void)state;
  refuses("a: &x 1\nb: *x\n", "an anchor");
  refuses("a: *x\n", "an alias");
  refuses("a: !!int 1\n", "a tag");
  refuses("a: 1\na: 2\n", "a second time");
  refuses("a: 1\n---\nb: 2\n", "a second document");
  refuses("", "an empty file");
  refuses("a: [1, 2\n", "valid YAML");
  refuses("[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "16 levels");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_values),
    cmocka_unit_test(names_key_limit_and_nearest),
    cmocka_unit_test(names_an_empty_list),
    cmocka_unit_test(refuses_what_is_never_needed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
