/* SPDX-License-Identifier: Apache-2.0 */
/* Little programs whose output is known: one through LD and ST, one through the
 * array. ROWS pixels of WORDS words; the array's outputs are one word each. */
#include <string.h>

#include "board/board_host.h"

enum { WORDS = 4, MAX_INSNS = 48, TEST_MS = 20000 };

typedef struct maker {
  weft_arena *arena;
  const weft_config *c;
  weft_insn insns[MAX_INSNS];
  uint32_t n;
} maker;

static void add(maker *m, weft_insn i) { m->insns[m->n++] = i; }

static void set_reg(maker *m, weft_opcode op, uint32_t reg, uint32_t value) {
  weft_insn i = weft_insn_make(op);
  weft_insn_set(&i, op == WEFT_I_CFG ? WEFT_F_CFG_REG_A : op == WEFT_I_LCFG ? WEFT_F_LCFG_REG_A : WEFT_F_SCFG_REG_A, reg);
  weft_insn_set(&i, op == WEFT_I_CFG ? WEFT_F_CFG_REG_B : op == WEFT_I_LCFG ? WEFT_F_LCFG_REG_B : WEFT_F_SCFG_REG_B, 255);
  weft_insn_set(&i, op == WEFT_I_CFG ? WEFT_F_CFG_VAL_A : op == WEFT_I_LCFG ? WEFT_F_LCFG_VAL_A : WEFT_F_SCFG_VAL_A, value);
  add(m, i);
}

/* ROWS pixels of `words` words at a scratchpad row; wait and sig: semaphores, -1: none. */
static void add_dma(maker *m, bool is_load, uint32_t row, uint32_t words, int wait, int sig) {
  weft_insn i = weft_insn_make(is_load ? WEFT_I_LD : WEFT_I_ST);
  weft_opcode cfg = is_load ? WEFT_I_LCFG : WEFT_I_SCFG;
  uint32_t g = 0;
  weft_engreg_set(&g, WEFT_R_LD_WORDS_G, words);
  set_reg(m, cfg, WEFT_REG_LD_LINE, 0);
  set_reg(m, cfg, WEFT_REG_LD_WORDS, g);
  set_reg(m, cfg, WEFT_REG_LD_PITCH, 0);
  weft_insn_set(&i, is_load ? WEFT_F_LD_ROW : WEFT_F_ST_ROW, row);
  weft_insn_set(&i, is_load ? WEFT_F_LD_LINES : WEFT_F_ST_LINES, 1);
  weft_insn_set(&i, is_load ? WEFT_F_LD_WIDTH : WEFT_F_ST_WIDTH, m->c->rows);
  weft_insn_set(&i, is_load ? WEFT_F_LD_CHANNELS : WEFT_F_ST_CHANNELS, (int64_t)words * m->c->word_bytes);
  weft_insn_set(&i, is_load ? WEFT_F_LD_REGION : WEFT_F_ST_REGION, is_load ? WEFT_REGION_INPUT : WEFT_REGION_OUTPUT);
  if (wait >= 0) {
    weft_insn_set(&i, WEFT_H_WAIT_ID, wait);
    weft_insn_set(&i, WEFT_H_WAIT_N, 1);
  }
  if (sig >= 0) {
    weft_insn_set(&i, WEFT_H_SIG_ID, sig);
    weft_insn_set(&i, WEFT_H_SIG_N, 1);
  }
  add(m, i);
}

static void add_array_registers(maker *m) {
  uint32_t words = 0, raster = 0, out = 0, out_words = 0, clamp = 0, post = 0;
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_G, WORDS);
  weft_engreg_set(&words, WEFT_R_EX_IN_WORDS_TAIL, m->c->word_bytes);
  weft_engreg_set(&raster, WEFT_R_EX_RASTER_WIDTH, m->c->rows);
  weft_engreg_set(&raster, WEFT_R_EX_RASTER_VALID, m->c->rows);
  weft_engreg_set(&out, WEFT_R_EX_OUT_ROW, WORDS);
  weft_engreg_set(&out_words, WEFT_R_EX_OUT_WORDS_G, 1);
  weft_engreg_set(&clamp, WEFT_R_EX_CLAMP_LO, -128);
  weft_engreg_set(&clamp, WEFT_R_EX_CLAMP_HI, 127);
  weft_engreg_set(&clamp, WEFT_R_EX_CLAMP_ZP, -3);
  weft_engreg_set(&post, WEFT_R_EX_POST_PARAMS, 2);
  const struct { uint32_t reg, value; } rows[] = {
    {WEFT_REG_EX_IN, 0}, {WEFT_REG_EX_IN_WORDS, words}, {WEFT_REG_EX_X_STEP, 0}, {WEFT_REG_EX_Y_STEP, 0},
    {WEFT_REG_EX_ORIGIN, 0}, {WEFT_REG_EX_RASTER, raster}, {WEFT_REG_EX_OUT, out}, {WEFT_REG_EX_OUT_PITCH, 0},
    {WEFT_REG_EX_OUT_WORDS, out_words}, {WEFT_REG_EX_OUT_PLANES, 0}, {WEFT_REG_EX_CLAMP, clamp},
    {WEFT_REG_EX_POST, post}, {WEFT_REG_EX_MULT, 0}, {WEFT_REG_EX_BIAS, 0},
  };
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
    set_reg(m, WEFT_I_CFG, rows[k].reg, rows[k].value);
  weft_insn tap = weft_insn_make(WEFT_I_TAP);
  weft_insn_set(&tap, WEFT_F_TAP_YHI, 4095);
  weft_insn_set(&tap, WEFT_F_TAP_XHI, 4095);
  add(m, tap);
}

