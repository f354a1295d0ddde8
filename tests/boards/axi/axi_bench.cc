// SPDX-License-Identifier: Apache-2.0
// weft_axi_mem and weft_axil_csr between an accelerator and a bus that stalls
// at random, takes data before addresses, and lets responses wait. Every rule
// of the bus that a master can break is checked each cycle, every byte against
// a memory in program order. Arguments: seed, cycles, per cent of stalls.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

#include "Vaxi.h"

static uint64_t state;
static uint32_t rnd() {
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (uint32_t)(z ^ (z >> 31));
}
static unsigned stall;
static bool go() { return rnd() % 100 >= stall; }

static constexpr uint32_t kBytes = 1 << 15, kBeat = 8;
static uint8_t bus[kBytes], want[kBytes];   // what the slave holds; program order
static long n_bad, now;
static void check(bool good, const char *what) {
  if (!good && n_bad++ < 10) printf("cycle %ld: %s\n", now, what);
}

struct burst { uint32_t addr; unsigned beats; };
struct beat { uint64_t data; uint8_t strb; };
struct held { bool valid, ready; uint64_t payload; };
static void holds(held &h, bool valid, bool ready, uint64_t payload, const char *what) {
  check(!h.valid || h.ready || (valid && payload == h.payload), what);
  h = held{valid, ready, payload};
}
static void legal(uint32_t addr, unsigned len) {
  check(addr % kBeat == 0 && len < 256, "an illegal burst");
  check(addr / 4096 == (addr + (len + 1) * kBeat - 1) / 4096, "a burst across 4 KiB");
}

struct bench {
  Vaxi t;
  std::deque<burst> aw, ar;                  // accepted by the slave
  std::deque<beat> w_data;                   // write beats that wait for an address
  std::deque<bool> w_last;
  std::deque<unsigned> b_wait;               // cycles until a response
  std::deque<uint64_t> expect;               // read beats in order
  std::deque<beat> to_write;                 // what the accelerator still gives
  unsigned ar_done = 0, aw_done = 0;
  held h_aw{}, h_w{}, h_ar{}, h_b{}, h_r{};
  long n_reads = 0, n_writes = 0, n_csr = 0;
  uint32_t csr[1024] = {0}, csr_want[1024] = {0}, csr_now = 0, rd_addr = 0;
  bool w_pending = false, aw_pending = false, ar_pending = false;

  void drive_accelerator() {
    // the accelerator: a request held until taken, write data always ready
    if (!t.mem_req_valid_i && now > 8 && go()) {
      const unsigned beats = 1 + rnd() % (64 / kBeat);
      t.mem_req_valid_i = 1;
      t.mem_req_write_i = rnd() & 1;
      t.mem_req_beats_i = beats;
      t.mem_req_addr_i = rnd() % 4 ? rnd() % (kBytes / kBeat - beats) * kBeat
                                   : (4096 * (1 + rnd() % 6) - kBeat * (1 + rnd() % beats));
    }
    t.mem_w_data_i = to_write.empty() ? 0x5555 : to_write.front().data;
    t.mem_w_strb_i = to_write.empty() ? 0 : to_write.front().strb;
  }

  void drive_bus() {
    // the bus: responses wait, data and addresses are taken when it likes
    t.m_axi_awready = go() && aw.size() < 3;
    t.m_axi_wready = go() && w_data.size() < 12;
    t.m_axi_arready = go() && ar.size() < 6;
    if (!h_b.valid || h_b.ready) t.m_axi_bvalid = !b_wait.empty() && b_wait.front() == 0;
    if (!h_r.valid || h_r.ready) {
      t.m_axi_rvalid = !ar.empty() && go();
      if (t.m_axi_rvalid) {
        memcpy(&t.m_axi_rdata, bus + ar.front().addr + ar_done * kBeat, kBeat);
        t.m_axi_rlast = ar_done + 1 == ar.front().beats;
      }
    }
  }

  void drive_host() {
    // the host on the CSR side
    if (!aw_pending && !w_pending && !t.s_axi_bvalid && go() && now > 8) {
      aw_pending = w_pending = true;
      t.s_axi_awaddr = rnd() % 1024 * 4;
      t.s_axi_wdata = rnd();
      t.s_axi_wstrb = rnd() % 8 ? 15 : 3;
    }
    if (!ar_pending && !t.s_axi_rvalid && go() && now > 8) {
      ar_pending = true;
      t.s_axi_araddr = rnd() % 1024 * 4;
    }
    t.s_axi_awvalid = aw_pending && (t.s_axi_awvalid || go());
    t.s_axi_wvalid = w_pending && (t.s_axi_wvalid || go());
    t.s_axi_arvalid = ar_pending;
    t.s_axi_bready = go();
    t.s_axi_rready = go();
  }

  void check_rules() {
    // rules
    holds(h_aw, t.m_axi_awvalid, t.m_axi_awready, (uint64_t)t.m_axi_awaddr << 8 | t.m_axi_awlen, "AW changed");
    holds(h_ar, t.m_axi_arvalid, t.m_axi_arready, (uint64_t)t.m_axi_araddr << 8 | t.m_axi_arlen, "AR changed");
    holds(h_w, t.m_axi_wvalid, t.m_axi_wready, t.m_axi_wdata ^ (uint64_t)t.m_axi_wstrb << 56 ^ (uint64_t)t.m_axi_wlast << 55, "W changed");
    h_b = held{(bool)t.m_axi_bvalid, (bool)t.m_axi_bready, 0};
    h_r = held{(bool)t.m_axi_rvalid, (bool)t.m_axi_rready, 0};
  }

