/* SPDX-License-Identifier: Apache-2.0 */
/* Random jobs at instruction level. A job is drawn, walked once to learn which
 * words it reads and writes, and drawn again if it is not defined. */
#include <string.h>

#include "tests/common/prog_builder.h"

enum { EXTRA_BYTES = 8192, MAX_PARTS = 3, MAX_DRAWS = 200, MAX_STEPS = 40000 };

typedef struct job_part {       /* one EXC                                    */
  uint32_t n_taps, tap_base, in_g, tail, steps;
  int32_t drow[64], dmod[64], ylo[64], yhi[64], xlo[64], xhi[64];
  uint32_t in_row, in_mod;
} job_part;

typedef struct job {
  bool depthwise, unit, max, stream, one_row, add, px, py;
  uint32_t params;
  int n_parts;
  job_part part[MAX_PARTS];
  uint32_t n_tiles, n_groups, last_rows, width, valid, x0, y0;
  int32_t pad, x_drow, y_drow;
  uint32_t x_dmod, y_dmod;
  uint32_t out_row, out_mod, out_g, pitch_row, pitch_mod, plane_x, plane_y;
  uint32_t res_row, res_mod, res_pitch_row, res_pitch_mod;
} job;

typedef struct maker {
  weft_arena *arena;
  weft_rng *rng;
  const weft_config *c;
  prog_builder *b;
  uint32_t features, rows, cols, depth;
  uint8_t *marks;               /* a word: 1 read, 2 written                  */
} maker;

static uint32_t pick(maker *m, int64_t lo, int64_t hi) { return (uint32_t)weft_rng_range(m->rng, lo, hi); }
static bool may(maker *m, uint32_t feature, int one_in) {
  return (m->features & feature) != 0 && pick(m, 1, one_in) == 1;
}

/* ---- drawing ------------------------------------------------------------ */
static void draw_tap(maker *m, const job *j, job_part *p, uint32_t k) {
  uint32_t lines = (j->n_tiles * m->rows) / j->width + 1, how = pick(m, 0, 7);
  p->drow[k] = (int32_t)pick(m, 0, 12) - 6;
  p->dmod[k] = (int32_t)pick(m, 0, m->rows - 1);
  p->xlo[k] = p->ylo[k] = 0;
  p->xhi[k] = p->yhi[k] = 4095;
  if (how == 0) {
    p->xlo[k] = 1;
    p->xhi[k] = 0;
  } else if (how < 5) {
    p->xlo[k] = (int32_t)(j->x0 + pick(m, 0, 2));
    p->xhi[k] = (int32_t)(j->x0 + j->width - 1 - pick(m, 0, j->width > 2 ? 2 : 0));
    p->ylo[k] = (int32_t)(j->y0 + pick(m, 0, 2));
    p->yhi[k] = (int32_t)(j->y0 + pick(m, 0, lines));
  }
}

static void draw_part(maker *m, const job *j, job_part *p) {
  uint32_t longest = pick(m, 0, 5) == 0 ? 40 : 9;
  p->n_taps = pick(m, 1, longest < (uint32_t)m->c->taps ? longest : (uint32_t)m->c->taps);
  p->tap_base = pick(m, 0, (uint32_t)m->c->taps - p->n_taps);
  p->in_g = pick(m, 1, 4);
  p->tail = pick(m, 1, m->cols);
  p->steps = j->depthwise ? p->n_taps : p->n_taps * ((p->in_g - 1) * m->cols + p->tail);
  p->in_row = pick(m, 0, m->depth - 1);
  p->in_mod = pick(m, 0, m->rows - 1);
  for (uint32_t k = 0; k < p->n_taps; k++)
    draw_tap(m, j, p, k);
}

static void draw_kind(maker *m, job *j) {
  uint32_t both = m->features & (PROG_DENSE | PROG_DEPTHWISE);
  j->depthwise = both == PROG_DEPTHWISE || (both != PROG_DENSE && pick(m, 0, 1) == 1);
  j->unit = may(m, PROG_UNIT, 3);
  j->max = j->unit && may(m, PROG_MAX, 2);
  j->stream = may(m, PROG_STREAM, 3);
  j->one_row = may(m, PROG_ONE_ROW, 4);
  j->add = may(m, PROG_ADD, 3);
  j->params = (m->features & PROG_PARAMS) != 0 ? pick(m, 0, 2) : 0;
  j->n_parts = may(m, PROG_KSPLIT, 5) ? (int)pick(m, 2, MAX_PARTS) : 1;
}

