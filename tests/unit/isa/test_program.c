/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "isa/program.h"
#include "tests/common/prog_builder.h"

static weft_arena *arena;
static weft_program *program;
static weft_span stored;

/* A random program with one of everything beside its code. */
static void decorate(weft_program *p) {
  static const weft_prog_tensor tensors[] = {
    {.name = "conv \"1\"\\\n;", .tensor = 3, .type = 9, .rank = 4, .shape = {1, 2, 3, 5}, .place = WEFT_IN_SPM, .row = 7,
     .mod = 1, .g = 2, .h = 2, .w = 3, .c = 5, .pitch = 4, .px = 1, .plane_x = 9, .insn = 2},
    {.name = "", .tensor = 4, .type = 0, .rank = 0, .place = WEFT_IN_DRAM, .region = 3, .offset = 8, .segment = 1,
     .insn = UINT32_MAX}};
  static const weft_prog_fused fused[] = {{17, 5}};
  static const weft_prog_layer layers[] = {
    {.name = "l0", .op = "CONV_2D+ADD", .macs = UINT64_C(1) << 40, .bytes_in = 3, .bytes_out = UINT64_MAX}, {"", "", 0, 0, 0, 0}};
  static weft_prog_segment segments[3];
  segments[0] = p->segments[0];
  segments[1] = (weft_prog_segment){.kind = WEFT_SEG_SOFTMAX, .src_region = 3, .dst_region = 3, .dst_offset = 16,
                                    .n_rows = 2, .n_cols = 5, .src_type = 9, .dst_type = 9, .src_zero_point = -128,
                                    .src_scale = 0.1f, .dst_scale = 0.00390625f, .dst_zero_point = -128, .beta = 1};
  segments[2] = (weft_prog_segment){.kind = WEFT_SEG_COPY, .src_region = 2, .dst_region = 3, .n_rows = 3, .n_cols = 7};
  p->segments = segments;
  p->n_segments = 3;
  p->tensors = tensors;
  p->n_tensors = 2;
  p->fused = fused;
  p->n_fused = 1;
  p->layers = layers;
  p->n_layers = 2;
}

static int set_up(void **state) {
  weft_config *c = NULL;
  weft_rng rng = {5};
  (void)state;
  arena = weft_arena_new();
  if (weft_config_load(arena, NULL, "stress", NULL, 0, &c) != WEFT_OK)
    return 1;
  program = prog_random(arena, &rng, c, PROG_ALL, 3);
  decorate(program);
  return weft_program_store(arena, program, &stored) != WEFT_OK;
}

static int tear_down(void **state) {
  (void)state;
  weft_arena_free(&arena);
  return 0;
}

static weft_status load(weft_arena *a, weft_span bytes, weft_program **out) {
  return weft_program_load(a, weft_diag_new(a), "test.weft", bytes, out);
}

static void same_bytes(weft_span a, weft_span b) {
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, a.size);
}

static void stored_and_loaded_is_the_same(void **state) {
  weft_program *back = NULL;
  weft_span again;
  (void)state;
  assert_true(weft_program_is(stored));
  assert_int_equal(load(arena, stored, &back), WEFT_OK);
  assert_int_equal(weft_program_store(arena, back, &again), WEFT_OK);
  same_bytes(stored, again);
  assert_int_equal(back->n_insns, program->n_insns);
  assert_memory_equal(back->insns, program->insns, program->n_insns * sizeof *program->insns);
  assert_string_equal(back->tensors[0].name, program->tensors[0].name);
  assert_int_equal(back->layers[0].bytes_out, UINT64_MAX);
  assert_int_equal(back->segments[1].beta == 1.0f, 1);
}

