/* SPDX-License-Identifier: Apache-2.0 */
/* compile, inspect, assemble: the program file in and out. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define MAX_TEXT_BYTES ((size_t)1 << 30)

/* A result that would replace what it is made of. */
static weft_status check_out(cli *c) {
  if (c->out && cli_is_same_file(c->out, c->args.items[0]))
    return cli_usage(c, "-o", weft_diag_text(c->diag, "%s is the input", c->out), "a file of its own");
  return WEFT_OK;
}

static void print_dump(void *user, const char *text) { cli_say_lines(user, text); }

static weft_status check_pass(cli *c) {
  size_t n = 0;
  const char *const *passes = weft_compile_passes();
  const char *list = "";
  for (; passes[n]; n++) {
    if (strcmp(passes[n], c->dump_pass) == 0)
      return WEFT_OK;
    list = weft_diag_text(c->diag, "%s%s%s", list, n ? ", " : "", passes[n]);
  }
  return cli_usage(c, "--dump", weft_diag_text(c->diag, "'%.60s'", c->dump_pass), list);
}

static weft_status compile_graph(cli *c, const cli_model *m, const weft_config *config,
                                 weft_program **out) {
  weft_compile_options o = {.dump_pass = c->dump_pass, .dump = print_dump, .dump_user = c};
  weft_progress_step(c->progress, "compile", 0, 0);
  return weft_compile(c->arena, c->diag, m->graph, config, &o, out);
}

static void report_program(cli *c, const weft_program *p, const weft_config *config,
                           size_t file_bytes) {
  if (c->json) {
    weft_json *j = weft_json_new(c->arena);
    char hash[17];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)p->config_hash);
    weft_json_object(j, NULL);
    weft_json_string(j, "model", p->model);
    weft_json_string(j, "config", config->name);
    weft_json_string(j, "config_hash", hash);
    weft_json_string(j, "program", c->out);
    weft_json_uint(j, "bytes", file_bytes);
    weft_json_uint(j, "instructions", p->n_insns);
    weft_json_uint(j, "constant_bytes", p->constants.size);
    weft_json_uint(j, "arena_bytes", p->region_bytes[WEFT_REGION_ARENA]);
    weft_json_uint(j, "segments", p->n_segments);
    weft_json_uint(j, "layers", p->n_layers);
    weft_json_end(j);
    cli_print_json(c, j);
  } else if (!c->quiet) {
    cli_say(c, "%s: %zu bytes, %u instructions, %u segments, %zu bytes of constants, "
               "%u bytes of arena, for %s\n",
            c->out ? c->out : "(not written)", file_bytes, p->n_insns, p->n_segments,
            p->constants.size, p->region_bytes[WEFT_REGION_ARENA], config->name);
  }
}

weft_status cmd_compile(cli *c) {
  cli_model m;
  weft_config *config = NULL;
  weft_program *p = NULL;
  weft_span file = {NULL, 0};
  if (!c->out && !c->dump_pass)
    return cli_usage(c, "weft compile", "no -o FILE", "weft compile MODEL -o FILE");
  if (c->dump_pass)
    WEFT_TRY(check_pass(c));
  WEFT_TRY(check_out(c));
  WEFT_TRY(cli_open_model(c, c->args.items[0], &m));
  if (!m.graph)
    return cli_usage(c, "weft compile", "a program file", "a network (.tflite)");
  WEFT_TRY(weft_graph_check(m.graph, c->diag, NULL));
  WEFT_TRY(cli_load_config(c, NULL, &config));
  WEFT_TRY(compile_graph(c, &m, config, &p));
  WEFT_TRY(weft_program_store(c->arena, p, &file));
  if (c->out)
    WEFT_TRY(weft_file_write(c->diag, c->out, file.data, file.size));
  report_program(c, p, config, file.size);
  return WEFT_OK;
}

static void inspect_json(cli *c, const weft_program *p) {
  weft_json *j = weft_json_new(c->arena);
  char hash[17];
  snprintf(hash, sizeof hash, "%016llx", (unsigned long long)p->config_hash);
  weft_json_object(j, NULL);
  weft_json_string(j, "model", p->model);
  weft_json_string(j, "config_hash", hash);
  weft_json_uint(j, "instructions", p->n_insns);
  weft_json_array(j, "layers");
  for (uint32_t i = 0; i < p->n_layers; i++) {
    weft_json_object(j, NULL);
    weft_json_string(j, "name", p->layers[i].name);
    weft_json_string(j, "op", p->layers[i].op);
    weft_json_uint(j, "macs", p->layers[i].macs);
    weft_json_end(j);
  }
  weft_json_end(j);
  weft_json_array(j, "tensors");
  for (uint32_t i = 0; i < p->n_tensors; i++) {
    weft_json_object(j, NULL);
    weft_json_int(j, "index", p->tensors[i].tensor);
    weft_json_string(j, "name", p->tensors[i].name);
    weft_json_string(j, "place",
                     p->tensors[i].place == WEFT_IN_SPM ? "scratchpad" : "dram");
    weft_json_end(j);
  }
  weft_json_end(j);
  weft_json_array(j, "fused");
  for (uint32_t i = 0; i < p->n_fused; i++) {
    weft_json_object(j, NULL);
    weft_json_int(j, "index", p->fused[i].tensor);
    weft_json_uint(j, "instruction", p->fused[i].insn);
    weft_json_end(j);
  }
  weft_json_end(j);
  weft_json_end(j);
  cli_print_json(c, j);
}

weft_status cmd_inspect(cli *c) {
  cli_model m;
  weft_config *machine = NULL;
  WEFT_TRY(check_out(c));
  WEFT_TRY(cli_open_model(c, c->args.items[0], &m));
  if (m.graph && (c->config || c->sets.n))
    return cli_usage(c, "weft inspect", "a machine, and a network", "-c and --set with a program: it is for that machine or not");
  if (m.program && (c->config || c->sets.n))
    WEFT_TRY(cli_load_config(c, m.program, &machine));
  if (m.graph && c->weights)
    return cli_weights(c, m.graph);
  if (c->weights)
    return cli_usage(c, "--weights", "a program file", "a network (.tflite)");
  if (!m.program)
    return cli_usage(c, "weft inspect", "a network",
                     "a program file: 'weft compile MODEL -o FILE' makes one");
  const char *text = weft_program_text(c->arena, m.program);
  if (c->out)
    WEFT_TRY(weft_file_write(c->diag, c->out, text, strlen(text)));
  if (c->json)
    inspect_json(c, m.program);
  else if (!c->out)
    cli_say_lines(c, text);
  return WEFT_OK;
}

weft_status cmd_assemble(cli *c) {
  weft_span text = {NULL, 0};
  weft_span file = {NULL, 0};
  weft_program *p = NULL;
  weft_config *config = NULL;
  if (!c->out)
    return cli_usage(c, "weft assemble", "no -o FILE", "weft assemble TEXT -o PROGRAM");
  WEFT_TRY(check_out(c));
  WEFT_TRY(weft_file_read(c->arena, c->diag, c->args.items[0], MAX_TEXT_BYTES, &text));
  WEFT_TRY(weft_program_assemble(c->arena, c->diag, c->args.items[0], text, &p));
  WEFT_TRY(cli_load_config(c, p, &config));
  WEFT_TRY(weft_program_store(c->arena, p, &file));
  WEFT_TRY(weft_file_write(c->diag, c->out, file.data, file.size));
  report_program(c, p, config, file.size);
  return WEFT_OK;
}
