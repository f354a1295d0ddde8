/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/systemc/weft_tlm.h"

#include <cstring>
#include <stdexcept>

namespace {
enum : uint32_t {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "configs/csr.def"
};
constexpr uint32_t kStart = 1, kAck = 4, kRegisterBytes = 0x1000;
}  // namespace

weft_tlm::weft_tlm(sc_core::sc_module_name name, const rtl_sim_api *api, const rtl_sim_memory &memory,
                   sc_core::sc_time period)
    : sc_core::sc_module(name), regs("regs"), dram("dram"), irq("irq"), api_(api), sim_(api->open(&memory)),
      period_(period),
      timing_{api->shape.beat_bytes, memory.rate_num, memory.rate_den, memory.latency, memory.gap,
              memory.refresh_interval, memory.refresh_cycles, memory.row_bytes, memory.setup,
              memory.mask_cycles} {
  if (sim_ == nullptr || !weft_dram_init(&model_, &timing_, nullptr, 0))
    throw std::invalid_argument("weft_tlm: memory timing out of range");
  weft_dram_restart(&model_, &first_);
  api_->set_port(sim_, port_hook, this);
  api_->reset(sim_);
  regs.register_b_transport(this, &weft_tlm::access);
  SC_THREAD(clock);
  set_stack_size(1 << 20);
}

weft_tlm::~weft_tlm() { api_->close(sim_); }

/* One pass a clock cycle; a register access is a cycle like any other. */
void weft_tlm::clock() {
  for (;;) {
    wait(period_);
    uint64_t n = 0;
    if (is_pending_ && is_write_) {
      note_register(offset_, value_);
      api_->csr_write(sim_, offset_, value_);
      if (offset_ == CSR_CTRL && (value_ & (kStart | kAck)) != 0)
        irq.write(false);
    } else if (is_pending_) {
      value_ = api_->csr_read(sim_, offset_);
      wait(period_);
    } else {
      irq.write(api_->run(sim_, 1, nullptr, &n) == RTL_SIM_DONE);
    }
    if (is_pending_) {
      is_pending_ = false;
      done_.notify(sc_core::SC_ZERO_TIME);
    }
  }
}

void weft_tlm::access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) {
  if (trans.get_address() % 4 != 0 || trans.get_address() >= kRegisterBytes) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (trans.get_data_length() != 4 || trans.get_byte_enable_ptr() != nullptr || trans.get_streaming_width() < 4 ||
      trans.get_command() == tlm::TLM_IGNORE_COMMAND) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  while (is_pending_)
    wait(done_);
  is_write_ = trans.is_write();
  offset_ = static_cast<uint32_t>(trans.get_address());
  if (is_write_)
    std::memcpy(&value_, trans.get_data_ptr(), 4);
  is_pending_ = true;
  wait(done_);
  if (!is_write_)
    std::memcpy(trans.get_data_ptr(), &value_, 4);
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

void weft_tlm::note_register(uint32_t offset, uint32_t value) {
  if (offset >= CSR_BASE0 && offset <= CSR_SIZE3) {
    const uint32_t i = (offset - CSR_BASE0) / 8;
    if ((offset - CSR_BASE0) % 8 == 0)
      base_[i] = value & ~UINT32_C(63);
    else
      size_[i] = value;
  } else if (offset == CSR_CTRL && (value & kStart) != 0) {
    uint64_t n = 0;
    while (!weft_dram_idle(&model_))    /* a start while busy changes nothing  */
      api_->run(sim_, 1, nullptr, &n);
    map_regions();
  }
}

void weft_tlm::map_regions() {
  weft_dram_region r[4];
  for (uint32_t i = 0; i < 4; i++) {
    mirror_[i].assign((size_[i] + size_t{63}) / 64 * 64, 0);
    r[i] = {base_[i], static_cast<uint32_t>(mirror_[i].size()), mirror_[i].data(), false};
  }
  if (!weft_dram_init(&model_, &timing_, r, 4))
    error_ = model_.error;
}

void weft_tlm::transport(tlm::tlm_command command, uint32_t address, uint8_t *data, uint32_t n, uint8_t *enables) {
  tlm::tlm_generic_payload trans;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  trans.set_command(command);
  trans.set_address(address);
  trans.set_data_ptr(data);
  trans.set_data_length(n);
  trans.set_streaming_width(n);
  trans.set_byte_enable_ptr(enables);
  trans.set_byte_enable_length(enables != nullptr ? n : 0);
  trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  dram->b_transport(trans, delay);
  if (!trans.is_response_ok() && error_ == nullptr)
    error_ = "the DRAM target answered an error";
  (command == tlm::TLM_READ_COMMAND ? bytes_read_ : bytes_written_) += n;
}

void weft_tlm::port_hook(void *user, bool is_start, const weft_dram_in *driven, weft_dram_out *shown) {
  static_cast<weft_tlm *>(user)->port(is_start, driven, shown);
}

/* A read is fetched when its burst is accepted; write beats that are on their
 * way at that time reach the mirror before the slots of the read do. */
void weft_tlm::port(bool is_start, const weft_dram_in *driven, weft_dram_out *shown) {
  if (is_start) {
    weft_dram_restart(&model_, shown);
    return;
  }
  const uint32_t beat = timing_.beat_bytes;
  const uint32_t n = driven->req_beats * beat;
  for (int i = 0; driven->req_valid && shown->req_ready && !driven->req_write && i < 4; i++)
    if (driven->req_addr >= base_[i] && driven->req_addr - base_[i] + size_t{n} <= mirror_[i].size()) {
      transport(tlm::TLM_READ_COMMAND, driven->req_addr, mirror_[i].data() + (driven->req_addr - base_[i]), n, nullptr);
      break;
    }
  const weft_dram_burst active = model_.active;
  const bool is_written = shown->w_ready;
  weft_dram_tick(&model_, driven, shown);
  if (model_.error != nullptr && error_ == nullptr)
    error_ = model_.error;
  if (!is_written || active.region > 3)
    return;
  uint8_t data[WEFT_DRAM_MAX_BEAT], enables[WEFT_DRAM_MAX_BEAT];
  for (uint32_t i = 0; i < beat; i++) {
    data[i] = driven->w_data[i];
    enables[i] = (driven->w_strb >> i & 1u) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
  }
  transport(tlm::TLM_WRITE_COMMAND, base_[active.region] + active.offset, data, beat, enables);
}
