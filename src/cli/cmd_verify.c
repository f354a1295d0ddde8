/* SPDX-License-Identifier: Apache-2.0 */
/* verify: every tensor that a backend makes against the reference kernels, and
 * the outputs. The difference that is named is the first in execution order. */
#include <string.h>

#include "cli/cli.h"
#include "cli/run_report.h"

typedef struct mismatch {
  int32_t tensor;
  int op;                       /* operator that makes it */
  size_t index, n_bad, n_elems;
  double expected, found;
  uint64_t run;
} mismatch;

typedef struct verify_state {
  cli *c;
  cli_model model;
  cli_ios ios;
  cli_feed feed;
  cli_exec ref, exec;
  weft_arena *arena;            /* of one run: the reference's tensors */
  void **want;                  /* [n_tensors], NULL: not made */
  bool *is_compared;            /* [n_tensors] */
  uint64_t run;
  uint64_t n_tensors;           /* compared, all runs */
  bool has_mismatch;
  mismatch first;
  run_record *records;          /* [n_runs] */
} verify_state;

static weft_status keep_reference(void *user, const cli_seen *t, const void *data,
                                  size_t n_bytes) {
  verify_state *s = user;
  s->want[t->tensor] = weft_arena_copy(s->arena, data, n_bytes);
  return WEFT_OK;
}

static void note(verify_state *s, int32_t tensor, const uint8_t *want,
                 const uint8_t *got, size_t n_bytes) {
  const weft_tensor *t = &s->model.graph->tensors[tensor];
  const size_t elem_bytes = t->n_elems ? n_bytes / t->n_elems : 1;
  mismatch m = {.tensor = tensor, .op = t->producer, .n_elems = t->n_elems, .run = s->run};
  for (size_t i = 0; elem_bytes && i < n_bytes / elem_bytes; i++) {
    if (memcmp(want + i * elem_bytes, got + i * elem_bytes, elem_bytes) == 0)
      continue;
    if (m.n_bad++ == 0)
      m.index = i;
  }
  if (s->has_mismatch && (s->first.run != m.run || s->first.op <= m.op))
    return;
  m.expected = cli_elem(t->type, want, m.index);
  m.found = cli_elem(t->type, got, m.index);
  s->first = m;
  s->has_mismatch = true;
}

/* A tensor that no operator makes, or of another size, is the backend's error. */
static weft_status compare(void *user, const cli_seen *t, const void *data,
                           size_t n_bytes) {
  verify_state *s = user;
  const weft_graph *g = s->model.graph;
  const bool is_known = t->tensor >= 0 && t->tensor < g->n_tensors;
  const uint8_t *want = is_known ? s->want[t->tensor] : NULL;
  if (!want || g->tensors[t->tensor].n_bytes != n_bytes)
    return weft_fail(s->c->diag, WEFT_E_INTERNAL,
                     weft_diag_text(s->c->diag, "tensor %d '%.60s'", t->tensor, t->name),
                     weft_diag_text(s->c->diag, "%zu bytes of backend %s", n_bytes,
                                    s->exec.backend),
                     "a tensor that the reference makes, of its size", NULL);
  s->n_tensors++;
  if (s->c->tensors)
    run_report_keep(s->c, &s->records[s->run], t, data, n_bytes);
  if (memcmp(want, data, n_bytes) != 0)
    note(s, t->tensor, want, data, n_bytes);
  return WEFT_OK;
}

static uint8_t **new_outputs(verify_state *s) {
  uint8_t **outputs = WEFT_NEW(s->arena, uint8_t *, s->ios.n_outputs);
  for (int i = 0; i < s->ios.n_outputs; i++)
    outputs[i] = weft_arena_alloc(s->arena, s->ios.outputs[i].n_bytes, 1);
  return outputs;
}

static void compare_outputs(verify_state *s, uint8_t **want, uint8_t **got) {
  for (int i = 0; i < s->ios.n_outputs; i++) {
    const size_t n = s->ios.outputs[i].n_bytes;
    if (memcmp(want[i], got[i], n) != 0)
      note(s, s->model.graph->outputs[i], want[i], got[i], n);
  }
}