static void draw_input(maker *m, job *j) {
  uint32_t p = j->one_row ? 1 : m->rows;
  j->n_tiles = j->n_parts > 1 ? 1 : pick(m, 1, j->one_row ? 20 : 6);
  j->n_groups = j->n_parts > 1 ? 1 : pick(m, 1, 3);
  j->last_rows = pick(m, 1, p);
  j->width = pick(m, 1, 20);
  j->valid = pick(m, 0, 1) ? j->width : pick(m, 1, j->width);
  j->x0 = pick(m, 0, 3) == 0 ? pick(m, 0, 4000) : pick(m, 0, 5);
  j->y0 = pick(m, 0, 3) == 0 ? pick(m, 0, 3800) : pick(m, 0, 5);
  j->pad = (int32_t)pick(m, 0, 255) - 128;
  j->x_drow = j->one_row || pick(m, 0, 3) == 0 ? (int32_t)pick(m, 0, 6) - 2 : 4;
  j->x_dmod = j->one_row || pick(m, 0, 3) == 0 ? pick(m, 0, m->rows - 1) : 0;
  j->y_drow = (int32_t)pick(m, 0, 10) - 3;
  j->y_dmod = pick(m, 0, m->rows - 1);
}

static void draw_output(maker *m, job *j) {
  uint32_t pixels = (j->n_tiles - 1) * (j->one_row ? 1 : m->rows) + j->last_rows;
  uint32_t lines = (pixels + j->width - 1) / j->width;
  j->px = may(m, PROG_PLANES, 3);
  j->py = may(m, PROG_PLANES, 3);
  uint32_t pitch = (j->valid >> j->px) + 1 + pick(m, 0, 3), rows = (lines >> j->py) + 1;
  j->out_g = j->n_groups + pick(m, 0, 2);
  j->out_row = pick(m, 0, m->depth - 1);
  j->out_mod = pick(m, 0, m->rows - 1);
  j->pitch_row = pitch / m->rows * j->out_g;
  j->pitch_mod = pitch % m->rows;
  j->plane_x = (pitch * rows / m->rows + 2) * j->out_g + pick(m, 0, 3);
  j->plane_y = j->plane_x * 2 + pick(m, 0, 3);
  uint32_t res_pitch = j->valid + pick(m, 0, 3);
  j->res_row = pick(m, 0, m->depth - 1);
  j->res_mod = pick(m, 0, m->rows - 1);
  j->res_pitch_row = res_pitch / m->rows * j->out_g;
  j->res_pitch_mod = res_pitch % m->rows;
}

static void draw(maker *m, job *j) {
  memset(j, 0, sizeof *j);
  draw_kind(m, j);
  draw_input(m, j);
  for (int k = 0; k < j->n_parts; k++)
    draw_part(m, j, &j->part[k]);
  draw_output(m, j);
}

/* ---- walking ------------------------------------------------------------ */
static uint8_t *mark_at(maker *m, uint32_t row, uint32_t mod, uint32_t g) {
  row = (row + mod / m->rows * g) % m->depth;
  return &m->marks[(size_t)(mod % m->rows) * m->depth + row];
}

static bool mark_write(maker *m, uint32_t row, uint32_t mod, uint32_t g) {
  uint8_t *at = mark_at(m, row, mod, g);
  bool fresh = *at == 0;
  *at = 2;
  return fresh;
}

static bool mark_read(maker *m, uint32_t row, uint32_t mod, uint32_t g) {
  uint8_t *at = mark_at(m, row, mod, g);
  bool free_of_writes = *at != 2;
  *at = 1;
  return free_of_writes;
}

static bool mark_output(maker *m, const job *j, uint32_t xx, uint32_t yy, uint32_t group) {
  uint32_t row = j->out_row + (xx & j->px) * j->plane_x + (yy & j->py) * j->plane_y + (yy >> j->py) * j->pitch_row;
  return mark_write(m, row + group, j->out_mod + (yy >> j->py) * j->pitch_mod + (xx >> j->px), j->out_g);
}

