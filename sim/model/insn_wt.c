/* SPDX-License-Identifier: Apache-2.0 */
/* WT queues a stream; EXC takes ring words and parameter sets from it. Both are
 * plain sequences here: when the hardware may send them is not a question of
 * values. */
#include <string.h>

#include "sim/model/model.h"

enum { GATHER_MAX_WORDS = 1 << 22 };

static uint64_t params_bytes(const weft_model *m, uint32_t params) {
  return params == 0 ? 0 : params == 1 ? 4 * (uint64_t)m->cols : 12 * (uint64_t)m->cols;
}

static uint64_t group_bytes(const weft_model *m, const model_wt *w) {
  return params_bytes(m, w->params) + (uint64_t)w->n_words * (uint64_t)m->cols;
}

weft_status model_wt_insn(weft_model *m, const weft_insn *i) {
  model_wt w = {
    .offset = (uint64_t)weft_insn_get(i, WEFT_F_WT_OFFSET), .n_words = (uint32_t)weft_insn_get(i, WEFT_F_WT_N_WORDS),
    .n_groups = (uint32_t)weft_insn_get(i, WEFT_F_WT_N_GROUPS), .repeats = (uint32_t)weft_insn_get(i, WEFT_F_WT_REPEATS),
    .params = (uint32_t)weft_insn_get(i, WEFT_F_WT_PARAMS)};
  uint64_t end = w.offset + group_bytes(m, &w) * w.n_groups;
  if (end > m->p->region_bytes[WEFT_REGION_CONST])
    return model_fault(m, "RANGE", weft_diag_text(m->d, "bytes up to %llu of region 0", (unsigned long long)end),
                       weft_diag_text(m->d, "its %u bytes", m->p->region_bytes[WEFT_REGION_CONST]));
  if (w.offset % (uint64_t)m->config.beat_bytes != 0)
    return model_fault(m, "ILLEGAL", weft_diag_text(m->d, "OFFSET %llu", (unsigned long long)w.offset),
                       "a multiple of the beat");
  m->wts = weft_arena_grow(m->arena, m->wts, &m->cap_wts, m->n_wts + 1, sizeof *m->wts);
  m->wts[m->n_wts++] = w;
  m->words_left += (uint64_t)w.n_words * w.n_groups * w.repeats;
  m->sets_left += w.params != 0 ? w.n_groups : 0;
  return model_work(m, 1);
}

static const uint8_t *group_at(const weft_model *m, const model_wt *w, uint32_t group) {
  return m->regions[WEFT_REGION_CONST] + w->offset + group * group_bytes(m, w);
}

/* Largest run of words that lie together; advances the cursor over it. */
static const uint8_t *take_run(weft_model *m, uint64_t want, uint64_t *got) {
  model_cursor *c = &m->words;
  const model_wt *w = &m->wts[c->item];
  while (w->n_words == 0 || c->group == w->n_groups) {
    *c = (model_cursor){.item = c->item + 1};
    w = &m->wts[c->item];
  }
  const uint8_t *at = group_at(m, w, c->group) + params_bytes(m, w->params) + (size_t)c->word * (size_t)m->cols;
  uint32_t left = w->n_words - c->word;
  *got = want < left ? want : left;
  c->word += (uint32_t)*got;
  if (c->word == w->n_words) {
    c->word = 0;
    if (++c->repeat == w->repeats) {
      c->repeat = 0;
      c->group++;
    }
  }
  return at;
}

weft_status model_take_words(weft_model *m, uint64_t n, const int8_t **out) {
  uint64_t got;
  if (n > m->words_left)
    return model_fault(m, "WATCHDOG", weft_diag_text(m->d, "%llu ring words wanted", (unsigned long long)n),
                       weft_diag_text(m->d, "the %llu that were sent", (unsigned long long)m->words_left));
  m->words_left -= n;
  const uint8_t *at = take_run(m, n, &got);
  *out = (const int8_t *)at;
  if (got == n)
    return WEFT_OK;
  if (n > GATHER_MAX_WORDS)
    return weft_fail(m->d, WEFT_E_CAP, "ring", weft_diag_text(m->d, "%llu words a tile", (unsigned long long)n),
                     "at most 4194304 in several pieces", NULL);
  m->gathered = weft_arena_grow(m->arena, m->gathered, &m->cap_gathered, (size_t)n * (size_t)m->cols, 1);
  for (uint64_t done = 0; done < n; done += got) {
    if (done != 0)
      at = take_run(m, n - done, &got);
    memcpy(m->gathered + done * (uint64_t)m->cols, at, got * (uint64_t)m->cols);
  }
  *out = (const int8_t *)m->gathered;
  return WEFT_OK;
}

weft_status model_take_params(weft_model *m, uint32_t mode, model_params *params) {
  model_cursor *c = &m->sets;
  if (m->sets_left == 0)
    return model_fault(m, "WATCHDOG", "no parameter set left", "one set an n-group");
  const model_wt *w = &m->wts[c->item];
  while (w->params == 0 || c->group == w->n_groups) {
    *c = (model_cursor){.item = c->item + 1};
    w = &m->wts[c->item];
  }
  if (w->params != mode)
    return model_fault(m, "ILLEGAL", weft_diag_text(m->d, "a parameter set of mode %u", w->params),
                       weft_diag_text(m->d, "POST.PARAMS, %u", mode));
  const uint8_t *at = group_at(m, w, c->group++);
  size_t n = (size_t)m->cols;
  m->sets_left--;
  for (size_t k = 0; k < n; k++) {
    params[k].bias = (int32_t)weft_le32(at + 4 * k);
    if (mode != 2)
      continue;
    uint32_t shifts = weft_le32(at + 4 * (2 * n + k));
    params[k].m = weft_le32(at + 4 * (n + k)) & 0x7fffffffu;
    params[k].ls = shifts & 31;
    params[k].rs = shifts >> 8 & 31;
  }
  return WEFT_OK;
}
