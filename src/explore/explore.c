/* SPDX-License-Identifier: Apache-2.0 */
/* The sweep: points, cheap rejections, measurements by workers, the front. */
#include "explore/explore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/rtl/sim_run_tool.h"

enum { LUT_CAP_PERCENT = 80 };   /* nextpnr loses clock rate above it (README.md) */

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
  if (p->dsp > b->dsp)
    reject(p, weft_arena_printf(s->arena, "%d multipliers, the part has %lld", p->dsp, (long long)b->dsp));
  else if (p->bram > b->bram)
    reject(p, weft_arena_printf(s->arena, "%d block RAMs, the part has %lld", p->bram, (long long)b->bram));
  else if (p->cells * 100 > (double)b->lut * LUT_CAP_PERCENT)
    reject(p, weft_arena_printf(s->arena, "about %.0f cells, %d %% of the part are %lld", p->cells,
                                LUT_CAP_PERCENT, (long long)b->lut * LUT_CAP_PERCENT / 100));
}

static weft_status enumerate(sweep *s) {
  weft_config *base = NULL;
  weft_config **all = NULL;
  const weft_board *b = s->job->board;
  size_t n = 0;
  const char *csv = weft_arena_printf(s->arena, "%s/boards/family/%s/area.csv", b->root, b->family);
  if (access(csv, R_OK) != 0)
    return weft_fail(s->d, WEFT_E_UNSUPPORTED, csv, "no synthesis results of this family are stored",
                     "results that the estimate of cells is fitted to",
                     "not supported yet without them: 'make area-points' makes them (tools of weft build, minutes)");
  WEFT_TRY(explore_area_fit(s->arena, s->d, csv, &s->r->area));
  WEFT_TRY(weft_config_load(s->arena, s->d, "base", NULL, 0, &base));
  base->queue_depth = 32;
  WEFT_TRY(explore_space(s->arena, s->d, s->job->space_path, base, &all, &n, &s->r->n_illegal));
  s->r->points = WEFT_NEW(s->arena, explore_point, n + 1);
  s->r->n_points = n;
  for (size_t i = 0; i < n; i++) {
    explore_point *p = &s->r->points[i];
    p->config = all[i];
    p->name = name_of(s->arena, all[i]);
    p->cycles = WEFT_NEW(s->arena, uint64_t, s->job->n_models);
    reject_by_area(s, p);
  }
  return WEFT_OK;
}

/* ---- workers --------------------------------------------------------------- */
/* Where a worker that failed says why. */
static const char *trouble_path(weft_arena *arena, const explore_job *job, pid_t pid) {
  return weft_arena_printf(arena, "%s/points/failed-%ld.txt", job->dir, (long)pid);
}

_Noreturn static void worker(sweep *s, explore_point *p) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  const weft_status status = explore_measure(arena, d, s->job, p);
  if (status != WEFT_OK && weft_diag_count(d)) {
    const weft_issue *i = weft_diag_at(d, weft_diag_count(d) - 1);
    const char *text = weft_arena_printf(arena, "%s: %s: %s", p->name, i->where, i->found);
    (void)weft_file_write(NULL, trouble_path(arena, s->job, getpid()), text, strlen(text));
  }
  _exit(weft_status_exit(status));
}

static weft_status await_one(sweep *s, int *running) {
  int code = 0;
  pid_t pid;
  while ((pid = waitpid(-1, &code, 0)) < 0)
    if (errno != EINTR)
      return WEFT_E_INTERNAL;
  (*running)--;
  if (WIFEXITED(code) && WEXITSTATUS(code) == 0)
    return WEFT_OK;
  if (weft_interrupted() || (WIFEXITED(code) && WEXITSTATUS(code) == 130))
    return WEFT_E_INTERRUPTED;
  const bool is_tool = WIFEXITED(code) && WEXITSTATUS(code) == weft_status_exit(WEFT_E_TOOL);
  const char *path = trouble_path(s->arena, s->job, pid);
  weft_span text = {NULL, 0};
  const bool says = weft_file_read(s->arena, NULL, path, 4096, &text) == WEFT_OK;
  (void)remove(path);
  return weft_fail(s->d, is_tool ? WEFT_E_TOOL : WEFT_E_INTERNAL, "explore",
                   says ? weft_diag_text(s->d, "%.*s", (int)text.size, (const char *)text.data) : "a worker died",
                   "each point ends in cycles or a reason", NULL);
}

