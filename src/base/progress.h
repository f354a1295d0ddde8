/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of long work. Libraries call weft_progress_step(p, ...) with p NULL
 * or what the caller gave; they never print themselves. The command makes one
 * with weft_progress_stream. Nothing is shown before 1 s, then at most every
 * 0.1 s (auto: one line, rewritten) or every 2 s (plain: one line each). */
#ifndef WEFT_BASE_PROGRESS_H
#define WEFT_BASE_PROGRESS_H

#include <stdio.h>

#include "base/base.h"

typedef struct weft_progress weft_progress;
struct weft_progress {
  void (*step)(weft_progress *p, const char *stage, uint64_t done,
               uint64_t total);   /* total 0: unknown */
};

static inline void weft_progress_step(weft_progress *p, const char *stage,
                                      uint64_t done, uint64_t total) {
  if (p)
    p->step(p, stage, done, total);
}

typedef enum weft_progress_mode {
  WEFT_PROGRESS_AUTO,    /* a rewritten line on a terminal, else plain        */
  WEFT_PROGRESS_PLAIN,
  WEFT_PROGRESS_NONE
} weft_progress_mode;

/* NULL for NONE. `stream` is borrowed. */
weft_progress *weft_progress_stream(weft_arena *arena, weft_progress_mode mode,
                                    FILE *stream);
/* Clears the rewritten line: call before printing anything else. */
void weft_progress_clear(weft_progress *p);

/* Of a clock that never goes back; only differences mean anything. */
double weft_seconds(void);

/* The part done, 0 to less than 1, of work that was expected to take expected_s and has
 * run for `seconds`: true until 80 %, and beyond it grows without end and without standing
 * still (90 % at 1.6 times, 95 % at 3.2). */
double weft_progress_part(double seconds, double expected_s);
/* The same as a step of p, in tenths of the seconds that were expected. */
void weft_progress_estimate(weft_progress *p, const char *stage, double seconds, double expected_s);

/* "[stage]  48%  412/860  ETA 0:21" into out (at most n bytes). ETA is
 * extrapolated from the time this stage took so far. */
void weft_progress_format(char *out, size_t n, const char *stage, uint64_t done,
                          uint64_t total, double stage_seconds);

#endif
