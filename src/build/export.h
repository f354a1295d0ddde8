/* SPDX-License-Identifier: Apache-2.0 */
/* Projects for vendor tools: text alone, nothing of it was run, and each file
 * says so. Depends on base, config and gen. */
#ifndef WEFT_BUILD_EXPORT_H
#define WEFT_BUILD_EXPORT_H

#include "build/build.h"

/* Writes into o->out_dir the sources (rtl/), the pins and
 *   gowin               run.tcl for gw_sh, clock.sdc
 *   xilinx              build.tcl for vivado -mode batch
 *   xilinx, memory axi  package_ip.tcl, then block_design.tcl
 *   intel               weft.qsf, weft.sdc, build.tcl for quartus_sh -t
 * E_UNSUPPORTED: a family without one; E_WRITE. */
weft_status weft_build_export(weft_arena *arena, weft_diag *d, const weft_build_options *o);

#endif
