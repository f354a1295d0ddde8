/* SPDX-License-Identifier: Apache-2.0 */
/* Pins files: .lpf, .pcf, .cst, .xdc, .qsf. What they say about places, no more.
 * Private to src/build and its tests. */
#ifndef WEFT_BUILD_PINS_H
#define WEFT_BUILD_PINS_H

#include "base/base.h"

typedef struct pin {
  const char *port;             /* "led[3]"                                   */
  const char *site;             /* "B2"                                       */
  int line;
} pin;

typedef struct pins {
  pin *items;
  size_t n, cap;
} pins;

/* By the ending of `where`. E_CONFIG: unknown ending, no port or site behind a
 * keyword, a port twice, a site twice. */
weft_status pins_parse(weft_arena *arena, weft_diag *d, const char *where, weft_span text,
                       pins *out);

/* Each bit of each port constrained, and nothing else. `ports` has lines
 * "name width input|output|inout". Ports that begin with a word of `placed`
 * (blanks between, may be "") are placed by the tool and must not be in the
 * file. E_CONFIG, every finding. */
weft_status pins_match(weft_arena *arena, weft_diag *d, const char *where, const pins *p,
                       const char *ports, const char *placed);

#endif