/* Every PE multiplies WORDS * B times; each channel has a scale of its own. */
static weft_span array_constants(maker *m, weft_rng *rng) {
  uint32_t cols = (uint32_t)m->c->cols, steps = WORDS * (uint32_t)m->c->word_bytes;
  size_t n = 12 * (size_t)cols + (size_t)steps * cols;
  uint8_t *bytes = WEFT_NEW(m->arena, uint8_t, n);
  for (uint32_t k = 0; k < cols; k++) {
    weft_put_le32(bytes + 4 * (size_t)k, (uint32_t)(int32_t)weft_rng_range(rng, -5000, 5000));
    weft_put_le32(bytes + 4 * (size_t)(cols + k), (uint32_t)weft_rng_range(rng, 1 << 30, INT32_MAX));
    weft_put_le32(bytes + 4 * (size_t)(2 * cols + k), (uint32_t)weft_rng_range(rng, 7, 10) << 8);
  }
  for (size_t k = 12 * (size_t)cols; k < n; k++)
    bytes[k] = weft_rng_byte(rng);
  return (weft_span){bytes, n};
}

static void add_array(maker *m) {
  weft_insn wt = weft_insn_make(WEFT_I_WT), exc = weft_insn_make(WEFT_I_EXC);
  add_array_registers(m);
  weft_insn_set(&wt, WEFT_F_WT_N_WORDS, (int64_t)WORDS * m->c->word_bytes);
  weft_insn_set(&wt, WEFT_F_WT_N_GROUPS, 1);
  weft_insn_set(&wt, WEFT_F_WT_REPEATS, 1);
  weft_insn_set(&wt, WEFT_F_WT_PARAMS, 2);
  add(m, wt);
  weft_insn_set(&exc, WEFT_F_EXC_N_TILES, 1);
  weft_insn_set(&exc, WEFT_F_EXC_LAST_ROWS, m->c->rows);
  weft_insn_set(&exc, WEFT_F_EXC_N_GROUPS, 1);
  weft_insn_set(&exc, WEFT_F_EXC_N_TAPS, 1);
  weft_insn_set(&exc, WEFT_F_EXC_STREAM, 1);
  weft_insn_set(&exc, WEFT_F_EXC_FIRST_K, 1);
  weft_insn_set(&exc, WEFT_F_EXC_LAST_K, 1);
  weft_insn_set(&exc, WEFT_H_WAIT_ID, 0);
  weft_insn_set(&exc, WEFT_H_WAIT_N, 1);
  weft_insn_set(&exc, WEFT_H_SIG_ID, 1);
  weft_insn_set(&exc, WEFT_H_SIG_N, 1);
  add(m, exc);
}

/* WT's OFFSET counts from the start of region 0: known when all is counted. */
static void place_constants(maker *m, weft_program *p, weft_span constants) {
  p->constants_offset = (m->n * WEFT_INSN_BYTES + 63) & ~63u;
  p->constants = constants;
  for (uint32_t k = 0; k < m->n; k++)
    if (weft_insn_get(&m->insns[k], WEFT_H_OP) == WEFT_I_WT)
      weft_insn_set(&m->insns[k], WEFT_F_WT_OFFSET, p->constants_offset);
}

static weft_program *finish(maker *m, weft_span constants, uint32_t in_bytes, uint32_t out_bytes) {
  weft_program *p = WEFT_NEW(m->arena, weft_program, 1);
  weft_prog_segment *segment = WEFT_NEW(m->arena, weft_prog_segment, 1);
  weft_prog_io *io = WEFT_NEW(m->arena, weft_prog_io, 2);
  add(m, weft_insn_make(WEFT_I_END));
  place_constants(m, p, constants);
  segment->kind = WEFT_SEG_ACCEL;
  segment->n_insns = m->n;
  io[0] = (weft_prog_io){.name = "in", .type = 9, .rank = 1, .shape = {(int32_t)in_bytes}, .region = WEFT_REGION_INPUT, .n_bytes = in_bytes};
  io[1] = (weft_prog_io){.name = "out", .type = 9, .rank = 1, .shape = {(int32_t)out_bytes}, .region = WEFT_REGION_OUTPUT, .n_bytes = out_bytes};
  p->model = "self-test";
  p->config_text = weft_config_text(m->arena, m->c);
  p->config_hash = weft_config_hash(m->c);
  p->n_insns = m->n;
  p->insns = weft_arena_copy(m->arena, m->insns, m->n * sizeof m->insns[0]);
  p->region_bytes[WEFT_REGION_CONST] = (p->constants_offset + (uint32_t)constants.size + 63) & ~63u;
  p->region_bytes[WEFT_REGION_ARENA] = 64;
  p->region_bytes[WEFT_REGION_INPUT] = (in_bytes + 63) & ~63u;
  p->region_bytes[WEFT_REGION_OUTPUT] = (out_bytes + 63) & ~63u;
  p->n_inputs = p->n_outputs = p->n_segments = 1;
  p->inputs = &io[0];
  p->outputs = &io[1];
  p->segments = segment;
  return p;
}

