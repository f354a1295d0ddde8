/* SPDX-License-Identifier: Apache-2.0 */
/* bench_train: samples a CPU second of training the teacher CNN (28x28x1; Conv 32, 64,
 * 64 of 3x3 relu, MaxPool after the first two, Dense 64, Dense 10), one thread, batch 64,
 * Adam, on noise; one JSON object of plain training and of fake quantization. */
#include <stdio.h>
#include <time.h>

#include "../unit/optimize/net_maker.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, N = 6400 };

static opt_net *teacher(weft_arena *arena) {
  opt_net *net = nm_new(arena, SIDE, SIDE, 1);
  int v = nm_conv(net, 0, 32, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  v = nm_pool(net, OPT_MAX_POOL, v, 2, 2, WEFT_PAD_VALID);
  v = nm_conv(net, v, 64, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  v = nm_pool(net, OPT_MAX_POOL, v, 2, 2, WEFT_PAD_VALID);
  v = nm_conv(net, v, 64, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  v = nm_dense(net, nm_flatten(net, v), 64, WEFT_ACT_RELU);
  nm_end(net, nm_unary(net, OPT_SOFTMAX, nm_dense(net, v, 10, WEFT_ACT_NONE)));
  return net;
}

static opt_data *noise(weft_arena *arena) {
  uint8_t *x = WEFT_NEW(arena, uint8_t, (size_t)N * PIXELS);
  int32_t *label = WEFT_NEW(arena, int32_t, N);
  weft_rng r = {1};
  for (size_t i = 0; i < (size_t)N * PIXELS; i++)
    x[i] = weft_rng_byte(&r);
  for (size_t i = 0; i < N; i++)
    label[i] = (int32_t)weft_rng_range(&r, 0, 9);
  opt_data *d = WEFT_NEW(arena, opt_data, 1);
  *d = (opt_data){.arena = arena, .path = "noise", .rank = 3, .shape = {SIDE, SIDE, 1},
                  .n_elems = PIXELS, .type = WEFT_UINT8, .scale = {1.0f / 255}, .n_scales = 1,
                  .metric = OPT_TOP1, .n_classes = 10};
  d->splits[OPT_TRAIN] = (opt_samples){N, x, label};
  return d;
}

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double samples_a_second(weft_arena *arena, bool quantize) {
  opt_train_options o = opt_train_default();
  opt_net *net = teacher(arena);
  const opt_data *data = noise(arena);
  o.batch = 64;
  o.reinitialize = true;
  o.quantize = quantize;
  const double start = cpu_seconds();
  if (opt_train(arena, NULL, net, data, &o, NULL, NULL) != WEFT_OK)
    return 0;
  return N / (cpu_seconds() - start);
}

int main(void) {
  weft_arena *arena = weft_arena_new();
  const double plain = samples_a_second(arena, false);
  printf("{\"plain\": %.0f, \"quantize\": %.0f}\n", plain, samples_a_second(arena, true));
  weft_arena_free(&arena);
  return plain > 0 ? 0 : 1;
}
