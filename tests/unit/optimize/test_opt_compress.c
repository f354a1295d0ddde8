/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules, masks, clusters, facts: small cases by hand, rules on random weights. */
#include "compiler/optimize/compress.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

static opt_layer *layer(fixture *f, opt_kind kind, int rank, const int32_t *shape) {
  opt_layer *l = WEFT_NEW(f->arena, opt_layer, 1);
  opt_weights *w = WEFT_NEW(f->arena, opt_weights, 1);
  l->kind = kind;
  l->name = "layer";
  l->weights = w;
  w->rank = rank;
  w->n_elems = 1;
  for (int i = 0; i < rank; i++) {
    w->shape[i] = shape[i];
    w->n_elems *= (size_t)shape[i];
  }
  w->channel_axis = kind == OPT_DEPTHWISE ? 3 : 0;
  w->n_out = (size_t)shape[w->channel_axis];
  w->w = WEFT_NEW(f->arena, float, w->n_elems);
  w->bias = WEFT_NEW(f->arena, float, w->n_out);
  w->bits = 8;
  return l;
}

static opt_layer *dense(fixture *f, int32_t out, int32_t in) {
  const int32_t shape[2] = {out, in};
  return layer(f, OPT_DENSE, 2, shape);
}

static void fill_random(opt_layer *l, uint64_t seed) {
  weft_rng r = {seed};
  for (size_t i = 0; i < l->weights->n_elems; i++)
    l->weights->w[i] = (float)weft_rng_range(&r, -1000000, 1000000) / 1e6f;
}

static void set(opt_layer *l, const float *v) {
  memcpy(l->weights->w, v, l->weights->n_elems * sizeof *v);
}

static void is_mask(const opt_layer *l, const char *bits) {
  for (size_t i = 0; i < l->weights->n_elems; i++)
    if (l->weights->mask[i] != bits[i] - '0')
      fail_msg("mask[%zu] is %d, wanted %s", i, l->weights->mask[i], bits);
}

static void prune(fixture *f, opt_layer *l, opt_prune p, double sparsity) {
  const char *why = "unset";
  assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, sparsity, &why), WEFT_OK);
  assert_null(why);
}

static void constant_schedule(void **state) {
  (void)state;
  opt_schedule s = opt_schedule_default(OPT_CONSTANT_SPARSITY);
  s.final = 0.8;
  s.begin = 50;
  assert_true(opt_schedule_at(&s, 49) == -1);
  assert_true(opt_schedule_at(&s, 50) == 0.8);
  assert_true(opt_schedule_at(&s, 51) == -1);
  assert_true(opt_schedule_at(&s, 150) == 0.8);
  assert_true(opt_schedule_at(&s, 100050) == 0.8);
  s.end = 149;
  assert_true(opt_schedule_at(&s, 149) == -1);
  assert_true(opt_schedule_at(&s, 150) == -1);
}

/* (initial - final) * (1 - (step - begin) / (end - begin))^3 + final */
static void polynomial_schedule(void **state) {
  (void)state;
  opt_schedule s = opt_schedule_default(OPT_POLYNOMIAL_DECAY);
  assert_true(s.power == 3 && s.frequency == 100);
  s.initial = 0.5;
  s.final = 0.9;
  s.end = 844;
  assert_true(opt_schedule_at(&s, 0) == 0.5);
  assert_true(opt_schedule_at(&s, 844) == 0.9);
  assert_true(opt_schedule_at(&s, 843) == -1);
  assert_true(opt_schedule_at(&s, 845) == -1);
  assert_true(fabs(opt_schedule_at(&s, 400) - (0.9 - 0.4 * pow(444.0 / 844, 3))) < 1e-15);
  double before = 0;
  for (int64_t step = 0; step <= 844; step++) {
    const double v = opt_schedule_at(&s, step);
    assert_true(v == -1 || v > before);
    before = v == -1 ? before : v;
  }
}

