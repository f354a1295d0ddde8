/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/board/sdram/sdram_port.h"

#include <memory>

#include "tests/board/sdram/sdram_rig.h"

struct sdram_port {
  VerilatedContext context;
  std::unique_ptr<Vsdram_set> top;
  std::unique_ptr<sdram_rig> rig;
};

namespace {

uint32_t low_cols(const sdram_info &i) { return i.cols == 10 ? 9u : (uint32_t)i.cols; }

/* Address: row, bank, column, byte. */
uint8_t *byte_at(sdram_port *p, uint32_t addr) {
  const sdram_info &i = p->rig->info;
  const uint32_t word_bytes = (uint32_t)i.bits / 8, word = addr / word_bytes, cols = low_cols(i);
  uint32_t *w = sdram_word(p->rig->chip, word >> cols & 3u, word >> (cols + 2), word & ((1u << cols) - 1u));
  return reinterpret_cast<uint8_t *>(w) + addr % word_bytes;
}

}  // namespace

sdram_port *sdram_port_open(int controller, const char *chip) {
  auto p = std::make_unique<sdram_port>();
  p->top = std::make_unique<Vsdram_set>(&p->context);
  p->top->eval();
  p->rig = std::make_unique<sdram_rig>(p->top.get(), controller, sdram_chip_find(chip), 50, 6000);
  if (!p->rig->boot() || p->top->error_o[controller]) return nullptr;
  return p.release();
}

void sdram_port_close(sdram_port *p) {
  p->top->final();
  delete p;
}

sdram_board sdram_port_board(const sdram_port *p) {
  const sdram_info &i = p->rig->info;
  return {(uint32_t)i.khz * 1000, (uint32_t)i.bits, (uint32_t)i.rows, (uint32_t)i.bits / 8 << low_cols(i), i.has_dqm != 0};
}

void sdram_port_cycle(void *port, bool is_start, const weft_dram_in *driven, weft_dram_out *shown) {
  auto *p = static_cast<sdram_port *>(port);
  p->rig->in = *driven;
  p->rig->tick(is_start);
  *shown = p->rig->out;
}

void sdram_port_poke(sdram_port *p, uint32_t addr, const uint8_t *bytes, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) *byte_at(p, addr + i) = bytes[i];
}

void sdram_port_peek(sdram_port *p, uint32_t addr, uint8_t *bytes, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) bytes[i] = *byte_at(p, addr + i);
}

const char *sdram_port_error(const sdram_port *p) { return sdram_error(p->rig->chip); }
