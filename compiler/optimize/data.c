/* SPDX-License-Identifier: Apache-2.0 */
/* From a description to samples: every source once, then the splits. A split
 * that is one run of one file points into it; others are gathered. */
#include "compiler/optimize/data.h"

#include <string.h>

#include "compiler/optimize/data_read.h"

/* Samples of several sources, by number. */
typedef struct pool {
  size_t n_tables;
  data_table *tables;
  size_t *first;                /* [n_tables + 1] number of a table's first sample */
} pool;

const char *opt_split_name(opt_split s) {
  static const char *const names[OPT_N_SPLITS] = {"train", "calib", "validation", "test"};
  return s < OPT_N_SPLITS ? names[s] : "?";
}

const char *opt_metric_name(opt_metric m) {
  static const char *const names[] = {"top1", "binary", "mse"};
  return m <= OPT_MSE ? names[m] : "?";
}

static weft_status open_pool(const data_spec *s, const data_source *sources, size_t n,
                             pool *p) {
  p->n_tables = n;
  p->tables = WEFT_NEW(s->arena, data_table, n);
  p->first = WEFT_NEW(s->arena, size_t, n + 1);
  for (size_t i = 0; i < n; i++) {
    WEFT_TRY(data_read_source(s, &sources[i], &p->tables[i]));
    p->first[i + 1] = p->first[i] + p->tables[i].n;
    if ((p->tables[i].label != NULL) != (p->tables[0].label != NULL))
      return data_fail(s->d, sources[i].path,
                       p->tables[i].label ? "labels" : "no labels",
                       weft_diag_text(s->d, "the same as %s", sources[0].path));
  }
  return WEFT_OK;
}

/* Numbers of the samples of a split: list[*n]. */
typedef struct numbers {
  uint32_t *list;
  size_t n;
} numbers;

static weft_status fail_range(const data_spec *s, const data_split *split, size_t n) {
  return weft_fail(s->d, WEFT_E_INPUT, weft_diag_text(s->d, "%s", split->where),
                   weft_diag_text(s->d, "samples from %zu%s", split->from,
                                  split->count == SIZE_MAX
                                    ? "" : weft_diag_text(s->d, ", %zu of them", split->count)),
                   weft_diag_text(s->d, "a range within the %zu samples%s", n,
                                  split->per_file ? " of each file" : ""),
                   NULL);
}

/* How many of n samples the split takes: from, count, every, offset. */
static weft_status count_range(const data_spec *s, const data_split *split, size_t n,
                               size_t *out) {
  const size_t room = split->from < n ? n - split->from : 0;
  const size_t span = split->count == SIZE_MAX ? room : split->count;
  if (span > room || span <= split->offset)
    return fail_range(s, split, n);
  *out = (span - split->offset - 1) / split->every + 1;
  return WEFT_OK;
}

static weft_status choose_of_all(const data_spec *s, const data_split *split, const pool *p,
                                 const uint32_t *order, numbers *out) {
  WEFT_TRY(count_range(s, split, p->first[p->n_tables], &out->n));
  out->list = WEFT_NEW(s->arena, uint32_t, out->n);
  for (size_t i = 0; i < out->n; i++) {
    const size_t k = split->from + split->offset + i * split->every;
    out->list[i] = order ? order[k] : (uint32_t)k;
  }
  return WEFT_OK;
}

/* The range of each file, one sample of each file in turn. */
static weft_status choose_per_file(const data_spec *s, const data_split *split, const pool *p,
                                   numbers *out) {
  size_t *count = WEFT_NEW(s->arena, size_t, p->n_tables);
  size_t most = 0;
  size_t total = 0;
  for (size_t t = 0; t < p->n_tables; t++) {
    WEFT_TRY(count_range(s, split, p->tables[t].n, &count[t]));
    most = count[t] > most ? count[t] : most;
    total += count[t];
  }
  out->list = WEFT_NEW(s->arena, uint32_t, total);
  for (size_t i = 0; i < most; i++)
    for (size_t t = 0; t < p->n_tables; t++)
      if (i < count[t])
        out->list[out->n++] = (uint32_t)(p->first[t] + split->from + split->offset + i * split->every);
  return WEFT_OK;
}

static size_t table_of(const pool *p, size_t number) {
  size_t t = 0;
  while (number >= p->first[t + 1])
    t++;
  return t;
}

static bool is_run(const pool *p, const numbers *l) {
  for (size_t i = 1; i < l->n; i++)
    if (l->list[i] != l->list[0] + i)
      return false;
  return table_of(p, l->list[0]) == table_of(p, l->list[l->n - 1]);
}

static void gather(const data_spec *s, const pool *p, const numbers *l, size_t sample_bytes,
                   opt_samples *out) {
  const size_t first = table_of(p, l->list[0]);
  const bool has_labels = p->tables[first].label != NULL;
  out->n = l->n;
  if (is_run(p, l)) {
    const size_t at = l->list[0] - p->first[first];
    out->x = (const uint8_t *)p->tables[first].x + at * sample_bytes;
    out->label = has_labels ? p->tables[first].label + at : NULL;
    return;
  }
  uint8_t *x = weft_arena_alloc(s->arena, l->n, sample_bytes);
  int32_t *label = has_labels ? WEFT_NEW(s->arena, int32_t, l->n) : NULL;
  for (size_t i = 0; i < l->n; i++) {
    const size_t t = table_of(p, l->list[i]);
    const size_t at = l->list[i] - p->first[t];
    memcpy(x + i * sample_bytes, (const uint8_t *)p->tables[t].x + at * sample_bytes, sample_bytes);
    if (label)
      label[i] = p->tables[t].label[at];
  }
  out->x = x;
  out->label = label;
}

