/* SPDX-License-Identifier: Apache-2.0 */
/* Random EX programs on the Verilated weft_core against core_ref.h: every
 * scratchpad byte after each program, the cycle of every issue (law in
 * weft_seq.sv), the cycle of every retirement, credits, order of retirement,
 * loads and stores beside the run. core_bench SEED PROGRAMS. */
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>

#include "Vweft_core.h"
#include "Vweft_core___024root.h"
#include "core_ref.h"
#include "verilated.h"

typedef unsigned __int128 u128;
struct Fld { int lsb, width; };
#define HEADER(name, lsb, width, doc) static const Fld H_##name = {lsb, width};
#define FIELD(insn, name, lsb, width, kind, doc) static const Fld F_##insn##_##name = {lsb, width};
#define ENGFIELD(queue, reg, name, lsb, width, kind, doc) \
  static const Fld R_##queue##_##reg##_##name = {lsb, width};
#define ENGREG(queue, name, index, doc) enum { REG_##queue##_##name = (index) };
#define INSN(name, opcode, queue, ordered, doc) enum { I_##name = (opcode) };
#include "configs/isa.def"

static u128 put(u128 w, Fld f, int64_t v) {
  return w | ((u128)((uint64_t)v & ((1ull << f.width) - 1)) << f.lsb);
}
static uint32_t putr(uint32_t w, Fld f, int64_t v) {
  const uint64_t mask = (1ull << f.width) - 1;
  return w | (uint32_t)(((uint64_t)v & mask) << f.lsb);
}

static std::mt19937_64 rng;
static int pick(int lo, int hi) { return lo + (int)(rng() % (uint64_t)(hi - lo + 1)); }
static bool chance(int percent) { return pick(1, 100) <= percent; }
static int8_t byte() { return chance(10) ? (chance(50) ? -128 : 127) : (int8_t)pick(-128, 127); }

enum { RESERVED = 4, LOW = SPM_ROWS - RESERVED };   /* rows for loads and stores beside the run */

static Chan random_chan() {
  Chan c;
  c.bias = chance(20) ? (int32_t)rng() : pick(-40000, 40000);
  c.mult = chance(10) ? 0 : chance(10) ? 0x7fffffffu : (uint32_t)pick(0x40000000, 0x7fffffff);
  c.ls = chance(70) ? 0 : pick(0, 31);
  c.rs = chance(60) ? pick(4, 11) : pick(0, 31);
  return c;
}

/* The order of the draws is part of a seed's meaning. */
static void draw_shape(Job &j) {
  j.depthwise = chance(45);
  j.unit = chance(25);
  j.max = j.unit && chance(50);
  j.one_row = chance(20);
  j.stream = !j.unit && chance(20);
  j.first_k = j.last_k = true;
  j.n_tiles = chance(15) ? 1 : pick(1, j.one_row ? 20 : 7);
  j.last_rows = j.one_row ? 1 : chance(40) ? ROWS : pick(1, ROWS);
  j.n_groups = chance(50) ? 1 : pick(1, 3);
  j.n_taps = chance(20) ? 1 : pick(1, chance(20) ? 12 : 5);
  j.tap_base = pick(0, TAPS - j.n_taps);
  j.g = pick(j.depthwise ? j.n_groups : 1, j.depthwise ? j.n_groups + 1 : 3);
  j.tail = chance(40) ? B : pick(1, B);
}

static void draw_walk(Job &j) {
  j.in_row = pick(0, LOW / 3);
  j.in_mod = pick(0, ROWS - 1);
  j.xs_row = chance(70) ? (j.one_row ? 0 : j.g) : pick(-2, 3);
  j.xs_mod = chance(60) ? (j.one_row ? 1 : 0) : pick(0, ROWS - 1);
  j.ys_row = pick(-3, 3);
  j.ys_mod = pick(0, ROWS - 1);
  j.x0 = pick(0, 20);
  j.y0 = pick(0, 20);
  j.pad = byte();
  j.width = chance(10) ? pick(1, 2) : pick(1, 20);
  j.valid = chance(60) ? j.width : pick(1, j.width);
}

