/* SPDX-License-Identifier: Apache-2.0 */
/* --json: whatever is wrong with a line, standard output holds one JSON object,
 * and on failure it has error, exit and issues. Over all verbs and all options
 * that take a value, out of the tables. */
#include "cli/cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#define MAX_ARGS 24
#define NET "tests/models/cnn_mnist_int8.tflite"

typedef struct line {
  int argc;
  char *argv[MAX_ARGS];
} line;

static void add(line *l, const char *arg) {
  assert_true(l->argc < MAX_ARGS - 1);
  l->argv[l->argc++] = (char *)(uintptr_t)arg;
}

/* The command with standard output in a file and no messages; its exit code. */
static int run(line *l, char *out, size_t cap) {
  FILE *f = tmpfile();
  const int nowhere = open("/dev/null", O_WRONLY);
  assert_non_null(f);
  fflush(stdout);
  const int before[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
  assert_true(dup2(fileno(f), STDOUT_FILENO) >= 0 && dup2(nowhere, STDERR_FILENO) >= 0);
  const int code = cli_main(l->argc, l->argv);
  fflush(stdout);
  dup2(before[0], STDOUT_FILENO);
  dup2(before[1], STDERR_FILENO);
  close(before[0]);
  close(before[1]);
  close(nowhere);
  rewind(f);
  out[fread(out, 1, cap - 1, f)] = '\0';
  fclose(f);
  return code;
}

static const char *text_of(const line *l) {
  static char text[2000];
  text[0] = '\0';
  for (int i = 0; i < l->argc; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", l->argv[i]);
  return text;
}

/* Exit code; the object is legal for it. */
static int check(line *l) {
  static char out[1 << 20];
  json_error_t why;
  const int code = run(l, out, sizeof out);
  json_t *o = json_loads(out, JSON_REJECT_DUPLICATES, &why);
  const bool is_object = json_is_object(o);
  const char *error = json_string_value(json_object_get(o, "error"));
  const json_t *number = json_object_get(o, "exit");
  const json_t *issues = json_object_get(o, "issues");
  const bool is_told = error && json_integer_value(number) == code && json_array_size(issues) > 0;
  if (!is_object || (code == 0 ? error != NULL : !is_told))
    fail_msg("%s: exit %d with %.300s (%s)", text_of(l), code, out, is_object ? "" : why.text);
  json_decref(o);
  return code;
}

/* weft VERB with as many arguments as it wants; of `config`, an action. */
static line start(const cli_verb *v, const char *arg) {
  line l = {0};
  add(&l, "weft");
  add(&l, v->name);
  for (int i = 0; i < v->min_args; i++)
    add(&l, strcmp(v->name, "config") == 0 ? "show" : arg);
  add(&l, "--json");
  return l;
}

static int with(const cli_verb *v, const char *a, const char *b) {
  line l = start(v, "tests/no/such/file");
  add(&l, a);
  if (b)
    add(&l, b);
  return check(&l);
}

static void wrong_lines_of_every_verb(void **state) {
  (void)state;
  size_t n = 0;
  const cli_verb *v = cli_verbs(&n);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(with(&v[i], "--frobnicate", NULL), 2);
    assert_int_equal(with(&v[i], "--progress", "loud"), 2);
    assert_int_equal(with(&v[i], "--json=yes", NULL), 2);
    assert_int_equal(with(&v[i], "--jobs", "0"), 2);
    assert_int_equal(with(&v[i], "--jobs", "many"), 2);
    assert_int_equal(with(&v[i], "--jobs", NULL), 2);
    line l = start(&v[i], "x");
    for (int k = v[i].min_args; k <= v[i].max_args; k++)
      add(&l, "x");
    assert_int_equal(check(&l), 2);
    line few = {2, {(char *)(uintptr_t)"weft", (char *)(uintptr_t)v[i].name}};
    add(&few, "--json");
    assert_true(v[i].min_args == 0 ? check(&few) != 1 : check(&few) == 2);
  }
}

/* The value may be a file that a verb would write. */
static bool is_output(const cli_option *o) {
  return strcmp(o->name, "out") == 0 || strcmp(o->name, "output") == 0 || strcmp(o->name, "export") == 0;
}

/* Options that take a value, with values that are wrong somewhere. */
static void wrong_values_of_every_option(void **state) {
  (void)state;
  static const char *const values[] = {"", "tests/no/such.yaml", "-1", "99999999999999999999", "no such thing"};
  size_t n = 0, n_options = 0;
  const cli_verb *v = cli_verbs(&n);
  const cli_option *o = cli_options(&n_options);
  for (size_t i = 0; i < n; i++) {
    if (strcmp(v[i].name, "doctor") == 0)
      continue;   /* asks every tool for its version; its lines are above */
    for (size_t k = 0; k < n_options; k++)
      for (size_t m = 0; o[k].kind != CLI_FLAG && cli_option_is_for(&o[k], v[i].name) && m < (is_output(&o[k]) ? 2 : 5); m++)
        (void)with(&v[i], weft_arena_printf(*state, "--%s", o[k].name), values[m]);
  }
}

/* A machine with several faults: all are in the object. */
static void a_bad_machine_lists_its_faults(void **state) {
  (void)state;
  static const char *const verbs[] = {"check", "compile", "run", "sim", "verify", "config"};
  char path[] = "/tmp/weft_json_XXXXXX.yaml";
  const int fd = mkstemps(path, 5);
  assert_true(fd >= 0 && write(fd, "array.rows: 6\nfoo: 1\n", 21) == 21);
  close(fd);
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    const char *nearest;
    line l = start(cli_verb_find(verbs[i], &nearest), NET);
    add(&l, "-c");
    add(&l, path);
    if (strcmp(verbs[i], "compile") == 0)
      add(&l, "-o"), add(&l, "/tmp/weft_json.weft");
    else if (strcmp(verbs[i], "check") != 0 && strcmp(verbs[i], "config") != 0)
      add(&l, "--seed"), add(&l, "1");
    assert_int_equal(check(&l), 3);
    static char out[1 << 16];
    (void)run(&l, out, sizeof out);
    json_t *o = json_loads(out, 0, NULL);
    assert_true(json_array_size(json_object_get(o, "issues")) > 10);
    json_decref(o);
  }
  unlink(path);
}

/* A verb that has printed its object and fails then. */
static void a_result_that_fails_says_so(void **state) {
  const char *path = weft_arena_printf(*state, "%s", getenv("PATH"));
  const char *nearest;
  line l = start(cli_verb_find("doctor", &nearest), NULL);
  setenv("PATH", "/nonexistent", 1);
  const int code = check(&l);
  setenv("PATH", path, 1);
  assert_int_equal(code, 8);
}

static int set_up(void **state) {
  *state = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  weft_arena_free((weft_arena **)state);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(wrong_lines_of_every_verb),
    cmocka_unit_test(wrong_values_of_every_option),
    cmocka_unit_test(a_bad_machine_lists_its_faults),
    cmocka_unit_test(a_result_that_fails_says_so),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
