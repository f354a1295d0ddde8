/* SPDX-License-Identifier: Apache-2.0 */
/* A program under construction: instructions in program order with the memory
 * that each touches; semaphores come last (sync.c). Inside of compiler/. */
#ifndef WEFT_COMPILER_BUILDER_H
#define WEFT_COMPILER_BUILDER_H

#include "compiler/plan.h"

enum { WEFT_SPACE_SPM, WEFT_SPACE_DRAM,         /* + region                    */
       WEFT_SPACE_TURN = 8 };                   /* no memory: order for speed  */
enum { WEFT_N_EX_REGS = 22, WEFT_N_DMA_REGS = 4 };

typedef struct weft_access {
  int space;                    /* SPM: words, row * ROWS + bank; DRAM + region:
                                   bytes                                       */
  bool write;
  uint32_t lo, hi;              /* [lo, hi)                                    */
} weft_access;

typedef struct weft_slot {
  weft_insn insn;
  int first_access, n_accesses;
} weft_slot;

typedef struct weft_tap {
  int32_t drow, dmod, ylo, yhi, xlo, xhi;
} weft_tap;

/* What an engine's registers hold at this point of the segment. */
typedef struct weft_regs {
  uint32_t now[WEFT_N_EX_REGS], want[WEFT_N_EX_REGS];
  bool known[WEFT_N_EX_REGS], asked[WEFT_N_EX_REGS];
} weft_regs;

typedef struct weft_builder {
  weft_plan *p;
  weft_status status;           /* first field that did not fit                */
  const weft_layer *layer;      /* for messages                                */
  weft_slot *slots;
  size_t cap_slots;
  int n_slots;
  weft_access *accesses;
  size_t cap_accesses;
  int n_accesses;
  uint8_t *constants;
  size_t cap_constants, n_constants;
  weft_regs ex, ld, st;
  weft_tap *taps;               /* the table's contents, [array.taps]          */
  bool *tap_known;
  int32_t next_tap, busy_tap, n_busy_taps;  /* busy: of the last EXC           */
  int64_t n_chunks;             /* emitted; numbers of WEFT_SPACE_TURN         */
  int pending_mark;             /* layer that begins with the next EXC, or -1  */
} weft_builder;

/* One instruction; sets a field or fails the builder if it does not fit. */
weft_insn *weft_build_insn(weft_builder *b, weft_opcode op);
void weft_build_set(weft_builder *b, weft_insn *i, weft_field f, int64_t value);
/* Memory that the last instruction touches; empty ranges are dropped. */
void weft_build_access(weft_builder *b, int space, bool write, int64_t lo, int64_t hi);
/* Forgets registers and taps: start of a segment. */
void weft_build_forget(weft_builder *b);
/* Asks for a register field's value; weft_build_flush writes what changed. */
void weft_build_reg(weft_builder *b, weft_regs *r, int reg, weft_engfield f, int64_t value);
void weft_build_flush(weft_builder *b, weft_regs *r);
/* First entry at which these taps lie, writing those that do not yet. */
int32_t weft_build_taps(weft_builder *b, const weft_tap *taps, int32_t n);
/* The MARK that ends a layer stands in front of the next one's first EXC, behind
 * its CFG and TAP, which overlap the drain. */
void weft_build_mark(weft_builder *b);
/* Constants: offset of n bytes, BEAT-aligned, in the blob. */
uint8_t *weft_build_constants(weft_builder *b, size_t n, uint32_t *offset);

/* ---- emit_ex.c, emit_dma.c, weights.c ------------------------------------ */
/* Part of a layer's sum: taps [ky, ky + rows) x [kx, kx + cols), channels
 * [c0, c0 + n_channels). All of them; or prefixes of one table that the input
 * base walks over (one output pixel); or parts.c's. */
