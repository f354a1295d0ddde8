/* SPDX-License-Identifier: Apache-2.0 */
/* JSON writer into memory (RFC 8259). Keys are given inside objects and are
 * NULL inside arrays and at the top. Commas and nesting are the writer's
 * business. Text from files may hold any bytes: what is not UTF-8 becomes
 * U+FFFD, control characters are escaped. Doubles keep 17 digits; NaN and
 * infinities become null. Nesting deeper than 32 is a bug of the caller and
 * asserts. */
#ifndef WEFT_BASE_JSON_H
#define WEFT_BASE_JSON_H

#include "base/base.h"

typedef struct weft_json weft_json;
weft_json *weft_json_new(weft_arena *arena);
void weft_json_object(weft_json *j, const char *key);   /* opens { */
void weft_json_array(weft_json *j, const char *key);    /* opens [ */
void weft_json_end(weft_json *j);                       /* closes the innermost */
void weft_json_string(weft_json *j, const char *key, const char *text); /* NULL: null */
void weft_json_int(weft_json *j, const char *key, int64_t v);
void weft_json_uint(weft_json *j, const char *key, uint64_t v);
void weft_json_double(weft_json *j, const char *key, double v);
void weft_json_bool(weft_json *j, const char *key, bool v);
void weft_json_null(weft_json *j, const char *key);
/* Opens the outermost object or array again after its end, for more members. */
void weft_json_reopen(weft_json *j);
/* The text so far, NUL-terminated, ending in a newline once all is closed. */
const char *weft_json_text(weft_json *j, size_t *n_bytes);

#endif
