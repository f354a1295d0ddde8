/* SPDX-License-Identifier: Apache-2.0 */
/* splitmix64 (Steele, Lea, Flood 2014). */
#include "base/base.h"

uint64_t weft_rng_next(weft_rng *r) {
  uint64_t z = r->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

int64_t weft_rng_range(weft_rng *r, int64_t lo, int64_t hi) {
  const uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;
  const uint64_t x = weft_rng_next(r);
  return (int64_t)((uint64_t)lo + (span == 0 ? x : x % span));
}
