/* SPDX-License-Identifier: Apache-2.0 */
/* The command: verb, options, the verb's function, messages, exit code. */
#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "isa.def"   /* ISA_VERSION */
#include "weft_version.h"

static volatile sig_atomic_t interrupt_second;   /* low bits of time(), at the first */

/* SIGTERM and SIGHUP count as SIGINT. The first one asks the loops to stop. Wrappers send it twice at once, so
 * only one that comes 2 s later ends a process that does not listen. */
static void on_interrupt(int signal_number) {
  (void)signal_number;
  const sig_atomic_t now = (sig_atomic_t)(time(NULL) & 0xfffff);
  if (!weft_interrupted())
    interrupt_second = now;
  else if (now - interrupt_second >= 2 || now < interrupt_second)
    _exit(130);
  weft_set_interrupted();
}

static void catch_interrupt(void) {
  struct sigaction a;
  memset(&a, 0, sizeof a);
  a.sa_handler = on_interrupt;
  a.sa_flags = SA_RESTART;
  sigaction(SIGINT, &a, NULL);
  sigaction(SIGTERM, &a, NULL);
  sigaction(SIGHUP, &a, NULL);
  struct sigaction ignore;
  memset(&ignore, 0, sizeof ignore);
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, NULL);
}

/* What libraries do at the exit can be ended by a signal again. */
static void release_interrupt(void) {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
}

static weft_status unknown_verb(cli *c, const char *name) {
  const char *nearest = NULL;
  (void)cli_verb_find(name, &nearest);
  return weft_fail(c->diag, WEFT_E_USAGE, weft_diag_text(c->diag, "%.100s", name),
                   "no verb of weft", "the verbs of 'weft help'",
                   nearest ? weft_diag_text(c->diag, "did you mean %s?", nearest) : NULL);
}

static void print_version(cli *c) {
  if (!c->json) {
    printf("weft %s (commit %s, ISA version %d)\n", WEFT_VERSION, WEFT_COMMIT, ISA_VERSION);
    return;
  }
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "version", WEFT_VERSION);
  weft_json_string(j, "commit", WEFT_COMMIT);
  weft_json_int(j, "isa_version", ISA_VERSION);
  weft_json_end(j);
  cli_print_json(c, j);
}

/* Wherever it stands: also errors of the line itself are then one JSON object. */
static bool asks_json(int argc, char **argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], "--json") == 0)
      return true;
  return false;
}

static void start_progress(cli *c) {
  const char *text = c->progress_mode ? c->progress_mode : "auto";
  const weft_progress_mode mode = strcmp(text, "plain") == 0 ? WEFT_PROGRESS_PLAIN
                                  : strcmp(text, "none") == 0 || c->quiet
                                    ? WEFT_PROGRESS_NONE
                                    : WEFT_PROGRESS_AUTO;
  c->progress = weft_progress_stream(c->arena, mode, stderr);
}

/* Every verb takes a machine: where it changes nothing, it must still be one. */
static weft_status look_at_machine(cli *c) {
  static const char *const without[] = {"ops", "doctor", "data", "help"};
  weft_config *machine = NULL;
  for (size_t i = 0; i < sizeof without / sizeof *without; i++)
    if (strcmp(c->verb->name, without[i]) == 0 && (c->config || c->sets.n > 0))
      return cli_load_config(c, NULL, &machine);
  return WEFT_OK;
}

static weft_status dispatch(cli *c, int argc, char **argv) {
  if (argc < 2) {
    fputs("usage: weft VERB [OPTION]... ; 'weft help' lists the verbs\n", stderr);
    return WEFT_E_USAGE;
  }
  if (strcmp(argv[1], "--version") == 0) {
    print_version(c);
    return WEFT_OK;
  }
  const bool is_help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
  const char *nearest = NULL;
  c->verb = cli_verb_find(is_help ? "help" : argv[1], &nearest);
  if (!c->verb)
    return unknown_verb(c, argv[1]);
  WEFT_TRY(cli_parse(c, argc - 2, argv + 2));
  if (c->help) {
    c->args.n = 0;
    c->args.items = weft_arena_copy(c->arena, &c->verb->name, sizeof(char *));
    c->args.n = 1;
    return cmd_help(c);
  }
  start_progress(c);
  WEFT_TRY(look_at_machine(c));
  return c->verb->run(c);
}

/* Standard output may be a full disk or a closed pipe: that is an error too. */
static weft_status close_output(cli *c, weft_status s) {
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout))
    return s;
  const int failed = errno;
  struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
  if (failed == EPIPE || (poll(&out, 1, 0) == 1 && (out.revents & POLLERR)))
    return s;   /* the reader has what it wanted: no message */
  errno = failed;
  const char *why = errno ? strerror(errno) : "write error";
  return weft_fail(c->diag, WEFT_E_WRITE, "standard output", weft_diag_text(c->diag, "%s", why),
                   "a writable standard output", NULL);
}

int cli_main(int argc, char **argv) {
  catch_interrupt();
  cli c = {.arena = weft_arena_new()};
  c.diag = weft_diag_new(c.arena);
  c.json = asks_json(argc, argv);
  weft_status s = dispatch(&c, argc, argv);
  if (s == WEFT_OK && weft_interrupted())
    s = WEFT_E_INTERRUPTED;
  if (c.json)
    cli_flush_json(&c, s);
  s = close_output(&c, s);
  weft_progress_clear(c.progress);
  cli_print_issues(&c);
  if (s != WEFT_OK && weft_diag_count(c.diag) == 0 && argc >= 2)
    fprintf(stderr, "error %s: %s\n", weft_status_name(s), weft_status_text(s));
  weft_arena_free(&c.arena);
  release_interrupt();
  return weft_status_exit(s);
}
