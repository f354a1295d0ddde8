/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled programs in random orders that their semaphores allow give the bytes
 * of program order: scratchpad, arena and outputs. WEFT_RANDOM=N: networks for
 * each machine; WEFT_MODELS=DIR: real ones too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile.h"
#include "sim/model/model.h"
#include "tests/common/random_layer.h"

enum { ORDERS = 8 };

typedef struct memories { uint8_t *bytes[5]; size_t n_bytes[5]; } memories;   /* 4: scratchpad */

static void fill(uint8_t *bytes, size_t n, uint64_t seed) {
  weft_rng r = {seed};
  for (size_t k = 0; k < n; k++)
    bytes[k] = weft_rng_byte(&r);
}

/* order 0: program order. The host operators between are left out alike. */
static weft_status run(weft_arena *a, const weft_program *p, const weft_config *c, uint64_t order, memories *out) {
  weft_backend_options o = {.poison = true, .poison_seed = 3};
  void *self;
  for (int k = 0; k < 4; k++) {
    out->n_bytes[k] = p->region_bytes[k];
    out->bytes[k] = WEFT_NEW(a, uint8_t, p->region_bytes[k]);
    fill(out->bytes[k], out->n_bytes[k], (uint64_t)k);
  }
  if (p->constants.size != 0)
    memcpy(out->bytes[0] + p->constants_offset, p->constants.data, p->constants.size);
  assert_int_equal(weft_backend_model.open(a, NULL, c, &o, &self), WEFT_OK);
  if (order != 0)
    weft_model_shuffle(self, order);
  out->bytes[4] = weft_model_scratchpad(self, &out->n_bytes[4]);
  for (uint32_t k = 0; k < p->n_segments; k++)
    if (p->segments[k].kind == WEFT_SEG_ACCEL)
      WEFT_TRY(weft_backend_model.run(self, NULL, p, k, out->bytes, NULL, NULL, NULL));
  return WEFT_OK;
}

/* Orders that differ from program order, or do not end. */
static int count_different(weft_arena *a, const weft_program *p, const weft_config *c, int orders) {
  memories want, got;
  int n = 0;
  assert_int_equal(run(a, p, c, 0, &want), WEFT_OK);
  for (int k = 1; k <= orders; k++) {
    bool same = run(a, p, c, (uint64_t)k * 1000, &got) == WEFT_OK;
    for (int i = 1; same && i < 5; i++)
      same = memcmp(want.bytes[i], got.bytes[i], want.n_bytes[i]) == 0;
    n += !same;
  }
  return n;
}

static weft_config *machine(weft_arena *a, const char *name) {
  weft_config *c = NULL;
  assert_int_equal(weft_config_load(a, NULL, name, NULL, 0, &c), WEFT_OK);
  return c;
}

static uint64_t n_networks(uint64_t usual) {
  const char *env = getenv("WEFT_RANDOM");
  return env != NULL ? strtoull(env, NULL, 10) : usual;
}

static void orders_are_equal(const char *name) {
  int n_run = 0;
  for (uint64_t seed = 1; seed <= n_networks(60); seed++) {
    weft_arena *a = weft_arena_new();
    const weft_config *c = machine(a, name);
    const char *text;
    weft_program *p = NULL;
    weft_graph *g = random_layer_graph(a, seed, c, 100000, &text);
    if (weft_compile(a, NULL, g, c, NULL, &p) == WEFT_OK) {
      int different = count_different(a, p, c, ORDERS);
      if (different != 0)
        fail_msg("%s, seed %u (%s): %d of %d orders differ", name, (unsigned)seed, text, different, ORDERS);
      n_run++;
    }
    weft_arena_free(&a);
  }
  assert_true(n_run > 0);
}

static void orders_on_base(void **state) {
  (void)state;
  orders_are_equal("base");
}

static void orders_on_stress(void **state) {
  (void)state;
  orders_are_equal("stress");
}

/* Drops the waits of a queue, and the signals that they take. */
static weft_program *without_waits(weft_arena *a, const weft_program *p, weft_queue queue) {
  weft_program *q = weft_arena_copy(a, p, sizeof *p);
  weft_insn *insns = weft_arena_copy(a, p->insns, p->n_insns * sizeof *insns);
  bool dropped[8] = {false};
  for (uint32_t k = 0; k < p->n_insns; k++)
    if (weft_insn_queue(&insns[k]) == queue && weft_insn_get(&insns[k], WEFT_H_WAIT_N) != 0) {
      dropped[weft_insn_get(&insns[k], WEFT_H_WAIT_ID)] = true;
      weft_insn_set(&insns[k], WEFT_H_WAIT_N, 0);
    }
  for (uint32_t k = 0; k < p->n_insns; k++)
    if (dropped[weft_insn_get(&insns[k], WEFT_H_SIG_ID)])
      weft_insn_set(&insns[k], WEFT_H_SIG_N, 0);
  q->insns = insns;
  return q;
}

static void lost_waits_are_seen(void **state) {
  static const weft_queue queues[] = {WEFT_Q_LD, WEFT_Q_EX, WEFT_Q_ST};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    int different = 0;
    for (uint64_t seed = 1; seed <= 40 && different == 0; seed++) {
      weft_arena *a = weft_arena_new();
      const weft_config *c = machine(a, "stress");
      const char *text;
      weft_program *p = NULL;
      weft_graph *g = random_layer_graph(a, seed, c, 100000, &text);
      if (weft_compile(a, NULL, g, c, NULL, &p) == WEFT_OK)
        different += count_different(a, without_waits(a, p, queues[i]), c, ORDERS);
      weft_arena_free(&a);
    }
    if (different == 0)
      fail_msg("queue %d without waits: no difference", (int)queues[i]);
  }
}

static void real_networks(void **state) {
  static const char *const files[] = {"mlperf_tiny/kws01_dscnn_int8.tflite", "mlperf_tiny/ic01_resnet8_int8.tflite",
                                      "mlperf_tiny/vww01_mobilenetv1_025_int8.tflite",
                                      "mlperf_tiny/ad01_fcae_int8.tflite", "tflm/person_detect_int8.tflite",
                                      "tflm/micro_speech_int8.tflite"};
  static const char *const machines[] = {"base", "tiny", "wide", "large"};
  const char *models = getenv("WEFT_MODELS");
  (void)state;
  if (models == NULL)
    skip();
  for (size_t k = 0; k < 24; k++) {
    weft_arena *a = weft_arena_new();
    const weft_config *c = machine(a, machines[k / 6]);
    const char *path = weft_arena_printf(a, "%s/models/%s", models, files[k % 6]);
    weft_graph *g = NULL;
    weft_program *p = NULL;
    weft_span bytes;
    assert_int_equal(weft_file_read(a, NULL, path, 1 << 24, &bytes), WEFT_OK);
    assert_int_equal(weft_graph_read(a, NULL, path, bytes, &g), WEFT_OK);
    assert_int_equal(weft_compile(a, NULL, g, c, NULL, &p), WEFT_OK);
    if (count_different(a, p, c, 6) != 0)
      fail_msg("%s on %s: an order differs", path, c->name);
    weft_arena_free(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(orders_on_base),
    cmocka_unit_test(orders_on_stress),
    cmocka_unit_test(lost_waits_are_seen),
    cmocka_unit_test(real_networks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
