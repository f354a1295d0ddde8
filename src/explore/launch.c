/* SPDX-License-Identifier: Apache-2.0 */
/* Workers: processes of this machine, or one array job of Slurm. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "explore/explore_int.h"
#include "sim/rtl/sim_run_tool.h"

enum { SLURM_POLL_S = 2 };

typedef struct launch {
  weft_arena *arena;
  weft_diag *d;
  const explore_job *job;
  pid_t *workers;               /* 0: ended                                    */
  size_t n_workers;
  bool is_told;                 /* that the run was interrupted                */
} launch;

static const char stage_name[] = "measure machines on the RTL";

/* ---- here ------------------------------------------------------------------- */
/* Where a worker that failed says why. */
static const char *trouble_path(weft_arena *arena, const explore_job *job, pid_t pid) {
  return weft_arena_printf(arena, "%s/points/failed-%ld.txt", job->dir, (long)pid);
}

_Noreturn static void worker(const explore_job *job, explore_point *p) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  const weft_status status = explore_measure(arena, d, job, p);
  if (status != WEFT_OK && weft_diag_count(d)) {
    const weft_issue *i = weft_diag_at(d, weft_diag_count(d) - 1);
    const char *text = weft_arena_printf(arena, "%s: %s: %s", p->name, i->where, i->found);
    (void)weft_file_write(NULL, trouble_path(arena, job, getpid()), text, strlen(text));
  }
  _exit(weft_status_exit(status));
}

/* A signal may have come to this process alone. */
static void tell_workers(launch *l) {
  for (size_t i = 0; i < l->n_workers && !l->is_told; i++)
    if (l->workers[i] > 0)
      kill(l->workers[i], SIGINT);
  l->is_told = true;
}

static weft_status await_one(launch *l, int *running) {
  const struct timespec pause = {.tv_nsec = 20000000};
  int code = 0;
  pid_t pid;
  while ((pid = waitpid(-1, &code, WNOHANG)) <= 0) {
    if (pid < 0 && errno != EINTR)
      return WEFT_E_INTERNAL;
    if (weft_interrupted())
      tell_workers(l);
    nanosleep(&pause, NULL);
  }
  (*running)--;
  for (size_t i = 0; i < l->n_workers; i++)
    if (l->workers[i] == pid)
      l->workers[i] = 0;
  if (WIFEXITED(code) && WEXITSTATUS(code) == 0)
    return WEFT_OK;
  if (weft_interrupted() || (WIFEXITED(code) && WEXITSTATUS(code) == 130))
    return WEFT_E_INTERRUPTED;
  const bool is_tool = WIFEXITED(code) && WEXITSTATUS(code) == weft_status_exit(WEFT_E_TOOL);
  const char *path = trouble_path(l->arena, l->job, pid);
  weft_span text = {NULL, 0};
  const bool says = weft_file_read(l->arena, NULL, path, 4096, &text) == WEFT_OK;
  (void)remove(path);
  return weft_fail(l->d, is_tool ? WEFT_E_TOOL : WEFT_E_INTERNAL, "explore",
                   says ? weft_diag_text(l->d, "%.*s", (int)text.size, (const char *)text.data) : "a worker died",
                   "each point ends in cycles or a reason", NULL);
}

static weft_status run_local(launch *l, explore_point **todo, size_t n) {
  weft_status worst = WEFT_OK;
  int running = 0;
  l->workers = WEFT_NEW(l->arena, pid_t, n + 1);
  for (size_t i = 0; i < n && worst == WEFT_OK; i++) {
    const pid_t pid = fork();
    if (pid == 0)
      worker(l->job, todo[i]);
    l->workers[l->n_workers++] = pid;
    running += pid > 0;
    weft_progress_step(l->job->progress, stage_name, i + 1 - (size_t)running, n);
    if (running >= l->job->jobs || i + 1 == n)
      worst = await_one(l, &running);
    if (weft_interrupted())
      worst = WEFT_E_INTERRUPTED;
  }
  while (running > 0) {
    const weft_status one = await_one(l, &running);
    worst = worst == WEFT_OK ? one : worst;
    weft_progress_step(l->job->progress, stage_name, n - (size_t)running, n);
  }
  return worst;
}

/* ---- Slurm ------------------------------------------------------------------- */
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

static const char *in_dir(launch *l, const char *name) {
  return weft_arena_printf(l->arena, "%s/%s", l->job->dir, name);
}

