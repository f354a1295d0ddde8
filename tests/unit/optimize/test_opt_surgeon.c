/* SPDX-License-Identifier: Apache-2.0 */
/* The optimal brain surgeon: small cases by hand, the normal equations, counts of each
 * pattern, threads; networks against magnitude. */
#include "compiler/optimize/surgeon.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/optimize/compress.h"
#include "net_maker.h"
#include "opt_nets.h"
#include "fixture.h"

#define N_SAMPLES 400
#define DAMPING 0.01

/* ---- matrices ------------------------------------------------------------------- */
/* Sums over inputs x[N_SAMPLES][columns]; rows want what their weights give. */
static surgeon_layer layer_of(fixture *f, size_t rows, size_t columns, const double *x,
                              const double *w) {
  const size_t n = columns + 1;
  surgeon_layer l = {.rows = rows, .columns = columns, .n_hessians = 1,
                     .hessian = WEFT_NEW(f->arena, double, n * n),
                     .target = WEFT_NEW(f->arena, double, rows * n),
                     .w = WEFT_NEW(f->arena, double, rows * n),
                     .mask = WEFT_NEW(f->arena, uint8_t, rows * columns)};
  memcpy(l.w, w, rows * n * sizeof *w);
  for (size_t s = 0; s < N_SAMPLES; s++)
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        l.hessian[i * n + j] += (i < columns ? x[s * columns + i] : 1) *
                                (j < columns ? x[s * columns + j] : 1);
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        l.target[r * n + i] += l.hessian[i * n + j] * w[r * n + j];
  return l;
}

/* Columns that depend on each other. */
static double *correlated(fixture *f, size_t columns) {
  double *x = WEFT_NEW(f->arena, double, N_SAMPLES * columns);
  for (size_t i = 0; i < N_SAMPLES * columns; i++)
    x[i] = (double)nm_uniform(7, i) + (i % columns ? 0.8 * x[i - 1] : 0.5);
  return x;
}

static double *weights(fixture *f, size_t n) {
  double *w = WEFT_NEW(f->arena, double, n);
  for (size_t i = 0; i < n; i++)
    w[i] = (double)nm_uniform(3, i);
  return w;
}

static void prune(fixture *f, surgeon_layer *l, surgeon_rule rule, int threads) {
  assert_int_equal(surgeon_prune(f->d, "layer", l, &rule, threads), WEFT_OK);
}

static void twins_become_one(void **state) {
  fixture *f = *state;
  double *x = correlated(f, 3);
  const double w[4] = {1, 0.9, 1.2, 0.25};
  for (size_t s = 0; s < N_SAMPLES; s++)
    x[3 * s + 1] = x[3 * s];
  surgeon_layer l = layer_of(f, 1, 3, x, w);
  prune(f, &l, (surgeon_rule){.height = 1, .width = 1, .keep = 2, .group = 3, .line = 3}, 1);
  assert_true(l.mask[0] + l.mask[1] == 1 && l.mask[2] == 1);
  assert_true(l.w[0] * l.w[1] == 0);
  assert_true(fabs(l.w[0] + l.w[1] - 1.9) < 0.03);
  assert_true(fabs(l.w[2] - 1.2) < 0.02 && fabs(l.w[3] - 0.25) < 0.02);
}

/* A weight that is great where the input is small goes before its betters. */
static void inputs_decide(void **state) {
  fixture *f = *state;
  double *x = WEFT_NEW(f->arena, double, N_SAMPLES * 2);
  const double w[3] = {1, 0.5, 0};
  for (size_t i = 0; i < 2 * N_SAMPLES; i++)
    x[i] = (double)nm_uniform(9, i) * (i % 2 ? 10 : 1);
  surgeon_layer l = layer_of(f, 1, 2, x, w);
  prune(f, &l, (surgeon_rule){.height = 1, .width = 1, .sparsity = 0.5}, 1);
  assert_true(l.mask[0] == 0 && l.mask[1] == 1);
}

