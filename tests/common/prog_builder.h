/* SPDX-License-Identifier: Apache-2.0 */
/* Little programs by hand, and random ones at instruction level, for comparing
 * backends without the compiler.
 *
 *   prog_builder *b = prog_builder_new(arena, config);
 *   prog_cfg(b, WEFT_Q_EX, WEFT_REG_EX_IN, value);
 *   prog_add(b, insn);                      // semaphores are the caller's ...
 *   prog_add_serial(b, insn);               // ... or serial: after all before it
 *   prog_wt(b, prog_constants(b, data, n), n_words, n_groups, repeats, params);
 *   weft_program *p = prog_finish(b, in_bytes, out_bytes);
 *
 * The program has one input (region INPUT, int8 [in_bytes]) and one output
 * (region OUTPUT): everything it did can be compared through weft_session_run. */
#ifndef WEFT_TESTS_PROG_BUILDER_H
#define WEFT_TESTS_PROG_BUILDER_H

#include "isa/program.h"

typedef struct prog_builder prog_builder;

prog_builder *prog_builder_new(weft_arena *arena, const weft_config *config);
void prog_add(prog_builder *b, weft_insn i);
/* Adds an ordered LD, EX or ST instruction that waits for the ordered one added
 * before it, if that is in another queue. Uses semaphores 0..5. */
void prog_add_serial(prog_builder *b, weft_insn i);
/* CFG, LCFG or SCFG of one register. */
void prog_cfg(prog_builder *b, weft_queue queue, uint32_t reg, uint32_t value);
/* Copies n bytes to the constants, aligned to 64; returns their offset there. */
uint32_t prog_constants(prog_builder *b, const void *data, size_t n);
void prog_wt(prog_builder *b, uint32_t constants_at, uint32_t n_words, uint32_t n_groups, uint32_t repeats,
             uint32_t params);
/* LD or ST of the whole scratchpad, [bank][row][B] bytes at offset of the region. */
void prog_dma_all(prog_builder *b, weft_opcode op, uint32_t region, uint32_t offset);
weft_program *prog_finish(prog_builder *b, uint32_t in_bytes, uint32_t out_bytes);

/* What random programs may use; PROG_ALL is everything. Without any of DENSE,
 * DEPTHWISE no EXC is made; without LD, ST only the whole scratchpad moves. */
enum {
  PROG_DENSE = 1, PROG_DEPTHWISE = 2, PROG_UNIT = 4, PROG_MAX = 8, PROG_STREAM = 16, PROG_ONE_ROW = 32,
  PROG_PLANES = 64, PROG_ADD = 128, PROG_KSPLIT = 256, PROG_PARAMS = 512, PROG_LD = 1024, PROG_ST = 2048,
  PROG_EXTREME = 4096,          /* multipliers, shifts, biases, weights at their limits */
  PROG_ALL = 8191
};
/* Loads the whole scratchpad from INPUT, does n_ops random serial EXC, LD and ST
 * jobs, stores the whole scratchpad to OUTPUT (random STs go behind it). Every
 * job is defined by configs/README.md: no word is written twice by one job or
 * both read and written by it. Same rng state, same program. */
weft_program *prog_random(weft_arena *arena, weft_rng *rng, const weft_config *config, uint32_t features,
                          int n_ops);

#endif
