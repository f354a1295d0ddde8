/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/import. */
#ifndef WEFT_IMPORT_IMPORT_INT_H
#define WEFT_IMPORT_IMPORT_INT_H

#include "import/import_machine.h"

enum { IMPORT_MAX_ENTRIES = 2000 };
#define IMPORT_CONDITIONAL "#if line "   /* begins the section of a key that comes again below #if */

/* ---- entries.c: files as a flat list ---------------------------------------- */
typedef struct import_entry {
  const char *section;          /* of INI; else ""                            */
  const char *key, *value;
  size_t line;
} import_entry;
typedef struct import_file {
  weft_arena *arena;
  weft_diag *d;
  const char *path;
  import_entry *entries;
  size_t n, cap;
} import_file;
weft_status import_add(import_file *f, size_t line, const char *section, const char *key, const char *value);
weft_status import_bad(import_file *f, size_t line, const char *found, const char *allowed);
/* entries_json.c: an object; nested values are entries "key" with value "{...}". */
weft_status import_read_json(import_file *f, weft_span text);
/* [section], key = value or key: value, ; and # comments. */
weft_status import_read_ini(import_file *f, weft_span text);
/* #define KEY VALUE and typedef TYPE KEY; of a C header. */
weft_status import_read_header(import_file *f, weft_span text);
/* key = value or key: Type = value, up to a comma outside brackets. */
weft_status import_read_scala(import_file *f, weft_span text);

/* ---- import_machine.c ---------------------------------------------------------------- */
enum { IMPORT_MAX_WISHES = 16 };
typedef struct import_wish {    /* what a weft key should be                    */
  const char *target;
  double wanted;
} import_wish;
typedef struct import_state {
  import_file *file;
  const import_options *options;
  bool any_case;                /* of keys                                      */
  const char *memory;           /* vela: the one that becomes dram.*, or NULL   */
  const char *sections[10];     /* vela: that count; NULL ends; else all        */
  weft_config *config;
  import_wish wishes[IMPORT_MAX_WISHES];
  size_t n_wishes;
} import_state;
/* The entry of a key, or NULL; section NULL: any that counts. */
const import_entry *import_find(const import_state *s, const char *section, const char *key);
/* Its value as a number, 0..1e12. *out stays if there is none; E_CONFIG if it is no
 * number, or must_be and absent. */
weft_status import_number(import_state *s, const char *section, const char *key, bool must_be, double *out);
bool import_counts(const import_state *s, const import_entry *e);
/* Text to a number as above. */
weft_status import_parse(import_state *s, const import_entry *e, const char *text, double *out);
void import_wish_for(import_state *s, const char *target, double wanted);

/* ---- formats.c, vela.c: entries to wishes -------------------------------------- */
weft_status import_gemmini(import_state *s);
weft_status import_vta(import_state *s);
weft_status import_tensil(import_state *s);
weft_status import_scalesim(import_state *s);
weft_status import_vela(import_state *s);

#endif
