/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a program on a backend. The runtime owns region memory and host
 * segments; a backend only runs accelerator segments over four byte regions.
 * Depends on base, config, isa, the host kernels of kernels/, and backends. */
#ifndef WEFT_RUNTIME_RUNTIME_H
#define WEFT_RUNTIME_RUNTIME_H

#include "isa/program.h"

/* The runtime hands a backend the four regions (padded to 64 bytes); the
 * backend calls `seen` for each tensor of the map when it becomes valid, with
 * dense NHWC bytes. */
typedef weft_status (*weft_tensor_seen)(void *user, const weft_prog_tensor *t,
                                        const void *data, size_t n_bytes);

/* The session zeroes it before a run and gives layer_cycles (its own memory, valid
 * until the next run); a backend that counts cycles sets has_cycles and adds the
 * figures of its segment. */
typedef struct weft_run_stats {
  bool has_cycles;
  uint64_t cycles;              /* start write to done, all segments          */
  uint64_t read_bytes, write_bytes;
  uint64_t issue_trace;         /* rtl: hash over (cycle, queue) of every issue;
                                   equal for equal timing                     */
  uint32_t n_layers;
  uint64_t *layer_cycles;       /* [n_layers] mark to mark                    */
} weft_run_stats;

typedef struct weft_backend_options {
  bool poison;                  /* fill memories with a pattern first         */
  uint64_t poison_seed;
  uint64_t max_cycles;          /* 0: default cap; E_CAP beyond               */
  const char *wave_path;        /* rtl: FST file, NULL: none                  */
  const char *wave_scope;       /* rtl: module instance path, NULL: all       */
  int64_t wave_layer;           /* rtl: only while this layer runs, -1: all   */
  bool is_quick;                /* rtl: a simulator that is built soon and runs
                                   slowly, unless a fast one is there         */
  void (*progress)(void *user, uint64_t done, uint64_t total, const char *what);
  void *progress_user;
  const char *port;             /* board: its serial port                    */
  uint32_t baud;                /* board: 0: 3,000,000                       */
  struct weft_connection *connection;   /* board: one that is open, or NULL  */
} weft_backend_options;

typedef struct weft_backend {   /* a row: model, rtl, board                   */
  const char *name;
  weft_status (*open)(weft_arena *arena, weft_diag *d, const weft_config *c,
                      const weft_backend_options *o, void **self);
  /* Runs instructions first..first+n-1 (ending in END). */
  weft_status (*run)(void *self, weft_diag *d, const weft_program *p,
                     uint32_t segment, uint8_t *const regions[4],
                     weft_tensor_seen seen, void *user, weft_run_stats *stats);
  void (*close)(void *self);
} weft_backend;

extern const weft_backend weft_backend_model;   /* sim/model                  */
extern const weft_backend weft_backend_rtl;     /* sim/rtl                    */
extern const weft_backend weft_backend_board;   /* src/board                  */
const weft_backend *weft_backend_find(const char *name);

typedef struct weft_session weft_session;       /* a program loaded on a backend */
weft_status weft_session_open(weft_arena *arena, weft_diag *d,
                              const weft_program *p, const weft_config *c,
                              const weft_backend *b, const weft_backend_options *o,
                              weft_session **out);
/* One inference: inputs[i], outputs[i] are dense bytes in model order.
 * seen may be NULL. */
weft_status weft_session_run(weft_session *s, weft_diag *d,
                             const uint8_t *const *inputs, uint8_t *const *outputs,
                             weft_tensor_seen seen, void *user,
                             weft_run_stats *stats);
void weft_session_close(weft_session **s);

#endif
