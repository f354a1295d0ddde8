/* SPDX-License-Identifier: Apache-2.0 */
/* EXC under the static checker: configs/README.md, EXC and Drain, as addresses. */
#include "compiler/verify.h"

typedef struct base { int64_t row, mod; } base;

typedef struct exc {
  int64_t n_tiles, last_rows, n_groups, n_taps, tap_base;
  bool depthwise, max, unit, stream, one_row, first_k, last_k, add;
  int64_t params, g, tail, x0, y0, width, valid;
  base in, x_step, y_step, out, out_pitch, res, res_pitch;
  int64_t px, py, out_g, plane_x, plane_y;
} exc;

static weft_status read_base(weft_check *k, int reg, weft_engfield row, weft_engfield mod, base *b) {
  WEFT_TRY(weft_check_reg(k, reg, row, &b->row));
  WEFT_TRY(weft_check_reg(k, reg, mod, &b->mod));
  return b->mod < k->c->rows ? WEFT_OK : weft_check_fail(k, "a bank beyond array.rows", "MOD < array.rows");
}

#define BASE(name, to) \
  WEFT_TRY(read_base(k, WEFT_REG_EX_##name, WEFT_R_EX_##name##_ROW, WEFT_R_EX_##name##_MOD, to))
#define STEP(name, to) \
  WEFT_TRY(read_base(k, WEFT_REG_EX_##name, WEFT_R_EX_##name##_DROW, WEFT_R_EX_##name##_DMOD, to))
#define REG(name, f, to) WEFT_TRY(weft_check_reg(k, WEFT_REG_EX_##name, WEFT_R_EX_##name##_##f, to))

static void read_insn(const weft_insn *i, exc *e) {
  e->n_tiles = weft_insn_get(i, WEFT_F_EXC_N_TILES);
  e->last_rows = weft_insn_get(i, WEFT_F_EXC_LAST_ROWS);
  e->n_groups = weft_insn_get(i, WEFT_F_EXC_N_GROUPS);
  e->n_taps = weft_insn_get(i, WEFT_F_EXC_N_TAPS);
  e->tap_base = weft_insn_get(i, WEFT_F_EXC_TAP_BASE);
  e->depthwise = weft_insn_get(i, WEFT_F_EXC_DEPTHWISE);
  e->max = weft_insn_get(i, WEFT_F_EXC_MAX);
  e->unit = weft_insn_get(i, WEFT_F_EXC_UNIT);
  e->stream = weft_insn_get(i, WEFT_F_EXC_STREAM);
  e->one_row = weft_insn_get(i, WEFT_F_EXC_ONE_ROW);
  e->first_k = weft_insn_get(i, WEFT_F_EXC_FIRST_K);
  e->last_k = weft_insn_get(i, WEFT_F_EXC_LAST_K);
}

static weft_status read_output(weft_check *k, exc *e) {
  int64_t unused, add;
  BASE(OUT, &e->out);
  BASE(OUT_PITCH, &e->out_pitch);
  REG(OUT, PX, &e->px);
  REG(OUT, PY, &e->py);
  REG(OUT_WORDS, G, &e->out_g);
  REG(OUT_WORDS, PLANE_X, &e->plane_x);
  REG(OUT_PLANES, PLANE_Y, &e->plane_y);
  REG(CLAMP, LO, &unused);
  REG(POST, PARAMS, &e->params);
  REG(POST, ADD, &add);
  e->add = add;
  if (e->params < 2)
    REG(MULT, M, &unused);
  if (e->params == 0)
    REG(BIAS, B, &unused);
  if (!e->add)
    return WEFT_OK;
  BASE(RES, &e->res);
  BASE(RES_PITCH, &e->res_pitch);
  REG(ADD_M1, M, &unused);
  REG(ADD_M2, M, &unused);
  REG(ADD_M3, M, &unused);
  REG(ADD_SHIFT, LS, &unused);
  REG(ADD_ZP, Z1, &unused);
  REG(ADD_CLAMP, LO, &unused);
  return WEFT_OK;
}

static weft_status read_exc(weft_check *k, const weft_insn *i, exc *e) {
  read_insn(i, e);
  BASE(IN, &e->in);
  REG(IN_WORDS, G, &e->g);
  REG(IN_WORDS, TAIL, &e->tail);
  STEP(X_STEP, &e->x_step);
  if (e->one_row)
    STEP(Y_STEP, &e->y_step);
  REG(ORIGIN, X0, &e->x0);
  REG(ORIGIN, Y0, &e->y0);
  REG(RASTER, WIDTH, &e->width);
  REG(RASTER, VALID, &e->valid);
  return e->last_k ? read_output(k, e) : WEFT_OK;
}

static int64_t steps_of(const weft_check *k, const exc *e) {
  return e->n_taps * (e->depthwise ? 1 : (e->g - 1) * k->c->word_bytes + e->tail);
}

static weft_status check_form(weft_check *k, const exc *e) {
  if (e->n_tiles < 1 || e->n_groups < 1 || e->n_taps < 1 || e->tap_base + e->n_taps > k->c->taps)
    return weft_check_fail(k, "no tiles, n-groups or taps, or taps beyond the table", "at least 1 of each, in the table");
  if (e->last_rows < 1 || e->last_rows > (e->one_row ? 1 : k->c->rows))
    return weft_check_fail(k, "LAST_ROWS", "1 to the rows of a tile");
  if (e->width < 1 || e->valid < 1 || e->valid > e->width || e->tail < 1 || e->tail > k->c->word_bytes || e->g < 1)
    return weft_check_fail(k, "a raster or a pixel of no size", "1 <= VALID <= WIDTH, 1 <= TAIL <= B, G >= 1");
  if ((e->max && !e->unit) || (e->unit && e->stream) || e->params == 3)
    return weft_check_fail(k, "a mode without meaning", "MAX with UNIT, STREAM without it, PARAMS <= 2");
  if (!e->last_k && (e->n_tiles != 1 || e->n_groups != 1))
    return weft_check_fail(k, "LAST_K = 0 over several tiles", "one tile of one n-group");
  if (e->first_k == k->open || (k->open && k->open_rows != e->last_rows))
    return weft_check_fail(k, "FIRST_K and the open accumulation do not agree", "one is opened, continued and drained");
  if (!e->unit && !e->stream && steps_of(k, e) > weft_ring_words(k->c) - 2)
    return weft_check_fail(k, "an n-group longer than the ring", "ring words less 2, or STREAM");
  for (int64_t t = 0; t < e->n_taps; t++)
    if (!k->tap_known[e->tap_base + t])
      return weft_check_fail(k, weft_diag_text(k->diag, "tap %d, never written", (int)(e->tap_base + t)), "written taps");
  return WEFT_OK;
}

static weft_status take_weights(weft_check *k, const exc *e) {
  weft_check_group g = {.words = e->unit ? 0 : steps_of(k, e), .repeats = e->stream ? e->n_tiles : 1, .groups = e->n_groups,
                        .params = e->last_k ? (int)e->params : 0, .streams = e->stream};
  return g.words == 0 && g.params == 0 ? WEFT_OK : weft_stream_take(k, &g);
}

static weft_status read_taps(weft_check *k, const exc *e, base tile, int64_t r, int64_t x, int64_t y, int64_t ng,
                             int64_t *batch) {
  for (int64_t t = 0; t < e->n_taps; t++) {
    const weft_insn *tap = &k->taps[e->tap_base + t];
    if (x < weft_insn_get(tap, WEFT_F_TAP_XLO) || x > weft_insn_get(tap, WEFT_F_TAP_XHI) ||
        y < weft_insn_get(tap, WEFT_F_TAP_YLO) || y > weft_insn_get(tap, WEFT_F_TAP_YHI))
      continue;
    int64_t dmod = weft_insn_get(tap, WEFT_F_TAP_DMOD), row = tile.row + weft_insn_get(tap, WEFT_F_TAP_DROW);
    int64_t first = e->depthwise ? ng : 0, last = e->depthwise ? ng : e->g - 1;
    for (int64_t g = first; g <= last; g++)
      WEFT_TRY(weft_check_word(k, tile.mod + dmod + r, row + g, (int32_t)e->g, batch));
  }
  return WEFT_OK;
}

static weft_status write_pixel(weft_check *k, const exc *e, int64_t xx, int64_t yy, int64_t ng, int64_t *batch) {
  int64_t x = xx >> e->px, y = yy >> e->py;
  if (batch)
    return weft_check_word(k, e->res.mod + yy * e->res_pitch.mod + xx, e->res.row + yy * e->res_pitch.row + ng,
                           (int32_t)e->out_g, batch);
  int64_t row = e->out.row + y * e->out_pitch.row + (xx & e->px) * e->plane_x + (yy & e->py) * e->plane_y;
  return weft_check_word(k, e->out.mod + y * e->out_pitch.mod + x, row + ng, (int32_t)e->out_g, NULL);
}

/* Walks the pixels of an n-group. mode 0: reads of input and residual, 1: writes. */
static weft_status walk_group(weft_check *k, const exc *e, int64_t ng, int mode, int64_t batch[2]) {
  base tile = e->in;
  int64_t p = e->one_row ? 1 : k->c->rows, xx = 0, yy = 0;
  for (int64_t t = 0; t < e->n_tiles; t++) {
    int64_t rows = t == e->n_tiles - 1 ? e->last_rows : p;
    bool line_ends = false;
    for (int64_t r = 0; r < rows; r++) {
      bool written = xx < e->valid;
      if (mode == 0 && written && (!e->depthwise || ng < e->g))
        WEFT_TRY(read_taps(k, e, tile, r, e->x0 + xx, e->y0 + yy, ng, &batch[0]));
      if (mode == 0 && written && e->last_k && e->add)
        WEFT_TRY(write_pixel(k, e, xx, yy, ng, &batch[1]));
      if (mode == 1 && written && e->last_k)
        WEFT_TRY(write_pixel(k, e, xx, yy, ng, NULL));
      line_ends = ++xx == e->width;
      if (line_ends) {
        xx = 0;
        yy++;
      }
    }
    const base *step = e->one_row && line_ends ? &e->y_step : &e->x_step;
    tile.row += step->row;
    tile.mod += step->mod;
    if (tile.mod >= k->c->rows) {
      tile.mod -= k->c->rows;
      tile.row += e->g;
    }
  }
  return WEFT_OK;
}

weft_status weft_check_exc(weft_check *k, const weft_insn *i) {
  exc e = {0};
  WEFT_TRY(read_exc(k, i, &e));
  WEFT_TRY(check_form(k, &e));
  if (e.depthwise && e.n_groups > e.g)
    return weft_check_fail(k, "n-groups beyond the words of a pixel", "N_GROUPS <= G (DEPTHWISE)");
  if (e.last_k && e.n_groups > e.out_g)
    return weft_check_fail(k, "output pixels that overlap", "N_GROUPS <= OUT_WORDS.G");
  WEFT_TRY(take_weights(k, &e));
  int64_t batch[2] = {0, 0};
  for (int64_t ng = 0; ng < e.n_groups; ng++)
    if (ng == 0 || e.depthwise || e.add)
      WEFT_TRY(walk_group(k, &e, ng, 0, batch));
  for (int64_t ng = 0; ng < e.n_groups; ng++)
    WEFT_TRY(walk_group(k, &e, ng, 1, batch));
  k->open = !e.last_k;
  k->open_rows = e.last_rows;
  return WEFT_OK;
}
