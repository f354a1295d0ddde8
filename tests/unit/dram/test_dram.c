/* SPDX-License-Identifier: Apache-2.0 */
/* The DRAM model's cycles, by hand and against formulas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "sim/dram/dram.h"

#define BASE 0x1000u
#define N_BYTES 4096u
#define MAX_CYCLES 3000

static uint8_t memory[N_BYTES];
static weft_dram dram;
static weft_dram_in in;
static weft_dram_out out;
static uint8_t seen_r[MAX_CYCLES], seen_w[MAX_CYCLES], seen_ready[MAX_CYCLES];
static uint32_t seen_word[MAX_CYCLES];
static int now;

static const weft_dram_timing plain = { 4, 4, 1, 20, 0, 0, 0, 0, 0, 0 };

static void start(weft_dram_timing t) {
  weft_dram_region r = { BASE, N_BYTES, memory, false };
  for (uint32_t i = 0; i < N_BYTES; i++)
    memory[i] = (uint8_t)(i * 7 + i / 256);
  assert_true(weft_dram_init(&dram, &t, &r, 1));
  weft_dram_restart(&dram, &out);
  memset(&in, 0, sizeof in);
  now = 0;
}

/* One cycle with what stands in `in`. */
static void tick(void) {
  assert_true(now < MAX_CYCLES);
  seen_r[now] = out.r_valid;
  seen_w[now] = out.w_ready;
  seen_ready[now] = out.req_ready;
  seen_word[now] = weft_le32(out.r_data);
  now++;
  weft_dram_tick(&dram, &in, &out);
}

/* Offers a burst until it is taken; returns the cycle of acceptance. */
static int offer(bool write, uint32_t addr, uint32_t beats) {
  in.req_valid = true;
  in.req_write = write;
  in.req_addr = addr;
  in.req_beats = beats;
  while (!out.req_ready)
    tick();
  tick();
  in.req_valid = false;
  return now - 1;
}

static void idle(int cycles) {
  while (cycles-- > 0)
    tick();
}

static void reads_take_latency(void **state) {
  (void)state;
  start(plain);
  assert_int_equal(offer(false, BASE + 64, 4), 0);
  idle(40);
  for (int t = 0; t < 40; t++) {
    assert_int_equal(seen_r[t], t >= 21 && t < 25);   /* slots 1..4, latency 20 */
    if (seen_r[t])
      assert_int_equal(seen_word[t], weft_le32(memory + 64 + 4 * (t - 21)));
  }
  assert_true(weft_dram_idle(&dram));
  assert_null(dram.error);
  assert_int_equal(dram.read_beats, 4);
}

static void one_in_progress_one_behind(void **state) {
  (void)state;
  start(plain);
  assert_int_equal(offer(false, BASE, 16), 0);
  assert_int_equal(offer(false, BASE + 64, 16), 1);
  assert_int_equal(offer(false, BASE + 128, 16), 17);  /* the first ended in 16 */
  idle(80);
  for (int t = 2; t <= 16; t++)
    assert_false(seen_ready[t]);
  for (int t = 0; t < 90; t++)
    assert_int_equal(seen_r[t], t >= 21 && t < 21 + 48);   /* no hole */
}

static void writes_take_strobes(void **state) {
  (void)state;
  start(plain);
  uint8_t before[N_BYTES];
  memcpy(before, memory, sizeof before);
  offer(true, BASE + 8, 2);
  memset(in.w_data, 0xaa, sizeof in.w_data);
  in.w_strb = 0x6;
  tick();
  in.w_strb = 0x8;
  tick();
  idle(3);
  assert_true(seen_w[1] && seen_w[2] && !seen_w[0] && !seen_w[3]);
  for (uint32_t i = 0; i < N_BYTES; i++)
    assert_int_equal(memory[i], i == 9 || i == 10 || i == 15 ? 0xaa : before[i]);
  assert_int_equal(dram.write_beats, 2);
}

static void a_read_sees_the_write_before_it(void **state) {
  (void)state;
  start(plain);
  memset(in.w_data, 0x5c, sizeof in.w_data);
  in.w_strb = 0xf;
  offer(true, BASE, 1);
  offer(false, BASE, 1);
  idle(30);
  assert_int_equal(seen_word[22], 0x5c5c5c5c);
  assert_true(seen_r[22]);
}

static void gap_keeps_the_bus(void **state) {
  (void)state;
  weft_dram_timing t = plain;
  t.gap = 3;
  start(t);
  offer(false, BASE, 2);
  offer(false, BASE + 64, 2);
  idle(40);
  for (int c = 0; c < 40; c++)
    assert_int_equal(seen_r[c], c == 21 || c == 22 || c == 26 || c == 27);
}

