/* SPDX-License-Identifier: Apache-2.0 */
/* Singular values, factored layers, merged adapters. */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/svd.h"
#include "net_maker.h"
#include "opt_nets.h"
#include "fixture.h"

static opt_matrix random_matrix(fixture *f, size_t rows, size_t columns, uint64_t seed) {
  opt_matrix m = opt_matrix_new(f->arena, rows, columns);
  for (size_t i = 0; i < rows * columns; i++)
    m.v[i] = (double)nm_uniform(seed, i);
  return m;
}

static double rebuilt(const opt_svd *s, size_t r, size_t c) {
  double sum = 0;
  for (size_t k = 0; k < s->k; k++)
    sum += *opt_at(&s->u, r, k) * s->s[k] * *opt_at(&s->v, c, k);
  return sum;
}

static void is_orthonormal(fixture *f, const opt_matrix *m) {
  const opt_matrix g = opt_matrix_t_times(f->arena, m, m);
  for (size_t r = 0; r < g.rows; r++)
    for (size_t c = 0; c < g.columns; c++)
      assert_true(fabs(*opt_at(&g, r, c) - (r == c ? 1 : 0)) < 1e-12);
}

static void svd_rebuilds_its_matrix(void **state) {
  fixture *f = *state;
  static const size_t sizes[][2] = {{7, 4}, {4, 7}, {20, 20}, {1, 5}, {5, 1}, {90, 31}};
  for (size_t t = 0; t < sizeof sizes / sizeof *sizes; t++) {
    const opt_matrix a = random_matrix(f, sizes[t][0], sizes[t][1], t);
    const opt_svd s = opt_svd_of(f->arena, &a);
    assert_int_equal(s.k, sizes[t][0] < sizes[t][1] ? sizes[t][0] : sizes[t][1]);
    is_orthonormal(f, &s.u);
    is_orthonormal(f, &s.v);
    for (size_t r = 0; r < a.rows; r++)
      for (size_t c = 0; c < a.columns; c++)
        assert_true(fabs(rebuilt(&s, r, c) - *opt_at(&a, r, c)) < 1e-12);
    for (size_t k = 0; k < s.k; k++) {
      double most = 0;
      for (size_t r = 0; r < s.u.rows; r++)
        most = fabs(*opt_at(&s.u, r, k)) > fabs(most) ? *opt_at(&s.u, r, k) : most;
      assert_true(most > 0);
      assert_true(k == 0 || s.s[k] <= s.s[k - 1]);
    }
  }
}

static void svd_by_hand(void **state) {
  fixture *f = *state;
  opt_matrix a = opt_matrix_new(f->arena, 3, 3);      /* rank 2: 5 and 3 */
  *opt_at(&a, 0, 1) = 3;
  *opt_at(&a, 2, 0) = -5;
  const opt_svd s = opt_svd_of(f->arena, &a);
  assert_true(s.s[0] == 5 && s.s[1] == 3 && s.s[2] == 0);
  assert_true(*opt_at(&s.u, 2, 0) == 1 && *opt_at(&s.v, 0, 0) == -1);
  assert_int_equal(opt_rank_of(&s, 25.0 / 34), 1);
  assert_int_equal(opt_rank_of(&s, 0.74), 2);
  assert_int_equal(opt_rank_of(&s, 1), 2);
}

/* w = B A with inner dimension `rank`. */
static void make_low_rank(opt_weights *w, size_t rank) {
  const size_t columns = w->n_elems / w->n_out;
  for (size_t o = 0; o < w->n_out; o++)
    for (size_t i = 0; i < columns; i++) {
      double sum = 0;
      for (size_t r = 0; r < rank; r++)
        sum += (double)nm_uniform(5, o * rank + r) * (double)nm_uniform(6, r * columns + i);
      w->w[o * columns + i] = (float)sum;
    }
}

static float distance(fixture *f, const opt_net *a, const opt_net *b) {
  const float *x = opt_test_samples(f->arena, 5, 4 * a->values[a->inputs[0]].n_elems);
  const size_t n = 4 * a->values[a->outputs[0]].n_elems;
  float *p = WEFT_NEW(f->arena, float, n);
  float *q = WEFT_NEW(f->arena, float, n);
  float most = 0;
  assert_int_equal(opt_forward(f->d, a, x, 4, p, NULL, NULL), WEFT_OK);
  assert_int_equal(opt_forward(f->d, b, x, 4, q, NULL, NULL), WEFT_OK);
  for (size_t i = 0; i < n; i++)
    most = fabsf(p[i] - q[i]) > most ? fabsf(p[i] - q[i]) : most;
  return most;
}

