// SPDX-License-Identifier: Apache-2.0
// Directed cases: faults, stop and reset, counters, marks, bandwidth.
#pragma once

static const int kDirectedBytes = 65536;

static Setup plain_setup() {
  Setup su;
  su.timing = ideal();
  return su;
}

static Result run_program(Machine &m, const std::vector<weft_insn> &p, const Setup &su, State &got,
                          uint32_t n_insns = 0) {
  m.prepare(got, su, n_insns ? n_insns : (uint32_t)p.size());
  return m.run();
}

static void expect_fault(Machine &m, const std::vector<weft_insn> &p, int fault, uint32_t pc, int queue,
                         const char *what, uint32_t n_insns = 0) {
  Setup su = plain_setup();
  su.watchdog = 500;
  State got = new_state(kDirectedBytes, 4, p), before = got;
  Result r = run_program(m, p, su, got, n_insns);
  CHECK(!r.hung && r.fault == fault && r.fault_pc == pc && r.fault_queue == queue,
        "%s: hung %d fault %d pc %u queue %d, want %d %u %d", what, r.hung, r.fault, r.fault_pc, r.fault_queue,
        fault, pc, queue);
  CHECK(got.region[0] == before.region[0], "%s: region 0 changed", what);
  // The next run must not remember it.
  Rng rng(7);
  Builder b(rng, 32768);
  b.random(2);
  State again = new_state(32768, 5, b.p), want = again;
  r = run_program(m, b.p, plain_setup(), again);
  CHECK(!r.hung && r.fault == 0, "%s: the run after it: fault %d", what, r.fault);
  reference(want, b.p);
  compare(again, want, what);
}

static weft_insn make_dma(weft_opcode op, int region, uint32_t offset, int lines, int width, int channels) {
  weft_insn i = weft_insn_make(op);
  set(i, WEFT_F_LD_REGION, region);
  set(i, WEFT_F_LD_OFFSET, offset);
  set(i, WEFT_F_LD_LINES, lines);
  set(i, WEFT_F_LD_WIDTH, width);
  set(i, WEFT_F_LD_CHANNELS, channels);
  return i;
}

static void test_ranges(Machine &m) {
  struct { int region; uint32_t offset, pitch; int lines, width, channels; } bad[] = {
    {1, kDirectedBytes, 8, 1, 1, 1},              // first byte outside
    {2, kDirectedBytes - 7, 8, 1, 1, 8},          // last byte outside
    {3, kDirectedBytes - 64, 64, 2, 8, 8},        // second line outside
    {1, 0xfffffff0u, 8, 1, 8, 8},                 // wraps in a line
    {2, 16, 0xffffffe0u, 3, 4, 4},                // wraps from line to line
    {1, 16, 0x80000000u, 3, 1, 1},                // returns to its start after a wrap
    {3, 0, 4095 * 16, 12, 4095, 16},              // long lines
    {1, 0x100, 0xfffffff0u, 2, 1, 1},             // in range again, had 32 bits been all
  };
  for (auto &c : bad)
    for (int store = 0; store < 2; store++) {
      Rng rng(1);
      Builder b(rng, kDirectedBytes);
      b.cfg(store ? WEFT_I_SCFG : WEFT_I_LCFG, 0, c.pitch, 1, 1);
      b.p.push_back(make_dma(store ? WEFT_I_ST : WEFT_I_LD, c.region, c.offset, c.lines, c.width, c.channels));
      b.end();
      expect_fault(m, b.p, FAULT_RANGE, 1, store ? WEFT_Q_ST : WEFT_Q_LD, store ? "ST range" : "LD range");
    }
  for (int k = 0; k < 3; k++) {
    Rng rng(1);
    Builder b(rng, kDirectedBytes);
    b.mark(1);
    weft_insn i = weft_insn_make(WEFT_I_WT);
    set(i, WEFT_F_WT_OFFSET, k == 0 ? kDirectedBytes : k == 1 ? kDirectedBytes - kCols : 0xffffffc0u);
    set(i, WEFT_F_WT_N_WORDS, k == 1 ? 2 : k == 2 ? 64 : 1);
    set(i, WEFT_F_WT_N_GROUPS, 1);
    set(i, WEFT_F_WT_REPEATS, 1);
    b.p.push_back(i);
    b.end();
    expect_fault(m, b.p, FAULT_RANGE, 1, WEFT_Q_WT, "WT range");
  }
  Rng rng(1);
  Builder b(rng, kDirectedBytes);
  b.mark(1);
  expect_fault(m, b.p, FAULT_NO_END, 1, WEFT_Q_CTL, "no END");
  for (int k = 0; k < 40; k++) b.mark(k);
  expect_fault(m, b.p, FAULT_NO_END, 41, WEFT_Q_CTL, "no END after 41");
  for (size_t k = b.p.size(); k < (size_t)kDirectedBytes / 16; k++) b.p.push_back(weft_insn_make(WEFT_I_MARK));
  expect_fault(m, b.p, FAULT_RANGE, kDirectedBytes / 16, WEFT_Q_CTL, "program leaves region 0", kDirectedBytes / 16 + 8);
}