static void draw_place(Job &j) {
  j.px = chance(30);
  j.py = chance(30);
  j.out_g = pick(j.n_groups, j.n_groups + 1);
  const int pitch = pick(1, 20);
  j.op_row = pitch / ROWS * j.out_g;
  j.op_mod = pitch % ROWS;
  j.out_row = pick(LOW / 3, LOW - 1);
  j.out_mod = pick(0, ROWS - 1);
  j.plane_x = pick(0, 24);
  j.plane_y = pick(0, 24);
}

static void draw_post(Job &j) {
  j.lo = pick(-128, 127);
  j.hi = pick(j.lo, 127);
  if (chance(60)) j.lo = -128, j.hi = 127;
  j.zp = byte();
  j.params = pick(0, 2);
  j.scalar = random_chan();
}

static void draw_add(Job &j) {
  j.add = chance(30);
  j.m1 = random_chan().mult;
  j.m2 = random_chan().mult;
  j.m3 = random_chan().mult;
  j.add_ls = chance(70) ? 20 : pick(0, 31);
  j.rs1 = pick(0, 8);
  j.rs2 = chance(80) ? pick(0, 8) : pick(0, 31);
  j.rs3 = chance(70) ? pick(14, 22) : pick(0, 31);
  j.z1 = byte();
  j.z2 = byte();
  j.zo = byte();
  j.add_lo = chance(60) ? -128 : pick(-128, 0);
  j.add_hi = chance(60) ? 127 : pick(0, 127);
  const int rpitch = pick(1, 20);
  j.rp_row = rpitch / ROWS * j.out_g;
  j.rp_mod = rpitch % ROWS;
  j.res_row = pick(0, LOW - 1);
  j.res_mod = pick(0, ROWS - 1);
}

static Tap random_tap() {
  Tap tp;
  tp.drow = pick(-4, 8);
  tp.dmod = pick(0, ROWS - 1);
  tp.xlo = chance(50) ? 0 : pick(0, 30);
  tp.xhi = chance(50) ? 4095 : pick(10, 40);
  tp.ylo = chance(50) ? 0 : pick(0, 25);
  tp.yhi = chance(50) ? 4095 : pick(10, 40);
  if (chance(10)) tp.xlo = 1, tp.xhi = 0;
  return tp;
}

static Job random_job() {
  Job j = {};
  draw_shape(j);
  draw_walk(j);
  draw_place(j);
  draw_post(j);
  draw_add(j);
  for (int t = 0; t < j.n_taps; t++) j.taps.push_back(random_tap());
  return j;
}

static void random_words(Job &j) {
  const int n = j.unit ? 0 : j.tile_steps();
  for (int ng = 0; ng < j.n_groups; ng++) {
    if (j.params && j.last_k) {
      std::vector<Chan> set;
      for (int c = 0; c < COLS; c++) set.push_back(random_chan());
      j.sets.push_back(set);
    }
    std::vector<std::vector<int8_t>> group;
    for (int i = 0; i < n; i++) {
      std::vector<int8_t> w;
      for (int c = 0; c < COLS; c++) w.push_back(byte());
      group.push_back(w);
    }
    for (int t = 0; t < (j.stream ? j.n_tiles : 1); t++)
      j.words.insert(j.words.end(), group.begin(), group.end());
  }
}

/* A reduction in several parts: the same single tile, other taps. */
static std::vector<Job> split(Job j) {
  std::vector<Job> parts;
  j.n_tiles = j.n_groups = 1;
  const int n = pick(2, 3);
  for (int i = 0; i < n; i++) {
    Job p = j;
    p.first_k = i == 0;
    p.last_k = i == n - 1;
    if (i) {
      p.in_row = pick(0, LOW / 3);
      p.in_mod = pick(0, ROWS - 1);
    }
    parts.push_back(p);
  }
  return parts;
}

struct WtItem { bool par; int kind, beat; bool last, first_of_set; uint32_t v[4]; int8_t w[COLS]; };
struct Expect { std::vector<uint64_t> issue; uint64_t last, retire; };

