/* SPDX-License-Identifier: Apache-2.0 */
/* The backend table. */
#include <string.h>

#include "runtime/runtime.h"

static const weft_backend *const backends[] = {&weft_backend_model, &weft_backend_rtl, &weft_backend_board};

const weft_backend *weft_backend_find(const char *name) {
  for (size_t k = 0; k < sizeof backends / sizeof backends[0]; k++)
    if (strcmp(backends[k]->name, name) == 0)
      return backends[k];
  return NULL;
}
