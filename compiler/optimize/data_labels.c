/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, and labels from idx, .npy, .npz, bytes (.bin) or the column of a CSV. */
#include <stdlib.h>
#include <string.h>

#include "compiler/optimize/data_read.h"

#define MAX_LABEL 65535

typedef struct csv {
  const char *p, *end;
  char separator;
  size_t line;
} csv;

/* The next line with something on it, without its end; false at the end. */
static bool next_line(csv *c, const char **line, size_t *n) {
  while (c->p < c->end) {
    const char *stop = memchr(c->p, '\n', (size_t)(c->end - c->p));
    *line = c->p;
    *n = (size_t)((stop ? stop : c->end) - c->p);
    c->p = stop ? stop + 1 : c->end;
    c->line++;
    if (*n > 0 && (*line)[*n - 1] == '\r')
      (*n)--;
    if (*n > 0)
      return true;
  }
  return false;
}

/* Takes a field off the line, blanks around it and quotes removed. */
static bool next_field(char separator, const char **line, size_t *n, const char **field,
                       size_t *n_field) {
  if (!*line)
    return false;
  const char *stop = memchr(*line, separator, *n);
  *field = *line;
  *n_field = stop ? (size_t)(stop - *line) : *n;
  *n -= *n_field + (stop ? 1 : 0);
  *line = stop ? stop + 1 : NULL;
  while (*n_field > 0 && (**field == ' ' || **field == '"')) {
    (*field)++;
    (*n_field)--;
  }
  while (*n_field > 0 && ((*field)[*n_field - 1] == ' ' || (*field)[*n_field - 1] == '"'))
    (*n_field)--;
  return true;
}

static int count_fields(char separator, const char *line, size_t n) {
  int count = 1;
  for (size_t i = 0; i < n; i++)
    count += line[i] == separator ? 1 : 0;
  return count;
}

int32_t data_label(const data_spec *s, const char *word, size_t n_bytes) {
  int32_t v = 0;
  for (size_t i = 0; i < s->n_classes; i++)
    if (strlen(s->classes[i]) == n_bytes && memcmp(s->classes[i], word, n_bytes) == 0)
      return (int32_t)i;
  for (size_t i = 0; i < n_bytes; i++) {
    if (word[i] < '0' || word[i] > '9' || v > MAX_LABEL)
      return -1;
    v = v * 10 + (word[i] - '0');
  }
  return n_bytes == 0 || v > MAX_LABEL ? -1 : v;
}

static bool number_of(const char *field, size_t n, float *out) {
  char text[64];
  char *end = NULL;
  if (n == 0 || n >= sizeof text)
    return false;
  memcpy(text, field, n);
  text[n] = '\0';
  *out = strtof(text, &end);
  return *end == '\0' && end != text;
}

static weft_status fail_line(const data_spec *s, const char *path, size_t line,
                             const char *field, size_t n, const char *allowed) {
  return data_fail(s->d, weft_diag_text(s->d, "%s:%zu", path, line),
                   weft_diag_text(s->d, "'%.*s'", (int)(n < 60 ? n : 60), field), allowed);
}

static size_t count_lines(csv c, bool header) {
  const char *line;
  size_t n = 0;
  size_t count = 0;
  while (next_line(&c, &line, &n))
    count++;
  return count - (header && count > 0 ? 1 : 0);
}

/* Values of one line into x[n_elems]; its label into *label. */
static weft_status read_row(const data_spec *s, const data_source *from, const csv *c,
                            const char *line, size_t n, float *x, int32_t *label) {
  const int n_fields = count_fields(c->separator, line, n);
  const int label_at = from->label_column == -1 ? n_fields - 1 : from->label_column;
  const size_t wanted = s->n_elems + (label_at >= 0 ? 1 : 0);
  const char *field;
  size_t n_field = 0;
  size_t k = 0;
  if ((size_t)n_fields != wanted || label_at >= n_fields)
    return data_fail(s->d, weft_diag_text(s->d, "%s:%zu", from->path, c->line),
                     weft_diag_text(s->d, "%d columns", n_fields),
                     weft_diag_text(s->d, "%zu columns: samples of %s%s", wanted, data_spec_text(s),
                                    label_at >= 0 ? " and a label" : ""));
  for (int i = 0; next_field(c->separator, &line, &n, &field, &n_field); i++) {
    if (i == label_at) {
      *label = data_label(s, field, n_field);
      if (*label < 0)
        return fail_line(s, from->path, c->line, field, n_field, "a label: a class");
    } else if (!number_of(field, n_field, &x[k++])) {
      return fail_line(s, from->path, c->line, field, n_field, "a number");
    }
  }
  return WEFT_OK;
}

static weft_status open_csv(const data_spec *s, const data_source *from, const char *path,
                            csv *c) {
  weft_span file = {NULL, 0};
  WEFT_TRY(data_file(s->arena, s->d, path, &file));
  *c = (csv){(const char *)file.data, (const char *)file.data + file.size,
             from->separator, 0};
  return WEFT_OK;
}