static bool decompose(fixture *f, opt_net *net, int layer, opt_decompose o) {
  bool done = false;
  if (opt_decompose_layer(f->d, net, layer, &o, &done) != WEFT_OK) {
    opt_test_issues(f->d);
    fail();
  }
  return done;
}

static void dense_of_low_rank_becomes_two(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 0, 0, 30);
  const int a = nm_dense(net, 0, 20, WEFT_ACT_RELU);
  nm_end(net, nm_dense(net, a, 3, WEFT_ACT_NONE));
  make_low_rank(net->layers[0].weights, 3);
  const opt_net *before = opt_clone(f->arena, net);
  assert_true(decompose(f, net, 0, (opt_decompose){.energy = 0.9999999}));
  assert_int_equal(net->n_layers, 3);
  assert_int_equal(opt_macs(net), 3 * 50 + 60);
  assert_string_equal(net->layers[0].name, "layer0/svd");
  assert_string_equal(net->layers[1].name, "layer0");
  assert_int_equal(net->layers[0].act, WEFT_ACT_NONE);
  assert_int_equal(net->layers[1].act, WEFT_ACT_RELU);
  assert_true(distance(f, before, net) < 1e-5f);
  assert_false(decompose(f, net, 1, (opt_decompose){.rank = 3}));
  net = opt_clone(f->arena, before);
  assert_true(decompose(f, net, 0, (opt_decompose){.rank = 3, .multiple = 4}));
  assert_int_equal(net->layers[0].weights->n_out, 4);
  assert_false(decompose(f, net, 2, (opt_decompose){.rank = 3}));
}

/* Eckart and Young: the error is the root of the squared sum of what was cut. */
static void truncation_is_the_best(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 0, 0, 24);
  nm_end(net, nm_dense(net, 0, 16, WEFT_ACT_NONE));
  const opt_weights *w = net->layers[0].weights;
  opt_matrix m = opt_matrix_new(f->arena, 16, 24);
  for (size_t o = 0; o < 16; o++)
    for (size_t i = 0; i < 24; i++)
      *opt_at(&m, o, i) = (double)w->w[o * 24 + i];
  const opt_svd s = opt_svd_of(f->arena, &m);
  for (int rank = 1; rank < 10; rank++) {
    opt_net *cut = opt_clone(f->arena, net);
    assert_true(decompose(f, cut, 0, (opt_decompose){.rank = rank}));
    double error = 0;
    double wanted = 0;
    for (size_t o = 0; o < 16; o++)
      for (size_t i = 0; i < 24; i++) {
        double sum = 0;
        for (size_t k = 0; k < (size_t)rank; k++)
          sum += (double)cut->layers[1].weights->w[o * (size_t)rank + k] * (double)cut->layers[0].weights->w[k * 24 + i];
        error += (sum - *opt_at(&m, o, i)) * (sum - *opt_at(&m, o, i));
      }
    for (size_t k = (size_t)rank; k < s.k; k++)
      wanted += s.s[k] * s.s[k];
    assert_true(fabs(sqrt(error) - sqrt(wanted)) < 1e-6);
  }
}

static void pointwise_convolution_keeps_its_stride(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 7, 7, 16);
  const int a = nm_conv(net, 0, 24, 1, 1, 2, 1, WEFT_PAD_SAME, WEFT_ACT_RELU6);
  nm_end(net, nm_conv(net, a, 2, 3, 3, 1, 1, WEFT_PAD_VALID, WEFT_ACT_NONE));
  make_low_rank(net->layers[0].weights, 2);
  const opt_net *before = opt_clone(f->arena, net);
  assert_true(decompose(f, net, 0, (opt_decompose){.energy = 0.99999999}));
  assert_int_equal(net->layers[0].weights->n_out, 2);
  assert_int_equal(net->layers[0].stride_h, 2);
  assert_int_equal(net->layers[1].stride_h, 1);
  assert_true(distance(f, before, net) < 1e-5f);
}

/* Weights of input and output ranks 3 and 4. */
static void make_tucker(opt_weights *w) {
  const size_t taps = (size_t)w->shape[1] * (size_t)w->shape[2];
  const size_t n_in = (size_t)w->shape[3];
  memset(w->w, 0, w->n_elems * sizeof *w->w);
  for (size_t o = 0; o < w->n_out; o++)
    for (size_t t = 0; t < taps; t++)
      for (size_t i = 0; i < n_in; i++) {
        double sum = 0;
        for (size_t a = 0; a < 4; a++)
          for (size_t b = 0; b < 3; b++)
            sum += (double)nm_uniform(1, o * 4 + a) * (double)nm_uniform(2, (a * taps + t) * 3 + b) *
                   (double)nm_uniform(3, i * 3 + b);
        w->w[(o * taps + t) * n_in + i] = (float)sum;
      }
}

