/* SPDX-License-Identifier: Apache-2.0 */
/* The backend `board` over the C model of one: what the board did not compute in
 * this run is no result of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board/board_host.h"
#include "sim/board/board_model.h"
#include "sim/board/byte_stream.h"
#include "tests/common/prog_builder.h"

enum { MEM_BYTES = 1 << 20 };

typedef struct bench {
  weft_arena *arena;
  weft_config *config;
  weft_byte_device board;
  weft_fault_line up, down;
  weft_byte_stream bytes;
  weft_connection connection;
  weft_program *program;
  uint8_t *input, *expected, *got;
} bench;

static void run_on(bench *b, const weft_backend *backend, uint8_t *out) {
  const weft_backend_options o = {.wave_layer = -1, .connection = &b->connection};
  const uint8_t *in = b->input;
  weft_session *s = NULL;
  const bool is_board = backend == &weft_backend_board;
  assert_int_equal(weft_session_open(b->arena, NULL, b->program, b->config, backend, is_board ? &o : NULL, &s), WEFT_OK);
  for (int i = 0; i < (is_board ? 2 : 1); i++)
    assert_int_equal(weft_session_run(s, NULL, &in, &out, NULL, NULL, NULL), WEFT_OK);
  weft_session_close(&s);
}

static void open_bench(bench *b, bool stores_nothing) {
  const weft_board_traits traits = {.clock_hz = 50000000, .baud = 1000000, .mem_bytes = MEM_BYTES, .stores_nothing = stores_nothing};
  weft_rng rng = {5};
  weft_stream stream;
  memset(b, 0, sizeof *b);
  b->arena = weft_arena_new();
  assert_int_equal(weft_config_load(b->arena, NULL, "stress", NULL, 0, &b->config), WEFT_OK);
  assert_int_equal(weft_board_model_open(b->arena, NULL, b->config, &traits, &b->board), WEFT_OK);
  weft_fault_init(&b->up, 1, 0);
  weft_fault_init(&b->down, 2, 0);
  weft_byte_stream_init(&b->bytes, &b->board, &b->up, &b->down, &stream);
  weft_connection *c = &b->connection;
  c->path = "test";
  c->limits = (weft_board_limits){400, 2000, 60000};
  weft_link_init(&c->link, &stream, 1000000, &c->transport);
  assert_int_equal(weft_dev_open(&c->device, &c->transport, 1000), WEFT_DEV_OK);
  b->program = prog_random(b->arena, &rng, b->config, PROG_ALL & ~PROG_ST, 4);
  b->input = WEFT_NEW(b->arena, uint8_t, b->program->inputs[0].n_bytes);
  b->expected = WEFT_NEW(b->arena, uint8_t, b->program->outputs[0].n_bytes);
  b->got = WEFT_NEW(b->arena, uint8_t, b->program->outputs[0].n_bytes);
  for (uint32_t i = 0; i < b->program->inputs[0].n_bytes; i++)
    b->input[i] = weft_rng_byte(&rng);
  run_on(b, &weft_backend_model, b->expected);
}

/* The program stores the scratchpad; its OUTPUT is longer, and the rest nobody writes. */
static size_t stored_bytes(const bench *b) { return (size_t)b->config->spm_kib * 1024; }

static void close_bench(bench *b) {
  b->board.close(b->board.self);
  weft_arena_free(&b->arena);
}

static void a_board_that_works_gives_the_results(void **state) {
  (void)state;
  bench b;
  open_bench(&b, false);
  run_on(&b, &weft_backend_board, b.got);
  assert_memory_equal(b.got, b.expected, stored_bytes(&b));
  close_bench(&b);
}

/* The expected bytes lie in its memory, of an earlier run; three more sessions. */
static void results_of_an_earlier_run_are_not_taken(void **state) {
  (void)state;
  bench b;
  uint32_t base[4], end = 0;
  open_bench(&b, true);
  const uint32_t n = b.program->outputs[0].n_bytes;
  assert_int_equal(weft_board_place(NULL, b.program, MEM_BYTES, base, &end), WEFT_OK);
  const weft_transport *t = &b.connection.transport;
  assert_int_equal(t->mem_write(t->self, base[WEFT_REGION_OUTPUT] + b.program->outputs[0].offset, b.expected, n), WEFT_DEV_OK);
  for (int i = 0; i < 3; i++) {
    run_on(&b, &weft_backend_board, b.got);
    assert_memory_not_equal(b.got, b.expected, stored_bytes(&b));
  }
  close_bench(&b);
}

/* A program may fill the memory to its end: the tests go to its beginning then. */
static void self_tests_find_room(void **state) {
  (void)state;
  bench b;
  open_bench(&b, false);
  const weft_self_test kinds[] = {WEFT_TEST_DMA, WEFT_TEST_ARRAY};
  const uint32_t froms[] = {0, MEM_BYTES - 4096, MEM_BYTES};
  for (size_t k = 0; k < 2; k++) {
    bool is_run = false;
    for (size_t i = 0; i < 3; i++) {
      assert_int_equal(weft_self_test_run(b.arena, NULL, &b.connection, b.config, kinds[k], froms[i], &is_run), WEFT_OK);
      assert_true(is_run);
    }
    const uint64_t n_runs = weft_board_model_runs(&b.board);
    b.connection.device.info.mem_bytes = 8192;
    assert_int_equal(weft_self_test_run(b.arena, NULL, &b.connection, b.config, kinds[k], 4096, &is_run), WEFT_OK);
    assert_false(is_run);
    assert_int_equal(weft_board_model_runs(&b.board), n_runs);
    b.connection.device.info.mem_bytes = MEM_BYTES;
  }
  assert_int_equal(weft_board_model_runs(&b.board), 6);
  close_bench(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_board_that_works_gives_the_results),
    cmocka_unit_test(results_of_an_earlier_run_are_not_taken),
    cmocka_unit_test(self_tests_find_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
