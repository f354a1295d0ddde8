/* SPDX-License-Identifier: Apache-2.0 */
/* The operator kernels behind kernels.h. Each operator has one file with up to
 * three functions:
 *   weft_k_NAME        arithmetic on plain pointers and shapes,
 *   weft_k_NAME_open   graph to parameters, once a network (memory: the site's
 *                      arena); NULL: a form that weft_graph_check should have
 *                      refused,
 *   weft_k_NAME_run    one inference.
 * k_table.c lists them; a new operator is a file and a row.
 *
 * Shapes are NHWC, dense. Pointers never overlap. Sizes were checked by the
 * graph reader. Sums are 32-bit and wrap, as upstream's do.
 * Formulas: numerics.md section 4, by operator. */
#ifndef WEFT_KERNELS_K_OPS_H
#define WEFT_KERNELS_K_OPS_H

#include "kernels/k_requant.h"
#include "kernels/kernels.h"

/* One operator in its loaded network. */
typedef struct weft_k_site {
  weft_arena *arena;
  const weft_graph *graph;
  const weft_op *op;
  uint8_t **memory;            /* [n_tensors]; NULL for constants             */
} weft_k_site;

/* j-th input or output; an absent input is NULL. */
const weft_tensor *weft_k_input(const weft_k_site *s, int j);
const weft_tensor *weft_k_output(const weft_k_site *s, int j);
const void *weft_k_input_data(const weft_k_site *s, int j);
void *weft_k_output_data(const weft_k_site *s, int j);
/* Value i of a constant int32 tensor (any alignment). */
int32_t weft_k_const_i32(const weft_tensor *t, size_t i);

typedef struct weft_k_image {  /* each >= 1                                   */
  int n, h, w, c;
} weft_k_image;
/* Right-aligned: missing leading dimensions are 1; rank > 4 folds into n. */
weft_k_image weft_k_image_of(const weft_tensor *t);

typedef struct weft_k_axis {   /* one axis of a sliding window                */
  int in, out, filter, stride, dilation, pad_before;
} weft_k_axis;
/* `in` and `out` stated; pad_before by numerics.md 2.7. */
weft_k_axis weft_k_axis_of(int in, int out, int filter, int stride, int dilation);

typedef struct weft_k_taps {   /* those that fall inside the input            */
  int first, end;              /* filter positions [first, end)               */
  int at;                      /* input position of `first`                   */
} weft_k_taps;
weft_k_taps weft_k_taps_of(const weft_k_axis *a, int out_pos);

/* ---- weighted sums -------------------------------------------------------
 * CONV_2D: filter [out.c][h][w][filter_c], group g of in.c / filter_c reads
 * channels from g * filter_c. DEPTHWISE_CONV_2D: filter [h][w][out.c], channel
 * oc reads channel oc / (out.c / in.c). FULLY_CONNECTED: filter [out.c][in.c],
 * h = w = 1. Taps outside the image contribute nothing. */
typedef struct weft_k_sums {
  weft_k_image in, out;
  weft_k_axis y, x;
  int filter_c;
  const int8_t *filter;
  const int32_t *bias;                  /* [out.c]                            */
  const weft_k_multiplier *multiplier;  /* [out.c]                            */
  int32_t in_zero, out_zero, lo, hi;
  uint32_t *sums;                       /* [out.c] scratch, depthwise only    */
} weft_k_sums;
/* Parameters all three share: bias, multipliers, zero points, range. */
weft_k_sums *weft_k_sums_open(const weft_k_site *s, int n_channels);
/* And those of a sliding window; *filter as an image. */
weft_k_sums *weft_k_window_open(const weft_k_site *s, weft_k_image *filter);
/* One output pixel from one image. */
typedef void (*weft_k_pixel)(const weft_k_sums *p, const int8_t *in, weft_k_taps ty, weft_k_taps tx, int8_t *out);
weft_status weft_k_each_pixel(const weft_k_sums *p, const int8_t *in, int8_t *out, weft_k_pixel pixel);
/* Sum of w[i] * (x[i] - zero) over n bytes, modulo 2^32. */
uint32_t weft_k_dot(const int8_t *w, const int8_t *x, size_t n, int32_t zero);
int8_t weft_k_finish(const weft_k_sums *p, int channel, uint32_t sum);

/* The three below return WEFT_OK or E_INTERRUPTED. */
weft_status weft_k_conv2d(const weft_k_sums *p, const int8_t *in, int8_t *out);
weft_status weft_k_depthwise(const weft_k_sums *p, const int8_t *in, int8_t *out);
weft_status weft_k_fully_connected(const weft_k_sums *p, const int8_t *in,
                                   int8_t *out);

/* ---- pools, over the pixels of the window that are inside the image --------- */
typedef struct weft_k_pool {
  weft_k_image in, out;
  weft_k_axis y, x;
  int32_t lo, hi;
  int32_t *acc;                /* [in.c] scratch                              */
} weft_k_pool;
void weft_k_average_pool(const weft_k_pool *p, const int8_t *in, int8_t *out);
void weft_k_max_pool(const weft_k_pool *p, const int8_t *in, int8_t *out);

/* ---- element by element ---------------------------------------------------- */
typedef struct weft_k_add {
  weft_k_multiplier m1, m2, out;
  int32_t zero1, zero2, out_zero, lo, hi;
} weft_k_add;
/* Scales of the inputs and the output; the activation range is the caller's. */
void weft_k_add_scales(float s1, float s2, float s_out, weft_k_add *p);
void weft_k_add_i8(const weft_k_add *p, const int8_t *a, const int8_t *b,
                   int8_t *out, size_t n_elems);

/* clamp(scale(x - in_zero) + out_zero, lo, hi): RELU, integer QUANTIZE. */
typedef struct weft_k_rescale {
  weft_k_multiplier m;
  int32_t in_zero, out_zero, lo, hi;
} weft_k_rescale;
int32_t weft_k_rescale_one(const weft_k_rescale *p, int32_t x);

/* ---- MEAN: over the axes of a bit mask, any rank ----------------------------- */
typedef struct weft_k_mean {
  int rank;
  int32_t shape[WEFT_MAX_RANK];
  unsigned axes;               /* bit k: axis k is reduced                    */
  weft_k_multiplier m;         /* count included: weft_k_mean_multiplier      */
  int32_t bias;                /* -in_zero * count, wrapped                   */
  int32_t out_zero;
  size_t n_out;
  int32_t *sums;               /* [n_out] scratch                             */
} weft_k_mean;
weft_k_multiplier weft_k_mean_multiplier(double scale_ratio, int64_t count);
void weft_k_mean_i8(const weft_k_mean *p, const int8_t *in, int8_t *out);

/* ---- PAD: any rank ------------------------------------------------------------- */
typedef struct weft_k_pad {
  int rank;
  int32_t in[WEFT_MAX_RANK], out[WEFT_MAX_RANK], before[WEFT_MAX_RANK];
  int8_t value;
} weft_k_pad;
void weft_k_pad_i8(const weft_k_pad *p, const int8_t *in, int8_t *out);

/* ---- table ------------------------------------------------------------------------ */
typedef struct weft_kernel {
  weft_op_kind kind;
  void *(*open)(const weft_k_site *s);
  weft_status (*run)(const weft_k_site *s, void *params);
} weft_kernel;
const weft_kernel *weft_kernel_find(weft_op_kind kind);  /* NULL: none          */

#define KERNEL(op, name)                            \
  void *weft_k_##name##_open(const weft_k_site *s); \
  weft_status weft_k_##name##_run(const weft_k_site *s, void *params);
#include "kernels/k_table.def"
#undef KERNEL

#endif
