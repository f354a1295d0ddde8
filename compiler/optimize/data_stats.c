/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a split for people. */
#include "compiler/optimize/data_inspect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

#define MAX_LINE 78

void opt_data_measure(weft_arena *arena, const opt_data *data, opt_split split,
                      opt_data_stats *out) {
  const opt_samples *s = &data->splits[split];
  float *x = WEFT_NEW(arena, float, data->n_elems);
  double sum = 0;
  double squares = 0;
  *out = (opt_data_stats){.min = INFINITY, .max = -INFINITY};
  out->per_class = s->label ? WEFT_NEW(arena, size_t, data->n_classes) : NULL;
  for (size_t i = 0; i < s->n; i++) {
    double part = 0;
    double part_squares = 0;
    opt_data_get(data, split, i, x);
    for (size_t k = 0; k < data->n_elems; k++) {
      const double v = (double)x[k];
      out->min = v < out->min ? v : out->min;
      out->max = v > out->max ? v : out->max;
      part += v;
      part_squares += v * v;
    }
    sum += part;
    squares += part_squares;
    if (s->label)
      out->per_class[s->label[i]]++;
  }
  const double n = (double)s->n * (double)data->n_elems;
  const double variance = squares / n - sum / n * (sum / n);
  out->mean = sum / n;
  out->std = variance > 0 ? sqrt(variance) : 0;
}

typedef struct ordered {
  const uint8_t *x;
  size_t size;
} ordered;

static int by_bytes(const void *a, const void *b) {
  const ordered *x = a;
  const ordered *y = b;
  return memcmp(x->x, y->x, x->size);
}

static ordered *sorted(weft_arena *arena, const opt_data *data, opt_split split) {
  const opt_samples *s = &data->splits[split];
  const size_t size = data->n_elems * weft_type_bits((weft_type)data->type) / 8;
  ordered *list = WEFT_NEW(arena, ordered, s->n);
  for (size_t i = 0; i < s->n; i++)
    list[i] = (ordered){(const uint8_t *)s->x + i * size, size};
  qsort(list, s->n, sizeof *list, by_bytes);
  return list;
}

size_t opt_data_shared(const opt_data *data, opt_split a, opt_split b) {
  weft_arena *scratch = weft_arena_new();
  const ordered *x = sorted(scratch, data, a);
  const ordered *y = sorted(scratch, data, b);
  size_t n = 0;
  size_t i = 0;
  for (size_t k = 0; k < data->splits[b].n; k++) {
    while (i < data->splits[a].n && by_bytes(&x[i], &y[k]) < 0)
      i++;
    n += i < data->splits[a].n && by_bytes(&x[i], &y[k]) == 0 ? 1 : 0;
  }
  weft_arena_free(&scratch);
  return n;
}

typedef struct picture {
  int h, w, c;                  /* of a sample                               */
  int lines, columns;           /* of text                                   */
  int n;
} picture;

/* Mean of the pixels behind one character, 0..1. */
static double shade(const picture *p, const float *x, int line, int column, float lo,
                    float hi) {
  const int y0 = line * p->h / p->lines;
  const int x0 = column * p->w / p->columns;
  int y1 = (line + 1) * p->h / p->lines;
  int x1 = (column + 1) * p->w / p->columns;
  double sum = 0;
  int n = 0;
  y1 = y1 > y0 ? y1 : y0 + 1;
  x1 = x1 > x0 ? x1 : x0 + 1;
  for (int y = y0; y < y1; y++)
    for (int at = x0 * p->c + y * p->w * p->c; at < x1 * p->c + y * p->w * p->c; at++, n++)
      sum += (double)x[at];
  return hi > lo ? (sum / n - (double)lo) / ((double)hi - (double)lo) : 0;
}

static void draw(const picture *p, const float *x, size_t n_elems, char *text, int at) {
  static const char ramp[] = " .:-=+*#%@";
  float lo = x[0];
  float hi = x[0];
  for (size_t k = 0; k < n_elems; k++) {
    lo = x[k] < lo ? x[k] : lo;
    hi = x[k] > hi ? x[k] : hi;
  }
  for (int line = 0; line < p->lines; line++)
    for (int column = 0; column < p->columns; column++) {
      const double v = shade(p, x, line, column, lo, hi) * 10;
      text[line * (MAX_LINE + 1) + at + column] = ramp[v < 0 ? 0 : v > 9 ? 9 : (int)v];
    }
}

const char *opt_data_picture(weft_arena *arena, const opt_data *data, opt_split split) {
  const size_t n_samples = data->splits[split].n;
  const bool is_image = (data->rank == 2 || data->rank == 3) && data->shape[0] > 1 && data->shape[1] > 1;
  if (!is_image || n_samples == 0)
    return "";
  picture p = {.h = data->shape[0], .w = data->shape[1], .c = data->rank == 3 ? data->shape[2] : 1};
  const int room = (MAX_LINE - 4) / 3;
  p.n = n_samples < 3 ? (int)n_samples : 3;
  p.columns = p.w < room ? p.w : room;
  p.lines = (p.h * p.columns / p.w + 1) / 2;
  p.lines = p.lines < 1 ? 1 : p.lines > 30 ? 30 : p.lines;
  const size_t size = (size_t)p.lines * (MAX_LINE + 1);
  char *text = weft_arena_alloc(arena, size + 1, 1);
  float *x = WEFT_NEW(arena, float, data->n_elems);
  memset(text, ' ', size);
  for (int i = 0; i < p.n; i++) {
    opt_data_get(data, split, (size_t)i, x);
    draw(&p, x, data->n_elems, text, i * (p.columns + 2));
  }
  char *to = text;
  for (int line = 0; line < p.lines; line++) {
    const char *from = text + line * (MAX_LINE + 1);
    int n = MAX_LINE;
    while (n > 0 && from[n - 1] == ' ')
      n--;
    memmove(to, from, (size_t)n);
    to += n;
    *to++ = '\n';
  }
  *to = '\0';
  return text;
}
