/* SPDX-License-Identifier: Apache-2.0 */
/* Plain reference of one EXC, written from configs/README.md and nothing else:
 * memories are byte arrays, an instruction is a struct, loops are the text.
 * Sizes come from -D options of the build (ROWS COLS LANES HOP ACC_BITS TAPS
 * SPM_KIB RING_KIB BEAT_BYTES), the same that parameterize the RTL. */
#ifndef WEFT_TESTS_CORE_REF_H
#define WEFT_TESTS_CORE_REF_H

#include <cstdint>
#include <cstring>
#include <vector>

enum { B = COLS, SPM_ROWS = SPM_KIB * 1024 / (ROWS * COLS), RING_WORDS = RING_KIB * 1024 / COLS,
       SLICES = COLS / LANES };

struct Tap { int drow, dmod, ylo, yhi, xlo, xhi; };

struct Chan { int32_t bias; uint32_t mult; int ls, rs; };

struct Job {
  int n_tiles, last_rows, n_groups, n_taps, tap_base;
  bool depthwise, max, unit, stream, one_row, first_k, last_k;
  int in_row, in_mod, g, tail, xs_row, xs_mod, ys_row, ys_mod, x0, y0, pad, width, valid;
  int out_row, out_mod, px, py, op_row, op_mod, out_g, plane_x, plane_y;
  int lo, hi, zp, params, add;
  Chan scalar;
  uint32_t m1, m2, m3;
  int rs1, rs2, rs3, add_ls, z1, z2, zo, add_lo, add_hi, res_row, res_mod, rp_row, rp_mod;
  std::vector<Tap> taps;
  std::vector<std::vector<int8_t>> words;      /* ring words in WT order */
  std::vector<std::vector<Chan>> sets;         /* one set an n-group    */
  int tile_steps() const { return n_taps * (depthwise ? 1 : (g - 1) * B + tail); }
  int tile_rows(int t) const { return t == n_tiles - 1 ? last_rows : one_row ? 1 : ROWS; }
};

struct Spm {
  int8_t mem[ROWS][SPM_ROWS][B];
  bool rd[ROWS][SPM_ROWS], wr[ROWS][SPM_ROWS];
  void forget() { memset(rd, 0, sizeof rd); memset(wr, 0, sizeof wr); }
};

static inline int wrap_row(long row) { return (int)(((row % SPM_ROWS) + SPM_ROWS) % SPM_ROWS); }

static inline int32_t mbqm(int32_t x, int ls, uint32_t m, int rs) {
  int64_t s = (int32_t)((uint32_t)x << ls);
  int64_t h = (s * (int64_t)m + (1ll << 30)) >> 31;
  return (int32_t)(rs ? (h + (1ll << (rs - 1)) - (h < 0)) >> rs : h);
}

static inline int32_t clampi(int32_t v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }
static inline int32_t add32(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }

struct Core {
  int32_t acc[ROWS][COLS];
};

/* One step of the array: word k of a tap, on each row's pixel. */
static inline void ref_step(Core &c, Spm &s, const Job &j, const Tap &tp, const int8_t *w, int t, int ng, int g, int k,
                            long base_row, int base_mod, bool first) {
  const int P = j.one_row ? 1 : ROWS;
  for (int r = 0; r < ROWS; r++) {
    const long i = (long)t * P + r;
    const long x = j.x0 + i % j.width, y = j.y0 + i / j.width;
    const int m = base_mod + tp.dmod + r;
    const int bank = m % ROWS;
    const int row = wrap_row(base_row + tp.drow + (j.depthwise ? ng : g) + (long)(m / ROWS) * j.g);
    const bool in = tp.xlo <= x && x <= tp.xhi && tp.ylo <= y && y <= tp.yhi;
    if (in && r < j.tile_rows(t)) s.rd[bank][row] = true;
    for (int col = 0; col < COLS; col++) {
      const int v = in ? s.mem[bank][row][j.depthwise ? col : k] : j.pad;
      const int p = (w ? w[col] : 1) * v;
      int32_t &a = c.acc[r][col];
      int64_t n = first && j.first_k ? p : j.max ? (p > a ? p : a) : (int64_t)a + p;
      a = (int32_t)((uint32_t)n << (32 - ACC_BITS)) >> (32 - ACC_BITS);
    }
  }
}