struct Bench {
  VerilatedContext *ctx;
  Vweft_core *top;
  uint64_t cycle = 0;
  Spm ref;
  std::deque<u128> insns;
  std::deque<WtItem> wt;
  int ring_credit = RING_WORDS, par_credit = 2, wt_rate = 100, insn_rate = 100;
  uint64_t errors = 0, tiles = 0, tiles_law = 0, excs = 0, bytes = 0, marks = 0, held = 0;

  void fail(const char *what, long a, long b, long c) {
    if (errors++ < 20) printf("cycle %llu: %s: %ld %ld %ld\n", (unsigned long long)cycle, what, a, b, c);
  }
  void eval() {
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
    cycle++;
  }
};

static void set_bytes(void *port, const void *src, size_t n) { memcpy(port, src, n); }

/* One or two registers an instruction, either half alone. */
static void cfg_insn(Bench &b, int reg_a, uint32_t a, int reg_b, uint32_t bb) {
  u128 w = put(put(0, H_OP, I_CFG), H_QUEUE, 3);
  w = put(put(w, F_CFG_REG_A, reg_a), F_CFG_VAL_A, a);
  w = put(put(w, F_CFG_REG_B, reg_b), F_CFG_VAL_B, bb);
  b.insns.push_back(w);
}

static void cfg(Bench &b, int reg, uint32_t val) {
  static int held = 255;
  static uint32_t held_val;
  if (held != 255) {
    cfg_insn(b, held, held_val, reg, val);
    held = 255;
  } else if (chance(60) && reg != REG_EX_BIAS && reg != REG_EX_RES_PITCH) {
    held = reg;
    held_val = val;
  } else if (chance(50)) cfg_insn(b, reg, val, 255, (uint32_t)rng());
  else cfg_insn(b, 255, (uint32_t)rng(), reg, val);
}

#define R(reg, field, v) putr(0, R_EX_##reg##_##field, v)
static void emit_registers(Bench &b, const Job &j) {
  cfg(b, REG_EX_IN, R(IN, ROW, j.in_row) | R(IN, MOD, j.in_mod));
  cfg(b, REG_EX_IN_WORDS, R(IN_WORDS, G, j.g) | R(IN_WORDS, TAIL, j.tail));
  cfg(b, REG_EX_X_STEP, R(X_STEP, DROW, j.xs_row) | R(X_STEP, DMOD, j.xs_mod));
  cfg(b, REG_EX_Y_STEP, R(Y_STEP, DROW, j.ys_row) | R(Y_STEP, DMOD, j.ys_mod));
  cfg(b, REG_EX_ORIGIN, R(ORIGIN, X0, j.x0) | R(ORIGIN, Y0, j.y0) | R(ORIGIN, PAD, j.pad));
  cfg(b, REG_EX_RASTER, R(RASTER, WIDTH, j.width) | R(RASTER, VALID, j.valid));
  cfg(b, REG_EX_OUT, R(OUT, ROW, j.out_row) | R(OUT, MOD, j.out_mod) | R(OUT, PX, j.px) | R(OUT, PY, j.py));
  cfg(b, REG_EX_OUT_PITCH, R(OUT_PITCH, ROW, j.op_row) | R(OUT_PITCH, MOD, j.op_mod));
  cfg(b, REG_EX_OUT_WORDS, R(OUT_WORDS, G, j.out_g) | R(OUT_WORDS, PLANE_X, j.plane_x));
  cfg(b, REG_EX_OUT_PLANES, R(OUT_PLANES, PLANE_Y, j.plane_y));
  cfg(b, REG_EX_CLAMP, R(CLAMP, LO, j.lo) | R(CLAMP, HI, j.hi) | R(CLAMP, ZP, j.zp));
  cfg(b, REG_EX_POST, R(POST, LS, j.scalar.ls) | R(POST, RS, j.scalar.rs) | R(POST, PARAMS, j.params) |
                          R(POST, ADD, j.add));
  cfg(b, REG_EX_MULT, R(MULT, M, j.scalar.mult));
  cfg(b, REG_EX_BIAS, (uint32_t)j.scalar.bias);
}

