/* SPDX-License-Identifier: Apache-2.0 */
/* Layers to instructions, segment by segment. */
#include <string.h>

#include "compiler/builder.h"
#include "compiler/emit.h"

static weft_band make_band(const weft_layer *l, int32_t y0, int32_t x0, int32_t c0, int number) {
  weft_band b = {.y0 = y0, .y1 = weft_min32(y0 + l->tile_h, l->oh), .x0 = x0,
                 .x1 = weft_min32(x0 + l->tile_w, l->ow), .c0 = c0, .c1 = weft_min32(c0 + l->tile_c, l->co)};
  if (l->ifm.resident) {
    b.iy1 = l->ih;
    b.ix1 = l->iw;
  } else {
    weft_input_range(l->ih, l->kh, l->sy, l->dy, l->pt, l->ifm.layout.py, b.y0, b.y1, &b.iy0, &b.iy1);
    weft_input_range(l->iw, l->kw, l->sx, l->dx, l->pl, l->ifm.layout.px, b.x0, b.x1, &b.ix0, &b.ix1);
  }
  b.by0 = b.y0;
  b.biy0 = b.iy0;
  int buffers = weft_max32(weft_max32(l->ifm.n_buffers, l->ofm.n_buffers), l->res.n_buffers);
  b.buffer = number % buffers;
  return b;
}

static bool cut(const weft_rect *r, const weft_band *band, weft_rect *out) {
  *out = *r;
  out->y0 = weft_max32(r->y0, band->y0);
  out->y1 = weft_min32(r->y1, band->y1);
  out->x0 = weft_max32(r->x0, band->x0);
  out->x1 = weft_min32(r->x1, band->x1);
  return out->y0 < out->y1 && out->x0 < out->x1;
}

static int32_t chunk_lines(const weft_layer *l, const weft_band *band, int32_t y0) {
  int32_t left = band->y1 - y0, lines = weft_min32(l->chunk_h, left);
  if (l->lead_h && y0 == 0)
    return weft_min32(l->lead_h, left);
  if (l->tail_h && band->y1 == l->oh && left <= l->chunk_h && left - l->tail_h > 1)
    return l->ofm.layout.py ? (left - l->tail_h) & ~1 : left - l->tail_h;
  return lines;
}

/* A chunk of a band's lines: loads what it needs and the chunks before it did
 * not load, whole pairs of lines in planes. */
static weft_band make_chunk(const weft_layer *l, const weft_band *band, int32_t y0, int32_t *loaded) {
  weft_band c = *band;
  c.y0 = y0;
  c.y1 = y0 + chunk_lines(l, band, y0);
  if (l->ifm.resident)
    return c;
  int32_t i0;
  weft_input_range(l->ih, l->kh, l->sy, l->dy, l->pt, l->ifm.layout.py, c.y0, c.y1, &i0, &c.iy1);
  if (l->ifm.layout.py)
    c.iy1 = band->iy0 + ((c.iy1 - band->iy0 + 1) & ~1);
  c.iy1 = c.y1 == band->y1 ? band->iy1 : weft_min32(c.iy1, band->iy1);
  c.iy0 = *loaded;
  *loaded = weft_max32(*loaded, c.iy1);
  return c;
}

/* Loads run at most one chunk ahead of the array: they come before weights at
 * the memory port and would starve them. */
static void emit_chunk(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_band *band) {
  int64_t turn = b->n_chunks++;
  int first = b->n_slots;
  if (!l->ifm.resident && band->iy0 < band->iy1)
    weft_emit_load(b, &l->ifm, band, false);
  if (l->res.value >= 0 && !l->res.resident)
    weft_emit_load(b, &l->res, band, true);
  if (b->n_slots > first && turn > 1)
    weft_build_access(b, WEFT_SPACE_TURN, false, turn - 2, turn - 1);
  for (int k = 0; k < l->n_rects; k++) {
    weft_rect r;
    if (cut(&l->rects[k], band, &r))
      weft_emit_exc(b, l, w, band, &r);
  }
  weft_build_access(b, WEFT_SPACE_TURN, true, turn, turn + 1);
  if (!l->ofm.resident)
    weft_emit_store(b, &l->ofm, band);
}

static void emit_band(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_band *band) {
  int32_t loaded = band->iy0;
  for (int32_t y = band->y0; y < band->y1;) {
    weft_band chunk = make_chunk(l, band, y, &loaded);
    emit_chunk(b, l, w, &chunk);
    y = chunk.y1;
  }
}

