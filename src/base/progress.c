/* SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUIET_SECONDS 1.0
#define AUTO_SECONDS 0.1
#define PLAIN_SECONDS 2.0

typedef struct stream_progress {
  weft_progress base;    /* first: the step function casts back */
  FILE *stream;
  bool is_terminal;
  bool is_shown;
  double start, stage_start, next;
  char stage[48];
} stream_progress;

double weft_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void weft_progress_format(char *out, size_t n, const char *stage, uint64_t done,
                          uint64_t total, double stage_seconds) {
  if (total == 0) {
    snprintf(out, n, "[%s]  %llu", stage, (unsigned long long)done);
    return;
  }
  const double part = done < total ? (double)done / (double)total : 1.0;
  const int used = snprintf(out, n, "[%s]  %3d%%  %llu/%llu", stage,
                            (int)(100 * part), (unsigned long long)done,
                            (unsigned long long)total);
  if (used < 0 || (size_t)used >= n || part <= 0)
    return;
  const double left = stage_seconds * (1 - part) / part;
  const long seconds = left < 1e8 ? (long)(left + 0.5) : 99999999;
  snprintf(out + used, n - (size_t)used, "  ETA %ld:%02ld", seconds / 60,
           seconds % 60);
}

double weft_progress_part(double seconds, double expected_s) {
  const double x = expected_s > 0 ? seconds / expected_s : 2;
  return x <= 0.8 ? x : 1 - 0.16 / x;
}

void weft_progress_estimate(weft_progress *p, const char *stage, double seconds, double expected_s) {
  weft_progress_step(p, stage, (uint64_t)(weft_progress_part(seconds, expected_s) * expected_s * 10),
                     (uint64_t)(expected_s * 10));
}

static void stream_step(weft_progress *base, const char *stage, uint64_t done,
                        uint64_t total) {
  stream_progress *p = (stream_progress *)base;
  const double t = weft_seconds();
  if (strncmp(p->stage, stage, sizeof p->stage - 1) != 0) {
    snprintf(p->stage, sizeof p->stage, "%s", stage);
    p->stage_start = t;
  }
  if (t < p->next)
    return;
  p->next = t + (p->is_terminal ? AUTO_SECONDS : PLAIN_SECONDS);
  char line[160];
  weft_progress_format(line, sizeof line, p->stage, done, total,
                       t - p->stage_start);
  fprintf(p->stream, p->is_terminal ? "\r\033[K%s" : "%s\n", line);
  fflush(p->stream);
  p->is_shown = true;
}

weft_progress *weft_progress_stream(weft_arena *arena, weft_progress_mode mode,
                                    FILE *stream) {
  if (mode == WEFT_PROGRESS_NONE)
    return NULL;
  stream_progress *p = WEFT_NEW(arena, stream_progress, 1);
  p->base.step = stream_step;
  p->stream = stream;
  p->is_terminal = mode == WEFT_PROGRESS_AUTO && isatty(fileno(stream)) == 1;
  p->start = p->stage_start = weft_seconds();
  p->next = p->start + QUIET_SECONDS;
  return &p->base;
}

void weft_progress_clear(weft_progress *base) {
  stream_progress *p = (stream_progress *)base;
  if (!p || !p->is_terminal || !p->is_shown)
    return;
  fputs("\r\033[K", p->stream);
  fflush(p->stream);
  p->is_shown = false;
}
