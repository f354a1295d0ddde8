/* SPDX-License-Identifier: Apache-2.0 */
/* optimize: a recipe on a network; the table of its stages. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "compiler/optimize/optimize.h"
#include "config/yaml_tree.h"

#define MAX_FILE_BYTES ((size_t)1 << 30)

typedef struct source {          /* the command line, or run.json */
  const char *model, *data, *recipe_path, *recipe_text, *config_text, *measure;
  int64_t seed;                  /* -1: the recipe's */
} source;

static weft_status read_run_json(cli *c, source *s) {
  yaml_tree *t = NULL;
  const char *hash = NULL;
  WEFT_TRY(yaml_tree_read(c->arena, c->diag, c->from, &t));
  WEFT_TRY(yaml_string(c->diag, t, "model", &s->model));
  WEFT_TRY(yaml_string(c->diag, t, "data", &s->data));
  WEFT_TRY(yaml_string(c->diag, t, "recipe", &s->recipe_text));
  WEFT_TRY(yaml_string(c->diag, t, "config", &s->config_text));
  WEFT_TRY(yaml_string(c->diag, t, "measure", &s->measure));
  WEFT_TRY(yaml_int(c->diag, t, "seed", 0, INT64_MAX, &s->seed));
  WEFT_TRY(yaml_string(c->diag, t, "model_sha256_16", &hash));
  if (!s->model || !s->recipe_text || !hash)
    return weft_fail(c->diag, WEFT_E_READ, c->from, "no model, recipe or hash", "a run.json of weft optimize", NULL);
  weft_span file;
  char now[17];
  WEFT_TRY(weft_file_read(c->arena, c->diag, s->model, MAX_FILE_BYTES, &file));
  weft_hash16(file.data, file.size, now);
  if (strcmp(now, hash) != 0)
    return weft_fail(c->diag, WEFT_E_INPUT, s->model, weft_diag_text(c->diag, "SHA-256 %s...", now),
                     weft_diag_text(c->diag, "%s..., the file of that run", hash), NULL);
  s->recipe_path = c->from;
  return WEFT_OK;
}

static weft_status find_source(cli *c, source *s) {
  *s = (source){.data = c->data, .recipe_path = c->recipe, .seed = -1};
  if (c->from && c->args.n == 1)
    return cli_usage(c, "--from", "a MODEL too", "one of the two: the run names its network");
  if (c->from)
    WEFT_TRY(read_run_json(c, s));
  else if (c->args.n == 1)
    s->model = c->args.items[0];
  if (!s->model)
    return cli_usage(c, "weft optimize", "no MODEL", "weft optimize MODEL --data FILE -o DIR");
  if (!c->out)
    return cli_usage(c, "weft optimize", "no -o DIR", "weft optimize MODEL --data FILE -o DIR");
  if (c->data)
    s->data = c->data;
  if (c->measure || !s->measure)
    s->measure = c->measure ? c->measure : "rtl";
  if (strcmp(s->measure, "rtl") != 0 && strcmp(s->measure, "model") != 0 && strcmp(s->measure, "none") != 0)
    return cli_usage(c, "--measure", s->measure, "rtl, model or none");
  return WEFT_OK;
}

static weft_status prepare(cli *c, const source *s, opt_job *job) {
  weft_config *config = NULL;
  opt_data *data = NULL;
  WEFT_TRY(weft_file_read(c->arena, c->diag, s->model, MAX_FILE_BYTES, &job->model));
  job->model_path = s->model;
  if (s->recipe_text)
    WEFT_TRY(opt_recipe_parse(c->arena, c->diag, s->recipe_path, s->recipe_text, &job->recipe));
  else
    WEFT_TRY(opt_recipe_read(c->arena, c->diag, s->recipe_path, &job->recipe));
  if (s->seed >= 0)
    job->recipe->seed = (uint64_t)s->seed;
  if (c->has_seed)
    job->recipe->seed = c->seed;
  if (s->config_text && !c->config && c->sets.n == 0)
    WEFT_TRY(weft_config_parse(c->arena, c->diag, c->from,
                               (weft_span){(const uint8_t *)s->config_text, strlen(s->config_text)}, &config));
  else
    WEFT_TRY(cli_load_config(c, NULL, &config));
  job->config = config;
  if (s->data)
    WEFT_TRY(opt_data_open(c->arena, c->diag, s->data, &data));
  job->data = data;
  job->dir = c->out;
  job->threads = c->has_jobs ? (int)c->jobs : 1;
  job->resume = c->resume;
  job->backend = s->measure;
  job->n_verify = 3;
  job->progress = c->progress;
  return weft_folder_make(c->diag, c->out);
}

