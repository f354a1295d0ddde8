/* SPDX-License-Identifier: Apache-2.0 */
/* A small YAML file as a tree: recipes, data descriptions, boards, spaces. Hostile
 * input: at most 1 MiB, 20,000 nodes and a depth of 16; anchors, aliases, tags,
 * second documents and duplicate keys are errors (E_CONFIG with the line). The machine
 * files have a stricter reader of their own (config_yaml.c).
 *
 * Typed getters report E_CONFIG with "file:line: key", the value found and what is
 * allowed. A key that is absent (or null) leaves *out as it was: defaults are set by
 * the caller first. After reading a mapping, yaml_known() refuses keys that nobody
 * asked for and names the nearest one. */
#ifndef WEFT_CONFIG_YAML_TREE_H
#define WEFT_CONFIG_YAML_TREE_H

#include "base/base.h"

typedef enum yaml_kind { YAML_TREE_SCALAR, YAML_TREE_LIST, YAML_TREE_MAP } yaml_kind;
typedef struct yaml_tree {
  yaml_kind kind;
  const char *file;             /* for messages                              */
  size_t line;
  const char *key;              /* in a mapping; else NULL                   */
  const char *text;             /* SCALAR, NUL-terminated, without NULs inside */
  bool is_plain;                /* SCALAR without quotes                     */
  size_t n;                     /* children of LIST and MAP                  */
  struct yaml_tree **child;
} yaml_tree;

weft_status yaml_tree_read(weft_arena *arena, weft_diag *d, const char *path, yaml_tree **out);
weft_status yaml_tree_parse(weft_arena *arena, weft_diag *d, const char *where, weft_span text,
                            yaml_tree **out);

/* 3 if the text starts with a byte order mark, which libyaml takes for a column, else 0. */
size_t yaml_mark_bytes(weft_span text);

/* Child of a mapping, or NULL; `map` may be NULL. A null scalar ("~", "null",
 * empty plain) counts as absent. */
const yaml_tree *yaml_get(const yaml_tree *map, const char *key);
/* "file:line: key" of a node, for issues. */
const char *yaml_where(weft_diag *d, const yaml_tree *t);
weft_status yaml_fail(weft_diag *d, const yaml_tree *t, const char *allowed);

weft_status yaml_string(weft_diag *d, const yaml_tree *map, const char *key, const char **out);
/* A path: relative to the folder of the node's file, or behind ${WEFT_MODELS}. */
weft_status yaml_path(weft_arena *arena, weft_diag *d, const yaml_tree *node, const char **out);
weft_status yaml_int(weft_diag *d, const yaml_tree *map, const char *key, int64_t lo, int64_t hi,
                     int64_t *out);
/* Decimal, C locale, finite. */
weft_status yaml_double(weft_diag *d, const yaml_tree *map, const char *key, double lo, double hi,
                        double *out);
weft_status yaml_bool(weft_diag *d, const yaml_tree *map, const char *key, bool *out); /* true false */
/* Index of the scalar in names[n]; the nearest name is the remedy. */
weft_status yaml_choice(weft_diag *d, const yaml_tree *map, const char *key,
                        const char *const *names, size_t n, int *out);
/* A scalar node itself as a number. */
bool yaml_number(const yaml_tree *t, double *out);
/* E_CONFIG for each key of the mapping that is not in names[n], with the nearest. */
weft_status yaml_known(weft_diag *d, const yaml_tree *map, const char *const *names, size_t n);

#endif