weft_status data_read_csv(const data_spec *s, const data_source *from, data_table *out) {
  csv c;
  const char *line;
  size_t n = 0;
  WEFT_TRY(open_csv(s, from, from->path, &c));
  const size_t n_rows = count_lines(c, from->header);
  /* A row has at least one byte a value: the file bounds the memory. */
  if (n_rows > (size_t)(c.end - c.p) / s->n_elems + 1)
    return data_fail(s->d, from->path, weft_diag_text(s->d, "%zu short lines", n_rows),
                     weft_diag_text(s->d, "%zu values a line", s->n_elems));
  float *x = WEFT_NEW(s->arena, float, (n_rows ? n_rows : 1) * s->n_elems);
  int32_t *label = WEFT_NEW(s->arena, int32_t, n_rows ? n_rows : 1);
  if (from->header)
    next_line(&c, &line, &n);
  for (size_t i = 0; next_line(&c, &line, &n); i++)
    WEFT_TRY(read_row(s, from, &c, line, n, x + i * s->n_elems, &label[i]));
  *out = (data_table){.source = from, .type = WEFT_FLOAT32, .n = n_rows, .x = x,
                      .label = from->label_column == -2 ? NULL : label};
  return WEFT_OK;
}

static weft_status fail_count(const data_spec *s, const data_source *from, size_t found,
                              size_t n) {
  return data_fail(s->d, from->labels, weft_diag_text(s->d, "%zu labels", found),
                   weft_diag_text(s->d, "%zu, one for each sample of %s", n, from->path));
}

static weft_status csv_labels(const data_spec *s, const data_source *from, size_t n,
                              int32_t *label) {
  csv c;
  const char *line;
  const char *field = NULL;
  size_t n_line = 0;
  size_t n_field = 0;
  WEFT_TRY(open_csv(s, from, from->labels, &c));
  const size_t n_rows = count_lines(c, from->header);
  if (n_rows != n)
    return fail_count(s, from, n_rows, n);
  if (from->header)
    next_line(&c, &line, &n_line);
  for (size_t i = 0; i < n && next_line(&c, &line, &n_line); i++) {
    const int n_fields = count_fields(c.separator, line, n_line);
    const int at = from->labels_column == -1 ? n_fields - 1 : from->labels_column;
    if (at >= n_fields)
      return fail_line(s, from->labels, c.line, line, n_line,
                       weft_diag_text(s->d, "a column %d", at));
    for (int k = 0; k <= at; k++)
      next_field(c.separator, &line, &n_line, &field, &n_field);
    label[i] = data_label(s, field, n_field);
    if (label[i] < 0)
      return fail_line(s, from->labels, c.line, field, n_field, "a label: a class");
  }
  return WEFT_OK;
}

static weft_status array_labels(const data_spec *s, const data_source *from,
                                const data_array *a, size_t n, int32_t *label) {
  if (a->n_elems != n)
    return fail_count(s, from, a->n_elems, n);
  for (size_t i = 0; i < n; i++) {
    const float v = a->type == WEFT_UINT8  ? (float)((const uint8_t *)a->x)[i]
                    : a->type == WEFT_INT8 ? (float)((const int8_t *)a->x)[i]
                                           : ((const float *)a->x)[i];
    if (!(v >= 0 && v <= MAX_LABEL) || (float)(int32_t)v != v)
      return data_fail(s->d, weft_diag_text(s->d, "%s: label %zu", from->labels, i),
                       weft_diag_text(s->d, "%g", (double)v),
                       weft_diag_text(s->d, "a whole number 0..%d", MAX_LABEL));
    label[i] = (int32_t)v;
  }
  return WEFT_OK;
}

static bool ends(const char *path, const char *tail) {
  const size_t n = strlen(path);
  const size_t m = strlen(tail);
  return n >= m && strcmp(path + n - m, tail) == 0;
}

weft_status data_read_labels(const data_spec *s, const data_source *from, size_t n,
                             const int32_t **out) {
  const char *path = from->labels;
  data_array a = {0};
  int32_t *label = WEFT_NEW(s->arena, int32_t, n);
  *out = label;
  if (ends(path, ".csv") || ends(path, ".txt"))
    return csv_labels(s, from, n, label);
  if (ends(path, "ubyte.gz") || ends(path, "ubyte") || ends(path, ".idx") || ends(path, ".idx.gz")) {
    WEFT_TRY(data_read_idx(s->arena, s->d, path, &a));
    return array_labels(s, from, &a, n, label);
  }
  weft_span file = {NULL, 0};
  WEFT_TRY(data_file(s->arena, s->d, path, &file));
  if (ends(path, ".npy"))
    WEFT_TRY(data_read_npy(s->arena, s->d, path, file, &a));
  else if (ends(path, ".npz"))
    WEFT_TRY(data_read_npz(s->arena, s->d, path, file, from->labels_member, &a));
  else
    a = (data_array){.type = WEFT_UINT8, .n_elems = file.size, .x = file.data};
  return array_labels(s, from, &a, n, label);
}