static void emit_add(Bench &b, const Job &j) {
  cfg(b, REG_EX_ADD_M1, R(ADD_M1, M, j.m1));
  cfg(b, REG_EX_ADD_M2, R(ADD_M2, M, j.m2));
  cfg(b, REG_EX_ADD_M3, R(ADD_M3, M, j.m3));
  cfg(b, REG_EX_ADD_SHIFT, R(ADD_SHIFT, RS1, j.rs1) | R(ADD_SHIFT, RS2, j.rs2) |
                               R(ADD_SHIFT, RS3, j.rs3) | R(ADD_SHIFT, LS, j.add_ls));
  cfg(b, REG_EX_ADD_ZP, R(ADD_ZP, Z1, j.z1) | R(ADD_ZP, Z2, j.z2) | R(ADD_ZP, ZO, j.zo));
  cfg(b, REG_EX_ADD_CLAMP, R(ADD_CLAMP, LO, j.add_lo) | R(ADD_CLAMP, HI, j.add_hi));
  cfg(b, REG_EX_RES, R(RES, ROW, j.res_row) | R(RES, MOD, j.res_mod));
  cfg(b, REG_EX_RES_PITCH, R(RES_PITCH, ROW, j.rp_row) | R(RES_PITCH, MOD, j.rp_mod));
}

static void emit_taps(Bench &b, const Job &j) {
  for (int t = 0; t < j.n_taps; t++) {
    const Tap &tp = j.taps[(size_t)t];
    u128 w = put(put(0, H_OP, I_TAP), H_QUEUE, 3);
    w = put(w, F_TAP_INDEX, j.tap_base + t);
    w = put(w, F_TAP_DROW, tp.drow);
    w = put(w, F_TAP_DMOD, tp.dmod);
    w = put(put(w, F_TAP_YLO, tp.ylo), F_TAP_YHI, tp.yhi);
    w = put(put(w, F_TAP_XLO, tp.xlo), F_TAP_XHI, tp.xhi);
    b.insns.push_back(w);
  }
}

static void emit_exc(Bench &b, const Job &j) {
  u128 w = put(put(0, H_OP, I_EXC), H_QUEUE, 3);
  w = put(put(w, F_EXC_N_TILES, j.n_tiles), F_EXC_LAST_ROWS, j.last_rows);
  w = put(put(w, F_EXC_N_GROUPS, j.n_groups), F_EXC_N_TAPS, j.n_taps);
  w = put(put(w, F_EXC_TAP_BASE, j.tap_base), F_EXC_DEPTHWISE, j.depthwise);
  w = put(put(w, F_EXC_MAX, j.max), F_EXC_UNIT, j.unit);
  w = put(put(w, F_EXC_STREAM, j.stream), F_EXC_ONE_ROW, j.one_row);
  w = put(put(w, F_EXC_FIRST_K, j.first_k), F_EXC_LAST_K, j.last_k);
  b.insns.push_back(w);
}

/* Parameters and weights, in the order in which they are asked for. */
static void emit_stream(Bench &b, const Job &j) {
  size_t word = 0;
  for (int ng = 0; ng < j.n_groups; ng++) {
    for (int kind = 0; !j.sets.empty() && kind < (j.params == 2 ? 3 : 1); kind++) {
      const int per = BEAT_BYTES / 4, beats = COLS / per;
      for (int beat = 0; beat < beats; beat++) {
        WtItem it = {};
        it.par = true;
        it.kind = kind;
        it.beat = beat;
        it.first_of_set = kind == 0 && beat == 0;
        it.last = beat == beats - 1 && kind == (j.params == 2 ? 2 : 0);
        for (int i = 0; i < per; i++) {
          const Chan &c = j.sets[(size_t)ng][(size_t)(beat * per + i)];
          it.v[i] = kind == 0 ? (uint32_t)c.bias : kind == 1 ? c.mult : (uint32_t)(c.ls | c.rs << 8);
        }
        b.wt.push_back(it);
      }
    }
    const size_t n = j.words.size() / (size_t)j.n_groups;
    for (size_t i = 0; i < n; i++) {
      WtItem it = {};
      memcpy(it.w, j.words[word++].data(), COLS);
      b.wt.push_back(it);
    }
  }
}

