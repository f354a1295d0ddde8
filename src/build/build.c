/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline of a build; each stage is a file. */
#include "build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "build/board_dram.h"
#include "build/build_int.h"

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static weft_status find_tools(build *b) {
  static const weft_eda_id always = WEFT_EDA_PYOSYS;
  const weft_eda_id ids[] = {always, b->family->place, b->family->pack};
  for (size_t i = 0; i < 3; i++) {
    b->tools[i] = weft_eda_find(b->arena, &b->o->places, ids[i]);
    WEFT_TRY(weft_eda_need(b->d, &b->tools[i]));
  }
  return WEFT_OK;
}

static weft_status prepare(build *b) {
  const weft_board *board = b->o->board;
  b->family = family_find(board->family);
  if (board->export_only || !b->family)
    return weft_fail(b->d, WEFT_E_CONFIG, weft_diag_text(b->d, "board %s", board->name),
                     "no open place and route for this part", "a board that is not export_only",
                     "weft build --export writes the vendor's project");
  if (!family_has_device(b->family, board->device))
    return weft_fail(b->d, WEFT_E_CONFIG, weft_diag_text(b->d, "board %s: device", board->name), board->device,
                     weft_diag_text(b->d, "a part of family %s: %s", b->family->name, b->family->devices),
                     "correct family or device in its board.yaml");
  b->out->target_mhz = (double)board->target_hz / 1e6;
  weft_config timed = *b->o->config;            /* a memory that cannot serve the machine */
  WEFT_TRY(weft_board_dram(b->d, board, &timed));
  WEFT_TRY(weft_folder_make(b->d, b->o->out_dir));
  return find_tools(b);
}

/* A build that ends before placing knows what synthesis made. */
static weft_status count_cells(build *b) {
  area a;
  WEFT_TRY(area_read(b->arena, b->d, b->area_path, &a));
  b->out->cells = a.total.size;
  b->out->dsp = a.total.n[CELL_DSP];
  b->out->bram = a.total.n[CELL_RAM];
  return WEFT_OK;
}

static weft_status run_stages(build *b) {
  WEFT_TRY(build_collect_sources(b));
  WEFT_TRY(build_identify(b));
  WEFT_TRY(build_elaborate(b));
  if (b->o->until == WEFT_BUILD_ELABORATE)
    return WEFT_OK;
  WEFT_TRY(build_synthesize(b, false));
  if (b->o->until == WEFT_BUILD_SYNTH)
    return count_cells(b);
  WEFT_TRY(build_check_fit(b));
  if (b->family->surrogate_percent)
    WEFT_TRY(build_synthesize(b, true));
  WEFT_TRY(build_place(b));
  if (b->o->until == WEFT_BUILD_PLACE || (!b->out->is_timing_met && !b->o->allow_timing_fail))
    return WEFT_OK;
  return build_pack(b);
}

/* Two builds in one folder would read each other's machine and half-made stages. */
static weft_status lock_folder(build *b, int *fd) {
  const char *path = build_path(b, ".lock");
  *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
    return WEFT_OK;
  const int e = errno;
  return weft_fail(b->d, WEFT_E_WRITE, b->o->out_dir,
                   *fd >= 0 && e == EWOULDBLOCK ? "another build works in it" : strerror(e),
                   "a writable folder, one build at a time", "wait for its end, or -o DIR names another folder");
}

weft_status weft_build_run(weft_arena *arena, weft_diag *d, const weft_build_options *o,
                           weft_build_result *out) {
  build b = {.arena = arena, .d = d, .o = o, .out = out};
  const double begin = now_s();
  *out = (weft_build_result){.worst_path = ""};
  WEFT_TRY(prepare(&b));
  int fd = -1;
  weft_status s = lock_folder(&b, &fd);
  if (s == WEFT_OK)
    s = run_stages(&b);
  if (fd >= 0)
    close(fd);
  out->seconds = now_s() - begin;
  WEFT_TRY(s);
  return o->until < WEFT_BUILD_PLACE ? WEFT_OK : build_report(&b);
}
