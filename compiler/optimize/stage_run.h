/* SPDX-License-Identifier: Apache-2.0 */
/* One stage of a recipe on a network, in place. Private to the driver. */
#ifndef WEFT_COMPILER_OPTIMIZE_STAGE_RUN_H
#define WEFT_COMPILER_OPTIMIZE_STAGE_RUN_H

#include "compiler/optimize/optimize.h"

/* net: the float network of the stage before; original: that of the file. For an
 * integer stage *integer is a quantized clone; else NULL. note: what the stage left out and
 * why ("" if nothing). */
weft_status opt_stage_run(weft_arena *arena, weft_diag *d, const opt_job *job, opt_stage *s,
                          opt_net *net, const opt_net *original, opt_history *history,
                          opt_net **integer, const char **note);

#endif
