/* SPDX-License-Identifier: Apache-2.0 */
/* run and sim: the same loop; sim is the RTL with its cycles, layer by layer. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run_report.h"

#define MAX_KEPT_BYTES ((size_t)1 << 32)

typedef struct run_state {
  cli *c;
  cli_model model;
  cli_ios ios;
  cli_feed feed;
  cli_exec exec;
  run_report report;
} run_state;

/* What the end of a long run would find out. */
static weft_status check_output_path(cli *c, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *folder = slash ? weft_arena_printf(c->arena, "%.*s/", (int)(slash - path), path) : ".";
  bool is_input = cli_is_same_file(path, c->args.items[0]) ||
                  (c->labels && cli_is_same_file(path, c->labels));
  for (size_t i = 0; i < c->inputs.n; i++)
    is_input |= cli_is_same_file(path, c->inputs.items[i]);
  if (is_input)
    return cli_usage(c, "--output", weft_diag_text(c->diag, "%s is a file that is read", path),
                     "a file of its own");
  if (access(folder, W_OK) != 0)
    return weft_fail(c->diag, WEFT_E_WRITE, path, weft_diag_text(c->diag, "%s", strerror(errno)),
                     "a folder that can be written", NULL);
  return WEFT_OK;
}

static weft_status check_outputs(run_state *s) {
  const size_t n = s->c->outputs.n;
  if (n != 0 && n != (size_t)s->ios.n_outputs)
    return cli_usage(s->c, "--output", weft_diag_text(s->c->diag, "%zu given", n),
                     weft_diag_text(s->c->diag, "one for each of the %d outputs",
                                    s->ios.n_outputs));
  for (size_t i = 0; i < n; i++)
    WEFT_TRY(check_output_path(s->c, s->c->outputs.items[i]));
  if (s->c->labels && access(s->c->labels, R_OK) != 0)
    return weft_fail(s->c->diag, WEFT_E_READ, s->c->labels,
                     weft_diag_text(s->c->diag, "%s", strerror(errno)), "a file of labels", NULL);
  return WEFT_OK;
}

static weft_status alloc_outputs(run_state *s) {
  run_report *r = &s->report;
  r->n_runs = s->feed.n_runs;
  size_t total = 0;
  for (int i = 0; i < s->ios.n_outputs; i++) {
    size_t bytes = 0;
    if (!weft_mul_size(s->ios.outputs[i].n_bytes, r->n_runs, &bytes) ||
        !weft_add_size(total, bytes, &total) || total > MAX_KEPT_BYTES)
      return weft_fail(s->c->diag, WEFT_E_CAP, "the outputs of all runs",
                       weft_diag_text(s->c->diag, "%llu runs", (unsigned long long)r->n_runs),
                       weft_diag_text(s->c->diag, "%zu bytes kept", MAX_KEPT_BYTES),
                       "run smaller batches");
  }
  r->outputs = WEFT_NEW(s->c->arena, uint8_t *, s->ios.n_outputs);
  for (int i = 0; i < s->ios.n_outputs; i++)
    r->outputs[i] = weft_arena_alloc(s->c->arena, r->n_runs, s->ios.outputs[i].n_bytes);
  r->runs = WEFT_NEW(s->c->arena, run_record, r->n_runs);
  return WEFT_OK;
}

static weft_status keep_tensor(void *user, const cli_seen *t, const void *data,
                               size_t n_bytes) {
  run_state *s = user;
  run_report_keep(s->c, s->report.current, t, data, n_bytes);
  return WEFT_OK;
}

static weft_status run_once(run_state *s, uint64_t i) {
  cli *c = s->c;
  run_record *run = s->report.current = &s->report.runs[i];
  uint8_t **outputs = WEFT_NEW(c->arena, uint8_t *, s->ios.n_outputs);
  for (int k = 0; k < s->ios.n_outputs; k++)
    outputs[k] = s->report.outputs[k] + i * s->ios.outputs[k].n_bytes;
  cli_feed_next(&s->feed, i);
  WEFT_TRY(cli_exec_run(c, &s->exec, s->feed.bytes, outputs,
                        c->tensors ? keep_tensor : NULL, s, &run->stats));
  run_report_hash(run, &s->ios, outputs);
  cli_exec_step(&s->exec);
  return WEFT_OK;
}

static weft_status write_outputs(run_state *s) {
  for (size_t k = 0; k < s->c->outputs.n; k++)
    WEFT_TRY(weft_file_write(s->c->diag, s->c->outputs.items[k], s->report.outputs[k],
                             s->report.n_runs * s->ios.outputs[k].n_bytes));
  return WEFT_OK;
}

static weft_status run_all(run_state *s) {
  s->exec.n_runs = s->feed.n_runs;
  for (uint64_t i = 0; i < s->feed.n_runs; i++)
    WEFT_TRY(run_once(s, i));
  run_report_accuracy(&s->ios, &s->report);
  WEFT_TRY(write_outputs(s));
  s->report.exec = &s->exec;
  s->report.model = s->model.path;
  run_report_print(s->c, &s->ios, &s->report);
  return WEFT_OK;
}

static weft_status run_on(cli *c, const char *backend, bool is_sim) {
  run_state s = {.c = c, .report = {.is_sim = is_sim}};
  WEFT_TRY(cli_open_model(c, c->args.items[0], &s.model));
  WEFT_TRY(cli_list_io(c, &s.model, &s.ios));
  WEFT_TRY(check_outputs(&s));
  WEFT_TRY(cli_feed_open(c, &s.ios, &s.feed));
  WEFT_TRY(alloc_outputs(&s));
  WEFT_TRY(run_report_labels(c, &s.ios, &s.report));
  weft_status status = cli_exec_open(c, &s.model, backend, &s.exec);
  if (status == WEFT_OK)
    status = run_all(&s);
  cli_exec_close(&s.exec);
  return status;
}

weft_status cmd_run(cli *c) {
  return run_on(c, c->backend ? c->backend : "model", false);
}

weft_status cmd_sim(cli *c) { return run_on(c, "rtl", true); }
