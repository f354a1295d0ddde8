/* SPDX-License-Identifier: Apache-2.0 */
/* The static checker of a program, without running it. */
#include "compiler/compile.h"

static weft_status broken(weft_diag *d, uint32_t at, const char *found, const char *allowed) {
  return weft_fail(d, WEFT_E_PROGRAM, weft_diag_text(d, "instruction %u", (unsigned)at), found, allowed, NULL);
}

/* Program order alone: legal instructions, tokens that are there when taken. */
static weft_status check_order(weft_diag *d, const weft_program *p, const weft_prog_segment *s) {
  int64_t tokens[8] = {0};
  for (uint32_t i = s->first_insn; i < s->first_insn + s->n_insns; i++) {
    const weft_insn *insn = &p->insns[i];
    const char *why = weft_insn_illegal(insn);
    if (why)
      return broken(d, i, why, "a legal instruction");
    int64_t *wait = &tokens[weft_insn_get(insn, WEFT_H_WAIT_ID)], *sig = &tokens[weft_insn_get(insn, WEFT_H_SIG_ID)];
    if (*wait < weft_insn_get(insn, WEFT_H_WAIT_N))
      return broken(d, i, "a wait that no earlier signal meets", "program order that can be executed");
    *wait -= weft_insn_get(insn, WEFT_H_WAIT_N);
    *sig += weft_insn_get(insn, WEFT_H_SIG_N);
    if (*sig > 15)
      return broken(d, i, "a semaphore above 15", "at most 15");
  }
  return WEFT_OK;
}

weft_status weft_program_verify(weft_diag *d, const weft_program *p, const weft_config *c) {
  (void)c;
  for (uint32_t k = 0; k < p->n_segments; k++)
    if (p->segments[k].kind == WEFT_SEG_ACCEL)
      WEFT_TRY(check_order(d, p, &p->segments[k]));
  return WEFT_OK;
}
