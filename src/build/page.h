/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a build: one self-contained HTML file. Private to src/build. */
#ifndef WEFT_BUILD_PAGE_H
#define WEFT_BUILD_PAGE_H

#include "build/build.h"
#include "build/report.h"

/* Figures, the floor of logic cells by module, the table, the worst path. */
weft_status page_write(weft_arena *arena, weft_diag *d, const char *path,
                       const weft_build_options *o, const weft_build_result *r,
                       const area *cells, const report *timing);

#endif