static weft_status run_local(sweep *s, explore_point **todo, size_t n) {
  weft_status worst = WEFT_OK;
  int running = 0;
  for (size_t i = 0; i < n && worst == WEFT_OK; i++) {
    const pid_t pid = fork();
    if (pid == 0)
      worker(s, todo[i]);
    running += pid > 0;
    if (running >= s->job->jobs || i + 1 == n)
      worst = await_one(s, &running);
    weft_progress_step(s->job->progress, "measure machines on the RTL", i + 1 - (size_t)running, n);
    if (weft_interrupted())
      worst = WEFT_E_INTERRUPTED;
  }
  while (running > 0) {
    const weft_status one = await_one(s, &running);
    worst = worst == WEFT_OK ? one : worst;
  }
  return worst;
}

/* An argument inside single quotes. */
static const char *quoted(weft_arena *arena, const char *text) {
  char *out = weft_arena_alloc(arena, 4 * strlen(text) + 3, 1);
  char *q = out;
  *q++ = '\'';
  for (const char *p = text; *p; p++) {
    if (*p == '\'') {
      memcpy(q, "'\\''", 4);
      q += 4;
    } else {
      *q++ = *p;
    }
  }
  *q = '\'';
  return out;
}

/* One array job of Slurm; each task is this command with --point. */
static weft_status run_slurm(sweep *s, explore_point **todo, size_t n) {
  const char *list = "";
  const char *command = "";
  for (size_t i = 0; i < n; i++)
    list = weft_arena_printf(s->arena, "%s%s%td", list, i ? "," : "", todo[i] - s->r->points);
  for (size_t i = 0; s->job->self[i]; i++)
    command = weft_arena_printf(s->arena, "%s %s", command, quoted(s->arena, s->job->self[i]));
  const char *script = weft_arena_printf(s->arena, "%s/slurm.sh", s->job->dir);
  const char *text = weft_arena_printf(s->arena,
    "#!/bin/sh\n#SBATCH --job-name=weft-explore\n#SBATCH --array=%s%%%d\n#SBATCH --output=%s/slurm-%%a.log\n"
    "exec%s --point \"$SLURM_ARRAY_TASK_ID\"\n", list, s->job->jobs, s->job->dir, command);
  WEFT_TRY(weft_file_write(s->d, script, text, strlen(text)));
  const char *argv[] = {"sbatch", "--wait", script, NULL};
  return weft_tool_run(s->arena, s->d, argv, NULL, weft_arena_printf(s->arena, "%s/slurm.log", s->job->dir),
                       NULL, NULL);
}

static weft_status measure_all(sweep *s) {
  explore_point **todo = WEFT_NEW(s->arena, explore_point *, s->r->n_points + 1);
  size_t n = 0;
  WEFT_TRY(weft_folder_make(s->d, weft_arena_printf(s->arena, "%s/points", s->job->dir)));
  for (size_t i = 0; i < s->r->n_points; i++)
    if (s->r->points[i].state == EXPLORE_OPEN && !explore_recall(s->arena, s->job, &s->r->points[i]))
      todo[n++] = &s->r->points[i];
  if (s->job->only_point >= 0) {
    explore_point *p = &s->r->points[s->job->only_point];
    return explore_measure(s->arena, s->d, s->job, p);
  }
  if (n)
    WEFT_TRY(strcmp(s->job->launcher, "slurm") == 0 ? run_slurm(s, todo, n) : run_local(s, todo, n));
  for (size_t i = 0; i < n; i++)
    if (!explore_recall(s->arena, s->job, todo[i]))
      return weft_fail(s->d, WEFT_E_TOOL, todo[i]->name, "no result", "a result of each point", NULL);
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

/* With a target the smallest that reaches it, else the fastest. */
static void choose(sweep *s) {
  explore_result *r = s->r;
  for (size_t i = 0; i < r->n_points; i++) {
    const explore_point *p = &r->points[i];
    r->n_rejected += p->state == EXPLORE_REJECTED;
    if (!p->is_front)
      continue;
    const explore_point *best = r->chosen < 0 ? NULL : &r->points[r->chosen];
    if (!best || (s->job->target_fps > 0 ? p->cells < best->cells
                                         : p->fps > best->fps || (p->fps == best->fps && p->cells < best->cells)))
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
                   "a machine that fits and is fast enough", "a wider --space, or a lower --target-fps");
}
