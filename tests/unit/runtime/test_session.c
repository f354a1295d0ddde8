/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/runtime.h"
#include "tests/common/prog_builder.h"

typedef struct seen_list { int n; int32_t tensor[8]; uint8_t bytes[8][64]; size_t n_bytes[8]; } seen_list;

static weft_status remember(void *user, const weft_prog_tensor *t, const void *data, size_t n_bytes) {
  seen_list *l = user;
  assert_true(l->n < 8 && n_bytes <= 64);
  l->tensor[l->n] = t->tensor;
  l->n_bytes[l->n] = n_bytes;
  memcpy(l->bytes[l->n++], data, n_bytes);
  return WEFT_OK;
}

static weft_config *machine(weft_arena *arena, const char *name) {
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(arena, NULL, name, NULL, 0, &c), WEFT_OK);
  return c;
}

static void backends_have_names(void **state) {
  (void)state;
  assert_ptr_equal(weft_backend_find("model"), &weft_backend_model);
  assert_ptr_equal(weft_backend_find("rtl"), &weft_backend_rtl);
  assert_null(weft_backend_find("ref"));
  assert_null(weft_backend_find(""));
}

static void another_machine_is_refused(void **state) {
  weft_arena *arena = weft_arena_new();
  weft_session *s = NULL;
  weft_rng rng = {1};
  (void)state;
  weft_program *p = prog_random(arena, &rng, machine(arena, "tiny"), PROG_ALL, 1);
  assert_int_equal(weft_session_open(arena, weft_diag_new(arena), p, machine(arena, "base"), &weft_backend_model, NULL, &s),
                   WEFT_E_CONFIG_HASH);
  assert_null(s);
  weft_arena_free(&arena);
}

static void too_much_memory_is_refused(void **state) {
  weft_arena *arena = weft_arena_new();
  weft_session *s = NULL;
  weft_rng rng = {1};
  (void)state;
  weft_program *p = prog_random(arena, &rng, machine(arena, "tiny"), 0, 0);
  p->region_bytes[WEFT_REGION_ARENA] = UINT32_MAX;
  assert_int_equal(weft_session_open(arena, weft_diag_new(arena), p, machine(arena, "tiny"), &weft_backend_model, NULL, &s),
                   WEFT_E_CAP);
  weft_arena_free(&arena);
}

/* The same input gives the same output in every run, whatever ran between. */
static void batches_do_not_leak(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 20; seed++) {
    weft_arena *arena = weft_arena_new();
    weft_session *s = NULL;
    weft_rng rng = {seed}, data = {99};
    weft_config *c = machine(arena, "stress");
    weft_program *p = prog_random(arena, &rng, c, PROG_ALL & ~(uint32_t)PROG_ST, 5);
    weft_backend_options o = {.poison = true, .poison_seed = seed};
    size_t n = p->inputs[0].n_bytes, out_bytes = p->outputs[0].n_bytes;
    uint8_t *in[2], *out[3];
    for (int k = 0; k < 2; k++) {
      in[k] = WEFT_NEW(arena, uint8_t, n);
      for (size_t i = 0; i < n; i++)
        in[k][i] = weft_rng_byte(&data);
    }
    for (int k = 0; k < 3; k++)
      out[k] = WEFT_NEW(arena, uint8_t, out_bytes);
    assert_int_equal(weft_session_open(arena, NULL, p, c, &weft_backend_model, &o, &s), WEFT_OK);
    for (int k = 0; k < 3; k++) {
      const uint8_t *inputs[1] = {in[k & 1]};
      assert_int_equal(weft_session_run(s, NULL, inputs, &out[k], NULL, NULL, NULL), WEFT_OK);
    }
    assert_memory_equal(out[0], out[2], out_bytes);
    assert_memory_not_equal(out[0], out[1], out_bytes);
    weft_session_close(&s);
    assert_null(s);
    weft_arena_free(&arena);
  }
}

