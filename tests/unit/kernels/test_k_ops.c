/* SPDX-License-Identifier: Apache-2.0 */
/* Operators on random small cases against the formulas written the slow way:
 * one output element at a time, every tap asked for its place. Requantization
 * itself is the business of test_k_requant.c. */
#include "kernels/k_ops.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state) {
  *state = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  weft_arena_free((weft_arena **)state);
  return 0;
}

static int pick(weft_rng *r, int lo, int hi) {
  return (int)weft_rng_range(r, lo, hi);
}

static size_t volume(weft_k_image i) {
  return (size_t)(i.n * i.h * i.w * i.c);
}

static int8_t *random_bytes(weft_arena *a, weft_rng *r, size_t n) {
  int8_t *p = WEFT_NEW(a, int8_t, n + 1);
  for (size_t i = 0; i < n; i++)
    p[i] = pick(r, 0, 7) == 0 ? (pick(r, 0, 1) ? -128 : 127) : (int8_t)weft_rng_byte(r);
  return p;
}

static size_t at(weft_k_image i, int n, int y, int x, int c) {
  return (size_t)(((n * i.h + y) * i.w + x) * i.c + c);
}

static weft_k_axis random_axis(weft_rng *r) {
  const int in = pick(r, 1, 9), k = pick(r, 1, 4);
  const int stride = pick(r, 1, 3), dilation = pick(r, 1, 3);
  const int extent = (k - 1) * dilation + 1;
  const bool valid = in >= extent && pick(r, 0, 1);
  const int out = valid ? (in - extent) / stride + 1 : (in + stride - 1) / stride;
  return weft_k_axis_of(in, out, k, stride, dilation);
}

static void random_sums(weft_arena *a, weft_rng *r, weft_k_sums *p, size_t n_filter) {
  int32_t *bias = WEFT_NEW(a, int32_t, p->out.c);
  weft_k_multiplier *m = WEFT_NEW(a, weft_k_multiplier, p->out.c);
  for (int c = 0; c < p->out.c; c++) {
    bias[c] = pick(r, 0, 3) ? pick(r, -5000, 5000) : pick(r, -(1 << 30), 1 << 30);
    m[c] = (weft_k_multiplier){pick(r, 1 << 30, INT32_MAX), pick(r, -12, 2)};
  }
  p->bias = bias;
  p->multiplier = m;
  p->filter = random_bytes(a, r, n_filter);
  p->in_zero = pick(r, 0, 2) ? pick(r, -128, 127) : -128;
  p->out_zero = pick(r, -128, 127);
  p->lo = pick(r, -128, 0);
  p->hi = pick(r, 0, 127);
}

/* Sum of one output element; `depthwise` chooses filter layout and channels. */
static int64_t slow_sum(const weft_k_sums *p, const int8_t *in, int n, int oy,
                        int ox, int oc, bool depthwise) {
  const int per_group = depthwise ? p->out.c / p->in.c
                                  : p->out.c / (p->in.c / p->filter_c);
  const int first_c = oc / per_group * p->filter_c;
  int64_t sum = p->bias[oc];
  for (int ky = 0; ky < p->y.filter; ky++)
    for (int kx = 0; kx < p->x.filter; kx++)
      for (int c = 0; c < p->filter_c; c++) {
        const int y = oy * p->y.stride + ky * p->y.dilation - p->y.pad_before;
        const int x = ox * p->x.stride + kx * p->x.dilation - p->x.pad_before;
        if (y < 0 || y >= p->in.h || x < 0 || x >= p->in.w)
          continue;
        const int tap = ky * p->x.filter + kx;
        const int w = depthwise
          ? tap * p->out.c + oc
          : (oc * p->y.filter * p->x.filter + tap) * p->filter_c + c;
        sum += p->filter[w] * (in[at(p->in, n, y, x, first_c + c)] - p->in_zero);
      }
  return sum;
}

static int8_t slow_finish(const weft_k_sums *p, int oc, int64_t sum) {
  int64_t y = (int64_t)weft_k_scale((int32_t)(uint32_t)sum, p->multiplier[oc]);
  y += p->out_zero;
  return (int8_t)(y < p->lo ? p->lo : y > p->hi ? p->hi : y);
}