/* Returns the slot after whose retirement the output is whole. */
static weft_status emit_layer(weft_builder *b, int at, int *last_slot) {
  weft_layer *l = &b->p->layers[at];
  weft_weights w;
  b->layer = l;
  WEFT_TRY(weft_pack_weights(b, l, &w));
  int number = 0;
  b->pending_mark = at;
  if (l->by_parts) {
    weft_emit_by_parts(b, l, &w);
    *last_slot = b->n_slots - 1;
    return b->status;
  }
  for (int32_t y = 0; y < l->oh; y += l->tile_h)
    for (int32_t x = 0; x < l->ow; x += l->tile_w)
      for (int32_t c = 0; c < l->co; c += l->tile_c) {
        weft_band band = make_band(l, y, x, c, number++);
        emit_band(b, l, &w, &band);
      }
  *last_slot = b->n_slots - 1;
  const weft_value *out = &b->p->values[l->ofm.value];
  if (l->ofm.resident && out->needs_dram && out->producer == at) {
    weft_band whole = {.y1 = l->oh, .x1 = l->ow, .c1 = out->c};
    weft_emit_store(b, &l->ofm, &whole);
    *last_slot = b->n_slots - 1;
  }
  return b->status;
}

/* END, and more of it up to a 64-byte boundary. */
static void end_segment(weft_builder *b, weft_synced *out) {
  do {
    out->insns = weft_arena_grow(b->p->arena, out->insns, &out->cap, (size_t)out->n + 1, sizeof *out->insns);
    out->insns[out->n++] = weft_insn_make(WEFT_I_END);
  } while (out->n % 4);
}

static weft_status emit_segment(weft_emitted *e, int from, int to) {
  weft_builder *b = &e->b;
  int first_slot = b->n_slots;
  uint32_t first_insn = e->out.n;
  size_t first_constant = (b->n_constants + 63) & ~(size_t)63;
  weft_build_forget(b);
  for (int i = from; i < to; i++)
    WEFT_TRY(emit_layer(b, i, &e->last_slot[i]));
  weft_stream_ahead(b, first_slot, b->n_slots, first_constant);
  uint32_t *index = WEFT_NEW(b->p->arena, uint32_t, b->n_slots + 1);
  weft_sync(b, first_slot, b->n_slots, &e->out, index);
  for (int i = from; i < to; i++)
    e->last_insn[i] = index[e->last_slot[i] - first_slot];
  uint32_t ends = e->out.n;
  end_segment(b, &e->out);
  weft_emit_segment_record(e, &(weft_prog_segment){.kind = WEFT_SEG_ACCEL, .first_insn = first_insn,
                                                   .n_insns = ends + 1 - first_insn});
  return b->status;
}

static weft_status emit_host(weft_emitted *e, int at) {
  const weft_layer *l = &e->b.p->layers[at];
  const weft_value *from = &e->b.p->values[l->ifm.value], *to = &e->b.p->values[l->ofm.value];
  weft_prog_segment s = l->host;
  s.src_region = from->region;
  s.src_offset = from->offset;
  s.dst_region = to->region;
  s.dst_offset = to->offset;
  weft_emit_segment_record(e, &s);
  return WEFT_OK;
}

static weft_status emit_all(weft_emitted *e) {
  weft_plan *p = e->b.p;
  for (int i = 0; i < p->n_layers;) {
    int to = i + 1;
    if (p->layers[i].kind == WEFT_LAYER_HOST) {
      WEFT_TRY(emit_host(e, i));
    } else {
      while (to < p->n_layers && p->layers[to].kind != WEFT_LAYER_HOST)
        to++;
      WEFT_TRY(emit_segment(e, i, to));
    }
    i = to;
  }
  return WEFT_OK;
}

weft_status weft_pass_emit(weft_plan *p) {
  weft_emitted *e = WEFT_NEW(p->arena, weft_emitted, 1);
  e->b.p = p;
  e->b.taps = WEFT_NEW(p->arena, weft_tap, p->config->taps);
  e->b.tap_known = WEFT_NEW(p->arena, bool, p->config->taps);
  e->last_slot = WEFT_NEW(p->arena, int, p->n_layers + 1);
  e->last_insn = WEFT_NEW(p->arena, uint32_t, p->n_layers + 1);
  WEFT_TRY(emit_all(e));
  return weft_emit_program(e);
}
