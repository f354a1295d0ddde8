/* SPDX-License-Identifier: Apache-2.0 */
/* The recipe's loop: run a stage, write its network, read the file again and measure
 * that. */
#include "compiler/optimize/optimize.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compiler/optimize/data_inspect.h"
#include "compiler/optimize/kept.h"
#include "compiler/optimize/stage_run.h"
#include "compiler/optimize/tflite_write.h"

typedef struct driver {
  weft_arena *arena;
  weft_diag *d;
  const opt_job *job;
  opt_net *net;                 /* the float network, stage after stage */
  opt_net *original;
  opt_result *out;
  const char *found;            /* what the input file brought, or NULL */
} driver;

static void count_histogram(const opt_weights *w, uint32_t histogram[64]) {
  float top = 0;
  for (size_t i = 0; i < w->n_elems; i++)
    top = fmaxf(top, fabsf(w->w[i]));
  for (size_t i = 0; top > 0 && i < w->n_elems; i++) {
    const int bin = (int)((w->w[i] / top + 1) * 32);
    if (w->w[i] != 0)
      histogram[bin < 0 ? 0 : bin > 63 ? 63 : bin]++;
  }
}

static void measure_weights(driver *v, const opt_net *net, opt_row *row) {
  row->layers = WEFT_NEW(v->arena, opt_layer_row, net->n_layers + 1);
  for (int l = 0; l < net->n_layers; l++) {
    const opt_layer *layer = &net->layers[l];
    if (!layer->weights)
      continue;
    opt_layer_row *r = &row->layers[row->n_layers++];
    r->name = layer->name;
    opt_measure(v->arena, layer, &r->facts);
    count_histogram(layer->weights, r->histogram);
    row->n_weights += r->facts.n_elems;
    row->n_zeros += r->facts.n_zeros;
    if (r->facts.n_distinct > row->n_distinct_max)
      row->n_distinct_max = r->facts.n_distinct;
  }
}

/* Error of each layer against the float network that the stage quantized. */
static weft_status measure_errors(driver *v, const opt_net *integer, opt_row *row) {
  opt_layer_error *e = NULL;
  int n = 0;
  const size_t samples = v->job->data->splits[OPT_CALIB].n < 50 ? v->job->data->splits[OPT_CALIB].n : 50;
  row->first_bad = -1;
  if (samples == 0 || integer->n_layers != v->net->n_layers)
    return WEFT_OK;
  WEFT_TRY(opt_compare(v->arena, v->d, v->net, integer, v->job->data, samples, &e, &n,
                       &row->first_bad));
  row->first_bad_name = row->first_bad >= 0 ? integer->layers[row->first_bad].name : "";
  for (int i = 0; i < n; i++) {
    const opt_layer *layer = &integer->layers[e[i].layer];
    for (int k = 0; k < row->n_layers; k++)
      if (layer->weights && strcmp(row->layers[k].name, layer->name) == 0) {
        row->layers[k].has_error = true;
        row->layers[k].sqnr_db = e[i].sqnr_db;
        row->layers[k].cosine = e[i].cosine;
        row->layers[k].max_abs = e[i].max_abs;
      }
  }
  return WEFT_OK;
}

/* The file is read back: weights, what they keep, cycles and bytes are the file's. */
static weft_status write_and_measure(driver *v, const opt_net *net, bool is_integer, opt_row *row) {
  const opt_data *data = v->job->data;
  weft_span file;
  opt_net *written = NULL;
  WEFT_TRY(opt_write(v->arena, v->d, net, &file));
  row->file = weft_arena_printf(v->arena, "%s/%02zu_%s.tflite", v->job->dir, v->out->n_rows,
                                strchr(row->stage, ' ') + 1);
  WEFT_TRY(opt_check_file(v->arena, v->d, net, row->file, file, &written));
  WEFT_TRY(weft_file_write(v->d, row->file, file.data, file.size));
  row->n_bytes = file.size;
  row->is_integer = is_integer;
  row->invariants = opt_kept_text(v->arena, written);
  measure_weights(v, written, row);
  if (data && data->splits[OPT_TEST].n) {
    row->has_metric = true;
    WEFT_TRY(opt_evaluate(v->d, net, data, OPT_TEST, v->job->progress, &row->metric));
  }
  row->first_bad = -1;
  if (!is_integer)
    return WEFT_OK;
  WEFT_TRY(measure_errors(v, net, row));
  WEFT_TRY(opt_measure_file(v->arena, v->d, v->job, file, row));
  v->out->model_file = weft_arena_printf(v->arena, "%s/model.tflite", v->job->dir);
  return weft_file_write(v->d, v->out->model_file, file.data, file.size);
}

static opt_row *new_row(driver *v, const char *name) {
  opt_row *row = &v->out->rows[v->out->n_rows];
  *row = (opt_row){.stage = weft_arena_printf(v->arena, "%zu %s", v->out->n_rows, name),
                   .invariants = "", .note = "", .runs = "", .first_bad = -1};
  return row;
}

