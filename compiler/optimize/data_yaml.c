/* SPDX-License-Identifier: Apache-2.0 */
/* The description of data: DATA.md has every key. */
#include <string.h>

#include "compiler/optimize/data_read.h"
#include "config/yaml_tree.h"

#define N(list) (sizeof(list) / sizeof *(list))

static const char *const formats[DATA_N_FORMATS] = {"idx", "npy", "npz", "raw", "csv",
                                                    "image", "cifar", "wav"};

static weft_status map_of(weft_diag *d, const yaml_tree *node, const char *const *keys,
                          size_t n) {
  if (node->kind != YAML_TREE_MAP)
    return yaml_fail(d, node, "a mapping");
  return yaml_known(d, node, keys, n);
}

static weft_status text_of(weft_diag *d, const yaml_tree *node, const char **out) {
  if (node->kind != YAML_TREE_SCALAR || node->text[0] == 0)
    return yaml_fail(d, node, "text");
  *out = node->text;
  return WEFT_OK;
}

static weft_status int_of(weft_diag *d, const yaml_tree *node, int64_t lo, int64_t hi,
                          int64_t *out) {
  double v = 0;
  if (!yaml_number(node, &v) || v < (double)lo || v > (double)hi || v != (double)(int64_t)v)
    return yaml_fail(d, node, weft_diag_text(d, "a whole number %lld..%lld", (long long)lo,
                                             (long long)hi));
  *out = (int64_t)v;
  return WEFT_OK;
}

/* A number, or a quotient: 1/255. */
static weft_status factor_of(weft_diag *d, const yaml_tree *node, double *out) {
  static const char allowed[] = "a number or a quotient such as 1/255, -1e30..1e30";
  const char *slash = node->kind == YAML_TREE_SCALAR ? strchr(node->text, '/') : NULL;
  double below = 1;
  yaml_tree part = *node;
  if (slash) {
    char above[48];
    const size_t n = (size_t)(slash - node->text);
    if (n >= sizeof above)
      return yaml_fail(d, node, allowed);
    memcpy(above, node->text, n);
    above[n] = 0;
    part.text = slash + 1;
    if (!yaml_number(&part, &below) || below == 0)
      return yaml_fail(d, node, allowed);
    part.text = above;
    if (!yaml_number(&part, out))
      return yaml_fail(d, node, allowed);
  } else if (!yaml_number(node, out)) {
    return yaml_fail(d, node, allowed);
  }
  *out /= below;
  return *out >= -1e30 && *out <= 1e30 ? WEFT_OK : yaml_fail(d, node, allowed);
}

static bool has_tail(const char *path, const char *tail) {
  const size_t n = strlen(path);
  const size_t m = strlen(tail);
  return n >= m && strcmp(path + n - m, tail) == 0;
}

/* By the file's name; -1 if that says nothing. */
static int format_of(const char *path) {
  static const struct { const char *tail; data_format format; } rows[] = {
    {"-ubyte", DATA_IDX}, {"-ubyte.gz", DATA_IDX}, {".idx", DATA_IDX}, {".idx.gz", DATA_IDX},
    {".npy", DATA_NPY}, {".npz", DATA_NPZ}, {".csv", DATA_CSV}, {".wav", DATA_WAV},
    {"/", DATA_IMAGE}};
  for (size_t i = 0; i < N(rows); i++)
    if (has_tail(path, rows[i].tail))
      return (int)rows[i].format;
  return -1;
}

/* "last", "none", or a number from 0. */
static weft_status read_column(weft_diag *d, const yaml_tree *node, int *out) {
  int64_t v = 0;
  if (!node)
    return WEFT_OK;
  if (node->kind == YAML_TREE_SCALAR && strcmp(node->text, "last") == 0)
    *out = -1;
  else if (node->kind == YAML_TREE_SCALAR && strcmp(node->text, "none") == 0)
    *out = -2;
  else {
    WEFT_TRY(int_of(d, node, 0, 65535, &v));
    *out = (int)v;
  }
  return WEFT_OK;
}

static weft_status read_layout(weft_diag *d, const yaml_tree *node, data_source *out) {
  static const char *const types[] = {"uint8", "int8", "int16", "float32"};
  static const weft_type values[] = {WEFT_UINT8, WEFT_INT8, WEFT_INT16, WEFT_FLOAT32};
  int type = 0;
  int64_t skip = 0;
  int64_t stride = 0;
  const char *separator = ",";
  WEFT_TRY(yaml_choice(d, node, "type", types, N(types), &type));
  WEFT_TRY(yaml_int(d, node, "skip", 0, 1 << 30, &skip));
  WEFT_TRY(yaml_int(d, node, "stride", 1, 1 << 30, &stride));
  WEFT_TRY(yaml_bool(d, node, "header", &out->header));
  WEFT_TRY(yaml_string(d, node, "separator", &separator));
  if (strcmp(separator, "tab") == 0)
    separator = "\t";
  if (strlen(separator) != 1)
    return yaml_fail(d, yaml_get(node, "separator"), "one character, or tab");
  out->type = values[type];
  out->skip = (size_t)skip;
  out->stride = (size_t)stride;
  out->separator = separator[0];
  return WEFT_OK;
}

