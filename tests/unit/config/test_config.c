/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"
#include "config/config_rows.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state) {
  *state = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  weft_arena_free((weft_arena **)state);
  return 0;
}

/* Canonical text of base with `from` replaced once by `to`. */
static char *edited(weft_arena *a, const char *from, const char *to) {
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(a, NULL, "base", NULL, 0, &c), WEFT_OK);
  char *text = weft_config_text(a, c);
  char *at = strstr(text, from);
  assert_non_null(at);
  return weft_arena_printf(a, "%.*s%s%s", (int)(at - text), text, to,
                           at + strlen(from));
}

static weft_status parse(weft_arena *a, weft_diag *d, const char *text,
                         size_t n, weft_config **c) {
  return weft_config_parse(a, d, "f.yaml", (weft_span){(const uint8_t *)text, n}, c);
}

static void every_named_machine_is_legal(void **state) {
  weft_arena *a = *state;
  static const char *const want[] = {"base", "large", "stress", "tiny", "wide"};
  const char *const *names = weft_config_names();
  for (size_t i = 0; i < 5; i++) {
    weft_config *c = NULL;
    assert_string_equal(names[i], want[i]);
    assert_int_equal(weft_config_load(a, NULL, names[i], NULL, 0, &c), WEFT_OK);
    assert_string_equal(c->name, names[i]);
  }
  assert_null(names[5]);
}

static void canonical_text_reads_back(void **state) {
  weft_arena *a = *state;
  for (const char *const *n = weft_config_names(); *n; n++) {
    weft_config *c = NULL;
    weft_config *back = NULL;
    assert_int_equal(weft_config_load(a, NULL, *n, NULL, 0, &c), WEFT_OK);
    char *text = weft_config_text(a, c);
    assert_int_equal(parse(a, NULL, text, strlen(text), &back), WEFT_OK);
    assert_string_equal(weft_config_text(a, back), text);
    assert_true(weft_config_hash(c) == weft_config_hash(back));
  }
}

/* Editors of other systems write it; a second one, or one behind the start, is none. */
static void a_byte_order_mark_is_no_column(void **state) {
  weft_arena *a = *state;
  weft_config *c = NULL, *base = NULL;
  assert_int_equal(weft_config_load(a, NULL, "base", NULL, 0, &base), WEFT_OK);
  const char *text = weft_config_text(a, base);
  const char *marked = weft_arena_printf(a, "\xef\xbb\xbf%s", text);
  assert_int_equal(parse(a, NULL, marked, strlen(marked), &c), WEFT_OK);
  assert_true(weft_config_hash(c) == weft_config_hash(base));
  assert_string_equal(weft_config_text(a, c), text);
  const char *twice = weft_arena_printf(a, "\xef\xbb\xbf%s", marked);
  assert_int_equal(parse(a, NULL, twice, strlen(twice), &c), WEFT_E_CONFIG);
  assert_int_equal(parse(a, NULL, marked, 3, &c), WEFT_E_CONFIG);
  assert_int_equal(parse(a, NULL, marked, 2, &c), WEFT_E_CONFIG);
}

static uint64_t hash_with(weft_arena *a, const char *set) {
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(a, NULL, "base", &set, 1, &c), WEFT_OK);
  return weft_config_hash(c);
}

static void hash_covers_structure_and_not_timing(void **state) {
  weft_arena *a = *state;
  weft_config *base = NULL;
  assert_int_equal(weft_config_load(a, NULL, "base", NULL, 0, &base), WEFT_OK);
  const uint64_t h = weft_config_hash(base);
  assert_true(hash_with(a, "dram.latency=99") == h);
  assert_true(hash_with(a, "dram.row_bytes=1024") == h);
  assert_true(hash_with(a, "dram.bytes_per_cycle=1/2") == h);
  assert_true(hash_with(a, "queue.depth=4") == h);
  assert_true(hash_with(a, "scratchpad.kib=128") != h);
  assert_true(hash_with(a, "array.acc_bits=32") != h);
  assert_true(hash_with(a, "array.hop=4") != h);
}

static void fractions_are_reduced(void **state) {
  weft_arena *a = *state;
  weft_config *c = NULL;
  const char *set = "dram.bytes_per_cycle=6/4";
  assert_int_equal(weft_config_load(a, NULL, "base", &set, 1, &c), WEFT_OK);
  assert_int_equal(c->dram_rate_num, 3);
  assert_int_equal(c->dram_rate_den, 2);
}

