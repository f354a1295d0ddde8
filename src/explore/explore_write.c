/* SPDX-License-Identifier: Apache-2.0 */
/* front.csv, explore.json, front.svg, chosen.yaml. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "build/board_dram.h"
#include "explore/explore.h"

static const char *at(weft_arena *arena, const explore_job *job, const char *name) {
  return weft_arena_printf(arena, "%s/%s", job->dir, name);
}

static const char *state_of(const explore_point *p) {
  return p->state == EXPLORE_REJECTED ? "rejected" : p->is_chosen ? "chosen" : p->is_front ? "front" : "dominated";
}

const char *explore_clock_name(explore_clock clock) {
  static const char *const names[] = {"built", "covered", "unknown", "beyond", "missed"};
  return names[clock];
}

static weft_status write_csv(weft_arena *arena, weft_diag *d, const explore_job *job, const explore_result *r) {
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  if (!f)
    weft_out_of_memory(0);
  fputs("machine,state,cells_estimate,dsp,bram,fps,clock", f);
  for (size_t i = 0; i < job->n_models; i++)
    fprintf(f, ",cycles_%zu", i);
  fputs(",why\n", f);
  for (size_t i = 0; i < r->n_points; i++) {
    const explore_point *p = &r->points[i];
    fprintf(f, "%s,%s,%.0f,%d,%d,%.2f,%s", p->name, state_of(p), p->cells, p->dsp, p->bram, p->fps,
            explore_clock_name(p->clock));
    for (size_t k = 0; k < job->n_models; k++)
      fprintf(f, ",%llu", (unsigned long long)p->cycles[k]);
    fputs(",\"", f);
    for (const char *c = p->why ? p->why : ""; *c; c++)
      fputc(*c == '"' ? '\'' : *c, f);
    fputs("\"\n", f);
  }
  if (fclose(f) != 0)
    weft_out_of_memory(n);
  const weft_status s = weft_file_write(d, at(arena, job, "front.csv"), text, n);
  free(text);
  return s;
}

void explore_json_figures(weft_json *j, const explore_job *job, const explore_point *p) {
  weft_json_double(j, "cells", p->cells);
  weft_json_int(j, "dsp", p->dsp);
  weft_json_int(j, "bram", p->bram);
  weft_json_double(j, "fps", p->fps);
  weft_json_array(j, "cycles");
  for (size_t i = 0; i < job->n_models; i++)
    weft_json_uint(j, NULL, p->cycles[i]);
  weft_json_end(j);
  weft_json_bool(j, "beyond_stored_results", p->is_beyond);
  weft_json_string(j, "clock", explore_clock_name(p->clock));
  weft_json_string(j, "clock_why", p->clock_why);
  if (p->is_built) {
    weft_json_double(j, "built_cells", p->built_cells);
    weft_json_double(j, "built_mhz", p->built_mhz);
  }
}

static void put_point(weft_json *j, const explore_job *job, const explore_point *p) {
  weft_json_object(j, NULL);
  weft_json_string(j, "machine", p->name);
  weft_json_string(j, "state", state_of(p));
  explore_json_figures(j, job, p);
  weft_json_string(j, "why", p->why);
  weft_json_end(j);
}

static weft_status write_json(weft_arena *arena, weft_diag *d, const explore_job *job, const explore_result *r) {
  weft_json *j = weft_json_new(arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "board", job->board->name);
  weft_json_array(j, "models");
  for (size_t i = 0; i < job->n_models; i++)
    weft_json_string(j, NULL, job->model_names[i]);
  weft_json_end(j);
  weft_json_uint(j, "area_results", r->area.n_points);
  weft_json_double(j, "area_mean_error", r->area.mean_error);
  weft_json_double(j, "area_max_error", r->area.max_error);
  weft_json_uint(j, "illegal", r->n_illegal);
  weft_json_array(j, "points");
  for (size_t i = 0; i < r->n_points; i++)
    put_point(j, job, &r->points[i]);
  weft_json_end(j);
  weft_json_end(j);
  size_t n = 0;
  const char *text = weft_json_text(j, &n);
  return weft_file_write(d, at(arena, job, "explore.json"), text, n);
}

enum { W = 760, H = 420, LEFT = 70, BOTTOM = 50 };

static void plot_points(FILE *f, const explore_result *r, double cells, double fps) {
  for (size_t i = 0; i < r->n_points; i++) {
    const explore_point *p = &r->points[i];
    if (p->state != EXPLORE_DONE)
      continue;
    const double x = LEFT + p->cells / cells * (W - LEFT - 20);
    const double y = H - BOTTOM - p->fps / fps * (H - BOTTOM - 30);
    fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"><title>%s: %.0f cells, %.1f/s</title></circle>\n",
            x, y, p->is_front ? 6 : 4, p->is_chosen ? "#dc2626" : p->is_front ? "#2563eb" : "#bbb", p->name,
            p->cells, p->fps);
    const bool is_right = x > W - 150;   /* no room behind it */
    if (p->is_front)
      fprintf(f, "<text x=\"%.1f\" y=\"%.1f\"%s>%s</text>\n", is_right ? x - 8 : x + 8, y + 12,
              is_right ? " text-anchor=\"end\"" : "", p->name);
  }
}

static weft_status write_svg(weft_arena *arena, weft_diag *d, const explore_job *job, const explore_result *r) {
  char *text = NULL;
  size_t n = 0;
  double cells = 1, fps = 1e-9;
  for (size_t i = 0; i < r->n_points; i++)
    if (r->points[i].state == EXPLORE_DONE) {
      cells = fmax(cells, r->points[i].cells * 1.15);
      fps = fmax(fps, r->points[i].fps * 1.05);
    }
  FILE *f = open_memstream(&text, &n);
  if (!f)
    weft_out_of_memory(0);
  fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
             "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n"
             "<path d=\"M%d 20V%dH%d\" fill=\"none\" stroke=\"#444\"/>\n"
             "<text x=\"%d\" y=\"%d\">logic cells (estimate), 0 to %.0f</text>\n"
             "<text transform=\"rotate(-90)\" x=\"-%d\" y=\"24\">inferences/s at %.1f MHz, 0 to %.1f</text>\n",
          W, H, W, H, LEFT, H - BOTTOM, W - 20, W / 2 - 80, H - 16, cells, H / 2 + 90,
          (double)job->board->target_hz / 1e6, fps);
  plot_points(f, r, cells, fps);
  fputs("</svg>\n", f);
  if (fclose(f) != 0)
    weft_out_of_memory(n);
  const weft_status s = weft_file_write(d, at(arena, job, "front.svg"), text, n);
  free(text);
  return s;
}

weft_status explore_write(weft_arena *arena, weft_diag *d, const explore_job *job, const explore_result *r) {
  WEFT_TRY(write_csv(arena, d, job, r));
  WEFT_TRY(write_json(arena, d, job, r));
  WEFT_TRY(write_svg(arena, d, job, r));
  if (r->chosen < 0)
    return WEFT_OK;
  weft_config *c = weft_arena_copy(arena, r->points[r->chosen].config, sizeof *c);
  WEFT_TRY(weft_board_dram(d, job->board, c));
  const char *yaml = weft_config_text(arena, c);
  return weft_file_write(d, at(arena, job, "chosen.yaml"), yaml, strlen(yaml));
}
