// SPDX-License-Identifier: Apache-2.0
// A netlist of mul_dut (Vnet) against its twin (Vtwin) and against C: every pair
// of bytes in every place, then pairs of 32 and 31 bits, corners first. The
// product is two clocks behind. Argument: number of wide pairs.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "Vnet.h"
#include "Vtwin.h"

struct operands { uint32_t a, b, x, m; };
static uint64_t seed = 1;
static uint64_t next_random() {
  uint64_t z = (seed += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

template <class T> static void step(T &t, const operands &o) {
  t.a8_i = o.a;
  t.b8_i = o.b;
  t.x_i = o.x;
  t.m_i = o.m;
  t.clk_i = 1;
  t.eval();
  t.clk_i = 0;
  t.eval();
}

static uint64_t wide(const uint32_t *words, int n) {
  uint64_t v = 0;
  for (int i = 0; i < 34; i++) {
    const int bit = 34 * n + i;
    v |= (uint64_t)(words[bit / 32] >> (bit % 32) & 1) << i;
  }
  return v;
}

static bool is_right(const operands &o, uint64_t p8, const uint32_t *p17) {
  bool good = true;
  for (int n = 0; n < 3; n++) {
    const int16_t want = (int16_t)((int8_t)(o.a >> 8 * n) * (int8_t)(o.b >> 8 * n));
    good = good && (uint16_t)want == (uint16_t)(p8 >> 16 * n);
  }
  for (int n = 0; n < 4; n++) {
    const int64_t a = n < 2 ? (int16_t)(o.x >> 16) : (int64_t)(o.x & 0xffff);
    const int64_t b = n % 2 ? (int64_t)(o.m & 0xffff) : (int64_t)(o.m >> 16);
    good = good && ((uint64_t)(a * b) & 0x3ffffffffu) == wide(p17, n);
  }
  return good;
}

int main(int argc, char **argv) {
  static const uint32_t corners[] = {0, 1, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
                                     0x80000000, 0x80007fff, 0xffff8000, 0xffffffff, 0x7fff8000};
  const int n_corners = sizeof corners / sizeof *corners;
  const long n_wide = argc > 1 ? atol(argv[1]) : 100000;
  Vnet net;
  Vtwin twin;
  operands past[2] = {};
  long bad = 0, checked = 0;
  const long n = n_wide > 65536 ? n_wide : 65536;
  for (long i = 0; i < n + 2; i++) {
    const uint32_t a = i & 0xff, b = i >> 8 & 0xff;
    operands o;
    o.a = a | b << 8 | (a ^ 0xff) << 16;
    o.b = b | a << 8 | b << 16;
    o.x = i < n_corners * n_corners ? corners[i % n_corners] : (uint32_t)next_random();
    o.m = (i < n_corners * n_corners ? corners[i / n_corners] : (uint32_t)next_random()) & 0x7fffffff;
    step(net, o);
    step(twin, o);
    // Behind the edge that took o, the product is that of the operands before.
    if (i >= 1) {
      const bool same = net.p8_o == twin.p8_o && memcmp(net.p17_o.data(), twin.p17_o.data(), 20) == 0;
      bad += !same || !is_right(past[0], net.p8_o, net.p17_o.data());
      checked++;
    }
    past[1] = past[0];
    past[0] = o;
  }
  printf("%ld operand pairs, all 65536 of bytes in each place, %ld differ\n", checked, bad);
  return bad != 0;
}