/* Each row edits the canonical text of base; the first issue must be E_CONFIG
 * and hold `says` in one of its texts. */
typedef struct bad_row { const char *from, *to, *says; } bad_row;
static const bad_row bad_rows[] = {
  {"array.rows: 8", "array.rows: 3000", "2..32"},
  {"array.rows: 8", "array.rows: 1", "2..32"},
  {"array.rows: 8", "array.rows: -8", "2..32"},
  {"array.rows: 8", "array.rows: 99999999999999999999", "2147483647 or beyond"},
  {"array.rows: 8", "array.rows: 6", "array.rows must be a power of two"},
  {"array.rows: 8", "aray.rows: 8", "did you mean array.rows?"},
  {"array.rows: 8", "frequency_mhz: 8", "an unknown key"},
  {"array.rows: 8\n", "", "no such key in the file"},
  {"array.rows: 8", "array.rows: 8\narray.rows: 8", "a second time"},
  {"array.rows: 8", "array.rows: 8.0", "'8.0'"},
  {"array.rows: 8", "array.rows: 0x8", "'0x8'"},
  {"array.rows: 8", "array.rows:", "a decimal integer"},
  {"array.rows: 8", "array.rows: \"8\"", "a quoted or block scalar"},
  {"array.rows: 8", "array.rows: [8]", "a nested value"},
  {"array.rows: 8", "array.rows: {a: 8}", "a nested value"},
  {"array.rows: 8", "array.rows: &x 8", "an anchor or tag"},
  {"array.rows: 8", "array.rows: !!int 8", "an anchor or tag"},
  {"array.rows: 8", "array.rows: *x", "an alias"},
  {"array.rows: 8", "? [a]\n: 8", "a nested value"},
  {"array.rows: 8", "array.rows: 8/2", "a decimal integer"},
  {"array.rows: 8", "array.rows: 8\n---\narray.rows: 8", "one document"},
  {"array.rows: 8", "- array.rows", "lines of 'key: value'"},
  {"array.rows: 8", "array.rows: \x01", "valid YAML"},
  {"array.lanes: 8", "array.lanes: 0", "1..32"},
  {"array.lanes: 8", "array.lanes: 3", "must divide array.cols"},
  {"array.hop: 0", "array.hop: 3", "divide array.rows"},
  {"word_bytes: 8", "word_bytes: 16", "must equal array.cols"},
  {"scratchpad.kib: 64", "scratchpad.kib: 1000", "power of two"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: 4/0", "1..64 each"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: 0", "1..64 each"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: 65", "1..64 each"},
  {"dram.gap: 0", "dram.gap: 0\ndram.row_bytes: 70000000", "0..16777216"},
  {"dram.gap: 0", "dram.gap: 0\ndram.setup: 1\ndram.setup: 1", "a second time"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: 4/99999999999", "4/2147483647 or beyond"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: 99999999999/4", "2147483647/4 or beyond"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: -99999999999", "-2147483647 or beyond"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: 1/2/3", "N or N/M"},
  {"bytes_per_cycle: 4", "bytes_per_cycle: 4/", "N or N/M"},
};

static bool issue_says(const weft_issue *i, const char *text) {
  return strstr(i->found, text) || strstr(i->allowed, text) ||
         (i->remedy && strstr(i->remedy, text)) || strstr(i->where, text);
}

static void bad_yaml_is_refused_by_name(void **state) {
  weft_arena *a = *state;
  for (size_t i = 0; i < sizeof bad_rows / sizeof *bad_rows; i++) {
    weft_diag *d = weft_diag_new(a);
    weft_config *c = NULL;
    const char *text = edited(a, bad_rows[i].from, bad_rows[i].to);
    const weft_status s = parse(a, d, text, strlen(text), &c);
    const weft_issue *issue = weft_diag_at(d, 0);
    if (s != WEFT_E_CONFIG || !issue || !issue_says(issue, bad_rows[i].says))
      fail_msg("'%s' gave %s: %s / %s, wanted '%s'", bad_rows[i].to,
               weft_status_name(s), issue ? issue->found : "-",
               issue ? issue->allowed : "-", bad_rows[i].says);
  }
}

static void bad_names_and_sets_are_refused(void **state) {
  weft_arena *a = *state;
  static const struct { const char *name, *set, *says; } rows[] = {
    {"bse", NULL, "did you mean base?"},
    {"nonsense", NULL, "unknown machine"},
    {"base", "array.rows", "key=value"},
    {"base", "=3", "key=value"},
    {"base", "array.row=8", "did you mean array.rows?"},
    {"base", "array.rows=", "a decimal integer"},
    {"base", "array.rows=x", "a decimal integer"},
    {"base", "array.rows=64", "2..32"},
    {"base", "array.cols=16", "must equal array.cols"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    weft_diag *d = weft_diag_new(a);
    weft_config *c = NULL;
    const weft_status s = weft_config_load(a, d, rows[i].name, &rows[i].set,
                                           rows[i].set ? 1 : 0, &c);
    assert_int_equal(s, WEFT_E_CONFIG);
    if (!issue_says(weft_diag_at(d, 0), rows[i].says))
      fail_msg("%s: no '%s'", rows[i].set ? rows[i].set : rows[i].name, rows[i].says);
  }
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(a, NULL, "/no/such.yaml", NULL, 0, &c),
                   WEFT_E_READ);
}

/* where | found | allowed of every issue, in order. */
static const char *issues_text(weft_arena *a, const weft_diag *d) {
  const char *text = "";
  for (size_t i = 0; i < weft_diag_count(d); i++) {
    const weft_issue *issue = weft_diag_at(d, i);
    text = weft_arena_printf(a, "%s%s | %s | %s\n", text, issue->where, issue->found, issue->allowed);
  }
  return text;
}

static void all_violations_of_sets_are_reported(void **state) {
  weft_arena *a = *state;
  weft_diag *d = weft_diag_new(a);
  static const char *const sets[] = {"array.rows=6", "array.lanes=64", "queue.depth=7",
                                     "aray.cols=3", "ring.kib=x"};
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(a, d, "base", sets, 5, &c), WEFT_E_CONFIG);
  assert_null(c);
  assert_string_equal(issues_text(a, d),
                      "--set aray.cols=3 | an unknown key | the keys of configs/CONFIG.md\n"
                      "--set ring.kib=x | no number | a decimal integer\n"
                      "base: array.lanes | 64 | 1..32\n"
                      "base | array.rows 6 | array.rows must be a power of two\n"
                      "base | queue.depth 7 | queue.depth must be a power of two\n");
}

