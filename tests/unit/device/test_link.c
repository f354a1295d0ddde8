/* SPDX-License-Identifier: Apache-2.0 */
/* The device library over the C model of a board: the same bytes as the machine
 * model alone, whatever the cable does; no wait beyond its limit. Time is
 * virtual (sim/board/byte_stream.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/runtime.h"
#include "sim/board/board_model.h"
#include "sim/board/byte_stream.h"
#include "tests/common/prog_builder.h"

enum {
#define LINKCONST(name, value, doc) LINK_##name = (value),
#include "link.def"
};
enum {
#define LINKSTATUS(name, code, doc) ST_##name = (code),
#include "link.def"
};
enum {
#define LINKTYPE(name, code, n_bytes, once, doc) TYPE_##name = (code),
#include "link.def"
};
enum { MEM_BYTES = 1 << 20, OPEN_LIMIT_MS = 9000, CALL_LIMIT_MS = 60000 };

typedef struct bench {
  weft_arena *arena;
  weft_config *config;
  weft_byte_device board;
  weft_fault_line up, down;
  weft_byte_stream bytes;
  weft_link link;
  weft_transport transport;
  weft_device dev;
  weft_board_traits traits;
} bench;

static bench *bench_new(uint64_t seed, uint32_t rate_ppm, const weft_board_traits *traits) {
  bench *b = calloc(1, sizeof *b);
  weft_stream stream;
  assert_non_null(b);
  b->arena = weft_arena_new();
  assert_int_equal(weft_config_load(b->arena, NULL, "stress", NULL, 0, &b->config), WEFT_OK);
  b->traits = (weft_board_traits){.board_id = 0x1234, .clock_hz = 50000000, .baud = 1000000, .mem_bytes = MEM_BYTES,
                                  .build_id = 0x0123456789abcdef};
  if (traits != NULL) {
    b->traits = *traits;
    b->traits.mem_bytes = MEM_BYTES;
    b->traits.clock_hz = 50000000;
  }
  assert_int_equal(weft_board_model_open(b->arena, NULL, b->config, &b->traits, &b->board), WEFT_OK);
  weft_fault_init(&b->up, seed, rate_ppm);
  weft_fault_init(&b->down, ~seed, rate_ppm);
  weft_byte_stream_init(&b->bytes, &b->board, &b->up, &b->down, &stream);
  weft_link_init(&b->link, &stream, 1000000, &b->transport);
  return b;
}

static void bench_free(bench *b) {
  b->board.close(b->board.self);
  weft_arena_free(&b->arena);
  free(b);
}

static void hello_says_what_the_board_is(void **state) {
  (void)state;
  bench *b = bench_new(1, 0, NULL);
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_OK);
  assert_int_equal(b->dev.info.board_id, 0x1234);
  assert_int_equal(b->dev.info.mem_bytes, MEM_BYTES);
  assert_int_equal(b->dev.info.build_id, 0x0123456789abcdef);
  assert_int_equal(b->dev.info.config_hash, weft_config_hash(b->config));
  assert_int_equal(b->dev.info.rows, b->config->rows);
  assert_int_equal(b->dev.info.cols, b->config->cols);
  assert_int_equal(b->dev.info.lanes, b->config->lanes);
  assert_int_equal(b->dev.info.clock_hz, 50000000);
  assert_int_equal(weft_dev_test_link(&b->dev, 64), WEFT_DEV_OK);
  bench_free(b);
}

static void memory_is_what_was_written(void **state) {
  (void)state;
  bench *b = bench_new(1, 0, NULL);
  weft_rng rng = {7};
  static uint8_t data[10000], back[10000];
  uint32_t crcs[3];
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_OK);
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = weft_rng_byte(&rng);
  assert_int_equal(b->transport.mem_write(&b->link, 4096, data, sizeof data), WEFT_DEV_OK);
  assert_int_equal(b->transport.mem_read(&b->link, 4096, back, sizeof back), WEFT_DEV_OK);
  assert_memory_equal(data, back, sizeof data);
  assert_int_equal(b->transport.mem_crc(&b->link, 4096, sizeof data, 4096, crcs), WEFT_DEV_OK);
  for (uint32_t i = 0; i < 3; i++)
    assert_int_equal(crcs[i], weft_crc32(data + 4096 * i, i < 2 ? 4096 : sizeof data - 8192, 0));
  assert_int_equal(b->transport.mem_write(&b->link, 32, data, 64), WEFT_DEV_BAD_ARG);
  assert_int_equal(b->transport.mem_write(&b->link, MEM_BYTES - 64, data, 128), WEFT_DEV_REFUSED);
  assert_int_equal(b->link.refused, ST_BAD_ADDR);
  assert_int_equal(b->transport.mem_read(&b->link, 4096, back, 64), WEFT_DEV_OK);
  bench_free(b);
}

static void only_what_changed_is_sent(void **state) {
  (void)state;
  bench *b = bench_new(1, 0, NULL);
  static uint8_t data[20000];
  uint32_t work[5];
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_OK);
  memset(data, 0x5a, sizeof data);
  assert_int_equal(weft_dev_load(&b->dev, 0, data, sizeof data, work), WEFT_DEV_OK);
  assert_int_equal(b->dev.n_uploaded, sizeof data);
  data[9000] ^= 1;
  assert_int_equal(weft_dev_load(&b->dev, 0, data, sizeof data, work), WEFT_DEV_OK);
  assert_int_equal(b->dev.n_uploaded, sizeof data + 4096);
  assert_int_equal(b->dev.n_kept, sizeof data - 4096);
  bench_free(b);
}

static void a_run_number_starts_once(void **state) {
  (void)state;
  bench *b = bench_new(1, 0, NULL);
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_OK);
  assert_int_equal(b->transport.run(&b->link, 5), WEFT_DEV_OK);
  assert_int_equal(b->transport.run(&b->link, 5), WEFT_DEV_OK);
  assert_int_equal(weft_board_model_runs(&b->board), 1);
  assert_int_equal(b->transport.run(&b->link, 6), WEFT_DEV_OK);
  assert_int_equal(weft_board_model_runs(&b->board), 2);
  assert_int_equal(b->transport.run(&b->link, 0), WEFT_DEV_REFUSED);
  bench_free(b);
}

static void a_dead_bit_is_found_where_it_is(void **state) {
  (void)state;
  static uint8_t buf[1024], data[8192];
  uint32_t work[2];
  weft_board_traits t = {.has_dead_bit = true, .dead_address = 70001, .dead_mask = 0x10};
  bench *b = bench_new(1, 0, &t);
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_OK);
  assert_int_equal(weft_dev_test_memory(&b->dev, 65536, 8192, buf), WEFT_DEV_MEMORY);
  assert_int_equal(b->dev.failure.address, 70001);
  assert_int_equal(b->dev.failure.expected ^ b->dev.failure.found, 0x10);
  assert_int_equal(weft_dev_test_memory(&b->dev, 0, 65536, buf), WEFT_DEV_OK);
  memset(data, 0xff, sizeof data);
  assert_int_equal(weft_dev_load(&b->dev, 65536, data, sizeof data, work), WEFT_DEV_UPLOAD);
  assert_int_equal(b->dev.failure.address, 65536 + 4096);
  bench_free(b);
}

static void silence_ends_in_no_answer(void **state) {
  (void)state;
  weft_board_traits t = {.is_mute = true};
  bench *b = bench_new(1, 0, &t);
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_NO_ANSWER);
  assert_in_range(b->bytes.now_ms, LINK_REPLY_MS, OPEN_LIMIT_MS);
  bench_free(b);
}

/* A port that says one good STATUS reply again and again, and nothing else. */
typedef struct babbler {
  weft_stream under;
  bench *b;
  uint8_t frame[64];
  uint32_t n_frame;
} babbler;

