/* SPDX-License-Identifier: Apache-2.0 */
/* A program that also hands out what it left behind: the whole scratchpad, as
 * [bank][row][byte], and every byte of arena and outputs, as further outputs. */
#ifndef WEFT_TESTS_DUMP_PROGRAM_H
#define WEFT_TESTS_DUMP_PROGRAM_H

#include "isa/program.h"

/* p's last accelerator segment stores the scratchpad before END; outputs of the
 * copy: p's own, then outputs region, scratchpad, arena (if not empty). */
weft_program *dump_program(weft_arena *arena, const weft_program *p, const weft_config *c);

#endif
