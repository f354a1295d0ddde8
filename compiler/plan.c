/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/plan.h"

#include <string.h>

int weft_plan_add_value(weft_plan *p, int tensor, int32_t h, int32_t w, int32_t c) {
  p->values = weft_arena_grow(p->arena, p->values, &p->cap_values, (size_t)p->n_values + 1,
                  sizeof *p->values);
  const weft_tensor *t = &p->graph->tensors[tensor];
  weft_value *v = &p->values[p->n_values];
  *v = (weft_value){.name = t->name, .tensor = tensor, .type = (int)t->type, .h = h,
                    .w = w, .c = c, .n_bytes = t->n_bytes, .producer = -1};
  return p->n_values++;
}

weft_layer *weft_plan_add_layer(weft_plan *p, weft_layer_kind kind, int graph_op) {
  p->layers = weft_arena_grow(p->arena, p->layers, &p->cap_layers, (size_t)p->n_layers + 1,
                  sizeof *p->layers);
  weft_layer *l = &p->layers[p->n_layers++];
  const weft_op *op = &p->graph->ops[graph_op];
  *l = (weft_layer){.kind = kind, .graph_op = graph_op, .op = op->name,
                    .name = p->graph->tensors[op->outputs[0]].name,
                    .kh = 1, .kw = 1, .sy = 1, .sx = 1, .dy = 1, .dx = 1,
                    .lo = -128, .hi = 127};
  l->ifm.value = l->res.value = l->ofm.value = -1;
  return l;
}

void weft_plan_move_layer(weft_plan *p, int from, int to) {
  weft_layer l = p->layers[from];
  for (; from < to; from++)
    p->layers[from] = p->layers[from + 1];
  for (; from > to; from--)
    p->layers[from] = p->layers[from - 1];
  p->layers[to] = l;
}

void weft_plan_remove_layer(weft_plan *p, int at) {
  weft_plan_move_layer(p, at, p->n_layers - 1);
  p->n_layers--;
}

void weft_plan_whole(weft_plan *p, weft_layer *l) {
  l->n_rects = 1;
  l->rects = WEFT_NEW(p->arena, weft_rect, 1);
  l->rects[0] = (weft_rect){.y1 = l->oh, .x1 = l->ow};
}

void weft_plan_scalar(weft_plan *p, weft_layer *l, weft_requant r) {
  l->scalar = true;
  l->requant = WEFT_NEW(p->arena, weft_requant, 1);
  l->requant[0] = r;
  for (int k = 0; k < l->n_rects; k++)
    l->rects[k].requant = r;
}

weft_layer *weft_plan_add_copy(weft_plan *p, int graph_op, int32_t h, int32_t w, int32_t c) {
  weft_layer *l = weft_plan_add_layer(p, WEFT_LAYER_SUM, graph_op);
  l->ih = l->oh = h;
  l->iw = l->ow = w;
  l->ci = l->co = c;
  weft_plan_whole(p, l);
  weft_plan_scalar(p, l, weft_requant_identity());
  return l;
}

static void use_value(weft_plan *p, int value, int layer) {
  if (value < 0)
    return;
  weft_value *v = &p->values[value];
  v->n_uses++;
  v->last = weft_max32(v->last, layer);
  if (v->first < 0)
    v->first = layer;
}

void weft_plan_index(weft_plan *p) {
  for (int i = 0; i < p->n_values; i++) {
    p->values[i].producer = p->values[i].first = p->values[i].last = -1;
    p->values[i].n_uses = 0;
  }
  for (int i = 0; i < p->n_layers; i++) {
    const weft_layer *l = &p->layers[i];
    use_value(p, l->ifm.value, i);
    use_value(p, l->res.value, i);
    weft_value *out = &p->values[l->ofm.value];
    out->producer = i;
    if (!out->is_sliced || out->first < 0)
      out->first = i;
    out->last = weft_max32(out->last, i);
  }
}

weft_layout weft_layout_make(const weft_config *c, int32_t h, int32_t w, int32_t ch,
                             bool px, bool py, int32_t min_pitch) {
  weft_layout l = {.px = px, .py = py};
  l.pitch = weft_max32(px ? weft_ceil_div(w, 2) : w, min_pitch);
  l.g = weft_ceil_div(ch, c->word_bytes);
  int64_t pixels = (int64_t)l.pitch * (py ? weft_ceil_div(h, 2) : h);
  int64_t rows = (pixels + c->rows - 1) / c->rows * l.g;
  l.plane_rows = rows > 1 << 24 ? 1 << 24 : (int32_t)rows;
  l.plane_x = px ? l.plane_rows : 0;
  l.plane_y = py ? l.plane_rows * (px ? 2 : 1) : 0;
  l.rows = l.plane_rows * (px ? 2 : 1) * (py ? 2 : 1);
  return l;
}

void weft_input_range(int32_t size, int32_t k, int32_t stride, int32_t dilation,
                      int32_t pad, bool planes, int32_t o0, int32_t o1,
                      int32_t *i0, int32_t *i1) {
  int64_t lo = (int64_t)o0 * stride - pad;
  int64_t hi = (int64_t)(o1 - 1) * stride - pad + (int64_t)(k - 1) * dilation;
  lo = lo < 0 ? 0 : lo > size - 1 ? size - 1 : lo;
  hi = hi > size - 1 ? size - 1 : hi < lo ? lo : hi;
  *i0 = (int32_t)(planes ? lo & ~INT64_C(1) : lo);
  *i1 = (int32_t)hi + 1;
}

bool weft_axis_open(int32_t size, int32_t k, int32_t stride, int32_t pad, int32_t n_out) {
  return k == 1 && pad == 0 && (int64_t)(n_out - 1) * stride < size;
}

bool weft_layer_one_row(const weft_layer *l) { return l->sy > 2 || l->sx > 2; }

weft_status weft_plan_fail(weft_plan *p, weft_status code, const weft_layer *l,
                           const char *found, const char *allowed) {
  const char *where = l ? weft_diag_text(p->diag, "%s '%s'", l->op, l->name) : p->graph->path;
  const char *remedy = code == WEFT_E_NO_FIT
                           ? "choose a larger machine (-c, --set), or a smaller layer"
                           : NULL;
  return weft_fail(p->diag, code, where, found, allowed, remedy);
}