static void put_json_row(weft_json *j, const opt_row *row) {
  weft_json_object(j, NULL);
  weft_json_string(j, "stage", row->stage);
  if (row->has_metric)
    weft_json_double(j, "accuracy", row->metric);
  else
    weft_json_null(j, "accuracy");
  weft_json_uint(j, "bytes", row->n_bytes);
  if (row->stream_bytes)
    weft_json_uint(j, "stream_bytes", row->stream_bytes);
  else
    weft_json_null(j, "stream_bytes");
  weft_json_double(j, "zeros", row->n_weights ? (double)row->n_zeros / (double)row->n_weights : 0);
  weft_json_array(j, "distinct");
  for (int i = 0; i < row->n_layers; i++)
    weft_json_uint(j, NULL, row->layers[i].facts.n_distinct);
  weft_json_end(j);
  if (row->has_cycles)
    weft_json_uint(j, "cycles", row->cycles);
  else
    weft_json_null(j, "cycles");
  weft_json_string(j, "invariants", row->invariants);
  weft_json_string(j, "note", row->note);
  weft_json_string(j, "runs", row->runs);
  weft_json_string(j, "file", row->file);
  weft_json_double(j, "seconds", row->seconds);
  weft_json_end(j);
}

static void print_json(cli *c, const opt_job *job, const opt_result *r) {
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "model", job->model_path);
  weft_json_string(j, "config", job->config->name);
  weft_json_string(j, "metric", opt_metric_name(r->metric));
  weft_json_string(j, "result", r->model_file);
  weft_json_array(j, "stages");
  for (size_t i = 0; i < r->n_rows; i++)
    put_json_row(j, &r->rows[i]);
  weft_json_end(j);
  weft_json_end(j);
  cli_print_json(c, j);
}

static const char *number(cli *c, bool has, uint64_t v) {
  return has ? weft_arena_printf(c->arena, "%llu", (unsigned long long)v) : "-";
}

static const char *layer_name(cli *c, const opt_row *row) {
  const char *name = row->first_bad_name;
  return weft_arena_printf(c->arena, "%.*s", (int)strcspn(name, ";"), name);
}

static void print_table(cli *c, const opt_job *job, const opt_result *r) {
  cli_say(c, "%-18s %10s %9s %9s %6s %8s %9s  %s\n", "stage",
          r->metric == OPT_MSE ? "mse" : "accuracy", "bytes", "stream", "zeros", "distinct", "cycles",
          "kept; runs");
  for (size_t i = 0; i < r->n_rows; i++) {
    const opt_row *row = &r->rows[i];
    const char *metric = !row->has_metric        ? "-"
                         : r->metric == OPT_MSE  ? weft_arena_printf(c->arena, "%.4f", row->metric)
                                                 : weft_arena_printf(c->arena, "%.2f %%", 100 * row->metric);
    cli_say(c, "%-18.18s %10s %9zu %9s %5.1f%% %8zu %9s  %s%s%s\n", row->stage, metric, row->n_bytes,
            number(c, row->stream_bytes > 0, row->stream_bytes),
            row->n_weights ? 100.0 * (double)row->n_zeros / (double)row->n_weights : 0.0,
            row->n_distinct_max, number(c, row->has_cycles, row->cycles), row->invariants,
            row->invariants[0] && row->runs[0] ? "; " : "", row->runs);
    if (row->note[0])
      cli_say(c, "  %s\n", row->note);
    if (row->first_bad >= 0 && row->is_integer)
      cli_say(c, "  first layer that hurts: %s\n", layer_name(c, row));
  }
  if (r->model_file)
    cli_say(c, "%s, %s/report.html; again: weft optimize --from %s -o DIR\n", r->model_file, job->dir,
            cli_shell_word(c->arena, weft_arena_printf(c->arena, "%s/run.json", job->dir)));
}

weft_status cmd_optimize(cli *c) {
  source s;
  opt_job job = {0};
  opt_result r = {0};
  WEFT_TRY(find_source(c, &s));
  WEFT_TRY(prepare(c, &s, &job));
  const weft_status done = opt_run(c->arena, c->diag, &job, &r);
  if (r.n_rows) {
    const char *command[] = {"weft", "optimize", s.model, "--recipe", s.recipe_path ? s.recipe_path : "",
                             "--data", s.data ? s.data : "", "--measure", s.measure};
    WEFT_TRY(opt_write_run_json(c->arena, c->diag, &job, &r, command, sizeof command / sizeof *command));
    WEFT_TRY(opt_write_report(c->arena, c->diag, &job, &r));
  }
  weft_progress_clear(c->progress);
  if (c->json)
    print_json(c, &job, &r);
  else if (!c->quiet)
    print_table(c, &job, &r);
  return done;
}