static bool mark_taps(maker *m, const job *j, const job_part *p, uint32_t row, uint32_t mod, uint32_t x, uint32_t y,
                      uint32_t group) {
  bool ok = true;
  for (uint32_t k = 0; k < p->n_taps; k++) {
    if ((int32_t)x < p->xlo[k] || (int32_t)x > p->xhi[k] || (int32_t)y < p->ylo[k] || (int32_t)y > p->yhi[k])
      continue;
    for (uint32_t g = 0; g < (j->depthwise ? 1 : p->in_g); g++) {
      uint32_t word = j->depthwise ? group : g;
      ok &= mark_read(m, row + (uint32_t)p->drow[k] + word, mod + (uint32_t)p->dmod[k], p->in_g);
    }
  }
  return ok;
}

static bool mark_pixel(maker *m, const job *j, int part, uint32_t i, uint32_t row, uint32_t mod, uint32_t group) {
  uint32_t xx = i % j->width, yy = i / j->width;
  bool ok = true;
  if (xx >= j->valid)
    return true;
  ok &= mark_taps(m, j, &j->part[part], row, mod, j->x0 + xx, j->y0 + yy, group);
  if (part + 1 < j->n_parts)
    return ok;
  ok &= mark_output(m, j, xx, yy, group);
  if (j->add)
    ok &= mark_read(m, j->res_row + yy * j->res_pitch_row + group, j->res_mod + yy * j->res_pitch_mod + xx, j->out_g);
  return ok;
}

static bool walk_part(maker *m, const job *j, int part) {
  const job_part *p = &j->part[part];
  uint32_t n = j->one_row ? 1 : m->rows;
  bool ok = true;
  for (uint32_t group = 0; group < j->n_groups; group++) {
    uint32_t row = p->in_row, mod = p->in_mod;
    for (uint32_t t = 0; t < j->n_tiles; t++) {
      uint32_t rows = t + 1 == j->n_tiles ? j->last_rows : n;
      for (uint32_t r = 0; r < rows; r++)
        ok &= mark_pixel(m, j, part, t * n + r, row, mod + r, group);
      bool line = j->one_row && (t + 1) % j->width == 0;
      row += (uint32_t)(line ? j->y_drow : j->x_drow);
      mod += line ? j->y_dmod : j->x_dmod;
      if (mod >= m->rows) {
        mod -= m->rows;
        row += p->in_g;
      }
    }
  }
  return ok;
}

static bool defined(maker *m, const job *j) {
  uint32_t steps = 0;
  bool ok = true;
  memset(m->marks, 0, (size_t)m->rows * m->depth);
  for (int k = 0; k < j->n_parts; k++) {
    steps += j->part[k].steps * j->n_tiles * j->n_groups;
    ok &= walk_part(m, j, k);
    if (!j->unit && !j->stream && (int32_t)j->part[k].steps > weft_ring_words(m->c) - 2)
      return false;
  }
  return ok && steps <= MAX_STEPS;
}

/* ---- emitting ----------------------------------------------------------- */
#define PUT(reg, field, value) weft_engreg_set(&reg, WEFT_R_EX_##field, value)

static void cfg(maker *m, uint32_t reg, uint32_t value) { prog_cfg(m->b, WEFT_Q_EX, reg, value); }

static uint32_t multiplier(maker *m) {
  bool extreme = (m->features & PROG_EXTREME) != 0;
  switch (extreme ? pick(m, 0, 5) : 5) {
  case 0:
    return 0x7fffffff;
  case 1:
    return 0x40000000;
  case 2:
    return pick(m, 0, 1);
  default:
    return 0x40000000 + pick(m, 0, 0x3fffffff);
  }
}

static uint32_t right_shift(maker *m) {
  return (m->features & PROG_EXTREME) != 0 && pick(m, 0, 2) == 0 ? pick(m, 0, 31) : pick(m, 3, 9);
}

static uint32_t left_shift(maker *m) {
  return (m->features & PROG_EXTREME) != 0 && pick(m, 0, 4) == 0 ? pick(m, 0, 31) : pick(m, 0, 1);
}

