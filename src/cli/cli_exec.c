/* SPDX-License-Identifier: Apache-2.0 */
/* One call for three backends: `ref` runs the graph, `model` and `rtl` run the
 * program and see nothing else. */
#include "cli/cli.h"

#include <string.h>

static void report_progress(void *user, uint64_t done, uint64_t total, const char *what) {
  weft_progress_step(user, what, done, total);
}

static weft_status open_ref(cli *c, const cli_model *m, cli_exec *e) {
  if (!m->graph)
    return cli_usage(c, "--backend ref", "a program file",
                     "the network itself: ref runs its operators");
  WEFT_TRY(weft_graph_check(m->graph, c->diag, NULL));
  return weft_ref_open(c->arena, c->diag, m->graph, &e->ref);
}

static weft_status open_session(cli *c, const cli_model *m, cli_exec *e) {
  if (m->graph)
    WEFT_TRY(weft_graph_check(m->graph, c->diag, NULL));
  WEFT_TRY(cli_load_config(c, m->program, &e->config));
  WEFT_TRY(cli_get_program(c, m, e->config, &e->program));
  const weft_backend *b = weft_backend_find(e->backend);
  if (!b)
    return cli_not_yet(c, weft_diag_text(c->diag, "the %s backend", e->backend));
  weft_backend_options *o = WEFT_NEW(c->arena, weft_backend_options, 1);
  *o = (weft_backend_options){
    .poison = c->has_poison, .poison_seed = c->poison,
    .max_cycles = c->has_max_cycles ? c->max_cycles : 0,
    .wave_path = c->wave, .wave_scope = c->wave_scope,
    .wave_layer = c->has_wave_layer ? (int64_t)c->wave_layer : -1,
    .progress = report_progress, .progress_user = c->progress, .port = c->port};
  return weft_session_open(c->arena, c->diag, e->program, e->config, b, o, &e->session);
}

weft_status cli_exec_open(cli *c, const cli_model *m, const char *backend,
                          cli_exec *e) {
  *e = (cli_exec){.backend = backend, .graph = m->graph};
  if (c->wave && strcmp(backend, "rtl") != 0)
    return cli_usage(c, "--wave", weft_diag_text(c->diag, "backend %s", backend),
                     "backend rtl");
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
