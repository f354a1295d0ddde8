/* SPDX-License-Identifier: Apache-2.0 */
/* weft_bram_mem and weft_flashram against a plain memory: random bursts, data and
 * order of each beat; the flash asleep, awake or left in continuous mode; data
 * late; a dead line; controllers that are too fast. -n N: bursts. */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "Vback_ends.h"
#include "sim/board/flash_model.h"
#include "sim/dram/dram.h"
#include "verilated.h"

namespace {

int failures = 0;
uint64_t state = 1;
uint32_t below(uint32_t n) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(state >> 33) % n;
}
void fail(const char *what, const std::string &why) {
  std::printf("FAIL %s: %s\n", what, why.c_str());
  if (++failures > 20) std::exit(1);
}

constexpr uint32_t kFlashBytes = 1u << 24, kRamBytes = 131072;

struct beat { uint32_t addr; };

struct rig {
  Vback_ends *top;
  int at;
  uint32_t period;
  flash_model *flash = nullptr;
  uint64_t n = 0;
  std::vector<uint8_t> *memory = nullptr;
  std::deque<uint32_t> reads, writes;   /* addresses of beats to come           */
  uint64_t beats_read = 0;
  bool fill = false;

  rig(Vback_ends *t, int i, uint32_t mhz) : top(t), at(i), period(1000000u / mhz) {
    top->req_valid_i[at] = 0;
    top->rst_ni[at] = 0;
    for (int k = 0; k < 3; k++) edge();
    top->rst_ni[at] = 1;
  }
  void edge() {
    if (flash) top->io_i[at] = (CData)flash_io(flash, n * period);
    top->clk_i[at] = 1;
    top->eval();
    flash_pins p{top->cs_n_o[at] != 0, false, top->io_o[at], top->io_oe_o[at]};
    if (flash) flash_pins_at(flash, n * period, &p);
    top->clk_i[at] = 0;
    top->eval();
    p.sck = top->sck_en_o[at];
    if (flash) flash_pins_at(flash, n * period + period / 2, &p);
    n++;
  }
  bool boot() {
    for (int k = 0; k < 20000 && !top->ready_o[at] && !(flash && flash_error(flash)); k++) edge();
    return top->ready_o[at] && !(flash && flash_error(flash));
  }
  /* One cycle of a client: data of a write are random, reads are compared. */
  bool cycle() {
    const uint32_t data = below(1u << 31) << 1 | below(2), strb = !fill && below(3) == 0 ? below(16) : 15;
    top->w_data_i[at] = data;
    top->w_strb_i[at] = (CData)strb;
    top->eval();
    if (top->w_ready_o[at]) {
      if (writes.empty()) { fail("order", "w_ready without a write"); return false; }
      for (uint32_t b = 0; b < 4; b++)
        if (strb >> b & 1) (*memory)[writes.front() + b] = (uint8_t)(data >> 8 * b);
      writes.pop_front();
    }
    if (top->r_valid_o[at]) {
      uint32_t expected = 0;
      if (reads.empty()) { fail("order", "data without a read"); return false; }
      std::memcpy(&expected, memory->data() + reads.front(), 4);
      if (top->r_data_o[at] != expected) {
        char text[80];
        std::snprintf(text, sizeof text, "at %06x found %08x, expected %08x", reads.front(), top->r_data_o[at], expected);
        fail("data", text);
        return false;
      }
      reads.pop_front();
      beats_read++;
    }
    const bool taken = top->req_valid_i[at] && top->req_ready_o[at];
    edge();
    if (taken) top->req_valid_i[at] = 0;
    return true;
  }
  /* False after a difference. A read must see the writes before it: the plain
   * memory changes in the order in which beats are taken, which is theirs. */
  bool burst(bool write, uint32_t addr, uint32_t beats) {
    top->req_valid_i[at] = 1;
    top->req_write_i[at] = write;
    top->req_addr_i[at] = addr;
    top->req_beats_i[at] = (CData)beats;
    for (uint32_t i = 0; i < beats; i++) (write ? writes : reads).push_back(addr + 4 * i);
    for (int k = 0; top->req_valid_i[at] != 0; k++)
      if (k > 2000 || !cycle()) return false;
    return true;
  }
  bool drain() {
    for (int k = 0; !reads.empty() || !writes.empty(); k++)
      if (k > 4000 || !cycle()) { fail("drain", "beats do not come"); return false; }
    return true;
  }
};