static int32_t bias(maker *m) {
  if ((m->features & PROG_EXTREME) == 0 || pick(m, 0, 2) != 0)
    return (int32_t)pick(m, 0, 8192) - 4096;
  switch (pick(m, 0, 3)) {
  case 0:
    return INT32_MIN;
  case 1:
    return INT32_MAX;
  default:
    return (int32_t)(1u << 30) - (int32_t)pick(m, 0, 1000);
  }
}

static int64_t byte(maker *m) {
  switch ((m->features & PROG_EXTREME) != 0 ? pick(m, 0, 3) : 3) {
  case 0:
    return -128;
  case 1:
    return 127;
  default:
    return (int64_t)pick(m, 0, 255) - 128;
  }
}

static void emit_clamp(maker *m, uint32_t reg, weft_engfield lo_field, weft_engfield hi_field, uint32_t value) {
  int64_t lo = pick(m, 0, 2) ? -128 : byte(m), hi = pick(m, 0, 2) ? 127 : byte(m);
  weft_engreg_set(&value, lo_field, lo < hi ? lo : hi);
  weft_engreg_set(&value, hi_field, lo < hi ? hi : lo);
  cfg(m, reg, value);
}

static void emit_add(maker *m, const job *j) {
  uint32_t shift = 0, zp = 0, res = 0, pitch = 0;
  const bool extreme = (m->features & PROG_EXTREME) != 0;
  cfg(m, WEFT_REG_EX_ADD_M1, multiplier(m));
  cfg(m, WEFT_REG_EX_ADD_M2, multiplier(m));
  cfg(m, WEFT_REG_EX_ADD_M3, multiplier(m));
  PUT(shift, ADD_SHIFT_RS1, pick(m, 0, extreme ? 31 : 3));
  PUT(shift, ADD_SHIFT_RS2, pick(m, 0, extreme ? 31 : 3));
  PUT(shift, ADD_SHIFT_RS3, extreme ? pick(m, 0, 31) : pick(m, 17, 21));
  PUT(shift, ADD_SHIFT_LS, extreme && pick(m, 0, 2) == 0 ? pick(m, 0, 31) : 20);
  cfg(m, WEFT_REG_EX_ADD_SHIFT, shift);
  PUT(zp, ADD_ZP_Z1, byte(m));
  PUT(zp, ADD_ZP_Z2, byte(m));
  PUT(zp, ADD_ZP_ZO, byte(m));
  cfg(m, WEFT_REG_EX_ADD_ZP, zp);
  emit_clamp(m, WEFT_REG_EX_ADD_CLAMP, WEFT_R_EX_ADD_CLAMP_LO, WEFT_R_EX_ADD_CLAMP_HI, 0);
  PUT(res, RES_ROW, j->res_row);
  PUT(res, RES_MOD, j->res_mod);
  cfg(m, WEFT_REG_EX_RES, res);
  PUT(pitch, RES_PITCH_ROW, j->res_pitch_row);
  PUT(pitch, RES_PITCH_MOD, j->res_pitch_mod);
  cfg(m, WEFT_REG_EX_RES_PITCH, pitch);
}

static void emit_output(maker *m, const job *j) {
  uint32_t out = 0, pitch = 0, words = 0, planes = 0, clamp = 0, post = 0;
  PUT(out, OUT_ROW, j->out_row);
  PUT(out, OUT_MOD, j->out_mod);
  PUT(out, OUT_PX, j->px);
  PUT(out, OUT_PY, j->py);
  cfg(m, WEFT_REG_EX_OUT, out);
  PUT(pitch, OUT_PITCH_ROW, j->pitch_row);
  PUT(pitch, OUT_PITCH_MOD, j->pitch_mod);
  cfg(m, WEFT_REG_EX_OUT_PITCH, pitch);
  PUT(words, OUT_WORDS_G, j->out_g);
  PUT(words, OUT_WORDS_PLANE_X, j->plane_x);
  cfg(m, WEFT_REG_EX_OUT_WORDS, words);
  PUT(planes, OUT_PLANES_PLANE_Y, j->plane_y);
  cfg(m, WEFT_REG_EX_OUT_PLANES, planes);
  PUT(clamp, CLAMP_ZP, byte(m));
  emit_clamp(m, WEFT_REG_EX_CLAMP, WEFT_R_EX_CLAMP_LO, WEFT_R_EX_CLAMP_HI, clamp);
  PUT(post, POST_LS, left_shift(m));
  PUT(post, POST_RS, right_shift(m));
  PUT(post, POST_PARAMS, j->params);
  PUT(post, POST_ADD, j->add);
  cfg(m, WEFT_REG_EX_POST, post);
  cfg(m, WEFT_REG_EX_MULT, multiplier(m));
  cfg(m, WEFT_REG_EX_BIAS, (uint32_t)bias(m));
  if (j->add)
    emit_add(m, j);
}

