/* SPDX-License-Identifier: Apache-2.0 */
/* The C ABI of rtl_sim.h over a verilated weft_top and sim/dram. The only C++
 * besides the SystemC wrapper; built by sim_cache.c with WEFT_* defined. */
#include "sim/rtl/rtl_sim.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "Vweft.h"
#include "verilated.h"
#include "verilated_sym_props.h"
#include "verilated_syms.h"
#if WEFT_TRACE
#include "verilated_fst_c.h"
#endif

namespace {

constexpr uint32_t kBeat = WEFT_BEAT_BYTES;
constexpr uint32_t kSliceBytes = WEFT_WORD_BYTES > 8 ? 8 : WEFT_WORD_BYTES;
constexpr uint32_t kSlices = WEFT_WORD_BYTES / kSliceBytes;

template <typename T> void put_beat(T &port, const uint8_t *bytes) { std::memcpy(&port, bytes, kBeat); }
template <typename T> void get_beat(const T &port, uint8_t *bytes) { std::memcpy(bytes, &port, kBeat); }

}  // namespace

struct rtl_sim {
  VerilatedContext context;
  std::unique_ptr<Vweft> top;
  weft_dram dram;
  weft_dram_timing timing;
  weft_dram_out shown;
  std::vector<uint8_t *> banks;         /* [rows][slices]: memory of a slice   */
  rtl_sim_port port;                    /* instead of dram, or NULL            */
  void *port_user;
  uint64_t retired[RTL_SIM_QUEUES];
  uint64_t issue_hash, cycle, run_cycle;
  bool restart_next;
#if WEFT_TRACE
  std::unique_ptr<VerilatedFstC> fst;
  bool tracing;
#endif
};

