/* SPDX-License-Identifier: Apache-2.0 */
/* PAD into the convolution that reads it; residual ADD into the drain of a
 * dense producer. Both are exact: a padded tap reads the input's zero point,
 * which is what PAD writes, and the drain computes ADD on the same int8. */
#include "compiler/plan.h"

static bool only_reader(const weft_plan *p, int value) {
  const weft_value *v = &p->values[value];
  return v->n_uses == 1 && !v->is_output && !v->needs_dram && !v->views_differ;
}

static int reader_of(const weft_plan *p, int value) {
  for (int i = 0; i < p->n_layers; i++)
    if (p->layers[i].ifm.value == value)
      return i;
  return -1;
}

static bool fuse_pad(weft_plan *p, int at) {
  const weft_layer pad = p->layers[at];
  if (!pad.is_pad || !only_reader(p, pad.ofm.value))
    return false;
  int to = reader_of(p, pad.ofm.value);
  weft_layer *l = to < 0 ? NULL : &p->layers[to];
  if (!l || (l->kind != WEFT_LAYER_DENSE && l->kind != WEFT_LAYER_DEPTHWISE) || l->pad != pad.pad ||
      l->n_fused + 1 >= (int)(sizeof l->fused / sizeof *l->fused))  /* one left for an ADD */
    return false;
  l->pt += pad.pt;
  l->pl += pad.pl;
  l->ih = pad.ih;
  l->iw = pad.iw;
  l->ifm.value = pad.ifm.value;
  l->fused[l->n_fused++] = p->values[pad.ofm.value].tensor;
  l->op = weft_arena_printf(p->arena, "PAD+%s", l->op);
  weft_plan_remove_layer(p, at);
  return true;
}

/* The feed leaves the read port free at least every other step, and the four
 * passes of the drain hide behind the next tile's steps. */
static bool drain_has_room(const weft_plan *p, const weft_layer *l) {
  const weft_config *c = p->config;
  int32_t tail = l->ci - (weft_ceil_div(l->ci, c->word_bytes) - 1) * c->word_bytes;
  int64_t steps = (int64_t)l->kh * l->kw * l->ci;
  int32_t drain = weft_max32(c->rows * c->cols / c->lanes, 12);
  return tail >= 2 && steps >= 4 * (int64_t)drain + 16;
}

static bool can_take_add(const weft_plan *p, const weft_layer *add, int value) {
  const weft_value *v = &p->values[value];
  if (v->producer < 0 || !only_reader(p, value))
    return false;
  weft_layer l = p->layers[v->producer];
  bool fits = l.kind == WEFT_LAYER_DENSE && !l.has_add && l.oh == add->oh && l.ow == add->ow && l.co == add->co &&
              drain_has_room(p, &l);
  l.res.value = value;          /* it will have a residual                     */
  return fits && !weft_parts_needed(p, &l);
}

static void swap_operands(weft_residual *r) {
  weft_residual old = *r;
  r->m1 = old.m2;
  r->rs1 = old.rs2;
  r->z1 = old.z2;
  r->m2 = old.m1;
  r->rs2 = old.rs1;
  r->z2 = old.z1;
}

static bool fuse_add(weft_plan *p, int at) {
  weft_layer add = p->layers[at];
  if (!add.has_add || add.kind != WEFT_LAYER_SUM)
    return false;
  int a = add.ifm.value, b = add.res.value;
  int first = p->values[a].producer >= p->values[b].producer ? a : b;
  int second = first == a ? b : a;
  int into = can_take_add(p, &add, first) ? first : can_take_add(p, &add, second) ? second : -1;
  if (into < 0)
    return false;
  if (into == b)
    swap_operands(&add.add);
  int from = p->values[into].producer;
  weft_layer *l = &p->layers[from];
  l->has_add = true;
  l->add = add.add;
  l->res.value = into == a ? b : a;
  l->ofm.value = add.ofm.value;
  if (p->values[into].tensor >= 0)
    l->fused[l->n_fused++] = p->values[into].tensor;
  l->op = weft_arena_printf(p->arena, "%s+ADD", l->op);
  l->name = add.name;
  l->graph_op = add.graph_op;
  weft_plan_remove_layer(p, at);
  weft_plan_move_layer(p, from, at - 1);
  return true;
}

weft_status weft_pass_fuse(weft_plan *p) {
  for (int i = 0; i < p->n_layers;) {
    bool changed = fuse_pad(p, i) || fuse_add(p, i);
    weft_plan_index(p);
    i += changed ? 0 : 1;
  }
  for (int i = 0; i < p->n_layers; i++)
    if (p->layers[i].kind != WEFT_LAYER_HOST)
      p->layers[i].by_parts = weft_parts_needed(p, &p->layers[i]);
  return WEFT_OK;
}
