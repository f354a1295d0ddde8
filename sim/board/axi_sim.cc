/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface of axi_sim.h over a verilated weft_axi. Built by sim/rtl/sim_cache.c. */
#include "sim/board/axi_sim.h"

#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "Vweft.h"
#include "verilated.h"

namespace {
constexpr uint32_t kBeat = WEFT_BEAT_BYTES;
constexpr uint32_t kAnswerClocks = 100000;

struct beat { uint8_t data[kBeat]; uint32_t strobe; bool is_last; };
struct burst { uint32_t at, n_beats; };
struct read_burst { burst b; bool is_early; std::vector<uint8_t> data; uint32_t n_done; };
struct write_burst { burst b; std::vector<beat> beats; uint32_t wait; };
struct held { bool is_valid, is_ready; uint64_t payload; };
}  // namespace

struct axi_sim {
  VerilatedContext context;
  std::unique_ptr<Vweft> top;
  axi_sim_options o;
  uint64_t random, n_clocks;
  char error[160];
  std::deque<burst> addresses;    /* of writes, taken                            */
  std::deque<beat> beats;         /* write data, taken; maybe before an address  */
  std::deque<write_burst> writes; /* whole ones that wait for their response     */
  std::deque<read_burst> reads;
  held aw, w, ar;
  bool b_shown, r_shown;
};

