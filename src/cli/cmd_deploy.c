/* SPDX-License-Identifier: Apache-2.0 */
/* deploy: brings a board up step by step, runs a program on it, proves it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli_board.h"
#include "cli/cli_deploy.h"
#include "cli/run_report.h"

enum { LINK_TESTS = 64, TEST_BYTES = 1 << 16, SIM_TEST_BYTES = 1 << 12 };

typedef struct deploy {
  cli *c;
  weft_board *board;
  weft_config *config;
  cli_model model;
  weft_program *program;
  cli_ios ios;
  cli_feed feed;
  deploy_sim sim;
  deploy_bitstream bitstream;
  weft_connection connection;
  cli_exec reference, exec;
  run_record *runs;
  const char *port;
} deploy;

static void say(deploy *s, const char *step, const char *text) {
  weft_progress_clear(s->c->progress);
  if (!s->c->quiet)
    cli_say(s->c, "%-10s %s\n", step, text);
}

static void step_progress(void *user, const char *what, uint32_t done, uint32_t total) {
  weft_progress_step(user, what, done, total);
}

/* The program, its machine and its inputs, before a board is touched: a network is compiled for the board's. */
static weft_status load_program(deploy *s) {
  cli *c = s->c;
  WEFT_TRY(cli_load_board(c, c->args.items[0], &s->board));
  WEFT_TRY(cli_open_model(c, c->args.items[1], &s->model));
  if (s->model.graph)
    WEFT_TRY(weft_graph_check(s->model.graph, c->diag, NULL));
  WEFT_TRY(cli_board_machine(c, s->board, &s->config));
  if (strcmp(s->board->memory_kind, "sdram") == 0)   /* what the compiler plans with */
    WEFT_TRY(cli_board_timing(c, s->board, s->config));
  if (s->model.program)
    WEFT_TRY(weft_program_match(c->diag, s->model.program, s->config));
  WEFT_TRY(cli_get_program(c, &s->model, s->config, &s->program));
  s->model.program = s->program;
  WEFT_TRY(cli_list_io(c, &s->model, &s->ios));
  return cli_feed_open(c, &s->ios, &s->feed);
}

static weft_status identify(deploy *s) {
  cli *c = s->c;
  if (c->bitstream) {
    WEFT_TRY(deploy_read_bitstream(c, s->board, s->config, c->bitstream, &s->bitstream));
    WEFT_TRY(deploy_load_bitstream(c, s->board, &s->bitstream));
  }
  say(s, "identify", c->sim ? "skipped: a simulated board has no JTAG; nothing is programmed"
                     : c->bitstream ? weft_diag_text(c->diag, "%s on the cable, bitstream loaded", s->board->device)
                                    : "skipped: no --bitstream; what is loaded is used");
  return WEFT_OK;
}

static weft_status wrong(deploy *s, const char *found, const char *wanted, const char *remedy) {
  return weft_fail(s->c->diag, WEFT_E_LINK, s->port, found, wanted, remedy);
}

static weft_status check_identity(deploy *s) {
  cli *c = s->c;
  const weft_dev_info *i = &s->connection.device.info;
  if (i->board_id != weft_board_id(s->board))
    return wrong(s, weft_diag_text(c->diag, "wrong board: it says 0x%08x", (unsigned)i->board_id),
                 weft_diag_text(c->diag, "%s, 0x%08x", s->board->name, (unsigned)weft_board_id(s->board)),
                 "name the board that is plugged in, or load its bitstream");
  if (i->config_hash != weft_config_hash(s->config))
    return wrong(s, weft_diag_text(c->diag, "wrong bitstream: its machine is %016llx (%u x %u)",
                                   (unsigned long long)i->config_hash, i->rows, i->cols),
                 weft_diag_text(c->diag, "machine %s, %016llx", s->config->name, (unsigned long long)weft_config_hash(s->config)),
                 weft_diag_text(c->diag, "weft build %s%s%s, then deploy with --bitstream", s->board->name,
                                c->config ? " -c " : "", c->config ? c->config : ""));
  if (s->bitstream.has_build_id && i->build_id != s->bitstream.build_id)
    return wrong(s, weft_diag_text(c->diag, "wrong bitstream: build %016llx", (unsigned long long)i->build_id),
                 weft_diag_text(c->diag, "build %016llx of %s", (unsigned long long)s->bitstream.build_id, c->bitstream),
                 "load it by hand");
  return WEFT_OK;
}

static weft_status open_link(deploy *s) {
  cli *c = s->c;
  const weft_board_limits limits = c->sim ? (weft_board_limits){10000, 60000, 1800000} : (weft_board_limits){400, 2000, 60000};
  s->port = c->port;
  s->connection.device.progress = step_progress;
  s->connection.device.user = c->progress;
  if (c->sim && strcmp(s->board->memory_kind, "axi") == 0) {
    s->port = "simulated AXI bus";
    return deploy_axi_connect(c, s->board, s->config, &limits, &s->sim, &s->connection);
  }
  if (c->sim) {
    WEFT_TRY(deploy_sim_open(c, s->board, s->config, &s->sim));
    s->port = deploy_sim_path(&s->sim);
  }
  return weft_connect(c->arena, c->diag, s->port, (uint32_t)s->board->baud, &limits, &s->connection);
}