static void emit_input(maker *m, const job *j, const job_part *p) {
  uint32_t in = 0, words = 0, x_step = 0, y_step = 0, origin = 0, raster = 0;
  PUT(in, IN_ROW, p->in_row);
  PUT(in, IN_MOD, p->in_mod);
  cfg(m, WEFT_REG_EX_IN, in);
  PUT(words, IN_WORDS_G, p->in_g);
  PUT(words, IN_WORDS_TAIL, p->tail);
  cfg(m, WEFT_REG_EX_IN_WORDS, words);
  PUT(x_step, X_STEP_DROW, j->x_drow);
  PUT(x_step, X_STEP_DMOD, j->x_dmod);
  cfg(m, WEFT_REG_EX_X_STEP, x_step);
  PUT(y_step, Y_STEP_DROW, j->y_drow);
  PUT(y_step, Y_STEP_DMOD, j->y_dmod);
  cfg(m, WEFT_REG_EX_Y_STEP, y_step);
  PUT(origin, ORIGIN_X0, j->x0);
  PUT(origin, ORIGIN_Y0, j->y0);
  PUT(origin, ORIGIN_PAD, j->pad);
  cfg(m, WEFT_REG_EX_ORIGIN, origin);
  PUT(raster, RASTER_WIDTH, j->width);
  PUT(raster, RASTER_VALID, j->valid);
  cfg(m, WEFT_REG_EX_RASTER, raster);
}

static void emit_taps(maker *m, const job_part *p) {
  for (uint32_t k = 0; k < p->n_taps; k++) {
    weft_insn i = weft_insn_make(WEFT_I_TAP);
    weft_insn_set(&i, WEFT_F_TAP_INDEX, p->tap_base + k);
    weft_insn_set(&i, WEFT_F_TAP_DROW, p->drow[k]);
    weft_insn_set(&i, WEFT_F_TAP_DMOD, p->dmod[k]);
    weft_insn_set(&i, WEFT_F_TAP_YLO, p->ylo[k]);
    weft_insn_set(&i, WEFT_F_TAP_YHI, p->yhi[k] < 4096 ? p->yhi[k] : 4095);
    weft_insn_set(&i, WEFT_F_TAP_XLO, p->xlo[k]);
    weft_insn_set(&i, WEFT_F_TAP_XHI, p->xhi[k] < 4096 ? p->xhi[k] : 4095);
    prog_add(m->b, i);
  }
}

static void fill_params(maker *m, uint8_t *at, uint32_t params) {
  for (uint32_t c = 0; c < m->cols; c++)
    weft_put_le32(at + 4 * (size_t)c, (uint32_t)bias(m));
  if (params != 2)
    return;
  for (uint32_t c = 0; c < m->cols; c++) {
    weft_put_le32(at + 4 * (size_t)(m->cols + c), multiplier(m));
    weft_put_le32(at + 4 * (size_t)(2 * m->cols + c), left_shift(m) | right_shift(m) << 8);
  }
}

static void emit_wt(maker *m, const job *j, const job_part *p, bool last) {
  uint32_t params = last ? j->params : 0, n_words = j->unit ? 0 : p->steps;
  size_t head = params == 0 ? 0 : (params == 1 ? 4 : 12) * (size_t)m->cols;
  size_t group = head + (size_t)n_words * m->cols;
  if (group == 0)
    return;
  uint8_t *bytes = WEFT_NEW(m->arena, uint8_t, group * j->n_groups);
  for (uint32_t n = 0; n < j->n_groups; n++) {
    uint8_t *at = bytes + group * n;
    if (params != 0)
      fill_params(m, at, params);
    for (size_t k = head; k < group; k++)
      at[k] = (uint8_t)byte(m);
  }
  uint32_t at = prog_constants(m->b, bytes, group * j->n_groups);
  uint32_t repeats = j->stream && !j->unit ? j->n_tiles : 1;
  if (pick(m, 0, 2) != 0) {
    prog_wt(m->b, at, n_words, j->n_groups, repeats, params);
    return;
  }
  for (uint32_t n = 0; n < j->n_groups; n++)
    prog_wt(m->b, at + (uint32_t)group * n, n_words, 1, repeats, params);
}