weft_status weft_self_test_make(weft_arena *arena, weft_diag *d, const weft_config *c, weft_self_test kind,
                                weft_program **program, uint8_t **input, uint8_t **expected) {
  maker m = {.arena = arena, .c = c};
  weft_rng rng = {kind == WEFT_TEST_ARRAY ? 1 : 2};
  weft_span constants = {NULL, 0};
  bool is_array = kind == WEFT_TEST_ARRAY;
  uint32_t in_bytes = WORDS * (uint32_t)(c->rows * c->word_bytes), out_words = is_array ? 1 : WORDS;
  add_dma(&m, true, 0, WORDS, -1, 0);
  if (is_array) {
    constants = array_constants(&m, &rng);
    add_array(&m);
  }
  add_dma(&m, false, is_array ? WORDS : 0, out_words, is_array ? 1 : 0, -1);
  *program = finish(&m, constants, in_bytes, out_words * (uint32_t)(c->rows * c->word_bytes));
  *input = WEFT_NEW(arena, uint8_t, (*program)->region_bytes[WEFT_REGION_INPUT]);
  *expected = WEFT_NEW(arena, uint8_t, (*program)->region_bytes[WEFT_REGION_OUTPUT]);
  for (uint32_t k = 0; k < in_bytes; k++)
    (*input)[k] = weft_rng_byte(&rng);
  weft_session *s = NULL;
  const uint8_t *in = *input;
  WEFT_TRY(weft_session_open(arena, d, *program, c, &weft_backend_model, NULL, &s));
  weft_status status = weft_session_run(s, d, &in, expected, NULL, NULL, NULL);
  weft_session_close(&s);
  return status;
}

/* Behind `from`, or else where the memory begins; false: it is smaller than that. */
static bool find_room(const weft_program *p, uint32_t mem_bytes, uint32_t from, uint32_t at[4]) {
  uint32_t end = 0;
  if (from > mem_bytes || weft_board_place(NULL, p, mem_bytes - from, at, &end) != WEFT_OK)
    return weft_board_place(NULL, p, mem_bytes, at, &end) == WEFT_OK;
  for (int k = 0; k < 4; k++)
    at[k] += from;
  return true;
}

weft_status weft_self_test_run(weft_arena *arena, weft_diag *d, weft_connection *c, const weft_config *config,
                               weft_self_test kind, uint32_t from, bool *is_run) {
  weft_program *p = NULL;
  uint8_t *input = NULL, *expected = NULL, buf[1024];
  uint32_t at[4];
  WEFT_TRY(weft_self_test_make(arena, d, config, kind, &p, &input, &expected));
  *is_run = find_room(p, c->device.info.mem_bytes, from, at);
  if (!*is_run)
    return WEFT_OK;
  weft_dev_program run = {.prog_insns = p->n_insns, .watchdog = 1000000};
  uint8_t *code = WEFT_NEW(arena, uint8_t, p->region_bytes[0]);
  for (uint32_t k = 0; k < p->n_insns; k++)
    weft_insn_store(&p->insns[k], code + (size_t)k * WEFT_INSN_BYTES);
  if (p->constants.size != 0)
    memcpy(code + p->constants_offset, p->constants.data, p->constants.size);
  for (int k = 0; k < 4; k++) {
    run.base[k] = at[k];
    run.size[k] = p->region_bytes[k];
  }
  uint32_t *work = WEFT_NEW(arena, uint32_t, (p->region_bytes[0] + p->region_bytes[2]) / WEFT_DEV_CHUNK + 2);
  int e = weft_dev_load(&c->device, run.base[0], code, p->region_bytes[0], work);
  if (e == WEFT_DEV_OK)
    e = weft_dev_load(&c->device, run.base[2], input, p->region_bytes[2], work);
  if (e == WEFT_DEV_OK)
    e = weft_dev_test_program(&c->device, &run, run.base[3], expected, p->outputs[0].n_bytes, buf,
                              c->limits.run_ms < TEST_MS ? c->limits.run_ms : TEST_MS,
                              kind == WEFT_TEST_DMA ? WEFT_DEV_DMA : WEFT_DEV_ARRAY);
  return e == WEFT_DEV_OK ? WEFT_OK : weft_connection_fail(d, c, kind == WEFT_TEST_DMA ? "DMA test" : "array test", e);
}
