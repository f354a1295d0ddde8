/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of sim/dram's law with rows, measured at a controller's port. */
#ifndef WEFT_TESTS_SDRAM_MEASURE_H
#define WEFT_TESTS_SDRAM_MEASURE_H

#include <vector>

#include "tests/board/sdram/sdram_rig.h"

struct sdram_probe { std::vector<int> accepted, w_ready, r_valid; };

struct sdram_ask { bool write; uint32_t addr, beats, strb; };

/* The bursts back to back from an idle controller just after a refresh; cycles
 * count from the first offer. */
inline sdram_probe probe(sdram_rig &r, const std::vector<sdram_ask> &asks, bool at_start = false) {
  sdram_probe p;
  r.idle(200);
  if (at_start) r.tick(true);
  else {
    while (!r.is_refresh) r.tick();
    r.idle(40);
  }
  size_t next = 0;
  std::vector<uint32_t> strbs;
  for (const sdram_ask &a : asks)
    if (a.write) strbs.insert(strbs.end(), a.beats, a.strb);
  size_t beat = 0;
  for (int t = 0; t < 300; t++) {
    r.in.req_valid = next < asks.size();
    if (r.in.req_valid) {
      r.in.req_write = asks[next].write;
      r.in.req_addr = asks[next].addr;
      r.in.req_beats = asks[next].beats;
    }
    r.in.w_strb = beat < strbs.size() ? strbs[beat] : 0;
    if (r.out.w_ready) { p.w_ready.push_back(t); beat++; }
    if (r.out.r_valid) p.r_valid.push_back(t);
    if (r.in.req_valid && r.out.req_ready) { p.accepted.push_back(t); next++; }
    r.tick();
  }
  r.in.req_valid = false;
  return p;
}

inline weft_dram_timing measure_law(sdram_rig &r) {
  weft_dram_timing t{};
  const uint32_t beat = (uint32_t)r.info.beat, all = (1u << beat) - 1u, far = 1u << 20;
  t.beat_bytes = beat;
  sdram_probe p = probe(r, {{true, 0, 2, all}});
  t.setup = (uint32_t)(p.w_ready[0] - p.accepted[0] - 1);
  const int per_beat = p.w_ready[1] - p.w_ready[0];
  t.rate_num = beat / (uint32_t)per_beat;
  t.rate_den = 1;
  p = probe(r, {{false, 0, 1, 0}});
  t.latency = (uint32_t)(p.r_valid[0] - p.accepted[0] - 1) - t.setup;
  const int undisturbed = p.r_valid[0];
  p = probe(r, {{true, 0, 1, all}, {true, far, 1, all}});
  t.gap = (uint32_t)(p.w_ready[1] - p.w_ready[0] - per_beat) - t.setup;
  p = probe(r, {{false, 0, 1, 0}}, true);
  t.refresh_cycles = (uint32_t)(p.r_valid[0] - undisturbed + 1);   /* found in cycle 0, not 1 */
  r.idle(200);
  while (!r.is_refresh) r.tick();
  do { r.tick(); t.refresh_interval++; } while (!r.is_refresh);
  for (t.row_bytes = 64; t.row_bytes < 65536; t.row_bytes *= 2) {
    p = probe(r, {{false, t.row_bytes - beat, 1, 0}, {false, t.row_bytes, 1, 0}, {false, t.row_bytes, 1, 0}});
    if (p.r_valid[1] - p.r_valid[0] != per_beat) break;
  }
  if (r.info.has_dqm == 0) {
    p = probe(r, {{true, 0, 1, 1}, {true, far, 1, all}});
    t.mask_cycles = (uint32_t)(p.w_ready[1] - p.w_ready[0] - per_beat) - t.setup - t.gap;
  }
  return t;
}

#endif
