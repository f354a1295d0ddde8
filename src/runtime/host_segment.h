/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that run beside the accelerator. Private to src/runtime. */
#ifndef WEFT_RUNTIME_HOST_SEGMENT_H
#define WEFT_RUNTIME_HOST_SEGMENT_H

#include "runtime/runtime.h"

/* Offsets were checked when the program was loaded (weft_program_check). */
weft_status weft_host_segment(weft_diag *d, const weft_program *p, const weft_prog_segment *s,
                              uint8_t *const regions[4]);

#endif
