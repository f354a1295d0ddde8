/* SPDX-License-Identifier: Apache-2.0 */
/* Reader of the goldens' JSON, for tests: a tree in an arena. Escapes other
 * than \" and \\ are kept as they stand. */
#ifndef TESTS_UNIT_KERNELS_JSON_READ_H
#define TESTS_UNIT_KERNELS_JSON_READ_H

#include "base/base.h"

typedef enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING,
                         JSON_ARRAY, JSON_OBJECT } json_kind;

typedef struct json_node {
  json_kind kind;
  const char *key;            /* inside an object, else NULL                   */
  const char *text;           /* JSON_STRING                                   */
  double number;              /* JSON_NUMBER; JSON_BOOL: 0 or 1                */
  struct json_node *first;    /* of an array or object                         */
  struct json_node *next;     /* sibling                                       */
} json_node;

/* NULL if it is not JSON. */
const json_node *json_read(weft_arena *arena, weft_span bytes);
/* Member of an object; NULL if `node` is NULL or has none of this name. */
const json_node *json_get(const json_node *node, const char *key);
size_t json_count(const json_node *node);

#endif
