/* SPDX-License-Identifier: Apache-2.0 */
/* The rtl row of a build without sim/rtl: an error, never an answer. Weak, and
 * behind sim/rtl in the library, so that the real row wins. */
#include "runtime/runtime.h"

static weft_status absent_open(weft_arena *arena, weft_diag *d, const weft_config *c,
                               const weft_backend_options *o, void **self) {
  (void)arena;
  (void)c;
  (void)o;
  *self = NULL;
  return weft_fail(d, WEFT_E_UNSUPPORTED, "backend rtl", "not supported yet: the rtl backend",
                   "backends ref and model", "--backend model");
}

static weft_status absent_run(void *self, weft_diag *d, const weft_program *p, uint32_t segment,
                              uint8_t *const regions[4], weft_tensor_seen seen, void *user, weft_run_stats *stats) {
  (void)self;
  (void)p;
  (void)segment;
  (void)regions;
  (void)seen;
  (void)user;
  (void)stats;
  return weft_fail(d, WEFT_E_UNSUPPORTED, "backend rtl", "not supported yet: the rtl backend",
                   "backends ref and model", "--backend model");
}

static void absent_close(void *self) { (void)self; }

extern const weft_backend weft_backend_rtl __attribute__((weak));
const weft_backend weft_backend_rtl = {
  .name = "rtl", .open = absent_open, .run = absent_run, .close = absent_close};
