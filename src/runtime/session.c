/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/runtime.h"

#include <string.h>

#include "runtime/host_segment.h"

#define REGION_CAP_BYTES ((uint64_t)1 << 30)   /* all regions together        */

struct weft_session {
  const weft_program *p;
  const weft_backend *backend;
  void *self;
  uint8_t *regions[WEFT_N_REGIONS];
  uint64_t *layer_cycles;
};

static weft_status make_regions(weft_arena *arena, weft_diag *d, weft_session *s) {
  const weft_program *p = s->p;
  uint64_t total = 0;
  for (int k = 0; k < WEFT_N_REGIONS; k++)
    total += p->region_bytes[k];
  if (total > REGION_CAP_BYTES)
    return weft_fail(d, WEFT_E_CAP, p->model, weft_diag_text(d, "%llu bytes of memory regions", (unsigned long long)total),
                     "at most 1 GiB", NULL);
  for (int k = 0; k < WEFT_N_REGIONS; k++)
    s->regions[k] = weft_arena_alloc(arena, ((size_t)p->region_bytes[k] + 127) / 64 * 64, 1);
  uint8_t *code = s->regions[WEFT_REGION_CONST];
  for (uint32_t k = 0; k < p->n_insns; k++)
    weft_insn_store(&p->insns[k], code + (size_t)k * WEFT_INSN_BYTES);
  if (p->constants.size != 0)
    memcpy(code + p->constants_offset, p->constants.data, p->constants.size);
  return WEFT_OK;
}

/* Pattern of the splitmix64 stream, another one for each region. */
static void poison(weft_session *s, uint64_t seed) {
  for (uint32_t k = WEFT_REGION_ARENA; k < WEFT_N_REGIONS; k++) {
    weft_rng rng = {seed + k};
    for (uint32_t b = 0; b < s->p->region_bytes[k]; b++)
      s->regions[k][b] = weft_rng_byte(&rng);
  }
}

weft_status weft_session_open(weft_arena *arena, weft_diag *d, const weft_program *p, const weft_config *c,
                              const weft_backend *b, const weft_backend_options *o, weft_session **out) {
  WEFT_TRY(weft_program_match(d, p, c));
  weft_session *s = WEFT_NEW(arena, weft_session, 1);
  s->p = p;
  s->backend = b;
  WEFT_TRY(make_regions(arena, d, s));
  if (o != NULL && o->poison)
    poison(s, o->poison_seed);
  s->layer_cycles = WEFT_NEW(arena, uint64_t, p->n_layers);
  WEFT_TRY(b->open(arena, d, c, o, &s->self));
  *out = s;
  return WEFT_OK;
}

/* Tensors that a host operator made. */
static weft_status show_host_tensors(weft_session *s, uint32_t segment, weft_tensor_seen seen, void *user) {
  for (uint32_t k = 0; k < s->p->n_tensors; k++) {
    const weft_prog_tensor *t = &s->p->tensors[k];
    if (t->segment != segment || t->place != WEFT_IN_DRAM)
      continue;
    size_t n = t->type == 0 || t->type == 2 ? 4 : t->type == 7 ? 2 : 1;
    for (int32_t i = 0; i < t->rank; i++)
      n *= (size_t)t->shape[i];
    WEFT_TRY(seen(user, t, s->regions[t->region] + t->offset, n));
  }
  return WEFT_OK;
}

static weft_status run_segment(weft_session *s, weft_diag *d, uint32_t k, weft_tensor_seen seen, void *user,
                               weft_run_stats *stats) {
  const weft_prog_segment *segment = &s->p->segments[k];
  if (segment->kind == WEFT_SEG_ACCEL)
    return s->backend->run(s->self, d, s->p, k, s->regions, seen, user, stats);
  WEFT_TRY(weft_host_segment(d, s->p, segment, s->regions));
  return seen != NULL ? show_host_tensors(s, k, seen, user) : WEFT_OK;
}

weft_status weft_session_run(weft_session *s, weft_diag *d, const uint8_t *const *inputs, uint8_t *const *outputs,
                             weft_tensor_seen seen, void *user, weft_run_stats *stats) {
  const weft_program *p = s->p;
  weft_run_stats unused;
  weft_run_stats *st = stats != NULL ? stats : &unused;
  memset(st, 0, sizeof *st);
  st->n_layers = p->n_layers;
  st->layer_cycles = s->layer_cycles;
  for (uint32_t k = 0; k < p->n_layers; k++)
    s->layer_cycles[k] = 0;
  for (uint32_t k = 0; k < p->n_inputs; k++)
    memcpy(s->regions[p->inputs[k].region] + p->inputs[k].offset, inputs[k], p->inputs[k].n_bytes);
  for (uint32_t k = 0; k < p->n_segments; k++)
    WEFT_TRY(run_segment(s, d, k, seen, user, st));
  for (uint32_t k = 0; k < p->n_outputs; k++)
    memcpy(outputs[k], s->regions[p->outputs[k].region] + p->outputs[k].offset, p->outputs[k].n_bytes);
  return WEFT_OK;
}

void weft_session_close(weft_session **s) {
  if (*s != NULL && (*s)->self != NULL)
    (*s)->backend->close((*s)->self);
  *s = NULL;
}