/* What stays solves the damped normal equations on its columns; what goes is 0. */
static void rest_is_the_least_squares_solution(void **state) {
  fixture *f = *state;
  enum { ROWS = 5, COLUMNS = 12, N = COLUMNS + 1 };
  const double *w = weights(f, ROWS * N), *x = correlated(f, COLUMNS);
  const surgeon_rule rules[] = {{1, 1, 2, 4, 12, 0}, {1, 1, 0, 0, 0, 0.6}, {2, 3, 0, 0, 0, 0.5}};
  for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
    const surgeon_layer before = layer_of(f, ROWS, COLUMNS, x, w);
    surgeon_layer l = layer_of(f, ROWS, COLUMNS, x, w);
    double damping = 0;
    for (size_t i = 0; i < COLUMNS; i++)
      damping += DAMPING * before.hessian[i * N + i] / COLUMNS;
    prune(f, &l, rules[k], 1);
    for (size_t r = 0; r < ROWS; r++)
      for (size_t i = 0; i < N; i++) {
        double rest = before.target[r * N + i];
        for (size_t j = 0; j < N; j++)
          rest -= before.hessian[i * N + j] * l.w[r * N + j];
        rest += i < COLUMNS ? damping * (w[r * N + i] - l.w[r * N + i]) : 0;
        if (i < COLUMNS && !l.mask[r * COLUMNS + i])
          assert_true(l.w[r * N + i] == 0);
        else
          assert_true(fabs(rest) < 1e-8 * N_SAMPLES);
      }
  }
}

static size_t count(const uint8_t *mask, size_t n) {
  size_t sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += mask[i];
  return sum;
}

/* 10 rows of 14 columns: bands and blocks at the edges are smaller. */
static void patterns_keep_their_counts(void **state) {
  fixture *f = *state;
  enum { ROWS = 10, COLUMNS = 14 };
  const double *w = weights(f, ROWS * (COLUMNS + 1)), *x = correlated(f, COLUMNS);
  surgeon_layer l = layer_of(f, ROWS, COLUMNS, x, w);
  prune(f, &l, (surgeon_rule){.height = 1, .width = 1, .sparsity = 0.7}, 1);
  assert_int_equal(count(l.mask, ROWS * COLUMNS), 42);
  l = layer_of(f, ROWS, COLUMNS, x, w);
  prune(f, &l, (surgeon_rule){.height = 1, .width = 1, .keep = 1, .group = 4, .line = 7}, 1);
  for (size_t r = 0; r < ROWS; r++)
    for (size_t line = 0; line < COLUMNS; line += 7) {
      assert_int_equal(count(l.mask + r * COLUMNS + line, 4), 1);
      assert_int_equal(count(l.mask + r * COLUMNS + line + 4, 3), 1);
    }
  l = layer_of(f, ROWS, COLUMNS, x, w);
  prune(f, &l, (surgeon_rule){.height = 4, .width = 4, .sparsity = 0.5}, 1);
  size_t blocks = 0;
  for (size_t r = 0; r < ROWS; r++)
    for (size_t c = 0; c < COLUMNS; c++) {
      assert_int_equal(l.mask[r * COLUMNS + c], l.mask[r / 4 * 4 * COLUMNS + c / 4 * 4]);
      blocks += r % 4 == 0 && c % 4 == 0 ? l.mask[r * COLUMNS + c] : 0;
    }
  assert_int_equal(blocks, 6);
}

static void threads_change_nothing(void **state) {
  fixture *f = *state;
  enum { ROWS = 9, COLUMNS = 16, N = COLUMNS + 1 };
  const double *w = weights(f, ROWS * N), *x = correlated(f, COLUMNS);
  surgeon_layer one = layer_of(f, ROWS, COLUMNS, x, w), three = layer_of(f, ROWS, COLUMNS, x, w);
  prune(f, &one, (surgeon_rule){.height = 2, .width = 2, .sparsity = 0.6}, 1);
  prune(f, &three, (surgeon_rule){.height = 2, .width = 2, .sparsity = 0.6}, 3);
  assert_memory_equal(one.w, three.w, ROWS * N * sizeof *one.w);
  assert_memory_equal(one.mask, three.mask, ROWS * COLUMNS);
}

