/* SPDX-License-Identifier: Apache-2.0 */
/* weft_sdram with a chip that checks its timing, cycle by cycle against sim/dram
 * with the numbers measured at its own port; boot on sound, late and broken
 * chips; controllers that are one clock too fast. -n N: cycles of traffic. */
#include <memory>
#include <string>

#include "sim/board/sdram_law.h"
#include "tests/board/sdram/sdram_measure.h"

namespace {

int failures = 0;
uint64_t state = 1;

uint32_t rnd() {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(state >> 33);
}
uint32_t below(uint32_t n) { return rnd() % n; }

void fail(const char *what, int at, const std::string &why) {
  std::printf("FAIL %s, controller %d: %s\n", what, at, why.c_str());
  failures++;
}

constexpr uint32_t kWindow = 8192;

/* A client and the law beside the controller. */
struct lockstep {
  sdram_rig &r;
  weft_dram law;
  weft_dram_out shown{};
  std::vector<std::vector<uint8_t>> memory;
  std::vector<uint32_t> bases;
  uint32_t next_addr = 0;
  bool fill = false;            /* whole beats only                            */
  uint64_t read_beats = 0, differences = 0;

  lockstep(sdram_rig &rig, const weft_dram_timing &t) : r(rig) {
    const uint32_t chip_bytes = 4u << (r.info.rows + (r.info.cols == 10 ? 9 : r.info.cols) + r.info.bits / 16);
    bases = {0, chip_bytes / 2 - kWindow / 2, chip_bytes / 8 * 3 + 512, chip_bytes - kWindow};
    weft_dram_region regions[4];
    for (int i = 0; i < 4; i++) {
      memory.emplace_back(kWindow, 0);
      regions[i] = weft_dram_region{bases[(size_t)i], kWindow, nullptr, false};
    }
    for (size_t i = 0; i < 4; i++) regions[i].data = memory[i].data();
    if (!weft_dram_init(&law, &t, regions, 4)) fail("law", r.at, law.error);
  }

  /* At any time of the refresh counter, also within a refresh. */
  void restart() {
    r.in.req_valid = false;
    if (law.bursts != 0) idle(250 + (int)below(700));
    r.tick(true);
    weft_dram_restart(&law, &shown);
  }

  void tick() {
    for (uint32_t i = 0; i < (uint32_t)r.info.beat; i++) r.in.w_data[i] = (uint8_t)rnd();
    const uint32_t all = (1u << r.info.beat) - 1u;
    r.in.w_strb = fill || below(3) != 0 ? all : rnd() & all;
    const weft_dram_in in = r.in;
    const weft_dram_out &o = r.out;
    const bool same = o.req_ready == shown.req_ready && o.w_ready == shown.w_ready && o.r_valid == shown.r_valid &&
                      (!o.r_valid || std::memcmp(o.r_data, shown.r_data, (size_t)r.info.beat) == 0);
    if (!same && differences++ == 0)
      fail("law", r.at, "cycle " + std::to_string(law.cycle) + ": ready " + std::to_string(o.req_ready) + std::to_string(shown.req_ready) +
           " w " + std::to_string(o.w_ready) + std::to_string(shown.w_ready) + " r " + std::to_string(o.r_valid) +
           std::to_string(shown.r_valid) + " (RTL, law)");
    read_beats += o.r_valid;
    r.tick();
    weft_dram_tick(&law, &in, &shown);
  }

  void offer(bool write, uint32_t addr, uint32_t beats) {
    r.in.req_valid = true;
    r.in.req_write = write;
    r.in.req_addr = addr;
    r.in.req_beats = beats;
    while (!r.out.req_ready && differences == 0) tick();
    tick();
    r.in.req_valid = false;
  }
  void idle(int n) {
    while (n-- > 0) tick();
  }