static void emit_exc(maker *m, const job *j, int part) {
  const job_part *p = &j->part[part];
  weft_insn i = weft_insn_make(WEFT_I_EXC);
  weft_insn_set(&i, WEFT_F_EXC_N_TILES, j->n_tiles);
  weft_insn_set(&i, WEFT_F_EXC_LAST_ROWS, j->last_rows);
  weft_insn_set(&i, WEFT_F_EXC_N_GROUPS, j->n_groups);
  weft_insn_set(&i, WEFT_F_EXC_N_TAPS, p->n_taps);
  weft_insn_set(&i, WEFT_F_EXC_TAP_BASE, p->tap_base);
  weft_insn_set(&i, WEFT_F_EXC_DEPTHWISE, j->depthwise);
  weft_insn_set(&i, WEFT_F_EXC_MAX, j->max);
  weft_insn_set(&i, WEFT_F_EXC_UNIT, j->unit);
  weft_insn_set(&i, WEFT_F_EXC_STREAM, j->stream);
  weft_insn_set(&i, WEFT_F_EXC_ONE_ROW, j->one_row);
  weft_insn_set(&i, WEFT_F_EXC_FIRST_K, part == 0);
  weft_insn_set(&i, WEFT_F_EXC_LAST_K, part + 1 == j->n_parts);
  prog_add_serial(m->b, i);
}

static void random_exc(maker *m) {
  job *j = WEFT_NEW(m->arena, job, 1);
  int draws = 0;
  do {
    draw(m, j);
    if (++draws > MAX_DRAWS)
      return;
  } while (!defined(m, j));
  emit_output(m, j);
  for (int k = 0; k < j->n_parts; k++) {
    emit_input(m, j, &j->part[k]);
    emit_taps(m, &j->part[k]);
    emit_wt(m, j, &j->part[k], k + 1 == j->n_parts);
    emit_exc(m, j, k);
  }
}

/* ---- LD and ST ---------------------------------------------------------- */
typedef struct dma {
  uint32_t lines, width, channels, px, py, pitch_bytes, offset, row, mod, g, pitch_row, pitch_mod, plane_x, plane_y;
} dma;

static void draw_dma(maker *m, dma *d, bool load) {
  *d = (dma){.lines = pick(m, 1, 6), .width = pick(m, 1, 20), .channels = pick(m, 1, 3 * (int64_t)m->cols)};
  d->px = may(m, PROG_PLANES, 2);
  d->py = may(m, PROG_PLANES, 2);
  uint32_t line = d->width * d->channels, pitch = (d->width >> d->px) + 1 + pick(m, 0, 3);
  d->pitch_bytes = load ? pick(m, 0, line + 20) : line + pick(m, 0, 20);
  d->offset = pick(m, 0, 99);
  d->g = (d->channels + m->cols - 1) / m->cols + pick(m, 0, 1);
  d->row = pick(m, 0, m->depth - 1);
  d->mod = pick(m, 0, m->rows - 1);
  d->pitch_row = pitch / m->rows * d->g;
  d->pitch_mod = pitch % m->rows;
  d->plane_x = (pitch * ((d->lines >> d->py) + 1) / m->rows + 2) * d->g + pick(m, 0, 3);
  d->plane_y = 2 * d->plane_x + pick(m, 0, 3);
}

static bool dma_defined(maker *m, const dma *d) {
  bool ok = d->offset + (d->lines - 1) * d->pitch_bytes + d->width * d->channels <= EXTRA_BYTES;
  memset(m->marks, 0, (size_t)m->rows * m->depth);
  for (uint32_t l = 0; l < d->lines; l++)
    for (uint32_t x = 0; x < d->width; x++)
      for (uint32_t w = 0; w * m->cols < d->channels; w++)
        ok &= mark_write(m, d->row + (x & d->px) * d->plane_x + (l & d->py) * d->plane_y + (l >> d->py) * d->pitch_row + w,
                         d->mod + (l >> d->py) * d->pitch_mod + (x >> d->px), d->g);
  return ok;
}

