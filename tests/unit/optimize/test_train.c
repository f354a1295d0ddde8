/* SPDX-License-Identifier: Apache-2.0 */
/* The training loop on made data: same bytes on any number of threads and after an
 * interrupt, optimizers by their formulas, what is refused before the first step. */
#include "net_maker.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { H = 6, W = 5, C = 2, N_IN = H * W * C, CLASSES = 4, N_TRAIN = 150, N_VALID = 37 };

static weft_arena *arena;
static weft_diag *diag;
static char folder[64];

static int set_up(void **state) {
  (void)state;
  arena = weft_arena_new();
  diag = weft_diag_new(arena);
  snprintf(folder, sizeof folder, "%s", "/tmp/weft_train_XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static const char *checkpoint(void) {
  return weft_arena_printf(arena, "%s/train.checkpoint", folder);
}

static int tear_down(void **state) {
  (void)state;
  unlink(checkpoint());
  rmdir(folder);
  weft_arena_free(&arena);
  return 0;
}

static opt_data *made_data(void) {
  return nm_data(arena, (const int32_t[]){H, W, C}, CLASSES, N_TRAIN, N_VALID);
}

static opt_net *made_net(void) {
  opt_net *net = nm_new(arena, H, W, C);
  int v = nm_conv(net, 0, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int u = nm_conv(net, v, 8, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE);
  v = nm_join(net, OPT_ADD, u, v, WEFT_ACT_RELU);
  v = nm_pool(net, OPT_MAX_POOL, v, 2, 2, WEFT_PAD_VALID);
  v = nm_depthwise(net, v, 1, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU6);
  v = nm_dense(net, nm_flatten(net, v), 12, WEFT_ACT_RELU);
  nm_end(net, nm_unary(net, OPT_SOFTMAX, nm_dense(net, v, CLASSES, WEFT_ACT_NONE)));
  return net;
}

static opt_train_options made_options(void) {
  opt_train_options o = opt_train_default();
  o.epochs = 4;
  o.batch = 40;
  o.seed = 3;
  o.dropout = 0.2;
  o.augment.shift = 1;
  return o;
}

/* Everything that training leaves behind, as bytes. */
static void pack(const opt_net *net, const opt_history *h, weft_span *out) {
  uint8_t *bytes = WEFT_NEW(arena, uint8_t, 1 << 18);
  size_t n = 0;
#define PACK(p, size) (memcpy(bytes + n, (p), (size)), n += (size))
  for (int l = 0; l < net->n_layers; l++) {
    const opt_weights *w = net->layers[l].weights;
    if (!w)
      continue;
    PACK(w->w, w->n_elems * sizeof(float));
    PACK(w->bias, w->n_out * sizeof(float));
    if (w->mask)
      PACK(w->mask, w->n_elems);
    if (w->cluster)
      PACK(w->cluster, w->n_elems * sizeof *w->cluster);
    PACK(&w->keep.zeros, 1);
    PACK(&w->keep.m, sizeof w->keep.m);
  }
  for (int v = 0; v < net->n_values; v++) {
    PACK(&net->values[v].min, sizeof(float));
    PACK(&net->values[v].max, sizeof(float));
  }
  PACK(h->loss, h->n * sizeof(double));
  PACK(h->metric, h->n * sizeof(double));
  PACK(h->sparsity, h->n * sizeof(double));
#undef PACK
  *out = (weft_span){bytes, n};
}

static void assert_same(weft_span a, weft_span b) {
  assert_int_equal(a.size, b.size);
  assert_memory_equal(a.data, b.data, a.size);
}

typedef void (*prepare)(opt_net *net, opt_train_options *o);

static weft_span trained(prepare p, int threads) {
  opt_net *net = made_net();
  opt_train_options o = made_options();
  opt_history h = {0};
  weft_span out;
  if (p)
    p(net, &o);
  o.threads = threads;
  assert_int_equal(opt_train(arena, diag, net, made_data(), &o, NULL, &h), WEFT_OK);
  assert_int_equal(h.n, 4);
  pack(net, &h, &out);
  return out;
}

/* ---- the kinds of runs ------------------------------------------------------------- */
static void with_quantize(opt_net *net, opt_train_options *o) {
  (void)net;
  o->quantize = true;
}
static void with_pruning(opt_net *net, opt_train_options *o) {
  (void)net;
  o->optimizer = OPT_MOMENTUM;
  o->lr = 0.01;
  o->has_prune = true;
  o->prune = (opt_prune){.pattern = OPT_M_OF_N, .m = 2, .n = 4};
  o->prune_schedule.frequency = 3;
  o->prune_schedule.begin = 2;
}
static void with_clusters(opt_net *net, opt_train_options *o) {
  const opt_cluster c = {.n_clusters = 6, .init = OPT_KMEANS_PP, .preserve_sparsity = true};
  const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
  const char *dense;
  for (int l = 0; l < net->n_layers; l++)
    if (net->layers[l].weights) {
      assert_int_equal(opt_prune_layer(arena, diag, &net->layers[l], &p, 0.5, &dense), WEFT_OK);
      assert_int_equal(opt_cluster_layer(arena, diag, &net->layers[l], &c), WEFT_OK);
    }
  o->quantize = true;
}

static const prepare runs[] = {NULL, with_quantize, with_pruning, with_clusters};
enum { N_RUNS = 4 };

static void test_threads(void **state) {
  (void)state;
  for (int i = 0; i < N_RUNS; i++) {
    const weft_span one = trained(runs[i], 1);
    assert_same(one, trained(runs[i], 1));
    assert_same(one, trained(runs[i], 2));
    assert_same(one, trained(runs[i], 3));
  }
}

/* ---- interrupts ---------------------------------------------------------------------- */
typedef struct stopper { weft_progress base; uint64_t at; } stopper;

static void stop_at(weft_progress *p, const char *stage, uint64_t done, uint64_t total) {
  (void)stage;
  (void)total;
  if (done == ((stopper *)p)->at)
    weft_set_interrupted();
}

/* Exit status of a process that is interrupted after `step` steps. */
static int interrupted_run(prepare p, uint64_t step, bool resume) {
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    opt_net *net = made_net();
    opt_train_options o = made_options();
    stopper s = {{stop_at}, step};
    if (p)
      p(net, &o);
    o.checkpoint_dir = folder;
    o.resume = resume;
    _exit(weft_status_exit(opt_train(arena, diag, net, made_data(), &o, &s.base, NULL)));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_resume(prepare p, uint64_t first, uint64_t second) {
  opt_net *net = made_net();
  opt_train_options o = made_options();
  opt_history h = {0};
  weft_span got;
  assert_int_equal(interrupted_run(p, first, false), 130);
  assert_int_equal(interrupted_run(p, second, true), 130);
  if (p)
    p(net, &o);
  o.checkpoint_dir = folder;
  o.resume = true;
  o.threads = 2;
  assert_int_equal(opt_train(arena, diag, net, made_data(), &o, NULL, &h), WEFT_OK);
  pack(net, &h, &got);
  assert_same(trained(p, 1), got);
}

/* 4 steps an epoch: inside an epoch, at its end, and before the first mask. */
static void test_resume(void **state) {
  (void)state;
  for (int i = 0; i < N_RUNS; i++) {
    check_resume(runs[i], 1, 6);
    check_resume(runs[i], 4, 15);
  }
}

static void write_byte(const char *path, long at, int value) {
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  fseek(f, at, at < 0 ? SEEK_END : SEEK_SET);
  fputc(value, f);
  fclose(f);
}

static weft_status resumed(double lr) {
  opt_train_options o = made_options();
  o.checkpoint_dir = folder;
  o.resume = true;
  o.lr = lr;
  return opt_train(arena, diag, made_net(), made_data(), &o, NULL, NULL);
}

static void test_damaged_checkpoint(void **state) {
  (void)state;
  assert_int_equal(interrupted_run(NULL, 5, false), 130);
  assert_int_equal(resumed(0.002), WEFT_E_CONFIG);
  write_byte(checkpoint(), -100, 0x55);
  assert_int_equal(resumed(0.001), WEFT_E_INPUT);
  assert_int_equal(truncate(checkpoint(), 500), 0);
  assert_int_equal(resumed(0.001), WEFT_E_INPUT);
  write_byte(checkpoint(), 0, 'X');
  assert_int_equal(resumed(0.001), WEFT_E_INPUT);
  assert_int_equal(truncate(checkpoint(), 3), 0);
  assert_int_equal(resumed(0.001), WEFT_E_INPUT);
  unlink(checkpoint());
  assert_int_equal(resumed(0.001), WEFT_OK);    /* none: from the start      */
}

/* ---- optimizers ------------------------------------------------------------------------ */
/* Steps of one whole batch of 16 in the order that training takes, by the formulas. */
static void by_formula(opt_net *net, const opt_data *d, const opt_train_options *o) {
  opt_weights *w = net->layers[0].weights;
  const size_t n = w->n_elems + w->n_out;
  double *m = WEFT_NEW(arena, double, n), *v = WEFT_NEW(arena, double, n);
  float *x = WEFT_NEW(arena, float, 16 * N_IN);
  for (int64_t step = 0; step < o->epochs; step++) {
    uint32_t order[16];
    int32_t label[16];
    float *grad[8];
    double loss;
    opt_shuffle(o->seed, (uint64_t)step, 16, order);
    for (size_t i = 0; i < 16; i++) {
      opt_data_get(d, OPT_TRAIN, order[i], x + i * N_IN);
      label[i] = d->splits[OPT_TRAIN].label[order[i]];
    }
    assert_int_equal(opt_gradients(arena, diag, net, x, label, 16, o, &loss, grad), WEFT_OK);
    for (size_t i = 0; i < n; i++) {
      float *p = i < w->n_elems ? &w->w[i] : &w->bias[i - w->n_elems];
      const double g = (double)grad[0][i], t = (double)(step + 1);
      double new = (double)*p * (1 - o->weight_decay * o->lr);
      if (o->optimizer == OPT_SGD)
        new -= o->lr * g;
      else if (o->optimizer == OPT_MOMENTUM) {
        m[i] = o->momentum * m[i] - o->lr * g;
        new += m[i];
      } else {
        m[i] = o->beta1 * m[i] + (1 - o->beta1) * g;
        v[i] = o->beta2 * v[i] + (1 - o->beta2) * g * g;
        new -= o->lr * sqrt(1 - pow(o->beta2, t)) / (1 - pow(o->beta1, t)) * m[i] /
               (sqrt(v[i]) + o->epsilon);
      }
      *p = (float)new;
    }
  }
}

static opt_net *linear_net(void) {
  opt_net *net = nm_new(arena, H, W, C);
  nm_end(net, nm_unary(net, OPT_SOFTMAX, nm_dense(net, 0, CLASSES, WEFT_ACT_NONE)));
  return net;
}

/* Bound: 3e-6 of weights below 1 after 5 steps; the formulas are in double. */
static void test_optimizers(void **state) {
  (void)state;
  for (int k = 0; k < 4; k++) {
    opt_net *a = linear_net(), *b = linear_net();
    opt_data *d = made_data();
    opt_train_options o = opt_train_default();
    o.optimizer = k < 3 ? (opt_optimizer)k : OPT_ADAM;
    o.lr = o.optimizer == OPT_ADAM ? 0.01 : 0.1;
    o.weight_decay = k == 3 ? 0.5 : 0;
    o.epochs = 5;
    o.batch = 16;
    o.max_samples = 16;
    assert_int_equal(opt_train(arena, diag, a, d, &o, NULL, NULL), WEFT_OK);
    by_formula(b, d, &o);
    const opt_weights *p = a->layers[0].weights, *q = b->layers[0].weights;
    float moved = 0;
    for (size_t i = 0; i < p->n_elems; i++) {
      if (!(fabsf(p->w[i] - q->w[i]) <= 3e-6f))
        fail_msg("optimizer %d weight %zu: %.9g, formula %.9g", k, i, (double)p->w[i],
                 (double)q->w[i]);
      moved = fmaxf(moved, fabsf(p->w[i] - linear_net()->layers[0].weights->w[i]));
    }
    assert_true(moved > 0.01f);
  }
}

static void test_rates(void **state) {
  (void)state;
  opt_train_options o = made_options();
  opt_history h;
  o.lr_schedule = OPT_LR_COSINE;
  assert_int_equal(opt_train(arena, diag, made_net(), made_data(), &o, NULL, &h), WEFT_OK);
  for (size_t e = 0; e < 4; e++)        /* of the last of 4 steps of an epoch */
    assert_true(fabs(h.lr[e] - 5e-4 * (1 + cos(3.141592653589793 * (4.0 * (double)e + 3) / 16))) < 1e-12);
  o.lr_schedule = OPT_LR_STEP;
  assert_int_equal(opt_train(arena, diag, made_net(), made_data(), &o, NULL, &h), WEFT_OK);
  assert_true(h.lr[1] == 1e-3);
  assert_true(h.lr[2] == 1e-3 * 0.1);
  assert_true(h.lr[3] == 1e-3 * 0.01);
}

static void test_learns(void **state) {
  (void)state;
  opt_net *net = made_net();
  opt_train_options o = opt_train_default();
  opt_history h;
  o.epochs = 20;
  o.batch = 10;
  o.reinitialize = true;
  assert_int_equal(opt_train(arena, diag, net, made_data(), &o, NULL, &h), WEFT_OK);
  assert_true(h.loss[19] < 0.05 && h.loss[19] < h.loss[0] / 10);
  assert_true(h.metric[19] > 0.95);
}

/* ---- refused ------------------------------------------------------------------------------ */
static weft_status refused(opt_net *net, opt_data *d, opt_train_options o, const char *text) {
  const size_t before = weft_diag_count(diag);
  const weft_status s = opt_train(arena, diag, net, d, &o, NULL, NULL);
  assert_int_equal(weft_diag_count(diag), before + 1);
  const weft_issue *i = weft_diag_at(diag, before);
  if (!strstr(i->found, text))
    fail_msg("found '%s', expected '%s'", i->found, text);
  return s;
}

static void test_refused(void **state) {
  (void)state;
  opt_train_options o = made_options();
  opt_data *d = made_data();
  o.epochs = 0;
  assert_int_equal(refused(made_net(), d, o, "epochs 0"), WEFT_E_CONFIG);
  o = made_options();
  o.lr = NAN;
  assert_int_equal(refused(made_net(), d, o, "lr nan"), WEFT_E_CONFIG);
  o = made_options();
  o.has_prune = true;
  o.prune_schedule = opt_schedule_default(OPT_POLYNOMIAL_DECAY);
  o.prune_schedule.end = 2000;
  assert_int_equal(refused(made_net(), d, o, "16 steps"), WEFT_E_CONFIG);
  o.prune_schedule = opt_schedule_default(OPT_CONSTANT_SPARSITY);
  assert_int_equal(refused(linear_net(), d, o, "no layer to prune"), WEFT_E_CONFIG);
  o = made_options();
  o.batch = 65536;
  opt_net *wide = nm_new(arena, H, W, C);
  nm_end(wide, nm_dense(wide, nm_dense(wide, 0, 5000, WEFT_ACT_NONE), CLASSES, WEFT_ACT_NONE));
  assert_int_equal(refused(wide, d, o, "batch 65536"), WEFT_E_CAP);
  o = made_options();
  opt_net *net = made_net();
  with_clusters(net, &o);
  o.keep_masks = false;
  assert_int_equal(refused(net, d, o, "zeros"), WEFT_E_CONFIG);
  o.keep_masks = true;
  o.keep_clusters = false;
  assert_int_equal(refused(net, d, o, "clusters"), WEFT_E_CONFIG);
  o = made_options();
  ((int32_t *)(uintptr_t)d->splits[OPT_TRAIN].label)[7] = 4;
  assert_int_equal(refused(made_net(), d, o, "label 4 of sample 7 of train"), WEFT_E_INPUT);
  d = made_data();
  ((int32_t *)(uintptr_t)d->splits[OPT_VALIDATION].label)[2] = -1;
  assert_int_equal(refused(made_net(), d, o, "label -1 of sample 2 of valid"), WEFT_E_INPUT);
  d->splits[OPT_TRAIN].n = 0;
  assert_int_equal(refused(made_net(), d, o, "no samples"), WEFT_E_INPUT);
  d = made_data();
  d->n_elems = 7;
  assert_int_equal(refused(made_net(), d, o, "7 elements"), WEFT_E_INPUT);
  o.teacher = linear_net();
  o.temperature = 0;
  assert_int_equal(refused(made_net(), made_data(), o, "temperature 0"), WEFT_E_CONFIG);
  o = made_options();
  o.optimizer = OPT_SGD;
  o.lr = 1000;
  o.epochs = 20;
  net = nm_new(arena, H, W, C);
  nm_end(net, nm_dense(net, 0, N_IN, WEFT_ACT_NONE));
  d = made_data();
  d->splits[OPT_TRAIN].label = d->splits[OPT_VALIDATION].label = NULL;
  assert_int_equal(refused(net, d, o, "not finite"), WEFT_E_CONFIG);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T(test_optimizers), T(test_rates), T(test_learns), T(test_threads), T(test_resume),
      T(test_damaged_checkpoint), T(test_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
