/* SPDX-License-Identifier: Apache-2.0 */
/* The sweep: points, cheap rejections, measurements, the front. */
#include "explore/explore.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "explore/explore_int.h"

enum { LUT_CAP_PERCENT = 80 };   /* nextpnr loses clock rate above it (README.md); not of a machine that was built */

typedef struct sweep {
  weft_arena *arena;
  weft_diag *d;
  const explore_job *job;
  explore_result *r;
} sweep;

static const char *name_of(weft_arena *arena, const weft_config *c) {
  return weft_arena_printf(arena, "%dx%d q%d s%d r%d", c->rows, c->cols, c->lanes, c->spm_kib, c->ring_kib);
}

static void reject(explore_point *p, const char *why) {
  p->state = EXPLORE_REJECTED;
  p->why = why;
}

static void reject_by_area(sweep *s, explore_point *p) {
  const weft_board *b = s->job->board;
  p->cells = explore_area_cells(&s->r->area, p->config);
  p->dsp = explore_area_dsp(&s->r->area, p->config);
  p->bram = explore_area_bram(&s->r->area, p->config);
  p->is_beyond = explore_area_is_beyond(&s->r->area, p->config);
  if (explore_area_unlike(p->config))
    reject(p, weft_arena_printf(s->arena, "not estimated: no result is stored with this %s", explore_area_unlike(p->config)));
  else if (p->dsp > b->dsp)
    reject(p, weft_arena_printf(s->arena, "%d multipliers, the part has %lld", p->dsp, (long long)b->dsp));
  else if (p->bram > b->bram)
    reject(p, weft_arena_printf(s->arena, "%d block RAMs, the part has %lld", p->bram, (long long)b->bram));
  else if (p->clock != EXPLORE_CLOCK_BUILT && p->cells * 100 > (double)b->lut * LUT_CAP_PERCENT)
    reject(p, weft_arena_printf(s->arena, "about %.0f cells, %d %% of the part are %lld", p->cells,
                                LUT_CAP_PERCENT, (long long)b->lut * LUT_CAP_PERCENT / 100));
}

static void reject_by_clock(const sweep *s, explore_point *p) {
  if (p->state == EXPLORE_OPEN &&
      (p->clock == EXPLORE_CLOCK_MISSED || (p->clock == EXPLORE_CLOCK_BEYOND && !s->job->is_untried)))
    reject(p, p->clock_why);
}

static weft_status read_stored(sweep *s) {
  const weft_board *b = s->job->board;
  const char *csv = weft_arena_printf(s->arena, "%s/boards/family/%s/area.csv", b->root, b->family);
  const char *built = weft_arena_printf(s->arena, "%s/boards/family/%s/built.csv", b->root, b->family);
  if (access(csv, R_OK) != 0)
    return weft_fail(s->d, WEFT_E_UNSUPPORTED, csv, "no synthesis results of this family are stored",
                     "results that the estimate of cells is fitted to",
                     "not supported yet for this family; a board of the ecp5 family has them (make area-points measures them again)");
  WEFT_TRY(explore_area_fit(s->arena, s->d, csv, &s->r->area));
  return explore_built_read(s->arena, s->d, built, &s->r->built);
}

static weft_status enumerate(sweep *s) {
  weft_config **all = NULL;
  size_t n = 0;
  WEFT_TRY(read_stored(s));
  WEFT_TRY(explore_space(s->arena, s->d, s->job->space_path, s->job->base, &all, &n, &s->r->n_illegal));
  s->r->points = WEFT_NEW(s->arena, explore_point, n + 1);
  s->r->n_points = n;
  for (size_t i = 0; i < n; i++) {
    explore_point *p = &s->r->points[i];
    p->config = all[i];
    p->name = name_of(s->arena, all[i]);
    p->cycles = WEFT_NEW(s->arena, uint64_t, s->job->n_models);
    p->clock = explore_clock_of(s->arena, &s->r->built, s->job->board, p->config, &p->clock_why);
    reject_by_area(s, p);
    reject_by_clock(s, p);
  }
  return WEFT_OK;
}

/* ---- what the networks become ---------------------------------------------- */
typedef struct compiled { char hash[17]; } compiled;

/* The depth of the scratchpad changes no cycle of the same instructions. */
static bool runs_alike(const explore_point *a, const explore_point *b) {
  weft_config x = *a->config;
  x.spm_kib = b->config->spm_kib;
  x.name = b->config->name;
  return a->config->spm_kib < b->config->spm_kib && weft_config_hash(&x) == weft_config_hash(b->config) &&
         x.queue_depth == b->config->queue_depth;
}

static void reject_twins(sweep *s, const compiled *c) {
  explore_result *r = s->r;
  for (size_t i = 0; i < r->n_points; i++)
    for (size_t k = 0; k < r->n_points && r->points[i].state == EXPLORE_OPEN; k++)
      if (r->points[k].state == EXPLORE_OPEN && runs_alike(&r->points[k], &r->points[i]) &&
          memcmp(&c[i], &c[k], sizeof *c) == 0)
        reject(&r->points[i], weft_arena_printf(s->arena, "runs as %s, which is smaller", r->points[k].name));
}

