// SPDX-License-Identifier: Apache-2.0
// written for weft's tests; the keys are those of a generated header
#ifndef GEMMINI_PARAMS_H
#define GEMMINI_PARAMS_H
#include <stdint.h>

#define XCUSTOM_ACC 3
#define DIM 8
#define ADDR_LEN 32
#define BANK_NUM 4
#define BANK_ROWS 2048   // 4 * 2048 * 8 bytes: 64 KiB
#define ACC_ROWS 1024
#define MAX_BYTES 64
#define MAX_BLOCK_LEN (MAX_BYTES/(DIM*1))
typedef int8_t elem_t;
typedef int32_t acc_t;
#define HAS_MVIN_SCALE
#define row_align(blocks) __attribute__((aligned(blocks*DIM*sizeof(elem_t))))
#define ROUNDED(x) \
  ((x) + \
   1)
/* #define DIM 64
   #define ACC_ROWS 9 */
#ifdef WIDE
#define MAX_BYTES 128
#else
#define MAX_BYTES 32
#endif
#define FLUX_CAPACITOR 1
#endif
