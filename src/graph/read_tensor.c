/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/read.h"

#include <math.h>

enum { TENSOR_SHAPE = 0, TENSOR_TYPE = 1, TENSOR_BUFFER = 2, TENSOR_NAME = 3,
       TENSOR_QUANTIZATION = 4, TENSOR_VARIABLE = 5, TENSOR_SPARSITY = 6,
       TENSOR_EXTERNAL = 10 };
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_DETAILS = 4,
       QUANT_DIMENSION = 6 };
enum { BUFFER_DATA = 0, BUFFER_OFFSET = 1 };

static weft_status fail_tensor(weft_reader *r, weft_status code, uint32_t at,
                               const char *found, const char *allowed) {
  return weft_fb_fail(&r->fb, code, at, found, allowed);
}

static void read_shape(weft_reader *r, weft_fb_table table, weft_tensor *t) {
  weft_fb_vec v = weft_fb_vector(&r->fb, table, TENSOR_SHAPE, 4);
  uint64_t n = 1;
  t->n_elems = 1;
  if (v.n > WEFT_MAX_RANK)
    t->unsupported = "more than 8 dimensions";
  for (uint32_t k = 0; k < v.n && !t->unsupported; k++) {
    int32_t dim = weft_fb_vec_i32(v, k);
    if (dim < 1)
      t->unsupported = dim == 0 ? "a dimension of 0" : "a dynamic dimension";
    t->shape[k] = dim;
    n *= (uint64_t)(dim < 1 ? 1 : dim);
    if (n > INT32_MAX) {
      fail_tensor(r, WEFT_E_CAP, v.at, "2147483648 elements or more",
                  "at most 2147483647 elements in a tensor");
      return;
    }
  }
  if (t->unsupported) {
    t->n_elems = 0;
    return;
  }
  t->rank = (int)v.n;
  t->n_elems = (size_t)n;
  t->n_bytes = (size_t)((n * weft_type_bits(t->type) + 7) / 8);
  r->tensor_bytes += t->n_bytes;
  if (r->tensor_bytes > WEFT_CAP_TENSOR_BYTES)
    fail_tensor(r, WEFT_E_CAP, v.at, "more than 1 GiB of tensors",
                "at most 1073741824 bytes in all tensors together");
}

static bool is_quantized_type(weft_type t, int64_t *lo, int64_t *hi) {
  switch (t) {
  case WEFT_INT4: *lo = -8; *hi = 7; return true;
  case WEFT_INT8: *lo = INT8_MIN; *hi = INT8_MAX; return true;
  case WEFT_UINT8: *lo = 0; *hi = UINT8_MAX; return true;
  case WEFT_INT16: *lo = INT16_MIN; *hi = INT16_MAX; return true;
  case WEFT_INT32:
  case WEFT_INT64: *lo = INT32_MIN; *hi = INT32_MAX; return true;
  default: return false;
  }
}

/* TFLite-Micro takes a scale without zero points for no quantization, and one
 * zero point for that of all channels. */
static void read_scales(weft_reader *r, weft_fb_vec scale, weft_fb_vec zero,
                        weft_tensor *t) {
  int64_t lo = 0, hi = 0;
  if (!is_quantized_type(t->type, &lo, &hi) || scale.n == 0 || zero.n == 0)
    return;
  if (zero.n != scale.n && zero.n != 1) {
    fail_tensor(r, WEFT_E_MODEL, zero.at,
                weft_diag_text(r->diag, "%u scales, %u zero points",
                               (unsigned)scale.n, (unsigned)zero.n),
                "as many zero points as scales, or one");
    return;
  }
  if (scale.n > r->scales_left) {
    fail_tensor(r, WEFT_E_CAP, scale.at, "more than 4194304 scales",
                "at most 4194304 scales in all tensors together");
    return;
  }
  r->scales_left -= scale.n;
  float *scales = WEFT_NEW(r->arena, float, scale.n);
  int32_t *zeros = WEFT_NEW(r->arena, int32_t, scale.n);
  for (uint32_t k = 0; k < scale.n; k++) {
    float s = weft_fb_vec_f32(scale, k);
    int64_t z = weft_fb_vec_i64(zero, zero.n == 1 ? 0 : k);
    if (!isnormal(s) || s < 0) {
      fail_tensor(r, WEFT_E_MODEL, scale.at + 4 * k,
                  weft_diag_text(r->diag, "scale %g", (double)s),
                  "a scale that is finite, > 0 and not denormal");
      return;
    }
    if (z < lo || z > hi) {
      fail_tensor(r, WEFT_E_MODEL, zero.at,
                  weft_diag_text(r->diag, "zero point %lld", (long long)z),
                  weft_diag_text(r->diag, "%lld..%lld for %s", (long long)lo,
                                 (long long)hi, weft_type_name(t->type)));
      return;
    }
    scales[k] = s;
    zeros[k] = (int32_t)z;
  }
  t->n_scales = (int)scale.n;
  t->scale = scales;
  t->zero_point = zeros;
}

