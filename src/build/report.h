/* SPDX-License-Identifier: Apache-2.0 */
/* What nextpnr and yosys said, read: their files are input like any other.
 * Private to src/build and its tests. */
#ifndef WEFT_BUILD_REPORT_H
#define WEFT_BUILD_REPORT_H

#include "build/family.h"

typedef struct report_step {
  double at_ns;                 /* from the clock edge                        */
  const char *name;             /* net or cell in our names                   */
} report_step;

typedef struct report {
  double fmax_mhz;              /* of the machine's clock                     */
  bool is_met;                  /* every clock reaches its constraint         */
  int64_t cells, cells_of, dsp, dsp_of, bram, bram_of;
  report_step *steps;           /* the worst path inside the machine's clock  */
  size_t n_steps;
} report;

/* nextpnr's --report. E_TOOL if it is no such file or has no clock. */
weft_status report_read(weft_arena *arena, weft_diag *d, const char *path, const family *f,
                        double target_mhz, report *out);

/* nextpnr's log says that more cells are needed than there are: E_NO_FIT with
 * each kind, used and available; WEFT_OK if it does not. */
weft_status report_no_fit(weft_arena *arena, weft_diag *d, const char *log);

typedef struct area_module {
  const char *name;             /* "u_board.u_weft.u_core"; "" the top        */
  int64_t n[N_CELL_KINDS];
  int64_t size;                 /* logic cells                                */
} area_module;

typedef struct area {
  area_module *modules;         /* sorted by name                             */
  size_t n_modules;
  area_module total;
} area;

/* The cell counts of boards/flow/yosys_run.py --area. E_TOOL if damaged. */
weft_status area_read(weft_arena *arena, weft_diag *d, const char *path, area *out);

#endif
