/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/axi_rtl.h"

#include <dlfcn.h>
#include <stdlib.h>

enum { PAUSE_CLOCKS = 1000 };              /* a millisecond of the host             */

struct weft_axi_rtl {
  weft_sim_handle library;
  const axi_sim_api *api;
  axi_sim *sim;
  uint8_t *memory;
};

static const char *const folders[] = {"boards/common", NULL};
static const char *const files[] = {"sim/board/axi_sim.cc", "sim/board/axi_sim.h", NULL};

uint32_t weft_axi_rtl_load(void *self, uint32_t offset) {
  const weft_axi_rtl *a = self;
  return a->api->load(a->sim, offset);
}
void weft_axi_rtl_store(void *self, uint32_t offset, uint32_t value) {
  const weft_axi_rtl *a = self;
  a->api->store(a->sim, offset, value);
}
void weft_axi_rtl_pause(void *self, uint32_t ms) {
  const weft_axi_rtl *a = self;
  a->api->idle(a->sim, ms * PAUSE_CLOCKS);
}
uint8_t *weft_axi_rtl_memory(const weft_axi_rtl *a) { return a->memory; }
const char *weft_axi_rtl_error(const weft_axi_rtl *a) { return a->sim != NULL ? a->api->error(a->sim) : NULL; }

weft_status weft_axi_rtl_open(weft_arena *arena, weft_diag *d, const weft_config *config, const weft_axi_rtl_options *o,
                              weft_axi_rtl **out) {
  const weft_sim_target target = {"weft_axi", folders, files, o->board_package, "weft_axi_sim_api"};
  weft_axi_rtl *a = WEFT_NEW(arena, weft_axi_rtl, 1);
  *out = a;
  WEFT_TRY(weft_config_check(d, config));
  WEFT_TRY(weft_sim_target_open(arena, d, config, false, &target, o->progress, o->progress_user, &a->library));
  a->api = a->library.api;
  if (a->api == NULL || a->api->abi != AXI_SIM_ABI)
    return weft_sim_bad_version(d, a->library.path);
  a->memory = calloc(o->mem_bytes, 1);     /* pages come when they are touched      */
  const axi_sim_options options = {a->memory, o->mem_bytes, o->base, o->seed, o->stall_percent};
  a->sim = a->memory != NULL ? a->api->open(&options) : NULL;
  if (a->sim == NULL)
    return weft_fail(d, WEFT_E_CONFIG, "simulated board", "no memory, or options out of range", "a buffer of 4 KiB and more", NULL);
  return WEFT_OK;
}

void weft_axi_rtl_close(weft_axi_rtl **out) {
  weft_axi_rtl *a = *out;
  if (a != NULL && a->sim != NULL)
    a->api->close(a->sim);
  if (a != NULL)
    free(a->memory);
  if (a != NULL && a->library.handle != NULL)
    dlclose(a->library.handle);
  *out = NULL;
}
