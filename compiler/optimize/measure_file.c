/* SPDX-License-Identifier: Apache-2.0 */
/* What an integer file costs on a machine, and whether the machine computes it. */
#include <string.h>

#include "compiler/compile.h"
#include "compiler/optimize/optimize.h"
#include "isa/program.h"
#include "kernels/kernels.h"
#include "runtime/runtime.h"

typedef struct bench {
  weft_arena *arena;
  weft_diag *d;
  const opt_job *job;
  weft_graph *graph;
  weft_program *program;
  weft_ref *ref;
  weft_session *session;
  uint8_t *in, *want, *got;
  size_t in_bytes, out_bytes;
} bench;

static weft_status compile_file(bench *b, weft_span file) {
  weft_program *fresh = NULL;
  weft_span stored;
  WEFT_TRY(weft_graph_read(b->arena, b->d, "the stage's network", file, &b->graph));
  WEFT_TRY(weft_graph_check(b->graph, b->d, NULL));
  WEFT_TRY(weft_compile(b->arena, b->d, b->graph, b->job->config, NULL, &fresh));
  WEFT_TRY(weft_program_store(b->arena, fresh, &stored));
  return weft_program_load(b->arena, b->d, "the stage's program", stored, &b->program);
}

static weft_status open_both(bench *b) {
  const weft_backend *backend = weft_backend_find(b->job->backend);
  weft_backend_options *o = WEFT_NEW(b->arena, weft_backend_options, 1);
  if (!backend)
    return weft_fail(b->d, WEFT_E_USAGE, "backend", b->job->backend, "rtl or none", NULL);
  if (b->graph->n_inputs != 1 || b->graph->n_outputs != 1)
    return weft_fail(b->d, WEFT_E_UNSUPPORTED, b->graph->path, "several inputs or outputs",
                     "one of each", NULL);
  b->in_bytes = b->graph->tensors[b->graph->inputs[0]].n_bytes;
  b->out_bytes = b->graph->tensors[b->graph->outputs[0]].n_bytes;
  b->in = weft_arena_alloc(b->arena, b->in_bytes, 1);
  b->want = weft_arena_alloc(b->arena, b->out_bytes, 1);
  b->got = weft_arena_alloc(b->arena, b->out_bytes, 1);
  WEFT_TRY(weft_ref_open(b->arena, b->d, b->graph, &b->ref));
  return weft_session_open(b->arena, b->d, b->program, b->job->config, backend, o, &b->session);
}

static weft_status run_both(bench *b, uint64_t seed, weft_run_stats *stats) {
  weft_rng rng = {.state = seed};
  for (size_t i = 0; i < b->in_bytes; i++)
    b->in[i] = weft_rng_byte(&rng);
  const uint8_t *const in[] = {b->in};
  uint8_t *const want[] = {b->want};
  uint8_t *const got[] = {b->got};
  WEFT_TRY(weft_ref_run(b->ref, in, want, NULL, NULL));
  WEFT_TRY(weft_session_run(b->session, b->d, in, got, NULL, NULL, stats));
  if (memcmp(b->want, b->got, b->out_bytes) != 0)
    return weft_fail(b->d, WEFT_E_MISMATCH, "the stage's network", "outputs that differ",
                     "backend and reference kernels equal byte for byte",
                     "'weft verify FILE --backend rtl' names the tensor");
  return WEFT_OK;
}

static weft_status run_all(bench *b, opt_row *row) {
  weft_run_stats stats = {0};
  WEFT_TRY(open_both(b));
  for (int i = 0; i < b->job->n_verify; i++)
    WEFT_TRY(run_both(b, (uint64_t)i + 1, &stats));
  row->has_cycles = stats.has_cycles;
  row->cycles = stats.cycles;
  row->runs = weft_arena_printf(b->arena, "%s, %d inputs equal", b->job->backend, b->job->n_verify);
  return WEFT_OK;
}

static const char *first_issue(weft_arena *arena, const weft_diag *d) {
  if (weft_diag_count(d) == 0)
    return "no reason given";
  const weft_issue *i = weft_diag_at(d, 0);
  return weft_arena_printf(arena, "%s: %s (%s)", i->where ? i->where : "", i->found ? i->found : "",
                           i->allowed ? i->allowed : "");
}

weft_status opt_measure_file(weft_arena *arena, weft_diag *d, const opt_job *job, weft_span file,
                             opt_row *row) {
  bench b = {.arena = weft_arena_new(), .job = job};
  b.d = weft_diag_new(b.arena);
  weft_status s = compile_file(&b, file);
  if (s == WEFT_OK)
    row->stream_bytes = weft_program_stream(b.program, job->config).moved;
  if (s == WEFT_OK && strcmp(job->backend, "none") != 0)
    s = run_all(&b, row);
  else if (s == WEFT_OK)
    row->runs = "not run";
  const bool is_refusal = s == WEFT_E_UNSUPPORTED || s == WEFT_E_UNSUPPORTED_OP ||
                          s == WEFT_E_NO_FIT || s == WEFT_E_TOOL;
  const char *why = first_issue(arena, b.d);
  row->runs = is_refusal      ? weft_arena_printf(arena, "no: %.200s", why)
              : row->runs     ? weft_arena_printf(arena, "%s", row->runs)
                              : "no";
  if (s != WEFT_OK && !is_refusal)
    s = weft_fail(d, s, job->model_path, why, "the written network runs", NULL);
  if (b.session)
    weft_session_close(&b.session);
  weft_arena_free(&b.arena);
  return is_refusal ? WEFT_OK : s;
}