static void expect_slow(const weft_k_sums *p, const int8_t *in, const int8_t *out,
                        bool depthwise) {
  for (int n = 0; n < p->out.n; n++)
    for (int y = 0; y < p->out.h; y++)
      for (int x = 0; x < p->out.w; x++)
        for (int c = 0; c < p->out.c; c++) {
          const int64_t sum = slow_sum(p, in, n, y, x, c, depthwise);
          assert_int_equal(out[at(p->out, n, y, x, c)], slow_finish(p, c, sum));
        }
}

static void conv2d_equals_its_formula(void **state) {
  weft_rng rng = {21};
  for (int i = 0; i < 400; i++) {
    weft_k_sums p = {.y = random_axis(&rng), .x = random_axis(&rng)};
    const int groups = pick(&rng, 0, 2) ? 1 : pick(&rng, 2, 3);
    p.filter_c = pick(&rng, 1, 5);
    p.in = (weft_k_image){pick(&rng, 1, 2), p.y.in, p.x.in, groups * p.filter_c};
    p.out = (weft_k_image){p.in.n, p.y.out, p.x.out, groups * pick(&rng, 1, 4)};
    random_sums(*state, &rng, &p,
                (size_t)(p.out.c * p.y.filter * p.x.filter * p.filter_c));
    const int8_t *in = random_bytes(*state, &rng, volume(p.in));
    int8_t *out = WEFT_NEW(*state, int8_t, volume(p.out));
    assert_int_equal(weft_k_conv2d(&p, in, out), WEFT_OK);
    expect_slow(&p, in, out, false);
  }
}

static void depthwise_equals_its_formula(void **state) {
  weft_rng rng = {22};
  for (int i = 0; i < 400; i++) {
    weft_k_sums p = {.y = random_axis(&rng), .x = random_axis(&rng), .filter_c = 1};
    p.in = (weft_k_image){pick(&rng, 1, 2), p.y.in, p.x.in, pick(&rng, 1, 6)};
    p.out = (weft_k_image){p.in.n, p.y.out, p.x.out, p.in.c * pick(&rng, 1, 3)};
    random_sums(*state, &rng, &p, (size_t)(p.y.filter * p.x.filter * p.out.c));
    p.sums = WEFT_NEW(*state, uint32_t, p.out.c);
    const int8_t *in = random_bytes(*state, &rng, volume(p.in));
    int8_t *out = WEFT_NEW(*state, int8_t, volume(p.out));
    assert_int_equal(weft_k_depthwise(&p, in, out), WEFT_OK);
    expect_slow(&p, in, out, true);
  }
}

static void fully_connected_equals_its_formula(void **state) {
  weft_rng rng = {23};
  for (int i = 0; i < 300; i++) {
    weft_k_sums p = {.y = weft_k_axis_of(1, 1, 1, 1, 1),
                     .x = weft_k_axis_of(1, 1, 1, 1, 1)};
    p.filter_c = pick(&rng, 1, 70);
    p.in = (weft_k_image){pick(&rng, 1, 3), 1, 1, p.filter_c};
    p.out = (weft_k_image){p.in.n, 1, 1, pick(&rng, 1, 9)};
    random_sums(*state, &rng, &p, (size_t)(p.out.c * p.filter_c));
    const int8_t *in = random_bytes(*state, &rng, volume(p.in));
    int8_t *out = WEFT_NEW(*state, int8_t, volume(p.out));
    assert_int_equal(weft_k_fully_connected(&p, in, out), WEFT_OK);
    expect_slow(&p, in, out, false);
  }
}

static void taps_stay_inside_for_huge_strides_and_dilations(void **state) {
  (void)state;
  const weft_k_axis a = weft_k_axis_of(5, 1, 3, INT32_MAX, INT32_MAX);
  const weft_k_taps t = weft_k_taps_of(&a, 0);
  for (int k = t.first; k < t.end; k++)
    assert_in_range(t.at + (int64_t)(k - t.first) * a.dilation, 0, 4);
  const weft_k_axis same = weft_k_axis_of(3, 3, 2, 1, 8);
  for (int o = 0; o < 3; o++) {              /* dilation larger than the image  */
    const weft_k_taps u = weft_k_taps_of(&same, o);
    assert_true(u.first >= u.end || (u.at >= 0 && u.at < 3));
  }
}

