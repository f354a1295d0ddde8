/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/optimize/channels.h"

#include <string.h>

static uint32_t root(const opt_channels *ch, size_t i) {
  uint32_t r = (uint32_t)i;
  while (ch->unit[r] != r)
    r = ch->unit[r];
  return r;
}

/* The lower number becomes the unit. */
static void tie(opt_channels *ch, size_t a, size_t b) {
  const uint32_t x = root(ch, a);
  const uint32_t y = root(ch, b);
  const uint32_t low = x < y ? x : y;
  const uint32_t high = x < y ? y : x;
  ch->unit[high] = low;
  ch->frozen[low] = ch->frozen[low] || ch->frozen[high];
}

static void freeze(opt_channels *ch, int value) {
  for (size_t c = 0; c < opt_channels_of(ch, value); c++)
    ch->frozen[root(ch, ch->first[value] + c)] = true;
}

static void tie_reshape(opt_channels *ch, const opt_layer *l) {
  const size_t a = opt_channels_of(ch, l->inputs[0]);
  const size_t b = opt_channels_of(ch, l->output);
  if (b % a != 0) {
    freeze(ch, l->inputs[0]);
    freeze(ch, l->output);
    return;
  }
  for (size_t c = 0; c < b; c++)
    tie(ch, ch->first[l->output] + c, ch->first[l->inputs[0]] + c % a);
}

static void tie_layer(opt_channels *ch, const opt_layer *l) {
  const size_t out = ch->first[l->output];
  size_t at = 0;
  switch (l->kind) {
  case OPT_CONV:
  case OPT_DENSE:
    return;
  case OPT_SOFTMAX:
    freeze(ch, l->inputs[0]);
    freeze(ch, l->output);
    return;
  case OPT_DEPTHWISE:
    for (size_t c = 0; c < opt_channels_of(ch, l->output); c++)
      tie(ch, out + c, ch->first[l->inputs[0]] + c / (size_t)l->depth_multiplier);
    return;
  case OPT_CONCAT:
    for (int j = 0; j < l->n_inputs; j++)
      for (size_t c = 0; c < opt_channels_of(ch, l->inputs[j]); c++)
        tie(ch, out + at++, ch->first[l->inputs[j]] + c);
    return;
  case OPT_RESHAPE:
    tie_reshape(ch, l);
    return;
  default:
    for (int j = 0; j < l->n_inputs; j++)
      for (size_t c = 0; c < opt_channels_of(ch, l->output); c++)
        tie(ch, out + c, ch->first[l->inputs[j]] + c);
    return;
  }
}

void opt_channels_open(weft_arena *scratch, opt_net *net, opt_channels *ch) {
  *ch = (opt_channels){.net = net, .first = WEFT_NEW(scratch, size_t, net->n_values + 1)};
  for (int v = 0; v < net->n_values; v++) {
    const opt_value *value = &net->values[v];
    ch->first[v + 1] = ch->first[v] + (size_t)(value->rank ? value->shape[value->rank - 1] : 1);
  }
  ch->n = ch->first[net->n_values];
  ch->unit = WEFT_NEW(scratch, uint32_t, ch->n);
  ch->frozen = WEFT_NEW(scratch, bool, ch->n);
  for (size_t i = 0; i < ch->n; i++)
    ch->unit[i] = (uint32_t)i;
  for (int i = 0; i < net->n_inputs; i++)
    freeze(ch, net->inputs[i]);
  for (int i = 0; i < net->n_outputs; i++)
    freeze(ch, net->outputs[i]);
  for (int i = 0; i < net->n_layers; i++)
    tie_layer(ch, &net->layers[i]);
  for (size_t i = 0; i < ch->n; i++)
    ch->unit[i] = root(ch, i);
}

opt_slice opt_slice_of(const opt_channels *ch, const opt_layer *l, size_t channel) {
  const size_t n = opt_channels_of(ch, l->inputs[0]);
  return (opt_slice){channel, n, l->weights->n_elems / l->weights->n_out / n};
}

