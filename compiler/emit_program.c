/* SPDX-License-Identifier: Apache-2.0 */
/* The program's tables: inputs, outputs, tensor map, layers, segments. */
#include <string.h>

#include "compiler/emit.h"

void weft_emit_segment_record(weft_emitted *e, const weft_prog_segment *s) {
  e->segments = weft_arena_grow(e->b.p->arena, e->segments, &e->cap_segments, (size_t)e->n_segments + 1,
                                sizeof *e->segments);
  e->segments[e->n_segments++] = *s;
}

static weft_prog_io make_io(const weft_plan *p, int tensor, uint32_t region, uint32_t offset) {
  const weft_tensor *t = &p->graph->tensors[tensor];
  weft_prog_io io = {.name = t->name, .tensor = tensor, .type = (int32_t)t->type, .rank = t->rank,
                     .scale = t->n_scales ? t->scale[0] : 0, .zero_point = t->n_scales ? t->zero_point[0] : 0,
                     .region = region, .offset = offset, .n_bytes = (uint32_t)t->n_bytes};
  for (int k = 0; k < t->rank; k++)
    io.shape[k] = t->shape[k];
  return io;
}

static void emit_ends(weft_emitted *e, weft_program *prog) {
  weft_plan *p = e->b.p;
  const weft_graph *g = p->graph;
  weft_prog_io *in = WEFT_NEW(p->arena, weft_prog_io, g->n_inputs);
  weft_prog_io *out = WEFT_NEW(p->arena, weft_prog_io, g->n_outputs);
  uint32_t at = 0;
  for (int k = 0; k < g->n_inputs; k++)
    in[k] = make_io(p, g->inputs[k], WEFT_REGION_INPUT, p->values[p->value_of[g->inputs[k]]].offset);
  for (int k = 0; k < g->n_outputs; k++) {
    const weft_value *v = &p->values[p->value_of[g->outputs[k]]];
    out[k] = make_io(p, g->outputs[k], WEFT_REGION_OUTPUT, at);
    if (v->region != WEFT_REGION_OUTPUT || v->offset != at)
      weft_emit_segment_record(e, &(weft_prog_segment){
          .kind = WEFT_SEG_COPY, .src_region = v->region, .src_offset = v->offset,
          .dst_region = WEFT_REGION_OUTPUT, .dst_offset = at, .n_rows = 1, .n_cols = out[k].n_bytes,
          .src_type = out[k].type, .dst_type = out[k].type});
    at += (out[k].n_bytes + 63) & ~63u;
  }
  prog->inputs = in;
  prog->outputs = out;
  prog->n_inputs = (uint32_t)g->n_inputs;
  prog->n_outputs = (uint32_t)g->n_outputs;
}

static weft_prog_tensor map_tensor(const weft_emitted *e, int tensor) {
  const weft_plan *p = e->b.p;
  const weft_tensor *t = &p->graph->tensors[tensor];
  const weft_value *v = &p->values[p->value_of[tensor]];
  weft_prog_tensor m = {.name = t->name, .tensor = tensor, .type = (int32_t)t->type, .rank = t->rank,
                        .insn = UINT32_MAX};
  for (int k = 0; k < t->rank; k++)
    m.shape[k] = t->shape[k];
  if (v->producer >= 0) {
    m.segment = (uint32_t)p->layers[v->producer].segment;
    if (p->layers[v->producer].kind != WEFT_LAYER_HOST)
      m.insn = e->last_insn[v->producer];
  }
  if (v->in_dram) {
    m.place = WEFT_IN_DRAM;
    m.region = v->region;
    m.offset = v->offset;
    return m;
  }
  const weft_layout *l = &v->layout;
  m.place = WEFT_IN_SPM;
  m.row = (uint32_t)v->base;
  m.g = (uint32_t)l->g;
  m.h = (uint32_t)v->h;
  m.w = (uint32_t)v->w;
  m.c = (uint32_t)v->c;
  m.pitch = (uint32_t)l->pitch;
  m.px = l->px;
  m.py = l->py;
  m.plane_x = (uint32_t)l->plane_x;
  m.plane_y = (uint32_t)l->plane_y;
  return m;
}

static void emit_map(weft_emitted *e, weft_program *prog) {
  const weft_plan *p = e->b.p;
  const weft_graph *g = p->graph;
  weft_prog_tensor *map = WEFT_NEW(p->arena, weft_prog_tensor, g->n_tensors + 1);
  for (int i = 0; i < g->n_ops; i++)
    for (int k = 0; k < g->ops[i].n_outputs && !g->ops[i].folded; k++) {
      int t = g->ops[i].outputs[k], v = p->value_of[t];
      if (v >= 0 && (p->values[v].producer >= 0 || p->values[v].is_input))
        map[prog->n_tensors++] = map_tensor(e, t);
    }
  prog->tensors = map;
}

static void emit_fused(weft_emitted *e, weft_program *prog) {
  const weft_plan *p = e->b.p;
  weft_prog_fused *fused = WEFT_NEW(p->arena, weft_prog_fused, 4 * p->n_layers + 1);
  for (int i = 0; i < p->n_layers; i++)
    for (int k = 0; k < p->layers[i].n_fused; k++)
      fused[prog->n_fused++] = (weft_prog_fused){.tensor = p->layers[i].fused[k], .insn = e->last_insn[i]};
  prog->fused = fused;
}

