/* SPDX-License-Identifier: Apache-2.0 */
/* Dead channels leave and the output stays; channels are cut to a share of the MACs
 * through ADD, CONCAT, DEPTHWISE, pools and flattening. */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/optimize/channels.h"
#include "compiler/optimize/compress.h"
#include "compiler/optimize/optimize.h"
#include "compiler/optimize/tflite_write.h"
#include "net_maker.h"
#include "opt_nets.h"
#include "fixture.h"

/* 8x8x3; residual over a depthwise pair, two branches joined, pooled, flattened. */
static opt_net *branching(fixture *f) {
  opt_net *net = nm_new(f->arena, 8, 8, 3);
  const int a = nm_conv(net, 0, 16, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);       /* layer 0 */
  const int b = nm_depthwise(net, a, 1, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);      /* 1 */
  const int c = nm_conv(net, b, 16, 1, 1, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);       /* 2 */
  const int e = nm_join(net, OPT_ADD, a, c, WEFT_ACT_RELU);                          /* 3 */
  const int g = nm_conv(net, e, 8, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);       /* 4 */
  const int h = nm_conv(net, e, 12, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU6);     /* 5 */
  const int i = nm_join(net, OPT_CONCAT, g, h, WEFT_ACT_NONE);                       /* 6 */
  const int k = nm_pool(net, OPT_MAX_POOL, i, 2, 2, WEFT_PAD_VALID);                 /* 7 */
  const int m = nm_flatten(net, k);                                                  /* 8 */
  const int n = nm_dense(net, m, 24, WEFT_ACT_RELU);                                 /* 9 */
  nm_end(net, nm_dense(net, n, 5, WEFT_ACT_NONE));                                   /* 10 */
  return net;
}

static void zero_filter(opt_net *net, int layer, size_t o, float bias) {
  opt_weights *w = net->layers[layer].weights;
  for (size_t i = 0; i < w->n_elems; i++)
    if (opt_channel(w, i) == o)
      w->w[i] = 0;
  w->bias[o] = bias;
}

/* Layer 9 reads the 20 channels of 3x3 pixels, flattened. */
static void zero_column(opt_net *net, int layer, size_t channel) {
  opt_weights *w = net->layers[layer].weights;
  const size_t n = layer == 9 ? 20 : (size_t)w->shape[w->rank - 1];
  for (size_t i = 0; i < w->n_elems; i++)
    if (i % n == channel)
      w->w[i] = 0;
}

static float *outputs(fixture *f, const opt_net *net, const float *x, size_t n) {
  float *y = WEFT_NEW(f->arena, float, n * net->values[net->outputs[0]].n_elems);
  assert_int_equal(opt_forward(f->d, net, x, n, y, NULL, NULL), WEFT_OK);
  return y;
}

/* Greatest difference of the outputs on n samples. */
static float distance(fixture *f, const opt_net *a, const opt_net *b, size_t n) {
  const float *x = opt_test_samples(f->arena, 5, n * a->values[a->inputs[0]].n_elems);
  const float *p = outputs(f, a, x, n);
  const float *q = outputs(f, b, x, n);
  float most = 0;
  for (size_t i = 0; i < n * a->values[a->outputs[0]].n_elems; i++)
    most = fabsf(p[i] - q[i]) > most ? fabsf(p[i] - q[i]) : most;
  return most;
}

static size_t remove_dead(fixture *f, opt_net *net) {
  size_t n = 99;
  if (opt_remove_dead(f->d, net, &n) != WEFT_OK) {
    opt_test_issues(f->d);
    fail();
  }
  return n;
}

static void nothing_dead_nothing_removed(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  assert_int_equal(remove_dead(f, net), 0);
  assert_int_equal(net->layers[0].weights->n_out, 16);
}