static weft_status verify_once(verify_state *s) {
  weft_run_stats stats;
  s->want = WEFT_NEW(s->arena, void *, s->model.graph->n_tensors);
  uint8_t **want = new_outputs(s);
  uint8_t **got = new_outputs(s);
  cli_feed_next(&s->feed, s->run);
  WEFT_TRY(cli_exec_run(s->c, &s->ref, s->feed.bytes, want, keep_reference, s, &stats));
  WEFT_TRY(cli_exec_run(s->c, &s->exec, s->feed.bytes, got, compare, s, &stats));
  compare_outputs(s, want, got);
  s->records[s->run].stats = stats;
  run_report_hash(&s->records[s->run], &s->ios, got);
  cli_exec_step(&s->exec);
  return WEFT_OK;
}

static void json_mismatch(verify_state *s, weft_json *j) {
  const mismatch *m = &s->first;
  const weft_tensor *t = &s->model.graph->tensors[m->tensor];
  weft_json_object(j, "mismatch");
  weft_json_int(j, "layer", m->op);
  weft_json_string(j, "op", m->op >= 0 ? s->model.graph->ops[m->op].name : "input");
  weft_json_string(j, "tensor", t->name);
  weft_json_int(j, "tensor_index", m->tensor);
  weft_json_uint(j, "index", m->index);
  weft_json_double(j, "expected", m->expected);
  weft_json_double(j, "found", m->found);
  weft_json_uint(j, "count", m->n_bad);
  weft_json_uint(j, "run", m->run);
  weft_json_end(j);
}

static void print_json(verify_state *s, uint64_t n_runs) {
  weft_json *j = weft_json_new(s->c->arena);
  weft_json_object(j, NULL);
  run_report_head(j, s->model.path, &s->exec);
  weft_json_array(j, "runs");
  for (uint64_t i = 0; i < n_runs; i++)
    run_report_json_run(s->c, j, &s->records[i]);
  weft_json_end(j);
  weft_json_uint(j, "tensors_compared", s->n_tensors);
  if (s->has_mismatch)
    json_mismatch(s, j);
  else
    weft_json_null(j, "mismatch");
  weft_json_end(j);
  cli_print_json(s->c, j);
}

/* [n,h,w,c] of a flat element index. */
static const char *place_text(weft_arena *arena, const weft_tensor *t, size_t index) {
  int32_t at[WEFT_MAX_RANK] = {0};
  for (int i = t->rank - 1; i >= 0; i--) {
    at[i] = (int32_t)(index % (size_t)t->shape[i]);
    index /= (size_t)t->shape[i];
  }
  return cli_shape_text(arena, at, t->rank);
}

/* The layer of the program whose MARK covers a tensor, or -1. */
static int layer_of(const weft_program *p, const char *tensor_name) {
  for (uint32_t i = 0; p && i < p->n_layers; i++)
    if (strcmp(p->layers[i].name, tensor_name) == 0)
      return (int)i;
  return -1;
}

static const char *again_text(verify_state *s) {
  cli *c = s->c;
  const char *in = c->has_seed ? weft_diag_text(c->diag, " --seed %llu", (unsigned long long)c->seed)
                               : "";
  for (size_t i = 0; i < c->inputs.n; i++)
    in = weft_diag_text(c->diag, "%s --input %s", in, cli_shell_word(c->arena, c->inputs.items[i]));
  const char *machine = c->config ? weft_diag_text(c->diag, " -c %s", cli_shell_word(c->arena, c->config)) : "";
  for (size_t i = 0; i < c->sets.n; i++)
    machine = weft_diag_text(c->diag, "%s --set %s", machine, cli_shell_word(c->arena, c->sets.items[i]));
  const int layer = layer_of(s->exec.program, s->model.graph->tensors[s->first.tensor].name);
  const char *only = layer >= 0 ? weft_diag_text(c->diag, " --wave-layer %d", layer) : "";
  const char *what = cli_shell_word(c->arena, c->program ? c->program : s->model.path);
  if (strcmp(s->exec.backend, "rtl") != 0)
    return c->program
             ? weft_diag_text(c->diag, "look at the program: weft inspect %s", what)
             : weft_diag_text(c->diag, "look at the program: weft compile %s%s -o net.weft && weft inspect net.weft",
                              what, machine);
  return weft_diag_text(c->diag, "record its waves: weft sim %s%s%s --wave mismatch.fst%s",
                        what, machine, in, only);
}