static void impossible_schedules_are_refused(void **state) {
  fixture *f = *state;
  opt_schedule s = opt_schedule_default(OPT_POLYNOMIAL_DECAY);
  s.initial = 0.5;
  s.final = 0.9;
  s.end = 2000;
  assert_int_equal(opt_schedule_check(f->d, "stage 2", &s, 938), WEFT_E_CONFIG);
  const weft_issue *i = weft_diag_at(f->d, 0);
  /* tfmot.md 4: TFMOT stops there at 83 % without a word */
  assert_string_equal(i->found, "938 steps end at a sparsity of 0.8335");
  assert_non_null(strstr(i->allowed, "2000 steps"));
  assert_int_equal(opt_schedule_check(f->d, "stage 2", &s, 2000), WEFT_OK);
  s = opt_schedule_default(OPT_CONSTANT_SPARSITY);
  assert_int_equal(opt_schedule_check(f->d, "q", &s, 26), WEFT_OK);
  assert_true(opt_schedule_at(&s, 0) == 0.8);      /* TFMOT prunes nothing here */
  s.begin = 27;
  assert_int_equal(opt_schedule_check(f->d, "q", &s, 26), WEFT_E_CONFIG);
  s.begin = 0;
  s.final = 1;
  assert_int_equal(opt_schedule_check(f->d, "q", &s, 26), WEFT_E_CONFIG);
  s.final = 0.5;
  s.frequency = 0;
  assert_int_equal(opt_schedule_check(f->d, "q", &s, 26), WEFT_E_CONFIG);
}

static void unstructured_by_hand(void **state) {
  fixture *f = *state;
  opt_layer *l = dense(f, 2, 4);
  const float v[8] = {0.1f, -0.8f, 0.3f, 0.3f, -0.3f, 0.9f, 0.05f, 0};
  set(l, v);
  prune(f, l, (opt_prune){.pattern = OPT_UNSTRUCTURED}, 0.5);
  is_mask(l, "01110100");                         /* ties: the lower index */
  assert_true(l->weights->w[1] == -0.8f && l->weights->w[4] == 0);
  assert_true(l->weights->keep.zeros);
  const uint8_t *mask = l->weights->mask;
  prune(f, l, (opt_prune){.pattern = OPT_UNSTRUCTURED}, 0.5);
  assert_ptr_equal(mask, l->weights->mask);
  is_mask(l, "01110100");
  set(l, v);
  prune(f, l, (opt_prune){.pattern = OPT_UNSTRUCTURED}, 0.99);
  is_mask(l, "00000100");                         /* at least one stays */
}

/* TFMOT: tf.round(size * (1 - sparsity)), half to even, in float32. */
static void counts_are_tfmots(void **state) {
  fixture *f = *state;
  static const struct { int32_t n; double sparsity; size_t kept; } rows[] = {
    {108, 0.8, 22}, {108, 0.9, 11}, {20280, 0.9, 2028}, {5, 0.5, 2}, {7, 0.5, 4},
    {15, 0.9, 2}, {640, 0.9, 64}, {3, 0.9, 1}, {10, 0, 10}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    opt_layer *l = dense(f, 1, rows[i].n);
    fill_random(l, i);
    prune(f, l, (opt_prune){.pattern = OPT_UNSTRUCTURED}, rows[i].sparsity);
    size_t kept = 0;
    float least = 2;
    float most = 0;
    opt_layer *again = dense(f, 1, rows[i].n);
    fill_random(again, i);
    for (size_t k = 0; k < l->weights->n_elems; k++) {
      const float size = fabsf(again->weights->w[k]);
      kept += l->weights->mask[k];
      least = l->weights->mask[k] && size < least ? size : least;
      most = !l->weights->mask[k] && size > most ? size : most;
    }
    assert_int_equal(kept, rows[i].kept);
    assert_true(least >= most);
  }
}

static void blocks_by_mean_and_by_maximum(void **state) {
  fixture *f = *state;
  const float v[24] = {1, 1, 4, 0, 2, 2,
                       1, 1, 0, 0, 2, 2,
                       0, 0, 3, 3, 0, 0,
                       0, 9, 3, 3, 0, 1};
  opt_layer *l = dense(f, 4, 6);
  set(l, v);
  prune(f, l, (opt_prune){.pattern = OPT_BLOCK, .block_h = 2, .block_w = 2}, 0.5);
  is_mask(l, "000011" "000011" "111100" "111100");
  l = dense(f, 4, 6);
  set(l, v);
  prune(f, l, (opt_prune){.pattern = OPT_BLOCK, .block_h = 2, .block_w = 2, .block_max = true}, 0.5);
  is_mask(l, "001100" "001100" "111100" "111100");
  const float odd[9] = {1, 1, 0,
                        1, 1, 8,
                        0, 0, 3};
  l = dense(f, 3, 3);                             /* blocks at the edges are smaller */
  set(l, odd);
  prune(f, l, (opt_prune){.pattern = OPT_BLOCK, .block_h = 2, .block_w = 2}, 0.5);
  is_mask(l, "001" "001" "001");
}