static void convolutions_become_three(void **state) {
  fixture *f = *state;
  for (int variant = 0; variant < 3; variant++) {
    opt_net *net = nm_new(f->arena, 9, 9, 16);
    const int a = nm_conv(net, 0, 20, 3, 3, variant == 1 ? 2 : 1, variant == 2 ? 2 : 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
    nm_end(net, nm_conv(net, a, 2, 1, 1, 1, 1, WEFT_PAD_SAME, WEFT_ACT_NONE));
    make_tucker(net->layers[0].weights);
    const opt_net *before = opt_clone(f->arena, net);
    assert_true(decompose(f, net, 0, (opt_decompose){.energy = 0.99999999}));
    assert_int_equal(net->n_layers, 4);
    assert_int_equal(net->layers[0].weights->n_out, 3);
    assert_int_equal(net->layers[1].weights->n_out, 4);
    assert_int_equal(net->layers[1].weights->shape[1], 3);
    assert_int_equal(net->layers[2].weights->n_out, 20);
    assert_string_equal(net->layers[2].name, "layer0");
    assert_true(distance(f, before, net) < 2e-4f);
  }
}

/* Energy of the core of the truncated higher-order SVD, without iteration. */
static double plain_energy(fixture *f, const opt_weights *w, size_t rank) {
  const size_t n_out = w->n_out;
  const size_t n_in = (size_t)w->shape[3];
  const size_t taps = w->n_elems / n_out / n_in;
  opt_matrix by_out = opt_matrix_new(f->arena, n_out, taps * n_in);
  opt_matrix by_in = opt_matrix_new(f->arena, n_in, taps * n_out);
  for (size_t o = 0; o < n_out; o++)
    for (size_t t = 0; t < taps; t++)
      for (size_t i = 0; i < n_in; i++) {
        const double v = (double)w->w[(o * taps + t) * n_in + i];
        *opt_at(&by_out, o, t * n_in + i) = v;
        *opt_at(&by_in, i, t * n_out + o) = v;
      }
  const opt_svd u = opt_svd_of(f->arena, &by_out);
  const opt_svd v = opt_svd_of(f->arena, &by_in);
  double energy = 0;
  for (size_t a = 0; a < rank; a++)
    for (size_t t = 0; t < taps; t++)
      for (size_t b = 0; b < rank; b++) {
        double sum = 0;
        for (size_t o = 0; o < n_out; o++)
          for (size_t i = 0; i < n_in; i++)
            sum += *opt_at(&u.u, o, a) * *opt_at(&v.u, i, b) * *opt_at(&by_out, o, t * n_in + i);
        energy += sum * sum;
      }
  return energy;
}

static void iteration_keeps_more_energy(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 9, 9, 12);
  nm_end(net, nm_conv(net, 0, 14, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU));
  const double plain = plain_energy(f, net->layers[0].weights, 3);
  assert_true(decompose(f, net, 0, (opt_decompose){.rank = 3}));
  double energy = 0;
  for (size_t i = 0; i < net->layers[1].weights->n_elems; i++)
    energy += (double)net->layers[1].weights->w[i] * (double)net->layers[1].weights->w[i];
  assert_true(energy > plain * 1.01);
}

/* Only one side is worth it: two layers. */
static void one_sided_tucker(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 9, 9, 3);
  const int a = nm_conv(net, 0, 20, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  nm_end(net, nm_conv(net, a, 20, 3, 3, 2, 1, WEFT_PAD_SAME, WEFT_ACT_NONE));
  make_tucker(net->layers[0].weights);
  make_tucker(net->layers[1].weights);
  const opt_net *before = opt_clone(f->arena, net);
  assert_true(decompose(f, net, 0, (opt_decompose){.energy = 0.99999999}));
  assert_int_equal(net->n_layers, 3);
  assert_int_equal(net->layers[0].weights->shape[3], 3);
  assert_int_equal(net->layers[0].weights->n_out, 4);
  assert_true(distance(f, before, net) < 1e-3f);
}

static void no_gain_no_change(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 6, 6, 4);
  const int a = nm_conv(net, 0, 4, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  const int b = nm_depthwise(net, a, 1, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU);
  nm_end(net, nm_conv(net, b, 4, 1, 1, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU));
  const opt_weights *kept = net->layers[0].weights;
  for (int i = 0; i < 3; i++)
    assert_false(decompose(f, net, i, (opt_decompose){.energy = 1}));
  assert_int_equal(net->n_layers, 3);
  assert_ptr_equal(net->layers[0].weights, kept);
}