static void text_assembles_to_the_same(void **state) {
  weft_program *back = NULL;
  weft_span again;
  weft_diag *d = weft_diag_new(arena);
  char *text = weft_program_text(arena, program);
  (void)state;
  weft_status s = weft_program_assemble(arena, d, "t", (weft_span){(uint8_t *)text, strlen(text)}, &back);
  for (size_t k = 0; k < weft_diag_count(d); k++)
    print_message("%s: %s, %s\n", weft_diag_at(d, k)->where, weft_diag_at(d, k)->found, weft_diag_at(d, k)->allowed);
  assert_int_equal(s, WEFT_OK);
  assert_int_equal(weft_program_store(arena, back, &again), WEFT_OK);
  same_bytes(stored, again);
}

static void truncated_files_are_refused(void **state) {
  (void)state;
  for (size_t n = 0; n < stored.size; n += n < 4096 ? 1 : 97) {
    weft_arena *a = weft_arena_new();
    weft_program *back;
    uint8_t *copy = weft_arena_copy(a, stored.data, n == 0 ? 1 : n);
    assert_int_equal(load(a, (weft_span){copy, n}, &back), WEFT_E_PROGRAM);
    weft_arena_free(&a);
  }
}

static void put_crc(uint8_t *bytes, size_t n) {
  weft_put_le32(bytes + 12, (uint32_t)n);
  weft_put_le32(bytes + 16, weft_crc32(bytes + 20, n - 20, 0));
}

static void flipped_bits_are_refused(void **state) {
  weft_rng r = {1};
  (void)state;
  for (int k = 0; k < 3000; k++) {
    weft_arena *a = weft_arena_new();
    weft_program *back;
    uint8_t *copy = weft_arena_copy(a, stored.data, stored.size);
    copy[weft_rng_range(&r, 0, k < 500 ? 63 : (int64_t)stored.size - 1)] ^= (uint8_t)(1 << weft_rng_range(&r, 0, 7));
    assert_int_equal(load(a, (weft_span){copy, stored.size}, &back), WEFT_E_PROGRAM);
    weft_arena_free(&a);
  }
}

/* Behind a good CRC: refused, or a program that is stored as it was read. */
static void forged_files_are_refused_or_whole(void **state) {
  weft_rng r = {2};
  int n_loaded = 0, n_refused = 0;
  (void)state;
  for (int k = 0; k < 6000; k++) {
    weft_arena *a = weft_arena_new();
    weft_program *back = NULL;
    weft_span again;
    uint8_t *copy = weft_arena_copy(a, stored.data, stored.size);
    size_t n = weft_rng_range(&r, 0, 9) == 0 ? (size_t)weft_rng_range(&r, 24, (int64_t)stored.size) : stored.size;
    for (int64_t i = weft_rng_range(&r, 1, 3); i > 0; i--)
      copy[weft_rng_range(&r, 0, (k & 1) != 0 ? 1500 : (int64_t)stored.size - 1)] = (uint8_t)weft_rng_next(&r);
    put_crc(copy, n);
    weft_status s = load(a, (weft_span){copy, n}, &back);
    assert_true(s == WEFT_OK || s == WEFT_E_PROGRAM || s == WEFT_E_CONFIG_HASH);
    n_loaded += s == WEFT_OK;
    n_refused += s != WEFT_OK;
    if (s == WEFT_OK) {
      assert_int_equal(weft_program_store(a, back, &again), WEFT_OK);
      same_bytes((weft_span){copy, n}, again);
      weft_program *twice = NULL;
      char *text = weft_program_text(a, back);
      assert_int_equal(weft_program_assemble(a, NULL, "t", (weft_span){(uint8_t *)text, strlen(text)}, &twice), WEFT_OK);
      assert_int_equal(weft_program_store(a, twice, &again), WEFT_OK);
      same_bytes((weft_span){copy, n}, again);
    }
    weft_arena_free(&a);
  }
  assert_true(n_loaded > 100 && n_refused > 100);
}