static void vectors_of_output_channels(void **state) {
  fixture *f = *state;
  const int32_t shape[4] = {1, 1, 2, 4};
  const float v[8] = {5, 5, 1, 1, 0, 1, 2, 2};
  opt_layer *l = layer(f, OPT_DEPTHWISE, 4, shape);
  set(l, v);
  prune(f, l, (opt_prune){.pattern = OPT_VECTOR, .cols = 2}, 0.5);
  is_mask(l, "11000011");
  const float u[8] = {5, 0, 5, 1, 1, 2, 1, 2};    /* 4 outputs, 2 inputs */
  l = dense(f, 4, 2);
  set(l, u);
  prune(f, l, (opt_prune){.pattern = OPT_VECTOR, .cols = 2}, 0.5);
  is_mask(l, "10100101");
}

static void two_of_four_input_channels(void **state) {
  fixture *f = *state;
  const int32_t shape[4] = {1, 1, 2, 6};
  const float v[12] = {1, -4, 3, 2, 7, 8, 0, 0, 0, 5, 1, 1};
  opt_layer *l = layer(f, OPT_CONV, 4, shape);
  set(l, v);
  prune(f, l, (opt_prune){.pattern = OPT_M_OF_N, .m = 2, .n = 4}, 0);
  is_mask(l, "011011" "100111");
  opt_facts facts;
  opt_measure(f->arena, l, &facts);
  assert_true(facts.holds_m_of_n);
  assert_int_equal(facts.n_zeros, 5);
  assert_int_equal(l->weights->keep.m, 2);
  l->weights->w[0] = 1;
  opt_measure(f->arena, l, &facts);
  assert_false(facts.holds_m_of_n);
}

static void layers_that_stay_dense_say_why(void **state) {
  fixture *f = *state;
  const int32_t first[4] = {12, 3, 3, 1};
  const int32_t depthwise[4] = {1, 3, 3, 8};
  opt_layer *l = layer(f, OPT_CONV, 4, first);
  const char *why = NULL;
  opt_prune p = {.pattern = OPT_M_OF_N, .m = 2, .n = 4};
  fill_random(l, 1);
  assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, 0, &why), WEFT_OK);
  assert_string_equal(why, "one input channel");
  assert_null(l->weights->mask);
  l = layer(f, OPT_DEPTHWISE, 4, depthwise);
  assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, 0, &why), WEFT_OK);
  assert_non_null(why);
  l = dense(f, 3, 4);
  p = (opt_prune){.pattern = OPT_VECTOR, .cols = 8};
  assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, 0.5, &why), WEFT_OK);
  assert_non_null(why);
  p = (opt_prune){.pattern = OPT_M_OF_N, .m = 4, .n = 4};
  assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, 0.5, &why), WEFT_E_CONFIG);
  p = (opt_prune){.pattern = OPT_UNSTRUCTURED};
  assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, 1, &why), WEFT_E_CONFIG);
}

static void cluster(fixture *f, opt_layer *l, opt_cluster c) {
  assert_int_equal(opt_cluster_layer(f->arena, f->d, l, &c), WEFT_OK);
}

static void clusters_by_hand(void **state) {
  fixture *f = *state;
  const float v[8] = {0, 1, 2, 10, 11, 12, 100, 102};
  const float want[8] = {1, 1, 1, 11, 11, 11, 101, 101};
  for (int init = OPT_LINEAR; init <= OPT_KMEANS_PP; init++) {
    opt_layer *l = dense(f, 2, 4);
    set(l, v);
    if (init == OPT_LINEAR)        /* 0, 51, 102 end in the optimum too */
      cluster(f, l, (opt_cluster){.n_clusters = 3, .init = OPT_DENSITY});
    else
      cluster(f, l, (opt_cluster){.n_clusters = 3, .init = OPT_KMEANS_PP, .seed = (uint64_t)init});
    assert_memory_equal(l->weights->w, want, sizeof want);
    assert_true(l->weights->centroid[0] == 1 && l->weights->centroid[2] == 101);
    assert_int_equal(l->weights->cluster[3], 1);
  }
  const float w[6] = {0, 1, 4, 6, 9, 10};          /* linear: 0 5 10 */
  const float linear[6] = {0.5f, 0.5f, 5, 5, 9.5f, 9.5f};
  opt_layer *l = dense(f, 1, 6);
  set(l, w);
  cluster(f, l, (opt_cluster){.n_clusters = 3, .init = OPT_LINEAR});
  assert_memory_equal(l->weights->w, linear, sizeof linear);
}