static inline void ref_tile(Core &c, Spm &s, const Job &j, size_t &ring, int t, int ng, long base_row, int base_mod) {
  bool first = true;
  for (int tap = 0; tap < j.n_taps; tap++)
    for (int g = 0; g < (j.depthwise ? 1 : j.g); g++) {
      const int bytes = j.depthwise ? 1 : g == j.g - 1 ? j.tail : B;
      for (int k = 0; k < bytes; k++) {
        const int8_t *w = j.unit ? nullptr : j.words[ring++].data();
        ref_step(c, s, j, j.taps[(size_t)tap], w, t, ng, g, k, base_row, base_mod, first);
        first = false;
      }
    }
}

static inline int8_t ref_value(const Job &j, int32_t acc, int ng, int col, int8_t residual) {
  Chan ch = j.scalar;
  if (j.params) {
    const Chan &st = j.sets[(size_t)ng][(size_t)col];
    ch.bias = st.bias;
    if (j.params == 2) ch = st;
  }
  int32_t v = mbqm(add32(acc, ch.bias), ch.ls, ch.mult, ch.rs);
  v = clampi(add32(v, j.zp), j.lo, j.hi);
  if (j.add) {
    const int32_t a = mbqm(v - j.z1, j.add_ls, j.m1, j.rs1);
    const int32_t b = mbqm(residual - j.z2, j.add_ls, j.m2, j.rs2);
    v = clampi(add32(mbqm(add32(a, b), 0, j.m3, j.rs3), j.zo), j.add_lo, j.add_hi);
  }
  return (int8_t)v;
}

/* One row of a tile leaves the array: pixel (y >> PY, x >> PX) of its plane; pitch
 * in rows and banks. */
static inline void ref_drain(Core &c, Spm &s, const Job &j, int t, int r, int ng) {
  const long i = (long)t * (j.one_row ? 1 : ROWS) + r;
  const int xx = (int)(i % j.width), yy = (int)(i / j.width);
  if (xx >= j.valid) return;
  const long px = xx >> j.px, py = yy >> j.py;
  const long om = j.out_mod + py * j.op_mod + px;
  const int bank = (int)(om % ROWS);
  const int row = wrap_row(j.out_row + py * j.op_row + (om / ROWS) * j.out_g + ng +
                           (j.px && (xx & 1) ? j.plane_x : 0) + (j.py && (yy & 1) ? j.plane_y : 0));
  const long rm = j.res_mod + (long)yy * j.rp_mod + xx;
  const int rbank = (int)(rm % ROWS);
  const int rrow = wrap_row(j.res_row + (long)yy * j.rp_row + (rm / ROWS) * j.out_g + ng);
  if (j.add) s.rd[rbank][rrow] = true;
  int8_t out[COLS];
  for (int col = 0; col < COLS; col++) out[col] = ref_value(j, c.acc[r][col], ng, col, s.mem[rbank][rrow][col]);
  memcpy(s.mem[bank][row], out, COLS);
  s.wr[bank][row] = true;
}

/* Where the next tile begins. */
static inline void ref_advance(const Job &j, int t, long &base_row, int &base_mod) {
  const bool is_line_end = j.one_row && t % j.width == j.width - 1;
  base_mod += is_line_end ? j.ys_mod : j.xs_mod;
  base_row += is_line_end ? j.ys_row : j.xs_row;
  if (base_mod >= ROWS) {
    base_mod -= ROWS;
    base_row += j.g;
  }
}

/* Runs job j on s; ring word position is local. Accumulators live in c. */
static inline void ref_exc(Core &c, Spm &s, const Job &j) {
  size_t ring = 0;
  for (int ng = 0; ng < j.n_groups; ng++) {
    long base_row = j.in_row;
    int base_mod = j.in_mod;
    const size_t ring_group = ring;
    for (int t = 0; t < j.n_tiles; t++) {
      if (!j.stream) ring = ring_group;
      ref_tile(c, s, j, ring, t, ng, base_row, base_mod);
      for (int r = 0; j.last_k && r < j.tile_rows(t); r++) ref_drain(c, s, j, t, r, ng);
      ref_advance(j, t, base_row, base_mod);
    }
  }
}

#endif
