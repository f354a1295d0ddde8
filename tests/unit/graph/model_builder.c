/* SPDX-License-Identifier: Apache-2.0 */
#include "model_builder.h"

#include <assert.h>
#include <string.h>

typedef struct mb_cell {
  unsigned slot;
  uint32_t value;
} mb_cell;

static uint32_t reserve(mb_file *f, size_t n) {
  uint32_t at = f->size;
  f->size += (uint32_t)((n + 3) & ~(size_t)3);
  assert(f->size <= sizeof f->bytes);
  return at;
}

/* vtable, then table; cells have rising slots. */
static uint32_t put_table(mb_file *f, const mb_cell *cells, int n) {
  unsigned n_slots = n > 0 ? cells[n - 1].slot + 1 : 0;
  uint32_t vtable = reserve(f, 4 + 2 * n_slots);
  uint32_t table = reserve(f, 4 + 4 * (size_t)n);
  weft_put_le16(f->bytes + vtable, (uint16_t)(4 + 2 * n_slots));
  weft_put_le16(f->bytes + vtable + 2, (uint16_t)(4 + 4 * n));
  weft_put_le32(f->bytes + table, table - vtable);
  for (int k = 0; k < n; k++) {
    weft_put_le16(f->bytes + vtable + 4 + 2 * cells[k].slot,
                  (uint16_t)(4 + 4 * k));
    weft_put_le32(f->bytes + table + 4 + 4 * k, cells[k].value);
  }
  return table;
}

uint32_t mb_slot(const mb_file *f, uint32_t table, unsigned slot) {
  return table - weft_le32(f->bytes + table) + 4 + 2 * slot;
}

uint32_t mb_field(const mb_file *f, uint32_t table, unsigned slot) {
  return table + weft_le16(f->bytes + mb_slot(f, table, slot));
}

static void point(mb_file *f, uint32_t at, uint32_t to) {
  weft_put_le32(f->bytes + at, to - at);
}

static void point_slot(mb_file *f, uint32_t table, unsigned slot, uint32_t to) {
  point(f, mb_field(f, table, slot), to);
}

static uint32_t put_bytes(mb_file *f, const void *data, size_t n_elems,
                          size_t size) {
  uint32_t at = reserve(f, 4 + n_elems * size + 1);
  weft_put_le32(f->bytes + at, (uint32_t)n_elems);
  if (n_elems > 0)
    memcpy(f->bytes + at + 4, data, n_elems * size);
  return at;
}

