/* SPDX-License-Identifier: Apache-2.0 */
/* The option table and its parser. An option is known to the verbs that its row
 * names; its place on the line does not matter; "--" ends the options. */
#include "cli/cli.h"

#include <string.h>

#define AT(field) offsetof(cli, field)
#define RUNS "run sim verify"
#define FEEDS RUNS " deploy"
#define MAX_JOBS 64

static const cli_option options[] = {
  {"help", 'h', CLI_FLAG, AT(help), 0, NULL, NULL, "this text"},
  {"config", 'c', CLI_TEXT, AT(config), 0, NULL, "NAME|FILE",
   "a name of 'weft config list' or a YAML file (base; a program's own)"},
  {"set", 0, CLI_LIST, AT(sets), 0, NULL, "key=value", "change one key of the machine; repeatable"},
  {"json", 0, CLI_FLAG, AT(json), 0, NULL, NULL, "one JSON object on standard output"},
  {"progress", 0, CLI_TEXT, AT(progress_mode), 0, NULL, "auto|plain|none", "progress on standard error (auto)"},
  {"quiet", 'q', CLI_FLAG, AT(quiet), 0, NULL, NULL, "errors only"},
  {"jobs", 'j', CLI_COUNT, AT(jobs), AT(has_jobs), NULL, "N", "at most N jobs at a time (runs are one; building a simulator takes 2)"},
  {"backend", 0, CLI_TEXT, AT(backend), 0, "run verify", "ref|model|rtl|board", "what runs it (model); board: with --port"},
  {"input", 'i', CLI_LIST, AT(inputs), 0, FEEDS, "FILE",
   "raw bytes or .npy, once a model input; raw of k inputs is a batch"},
  {"seed", 0, CLI_NUMBER, AT(seed), AT(has_seed), FEEDS, "N", "generated inputs: bytes of splitmix64"},
  {"seed", 0, CLI_NUMBER, AT(seed), AT(has_seed), "optimize", "N", "of training and clustering, instead of the recipe's"},
  {"recipe", 0, CLI_TEXT, AT(recipe), 0, "optimize", "FILE", "YAML of stages (default: ptq alone)"},
  {"data", 0, CLI_TEXT, AT(data), 0, "optimize", "FILE", "YAML of samples, labels and splits ('weft help data')"},
  {"from", 0, CLI_TEXT, AT(from), 0, "optimize", "FILE", "run again what a run.json describes"},
  {"from", 0, CLI_TEXT, AT(from), 0, "config", "FORMAT", "init: from a file of gemmini, vta, tensil, scalesim or vela"},
  {"accelerator", 0, CLI_TEXT, AT(accelerator), 0, "config", "NAME", "--from vela: ethos-u55-32 to ethos-u65-512 (ethos-u55-256)"},
  {"system-config", 0, CLI_TEXT, AT(system_config), 0, "config", "NAME", "--from vela: section System_Config.NAME (the first)"},
  {"memory-mode", 0, CLI_TEXT, AT(memory_mode), 0, "config", "NAME", "--from vela: section Memory_Mode.NAME (the first)"},
  {"resume", 0, CLI_FLAG, AT(resume), 0, "optimize", NULL, "go on from the checkpoints in the output folder"},
  {"measure", 0, CLI_TEXT, AT(measure), 0, "optimize", "rtl|model|none", "what runs each integer network (rtl, with cycles)"},
  {"steps", 0, CLI_COUNT, AT(steps), AT(has_steps), FEEDS, "K", "K runs of one loaded network"},
  {"output", 0, CLI_LIST, AT(outputs), 0, "run sim", "FILE", "raw bytes, once per model output, batches concatenated"},
  {"labels", 0, CLI_TEXT, AT(labels), 0, "run sim", "FILE", "one class number a line: prints top-1 accuracy"},
  {"tensors", 0, CLI_FLAG, AT(tensors), 0, RUNS, NULL, "lists every tensor that the backend makes"},
  {"profile", 0, CLI_TEXT, AT(profile), 0, "check compile run sim verify", "tflm", "whose arithmetic (tflm: TFLite-Micro)"},
  {"out", 'o', CLI_TEXT, AT(out), 0, "compile inspect assemble config build data", "FILE", "where the result goes (build: a folder)"},
  {"out", 'o', CLI_TEXT, AT(out), 0, "optimize", "DIR", "folder of networks, run.json and report.html"},
  {"dump", 'd', CLI_TEXT, AT(dump_pass), 0, "compile", "PASS", "prints the state after a pass"},
  {"weights", 0, CLI_FLAG, AT(weights), 0, "inspect", NULL, "of a network: zeros, distinct values and 2:4 of each layer"},
  {"split", 0, CLI_TEXT, AT(split), 0, "data", "NAME", "train, calib, validation or test (the first there is)"},
  {"export", 0, CLI_TEXT, AT(export_path), 0, "data", "FILE", "writes the samples of the split as .npy"},
  {"markdown", 0, CLI_FLAG, AT(markdown), 0, "ops", NULL, "the table as Markdown"},
  {"wave", 0, CLI_TEXT, AT(wave), 0, "run sim verify", "FILE", "rtl: records waves into an FST file"},
  {"wave-layer", 0, CLI_TEXT, AT(wave_layer), 0, "run sim verify", "N|NAME", "rtl: only while this layer of the program runs ('weft sim' lists them)"},
  {"wave-scope", 0, CLI_TEXT, AT(wave_scope), 0, "run sim verify", "PATH", "rtl: only below this instance"},
  {"program", 0, CLI_TEXT, AT(program), 0, "verify", "FILE", "the program to compare, instead of a fresh compilation"},
  {"max-cycles", 0, CLI_COUNT, AT(max_cycles), AT(has_max_cycles), RUNS, "N", "model, rtl: ends with exit 5 beyond"},
  {"poison", 0, CLI_NUMBER, AT(poison), AT(has_poison), RUNS, "N", "model, rtl: memories start as bytes of seed N"},
  {"board", 0, CLI_TEXT, AT(board), 0, "explore", "BOARD", "the board that the machine is for"},
  {"target-fps", 0, CLI_COUNT, AT(target_fps), AT(has_target_fps), "explore", "N", "inferences a second: the smallest machine that reaches it"},
  {"space", 0, CLI_TEXT, AT(space), 0, "explore", "FILE", "YAML of machine keys with lists of values"},
  {"untried", 0, CLI_FLAG, AT(untried), 0, "explore", NULL, "also machines larger than any that was built at the board's clock"},
  {"refine", 0, CLI_COUNT, AT(refine), AT(has_refine), "explore", "N", "places and routes the N best of the front"},
  {"launcher", 0, CLI_TEXT, AT(launcher), 0, "explore", "local|slurm", "where machines are measured (local: -j at a time)"},
  {"point", 0, CLI_NUMBER, AT(point), AT(has_point), "explore", "I", "measures this point only: a task of slurm"},
  {"out", 'o', CLI_TEXT, AT(out), 0, "explore", "DIR", "results; a run that was interrupted goes on from them"},
  {"board", 0, CLI_TEXT, AT(board), 0, "run sim verify config", "BOARD", "the board's machine unless -c, with the memory timing of its controller"},
  {"boards", 0, CLI_TEXT, AT(boards), 0, "build run sim verify config explore deploy", "DIR", "a folder of boards beside the repository's (WEFT_BOARDS)"},
  {"until", 0, CLI_TEXT, AT(until), 0, "build", "STAGE", "ends behind elaborate, synth, place or pack (pack)"},
  {"sim", 0, CLI_FLAG, AT(sim), 0, "deploy", NULL, "a simulated board behind a pseudo terminal"},
  {"port", 0, CLI_TEXT, AT(port), 0, "deploy run verify", "DEV", "serial port of the board"},
  {"bitstream", 0, CLI_TEXT, AT(bitstream), 0, "deploy", "FILE", "loads it first; weft build wrote it and its manifest"},
  {"seeds", 0, CLI_COUNT, AT(seeds), AT(has_seeds), "build", "N", "places with seeds 1..N and keeps the fastest (1, more while timing is missed, at most 4)"},
  {"allow-timing-fail", 0, CLI_FLAG, AT(allow_timing_fail), 0, "build deploy", NULL, "a bitstream even if timing is missed"},
  {"export", 0, CLI_FLAG, AT(export_project), 0, "build", NULL, "writes a project for the vendor's tools instead; weft does not run it"},
  {"resume", 0, CLI_FLAG, AT(resume), 0, "build", NULL, "takes the stages of -o whose inputs are the same"},
  {"install", 0, CLI_FLAG, AT(install), 0, "doctor", NULL, "puts the pinned synthesis and place-and-route tools into a virtual environment"},
};
#define N_OPTIONS (sizeof options / sizeof *options)

