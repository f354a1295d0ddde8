/* SPDX-License-Identifier: Apache-2.0 */
/* run.json: what was run on what, to run it again ('weft optimize --from'). */
#include <stdio.h>

#include "base/json.h"
#include "compiler/optimize/optimize.h"
#include "weft_version.h"

static void put_row(weft_json *j, const opt_row *row) {
  weft_json_object(j, NULL);
  weft_json_string(j, "stage", row->stage);
  weft_json_string(j, "file", row->file);
  weft_json_uint(j, "bytes", row->n_bytes);
  weft_json_uint(j, "zeros", row->n_zeros);
  if (row->has_metric)
    weft_json_double(j, "metric", row->metric);
  weft_json_array(j, "loss");
  for (size_t i = 0; i < row->history.n; i++)
    weft_json_double(j, NULL, row->history.loss[i]);
  weft_json_end(j);
  weft_json_end(j);
}

weft_status opt_write_run_json(weft_arena *arena, weft_diag *d, const opt_job *job,
                               const opt_result *r, const char *const *command, size_t n_command) {
  weft_json *j = weft_json_new(arena);
  char hash[17];
  weft_hash16(job->model.data, job->model.size, hash);
  weft_json_object(j, NULL);
  weft_json_string(j, "weft", WEFT_VERSION);
  weft_json_string(j, "commit", WEFT_COMMIT);
  weft_json_array(j, "command");
  for (size_t i = 0; i < n_command; i++)
    weft_json_string(j, NULL, command[i]);
  weft_json_end(j);
  weft_json_string(j, "model", job->model_path);
  weft_json_string(j, "model_sha256_16", hash);
  weft_json_string(j, "data", job->data ? job->data->path : NULL);
  weft_json_string(j, "recipe", job->recipe->text);
  weft_json_string(j, "config", weft_config_text(arena, job->config));
  weft_json_string(j, "measure", job->backend);
  weft_json_uint(j, "seed", job->recipe->seed);
  weft_json_array(j, "stages");
  for (size_t i = 0; i < r->n_rows; i++)
    put_row(j, &r->rows[i]);
  weft_json_end(j);
  weft_json_end(j);
  size_t n = 0;
  const char *text = weft_json_text(j, &n);
  return weft_file_write(d, weft_arena_printf(arena, "%s/run.json", job->dir), text, n);
}
