/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/systemc/sc_platform.h"

#include <cstring>
#include <memory>

#include "sim/systemc/weft_tlm.h"

namespace {

const sc_core::sc_time kPeriod(15, sc_core::SC_NS);

struct memory : sc_core::sc_module {
  tlm_utils::simple_target_socket<memory> port{"port"};
  rtl_sim_region regions[4] = {};

  explicit memory(sc_core::sc_module_name name) : sc_core::sc_module(name) {
    port.register_b_transport(this, &memory::transport);
  }

  void transport(tlm::tlm_generic_payload &t, sc_core::sc_time &) {
    const uint64_t at = t.get_address();
    const uint32_t n = t.get_data_length();
    t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    for (const rtl_sim_region &r : regions)
      if (at >= r.base && at - r.base + n <= r.size_bytes) {
        copy(t, r.data + (at - r.base), n);
        t.set_response_status(tlm::TLM_OK_RESPONSE);
        return;
      }
  }

  static void copy(tlm::tlm_generic_payload &t, uint8_t *bytes, uint32_t n) {
    const uint8_t *enables = t.get_byte_enable_ptr();
    for (uint32_t i = 0; i < n; i++) {
      if (enables != nullptr && enables[i % t.get_byte_enable_length()] != TLM_BYTE_ENABLED)
        continue;
      if (t.is_read())
        t.get_data_ptr()[i] = bytes[i];
      else
        bytes[i] = t.get_data_ptr()[i];
    }
  }
};

struct host : sc_core::sc_module {
  enum kind { kNone, kWrite, kRead, kWaitIrq };
  tlm_utils::simple_initiator_socket<host> regs{"regs"};
  sc_core::sc_in<bool> irq{"irq"};
  sc_core::sc_event go;
  kind what = kNone;
  uint32_t offset = 0, value = 0;
  uint64_t max_cycles = 0;
  bool is_ok = false;
  const char *error = nullptr;

  explicit host(sc_core::sc_module_name name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(host);
    SC_THREAD(serve);
  }

  void serve() {
    for (;;) {
      while (what == kNone)
        wait(go);
      if (what == kWaitIrq)
        wait_irq();
      else
        access();
      what = kNone;
      sc_core::sc_pause();
      wait(sc_core::SC_ZERO_TIME);
    }
  }

  void access() {
    tlm::tlm_generic_payload t;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    t.set_command(what == kWrite ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    t.set_address(offset);
    t.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
    t.set_data_length(4);
    t.set_streaming_width(4);
    regs->b_transport(t, delay);
    if (!t.is_response_ok() && error == nullptr)
      error = "the register socket answered an error";
  }

  void wait_irq() {
    const sc_core::sc_time end = sc_core::sc_time_stamp() + static_cast<double>(max_cycles) * kPeriod;
    if (!irq.read())
      wait(end - sc_core::sc_time_stamp(), irq.posedge_event());
    is_ok = irq.read();
  }
};

}  // namespace

struct sc_platform {
  weft_tlm weft;
  memory dram{"dram"};
  host cpu{"cpu"};
  sc_core::sc_signal<bool> irq{"irq"};

  sc_platform(const rtl_sim_api *api, const rtl_sim_memory &m) : weft("weft", api, m, kPeriod) {
    cpu.regs.bind(weft.regs);
    weft.dram.bind(dram.port);
    weft.irq(irq);
    cpu.irq(irq);
  }

  void run(host::kind what) {
    cpu.what = what;
    cpu.go.notify(sc_core::SC_ZERO_TIME);
    sc_core::sc_start();
  }
};

extern "C" {

sc_platform *sc_platform_new(const rtl_sim_api *api, const rtl_sim_memory *memory) {
  static sc_platform *only = nullptr;   /* SystemC's kernel is the global here */
  if (only != nullptr)
    return nullptr;
  try {
    only = new sc_platform(api, *memory);
  } catch (const std::exception &) {
    return nullptr;
  }
  return only;
}

void sc_platform_map(sc_platform *p, const rtl_sim_region regions[4]) {
  std::memcpy(p->dram.regions, regions, sizeof p->dram.regions);
}

void sc_platform_write(sc_platform *p, uint32_t offset, uint32_t value) {
  p->cpu.offset = offset;
  p->cpu.value = value;
  p->run(host::kWrite);
}

uint32_t sc_platform_read(sc_platform *p, uint32_t offset) {
  p->cpu.offset = offset;
  p->run(host::kRead);
  return p->cpu.value;
}

bool sc_platform_wait_irq(sc_platform *p, uint64_t max_cycles) {
  p->cpu.max_cycles = max_cycles;
  p->run(host::kWaitIrq);
  return p->cpu.is_ok;
}

const char *sc_platform_error(const sc_platform *p) {
  return p->cpu.error != nullptr ? p->cpu.error : p->weft.bad_access();
}

void sc_platform_bytes(const sc_platform *p, uint64_t *n_read, uint64_t *n_written) {
  *n_read = p->weft.bytes_read();
  *n_written = p->weft.bytes_written();
}

}  // extern "C"

/* libsystemc's own main wants one; programs here bring their own main. */
int sc_main(int, char **) { return 1; }
