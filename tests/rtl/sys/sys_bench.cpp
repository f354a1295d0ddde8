// SPDX-License-Identifier: Apache-2.0
// Bench of weft_sys: DRAM model on one side, a stub of weft_core on the other
// (scratchpad array, ring and parameter sinks, random readiness). Random programs
// run here and one after another in a plain reference; every byte is compared.
//   sys_bench [-n PROGRAMS] [-s SEED] [-v]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

#include "Vweft_sys.h"
#include "verilated.h"

extern "C" {
#include "isa/isa.h"
#include "sim/dram/dram.h"
}

enum Csr {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum Fault {
#define FAULT(name, code, doc) FAULT_##name = (code),
#include "csr.def"
};

static const int kRows = ROWS, kCols = COLS, kBeat = BEAT, kSpmRows = 256;
static const int kRingWords = RINGKIB * 1024 / COLS;
static int failures, verbose;

#define CHECK(cond, ...)                                     \
  do {                                                       \
    if (!(cond)) {                                           \
      if (failures++ < 20) {                                 \
        printf("%s:%d: %s: ", __FILE__, __LINE__, #cond);    \
        printf(__VA_ARGS__);                                 \
        printf("\n");                                        \
      }                                                      \
    }                                                        \
  } while (0)

struct Rng {
  weft_rng r;
  explicit Rng(uint64_t seed) { r.state = seed; }
  int range(int lo, int hi) { return (int)weft_rng_range(&r, lo, hi); }
  bool chance(int percent) { return range(1, 100) <= percent; }
};

// ---- what a program does, one instruction after another --------------------
struct DmaRegs { uint32_t reg[4] = {0, 0, 0, 0}; };

typedef std::vector<uint8_t> Bytes;

struct State {
  Bytes region[4];
  Bytes spm;                       // [bank][row][byte]
  std::vector<Bytes> words;        // ring words, in order
  std::vector<Bytes> params;       // parameter sets
  uint8_t *word(int bank, int row) {
    return &spm[((size_t)bank * kSpmRows + (size_t)(row & (kSpmRows - 1))) * kCols];
  }
};

// ST's fields come by LD's names, SCFG's by LCFG's: rows of the table in the same order.
static weft_field of_insn(const weft_insn &i, weft_field f) {
  int op = (int)weft_insn_get(&i, WEFT_H_OP);
  if (op == WEFT_I_ST && f >= WEFT_F_LD_OFFSET && f <= WEFT_F_LD_PY)
    return (weft_field)(f - WEFT_F_LD_OFFSET + WEFT_F_ST_OFFSET);
  if (op == WEFT_I_SCFG && f >= WEFT_F_LCFG_REG_A && f <= WEFT_F_LCFG_VAL_B)
    return (weft_field)(f - WEFT_F_LCFG_REG_A + WEFT_F_SCFG_REG_A);
  return f;
}
static int64_t get(const weft_insn &i, weft_field f) { return weft_insn_get(&i, of_insn(i, f)); }
static void set(weft_insn &i, weft_field f, int64_t v) { weft_insn_set(&i, of_insn(i, f), v); }

static void set_regs(const weft_insn &i, DmaRegs &r) {
  int a = (int)get(i, WEFT_F_LCFG_REG_A), b = (int)get(i, WEFT_F_LCFG_REG_B);
  if (a < 4) r.reg[a] = (uint32_t)get(i, WEFT_F_LCFG_VAL_A);
  if (b < 4) r.reg[b] = (uint32_t)get(i, WEFT_F_LCFG_VAL_B);
}

// The formulas of configs/README.md, byte by byte.
static void copy_lines(State &s, const weft_insn &i, const DmaRegs &r, bool load) {
  int row = (int)get(i, WEFT_F_LD_ROW), lines = (int)get(i, WEFT_F_LD_LINES);
  int width = (int)get(i, WEFT_F_LD_WIDTH), channels = (int)get(i, WEFT_F_LD_CHANNELS);
  int px = (int)get(i, WEFT_F_LD_PX), py = (int)get(i, WEFT_F_LD_PY);
  uint32_t line_pitch = r.reg[0];
  int g = (int)weft_engreg_get(r.reg[1], WEFT_R_LD_WORDS_G);
  int mod = (int)weft_engreg_get(r.reg[1], WEFT_R_LD_WORDS_MOD);
  int pitch_row = (int)weft_engreg_get(r.reg[2], WEFT_R_LD_PITCH_ROW);
  int pitch_mod = (int)weft_engreg_get(r.reg[2], WEFT_R_LD_PITCH_MOD);
  int plane_x = (int)weft_engreg_get(r.reg[3], WEFT_R_LD_PLANES_PLANE_X);
  int plane_y = (int)weft_engreg_get(r.reg[3], WEFT_R_LD_PLANES_PLANE_Y);
  int pitch = (g ? pitch_row / g : 0) * kRows + pitch_mod;
  Bytes &mem = s.region[get(i, WEFT_F_LD_REGION)];
  for (int y = 0; y < lines; y++)
    for (int x = 0; x < width; x++) {
      int f = mod + (y >> py) * pitch + (x >> px);
      int at = row + f / kRows * g + (px ? (x & 1) * plane_x : 0) + (py ? (y & 1) * plane_y : 0);
      size_t d = (size_t)get(i, WEFT_F_LD_OFFSET) + (size_t)y * line_pitch + (size_t)x * (size_t)channels;
      for (int c = 0; c < (channels + kCols - 1) / kCols * kCols; c++) {
        uint8_t *b = &s.word(f % kRows, at + c / kCols)[c % kCols];
        if (load) *b = c < channels ? mem.at(d + (size_t)c) : 0;
        else if (c < channels) mem.at(d + (size_t)c) = *b;
      }
    }
}

static void stream(State &s, const weft_insn &i) {
  size_t at = (size_t)get(i, WEFT_F_WT_OFFSET), n_words = (size_t)get(i, WEFT_F_WT_N_WORDS);
  size_t par = get(i, WEFT_F_WT_PARAMS) == 0 ? 0 : get(i, WEFT_F_WT_PARAMS) == 1 ? 4 * kCols : 12 * kCols;
  Bytes &mem = s.region[0];
  for (int g = 0; g < get(i, WEFT_F_WT_N_GROUPS); g++) {
    if (par) s.params.push_back(Bytes(mem.begin() + (long)at, mem.begin() + (long)(at + par)));
    at += par;
    for (int rep = 0; rep < get(i, WEFT_F_WT_REPEATS); rep++)
      for (size_t w = 0; w < n_words; w++)
        s.words.push_back(Bytes(mem.begin() + (long)(at + w * kCols), mem.begin() + (long)(at + (w + 1) * kCols)));
    at += n_words * kCols;
  }
}

static void reference(State &s, const std::vector<weft_insn> &program) {
  DmaRegs ld, st;
  for (const weft_insn &i : program)
    switch (get(i, WEFT_H_OP)) {
    case WEFT_I_LCFG: set_regs(i, ld); break;
    case WEFT_I_SCFG: set_regs(i, st); break;
    case WEFT_I_LD: copy_lines(s, i, ld, true); break;
    case WEFT_I_ST: copy_lines(s, i, st, false); break;
    case WEFT_I_WT: stream(s, i); break;
    default: break;
    }
}

// ---- the machine under test -------------------------------------------------
struct Setup {
  weft_dram_timing timing;
  uint32_t watchdog = 100000;
  int ready_percent = 100;         // stub: scratchpad ports and EX queue
  int free_percent = 100;          // stub: ring words freed, at most so many at once
  int free_most = 1 << 20;
  uint64_t stub_seed = 1;
  uint32_t max_cycles = 400000;
};

struct Result {
  bool done = false, hung = false;
  int fault = 0, fault_queue = 0;
  uint32_t fault_pc = 0;
  uint64_t cycles = 0, wall = 0, read_beats = 0, write_beats = 0;
  uint32_t marks = 0;
  uint64_t trace = 0;              // hash of issue and retire pulses by cycle
  std::vector<uint16_t> mark_ids;
  uint32_t retired[4] = {0, 0, 0, 0};
};

struct Machine {
  Vweft_sys top;
  weft_dram dram;
  weft_dram_out out;
  State *s = nullptr;
  Setup setup;
  Rng rng{1};
  bool dram_on = false, restart = false;
  uint64_t now = 0, start_cycle = 0;
  Result *r = nullptr;
  // stub state
  struct Read { uint64_t due; Bytes data; };
  std::deque<Read> reads;
  int ring_held = 0, sets_held = 0, ex_left = -1;
  bool ex_mark = false;
  uint16_t ex_mark_id = 0;
  Bytes par_set;
  int set_beats = 0;
  int ring_high = 0;

  Machine() {
    memset(&dram, 0, sizeof dram);
    memset(&out, 0, sizeof out);
    top.rst_ni = 0;
    top.clk_i = 0;
    top.csr_valid_i = 0;
    for (int i = 0; i < 4; i++) cycle();
    top.rst_ni = 1;
    cycle();
  }

  template <class T> static void put_wide(T &port, const uint8_t *b, int n) { memcpy(&port, b, (size_t)n); }
  template <class T> static Bytes get_wide(const T &port, int n) {
    Bytes b((size_t)n);
    memcpy(b.data(), &port, (size_t)n);
    return b;
  }

  void clear_stub() {
    reads.clear();
    ring_held = sets_held = set_beats = 0;
    ex_left = -1;
    par_set.clear();
  }

  void drive() {
    top.mem_req_ready_i = out.req_ready;
    top.mem_w_ready_i = out.w_ready;
    top.mem_r_valid_i = out.r_valid;
    put_wide(top.mem_r_data_i, out.r_data, kBeat);
    top.ld_wr_ready_i = rng.chance(setup.ready_percent);
    top.st_rd_ready_i = rng.chance(setup.ready_percent);
    top.core_insn_ready_i = ex_left < 0 && rng.chance(setup.ready_percent);
    top.core_retire_i = ex_left == 0;
    top.core_mark_valid_i = ex_left == 0 && ex_mark;
    top.core_mark_id_i = ex_mark_id;
    top.core_idle_i = ex_left < 0;
    top.core_step_i = top.core_stall_ring_i = top.core_stall_drain_i = 0;
    int freed = 0;
    if (ring_held > 0 && rng.chance(setup.free_percent)) freed = rng.range(1, ring_held < setup.free_most ? ring_held : setup.free_most);
    ring_held -= freed;
    top.ring_freed_i = (uint16_t)freed;
    bool set_freed = sets_held > 0 && rng.chance(setup.free_percent);
    sets_held -= set_freed;
    top.par_freed_i = set_freed;
    bool answer = !reads.empty() && reads.front().due == now;
    top.st_data_valid_i = answer;
    if (answer) {
      put_wide(top.st_data_i, reads.front().data.data(), kCols);
      reads.pop_front();
    }
  }

  void observe() {
    if (s == nullptr) return;
    if (top.core_clear_o) clear_stub();
    if (top.ld_wr_valid_o && top.ld_wr_ready_i)
      memcpy(s->word(top.ld_wr_bank_o, top.ld_wr_row_o), &top.ld_wr_data_o, (size_t)kCols);
    if (top.st_rd_valid_o && top.st_rd_ready_i) {
      uint8_t *w = s->word(top.st_rd_bank_o, top.st_rd_row_o);
      reads.push_back({now + 3, Bytes(w, w + kCols)});
    }
    if (top.wt_word_valid_o) {
      s->words.push_back(get_wide(top.wt_word_o, kCols));
      ring_held++;
      ring_high = ring_held > ring_high ? ring_held : ring_high;
      CHECK(ring_held <= kRingWords, "ring overrun at %llu", (unsigned long long)now);
    }
    if (top.wt_par_valid_o) {
      int kind = set_beats / (4 * kCols / kBeat), beat = set_beats % (4 * kCols / kBeat);
      CHECK(top.wt_par_kind_o == kind && top.wt_par_beat_o == beat, "kind %d beat %d, want %d %d",
            top.wt_par_kind_o, top.wt_par_beat_o, kind, beat);
      Bytes b = get_wide(top.wt_par_o, kBeat);
      par_set.insert(par_set.end(), b.begin(), b.end());
      set_beats++;
      if (top.wt_par_last_o) {
        s->params.push_back(par_set);
        par_set.clear();
        set_beats = 0;
        sets_held++;
        CHECK(sets_held <= 2, "parameter buffers overrun");
      }
    }
    if (ex_left >= 0) ex_left--;
    if (top.core_insn_valid_o && top.core_insn_ready_i) {
      weft_insn i;
      Bytes b = get_wide(top.core_insn_o, 16);
      i = weft_insn_load(b.data());
      if (weft_insn_is_ordered(&i)) ex_left = rng.range(0, 20);
      ex_mark = get(i, WEFT_H_OP) == WEFT_I_MARK;
      ex_mark_id = (uint16_t)get(i, WEFT_F_MARK_ID);
    }
    // A run that was reset may end its last LD until the next start has cleared it.
    const bool is_started = now - start_cycle > 1;
    if (r != nullptr && is_started && (top.issue_o || top.retire_o)) {
      uint64_t x = (now - start_cycle) << 8 | (uint64_t)top.issue_o << 4 | top.retire_o;
      r->trace = (r->trace ^ x) * UINT64_C(0x9e3779b97f4a7c15) + 1;
      for (int q = 0; q < 4; q++) r->retired[q] += (top.retire_o >> q) & 1;
    }
  }

  void cycle() {
    drive();
    top.eval();
    weft_dram_in in;
    memset(&in, 0, sizeof in);
    in.req_valid = top.mem_req_valid_o;
    in.req_write = top.mem_req_write_o;
    in.req_addr = top.mem_req_addr_o;
    in.req_beats = top.mem_req_beats_o;
    in.w_strb = top.mem_w_strb_o;
    memcpy(in.w_data, &top.mem_w_data_o, (size_t)kBeat);
    observe();
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
    now++;
    if (restart) weft_dram_restart(&dram, &out);
    else if (dram_on) weft_dram_tick(&dram, &in, &out);
    restart = false;
  }

  void write(int addr, uint32_t v) {
    top.csr_valid_i = 1;
    top.csr_write_i = 1;
    top.csr_addr_i = (uint16_t)addr;
    top.csr_wdata_i = v;
    cycle();
    top.csr_valid_i = 0;
    top.csr_write_i = 0;
  }
  uint32_t read(int addr) {
    top.csr_valid_i = 1;
    top.csr_write_i = 0;
    top.csr_addr_i = (uint16_t)addr;
    cycle();
    top.csr_valid_i = 0;
    return top.csr_rdata_o;
  }

  void prepare(State &state, const Setup &su, uint32_t n_insns) {
    static const uint32_t base[4] = {0x10000000, 0x40000, 0x20000040, 0xfff00000};
    s = &state;
    setup = su;
    rng = Rng(su.stub_seed);
    weft_dram_region reg[4];
    for (int i = 0; i < 4; i++) reg[i] = {base[i], (uint32_t)state.region[i].size(), state.region[i].data(), i == 0};
    CHECK(weft_dram_init(&dram, &su.timing, reg, 4), "%s", dram.error);
    dram_on = true;
    for (int i = 0; i < 4; i++) {
      write(CSR_BASE0 + 8 * i, base[i]);
      write(CSR_SIZE0 + 8 * i, (uint32_t)state.region[i].size());
    }
    write(CSR_PROG_OFFSET, 0);
    write(CSR_PROG_INSNS, n_insns);
    write(CSR_WATCHDOG, su.watchdog);
  }

  Result run() {
    Result res;
    r = &res;
    clear_stub();
    rng = Rng(setup.stub_seed);
    restart = true;
    start_cycle = now;
    write(CSR_CTRL, 1);
    while (!top.irq_o && now - start_cycle < setup.max_cycles) cycle();
    res.wall = now - start_cycle;
    res.hung = !top.irq_o;
    uint32_t status = read(CSR_STATUS);
    res.done = (status >> 1) & 1;
    res.fault = (int)(status >> 4) & 15;
    res.fault_pc = read(CSR_FAULT_PC);
    res.fault_queue = (int)read(CSR_FAULT_QUEUE);
    res.cycles = read(CSR_CYCLES_LO);
    res.read_beats = read(CSR_READ_BEATS);
    res.write_beats = read(CSR_WRITE_BEATS);
    res.marks = read(CSR_MARK_COUNT);
    for (uint32_t m = 0; m < res.marks && m < 512; m++) {
      write(CSR_MARK_INDEX, m);
      res.mark_ids.push_back((uint16_t)read(CSR_MARK_ID));
    }
    if (!res.hung) {
      CHECK(res.done && !(status & 1), "status %x", status);
      CHECK(res.cycles == res.wall, "cycles %llu, seen %llu", (unsigned long long)res.cycles,
            (unsigned long long)res.wall);
      CHECK(weft_dram_idle(&dram), "a burst outlived the run");
      CHECK(res.read_beats == dram.read_beats && res.write_beats == dram.write_beats, "beat counters");
      for (int q = 0; q < 4; q++)
        CHECK(read(CSR_RETIRED_LD + 4 * q) == res.retired[q], "retired counter of queue %d", q);
    }
    CHECK(dram.error == nullptr, "dram: %s at %08x, cycle %llu", dram.error, dram.error_addr,
          (unsigned long long)dram.error_cycle);
    write(CSR_CTRL, 4);
    CHECK(!top.irq_o || res.hung, "ACK clears the interrupt");
    r = nullptr;
    return res;
  }
};

// ---- random programs --------------------------------------------------------
struct Builder {
  Rng &rng;
  std::vector<weft_insn> p;
  int region_bytes;
  int sem_count[8] = {0};
  explicit Builder(Rng &r, int bytes) : rng(r), region_bytes(bytes) {}

  weft_insn make(weft_opcode op) { return weft_insn_make(op); }
  void cfg(weft_opcode op, int a, uint32_t va, int b, uint32_t vb) {
    weft_insn i = make(op);
    set(i, WEFT_F_LCFG_REG_A, a);
    set(i, WEFT_F_LCFG_VAL_A, va);
    set(i, WEFT_F_LCFG_REG_B, b);
    set(i, WEFT_F_LCFG_VAL_B, vb);
    p.push_back(i);
  }
  void wait(weft_insn &i, int id, int n) {
    set(i, WEFT_H_WAIT_ID, id);
    set(i, WEFT_H_WAIT_N, n);
    sem_count[id] -= n;
  }
  void signal(weft_insn &i, int id, int n) {
    set(i, WEFT_H_SIG_ID, id);
    set(i, WEFT_H_SIG_N, n);
    sem_count[id] += n;
  }

  void dma(bool load, int wait_id, int sig_id) {
    int lines = rng.range(1, 6), width = rng.range(1, rng.chance(50) ? 4 : 17);
    int channels = rng.chance(70) ? rng.range(1, 2 * kCols + 1) : rng.range(1, 70);
    if (lines * width * channels > region_bytes / 4) lines = width = 1;
    int px = rng.range(0, 1), py = rng.range(0, 1);
    int g = (channels + kCols - 1) / kCols + rng.range(0, 1);
    int pitch = (width + px) / (1 + px) + rng.range(0, 3);
    int line_pitch = width * channels + (rng.chance(50) ? 0 : rng.range(0, 9));
    int region = load ? rng.range(0, 3) : rng.range(1, 3);
    int span = (lines - 1) * line_pitch + width * channels;
    int low = region == 0 ? region_bytes / 2 : 0;
    if (span > region_bytes - low) { line_pitch = width * channels; span = lines * line_pitch; }
    int offset = rng.chance(20) ? region_bytes - span : rng.range(low, region_bytes - span);
    weft_opcode c = load ? WEFT_I_LCFG : WEFT_I_SCFG;
    uint32_t words = 0, pr = 0, planes = 0;
    weft_engreg_set(&words, WEFT_R_LD_WORDS_G, g);
    weft_engreg_set(&words, WEFT_R_LD_WORDS_MOD, rng.range(0, kRows - 1));
    weft_engreg_set(&pr, WEFT_R_LD_PITCH_ROW, pitch / kRows * g);
    weft_engreg_set(&pr, WEFT_R_LD_PITCH_MOD, pitch % kRows);
    weft_engreg_set(&planes, WEFT_R_LD_PLANES_PLANE_X, rng.range(0, 60));
    weft_engreg_set(&planes, WEFT_R_LD_PLANES_PLANE_Y, rng.range(0, 120));
    cfg(c, 0, (uint32_t)line_pitch, 1, words);
    cfg(c, 2, pr, rng.chance(50) ? 255 : 3, planes);
    cfg(c, 255, 123, 3, planes);
    weft_insn i = make(load ? WEFT_I_LD : WEFT_I_ST);
    set(i, WEFT_F_LD_OFFSET, offset);
    set(i, WEFT_F_LD_ROW, rng.chance(10) ? 65530 : rng.range(0, kSpmRows - 1));
    set(i, WEFT_F_LD_LINES, lines);
    set(i, WEFT_F_LD_WIDTH, width);
    set(i, WEFT_F_LD_CHANNELS, channels);
    set(i, WEFT_F_LD_REGION, region);
    set(i, WEFT_F_LD_PX, px);
    set(i, WEFT_F_LD_PY, py);
    if (wait_id >= 0) wait(i, wait_id, 1);
    if (sig_id >= 0) signal(i, sig_id, 1);
    p.push_back(i);
  }
  void weights() {
    weft_insn i = make(WEFT_I_WT);
    int params = rng.range(0, 2), words = rng.chance(20) && params ? 0 : rng.range(1, kRingWords < 40 ? 2 * kRingWords : 80);
    int groups = rng.range(1, 3), repeats = rng.chance(70) ? 1 : rng.range(2, 4);
    int bytes = groups * (words * kCols + 12 * kCols);
    set(i, WEFT_F_WT_OFFSET, rng.range(0, (region_bytes - bytes) / kBeat) * kBeat);
    set(i, WEFT_F_WT_N_WORDS, words);
    set(i, WEFT_F_WT_N_GROUPS, groups);
    set(i, WEFT_F_WT_REPEATS, repeats);
    set(i, WEFT_F_WT_PARAMS, params);
    p.push_back(i);
  }
  void nop(weft_queue q, int wait_id, int wait_n, int sig_id, int sig_n) {
    weft_insn i = make(WEFT_I_NOP);
    set(i, WEFT_H_QUEUE, q);
    if (wait_n > 0) wait(i, wait_id, wait_n);
    if (sig_n > 0) signal(i, sig_id, sig_n);
    p.push_back(i);
  }
  void mark(int id) {
    weft_insn i = make(WEFT_I_MARK);
    set(i, WEFT_F_MARK_ID, id);
    p.push_back(i);
  }
  // Semaphores 0 and 1 order LD and ST; 2..7 go between random queues.
  void noise() {
    static const weft_queue giver[] = {WEFT_Q_EX, WEFT_Q_LD, WEFT_Q_WT, WEFT_Q_EX, WEFT_Q_ST, WEFT_Q_LD};
    static const weft_queue taker[] = {WEFT_Q_LD, WEFT_Q_EX, WEFT_Q_EX, WEFT_Q_WT, WEFT_Q_EX, WEFT_Q_ST};
    int k = rng.range(0, 5), id = k + 2;
    if (sem_count[id] > 0 && rng.chance(50)) nop(taker[k], id, rng.range(1, sem_count[id]), 0, 0);
    else if (sem_count[id] < 15) nop(giver[k], 0, 0, id, rng.range(1, 15 - sem_count[id]));
    else mark(rng.range(0, 65535));
  }
  void random(int phases) {
    for (int k = 0; k < phases; k++) {
      int n = rng.range(1, 4), m = rng.range(1, 4);
      for (int j = 0; j < n; j++) {
        dma(true, j == 0 && k > 0 ? 1 : -1, j == n - 1 ? 0 : -1);
        if (rng.chance(40)) weights();
        if (rng.chance(60)) noise();
      }
      for (int j = 0; j < m; j++) {
        dma(false, j == 0 ? 0 : -1, j == m - 1 ? 1 : -1);
        if (rng.chance(30)) weights();
        if (rng.chance(60)) noise();
      }
    }
    end();
  }
  void end() { p.push_back(make(WEFT_I_END)); }
};

static void fill(Bytes &b, uint64_t seed) {
  weft_rng r = {seed};
  for (uint8_t &x : b) x = weft_rng_byte(&r);
}

static State new_state(int bytes, uint64_t seed, const std::vector<weft_insn> &program) {
  State s;
  for (int i = 0; i < 4; i++) {
    s.region[i].resize((size_t)bytes);
    fill(s.region[i], seed + (uint64_t)i);
  }
  s.spm.resize((size_t)kRows * kSpmRows * kCols);
  fill(s.spm, seed + 9);
  for (size_t k = 0; k < program.size(); k++) weft_insn_store(&program[k], &s.region[0][k * 16]);
  return s;
}

static weft_dram_timing ideal() { return {(uint32_t)kBeat, (uint32_t)kBeat, 1, 20, 0, 0, 0}; }

static weft_dram_timing random_timing(Rng &rng) {
  weft_dram_timing t = ideal();
  if (rng.chance(30)) return t;
  t.rate_num = (uint32_t)rng.range(1, 16);
  t.rate_den = (uint32_t)rng.range(1, 4);
  t.latency = (uint32_t)(rng.chance(20) ? rng.range(1, 3) : rng.range(1, 60));
  t.gap = (uint32_t)(rng.chance(50) ? 0 : rng.range(1, 6));
  if (rng.chance(50)) {
    t.refresh_interval = (uint32_t)rng.range(50, 400);
    t.refresh_cycles = (uint32_t)rng.range(1, 20);
  }
  return t;
}

static int count_marks(const std::vector<weft_insn> &p) {
  int n = 0;
  for (const weft_insn &i : p) n += get(i, WEFT_H_OP) == WEFT_I_MARK;
  return n;
}

static void compare(State &got, State &want, const char *what) {
  for (int i = 0; i < 4; i++)
    for (size_t k = 0; k < want.region[i].size(); k++)
      if (got.region[i][k] != want.region[i][k]) {
        CHECK(false, "%s: region %d byte %zu: %02x, want %02x", what, i, k, got.region[i][k], want.region[i][k]);
        break;
      }
  for (size_t k = 0; k < want.spm.size(); k++)
    if (got.spm[k] != want.spm[k]) {
      CHECK(false, "%s: scratchpad bank %zu row %zu byte %zu: %02x, want %02x", what, k / kCols / kSpmRows,
            k / kCols % kSpmRows, k % kCols, got.spm[k], want.spm[k]);
      break;
    }
  CHECK(got.words == want.words, "%s: %zu ring words, want %zu", what, got.words.size(), want.words.size());
  CHECK(got.params == want.params, "%s: %zu parameter sets, want %zu", what, got.params.size(), want.params.size());
}

static void test_random(Machine &m, uint64_t seed) {
  Rng rng(seed);
  const int bytes = 32768;
  Builder b(rng, bytes);
  b.random(rng.range(1, 5));
  Setup su;
  su.timing = random_timing(rng);
  su.ready_percent = rng.chance(40) ? 100 : rng.range(20, 99);
  su.free_percent = rng.chance(40) ? 100 : rng.range(2, 60);
  if (rng.chance(40)) su.free_most = rng.range(1, 8);
  su.stub_seed = seed * 77 + 5;
  if (verbose > 1) {
    weft_arena *a = weft_arena_new();
    for (const weft_insn &i : b.p) printf("%s\n", weft_insn_text(a, &i));
    weft_arena_free(&a);
  }
  Result first;
  for (int turn = 0; turn < 3; turn++) {   // other data, then the first again
    State got = new_state(bytes, turn == 1 ? seed + 1000 : seed, b.p), want = got;
    m.prepare(got, su, (uint32_t)b.p.size());
    Result r = m.run();
    char what[64];
    snprintf(what, sizeof what, "seed %llu turn %d", (unsigned long long)seed, turn);
    CHECK(!r.hung && r.fault == 0, "%s: hung %d fault %d", what, r.hung, r.fault);
    if (r.hung) exit(1);
    reference(want, b.p);
    compare(got, want, what);
    CHECK((int)r.marks == count_marks(b.p), "%s: %u marks", what, r.marks);
    if (turn == 0) first = r;
    CHECK(r.cycles == first.cycles && r.trace == first.trace, "%s: %llu cycles, first %llu; traces differ", what,
          (unsigned long long)r.cycles, (unsigned long long)first.cycles);
  }
  if (verbose) printf("seed %llu: %zu instructions, %llu cycles\n", (unsigned long long)seed, b.p.size(),
                      (unsigned long long)first.cycles);
}

#include "sys_directed.h"

int main(int argc, char **argv) {
  int n = 20;
  uint64_t seed = 1;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "-n") && i + 1 < argc) n = atoi(argv[++i]);
    else if (!strcmp(argv[i], "-s") && i + 1 < argc) seed = strtoull(argv[++i], nullptr, 0);
    else if (!strcmp(argv[i], "-v")) verbose++;
  }
  Machine m;
  test_directed(m);
  for (int k = 0; k < n && failures == 0; k++) test_random(m, seed + (uint64_t)k);
  printf("%dx%d, beat %d, ring %d KiB: %d random programs, %d failures\n", kRows, kCols, kBeat, RINGKIB, n, failures);
  return failures != 0;
}
