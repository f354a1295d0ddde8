/* SPDX-License-Identifier: Apache-2.0 */
/* The program file: all that the model, the RTL and a board need to run a
 * network without its model file. Depends on base, config, isa.
 *
 * File: magic "WEFTPRG1", format version, total size, CRC-32 of everything
 * behind it, then bounded sections (all little-endian). Hostile input: every
 * section is bounds-checked; a damaged file is E_PROGRAM. */
#ifndef WEFT_ISA_PROGRAM_H
#define WEFT_ISA_PROGRAM_H

#include "config/config.h"
#include "isa/isa.h"

typedef enum weft_region {
#define REGION(name, code, doc) WEFT_REGION_##name = (code),
#include "csr.def"
  WEFT_N_REGIONS = 4
} weft_region;

/* Numbers as in the model file (TFLite TensorType). */
typedef struct weft_prog_io {
  const char *name;
  int32_t tensor;               /* index in the model's first subgraph        */
  int32_t type;                 /* TFLite type code                           */
  int32_t rank;
  int32_t shape[8];
  float scale;                  /* 0 if unquantized                           */
  int32_t zero_point;
  uint32_t region;              /* INPUT or OUTPUT                            */
  uint32_t offset, n_bytes;     /* dense NHWC bytes in the region             */
} weft_prog_io;

typedef enum weft_place { WEFT_IN_SPM, WEFT_IN_DRAM } weft_place;

typedef struct weft_prog_tensor {   /* tensor map: what can be looked at when  */
  const char *name;
  int32_t tensor, type, rank;
  int32_t shape[8];
  uint32_t place;               /* weft_place                                 */
  uint32_t region, offset;      /* IN_DRAM: dense NHWC                        */
  uint32_t row, mod, g;         /* IN_SPM: base of pixel 0, words of a pixel  */
  uint32_t h, w, c;             /* IN_SPM: dense = h*w*c bytes                */
  uint32_t pitch;               /* IN_SPM: (plane) pixels of a line           */
  uint32_t px, py, plane_x, plane_y;
  uint32_t segment;             /* valid when ...                             */
  uint32_t insn;                /* ... this instruction (index in the program)
                                   has retired; UINT32_MAX: when the segment
                                   has ended                                  */
} weft_prog_tensor;

typedef struct weft_prog_fused { int32_t tensor; uint32_t insn; } weft_prog_fused;

/* Layers in order; MARK ids are indices. A CONCATENATION is one for each input, all of the
 * same name. */
typedef struct weft_prog_layer {
  const char *name;             /* of the output tensor                       */
  const char *op;               /* "CONV_2D"; fused ones: "CONV_2D+ADD"       */
  uint64_t macs;                /* nominal                                    */
  uint64_t weight_bytes;        /* nominal: its operators' weights, 4 bytes of
                                   bias and, per channel, 5 of multiplier and
                                   shift a channel; no padding                */
  uint64_t bytes_in, bytes_out; /* DRAM bytes that its LD/WT read, ST writes  */
} weft_prog_layer;

typedef enum weft_segment_kind {
  WEFT_SEG_ACCEL, WEFT_SEG_SOFTMAX, WEFT_SEG_QUANTIZE, WEFT_SEG_DEQUANTIZE,
  WEFT_SEG_COPY,                /* bytes, e.g. RESHAPE of an input to an output */
  WEFT_SEG_LOGISTIC
} weft_segment_kind;

typedef struct weft_prog_segment {
  uint32_t kind;
  uint32_t first_insn, n_insns; /* ACCEL: ends with END                       */
  uint32_t src_region, src_offset, dst_region, dst_offset;   /* host operators */
  uint32_t n_rows, n_cols;      /* elements; copies: bytes = n_rows * n_cols  */
  int32_t src_type, dst_type, src_zero_point, dst_zero_point;
  float src_scale, dst_scale, beta;
} weft_prog_segment;

typedef struct weft_program {
  const char *model;            /* name for reports                           */
  const char *config_text;      /* canonical YAML of the machine              */
  uint64_t config_hash;
  uint32_t n_insns;
  const weft_insn *insns;
  weft_span constants;          /* region 0 behind the instructions: offsets in
                                   WT count from the start of region 0, and
                                   constants start at constants_offset        */
  uint32_t constants_offset;    /* n_insns*16 rounded up to 64                */
  uint32_t region_bytes[4];
  uint32_t n_inputs, n_outputs, n_tensors, n_fused, n_layers, n_segments;
  const weft_prog_io *inputs, *outputs;
  const weft_prog_tensor *tensors;
  const weft_prog_fused *fused;
  const weft_prog_layer *layers;
  const weft_prog_segment *segments;
} weft_program;

/* Same program, same bytes. */
weft_status weft_program_store(weft_arena *arena, const weft_program *p, weft_span *out);
/* Checks magic, version, CRC, bounds, legality of instructions and that the
 * embedded configuration gives config_hash. E_PROGRAM, E_CONFIG_HASH. */
weft_status weft_program_load(weft_arena *arena, weft_diag *d, const char *path,
                              weft_span bytes, weft_program **out);
bool weft_program_is(weft_span bytes);         /* by magic                    */
/* E_CONFIG_HASH unless the program was compiled for this machine. */
weft_status weft_program_match(weft_diag *d, const weft_program *p, const weft_config *c);
/* Weights and parameters in the form that the machine's weight stream has: bytes that
 * region 0 holds of them, each once, and bytes that WT instructions move in one run. */
typedef struct weft_stream_bytes { uint64_t stored, moved; } weft_stream_bytes;
weft_stream_bytes weft_program_stream(const weft_program *p, const weft_config *c);
/* Text form: directives for sections, one instruction a line; assemble gives
 * the same bytes as store did. */
char *weft_program_text(weft_arena *arena, const weft_program *p);
weft_status weft_program_assemble(weft_arena *arena, weft_diag *d, const char *path,
                                  weft_span text, weft_program **out);

#endif
