/* SPDX-License-Identifier: Apache-2.0 */
/* The device library over the Verilated board: bytes and UART, SDRAM and memory
 * outside, good and bad cables; cycles equal those of the backend rtl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "build/board.h"
#include "build/board_dram.h"
#include "runtime/runtime.h"
#include "sim/board/board_rtl.h"
#include "sim/board/byte_stream.h"
#include "tests/common/prog_builder.h"

enum {
#define LINKREG(name, address, access, doc) REG_##name = (address),
#include "link.def"
};
enum {
#define LINKSTATUS(name, code, doc) ST_##name = (code),
#include "link.def"
};

typedef struct bench {
  weft_arena *arena;
  weft_config *config;
  weft_board board;
  uint64_t build_id;
  weft_byte_device device;
  weft_fault_line up, down;
  weft_byte_stream bytes;
  weft_link link;
  weft_transport transport;
  weft_device dev;
} bench;

static bool no_tools(void) { return system("command -v verilator >/dev/null && command -v g++ >/dev/null") != 0; }

static void open_bench(bench *b, const char *kind, const board_sim_options *options, uint32_t rate_ppm) {
  weft_stream stream;
  memset(b, 0, sizeof *b);
  b->arena = weft_arena_new();
  weft_diag *d = weft_diag_new(b->arena);
  assert_int_equal(weft_config_load(b->arena, NULL, "stress", NULL, 0, &b->config), WEFT_OK);
  b->board = (weft_board){.name = "test", .clock_hz = 25000000, .target_hz = 80000000, .baud = 3000000, .memory_kind = kind,
                          .memory_bytes = 1 << 25, .memory_data_bits = 16, .memory_row_bits = 13, .memory_col_bits = 9,
                          .memory_has_dqm = true};
  b->build_id = 0xfedcba9876543210;
  if (strcmp(kind, "sdram") == 0) {   /* the simulator that weft deploy --sim builds */
    weft_board *ulx3s = NULL;
    assert_int_equal(weft_board_load(b->arena, d, weft_sim_root(b->arena), NULL, "ulx3s-85f", &ulx3s), WEFT_OK);
    b->board = *ulx3s;
    b->build_id = 0;
  }
  weft_board_rtl o = {.board_package = weft_board_package(b->arena, &b->board, b->build_id), .options = *options};
  o.options.mem_bytes = 1 << 25;
  o.options.period_ps = 12500;
  o.options.chip = strcmp(kind, "sdram") == 0 ? weft_board_rtl_chip(16, 13, 10) : NULL;
  weft_status s = weft_board_rtl_open(b->arena, d, b->config, &o, &b->device);
  if (s != WEFT_OK && weft_diag_count(d) > 0)
    print_error("%s: %s, %s\n", weft_diag_at(d, 0)->where, weft_diag_at(d, 0)->found, weft_diag_at(d, 0)->remedy);
  assert_int_equal(s, WEFT_OK);
  weft_fault_init(&b->up, 5, rate_ppm);
  weft_fault_init(&b->down, 6, rate_ppm);
  weft_byte_stream_init(&b->bytes, &b->device, &b->up, &b->down, &stream);
  weft_link_init(&b->link, &stream, 3000000, &b->transport);
}

static void close_bench(bench *b) {
  assert_null(b->device.error(b->device.self));
  b->device.close(b->device.self);
  weft_arena_free(&b->arena);
}