static double error_of(const float *a, const float *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
  return sum;
}

static void clusters_are_stable_and_nearest(void **state) {
  fixture *f = *state;
  for (int init = OPT_LINEAR; init <= OPT_KMEANS_PP; init++)
    for (int part = 0; part < 2; part++) {
      opt_layer *l = dense(f, 10, 200);
      opt_layer *before = dense(f, 10, 200);
      fill_random(l, 77);
      fill_random(before, 77);
      const opt_cluster c = {.n_clusters = 16, .init = (opt_centroids)init,
                             .per_channel = part == 1, .seed = 3};
      cluster(f, l, c);
      const opt_weights *w = l->weights;
      for (size_t i = 0; i < w->n_elems; i++)
        for (size_t j = 0; j < 16; j++) {
          const float *table = w->centroid + (part ? i / 200 * 16 : 0);
          assert_true(fabsf(before->weights->w[i] - w->w[i]) <=
                      fabsf(before->weights->w[i] - table[j]) + 1e-6f);
          assert_true(j == 0 || table[j] >= table[j - 1]);
        }
      opt_facts facts;
      opt_measure(f->arena, l, &facts);
      assert_true((part ? facts.max_distinct_in_channel : facts.n_distinct) <= 16);
      if (part)
        assert_true(facts.n_distinct > 100);
      /* 16 even intervals of [-1, 1] have an error of 2000 * (1/8)^2 / 12 */
      assert_true(error_of(w->w, before->weights->w, w->n_elems) < (init == OPT_RANDOM ? 2 : 1.4) * 2000 / 64.0 / 12);
      float *first = weft_arena_copy(f->arena, w->w, w->n_elems * sizeof *w->w);
      cluster(f, l, c);                            /* idempotent */
      assert_memory_equal(first, l->weights->w, w->n_elems * sizeof *first);
    }
}

static void channels_of_depthwise_layers(void **state) {
  fixture *f = *state;
  const int32_t shape[4] = {1, 1, 4, 2};
  const float v[8] = {1, 100, 2, 300, 5, 102, 6, 302};
  const float want[8] = {1.5f, 101, 1.5f, 301, 5.5f, 101, 5.5f, 301};
  opt_layer *l = layer(f, OPT_DEPTHWISE, 4, shape);
  set(l, v);
  cluster(f, l, (opt_cluster){.n_clusters = 2, .init = OPT_LINEAR, .per_channel = true});
  assert_memory_equal(l->weights->w, want, sizeof want);
  assert_true(l->weights->centroid[1] == 5.5f && l->weights->centroid[2] == 101);
}

static void same_seed_same_clusters(void **state) {
  fixture *f = *state;
  float *runs[3];
  for (int i = 0; i < 3; i++) {
    opt_layer *l = dense(f, 10, 100);
    fill_random(l, 5);
    cluster(f, l, (opt_cluster){.n_clusters = 8, .init = OPT_KMEANS_PP, .seed = i == 2 ? 4 : 3});
    runs[i] = l->weights->w;
  }
  assert_memory_equal(runs[0], runs[1], 1000 * sizeof(float));
  assert_memory_not_equal(runs[0], runs[2], 1000 * sizeof(float));
}

static void sparsity_is_preserved(void **state) {
  fixture *f = *state;
  for (int part = 0; part < 2; part++) {
    opt_layer *l = dense(f, 8, 50);
    fill_random(l, 12);
    prune(f, l, (opt_prune){.pattern = OPT_UNSTRUCTURED}, 0.5);
    uint8_t *mask = weft_arena_copy(f->arena, l->weights->mask, 400);
    cluster(f, l, (opt_cluster){.n_clusters = 8, .init = OPT_KMEANS_PP, .per_channel = part == 1});
    opt_facts facts;
    opt_measure(f->arena, l, &facts);
    assert_int_equal(facts.n_zeros, 200);
    assert_true((part ? facts.max_distinct_in_channel : facts.n_distinct) <= 8);
    assert_memory_equal(mask, l->weights->mask, 400);
    for (size_t i = 0; i < 400; i++)
      assert_int_equal(l->weights->w[i] == 0, !mask[i]);
    for (size_t i = 0; i < 400; i++)
      assert_true(l->weights->w[i] == l->weights->centroid[(part ? i / 50 * 8 : 0) + l->weights->cluster[i]]);
    const char *why;
    const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
    assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, 0.6, &why), WEFT_E_CONFIG);
  }
  opt_layer *l = dense(f, 1, 4);
  const float v[4] = {0, 0, 5, -5};
  set(l, v);
  cluster(f, l, (opt_cluster){.n_clusters = 3, .init = OPT_LINEAR, .preserve_sparsity = true});
  assert_memory_equal(l->weights->w, v, sizeof v);
  assert_true(l->weights->centroid[1] == 0 && l->weights->keep.zeros);
  is_mask(l, "0011");
  const opt_cluster one = {.n_clusters = 1};
  assert_int_equal(opt_cluster_layer(f->arena, f->d, l, &one), WEFT_E_CONFIG);
}

