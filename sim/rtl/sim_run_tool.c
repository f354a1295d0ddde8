/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/rtl/sim_run_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool wait_for(pid_t pid, weft_tool_tick tick, void *user, int *status) {
  double begin = now_s();
  struct timespec pause = {0, 20 * 1000 * 1000};
  for (unsigned i = 0;; i++) {
    pid_t got = waitpid(pid, status, WNOHANG);
    if (got == pid || (got < 0 && errno != EINTR))
      return got == pid;
    if (weft_interrupted()) {
      kill(-pid, SIGKILL);
      waitpid(pid, status, 0);
      return false;
    }
    if (tick != NULL && i % 12 == 0)
      tick(user, now_s() - begin);
    nanosleep(&pause, NULL);
  }
}

static const char *package_of(const char *tool) {
  if (strcmp(tool, "verilator") == 0)
    return "install verilator (Debian: apt-get install verilator), or run make demo, which does";
  if (strcmp(tool, "g++") == 0 || strcmp(tool, "make") == 0)
    return "install g++ and make (Debian: apt-get install g++ make), or run make demo, which does";
  return "install it; weft doctor tells what is missing";
}

weft_status weft_tool_run(weft_arena *arena, weft_diag *d, const char *const *argv,
                          const char *cwd, const char *log_path, weft_tool_tick tick,
                          void *user) {
  (void)arena;
  int out = open_log(log_path);
  if (out < 0)
    return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", log_path), strerror(errno),
                     "a writable log", "check the cache folder's rights and space");
  int start_errno;
  pid_t pid = start(argv, cwd, out, &start_errno);
  close(out);
  if (pid < 0)
    return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s", argv[0]), strerror(start_errno),
                     "the tool on PATH", package_of(argv[0]));
  int status = 0;
  if (!wait_for(pid, tick, user, &status))
    return weft_fail(d, WEFT_E_INTERRUPTED, weft_diag_text(d, "%s", argv[0]), "interrupted",
                     "the tool to finish", NULL);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s", argv[0]),
                     weft_diag_text(d, "exit status %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
                     "exit status 0", weft_diag_text(d, "read %s", log_path));
  return WEFT_OK;
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