static void emit(Bench &b, const Job &j) {
  emit_registers(b, j);
  if (j.add) emit_add(b, j);
  emit_taps(b, j);
  emit_exc(b, j);
  emit_stream(b, j);
}

/* Issue cycles of an EXC taken in cycle t, by the law of weft_seq.sv. */
static Expect law(const Job &j, uint64_t t) {
  Expect e;
  uint64_t next = 0, first = t + 2, last = 0, hold = 0, load = 0;
  const uint64_t factor = j.add && j.last_k ? 4 : 1;
  bool fresh = true;
  for (int ng = 0; ng < j.n_groups; ng++)
    for (int tile = 0; tile < j.n_tiles; tile++) {
      const uint64_t rows = (uint64_t)j.tile_rows(tile);
      const int steps = j.tile_steps();
      const uint64_t walk = first + rows + (fresh ? 1 : 0);
      int k = 0, word = 0;
      for (int s = 0; s < steps; s++) {
        uint64_t c = next;
        const bool reads = k == 0;
        if (s == 0 && c < walk) c = walk;
        if (reads && factor == 4 && c < load) c = load;
        if (s == steps - 1 && j.last_k && c < hold) c = hold;
        while (s == steps - 1 && factor == 4 && last && (c - last) % 4) c++;
        if (s == 0) first = c;
        if (reads) load = c + 2;
        if (s == steps - 1) last = c;
        e.issue.push_back(c);
        next = c + 1;
        const int bytes = j.depthwise ? 1 : word % j.g == j.g - 1 ? j.tail : B;
        if (++k == bytes) k = 0, word++;
      }
      hold = last + rows * SLICES * factor;
      fresh = false;
    }
  e.last = last;
  e.retire = !j.last_k ? last + 11 : hold + (factor == 4 ? 46 : 24);
  return e;
}

static void background(Bench &b, bool &ld, int &lb, int &lr, int8_t *ldata) {
  if (!ld && chance(30)) {
    ld = true;
    lb = pick(0, ROWS - 1);
    lr = LOW + pick(0, RESERVED - 1);
    for (int i = 0; i < B; i++) ldata[i] = byte();
  }
  (void)b;
}

static void drive_ld(Bench &b, bool ld, int bank, int row, const int8_t *data) {
  b.top->ld_wr_valid_i = ld;
  if (!ld) return;
  b.top->ld_wr_bank_i = (uint8_t)bank;
  b.top->ld_wr_row_i = (uint16_t)row;
  set_bytes(&b.top->ld_wr_data_i, data, B);
}

/* Fills the scratchpad through the load port. */
static void fill(Bench &b) {
  for (int r = 0; r < SPM_ROWS; r++)
    for (int k = 0; k < ROWS; k++) {
      for (int i = 0; i < B; i++) b.ref.mem[k][r][i] = byte();
      drive_ld(b, true, k, r, b.ref.mem[k][r]);
      b.top->eval();
      if (!b.top->ld_wr_ready_o) b.fail("load refused while idle", k, r, 0);
      b.eval();
    }
  b.top->ld_wr_valid_i = 0;
}

static void compare(Bench &b) {
  std::deque<std::pair<int, int>> asked;
  int bank = 0, row = 0;
  long left = (long)ROWS * SPM_ROWS;
  while (left) {
    const bool ask = row < SPM_ROWS && chance(80);
    b.top->st_rd_valid_i = ask;
    b.top->st_rd_bank_i = (uint8_t)bank;
    b.top->st_rd_row_i = (uint16_t)row;
    b.top->eval();
    if (b.top->st_data_valid_o) {
      const auto at = asked.front();
      asked.pop_front();
      if (memcmp(&b.top->st_data_o, b.ref.mem[at.first][at.second], B)) {
        b.fail("scratchpad word differs (bank, row)", at.first, at.second, 0);
        const uint8_t *p = (const uint8_t *)&b.top->st_data_o;
        if (b.errors < 5)
          for (int i = 0; i < B; i++) printf("  byte %d: rtl %d ref %d\n", i, (int8_t)p[i], b.ref.mem[at.first][at.second][i]);
      }
      b.bytes += B;
      left--;
    }
    if (ask && b.top->st_rd_ready_o) {
      asked.push_back({bank, row});
      if (++bank == ROWS) bank = 0, row++;
    }
    b.eval();
  }
  b.top->st_rd_valid_i = 0;
}