static void later_layers_still_find_their_inputs(void **state) {
  fixture *f = *state;
  opt_net *net = opt_test_net(f->arena, 4, false);
  const opt_net *before = opt_clone(f->arena, net);
  int n_done = 0;
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].kind == OPT_CONV)
      make_low_rank(net->layers[i].weights, 1);
  before = opt_clone(f->arena, net);
  for (int i = 0; i < net->n_layers; i++) {
    const int n = net->n_layers;
    if (net->layers[i].weights && decompose(f, net, i, (opt_decompose){.energy = 0.9999999})) {
      i += net->n_layers - n;
      n_done++;
    }
  }
  assert_true(n_done >= 2);
  assert_true(opt_macs(net) < opt_macs(before));
  assert_true(distance(f, before, net) < 1e-4f);
}

static void wrong_requests_are_refused(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 0, 0, 30);
  nm_end(net, nm_dense(net, 0, 20, WEFT_ACT_RELU));
  bool done = true;
  const char *dense = NULL;
  const opt_decompose none = {.energy = 0};
  assert_int_equal(opt_decompose_layer(f->d, net, 0, &none, &done), WEFT_E_CONFIG);
  const opt_prune p = {.pattern = OPT_UNSTRUCTURED};
  assert_int_equal(opt_prune_layer(f->arena, f->d, &net->layers[0], &p, 0.5, &dense), WEFT_OK);
  const opt_decompose o = {.energy = 0.5};
  assert_int_equal(opt_decompose_layer(f->d, net, 0, &o, &done), WEFT_E_CONFIG);
  assert_false(done);
}

static void same_bytes_twice(void **state) {
  fixture *f = *state;
  opt_net *nets[2];
  for (int k = 0; k < 2; k++) {
    nets[k] = nm_new(f->arena, 9, 9, 16);
    nm_end(nets[k], nm_conv(nets[k], 0, 20, 3, 3, 1, 1, WEFT_PAD_SAME, WEFT_ACT_RELU));
    assert_true(decompose(f, nets[k], 0, (opt_decompose){.rank = 4}));
  }
  for (int i = 0; i < 3; i++)
    assert_memory_equal(nets[0]->layers[i].weights->w, nets[1]->layers[i].weights->w,
                        nets[0]->layers[i].weights->n_elems * sizeof(float));
}

/* ---- adapters ------------------------------------------------------------- */
typedef struct zip { uint8_t bytes[4096]; size_t n, n_members, at[8], size[8]; char name[8][40]; } zip;

static void zip_add(zip *z, const char *name, size_t rows, size_t columns, const float *v) {
  uint8_t *p = z->bytes + z->n;
  char header[118];
  const size_t n_data = rows * columns * 4;
  snprintf(z->name[z->n_members], 40, "%s.npy", name);
  const size_t n_name = strlen(z->name[z->n_members]);
  memset(header, ' ', sizeof header);
  const int n = snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, columns);
  header[n] = ' ';
  header[117] = '\n';
  z->at[z->n_members] = z->n;
  z->size[z->n_members++] = 128 + n_data;
  weft_put_le32(p, 0x04034b50);
  weft_put_le16(p + 26, (uint16_t)n_name);
  memcpy(p + 30, z->name[z->n_members - 1], n_name);
  p += 30 + n_name;
  memcpy(p, "\x93NUMPY\x01\x00\x76\x00", 10);
  memcpy(p + 10, header, 118);
  memcpy(p + 128, v, n_data);
  z->n += 30 + n_name + 128 + n_data;
}

static const char *zip_write(fixture *f, zip *z) {
  static char path[64];
  const size_t directory = z->n;
  for (size_t i = 0; i < z->n_members; i++) {
    uint8_t *p = z->bytes + z->n;
    const size_t n_name = strlen(z->name[i]);
    weft_put_le32(p, 0x02014b50);
    weft_put_le32(p + 20, (uint32_t)z->size[i]);
    weft_put_le32(p + 24, (uint32_t)z->size[i]);
    weft_put_le16(p + 28, (uint16_t)n_name);
    weft_put_le32(p + 42, (uint32_t)z->at[i]);
    memcpy(p + 46, z->name[i], n_name);
    z->n += 46 + n_name;
  }
  weft_put_le32(z->bytes + z->n, 0x06054b50);
  weft_put_le16(z->bytes + z->n + 10, (uint16_t)z->n_members);
  weft_put_le32(z->bytes + z->n + 16, (uint32_t)directory);
  z->n += 22;
  strcpy(path, "/tmp/weft_lora_XXXXXX");
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  assert_int_equal(weft_file_write(f->d, path, z->bytes, z->n), WEFT_OK);
  return path;
}

