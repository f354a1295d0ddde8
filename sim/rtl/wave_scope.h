/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the machine's instances and signals, out of the header of an FST
 * file that a tracing simulator wrote: Verilator takes a scope that matches
 * nothing without a word. */
#ifndef WEFT_SIM_RTL_WAVE_SCOPE_H
#define WEFT_SIM_RTL_WAVE_SCOPE_H

#include "base/base.h"

/* Declarations as a VCD header has them ("$scope module u_core $end"): E_USAGE,
 * with the instances there are and the nearest, unless `scope` is the path of an
 * instance or signal below weft_top. "weft_top." before it is taken too. */
weft_status weft_wave_scope_check(weft_arena *arena, weft_diag *d, const char *header, const char *scope);

/* The header of an FST file, by the reader inside the tracing simulator (a handle
 * of dlopen). NULL: it has none, or the file cannot be read. */
const char *weft_wave_header(weft_arena *arena, void *library, const char *path);

#endif