static void drive_wt(Bench &b) {
  Vweft_core *t = b.top;
  t->wt_word_valid_i = 0;
  t->wt_par_valid_i = 0;
  if (b.wt.empty() || !chance(b.wt_rate)) return;
  const WtItem &it = b.wt.front();
  if (it.par) {
    if (it.first_of_set && !b.par_credit) return;
    b.par_credit -= it.first_of_set;
    t->wt_par_valid_i = 1;
    t->wt_par_kind_i = (uint8_t)it.kind;
    t->wt_par_beat_i = (uint8_t)it.beat;
    t->wt_par_last_i = it.last;
    set_bytes(&t->wt_par_i, it.v, BEAT_BYTES);
  } else {
    if (!b.ring_credit) return;
    b.ring_credit--;
    t->wt_word_valid_i = 1;
    set_bytes(&t->wt_word_i, it.w, COLS);
  }
  b.wt.pop_front();
}

/* Reads and writes of a program must not meet, nor touch the reserved rows. */
static bool has_clash(const Bench &b) {
  for (int k = 0; k < ROWS; k++)
    for (int r = 0; r < SPM_ROWS; r++)
      if ((b.ref.wr[k][r] && (b.ref.rd[k][r] || r >= LOW)) || (!b.ref.wr[k][r] && b.ref.rd[k][r] && r >= LOW)) return true;
  return false;
}

/* At least n_jobs that do not clash, already run on the reference. */
static std::vector<Job> draw_jobs(Bench &b, int n_jobs) {
  std::vector<Job> jobs;
  Core core = {};
  while ((int)jobs.size() < n_jobs) {
    Job j = random_job();
    if (j.tile_steps() > RING_WORDS - 2 && !j.stream) continue;
    std::vector<Job> parts = chance(15) ? split(j) : std::vector<Job>(1, j);
    const Spm before = b.ref;
    const Core core_before = core;
    bool clash = false;
    for (auto &p : parts) {
      random_words(p);
      b.ref.forget();
      ref_exc(core, b.ref, p);
      clash |= has_clash(b);
    }
    if (clash) {
      b.ref = before;
      core = core_before;
      continue;
    }
    jobs.insert(jobs.end(), parts.begin(), parts.end());
  }
  return jobs;
}

/* What the core is doing, as the bench has seen it. */
struct Run {
  std::vector<Job> jobs;
  std::deque<int> marks;
  size_t job, step;
  bool in_exc, stalled, simple;         /* an EXC; it waited for weights; a MARK or NOP */
  Expect ex;
  bool ld;                              /* a load waits at its port */
  int lb, lr, last_ld_age;
  int8_t ldata[B];
  std::deque<std::pair<int, int>> asked;   /* words that stores have asked for */
};

static void emit_all(Bench &b, Run &r) {
  for (auto &j : r.jobs) {
    emit(b, j);
    if (chance(20)) {
      r.marks.push_back(pick(0, 65535));
      b.insns.push_back(put(put(put(0, H_OP, I_MARK), H_QUEUE, 3), F_MARK_ID, r.marks.back()));
    }
    if (chance(10)) b.insns.push_back(put(put(0, H_OP, I_NOP), H_QUEUE, 3));
  }
  b.wt_rate = chance(70) ? 100 : pick(5, 90);
  b.insn_rate = chance(50) ? 100 : pick(5, 90);
}