static void zero_channels_leave_exactly(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  zero_filter(net, 4, 2, -1);                  /* relu(-1) = 0, in a branch of CONCAT */
  zero_filter(net, 4, 7, 0);
  zero_filter(net, 9, 3, -0.5f);
  const opt_net *before = opt_clone(f->arena, net);
  assert_int_equal(remove_dead(f, net), 3);
  assert_int_equal(net->layers[4].weights->n_out, 6);
  assert_int_equal(net->values[net->layers[6].output].shape[3], 18);
  assert_int_equal(net->layers[9].weights->shape[0], 23);
  assert_int_equal(net->layers[9].weights->shape[1], 3 * 3 * 18);
  assert_int_equal(net->layers[10].weights->shape[1], 23);
  assert_true(distance(f, before, net, 6) == 0);
  assert_int_equal(remove_dead(f, net), 0);
}

static void coupled_channels_leave_together(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  zero_filter(net, 0, 5, -1);                  /* one side of ADD only: stays */
  assert_int_equal(remove_dead(f, net), 0);
  zero_filter(net, 2, 5, -1);                  /* both: the unit goes with its depthwise */
  zero_filter(net, 1, 5, 0);
  const opt_net *before = opt_clone(f->arena, net);
  assert_int_equal(remove_dead(f, net), 1);
  assert_int_equal(net->layers[0].weights->n_out, 15);
  assert_int_equal(net->layers[1].weights->shape[3], 15);
  assert_int_equal(net->layers[2].weights->shape[3], 15);
  assert_int_equal(net->layers[2].weights->n_out, 15);
  assert_int_equal(net->layers[5].weights->shape[3], 15);
  assert_true(distance(f, before, net, 6) == 0);
}

static void constants_are_folded_where_nothing_is_padded(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  zero_filter(net, 4, 0, 0.75f);               /* relu(0.75) into the dense layer's bias */
  zero_filter(net, 5, 1, 9);                   /* relu6(9) = 6 */
  zero_filter(net, 9, 0, 2);
  const opt_net *before = opt_clone(f->arena, net);
  assert_int_equal(remove_dead(f, net), 3);
  const float gap = distance(f, before, net, 6);
  assert_true(gap < 2e-5f);
  assert_true(net->layers[10].weights->bias[0] != before->layers[10].weights->bias[0]);
  net = branching(f);
  zero_filter(net, 0, 4, 0.5f);                /* 0.5, then padded with 0: not constant */
  zero_filter(net, 2, 4, 0.5f);
  assert_int_equal(remove_dead(f, net), 0);
  /* A constant of both sides of ADD, read by VALID convolutions, made of padded ones
   * whose weights are zero. */
  zero_filter(net, 1, 4, 0.25f);
  for (size_t o = 0; o < 16; o++)
    net->layers[2].weights->w[o * 16 + 4] = 0;
  before = opt_clone(f->arena, net);
  assert_int_equal(remove_dead(f, net), 1);
  assert_true(distance(f, before, net, 6) < 2e-5f);
}

static void unread_channels_leave_exactly(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  zero_column(net, 9, 3);                      /* channel 3 of CONCAT: filter 3 of layer 4 */
  zero_column(net, 10, 20);
  zero_column(net, 10, 21);
  const opt_net *before = opt_clone(f->arena, net);
  assert_int_equal(remove_dead(f, net), 3);
  assert_int_equal(net->layers[4].weights->n_out, 7);
  assert_int_equal(net->layers[9].weights->n_out, 22);
  assert_true(distance(f, before, net, 6) == 0);
}