static void damaged_text_is_refused_or_whole(void **state) {
  weft_rng r = {3};
  const char *text = weft_program_text(arena, program);
  size_t size = strlen(text);
  (void)state;
  for (int k = 0; k < 1500; k++) {
    weft_arena *a = weft_arena_new();
    weft_program *back = NULL;
    uint8_t *copy = weft_arena_copy(a, text, size);
    size_t n = (k & 7) == 0 ? (size_t)weft_rng_range(&r, 0, (int64_t)size) : size;
    copy[weft_rng_range(&r, 0, (k & 1) != 0 ? 2500 : (int64_t)size - 1)] = (uint8_t)weft_rng_next(&r);
    weft_status s = weft_program_assemble(a, weft_diag_new(a), "t", (weft_span){copy, n}, &back);
    assert_true(s == WEFT_OK || s == WEFT_E_PROGRAM || s == WEFT_E_CONFIG_HASH);
    weft_arena_free(&a);
  }
}

static void each_rule_is_checked(void **state) {
  weft_prog_segment segments[3];
  weft_prog_tensor tensors[2];
  weft_program *back;
  weft_span bytes;
  (void)state;
  for (int rule = 0; rule < 12; rule++) {
    weft_program p = *program;
    weft_insn *insns = weft_arena_copy(arena, p.insns, p.n_insns * sizeof *insns);
    memcpy(segments, p.segments, sizeof segments);
    memcpy(tensors, p.tensors, sizeof tensors);
    p.insns = insns;
    p.segments = segments;
    p.tensors = tensors;
    weft_status want = WEFT_E_PROGRAM;
    switch (rule) {
    case 0: p.config_hash ^= 1; want = WEFT_E_CONFIG_HASH; break;
    case 1: insns[1].lo ^= 63; break;
    case 2: p.region_bytes[WEFT_REGION_CONST] = p.constants_offset; break;
    case 3: p.constants_offset += 64; break;
    case 4: segments[0].n_insns--; break;
    case 5: segments[1].dst_region = WEFT_REGION_CONST; break;
    case 6: segments[2].n_cols = p.region_bytes[3]; break;
    case 7: tensors[0].c = 6; break;
    case 8: tensors[1].offset = p.region_bytes[3]; break;
    case 9: tensors[0].insn = p.n_insns; break;
    case 10: segments[1].src_scale = -1; break;
    default: p.config_text = "array.rows: 3\n"; break;
    }
    assert_int_equal(weft_program_store(arena, &p, &bytes), WEFT_OK);
    if (load(arena, bytes, &back) != want)
      fail_msg("rule %d", rule);
  }
}

static void another_machine_is_refused(void **state) {
  weft_config *stress = NULL, *base = NULL, *slow = NULL;
  const char *sets[] = {"dram.latency=77"};
  (void)state;
  assert_int_equal(weft_config_load(arena, NULL, "stress", NULL, 0, &stress), WEFT_OK);
  assert_int_equal(weft_config_load(arena, NULL, "base", NULL, 0, &base), WEFT_OK);
  assert_int_equal(weft_config_load(arena, NULL, "stress", sets, 1, &slow), WEFT_OK);
  weft_diag *d = weft_diag_new(arena);
  assert_int_equal(weft_program_match(d, program, stress), WEFT_OK);
  assert_int_equal(weft_program_match(d, program, slow), WEFT_OK);
  assert_int_equal(weft_program_match(d, program, base), WEFT_E_CONFIG_HASH);
  assert_int_equal(weft_status_exit(WEFT_E_CONFIG_HASH), 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(stored_and_loaded_is_the_same),
    cmocka_unit_test(text_assembles_to_the_same),
    cmocka_unit_test(truncated_files_are_refused),
    cmocka_unit_test(flipped_bits_are_refused),
    cmocka_unit_test(forged_files_are_refused_or_whole),
    cmocka_unit_test(damaged_text_is_refused_or_whole),
    cmocka_unit_test(each_rule_is_checked),
    cmocka_unit_test(another_machine_is_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