static weft_status fail_mismatch(verify_state *s) {
  cli *c = s->c;
  const mismatch *m = &s->first;
  const weft_tensor *t = &s->model.graph->tensors[m->tensor];
  const char *op = m->op >= 0 ? s->model.graph->ops[m->op].name : "input";
  return weft_fail(
    c->diag, WEFT_E_MISMATCH,
    weft_diag_text(c->diag, "run %llu, layer %d %s, tensor %d '%.80s'",
                   (unsigned long long)m->run, m->op, op, m->tensor, t->name),
    weft_diag_text(c->diag, "first at %s: ref %.9g, %s %.9g; %zu of %zu elements differ",
                   place_text(c->arena, t, m->index), m->expected, s->exec.backend,
                   m->found, m->n_bad, m->n_elems),
    "byte equality with the reference kernels", again_text(s));
}

static weft_status verify_all(verify_state *s) {
  cli *c = s->c;
  s->records = WEFT_NEW(c->arena, run_record, s->feed.n_runs);
  s->exec.n_runs = s->feed.n_runs;
  for (s->run = 0; s->run < s->feed.n_runs && !s->has_mismatch; s->run++) {
    s->arena = weft_arena_new();
    const weft_status status = verify_once(s);
    weft_arena_free(&s->arena);
    WEFT_TRY(status);
  }
  if (c->json)
    print_json(s, s->run);
  if (s->has_mismatch)
    return fail_mismatch(s);
  weft_progress_clear(c->progress);
  if (!c->quiet)
    cli_say(c, "verify: %llu of %llu tensors equal to the reference kernels, byte for byte, "
               "in %llu run%s (backend %s, config %s)\n",
            (unsigned long long)s->n_tensors, (unsigned long long)s->n_tensors,
            (unsigned long long)s->feed.n_runs, s->feed.n_runs == 1 ? "" : "s",
            s->exec.backend, s->exec.config->name);
  const weft_run_stats *last = &s->records[s->run - 1].stats;
  if (last->has_cycles && !c->quiet)
    cli_say(c, "cycles %llu (%s)\n", (unsigned long long)last->cycles, s->exec.backend);
  return WEFT_OK;
}

/* --program: its inputs and outputs must be the network's. */
static weft_status open_program(verify_state *s, cli_model *out) {
  cli *c = s->c;
  cli_ios ios;
  WEFT_TRY(cli_open_model(c, c->program, out));
  if (!out->program)
    return cli_usage(c, "--program", "a network", "a program file");
  WEFT_TRY(cli_list_io(c, out, &ios));
  bool is_same = ios.n_inputs == s->ios.n_inputs && ios.n_outputs == s->ios.n_outputs;
  for (int i = 0; is_same && i < ios.n_inputs; i++)
    is_same = ios.inputs[i].n_bytes == s->ios.inputs[i].n_bytes;
  for (int i = 0; is_same && i < ios.n_outputs; i++)
    is_same = ios.outputs[i].n_bytes == s->ios.outputs[i].n_bytes;
  if (is_same)
    return WEFT_OK;
  return weft_fail(c->diag, WEFT_E_INPUT, weft_diag_text(c->diag, "%s", c->program),
                   "other inputs or outputs", "a program of this network", NULL);
}

weft_status cmd_verify(cli *c) {
  verify_state s = {.c = c};
  const char *backend = c->backend ? c->backend : "model";
  if (strcmp(backend, "ref") == 0)
    return cli_usage(c, "--backend", "ref", "model or rtl: ref is what they are compared with");
  WEFT_TRY(cli_open_model(c, c->args.items[0], &s.model));
  if (!s.model.graph)
    return cli_usage(c, "weft verify", "a program file", "the network itself");
  WEFT_TRY(cli_list_io(c, &s.model, &s.ios));
  cli_model run = s.model;
  if (c->program)
    WEFT_TRY(open_program(&s, &run));
  WEFT_TRY(cli_exec_open(c, &run, backend, &s.exec));
  const char *wave = c->wave;
  c->wave = NULL;
  weft_status status = cli_exec_open(c, &s.model, "ref", &s.ref);
  c->wave = wave;
  if (status == WEFT_OK)
    status = cli_feed_open(c, &s.ios, &s.feed);
  if (status == WEFT_OK)
    status = verify_all(&s);
  cli_exec_close(&s.exec);
  return status;
}