static int babble(void *self, uint8_t *data, uint32_t max_bytes, uint32_t wait_ms) {
  babbler *p = self;
  (void)wait_ms;
  if (p->b->bytes.now_ms++ > 2 * CALL_LIMIT_MS)
    return -1;                             /* of a wait without end, an end     */
  assert_true(p->n_frame <= max_bytes);
  memcpy(data, p->frame, p->n_frame);
  return (int)p->n_frame;
}

static int swallow(void *self, const uint8_t *data, uint32_t n_bytes, uint32_t wait_ms) {
  (void)self, (void)data, (void)wait_ms;
  return (int)n_bytes;
}

static uint32_t babbler_now(void *self) { return (uint32_t)((babbler *)self)->b->bytes.now_ms; }

static void start_babbling(bench *b, babbler *p, uint8_t seq) {
  const uint8_t words[12] = {2, 0, 0, 0, 1};
  p->b = b;
  p->n_frame = weft_frame_make(p->frame, TYPE_STATUS | LINK_REPLY_FLAG, seq, ST_OK, words, sizeof words);
  b->link.stream = (weft_stream){p, swallow, babble, NULL, babbler_now, NULL, NULL};
}

static void a_babbling_port_ends_in_time(void **state) {
  (void)state;
  babbler p = {0};
  uint32_t word = 0;
  bench *b = bench_new(1, 0, NULL);
  start_babbling(b, &p, 9);
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_DAMAGED);
  assert_in_range(b->bytes.now_ms, LINK_REPLY_MS, OPEN_LIMIT_MS);
  bench_free(b);
  b = bench_new(1, 0, NULL);
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_OK);
  start_babbling(b, &p, (uint8_t)(b->link.next_seq + 100));
  uint64_t begin = b->bytes.now_ms;
  assert_int_equal(b->transport.reg_read(&b->link, 0, &word), WEFT_DEV_DAMAGED);
  assert_in_range(b->bytes.now_ms - begin, LINK_REPLY_MS, 2 * OPEN_LIMIT_MS);
  bench_free(b);
}

