/* SPDX-License-Identifier: Apache-2.0 */
/* report.html: one page without network access: the table of stages, loss curves,
 * weights before and after, error by layer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/html.h"
#include "compiler/optimize/optimize.h"
#include "weft_version.h"

/* A fused tensor's name is a list of names: the first says it. */
static void put_name(FILE *f, const char *name) {
  char first[120];
  snprintf(first, sizeof first, "%.*s", (int)strcspn(name, ";"), name);
  weft_html_text(f, first);
}

static const char style[] =
  "body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
  "table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .7em;border-bottom:1px solid #ddd;"
  "text-align:right}td:first-child,th:first-child,td.t,th.t{text-align:left}"
  "h1{overflow-wrap:anywhere;font-size:24px}td:first-child{white-space:nowrap}figcaption{overflow-wrap:anywhere}"
  "h2{margin-top:2em}svg{max-width:100%;background:#fafafa;border:1px solid #e4e4e4}.s{color:#777;font-size:13px}"
  ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:1em}"
  "figure{margin:0}figcaption{font-size:13px;color:#555}";

static void put_metric(FILE *f, const opt_result *r, const opt_row *row) {
  if (!row->has_metric)
    fputs("<td>-</td>", f);
  else if (r->metric == OPT_MSE)
    fprintf(f, "<td>%.4f</td>", row->metric);
  else
    fprintf(f, "<td>%.2f&nbsp;%%</td>", 100 * row->metric);
}

static void put_stages(FILE *f, const opt_result *r) {
  const char *metric = r->metric == OPT_MSE ? "mean squared error" : "accuracy (test)";
  fprintf(f, "<table id=\"stages\"><tr><th>stage</th><th>%s</th><th>file bytes</th><th>stream bytes</th>"
             "<th>zeros</th><th>distinct</th><th>cycles</th><th class=\"t\">kept; left out</th>"
             "<th class=\"t\">runs on</th></tr>\n", metric);
  for (size_t i = 0; i < r->n_rows; i++) {
    const opt_row *row = &r->rows[i];
    fputs("<tr><td>", f);
    weft_html_text(f, row->stage);
    fputs("</td>", f);
    put_metric(f, r, row);
    fprintf(f, "<td>%zu</td>", row->n_bytes);
    if (row->stream_bytes)
      fprintf(f, "<td>%llu</td>", (unsigned long long)row->stream_bytes);
    else
      fputs("<td>-</td>", f);
    fprintf(f, "<td>%.1f&nbsp;%%</td><td>%zu</td>",
            row->n_weights ? 100.0 * (double)row->n_zeros / (double)row->n_weights : 0.0,
            row->n_distinct_max);
    if (row->has_cycles)
      fprintf(f, "<td>%llu</td>", (unsigned long long)row->cycles);
    else
      fputs("<td>-</td>", f);
    fputs("<td class=\"t\">", f);
    weft_html_text(f, row->invariants);
    if (row->invariants[0] && row->note[0])
      fputs("; ", f);
    weft_html_text(f, row->note);
    fputs("</td><td class=\"t\">", f);
    weft_html_text(f, row->runs);
    fputs("</td></tr>\n", f);
  }
  fputs("</table>\n", f);
}

enum { CURVE_W = 420, CURVE_H = 160 };

static void put_curve(FILE *f, const char *name, const opt_history *h) {
  double top = 0;
  for (size_t i = 0; i < h->n; i++)
    top = isfinite(h->loss[i]) ? fmax(top, h->loss[i]) : top;
  fprintf(f, "<figure><svg viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\"><polyline fill=\"none\" "
             "stroke=\"#2563eb\" stroke-width=\"2\" points=\"", CURVE_W, CURVE_H);
  for (size_t i = 0; i < h->n; i++) {
    const double x = h->n > 1 ? 10 + (double)i * (CURVE_W - 20) / (double)(h->n - 1) : CURVE_W / 2;
    const double v = isfinite(h->loss[i]) && top > 0 ? h->loss[i] / top : 1;
    fprintf(f, "%.1f,%.1f ", x, CURVE_H - 10 - v * (CURVE_H - 20));
    if (h->n == 1)
      fprintf(f, "%.1f,%.1f ", x + 4, CURVE_H - 10 - v * (CURVE_H - 20));
  }
  fputs("\"/></svg><figcaption>", f);
  weft_html_text(f, name);
  fprintf(f, ": training loss by epoch, %.4f to %.4f (0 at the bottom)</figcaption></figure>\n",
          h->loss[0], h->loss[h->n - 1]);
}

static void put_curves(FILE *f, const opt_result *r) {
  bool any = false;
  for (size_t i = 0; i < r->n_rows; i++)
    any |= r->rows[i].history.n > 0;
  if (!any)
    return;
  fputs("<h2>Training</h2><div class=\"grid\">\n", f);
  for (size_t i = 0; i < r->n_rows; i++)
    if (r->rows[i].history.n)
      put_curve(f, r->rows[i].stage, &r->rows[i].history);
  fputs("</div>\n", f);
}

