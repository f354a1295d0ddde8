/* SPDX-License-Identifier: Apache-2.0 */
/* A netlist that is larger than the part: said before the placer finds out,
 * and by how much. */
#include "build/build_int.h"

static weft_status check(build *b, const char *what, int64_t used, int64_t available) {
  if (used <= available)
    return WEFT_OK;
  return weft_fail(b->d, WEFT_E_NO_FIT,
                   weft_diag_text(b->d, "%s, machine %s: %s", b->o->board->name,
                                  b->o->config->name, what),
                   weft_diag_text(b->d, "%lld used, %lld too many", (long long)used,
                                  (long long)(used - available)),
                   weft_diag_text(b->d, "%lld of the part", (long long)available),
                   "a smaller machine (-c), or a larger board");
}

weft_status build_check_fit(build *b) {
  area cells;
  const weft_board *board = b->o->board;
  WEFT_TRY(area_read(b->arena, b->d, b->area_path, &cells));
  const int64_t *n = cells.total.n;
  const weft_status all[] = {
    check(b, "logic cells", cells.total.size, board->lut),
    check(b, "flip-flops", n[CELL_FF], board->lut),
    check(b, "block RAMs", n[CELL_RAM], board->bram),
    b->family->counts_dsp ? check(b, "multipliers", n[CELL_DSP], board->dsp) : WEFT_OK};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    WEFT_TRY(all[i]);
  return WEFT_OK;
}