static weft_status read_labelling(data_yaml *y, const yaml_tree *node,
                                  data_source *out) {
  weft_diag *d = y->spec.d;
  const yaml_tree *labels = yaml_get(node, "labels");
  const yaml_tree *label = yaml_get(node, "label");
  out->label = -1;
  out->labels_column = -1;
  out->label_column = -1;
  WEFT_TRY(read_column(d, yaml_get(node, "labels_column"), &out->labels_column));
  WEFT_TRY(read_column(d, yaml_get(node, "label_column"), &out->label_column));
  WEFT_TRY(yaml_string(d, node, "labels_member", &out->labels_member));
  if (labels)
    WEFT_TRY(yaml_path(y->spec.arena, d, labels, &out->labels));
  if (out->labels_column == -2)
    return yaml_fail(d, yaml_get(node, "labels_column"), "last, or a column from 0");
  if (!label)
    return WEFT_OK;
  out->label = label->kind == YAML_TREE_SCALAR
                 ? data_label(&y->spec, label->text, strlen(label->text)) : -1;
  if (out->label < 0 || labels)
    return yaml_fail(d, label, labels ? "labels: or label:, not both" : "a class");
  return WEFT_OK;
}

static weft_status read_source(data_yaml *y, const yaml_tree *node,
                               data_source *out) {
  static const char *const keys[] = {"file", "format", "type", "labels", "label", "member",
                                     "labels_member", "label_column", "labels_column",
                                     "header", "separator", "skip", "stride"};
  weft_diag *d = y->spec.d;
  WEFT_TRY(map_of(d, node, keys, N(keys)));
  const yaml_tree *file = yaml_get(node, "file");
  if (!file)
    return yaml_fail(d, node, "a mapping with 'file'");
  *out = (data_source){.where = yaml_where(d, node)};
  WEFT_TRY(yaml_path(y->spec.arena, d, file, &out->path));
  WEFT_TRY(yaml_string(d, node, "member", &out->member));
  WEFT_TRY(read_layout(d, node, out));
  WEFT_TRY(read_labelling(y, node, out));
  int format = format_of(out->path);
  WEFT_TRY(yaml_choice(d, node, "format", formats, N(formats), &format));
  if (format < 0)
    return weft_fail(d, WEFT_E_CONFIG, yaml_where(d, node),
                     "no format, and the name does not tell it",
                     "format: idx, npy, npz, raw, csv, image, cifar or wav", NULL);
  out->format = (data_format)format;
  return WEFT_OK;
}

/* A mapping, or a list of them. */
static weft_status read_sources(data_yaml *y, const yaml_tree *node,
                                data_source **out, size_t *n) {
  const bool is_list = node->kind == YAML_TREE_LIST;
  *n = is_list ? node->n : 1;
  if (*n == 0)
    return yaml_fail(y->spec.d, node, "at least one file");
  *out = WEFT_NEW(y->spec.arena, data_source, *n);
  for (size_t i = 0; i < *n; i++)
    WEFT_TRY(read_source(y, is_list ? node->child[i] : node, &(*out)[i]));
  return WEFT_OK;
}

static weft_status read_split(data_yaml *y, const yaml_tree *node,
                              data_split *out) {
  static const char *const keys[] = {"from", "count", "every", "offset", "per_file", "files"};
  weft_diag *d = y->spec.d;
  int64_t from = 0;
  int64_t count = -1;
  int64_t every = 1;
  int64_t offset = 0;
  WEFT_TRY(map_of(d, node, keys, N(keys)));
  WEFT_TRY(yaml_int(d, node, "from", 0, INT32_MAX, &from));
  WEFT_TRY(yaml_int(d, node, "count", 1, INT32_MAX, &count));
  WEFT_TRY(yaml_int(d, node, "every", 1, INT32_MAX, &every));
  WEFT_TRY(yaml_int(d, node, "offset", 0, every - 1, &offset));
  WEFT_TRY(yaml_bool(d, node, "per_file", &out->per_file));
  const yaml_tree *files = yaml_get(node, "files");
  if (files)
    WEFT_TRY(read_sources(y, files, &out->files, &out->n_files));
  else if (y->n_inputs == 0)
    return yaml_fail(d, node, "'files' in it, or 'inputs' above");
  out->is_there = true;
  out->where = yaml_where(d, node);
  out->from = (size_t)from;
  out->count = count < 0 ? SIZE_MAX : (size_t)count;
  out->every = (size_t)every;
  out->offset = (size_t)offset;
  return WEFT_OK;
}

static weft_status read_splits(data_yaml *y, const yaml_tree *node,
                               const yaml_tree *root) {
  const char *names[OPT_N_SPLITS];
  for (int i = 0; i < OPT_N_SPLITS; i++)
    names[i] = opt_split_name((opt_split)i);
  if (!node || node->kind != YAML_TREE_MAP || node->n == 0)
    return yaml_fail(y->spec.d, node ? node : root,
                          "'splits' with at least one of train, calib, validation, test");
  WEFT_TRY(map_of(y->spec.d, node, names, OPT_N_SPLITS));
  for (int i = 0; i < OPT_N_SPLITS; i++) {
    const yaml_tree *split = yaml_get(node, names[i]);
    if (split)
      WEFT_TRY(read_split(y, split, &y->splits[i]));
  }
  return WEFT_OK;
}

