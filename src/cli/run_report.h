/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/cli: what runs left behind, as text or JSON. */
#ifndef WEFT_CLI_RUN_REPORT_H
#define WEFT_CLI_RUN_REPORT_H

#include "cli/cli.h"

typedef struct run_tensor {
  cli_seen seen;
  size_t n_bytes;
  char hash[17];
} run_tensor;

typedef struct run_record {
  char outputs_hash[17];
  size_t n_tensors, cap;
  run_tensor *tensors;
  weft_run_stats stats;
} run_record;

typedef struct run_report {
  const char *model;
  const cli_exec *exec;
  bool is_sim, has_accuracy;
  uint64_t n_runs, n_right;
  size_t *label;                /* [n_runs], of --labels; NULL: none */
  uint8_t **outputs;            /* [n_outputs], all runs */
  run_record *runs;
  run_record *current;
} run_report;

/* Reads --labels, if given, for n_runs: before they cost anything. E_INPUT: count or
 * class does not fit. */
weft_status run_report_labels(cli *c, const cli_ios *ios, run_report *r);
/* After the runs: first outputs whose first maximum is the label. */
void run_report_accuracy(const cli_ios *ios, run_report *r);
void run_report_print(cli *c, const cli_ios *ios, const run_report *r);
/* The keys that run, sim and verify share: model, backend, config, profile. */
void run_report_json_run(cli *c, weft_json *j, const run_record *run);
/* Hash of all outputs, concatenated, into run; keeps a tensor of a run. */
void run_report_hash(run_record *run, const cli_ios *ios, uint8_t *const *outputs);
void run_report_keep(cli *c, run_record *run, const cli_seen *t, const void *data,
                     size_t n_bytes);
void run_report_head(weft_json *j, const char *model, const cli_exec *e);

/* Bounds of a program on its machine, in cycles. */
typedef struct run_bounds {
  uint64_t macs, once_bytes, mac_bound, byte_bound;
} run_bounds;
run_bounds run_report_bounds(const weft_program *p, const weft_config *c);

#endif