static void put_bars(FILE *f, const uint32_t h[64], const char *colour, double opacity) {
  uint32_t top = 1;
  for (int i = 0; i < 64; i++)
    top = h[i] > top ? h[i] : top;
  for (int i = 0; i < 64; i++)
    if (h[i])
      fprintf(f, "<rect x=\"%d\" y=\"%.1f\" width=\"4\" height=\"%.1f\" fill=\"%s\" opacity=\"%.2f\"/>",
              10 + 5 * i, 90 - 80.0 * h[i] / top, 80.0 * h[i] / top, colour, opacity);
}

static const opt_layer_row *layer_of(const opt_row *row, const char *name) {
  for (int i = 0; i < row->n_layers; i++)
    if (strcmp(row->layers[i].name, name) == 0)
      return &row->layers[i];
  return NULL;
}

static void put_histograms(FILE *f, const opt_row *before, const opt_row *after) {
  fputs("<h2>Weights before and after</h2><p class=\"s\">Non-zero weights between minus and plus the "
        "layer's greatest: grey the first network, blue the last.</p><div class=\"grid\">\n", f);
  for (int i = 0; i < after->n_layers; i++) {
    const opt_layer_row *now = &after->layers[i];
    const opt_layer_row *then = layer_of(before, now->name);
    fputs("<figure><svg viewBox=\"0 0 340 100\" width=\"340\" role=\"img\">", f);
    if (then)
      put_bars(f, then->histogram, "#999", 0.6);
    put_bars(f, now->histogram, "#2563eb", 0.7);
    fputs("</svg><figcaption>", f);
    put_name(f, now->name);
    fprintf(f, ": %zu weights, %.1f %% zeros, %zu distinct (at most %zu in a channel)</figcaption></figure>\n",
            now->facts.n_elems, 100.0 * (double)now->facts.n_zeros / (double)now->facts.n_elems,
            now->facts.n_distinct, now->facts.max_distinct_in_channel);
  }
  fputs("</div>\n", f);
}

static void put_errors(FILE *f, const opt_row *row) {
  bool any = false;
  for (int i = 0; i < row->n_layers; i++)
    any |= row->layers[i].has_error;
  if (!any)
    return;
  fputs("<h2>Error by layer</h2><p class=\"s\">Integer outputs against the float network of the same "
        "stage, on calibration samples.</p><table id=\"errors\"><tr><th>layer</th><th>SQNR dB</th>"
        "<th>cosine</th><th>greatest error</th><th class=\"t\"></th></tr>\n", f);
  for (int i = 0; i < row->n_layers; i++) {
    const opt_layer_row *l = &row->layers[i];
    if (!l->has_error)
      continue;
    const double width = l->sqnr_db > 0 ? fmin(l->sqnr_db, 60) * 4 : 0;
    fputs("<tr><td>", f);
    put_name(f, l->name);
    fprintf(f, "</td><td>%.1f</td><td>%.5f</td><td>%.4g</td><td class=\"t\"><svg width=\"240\" "
               "height=\"12\"><rect width=\"%.0f\" height=\"12\" fill=\"#2563eb\"/></svg></td></tr>\n",
            l->sqnr_db, l->cosine, l->max_abs, width);
  }
  fputs("</table>\n", f);
}

static void put_page(FILE *f, const opt_job *job, const opt_result *r) {
  fprintf(f, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>weft optimize</title>"
             "<style>%s</style></head><body><h1>weft optimize: ", style);
  weft_html_text(f, job->model_path);
  fputs("</h1><p class=\"s\">machine ", f);
  weft_html_text(f, job->config->name);
  fputs(", data ", f);
  weft_html_text(f, job->data ? job->data->path : "none");
  fprintf(f, ", weft %s %s. Cycles: RTL, start to done. Accuracy: test split, integer stages by the "
             "integer kernels.</p>\n", WEFT_VERSION, WEFT_COMMIT);
  put_stages(f, r);
  put_curves(f, r);
  if (r->n_rows) {
    put_errors(f, &r->rows[r->n_rows - 1]);
    put_histograms(f, &r->rows[0], &r->rows[r->n_rows - 1]);
  }
  fputs("<h2>Recipe</h2><pre id=\"recipe\">", f);
  weft_html_text(f, job->recipe->text[0] ? job->recipe->text : "(default: ptq)");
  fputs("</pre></body></html>\n", f);
}

weft_status opt_write_report(weft_arena *arena, weft_diag *d, const opt_job *job,
                             const opt_result *r) {
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  if (!f)
    weft_out_of_memory(0);
  put_page(f, job, r);
  if (fclose(f) != 0)
    weft_out_of_memory(n);
  const weft_status s =
    weft_file_write(d, weft_arena_printf(arena, "%s/report.html", job->dir), text, n);
  free(text);
  return s;
}
