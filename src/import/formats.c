/* SPDX-License-Identifier: Apache-2.0 */
/* What the keys of a configuration ask for. Widths of other data types count in
 * elements: weft's elements are bytes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "import/import_int.h"

/* ---- Gemmini -------------------------------------------------------------------- */
/* Bits of "int8_t", "SInt(8.W)", "float"; 0: not known. */
static int type_bits(const char *text) {
  int bits = 0;
  if (strcmp(text, "float") == 0)
    return 32;
  if (strcmp(text, "double") == 0)
    return 64;
  const char *digit = strpbrk(text, "0123456789");
  return digit && sscanf(digit, "%3d", &bits) == 1 && bits <= 64 ? bits : 0;
}

static void wish_acc_bits(import_state *s, const char *key) {
  const import_entry *e = import_find(s, NULL, key);
  if (e && type_bits(e->value) > 0)
    import_wish_for(s, "array.acc_bits", type_bits(e->value));
}

static weft_status gemmini_header(import_state *s) {
  double dim = 0, banks = 0, rows = 0;
  WEFT_TRY(import_number(s, NULL, "DIM", true, &dim));
  WEFT_TRY(import_number(s, NULL, "BANK_NUM", false, &banks));
  WEFT_TRY(import_number(s, NULL, "BANK_ROWS", false, &rows));
  import_wish_for(s, "array.rows", dim);
  import_wish_for(s, "array.cols", dim);
  if (banks > 0 && rows > 0)
    import_wish_for(s, "scratchpad.kib", banks * rows * dim / 1024);
  wish_acc_bits(s, "acc_t");
  return WEFT_OK;
}

/* "CapacityInKilobytes(256)": the number; 0: another unit. */
static double capacity_kib(const char *text) {
  static const char kib[] = "CapacityInKilobytes(";
  int n = 0;
  if (strncmp(text, kib, sizeof kib - 1) != 0 || sscanf(text + sizeof kib - 1, "%9d", &n) != 1)
    return 0;
  return n > 0 ? n : 0;
}

static weft_status gemmini_scala(import_state *s) {
  double mesh_rows = 16, tile_rows = 1, mesh_cols = 16, tile_cols = 1, queues[3] = {0, 0, 0}, bus = 0;
  const bool has_mesh = import_find(s, NULL, "meshColumns") || import_find(s, NULL, "tileColumns");
  WEFT_TRY(import_number(s, NULL, "meshRows", !has_mesh, &mesh_rows));
  WEFT_TRY(import_number(s, NULL, "tileRows", false, &tile_rows));
  WEFT_TRY(import_number(s, NULL, "meshColumns", false, &mesh_cols));
  WEFT_TRY(import_number(s, NULL, "tileColumns", false, &tile_cols));
  WEFT_TRY(import_number(s, NULL, "ld_queue_length", false, &queues[0]));
  WEFT_TRY(import_number(s, NULL, "st_queue_length", false, &queues[1]));
  WEFT_TRY(import_number(s, NULL, "ex_queue_length", false, &queues[2]));
  WEFT_TRY(import_number(s, NULL, "dma_buswidth", false, &bus));
  import_wish_for(s, "array.rows", mesh_rows * tile_rows);
  import_wish_for(s, "array.cols", mesh_cols * tile_cols);
  const import_entry *sp = import_find(s, NULL, "sp_capacity");
  if (sp && capacity_kib(sp->value) > 0)
    import_wish_for(s, "scratchpad.kib", capacity_kib(sp->value));
  const double queue = fmax(queues[0], fmax(queues[1], queues[2]));
  if (queue > 0)
    import_wish_for(s, "queue.depth", queue);
  if (bus > 0) {
    import_wish_for(s, "dram.beat_bytes", bus / 8);
    import_wish_for(s, "dram.bytes_per_cycle", bus / 8);
  }
  wish_acc_bits(s, "accType");
  return WEFT_OK;
}

weft_status import_gemmini(import_state *s) {
  return import_find(s, NULL, "DIM") || !import_find(s, NULL, "meshRows") ? gemmini_header(s) : gemmini_scala(s);
}

/* ---- VTA -------------------------------------------------------------------------- */
static weft_status log_number(import_state *s, const char *key, bool must_be, double *out) {
  double log = -1;
  WEFT_TRY(import_number(s, NULL, key, must_be, &log));
  if (log > 40)
    return import_bad(s->file, 0, weft_diag_text(s->file->d, "%s: %g", key, log), "0..40: a logarithm");
  if (log >= 0)
    *out = exp2(log);
  return WEFT_OK;
}