static void an_endless_run_ends_in_time(void **state) {
  (void)state;
  weft_board_traits t = {.is_endless = true};
  weft_dev_program p = {.size = {64, 64, 64, 64}, .prog_insns = 1};
  bench *b = bench_new(1, 0, &t);
  assert_int_equal(weft_dev_open(&b->dev, &b->transport, 1000), WEFT_DEV_OK);
  uint64_t begin = b->bytes.now_ms;
  assert_int_equal(weft_dev_run(&b->dev, &p, 500), WEFT_DEV_TIMEOUT);
  assert_in_range(b->bytes.now_ms - begin, 500, 600);
  assert_int_equal(weft_dev_run(&b->dev, &p, 500), WEFT_DEV_TIMEOUT);   /* the reset let it start again */
  bench_free(b);
}

/* A program's whole life on a board; true if it ended well. */
static bool life(bench *b, const weft_program *p, const uint8_t *input, const uint8_t *expected, int *error) {
  uint32_t base[4], at = 0, n_out = p->outputs[0].n_bytes, work[64];
  weft_dev_program run = {.prog_insns = p->segments[0].n_insns};
  uint8_t *code = WEFT_NEW(b->arena, uint8_t, p->region_bytes[0] + 64), *out = WEFT_NEW(b->arena, uint8_t, n_out);
  for (uint32_t i = 0; i < p->n_insns; i++)
    weft_insn_store(&p->insns[i], code + i * WEFT_INSN_BYTES);
  if (p->constants.size != 0)
    memcpy(code + p->constants_offset, p->constants.data, p->constants.size);
  for (int k = 0; k < 4; k++) {
    run.base[k] = base[k] = at;
    run.size[k] = p->region_bytes[k];
    at += (p->region_bytes[k] + 63) & ~63u;
  }
  assert_true(p->region_bytes[0] <= 64 * WEFT_DEV_CHUNK);
  *error = weft_dev_open(&b->dev, &b->transport, 2000);
  if (*error == WEFT_DEV_OK)
    *error = weft_dev_load(&b->dev, base[0], code, p->region_bytes[0], work);
  if (*error == WEFT_DEV_OK)
    *error = weft_dev_load(&b->dev, base[2], input, p->inputs[0].n_bytes, work);
  if (*error == WEFT_DEV_OK)
    *error = weft_dev_run(&b->dev, &run, 5000);
  if (*error == WEFT_DEV_OK)
    *error = b->transport.mem_read(&b->link, base[3], out, n_out);
  if (*error != WEFT_DEV_OK)
    return false;
  assert_memory_equal(out, expected, n_out);   /* never a wrong result */
  return true;
}