static weft_status read_shape(data_yaml *y, const yaml_tree *node, const yaml_tree *root) {
  data_spec *s = &y->spec;
  if (!node || node->kind != YAML_TREE_LIST || node->n < 1 || node->n > WEFT_MAX_RANK)
    return yaml_fail(s->d, node ? node : root,
                          "'shape' of one sample, without the batch: [lines, columns, channels]");
  s->rank = (int)node->n;
  s->n_elems = 1;
  for (size_t i = 0; i < node->n; i++) {
    int64_t v = 0;
    WEFT_TRY(int_of(s->d, node->child[i], 1, 1 << 20, &v));
    s->shape[i] = (int32_t)v;
    s->n_elems *= (size_t)v;
    if (s->n_elems > (size_t)1 << 26)
      return yaml_fail(s->d, node, "at most 2^26 elements a sample");
  }
  return WEFT_OK;
}

/* A number for all channels, or a list, one a channel. */
static weft_status read_factors(data_yaml *y, const yaml_tree *node, double fallback,
                                float out[4], int *n) {
  weft_diag *d = y->spec.d;
  double v = fallback;
  *n = node && node->kind == YAML_TREE_LIST ? (int)(node->n < 5 ? node->n : 5) : 1;
  if (*n != 1 && (*n > 4 || *n != y->spec.shape[y->spec.rank - 1]))
    return yaml_fail(d, node, "one number, or one for each channel (at most 4)");
  if (!node || node->kind != YAML_TREE_LIST) {
    if (node)
      WEFT_TRY(factor_of(d, node, &v));
    out[0] = out[1] = out[2] = out[3] = (float)v;
    return WEFT_OK;
  }
  for (int i = 0; i < *n; i++) {
    WEFT_TRY(factor_of(d, node->child[i], &v));
    out[i] = (float)v;
  }
  return WEFT_OK;
}

static weft_status read_preprocess(data_yaml *y, const yaml_tree *node) {
  static const char *const keys[] = {"scale", "offset"};
  int n_offsets = 1;
  if (node)
    WEFT_TRY(map_of(y->spec.d, node, keys, N(keys)));
  WEFT_TRY(read_factors(y, yaml_get(node, "scale"), 1, y->scale, &y->n_scales));
  WEFT_TRY(read_factors(y, yaml_get(node, "offset"), 0, y->offset, &n_offsets));
  if (n_offsets > y->n_scales)
    y->n_scales = n_offsets;
  return WEFT_OK;
}

static weft_status read_classes(data_yaml *y, const yaml_tree *node) {
  data_spec *s = &y->spec;
  if (!node)
    return WEFT_OK;
  if (node->kind != YAML_TREE_LIST || node->n == 0)
    return yaml_fail(s->d, node, "a list of class names, in the order of the labels");
  s->classes = WEFT_NEW(s->arena, const char *, node->n);
  s->n_classes = node->n;
  for (size_t i = 0; i < node->n; i++)
    WEFT_TRY(text_of(s->d, node->child[i], &s->classes[i]));
  return WEFT_OK;
}

static weft_status read_rest(data_yaml *y, const yaml_tree *root) {
  static const char *const metrics[] = {"top1", "binary", "mse"};
  int64_t seed = 0;
  y->metric = -1;
  WEFT_TRY(yaml_choice(y->spec.d, root, "metric", metrics, N(metrics),
                            &y->metric));
  y->has_shuffle = yaml_get(root, "shuffle") != NULL;
  WEFT_TRY(yaml_int(y->spec.d, root, "shuffle", 0, INT64_MAX / 10, &seed));
  y->shuffle = (uint64_t)seed;
  return WEFT_OK;
}

weft_status data_read_yaml(weft_arena *arena, weft_diag *d, const char *path, data_yaml *y) {
  static const char *const keys[] = {"inputs", "shape", "preprocess", "metric", "classes",
                                     "splits", "shuffle"};
  yaml_tree *root = NULL;
  *y = (data_yaml){.spec = {.arena = arena, .d = d}};
  WEFT_TRY(yaml_tree_read(arena, d, path, &root));
  WEFT_TRY(map_of(d, root, keys, N(keys)));
  WEFT_TRY(read_shape(y, yaml_get(root, "shape"), root));
  WEFT_TRY(read_preprocess(y, yaml_get(root, "preprocess")));
  WEFT_TRY(read_classes(y, yaml_get(root, "classes")));
  WEFT_TRY(read_rest(y, root));
  const yaml_tree *inputs = yaml_get(root, "inputs");
  if (inputs)
    WEFT_TRY(read_sources(y, inputs, &y->inputs, &y->n_inputs));
  return read_splits(y, yaml_get(root, "splits"), root);
}