namespace {

void half_cycle(rtl_sim *s, int clk) {
  s->top->clk_i = static_cast<CData>(clk);
  s->top->eval();
#if WEFT_TRACE
  if (s->fst && s->tracing) s->fst->dump(2 * s->cycle + static_cast<uint64_t>(clk));
#endif
}

void drive(rtl_sim *s) {
  s->top->mem_req_ready_i = s->shown.req_ready;
  s->top->mem_w_ready_i = s->shown.w_ready;
  s->top->mem_r_valid_i = s->shown.r_valid;
  put_beat(s->top->mem_r_data_i, s->shown.r_data);
}

void sample(rtl_sim *s, weft_dram_in *in) {
  in->req_valid = s->top->mem_req_valid_o;
  in->req_write = s->top->mem_req_write_o;
  in->req_addr = s->top->mem_req_addr_o;
  in->req_beats = s->top->mem_req_beats_o;
  in->w_strb = s->top->mem_w_strb_o;
  if (s->shown.w_ready) get_beat(s->top->mem_w_data_o, in->w_data);
}

/* One clock cycle; true if an instruction retired in it. */
bool step(rtl_sim *s) {
  weft_dram_in in{};
  drive(s);
  half_cycle(s, 0);
  sample(s, &in);
  const unsigned retire = s->top->retire_o, issue = s->top->issue_o;
  half_cycle(s, 1);
  s->cycle++;
  s->run_cycle = s->restart_next ? 0 : s->run_cycle + 1;
  if (s->port != nullptr)
    s->port(s->port_user, s->restart_next, &in, &s->shown);
  else if (s->restart_next)
    weft_dram_restart(&s->dram, &s->shown);
  else
    weft_dram_tick(&s->dram, &in, &s->shown);
  s->restart_next = false;
  if (issue != 0)
    s->issue_hash = (s->issue_hash ^ (s->run_cycle << 4 | issue)) * UINT64_C(0x100000001b3);
  if (retire == 0) return false;
  for (int q = 0; q < RTL_SIM_QUEUES; q++) s->retired[q] += retire >> q & 1;
  return true;
}

/* false: the RTL has no such memory, and no tensor could be looked at. */
bool find_banks(rtl_sim *s) {
  for (int b = 0; b < WEFT_ROWS; b++)
    for (uint32_t k = 0; k < kSlices; k++) {
      const std::string name = "TOP.weft_top.u_core.u_spm.g_bank[" + std::to_string(b) + "].g_slice[" +
                               std::to_string(k) + "].u_ram";
      const VerilatedScope *scope = s->context.scopeFind(name.c_str());
      VerilatedVar *var = scope ? scope->varFind("mem") : nullptr;
      if (var == nullptr || var->entSize() != kSliceBytes) return false;
      s->banks.push_back(static_cast<uint8_t *>(var->datap()));
    }
  return true;
}

void sim_reset(rtl_sim *s) {
  s->dram.active.valid = s->dram.behind.valid = false;
  s->dram.n_answers = 0;
  if (s->port == nullptr) weft_dram_restart(&s->dram, &s->shown);
  s->top->rst_ni = 0;
  s->top->csr_valid_i = 0;
  for (int i = 0; i < 4; i++) step(s);
  s->top->rst_ni = 1;
  step(s);
  std::memset(s->retired, 0, sizeof s->retired);
}

void sim_map(rtl_sim *s, const rtl_sim_region regions[4]) {
  weft_dram_region r[4];
  for (int i = 0; i < 4; i++)
    r[i] = weft_dram_region{regions[i].base, regions[i].size_bytes, regions[i].data, false};
  weft_dram_init(&s->dram, &s->timing, r, 4);
  weft_dram_restart(&s->dram, &s->shown);
}

/* Scopes leave the thread's context; after another instance's end that one is gone. */
void drop(rtl_sim *s) {
  s->top->final();
  Verilated::threadContextp(&s->context);
  delete s;
}

rtl_sim *sim_open(const rtl_sim_memory *m) {
  auto *s = new rtl_sim{};
  s->timing = weft_dram_timing{kBeat, m->rate_num, m->rate_den, m->latency, m->gap, m->refresh_interval,
                               m->refresh_cycles, m->row_bytes, m->setup, m->mask_cycles};
#if WEFT_TRACE
  s->context.traceEverOn(true);
#endif
  s->top = std::make_unique<Vweft>(&s->context, "TOP");
  const bool is_timing_good = weft_dram_init(&s->dram, &s->timing, nullptr, 0);
  weft_dram_restart(&s->dram, &s->shown);
  sim_reset(s);
  if (is_timing_good && find_banks(s)) return s;
  drop(s);
  return nullptr;
}

void sim_close(rtl_sim *s) {
#if WEFT_TRACE
  if (s->fst) s->fst->close();
#endif
  drop(s);
}

void sim_csr_write(rtl_sim *s, uint32_t offset, uint32_t value) {
  const bool is_start = offset == 0x10 && (value & 1);
  s->top->csr_valid_i = 1;
  s->top->csr_write_i = 1;
  s->top->csr_addr_i = static_cast<SData>(offset);
  s->top->csr_wdata_i = value;
  if (is_start) {
    std::memset(s->retired, 0, sizeof s->retired);
    s->issue_hash = UINT64_C(0xcbf29ce484222325);
    s->restart_next = true;
  }
  step(s);
  s->top->csr_valid_i = 0;
  s->top->csr_write_i = 0;
}

uint32_t sim_csr_read(rtl_sim *s, uint32_t offset) {
  s->top->csr_valid_i = 1;
  s->top->csr_write_i = 0;
  s->top->csr_addr_i = static_cast<SData>(offset);
  step(s);
  s->top->csr_valid_i = 0;
  const uint32_t value = s->top->csr_rdata_o;
  step(s);
  return value;
}

bool watch_hit(const rtl_sim *s, const rtl_sim_watch *w, const uint64_t before[RTL_SIM_QUEUES]) {
  for (int q = 0; q < RTL_SIM_QUEUES; q++)
    if (s->retired[q] != before[q] && s->retired[q] == w->retired[q]) return true;
  return false;
}

rtl_sim_stop sim_run(rtl_sim *s, uint64_t max_cycles, const rtl_sim_watch *watch, uint64_t *n_cycles) {
  uint64_t n = 0;
  rtl_sim_stop stop = RTL_SIM_LIMIT;
  while (n < max_cycles) {
    uint64_t before[RTL_SIM_QUEUES];
    std::memcpy(before, s->retired, sizeof before);
    const bool retired = step(s);
    n++;
    if (s->dram.error != nullptr) { stop = RTL_SIM_BAD_ACCESS; break; }
    if (retired && watch != nullptr && watch_hit(s, watch, before)) { stop = RTL_SIM_WATCH; break; }
    if (s->top->irq_o) { stop = RTL_SIM_DONE; break; }
  }
  *n_cycles = n;
  return stop;
}

void sim_retired(const rtl_sim *s, uint64_t counts[RTL_SIM_QUEUES]) {
  std::memcpy(counts, s->retired, sizeof s->retired);
}
uint64_t sim_issue_trace(const rtl_sim *s) { return s->issue_hash; }
const char *sim_bad_access(const rtl_sim *s, uint32_t *address) {
  *address = s->dram.error_addr;
  return s->dram.error;
}
void sim_set_port(rtl_sim *s, rtl_sim_port port, void *user) {
  s->port = port;
  s->port_user = user;
}

void sim_spm_read(rtl_sim *s, uint32_t bank, uint32_t row, uint8_t *word) {
  for (uint32_t k = 0; k < kSlices; k++) {
    const uint8_t *mem = s->banks[bank * kSlices + k];
    std::memcpy(word + k * kSliceBytes, mem + row * kSliceBytes, kSliceBytes);
  }
}
void sim_spm_write(rtl_sim *s, uint32_t bank, uint32_t row, const uint8_t *word) {
  for (uint32_t k = 0; k < kSlices; k++) {
    uint8_t *mem = s->banks[bank * kSlices + k];
    std::memcpy(mem + row * kSliceBytes, word + k * kSliceBytes, kSliceBytes);
  }
}

bool sim_trace_open(rtl_sim *s, const char *path, const char *scope) {
#if WEFT_TRACE
  s->fst = std::make_unique<VerilatedFstC>();
  if (scope != nullptr) {   // the ports of weft_top always: without any signal the writer crashes
    const char *below = std::strncmp(scope, "weft_top.", 9) == 0 ? scope + 9 : scope;
    s->fst->dumpvars(1, "TOP.weft_top");
    s->fst->dumpvars(99, std::string("TOP.weft_top.") + below);
  }
  s->top->trace(s->fst.get(), 99);
  s->fst->open(path);
  return s->fst->isOpen();
#else
  (void)s, (void)path, (void)scope;
  return false;
#endif
}
void sim_trace_on(rtl_sim *s, bool on) {
#if WEFT_TRACE
  s->tracing = on;
#else
  (void)s, (void)on;
#endif
}

const rtl_sim_api api = {
    RTL_SIM_ABI,
    {WEFT_ROWS, WEFT_COLS, WEFT_WORD_BYTES, WEFT_SPM_ROWS, WEFT_BEAT_BYTES},
    WEFT_TRACE != 0,
    sim_open, sim_close, sim_reset, sim_map, sim_set_port, sim_csr_write, sim_csr_read, sim_run, sim_retired, sim_issue_trace,
    sim_bad_access, sim_spm_read, sim_spm_write, sim_trace_open, sim_trace_on,
};

}  // namespace

extern "C" const rtl_sim_api *weft_rtl_sim_api(void) { return &api; }