weft_status import_vta(import_state *s) {
  double block = 0, batch = 1, in = 0, acc = 0, out = 0, weights = 0, acc_bits = 32, inp_bits = 8, bus = 0;
  const bool has_block = import_find(s, NULL, "LOG_BLOCK_IN") && import_find(s, NULL, "LOG_BLOCK_OUT");
  WEFT_TRY(log_number(s, "LOG_BLOCK", !has_block, &block));
  double block_in = block, block_out = block;
  WEFT_TRY(log_number(s, "LOG_BLOCK_IN", false, &block_in));
  WEFT_TRY(log_number(s, "LOG_BLOCK_OUT", false, &block_out));
  WEFT_TRY(log_number(s, "LOG_BATCH", false, &batch));
  WEFT_TRY(log_number(s, "LOG_INP_BUFF_SIZE", false, &in));
  WEFT_TRY(log_number(s, "LOG_ACC_BUFF_SIZE", false, &acc));
  WEFT_TRY(log_number(s, "LOG_WGT_BUFF_SIZE", false, &weights));
  WEFT_TRY(log_number(s, "LOG_ACC_WIDTH", false, &acc_bits));
  WEFT_TRY(log_number(s, "LOG_INP_WIDTH", false, &inp_bits));
  out = acc * inp_bits / acc_bits;
  WEFT_TRY(log_number(s, "LOG_OUT_BUFF_SIZE", false, &out));
  WEFT_TRY(log_number(s, "LOG_BUS_WIDTH", false, &bus));
  import_wish_for(s, "array.rows", block_in * batch);
  import_wish_for(s, "array.cols", block_out);
  if (in + out > 0)
    import_wish_for(s, "scratchpad.kib", (in + out) / 1024);
  if (weights > 0)
    import_wish_for(s, "ring.kib", weights / 1024);
  if (import_find(s, NULL, "LOG_ACC_WIDTH"))
    import_wish_for(s, "array.acc_bits", acc_bits);
  if (bus > 0) {
    import_wish_for(s, "dram.beat_bytes", bus / 8);
    import_wish_for(s, "dram.bytes_per_cycle", bus / 8);
  }
  return WEFT_OK;
}

/* ---- Tensil ----------------------------------------------------------------------- */
weft_status import_tensil(import_state *s) {
  double size = 0, depth = 0, queue = 0;
  WEFT_TRY(import_number(s, NULL, "array_size", true, &size));
  WEFT_TRY(import_number(s, NULL, "local_depth", false, &depth));
  WEFT_TRY(import_number(s, NULL, "thread_queue_depth", false, &queue));
  import_wish_for(s, "array.rows", size);
  import_wish_for(s, "array.cols", size);
  if (depth > 0)
    import_wish_for(s, "scratchpad.kib", depth * size / 1024);
  if (queue > 0)
    import_wish_for(s, "queue.depth", queue);
  return WEFT_OK;
}

/* ---- SCALE-Sim -------------------------------------------------------------------- */
/* The least of "10, 20"; *out stays without an entry. */
static weft_status least_of(import_state *s, const char *key, double *out) {
  const import_entry *e = import_find(s, NULL, key);
  double least = HUGE_VAL;
  for (const char *at = e ? e->value : ""; *at; at += *at == ',') {
    const size_t n = strcspn(at, ",");
    double v = 0;
    WEFT_TRY(import_parse(s, e, weft_arena_printf(s->file->arena, "%.*s", (int)n, at), &v));
    least = fmin(least, v);
    at += n;
  }
  if (least < HUGE_VAL)
    *out = least;
  return WEFT_OK;
}

weft_status import_scalesim(import_state *s) {
  double rows = 0, cols = 0, in = 0, out = 0, weights = 0, rate = 0;
  WEFT_TRY(import_number(s, NULL, "ArrayHeight", true, &rows));
  WEFT_TRY(import_number(s, NULL, "ArrayWidth", true, &cols));
  WEFT_TRY(import_number(s, NULL, "IfmapSramSzkB", false, &in));
  WEFT_TRY(import_number(s, NULL, "OfmapSramSzkB", false, &out));
  WEFT_TRY(import_number(s, NULL, "FilterSramSzkB", false, &weights));
  WEFT_TRY(least_of(s, "Bandwidth", &rate));
  const import_entry *mode = import_find(s, NULL, "InterfaceBandwidth");
  import_wish_for(s, "array.rows", rows);
  import_wish_for(s, "array.cols", cols);
  if (in + out > 0)
    import_wish_for(s, "scratchpad.kib", in + out);
  if (weights > 0)
    import_wish_for(s, "ring.kib", weights);
  if (rate > 0 && !(mode && strcmp(mode->value, "CALC") == 0))
    import_wish_for(s, "dram.bytes_per_cycle", rate);
  return WEFT_OK;
}