/* Loads, runs and compares n random programs; true if none ended in an error. */
static void run_programs(bench *b, uint64_t n, bool is_cycles_compared) {
  for (uint64_t seed = 0; seed < n; seed++) {
    weft_rng rng = {seed};
    uint32_t at = 0, work[256];
    weft_session *model = NULL, *rtl = NULL;
    weft_program *p = prog_random(b->arena, &rng, b->config, PROG_ALL, 4);
    weft_dev_program run = {.prog_insns = p->segments[0].n_insns};
    uint32_t n_out = p->outputs[0].n_bytes;
    uint8_t *code = WEFT_NEW(b->arena, uint8_t, p->region_bytes[0] + 64), *in = WEFT_NEW(b->arena, uint8_t, p->inputs[0].n_bytes);
    uint8_t *want = WEFT_NEW(b->arena, uint8_t, n_out), *got = WEFT_NEW(b->arena, uint8_t, n_out);
    const uint8_t *inputs = in;
    for (uint32_t i = 0; i < p->inputs[0].n_bytes; i++)
      in[i] = weft_rng_byte(&rng);
    for (uint32_t i = 0; i < p->n_insns; i++)
      weft_insn_store(&p->insns[i], code + i * WEFT_INSN_BYTES);
    if (p->constants.size != 0)
      memcpy(code + p->constants_offset, p->constants.data, p->constants.size);
    for (int k = 0; k < 4; k++) {
      run.base[k] = at;
      run.size[k] = p->region_bytes[k];
      at = (at + p->region_bytes[k] + 64 + 4095) / 4096 * 4096;
    }
    assert_int_equal(weft_session_open(b->arena, NULL, p, b->config, &weft_backend_model, NULL, &model), WEFT_OK);
    assert_int_equal(weft_session_run(model, NULL, &inputs, &want, NULL, NULL, NULL), WEFT_OK);
    weft_session_close(&model);
    assert_int_equal(weft_dev_load(&b->dev, run.base[0], code, p->region_bytes[0], work), WEFT_DEV_OK);
    assert_int_equal(weft_dev_load(&b->dev, run.base[2], in, p->inputs[0].n_bytes, work), WEFT_DEV_OK);
    uint8_t *zeros = WEFT_NEW(b->arena, uint8_t, n_out);
    assert_int_equal(weft_dev_load(&b->dev, run.base[3], zeros, n_out, work), WEFT_DEV_OK);
    assert_int_equal(weft_dev_run(&b->dev, &run, 20000), WEFT_DEV_OK);
    assert_int_equal(b->transport.mem_read(&b->link, run.base[3], got, n_out), WEFT_DEV_OK);
    assert_memory_equal(got, want, n_out);
    if (!is_cycles_compared)
      continue;
    uint64_t cycles = 0;
    weft_run_stats stats;
    assert_int_equal(weft_dev_cycles(&b->dev, &cycles), WEFT_DEV_OK);
    assert_int_equal(weft_session_open(b->arena, NULL, p, b->config, &weft_backend_rtl, NULL, &rtl), WEFT_OK);
    assert_int_equal(weft_session_run(rtl, NULL, &inputs, &want, NULL, NULL, &stats), WEFT_OK);
    weft_session_close(&rtl);
    assert_int_equal(cycles, stats.cycles);
  }
}

static void check_hello(const bench *b) {
  assert_int_equal(b->dev.info.board_id, weft_board_id(&b->board));
  assert_int_equal(b->dev.info.build_id, b->build_id);
  assert_int_equal(b->dev.info.config_hash, weft_config_hash(b->config));
  assert_int_equal(b->dev.info.clock_hz, 80000000);
  assert_int_equal(b->dev.info.mem_bytes, 1 << 25);
  assert_int_equal(b->dev.info.rows, b->config->rows);
  assert_int_equal(b->dev.info.cols, b->config->cols);
  assert_int_equal(b->dev.info.lanes, b->config->lanes);
  assert_int_equal(b->dev.info.beat_bytes, b->config->beat_bytes);
}

static void cycles_equal_those_of_the_simulator(void **state) {
  (void)state;
  if (no_tools())
    skip();
  bench b;
  open_bench(&b, "bram", &(board_sim_options){0}, 0);
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 1000), WEFT_DEV_OK);
  check_hello(&b);
  assert_int_equal(weft_dev_test_link(&b.dev, 64), WEFT_DEV_OK);
  run_programs(&b, 5, true);
  close_bench(&b);
}

static void every_bit_through_the_uart(void **state) {
  (void)state;
  if (no_tools())
    skip();
  bench b;
  static uint8_t buf[1024];
  open_bench(&b, "bram", &(board_sim_options){.phy = true}, 0);
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 1000), WEFT_DEV_OK);
  check_hello(&b);
  run_programs(&b, 2, true);
  assert_int_equal(weft_dev_test_memory(&b.dev, 65536, 8192, buf), WEFT_DEV_OK);
  assert_int_equal(b.link.n_resent, 0);
  close_bench(&b);
}

static bench *rated;            /* the bench whose line changes its rate        */
static bool is_rate_ignored;
static int set_rate(void *self, uint32_t baud) {
  (void)self;
  if (!is_rate_ignored || baud == 20000000)
    weft_board_rtl_bit_clocks(&rated->device, (int)(80000000 / baud));
  return 0;
}

/* Both at 8 clocks a bit; then a host that only believes it changed: the board
 * falls back to the rate of power-up. */
