/* SPDX-License-Identifier: Apache-2.0 */
/* Synthesis and place-and-route tools: the pinned wheels in a virtual
 * environment, else native ones on PATH. Depends on base and sim/rtl. */
#ifndef WEFT_BUILD_TOOLS_H
#define WEFT_BUILD_TOOLS_H

#include "base/base.h"

typedef struct weft_eda_places {
  const char *venvs[4];         /* environments, best first; NULL ends        */
  const char *path;             /* PATH, or NULL                              */
} weft_eda_places;

typedef struct weft_eda_tool {
  const char *name;             /* "nextpnr-ecp5"                             */
  const char *file;             /* NULL: absent                               */
  const char *version;          /* "0.11.1.0.post826", or its own words       */
} weft_eda_tool;

/* The tools of weft build and doctor: pyosys (a Python that imports it),
 * nextpnr and packer of each family. */
typedef enum weft_eda_id {
  WEFT_EDA_PYOSYS, WEFT_EDA_NEXTPNR_ECP5, WEFT_EDA_ECPPACK, WEFT_EDA_NEXTPNR_ICE40,
  WEFT_EDA_ICEPACK, WEFT_EDA_NEXTPNR_GOWIN, WEFT_EDA_GOWIN_PACK, WEFT_N_EDA
} weft_eda_id;

/* Looks a tool up; runs nothing. The version of a wheel is that of its package. */
weft_eda_tool weft_eda_find(weft_arena *arena, const weft_eda_places *p, weft_eda_id id);
/* Is it the wheel, of the version, that a line PACKAGE==VERSION of `requirements` (its
 * text) pins? A native tool is none. */
bool weft_eda_is_pinned(const weft_eda_tool *t, weft_eda_id id, const char *requirements);
/* E_TOOL with how to get it, if it is absent. */
weft_status weft_eda_need(weft_diag *d, const weft_eda_tool *t);

/* doctor --install: a virtual environment at `venv` with the wheels that
 * `requirements` pins by hash. Network. E_TOOL names the log. */
weft_status weft_eda_install(weft_arena *arena, weft_diag *d, const char *venv,
                             const char *requirements, const char *log,
                             void (*tick)(void *user, double seconds), void *user);

#endif