typedef struct weft_part {
  int32_t n_taps, ky, kx, rows, cols, c0, n_channels;
  uint32_t offset;              /* bytes of ring words of an n-group before it */
  int64_t n_words;              /* ring words                                  */
} weft_part;
typedef struct weft_weights {   /* of a layer in region 0                      */
  int n_parts;
  const weft_part *parts;
  int params;                   /* WT.PARAMS of the last part                  */
  int32_t n_groups;
  uint32_t offset;              /* of n-group 0, part 0 in the constants       */
  uint32_t group_bytes;         /* of all parts of an n-group                  */
} weft_weights;
/* It is longer than the ring: sent again for each tile. */
static inline bool weft_part_streams(const weft_plan *p, const weft_weights *w, int part) {
  return w->params && w->parts[part].n_words > weft_ring_words(p->config) - 2;
}
weft_status weft_pack_weights(weft_builder *b, const weft_layer *l, weft_weights *w);

/* One output tile with its buffers, or (lines) a chunk of one: y0, y1 and the
 * input lines that are not loaded yet, while by0 and biy0 stay the tile's. */
typedef struct weft_band {
  int32_t y0, y1, x0, x1;
  int32_t iy0, iy1, ix0, ix1;   /* of the input that it reads                  */
  int32_t c0, c1;               /* output channels, from a whole n-group       */
  int32_t by0, biy0;            /* lines of the buffers' first line            */
  int buffer;                   /* 0 or 1                                      */
} weft_band;
/* Words of lines [l0, l1) of an operand's buffer that the last instruction
 * touches: exact for pixels of one word, else whole rows. */
void weft_build_touch(weft_builder *b, const weft_operand *o, int buffer, bool write, int32_t l0, int32_t l1);
void weft_emit_load(weft_builder *b, const weft_operand *o, const weft_band *band, bool residual);
void weft_emit_store(weft_builder *b, const weft_operand *o, const weft_band *band);
/* Any box of a tensor: one instruction or more. */
typedef struct weft_box {
  int32_t y0, y1, x0, x1, c0, c1;
  int32_t w, c;                 /* the tensor                                  */
  int32_t top, left;            /* line and column of the buffer's first pixel */
} weft_box;
void weft_emit_box(weft_builder *b, const weft_operand *o, int buffer, const weft_box *box, bool store);
/* WT of n_groups n-groups from g of a part; the last part's parameters come first. */
void weft_emit_wt(weft_builder *b, const weft_weights *w, int part, int32_t g, int32_t n_groups, int32_t n_tiles);
void weft_emit_exc(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_band *band,
                   const weft_rect *rect);

/* A layer by parts: parts.c. */
void weft_emit_by_parts(weft_builder *b, const weft_layer *l, const weft_weights *w);

/* ---- emit_regs.c: EX registers ----------------------------------------------- */
typedef struct weft_row_mod { int64_t row; int32_t mod; } weft_row_mod;
/* Pixel distance `flat` in rows and banks (floor). */
weft_row_mod weft_distance(const weft_builder *b, int64_t flat, int32_t g);
/* Pixel `flat` of a buffer at row `base`, modulo the depth. */
weft_row_mod weft_address(const weft_builder *b, int64_t base, int64_t flat, int32_t g);
/* One axis of a tap: outputs [lo, hi] that read inside of the image, t the input
 * coordinate at output 0; hi 4095 if that is all to the end, 1..0 if none. */
void weft_axis_bounds(int32_t t, int32_t stride, int32_t in, int32_t out, int32_t *lo, int32_t *hi);
/* Quantization of a layer's rectangle. */
void weft_set_requant(weft_builder *b, const weft_layer *l, const weft_weights *w, const weft_rect *rect);
/* Output of that layout, its pixel 0 at `at`. */
void weft_set_output(weft_builder *b, const weft_layout *o, weft_row_mod at);
/* Residual and its ADD. */
void weft_set_add(weft_builder *b, const weft_residual *a, const weft_layout *o, weft_row_mod at);

/* ---- stream.c: weights of slots [from, to) ahead of time, whose constants are all
 * those from first_constant ------------------------------------------------------ */
void weft_stream_ahead(weft_builder *b, int from, int to, size_t first_constant);

/* ---- sync.c --------------------------------------------------------------- */
/* Adds waits and signals for every conflict between queues; index[i - from] is the new
 * place of slot i. Slots [from, to). */
typedef struct weft_synced {
  weft_insn *insns;
  size_t cap;
  uint32_t n;
} weft_synced;
void weft_sync(weft_builder *b, int from, int to, weft_synced *out, uint32_t *index);

#endif