static weft_status connect(deploy *s) {
  cli *c = s->c;
  WEFT_TRY(open_link(s));
  WEFT_TRY(check_identity(s));
  const int e = weft_dev_test_link(&s->connection.device, LINK_TESTS);
  if (e != WEFT_DEV_OK)
    return weft_connection_fail(c->diag, &s->connection, "link test", e);
  const weft_dev_info *i = &s->connection.device.info;
  say(s, "link", weft_diag_text(c->diag, "%s: %s, build %016llx, %u x %u at %.1f MHz, %u KiB", s->port, s->board->name,
                                (unsigned long long)i->build_id, i->rows, i->cols, i->clock_hz / 1e6,
                                (unsigned)(i->mem_bytes >> 10)));
  return WEFT_OK;
}

static weft_status self_test(deploy *s, weft_self_test kind, uint32_t from, const char *step, const char *what) {
  bool is_run = false;
  WEFT_TRY(weft_self_test_run(s->c->arena, s->c->diag, &s->connection, s->config, kind, from, &is_run));
  say(s, step, is_run ? what : "skipped: the board's memory has no room for the test");
  return WEFT_OK;
}

/* Where nothing of the program lies but what every run writes afresh, if there is
 * room; the upload comes later and sends again what a test overwrote. */
static weft_status test_board(deploy *s) {
  cli *c = s->c;
  uint32_t base[4], end = 0, most = c->sim ? SIM_TEST_BYTES : TEST_BYTES;
  uint8_t buf[1024];
  weft_device *dev = &s->connection.device;
  WEFT_TRY(weft_board_place(c->diag, s->program, dev->info.mem_bytes, base, &end));
  uint32_t from = base[WEFT_REGION_ARENA], size = end - from < most ? end - from : most;
  int e = weft_dev_test_memory(dev, from, size, buf);
  if (e != WEFT_DEV_OK)
    return weft_connection_fail(c->diag, &s->connection, "memory test", e);
  say(s, "memory", weft_diag_text(c->diag, "data and address lines, %u cells at 0x%x", (unsigned)size, (unsigned)from));
  WEFT_TRY(self_test(s, WEFT_TEST_DMA, from, "DMA", "through the scratchpad and back, every byte"));
  WEFT_TRY(self_test(s, WEFT_TEST_ARRAY, from, "array", "every PE and requant lane, equal to the machine model"));
  dev->n_uploaded = dev->n_kept = 0;
  return WEFT_OK;
}

static weft_status open_backends(deploy *s) {
  cli *c = s->c;
  const weft_backend_options o = {.wave_layer = -1, .connection = &s->connection};
  s->reference = (cli_exec){.backend = s->model.graph ? "ref" : "model", .graph = s->model.graph, .program = s->program, .config = s->config};
  s->exec = (cli_exec){.backend = "board", .graph = s->model.graph, .program = s->program, .config = s->config};
  if (s->model.graph)
    WEFT_TRY(weft_ref_open(c->arena, c->diag, s->model.graph, &s->reference.ref));
  else
    WEFT_TRY(weft_session_open(c->arena, c->diag, s->program, s->config, &weft_backend_model, NULL, &s->reference.session));
  return weft_session_open(c->arena, c->diag, s->program, s->config, &weft_backend_board, &o, &s->exec.session);
}

static uint8_t **new_outputs(deploy *s) {
  uint8_t **outputs = WEFT_NEW(s->c->arena, uint8_t *, s->ios.n_outputs);
  for (int i = 0; i < s->ios.n_outputs; i++)
    outputs[i] = weft_arena_alloc(s->c->arena, s->ios.outputs[i].n_bytes, 1);
  return outputs;
}

static weft_status compare(deploy *s, uint64_t run, uint8_t **want, uint8_t **got) {
  for (int k = 0; k < s->ios.n_outputs; k++)
    for (size_t i = 0; i < s->ios.outputs[k].n_bytes; i++)
      if (want[k][i] != got[k][i])
        return weft_fail(s->c->diag, WEFT_E_MISMATCH,
                         weft_diag_text(s->c->diag, "run %llu, output '%.80s'", (unsigned long long)run, s->ios.outputs[k].name),
                         weft_diag_text(s->c->diag, "byte %zu is 0x%02x on the board, 0x%02x by %s", i, got[k][i], want[k][i],
                                        s->model.graph ? "the reference kernels" : "the machine model"),
                         "byte equality", "weft verify --backend rtl compares every tensor on the simulator");
  return WEFT_OK;
}