  void random_offer() {
    const uint32_t beat = (uint32_t)r.info.beat, most = 64 / beat;
    const uint32_t window = below(4), beats = below(3) == 0 ? most : 1 + below(most);
    uint32_t at = next_addr;
    bool inside = false;
    for (uint32_t b : bases) inside |= at >= b && at + beats * beat <= b + kWindow;
    if (!inside || below(3) == 0) at = bases[window] + below((kWindow - 64) / beat) * beat;
    next_addr = at + beats * beat;
    offer(below(2) != 0, at, beats);
  }
};

void traffic(sdram_rig &r, const weft_dram_timing &t, uint64_t cycles) {
  lockstep s(r, t);
  r.idle(300);
  s.restart();
  s.fill = true;
  for (uint32_t base : s.bases)
    for (uint32_t at = 0; at < kWindow; at += 64) s.offer(true, base + at, 64u / (uint32_t)r.info.beat);
  s.fill = false;
  uint64_t n_bursts = 0;
  const uint64_t begin = r.n;
  while (r.n - begin < cycles && s.differences == 0) {
    const bool busy = below(2) != 0;
    for (uint32_t k = below(200); k > 0 && s.differences == 0; k--) {
      s.random_offer();
      n_bursts++;
      if (!busy) s.idle((int)below(40));
    }
    if (below(8) == 0) s.restart();
  }
  s.idle(100);
  if (s.law.error != nullptr) fail("law", r.at, s.law.error);
  if (sdram_error(r.chip) != nullptr) fail("chip", r.at, sdram_error(r.chip));
  if (s.read_beats < cycles / 100) fail("traffic", r.at, "hardly any beats read");
  const sdram_counts c = sdram_counted(r.chip);
  std::printf("  %llu bursts, %llu beats read equal in cycle and data; chip: %llu activates, %llu reads, %llu writes, %llu refreshes\n",
              (unsigned long long)n_bursts, (unsigned long long)s.read_beats, (unsigned long long)c.activates,
              (unsigned long long)c.reads, (unsigned long long)c.writes, (unsigned long long)c.refreshes);
}

/* Bytes a cycle of 64-byte bursts, always one waiting. */
double throughput(sdram_rig &r, bool write, bool sequential) {
  const uint32_t beats = 64u / (uint32_t)r.info.beat;
  uint32_t at = 0;
  uint64_t done = 0;
  r.idle(200);
  r.in.w_strb = 0xffff;
  const uint64_t begin = r.n;
  while (r.n - begin < 20000) {
    r.in.req_valid = true;
    r.in.req_write = write;
    r.in.req_addr = at;
    r.in.req_beats = beats;
    if (r.out.req_ready) {
      at = sequential ? (at + 64) & 0xfffff : below(1u << 14) * 64;
      done += 64;
    }
    r.tick();
  }
  r.idle(200);
  return (double)done / 20000.0;
}

void show_law(const sdram_info &i, const weft_dram_timing &t) {
  std::printf("controller %.1f MHz x%d beat %d %s: bytes_per_cycle %u, latency %u, gap %u, refresh %u/%u, row %u, setup %u, mask %u\n",
              i.khz / 1000.0, i.bits, i.beat, i.has_dqm ? "dqm" : "no dqm", t.rate_num / t.rate_den, t.latency, t.gap,
              t.refresh_cycles, t.refresh_interval, t.row_bytes, t.setup, t.mask_cycles);
}

void check_board(Vsdram_set *top, int at, const char *chip_name, uint64_t cycles) {
  const sdram_chip *chip = sdram_chip_find(chip_name);
  sdram_rig r(top, at, chip, 50, 6000);
  if (!r.boot()) return fail("boot", at, sdram_error(r.chip) ? sdram_error(r.chip) : "never ready");
  if (top->error_o[at] || (top->status_o[at] & 7) != 3) return fail("self-test", at, "status " + std::to_string(top->status_o[at]));
  if ((top->status_o[at] >> 4 & 15) != chip->col_bits) fail("column probe", at, std::to_string(top->status_o[at] >> 4 & 15));
  const weft_dram_timing t = measure_law(r);
  show_law(r.info, t);
  const uint32_t low_cols = r.info.cols == 10 ? 9 : (uint32_t)r.info.cols;
  const sdram_board board = {(uint32_t)r.info.khz * 1000, (uint32_t)r.info.bits, (uint32_t)r.info.rows,
                             (uint32_t)r.info.bits / 8 << low_cols, r.info.has_dqm != 0};
  weft_dram_timing told;
  if (!sdram_law(&board, t.beat_bytes, &told) || std::memcmp(&told, &t, sizeof t) != 0) {
    show_law(r.info, told);
    fail("sdram_law", at, "tells other numbers than the RTL");
  }
  std::printf("  %s, read phase %u of mask %x; 64-byte bursts, bytes a cycle:", chip_name, top->status_o[at] >> 8 & 255,
              top->status_o[at] >> 16 & 15);
  const double a = throughput(r, false, true), b = throughput(r, false, false), c = throughput(r, true, true);
  std::printf(" read %.2f in sequence, %.2f at random; write %.2f (%.0f MB/s read)\n", a, b, c, a * r.info.khz / 1000);
  traffic(r, t, cycles);
}

/* Boot with data later and later: good until the last phase is too early. */
void check_phases(Vsdram_set *top, int at) {
  unsigned last = 0;
  bool gave_up = false;
  for (uint32_t flight = 0; flight <= 24000; flight += 3000) {
    sdram_rig r(top, at, sdram_chip_find("mt48lc16m16a2-6a"), 50, flight);
    r.boot();
    const unsigned s = top->status_o[at], phase = s >> 8 & 255;
    gave_up = (s & 2) == 0;
    std::printf("  flight %5u ps: phases %x, taken %u%s\n", flight, s >> 16 & 15, phase, gave_up ? ", not calibrated" : "");
    if (gave_up != top->error_o[at]) fail("calibration", at, "status and error_o differ");
    if (!gave_up && phase < last) fail("calibration", at, "phase went back");
    last = phase;
  }
  if (last == 0 || !gave_up) fail("calibration", at, "data beyond the last phase were not noticed");
}

void check_faults(Vsdram_set *top, int at, const char *chip_name) {
  for (int k = 0; k < 16; k++) {
    const int line = k;
    for (int what = 0; what < 2; what++) {
      if (what == 1 && (line >= 13 || line == 9 || line == 10)) continue;   /* 10: precharge all; 9: the probed one */
      const sdram_chip *chip = sdram_chip_find(chip_name);
      if (what == 1 && line >= (int)chip->row_bits) continue;
      sdram_rig r(top, at, chip, 50, 6000);
      const sdram_faults f = {what == 0 ? 1u << line : 0, what == 1 ? 1u << line : 0};
      sdram_set_faults(r.chip, &f);
      r.boot();
      if (!top->error_o[at]) fail(what ? "dead address line" : "dead data line", at, std::to_string(line) + " not noticed");
    }
  }
}

/* One beat each, in two rows of one bank. */
void short_bursts(sdram_rig &r, int cycles) {
  r.in.req_write = false;
  r.in.req_beats = 1;
  for (; cycles > 0; cycles--) {
    r.in.req_valid = true;
    if (r.out.req_ready) r.in.req_addr ^= 1u << 20;
    r.tick();
  }
}

struct too_fast { int at; const char *chip, *rule; };

void check_too_fast(Vsdram_set *top, const too_fast &m) {
  sdram_chip chip = *sdram_chip_find(m.chip);
  if (std::strcmp(m.rule, "tRC") == 0) chip.rp = chip.ras = 0;
  if (std::strcmp(m.rule, "tMRD") == 0) chip.mrd_ck = 40;
  sdram_rig r(top, m.at, &chip, 50, 6000);
  if (r.boot()) short_bursts(r, 40000);
  const char *rule = sdram_error_rule(r.chip);
  if (rule == nullptr || std::strcmp(rule, m.rule) != 0)
    fail("one clock too fast", m.at, std::string(m.rule) + " not caught, found " + (rule ? rule : "nothing"));
  else
    std::printf("  caught: %s\n", sdram_error(r.chip));
}

}  // namespace