/* Slots against the formula of dram.h, over rates, with refresh. */
static void slots_follow_the_formula(void **state) {
  (void)state;
  static const struct { uint32_t beat, num, den, interval, cycles; } cases[] = {
    { 4, 4, 1, 0, 0 }, { 4, 1, 2, 0, 0 }, { 8, 3, 1, 0, 0 }, { 16, 7, 3, 50, 5 },
    { 4, 64, 1, 33, 32 }, { 8, 5, 4, 700, 11 }, { 4, 1, 64, 0, 0 },
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    weft_dram_timing t = { cases[k].beat, cases[k].num, cases[k].den, 1, 0, cases[k].interval, cases[k].cycles, 0, 0, 0 };
    start(t);
    uint64_t whole = (uint64_t)t.beat_bytes * t.rate_den, num = t.rate_num < whole ? t.rate_num : whole;
    uint32_t at = BASE;
    in.req_valid = true;
    in.req_beats = 1;
    for (int c = 0; c < 2000; c++) {              /* always a burst waiting */
      in.req_addr = at;
      bool taken = out.req_ready;
      tick();
      if (taken)
        at = at + t.beat_bytes < BASE + N_BYTES ? at + t.beat_bytes : BASE;
    }
    for (int c = 2; c < 1999; c++) {
      uint64_t u = (uint64_t)c;
      bool slot = (u + 1) * num / whole > u * num / whole;
      if (t.refresh_interval && u >= t.refresh_interval && u % t.refresh_interval < t.refresh_cycles)
        slot = false;
      assert_int_equal(seen_r[c + 1], slot);      /* latency 1 */
    }
    assert_null(dram.error);
  }
}

static void restart_gives_equal_phases(void **state) {
  (void)state;
  weft_dram_timing t = { 4, 3, 7, 5, 2, 40, 9, 0, 0, 0 };
  uint8_t first[200];
  start(t);
  for (int run = 0; run < 3; run++) {
    idle(run * 3);                                /* any phase */
    weft_dram_restart(&dram, &out);
    now = 0;
    offer(false, BASE, 5);
    offer(true, BASE + 64, 3);
    idle(180);
    if (run == 0)
      memcpy(first, seen_r, 180);
    assert_memory_equal(first, seen_r, 180);
  }
  assert_null(dram.error);
}

static void expect_error(uint32_t addr, uint32_t beats, bool write) {
  offer(write, addr, beats);
  idle(60);
  assert_non_null(dram.error);
  assert_int_equal(dram.error_addr, addr);
}

static void broken_rules_are_reported(void **state) {
  (void)state;
  uint8_t before[N_BYTES];
  static const struct { uint32_t addr, beats; } bad[] = {
    { BASE - 4, 1 }, { BASE + N_BYTES, 1 }, { BASE + N_BYTES - 4, 2 }, { 0xfffffffc, 2 },
    { BASE + 2, 1 }, { BASE, 0 }, { BASE, 17 },
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    start(plain);
    memcpy(before, memory, sizeof before);
    in.w_strb = 0xf;
    expect_error(bad[k].addr, bad[k].beats, true);
    assert_memory_equal(before, memory, sizeof before);
  }
  weft_dram_region r = { BASE, N_BYTES, memory, true };
  assert_true(weft_dram_init(&dram, &plain, &r, 1));
  weft_dram_restart(&dram, &out);
  memset(&in, 0, sizeof in);
  in.w_strb = 0xf;
  memcpy(before, memory, sizeof before);
  expect_error(BASE + 4, 1, true);
  assert_memory_equal(before, memory, sizeof before);
}

static void a_request_must_not_change(void **state) {
  (void)state;
  start(plain);
  offer(false, BASE, 16);
  offer(false, BASE, 16);
  in.req_valid = true;
  in.req_addr = BASE + 64;
  in.req_beats = 4;
  tick();
  assert_null(dram.error);
  in.req_addr = BASE + 128;
  tick();
  assert_non_null(dram.error);
  start(plain);
  offer(false, BASE, 16);
  offer(false, BASE, 16);
  in.req_valid = true;
  tick();
  in.req_valid = false;
  tick();
  assert_non_null(dram.error);
}

static void restart_in_flight_is_an_error(void **state) {
  (void)state;
  start(plain);
  offer(false, BASE, 1);
  idle(5);                                        /* taken, data on the way */
  assert_false(weft_dram_idle(&dram));
  weft_dram_restart(&dram, &out);
  assert_non_null(dram.error);
}