/* Each class of problem in one file: none hides another. */
static void all_violations_of_a_file_are_reported(void **state) {
  weft_arena *a = *state;
  weft_diag *d = weft_diag_new(a);
  static const char text[] =
    "array.rows: 6\narray.colls: 8\narray.cols: 8\narray.lanes: 3\narray.hop: 40\narray.acc_bits: [24, {a: b}]\n"
    "array.taps: \"64\"\nscratchpad.word_bytes: 16\nscratchpad.kib: 64\nscratchpad.kib: 32\nring.kib: many\n"
    "queue.depth: *x\n{a: b}: {c: d}\ndram.beat_bytes: 4\ndram.bytes_per_cycle: 65\n"
    "dram.latency: &x 20\ndram.gap: 0\ndram.refresh_interval: 0\n";
  weft_config *c = NULL;
  assert_int_equal(parse(a, d, text, sizeof text - 1, &c), WEFT_E_CONFIG);
  assert_null(c);
  assert_string_equal(
    issues_text(a, d),
    "f.yaml:2: array.colls | an unknown key | the keys of configs/CONFIG.md\n"
    "f.yaml:6 | a nested value | a decimal integer\n"
    "f.yaml:7 | a quoted or block scalar | a decimal integer\n"
    "f.yaml:10: scratchpad.kib | the key a second time | every key once\n"
    "f.yaml:11: ring.kib | 'many' | a decimal integer\n"
    "f.yaml:12 | an alias | a decimal integer\n"
    "f.yaml:13 | a nested value | a key of the configuration\n"
    "f.yaml:13 | a nested value | one value\n"
    "f.yaml:16 | an anchor or tag | a decimal integer\n"
    "f.yaml: dram.refresh_cycles | no such key in the file | every key in every file\n"
    "f.yaml: array.hop | 40 | 0..32\n"
    "f.yaml: dram.bytes_per_cycle | 65 | N or N/M, 1..64 each\n"
    "f.yaml | array.rows 6 | array.rows must be a power of two\n"
    "f.yaml | array.cols 8, array.lanes 3 | array.lanes must divide array.cols\n"
    "f.yaml | array.cols 8, scratchpad.word_bytes 16 | scratchpad.word_bytes must equal array.cols in this version\n");
}

