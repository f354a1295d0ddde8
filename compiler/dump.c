/* SPDX-License-Identifier: Apache-2.0 */
/* Text of the plan, for -d PASS. */
#include <string.h>

#include "compiler/plan.h"

static const char *kind_name(weft_layer_kind k) {
  static const char *const names[] = {"dense", "depthwise", "sum", "max", "host"};
  return names[k];
}

static char *operand_text(const weft_plan *p, const char *what, const weft_operand *o) {
  if (o->value < 0)
    return weft_arena_printf(p->arena, "%s", "");
  const weft_value *v = &p->values[o->value];
  if (o->n_buffers == 0 && !o->resident)
    return weft_arena_printf(p->arena, " %s %d", what, v->tensor);
  return weft_arena_printf(p->arena, " %s %d (%s row %d%s rows %d pitch %d g %d%s%s)",
                           what, v->tensor, o->resident ? "resident" : "band", o->base[0],
                           o->n_buffers == 2 ? " x2" : "", o->layout.rows, o->layout.pitch,
                           o->layout.g, o->layout.px ? " px" : "", o->layout.py ? " py" : "");
}

static char *layer_text(const weft_plan *p, int i) {
  const weft_layer *l = &p->layers[i];
  char *head = weft_arena_printf(p->arena, "%4d %-9s %s '%s'", i, kind_name(l->kind), l->op, l->name);
  char *ops = weft_arena_printf(p->arena, "%s%s%s", operand_text(p, "in", &l->ifm),
                                operand_text(p, "res", &l->res), operand_text(p, "out", &l->ofm));
  if (l->kind == WEFT_LAYER_HOST)
    return weft_arena_printf(p->arena, "%s%s\n", head, ops);
  if (l->is_slice)
    head = weft_arena_printf(p->arena, "%s from channel %d", head, l->first_c);
  return weft_arena_printf(
      p->arena, "%s %dx%dx%d -> %dx%dx%d k %dx%d s %dx%d d %dx%d p %d,%d rects %d tile %dx%dx%d chunks of %d%s\n",
      head, l->ih, l->iw, l->ci, l->oh, l->ow, l->co, l->kh, l->kw, l->sy, l->sx, l->dy, l->dx,
      l->pt, l->pl, l->n_rects, l->tile_h, l->tile_w, l->tile_c, l->chunk_h, ops);
}

static char *value_text(const weft_plan *p, int i) {
  const weft_value *v = &p->values[i];
  return weft_arena_printf(
      p->arena, "  tensor %d '%s' %dx%dx%d layers %d..%d%s%s%s%s", v->tensor, v->name, v->h, v->w,
      v->c, v->first, v->last, v->is_input ? " input" : "", v->is_output ? " output" : "",
      v->resident ? weft_arena_printf(p->arena, " resident row %d", v->base) : "",
      v->in_dram ? weft_arena_printf(p->arena, " region %u offset %u\n", v->region, v->offset) : "\n");
}

typedef struct text {
  weft_arena *arena;
  char *bytes;
  size_t cap, n;
} text;

static void append(text *t, const char *line) {
  size_t n = strlen(line);
  t->bytes = weft_arena_grow(t->arena, t->bytes, &t->cap, t->n + n + 1, 1);
  memcpy(t->bytes + t->n, line, n + 1);
  t->n += n;
}

char *weft_plan_text(const weft_plan *p) {
  text t = {.arena = p->arena};
  append(&t, "layers\n");
  for (int i = 0; i < p->n_layers; i++)
    append(&t, layer_text(p, i));
  append(&t, "values\n");
  for (int i = 0; i < p->n_values; i++)
    append(&t, value_text(p, i));
  return t.bytes;
}
