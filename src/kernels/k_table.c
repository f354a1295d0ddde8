/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/k_ops.h"

static const weft_kernel kernel_rows[] = {
#define KERNEL(op, name) \
  {WEFT_OP_##op, weft_k_##name##_open, weft_k_##name##_run},
#include "kernels/k_table.def"
#undef KERNEL
};

const weft_kernel *weft_kernel_find(weft_op_kind kind) {
  for (size_t i = 0; i < sizeof kernel_rows / sizeof kernel_rows[0]; i++)
    if (kernel_rows[i].kind == kind)
      return &kernel_rows[i];
  return NULL;
}