// The whole region, to its last byte, is allowed.
static void test_exact_range(Machine &m) {
  Rng rng(1);
  Builder b(rng, kDirectedBytes);
  b.cfg(WEFT_I_LCFG, 0, 100, 1, 1);
  b.cfg(WEFT_I_SCFG, 0, 100, 1, 1);
  b.cfg(WEFT_I_LCFG, 2, 3, 3, 0);
  b.cfg(WEFT_I_SCFG, 2, 3, 3, 0);
  weft_insn ld = make_dma(WEFT_I_LD, 2, kDirectedBytes - 113, 2, 13, 1);
  b.signal(ld, 0, 1);
  b.p.push_back(ld);
  weft_insn st = make_dma(WEFT_I_ST, 3, kDirectedBytes - 113, 2, 13, 1);
  b.wait(st, 0, 1);
  b.p.push_back(st);
  b.end();
  State got = new_state(kDirectedBytes, 8, b.p), want = got;
  Result r = run_program(m, b.p, plain_setup(), got);
  CHECK(r.fault == 0 && !r.hung, "exact range: fault %d", r.fault);
  reference(want, b.p);
  compare(got, want, "exact range");
}

// Every word that weft_insn_illegal refuses is a fault, and no other.
static void test_illegal(Machine &m) {
  static const weft_opcode ops[] = {WEFT_I_NOP, WEFT_I_END, WEFT_I_MARK, WEFT_I_CFG, WEFT_I_TAP, WEFT_I_EXC,
                                    WEFT_I_LCFG, WEFT_I_LD, WEFT_I_SCFG, WEFT_I_ST, WEFT_I_WT};
  Rng rng(99);
  int illegal = 0, legal = 0;
  for (int k = 0; k < 1500; k++) {
    weft_insn i = weft_insn_make(ops[rng.range(0, 10)]);
    if (rng.chance(80)) {                         // random fields
      uint64_t lo = weft_rng_next(&rng.r) & weft_rng_next(&rng.r), hi = weft_rng_next(&rng.r) & weft_rng_next(&rng.r);
      if (rng.chance(70)) lo &= UINT64_C(0xffffffff00000000);
      i.lo |= lo;
      i.hi |= hi;
      if (get(i, WEFT_H_OP) == WEFT_I_EXC && rng.chance(80)) {
        i.hi &= ~(UINT64_C(0xf) << 32);
        for (weft_field f : {WEFT_F_EXC_N_TILES, WEFT_F_EXC_N_GROUPS, WEFT_F_EXC_N_TAPS, WEFT_F_EXC_LAST_ROWS})
          set(i, f, 1);
      }
    }
    if (rng.chance(10)) i.lo ^= UINT64_C(1) << rng.range(0, 63);
    if (rng.chance(10)) i.hi ^= UINT64_C(1) << rng.range(0, 63);
    bool bad = weft_insn_illegal(&i) != nullptr;
    bad ? illegal++ : legal++;
    if (!bad && get(i, WEFT_H_OP) == WEFT_I_END) continue;
    std::vector<weft_insn> p;
    weft_insn mark = weft_insn_make(WEFT_I_MARK);
    p.push_back(mark);
    p.push_back(i);
    Setup su = plain_setup();
    su.watchdog = 300;
    State got = new_state(4096, 4, p);
    Result r = run_program(m, p, su, got);
    // A legal one is followed by the end of the program, or stops before it.
    bool is_illegal = r.fault == FAULT_ILLEGAL;
    CHECK(!r.hung && is_illegal == bad, "%016llx %016llx: fault %d, %s", (unsigned long long)i.hi,
          (unsigned long long)i.lo, r.fault, bad ? weft_insn_illegal(&i) : "legal");
    if (is_illegal) CHECK(r.fault_pc == 1 && r.fault_queue == WEFT_Q_CTL, "pc %u queue %d", r.fault_pc, r.fault_queue);
  }
  CHECK(illegal > 100 && legal > 100, "%d illegal, %d legal: the mix is poor", illegal, legal);
}

