/* SPDX-License-Identifier: Apache-2.0 */
/* The accelerator as a SystemC module, cycle exact: the verilated RTL of
 * rtl_sim.h between two TLM-2.0 sockets.
 *
 *   regs   target, 32-bit accesses at the offsets of configs/csr.def; a write
 *          takes one clock cycle, a read two
 *   dram   initiator: a READ of at most 64 bytes when the machine's burst is
 *          accepted, a WRITE with byte enables of each beat in its slot
 *   irq    STATUS.DONE
 *
 * Slots, latency, gap and refresh are those of sim/dram, called from here, so
 * that cycles equal those of the plain simulator; the bytes are the target's.
 * A target that answers an error ends the run with `bad_access` set.
 * One elaboration a process is SystemC's law: build all modules before
 * sc_start. Link: -lsystemc -ldl; C++17. */
#ifndef WEFT_SIM_SYSTEMC_WEFT_TLM_H
#define WEFT_SIM_SYSTEMC_WEFT_TLM_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <vector>

#include "sim/dram/dram.h"
#include "sim/rtl/rtl_sim.h"

class weft_tlm : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<weft_tlm> regs;
  tlm_utils::simple_initiator_socket<weft_tlm> dram;
  sc_core::sc_out<bool> irq;

  SC_HAS_PROCESS(weft_tlm);
  /* api: of weft_sim_library_open or of weft_rtl_sim_api; must outlive this. */
  weft_tlm(sc_core::sc_module_name name, const rtl_sim_api *api, const rtl_sim_memory &memory,
           sc_core::sc_time period);
  ~weft_tlm() override;
  weft_tlm(const weft_tlm &) = delete;
  weft_tlm &operator=(const weft_tlm &) = delete;

  const char *bad_access() const { return error_; }
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  void clock();
  void access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  void note_register(uint32_t offset, uint32_t value);
  void map_regions();
  void transport(tlm::tlm_command command, uint32_t address, uint8_t *data, uint32_t n, uint8_t *enables);
  void port(bool is_start, const weft_dram_in *driven, weft_dram_out *shown);
  static void port_hook(void *user, bool is_start, const weft_dram_in *driven, weft_dram_out *shown);

  const rtl_sim_api *api_;
  rtl_sim *sim_;
  sc_core::sc_time period_;
  weft_dram_timing timing_;
  weft_dram model_{};
  weft_dram_out first_{};
  uint32_t base_[4] = {}, size_[4] = {};
  std::vector<uint8_t> mirror_[4];      /* what bursts in flight carry         */
  bool is_pending_ = false, is_write_ = false;
  uint32_t offset_ = 0, value_ = 0;
  sc_core::sc_event done_;
  const char *error_ = nullptr;
  uint64_t bytes_read_ = 0, bytes_written_ = 0;
};

#endif
