/* SPDX-License-Identifier: Apache-2.0 */
#include "isa/program_rec.h"

#define F(type, member, kind) {#member, offsetof(type, member), WEFT_REC_##kind}
#define TAG(a, b, c, d) \
  ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define REC(keyword, tag, type, table) \
  {keyword, tag, sizeof(type), sizeof(table) / sizeof((table)[0]), table}

static const weft_rec_field program_fields[] = {
  F(weft_program, model, STRING), F(weft_program, config_text, STRING),
  F(weft_program, config_hash, U64), F(weft_program, constants_offset, U32),
  F(weft_program, region_bytes, REGIONS),
};

static const weft_rec_field io_fields[] = {
  F(weft_prog_io, name, STRING), F(weft_prog_io, tensor, I32), F(weft_prog_io, type, I32),
  F(weft_prog_io, rank, I32), F(weft_prog_io, shape, SHAPE), F(weft_prog_io, scale, F32),
  F(weft_prog_io, zero_point, I32), F(weft_prog_io, region, U32),
  F(weft_prog_io, offset, U32), F(weft_prog_io, n_bytes, U32),
};

static const weft_rec_field tensor_fields[] = {
  F(weft_prog_tensor, name, STRING), F(weft_prog_tensor, tensor, I32),
  F(weft_prog_tensor, type, I32), F(weft_prog_tensor, rank, I32),
  F(weft_prog_tensor, shape, SHAPE), F(weft_prog_tensor, place, U32),
  F(weft_prog_tensor, region, U32), F(weft_prog_tensor, offset, U32),
  F(weft_prog_tensor, row, U32), F(weft_prog_tensor, mod, U32), F(weft_prog_tensor, g, U32),
  F(weft_prog_tensor, h, U32), F(weft_prog_tensor, w, U32), F(weft_prog_tensor, c, U32),
  F(weft_prog_tensor, pitch, U32), F(weft_prog_tensor, px, U32), F(weft_prog_tensor, py, U32),
  F(weft_prog_tensor, plane_x, U32), F(weft_prog_tensor, plane_y, U32),
  F(weft_prog_tensor, segment, U32), F(weft_prog_tensor, insn, U32),
};

static const weft_rec_field fused_fields[] = {
  F(weft_prog_fused, tensor, I32), F(weft_prog_fused, insn, U32),
};

static const weft_rec_field layer_fields[] = {
  F(weft_prog_layer, name, STRING), F(weft_prog_layer, op, STRING),
  F(weft_prog_layer, macs, U64), F(weft_prog_layer, weight_bytes, U64),
  F(weft_prog_layer, bytes_in, U64),
  F(weft_prog_layer, bytes_out, U64),
};

static const weft_rec_field segment_fields[] = {
  F(weft_prog_segment, kind, U32), F(weft_prog_segment, first_insn, U32),
  F(weft_prog_segment, n_insns, U32), F(weft_prog_segment, src_region, U32),
  F(weft_prog_segment, src_offset, U32), F(weft_prog_segment, dst_region, U32),
  F(weft_prog_segment, dst_offset, U32), F(weft_prog_segment, n_rows, U32),
  F(weft_prog_segment, n_cols, U32), F(weft_prog_segment, src_type, I32),
  F(weft_prog_segment, dst_type, I32), F(weft_prog_segment, src_zero_point, I32),
  F(weft_prog_segment, dst_zero_point, I32), F(weft_prog_segment, src_scale, F32),
  F(weft_prog_segment, dst_scale, F32), F(weft_prog_segment, beta, F32),
};

const weft_rec weft_recs[WEFT_N_RECS] = {
  [WEFT_REC_PROGRAM] = REC("program", TAG('P', 'R', 'O', 'G'), weft_program, program_fields),
  [WEFT_REC_INPUT] = REC("input", TAG('I', 'N', 'P', 'T'), weft_prog_io, io_fields),
  [WEFT_REC_OUTPUT] = REC("output", TAG('O', 'U', 'T', 'P'), weft_prog_io, io_fields),
  [WEFT_REC_TENSOR] = REC("tensor", TAG('T', 'E', 'N', 'S'), weft_prog_tensor, tensor_fields),
  [WEFT_REC_FUSED] = REC("fused", TAG('F', 'U', 'S', 'E'), weft_prog_fused, fused_fields),
  [WEFT_REC_LAYER] = REC("layer", TAG('L', 'A', 'Y', 'R'), weft_prog_layer, layer_fields),
  [WEFT_REC_SEGMENT] = REC("segment", TAG('S', 'E', 'G', 'M'), weft_prog_segment, segment_fields),
};

const void *weft_rec_list(const weft_program *p, weft_rec_id id, uint32_t *n) {
  switch (id) {
  case WEFT_REC_INPUT:
    *n = p->n_inputs;
    return p->inputs;
  case WEFT_REC_OUTPUT:
    *n = p->n_outputs;
    return p->outputs;
  case WEFT_REC_TENSOR:
    *n = p->n_tensors;
    return p->tensors;
  case WEFT_REC_FUSED:
    *n = p->n_fused;
    return p->fused;
  case WEFT_REC_LAYER:
    *n = p->n_layers;
    return p->layers;
  case WEFT_REC_SEGMENT:
    *n = p->n_segments;
    return p->segments;
  case WEFT_REC_PROGRAM:
  case WEFT_N_RECS:
    break;
  }
  *n = 0;
  return NULL;
}

void weft_rec_set_list(weft_program *p, weft_rec_id id, const void *items, uint32_t n) {
  switch (id) {
  case WEFT_REC_INPUT:
    p->n_inputs = n;
    p->inputs = items;
    break;
  case WEFT_REC_OUTPUT:
    p->n_outputs = n;
    p->outputs = items;
    break;
  case WEFT_REC_TENSOR:
    p->n_tensors = n;
    p->tensors = items;
    break;
  case WEFT_REC_FUSED:
    p->n_fused = n;
    p->fused = items;
    break;
  case WEFT_REC_LAYER:
    p->n_layers = n;
    p->layers = items;
    break;
  case WEFT_REC_SEGMENT:
    p->n_segments = n;
    p->segments = items;
    break;
  case WEFT_REC_PROGRAM:
  case WEFT_N_RECS:
    break;
  }
}
