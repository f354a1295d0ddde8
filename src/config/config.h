/* SPDX-License-Identifier: Apache-2.0 */
/* A machine: the parameters of configs/params.def. Depends on base. */
#ifndef WEFT_CONFIG_CONFIG_H
#define WEFT_CONFIG_CONFIG_H

#include "base/base.h"

typedef struct weft_config {
  const char *name;             /* "base", or the file's path                 */
#define PARAM(key, field, sv, min, max, structural, doc) int32_t field;
#define FRAC(key, field, doc) int32_t field##_num, field##_den;
#include "params.def"
} weft_config;

/* Derived sizes. */
static inline int32_t weft_spm_rows(const weft_config *c) {   /* words of a bank */
  return c->spm_kib * 1024 / (c->rows * c->word_bytes);
}
static inline int32_t weft_ring_words(const weft_config *c) { /* of COLS bytes */
  return c->ring_kib * 1024 / c->cols;
}

/* By name (a named machine, built into the library) or file path (anything
 * with a '/' or ending in .yaml); then each "key=value" of sets[n].
 * E_CONFIG: every problem of file, sets and machine is reported, each with key,
 * value, limit and the nearest valid key; E_READ. */
weft_status weft_config_load(weft_arena *arena, weft_diag *d, const char *name_or_path,
                             const char *const *sets, size_t n_sets, weft_config **out);
weft_status weft_config_parse(weft_arena *arena, weft_diag *d, const char *where,
                              weft_span yaml, weft_config **out);
/* Range and REQUIRE checks; all violations are reported. */
weft_status weft_config_check(weft_diag *d, const weft_config *c);
/* Canonical YAML: same machine, same bytes (name is not part of it). */
char *weft_config_text(weft_arena *arena, const weft_config *c);
/* First 8 bytes (little endian) of SHA-256 of the canonical text of the
 * structural keys and ISA_VERSION. */
uint64_t weft_config_hash(const weft_config *c);
/* Names of the built-in machines; NULL ends the list. */
const char *const *weft_config_names(void);

#endif