/* Inputs that say nothing at all, and numbers that are none. */
static void edges(void **state) {
  fixture *f = *state;
  double *x = WEFT_NEW(f->arena, double, N_SAMPLES * 4);
  const double w[5] = {4, -3, 2, 1, 0.5};
  surgeon_layer l = layer_of(f, 1, 4, x, w);
  prune(f, &l, (surgeon_rule){.height = 1, .width = 1, .sparsity = 0.5}, 1);
  assert_memory_equal(l.mask, "\1\1\0\0", 4);
  assert_true(fabs(l.w[0] - 4) < 1e-9 && fabs(l.w[4] - 0.5) < 1e-9);
  x[0] = (double)NAN;
  l = layer_of(f, 1, 4, x, w);
  const surgeon_rule rule = {.height = 1, .width = 1, .sparsity = 0.5};
  assert_int_equal(surgeon_prune(f->d, "layer", &l, &rule, 1), WEFT_E_INPUT);
}

/* ---- networks --------------------------------------------------------------------- */
/* 8x8x3: a residual over a depthwise layer of two outputs a channel, strides, padding,
 * dilation, a dense layer behind a flattening. */
static opt_net *network(fixture *f) {
  opt_net *net = nm_new(f->arena, 8, 8, 3);
  const int a = nm_conv(net, 0, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_depthwise(net, a, 2, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int c = nm_conv(net, b, 8, 1, 1, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  const int e = nm_join(net, OPT_ADD, a, c, WEFT_ACT_RELU);
  const int g = nm_conv(net, e, 12, 3, 3, 1, 2, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int h = nm_conv(net, g, 8, 3, 3, 2, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  nm_end(net, nm_dense(net, nm_flatten(net, h), 6, WEFT_ACT_NONE));
  return net;
}

static float *outputs(fixture *f, const opt_net *net, const opt_data *data, size_t n) {
  float *x = WEFT_NEW(f->arena, float, n * data->n_elems);
  float *y = WEFT_NEW(f->arena, float, n * 6);
  for (size_t i = 0; i < n; i++)
    opt_data_get(data, OPT_VALIDATION, i, x + i * data->n_elems);
  assert_int_equal(opt_forward(f->d, net, x, n, y, NULL, NULL), WEFT_OK);
  return y;
}

/* Sum of squared differences of the outputs. */
static double distance(fixture *f, const opt_net *a, const opt_net *b, const opt_data *data) {
  const float *p = outputs(f, a, data, 40), *q = outputs(f, b, data, 40);
  double sum = 0;
  for (size_t i = 0; i < 40 * 6; i++)
    sum += (double)(p[i] - q[i]) * (double)(p[i] - q[i]);
  return sum;
}

static opt_data *images(fixture *f) {
  return nm_data(f->arena, (const int32_t[]){8, 8, 3}, 6, 300, 40);
}

static opt_net *operated(fixture *f, const opt_net *net, const opt_data *data, opt_prune p,
                         double sparsity, int threads) {
  opt_net *out = opt_clone(f->arena, net);
  bool *take = WEFT_NEW(f->arena, bool, net->n_layers);
  const char **dense = WEFT_NEW(f->arena, const char *, net->n_layers);
  for (int l = 1; l < net->n_layers; l++)
    take[l] = net->layers[l].weights != NULL;
  const opt_surgery o = {.prune = p, .sparsity = sparsity, .layer = take, .stays_dense = dense,
                         .data = data, .threads = threads};
  if (opt_prune_surgeon(f->d, out, &o) != WEFT_OK) {
    opt_test_issues(f->d);
    fail();
  }
  assert_int_equal(opt_check_kept(f->d, out), WEFT_OK);
  assert_true((dense[1] != NULL) == (p.pattern == OPT_M_OF_N));   /* DEPTHWISE */
  return out;
}

static opt_net *by_magnitude(fixture *f, const opt_net *net, opt_prune p, double sparsity) {
  opt_net *out = opt_clone(f->arena, net);
  const char *dense = NULL;
  for (int l = 1; l < net->n_layers; l++)
    if (net->layers[l].weights)
      assert_int_equal(opt_prune_layer(f->arena, f->d, &out->layers[l], &p, sparsity, &dense), WEFT_OK);
  return out;
}

static void nothing_to_cut_changes_nothing(void **state) {
  fixture *f = *state;
  const opt_net *net = network(f);
  const opt_data *data = images(f);
  const opt_net *after = operated(f, net, data, (opt_prune){.pattern = OPT_UNSTRUCTURED}, 0, 1);
  for (int l = 0; l < net->n_layers; l++)
    for (size_t i = 0; net->layers[l].weights && i < net->layers[l].weights->n_elems; i++)
      assert_true(fabsf(net->layers[l].weights->w[i] - after->layers[l].weights->w[i]) < 1e-3f);
}

static void every_pattern_beats_magnitude(void **state) {
  fixture *f = *state;
  const opt_net *net = network(f);
  const opt_data *data = images(f);
  const opt_prune patterns[] = {{.pattern = OPT_UNSTRUCTURED}, {.pattern = OPT_M_OF_N, .m = 2, .n = 4},
                                {.pattern = OPT_BLOCK, .block_h = 2, .block_w = 2},
                                {.pattern = OPT_VECTOR, .cols = 4}};
  for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++) {
    const opt_net *a = operated(f, net, data, patterns[k], 0.5, 1);
    const opt_net *b = by_magnitude(f, net, patterns[k], 0.5);
    const double surgeon = distance(f, net, a, data), magnitude = distance(f, net, b, data);
    if (!(surgeon < 0.5 * magnitude))
      fail_msg("pattern %zu: %g, by magnitude %g", k, surgeon, magnitude);
    assert_memory_equal(a->layers[0].weights->w, net->layers[0].weights->w,
                        net->layers[0].weights->n_elems * sizeof(float));
  }
}

static void pruned_weights_are_refused(void **state) {
  fixture *f = *state;
  const opt_data *data = images(f);
  opt_net *net = by_magnitude(f, network(f), (opt_prune){.pattern = OPT_UNSTRUCTURED}, 0.8);
  const opt_net *before = opt_clone(f->arena, net);
  bool take[16] = {[2] = true};
  const char *dense[16] = {NULL};
  const opt_surgery o = {.prune = {.pattern = OPT_M_OF_N, .m = 2, .n = 4}, .layer = take,
                         .stays_dense = dense, .data = data, .threads = 1};
  assert_int_equal(opt_prune_surgeon(f->d, net, &o), WEFT_E_CONFIG);
  assert_memory_equal(net->layers[2].weights->w, before->layers[2].weights->w,
                      net->layers[2].weights->n_elems * sizeof(float));
}

/* A sample that is no number ends what the caps let through, after its sums. */
static opt_data *nowhere(fixture *f, int32_t height, int32_t width, int32_t depth) {
  opt_data *data = nm_data(f->arena, (const int32_t[]){height, width, depth}, 6, 1, 1);
  for (int split = 0; split < OPT_N_SPLITS; split++) {
    float *x = WEFT_NEW(f->arena, float, data->n_elems * (data->splits[split].n + 1));
    x[0] = NAN;
    data->splits[split].x = x;
    data->splits[split].n = data->splits[split].n ? 1 : 0;
  }
  return data;
}

static weft_status operate_last(fixture *f, opt_net *net, const opt_data *data) {
  const int last = net->n_layers - 1;
  bool take[3] = {[2] = false};
  const char *dense[3] = {NULL};
  const opt_surgery o = {.prune = {.pattern = OPT_UNSTRUCTURED}, .sparsity = 0.5, .layer = take,
                         .stays_dense = dense, .data = data, .threads = 1};
  take[last] = true;
  const opt_net *before = opt_clone(f->arena, net);
  const weft_status s = opt_prune_surgeon(f->d, net, &o);
  assert_memory_equal(net->layers[last].weights->w, before->layers[last].weights->w,
                      net->layers[last].weights->n_elems * sizeof(float));
  return s;
}

/* 1001 numbers a row: (rows + 1) * 1001^2 * 1002 is 999,988,980,996 with 995 rows. */
static void work_up_to_the_cap_is_done(void **state) {
  fixture *f = *state;
  for (int rows = 995; rows <= 996; rows++) {
    opt_net *net = nm_new(f->arena, 1, 1, 1000);
    nm_end(net, nm_dense(net, nm_flatten(net, 0), rows, WEFT_ACT_RELU));
    assert_int_equal(operate_last(f, net, nowhere(f, 1, 1, 1000)), rows == 995 ? WEFT_E_INPUT : WEFT_E_CAP);
  }
  const weft_issue *last = weft_diag_at(f->d, weft_diag_count(f->d) - 1);
  assert_non_null(strstr(last->found, "1000993 million multiplications, 61.0 MiB"));
  assert_non_null(strstr(last->remedy, "skip: [prune]"));
}

/* Rows with inputs of their own: 32 * 50^2 * (rows + 1) bytes of 2^31. */
static void memory_is_capped_too(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 1, 1, 26843);
  nm_end(net, nm_depthwise(net, 0, 1, 7, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE));
  assert_int_equal(operate_last(f, net, nowhere(f, 1, 1, 26843)), WEFT_E_CAP);
  assert_non_null(strstr(weft_diag_at(f->d, weft_diag_count(f->d) - 1)->found, "MiB for the surgeon"));
}

typedef struct counter { weft_progress p; uint64_t last, total; int n; } counter;

static void count_step(weft_progress *p, const char *stage, uint64_t done, uint64_t total) {
  counter *c = (counter *)p;
  assert_string_equal(stage, "prune");
  assert_true(done >= c->last && done <= total);
  c->last = done;
  c->total = total;
  c->n++;
}

/* A step a band of each layer, up to all of it. */
static void progress_is_told(void **state) {
  fixture *f = *state;
  opt_net *net = network(f);
  counter c = {.p = {count_step}};
  bool take[16] = {[2] = true, [4] = true};
  const char *dense[16] = {NULL};
  const opt_surgery o = {.prune = {.pattern = OPT_M_OF_N, .m = 2, .n = 4}, .layer = take,
                         .stays_dense = dense, .data = images(f), .threads = 1, .progress = &c.p};
  assert_int_equal(opt_prune_surgeon(f->d, net, &o), WEFT_OK);
  assert_int_equal(c.n, 8 + 12);
  assert_true(c.total > 0 && c.last == c.total);
}

/* Channels 2k and 2k + 1 are twins: of two weights one can do the work of both, up to the
 * damping. */
static void twin_channels_cost_nothing(void **state) {
  fixture *f = *state;
  opt_net *net = network(f);
  const opt_data *data = images(f);
  opt_weights *w = net->layers[4].weights;
  const size_t row = w->n_elems / w->n_out;
  for (size_t o = 0; o < w->n_out; o += 2) {
    memcpy(w->w + (o + 1) * row, w->w + o * row, row * sizeof *w->w);
    w->bias[o + 1] = w->bias[o];
  }
  bool take[16] = {[5] = true};
  const char *dense[16] = {NULL};
  opt_net *after = opt_clone(f->arena, net);
  const opt_surgery o = {.prune = {.pattern = OPT_M_OF_N, .m = 1, .n = 2}, .layer = take,
                         .stays_dense = dense, .data = data, .threads = 1};
  assert_int_equal(opt_prune_surgeon(f->d, after, &o), WEFT_OK);
  opt_net *magnitude = opt_clone(f->arena, net);
  assert_int_equal(opt_prune_layer(f->arena, f->d, &magnitude->layers[5], &o.prune, 0, &dense[5]), WEFT_OK);
  assert_true(distance(f, net, after, data) < 0.01 * distance(f, net, magnitude, data));
}

/* Channel 1 has equal pixels in a line: in its six lines of taps two of three are free. */
static void depthwise_rows_have_inputs_of_their_own(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 8, 8, 3);
  const int a = nm_depthwise(net, 0, 2, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_NONE);
  nm_end(net, nm_unary(net, OPT_MEAN, a));
  for (size_t i = 0; i < 54; i++)
    net->layers[0].weights->w[i] = i % 5 ? 1 : -0.8f;
  opt_data *data = images(f);
  for (int split = 0; split < OPT_N_SPLITS; split++) {
    const opt_samples *s = &data->splits[split];
    float *x = weft_arena_copy(f->arena, s->x, s->n * data->n_elems * sizeof *x);
    for (size_t pixel = 0; pixel < s->n * 64; pixel++)
      x[3 * pixel + 1] = x[3 * (pixel / 8 * 8) + 1];
    data->splits[split].x = x;
  }
  bool take[2] = {true};
  const char *dense[2] = {NULL};
  const opt_surgery o = {.prune = {.pattern = OPT_UNSTRUCTURED}, .sparsity = 12.0 / 54, .layer = take,
                         .stays_dense = dense, .data = data, .threads = 1};
  opt_net *after = opt_clone(f->arena, net);
  assert_int_equal(opt_prune_surgeon(f->d, after, &o), WEFT_OK);
  const uint8_t *mask = after->layers[0].weights->mask;
  for (size_t line = 0; line < 3; line++)
    for (size_t o_channel = 0; o_channel < 6; o_channel++) {
      size_t left = 0;
      for (size_t tap = 0; tap < 3; tap++)
        left += mask[(3 * line + tap) * 6 + o_channel];
      assert_int_equal(left, o_channel / 2 == 1 ? 1 : 3);
    }
}

/* Two branches and their sum; `watched`: someone else, who does not matter, reads the
 * second branch, which then cannot make good what the first has lost. */
static double loss_of_sum(fixture *f, const opt_data *data, bool watched) {
  opt_net *net = nm_new(f->arena, 8, 8, 3);
  const int a = nm_conv(net, 0, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_conv(net, a, 6, 1, 1, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  const int c = nm_conv(net, a, 6, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  const int e = nm_join(net, OPT_ADD, b, c, WEFT_ACT_NONE);
  if (watched)
    nm_unary(net, OPT_RELU, c);
  nm_end(net, nm_unary(net, OPT_MEAN, e));
  bool take[8] = {[1] = true, [2] = true};
  const char *dense[8] = {NULL};
  opt_net *after = opt_clone(f->arena, net);
  const opt_surgery o = {.prune = {.pattern = OPT_M_OF_N, .m = 2, .n = 4}, .layer = take,
                         .stays_dense = dense, .data = data, .threads = 1};
  assert_int_equal(opt_prune_surgeon(f->d, after, &o), WEFT_OK);
  return distance(f, net, after, data);
}

static void a_branch_makes_good_what_the_other_lost(void **state) {
  fixture *f = *state;
  const opt_data *data = images(f);
  const double together = loss_of_sum(f, data, false), alone = loss_of_sum(f, data, true);
  if (!(together < 0.8 * alone))
    fail_msg("%g, without the other branch's loss %g", together, alone);
}

static void same_bytes_on_threads(void **state) {
  fixture *f = *state;
  const opt_net *net = network(f);
  const opt_data *data = images(f);
  const opt_prune p = {.pattern = OPT_M_OF_N, .m = 2, .n = 4};
  const opt_net *one = operated(f, net, data, p, 0, 1), *two = operated(f, net, data, p, 0, 2);
  for (int l = 0; l < net->n_layers; l++) {
    const opt_weights *a = one->layers[l].weights, *b = two->layers[l].weights;
    if (!a)
      continue;
    assert_memory_equal(a->w, b->w, a->n_elems * sizeof *a->w);
    assert_memory_equal(a->bias, b->bias, a->n_out * sizeof *a->bias);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(twins_become_one, set_up, tear_down),
    cmocka_unit_test_setup_teardown(inputs_decide, set_up, tear_down),
    cmocka_unit_test_setup_teardown(rest_is_the_least_squares_solution, set_up, tear_down),
    cmocka_unit_test_setup_teardown(patterns_keep_their_counts, set_up, tear_down),
    cmocka_unit_test_setup_teardown(threads_change_nothing, set_up, tear_down),
    cmocka_unit_test_setup_teardown(edges, set_up, tear_down),
    cmocka_unit_test_setup_teardown(nothing_to_cut_changes_nothing, set_up, tear_down),
    cmocka_unit_test_setup_teardown(every_pattern_beats_magnitude, set_up, tear_down),
    cmocka_unit_test_setup_teardown(pruned_weights_are_refused, set_up, tear_down),
    cmocka_unit_test_setup_teardown(work_up_to_the_cap_is_done, set_up, tear_down),
    cmocka_unit_test_setup_teardown(memory_is_capped_too, set_up, tear_down),
    cmocka_unit_test_setup_teardown(progress_is_told, set_up, tear_down),
    cmocka_unit_test_setup_teardown(twin_channels_cost_nothing, set_up, tear_down),
    cmocka_unit_test_setup_teardown(depthwise_rows_have_inputs_of_their_own, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_branch_makes_good_what_the_other_lost, set_up, tear_down),
    cmocka_unit_test_setup_teardown(same_bytes_on_threads, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