static void rates_change_on_both_sides_or_on_none(void **state) {
  (void)state;
  if (no_tools())
    skip();
  bench b;
  uint32_t v = 0;
  rated = &b;
  open_bench(&b, "bram", &(board_sim_options){.phy = true}, 0);
  b.link.stream.set_baud = set_rate;
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 1000), WEFT_DEV_OK);
  assert_int_equal(b.dev.info.baud, 20000000);
  is_rate_ignored = false;
  assert_int_equal(weft_link_set_baud(&b.link, &b.dev.info, 10000000), WEFT_DEV_OK);
  assert_int_equal(b.transport.reg_read(&b.link, 0, &v), WEFT_DEV_OK);
  assert_int_equal(v, 0x54464557);
  run_programs(&b, 1, false);
  is_rate_ignored = true;
  assert_int_equal(weft_link_set_baud(&b.link, &b.dev.info, 5000000), WEFT_DEV_DAMAGED);
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 1000), WEFT_DEV_OK);
  run_programs(&b, 1, false);
  close_bench(&b);
}

static void the_link_answers_as_its_model(void **state) {
  (void)state;
  if (no_tools())
    skip();
  bench b;
  uint32_t v = 0;
  uint8_t data[128] = {1};
  open_bench(&b, "bram", &(board_sim_options){0}, 0);
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 1000), WEFT_DEV_OK);
  assert_int_equal(b.transport.mem_write(&b.link, (1 << 25) - 64, data, 128), WEFT_DEV_REFUSED);
  assert_int_equal(b.link.refused, ST_BAD_ADDR);
  assert_int_equal(b.transport.run(&b.link, 0), WEFT_DEV_REFUSED);
  assert_int_equal(b.link.refused, ST_BAD_ADDR);
  assert_int_equal(b.transport.run(&b.link, 65536), WEFT_DEV_REFUSED);
  assert_int_equal(b.transport.reg_write(&b.link, REG_PHASE, 0x1a5), WEFT_DEV_OK);
  assert_int_equal(b.transport.reg_read(&b.link, REG_MEM_STATE, &v), WEFT_DEV_OK);
  assert_int_equal(v, 1);
  assert_int_equal(b.transport.reg_read(&b.link, 0, &v), WEFT_DEV_OK);
  assert_int_equal(v, 0x54464557);
  /* an instruction that waits for ever: busy until a reset */
  weft_dev_program p = {.size = {64, 64, 64, 64}, .prog_insns = 4};
  weft_insn i = weft_insn_make(WEFT_I_MARK);
  uint8_t code[64];
  weft_insn_set(&i, WEFT_H_WAIT_ID, 1);
  weft_insn_set(&i, WEFT_H_WAIT_N, 1);
  for (int k = 0; k < 4; k++)
    weft_insn_store(&i, code + 16 * k);
  assert_int_equal(b.transport.mem_write(&b.link, 0, code, 64), WEFT_DEV_OK);
  p.prog_insns = 1000;
  assert_int_equal(weft_dev_run(&b.dev, &p, 100), WEFT_DEV_FAULT);   /* NO_END or RANGE: the region is one line */
  close_bench(&b);
}

static void a_real_memory_controller(void **state) {
  (void)state;
  if (no_tools())
    skip();
  bench b;
  static uint8_t buf[1024];
  open_bench(&b, "sdram", &(board_sim_options){0}, 0);
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 1000), WEFT_DEV_OK);
  check_hello(&b);
  assert_int_equal(weft_board_dram(NULL, &b.board, b.config), WEFT_OK);
  run_programs(&b, 8, true);
  assert_int_equal(weft_dev_test_memory(&b.dev, 65536, 8192, buf), WEFT_DEV_OK);
  close_bench(&b);
}

static void a_dead_data_line_is_no_ready_memory(void **state) {
  (void)state;
  if (no_tools())
    skip();
  bench b;
  open_bench(&b, "sdram", &(board_sim_options){.faults = {.dead_data = 0x10}}, 0);
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 300), WEFT_DEV_MEMORY);
  assert_int_not_equal(b.dev.failure.found & 4u, 0);
  close_bench(&b);
}

static void a_bad_cable_on_the_hardware(void **state) {
  (void)state;
  if (no_tools())
    skip();
  bench b;
  open_bench(&b, "bram", &(board_sim_options){0}, 20000);
  assert_int_equal(weft_dev_open(&b.dev, &b.transport, 1000), WEFT_DEV_OK);
  run_programs(&b, 12, false);
  assert_true(b.up.n_damaged + b.down.n_damaged > 10);
  assert_true(b.link.n_resent > 5);
  close_bench(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(cycles_equal_those_of_the_simulator), cmocka_unit_test(every_bit_through_the_uart),
    cmocka_unit_test(the_link_answers_as_its_model),       cmocka_unit_test(a_real_memory_controller),
    cmocka_unit_test(rates_change_on_both_sides_or_on_none), cmocka_unit_test(a_dead_data_line_is_no_ready_memory), cmocka_unit_test(a_bad_cable_on_the_hardware),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
