/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of options and inputs; the whole command is tests/neg and tests/e2e. */
#include "cli/cli.h"

#include <setjmp.h>
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

static weft_status parse(weft_arena *a, cli *c, const char *verb, int argc, char **argv) {
  const char *nearest = NULL;
  *c = (cli){.arena = a, .diag = weft_diag_new(a)};
  c->verb = cli_verb_find(verb, &nearest);
  assert_non_null(c->verb);
  return cli_parse(c, argc, argv);
}
#define PARSE(c, verb, ...)                                          \
  parse(*state, c, verb, (int)(sizeof((char *[]){__VA_ARGS__}) /     \
                               sizeof(char *)), (char *[]){__VA_ARGS__})

static void options_are_read_in_any_order(void **state) {
  cli c;
  assert_int_equal(PARSE(&c, "run", "--seed", "0x10", "net", "-cwide", "--set=a=b",
                         "--set", "c=d", "--json", "--backend=rtl", "-i", "f"), WEFT_OK);
  assert_true(c.has_seed && c.seed == 16 && c.json);
  assert_string_equal(c.config, "wide");
  assert_string_equal(c.backend, "rtl");
  assert_int_equal(c.sets.n, 2);
  assert_string_equal(c.sets.items[0], "a=b");
  assert_string_equal(c.args.items[0], "net");
  assert_string_equal(c.inputs.items[0], "f");
  assert_int_equal(PARSE(&c, "run", "--", "--seed"), WEFT_OK);
  assert_string_equal(c.args.items[0], "--seed");
}

static void wrong_lines_are_usage_errors(void **state) {
  cli c;
  assert_int_equal(PARSE(&c, "run", "net", "--frobnicate"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--sead", "1"), WEFT_E_USAGE);
  assert_string_equal(weft_diag_at(c.diag, 0)->remedy, "did you mean --seed?");
  assert_int_equal(PARSE(&c, "run", "net", "--seed"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--seed", "-1"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--seed", "18446744073709551616"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--seed", ""), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--json=1"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--backend", "fpga"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--progress", "loud"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--progress", "auto plain"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--backend", "model rtl"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "-Z"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "a", "b"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "check", "net", "--seed", "1"), WEFT_E_USAGE);
  assert_int_equal(PARSE(&c, "run", "net", "--profile", "litert"), WEFT_E_UNSUPPORTED);
}

static void numbers_are_strict(void **state) {
  (void)state;
  uint64_t v = 0;
  assert_true(cli_number("18446744073709551615", &v) && v == UINT64_MAX);
  assert_true(cli_number("0xFFffFFffFFffFFff", &v) && v == UINT64_MAX);
  static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1x", "0x", "0xg",
                                    "1e3", "18446744073709551616", "0x10000000000000000"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(cli_number(bad[i], &v));
}

static cli_io io(weft_type type, bool is_quantized, size_t n_elems, size_t n_bytes) {
  return (cli_io){.name = "x", .type = type, .is_quantized = is_quantized,
                  .n_elems = n_elems, .n_bytes = n_bytes};
}

/* Elements take bytes of the stream by type;
 * the next input goes on where the one before ended. */
static void generated_inputs_follow_the_stream(void **state) {
  (void)state;
  uint8_t stream[64], out[64];
  weft_rng r = {1};
  for (size_t i = 0; i < sizeof stream; i++)
    stream[i] = weft_rng_byte(&r);
  r = (weft_rng){1};
  const cli_io i8 = io(WEFT_INT8, true, 5, 5);
  const cli_io i32 = io(WEFT_INT32, true, 2, 8);
  const cli_io index = io(WEFT_INT32, false, 2, 8);
  const cli_io f32 = io(WEFT_FLOAT32, false, 2, 8);
  cli_generate(&r, &i8, out);
  assert_memory_equal(out, stream, 5);
  cli_generate(&r, &i32, out);
  assert_memory_equal(out, stream + 5, 8);
  cli_generate(&r, &index, out);
  assert_int_equal(weft_le32(out), stream[13] & 1);
  assert_int_equal(weft_le32(out + 4), stream[14] & 1);
  cli_generate(&r, &f32, out);
  float f[2];
  memcpy(f, out, sizeof f);
  assert_true(f[0] == (float)(stream[15] - 128) / 128.0f);
  assert_true(f[1] == (float)(stream[16] - 128) / 128.0f);
}

static weft_span npy(weft_arena *a, const char *header, const char *data, size_t n) {
  const size_t length = strlen(header);
  uint8_t *p = weft_arena_alloc(a, 10 + length + n, 1);
  memcpy(p, "\x93NUMPY\x01\x00", 8);
  weft_put_le16(p + 8, (uint16_t)length);
  memcpy(p + 10, header, length);
  memcpy(p + 10 + length, data, n);
  return (weft_span){p, 10 + length + n};
}

static void npy_of_type_and_count_is_read(void **state) {
  weft_arena *a = *state;
  weft_span out;
  const cli_io x = io(WEFT_INT8, true, 6, 6);
  const weft_span f =
    npy(a, "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }\n", "abcdef", 6);
  assert_int_equal(cli_npy(NULL, "f", f, &x, &out), WEFT_OK);
  assert_memory_equal(out.data, "abcdef", 6);
  assert_int_equal(out.size, 6);
}

static void wrong_npy_is_refused(void **state) {
  weft_arena *a = *state;
  static const char *const bad[] = {
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }\n",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }\n",
    "{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }\n",
    "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 4), }\n",
    "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3",
    "{'descr': '|i1', 'fortran_order': False, 'shape': (-2, -3), }\n",
    "{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999, 1), }\n",
    "{'descr': '|i1', 'fortran_order': False, 'shape'",
    "",
  };
  const cli_io x = io(WEFT_INT8, true, 6, 6);
  weft_span out;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    weft_diag *d = weft_diag_new(a);
    assert_int_equal(cli_npy(d, "f", npy(a, bad[i], "abcdef", 6), &x, &out), WEFT_E_INPUT);
    assert_int_equal(weft_diag_count(d), 1);
  }
  const weft_span good =
    npy(a, "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }\n", "abcdef", 6);
  for (size_t n = 0; n < good.size; n++) {
    const weft_span cut = {weft_arena_copy(a, good.data, n), n};
    assert_int_equal(cli_npy(NULL, "f", cut, &x, &out), WEFT_E_INPUT);
  }
}

static void argmax_is_the_first_maximum(void **state) {
  (void)state;
  static const int8_t v[4] = {-128, 5, 5, -1};
  assert_int_equal(cli_argmax(WEFT_INT8, v, 4), 1);
  static const uint8_t u[3] = {5, 200, 200};
  assert_int_equal(cli_argmax(WEFT_UINT8, u, 3), 1);
  assert_string_equal(cli_elem_text(*state, WEFT_INT8, v, 0), "-128");
}

static void every_verb_has_a_manual(void **state) {
  size_t n = 0;
  const cli_verb *v = cli_verbs(&n);
  for (size_t i = 0; i < n; i++) {
    assert_true(strlen(v[i].line) > 10);
    assert_non_null(strstr(cli_options_text(*state, v[i].name), "--json"));
  }
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    CASE(options_are_read_in_any_order),  CASE(wrong_lines_are_usage_errors),
    CASE(numbers_are_strict),             CASE(generated_inputs_follow_the_stream),
    CASE(npy_of_type_and_count_is_read),  CASE(wrong_npy_is_refused),
    CASE(argmax_is_the_first_maximum),    CASE(every_verb_has_a_manual),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