static void borders_make_constants_vary(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 6, 6, 2);
  const int a = nm_conv(net, 0, 4, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_conv(net, a, 3, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  const int c = nm_flatten(net, b);
  nm_end(net, nm_dense(net, c, 2, WEFT_ACT_NONE));
  zero_filter(net, 0, 1, 0.5f);
  for (size_t i = 0; i < 36; i++)              /* filter 0 of b reads channel 1 alone */
    net->layers[1].weights->w[i] = i % 4 == 1 ? net->layers[1].weights->w[i] : 0;
  const opt_net *before = opt_clone(f->arena, net);
  assert_int_equal(remove_dead(f, net), 0);
  assert_true(distance(f, before, net, 4) == 0);
}

static void depthwise_multipliers_take_their_channels_along(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 6, 6, 2);
  const int a = nm_conv(net, 0, 4, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_depthwise(net, a, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  const int c = nm_unary(net, OPT_MEAN, b);
  nm_end(net, nm_dense(net, c, 2, WEFT_ACT_NONE));
  zero_filter(net, 0, 1, -1);
  const opt_net *before = opt_clone(f->arena, net);
  assert_int_equal(remove_dead(f, net), 1);
  assert_int_equal(net->layers[1].weights->shape[3], 9);
  assert_int_equal(net->layers[3].weights->shape[1], 9);
  assert_memory_equal(net->layers[1].weights->bias + 3, before->layers[1].weights->bias + 6, 6 * sizeof(float));
  assert_true(distance(f, before, net, 4) < 1e-6f);
}

static void one_channel_always_stays(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  for (size_t o = 0; o < 24; o++)
    zero_filter(net, 9, o, -1);
  const opt_net *before = opt_clone(f->arena, net);
  assert_true(remove_dead(f, net) >= 23);
  assert_int_equal(net->layers[9].weights->n_out, 1);
  assert_true(distance(f, before, net, 2) == 0);
}

static void masks_and_clusters_are_cut_too(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  const char *dense = NULL;
  const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
  const opt_cluster c = {.n_clusters = 4, .per_channel = true, .preserve_sparsity = true};
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].weights) {
      assert_int_equal(opt_prune_layer(f->arena, f->d, &net->layers[i], &p, 0.5, &dense), WEFT_OK);
      assert_int_equal(opt_cluster_layer(f->arena, f->d, &net->layers[i], &c), WEFT_OK);
    }
  const opt_structured half = {.macs = 0.5, .multiple = 1};
  assert_int_equal(opt_prune_channels(f->d, net, &half), WEFT_OK);
  assert_int_equal(opt_check_kept(f->d, net), WEFT_OK);
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].weights) {
      opt_weights *w = net->layers[i].weights;
      const float *now = weft_arena_copy(f->arena, w->w, w->n_elems * sizeof *w->w);
      opt_cluster_apply(w);
      assert_memory_equal(now, w->w, w->n_elems * sizeof *w->w);
    }
}

/* 2:4 groups would shift: their inputs stay. */
static void groups_of_input_channels_are_not_cut(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  const char *dense = NULL;
  const opt_prune p = {.pattern = OPT_M_OF_N, .m = 2, .n = 4};
  assert_int_equal(opt_prune_layer(f->arena, f->d, &net->layers[10], &p, 0, &dense), WEFT_OK);
  zero_filter(net, 9, 0, -1);
  assert_int_equal(remove_dead(f, net), 0);
  const opt_structured half = {.macs = 0.5, .multiple = 1};
  assert_int_equal(opt_prune_channels(f->d, net, &half), WEFT_OK);
  assert_int_equal(net->layers[9].weights->n_out, 24);
  assert_int_equal(opt_check_kept(f->d, net), WEFT_OK);
}

/* Half of each group is not read at all: the cut must find exactly those. */
static void the_least_important_half_goes(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  for (size_t c = 0; c < 16; c += 2) {
    zero_column(net, 4, c);
    zero_column(net, 5, c);
    zero_filter(net, 1, c, 0);
    zero_column(net, 2, c);
  }
  for (size_t c = 0; c < 20; c += 2)
    zero_column(net, 9, c);
  for (size_t c = 0; c < 24; c += 2)
    zero_column(net, 10, c);
  const opt_net *before = opt_clone(f->arena, net);
  const uint64_t macs = 64 * 27 * 8 + 64 * 9 * 8 + 64 * 8 * 8 + 36 * 72 * (4 + 6) + 90 * 12 + 60;
  const opt_structured o = {.macs = ((double)macs + 0.5) / (double)opt_macs(net), .multiple = 1};
  assert_int_equal(opt_prune_channels(f->d, net, &o), WEFT_OK);
  assert_int_equal(opt_macs(net), macs);
  assert_int_equal(net->layers[0].weights->n_out, 8);
  assert_int_equal(net->layers[9].weights->shape[1], 90);
  assert_true(distance(f, before, net, 6) == 0);
}

