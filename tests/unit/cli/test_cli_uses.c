/* SPDX-License-Identifier: Apache-2.0 */
/* No option is accepted and ignored: each pair of verb and option is declared in
 * uses.def with the source that reads it; pairs of options that mean nothing
 * together are refused; a machine that does not exist is refused by every verb
 * that takes one. */
#include "cli/cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NET "tests/models/cnn_mnist_int8.tflite"

typedef struct use { const char *verbs, *option; size_t at; const char *field, *file; } use;
static const use declared[] = {
#define USED(verbs, option, field, file) {verbs, option, offsetof(cli, field), "c->" #field, file},
#include "uses.def"
#undef USED
};
#define N_DECLARED (sizeof declared / sizeof *declared)

static bool has_word(const char *words, const char *word) {
  const size_t n = strlen(word);
  for (const char *p = words; p; p = strchr(p, ' '), p = p ? p + 1 : NULL)
    if (strncmp(p, word, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
      return true;
  return false;
}

static bool is_declared_for(const use *u, const char *option, const char *verb) {
  return strcmp(u->option, option) == 0 && (strcmp(u->verbs, "*") == 0 || has_word(u->verbs, verb));
}

static bool reads(weft_arena *a, const use *u) {
  weft_span text;
  const char *path = weft_arena_printf(a, "src/cli/%s", u->file);
  assert_int_equal(weft_file_read(a, NULL, path, 1 << 20, &text), WEFT_OK);
  const char *copy = weft_arena_printf(a, "%.*s", (int)text.size, (const char *)text.data);
  const size_t n = strlen(u->field);
  for (const char *at = strstr(copy, u->field); at; at = strstr(at + 1, u->field))
    if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", at[n]))
      return true;
  return false;
}

static void every_pair_is_declared_once(void **state) {
  (void)state;
  size_t n_verbs = 0, n_options = 0;
  const cli_verb *v = cli_verbs(&n_verbs);
  const cli_option *o = cli_options(&n_options);
  for (size_t i = 0; i < n_verbs; i++)
    for (size_t k = 0; k < n_options; k++) {
      size_t n_accepted = 0, n = 0;
      for (size_t m = 0; m < n_options; m++)
        n_accepted += strcmp(o[m].name, o[k].name) == 0 && cli_option_is_for(&o[m], v[i].name);
      for (size_t m = 0; m < N_DECLARED; m++)
        n += is_declared_for(&declared[m], o[k].name, v[i].name);
      if (n_accepted > 1 || n != n_accepted)
        fail_msg("weft %s --%s: accepted by %zu rows, declared by %zu", v[i].name, o[k].name, n_accepted, n);
      for (size_t m = 0; m < N_DECLARED; m++)
        if (is_declared_for(&declared[m], o[k].name, v[i].name) && cli_option_is_for(&o[k], v[i].name))
          assert_int_equal(declared[m].at, o[k].at);
    }
}

static void what_is_declared_is_read(void **state) {
  weft_arena *a = weft_arena_new();
  for (size_t m = 0; m < N_DECLARED; m++)
    if (!reads(a, &declared[m]))
      fail_msg("src/cli/%s does not read %s", declared[m].file, declared[m].field);
  weft_arena_free(&a);
  (void)state;
}

/* Exit code; no output. */
static int quietly(int argc, const char **argv) {
  char *copy[32];
  const int nowhere = open("/dev/null", O_WRONLY);
  fflush(stdout);
  const int before[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
  for (int i = 0; i < argc; i++)
    copy[i] = (char *)(uintptr_t)argv[i];
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  const int code = cli_main(argc, copy);
  fflush(stdout);
  dup2(before[0], STDOUT_FILENO);
  dup2(before[1], STDERR_FILENO);
  close(before[0]);
  close(before[1]);
  close(nowhere);
  return code;
}

static const cli_option *option_of(const char *verb, const char *name) {
  size_t n = 0;
  const cli_option *o = cli_options(&n);
  for (size_t i = 0; i < n; i++)
    if (strcmp(o[i].name, name) == 0 && cli_option_is_for(&o[i], verb))
      return &o[i];
  fail_msg("uses.def of src/cli: weft %s has no --%s", verb, name);
  return NULL;
}

/* weft VERB --OPTION [1] [--OTHER [1]] and arguments: what the parser says. */
static weft_status parse_pair(weft_arena *a, const cli_verb *v, const char *one, const char *other, weft_diag **d) {
  const char *names[] = {one, other};
  char *argv[16];
  int n = 0;
  for (int i = 0; i < v->min_args; i++)
    argv[n++] = weft_arena_printf(a, "x");
  for (int i = 0; i < 2 && names[i]; i++) {
    argv[n++] = weft_arena_printf(a, "--%s", names[i]);
    if (option_of(v->name, names[i])->kind != CLI_FLAG)
      argv[n++] = weft_arena_printf(a, "1");
  }
  cli c = {.arena = a, .diag = weft_diag_new(a), .verb = v};
  *d = c.diag;
  return cli_parse(&c, n, argv);
}

static void pairs_that_mean_nothing_are_refused(void **state) {
  weft_arena *a = weft_arena_new();
  size_t n = 0, n_verbs = 0;
  const cli_use *u = cli_uses(&n);
  const cli_verb *v = cli_verbs(&n_verbs);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n_verbs; k++) {
      weft_diag *d = NULL;
      if (!has_word(u[i].verbs, v[k].name))
        continue;
      const weft_status alone = parse_pair(a, &v[k], u[i].option, NULL, &d);
      const weft_status both = parse_pair(a, &v[k], u[i].option, u[i].other, &d);
      const weft_status bad = u[i].is_needed ? alone : both, good = u[i].is_needed ? both : alone;
      if (bad != WEFT_E_USAGE || good != WEFT_OK)
        fail_msg("weft %s --%s --%s: alone %s, both %s", v[k].name, u[i].option, u[i].other,
                 weft_status_name(alone), weft_status_name(both));
    }
  weft_arena_free(&a);
  (void)state;
}

/* With what a verb needs to come as far as the machine. */
static void every_verb_that_takes_a_machine_looks_at_it(void **state) {
  static const char *const lines[][8] = {
    {"check", NET}, {"compile", NET, "-o", "tests/no/x"}, {"run", NET, "--seed", "1"}, {"run", NET, "--seed", "1", "--backend", "ref"},
    {"sim", NET, "--seed", "1"}, {"verify", NET, "--seed", "1"}, {"optimize", NET, "-o", "tests/no/x"},
    {"inspect", "PROGRAM"}, {"assemble", "TEXT", "-o", "tests/no/x"}, {"build", "ulx3s-85f"},
    {"explore", NET, "--board", "ulx3s-85f", "-o", "tests/no/x"}, {"deploy", "ulx3s-85f", NET, "--sim", "--seed", "1"},
    {"config", "show"}, {"config", "init"}, {"config", "validate"}};
  weft_arena *a = weft_arena_new();
  const char *program = weft_arena_printf(a, "/tmp/weft_uses_%ld.weft", (long)getpid());
  const char *text = weft_arena_printf(a, "%s.txt", program);
  assert_int_equal(quietly(5, (const char *[]){"weft", "compile", NET, "-o", program}), 0);
  assert_int_equal(quietly(5, (const char *[]){"weft", "inspect", program, "-o", text}), 0);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    static const char *const bad[][2] = {{"-c", "no such machine"}, {"--set", "array.rows=3"}, {"--set", "no.such=3"}};
    for (size_t k = 0; k < 3; k++) {
      const char *argv[16] = {"weft"};
      int n = 1;
      for (size_t m = 0; m < 8 && lines[i][m]; m++)
        argv[n++] = strcmp(lines[i][m], "PROGRAM") == 0 ? program : strcmp(lines[i][m], "TEXT") == 0 ? text : lines[i][m];
      argv[n++] = bad[k][0];
      argv[n++] = bad[k][1];
      const int code = quietly(n, argv);
      if (code != 3)
        fail_msg("weft %s ... %s '%s': exit %d", lines[i][0], bad[k][0], bad[k][1], code);
    }
  }
  unlink(program);
  unlink(text);
  weft_arena_free(&a);
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_pair_is_declared_once),
    cmocka_unit_test(what_is_declared_is_read),
    cmocka_unit_test(pairs_that_mean_nothing_are_refused),
    cmocka_unit_test(every_verb_that_takes_a_machine_looks_at_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
