/* SPDX-License-Identifier: Apache-2.0 */
/* Invariants between passes. A violation is a bug of ours: E_INTERNAL. */
#include "compiler/plan.h"

static weft_status broken(weft_plan *p, const weft_layer *l, const char *what) {
  return weft_plan_fail(p, WEFT_E_INTERNAL, l, what, "the invariants of plan_check.c");
}

static weft_status check_layer(weft_plan *p, int at) {
  const weft_layer *l = &p->layers[at];
  if (l->ifm.value < 0 || l->ifm.value >= p->n_values || l->ofm.value < 0 || l->ofm.value >= p->n_values)
    return broken(p, l, "an operand that is no value");
  if (p->values[l->ifm.value].producer >= at || (l->res.value >= 0 && p->values[l->res.value].producer >= at))
    return broken(p, l, "an operand made later");
  const weft_value *out = &p->values[l->ofm.value];
  if (out->producer != at && !(l->is_slice && out->is_sliced && out->producer > at))
    return broken(p, l, "an output with two producers");
  if (l->is_slice && (l->oh != out->h || l->ow != out->w || l->first_c + l->co > out->c))
    return broken(p, l, "a slice outside of its value");
  if (l->is_slice && out->resident && l->first_c % p->config->word_bytes != 0)
    return broken(p, l, "a slice inside of a word of the scratchpad");
  if (l->kind == WEFT_LAYER_HOST)
    return WEFT_OK;
  if (l->oh < 1 || l->ow < 1 || l->co < 1 || l->kh < 1 || l->kw < 1 || l->sy < 1 || l->sx < 1)
    return broken(p, l, "a size below 1");
  if (l->kind != WEFT_LAYER_DENSE && l->ci != l->co)
    return broken(p, l, "channels in and out that differ");
  if (weft_layer_is_unit(l) ? !l->scalar || l->weights : !l->weights)
    return broken(p, l, "weights and kind that do not agree");
  int64_t area = 0;
  for (int k = 0; k < l->n_rects; k++)
    area += (int64_t)(l->rects[k].y1 - l->rects[k].y0) * (l->rects[k].x1 - l->rects[k].x0);
  return area == (int64_t)l->oh * l->ow ? WEFT_OK : broken(p, l, "rectangles that do not cover the output");
}

static weft_status check_layout(weft_plan *p, int at) {
  const weft_layer *l = &p->layers[at];
  if (l->kind == WEFT_LAYER_HOST)
    return WEFT_OK;
  const weft_operand *o[] = {&l->ifm, &l->res, &l->ofm};
  for (int k = 0; k < 3; k++) {
    if (o[k]->value < 0)
      continue;
    if (o[k]->n_buffers < 1 || o[k]->base[o[k]->n_buffers - 1] + o[k]->layout.rows > weft_spm_rows(p->config))
      return broken(p, l, "an operand outside of the scratchpad");
    for (int j = 0; j < k; j++)
      for (int a = 0; o[j]->value >= 0 && o[j]->value != o[k]->value && a < o[j]->n_buffers; a++)
        for (int b = 0; b < o[k]->n_buffers; b++)
          if (o[j]->base[a] < o[k]->base[b] + o[k]->layout.rows && o[k]->base[b] < o[j]->base[a] + o[j]->layout.rows)
            return broken(p, l, "operands that overlap");
  }
  bool one_row = weft_layer_one_row(l);
  if (l->by_parts)
    return WEFT_OK;
  if (l->ifm.layout.px != (l->sx == 2 && !one_row) || l->ifm.layout.py != (l->sy == 2 && !one_row))
    return broken(p, l, "an input layout that its stride does not want");
  if (l->has_add && (l->res.layout.px || l->res.layout.py))
    return broken(p, l, "a residual in planes");
  return one_row || l->ifm.layout.pitch >= l->tile_w ? WEFT_OK : broken(p, l, "a pitch below the output's width");
}

static weft_status check_values(weft_plan *p) {
  for (int i = 0; i < p->n_values; i++) {
    const weft_value *a = &p->values[i];
    if (a->in_dram && (uint64_t)a->offset + a->n_bytes > p->region_bytes[a->region])
      return broken(p, NULL, "a value outside of its region");
    if (!a->in_dram && !a->resident && (a->producer >= 0 || a->is_input))
      return broken(p, NULL, "a value that is nowhere");
  }
  return WEFT_OK;
}

weft_status weft_plan_check(weft_plan *p, int pass) {
  for (int i = 0; i < p->n_layers; i++) {
    WEFT_TRY(check_layer(p, i));
    if (pass >= WEFT_PASS_TILE)
      WEFT_TRY(check_layout(p, i));
  }
  return pass >= WEFT_PASS_ALLOCATE ? check_values(p) : WEFT_OK;
}
