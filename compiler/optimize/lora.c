/* SPDX-License-Identifier: Apache-2.0 */
/* Low-rank adapters from a .npz into the weights that they belong to. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/ranges.h"
#include "compiler/optimize/data_read.h"
#include "compiler/optimize/net_inside.h"

typedef struct adapters {
  weft_arena *scratch;
  weft_diag *d;
  const char *path;
  weft_span file;
  size_t n_names;
  const char **names;
} adapters;

static bool has(const adapters *a, const char *name) {
  for (size_t i = 0; i < a->n_names; i++)
    if (strcmp(a->names[i], name) == 0)
      return true;
  return false;
}

static double at(const data_array *a, size_t i) {
  return a->type == WEFT_UINT8  ? (double)((const uint8_t *)a->x)[i]
         : a->type == WEFT_INT8 ? (double)((const int8_t *)a->x)[i]
                                : (double)((const float *)a->x)[i];
}

static weft_status fail(const adapters *a, const char *name, const char *found,
                        const char *allowed) {
  return data_fail(a->d, weft_diag_text(a->d, "%s: %.100s", a->path, name), found, allowed);
}

static weft_status read(const adapters *a, const char *name, data_array *out) {
  WEFT_TRY(data_read_npz(a->scratch, a->d, a->path, a->file, name, out));
  if (out->rank != 2)
    return fail(a, name, data_shape_text(a->d, out->shape, out->rank), "two dimensions");
  for (size_t i = 0; i < out->n_elems; i++)
    if (!isfinite(at(out, i)))
      return fail(a, name, weft_diag_text(a->d, "NaN or infinity at %zu", i), "finite values");
  return WEFT_OK;
}

void opt_lora_product(const opt_weights *w, const float *base, const float *a, const float *b,
                      size_t rank, double scale, float *out) {
  const size_t columns = w->n_elems / w->n_out;
  for (size_t o = 0; o < w->n_out; o++)
    for (size_t i = 0; i < columns; i++) {
      double sum = 0;
      for (size_t r = 0; r < rank; r++)
        sum += (double)b[o * rank + r] * (double)a[r * columns + i];
      out[o * columns + i] = (float)((double)base[o * columns + i] + scale * sum);
    }
}

void opt_lora_gradient(const opt_weights *w, const float *dw, const float *a, const float *b,
                       size_t rank, double scale, float *da, float *db) {
  const size_t columns = w->n_elems / w->n_out;
  for (size_t r = 0; r < rank; r++)
    for (size_t i = 0; i < columns; i++) {
      double sum = 0;
      for (size_t o = 0; o < w->n_out; o++)
        sum += (double)b[o * rank + r] * (double)dw[o * columns + i];
      da[r * columns + i] = (float)(scale * sum);
    }
  for (size_t o = 0; o < w->n_out; o++)
    for (size_t r = 0; r < rank; r++) {
      double sum = 0;
      for (size_t i = 0; i < columns; i++)
        sum += (double)dw[o * columns + i] * (double)a[r * columns + i];
      db[o * rank + r] = (float)(scale * sum);
    }
}

static const float *floats(const adapters *a, const data_array *x) {
  float *f = WEFT_NEW(a->scratch, float, x->n_elems);
  for (size_t i = 0; i < x->n_elems; i++)
    f[i] = (float)at(x, i);
  return f;
}

static weft_status merge_layer(const adapters *a, opt_net *net, int layer, double alpha) {
  opt_layer *l = &net->layers[layer];
  const char *name_a = weft_arena_printf(a->scratch, "%s.A", l->name);
  const char *name_b = weft_arena_printf(a->scratch, "%s.B", l->name);
  data_array da;
  data_array db;
  if (!has(a, name_a) && !has(a, name_b))
    return WEFT_OK;
  WEFT_TRY(read(a, name_a, &da));
  WEFT_TRY(read(a, name_b, &db));
  opt_weights *w = l->weights;
  if (!w || l->kind == OPT_DEPTHWISE)
    return weft_fail(a->d, WEFT_E_UNSUPPORTED, opt_layer_place(a->d, net, layer), "an adapter",
                     "adapters of CONV and DENSE", NULL);
  if (w->q || w->keep.zeros || w->keep.n_clusters)
    return weft_fail(a->d, WEFT_E_CONFIG, opt_layer_place(a->d, net, layer),
                     "pruned, clustered or integer weights, which an adapter would change",
                     "adapters merged before them", NULL);
  const size_t columns = w->n_elems / w->n_out;
  if (da.shape[0] < 1 || da.shape[1] != columns || db.shape[0] != w->n_out || db.shape[1] != da.shape[0])
    return fail(a, name_a,
                weft_diag_text(a->d, "A %s, B %s", data_shape_text(a->d, da.shape, 2),
                               data_shape_text(a->d, db.shape, 2)),
                weft_diag_text(a->d, "A [r x %zu], B [%zu x r]", columns, w->n_out));
  opt_lora_product(w, w->w, floats(a, &da), floats(a, &db), da.shape[0], alpha / (double)da.shape[0], w->w);
  return WEFT_OK;
}

/* Every array belongs to a layer. */
static weft_status check_names(const adapters *a, const opt_net *net) {
  const char **layers = WEFT_NEW(a->scratch, const char *, net->n_layers);
  for (int i = 0; i < net->n_layers; i++)
    layers[i] = net->layers[i].name;
  weft_status s = WEFT_OK;
  for (size_t k = 0; k < a->n_names; k++) {
    const size_t n = strlen(a->names[k]);
    const char *stem = weft_arena_printf(a->scratch, "%.*s", (int)(n > 2 ? n - 2 : n), a->names[k]);
    bool is_known = false;
    for (int i = 0; i < net->n_layers; i++)
      is_known = is_known || strcmp(layers[i], stem) == 0;
    const char *tail = a->names[k] + (n > 2 ? n - 2 : 0);
    if (is_known && (strcmp(tail, ".A") == 0 || strcmp(tail, ".B") == 0))
      continue;
    const char *nearest = weft_nearest(stem, layers, (size_t)net->n_layers);
    s = weft_fail(a->d, WEFT_E_INPUT, weft_diag_text(a->d, "%s: %.100s", a->path, a->names[k]),
                  "an array of no layer", "<layer>.A and <layer>.B",
                  nearest ? weft_diag_text(a->d, "did you mean %s?", nearest) : NULL);
  }
  return s;
}

static weft_status merge_all(adapters *a, opt_net *net, double alpha) {
  WEFT_TRY(weft_file_read(a->scratch, a->d, a->path, DATA_MAX_FILE_BYTES, &a->file));
  WEFT_TRY(data_npz_names(a->scratch, a->d, a->path, a->file, &a->names, &a->n_names));
  WEFT_TRY(check_names(a, net));
  for (int i = 0; i < net->n_layers; i++)
    WEFT_TRY(merge_layer(a, net, i, alpha));
  return WEFT_OK;
}

weft_status opt_lora_merge(weft_diag *d, opt_net *net, const char *npz_path, double alpha) {
  WEFT_TRY(opt_range_check(d, npz_path, OPT_RANGE_LORA_ALPHA, alpha));
  adapters a = {.scratch = weft_arena_new(), .d = d, .path = npz_path};
  const weft_status s = merge_all(&a, net, alpha);
  weft_arena_free(&a.scratch);
  return s;
}