int32_t mb_float(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint32_t put_offsets(mb_file *f, int n) {
  uint32_t at = reserve(f, 4 + 4 * (size_t)n);
  weft_put_le32(f->bytes + at, (uint32_t)n);
  return at;
}

static void put_quantization(mb_file *f, uint32_t table, const mb_tensor *t,
                             uint32_t *scale) {
  const mb_cell cells[] = {{2, 0}, {3, 0}, {4, t->details},
                           {6, (uint32_t)t->axis}};
  uint32_t q = put_table(f, cells, 4);
  point_slot(f, table, 4, q);
  *scale = put_bytes(f, t->scale, (size_t)t->n_scales, sizeof t->scale[0]);
  point_slot(f, q, 2, *scale);
  point_slot(f, q, 3,
             put_bytes(f, t->zero, (size_t)t->n_zeros, sizeof t->zero[0]));
}

static void put_tensor(mb_file *f, const mb_model *m, int i) {
  const mb_tensor *t = &m->tensors[i];
  uint32_t buffer = (uint32_t)((t->data ? i + 1 : 0) + t->buffer_plus);
  mb_cell cells[10] = {{0, 0}, {1, (uint32_t)t->type}, {2, buffer}, {3, 0},
                       {4, 0}, {5, t->variable}};
  int n = 6;
  if (t->sparse)
    cells[n++] = (mb_cell){6, 4};
  if (t->external)
    cells[n++] = (mb_cell){10, t->external};
  uint32_t table = put_table(f, cells, n);
  f->tensor[i] = table;
  point(f, f->tensors + 4 + 4 * (uint32_t)i, table);
  f->shape[i] = put_bytes(f, t->shape, (size_t)t->rank, 4);
  point_slot(f, table, 0, f->shape[i]);
  point_slot(f, table, 3, put_bytes(f, t->name, strlen(t->name), 1));
  put_quantization(f, table, t, &f->scale[i]);
}

static void put_options(mb_file *f, uint32_t table, const mb_op *op) {
  mb_cell cells[8];
  for (int k = 0; k < op->n_options; k++)
    cells[k] = (mb_cell){op->options[k].slot, (uint32_t)op->options[k].value};
  if (op->n_new_shape > 0) {
    const mb_cell cell = {0, 0};
    uint32_t options = put_table(f, &cell, 1);
    point_slot(f, table, 4, options);
    point_slot(f, options, 0,
               put_bytes(f, op->new_shape, (size_t)op->n_new_shape, 4));
  } else {
    point_slot(f, table, 4, put_table(f, cells, op->n_options));
  }
}

static void put_op(mb_file *f, const mb_model *m, int i) {
  const mb_op *op = &m->ops[i];
  const mb_cell cells[] = {{0, (uint32_t)(i + op->opcode_plus)}, {1, 0}, {2, 0},
                           {3, (uint32_t)op->options_type}, {4, 0}};
  uint32_t table = put_table(f, cells, op->options_type ? 5 : 3);
  f->op[i] = table;
  point(f, f->operators + 4 + 4 * (uint32_t)i, table);
  f->op_inputs[i] = put_bytes(f, op->inputs, (size_t)op->n_inputs, 4);
  point_slot(f, table, 1, f->op_inputs[i]);
  point_slot(f, table, 2, put_bytes(f, op->outputs, (size_t)op->n_outputs, 4));
  if (op->options_type)
    put_options(f, table, op);
}

static void put_opcode(mb_file *f, const mb_model *m, int i) {
  const mb_op *op = &m->ops[i];
  const mb_cell cells[] = {{0, (uint32_t)(op->code > 127 ? 127 : op->code)},
                           {1, 0}, {3, (uint32_t)op->code}};
  uint32_t table = put_table(f, cells, 3);
  const char *custom = op->custom ? op->custom : "";
  point(f, f->opcodes + 4 + 4 * (uint32_t)i, table);
  point_slot(f, table, 1, put_bytes(f, custom, strlen(custom), 1));
}

static void put_buffer(mb_file *f, const mb_model *m, int k) {
  const mb_cell cell = {0, 0};
  const mb_tensor *t = k > 0 ? &m->tensors[k - 1] : NULL;
  bool filled = t && t->data;
  uint32_t table = put_table(f, &cell, filled ? 1 : 0);
  point(f, f->buffers + 4 + 4 * (uint32_t)k, table);
  if (!filled)
    return;
  f->data[k - 1] = put_bytes(f, t->data, t->data_bytes, 1);
  point_slot(f, table, 0, f->data[k - 1]);
}

static void put_subgraph(mb_file *f, const mb_model *m) {
  const mb_cell cells[] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}};
  f->subgraph = put_table(f, cells, 4);
  for (int k = 0; k < m->n_subgraphs; k++)
    point(f, f->subgraphs + 4 + 4 * (uint32_t)k, f->subgraph);
  f->tensors = put_offsets(f, m->n_tensors);
  point_slot(f, f->subgraph, 0, f->tensors);
  point_slot(f, f->subgraph, 1,
             put_bytes(f, m->inputs, (size_t)m->n_inputs, 4));
  point_slot(f, f->subgraph, 2,
             put_bytes(f, m->outputs, (size_t)m->n_outputs, 4));
  f->operators = put_offsets(f, m->n_ops);
  point_slot(f, f->subgraph, 3, f->operators);
  for (int i = 0; i < m->n_tensors; i++)
    put_tensor(f, m, i);
  for (int i = 0; i < m->n_ops; i++)
    put_op(f, m, i);
}

static void put_metadata(mb_file *f, const char *name) {
  const mb_cell cells[] = {{0, 0}, {1, 0}};
  uint32_t list = put_offsets(f, 1);
  point_slot(f, f->model, 6, list);
  uint32_t table = put_table(f, cells, 2);
  point(f, list + 4, table);
  point_slot(f, table, 0, put_bytes(f, name, strlen(name), 1));
}

void mb_write(const mb_model *m, mb_file *f) {
  const mb_cell cells[] = {{0, m->version}, {1, 0}, {2, 0}, {4, 0}, {6, 0}};
  memset(f, 0, sizeof *f);
  reserve(f, 8);
  memcpy(f->bytes + 4, "TFL3", 4);
  f->model = put_table(f, cells, m->metadata ? 5 : 4);
  point(f, 0, f->model);
  f->opcodes = put_offsets(f, m->n_ops);
  point_slot(f, f->model, 1, f->opcodes);
  f->subgraphs = put_offsets(f, m->n_subgraphs);
  point_slot(f, f->model, 2, f->subgraphs);
  f->buffers = put_offsets(f, m->n_tensors + 1);
  point_slot(f, f->model, 4, f->buffers);
  for (int i = 0; i < m->n_ops; i++)
    put_opcode(f, m, i);
  put_subgraph(f, m);
  if (m->metadata)
    put_metadata(f, m->metadata);
  for (int k = 0; k <= m->n_tensors; k++)
    put_buffer(f, m, k);
}
