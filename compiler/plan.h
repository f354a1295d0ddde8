/* SPDX-License-Identifier: Apache-2.0 */
/* What the passes hand on: values (blobs of bytes between layers) and layers
 * (one run of the array each), in execution order. Inside of compiler/.
 *
 * Units: sizes in pixels, channels and scratchpad rows (one word in each bank)
 * unless the name says bytes. Everything lives in the plan's arena. */
#ifndef WEFT_COMPILER_PLAN_H
#define WEFT_COMPILER_PLAN_H

#include "compiler/compile.h"

typedef enum weft_layer_kind {
  WEFT_LAYER_DENSE,             /* weights [co][kh][kw][ci]                    */
  WEFT_LAYER_DEPTHWISE,         /* weights [kh][kw][c]                         */
  WEFT_LAYER_SUM,               /* unit weights, sum: pools, mean, identity    */
  WEFT_LAYER_MAX,               /* unit weights, maximum                       */
  WEFT_LAYER_HOST               /* a segment of its own                        */
} weft_layer_kind;

/* How a tensor lies in the scratchpad: pixel (y, x) of the (plane's) pitch, see
 * configs/README.md. */
typedef struct weft_layout {
  bool px, py;
  int32_t pitch;                /* pixels of a (plane's) line                  */
  int32_t g;                    /* words of a pixel                            */
  int32_t plane_rows;           /* rows of one plane                           */
  int32_t rows;                 /* rows of all planes                          */
  int32_t plane_x, plane_y;     /* rows to the plane of odd x, odd y           */
} weft_layout;

typedef struct weft_value {
  const char *name;
  int tensor;                   /* graph tensor of the producer, or input; -1: a
                                   partial result that is none               */
  int type;
  int32_t h, w, c;              /* view of the producer                        */
  size_t n_bytes;               /* dense                                       */
  int producer;                 /* layer, -1: network input                    */
  int n_uses;                   /* layers that read it (accelerator and host)  */
  int first, last;              /* layers between which it lives               */
  bool is_input, is_output;
  bool needs_dram;              /* host or output                              */
  bool views_differ;            /* a reader sees other h, w, c: only by DRAM   */
  bool is_sliced;               /* several layers make channels of it; producer is
                                   the last one                                */
  bool resident;                /* whole in the scratchpad from first to last  */
  bool in_dram;
  uint32_t region, offset;      /* in_dram: dense NHWC                         */
  weft_layout layout;           /* of the resident form; px, py: as consumers
                                   want it                                     */
  int32_t base;                 /* resident: first row                         */
} weft_value;

/* One operand of a layer in the scratchpad: the resident value, or 1 or 2
 * band buffers. */
typedef struct weft_operand {
  int value;                    /* -1: none                                    */
  bool resident;
  int n_buffers;
  weft_layout layout;
  int32_t base[2];
} weft_operand;

typedef struct weft_requant {   /* of one channel: configs/README.md, Drain    */
  int32_t bias, m;
  int ls, rs;
} weft_requant;

/* Output rectangle with a requant of its own (average pool at edges). */
typedef struct weft_rect {
  int32_t y0, y1, x0, x1;       /* [y0, y1) x [x0, x1)                         */
  weft_requant requant;
} weft_rect;

typedef struct weft_residual {  /* ADD in the drain                            */
  int32_t m1, m2, m3;
  int rs1, rs2, rs3, ls;
  int z1, z2, zo, lo, hi;
} weft_residual;

typedef struct weft_layer {
  weft_layer_kind kind;
  const char *name;             /* of the output tensor                        */
  const char *op;               /* "CONV_2D+ADD"                               */
  int graph_op;                 /* of the last operator in it                  */
  weft_operand ifm, res, ofm;
  int32_t ih, iw, ci, oh, ow, co;
  int32_t kh, kw, sy, sx, dy, dx, pt, pl;
  int pad;                      /* byte that a masked tap reads                */
  const int8_t *weights;        /* kind's order; NULL if unit                  */
  weft_requant *requant;        /* [co], or [1] if scalar                      */
  bool scalar;                  /* one requant for all channels, no stream     */
  int zo, lo, hi;
  int n_rects;                  /* >= 1; rects[0].requant used if scalar       */
  weft_rect *rects;
  bool is_pad;                  /* PAD of height and width                     */
  bool is_slice;                /* the output is channels [first_c, first_c + co)
                                   of its value                                */
  int32_t first_c;
  bool has_add;
  weft_residual add;
  uint64_t macs;
  int n_fused;
  int fused[4];                 /* graph tensors that never exist              */
  /* host */
  weft_prog_segment host;
  /* tile */
  int32_t tile_h, tile_w;       /* output tile; whole output if resident       */
  int32_t chunk_h;              /* lines of a tile that are computed at once   */
  int32_t lead_h, tail_h;       /* lines of the layer's first and last chunk, or 0:
                                   short ones let the array start and end early */
  int32_t tile_c;               /* channels of a tile: co, or n-groups of it   */
  bool by_parts;                /* the window is loaded and summed part by part */
  int32_t part_h, part_w;       /* by_parts: taps of a part                    */
  int32_t part_c;               /* by_parts: input channels of a part          */
  int segment;
} weft_layer;