static weft_status compile_all(sweep *s) {
  compiled *c = WEFT_NEW(s->arena, compiled, s->r->n_points + 1);
  for (size_t i = 0; i < s->r->n_points; i++) {
    explore_point *p = &s->r->points[i];
    if (p->state == EXPLORE_OPEN)
      WEFT_TRY(explore_compile(s->arena, s->d, s->job, p, c[i].hash));
    if (weft_interrupted())
      return WEFT_E_INTERRUPTED;
    weft_progress_step(s->job->progress, "compile for each machine", i + 1, s->r->n_points);
  }
  reject_twins(s, c);
  return WEFT_OK;
}

static weft_status measure_all(sweep *s) {
  explore_point **todo = WEFT_NEW(s->arena, explore_point *, s->r->n_points + 1);
  size_t n = 0;
  WEFT_TRY(weft_folder_make(s->d, weft_arena_printf(s->arena, "%s/points", s->job->dir)));
  if (s->job->only_point >= 0)
    return explore_measure(s->arena, s->d, s->job, &s->r->points[s->job->only_point]);
  WEFT_TRY(compile_all(s));
  for (size_t i = 0; i < s->r->n_points; i++)
    if (s->r->points[i].state == EXPLORE_OPEN && !explore_recall(s->arena, s->job, &s->r->points[i]))
      todo[n++] = &s->r->points[i];
  if (n)
    WEFT_TRY(explore_launch(s->arena, s->d, s->job, s->r->points, todo, n));
  for (size_t i = 0; i < n; i++)
    if (!explore_recall(s->arena, s->job, todo[i]))
      return weft_fail(s->d, WEFT_E_TOOL, todo[i]->name, "no result", "a result of each point",
                       strcmp(s->job->launcher, "slurm") == 0
                         ? weft_diag_text(s->d, "read %s/slurm-%td.log", s->job->dir, todo[i] - s->r->points)
                         : NULL);
  return WEFT_OK;
}

/* ---- the front -------------------------------------------------------------- */
static double fps_of(const sweep *s, const explore_point *p) {
  uint64_t most = 1;
  for (size_t i = 0; i < s->job->n_models; i++)
    most = p->cycles[i] > most ? p->cycles[i] : most;
  return (double)s->job->board->target_hz / (double)most;
}

static bool beats(const explore_point *a, const explore_point *b) {
  return a->fps >= b->fps && a->cells <= b->cells && a->bram <= b->bram &&
         (a->fps > b->fps || a->cells < b->cells || a->bram < b->bram);
}

static void find_front(sweep *s) {
  explore_result *r = s->r;
  for (size_t i = 0; i < r->n_points; i++) {
    if (r->points[i].state != EXPLORE_DONE)
      continue;
    r->points[i].fps = fps_of(s, &r->points[i]);
    if (r->points[i].fps < s->job->target_fps)
      reject(&r->points[i], weft_arena_printf(s->arena, "%.1f inferences/s, wanted %.1f", r->points[i].fps,
                                              s->job->target_fps));
  }
  for (size_t i = 0; i < r->n_points; i++) {
    explore_point *p = &r->points[i];
    p->is_front = p->state == EXPLORE_DONE;
    for (size_t k = 0; k < r->n_points && p->is_front; k++)
      if (r->points[k].state == EXPLORE_DONE && beats(&r->points[k], p)) {
        p->is_front = false;
        p->why = weft_arena_printf(s->arena, "%s is no slower and no larger", r->points[k].name);
      }
    r->n_front += p->is_front;
  }
}

/* Before that: whether its clock is known from a machine that was built. */
static bool is_better(const sweep *s, const explore_point *p, const explore_point *best) {
  const bool p_known = p->clock <= EXPLORE_CLOCK_COVERED, best_known = best->clock <= EXPLORE_CLOCK_COVERED;
  if (p_known != best_known)
    return p_known;
  if (s->job->target_fps > 0)
    return p->cells < best->cells;
  return p->fps > best->fps || (p->fps >= best->fps && p->cells < best->cells);
}

/* With a target the smallest that reaches it, else the fastest. */
static void choose(sweep *s) {
  explore_result *r = s->r;
  for (size_t i = 0; i < r->n_points; i++) {
    r->n_rejected += r->points[i].state == EXPLORE_REJECTED;
    if (r->points[i].is_front && (r->chosen < 0 || is_better(s, &r->points[i], &r->points[r->chosen])))
      r->chosen = (int)i;
  }
  if (r->chosen >= 0)
    r->points[r->chosen].is_chosen = true;
}

weft_status explore_run(weft_arena *arena, weft_diag *d, const explore_job *job, explore_result *out) {
  sweep s = {arena, d, job, out};
  *out = (explore_result){.chosen = -1};
  WEFT_TRY(enumerate(&s));
  if (job->only_point >= (int64_t)out->n_points)
    return weft_fail(d, WEFT_E_USAGE, "--point", "no such point", "an index of the space", NULL);
  WEFT_TRY(measure_all(&s));
  if (job->only_point >= 0)
    return WEFT_OK;
  find_front(&s);
  choose(&s);
  if (out->chosen >= 0)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_NO_FIT, job->board->name,
                   out->n_points ? weft_diag_text(d, "%zu machines, all rejected; the first: %s: %s", out->n_points,
                                                  out->points[0].name, out->points[0].why)
                                 : "no legal machine in the space",
                   "a machine that fits and is fast enough",
                   "a wider --space, a lower --target-fps, or --untried");
}
