/* SPDX-License-Identifier: Apache-2.0 */
/* Runs an external tool without a shell. */
#ifndef WEFT_SIM_RTL_SIM_RUN_TOOL_H
#define WEFT_SIM_RTL_SIM_RUN_TOOL_H

#include "base/base.h"

/* argv ends with NULL; both output streams are appended to log_path; runs in
 * cwd (NULL: here). `tick` is called about four times a second with the
 * seconds gone. Errors: E_TOOL (absent: remedy says how to install it; exit
 * status not 0: remedy names the log), E_INTERRUPTED (the tool is killed). */
typedef void (*weft_tool_tick)(void *user, double seconds);
weft_status weft_tool_run(weft_arena *arena, weft_diag *d, const char *const *argv,
                          const char *cwd, const char *log_path,
                          weft_tool_tick tick, void *user);
/* n tools at once, at most n_parallel of them running. `failed` is set in each
 * job whose tool could not run or did not exit with 0; E_TOOL names the first of
 * them. Interrupted: all that run are killed; they and those not started are failed. */
typedef struct weft_tool_job {
  const char *const *argv;      /* ends with NULL */
  const char *cwd;              /* NULL: here */
  const char *log_path;
  bool failed;
  int pid;                      /* while it runs */
} weft_tool_job;
weft_status weft_tool_run_all(weft_arena *arena, weft_diag *d, weft_tool_job *jobs, size_t n,
                              size_t n_parallel, weft_tool_tick tick, void *user);
/* Which file a tool on PATH is: path, size and time of change, or NULL if there
 * is none. Another version is another file, and nothing has to be run. */
char *weft_tool_identity(weft_arena *arena, const char *tool);

#endif