const cli_option *cli_options(size_t *n) {
  *n = N_OPTIONS;
  return options;
}

bool cli_number(const char *text, uint64_t *out) {
  const bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const uint64_t base = is_hex ? 16 : 10;
  const char *p = is_hex ? text + 2 : text;
  uint64_t v = 0;
  if (!*p)
    return false;
  for (; *p; p++) {
    static const char digits[] = "0123456789abcdef";
    const char low = (char)(*p >= 'A' && *p <= 'F' ? *p + 32 : *p);
    const char *at = strchr(digits, low);
    const uint64_t digit = at ? (uint64_t)(at - digits) : base;
    if (digit >= base || v > (UINT64_MAX - digit) / base)
      return false;
    v = v * base + digit;
  }
  *out = v;
  return true;
}

static bool has_word(const char *words, const char *word) {
  const size_t n = strlen(word);
  if (strchr(word, ' '))
    return false;
  for (const char *p = words; p && *p; p = strchr(p, ' '), p = p ? p + 1 : NULL)
    if (strncmp(p, word, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
      return true;
  return false;
}

bool cli_option_is_for(const cli_option *o, const char *verb) {
  return !o->verbs || has_word(o->verbs, verb);
}

static const cli_option *find_option(const cli *c, const char *name, size_t n) {
  for (size_t i = 0; i < N_OPTIONS; i++) {
    const cli_option *o = &options[i];
    const bool is_letter = n == 1 && o->letter == name[0];
    if (cli_option_is_for(o, c->verb->name) &&
        (is_letter || (n > 1 && strlen(o->name) == n && strncmp(o->name, name, n) == 0)))
      return o;
  }
  return NULL;
}

static weft_status fail_unknown(cli *c, const char *arg, const char *name, size_t n) {
  const char *names[N_OPTIONS];
  size_t n_names = 0;
  for (size_t i = 0; i < N_OPTIONS; i++)
    if (cli_option_is_for(&options[i], c->verb->name))
      names[n_names++] = options[i].name;
  const char *word = weft_arena_printf(c->arena, "%.*s", (int)(n < 100 ? n : 100), name);
  const char *nearest = weft_nearest(word, names, n_names);
  return weft_fail(c->diag, WEFT_E_USAGE, weft_diag_text(c->diag, "%.100s", arg),
                   weft_diag_text(c->diag, "no option of 'weft %s'", c->verb->name),
                   weft_diag_text(c->diag, "the options of 'weft help %s'", c->verb->name),
                   nearest ? weft_diag_text(c->diag, "did you mean --%s?", nearest) : NULL);
}

static void list_add(cli *c, cli_list *l, const char *item) {
  l->items = weft_arena_grow(c->arena, l->items, &l->cap, l->n + 1, sizeof *l->items);
  l->items[l->n++] = item;
}

static weft_status store(cli *c, const cli_option *o, const char *value) {
  char *field = (char *)c + o->at;
  uint64_t *number = (uint64_t *)(void *)field;
  if (value && *value == '\0')
    return cli_usage(c, weft_diag_text(c->diag, "--%s", o->name), "an empty value", o->arg);
  switch (o->kind) {
  case CLI_FLAG:
    *(bool *)(void *)field = true;
    break;
  case CLI_TEXT:
    *(const char **)(void *)field = value;
    break;
  case CLI_LIST:
    list_add(c, (cli_list *)(void *)field, value);
    break;
  case CLI_NUMBER:
  case CLI_COUNT:
    if (!cli_number(value, number) || (o->kind == CLI_COUNT && *number == 0))
      return cli_usage(c, weft_diag_text(c->diag, "--%s", o->name),
                       weft_diag_text(c->diag, "'%.60s'", value),
                       weft_diag_text(c->diag, "a whole number, %s >= %d and below 2^64", o->arg, o->kind == CLI_COUNT));
    *((bool *)(void *)((char *)c + o->given_at)) = true;
    break;
  }
  return WEFT_OK;
}

/* Handles argv[*i], which starts with '-'; may take argv[*i + 1]. */
static weft_status parse_option(cli *c, int argc, char **argv, int *i) {
  const char *arg = argv[*i];
  const bool is_long = arg[1] == '-';
  const char *name = arg + (is_long ? 2 : 1);
  const size_t n = is_long ? strcspn(name, "=") : 1;
  const cli_option *o = n == 1 && is_long ? NULL : find_option(c, name, n);
  if (!o)
    return fail_unknown(c, arg, name, is_long ? n : strlen(name));
  const char *rest = name + n;
  if (o->kind == CLI_FLAG) {
    if (*rest)
      return cli_usage(c, weft_diag_text(c->diag, "%.100s", arg), "a value",
                       "an option that takes none");
    return store(c, o, NULL);
  }
  if (*rest)
    return store(c, o, rest + (is_long ? 1 : 0));
  if (*i + 1 >= argc)
    return cli_usage(c, arg, "nothing behind it", o->arg);
  return store(c, o, argv[++*i]);
}

static bool is_given(cli *c, const char *name) {
  const cli_option *o = find_option(c, name, strlen(name));
  const char *field = (const char *)c + (o ? o->at : 0);
  if (!o)
    return false;
  switch (o->kind) {
  case CLI_FLAG: return *(const bool *)(const void *)field;
  case CLI_TEXT: return *(const char *const *)(const void *)field != NULL;
  case CLI_LIST: return ((const cli_list *)(const void *)field)->n > 0;
  case CLI_NUMBER:
  case CLI_COUNT: return *(const bool *)(const void *)((const char *)c + o->given_at);
  }
  return false;
}

static const cli_use uses[] = {
#define NEEDS(verbs, option, other) {verbs, option, other, true},
#define CLASH(verbs, option, other) {verbs, option, other, false},
#include "cli/uses.def"
#undef NEEDS
#undef CLASH
};
#define N_USES (sizeof uses / sizeof *uses)

const cli_use *cli_uses(size_t *n) {
  *n = N_USES;
  return uses;
}

static weft_status check_uses(cli *c) {
  for (size_t i = 0; i < N_USES; i++) {
    const cli_use *u = &uses[i];
    if (has_word(u->verbs, c->verb->name) && is_given(c, u->option) && is_given(c, u->other) != u->is_needed)
      return cli_usage(c, weft_diag_text(c->diag, "--%s", u->option),
                       weft_diag_text(c->diag, u->is_needed ? "without --%s" : "with --%s, which leaves it out", u->other),
                       u->is_needed ? "both, or neither" : "one of the two");
  }
  return WEFT_OK;
}

static weft_status check_common(cli *c) {
  const cli_verb *v = c->verb;
  if (c->help)
    return WEFT_OK;
  if (c->args.n < (size_t)v->min_args || c->args.n > (size_t)v->max_args)
    return cli_usage(c, weft_diag_text(c->diag, "weft %s", v->name),
                     weft_diag_text(c->diag, "%zu arguments", c->args.n),
                     weft_diag_text(c->diag, "weft %s %s", v->name, v->args));
  const char *mode = c->progress_mode ? c->progress_mode : "auto";
  if (!has_word("auto plain none", mode))
    return cli_usage(c, "--progress", weft_diag_text(c->diag, "'%.60s'", mode),
                     "auto, plain or none");
  if (c->backend && !has_word("ref model rtl board", c->backend))
    return cli_usage(c, "--backend", weft_diag_text(c->diag, "'%.60s'", c->backend),
                     "ref, model, rtl or board");
  c->jobs = c->jobs < MAX_JOBS ? c->jobs : MAX_JOBS;
  WEFT_TRY(check_uses(c));
  if (c->profile && strcmp(c->profile, "tflm") != 0)
    return cli_not_yet(c, weft_diag_text(c->diag, "a profile other than tflm: '%.60s'", c->profile));
  return WEFT_OK;
}

weft_status cli_parse(cli *c, int argc, char **argv) {
  bool is_option_allowed = true;
  for (int i = 0; i < argc; i++) {
    const char *arg = argv[i];
    if (is_option_allowed && strcmp(arg, "--") == 0)
      is_option_allowed = false;
    else if (is_option_allowed && arg[0] == '-' && arg[1] != '\0')
      WEFT_TRY(parse_option(c, argc, argv, &i));
    else
      list_add(c, &c->args, arg);
  }
  return check_common(c);
}

const char *cli_options_text(weft_arena *arena, const char *verb) {
  const char *text = "";
  for (size_t i = 0; i < N_OPTIONS; i++) {
    const cli_option *o = &options[i];
    if (!cli_option_is_for(o, verb))
      continue;
    const char *letter = o->letter ? weft_arena_printf(arena, "-%c, ", o->letter) : "    ";
    const char *name = weft_arena_printf(arena, "%s--%s%s%s", letter, o->name,
                                         o->arg ? " " : "", o->arg ? o->arg : "");
    text = weft_arena_printf(arena, "%s  %-26s%s%s\n", text, name,
                             strlen(name) > 25 ? "\n                             " : " ", o->doc);
  }
  return text;
}
