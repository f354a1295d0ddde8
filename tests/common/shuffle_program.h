/* SPDX-License-Identifier: Apache-2.0 */
/* Another order in which the queues of a machine could have run a program: each
 * queue in its own order, waits met, semaphores at most 15, weights sent before
 * their EXC. The machine model, which runs one instruction after another, then
 * shows whether the semaphores order everything that matters. */
#ifndef WEFT_TESTS_SHUFFLE_PROGRAM_H
#define WEFT_TESTS_SHUFFLE_PROGRAM_H

#include "isa/program.h"

/* A copy in a random order; NULL if the queues block each other. */
weft_program *shuffle_program(weft_arena *arena, weft_rng *rng, const weft_program *p);

#endif
