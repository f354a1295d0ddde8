/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs, their manuals, and help. */
#include <string.h>

#include "cli/cli.h"

static const cli_verb verbs[] = {
#define VERB(name, min, max, args, line, text) {#name, cmd_##name, min, max, args, line, text},
#include "cli/verbs.def"
#undef VERB
};
#define N_VERBS (sizeof verbs / sizeof *verbs)

const cli_verb *cli_verbs(size_t *n) {
  *n = N_VERBS;
  return verbs;
}

const cli_verb *cli_verb_find(const char *name, const char **nearest) {
  const char *names[N_VERBS];
  for (size_t i = 0; i < N_VERBS; i++) {
    if (strcmp(verbs[i].name, name) == 0)
      return &verbs[i];
    names[i] = verbs[i].name;
  }
  *nearest = weft_nearest(name, names, N_VERBS);
  return NULL;
}

static void list_verbs(cli *c) {
  cli_say(c, "weft: quantized networks, bit-exact from .tflite to RTL\n\n"
             "usage: weft VERB [OPTION]... [FILE]\n\n");
  for (size_t i = 0; i < N_VERBS; i++)
    cli_say(c, "  %-10s %s\n", verbs[i].name, verbs[i].line);
  cli_say(c, "\n'weft help VERB' is its manual; 'weft --version' tells commit and ISA version.\n\n"
             "exit: 0 success, 1 bug of weft, 2 usage, 3 bad file or configuration, 4 not supported,\n"
             "5 does not fit, 6 mismatch, 7 timing, 8 tool absent or failed, 9 device, 10 accuracy,\n"
             "130 interrupted\n");
}

static void json_verb(weft_json *j, const cli_verb *v) {
  weft_json_object(j, NULL);
  weft_json_string(j, "verb", v->name);
  weft_json_string(j, "arguments", v->args);
  weft_json_string(j, "line", v->line);
  weft_json_string(j, "manual", v->text);
  weft_json_end(j);
}

static void list_verbs_json(cli *c) {
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_array(j, "verbs");
  for (size_t i = 0; i < N_VERBS; i++)
    json_verb(j, &verbs[i]);
  weft_json_end(j);
  weft_json_end(j);
  cli_print_json(c, j);
}

weft_status cmd_help(cli *c) {
  if (c->args.n == 0 && c->json)
    list_verbs_json(c);
  else if (c->args.n == 0)
    list_verbs(c);
  if (c->args.n == 0)
    return WEFT_OK;
  const char *nearest = NULL;
  const cli_verb *v = cli_verb_find(c->args.items[0], &nearest);
  if (!v)
    return weft_fail(c->diag, WEFT_E_USAGE,
                     weft_diag_text(c->diag, "%.100s", c->args.items[0]), "no verb of weft",
                     "the verbs of 'weft help'",
                     nearest ? weft_diag_text(c->diag, "did you mean %s?", nearest) : NULL);
  if (c->json) {
    weft_json *j = weft_json_new(c->arena);
    json_verb(j, v);
    cli_print_json(c, j);
    return WEFT_OK;
  }
  cli_say_lines(c, weft_arena_printf(c->arena, "usage: weft %s [OPTION]... %s\n\n%s\n%s\noptions\n%s", v->name, v->args,
                                     v->line, v->text, cli_options_text(c->arena, v->name)));
  return WEFT_OK;
}