static weft_status run_all(deploy *s) {
  cli *c = s->c;
  s->runs = WEFT_NEW(c->arena, run_record, s->feed.n_runs);
  for (uint64_t i = 0; i < s->feed.n_runs; i++) {
    uint8_t **want = new_outputs(s), **got = new_outputs(s);
    weft_run_stats unused;
    cli_feed_next(&s->feed, i);
    WEFT_TRY(cli_exec_run(c, &s->reference, s->feed.bytes, want, NULL, NULL, &unused));
    WEFT_TRY(cli_exec_run(c, &s->exec, s->feed.bytes, got, NULL, NULL, &s->runs[i].stats));
    if (i == 0)
      say(s, "upload", weft_diag_text(c->diag, "%u bytes sent, %u were there", (unsigned)s->connection.device.n_uploaded,
                                      (unsigned)s->connection.device.n_kept));
    WEFT_TRY(compare(s, i, want, got));
    run_report_hash(&s->runs[i], &s->ios, got);
  }
  return WEFT_OK;
}

static void print_text(deploy *s) {
  cli *c = s->c;
  const weft_run_stats *st = &s->runs[0].stats;
  const double mhz = s->connection.device.info.clock_hz / 1e6;
  say(s, "run", weft_diag_text(c->diag, "%llu run%s, every output equal to %s", (unsigned long long)s->feed.n_runs,
                               s->feed.n_runs == 1 ? "" : "s", s->model.graph ? "the reference kernels" : "the machine model"));
  if (c->quiet || !st->has_cycles)
    return;
  cli_say(c, "\n%-40s %-24s %12s\n", "layer", "operator", "cycles");
  for (uint32_t i = 0; i < s->program->n_layers; i++)
    cli_say(c, "%-40.40s %-24.24s %12llu\n", s->program->layers[i].name, s->program->layers[i].op,
            (unsigned long long)st->layer_cycles[i]);
  cli_say(c, "%-65s %12llu (board)\n", "all", (unsigned long long)st->cycles);
  cli_say(c, "%.3f ms at %.1f MHz; link: %u frames, %u sent again\n", (double)st->cycles / mhz / 1e3, mhz,
          (unsigned)s->connection.link.n_frames, (unsigned)s->connection.link.n_resent);
}

static void json_layers(deploy *s, weft_json *j) {
  weft_json_array(j, "layers");
  for (uint32_t i = 0; i < s->program->n_layers; i++) {
    weft_json_object(j, NULL);
    weft_json_string(j, "name", s->program->layers[i].name);
    weft_json_string(j, "op", s->program->layers[i].op);
    weft_json_uint(j, "cycles", s->runs[0].stats.layer_cycles[i]);
    weft_json_end(j);
  }
  weft_json_end(j);
}

static void print_json(deploy *s) {
  weft_json *j = weft_json_new(s->c->arena);
  weft_json_object(j, NULL);
  weft_json_string(j, "board", s->board->name);
  weft_json_string(j, "model", s->model.path);
  weft_json_string(j, "config", s->config->name);
  weft_json_string(j, "port", s->port);
  weft_json_bool(j, "simulated", s->c->sim);
  weft_json_bool(j, "verified", true);
  weft_json_string(j, "outputs", s->runs[0].outputs_hash);
  weft_json_uint(j, "cycles", s->runs[0].stats.cycles);
  json_layers(s, j);
  weft_json_array(j, "runs");
  for (uint64_t i = 0; i < s->feed.n_runs; i++) {
    weft_json_object(j, NULL);
    weft_json_string(j, "outputs", s->runs[i].outputs_hash);
    weft_json_uint(j, "cycles", s->runs[i].stats.cycles);
    weft_json_end(j);
  }
  weft_json_end(j);
  weft_json_uint(j, "uploaded_bytes", s->connection.device.n_uploaded);
  weft_json_uint(j, "resent_frames", s->connection.link.n_resent);
  weft_json_end(j);
  cli_print_json(s->c, j);
}

static weft_status deploy_all(deploy *s) {
  WEFT_TRY(identify(s));
  WEFT_TRY(connect(s));
  WEFT_TRY(test_board(s));
  WEFT_TRY(open_backends(s));
  return run_all(s);
}

weft_status cmd_deploy(cli *c) {
  deploy s = {.c = c};
  if (c->sim == (c->port != NULL))
    return cli_usage(c, "weft deploy", c->sim ? "--sim and --port" : "neither --sim nor --port",
                     "--port DEV, the board's serial port, or --sim, a simulated one");
  WEFT_TRY(load_program(&s));
  weft_status status = deploy_all(&s);
  cli_exec_close(&s.reference);
  cli_exec_close(&s.exec);
  if (s.connection.port != NULL)
    weft_disconnect(&s.connection);
  status = deploy_axi_close(c, &s.sim, deploy_sim_close(c, &s.sim, status));
  if (status != WEFT_OK)
    return status;
  weft_progress_clear(c->progress);
  if (c->json)
    print_json(&s);
  else
    print_text(&s);
  return WEFT_OK;
}