/* One type for all samples of all splits. */
static weft_status check_types(const data_spec *s, const pool *p, opt_data *o) {
  for (size_t i = 0; i < p->n_tables; i++) {
    const int type = (int)p->tables[i].type;
    if (o->type < 0)
      o->type = type;
    if (type != o->type)
      return data_fail(s->d, p->tables[i].source->path,
                       weft_diag_text(s->d, "samples of %s", weft_type_name((weft_type)type)),
                       weft_diag_text(s->d, "%s, as in the files before it",
                                      weft_type_name((weft_type)o->type)));
  }
  return WEFT_OK;
}

static weft_status open_split(data_yaml *y, const pool *inputs, const uint32_t *order,
                              opt_split which, opt_data *o) {
  const data_split *split = &y->splits[which];
  const data_spec *s = &y->spec;
  pool own;
  numbers l = {NULL, 0};
  if (split->files)
    WEFT_TRY(open_pool(s, split->files, split->n_files, &own));
  const pool *p = split->files ? &own : inputs;
  WEFT_TRY(check_types(s, p, o));
  WEFT_TRY(split->per_file ? choose_per_file(s, split, p, &l)
                           : choose_of_all(s, split, p, split->files ? NULL : order, &l));
  gather(s, p, &l, y->spec.n_elems * weft_type_bits((weft_type)o->type) / 8, &o->splits[which]);
  return WEFT_OK;
}

/* Metric, number of classes, and that labels agree with both. */
static weft_status check_labels(const data_yaml *y, opt_data *o) {
  weft_diag *d = y->spec.d;
  bool has_labels = true;
  for (int k = 0; k < OPT_N_SPLITS; k++)
    if (o->splits[k].n && !o->splits[k].label)
      has_labels = false;
  o->metric = y->metric >= 0 ? (opt_metric)y->metric : has_labels ? OPT_TOP1 : OPT_MSE;
  if (o->metric != OPT_MSE && !has_labels)
    return weft_fail(d, WEFT_E_INPUT, o->path, "no labels in one of the splits",
                     weft_diag_text(d, "labels: the metric is %s", opt_metric_name(o->metric)),
                     "add labels, or 'metric: mse'");
  const int32_t limit = o->metric == OPT_BINARY ? 2
                        : y->spec.n_classes     ? (int32_t)y->spec.n_classes : INT32_MAX;
  for (int k = 0; k < OPT_N_SPLITS; k++)
    for (size_t i = 0; o->splits[k].label && i < o->splits[k].n; i++) {
      const int32_t label = o->splits[k].label[i];
      if (label >= limit)
        return weft_fail(d, WEFT_E_INPUT,
                         weft_diag_text(d, "%s: sample %zu of %s", o->path, i,
                                        opt_split_name((opt_split)k)),
                         weft_diag_text(d, "label %d", label),
                         weft_diag_text(d, "0..%d: %s", limit - 1,
                                        o->metric == OPT_BINARY ? "metric binary" : "the classes"),
                         NULL);
      if (label >= o->n_classes)
        o->n_classes = label + 1;
    }
  if (has_labels && y->spec.n_classes)
    o->n_classes = (int)y->spec.n_classes;
  o->class_names = y->spec.classes;
  return WEFT_OK;
}

weft_status opt_data_open(weft_arena *arena, weft_diag *d, const char *yaml_path,
                          opt_data **out) {
  data_yaml y;
  pool inputs = {0};
  uint32_t *order = NULL;
  WEFT_TRY(data_read_yaml(arena, d, yaml_path, &y));
  opt_data *o = WEFT_NEW(arena, opt_data, 1);
  o->arena = arena;
  o->path = weft_arena_printf(arena, "%s", yaml_path);
  o->rank = y.spec.rank;
  memcpy(o->shape, y.spec.shape, sizeof o->shape);
  o->n_elems = y.spec.n_elems;
  o->type = -1;
  o->n_scales = y.n_scales;
  memcpy(o->scale, y.scale, sizeof o->scale);
  memcpy(o->offset, y.offset, sizeof o->offset);
  if (y.n_inputs)
    WEFT_TRY(open_pool(&y.spec, y.inputs, y.n_inputs, &inputs));
  if (y.has_shuffle && y.n_inputs) {
    const size_t n = inputs.first[inputs.n_tables];
    order = WEFT_NEW(arena, uint32_t, n);
    opt_shuffle(y.shuffle, 0, n, order);
  }
  for (int i = 0; i < OPT_N_SPLITS; i++)
    if (y.splits[i].is_there)
      WEFT_TRY(open_split(&y, &inputs, order, (opt_split)i, o));
  *out = o;
  return check_labels(&y, o);
}
