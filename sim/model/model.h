/* SPDX-License-Identifier: Apache-2.0 */
/* The machine model: values of an instruction stream in program order, exactly
 * by configs/README.md, without time. One file an instruction; this header is
 * shared by them and by tests. Depends on base, config, isa, runtime's header;
 * shares no code with compiler/, src/kernels/ or rtl/. */
#ifndef WEFT_SIM_MODEL_MODEL_H
#define WEFT_SIM_MODEL_MODEL_H

#include "runtime/runtime.h"

enum {
  MODEL_MAX_ROWS = 32, MODEL_MAX_COLS = 32, MODEL_MAX_TAPS = 512,
  MODEL_EX_REGS = 22, MODEL_DMA_REGS = 4, MODEL_SEMAPHORES = 8
};

typedef struct model_tap { int32_t drow, dmod, ylo, yhi, xlo, xhi; } model_tap;

/* A WT that was executed and is not used up: words and parameter sets are read
 * from region 0 when an EXC takes them. */
typedef struct model_wt {
  uint64_t offset;              /* first byte in region 0                     */
  uint32_t n_words, n_groups, repeats, params;
} model_wt;

/* Position in the list of WTs, of words or of parameter sets. */
typedef struct model_cursor { size_t item; uint32_t group, repeat, word; } model_cursor;

typedef struct model_params {   /* of one channel                             */
  int32_t bias;
  uint32_t m;                   /* 0..2^31-1                                  */
  uint32_t ls, rs;              /* 0..31                                      */
} model_params;

typedef struct weft_model {
  weft_arena *arena;
  weft_config config;
  weft_backend_options options;
  bool shuffled;                /* queues in a random legal order             */
  uint64_t shuffle_seed;
  bool plain;                   /* EXC by the plain text of the contract: slow */
  int32_t rows, cols, log_rows; /* cols = bytes of a word                     */
  uint32_t depth;               /* words of a bank, a power of two            */
  uint8_t *spm;                 /* [bank][row][cols]                          */
  model_tap taps[MODEL_MAX_TAPS];
  uint32_t ex[MODEL_EX_REGS], ld[MODEL_DMA_REGS], st[MODEL_DMA_REGS];
  int32_t acc[MODEL_MAX_ROWS][MODEL_MAX_COLS];
  int32_t acc_rows;             /* rows that a LAST_K = 0 left open, 0: none  */
  int32_t semaphores[MODEL_SEMAPHORES];
  model_wt *wts;
  size_t n_wts, cap_wts;
  model_cursor words, sets;
  uint64_t words_left, sets_left;
  uint8_t *gathered;            /* words of an n-group that several WTs hold  */
  size_t cap_gathered;
  struct model_fast *fast;
  uint64_t work, max_work;      /* steps, words and lines done; its cap       */
  /* of the run in progress */
  weft_diag *d;
  const weft_program *p;
  uint8_t *const *regions;
  uint32_t pc;                  /* index in the program                       */
} weft_model;

/* A fault of the instruction at pc: E_FAULT with `fault` (name in csr.def). */
weft_status model_fault(weft_model *m, const char *fault, const char *found, const char *allowed);
/* Counts work: E_CAP beyond max_work, E_INTERRUPTED. */
weft_status model_work(weft_model *m, uint64_t n);

/* Word at flat pixel position `mod` (>= 0, may exceed ROWS) and row `row`
 * (wraps) for pixels of g words: cols bytes. */
static inline uint8_t *model_word(const weft_model *m, uint32_t row, uint32_t mod, uint32_t g) {
  uint32_t bank = mod & (uint32_t)(m->rows - 1);
  uint32_t at = (row + (mod >> m->log_rows) * g) & (m->depth - 1);
  return m->spm + ((size_t)bank * m->depth + at) * (size_t)m->cols;
}

/* One instruction: legality, tokens, effect. */
weft_status model_execute(weft_model *m, const weft_insn *i);
weft_status model_run_shuffled(weft_model *m, const weft_prog_segment *s, uint64_t seed);
weft_status model_cfg(weft_model *m, const weft_insn *i);   /* CFG LCFG SCFG  */
weft_status model_tap_insn(weft_model *m, const weft_insn *i);
weft_status model_ld(weft_model *m, const weft_insn *i);
weft_status model_st(weft_model *m, const weft_insn *i);
weft_status model_wt_insn(weft_model *m, const weft_insn *i);
weft_status model_exc(weft_model *m, const weft_insn *i);

/* Takes n ring words in order: *out points at n * cols bytes, valid until the
 * next call. */
weft_status model_take_words(weft_model *m, uint64_t n, const int8_t **out);
/* Takes the next parameter set into params[cols]; mode 1 writes bias only. */
weft_status model_take_params(weft_model *m, uint32_t mode, model_params *params);

/* The scratchpad as bytes [bank][row][cols], for comparisons; self is what
 * weft_backend_model.open gave. Not cleared between runs. */
uint8_t *weft_model_scratchpad(void *self, size_t *n_bytes);
/* true: run EXC by its plain version. */
void weft_model_set_plain(void *self, bool plain);
/* From now on each segment runs its queues in a random order that semaphores allow
 * (another one each time), and `seen` is called only at its end. */
void weft_model_shuffle(void *self, uint64_t seed);
/* Hands the tensors that become valid when instruction `insn` of `segment`
 * retires (UINT32_MAX: at its end) to `seen`. */
weft_status model_show(weft_model *m, uint32_t segment, uint32_t insn, weft_tensor_seen seen, void *user);

#endif
