/* SPDX-License-Identifier: Apache-2.0 */
/* Drain: bias, requantization, ADD, clamp, write. Arithmetic wraps at 32 bits
 * outside mbqm (configs/README.md, Drain and Arithmetic). */
#include "sim/model/exc.h"

static int32_t wrap32(uint32_t v) { return (int32_t)v; }

static int32_t add32(int32_t a, int32_t b) { return wrap32((uint32_t)a + (uint32_t)b); }
static int32_t shl32(int32_t a, uint32_t n) { return wrap32((uint32_t)a << n); }

/* Rounding doubling high multiply, then rounding shift, half away from zero. */
static int32_t mbqm(int32_t x, uint32_t m, uint32_t rs) {
  int64_t h = ((int64_t)x * (int64_t)m + (INT64_C(1) << 30)) >> 31;
  if (rs != 0)
    h = (h + (INT64_C(1) << (rs - 1)) - (h < 0)) >> rs;
  return wrap32((uint32_t)h);
}

static int32_t clamp(int32_t v, int32_t lo, int32_t hi) {
  v = v < lo ? lo : v;
  return v > hi ? hi : v;
}

static int32_t requantize(const model_exc_job *j, int32_t acc, const model_params *p) {
  int32_t x = add32(acc, p->bias);
  return clamp(add32(mbqm(shl32(x, p->ls), p->m, p->rs), j->zp), j->lo, j->hi);
}

static int32_t add_residual(const model_exc_job *j, int32_t y, int8_t res) {
  int32_t a = mbqm(shl32(add32(y, -j->z1), j->add_ls), j->m1, j->rs1);
  int32_t b = mbqm(shl32(add32(res, -j->z2), j->add_ls), j->m2, j->rs2);
  return clamp(add32(mbqm(add32(a, b), j->m3, j->rs3), j->zo), j->add_lo, j->add_hi);
}

static uint8_t *out_word(const weft_model *m, const model_exc_job *j, uint32_t x, uint32_t y, uint32_t group) {
  uint32_t xx = x >> j->out_px, yy = y >> j->out_py;
  uint32_t row = j->out.row + (j->out_px & x) * j->plane_x + (j->out_py & y) * j->plane_y;
  return model_word(m, row + yy * j->out_pitch_row + group, j->out.mod + yy * j->out_pitch_mod + xx, j->out_g);
}

void model_drain(weft_model *m, const model_exc_job *j, const model_tile *t, const model_params *params) {
  model_params p[MODEL_MAX_COLS];
  for (int32_t c = 0; c < m->cols; c++) {
    p[c] = params[c];
    if (j->params == 1)
      p[c] = (model_params){.bias = params[c].bias, .m = j->scalar.m, .ls = j->scalar.ls, .rs = j->scalar.rs};
  }
  for (uint32_t r = 0; r < t->n_rows; r++) {
    uint32_t x = (uint32_t)(t->x[r] - j->x0), y = (uint32_t)(t->y[r] - j->y0);
    if (x >= (uint32_t)j->valid)
      continue;
    uint8_t *to = out_word(m, j, x, y, t->group);
    const uint8_t *res = model_word(m, j->res.row + y * j->res_pitch_row + t->group,
                                    j->res.mod + y * j->res_pitch_mod + x, j->out_g);
    for (int32_t c = 0; c < m->cols; c++) {
      int32_t v = requantize(j, m->acc[r][c], &p[c]);
      to[c] = (uint8_t)(j->add ? add_residual(j, v, (int8_t)res[c]) : v);
    }
  }
}