/* A damaged end hides nothing of the lines before it. */
static void a_damaged_file_tells_what_it_held(void **state) {
  weft_arena *a = *state;
  weft_diag *d = weft_diag_new(a);
  static const char text[] = "array.rows: 6\nfoo: 1\narray.cols: 99\n]\n";
  weft_config *c = NULL;
  assert_int_equal(parse(a, d, text, sizeof text - 1, &c), WEFT_E_CONFIG);
  assert_int_equal(weft_diag_count(d), 4);
  assert_string_equal(weft_diag_at(d, 1)->allowed, "valid YAML");
  assert_string_equal(weft_diag_at(d, 2)->found, "99");
  assert_string_equal(weft_diag_at(d, 3)->found, "array.rows 6");
}

/* What is no machine at all is named. */
static void what_is_no_mapping_is_named(void **state) {
  weft_arena *a = *state;
  static const struct { const char *text, *found; } rows[] = {
    {"", "f.yaml:1 | an empty file | lines of 'key: value'\n"},
    {"# a comment\n", "f.yaml:2 | an empty file | lines of 'key: value'\n"},
    {"---\n", "f.yaml:2 | a value without a key | lines of 'key: value'\n"},
    {"base\n", "f.yaml:1 | a value without a key | lines of 'key: value'\n"},
    {"- a\n", "f.yaml:1 | a list | lines of 'key: value'\n"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    weft_diag *d = weft_diag_new(a);
    weft_config *c = NULL;
    assert_int_equal(parse(a, d, rows[i].text, strlen(rows[i].text), &c), WEFT_E_CONFIG);
    assert_string_equal(issues_text(a, d), rows[i].found);
  }
}

static void deep_and_large_yaml_ends_early(void **state) {
  weft_arena *a = *state;
  static char deep[60000];
  memset(deep, '[', sizeof deep);
  weft_config *c = NULL;
  assert_int_equal(parse(a, NULL, deep, sizeof deep, &c), WEFT_E_CONFIG);
  static char large[70000];
  memset(large, '#', sizeof large);
  assert_int_equal(parse(a, NULL, large, sizeof large, &c), WEFT_E_CONFIG);
  assert_int_equal(parse(a, NULL, "", 0, &c), WEFT_E_CONFIG);
}

/* Flips, cuts and splices of a legal file: refused or legal, never a crash. */
static void damaged_yaml_never_crashes(void **state) {
  (void)state;
  weft_rng r = {7};
  for (int k = 0; k < 3000; k++) {
    weft_arena *a = weft_arena_new();
    weft_config *c = NULL;
    assert_int_equal(weft_config_load(a, NULL, "base", NULL, 0, &c), WEFT_OK);
    char *text = weft_config_text(a, c);
    size_t n = strlen(text);
    const int64_t edits = weft_rng_range(&r, 1, 6);
    for (int64_t e = 0; e < edits; e++)
      text[weft_rng_range(&r, 0, (int64_t)n - 1)] = (char)weft_rng_byte(&r);
    if (weft_rng_range(&r, 0, 3) == 0)
      n = (size_t)weft_rng_range(&r, 0, (int64_t)n);
    c = NULL;
    weft_diag *d = weft_diag_new(a);
    const uint8_t *bytes = weft_arena_copy(a, text, n);
    const weft_status s = weft_config_parse(a, d, "f", (weft_span){bytes, n}, &c);
    assert_true(s == WEFT_OK ? c != NULL && weft_config_check(NULL, c) == WEFT_OK
                             : s == WEFT_E_CONFIG && weft_diag_count(d) > 0);
    weft_arena_free(&a);
  }
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    CASE(every_named_machine_is_legal),
    CASE(canonical_text_reads_back),
    CASE(hash_covers_structure_and_not_timing),
    CASE(fractions_are_reduced),
    CASE(a_byte_order_mark_is_no_column),
    CASE(bad_yaml_is_refused_by_name),
    CASE(bad_names_and_sets_are_refused),
    CASE(all_violations_of_sets_are_reported),
    CASE(all_violations_of_a_file_are_reported),
    CASE(a_damaged_file_tells_what_it_held),
    CASE(what_is_no_mapping_is_named),
    CASE(deep_and_large_yaml_ends_early),
    CASE(damaged_yaml_never_crashes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
