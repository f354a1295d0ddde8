/* SPDX-License-Identifier: Apache-2.0 */
/* data: what a description of data stands for; splits to .npy and PNG. */
#include <string.h>

#include "cli/cli.h"
#include "compiler/optimize/data_inspect.h"

static const char *class_name(cli *c, const opt_data *o, int i) {
  return o->class_names ? o->class_names[i] : weft_arena_printf(c->arena, "%d", i);
}

static void say_classes(cli *c, const opt_data *o, const opt_data_stats *s) {
  const char *line = "";
  for (int i = 0; s->per_class && i < o->n_classes && i < 32; i++)
    line = weft_arena_printf(c->arena, "%s  %s %zu", line, class_name(c, o, i), s->per_class[i]);
  if (s->per_class)
    cli_say(c, "             %s%s\n", line, o->n_classes > 32 ? " ..." : "");
}

static void json_split(cli *c, weft_json *j, const opt_data *o, opt_split k,
                       const opt_data_stats *s) {
  weft_json_object(j, NULL);
  weft_json_string(j, "name", opt_split_name(k));
  weft_json_uint(j, "samples", o->splits[k].n);
  weft_json_double(j, "min", s->min);
  weft_json_double(j, "max", s->max);
  weft_json_double(j, "mean", s->mean);
  weft_json_double(j, "std", s->std);
  weft_json_array(j, "classes");
  for (int i = 0; s->per_class && i < o->n_classes; i++) {
    weft_json_object(j, NULL);
    weft_json_string(j, "class", class_name(c, o, i));
    weft_json_uint(j, "samples", s->per_class[i]);
    weft_json_end(j);
  }
  weft_json_end(j);
  weft_json_end(j);
}

static void show_splits(cli *c, weft_json *j, const opt_data *o) {
  weft_json_array(j, "splits");
  cli_say(c, "%-10s  %8s  %10s %10s %10s %10s\n", "split", "samples", "min", "max", "mean", "std");
  for (opt_split k = 0; k < OPT_N_SPLITS; k++) {
    opt_data_stats s;
    if (o->splits[k].n == 0)
      continue;
    opt_data_measure(c->arena, o, k, &s);
    cli_say(c, "%-10s  %8zu  %10.5g %10.5g %10.5g %10.5g\n", opt_split_name(k), o->splits[k].n,
            s.min, s.max, s.mean, s.std);
    say_classes(c, o, &s);
    json_split(c, j, o, k, &s);
  }
  weft_json_end(j);
}

/* Samples of the test split that something before it has seen. */
static void show_shared(cli *c, weft_json *j, const opt_data *o) {
  weft_json_object(j, "in_test");
  for (opt_split k = 0; k < OPT_TEST; k++) {
    if (o->splits[k].n == 0 || o->splits[OPT_TEST].n == 0)
      continue;
    const size_t n = opt_data_shared(o, k, OPT_TEST);
    weft_json_uint(j, opt_split_name(k), n);
    if (n)
      cli_say(c, "attention: %zu of the %zu test samples are in %s too\n", n,
              o->splits[OPT_TEST].n, opt_split_name(k));
  }
  weft_json_end(j);
}

static void show_head(cli *c, weft_json *j, const opt_data *o) {
  const char *shape = cli_shape_text(c->arena, o->shape, o->rank);
  cli_say(c, "%s  samples %s%s  metric %s  classes %d\n", o->path,
          weft_type_name((weft_type)o->type), shape, opt_metric_name(o->metric), o->n_classes);
  weft_json_string(j, "data", o->path);
  weft_json_string(j, "type", weft_type_name((weft_type)o->type));
  weft_json_array(j, "shape");
  for (int i = 0; i < o->rank; i++)
    weft_json_int(j, NULL, o->shape[i]);
  weft_json_end(j);
  weft_json_string(j, "metric", opt_metric_name(o->metric));
  weft_json_array(j, "preprocess");
  for (int i = 0; i < o->n_scales; i++) {
    weft_json_object(j, NULL);
    weft_json_double(j, "scale", (double)o->scale[i]);
    weft_json_double(j, "offset", (double)o->offset[i]);
    weft_json_end(j);
  }
  weft_json_end(j);
}

/* The split that --split names, or the first that is there. */
static weft_status choose_split(cli *c, const opt_data *o, opt_split *out) {
  const char *names[OPT_N_SPLITS];
  size_t n = 0;
  for (opt_split k = 0; k < OPT_N_SPLITS; k++) {
    if (o->splits[k].n == 0)
      continue;
    if (c->split ? strcmp(c->split, opt_split_name(k)) == 0 : n == 0) {
      *out = k;
      return WEFT_OK;
    }
    names[n++] = opt_split_name(k);
  }
  if (n == 0)
    return weft_fail(c->diag, WEFT_E_CONFIG, o->path, "no split with samples",
                     "at least one of train, calib, validation, test", NULL);
  const char *nearest = weft_nearest(c->split, names, n);
  return weft_fail(c->diag, WEFT_E_USAGE, "--split", weft_diag_text(c->diag, "'%.60s'", c->split),
                   "a split of the description",
                   nearest ? weft_diag_text(c->diag, "did you mean %s?", nearest) : NULL);
}

static weft_status write_files(cli *c, const opt_data *o, opt_split split) {
  if (c->export_path) {
    WEFT_TRY(opt_data_export(c->arena, c->diag, o, split, c->export_path));
    if (!c->quiet)
      cli_say(c, "%s: %zu samples of %s\n", c->export_path, o->splits[split].n,
              opt_split_name(split));
  }
  if (c->out) {
    WEFT_TRY(opt_data_sheet(c->arena, c->diag, o, split, c->out));
    if (!c->quiet)
      cli_say(c, "%s: first samples of %s\n", c->out, opt_split_name(split));
  }
  return WEFT_OK;
}

weft_status cmd_data(cli *c) {
  opt_data *o = NULL;
  opt_split split = OPT_TRAIN;
  weft_json *j = weft_json_new(c->arena);
  WEFT_TRY(opt_data_open(c->arena, c->diag, c->args.items[0], &o));
  WEFT_TRY(choose_split(c, o, &split));
  WEFT_TRY(write_files(c, o, split));
  weft_json_object(j, NULL);
  if (!c->quiet || c->json) {
    show_head(c, j, o);
    show_splits(c, j, o);
    show_shared(c, j, o);
    cli_say_lines(c, opt_data_picture(c->arena, o, split));
  }
  weft_json_end(j);
  if (c->json)
    cli_print_json(c, j);
  return WEFT_OK;
}