static void test_watchdog(Machine &m) {
  Rng rng(1);
  Builder b(rng, kDirectedBytes);
  b.mark(3);
  b.nop(WEFT_Q_EX, 5, 1, 0, 0);                   // nobody gives
  b.end();
  expect_fault(m, b.p, FAULT_WATCHDOG, 3, WEFT_Q_CTL, "watchdog");
  Setup su = plain_setup();
  uint64_t cycles[2];
  for (uint32_t k = 0; k < 2; k++) {
    su.watchdog = 500 + 200 * k;
    State s = new_state(4096, 4, b.p);
    cycles[k] = run_program(m, b.p, su, s).cycles;
  }
  CHECK(cycles[0] > 500 && cycles[0] < 640 && cycles[1] == cycles[0] + 200, "watchdog after %llu and %llu",
        (unsigned long long)cycles[0], (unsigned long long)cycles[1]);
  su.watchdog = 0;
  su.max_cycles = 3000;
  State got = new_state(4096, 4, b.p);
  m.prepare(got, su, 3);
  Result r = m.run();
  CHECK(r.hung, "watchdog 0 is off");
  CHECK(m.read(CSR_STATUS) == 1, "busy");
  CHECK((m.read(CSR_STATE_EX) & 3) == 3 && (m.read(CSR_STATE_EX) >> 8) == 1, "EX waits: %x", m.read(CSR_STATE_EX));
  CHECK((m.read(CSR_STATE_LD) & 1) == 0, "LD is idle");
  m.write(CSR_BASE1, 64);
  CHECK(m.read(CSR_BASE1) == 0x40000, "registers are kept while busy");
  m.write(CSR_CTRL, 1);
  CHECK(m.read(CSR_STATUS) == 1, "a start while busy is ignored");
  m.write(CSR_CTRL, 2);
  for (int k = 0; k < 50; k++) m.cycle();
  CHECK(m.read(CSR_STATUS) == 0 && !m.top.irq_o, "reset: idle, no interrupt");
}

// A reset in the middle of traffic: bursts end, memory stays consistent, the next run is whole.
static void test_reset(Machine &m) {
  for (int k = 0; k < 60; k++) {
    Rng rng((uint64_t)k + 1);
    Builder b(rng, 32768);
    b.random(3);
    State got = new_state(32768, 4, b.p);
    m.prepare(got, plain_setup(), (uint32_t)b.p.size());
    m.restart = true;
    m.write(CSR_CTRL, 1);
    for (int c = rng.range(1, 600); c > 0 && !m.top.irq_o; c--) m.cycle();
    bool over = m.top.irq_o;
    m.write(CSR_CTRL, 2);
    for (int c = 0; c < 100; c++) m.cycle();
    CHECK(m.read(CSR_STATUS) == 0, "reset %d: status %x", k, m.read(CSR_STATUS));
    CHECK(weft_dram_idle(&m.dram) && m.dram.error == nullptr, "reset %d (over %d): bursts left", k, over);
    State again = new_state(32768, 5, b.p), want = again;
    Result r = run_program(m, b.p, plain_setup(), again);
    CHECK(!r.hung && r.fault == 0, "after reset %d", k);
    reference(want, b.p);
    compare(again, want, "after a reset");
  }
}

static void test_identity(Machine &m) {
  CHECK(m.read(CSR_ID) == 0x54464557, "ID");
  CHECK(m.read(CSR_ISA_VERSION) == 1, "ISA version");
  CHECK(m.read(0xffc) == 0 && m.read(0x3) == 0, "holes read 0");
}

static void test_marks(Machine &m) {
  Rng rng(1);
  Builder b(rng, kDirectedBytes);
  for (int k = 0; k < 600; k++) b.mark(k * 7);
  b.end();
  State got = new_state(kDirectedBytes, 4, b.p);
  Setup su = plain_setup();
  Result r = run_program(m, b.p, su, got);
  CHECK(r.marks == 600 && r.mark_ids.size() == 512, "%u marks", r.marks);
  for (size_t k = 0; k < r.mark_ids.size(); k++) CHECK(r.mark_ids[k] == k * 7, "mark %zu: %u", k, r.mark_ids[k]);
  uint32_t last = 0;
  for (uint32_t k = 0; k < 512; k += 73) {
    m.write(CSR_MARK_INDEX, k);
    uint32_t c = m.read(CSR_MARK_CYCLE);
    CHECK(c > last && c < r.cycles, "mark %u at %u", k, c);
    last = c;
  }
}