typedef struct weft_plan {
  weft_arena *arena;
  weft_diag *diag;
  const weft_graph *graph;
  const weft_config *config;
  int n_values, n_layers;
  size_t cap_values, cap_layers;
  weft_value *values;
  weft_layer *layers;
  int *value_of;                /* [n_tensors], -1: none                       */
  uint32_t region_bytes[WEFT_N_REGIONS];
  weft_program *program;        /* emit                                        */
} weft_plan;

/* ---- plan.c: helpers that every pass uses ------------------------------- */
static inline int32_t weft_ceil_div(int32_t a, int32_t b) { return (a + b - 1) / b; }
static inline int32_t weft_min32(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t weft_max32(int32_t a, int32_t b) { return a > b ? a : b; }
static inline bool weft_layer_is_unit(const weft_layer *l) {
  return l->kind == WEFT_LAYER_SUM || l->kind == WEFT_LAYER_MAX;
}
int weft_plan_add_value(weft_plan *p, int tensor, int32_t h, int32_t w, int32_t c);
weft_layer *weft_plan_add_layer(weft_plan *p, weft_layer_kind kind, int graph_op);
/* Moves layer `from` to index `to`, shifting those between. */
void weft_plan_move_layer(weft_plan *p, int from, int to);
void weft_plan_remove_layer(weft_plan *p, int at);
/* One rectangle over the layer's output.                                       */
void weft_plan_whole(weft_plan *p, weft_layer *l);
/* One requant for all channels, in each rectangle: these are made before.      */
void weft_plan_scalar(weft_plan *p, weft_layer *l, weft_requant r);
/* A layer that copies h x w x c; from where to where is the caller's.          */
weft_layer *weft_plan_add_copy(weft_plan *p, int graph_op, int32_t h, int32_t w, int32_t c);
/* Recomputes producers, uses and live ranges. */
void weft_plan_index(weft_plan *p);
/* Layout of an image of h x w pixels of c channels with at least that pitch. */
weft_layout weft_layout_make(const weft_config *c, int32_t h, int32_t w, int32_t ch,
                             bool px, bool py, int32_t min_pitch);
/* Input lines (axis y) or columns that outputs [o0, o1) read: [*i0, *i1), never
 * empty, starting at an even one if planes. */
void weft_input_range(int32_t size, int32_t k, int32_t stride, int32_t dilation,
                      int32_t pad, bool planes, int32_t o0, int32_t o1,
                      int32_t *i0, int32_t *i1);
/* No tap of the axis is ever outside: its output coordinates do not matter. */
bool weft_axis_open(int32_t size, int32_t k, int32_t stride, int32_t pad, int32_t n_out);
/* Output coordinates do not fit a raster's 12 bits: they count from the tile. */
static inline bool weft_axis_long(int32_t n_out) { return n_out > 4096; }
bool weft_layer_one_row(const weft_layer *l);  /* strides other than 1 and 2    */
weft_status weft_plan_fail(weft_plan *p, weft_status code, const weft_layer *l,
                           const char *found, const char *allowed);
/* Text of the whole state, for -d PASS. */
char *weft_plan_text(const weft_plan *p);
/* Invariants that must hold after a pass (its number); E_INTERNAL. */
weft_status weft_plan_check(weft_plan *p, int pass);

/* ---- parts.c: windows that neither tap table nor scratchpad hold ----------- */
/* No tile of one pixel and one n-group fits the machine, or its taps do not. */
bool weft_parts_needed(const weft_plan *p, const weft_layer *l);
/* A tile of that many pixels of a line. */
int32_t weft_parts_pixels(const weft_plan *p, const weft_layer *l);
/* Layout of a part's input; of its last one if n_channels is smaller. */
weft_layout weft_parts_input(const weft_plan *p, const weft_layer *l, int32_t n_channels);
/* Chooses part_h, part_w, part_c and tile_c, and places two buffers of input and
 * output in the holes of layer `at`; false if they have no room. */
bool weft_parts_tile(weft_plan *p, int at);

/* ---- quant.c: numerics.md 2.1, 3, 4.5, 4.8 ------------------------------ */
void weft_quantize_multiplier(double d, int32_t *q, int *shift);
weft_requant weft_requant_make(double multiplier, int32_t bias);
/* Sum of n bytes to their average, rounded half away from zero, proven for
 * every possible sum; false if no multiplier does it. */
bool weft_requant_average(int32_t n, weft_requant *out);
weft_requant weft_requant_mean(double multiplier, int32_t n, int32_t bias);
weft_requant weft_requant_identity(void);
int32_t weft_requant_apply(const weft_requant *r, int32_t acc);
void weft_activation_range(weft_act act, float scale, int zero_point, int *lo, int *hi);

/* ---- passes, in order ---------------------------------------------------- */
enum { WEFT_PASS_LEGALIZE, WEFT_PASS_FUSE, WEFT_PASS_LAYOUT, WEFT_PASS_TILE,
       WEFT_PASS_ALLOCATE, WEFT_PASS_EMIT, WEFT_N_PASSES };
weft_status weft_pass_legalize(weft_plan *p);
weft_status weft_pass_fuse(weft_plan *p);
weft_status weft_pass_layout(weft_plan *p);
weft_status weft_pass_tile(weft_plan *p);
weft_status weft_pass_allocate(weft_plan *p);
weft_status weft_pass_emit(weft_plan *p);

#endif
