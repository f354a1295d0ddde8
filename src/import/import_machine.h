/* SPDX-License-Identifier: Apache-2.0 */
/* A machine from another accelerator's configuration: what maps becomes the nearest
 * legal value, what does not is listed with the reason. Files are hostile: at most
 * 1 MiB, 2,000 entries. Depends on base and config. */
#ifndef WEFT_IMPORT_IMPORT_MACHINE_H
#define WEFT_IMPORT_IMPORT_MACHINE_H

#include "config/config.h"

typedef enum import_fate {
  IMPORT_SAME,                  /* became what it said                        */
  IMPORT_NEAREST,               /* became the nearest legal value             */
  IMPORT_NONE,                  /* known, but weft has no such thing          */
  IMPORT_UNKNOWN                /* no key of the format that weft knows       */
} import_fate;
const char *import_fate_name(import_fate f);   /* "same", "nearest", ... */

typedef struct import_row {     /* an entry of the file, in its order          */
  const char *key, *value;      /* printable, at most 100 bytes each           */
  size_t line;                  /* 0: not known (JSON, the command line)       */
  import_fate fate;
  const char *becomes;          /* "array.rows 16, array.cols 16", or ""       */
  const char *note;             /* what it is, or why nothing became of it     */
} import_row;

typedef struct import_result {
  weft_config *config;          /* legal: weft_config_check passes             */
  import_row *rows;
  size_t n_rows;
  const char *filled;           /* weft keys that the file says nothing about  */
} import_result;

typedef struct import_options { /* of vela; NULL: as below                     */
  const char *accelerator;      /* "ethos-u55-256"                             */
  const char *system_config;    /* the first System_Config of the file         */
  const char *memory_mode;      /* the first Memory_Mode of the file           */
} import_options;

/* format: a FORMAT of import.def. E_USAGE: no such format; E_READ; E_CONFIG: not such
 * a file, a key that must be there is not, a value that is no number, with the line. */
weft_status weft_import(weft_arena *arena, weft_diag *d, const char *format, const char *path,
                        const import_options *o, import_result *out);

#endif
