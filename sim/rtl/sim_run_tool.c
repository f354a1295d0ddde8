/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/rtl/sim_run_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/progress.h"

static int open_log(const char *log_path) {
  return open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

_Noreturn static void child(const char *const *argv, const char *cwd, int out, int error_pipe) {
  int null = open("/dev/null", O_RDONLY);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  unsetenv("MAKEFLAGS");            /* weft may itself run below a make */
  unsetenv("MAKELEVEL");
  unsetenv("MFLAGS");
  if (null >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0 &&
      (cwd == NULL || chdir(cwd) == 0))
    execvp(argv[0], (char *const *)(uintptr_t)argv);
  int e = errno;
  ssize_t ignored = write(error_pipe, &e, sizeof e);
  (void)ignored;
  _exit(127);
}

/* Starts the tool; *start_errno is why it could not be executed, or 0. */
static pid_t start(const char *const *argv, const char *cwd, int out, int *start_errno) {
  int ends[2];
  *start_errno = 0;
  if (pipe(ends) != 0) {
    *start_errno = errno;
    return -1;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  pid_t pid = fork();
  if (pid == 0)
    child(argv, cwd, out, ends[1]);
  close(ends[1]);
  if (pid < 0)
    *start_errno = errno;
  else if (read(ends[0], start_errno, sizeof *start_errno) == (ssize_t)sizeof *start_errno)
    waitpid(pid, NULL, 0);
  close(ends[0]);
  return *start_errno == 0 ? pid : -1;
}

static const char *package_of(const char *tool) {
  if (strcmp(tool, "verilator") == 0)
    return "install verilator (Debian: apt-get install verilator), or run make demo, which does";
  if (strcmp(tool, "g++") == 0 || strcmp(tool, "make") == 0)
    return "install g++ and make (Debian: apt-get install g++ make), or run make demo, which does";
  return "install it; weft doctor tells what is missing";
}

static weft_status start_job(weft_diag *d, weft_tool_job *job) {
  int out = open_log(job->log_path);
  if (out < 0)
    return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", job->log_path), strerror(errno),
                     "a writable log", "check the folder's rights and space");
  int start_errno;
  job->pid = (int)start(job->argv, job->cwd, out, &start_errno);
  close(out);
  if (job->pid < 0)
    return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s", job->argv[0]), strerror(start_errno),
                     "the tool on PATH", package_of(job->argv[0]));
  return WEFT_OK;
}

static weft_status judge(weft_diag *d, weft_tool_job *job, int status) {
  job->failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  if (!job->failed)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s", job->argv[0]),
                   weft_diag_text(d, "exit status %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
                   "exit status 0", weft_diag_text(d, "read %s", job->log_path));
}

static void kill_all(weft_tool_job *jobs, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (jobs[i].pid > 0) {
      kill(-jobs[i].pid, SIGKILL);
      waitpid(jobs[i].pid, NULL, 0);
      jobs[i].pid = 0;
    }
}

/* Collects what has ended; first failure into *s. Number still running. */
static size_t reap(weft_diag *d, weft_tool_job *jobs, size_t n, weft_status *s) {
  size_t running = 0;
  for (size_t i = 0; i < n; i++) {
    int status = 0;
    if (jobs[i].pid <= 0)
      continue;
    const pid_t got = waitpid(jobs[i].pid, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) {
      running++;
      continue;
    }
    jobs[i].pid = 0;
    const weft_status one = judge(*s == WEFT_OK ? d : NULL, &jobs[i], got < 0 ? 0x100 : status);
    *s = *s == WEFT_OK ? one : *s;
  }
  return running;
}

weft_status weft_tool_run_all(weft_arena *arena, weft_diag *d, weft_tool_job *jobs, size_t n,
                              size_t n_parallel, weft_tool_tick tick, void *user) {
  (void)arena;
  const double begin = weft_seconds();
  const struct timespec pause = {0, 20 * 1000 * 1000};
  weft_status s = WEFT_OK;
  size_t next = 0, running = 0;
  for (size_t i = 0; i < n; i++)
    jobs[i].failed = true;          /* until it ends with 0 */
  for (unsigned i = 0; next < n || running > 0; i++) {
    while (next < n && running < n_parallel) {
      jobs[next].pid = 0;
      const weft_status one = start_job(s == WEFT_OK ? d : NULL, &jobs[next]);
      running += one == WEFT_OK;
      s = s == WEFT_OK ? one : s;
      next++;
    }
    running = reap(d, jobs, next, &s);
    if (weft_interrupted()) {
      kill_all(jobs, next);
      return weft_fail(d, WEFT_E_INTERRUPTED, weft_diag_text(d, "%s", jobs[0].argv[0]),
                       "interrupted", "the tool to finish", NULL);
    }
    if (tick != NULL && i % 12 == 0)
      tick(user, weft_seconds() - begin);
    if (running > 0)
      nanosleep(&pause, NULL);
  }
  return s;
}

weft_status weft_tool_run(weft_arena *arena, weft_diag *d, const char *const *argv,
                          const char *cwd, const char *log_path, weft_tool_tick tick,
                          void *user) {
  weft_tool_job job = {.argv = argv, .cwd = cwd, .log_path = log_path};
  return weft_tool_run_all(arena, d, &job, 1, 1, tick, user);
}

char *weft_tool_identity(weft_arena *arena, const char *tool) {
  const char *path = getenv("PATH");
  for (const char *at = path != NULL ? path : ""; *at != '\0'; at += *at == ':') {
    size_t n = strcspn(at, ":");
    const char *file = weft_arena_printf(arena, "%.*s/%s", (int)n, at, tool);
    struct stat st;
    if (n > 0 && access(file, X_OK) == 0 && stat(file, &st) == 0 && S_ISREG(st.st_mode))
      return weft_arena_printf(arena, "%s %lld %lld.%09ld", file, (long long)st.st_size,
                               (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    at += n;
  }
  return NULL;
}