static void gradients_gather_by_cluster(void **state) {
  fixture *f = *state;
  opt_layer *l = dense(f, 2, 3);
  const float v[6] = {1, 1, 2, 0, 2, 1};
  const float dw[6] = {1, 10, 100, 1000, 10000, 100000};
  float dc[6];
  set(l, v);
  cluster(f, l, (opt_cluster){.n_clusters = 3, .preserve_sparsity = true});
  opt_cluster_gradient(l->weights, dw, dc);
  assert_true(dc[0] == 0 && dc[1] == 100011 && dc[2] == 10100);
  l->weights->centroid[1] = 1.5f;
  opt_cluster_apply(l->weights);
  const float moved[6] = {1.5f, 1.5f, 2, 0, 2, 1.5f};
  assert_memory_equal(l->weights->w, moved, sizeof moved);
  l = dense(f, 2, 3);
  set(l, v);
  cluster(f, l, (opt_cluster){.n_clusters = 3, .per_channel = true});
  opt_cluster_gradient(l->weights, dw, dc);
  assert_true(dc[0] == 11 && dc[1] == 100 && dc[2] == 0 && dc[3] == 1000 && dc[4] == 100000 && dc[5] == 10000);
}

static void lost_invariants_are_errors(void **state) {
  fixture *f = *state;
  opt_layer *l = dense(f, 4, 8);
  opt_value value = {.name = "in", .rank = 2, .shape = {1, 8}};
  opt_net net = {.arena = f->arena, .name = "net", .n_layers = 1, .layers = l, .values = &value, .n_values = 1};
  fill_random(l, 9);
  prune(f, l, (opt_prune){.pattern = OPT_M_OF_N, .m = 2, .n = 4}, 0);
  cluster(f, l, (opt_cluster){.n_clusters = 4});
  assert_int_equal(opt_check_kept(f->d, &net), WEFT_OK);
  size_t at = 0;
  while (l->weights->mask[at])
    at++;
  l->weights->w[at] = 0.25f;
  assert_int_equal(opt_check_kept(f->d, &net), WEFT_E_MISMATCH);
  assert_int_equal(weft_diag_count(f->d), 3);     /* a zero, 2 of 4, a fifth value */
  assert_string_equal(weft_diag_at(f->d, 0)->found, "1 pruned weights are not zero");
  assert_string_equal(weft_diag_at(f->d, 2)->found, "5 distinct values");
  /* q, once there, is what counts */
  l->weights->q = WEFT_NEW(f->arena, int8_t, 32);
  assert_int_equal(opt_check_kept(f->d, &net), WEFT_OK);
}

static void integer_weights_are_refused(void **state) {
  fixture *f = *state;
  opt_layer *l = dense(f, 2, 2);
  const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
  const opt_cluster c = {.n_clusters = 2};
  const char *why = NULL;
  fill_random(l, 1);
  l->weights->q = WEFT_NEW(f->arena, int8_t, 4);
  assert_int_equal(opt_prune_layer(f->arena, f->d, l, &p, 0.5, &why), WEFT_E_CONFIG);
  assert_int_equal(opt_cluster_layer(f->arena, f->d, l, &c), WEFT_E_CONFIG);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
    T(constant_schedule), T(polynomial_schedule), T(impossible_schedules_are_refused),
    T(unstructured_by_hand), T(counts_are_tfmots), T(blocks_by_mean_and_by_maximum),
    T(vectors_of_output_channels), T(two_of_four_input_channels),
    T(layers_that_stay_dense_say_why), T(clusters_by_hand), T(clusters_are_stable_and_nearest),
    T(channels_of_depthwise_layers), T(same_seed_same_clusters), T(sparsity_is_preserved), T(gradients_gather_by_cluster),
    T(lost_invariants_are_errors), T(integer_weights_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
