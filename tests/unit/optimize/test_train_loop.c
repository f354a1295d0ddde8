/* SPDX-License-Identifier: Apache-2.0 */
/* Fake quantization, masks, clusters and teachers in the training loop. */
#include "net_maker.h"

#include <math.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/optimize/quantize.h"
#include "compiler/optimize/scale.h"
#include "../arena.h"

enum { H = 6, W = 6, C = 4, N_IN = H * W * C, CLASSES = 4, N_TRAIN = 96, N_VALID = 48 };

static opt_data *made_data(void) {
  return nm_data(arena, (const int32_t[]){H, W, C}, CLASSES, N_TRAIN, N_VALID);
}

/* A residual and a concatenation, so that ranges are shared. */
static opt_net *made_net(void) {
  opt_net *net = nm_new(arena, H, W, C);
  const int a = nm_conv(net, 0, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_conv(net, a, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  const int c = nm_join(net, OPT_ADD, a, b, WEFT_ACT_RELU);
  int v = nm_conv(net, c, 4, 1, 1, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU6);
  v = nm_join(net, OPT_CONCAT, v, c, WEFT_ACT_NONE);
  v = nm_pool(net, OPT_AVERAGE_POOL, v, 2, 2, WEFT_PAD_VALID);
  v = nm_dense(net, nm_flatten(net, v), 12, WEFT_ACT_RELU);
  nm_end(net, nm_unary(net, OPT_SOFTMAX, nm_dense(net, v, CLASSES, WEFT_ACT_NONE)));
  return net;
}

static opt_train_options options(void) {
  opt_train_options o = opt_train_default();
  o.epochs = 6;
  o.batch = 16;
  o.seed = 5;
  return o;
}

static opt_history train(opt_net *net, const opt_data *d, const opt_train_options *o) {
  opt_history h;
  const weft_status s = opt_train(arena, diag, net, d, o, NULL, &h);
  if (s != WEFT_OK)
    fail_msg("%s: found %s", weft_diag_at(diag, 0)->where, weft_diag_at(diag, 0)->found);
  return h;
}

/* ---- fake quantization ----------------------------------------------------------------- */
static void to_grid(const opt_value *v, float *x, size_t n) {
  float scale;
  int32_t zero;
  opt_activation_scale(v->min, v->max, 8, &scale, &zero);
  for (size_t i = 0; i < n; i++) {
    const float q = fminf(fmaxf(rintf(x[i] * (1 / scale)) + (float)zero, -128), 127);
    x[i] = (q - (float)zero) * scale;
  }
}

/* A network of the layer alone, with weights from their integers. */
static void run_layer(const opt_net *net, int layer, float **act) {
  opt_net one = *net;
  opt_layer l = net->layers[layer];
  one.values = weft_arena_copy(arena, net->values, (size_t)net->n_values * sizeof *net->values);
  for (int v = 0; v < net->n_values; v++)
    one.values[v].producer = v == l.output ? 0 : -1;
  one.layers = &l;
  one.n_layers = 1;
  one.outputs = &l.output;
  one.inputs = l.inputs;
  one.n_inputs = 1;
  if (l.n_inputs == 2) {        /* ADD and CONCAT by hand                    */
    const size_t n = net->values[l.inputs[0]].n_elems, m = net->values[l.inputs[1]].n_elems;
    const size_t cn = n / (H * W), cm = m / (H * W);
    for (size_t i = 0; i < n && l.kind == OPT_ADD; i++)
      act[l.output][i] = fmaxf(act[l.inputs[0]][i] + act[l.inputs[1]][i], 0);
    for (size_t p = 0; p < H * W && l.kind == OPT_CONCAT; p++) {
      memcpy(act[l.output] + p * (cn + cm), act[l.inputs[0]] + p * cn, cn * sizeof(float));
      memcpy(act[l.output] + p * (cn + cm) + cn, act[l.inputs[1]] + p * cm, cm * sizeof(float));
    }
    return;
  }
  assert_int_equal(opt_forward_fast(diag, &one, act[l.inputs[0]], 1, 1, act[l.output]), WEFT_OK);
}

/* Which values are rounded: opt_tied ones only once, where they are computed. */
static bool is_rounded(const opt_net *net, int v) {
  const int by = net->values[v].producer;
  const opt_kind k = by < 0 ? OPT_CONV : net->layers[by].kind;
  return k != OPT_CONCAT && k != OPT_RESHAPE && k != OPT_SOFTMAX;
}

static bool is_right(const opt_net *net, const float *x, int32_t label) {
  float **act = WEFT_NEW(arena, float *, net->n_values);
  for (int v = 0; v < net->n_values; v++)
    act[v] = WEFT_NEW(arena, float, net->values[v].n_elems);
  memcpy(act[0], x, N_IN * sizeof *x);
  to_grid(&net->values[0], act[0], N_IN);
  for (int l = 0; l < net->n_layers; l++) {
    const int v = net->layers[l].output;
    run_layer(net, l, act);
    if (is_rounded(net, v))
      to_grid(&net->values[v], act[v], net->values[v].n_elems);
  }
  const float *y = act[net->outputs[0]];
  for (int32_t c = 0; c < CLASSES; c++)
    if (y[c] > y[label])
      return false;
  return true;
}

static opt_net *with_integer_weights(const opt_net *net) {
  opt_net *q = opt_clone(arena, net);
  for (int l = 0; l < q->n_layers; l++) {
    opt_weights *w = q->layers[l].weights;
    float scale[16];
    if (!w)
      continue;
    opt_weight_scales(w, scale);
    for (size_t i = 0; i < w->n_elems; i++) {
      const float s = scale[opt_one_scale(w) ? 0 : i / (w->n_elems / w->n_out)];
      w->w[i] = s * (float)opt_weight_q(w->w[i], s, 8);
    }
  }
  return q;
}

/* The accuracy that training told is that of the integers and ranges it left. */
static void test_quantized_forward(void **state) {
  (void)state;
  opt_net *net = made_net();
  const opt_data *d = made_data();
  opt_train_options o = options();
  o.quantize = true;
  o.epochs = 6;
  o.lr = 0.004;
  const opt_history h = train(net, d, &o);
  const opt_net *q = with_integer_weights(net);
  size_t right = 0;
  for (size_t i = 0; i < N_VALID; i++)
    right += is_right(q, (const float *)d->splits[OPT_VALIDATION].x + i * N_IN,
                      d->splits[OPT_VALIDATION].label[i]);
  assert_true(h.metric[5] == (double)right / N_VALID);
  assert_true(right > N_VALID / 2 && right < N_VALID);
}

/* opt_quantize finds the integers and the steps that the loop trained with, and the
 * integer kernels give the accuracy that it told: equal rounding is not promised, so one
 * of 48 samples may fall to the other side. */
static void check_integers(opt_net *net, const opt_data *d, double told, int bits) {
  const opt_ptq_options o = {.activation_bits = bits};
  const opt_net *q = with_integer_weights(net);
  double metric;
  assert_int_equal(opt_quantize(diag, net, &o), WEFT_OK);
  for (int l = 0; l < net->n_layers; l++) {
    const opt_weights *w = net->layers[l].weights;
    for (size_t i = 0; w && i < w->n_elems; i++)
      assert_true(q->layers[l].weights->w[i] ==
                  (float)w->q[i] * w->scale[w->per_tensor ? 0 : i / (w->n_elems / w->n_out)]);
  }
  for (int v = 0; v < net->n_values; v++) {
    float scale;
    int32_t zero;
    opt_activation_scale(net->values[v].min, net->values[v].max, bits, &scale, &zero);
    if (bits == 16 && v == net->outputs[0])
      scale = 1.0f / 32768;     /* SOFTMAX's                                 */
    assert_true(net->values[v].scale == scale && net->values[v].zero_point == zero);
  }
  assert_int_equal(opt_check_kept(diag, net), WEFT_OK);
  if (opt_evaluate(diag, net, d, OPT_VALIDATION, NULL, &metric) != WEFT_OK)
    fail_msg("%s: found %s, allowed %s", weft_diag_at(diag, 0)->where, weft_diag_at(diag, 0)->found,
             weft_diag_at(diag, 0)->allowed);
  assert_true(fabs(metric - told) < 1.5 / N_VALID);
}

static void test_integers(void **state) {
  (void)state;
  for (int run = 0; run < 3; run++) {
    const int clusters = run == 1, bits = run == 2 ? 16 : 8;
    opt_net *net = made_net();
    const opt_data *d = made_data();
    opt_train_options o = options();
    const opt_cluster c = {.n_clusters = 7, .init = OPT_LINEAR};
    for (int l = 0; l < net->n_layers && clusters; l++)
      if (net->layers[l].weights)
        assert_int_equal(opt_cluster_layer(arena, diag, &net->layers[l], &c), WEFT_OK);
    o.quantize = true;
    o.activation_bits = bits;
    o.lr = 0.004;
    const opt_history h = train(net, d, &o);
    check_integers(net, d, h.metric[5], bits);
    for (int l = 0; l < net->n_layers && clusters; l++) {
      opt_facts f;
      if (!net->layers[l].weights)
        continue;
      opt_measure(arena, &net->layers[l], &f);
      assert_true(f.n_distinct <= 7);
    }
  }
}

static void test_ranges(void **state) {
  (void)state;
  opt_net *net = made_net();
  const opt_data *d = made_data();
  opt_train_options o = options();
  float lo = 0, hi = 0;
  o.quantize = true;
  train(net, d, &o);
  for (size_t i = 0; i < (size_t)N_TRAIN * N_IN; i++) {
    lo = fminf(lo, ((const float *)d->splits[OPT_TRAIN].x)[i]);
    hi = fmaxf(hi, ((const float *)d->splits[OPT_TRAIN].x)[i]);
  }
  assert_true(net->values[0].min == lo && net->values[0].max == hi);
  for (int v = 0; v < net->n_values; v++) {
    assert_true(net->values[v].has_range);
    assert_true(net->values[v].min <= 0 && net->values[v].max >= 0);
  }
  const int concat = net->layers[4].output;
  for (int i = 0; i < 2; i++) {
    assert_true(net->values[net->layers[4].inputs[i]].max == net->values[concat].max);
    assert_true(net->values[net->layers[5 + i].output].min == net->values[concat].min);
  }
  assert_true(net->values[net->outputs[0]].max == 255.0f / 256.0f);
}

/* One whole batch an epoch: 0.999 of the range, and 0.001 of what the batch has. */
static void test_moving_average(void **state) {
  (void)state;
  opt_net *net = nm_new(arena, H, W, C);
  const opt_data *d = made_data();
  opt_train_options o = options();
  nm_end(net, nm_dense(net, nm_dense(net, 0, 5, WEFT_ACT_NONE), CLASSES, WEFT_ACT_NONE));
  net->values[1].has_range = true;
  net->values[1].min = -64;
  net->values[1].max = 128;
  opt_net *first = opt_clone(arena, net);
  o.quantize = true;
  o.epochs = 1;
  o.batch = N_TRAIN;
  train(net, d, &o);
  first->layers[0].weights->frozen = true;
  opt_net *q = with_integer_weights(first);
  float *x = WEFT_NEW(arena, float, (size_t)N_TRAIN * N_IN), lo = 0, hi = 0;
  memcpy(x, d->splits[OPT_TRAIN].x, (size_t)N_TRAIN * N_IN * sizeof *x);
  to_grid(&net->values[0], x, (size_t)N_TRAIN * N_IN);
  float y[N_TRAIN * 5];
  q->outputs[0] = q->layers[0].output;
  q->n_layers = 1;
  q->n_values = 2;
  assert_int_equal(opt_forward_fast(diag, q, x, N_TRAIN, 1, y), WEFT_OK);
  for (size_t i = 0; i < N_TRAIN * 5; i++) {
    lo = fminf(lo, y[i]);
    hi = fmaxf(hi, y[i]);
  }
  assert_true(fabsf(net->values[1].min - (-64 + (lo + 64) * 0.001f)) < 1e-5f);
  assert_true(fabsf(net->values[1].max - (128 + (hi - 128) * 0.001f)) < 1e-5f);
}

/* Straight through inside the range, nothing outside. */
static void test_clipped_gradient(void **state) {
  (void)state;
  for (int outside = 0; outside < 2; outside++) {
    opt_net *net = nm_new(arena, H, W, C);
    opt_train_options o = options();
    nm_end(net, nm_dense(net, nm_dense(net, 0, 5, WEFT_ACT_NONE), CLASSES, WEFT_ACT_NONE));
    opt_weights *w = net->layers[0].weights;
    for (size_t i = 0; i < 5; i++)
      w->bias[i] = outside ? 50 : 0;    /* beyond the range, or in it        */
    net->values[1].has_range = true;
    net->values[1].min = -10;
    net->values[1].max = 10;
    const float before = w->w[3];
    o.quantize = true;
    o.epochs = 1;
    train(net, made_data(), &o);
    assert_int_equal(w->w[3] == before, outside);
  }
}

/* ---- masks ------------------------------------------------------------------------------- */
static void test_schedule(void **state) {
  (void)state;
  opt_net *net = made_net();
  opt_train_options o = options();
  o.has_prune = true;
  o.prune_schedule = (opt_schedule){OPT_POLYNOMIAL_DECAY, 0.3, 0.75, 3, 4, 18, 5};
  const opt_history h = train(net, made_data(), &o);
  assert_true(h.sparsity[0] > 0.2 && h.sparsity[0] < 0.5);
  assert_null(net->layers[0].weights->mask);    /* the first is protected    */
  for (int l = 1; l < net->n_layers; l++) {
    opt_facts f;
    if (!net->layers[l].weights)
      continue;
    opt_measure(arena, &net->layers[l], &f);
    assert_int_equal(f.n_zeros, f.n_elems - (size_t)lrint(0.25 * (double)f.n_elems));
  }
  assert_int_equal(opt_check_kept(diag, net), WEFT_OK);
}

static size_t moved(const uint8_t *a, const uint8_t *b, size_t n) {
  size_t k = 0;
  for (size_t i = 0; i < n; i++)
    k += a[i] != b[i];
  return k;
}

/* 2:4 is chosen again while training; a layer it cannot apply to stays dense. */
static void test_m_of_n(void **state) {
  (void)state;
  opt_net *net = nm_new(arena, H, W, C);
  int v = nm_conv(net, 0, 1, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  v = nm_conv(net, v, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  v = nm_dense(net, nm_flatten(net, v), 12, WEFT_ACT_RELU);
  nm_end(net, nm_dense(net, v, CLASSES, WEFT_ACT_NONE));
  opt_train_options o = options();
  o.has_prune = true;
  o.lr = 0.01;
  o.prune = (opt_prune){.pattern = OPT_M_OF_N, .m = 2, .n = 4};
  o.prune_schedule.frequency = 4;
  opt_layer first = opt_clone(arena, net)->layers[3];
  const char *dense, *stays[8] = {NULL};
  o.stays_dense = stays;
  assert_int_equal(opt_prune_layer(arena, diag, &first, &o.prune, 0.5, &dense), WEFT_OK);
  train(net, made_data(), &o);
  assert_null(net->layers[1].weights->mask);
  assert_string_equal(stays[1], "one input channel");
  assert_null(stays[3]);
  for (int l = 3; l < 5; l++) {
    const opt_weights *w = net->layers[l].weights;
    opt_facts f;
    opt_measure(arena, &net->layers[l], &f);
    assert_true(f.holds_m_of_n);
    assert_int_equal(f.n_zeros, w->n_elems / 2);
  }
  assert_true(moved(first.weights->mask, net->layers[3].weights->mask, first.weights->n_elems) > 0);
}

static void test_keeps_masks(void **state) {
  (void)state;
  opt_net *net = made_net();
  opt_train_options o = options();
  const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
  const char *dense;
  assert_int_equal(opt_prune_layer(arena, diag, &net->layers[1], &p, 0.6, &dense), WEFT_OK);
  const opt_net *before = opt_clone(arena, net);
  o.quantize = true;
  train(net, made_data(), &o);
  const opt_weights *a = before->layers[1].weights, *b = net->layers[1].weights;
  assert_memory_equal(a->mask, b->mask, a->n_elems);
  for (size_t i = 0; i < a->n_elems; i++)
    assert_true(a->mask[i] || b->w[i] == 0);
  assert_int_equal(opt_check_kept(diag, net), WEFT_OK);
}

/* ---- clusters ----------------------------------------------------------------------------- */
static size_t distinct_integers(const opt_weights *w) {
  float scale[16];
  bool seen[256] = {false};
  size_t n = 0;
  opt_weight_scales(w, scale);
  for (size_t i = 0; i < w->n_elems; i++) {
    const float s = scale[opt_one_scale(w) ? 0 : i / (w->n_elems / w->n_out)];
    bool *b = &seen[opt_weight_q(w->w[i], s, 8) + 128];
    n += !*b;
    *b = true;
  }
  return n;
}

static void test_clusters(void **state) {
  (void)state;
  for (int zeros = 0; zeros < 2; zeros++) {
    opt_net *net = made_net();
    opt_train_options o = options();
    const opt_cluster c = {.n_clusters = 5, .init = OPT_KMEANS_PP, .preserve_sparsity = true};
    const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
    const char *dense;
    for (int l = 0; l < net->n_layers; l++) {
      opt_layer *layer = &net->layers[l];
      if (!layer->weights)
        continue;
      if (zeros)
        assert_int_equal(opt_prune_layer(arena, diag, layer, &p, 0.5, &dense), WEFT_OK);
      assert_int_equal(opt_cluster_layer(arena, diag, layer, &c), WEFT_OK);
    }
    const opt_net *before = opt_clone(arena, net);
    o.quantize = true;
    train(net, made_data(), &o);
    for (int l = 0; l < net->n_layers; l++) {
      const opt_weights *w = net->layers[l].weights;
      if (!w)
        continue;
      assert_true(distinct_integers(w) <= 5);
      assert_true(memcmp(before->layers[l].weights->centroid, w->centroid, 5 * sizeof(float)) != 0);
      for (size_t i = 0; i < w->n_elems && zeros; i++)
        assert_int_equal(w->mask[i] == 0, w->w[i] == 0);
    }
    assert_int_equal(opt_check_kept(diag, net), WEFT_OK);
  }
}

/* ---- teachers ------------------------------------------------------------------------------- */
/* Without labels the student comes near the teacher; augmentation asks it anew. */
static void test_teacher_only(void **state) {
  (void)state;
  opt_net *teacher = made_net();
  opt_data *d = made_data();
  opt_train_options o = options();
  o.epochs = 20;
  o.lr = 0.005;
  train(teacher, d, &o);
  const opt_data *labelled = made_data();
  d->splits[OPT_TRAIN].label = NULL;
  for (int shift = 0; shift < 2; shift++) {
    opt_net *net = nm_new(arena, H, W, C);
    const int v = nm_dense(net, nm_dense(net, 0, 16, WEFT_ACT_RELU), CLASSES, WEFT_ACT_NONE);
    nm_end(net, nm_unary(net, OPT_SOFTMAX, v));
    o.teacher = teacher;
    o.teacher_only = true;
    o.augment.shift = shift;
    o.epochs = 20;
    const opt_history h = train(net, d, &o);
    assert_true(h.loss[19] < h.loss[0] / 2);
    assert_true(h.metric[19] > 0.8);
    o.epochs = 1;
    o.teacher_only = false;     /* needs labels                              */
    assert_int_equal(opt_train(arena, diag, net, d, &o, NULL, NULL), WEFT_E_INPUT);
    train(net, labelled, &o);
  }
}

/* Inputs 64 times as great, weights that read them 64 times as small: with steps relative
 * to the weights the same training, bit for bit; else not. */
static void test_relative_rate(void **state) {
  (void)state;
  for (int relative = 0; relative < 2; relative++) {
    opt_net *a = made_net(), *b = made_net();
    opt_data *d = made_data();
    opt_train_options o = options();
    o.epochs = 2;
    o.lr_relative = relative == 1;
    o.epsilon = 1e-30;
    o.weight_decay = 0.01;
    const opt_history ha = train(a, d, &o);
    opt_weights *w = b->layers[0].weights;
    for (size_t i = 0; i < w->n_elems; i++)
      w->w[i] /= 64;
    d->scale[0] = 64;
    const opt_history hb = train(b, d, &o);
    assert_int_equal(ha.loss[1] == hb.loss[1], relative);
    for (size_t i = 0; i < w->n_elems && relative; i++)
      assert_true(w->w[i] * 64 == a->layers[0].weights->w[i]);
  }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_quantized_forward), T(test_integers), T(test_ranges), T(test_moving_average), T(test_clipped_gradient),
      T(test_schedule), T(test_m_of_n), T(test_keeps_masks), T(test_clusters),
      T(test_teacher_only), T(test_relative_rate)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
