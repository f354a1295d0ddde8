/* SPDX-License-Identifier: Apache-2.0 */
/* What a device family needs: synthesis script, arguments of place and route
 * and of the packer, names of its cells. Private to src/build. */
#ifndef WEFT_BUILD_FAMILY_H
#define WEFT_BUILD_FAMILY_H

#include "build/board.h"
#include "build/tools.h"

#define FAMILY_MAX_ARGS 48

typedef struct family_files {   /* names as seen from the build folder */
  const char *netlist, *pins, *report, *placed, *bitstream;
} family_files;

typedef struct family {
  const char *name, *define;
  const char *devices;          /* beginnings of the names of its parts       */
  const char *synth;            /* yosys lines; ends in a newline             */
  weft_eda_id place, pack;
  const char *placed_ports;     /* prefixes of ports that the placer places   */
  /* Names in the placer's report: what is used is summed (a cell that takes two
   * of the first stands twice), what there is, is that of the first. */
  const char *cells[8], *dsp[4], *bram[4];
  const char *placed_ending, *bitstream_ending;
  bool counts_dsp;              /* board.yaml's dsp are cells of the netlist  */
  /* The placer does not time multipliers: Fmax is that of a second netlist
   * with registers in their place, less this share. 0: its word is taken.    */
  int surrogate_percent;
  /* Both return the number of arguments behind argv[0]. */
  size_t (*place_args)(weft_arena *a, const weft_board *b, const family_files *f, int seed,
                       const char **argv);
  size_t (*pack_args)(weft_arena *a, const weft_board *b, const family_files *f,
                      const char **argv);
} family;

/* NULL if there is no open flow for the family (xilinx). */
const family *family_find(const char *name);

bool family_has_device(const family *f, const char *device);

/* Kinds of netlist cells, for tables: sums of these per module. */
typedef enum cell_kind {
  CELL_LUT, CELL_CARRY, CELL_LUTRAM, CELL_FF, CELL_DSP, CELL_RAM, CELL_OTHER, N_CELL_KINDS
} cell_kind;
cell_kind family_cell_kind(const char *type);
/* Logic cells that a netlist cell takes once placed: 2 for a CCU2C. */
int family_cell_size(const char *type);

#endif
