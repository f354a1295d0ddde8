/* SPDX-License-Identifier: Apache-2.0 */
/* EXC: walks n-groups and tiles; the steps of a tile are in exc_plain.c and
 * exc_fast.c, its drain in exc_drain.c. */
#include <string.h>

#include "sim/model/exc.h"

static int64_t reg(const weft_model *m, weft_engreg r, weft_engfield f) { return weft_engreg_get(m->ex[r], f); }
#define EX(r, f) reg(m, WEFT_REG_EX_##r, WEFT_R_EX_##r##_##f)
#define EXU(r, f) ((uint32_t)EX(r, f))
#define EXI(r, f) ((int32_t)EX(r, f))

static void unpack_insn(const weft_insn *i, model_exc_job *j) {
  j->n_tiles = (uint32_t)weft_insn_get(i, WEFT_F_EXC_N_TILES);
  j->n_groups = (uint32_t)weft_insn_get(i, WEFT_F_EXC_N_GROUPS);
  j->n_taps = (uint32_t)weft_insn_get(i, WEFT_F_EXC_N_TAPS);
  j->tap_base = (uint32_t)weft_insn_get(i, WEFT_F_EXC_TAP_BASE);
  j->last_rows = (uint32_t)weft_insn_get(i, WEFT_F_EXC_LAST_ROWS);
  j->depthwise = weft_insn_get(i, WEFT_F_EXC_DEPTHWISE) != 0;
  j->max = weft_insn_get(i, WEFT_F_EXC_MAX) != 0;
  j->unit = weft_insn_get(i, WEFT_F_EXC_UNIT) != 0;
  j->stream = weft_insn_get(i, WEFT_F_EXC_STREAM) != 0;
  j->one_row = weft_insn_get(i, WEFT_F_EXC_ONE_ROW) != 0;
  j->first_k = weft_insn_get(i, WEFT_F_EXC_FIRST_K) != 0;
  j->last_k = weft_insn_get(i, WEFT_F_EXC_LAST_K) != 0;
}

static void unpack_input(const weft_model *m, model_exc_job *j) {
  j->in = (model_base){EXU(IN, ROW), EXU(IN, MOD)};
  j->in_g = EXU(IN_WORDS, G);
  j->tail = EXU(IN_WORDS, TAIL);
  j->x_drow = EXI(X_STEP, DROW);
  j->x_dmod = EXU(X_STEP, DMOD);
  j->y_drow = EXI(Y_STEP, DROW);
  j->y_dmod = EXU(Y_STEP, DMOD);
  j->x0 = EXI(ORIGIN, X0);
  j->y0 = EXI(ORIGIN, Y0);
  j->pad = (int8_t)EX(ORIGIN, PAD);
  j->width = EXI(RASTER, WIDTH);
  j->valid = EXI(RASTER, VALID);
}

static void unpack_output(const weft_model *m, model_exc_job *j) {
  j->out = (model_base){EXU(OUT, ROW), EXU(OUT, MOD)};
  j->out_px = EXU(OUT, PX);
  j->out_py = EXU(OUT, PY);
  j->out_pitch_row = EXU(OUT_PITCH, ROW);
  j->out_pitch_mod = EXU(OUT_PITCH, MOD);
  j->out_g = EXU(OUT_WORDS, G);
  j->plane_x = EXU(OUT_WORDS, PLANE_X);
  j->plane_y = EXU(OUT_PLANES, PLANE_Y);
  j->lo = EXI(CLAMP, LO);
  j->hi = EXI(CLAMP, HI);
  j->zp = EXI(CLAMP, ZP);
  j->params = EXU(POST, PARAMS);
  j->scalar = (model_params){.bias = EXI(BIAS, B), .m = EXU(MULT, M), .ls = EXU(POST, LS), .rs = EXU(POST, RS)};
}

static void unpack_add(const weft_model *m, model_exc_job *j) {
  j->add = EX(POST, ADD) != 0;
  j->m1 = EXU(ADD_M1, M);
  j->m2 = EXU(ADD_M2, M);
  j->m3 = EXU(ADD_M3, M);
  j->rs1 = EXU(ADD_SHIFT, RS1);
  j->rs2 = EXU(ADD_SHIFT, RS2);
  j->rs3 = EXU(ADD_SHIFT, RS3);
  j->add_ls = EXU(ADD_SHIFT, LS);
  j->z1 = EXI(ADD_ZP, Z1);
  j->z2 = EXI(ADD_ZP, Z2);
  j->zo = EXI(ADD_ZP, ZO);
  j->add_lo = EXI(ADD_CLAMP, LO);
  j->add_hi = EXI(ADD_CLAMP, HI);
  j->res = (model_base){EXU(RES, ROW), EXU(RES, MOD)};
  j->res_pitch_row = EXU(RES_PITCH, ROW);
  j->res_pitch_mod = EXU(RES_PITCH, MOD);
}

static bool bank_ok(const weft_model *m, uint32_t mod) { return mod < (uint32_t)m->rows; }

