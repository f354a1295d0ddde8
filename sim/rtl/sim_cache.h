/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the simulator of a configuration once and keeps it per user.
 *
 * Cache: $XDG_CACHE_HOME/weft (or ~/.cache/weft), mode 0700. An entry is named
 * by the SHA-256 of everything that it is made from: RTL, generated packages,
 * shim, DRAM model, the tools' files and flags; a stale one is therefore never
 * found. Builds happen under a lock, in a directory of their own that is
 * renamed into place: concurrent first uses build once, and a kill in mid-build
 * leaves nothing that a later use takes for whole. */
#ifndef WEFT_SIM_RTL_SIM_CACHE_H
#define WEFT_SIM_RTL_SIM_CACHE_H

#include "config/config.h"
#include "sim/rtl/rtl_sim.h"

typedef struct weft_sim_library {
  void *handle;                 /* of dlopen                                  */
  const rtl_sim_api *api;
  const char *path;
  bool was_built;               /* by this call                               */
} weft_sim_library;

typedef void (*weft_sim_progress)(void *user, uint64_t done, uint64_t total,
                                  const char *what);

/* Errors: E_TOOL (no Verilator or C++ compiler, or a build that failed; the
 * remedy names the package or the log), E_READ (RTL not found), E_WRITE,
 * E_INTERRUPTED. progress may be NULL. */
weft_status weft_sim_library_open(weft_arena *arena, weft_diag *d, const weft_config *c,
                                  bool trace, weft_sim_progress progress, void *user,
                                  weft_sim_library *out);
/* The same without waves for a few short runs: the one of above if it was built
 * before, else one whose C++ is not optimized: built sooner, runs slower, the same
 * cycles. Errors as above. */
weft_status weft_sim_library_quick(weft_arena *arena, weft_diag *d, const weft_config *c,
                                   weft_sim_progress progress, void *user, weft_sim_library *out);
void weft_sim_library_close(weft_sim_library *l);

/* Another design of the same cache: rtl/ and more RTL under a top of its own, a
 * C++ shim, and an exported function that returns its interface. */
typedef struct weft_sim_target {
  const char *top;              /* module                                     */
  const char *const *folders;   /* of further .sv below the root; NULL ends   */
  const char *const *files;     /* shim (.cc), C files, and their headers,
                                   which only count for the key; NULL ends    */
  const char *board_package;    /* text of weft_board_pkg, or NULL            */
  const char *symbol;           /* the exported function                      */
} weft_sim_target;
typedef struct weft_sim_handle {
  void *handle;                 /* of dlopen; the caller closes it            */
  const void *api;              /* what the function returned, or NULL        */
  const char *path;
  bool was_built;
} weft_sim_handle;
weft_status weft_sim_target_open(weft_arena *arena, weft_diag *d, const weft_config *c, bool trace,
                                 const weft_sim_target *target, weft_sim_progress progress, void *user,
                                 weft_sim_handle *out);
/* E_TOOL: the library at path has no interface that this weft knows. */
weft_status weft_sim_bad_version(weft_diag *d, const char *path);

/* Folder of rtl/ and sim/: $WEFT_ROOT, else found upwards from the executable.
 * NULL if neither has them. */
const char *weft_sim_root(weft_arena *arena);

#endif
