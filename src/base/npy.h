/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a .npy file (NPY 1.0 to 3.0), for who reads inputs and who reads data. */
#ifndef WEFT_BASE_NPY_H
#define WEFT_BASE_NPY_H

#include "base/base.h"

bool weft_npy_is(weft_span file);   /* by magic; at least 12 bytes                */
/* The header's text, NUL-terminated, into header[size], and where the data start. False if
 * it is no .npy, of another version, longer than the file or than size - 1 bytes. */
bool weft_npy_header(weft_span file, char *header, size_t size, size_t *data_at);
/* The tuple behind "'shape':" into shape[most]; false if there is none, if it is longer, or
 * if a dimension overflows. A scalar has rank 0. */
bool weft_npy_shape(const char *header, size_t *shape, int most, int *rank);

#endif
