/* SPDX-License-Identifier: Apache-2.0 */
/* One call for three backends: `ref` runs the graph, `model` and `rtl` run the
 * program and see nothing else. */
#include "cli/cli.h"

#include <string.h>

/* A backend tells of one run; of several it is a part. */
static void report_progress(void *user, uint64_t done, uint64_t total, const char *what) {
  const cli_exec *e = user;
  if (e->n_runs > 1 && total > 0 && strcmp(what, e->backend) == 0) {
    done = e->run * 1000 + (uint64_t)(1000.0 * (double)done / (double)total);
    total = e->n_runs * 1000;
  }
  weft_progress_step(e->progress, what, done, total);
}

void cli_exec_step(cli_exec *e) {
  e->run++;
  const uint64_t unit = strcmp(e->backend, "rtl") == 0 ? 1000 : 1;
  if (e->n_runs > 1)
    weft_progress_step(e->progress, e->backend, e->run * unit, e->n_runs * unit);
}

static weft_status open_ref(cli *c, const cli_model *m, cli_exec *e) {
  if (!m->graph)
    return cli_usage(c, "--backend ref", "a program file",
                     "the network itself: ref runs its operators");
  WEFT_TRY(weft_graph_check(m->graph, c->diag, NULL));
  if (c->config || c->sets.n || c->board)   /* reported; and a bad one is an error on every backend */
    WEFT_TRY(cli_load_config(c, NULL, &e->config));
  return weft_ref_open(c->arena, c->diag, m->graph, &e->ref);
}

/* --wave-layer: an index, or the name that sim prints. -1: all. */
static weft_status find_wave_layer(cli *c, const weft_program *p, int64_t *out) {
  uint64_t index = 0;
  *out = -1;
  if (!c->wave_layer)
    return WEFT_OK;
  const char **names = WEFT_NEW(c->arena, const char *, p->n_layers + 1);
  for (uint32_t i = 0; i < p->n_layers; i++) {
    names[i] = p->layers[i].name;
    if (strcmp(names[i], c->wave_layer) != 0)
      continue;
    if (*out >= 0)
      return weft_fail(c->diag, WEFT_E_USAGE, "--wave-layer",
                       weft_diag_text(c->diag, "'%.80s', the name of layers %d and %u", c->wave_layer, (int)*out, i), "a layer's number",
                       "name one of them by its number");
    *out = i;
  }
  if (*out < 0 && cli_number(c->wave_layer, &index) && index < p->n_layers)
    *out = (int64_t)index;
  if (*out >= 0)
    return WEFT_OK;
  const char *nearest = weft_nearest(c->wave_layer, names, p->n_layers);
  for (uint32_t i = 0; i < p->n_layers && *c->wave_layer && !nearest; i++)
    nearest = strncmp(names[i], c->wave_layer, strlen(c->wave_layer)) == 0 ? names[i] : NULL;
  return weft_fail(c->diag, WEFT_E_USAGE, "--wave-layer", weft_diag_text(c->diag, "'%.100s', no layer of the program", c->wave_layer),
                   p->n_layers ? weft_diag_text(c->diag, "0..%u, or a name: 0 is '%.80s', %u is '%.80s'", p->n_layers - 1,
                                                names[0], p->n_layers - 1, names[p->n_layers - 1])
                               : "a program with layers on the accelerator",
                   nearest ? weft_diag_text(c->diag, "did you mean '%.100s'?", nearest) : "weft sim lists the layers");
}

static weft_status open_session(cli *c, const cli_model *m, cli_exec *e) {
  if (m->graph)
    WEFT_TRY(weft_graph_check(m->graph, c->diag, NULL));
  WEFT_TRY(cli_load_config(c, m->program, &e->config));
  WEFT_TRY(cli_get_program(c, m, e->config, &e->program));
  const weft_backend *b = weft_backend_find(e->backend);
  if (!b)
    return cli_not_yet(c, weft_diag_text(c->diag, "the %s backend", e->backend));
  int64_t wave_layer = -1;
  WEFT_TRY(find_wave_layer(c, e->program, &wave_layer));
  weft_backend_options *o = WEFT_NEW(c->arena, weft_backend_options, 1);
  *o = (weft_backend_options){
    .poison = c->has_poison, .poison_seed = c->poison,
    .max_cycles = c->has_max_cycles ? c->max_cycles : 0,
    .wave_path = c->wave, .wave_scope = c->wave_scope,
    .wave_layer = wave_layer,
    .progress = report_progress, .progress_user = e, .port = c->port};
  return weft_session_open(c->arena, c->diag, e->program, e->config, b, o, &e->session);
}

/* Options that only some backends look at. */
static weft_status check_backend_options(cli *c, const char *backend) {
  const bool is_rtl = strcmp(backend, "rtl") == 0, is_board = strcmp(backend, "board") == 0;
  const bool is_simulated = is_rtl || strcmp(backend, "model") == 0;
  const struct { const char *name; bool is_given, is_used; const char *allowed; } rows[] = {
    {"--wave", c->wave != NULL, is_rtl, "backend rtl"},
    {"--port", c->port != NULL, is_board, "backend board"},
    {"--poison", c->has_poison, is_simulated, "backend model or rtl"},
    {"--max-cycles", c->has_max_cycles, is_simulated, "backend model or rtl"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].is_given && !rows[i].is_used)
      return cli_usage(c, rows[i].name, weft_diag_text(c->diag, "backend %s", backend), rows[i].allowed);
  return WEFT_OK;
}

weft_status cli_exec_open(cli *c, const cli_model *m, const char *backend,
                          cli_exec *e) {
  *e = (cli_exec){.backend = backend, .graph = m->graph, .progress = c->progress};
  WEFT_TRY(check_backend_options(c, backend));
  return strcmp(backend, "ref") == 0 ? open_ref(c, m, e) : open_session(c, m, e);
}

typedef struct relay {
  const weft_graph *graph;
  cli_sink sink;
  void *user;
} relay;

static weft_status from_ref(void *user, int tensor, const void *data, size_t n_bytes) {
  const relay *r = user;
  const weft_tensor *t = &r->graph->tensors[tensor];
  const cli_seen seen = {tensor, t->name, t->type, t->rank, t->shape};
  return r->sink(r->user, &seen, data, n_bytes);
}

static weft_status from_session(void *user, const weft_prog_tensor *t,
                                const void *data, size_t n_bytes) {
  const relay *r = user;
  const cli_seen seen = {t->tensor, t->name, (weft_type)t->type, (int)t->rank, t->shape};
  return r->sink(r->user, &seen, data, n_bytes);
}

weft_status cli_exec_run(cli *c, cli_exec *e, uint8_t *const *inputs,
                         uint8_t *const *outputs, cli_sink sink, void *user,
                         weft_run_stats *stats) {
  relay r = {e->graph, sink, user};
  const uint8_t *const *in = (const uint8_t *const *)inputs;
  *stats = (weft_run_stats){0};
  if (weft_interrupted())
    return WEFT_E_INTERRUPTED;
  if (e->ref)
    return weft_ref_run(e->ref, in, outputs, sink ? from_ref : NULL, &r);
  return weft_session_run(e->session, c->diag, in, outputs,
                          sink ? from_session : NULL, &r, stats);
}

void cli_exec_close(cli_exec *e) {
  if (e->session)
    weft_session_close(&e->session);
}