/* A tool of Slurm; what it said, or NULL if it failed. */
static const char *ask(launch *l, weft_diag *d, const char *const *argv, weft_status *status) {
  const char *log = in_dir(l, "slurm.log");
  weft_span text = {NULL, 0};
  (void)remove(log);
  *status = weft_tool_run(l->arena, d, argv, NULL, log, NULL, NULL);
  if (*status != WEFT_OK || weft_file_read(l->arena, NULL, log, 1 << 16, &text) != WEFT_OK)
    return NULL;
  return weft_arena_printf(l->arena, "%.*s", (int)text.size, (const char *)text.data);
}

/* Each task is this command with --point behind the verb. */
static weft_status write_script(launch *l, const char *path) {
  const char *text = "#!/bin/sh\nexec";
  for (size_t i = 0; l->job->self[i]; i++)
    text = weft_arena_printf(l->arena, "%s %s%s", text, quoted(l->arena, l->job->self[i]),
                             i == 1 ? " --point \"$SLURM_ARRAY_TASK_ID\"" : "");
  text = weft_arena_printf(l->arena, "%s\n", text);
  return weft_file_write(l->d, path, text, strlen(text));
}

static weft_status submit(launch *l, const explore_point *first, explore_point **todo, size_t n, const char **id) {
  const char *list = "--array=";
  for (size_t i = 0; i < n; i++)
    list = weft_arena_printf(l->arena, "%s%s%td", list, i ? "," : "", todo[i] - first);
  const char *script = in_dir(l, "slurm.sh");
  WEFT_TRY(write_script(l, script));
  const char *argv[] = {"sbatch", "--parsable", "--job-name=weft-explore",
                        weft_arena_printf(l->arena, "%s%%%d", list, l->job->jobs),
                        weft_arena_printf(l->arena, "--output=%s", in_dir(l, "slurm-%a.log")), script, NULL};
  weft_status s = WEFT_OK;
  const char *said = ask(l, l->d, argv, &s);
  WEFT_TRY(s);
  const size_t digits = said ? strspn(said, "0123456789") : 0;
  if (digits == 0)
    return weft_fail(l->d, WEFT_E_TOOL, "sbatch", weft_diag_text(l->d, "%.80s", said ? said : ""),
                     "the number of the job", NULL);
  *id = weft_arena_printf(l->arena, "%.*s", (int)digits, said);
  return WEFT_OK;
}

static size_t count_done(launch *l, explore_point **todo, size_t n) {
  size_t done = 0;
  for (size_t i = 0; i < n; i++) {
    explore_point copy = *todo[i];
    copy.cycles = WEFT_NEW(l->arena, uint64_t, l->job->n_models);
    done += explore_recall(l->arena, l->job, &copy);
  }
  return done;
}

/* Not by weft_tool_run, which an interrupt ends. */
static void cancel(const char *id) {
  const pid_t pid = fork();
  if (pid == 0) {
    execlp("scancel", "scancel", id, (char *)NULL);
    _exit(127);
  }
  while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
  }
}

/* Until the queue has no task of the job left. A job that Slurm has forgotten is over. */
static weft_status follow(launch *l, const char *id, explore_point **todo, size_t n) {
  const char *argv[] = {"squeue", "-h", "-j", id, NULL};
  const struct timespec pause = {SLURM_POLL_S, 0};
  for (weft_status s = WEFT_OK;;) {
    const char *queue = ask(l, NULL, argv, &s);
    weft_progress_step(l->job->progress, stage_name, count_done(l, todo, n), n);
    if (s == WEFT_E_INTERRUPTED || weft_interrupted())
      break;
    if (!queue || strspn(queue, " \n") == strlen(queue))
      return WEFT_OK;
    nanosleep(&pause, NULL);
  }
  cancel(id);
  return WEFT_E_INTERRUPTED;
}

static weft_status run_slurm(launch *l, const explore_point *first, explore_point **todo, size_t n) {
  const char *id = NULL;
  WEFT_TRY(submit(l, first, todo, n, &id));
  return follow(l, id, todo, n);
}

weft_status explore_launch(weft_arena *arena, weft_diag *d, const explore_job *job, const explore_point *first,
                           explore_point **todo, size_t n) {
  launch l = {.arena = arena, .d = d, .job = job};
  return strcmp(job->launcher, "slurm") == 0 ? run_slurm(&l, first, todo, n) : run_local(&l, todo, n);
}