/* The conditions that configs/README.md leaves undefined. */
static const char *undefined(const weft_model *m, const model_exc_job *j) {
  if (j->tap_base + j->n_taps > (uint32_t)m->config.taps)
    return "taps beyond the tap table";
  if (j->last_rows > j->p)
    return "LAST_ROWS beyond the rows of a tile";
  if (!bank_ok(m, j->in.mod) || !bank_ok(m, j->x_dmod) || !bank_ok(m, j->y_dmod) || !bank_ok(m, j->out.mod) ||
      !bank_ok(m, j->out_pitch_mod) || (j->add && (!bank_ok(m, j->res.mod) || !bank_ok(m, j->res_pitch_mod))))
    return "a bank beyond the array's rows";
  if (!j->depthwise && (j->in_g < 1 || j->tail < 1 || j->tail > (uint32_t)m->cols))
    return "IN_WORDS.G or TAIL outside its range";
  if (j->width < 1 || j->valid < 1 || j->valid > j->width)
    return "RASTER outside its range";
  if (!j->first_k && m->acc_rows != (int32_t)j->last_rows)
    return "FIRST_K = 0 without an open accumulation of as many rows";
  if (j->first_k && m->acc_rows != 0)
    return "FIRST_K = 1 over an open accumulation";
  if (j->last_k && j->params == 3)
    return "POST.PARAMS = 3";
  if (!j->unit && !j->stream && j->steps > (uint64_t)weft_ring_words(&m->config) - 2)
    return "an n-group longer than the ring less 2";
  return NULL;
}

static void advance(const weft_model *m, const model_exc_job *j, model_base *b, bool line_ends) {
  b->row += (uint32_t)(line_ends ? j->y_drow : j->x_drow);
  b->mod += line_ends ? j->y_dmod : j->x_dmod;
  if (b->mod >= (uint32_t)m->rows) {
    b->mod -= (uint32_t)m->rows;
    b->row += j->in_g;
  }
}

static void place_pixels(const model_exc_job *j, model_tile *t) {
  int32_t x = (int32_t)(t->first_pixel % (uint32_t)j->width), y = (int32_t)(t->first_pixel / (uint32_t)j->width);
  for (uint32_t r = 0; r < t->n_rows; r++) {
    t->x[r] = j->x0 + x;
    t->y[r] = j->y0 + y;
    if (++x == j->width) {
      x = 0;
      y++;
    }
  }
}

static void wrap_accumulators(weft_model *m, uint32_t n_rows) {
  int32_t shift = 32 - m->config.acc_bits;
  for (uint32_t r = 0; r < n_rows; r++)
    for (int32_t c = 0; c < m->cols; c++)
      m->acc[r][c] = (int32_t)((uint32_t)m->acc[r][c] << shift) >> shift;
}

static weft_status run_tile(weft_model *m, const model_exc_job *j, const model_tile *t, const int8_t *w,
                            const model_params *params) {
  WEFT_TRY(model_work(m, j->steps + t->n_rows));
  if (j->first_k)   /* MAX starts below every byte: its first step is then a copy */
    for (uint32_t r = 0; r < t->n_rows; r++)
      for (int32_t c = 0; c < m->cols; c++)
        m->acc[r][c] = j->max ? INT32_MIN : 0;
  if (m->plain)
    model_tile_plain(m, j, t, w);
  else
    model_tile_fast(m, j, t, w);
  wrap_accumulators(m, t->n_rows);
  if (j->last_k)
    model_drain(m, j, t, params);
  m->acc_rows = j->last_k ? 0 : (int32_t)t->n_rows;
  return WEFT_OK;
}

static weft_status run_group(weft_model *m, const model_exc_job *j, uint32_t group) {
  model_params params[MODEL_MAX_COLS];
  const int8_t *w = NULL;
  model_tile t = {.group = group, .base = j->in};
  for (int32_t c = 0; c < m->cols; c++)
    params[c] = j->scalar;
  if (j->last_k && j->params != 0)
    WEFT_TRY(model_take_params(m, j->params, params));
  if (!j->unit && !j->stream)
    WEFT_TRY(model_take_words(m, j->steps, &w));
  for (uint32_t k = 0; k < j->n_tiles; k++) {
    t.n_rows = k + 1 == j->n_tiles ? j->last_rows : j->p;
    t.first_pixel = k * j->p;
    if (!j->unit && j->stream)
      WEFT_TRY(model_take_words(m, j->steps, &w));
    place_pixels(j, &t);
    WEFT_TRY(run_tile(m, j, &t, w, params));
    advance(m, j, &t.base, j->one_row && (k + 1) % (uint32_t)j->width == 0);
  }
  return WEFT_OK;
}

weft_status model_exc(weft_model *m, const weft_insn *i) {
  model_exc_job j = {0};
  unpack_insn(i, &j);
  unpack_input(m, &j);
  unpack_output(m, &j);
  unpack_add(m, &j);
  j.p = j.one_row ? 1 : (uint32_t)m->rows;
  uint64_t channels = (uint64_t)(j.in_g - 1) * (uint64_t)m->cols + j.tail;
  j.steps = j.depthwise ? j.n_taps : j.n_taps * channels;
  const char *why = undefined(m, &j);
  if (why != NULL)
    return model_fault(m, "ILLEGAL", why, "what configs/README.md defines");
  for (uint32_t group = 0; group < j.n_groups; group++)
    WEFT_TRY(run_group(m, &j, group));
  return WEFT_OK;
}