static const weft_program *make_case(bench *b, uint64_t seed, uint8_t **input, uint8_t **expected) {
  weft_rng rng = {seed};
  weft_session *s = NULL;
  weft_program *p = prog_random(b->arena, &rng, b->config, PROG_ALL, 4);
  *input = WEFT_NEW(b->arena, uint8_t, p->inputs[0].n_bytes);
  *expected = WEFT_NEW(b->arena, uint8_t, p->outputs[0].n_bytes);
  for (uint32_t i = 0; i < p->inputs[0].n_bytes; i++)
    (*input)[i] = weft_rng_byte(&rng);
  const uint8_t *in = *input;
  assert_int_equal(weft_session_open(b->arena, NULL, p, b->config, &weft_backend_model, NULL, &s), WEFT_OK);
  assert_int_equal(weft_session_run(s, NULL, &in, expected, NULL, NULL, NULL), WEFT_OK);
  weft_session_close(&s);
  return p;
}

/* 1,000 lives at 1 % of damaged frames, 100 at 10 %. */
static void no_wrong_result_on_a_bad_cable(void **state) {
  (void)state;
  uint64_t n_good = 0, n_damaged = 0, n_frames = 0, kinds[WEFT_FAULT_KINDS] = {0}, slowest_ms = 0;
  for (uint64_t seed = 0; seed < 1100; seed++) {
    bench *b = bench_new(seed, seed < 1000 ? 10000 : 100000, NULL);
    uint8_t *input, *expected;
    int error;
    const weft_program *p = make_case(b, seed, &input, &expected);
    bool is_good = life(b, p, input, expected, &error);
    n_good += is_good;
    assert_true(is_good || (error > WEFT_DEV_OK && error != WEFT_DEV_UPLOAD && error != WEFT_DEV_FAULT));
    assert_true(b->bytes.now_ms < CALL_LIMIT_MS);
    slowest_ms = b->bytes.now_ms > slowest_ms ? b->bytes.now_ms : slowest_ms;
    n_frames += b->up.n_frames + b->down.n_frames;
    n_damaged += b->up.n_damaged + b->down.n_damaged;
    for (int k = 0; k < WEFT_FAULT_KINDS; k++)
      kinds[k] += b->up.n_kind[k] + b->down.n_kind[k];
    assert_true(weft_board_model_runs(&b->board) <= 1);
    bench_free(b);
  }
  print_message("%llu of 1100 lives good, %llu of %llu frames damaged, slowest %llu ms\n", (unsigned long long)n_good,
                (unsigned long long)n_damaged, (unsigned long long)n_frames, (unsigned long long)slowest_ms);
  assert_true(n_good >= 1095);
  assert_true(n_damaged > 1000);
  for (int k = 0; k < WEFT_FAULT_KINDS; k++)
    assert_true(kinds[k] > 50);
}

/* A cable that is cut, at every frame of a life: an error, in time. */
static void a_cut_cable_is_an_error_in_time(void **state) {
  (void)state;
  uint32_t n_errors = 0;
  for (uint32_t cut = 1; cut < 60; cut++) {
    bench *b = bench_new(3, 0, NULL);
    uint8_t *input, *expected;
    int error;
    const weft_program *p = make_case(b, 3, &input, &expected);
    (cut % 2 != 0 ? &b->up : &b->down)->cut_after = cut;
    n_errors += !life(b, p, input, expected, &error);
    assert_true(b->bytes.now_ms < 12000);
    bench_free(b);
  }
  assert_in_range(n_errors, 20, 59);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(hello_says_what_the_board_is),  cmocka_unit_test(memory_is_what_was_written),
    cmocka_unit_test(only_what_changed_is_sent),     cmocka_unit_test(a_run_number_starts_once),
    cmocka_unit_test(a_dead_bit_is_found_where_it_is), cmocka_unit_test(silence_ends_in_no_answer),
    cmocka_unit_test(an_endless_run_ends_in_time),   cmocka_unit_test(no_wrong_result_on_a_bad_cable),
    cmocka_unit_test(a_cut_cable_is_an_error_in_time),
    cmocka_unit_test(a_babbling_port_ends_in_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