int main(int argc, char **argv) {
  const uint64_t cycles = argc == 3 && std::string(argv[1]) == "-n" ? std::strtoull(argv[2], nullptr, 10) : 100000;
  VerilatedContext context;
  auto top = std::make_unique<Vsdram_set>(&context);
  top->eval();
  static const char *const chips[] = {"as4c32m16sb-7", "mt48lc16m16a2-6a", "m12l64322a-6", "gw2ar-18-sdram",
                                      "em638325bk-6", "is42s16160g-7", "is42s16160g-7", "em638325bk-6"};
  for (int i = 0; i < 8; i++) check_board(top.get(), i, chips[i], cycles);
  std::printf("read phase, 80 MHz\n");
  check_phases(top.get(), 0);
  check_faults(top.get(), 0, "mt48lc16m16a2-6a");
  check_faults(top.get(), 2, "m12l64322a-6");
  std::printf("controllers that are too fast\n");
  static const too_fast fast[] = {
    {8, "mt48lc16m16a2-6a", "tRCD"}, {9, "mt48lc16m16a2-6a", "tRP"}, {10, "em638325bk-6", "tRAS"},
    {11, "em638325bk-6", "tRC"}, {12, "mt48lc16m16a2-6a", "tWR"}, {13, "is42s16160g-7", "tRFC"},
    {14, "mt48lc16m16a2-6a", "tREFI"}, {15, "mt48lc16m16a2-6a", "power up"}, {16, "mt48lc16m16a2-6a", "init order"},
    {17, "mt48lc16m16a2-6a", "tCK"}, {18, "mt48lc16m16a2-6a", "tMRD"},
  };
  for (const too_fast &m : fast) check_too_fast(top.get(), m);
  top->final();
  std::printf(failures ? "%d FAILED\n" : "all good\n", failures);
  return failures != 0;
}