/* Data of an earlier question; and a new question, taken at the end of the cycle. */
static void check_store(Bench &b, Run &r, bool ask, int bank, int row) {
  Vweft_core *t = b.top;
  if (t->st_data_valid_o) {
    if (r.asked.empty()) b.fail("store data nobody asked for", 0, 0, 0);
    else {
      if (memcmp(&t->st_data_o, b.ref.mem[r.asked.front().first][r.asked.front().second], B))
        b.fail("store data differs", r.asked.front().first, r.asked.front().second, 0);
      r.asked.pop_front();
    }
  }
  if (ask && t->st_rd_ready_o) r.asked.push_back({bank, row});
}

static void check_load(Bench &b, Run &r) {
  Vweft_core *t = b.top;
  if (r.ld && t->ld_wr_ready_o && r.asked.empty()) {
    memcpy(b.ref.mem[r.lb][r.lr], r.ldata, B);
    r.ld = false;
    r.last_ld_age = 0;
  } else if (r.ld && t->ld_wr_ready_o) {
    t->ld_wr_valid_i = 0;           /* stores in flight still see the old word */
    t->eval();
  }
}

static void check_issue(Bench &b, Run &r) {
  Vweft_core *t = b.top;
  if (t->stall_ring_o) r.stalled = true;
  if (!t->trace_issue_o) return;
  if (!r.in_exc) b.fail("issue outside an EXC", (long)r.job, 0, 0);
  else if (r.step >= r.ex.issue.size()) b.fail("too many steps", (long)r.job, (long)r.step, 0);
  else if (!r.stalled && r.ex.issue[r.step] != b.cycle)
    b.fail("issue off the law (job, step, expected)", (long)r.job, (long)r.step, (long)r.ex.issue[r.step]);
  else if (r.stalled && b.cycle < r.ex.issue[r.step]) b.fail("issue before the law", (long)r.job, (long)r.step, 0);
  const bool last = (r.step + 1) % (size_t)r.jobs[r.job < r.jobs.size() ? r.job : 0].tile_steps() == 0;
  if (last != (bool)t->trace_last_o) b.fail("last flag", (long)r.job, (long)r.step, 0);
  b.tiles += last;
  b.tiles_law += last && !r.stalled;
  r.step++;
}

static void check_mark(Bench &b, Run &r) {
  Vweft_core *t = b.top;
  r.simple = false;
  if (!t->mark_valid_o) return;
  if (r.marks.empty() || r.marks.front() != t->mark_id_o) b.fail("mark id", t->mark_id_o, 0, 0);
  else r.marks.pop_front();
  b.marks++;
}

static void check_retire(Bench &b, Run &r) {
  if (!b.top->retire_o) return;
  if (r.simple) {
    check_mark(b, r);
  } else if (r.in_exc) {
    if (r.step != r.ex.issue.size()) b.fail("retired before its steps", (long)r.job, (long)r.step, 0);
    if (!r.stalled && b.cycle != r.ex.retire)
      b.fail("retirement off the law (job, expected)", (long)r.job, (long)r.ex.retire, 0);
    b.held += r.stalled;
    r.in_exc = false;
    b.excs++;
    r.job++;
  } else b.fail("retire of nothing", 0, 0, 0);
}

/* Out of the waiting register: what comes next is known, and when. */
static void note_take(Bench &b, Run &r) {
  if (!b.top->rootp->weft_core__DOT__take) return;
  const int op = b.top->rootp->weft_core__DOT__op;
  if (op == I_EXC) {
    if (r.in_exc || r.simple) b.fail("EXC taken early", 0, 0, 0);
    r.in_exc = true;
    r.stalled = false;
    r.step = 0;
    r.ex = law(r.jobs[r.job], b.cycle);
  } else if (op == I_MARK || op == I_NOP) {
    if (r.in_exc || r.simple) b.fail("MARK taken early", 0, 0, 0);
    r.simple = true;
  }
}