/* QUANTIZE float -> int8, COPY, SOFTMAX, DEQUANTIZE, without an accelerator. */
static void host_segments_run_in_order(void **state) {
  static const weft_prog_segment segments[] = {
    {.kind = WEFT_SEG_QUANTIZE, .src_region = 2, .dst_region = 1, .n_rows = 1, .n_cols = 4, .src_type = 0, .dst_type = 9,
     .dst_scale = 0.5f, .dst_zero_point = 1},
    {.kind = WEFT_SEG_COPY, .src_region = 1, .dst_region = 1, .dst_offset = 4, .n_rows = 1, .n_cols = 4},
    {.kind = WEFT_SEG_SOFTMAX, .src_region = 1, .src_offset = 4, .dst_region = 1, .dst_offset = 8, .n_rows = 1, .n_cols = 4,
     .src_type = 9, .dst_type = 9, .src_zero_point = 1, .src_scale = 0.5f, .dst_scale = 0.00390625f,
     .dst_zero_point = -128, .beta = 1},
    {.kind = WEFT_SEG_DEQUANTIZE, .src_region = 1, .src_offset = 8, .dst_region = 3, .n_rows = 1, .n_cols = 4, .src_type = 9,
     .dst_type = 0, .src_scale = 0.00390625f, .src_zero_point = -128}};
  static const weft_prog_tensor tensors[] = {
    {.name = "q", .tensor = 1, .type = 9, .rank = 1, .shape = {4}, .place = WEFT_IN_DRAM, .region = 1, .insn = UINT32_MAX},
    {.name = "s", .tensor = 2, .type = 9, .rank = 1, .shape = {4}, .place = WEFT_IN_DRAM, .region = 1, .offset = 8,
     .segment = 2, .insn = UINT32_MAX}};
  static const weft_prog_io in = {.name = "in", .rank = 1, .shape = {4}, .region = 2, .n_bytes = 16};
  static const weft_prog_io out = {.name = "out", .rank = 1, .shape = {4}, .region = 3, .n_bytes = 16};
  const float values[4] = {0.0f, 0.74f, -1.0f, 1000.0f};
  const int8_t quantized[4] = {1, 2, -1, 127};
  float result[4];
  weft_arena *arena = weft_arena_new();
  weft_config *c = machine(arena, "base");
  weft_program p = {.model = "host", .config_text = weft_config_text(arena, c), .config_hash = weft_config_hash(c),
                    .region_bytes = {0, 64, 64, 64}, .n_inputs = 1, .n_outputs = 1, .n_tensors = 2, .n_segments = 4,
                    .inputs = &in, .outputs = &out, .tensors = tensors, .segments = segments};
  weft_program *loaded = NULL;
  weft_session *s = NULL;
  weft_span bytes;
  seen_list seen = {0};
  const uint8_t *inputs[1] = {(const uint8_t *)values};
  uint8_t *outputs[1] = {(uint8_t *)result};
  (void)state;
  assert_int_equal(weft_program_store(arena, &p, &bytes), WEFT_OK);
  assert_int_equal(weft_program_load(arena, weft_diag_new(arena), "host", bytes, &loaded), WEFT_OK);
  assert_int_equal(weft_session_open(arena, NULL, loaded, c, &weft_backend_model, NULL, &s), WEFT_OK);
  assert_int_equal(weft_session_run(s, NULL, inputs, outputs, remember, &seen, NULL), WEFT_OK);
  assert_int_equal(seen.n, 2);
  assert_int_equal(seen.tensor[0], 1);
  assert_memory_equal(seen.bytes[0], quantized, 4);
  assert_int_equal(seen.tensor[1], 2);
  for (int k = 0; k < 4; k++)
    assert_true(result[k] == (float)((int8_t)seen.bytes[1][k] + 128) / 256.0f);
  assert_true(result[3] > 0.99f);
  weft_session_close(&s);
  weft_arena_free(&arena);
}

/* A tensor in the scratchpad with planes and a tail is handed out dense. */
static void scratchpad_tensors_are_unbanked(void **state) {
  weft_arena *arena = weft_arena_new();
  weft_config *c = machine(arena, "tiny");
  prog_builder *b = prog_builder_new(arena, c);
  weft_insn i = weft_insn_make(WEFT_I_LD);
  uint32_t words = 0, pitch = 0, planes = 0;
  uint8_t image[3 * 4 * 5], out[64];
  weft_session *s = NULL;
  seen_list seen = {0};
  (void)state;
  for (size_t k = 0; k < sizeof image; k++)
    image[k] = (uint8_t)(k * 7 + 1);
  weft_engreg_set(&words, WEFT_R_LD_WORDS_G, 2);
  weft_engreg_set(&words, WEFT_R_LD_WORDS_MOD, 3);
  weft_engreg_set(&pitch, WEFT_R_LD_PITCH_MOD, 3);
  weft_engreg_set(&planes, WEFT_R_LD_PLANES_PLANE_X, 20);
  weft_engreg_set(&planes, WEFT_R_LD_PLANES_PLANE_Y, 41);
  prog_cfg(b, WEFT_Q_LD, WEFT_REG_LD_LINE, 20);
  prog_cfg(b, WEFT_Q_LD, WEFT_REG_LD_WORDS, words);
  prog_cfg(b, WEFT_Q_LD, WEFT_REG_LD_PITCH, pitch);
  prog_cfg(b, WEFT_Q_LD, WEFT_REG_LD_PLANES, planes);
  weft_insn_set(&i, WEFT_F_LD_ROW, 2040);
  weft_insn_set(&i, WEFT_F_LD_LINES, 3);
  weft_insn_set(&i, WEFT_F_LD_WIDTH, 4);
  weft_insn_set(&i, WEFT_F_LD_CHANNELS, 5);
  weft_insn_set(&i, WEFT_F_LD_REGION, WEFT_REGION_INPUT);
  weft_insn_set(&i, WEFT_F_LD_PX, 1);
  weft_insn_set(&i, WEFT_F_LD_PY, 1);
  prog_add(b, i);
  weft_program *p = prog_finish(b, sizeof image, 64);
  weft_prog_tensor t = {.name = "t", .tensor = 9, .type = 9, .rank = 4, .shape = {1, 3, 4, 5}, .row = 2040, .mod = 3, .g = 2,
                        .h = 3, .w = 4, .c = 5, .pitch = 3, .px = 1, .py = 1, .plane_x = 20, .plane_y = 41, .insn = 4};
  p->tensors = &t;
  p->n_tensors = 1;
  const uint8_t *inputs[1] = {image};
  uint8_t *outputs[1] = {out};
  assert_int_equal(weft_session_open(arena, NULL, p, c, &weft_backend_model, NULL, &s), WEFT_OK);
  assert_int_equal(weft_session_run(s, NULL, inputs, outputs, remember, &seen, NULL), WEFT_OK);
  assert_int_equal(seen.n, 1);
  assert_int_equal(seen.n_bytes[0], sizeof image);
  assert_memory_equal(seen.bytes[0], image, sizeof image);
  weft_session_close(&s);
  weft_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(backends_have_names),
    cmocka_unit_test(another_machine_is_refused),
    cmocka_unit_test(too_much_memory_is_refused),
    cmocka_unit_test(batches_do_not_leak),
    cmocka_unit_test(host_segments_run_in_order),
    cmocka_unit_test(scratchpad_tensors_are_unbanked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