/* Each read waits for the writes before it to be taken: same order as the port's. */
bool traffic(rig &r, int bursts, uint32_t ram_bytes, uint32_t flash_bytes) {
  r.fill = true;
  for (uint32_t a = 0; a < ram_bytes; a += 64)
    if (!r.burst(true, a, 16)) return false;
  if (!r.drain()) return false;
  r.fill = false;
  for (int i = 0; i < bursts; i++) {
    const bool in_flash = flash_bytes != 0 && below(2) != 0;
    const uint32_t beats = 1 + below(16), write = !in_flash && below(2);
    const uint32_t room = in_flash ? flash_bytes - ram_bytes : ram_bytes;
    const uint32_t addr = (in_flash ? ram_bytes : 0) + below((room - 64) / 4) * 4;
    if (write != 0 || below(4) == 0) if (!r.drain()) return false;
    if (!r.burst(write != 0, addr, beats)) return false;
    if (write != 0 && !r.drain()) return false;
    for (uint32_t k = below(4) == 0 ? below(30) : 0; k > 0; k--)
      if (!r.cycle()) return false;
  }
  return r.drain();
}

double throughput(rig &r, uint32_t from) {
  const uint64_t begin = r.n;
  for (uint32_t i = 0; i < 200; i++) r.burst(false, from + 64 * i, 16);
  r.drain();
  return 200.0 * 64 / (double)(r.n - begin);
}

/* Cycle by cycle against sim/dram, on RAM only. */
void check_law(rig &r, uint32_t latency, uint32_t bytes, int cycles) {
  std::vector<uint8_t> law_memory(bytes);
  std::memcpy(law_memory.data(), r.memory->data(), bytes);
  const weft_dram_timing t = {4, 4, 1, latency, 0, 0, 0, 1u << 24, 1, 0};
  const weft_dram_region region = {0, bytes, law_memory.data(), false};
  auto law = std::make_unique<weft_dram>();
  weft_dram_out shown{};
  weft_dram_in in{};
  if (!weft_dram_init(law.get(), &t, &region, 1)) return fail("law", law->error);
  weft_dram_restart(law.get(), &shown);
  uint64_t reads = 0;
  for (int k = 0; k < cycles; k++) {
    if (!in.req_valid && below(20) < (k / 1000 % 2 ? 20u : 2u)) {
      in.req_valid = true;
      in.req_write = below(2);
      in.req_beats = 1 + below(16);
      in.req_addr = below(bytes / 4 - 16) * 4;
    }
    for (uint8_t &b : in.w_data) b = (uint8_t)below(256);
    in.w_strb = below(16);
    r.top->req_valid_i[r.at] = in.req_valid;
    r.top->req_write_i[r.at] = in.req_write;
    r.top->req_addr_i[r.at] = in.req_addr;
    r.top->req_beats_i[r.at] = (CData)in.req_beats;
    std::memcpy(&r.top->w_data_i[r.at], in.w_data, 4);
    r.top->w_strb_i[r.at] = (CData)in.w_strb;
    r.top->eval();
    const bool same = r.top->req_ready_o[r.at] == shown.req_ready && r.top->w_ready_o[r.at] == shown.w_ready &&
                      r.top->r_valid_o[r.at] == shown.r_valid &&
                      (!shown.r_valid || std::memcmp(&r.top->r_data_o[r.at], shown.r_data, 4) == 0);
    if (!same) return fail("law", "back-end " + std::to_string(r.at) + ", cycle " + std::to_string(k));
    reads += shown.r_valid;
    const bool taken = in.req_valid && shown.req_ready;
    r.edge();
    weft_dram_tick(law.get(), &in, &shown);
    if (taken) in.req_valid = false;
  }
  if (law->error != nullptr || reads < (uint64_t)cycles / 20) fail("law", law->error ? law->error : "hardly any reads");
  std::printf("  %d cycles as sim/dram tells, %llu beats read\n", cycles, (unsigned long long)reads);
}

void check_bram(Vback_ends *top, int bursts) {
  std::vector<uint8_t> memory(65536);
  rig r(top, 0, 50);
  r.memory = &memory;
  if (!r.boot() || !traffic(r, bursts, 65536, 0)) fail("bram", "see above");
  std::printf("weft_bram_mem: %llu beats read equal, %.2f bytes a cycle\n", (unsigned long long)r.beats_read, throughput(r, 0));
  check_law(r, 2, 65536, 40000);
}

