/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "config/config_rows.h"
#include "config/yaml_tree.h"
#include "explore/explore.h"

enum { MAX_KEYS = 24, MAX_POINTS = 20000 };

static const char builtin[] =
  "array.rows: [2, 4, 8, 16]\narray.cols: [4, 8, 16]\narray.lanes: [1, 2, 4, 8]\n"
  "scratchpad.kib: [16, 32, 64, 128]\nring.kib: [8, 16, 32, 64]\n";

typedef struct axis {
  const weft_config_row *row;
  const yaml_tree *values;
} axis;

static weft_status read_axis(weft_diag *d, const yaml_tree *t, axis *out) {
  const char *nearest = NULL;
  out->row = weft_config_find(t->key, &nearest);
  out->values = t;
  if (!out->row)
    return weft_fail(d, WEFT_E_CONFIG, yaml_where(d, t), "an unknown key", "keys of configs/CONFIG.md",
                     nearest ? weft_diag_text(d, "did you mean %s?", nearest) : NULL);
  if (t->kind != YAML_TREE_LIST || t->n == 0)
    return yaml_fail(d, t, "a list of values");
  for (size_t i = 0; i < t->n; i++) {
    weft_config c;
    const yaml_tree *v = t->child[i];
    if (v->kind != YAML_TREE_SCALAR || !weft_config_set_text(&c, out->row, v->text, strlen(v->text)))
      return yaml_fail(d, v, out->row->is_frac ? "N or N/M" : "a whole number");
  }
  return WEFT_OK;
}

/* The i-th machine; words follow the columns and beats fit a word, as they must. */
static void machine_at(const axis *axes, size_t n_axes, size_t i, weft_config *c) {
  bool has_word = false;
  for (size_t k = n_axes; k-- > 0;) {
    const yaml_tree *v = axes[k].values->child[i % axes[k].values->n];
    i /= axes[k].values->n;
    weft_config_set_text(c, axes[k].row, v->text, strlen(v->text));
    has_word |= strcmp(axes[k].row->key, "scratchpad.word_bytes") == 0;
  }
  if (!has_word)
    c->word_bytes = c->cols;
}

static bool is_same(const weft_config *a, const weft_config *b) {
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  for (size_t i = 0; i < n; i++)
    if (weft_config_get(a, &rows[i]) != weft_config_get(b, &rows[i]) ||
        (rows[i].is_frac && weft_config_get_den(a, &rows[i]) != weft_config_get_den(b, &rows[i])))
      return false;
  return true;
}

weft_status explore_space(weft_arena *arena, weft_diag *d, const char *yaml_path,
                          const weft_config *base, weft_config ***out, size_t *n, size_t *n_illegal) {
  axis axes[MAX_KEYS];
  yaml_tree *t = NULL;
  size_t total = 1;
  if (yaml_path)
    WEFT_TRY(yaml_tree_read(arena, d, yaml_path, &t));
  else
    WEFT_TRY(yaml_tree_parse(arena, d, "the built-in space",
                             (weft_span){(const uint8_t *)builtin, sizeof builtin - 1}, &t));
  if (t->kind != YAML_TREE_MAP || t->n == 0 || t->n > MAX_KEYS)
    return yaml_fail(d, t, "machine keys with lists of values");
  for (size_t k = 0; k < t->n; k++) {
    WEFT_TRY(read_axis(d, t->child[k], &axes[k]));
    total *= t->child[k]->n;
    if (total > MAX_POINTS)
      return weft_fail(d, WEFT_E_CAP, yaml_where(d, t), weft_diag_text(d, "more than %d points", MAX_POINTS),
                       weft_diag_text(d, "at most %d points", MAX_POINTS), "fewer values");
  }
  *out = WEFT_NEW(arena, weft_config *, total + 1);
  *n = *n_illegal = 0;
  if (!yaml_path)
    (*out)[(*n)++] = weft_arena_copy(arena, base, sizeof *base);
  for (size_t i = 0; i < total; i++) {
    weft_config *c = weft_arena_copy(arena, base, sizeof *base);
    machine_at(axes, t->n, i, c);
    const bool is_legal = weft_config_check(NULL, c) == WEFT_OK;
    if (is_legal && (yaml_path || !is_same(c, base)))
      (*out)[(*n)++] = c;
    *n_illegal += !is_legal;
  }
  return WEFT_OK;
}
