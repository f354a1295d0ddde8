/* SPDX-License-Identifier: Apache-2.0 */
/* deploy --sim of a Zynq: the UIO transport over a Verilated weft_axi whose buses
 * stall and reorder. */
#include "cli/cli_deploy.h"
#include "sim/board/axi_rtl.h"

enum { BUFFER_MOST = 64 << 20, BUS_BASE = 0x10000000, STALL_PERCENT = 30 };

static void report_progress(void *user, uint64_t done, uint64_t total, const char *what) {
  weft_progress_step(user, what, done, total);
}

weft_status deploy_axi_connect(cli *c, const weft_board *b, const weft_config *config, const weft_board_limits *limits,
                               deploy_sim *s, weft_connection *out) {
  const weft_axi_rtl_options o = {
    .board_package = weft_board_package(c->arena, b, 0), .mem_bytes = b->memory_bytes < BUFFER_MOST ? (uint32_t)b->memory_bytes : BUFFER_MOST,
    .base = BUS_BASE, .stall_percent = STALL_PERCENT, .seed = c->seed, .progress = report_progress, .progress_user = c->progress};
  weft_axi_rtl *axi = NULL;
  weft_transport t;
  const weft_status opened = weft_axi_rtl_open(c->arena, c->diag, config, &o, &axi);
  s->axi = axi;
  WEFT_TRY(opened);
  const weft_uio_bus bus = {axi, weft_axi_rtl_load, weft_axi_rtl_store, weft_axi_rtl_pause};
  weft_uio_attach(c->arena, &bus, weft_axi_rtl_memory(axi), o.mem_bytes, o.base, &t);
  WEFT_TRY(weft_connect_mapped(c->diag, "simulated AXI bus", &t, limits, out));
  weft_dev_info *i = &out->device.info;
  i->board_id = weft_board_id(b);
  i->clock_hz = (uint32_t)b->target_hz;
  i->rows = (uint8_t)config->rows;
  i->cols = (uint8_t)config->cols;
  i->lanes = (uint8_t)config->lanes;
  i->beat_bytes = (uint8_t)config->beat_bytes;
  return WEFT_OK;
}

weft_status deploy_axi_close(cli *c, deploy_sim *s, weft_status status) {
  weft_axi_rtl *axi = s->axi;
  const char *broken = axi != NULL ? weft_axi_rtl_error(axi) : NULL;
  if (broken != NULL)
    status = weft_fail(c->diag, WEFT_E_INTERNAL, "simulated AXI bus", weft_diag_text(c->diag, "%s", broken), "the rules of AXI4",
                       "please report this");
  weft_axi_rtl_close(&axi);
  s->axi = NULL;
  return status;
}
