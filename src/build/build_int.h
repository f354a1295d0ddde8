/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/build: a build in progress and its stages, in order. */
#ifndef WEFT_BUILD_BUILD_INT_H
#define WEFT_BUILD_BUILD_INT_H

#include "build/build.h"
#include "build/family.h"
#include "build/report.h"
#include "build/stage.h"

#define BUILD_MAX_SOURCES 512

typedef struct build_source {
  const char *path;             /* to read                                    */
  const char *name;             /* below the root, or generated               */
  char hash[65];
} build_source;

typedef struct build {
  weft_arena *arena;
  weft_diag *d;
  const weft_build_options *o;
  weft_build_result *out;
  const family *family;
  weft_eda_tool tools[3];       /* pyosys, placer, packer                     */
  build_source sources[BUILD_MAX_SOURCES];
  size_t n_sources;
  const char *top_path, *pins_path;
  uint64_t build_id;
  const char *board_package;    /* the one source that holds the build id     */
  /* folders of the stages, seen from out_dir */
  const char *netlist, *surrogate, *area_path;
  const char *best_placed;      /* of the best seed                           */
  report best;
  char bitstream_hash[65];
} build;

weft_status build_collect_sources(build *b);  /* RTL, board, packages         */
weft_status build_identify(build *b);         /* build_id, weft_board_pkg     */
weft_status build_elaborate(build *b);        /* + pins against ports         */
weft_status build_synthesize(build *b, bool is_surrogate);
/* E_NO_FIT, every kind of cell that is too many. */
weft_status build_check_fit(build *b);
weft_status build_place(build *b);            /* seeds; b->best               */
weft_status build_pack(build *b);
/* Manifest, JSON, page; E_TIMING if it is missed and not allowed. */
weft_status build_report(build *b);

/* The first line of a log that says ERROR, or NULL. */
const char *build_first_error(build *b, const char *log);
/* A path below out_dir. */
const char *build_path(build *b, const char *name);

#endif