/* Mean with one rounding of the exact quotient, half away from zero. */
static int rounded_mean(int64_t sum, int64_t n) {
  const int64_t magnitude = ((sum < 0 ? -sum : sum) * 2 + n) / (2 * n);
  return (int)(sum < 0 ? -magnitude : magnitude);
}

static void expect_pool(const weft_k_pool *p, const int8_t *in, const int8_t *avg,
                        const int8_t *max, int n, int oy, int ox, int c) {
  int64_t sum = 0, count = 0, top = -128;
  for (int ky = 0; ky < p->y.filter; ky++)
    for (int kx = 0; kx < p->x.filter; kx++) {
      const int y = oy * p->y.stride + ky - p->y.pad_before;
      const int x = ox * p->x.stride + kx - p->x.pad_before;
      if (y < 0 || y >= p->in.h || x < 0 || x >= p->in.w)
        continue;
      const int v = in[at(p->in, n, y, x, c)];
      sum += v;
      count++;
      top = v > top ? v : top;
    }
  const size_t i = at(p->out, n, oy, ox, c);
  assert_int_equal(avg[i], weft_k_clamp(rounded_mean(sum, count), p->lo, p->hi));
  assert_int_equal(max[i], weft_k_clamp((int32_t)top, p->lo, p->hi));
}

static void pools_equal_their_formulas(void **state) {
  weft_rng rng = {24};
  for (int i = 0; i < 400; i++) {
    weft_k_pool p = {.y = random_axis(&rng), .x = random_axis(&rng)};
    p.y = weft_k_axis_of(p.y.in, (p.y.in + p.y.stride - 1) / p.y.stride, p.y.filter,
                         p.y.stride, 1);
    p.x = weft_k_axis_of(p.x.in, (p.x.in + p.x.stride - 1) / p.x.stride, p.x.filter,
                         p.x.stride, 1);
    p.in = (weft_k_image){pick(&rng, 1, 2), p.y.in, p.x.in, pick(&rng, 1, 5)};
    p.out = (weft_k_image){p.in.n, p.y.out, p.x.out, p.in.c};
    p.lo = pick(&rng, -128, 0);
    p.hi = pick(&rng, 0, 127);
    p.acc = WEFT_NEW(*state, int32_t, p.in.c);
    const int8_t *in = random_bytes(*state, &rng, volume(p.in));
    int8_t *avg = WEFT_NEW(*state, int8_t, volume(p.out));
    int8_t *max = WEFT_NEW(*state, int8_t, volume(p.out));
    weft_k_average_pool(&p, in, avg);
    weft_k_max_pool(&p, in, max);
    for (int n = 0; n < p.out.n; n++)
      for (int y = 0; y < p.out.h; y++)
        for (int x = 0; x < p.out.w; x++)
          for (int c = 0; c < p.out.c; c++)
            expect_pool(&p, in, avg, max, n, y, x, c);
  }
}

/* round-half-away of x * 2^k * m in exact integers (both roundings of MBQM). */
static int64_t exact_scale(int64_t x, weft_k_multiplier m) {
  const int64_t high = (x * m.q + (INT64_C(1) << 30)) >> 31;
  const int n = -m.shift;
  const int64_t half = n ? INT64_C(1) << (n - 1) : 0;
  return high >= 0 ? (high + half) >> n : -((-high + half) >> n);
}

static void add_equals_its_formula_on_all_pairs(void **state) {
  (void)state;
  weft_rng rng = {25};
  static int8_t a[65536], b[65536], out[65536];
  for (int i = 0; i < 65536; i++) {
    a[i] = (int8_t)(i >> 8);
    b[i] = (int8_t)i;
  }
  for (int i = 0; i < 12; i++) {
    weft_k_add p = {.zero1 = i < 2 ? -128 : pick(&rng, -128, 127),
                    .zero2 = i < 2 ? 127 : pick(&rng, -128, 127),
                    .out_zero = pick(&rng, -128, 127),
                    .lo = pick(&rng, -128, 0), .hi = pick(&rng, 0, 127)};
    weft_k_add_scales((float)pick(&rng, 1, 1000) / 997, (float)pick(&rng, 1, 1000) / 991,
                      (float)pick(&rng, 1, 1000) / 983, &p);
    weft_k_add_i8(&p, a, b, out, 65536);
    for (int k = 0; k < 65536; k++) {
      const int64_t x = exact_scale((a[k] - p.zero1) * INT64_C(1048576), p.m1);
      const int64_t y = exact_scale((b[k] - p.zero2) * INT64_C(1048576), p.m2);
      const int64_t s = exact_scale(x + y, p.out) + p.out_zero;
      assert_int_equal(out[k], s < p.lo ? p.lo : s > p.hi ? p.hi : s);
    }
  }
}