// Cycles over what the bytes alone take, at one beat a cycle and latency 20.
static int overhead(Machine &m, const std::vector<weft_insn> &p, uint64_t *beats) {
  State got = new_state(kDirectedBytes, 4, p), want = got;
  Result r = run_program(m, p, plain_setup(), got);
  CHECK(!r.hung && r.fault == 0, "fault %d", r.fault);
  reference(want, p);
  compare(got, want, "bandwidth");
  *beats = r.read_beats + r.write_beats;
  return (int)(r.cycles - *beats);
}

static void test_bandwidth(Machine &m) {
  uint64_t beats;
  Rng rng(1);
  {                                                // n-groups as of FC-AE and of depthwise
    Builder b(rng, kDirectedBytes);
    for (int k = 0; k < 24; k++) {
      weft_insn i = weft_insn_make(WEFT_I_WT);
      set(i, WEFT_F_WT_OFFSET, 1024 + (k & 1) * 512);
      set(i, WEFT_F_WT_N_WORDS, k & 1 ? 9 : 128 * 8 / kCols);
      set(i, WEFT_F_WT_N_GROUPS, 8);
      set(i, WEFT_F_WT_REPEATS, 1);
      set(i, WEFT_F_WT_PARAMS, 1 + (k & 1));
      b.p.push_back(i);
    }
    b.end();
    int extra = overhead(m, b.p, &beats);
    CHECK(extra < 110 + (int)beats / 100, "WT: %d cycles over %llu beats", extra, (unsigned long long)beats);
    if (verbose) printf("WT: %d over %llu\n", extra, (unsigned long long)beats);
  }
  for (int store = 0; store < 2; store++) {
    Builder b(rng, kDirectedBytes);
    b.cfg(store ? WEFT_I_SCFG : WEFT_I_LCFG, 0, 16 * (uint32_t)kCols, 1, 1);
    b.cfg(store ? WEFT_I_SCFG : WEFT_I_LCFG, 2, 16 / (uint32_t)kRows, 3, 0);
    for (int k = 0; k < 8; k++)
      b.p.push_back(make_dma(store ? WEFT_I_ST : WEFT_I_LD, 1, (uint32_t)k * 2048u, 2048 / (16 * kCols), 16, kCols));
    b.end();
    int extra = overhead(m, b.p, &beats);
    CHECK(extra < 110 + (int)beats / 100, "%s: %d cycles over %llu beats", store ? "ST" : "LD",
          extra, (unsigned long long)beats);
    if (verbose) printf("%s: %d over %llu\n", store ? "ST" : "LD", extra, (unsigned long long)beats);
  }
}

// More bursts outstanding than are tracked; instructions behind END still arriving.
static void test_long_latency(Machine &m) {
  Rng rng(3);
  Builder b(rng, kDirectedBytes);
  b.cfg(WEFT_I_LCFG, 0, 5, 1, 1);
  b.cfg(WEFT_I_LCFG, 2, 1, 3, 0);
  b.p.push_back(make_dma(WEFT_I_LD, 1, 3, 150, 1, 1));
  for (int k = 0; k < 6; k++) b.weights();
  b.end();
  for (int k = 0; k < 60; k++) b.mark(k);
  State got = new_state(kDirectedBytes, 4, b.p), want = got;
  Setup su = plain_setup();
  su.timing.latency = 400;
  Result r = run_program(m, b.p, su, got);
  CHECK(!r.hung && r.fault == 0 && r.marks == 0, "long latency: fault %d", r.fault);
  b.p.resize(b.p.size() - 60);
  reference(want, b.p);
  compare(got, want, "long latency");
}

// DONE waits for instructions that were fetched behind END.
static void test_done_waits(Machine &m) {
  std::vector<weft_insn> p;
  p.push_back(weft_insn_make(WEFT_I_END));
  for (int k = 0; k < 60; k++) p.push_back(weft_insn_make(WEFT_I_MARK));
  Setup su = plain_setup();
  su.timing.latency = 100;
  State got = new_state(4096, 4, p);
  Result r = run_program(m, p, su, got);
  CHECK(!r.hung && r.fault == 0 && r.marks == 0, "END first: fault %d", r.fault);
}

static void test_directed(Machine &m) {
  test_done_waits(m);
  test_long_latency(m);
  test_identity(m);
  test_exact_range(m);
  test_bandwidth(m);
  test_ranges(m);
  test_illegal(m);
  test_watchdog(m);
  test_marks(m);
  test_reset(m);
}
