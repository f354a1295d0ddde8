/* SPDX-License-Identifier: Apache-2.0 */
/* The assembler of the small machine's microprogram (rtl/micro/README.md). */
#ifndef WEFT_GEN_GEN_MICRO_H
#define WEFT_GEN_GEN_MICRO_H

#include <stdio.h>

#include "base/base.h"

enum {
  MICRO_ROM_WORDS = 1024,    /* of the memory                                          */
  MICRO_REGS = 192,          /* places of the register file that names of the source get */
};

/* Assembles `text`, whole lines, into words of op 6, d 8, s 8, imm 10 bits. A line is
 * "label: operation a, b, c ; comment", all of it optional; a register is a name, which
 * gets the next place of the file at its first use; hbase0..3, hsize0..3, hprog and
 * hinsns have the places that the host writes. Names of instruction fields (EXC.N_TILES, H.QUEUE,
 * of `fld`), opcodes (OP.EXC), engine registers (EX.POST), CSRs (CSR.FAULT_PC, in words) and
 * faults (FAULT.RANGE) are those of isa.def and csr.def.
 * words: MICRO_ROM_WORDS of them; *n_words, *n_regs: how many there are.
 * WEFT_E_PROGRAM with "FILE:LINE" if an operation, name, label or number is not one, or does not
 * fit; if an `ext` is not within its word; if there are no words, too many words or registers. */
weft_status weft_micro_assemble(weft_arena *arena, weft_diag *d, const char *file, char *text,
                                uint32_t *words, int *n_words, int *n_regs);

/* The module weft_micro_rom with those words. */
void weft_gen_sv_micro(FILE *f, const uint32_t *words, int n_words);

#endif