static void bad_timing_is_refused(void **state) {
  (void)state;
  weft_dram_region r = { BASE, N_BYTES, memory, false };
  static const weft_dram_timing bad[] = {
    { 5, 4, 1, 20, 0, 0, 0, 0, 0, 0 }, { 4, 0, 1, 20, 0, 0, 0, 0, 0, 0 }, { 4, 4, 65, 20, 0, 0, 0, 0, 0, 0 },
    { 4, 4, 1, 0, 0, 0, 0, 0, 0, 0 }, { 4, 4, 1, 1001, 0, 0, 0, 0, 0, 0 }, { 4, 4, 1, 20, 0, 10, 10, 0, 0, 0 },
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    assert_false(weft_dram_init(&dram, &bad[k], &r, 1));
    assert_non_null(dram.error);
  }
  r.bytes = 6;
  assert_false(weft_dram_init(&dram, &plain, &r, 1));
  r = (weft_dram_region){ 0xfffffff0u, 32, memory, false };
  assert_false(weft_dram_init(&dram, &plain, &r, 1));
  r.bytes = 16;                                   /* ends with the last byte */
  assert_true(weft_dram_init(&dram, &plain, &r, 1));
}

/* Two cycles a beat, setup 2, gap 3, rows of 64 bytes, no refresh. */
static const weft_dram_timing rows = { 4, 2, 1, 7, 3, 0, 0, 64, 2, 0 };

static void expect_reads(const int *when, int n) {
  idle(60);
  for (int t = 0, k = 0; t < now; t++) {
    const bool expected = k < n && when[k] == t;
    assert_int_equal(seen_r[t], expected);
    k += expected;
  }
  assert_null(dram.error);
}

static void an_open_row_serves_what_waits(void **state) {
  (void)state;
  start(rows);
  assert_int_equal(offer(false, BASE, 2), 0);        /* found in 1, slots 3 and 5 */
  assert_int_equal(offer(false, BASE + 8, 1), 2);    /* the place is free in 2; slot 7 */
  assert_int_equal(offer(false, BASE + 64, 1), 7);   /* another row: idle in 12, slot 14 */
  static const int when[] = { 10, 12, 14, 21 };
  expect_reads(when, 4);
}

static void a_burst_goes_on_in_the_next_row(void **state) {
  (void)state;
  start(rows);
  offer(false, BASE + 60, 2);                        /* slot 3; ends in 4, idle in 8, slot 10 */
  static const int when[] = { 10, 17 };
  expect_reads(when, 2);
}

static void refresh_waits_for_the_end_of_a_burst(void **state) {
  (void)state;
  weft_dram_timing t = rows;
  t.refresh_interval = 20;
  t.refresh_cycles = 5;
  start(t);                                          /* cycle 0 refreshes, idle in 5 */
  offer(false, BASE, 8);                             /* slots 7, 9 .. 21 */
  offer(false, BASE + 32, 1);                        /* due in 20: idle in 26, then in 31; slot 33 */
  static const int when[] = { 14, 16, 18, 20, 22, 24, 26, 28, 40 };
  expect_reads(when, 9);
}

static void words_written_in_part_cost(void **state) {
  (void)state;
  weft_dram_timing t = rows;
  t.mask_cycles = 6;
  start(t);
  in.w_strb = 0x7;                                   /* one word of two bytes in part */
  offer(true, BASE, 1);                              /* slot 3; ends in 4, idle in 4 + 1 + 3 + 6 */
  offer(true, BASE + 4, 1);
  idle(30);
  for (int c = 0; c < now; c++)
    assert_int_equal(seen_w[c], c == 3 || c == 16);
}

static void bad_rows_are_refused(void **state) {
  (void)state;
  static const weft_dram_timing bad[] = {
    { 4, 2, 1, 7, 3, 0, 0, 48, 2, 0 }, { 4, 2, 1, 7, 3, 0, 0, 8, 2, 0 }, { 4, 2, 1, 7, 3, 0, 0, 64, 0, 0 },
    { 4, 3, 1, 7, 3, 0, 0, 64, 2, 0 }, { 4, 8, 1, 7, 3, 0, 0, 64, 2, 0 }, { 4, 1, 2, 7, 3, 0, 0, 64, 2, 1 },
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    assert_non_null(weft_dram_check(&bad[k]));
  assert_null(weft_dram_check(&rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_take_latency),
    cmocka_unit_test(one_in_progress_one_behind),
    cmocka_unit_test(writes_take_strobes),
    cmocka_unit_test(a_read_sees_the_write_before_it),
    cmocka_unit_test(gap_keeps_the_bus),
    cmocka_unit_test(slots_follow_the_formula),
    cmocka_unit_test(restart_gives_equal_phases),
    cmocka_unit_test(broken_rules_are_reported),
    cmocka_unit_test(a_request_must_not_change),
    cmocka_unit_test(restart_in_flight_is_an_error),
    cmocka_unit_test(bad_timing_is_refused),
    cmocka_unit_test(an_open_row_serves_what_waits),
    cmocka_unit_test(a_burst_goes_on_in_the_next_row),
    cmocka_unit_test(refresh_waits_for_the_end_of_a_burst),
    cmocka_unit_test(words_written_in_part_cost),
    cmocka_unit_test(bad_rows_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