namespace {

uint32_t next(axi_sim *s) {
  uint64_t z = (s->random += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return static_cast<uint32_t>(z ^ (z >> 31));
}
bool go(axi_sim *s) { return next(s) % 100 >= s->o.stall_percent; }

void check(axi_sim *s, bool is_good, const char *what, uint32_t address = 0) {
  if (!is_good && s->error[0] == '\0')
    std::snprintf(s->error, sizeof s->error, "clock %llu: %s (0x%08x)", static_cast<unsigned long long>(s->n_clocks), what, address);
}

void holds(axi_sim *s, held *h, bool valid, bool ready, uint64_t payload, const char *what) {
  check(s, !h->is_valid || h->is_ready || (valid && payload == h->payload), what);
  *h = held{valid, ready, payload};
}

/* An offset into the memory; an illegal burst becomes one that does no harm. */
burst taken(axi_sim *s, uint32_t address, uint32_t len, uint32_t size, uint32_t kind) {
  const uint32_t n = len + 1, last = address + n * kBeat - 1;
  check(s, kind == 1 && (1u << size) == kBeat && address % kBeat == 0 && n * kBeat <= 256, "an illegal burst", address);
  check(s, address / 4096 == last / 4096, "a burst across 4 KiB", address);
  const bool is_inside = address >= s->o.base && address - s->o.base <= s->o.mem_bytes - n * kBeat;
  check(s, is_inside, "a burst outside the buffer", address);
  return burst{is_inside ? address - s->o.base : 0, n};
}

/* ---- what the memory shows -------------------------------------------------- */
void show(axi_sim *s) {
  Vweft *t = s->top.get();
  t->m_axi_awready = go(s) && s->addresses.size() < 3;
  t->m_axi_wready = go(s) && s->beats.size() < 40;
  t->m_axi_arready = go(s) && s->reads.size() < 6;
  for (write_burst &w : s->writes) w.wait -= w.wait > 0;
  if (!s->b_shown && !s->writes.empty() && s->writes.front().wait == 0) {
    const write_burst &w = s->writes.front();
    for (uint32_t i = 0; i < w.b.n_beats; i++)
      for (uint32_t k = 0; k < kBeat; k++)
        if (w.beats[i].strobe >> k & 1) s->o.memory[w.b.at + i * kBeat + k] = w.beats[i].data[k];
    s->b_shown = true;
  }
  t->m_axi_bvalid = s->b_shown;
  t->m_axi_bresp = 0;
  if (!s->r_shown && !s->reads.empty() && go(s)) {
    read_burst &r = s->reads.front();
    const uint8_t *from = r.is_early ? r.data.data() : s->o.memory + r.b.at;
    std::memcpy(&t->m_axi_rdata, from + r.n_done * kBeat, kBeat);
    t->m_axi_rlast = r.n_done + 1 == r.b.n_beats;
    s->r_shown = true;
  }
  t->m_axi_rvalid = s->r_shown;
  t->m_axi_rresp = 0;
}

/* ---- what the coming edge does ---------------------------------------------- */
void answer_reads(axi_sim *s) {
  Vweft *t = s->top.get();
  if (t->m_axi_rvalid && t->m_axi_rready) {
    s->r_shown = false;
    if (++s->reads.front().n_done == s->reads.front().b.n_beats) s->reads.pop_front();
  }
  if (!(t->m_axi_arvalid && t->m_axi_arready)) return;
  read_burst r{taken(s, t->m_axi_araddr, t->m_axi_arlen, t->m_axi_arsize, t->m_axi_arburst), (next(s) & 1) != 0, {}, 0};
  if (r.is_early) r.data.assign(s->o.memory + r.b.at, s->o.memory + r.b.at + r.b.n_beats * kBeat);
  s->reads.push_back(r);
}

void answer_writes(axi_sim *s) {
  Vweft *t = s->top.get();
  if (t->m_axi_bvalid && t->m_axi_bready) {
    s->b_shown = false;
    s->writes.pop_front();
  }
  if (t->m_axi_awvalid && t->m_axi_awready)
    s->addresses.push_back(taken(s, t->m_axi_awaddr, t->m_axi_awlen, t->m_axi_awsize, t->m_axi_awburst));
  if (t->m_axi_wvalid && t->m_axi_wready) {
    beat b{};
    std::memcpy(b.data, &t->m_axi_wdata, kBeat);
    b.strobe = t->m_axi_wstrb;
    b.is_last = t->m_axi_wlast;
    s->beats.push_back(b);
  }
  while (!s->addresses.empty() && s->beats.size() >= s->addresses.front().n_beats) {
    const burst b = s->addresses.front();
    write_burst w{b, {s->beats.begin(), s->beats.begin() + b.n_beats}, next(s) % 8 == 0 ? next(s) % 200 : next(s) % 12};
    for (uint32_t i = 0; i < b.n_beats; i++)
      check(s, w.beats[i].is_last == (i + 1 == b.n_beats), "WLAST", s->o.base + b.at);
    s->beats.erase(s->beats.begin(), s->beats.begin() + b.n_beats);
    s->addresses.pop_front();
    s->writes.push_back(w);
  }
}

void clock(axi_sim *s) {
  Vweft *t = s->top.get();
  show(s);
  t->clk = 0;
  t->eval();
  uint64_t data = 0;
  std::memcpy(&data, &t->m_axi_wdata, kBeat < 8 ? kBeat : 8);
  if (t->rst_n) {
    holds(s, &s->aw, t->m_axi_awvalid, t->m_axi_awready, static_cast<uint64_t>(t->m_axi_awaddr) << 8 | t->m_axi_awlen, "AW changed");
    holds(s, &s->ar, t->m_axi_arvalid, t->m_axi_arready, static_cast<uint64_t>(t->m_axi_araddr) << 8 | t->m_axi_arlen, "AR changed");
    holds(s, &s->w, t->m_axi_wvalid, t->m_axi_wready,
          data ^ static_cast<uint64_t>(t->m_axi_wstrb) << 40 ^ static_cast<uint64_t>(t->m_axi_wlast) << 63, "W changed");
    check(s, !t->error, "weft_axi says that the bus answered with an error");
    answer_reads(s);
    answer_writes(s);
  }
  t->clk = 1;
  t->eval();
  s->n_clocks++;
}

void axi_idle(axi_sim *s, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) clock(s);
}

/* ---- registers --------------------------------------------------------------- */
/* Address and data of a write come apart; each stays until it is taken. */
void axi_store(axi_sim *s, uint32_t offset, uint32_t value) {
  Vweft *t = s->top.get();
  bool has_address = false, has_data = false;
  axi_idle(s, next(s) % 32);
  for (uint32_t i = 0; i < kAnswerClocks; i++) {
    t->s_axi_awvalid = !has_address && (t->s_axi_awvalid || go(s));
    t->s_axi_wvalid = !has_data && (t->s_axi_wvalid || go(s));
    t->s_axi_awaddr = static_cast<uint16_t>(offset);
    t->s_axi_wdata = value;
    t->s_axi_wstrb = 15;
    t->s_axi_bready = go(s);
    t->clk = 0;
    t->eval();
    const bool a = t->s_axi_awvalid && t->s_axi_awready, d = t->s_axi_wvalid && t->s_axi_wready;
    const bool is_done = t->s_axi_bvalid && t->s_axi_bready;
    check(s, !is_done || t->s_axi_bresp == 0, "a register write refused", offset);
    check(s, !t->s_axi_bvalid || (has_address && has_data), "a response before its write", offset);
    clock(s);
    has_address |= a;
    has_data |= d;
    if (!is_done) continue;
    t->s_axi_bready = 0;
    return;
  }
  check(s, false, "a register write has no end", offset);
}

uint32_t axi_load(axi_sim *s, uint32_t offset) {
  Vweft *t = s->top.get();
  bool has_address = false;
  axi_idle(s, next(s) % 32);
  for (uint32_t i = 0; i < kAnswerClocks; i++) {
    t->s_axi_arvalid = !has_address && (t->s_axi_arvalid || go(s));
    t->s_axi_araddr = static_cast<uint16_t>(offset);
    t->s_axi_rready = go(s);
    t->clk = 0;
    t->eval();
    const bool a = t->s_axi_arvalid && t->s_axi_arready, is_done = t->s_axi_rvalid && t->s_axi_rready;
    const uint32_t value = t->s_axi_rdata;
    check(s, !is_done || (t->s_axi_rresp == 0 && has_address), "a register read refused", offset);
    clock(s);
    has_address |= a;
    if (!is_done) continue;
    t->s_axi_rready = 0;
    return value;
  }
  check(s, false, "a register read has no end", offset);
  return 0;
}

axi_sim *axi_open(const axi_sim_options *o) {
  if (o->memory == nullptr || o->mem_bytes < 4096 || o->stall_percent > 95 || o->base % 4096 != 0) return nullptr;
  axi_sim *s = new axi_sim();
  s->o = *o;
  s->random = o->seed;
  s->top = std::make_unique<Vweft>(&s->context);
  s->top->rst_n = 0;
  axi_idle(s, 8);
  s->top->rst_n = 1;
  axi_idle(s, 2);
  return s;
}

void axi_close(axi_sim *s) { delete s; }
const char *axi_error(const axi_sim *s) { return s->error[0] != '\0' ? s->error : nullptr; }
uint64_t axi_clocks(const axi_sim *s) { return s->n_clocks; }

const axi_sim_api api = {AXI_SIM_ABI, axi_open, axi_close, axi_load, axi_store, axi_idle, axi_error, axi_clocks};

}  // namespace

extern "C" const axi_sim_api *weft_axi_sim_api(void) { return &api; }