static void counts_are_rounded_and_budgets_met(void **state) {
  fixture *f = *state;
  for (int multiple = 1; multiple <= 4; multiple *= 2)
    for (double share = 0.9; share > 0.25; share -= 0.1) {
      opt_net *net = branching(f);
      const double before = (double)opt_macs(net);
      const opt_structured o = {.macs = share, .multiple = multiple};
      assert_int_equal(opt_prune_channels(f->d, net, &o), WEFT_OK);
      const double after = (double)opt_macs(net) / before;
      assert_true(after <= share && after > share - 0.13 * multiple);
      for (int i = 0; i < 10; i++)
        if (net->layers[i].weights)
          assert_int_equal(net->layers[i].weights->n_out % (size_t)multiple, 0);
      assert_int_equal(net->layers[10].weights->n_out, 5);
      outputs(f, net, opt_test_samples(f->arena, 1, 192), 1);
    }
  opt_net *net = branching(f);
  const opt_structured none = {.macs = 0.01, .multiple = 8};
  assert_int_equal(opt_prune_channels(f->d, net, &none), WEFT_E_CONFIG);
  assert_non_null(strstr(weft_diag_at(f->d, 0)->allowed, "at least 0."));
  assert_int_equal(net->layers[0].weights->n_out, 16);
  const opt_structured wrong = {.macs = 1.5, .multiple = 1};
  assert_int_equal(opt_prune_channels(f->d, net, &wrong), WEFT_E_CONFIG);
}

/* 60-20-40-5: a first neuron is 60 + n2 MACs, a second one n1 + 5. */
static void what_rounding_leaves_is_given_back(void **state) {
  fixture *f = *state;
  for (double share = 0.95; share > 0.1; share -= 0.01) {
    opt_net *net = nm_new(f->arena, 0, 0, 60);
    const int a = nm_dense(net, 0, 20, WEFT_ACT_RELU);
    const int b = nm_dense(net, a, 40, WEFT_ACT_RELU);
    nm_end(net, nm_dense(net, b, 5, WEFT_ACT_NONE));
    const double budget = share * (double)opt_macs(net);
    const opt_structured o = {.macs = share, .multiple = 1};
    assert_int_equal(opt_prune_channels(f->d, net, &o), WEFT_OK);
    const double n1 = (double)net->layers[0].weights->n_out;
    const double n2 = (double)net->layers[1].weights->n_out;
    const double now = (double)opt_macs(net);
    assert_true(now <= budget);
    assert_true(n1 == 20 || now + 60 + n2 > budget);
    assert_true(n2 == 40 || now + n1 + 5 > budget);
  }
}

/* Channels that always say the same (their weights are 0) go first; with samples their
 * readers go on hearing it. */
static void means_go_to_the_readers(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 6, 6, 2);
  const int a = nm_conv(net, 0, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_conv(net, a, 8, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_RELU);
  const int c = nm_flatten(net, b);
  nm_end(net, nm_dense(net, c, 4, WEFT_ACT_NONE));
  for (size_t o = 0; o < 8; o += 2) {
    zero_filter(net, 0, o, 0.25f * (float)(o + 1));
    zero_filter(net, 1, o, 0.5f);
  }
  const uint64_t macs = 36 * 18 * 4 + 16 * 36 * 4 + 64 * 4;
  opt_data data = {.path = "data", .rank = 3, .shape = {6, 6, 2}, .n_elems = 72, .type = WEFT_FLOAT32,
                   .scale = {1}, .n_scales = 1};
  data.splits[OPT_CALIB] = (opt_samples){5, opt_test_samples(f->arena, 9, 5 * 72), NULL};
  opt_structured o = {.macs = ((double)macs + 0.5) / (double)opt_macs(net), .multiple = 1};
  for (int k = 0; k < 3; k++) {
    opt_net *cut = opt_clone(f->arena, net);
    o.data = k ? &data : NULL;
    data.n_elems = k == 2 ? 71 : 72;
    assert_int_equal(opt_prune_channels(f->d, cut, &o), k == 2 ? WEFT_E_INPUT : WEFT_OK);
    if (k < 2) {
      assert_int_equal(opt_macs(cut), macs);
      assert_int_equal(distance(f, net, cut, 4) < 1e-5f, k == 1);
    }
  }
}