static void mean_sums_every_axis_of_the_mask(void **state) {
  weft_rng rng = {26};
  for (int i = 0; i < 300; i++) {
    weft_k_mean p = {.rank = 4, .axes = (unsigned)pick(&rng, 1, 15)};
    weft_k_image in = {pick(&rng, 1, 2), pick(&rng, 1, 6), pick(&rng, 1, 6),
                       pick(&rng, 1, 6)};
    const int dims[4] = {in.n, in.h, in.w, in.c};
    int64_t count = 1;
    size_t n_out = 1;
    for (int k = 0; k < 4; k++) {
      p.shape[k] = dims[k];
      if (p.axes >> k & 1)
        count *= dims[k];
      else
        n_out *= (size_t)dims[k];
    }
    p.m = weft_k_mean_multiplier((double)pick(&rng, 1, 4000) / 1000, count);
    const int zero = pick(&rng, -128, 127);
    p.bias = (int32_t)(-zero * count);
    p.out_zero = pick(&rng, -128, 127);
    p.sums = WEFT_NEW(*state, int32_t, n_out);
    int64_t *sums = WEFT_NEW(*state, int64_t, n_out);
    const int8_t *x = random_bytes(*state, &rng, volume(in));
    int8_t *out = WEFT_NEW(*state, int8_t, n_out);
    weft_k_mean_i8(&p, x, out);
    for (size_t e = 0; e < volume(in); e++) {
      const size_t pos[4] = {e / (size_t)(in.h * in.w * in.c),
                             e / (size_t)(in.w * in.c) % (size_t)in.h,
                             e / (size_t)in.c % (size_t)in.w, e % (size_t)in.c};
      size_t o = 0;
      for (int k = 0; k < 4; k++)
        if (!(p.axes >> k & 1))
          o = o * (size_t)dims[k] + pos[k];
      sums[o] += x[e] - zero;
    }
    for (size_t o = 0; o < n_out; o++) {
      const int64_t y = weft_k_scale((int32_t)sums[o], p.m) + p.out_zero;
      assert_int_equal(out[o], y < -128 ? -128 : y > 127 ? 127 : y);
    }
  }
}

static void mean_multiplier_divides_with_truncation(void **state) {
  (void)state;
  const weft_k_multiplier one = weft_k_mean_multiplier(1.0, 1);
  assert_int_equal(one.q, 1 << 30);
  assert_int_equal(one.shift, 1);
  const weft_k_multiplier nine = weft_k_mean_multiplier(1.0, 9);  /* k = 3     */
  assert_int_equal(nine.q, (int32_t)((INT64_C(1) << 33) / 9));
  assert_int_equal(nine.shift, -2);
  const weft_k_multiplier low = weft_k_mean_multiplier(0x1p-32, 64); /* k = 0  */
  assert_int_equal(low.q, (1 << 30) / 64);
  assert_int_equal(low.shift, -31);
}

