/* SPDX-License-Identifier: Apache-2.0 */
/* FLAT or phase planes for each value, as its readers want it; a value wanted
 * in two layouts stays FLAT and gets a copy in planes. Elementwise layers
 * between DRAM and DRAM are seen in a shape that fills words. */
#include "compiler/plan.h"

static bool wants_px(const weft_layer *l) { return l->sx == 2 && !weft_layer_one_row(l); }
static bool wants_py(const weft_layer *l) { return l->sy == 2 && !weft_layer_one_row(l); }

/* Is there a use that wants planes (px, py), and one that does not? */
typedef struct wishes {
  bool any, mixed, px, py;
} wishes;

static void add_wish(wishes *w, bool px, bool py) {
  if (w->any && (w->px != px || w->py != py))
    w->mixed = true;
  w->any = true;
  w->px = px;
  w->py = py;
}

static wishes collect_wishes(const weft_plan *p, int value) {
  wishes w = {false, false, false, false};
  for (int i = 0; i < p->n_layers; i++) {
    const weft_layer *l = &p->layers[i];
    if (l->kind == WEFT_LAYER_HOST)
      continue;
    if (l->ifm.value == value && !l->by_parts)
      add_wish(&w, wants_px(l), wants_py(l));
    if (l->res.value == value)
      add_wish(&w, false, false);
  }
  int made = p->values[value].producer;
  if (made >= 0 && p->layers[made].n_rects > 1)
    add_wish(&w, false, false);
  return w;
}

/* Inserts a copy of `value` behind its producer; `like` is a layer that wants
 * planes. Every reader with the same wish then reads the copy. */
static void insert_copy(weft_plan *p, int value, int like) {
  const weft_value v = p->values[value];
  bool px = wants_px(&p->layers[like]), py = wants_py(&p->layers[like]);
  int at = v.producer + 1;
  weft_layer *l = weft_plan_add_copy(p, p->layers[v.producer].graph_op, v.h, v.w, v.c);
  l->op = "COPY";
  l->name = v.name;
  l->ifm.value = value;
  int copy = weft_plan_add_value(p, v.tensor, v.h, v.w, v.c);
  p->values[copy].n_bytes = v.n_bytes;
  p->layers[p->n_layers - 1].ofm.value = copy;
  weft_plan_move_layer(p, p->n_layers - 1, at);
  for (int i = at + 1; i < p->n_layers; i++) {
    weft_layer *r = &p->layers[i];
    if (r->kind != WEFT_LAYER_HOST && !r->by_parts && r->ifm.value == value && wants_px(r) == px && wants_py(r) == py)
      r->ifm.value = copy;
  }
}

static void choose_layout(weft_plan *p, int value) {
  weft_value *v = &p->values[value];
  if (v->producer < 0 || v->views_differ || p->layers[v->producer].kind == WEFT_LAYER_HOST)
    return;
  wishes w = collect_wishes(p, value);
  while (w.mixed) {
    int like = -1;
    for (int i = 0; i < p->n_layers; i++) {
      const weft_layer *l = &p->layers[i];
      if (l->kind != WEFT_LAYER_HOST && !l->by_parts && l->ifm.value == value && (wants_px(l) || wants_py(l)))
        like = i;
    }
    if (like < 0)
      break;
    insert_copy(p, value, like);
    weft_plan_index(p);
    w = collect_wishes(p, value);
  }
  p->values[value].layout.px = w.any && w.px;
  p->values[value].layout.py = w.any && w.py;
}

static int32_t largest_divisor(int32_t n, int32_t limit) {
  int32_t best = 1;
  for (int32_t d = 1; d <= limit && d <= n; d++)
    if (n % d == 0)
      best = d;
  return best;
}

static bool is_elementwise(const weft_layer *l) {
  return l->kind == WEFT_LAYER_SUM && l->kh == 1 && l->kw == 1 && l->ih == l->oh && l->iw == l->ow &&
         l->n_rects == 1 && l->pt == 0 && l->pl == 0;
}

static bool in_dram_anyway(const weft_plan *p, int value) {
  if (value < 0)
    return true;
  const weft_value *v = &p->values[value];
  if (v->is_input || v->views_differ)
    return true;
  return v->is_output && v->n_uses == 0;
}

static void reshape_elementwise(weft_plan *p, weft_layer *l) {
  if (l->is_slice || !is_elementwise(l) || !in_dram_anyway(p, l->ifm.value) || !in_dram_anyway(p, l->res.value) ||
      !in_dram_anyway(p, l->ofm.value))
    return;
  int64_t n = (int64_t)l->oh * l->ow * l->co;
  if (n > INT32_MAX)
    return;
  int32_t b = p->config->word_bytes;
  int32_t c = n % b == 0 ? b : largest_divisor((int32_t)n, b);
  int32_t pixels = (int32_t)n / c;
  int32_t w = largest_divisor(pixels, 256);
  if (pixels / w > 4095)
    return;
  l->ih = l->oh = pixels / w;
  l->iw = l->ow = w;
  l->ci = l->co = c;
  l->rects[0].y1 = l->oh;
  l->rects[0].x1 = l->ow;
  weft_value *v = &p->values[l->ofm.value];
  v->h = l->oh;
  v->w = l->ow;
  v->c = l->co;
}

weft_status weft_pass_layout(weft_plan *p) {
  for (int i = 0; i < p->n_layers; i++)
    if (p->layers[i].kind != WEFT_LAYER_HOST)
      reshape_elementwise(p, &p->layers[i]);
  for (int v = 0; v < p->n_values; v++)   /* copies are appended */
    choose_layout(p, v);
  weft_plan_index(p);
  return WEFT_OK;
}