/* ---- cutting ------------------------------------------------------------- */
/* Where each of n items of `size` bytes goes if keep[i]; the rest is dropped. */
static void *keep_items(weft_arena *arena, const void *from, size_t size, const bool *keep,
                        size_t n) {
  if (!from)
    return NULL;
  uint8_t *to = weft_arena_alloc(arena, n, size);
  size_t k = 0;
  for (size_t i = 0; i < n; i++)
    if (keep[i])
      memcpy(to + k++ * size, (const uint8_t *)from + i * size, size);
  return to;
}

static size_t count(const bool *keep, size_t n) {
  size_t k = 0;
  for (size_t i = 0; i < n; i++)
    k += keep[i] ? 1 : 0;
  return k;
}

/* keep_out[n_out] output channels, keep[n_elems] weights. */
static void cut_weights(weft_arena *arena, opt_weights *w, const bool *keep_out,
                        const bool *keep) {
  const size_t n_centroids = (size_t)w->keep.n_clusters * sizeof *w->centroid;
  w->w = keep_items(arena, w->w, sizeof *w->w, keep, w->n_elems);
  w->mask = keep_items(arena, w->mask, sizeof *w->mask, keep, w->n_elems);
  w->cluster = keep_items(arena, w->cluster, sizeof *w->cluster, keep, w->n_elems);
  w->bias = keep_items(arena, w->bias, sizeof *w->bias, keep_out, w->n_out);
  if (w->centroid && w->keep.per_channel)
    w->centroid = keep_items(arena, w->centroid, n_centroids, keep_out, w->n_out);
  if (w->scale && !w->per_tensor)
    w->scale = keep_items(arena, w->scale, sizeof *w->scale, keep_out, w->n_out);
  w->n_elems = count(keep, w->n_elems);
  w->n_out = count(keep_out, w->n_out);
}

static void cut_layer(weft_arena *scratch, const opt_channels *ch, opt_layer *l,
                      const bool *gone) {
  opt_weights *w = l->weights;
  const size_t n_in = opt_channels_of(ch, l->inputs[0]);
  bool *keep_out = WEFT_NEW(scratch, bool, w->n_out);
  bool *keep_in = WEFT_NEW(scratch, bool, n_in);
  bool *keep = WEFT_NEW(scratch, bool, w->n_elems);
  for (size_t o = 0; o < w->n_out; o++)
    keep_out[o] = !gone[opt_unit(ch, l->output, o)];
  for (size_t i = 0; i < n_in; i++)
    keep_in[i] = !gone[opt_unit(ch, l->inputs[0], i)];
  for (size_t k = 0; k < w->n_elems; k++)
    keep[k] = keep_out[opt_channel(w, k)] && (l->kind == OPT_DEPTHWISE || keep_in[k % n_in]);
  const size_t n_kept = count(keep_in, n_in);
  if (n_kept == n_in && count(keep_out, w->n_out) == w->n_out)
    return;
  const size_t columns = w->n_elems / w->n_out / n_in;
  cut_weights(ch->net->arena, w, keep_out, keep);
  w->shape[w->channel_axis] = (int32_t)w->n_out;
  if (l->kind == OPT_CONV)
    w->shape[3] = (int32_t)n_kept;
  else if (l->kind == OPT_DENSE)
    w->shape[1] = (int32_t)(n_kept * columns);
}

weft_status opt_channels_cut(weft_diag *d, const opt_channels *ch, const bool *gone) {
  weft_arena *scratch = weft_arena_new();
  for (int i = 0; i < ch->net->n_layers; i++)
    if (ch->net->layers[i].weights)
      cut_layer(scratch, ch, &ch->net->layers[i], gone);
  weft_arena_free(&scratch);
  return opt_shapes(d, ch->net);
}