static void pad_places_every_element(void **state) {
  weft_rng rng = {27};
  for (int i = 0; i < 300; i++) {
    weft_k_pad p = {.rank = 5, .value = (int8_t)pick(&rng, -128, 127)};
    size_t n_in = 1, n_out = 1;
    for (int k = 0; k < p.rank; k++) {
      p.in[k] = pick(&rng, 1, 3);
      p.before[k] = pick(&rng, 0, 2);
      p.out[k] = p.in[k] + p.before[k] + pick(&rng, 0, 2);
      n_in *= (size_t)p.in[k];
      n_out *= (size_t)p.out[k];
    }
    const int8_t *in = random_bytes(*state, &rng, n_in);
    int8_t *out = WEFT_NEW(*state, int8_t, n_out);
    weft_k_pad_i8(&p, in, out);
    for (size_t e = 0; e < n_out; e++) {
      size_t rest = e, from = 0, step = 1;
      bool inside = true;
      for (int k = p.rank - 1; k >= 0; k--) {
        const int pos = (int)(rest % (size_t)p.out[k]) - p.before[k];
        rest /= (size_t)p.out[k];
        inside = inside && pos >= 0 && pos < p.in[k];
        from += inside ? (size_t)pos * step : 0;
        step *= (size_t)p.in[k];
      }
      assert_int_equal(out[e], inside ? in[from] : p.value);
    }
  }
}

static void quantize_covers_every_8_bit_pair(void **state) {
  (void)state;
  uint8_t in[256], out[256];
  for (int i = 0; i < 256; i++)
    in[i] = (uint8_t)i;
  /* equal scales: the zero points' difference and nothing else */
  assert_int_equal(weft_host_quantize(WEFT_UINT8, 0.5f, 128, in, WEFT_INT8, 0.5f, 0,
                                      out, 256), WEFT_OK);
  for (int i = 0; i < 256; i++)
    assert_int_equal((int8_t)out[i], i - 128);
  assert_int_equal(weft_host_quantize(WEFT_INT8, 1.0f, 0, in, WEFT_UINT8, 0.5f, 10,
                                      out, 256), WEFT_OK);
  for (int i = 0; i < 256; i++) {
    const int y = (int8_t)in[i] * 2 + 10;
    assert_int_equal(out[i], y < 0 ? 0 : y > 255 ? 255 : y);
  }
  assert_int_equal(weft_host_quantize(WEFT_INT16, 1, 0, in, WEFT_INT8, 1, 0, out, 1),
                   WEFT_E_ARG);
}

static void quantize_and_dequantize_floats(void **state) {
  (void)state;
  const float in[] = {0.25f, -0.25f, 0.75f, 1e30f, -1e30f, INFINITY, -INFINITY, NAN};
  const int8_t want[] = {1, -1, 2, 127, -128, 127, -128, 0};
  int8_t out[8];
  assert_int_equal(weft_host_quantize(WEFT_FLOAT32, 0, 0, in, WEFT_INT8, 0.5f, 0, out, 8),
                   WEFT_OK);
  assert_memory_equal(out, want, 8);
  float back[2];
  const uint8_t bytes[] = {0, 255};
  weft_host_dequantize(WEFT_UINT8, 0.1f, 3, bytes, back, 2);
  assert_true(back[0] == (float)((double)0.1f * -3));
  assert_true(back[1] == (float)((double)0.1f * 252));
  assert_int_equal(weft_host_dequantize(WEFT_INT32, 1, 0, bytes, back, 1), WEFT_E_ARG);
}

static void softmax_knows_its_simple_rows(void **state) {
  (void)state;
  weft_host_softmax p;
  weft_host_softmax_prepare(1.0f, 1.0f / 16, &p);
  assert_int_equal(p.multiplier, 1 << 30);
  assert_int_equal(p.left_shift, 23);
  assert_int_equal(p.diff_min, -31 * 8);
  const int8_t in[] = {5, 5, 5, 5, 127, -128, -128, -128};
  const int8_t want[] = {-64, -64, -64, -64, 127, -128, -128, -128};
  int8_t out[8];
  weft_host_softmax_i8(&p, in, out, 2, 4);
  assert_memory_equal(out, want, 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    TEST(conv2d_equals_its_formula),
    TEST(depthwise_equals_its_formula),
    TEST(fully_connected_equals_its_formula),
    TEST(taps_stay_inside_for_huge_strides_and_dilations),
    TEST(pools_equal_their_formulas),
    TEST(add_equals_its_formula_on_all_pairs),
    TEST(mean_sums_every_axis_of_the_mask),
    TEST(mean_multiplier_divides_with_truncation),
    TEST(pad_places_every_element),
    TEST(quantize_covers_every_8_bit_pair),
    TEST(quantize_and_dequantize_floats),
    TEST(softmax_knows_its_simple_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