static weft_status merge(fixture *f, zip *z, opt_net *net, double alpha) {
  const char *path = zip_write(f, z);
  const weft_status s = opt_lora_merge(f->d, net, path, alpha);
  unlink(path);
  return s;
}

static void adapters_are_merged(void **state) {
  fixture *f = *state;
  opt_net *net = nm_new(f->arena, 0, 0, 3);
  const int a = nm_dense(net, 0, 2, WEFT_ACT_NONE);
  nm_end(net, nm_dense(net, a, 2, WEFT_ACT_NONE));
  const float w[6] = {1, 2, 3, 4, 5, 6};
  memcpy(net->layers[0].weights->w, w, sizeof w);
  const float da[6] = {1, 0, 2, 0, 1, 0};
  const float db[4] = {1, 10, 100, 1000};
  zip z = {.n = 0};
  zip_add(&z, "layer0.A", 2, 3, da);
  zip_add(&z, "layer0.B", 2, 2, db);
  assert_int_equal(merge(f, &z, net, 4), WEFT_OK);
  const float want[6] = {1 + 2, 2 + 20, 3 + 4, 4 + 200, 5 + 2000, 6 + 400};
  assert_memory_equal(net->layers[0].weights->w, want, sizeof want);
}

static void adapters_that_do_not_fit_are_refused(void **state) {
  fixture *f = *state;
  const float v[6] = {1, 0, 2, 0, 1, NAN};
  static const struct { const char *a, *b; size_t rows, columns; weft_status s; const char *says; } rows[] = {
    {"layer0.A", "layer0.B", 1, 5, WEFT_E_INPUT, "A [r x 3], B [2 x r]"},
    {"layer9.A", "layer9.B", 1, 3, WEFT_E_INPUT, "<layer>.A and <layer>.B"},
    {"layer0.A", "layer0.C", 1, 3, WEFT_E_INPUT, "<layer>.A and <layer>.B"},
    {"layer0.A", "layer1.B", 1, 3, WEFT_E_INPUT, "one of its arrays"},
    {"layer0.A", "layer0.B", 2, 3, WEFT_E_INPUT, "finite values"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    opt_net *net = nm_new(f->arena, 0, 0, 3);
    const int a = nm_dense(net, 0, 2, WEFT_ACT_NONE);
    nm_end(net, nm_dense(net, a, 2, WEFT_ACT_NONE));
    zip z = {.n = 0};
    zip_add(&z, rows[i].a, rows[i].rows, rows[i].columns, v);
    zip_add(&z, rows[i].b, 2, rows[i].rows, v);
    assert_int_equal(merge(f, &z, net, 1), rows[i].s);
    const weft_issue *last = weft_diag_at(f->d, weft_diag_count(f->d) - 1);
    if (!strstr(last->allowed, rows[i].says))
      fail_msg("row %zu: %s", i, last->allowed);
  }
}

static void real_convolutions(void **state) {
  fixture *f = *state;
  if (!getenv("WEFT_MODELS"))
    skip();
  opt_net *net = NULL;
  const char *path = weft_arena_printf(f->arena, "%s/models/mlperf_tiny/ic01_resnet8_float.tflite", getenv("WEFT_MODELS"));
  assert_int_equal(opt_test_import(f->arena, f->d, path, &net), WEFT_OK);
  const uint64_t before = opt_macs(net);
  const opt_net *first = opt_clone(f->arena, net);
  int n_done = 0;
  for (int i = 0; i < net->n_layers; i++) {
    const int n = net->n_layers;
    if (net->layers[i].weights && decompose(f, net, i, (opt_decompose){.energy = 0.8, .multiple = 8}))
      n_done++;
    i += net->n_layers - n;
  }
  print_message("%d layers factored, MACs %llu -> %llu, output moves by %g\n", n_done,
                (unsigned long long)before, (unsigned long long)opt_macs(net), (double)distance(f, first, net));
  assert_true(n_done >= 3 && opt_macs(net) < before * 4 / 5);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
    T(svd_rebuilds_its_matrix), T(svd_by_hand), T(dense_of_low_rank_becomes_two),
    T(truncation_is_the_best), T(pointwise_convolution_keeps_its_stride),
    T(convolutions_become_three), T(iteration_keeps_more_energy), T(one_sided_tucker), T(no_gain_no_change),
    T(later_layers_still_find_their_inputs), T(wrong_requests_are_refused), T(same_bytes_twice),
    T(adapters_are_merged), T(adapters_that_do_not_fit_are_refused), T(real_convolutions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
