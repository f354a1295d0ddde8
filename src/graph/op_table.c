/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "graph/read.h"

#define WEFT_ROW_ACCELERATOR WEFT_ON_ACCELERATOR
#define WEFT_ROW_HOST WEFT_ON_HOST
#define WEFT_ROW_FREE WEFT_FREE
#define WEFT_ROW_NONE WEFT_NOWHERE

static const weft_op_info op_rows[] = {
#define OP(name, code, where, text) {#name, code, WEFT_ROW_##where, text},
#include "graph/ops.def"
#undef OP
};

const weft_op_info *weft_op_row(size_t i) {
  return i < sizeof op_rows / sizeof op_rows[0] ? &op_rows[i] : NULL;
}

const weft_op_info *weft_op_find(int code) {
  for (size_t i = 0; i < sizeof op_rows / sizeof op_rows[0]; i++)
    if (op_rows[i].code == code)
      return &op_rows[i];
  return NULL;
}

const char *weft_where_name(weft_where w) {
  switch (w) {
  case WEFT_ON_ACCELERATOR: return "accelerator";
  case WEFT_ON_HOST: return "host";
  case WEFT_FREE: return "free";
  case WEFT_NOWHERE: break;
  }
  return "none";
}

static const struct {
  const char *name;
  unsigned bits;
} types[] = {
  {"float32", 32}, {"float16", 16}, {"int32", 32},  {"uint8", 8},
  {"int64", 64},   {"string", 0},   {"bool", 8},    {"int16", 16},
  {"complex64", 64}, {"int8", 8},   {"float64", 64}, {"complex128", 128},
  {"uint64", 64},  {"resource", 0}, {"variant", 0}, {"uint32", 32},
  {"uint16", 16},  {"int4", 4},     {"bfloat16", 16}, {"int2", 2},
};

#define N_TYPES ((int)(sizeof types / sizeof types[0]))

const char *weft_type_name(weft_type t) {
  static const char *const unknown[] = {"type_20", "type_21", "type_22",
                                        "type_23", "type_24", "type_25"};
  int i = (int)t;
  if (i >= 0 && i < N_TYPES)
    return types[i].name;
  return i >= 20 && i <= 25 ? unknown[i - 20] : "unknown type";
}

size_t weft_type_bits(weft_type t) {
  int i = (int)t;
  return i >= 0 && i < N_TYPES ? types[i].bits : 0;
}
