/* SPDX-License-Identifier: Apache-2.0 */
/* Container, operator codes and order of work. Slot numbers: numerics.md 7. */
#include "graph/read.h"

#include <string.h>

enum { MODEL_VERSION = 0, MODEL_OPCODES = 1, MODEL_SUBGRAPHS = 2,
       MODEL_BUFFERS = 4, MODEL_METADATA = 6 };
enum { METADATA_NAME = 0 };
enum { OPCODE_OLD = 0, OPCODE_CUSTOM = 1, OPCODE_BUILTIN = 3 };
enum { SUBGRAPH_TENSORS = 0, SUBGRAPH_INPUTS = 1, SUBGRAPH_OUTPUTS = 2,
       SUBGRAPH_OPERATORS = 3 };

const char *weft_tensor_place(weft_diag *d, const weft_graph *g, int t) {
  if (t < 0)
    return weft_diag_text(d, "%s: an absent tensor", g->path);
  return weft_diag_text(d, "%s: tensor %d '%s'", g->path, t,
                        g->tensors[t].name);
}

const char *weft_op_place(weft_diag *d, const weft_graph *g, int i) {
  const weft_op *op = &g->ops[i];
  int t = op->n_outputs > 0 ? op->outputs[0] : -1;
  if (t < 0)
    return weft_diag_text(d, "%s: operator %d %s", g->path, i, op->name);
  return weft_diag_text(d, "%s: operator %d %s '%s'", g->path, i, op->name,
                        g->tensors[t].name);
}

const char *weft_shape_text(weft_diag *d, const int32_t *shape, int rank) {
  char text[WEFT_MAX_RANK * 12];
  size_t n = 0;
  for (int k = rank - 1; k >= 0; k--) {
    uint32_t v = (uint32_t)shape[k];
    do
      text[n++] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    if (k > 0)
      text[n++] = 'x';
  }
  for (size_t i = 0; i < n / 2; i++) {
    char c = text[i];
    text[i] = text[n - 1 - i];
    text[n - 1 - i] = c;
  }
  text[n] = '\0';
  return rank == 0 ? "scalar" : weft_diag_text(d, "%s", text);
}

weft_status weft_fail_op(weft_reader *r, int i, weft_status code,
                         const char *found, const char *allowed) {
  return weft_fail(r->diag, code, weft_op_place(r->diag, r->graph, i), found,
                   allowed, code == WEFT_E_CAP
                       ? "use a smaller network; a damaged shape also does this"
                       : "the file is damaged; convert the network again");
}

static void read_opcode(weft_reader *r, uint32_t k) {
  weft_fb_table t = weft_fb_at(&r->fb, r->opcodes, k);
  int old = weft_fb_i8(&r->fb, t, OPCODE_OLD, 0);
  int32_t code = weft_fb_i32(&r->fb, t, OPCODE_BUILTIN, 0);
  if (old > code)
    code = old;
  r->opcode_kind[k] = (weft_op_kind)code;
  const weft_op_info *row = weft_op_find(code);
  if (row)
    r->opcode_name[k] = row->name;
  else
    r->opcode_name[k] = weft_arena_printf(r->arena, "OP_%d", (int)code);
  if (code != WEFT_OP_CUSTOM)
    return;
  const char *custom = weft_fb_string(&r->fb, t, OPCODE_CUSTOM, r->arena,
                                      WEFT_CAP_NAME_BYTES);
  r->opcode_name[k] = *custom ? custom : "CUSTOM";
}

static weft_status read_opcodes(weft_reader *r, weft_fb_table model) {
  r->opcodes = weft_fb_tables(&r->fb, model, MODEL_OPCODES);
  r->fb.place = "operator_codes";
  if (r->opcodes.n > WEFT_CAP_OPS)
    return weft_fb_fail(&r->fb, WEFT_E_CAP, r->opcodes.at,
                        "more than 65536 operator codes", "at most 65536");
  r->opcode_kind = WEFT_NEW(r->arena, weft_op_kind, r->opcodes.n + 1);
  r->opcode_name = WEFT_NEW(r->arena, const char *, r->opcodes.n + 1);
  for (uint32_t k = 0; k < r->opcodes.n && r->fb.status == WEFT_OK; k++) {
    r->fb.index = k;
    read_opcode(r, k);
  }
  r->fb.index = -1;
  return r->fb.status;
}