static void random_dma(maker *m, bool load, uint32_t spm_bytes) {
  dma d;
  int draws = 0;
  do {
    draw_dma(m, &d, load);
    if (++draws > MAX_DRAWS)
      return;
  } while (!dma_defined(m, &d));
  weft_queue q = load ? WEFT_Q_LD : WEFT_Q_ST;
  uint32_t words = 0, pitch = 0, planes = 0;
  weft_engreg_set(&words, WEFT_R_LD_WORDS_G, d.g);
  weft_engreg_set(&words, WEFT_R_LD_WORDS_MOD, d.mod);
  weft_engreg_set(&pitch, WEFT_R_LD_PITCH_ROW, d.pitch_row);
  weft_engreg_set(&pitch, WEFT_R_LD_PITCH_MOD, d.pitch_mod);
  weft_engreg_set(&planes, WEFT_R_LD_PLANES_PLANE_X, d.plane_x);
  weft_engreg_set(&planes, WEFT_R_LD_PLANES_PLANE_Y, d.plane_y);
  prog_cfg(m->b, q, WEFT_REG_LD_LINE, d.pitch_bytes);
  prog_cfg(m->b, q, WEFT_REG_LD_WORDS, words);
  prog_cfg(m->b, q, WEFT_REG_LD_PITCH, pitch);
  prog_cfg(m->b, q, WEFT_REG_LD_PLANES, planes);
  weft_insn i = weft_insn_make(load ? WEFT_I_LD : WEFT_I_ST);
  weft_insn_set(&i, load ? WEFT_F_LD_OFFSET : WEFT_F_ST_OFFSET, spm_bytes + d.offset);
  weft_insn_set(&i, load ? WEFT_F_LD_ROW : WEFT_F_ST_ROW, d.row);
  weft_insn_set(&i, load ? WEFT_F_LD_LINES : WEFT_F_ST_LINES, d.lines);
  weft_insn_set(&i, load ? WEFT_F_LD_WIDTH : WEFT_F_ST_WIDTH, d.width);
  weft_insn_set(&i, load ? WEFT_F_LD_CHANNELS : WEFT_F_ST_CHANNELS, d.channels);
  weft_insn_set(&i, load ? WEFT_F_LD_REGION : WEFT_F_ST_REGION, load ? WEFT_REGION_INPUT : WEFT_REGION_OUTPUT);
  weft_insn_set(&i, load ? WEFT_F_LD_PX : WEFT_F_ST_PX, d.px);
  weft_insn_set(&i, load ? WEFT_F_LD_PY : WEFT_F_ST_PY, d.py);
  prog_add_serial(m->b, i);
}

weft_program *prog_random(weft_arena *arena, weft_rng *rng, const weft_config *config, uint32_t features, int n_ops) {
  maker m = {.arena = arena, .rng = rng, .c = config, .b = prog_builder_new(arena, config), .features = features,
             .rows = (uint32_t)config->rows, .cols = (uint32_t)config->cols,
             .depth = (uint32_t)weft_spm_rows(config)};
  uint32_t spm_bytes = (uint32_t)config->spm_kib * 1024;
  m.marks = WEFT_NEW(arena, uint8_t, (size_t)m.rows * m.depth);
  prog_dma_all(m.b, WEFT_I_LD, WEFT_REGION_INPUT, 0);
  for (int k = 0; k < n_ops; k++) {
    if (may(&m, PROG_LD, 6))
      random_dma(&m, true, spm_bytes);
    else if (may(&m, PROG_ST, 6))
      random_dma(&m, false, spm_bytes);
    else if ((features & (PROG_DENSE | PROG_DEPTHWISE)) != 0)
      random_exc(&m);
  }
  prog_dma_all(m.b, WEFT_I_ST, WEFT_REGION_OUTPUT, 0);
  return prog_finish(m.b, spm_bytes + EXTRA_BYTES, spm_bytes + EXTRA_BYTES);
}
