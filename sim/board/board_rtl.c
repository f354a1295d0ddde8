/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/board_rtl.h"

#include <dlfcn.h>
#include <string.h>

typedef struct rtl {
  weft_sim_handle library;
  const board_sim_api *api;
  board_sim *sim;
  weft_dram_timing timing;
} rtl;

static const char *const folders[] = {"boards/common", "boards/family/sim", "sim/board", NULL};
static const char *const files[] = {
  "sim/board/board_sim.cc", "sim/board/board_sim.h", "sim/board/sdram_model.c", "sim/board/sdram_model.h",
  "sim/board/sdram_chips.def", "sim/board/flash_model.c", "sim/board/flash_model.h", "sim/board/flash_chips.def",
  "sim/dram/dram.c", "sim/dram/dram.h", "sim/dram/dram_rows.c", "sim/dram/dram_rows.h", NULL,
};

static uint32_t rtl_put(void *self, const uint8_t *data, uint32_t n) {
  const rtl *r = self;
  return r->api->put(r->sim, data, n);
}
static uint32_t rtl_get(void *self, uint8_t *data, uint32_t n) {
  const rtl *r = self;
  return r->api->get(r->sim, data, n);
}
static bool rtl_advance(void *self) {
  const rtl *r = self;
  return r->api->advance(r->sim);
}
static void rtl_silence(void *self) {
  const rtl *r = self;
  r->api->silence(r->sim);
}
static const char *rtl_error(void *self) {
  const rtl *r = self;
  return r->api->error(r->sim);
}
static void rtl_end(void *self) {
  rtl *r = self;
  if (r->sim != NULL)
    r->api->close(r->sim);
  if (r->library.handle != NULL)
    dlclose(r->library.handle);
  memset(r, 0, sizeof *r);
}

weft_dram_timing weft_board_rtl_timing(const weft_config *c) {
  return (weft_dram_timing){
    .beat_bytes = (uint32_t)c->beat_bytes, .rate_num = (uint32_t)c->dram_rate_num, .rate_den = (uint32_t)c->dram_rate_den,
    .latency = (uint32_t)c->dram_latency, .gap = (uint32_t)c->dram_gap,
    .refresh_interval = (uint32_t)c->dram_refresh_interval, .refresh_cycles = (uint32_t)c->dram_refresh_cycles,
    .row_bytes = (uint32_t)c->dram_row_bytes, .setup = (uint32_t)c->dram_setup,
    .mask_cycles = (uint32_t)c->dram_mask_cycles,
  };
}

const char *weft_board_rtl_chip(uint32_t data_bits, uint32_t row_bits, uint32_t col_bits) {
  for (size_t i = 0; sdram_chip_at(i) != NULL; i++) {
    const sdram_chip *c = sdram_chip_at(i);
    if (c->data_bits == data_bits && c->row_bits == row_bits && c->col_bits <= col_bits)
      return c->name;
  }
  return NULL;
}

weft_status weft_board_rtl_open(weft_arena *arena, weft_diag *d, const weft_config *config, const weft_board_rtl *o,
                                weft_byte_device *out) {
  const weft_sim_target target = {"weft_sim_board", folders, files, o->board_package, "weft_board_sim_api"};
  rtl *r = WEFT_NEW(arena, rtl, 1);
  board_sim_options options = o->options;
  WEFT_TRY(weft_config_check(d, config));
  WEFT_TRY(weft_sim_target_open(arena, d, config, false, &target, o->progress, o->progress_user, &r->library));
  r->api = r->library.api;
  if (r->api == NULL || r->api->abi != BOARD_SIM_ABI)
    return weft_sim_bad_version(d, r->library.path);
  r->timing = weft_board_rtl_timing(config);
  if (options.dram == NULL)
    options.dram = &r->timing;
  r->sim = r->api->open(&options);
  *out = (weft_byte_device){r, rtl_put, rtl_get, rtl_advance, rtl_silence, rtl_error, rtl_end};
  if (r->sim == NULL)
    return weft_fail(d, WEFT_E_CONFIG, "simulated board", "memory options out of range",
                     "a chip of sim/board/sdram_chips.def, or dram.* of the machine", NULL);
  return WEFT_OK;
}

uint64_t weft_board_rtl_cycles(const weft_byte_device *dev) {
  const rtl *r = dev->self;
  return r->api->cycles(r->sim);
}

void weft_board_rtl_bit_clocks(const weft_byte_device *dev, int n) {
  const rtl *r = dev->self;
  r->api->set_bit_clocks(r->sim, n);
}
