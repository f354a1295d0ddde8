/* SPDX-License-Identifier: Apache-2.0 */
/* One controller of sdram_set.sv with a chip at its pads and a client's port. */
#ifndef WEFT_TESTS_SDRAM_RIG_H
#define WEFT_TESTS_SDRAM_RIG_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "Vsdram_set.h"
#include "sim/board/sdram_model.h"
#include "sim/dram/dram.h"
#include "verilated.h"

struct sdram_info { int khz, bits, beat, has_dqm, rows, cols; };

struct sdram_rig {
  Vsdram_set *top;
  int at;                       /* which controller                            */
  sdram_info info;
  sdram_model *chip;
  uint32_t period_ps;
  uint64_t n = 0;               /* rising edges                                */
  weft_dram_in in{};            /* driven in this cycle                        */
  weft_dram_out out{};          /* shown in this cycle                         */
  bool is_refresh = false, is_activate = false;   /* command on the pads       */

  sdram_rig(Vsdram_set *t, int i, const sdram_chip *c, uint32_t shift_percent, uint32_t flight_ps) : top(t), at(i) {
    const auto &x = top->info_o[i];
    info = {(int)x[0], (int)x[1], (int)x[2], (int)x[3], (int)x[4], (int)x[5]};
    period_ps = 1000000000u / (unsigned)info.khz;
    chip = sdram_open(c, period_ps, period_ps * shift_percent / 100, flight_ps, 1);
    if (chip == nullptr) { std::printf("no chip\n"); std::exit(1); }
    top->rst_ni[at] = 0;
    top->sync_i[at] = 0;
    for (int k = 0; k < 3; k++) edge();
    top->rst_ni[at] = 1;
  }
  ~sdram_rig() { sdram_close(chip); }
  sdram_rig(const sdram_rig &) = delete;

  void edge() {
    if (n > 0) top->dq_i[at] = sdram_dq(chip, n * period_ps - period_ps / 2);
    top->clk_i[at] = 0;
    top->eval();
    top->dq_i[at] = sdram_dq(chip, n * period_ps);
    top->clk_i[at] = 1;
    top->eval();
    sdram_pins p{};
    p.cke = top->cke_o[at]; p.cs_n = top->cs_n_o[at];
    p.ras_n = top->ras_n_o[at]; p.cas_n = top->cas_n_o[at]; p.we_n = top->we_n_o[at];
    p.ba = top->ba_o[at]; p.a = top->a_o[at]; p.dqm = top->dqm_o[at];
    p.dq = top->dq_o[at]; p.dq_oe = top->dq_oe_o[at];
    is_refresh = !p.cs_n && !p.ras_n && !p.cas_n && p.we_n;
    is_activate = !p.cs_n && !p.ras_n && p.cas_n && p.we_n;
    sdram_clock(chip, &p);
    n++;
    out.req_ready = top->req_ready_o[at];
    out.w_ready = top->w_ready_o[at];
    out.r_valid = top->r_valid_o[at];
    std::memcpy(out.r_data, &top->r_data_o[at], sizeof out.r_data);
  }
  /* Ends the cycle in which `in` was driven and, with sync, a run started. */
  void tick(bool sync = false) {
    top->req_valid_i[at] = in.req_valid;
    top->req_write_i[at] = in.req_write;
    top->req_addr_i[at] = in.req_addr;
    top->req_beats_i[at] = (CData)in.req_beats;
    top->w_strb_i[at] = (SData)in.w_strb;
    std::memcpy(&top->w_data_i[at], in.w_data, sizeof in.w_data);
    top->sync_i[at] = sync;
    edge();
  }
  bool boot(uint64_t most = 80000) {
    std::memset(&in, 0, sizeof in);
    while (!top->ready_o[at] && most-- > 0 && sdram_error(chip) == nullptr) tick();
    return top->ready_o[at] && sdram_error(chip) == nullptr;
  }
  void idle(int cycles) {
    in.req_valid = false;
    while (cycles-- > 0) tick();
  }
};

#endif