static void read_quantization(weft_reader *r, weft_fb_table table,
                              weft_tensor *t) {
  weft_fb *fb = &r->fb;
  weft_fb_table q = weft_fb_child(fb, table, TENSOR_QUANTIZATION);
  if (weft_fb_u8(fb, q, QUANT_DETAILS, 0) != 0 && !t->unsupported)
    t->unsupported = "quantization details (custom, blockwise or multi-axis)";
  read_scales(r, weft_fb_vector(fb, q, QUANT_SCALE, 4),
              weft_fb_vector(fb, q, QUANT_ZERO_POINT, 8), t);
  int32_t axis = weft_fb_i32(fb, q, QUANT_DIMENSION, 0);
  t->quantized_dimension = axis >= 0 && axis < t->rank ? axis : -1;
}

/* Two to a byte, the low half first: the same numbers in int8, for which all
 * arithmetic is (numerics.md 4.1). */
static void unpack_int4(weft_reader *r, weft_tensor *t) {
  int8_t *wide = WEFT_NEW(r->arena, int8_t, t->n_elems);
  for (size_t i = 0; i < t->n_elems; i++) {
    int half = t->data.data[i / 2] >> (i % 2 * 4) & 15;
    wide[i] = (int8_t)(half >= 8 ? half - 16 : half);
  }
  t->type = WEFT_INT8;
  t->is_int4 = true;
  t->n_bytes = t->n_elems;
  t->data = (weft_span){(const uint8_t *)wide, t->n_elems};
}

static void read_data(weft_reader *r, weft_fb_table table, weft_tensor *t) {
  weft_fb *fb = &r->fb;
  uint32_t k = weft_fb_u32(fb, table, TENSOR_BUFFER, 0);
  if (weft_fb_u32(fb, table, TENSOR_EXTERNAL, 0) != 0 && !t->unsupported)
    t->unsupported = "data in another file";
  if (k >= r->buffers.n && k != 0) {
    fail_tensor(r, WEFT_E_MODEL, table.at,
                weft_diag_text(r->diag, "buffer %u", (unsigned)k),
                weft_diag_text(r->diag, "one of the %u buffers",
                               (unsigned)r->buffers.n));
    return;
  }
  weft_fb_table buffer = weft_fb_at(fb, r->buffers, k);
  weft_fb_vec data = weft_fb_vector(fb, buffer, BUFFER_DATA, 1);
  if (data.n == 0 && weft_fb_u64(fb, buffer, BUFFER_OFFSET, 0) > 1 &&
      !t->unsupported)
    t->unsupported = "data behind the flatbuffer";
  if (data.n == 0 || fb->status != WEFT_OK)
    return;
  t->data.data = data.data;
  t->data.size = data.n;
  if (!t->unsupported && t->type == WEFT_INT4 && data.n == t->n_bytes) {
    unpack_int4(r, t);
    return;
  }
  if (t->unsupported || weft_type_bits(t->type) == 0 || data.n == t->n_bytes)
    return;
  if (r->graph->unsupported) {
    t->unsupported = r->graph->unsupported;
    return;
  }
  fail_tensor(r, WEFT_E_MODEL, data.at,
              weft_diag_text(r->diag, "%u bytes of data", (unsigned)data.n),
              weft_diag_text(r->diag, "%zu bytes, for %s of shape %s",
                             t->n_bytes, weft_type_name(t->type),
                             weft_shape_text(r->diag, t->shape, t->rank)));
}

static void read_tensor(weft_reader *r, weft_fb_table table, weft_tensor *t) {
  weft_fb *fb = &r->fb;
  t->producer = -1;
  t->name = weft_fb_string(fb, table, TENSOR_NAME, r->arena,
                           WEFT_CAP_NAME_BYTES);
  t->type = (weft_type)weft_fb_i8(fb, table, TENSOR_TYPE, 0);
  t->is_variable = weft_fb_bool(fb, table, TENSOR_VARIABLE, false);
  read_shape(r, table, t);
  if (weft_fb_has(fb, table, TENSOR_SPARSITY) && !t->unsupported)
    t->unsupported = "sparse";
  read_quantization(r, table, t);
  read_data(r, table, t);
}

weft_status weft_read_tensors(weft_reader *r, weft_fb_vec tensors) {
  weft_graph *g = r->graph;
  r->fb.place = "tensors";
  if (tensors.n > WEFT_CAP_TENSORS)
    return weft_fb_fail(&r->fb, WEFT_E_CAP, tensors.at,
                        "more than 262144 tensors", "at most 262144 tensors");
  g->n_tensors = (int)tensors.n;
  g->tensors = WEFT_NEW(r->arena, weft_tensor, tensors.n + 1);
  for (uint32_t i = 0; i < tensors.n && r->fb.status == WEFT_OK; i++) {
    r->fb.index = i;
    read_tensor(r, weft_fb_at(&r->fb, tensors, i), &g->tensors[i]);
  }
  r->fb.index = -1;
  return r->fb.status;
}