static const int32_t *read_ends(weft_reader *r, weft_fb_table subgraph,
                                unsigned slot, const char *place, int *n) {
  weft_fb_vec v = weft_fb_vector(&r->fb, subgraph, slot, 4);
  r->fb.place = place;
  if (v.n > WEFT_CAP_OPERANDS) {
    weft_fb_fail(&r->fb, WEFT_E_CAP, v.at, "more than 1048576 tensors",
                 "at most 1048576");
    v.n = 0;
  }
  int32_t *ends = WEFT_NEW(r->arena, int32_t, v.n + 1);
  for (uint32_t k = 0; k < v.n; k++) {
    ends[k] = weft_fb_vec_i32(v, k);
    if (ends[k] < 0 || ends[k] >= r->graph->n_tensors) {
      r->fb.index = k;
      weft_fb_fail(&r->fb, WEFT_E_MODEL, v.at + 4 * k,
                   weft_diag_text(r->diag, "tensor %d", (int)ends[k]),
                   weft_diag_text(r->diag, "0..%d", r->graph->n_tensors - 1));
      break;
    }
  }
  r->fb.index = -1;
  *n = (int)v.n;
  return ends;
}

static weft_status read_subgraph(weft_reader *r, weft_fb_table subgraph) {
  weft_graph *g = r->graph;
  weft_fb_vec tensors = weft_fb_tables(&r->fb, subgraph, SUBGRAPH_TENSORS);
  weft_fb_vec operators = weft_fb_tables(&r->fb, subgraph, SUBGRAPH_OPERATORS);
  WEFT_TRY(weft_read_tensors(r, tensors));
  g->inputs = read_ends(r, subgraph, SUBGRAPH_INPUTS, "inputs", &g->n_inputs);
  g->outputs = read_ends(r, subgraph, SUBGRAPH_OUTPUTS, "outputs",
                         &g->n_outputs);
  WEFT_TRY(r->fb.status);
  return weft_read_ops(r, operators);
}

/* TFLite-Micro's compressor leaves tensors in place and stores codes in them. */
static void read_metadata(weft_reader *r, weft_fb_table model) {
  weft_fb_vec entries = weft_fb_tables(&r->fb, model, MODEL_METADATA);
  r->fb.place = "metadata";
  for (uint32_t k = 0; k < entries.n && r->fb.status == WEFT_OK; k++) {
    r->fb.index = k;
    weft_fb_table t = weft_fb_at(&r->fb, entries, k);
    weft_fb_vec name = weft_fb_vector(&r->fb, t, METADATA_NAME, 1);
    if (name.n == 20 && memcmp(name.data, "COMPRESSION_METADATA", 20) == 0)
      r->graph->unsupported = "weights compressed by TFLite-Micro";
  }
  r->fb.index = -1;
}

static weft_status read_model(weft_reader *r) {
  weft_fb *fb = &r->fb;
  weft_fb_table model = weft_fb_root(fb);
  uint32_t version = weft_fb_u32(fb, model, MODEL_VERSION, 0);
  if (fb->status == WEFT_OK && version != 3)
    return weft_fb_fail(fb, WEFT_E_MODEL, model.at,
                        weft_diag_text(r->diag, "schema version %u",
                                       (unsigned)version),
                        "schema version 3");
  r->buffers = weft_fb_tables(fb, model, MODEL_BUFFERS);
  weft_fb_vec subgraphs = weft_fb_tables(fb, model, MODEL_SUBGRAPHS);
  WEFT_TRY(read_opcodes(r, model));
  read_metadata(r, model);
  WEFT_TRY(fb->status);
  fb->place = "subgraphs";
  if (subgraphs.n == 0)
    return weft_fb_fail(fb, WEFT_E_MODEL, model.at, "no subgraph",
                        "at least one subgraph");
  weft_fb_table subgraph = weft_fb_at(fb, subgraphs, 0);
  WEFT_TRY(fb->status);
  return read_subgraph(r, subgraph);
}

weft_status weft_graph_read(weft_arena *arena, weft_diag *d, const char *path,
                            weft_span bytes, weft_graph **out) {
  weft_reader r = {.arena = arena,
                   .diag = d ? d : weft_diag_new(arena),
                   .operands_left = WEFT_CAP_OPERANDS,
                   .scales_left = WEFT_CAP_SCALES};
  r.graph = WEFT_NEW(arena, weft_graph, 1);
  r.graph->path = path;
  r.graph->arena = arena;
  WEFT_TRY(weft_fb_open(&r.fb, r.diag, path, bytes, "TFL3"));
  WEFT_TRY(read_model(&r));
  *out = r.graph;
  return WEFT_OK;
}