static void run_cycle(Bench &b, Run &r) {
  Vweft_core *t = b.top;
  const bool offer = !b.insns.empty() && chance(b.insn_rate);
  t->insn_valid_i = offer;
  if (offer) set_bytes(&t->insn_i, &b.insns.front(), 16);
  drive_wt(b);
  if (!b.insns.empty()) background(b, r.ld, r.lb, r.lr, r.ldata);
  drive_ld(b, r.ld, r.lb, r.lr, r.ldata);
  r.last_ld_age++;
  const bool ask = !b.insns.empty() && r.last_ld_age > 4 && !r.ld && chance(30);
  const int bank = pick(0, ROWS - 1), row = LOW + pick(0, RESERVED - 1);
  t->st_rd_valid_i = ask;
  t->st_rd_bank_i = (uint8_t)bank;
  t->st_rd_row_i = (uint16_t)row;
  t->eval();
  check_store(b, r, ask, bank, row);
  check_load(b, r);
  check_issue(b, r);
  check_retire(b, r);
  b.ring_credit += t->ring_freed_o;
  b.par_credit += t->par_freed_o;
  note_take(b, r);
  if (offer && t->insn_ready_o) b.insns.pop_front();
  b.eval();
}

static void check_end(Bench &b, const Run &r) {
  b.top->insn_valid_i = 0;
  b.top->st_rd_valid_i = 0;
  b.top->wt_word_valid_i = 0;
  b.top->wt_par_valid_i = 0;
  if (!b.wt.empty()) b.fail("weights left over", (long)b.wt.size(), 0, 0);
  if (b.ring_credit != RING_WORDS) b.fail("ring credits lost", b.ring_credit, 0, 0);
  if (b.par_credit != 2) b.fail("parameter credits lost", b.par_credit, 0, 0);
  if (!r.marks.empty()) b.fail("marks lost", (long)r.marks.size(), 0, 0);
  compare(b);
}

static void program(Bench &b, int n_jobs) {
  Run r = {};
  r.jobs = draw_jobs(b, n_jobs);
  r.last_ld_age = 100;
  emit_all(b, r);
  const uint64_t limit = b.cycle + 400000;
  int cool = 0;
  while (!b.insns.empty() || !b.top->idle_o || r.in_exc || r.simple || r.ld || !r.asked.empty() || cool-- > 0) {
    if (!b.insns.empty()) cool = 4;
    run_cycle(b, r);
    if (b.cycle > limit) {
      b.fail("hangs (job, step)", (long)r.job, (long)r.step, (long)b.insns.size());
      exit(1);
    }
  }
  check_end(b, r);
}

int main(int argc, char **argv) {
  const uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
  const int programs = argc > 2 ? atoi(argv[2]) : 40;
  rng.seed(seed);
  static Bench b;
  b.ctx = new VerilatedContext;
  b.ctx->randReset(2);
  b.ctx->randSeed((int)seed + 1);
  b.top = new Vweft_core(b.ctx);
  b.top->rst_ni = 0;
  b.top->clear_i = 0;
  b.top->insn_valid_i = b.top->wt_word_valid_i = b.top->wt_par_valid_i = 0;
  b.top->ld_wr_valid_i = b.top->st_rd_valid_i = 0;
  for (int i = 0; i < 4; i++) b.eval();
  b.top->rst_ni = 1;
  fill(b);
  for (int p = 0; p < programs && !b.errors; p++) {
    program(b, pick(2, 6));
    if (b.errors) printf("in program %d of seed %llu\n", p, (unsigned long long)seed);
    if (chance(20)) {
      b.top->clear_i = 1;
      b.eval();
      b.top->clear_i = 0;
      b.eval();                        /* the core clears itself one cycle later */
    }
  }
  printf("core %dx%d Q%d hop %d: %llu EXC (%llu waited for weights), %llu tiles, %llu on the law, "
         "%llu bytes compared, %llu cycles, %llu errors\n",
         ROWS, COLS, LANES, HOP, (unsigned long long)b.excs, (unsigned long long)b.held,
         (unsigned long long)b.tiles, (unsigned long long)b.tiles_law, (unsigned long long)b.bytes,
         (unsigned long long)b.cycle, (unsigned long long)b.errors);
  delete b.top;
  delete b.ctx;
  return b.errors ? 1 : 0;
}
