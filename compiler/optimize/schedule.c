/* SPDX-License-Identifier: Apache-2.0 */
/* Sparsity over the steps of a training. */
#include <math.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/ranges.h"

opt_schedule opt_schedule_default(opt_schedule_kind kind) {
  return (opt_schedule){.kind = kind, .initial = 0.5, .final = 0.8, .power = 3, .begin = 0,
                        .end = -1, .frequency = 100};
}

double opt_schedule_at(const opt_schedule *s, int64_t step) {
  const bool is_decay = s->kind == OPT_POLYNOMIAL_DECAY;
  if (step < s->begin || (s->end >= 0 && step > s->end))
    return -1;
  if ((step - s->begin) % s->frequency != 0 && !(is_decay && step == s->end))
    return -1;
  if (!is_decay || s->end <= s->begin)
    return s->final;
  const double share = (double)(step - s->begin) / (double)(s->end - s->begin);
  return (s->initial - s->final) * pow(1 - share, s->power) + s->final;
}

static weft_status fail(weft_diag *d, const char *where, const char *found,
                        const char *allowed, const char *remedy) {
  return weft_fail(d, WEFT_E_CONFIG, where, found, allowed, remedy);
}

static weft_status check_arguments(weft_diag *d, const char *where, const opt_schedule *s) {
  const bool is_decay = s->kind == OPT_POLYNOMIAL_DECAY;
  const double initial = is_decay ? s->initial : s->final;
  WEFT_TRY(opt_range_check(d, where, OPT_RANGE_FINAL, s->final));
  WEFT_TRY(opt_range_check(d, where, OPT_RANGE_INITIAL, initial));
  WEFT_TRY(opt_range_check(d, where, OPT_RANGE_BEGIN, (double)s->begin));
  WEFT_TRY(opt_range_check(d, where, OPT_RANGE_END, (double)s->end));
  WEFT_TRY(opt_range_check(d, where, OPT_RANGE_FREQUENCY, (double)s->frequency));
  WEFT_TRY(opt_range_check(d, where, OPT_RANGE_POWER, is_decay ? s->power : 1));
  if (is_decay ? s->end <= s->begin : s->end >= 0 && s->end < s->begin)
    return fail(d, where, weft_diag_text(d, "begin %lld, end %lld", (long long)s->begin, (long long)s->end),
                is_decay ? "end > begin" : "end >= begin, or -1", NULL);
  return WEFT_OK;
}

weft_status opt_schedule_check(weft_diag *d, const char *where, const opt_schedule *s,
                               int64_t steps) {
  WEFT_TRY(check_arguments(d, where, s));
  if (s->begin > steps)
    return fail(d, where, weft_diag_text(d, "%lld steps: no mask is ever taken", (long long)steps),
                weft_diag_text(d, "at least %lld steps, where the schedule begins",
                               (long long)s->begin),
                weft_diag_text(d, "begin: 0 to %lld, or more epochs", (long long)steps));
  if (s->kind == OPT_POLYNOMIAL_DECAY && s->end > steps) {
    const int64_t last = steps - (steps - s->begin) % s->frequency;
    return fail(d, where,
                weft_diag_text(d, "%lld steps end at a sparsity of %.4f", (long long)steps,
                               opt_schedule_at(s, last)),
                weft_diag_text(d, "at least %lld steps to reach %g", (long long)s->end, s->final),
                weft_diag_text(d, "end: %lld or less, or more epochs", (long long)steps));
  }
  return WEFT_OK;
}
