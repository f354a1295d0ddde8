/* SPDX-License-Identifier: Apache-2.0 */
/* What an EXC needs, unpacked from the instruction and the EX registers. */
#ifndef WEFT_SIM_MODEL_EXC_H
#define WEFT_SIM_MODEL_EXC_H

#include "sim/model/model.h"

typedef struct model_base { uint32_t row, mod; } model_base;

typedef struct model_exc_job {
  /* instruction */
  uint32_t n_tiles, n_groups, n_taps, tap_base, last_rows;
  bool depthwise, max, unit, stream, one_row, first_k, last_k;
  /* input */
  model_base in;
  uint32_t in_g, tail;
  int32_t x_drow, y_drow;
  uint32_t x_dmod, y_dmod;
  int32_t x0, y0, width, valid;
  int8_t pad;
  /* output */
  model_base out;
  uint32_t out_px, out_py, out_pitch_row, out_pitch_mod, out_g, plane_x, plane_y;
  int32_t lo, hi, zp;
  uint32_t params;              /* 0: scalar, 1: streamed bias, 2: all        */
  model_params scalar;
  bool add;
  uint32_t m1, m2, m3, rs1, rs2, rs3, add_ls;
  int32_t z1, z2, zo, add_lo, add_hi;
  model_base res;
  uint32_t res_pitch_row, res_pitch_mod;
  /* derived */
  uint32_t p;                   /* pixels of a full tile                      */
  uint64_t steps;               /* of a tile                                  */
} model_exc_job;

typedef struct model_tile {
  uint32_t group, first_pixel, n_rows;
  model_base base;
  int32_t x[MODEL_MAX_ROWS], y[MODEL_MAX_ROWS];
} model_tile;

/* Adds the steps of one tile to m->acc[0..n_rows-1]; w: steps * cols bytes, NULL
 * with UNIT. The fast one is equal to the plain one, byte for byte. */
void model_tile_plain(weft_model *m, const model_exc_job *j, const model_tile *t, const int8_t *w);
void model_tile_fast(weft_model *m, const model_exc_job *j, const model_tile *t, const int8_t *w);
struct model_fast *model_fast_new(weft_arena *arena);
void model_fast_forget(struct model_fast *f);   /* weights may have moved     */
/* Requantizes the accumulators of a tile and writes its words. */
void model_drain(weft_model *m, const model_exc_job *j, const model_tile *t, const model_params *params);

#endif
