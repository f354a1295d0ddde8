/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface of board_sim.h over a verilated weft_sim_board, with the SDRAM or
 * flash chip or the DRAM model behind it. Built by sim/rtl/sim_cache.c. */
#include "sim/board/board_sim.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>

#include "Vweft.h"
#include "verilated.h"

namespace {
constexpr uint32_t kBeat = WEFT_BEAT_BYTES;
constexpr int kStep = 4000, kInputMost = 4096;
constexpr int kGapClocks = 4200 * 4;
constexpr uint64_t kBootClocks = 400000;
}  // namespace

struct board_sim {
  VerilatedContext context;
  std::unique_ptr<Vweft> top;
  board_sim_options o;
  sdram_model *chip;
  flash_model *flash;
  weft_dram dram;
  weft_dram_timing timing;
  weft_dram_out shown;
  uint8_t *memory;
  std::deque<uint8_t> in, out;
  uint64_t n;
  int rest;                       /* clocks until the next byte may be pushed    */
  int tx_bit, tx_clock, tx_byte;  /* line to the board: bit on it, -1 idle       */
  int rx_bit, rx_clock, rx_byte;  /* line from the board                         */
  int settle;                     /* clocks since something happened             */
  int bit_clocks;
};

namespace {

void drive_byte(board_sim *s) {
  s->top->byte_valid_i = 0;
  s->top->byte_ready_i = 1;
  if (s->o.phy || s->in.empty() || s->rest-- > 0) return;
  s->top->byte_valid_i = 1;
  s->top->byte_data_i = s->in.front();
  s->in.pop_front();
  s->rest = 9;                    /* slower than the link takes bytes            */
  s->settle = 0;
}

void drive_line(board_sim *s) {
  s->top->uart_rx_i = 1;
  if (!s->o.phy) return;
  if (s->tx_bit < 0 && !s->in.empty()) {
    s->tx_byte = s->in.front();
    s->in.pop_front();
    s->tx_bit = s->tx_clock = 0;
  }
  if (s->tx_bit < 0) return;
  s->settle = 0;
  s->top->uart_rx_i = s->tx_bit == 0 ? 0 : s->tx_bit == 9 ? 1 : s->tx_byte >> (s->tx_bit - 1) & 1;
  if (++s->tx_clock < s->bit_clocks) return;
  s->tx_clock = 0;
  if (++s->tx_bit == 10) s->tx_bit = -1;
}

void sample_line(board_sim *s) {
  const int line = s->top->uart_tx_o;
  if (s->rx_bit < 0) {
    if (line == 0) { s->rx_bit = 0; s->rx_clock = s->bit_clocks / 2; s->rx_byte = 0; }
    return;
  }
  s->settle = 0;
  if (--s->rx_clock > 0) return;
  s->rx_clock = s->bit_clocks;
  if (s->rx_bit >= 1 && s->rx_bit <= 8) s->rx_byte |= line << (s->rx_bit - 1);
  if (s->rx_bit == 9) {
    if (line) s->out.push_back(static_cast<uint8_t>(s->rx_byte));
    s->rx_bit = -1;
  } else s->rx_bit++;
}

/* Memory outside: as sim/rtl. */
void memory_before(board_sim *s) {
  s->top->mem_req_ready_i = s->shown.req_ready;
  s->top->mem_w_ready_i = s->shown.w_ready;
  s->top->mem_r_valid_i = s->shown.r_valid;
  std::memcpy(&s->top->mem_r_data_i, s->shown.r_data, kBeat);
}

void memory_after(board_sim *s, const weft_dram_in &in, bool is_start) {
  if (is_start) weft_dram_restart(&s->dram, &s->shown);
  else weft_dram_tick(&s->dram, &in, &s->shown);
  if (s->o.has_dead_bit) s->memory[s->o.dead_address] &= static_cast<uint8_t>(~s->o.dead_mask);
}

void chip_after(board_sim *s) {
  sdram_pins p{};
  p.cke = s->top->sdram_cke_o; p.cs_n = s->top->sdram_cs_n_o;
  p.ras_n = s->top->sdram_ras_n_o; p.cas_n = s->top->sdram_cas_n_o; p.we_n = s->top->sdram_we_n_o;
  p.ba = s->top->sdram_ba_o; p.a = s->top->sdram_a_o; p.dqm = s->top->sdram_dqm_o;
  p.dq = s->top->sdram_dq_o; p.dq_oe = s->top->sdram_dq_oe_o;
  sdram_clock(s->chip, &p);
}

/* SCK is low behind the rising edge and follows its enable in the second half. */
void flash_after(board_sim *s) {
  const Vweft *t = s->top.get();
  flash_pins p{t->flash_cs_n_o != 0, false, t->flash_io_o, t->flash_io_oe_o};
  flash_pins_at(s->flash, s->n * s->o.period_ps, &p);
  p.sck = t->flash_sck_en_o != 0;
  flash_pins_at(s->flash, s->n * s->o.period_ps + s->o.period_ps / 2, &p);
}

bool is_outside(const board_sim *s) { return s->chip == nullptr && s->flash == nullptr; }

void clock(board_sim *s) {
  Vweft *t = s->top.get();
  if (is_outside(s)) memory_before(s);
  else if (s->flash != nullptr) t->flash_io_i = flash_io(s->flash, s->n * s->o.period_ps) & 15;
  else if (s->n > 0) t->sdram_dq_i = sdram_dq(s->chip, s->n * s->o.period_ps - s->o.period_ps / 2);
  drive_byte(s);
  drive_line(s);
  t->clk_i = 0;
  t->eval();
  const bool is_start = t->start_o;
  weft_dram_in in{};
  if (is_outside(s)) {
    in.req_valid = t->mem_req_valid_o; in.req_write = t->mem_req_write_o;
    in.req_addr = t->mem_req_addr_o; in.req_beats = t->mem_req_beats_o; in.w_strb = t->mem_w_strb_o;
    std::memcpy(in.w_data, &t->mem_w_data_o, kBeat);
  } else if (s->chip != nullptr) t->sdram_dq_i = sdram_dq(s->chip, s->n * s->o.period_ps);
  if (t->byte_valid_o) { s->out.push_back(t->byte_data_o); s->settle = 0; }
  if (s->o.phy) sample_line(s);
  if (!t->quiet_o) s->settle = 0;
  t->clk_i = 1;
  t->eval();
  if (is_outside(s)) memory_after(s, in, is_start);
  else if (s->flash != nullptr) flash_after(s);
  else chip_after(s);
  s->n++;
  s->settle++;
}

const char *sim_error(board_sim *s) {
  return s->dram.error != nullptr ? s->dram.error
         : s->chip != nullptr     ? sdram_error(s->chip)
         : s->flash != nullptr    ? flash_error(s->flash)
                                  : nullptr;
}

bool is_broken(board_sim *s) { return sim_error(s) != nullptr; }

void sim_close(board_sim *s) {
  s->top->final();
  if (s->chip != nullptr) sdram_close(s->chip);
  if (s->flash != nullptr) flash_close(s->flash);
  std::free(s->memory);
  delete s;
}

bool open_memory(board_sim *s) {
  if (s->o.chip != nullptr) {
    const sdram_chip *row = sdram_chip_find(s->o.chip);
    if (row == nullptr) return false;
    s->chip = sdram_open(row, s->o.period_ps, s->o.period_ps / 2, 4000, 1);
    if (s->chip != nullptr) sdram_set_faults(s->chip, &s->o.faults);
    return s->chip != nullptr;
  }
  if (s->o.flash != nullptr) {
    const flash_chip *row = flash_chip_find(s->o.flash);
    if (row == nullptr || (s->memory = static_cast<uint8_t *>(std::malloc(row->bytes))) == nullptr) return false;
    std::memset(s->memory, 0xff, row->bytes);
    s->flash = flash_open(row, s->memory, FLASH_AWAKE, s->o.period_ps / 8, 1);
    return s->flash != nullptr && !s->o.has_dead_bit;
  }
  if (s->o.dram == nullptr || s->o.dram->beat_bytes != kBeat) return false;
  s->memory = static_cast<uint8_t *>(std::calloc(s->o.mem_bytes, 1));
  s->timing = *s->o.dram;
  const weft_dram_region r{0, s->o.mem_bytes, s->memory, false};
  if (s->memory == nullptr || !weft_dram_init(&s->dram, &s->timing, &r, 1)) return false;
  weft_dram_restart(&s->dram, &s->shown);
  return !s->o.has_dead_bit || s->o.dead_address < s->o.mem_bytes;
}

board_sim *sim_open(const board_sim_options *o) {
  auto *s = new board_sim{};
  s->o = *o;
  s->tx_bit = s->rx_bit = -1;
  s->bit_clocks = 4;
  s->top = std::make_unique<Vweft>(&s->context, "TOP");
  s->top->phy_i = o->phy;
  s->top->uart_rx_i = 1;
  if (!open_memory(s)) { sim_close(s); return nullptr; }
  s->top->rst_ni = 0;
  for (int i = 0; i < 4; i++) clock(s);
  s->top->rst_ni = 1;
  for (uint64_t i = 0; i < kBootClocks && !s->top->ready_o && !is_broken(s); i++) clock(s);
  return s;
}

uint32_t sim_put(board_sim *s, const uint8_t *data, uint32_t n_bytes) {
  uint32_t n = 0;
  while (n < n_bytes && s->in.size() < kInputMost) s->in.push_back(data[n++]);
  if (n > 0) s->settle = 0;
  return n;
}

uint32_t sim_get(board_sim *s, uint8_t *data, uint32_t max_bytes) {
  uint32_t n = 0;
  while (n < max_bytes && !s->out.empty()) { data[n++] = s->out.front(); s->out.pop_front(); }
  return n;
}

bool is_busy(const board_sim *s) { return !s->in.empty() || s->settle < 64; }

bool sim_advance(board_sim *s) {
  for (int i = 0; i < kStep && is_busy(s) && !is_broken(s); i++) clock(s);
  return !s->out.empty() || (is_busy(s) && !is_broken(s));
}

void sim_silence(board_sim *s) {
  for (int i = 0; i < kGapClocks && !is_broken(s); i++) clock(s);
}

uint64_t sim_cycles(const board_sim *s) { return s->n; }
void sim_set_bit_clocks(board_sim *s, int n) { s->bit_clocks = n; }

const board_sim_api api = {BOARD_SIM_ABI, sim_open, sim_close, sim_put, sim_get, sim_advance, sim_silence, sim_error,
                           sim_cycles, sim_set_bit_clocks};

}  // namespace

extern "C" const board_sim_api *weft_board_sim_api(void) { return &api; }
