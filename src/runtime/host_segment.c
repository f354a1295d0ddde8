/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/host_segment.h"

#include <string.h>

#include "kernels/kernels.h"

static void run_softmax(const weft_prog_segment *s, const uint8_t *src, uint8_t *dst) {
  weft_host_softmax params;
  weft_host_softmax_prepare(s->beta, s->src_scale, &params);
  weft_host_softmax_i8(&params, (const int8_t *)src, (int8_t *)dst, s->n_rows, s->n_cols);
}

weft_status weft_host_segment(weft_diag *d, const weft_program *p, const weft_prog_segment *s,
                              uint8_t *const regions[4]) {
  const uint8_t *src = regions[s->src_region] + s->src_offset;
  uint8_t *dst = regions[s->dst_region] + s->dst_offset;
  size_t n = (size_t)s->n_rows * s->n_cols;
  switch ((weft_segment_kind)s->kind) {
  case WEFT_SEG_SOFTMAX:
    run_softmax(s, src, dst);
    return WEFT_OK;
  case WEFT_SEG_LOGISTIC:
    weft_host_logistic_i8(s->src_scale, s->src_zero_point, (const int8_t *)src, (int8_t *)dst, n);
    return WEFT_OK;
  case WEFT_SEG_QUANTIZE:
    return weft_host_quantize((weft_type)s->src_type, s->src_scale, s->src_zero_point, src,
                              (weft_type)s->dst_type, s->dst_scale, s->dst_zero_point, dst, n);
  case WEFT_SEG_DEQUANTIZE:
    return weft_host_dequantize((weft_type)s->src_type, s->src_scale, s->src_zero_point, src,
                                (float *)(void *)dst, n);
  case WEFT_SEG_COPY:
    memmove(dst, src, n);
    return WEFT_OK;
  case WEFT_SEG_ACCEL:
    break;
  }
  return weft_fail(d, WEFT_E_INTERNAL, p->model, weft_diag_text(d, "segment kind %u", s->kind), "a host operator",
                   NULL);
}