static weft_status first_row(driver *v) {
  const double start = weft_seconds();
  opt_row *row = new_row(v, "float");
  if (v->found)
    row->note = v->found;
  const opt_data *data = v->job->data;
  const size_t shared = data && data->splits[OPT_TEST].n && data->splits[OPT_TRAIN].n
                          ? opt_data_shared(data, OPT_TEST, OPT_TRAIN) : 0;
  if (shared)
    row->note = weft_arena_printf(v->arena, "%s%sWARNING: %zu test samples are also train samples: their accuracy "
                                  "says nothing", row->note, row->note[0] ? "; " : "", shared);
  WEFT_TRY(write_and_measure(v, v->net, false, row));
  row->seconds = weft_seconds() - start;
  v->out->n_rows++;
  return WEFT_OK;
}

static weft_status run_stage(driver *v, opt_stage *s) {
  const double start = weft_seconds();
  opt_row *row = new_row(v, s->name);
  opt_net *integer = NULL;
  weft_progress_step(v->job->progress, s->name, 0, 0);
  WEFT_TRY(opt_stage_run(v->arena, v->d, v->job, s, v->net, v->original, &row->history, &integer,
                         &row->note));
  WEFT_TRY(write_and_measure(v, integer ? integer : v->net, integer != NULL, row));
  row->seconds = weft_seconds() - start;
  v->out->n_rows++;
  return WEFT_OK;
}

static weft_status check_target(driver *v) {
  const opt_recipe *r = v->job->recipe;
  const opt_row *last = &v->out->rows[v->out->n_rows - 1];
  const bool less_is_better = v->out->metric == OPT_MSE;
  if (!r->has_target || (less_is_better ? last->metric <= r->target : last->metric >= r->target))
    return WEFT_OK;
  return weft_fail(v->d, WEFT_E_ACCURACY, last->file,
                   weft_diag_text(v->d, "%s %.4f", opt_metric_name(v->out->metric), last->metric),
                   weft_diag_text(v->d, "%s %.4f", less_is_better ? "at most" : "at least", r->target),
                   "the files and the report are written; change the recipe");
}

/* Stages start from float: an integer file stands for the network that its numbers mean. */
static void forget_integers(opt_net *net) {
  for (int i = 0; i < net->n_values; i++) {
    net->values[i].has_quant = net->values[i].has_range = false;
    net->values[i].type = WEFT_FLOAT32;
  }
  for (int l = 0; l < net->n_layers; l++)
    if (net->layers[l].weights) {
      net->layers[l].weights->scale = NULL;
      net->layers[l].weights->q = NULL;
      net->layers[l].weights->q_bias = NULL;
    }
}

static weft_status load_model(driver *v) {
  weft_graph *g = NULL;
  WEFT_TRY(weft_graph_read(v->arena, v->d, v->job->model_path, v->job->model, &g));
  WEFT_TRY(opt_import(v->arena, v->d, g, &v->net));
  forget_integers(v->net);
  if (v->net->n_inputs != 1 || v->net->n_outputs != 1)
    return weft_fail(v->d, WEFT_E_UNSUPPORTED, v->job->model_path, "several inputs or outputs",
                     "a network with one input and one output", NULL);
  const opt_value *in = &v->net->values[v->net->inputs[0]];
  if (v->job->data && v->job->data->n_elems != in->n_elems)
    return weft_fail(v->d, WEFT_E_INPUT, v->job->data->path,
                     weft_diag_text(v->d, "samples of %zu elements", v->job->data->n_elems),
                     weft_diag_text(v->d, "%zu elements, the network's input '%.60s'", in->n_elems,
                                    in->name),
                     "shape: in the data's YAML");
  const int n = opt_keep_found(v->arena, v->net);
  if (n)
    v->found = weft_arena_printf(v->arena, "%d layers came pruned or clustered: they stay so", n);
  v->original = opt_clone(v->arena, v->net);
  return WEFT_OK;
}

weft_status opt_run(weft_arena *arena, weft_diag *d, const opt_job *job, opt_result *out) {
  driver v = {.arena = arena, .d = d, .job = job, .out = out};
  *out = (opt_result){.metric = job->data ? job->data->metric : OPT_TOP1};
  out->rows = WEFT_NEW(arena, opt_row, job->recipe->n_stages + 1);
  WEFT_TRY(load_model(&v));
  WEFT_TRY(opt_recipe_check(d, job->recipe, v.net, job->data));
  opt_recipe_mark(job->recipe, v.net);
  WEFT_TRY(first_row(&v));
  for (size_t i = 0; i < job->recipe->n_stages; i++) {
    if (weft_interrupted())
      return WEFT_E_INTERRUPTED;
    WEFT_TRY(run_stage(&v, &job->recipe->stages[i]));
  }
  return check_target(&v);
}