  void answer() {
    // what the coming edge does
    if (t.m_axi_rvalid && t.m_axi_rready) {
      check(t.mem_r_valid_o && !expect.empty() && expect.front() == t.mem_r_data_o, "read data");
      if (!expect.empty()) expect.pop_front();
      if (++ar_done == ar.front().beats) { ar.pop_front(); ar_done = 0; }
    }
    for (unsigned &b : b_wait) b -= b > 0;
    if (t.m_axi_bvalid && t.m_axi_bready) b_wait.pop_front();
    if (t.m_axi_arvalid && t.m_axi_arready) {
      legal(t.m_axi_araddr, t.m_axi_arlen);
      ar.push_back(burst{t.m_axi_araddr, t.m_axi_arlen + 1u});
    }
    if (t.m_axi_awvalid && t.m_axi_awready) {
      legal(t.m_axi_awaddr, t.m_axi_awlen);
      aw.push_back(burst{t.m_axi_awaddr, t.m_axi_awlen + 1u});
    }
    if (t.m_axi_wvalid && t.m_axi_wready) {
      w_data.push_back(beat{t.m_axi_wdata, t.m_axi_wstrb});
      w_last.push_back(t.m_axi_wlast);
    }
    while (!aw.empty() && !w_data.empty()) {
      const burst &b = aw.front();
      for (unsigned i = 0; i < kBeat; i++)
        if (w_data.front().strb >> i & 1) bus[b.addr + aw_done * kBeat + i] = (uint8_t)(w_data.front().data >> 8 * i);
      aw_done++;
      check(w_last.front() == (aw_done == b.beats), "WLAST");
      w_data.pop_front();
      w_last.pop_front();
      if (aw_done == b.beats) { aw.pop_front(); aw_done = 0; b_wait.push_back(rnd() % 8); }
    }
  }

  bool take_request() {
    if (t.mem_w_ready_o) {
      check(!to_write.empty(), "data taken that nobody gave");
      if (!to_write.empty()) to_write.pop_front();
    }
    const bool taken = t.mem_req_valid_i && t.mem_req_ready_o && t.rst_ni;
    if (taken) {
      for (unsigned i = 0; i < t.mem_req_beats_i; i++) {
        const uint32_t at = t.mem_req_addr_i + i * kBeat;
        if (t.mem_req_write_i) {
          const beat b = {(uint64_t)rnd() << 32 | rnd(), (uint8_t)(rnd() % 3 ? 0xff : rnd())};
          to_write.push_back(b);
          for (unsigned k = 0; k < kBeat; k++) if (b.strb >> k & 1) want[at + k] = (uint8_t)(b.data >> 8 * k);
        } else {
          uint64_t v;
          memcpy(&v, want + at, kBeat);
          expect.push_back(v);
        }
      }
      (t.mem_req_write_i ? n_writes : n_reads)++;
    }
    return taken;
  }

  void cycle() {
    t.clk_i = 0;
    if (now == 4) t.rst_ni = 1;
    drive_accelerator();
    drive_bus();
    drive_host();
    t.csr_rdata_i = csr_now;
    t.eval();
    check_rules();
    answer();
    const bool taken = take_request();
    const bool csr_write = t.csr_valid_o && t.csr_write_o, aw_go = t.s_axi_awvalid && t.s_axi_awready;
    const bool w_go = t.s_axi_wvalid && t.s_axi_wready, ar_go = t.s_axi_arvalid && t.s_axi_arready;
    const uint32_t next_csr = t.csr_valid_o && !t.csr_write_o ? csr[t.csr_addr_o / 4] : rnd();
    if (csr_write) csr[t.csr_addr_o / 4] = t.csr_wdata_o;
    check(aw_go == w_go, "address and data of a write apart");
    check(csr_write == (aw_go && t.s_axi_wstrb == 15), "a register write that is none");
    if (csr_write) csr_want[t.s_axi_awaddr / 4] = t.s_axi_wdata;
    if (ar_go) rd_addr = csr_want[t.s_axi_araddr / 4];
    if (t.s_axi_rvalid && t.s_axi_rready) { check(t.s_axi_rdata == rd_addr, "register read"); n_csr++; }
    if (t.s_axi_bvalid && t.s_axi_bready) check(t.s_axi_bresp == 0 || t.s_axi_bresp == 2, "BRESP");
    t.clk_i = 1;
    t.eval();
    csr_now = next_csr;
    if (taken) t.mem_req_valid_i = 0;
    if (aw_go) aw_pending = w_pending = false;
    if (aw_go) t.s_axi_awvalid = t.s_axi_wvalid = 0;
    if (ar_go) ar_pending = false;
  }
};

int main(int argc, char **argv) {
  state = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
  const long cycles = argc > 2 ? atol(argv[2]) : 100000;
  stall = argc > 3 ? (unsigned)atoi(argv[3]) : 40;
  bench b;
  for (uint32_t i = 0; i < kBytes; i++) bus[i] = want[i] = (uint8_t)rnd();
  b.t.rst_ni = 0;
  for (now = 0; now < cycles; now++) b.cycle();
  check(memcmp(b.csr, b.csr_want, sizeof b.csr) == 0, "registers differ");
  check(b.n_reads > cycles / 200 && b.n_writes > cycles / 200 && b.n_csr > cycles / 200, "nothing was done");
  printf("seed %s, %u %% stalls: %ld reads, %ld writes, %ld register reads, %ld errors\n", argc > 1 ? argv[1] : "1",
         stall, b.n_reads, b.n_writes, b.n_csr, n_bad);
  return n_bad != 0;
}