/* A residual sum has its channels in more layers than what lies between. */
static void residual_channels_outlast_inner_ones(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 8, 8, 3);
  const int a = nm_conv(net, 0, 16, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_conv(net, a, 16, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int c = nm_conv(net, b, 16, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  const int e = nm_join(net, OPT_ADD, a, c, WEFT_ACT_RELU);
  nm_end(net, nm_conv(net, e, 4, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE));
  const opt_structured half = {.macs = 0.5, .multiple = 1};
  assert_int_equal(opt_prune_channels(f->d, net, &half), WEFT_OK);
  assert_int_equal(net->layers[0].weights->n_out, net->layers[2].weights->n_out);
  assert_true(net->layers[1].weights->n_out < net->layers[0].weights->n_out);
}

static opt_net *real(fixture *f, const char *name) {
  opt_net *net = NULL;
  const char *path = weft_arena_printf(f->arena, "%s/models/%s", getenv("WEFT_MODELS"), name);
  if (opt_test_import(f->arena, f->d, path, &net) != WEFT_OK) {
    opt_test_issues(f->d);
    fail();
  }
  return net;
}

/* Pruned files of others, and the teacher pruned as TFMOT would: 90 % a layer kills
 * filters of the first one (tfmot.md 8.5). */
static void real_pruned_networks_keep_their_output(void **state) {
  fixture *f = *state;
  if (!getenv("WEFT_MODELS"))
    skip();
  static const char *const names[] = {"walkthrough/mlp_mnist_pruned90_float.tflite",
                                      "walkthrough/mlp_fashion_mnist_pruned90_float.tflite",
                                      "walkthrough/teacher_mnist_float.tflite",
                                      "walkthrough/cnn_mnist_float.tflite",
                                      "mlperf_tiny/ic01_resnet8_float.tflite",
                                      "mlperf_tiny/kws01_dscnn_float.tflite"};
  opt_data *mnist = NULL;
  assert_int_equal(opt_data_open(f->arena, f->d, "tests/optimize/data/mnist.yaml", &mnist), WEFT_OK);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    opt_net *net = real(f, names[i]);
    const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
    const char *dense = NULL;
    for (int k = 0; i >= 2 && k < net->n_layers; k++)
      if (net->layers[k].weights)
        assert_int_equal(opt_prune_layer(f->arena, f->d, &net->layers[k], &p, i < 4 ? 0.9 : 0.95, &dense), WEFT_OK);
    const opt_net *before = opt_clone(f->arena, net);
    const size_t n = remove_dead(f, net);
    const size_t n_in = net->values[net->inputs[0]].n_elems;
    const float *x = opt_test_samples(f->arena, 3, 20 * n_in);
    float *images = WEFT_NEW(f->arena, float, 20 * n_in);
    for (size_t k = 0; n_in == 784 && k < 20; k++)
      opt_data_get(mnist, OPT_TEST, k, images + k * n_in);
    const float *in = n_in == 784 ? images : x;
    const float *a = outputs(f, before, in, 20);
    const float *b = outputs(f, net, in, 20);
    float gap = 0;
    float most = 0;
    for (size_t k = 0; k < 20 * net->values[net->outputs[0]].n_elems; k++) {
      gap = fabsf(a[k] - b[k]) > gap ? fabsf(a[k] - b[k]) : gap;
      most = fabsf(a[k]) > most ? fabsf(a[k]) : most;
    }
    print_message("%s: %zu of its channels are dead, MACs %llu -> %llu, output moves by %g of %g\n",
                  names[i], n, (unsigned long long)opt_macs(before), (unsigned long long)opt_macs(net),
                  (double)gap, (double)most);
    assert_true(gap <= 2e-6f * most);
    assert_true(n > 0 || i == 5);
  }
}

static void real_networks_are_cut_in_half(void **state) {
  fixture *f = *state;
  if (!getenv("WEFT_MODELS"))
    skip();
  static const char *const names[] = {"mlperf_tiny/ic01_resnet8_float.tflite", "mlperf_tiny/kws01_dscnn_float.tflite",
                                      "mlperf_tiny/vww01_mobilenetv1_025_float.tflite",
                                      "mlperf_tiny/ad01_fcae_float.tflite",
                                      "walkthrough/teacher_mnist_float.tflite",
                                      "walkthrough/qdnet_quickdraw_cats_rainbows_float.tflite"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    opt_net *net = real(f, names[i]);
    const double before = (double)opt_macs(net);
    const opt_structured o = {.macs = 0.5, .multiple = 8};
    assert_int_equal(opt_prune_channels(f->d, net, &o), WEFT_OK);
    const double share = (double)opt_macs(net) / before;
    print_message("%s: %.4f of the MACs\n", names[i], share);
    assert_true(share <= 0.5 && share > 0.4);
    outputs(f, net, opt_test_samples(f->arena, 3, net->values[net->inputs[0]].n_elems), 1);
  }
}

/* The integer file of a network cut to a fifth, with ADD and CONCAT on the machine model. */
static void a_cut_network_runs(void **state) {
  fixture *f = *state;
  opt_net *net = branching(f);
  opt_data *data = nm_data(f->arena, (const int32_t[]){8, 8, 3}, 5, 32, 8);
  data->splits[OPT_CALIB] = data->splits[OPT_TRAIN];
  const opt_structured half = {.macs = 0.2, .multiple = 2, .data = data};
  const opt_ptq_options ptq = opt_ptq_default();
  weft_config *config = NULL;
  weft_span file;
  opt_row row = {0};
  assert_int_equal(weft_config_load(f->arena, f->d, "base", NULL, 0, &config), WEFT_OK);
  assert_int_equal(opt_prune_channels(f->d, net, &half), WEFT_OK);
  const int joined = net->values[net->layers[6].output].shape[3];
  assert_true(joined < 20 && joined == (int)(net->layers[4].weights->n_out + net->layers[5].weights->n_out));
  assert_int_equal(opt_calibrate(f->d, net, data, &ptq, NULL), WEFT_OK);
  assert_int_equal(opt_quantize(f->d, net, &ptq), WEFT_OK);
  assert_int_equal(opt_write(f->arena, f->d, net, &file), WEFT_OK);
  const opt_job job = {.model_path = "cut", .config = config, .backend = "model", .n_verify = 3};
  assert_int_equal(opt_measure_file(f->arena, f->d, &job, file, &row), WEFT_OK);
  assert_string_equal(row.runs, "model, 3 inputs equal");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
    T(nothing_dead_nothing_removed), T(zero_channels_leave_exactly),
    T(coupled_channels_leave_together), T(constants_are_folded_where_nothing_is_padded),
    T(unread_channels_leave_exactly), T(borders_make_constants_vary), T(depthwise_multipliers_take_their_channels_along),
    T(one_channel_always_stays),
    T(masks_and_clusters_are_cut_too), T(groups_of_input_channels_are_not_cut),
    T(the_least_important_half_goes), T(counts_are_rounded_and_budgets_met),
    T(what_rounding_leaves_is_given_back), T(residual_channels_outlast_inner_ones), T(means_go_to_the_readers),
    T(a_cut_network_runs),
    T(real_pruned_networks_keep_their_output), T(real_networks_are_cut_in_half)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