static void count_bytes(const weft_emitted *e, int first, int last, weft_prog_layer *l) {
  for (int s = first; s <= last; s++) {
    const weft_slot *slot = &e->b.slots[s];
    for (int a = 0; a < slot->n_accesses; a++) {
      const weft_access *x = &e->b.accesses[slot->first_access + a];
      if (x->space == WEFT_SPACE_SPM || x->space == WEFT_SPACE_TURN)
        continue;
      if (weft_insn_get(&slot->insn, WEFT_H_OP) == WEFT_I_LD)
        l->bytes_in += (uint64_t)weft_insn_get(&slot->insn, WEFT_F_LD_LINES) *
                       (uint64_t)weft_insn_get(&slot->insn, WEFT_F_LD_WIDTH) *
                       (uint64_t)weft_insn_get(&slot->insn, WEFT_F_LD_CHANNELS);
      else
        l->bytes_out += (uint64_t)weft_insn_get(&slot->insn, WEFT_F_ST_LINES) *
                        (uint64_t)weft_insn_get(&slot->insn, WEFT_F_ST_WIDTH) *
                        (uint64_t)weft_insn_get(&slot->insn, WEFT_F_ST_CHANNELS);
    }
    if (weft_insn_get(&slot->insn, WEFT_H_OP) == WEFT_I_WT) {
      int64_t cols = e->b.p->config->cols, params = weft_insn_get(&slot->insn, WEFT_F_WT_PARAMS);
      int64_t words = weft_insn_get(&slot->insn, WEFT_F_WT_N_WORDS) * weft_insn_get(&slot->insn, WEFT_F_WT_REPEATS);
      int64_t group = words * cols + (params == 2 ? 12 : params == 1 ? 4 : 0) * cols;
      l->bytes_in += (uint64_t)(group * weft_insn_get(&slot->insn, WEFT_F_WT_N_GROUPS));
    }
  }
}

/* The layer that holds a graph operator: the first that ends with it or later. */
static weft_prog_layer *layer_of(const weft_plan *p, weft_prog_layer *layers, int op) {
  int best = -1;
  for (int i = 0; i < p->n_layers; i++)
    if (p->layers[i].graph_op >= op && (best < 0 || p->layers[i].graph_op < p->layers[best].graph_op))
      best = i;
  return best < 0 ? NULL : &layers[best];
}

static void count_weights(const weft_plan *p, weft_prog_layer *layers) {
  const weft_graph *g = p->graph;
  for (int i = 0; i < g->n_ops; i++) {
    const weft_op *op = &g->ops[i];
    if (op->kind != WEFT_OP_CONV_2D && op->kind != WEFT_OP_DEPTHWISE_CONV_2D && op->kind != WEFT_OP_FULLY_CONNECTED)
      continue;
    const weft_tensor *w = &g->tensors[op->inputs[1]], *out = &g->tensors[op->outputs[0]];
    uint64_t channels = (uint64_t)out->shape[out->rank - 1];
    weft_prog_layer *l = layer_of(p, layers, i);
    if (l)
      l->weight_bytes += w->n_bytes + channels * (w->n_scales > 1 ? 9 : 4);
  }
}

static void emit_layers(weft_emitted *e, weft_program *prog) {
  const weft_plan *p = e->b.p;
  weft_prog_layer *layers = WEFT_NEW(p->arena, weft_prog_layer, p->n_layers + 1);
  int first = 0;
  for (int i = 0; i < p->n_layers; i++) {
    const weft_layer *l = &p->layers[i];
    layers[i] = (weft_prog_layer){.name = l->name, .op = l->op, .macs = l->macs};
    if (l->kind == WEFT_LAYER_HOST)
      continue;
    count_bytes(e, first, e->last_slot[i], &layers[i]);
    first = e->last_slot[i] + 1;
  }
  count_weights(p, layers);
  prog->layers = layers;
  prog->n_layers = (uint32_t)p->n_layers;
}

/* WT offsets count from the start of region 0. */
static void move_constants(weft_emitted *e, uint32_t by) {
  for (uint32_t i = 0; i < e->out.n; i++) {
    weft_insn *w = &e->out.insns[i];
    if (weft_insn_get(w, WEFT_H_OP) == WEFT_I_WT)
      weft_build_set(&e->b, w, WEFT_F_WT_OFFSET, weft_insn_get(w, WEFT_F_WT_OFFSET) + by);
  }
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

weft_status weft_emit_program(weft_emitted *e) {
  weft_plan *p = e->b.p;
  weft_program *prog = WEFT_NEW(p->arena, weft_program, 1);
  prog->model = base_name(p->graph->path ? p->graph->path : "network");
  prog->config_text = weft_config_text(p->arena, p->config);
  prog->config_hash = weft_config_hash(p->config);
  emit_ends(e, prog);
  emit_map(e, prog);
  emit_fused(e, prog);
  emit_layers(e, prog);
  prog->n_insns = e->out.n;
  prog->constants_offset = (e->out.n * WEFT_INSN_BYTES + 63) & ~63u;
  move_constants(e, prog->constants_offset);
  prog->insns = e->out.insns;
  prog->constants = (weft_span){.data = e->b.constants, .size = e->b.n_constants};
  for (int r = 0; r < WEFT_N_REGIONS; r++)
    prog->region_bytes[r] = p->region_bytes[r];
  prog->region_bytes[WEFT_REGION_CONST] = prog->constants_offset + (uint32_t)e->b.n_constants;
  prog->segments = e->segments;
  prog->n_segments = e->n_segments;
  p->program = prog;
  return e->b.status;
}