void check_flash(Vback_ends *top, const std::vector<uint8_t> &image, flash_begin begin, uint32_t flight, int bursts) {
  std::vector<uint8_t> memory = image;
  rig r(top, 1, 24);
  r.n = 0;
  r.memory = &memory;
  r.flash = flash_open(flash_chip_find("w25q128jv"), image.data(), begin, flight, 1);
  if (!r.boot()) fail("flash boot", flash_error(r.flash) ? flash_error(r.flash) : "never ready");
  else if (top->error_o[1] || top->status_o[1] >> 8 != 0x18) fail("flash identity", std::to_string(top->status_o[1]));
  else if (!traffic(r, bursts, kRamBytes, kFlashBytes)) fail("flash", flash_error(r.flash) ? flash_error(r.flash) : "see above");
  if (flash_error(r.flash)) fail("flash", flash_error(r.flash));
  std::printf("weft_flashram 24 MHz, begin %d, flight %u ps: %llu beats read equal; bytes a cycle: RAM %.2f, flash %.3f\n",
              (int)begin, flight, (unsigned long long)r.beats_read, throughput(r, 0), throughput(r, 1u << 20));
  if (bursts > 10) {
    r.burst(true, 1u << 20, 1);
    r.drain();
    r.edge();
    if (!top->error_o[1]) fail("flash write", "error_o stays low");
    check_law(r, 1, kRamBytes, 40000);
  }
  flash_close(r.flash);
}

void check_broken(Vback_ends *top, const std::vector<uint8_t> &image, uint32_t dead, bool mute) {
  std::vector<uint8_t> memory = image;
  rig r(top, 1, 24);
  r.n = 0;
  r.flash = flash_open(flash_chip_find("w25q128jv"), image.data(), FLASH_AWAKE, 6000, 1);
  flash_set_faults(r.flash, dead, mute);
  r.boot();
  if (!top->error_o[1] && (dead & 2 || mute)) fail("broken flash", "error_o stays low");
  flash_close(r.flash);
}

void check_too_fast(Vback_ends *top, int at, uint32_t mhz, const std::vector<uint8_t> &image, const char *rule) {
  std::vector<uint8_t> memory = image;
  rig r(top, at, mhz);
  r.n = 0;
  r.memory = &memory;
  flash_chip chip = *flash_chip_find("w25q128jv");
  if (std::strcmp(rule, "tCK") == 0) chip.vsl = chip.res1 = chip.shsl = 0;
  r.flash = flash_open(&chip, image.data(), FLASH_ASLEEP, 0, 1);
  if (r.boot()) r.burst(false, 1u << 20, 1);
  const char *found = flash_error_rule(r.flash);
  if (!found || std::strcmp(found, rule) != 0) fail("too fast", std::string(rule) + " not caught, found " + (found ? found : "nothing"));
  else std::printf("  caught: %s\n", flash_error(r.flash));
  flash_close(r.flash);
}

}  // namespace

int main(int argc, char **argv) {
  const int bursts = argc == 3 && std::string(argv[1]) == "-n" ? std::atoi(argv[2]) : 2000;
  VerilatedContext context;
  auto top = std::make_unique<Vback_ends>(&context);
  std::vector<uint8_t> image(kFlashBytes);
  for (uint8_t &b : image) b = (uint8_t)below(256);
  top->eval();
  check_bram(top.get(), bursts);
  check_flash(top.get(), image, FLASH_ASLEEP, 6000, bursts);
  check_flash(top.get(), image, FLASH_AWAKE, 0, bursts / 8);
  check_flash(top.get(), image, FLASH_CONTINUOUS, 20000, bursts / 8);
  check_broken(top.get(), image, 2, false);
  check_broken(top.get(), image, 0, true);
  check_too_fast(top.get(), 2, 24, image, "tRES1");
  check_too_fast(top.get(), 3, 24, image, "tVSL");
  check_too_fast(top.get(), 4, 96, image, "tSHSL");
  check_too_fast(top.get(), 1, 150, image, "tCK");
  top->final();
  std::printf(failures ? "%d FAILED\n" : "all good\n", failures);
  return failures != 0;
}
