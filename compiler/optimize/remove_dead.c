/* SPDX-License-Identifier: Apache-2.0 */
/* Channels that say the same whatever the input is, and channels that nobody reads. */
#include <math.h>

#include "compiler/optimize/channels.h"
#include "compiler/optimize/compress.h"

typedef struct constants {
  opt_channels ch;
  bool *is_const;               /* [n channels] of every pixel               */
  float *value;
  bool *live, *blocked;         /* [n] by unit: not all constant; cannot go  */
  bool *is_read;                /* [n] by unit                               */
} constants;

static float activate(weft_act act, float v) {
  if (act == WEFT_ACT_RELU || act == WEFT_ACT_RELU6)
    v = v > 0 ? v : 0;
  return act == WEFT_ACT_RELU6 && v > 6 ? 6 : v;
}

static bool is_padded(const opt_net *net, const opt_layer *l) {
  const opt_value *in = &net->values[l->inputs[0]];
  const opt_value *out = &net->values[l->output];
  if (l->kind == OPT_DENSE)
    return false;
  const int h = (out->shape[1] - 1) * l->stride_h + (l->filter_h - 1) * l->dilation_h + 1;
  const int w = (out->shape[2] - 1) * l->stride_w + (l->filter_w - 1) * l->dilation_w + 1;
  return h > in->shape[1] || w > in->shape[2];
}

/* Sum of the weights that output o reads of one input channel; false: all zero. */
static bool slice_sum(const opt_channels *ch, const opt_layer *l, size_t o, size_t channel,
                      double *sum) {
  const opt_weights *w = l->weights;
  const opt_slice s = opt_slice_of(ch, l, channel);
  bool is_used = false;
  *sum = 0;
  for (size_t k = 0; k < s.n; k++) {
    const float v = w->w[o * (w->n_elems / w->n_out) + s.first + k * s.step];
    *sum += (double)v;
    is_used = is_used || v != 0;
  }
  return is_used;
}

static void reader_constants(constants *k, const opt_layer *l) {
  const opt_channels *ch = &k->ch;
  const bool padded = is_padded(ch->net, l);
  for (size_t o = 0; o < l->weights->n_out; o++) {
    double total = (double)l->weights->bias[o];
    bool is_const = true;
    for (size_t i = 0; i < opt_channels_of(ch, l->inputs[0]) && is_const; i++) {
      const size_t at = ch->first[l->inputs[0]] + i;
      double sum = 0;
      if (!slice_sum(ch, l, o, i, &sum))
        continue;
      is_const = k->is_const[at] && (k->value[at] == 0 || !padded);
      total += sum * (double)k->value[at];
    }
    k->is_const[ch->first[l->output] + o] = is_const;
    k->value[ch->first[l->output] + o] = activate(l->act, (float)total);
  }
}

static void depthwise_constants(constants *k, const opt_layer *l) {
  const opt_weights *w = l->weights;
  const bool padded = is_padded(k->ch.net, l);
  for (size_t o = 0; o < w->n_out; o++) {
    const size_t in = k->ch.first[l->inputs[0]] + o / (size_t)l->depth_multiplier;
    double sum = 0;
    bool is_used = false;
    for (size_t i = o; i < w->n_elems; i += w->n_out) {
      sum += (double)w->w[i];
      is_used = is_used || w->w[i] != 0;
    }
    const size_t out = k->ch.first[l->output] + o;
    k->is_const[out] = !is_used || (k->is_const[in] && (k->value[in] == 0 || !padded));
    sum = is_used ? sum * (double)k->value[in] : 0;
    k->value[out] = activate(l->act, (float)(sum + (double)w->bias[o]));
  }
}

/* Layers without weights: output channel c from channel c of the inputs. */
static void plain_constants(constants *k, const opt_layer *l) {
  const opt_channels *ch = &k->ch;
  const size_t n_in = opt_channels_of(ch, l->inputs[0]);
  const bool has_pad = l->kind == OPT_PAD;
  for (size_t c = 0; c < opt_channels_of(ch, l->output); c++) {
    const size_t in = ch->first[l->inputs[0]] + c % n_in;
    const size_t out = ch->first[l->output] + c;
    k->is_const[out] = k->is_const[in] && !(has_pad && k->value[in] != 0);
    float v = k->value[in];
    if (l->kind == OPT_ADD) {
      const size_t other = ch->first[l->inputs[1]] + c;
      k->is_const[out] = k->is_const[in] && k->is_const[other];
      v += k->value[other];
    }
    k->value[out] = l->kind == OPT_RELU       ? activate(WEFT_ACT_RELU, v)
                    : l->kind == OPT_RELU6    ? activate(WEFT_ACT_RELU6, v)
                    : l->kind == OPT_LOGISTIC ? 1 / (1 + expf(-v))
                                              : activate(l->act, v);
  }
}

static void concat_constants(constants *k, const opt_layer *l) {
  size_t out = k->ch.first[l->output];
  for (int j = 0; j < l->n_inputs; j++)
    for (size_t c = 0; c < opt_channels_of(&k->ch, l->inputs[j]); c++, out++) {
      const size_t in = k->ch.first[l->inputs[j]] + c;
      k->is_const[out] = k->is_const[in];
      k->value[out] = activate(l->act, k->value[in]);
    }
}

/* A unit cannot go if a reader's groups would shift, or its constant meets a border. */
static void mark_readers(constants *k, const opt_layer *l) {
  const opt_channels *ch = &k->ch;
  const bool padded = is_padded(ch->net, l);
  for (size_t i = 0; i < opt_channels_of(ch, l->inputs[0]); i++) {
    const size_t at = ch->first[l->inputs[0]] + i;
    const uint32_t unit = ch->unit[at];
    double sum = 0;
    bool is_used = false;
    for (size_t o = 0; o < l->weights->n_out && !is_used; o++)
      is_used = slice_sum(ch, l, o, i, &sum);
    k->is_read[unit] = k->is_read[unit] || is_used;
    if (l->weights->keep.m > 0 || (is_used && padded && k->value[at] != 0))
      k->blocked[unit] = true;
  }
}

static void analyze(weft_arena *scratch, opt_net *net, constants *k) {
  opt_channels_open(scratch, net, &k->ch);
  k->is_const = WEFT_NEW(scratch, bool, k->ch.n);
  k->value = WEFT_NEW(scratch, float, k->ch.n);
  k->live = WEFT_NEW(scratch, bool, k->ch.n);
  k->blocked = WEFT_NEW(scratch, bool, k->ch.n);
  k->is_read = WEFT_NEW(scratch, bool, k->ch.n);
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    if (opt_reads_channels(l))
      reader_constants(k, l);
    else if (l->kind == OPT_DEPTHWISE)
      depthwise_constants(k, l);
    else if (l->kind == OPT_CONCAT)
      concat_constants(k, l);
    else if (l->kind != OPT_SOFTMAX)
      plain_constants(k, l);
  }
  for (size_t i = 0; i < k->ch.n; i++)
    k->live[k->ch.unit[i]] = k->live[k->ch.unit[i]] || !k->is_const[i];
  for (int i = 0; i < net->n_layers; i++)
    if (opt_reads_channels(&net->layers[i]))
      mark_readers(k, &net->layers[i]);
}

/* Takes a unit unless a value would have no channel left. */
static bool take(const constants *k, uint32_t unit, size_t *left, bool *gone) {
  const opt_channels *ch = &k->ch;
  for (int v = 0; v < ch->net->n_values; v++) {
    size_t n = 0;
    for (size_t c = 0; c < opt_channels_of(ch, v); c++)
      n += opt_unit(ch, v, c) == unit ? 1 : 0;
    if (n > 0 && left[v] <= n)
      return false;
  }
  for (int v = 0; v < ch->net->n_values; v++)
    for (size_t c = 0; c < opt_channels_of(ch, v); c++)
      left[v] -= opt_unit(ch, v, c) == unit ? 1 : 0;
  gone[unit] = true;
  return true;
}

static void fold(const constants *k, opt_layer *l, const bool *gone) {
  const opt_channels *ch = &k->ch;
  for (size_t i = 0; i < opt_channels_of(ch, l->inputs[0]); i++) {
    const size_t at = ch->first[l->inputs[0]] + i;
    double sum = 0;
    if (!gone[ch->unit[at]] || k->value[at] == 0)
      continue;
    for (size_t o = 0; o < l->weights->n_out; o++)
      if (slice_sum(ch, l, o, i, &sum))
        l->weights->bias[o] = (float)((double)l->weights->bias[o] + sum * (double)k->value[at]);
  }
}

static weft_status one_round(weft_arena *scratch, weft_diag *d, opt_net *net, size_t *n) {
  constants k;
  analyze(scratch, net, &k);
  size_t *left = WEFT_NEW(scratch, size_t, net->n_values);
  bool *gone = WEFT_NEW(scratch, bool, k.ch.n);
  *n = 0;
  for (int v = 0; v < net->n_values; v++)
    left[v] = opt_channels_of(&k.ch, v);
  for (size_t u = 0; u < k.ch.n; u++) {
    const bool is_dead = !k.live[u] || !k.is_read[u];
    if (k.ch.unit[u] == u && !k.ch.frozen[u] && is_dead && !k.blocked[u])
      *n += take(&k, (uint32_t)u, left, gone) ? 1 : 0;
  }
  if (*n == 0)
    return WEFT_OK;
  for (int i = 0; i < net->n_layers; i++)
    if (opt_reads_channels(&net->layers[i]))
      fold(&k, &net->layers[i], gone);
  return opt_channels_cut(d, &k.ch, gone);
}

weft_status opt_remove_dead(weft_diag *d, opt_net *net, size_t *n_removed) {
  size_t n = 1;
  weft_status s = WEFT_OK;
  *n_removed = 0;
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].weights && net->layers[i].weights->q)
      return weft_fail(d, WEFT_E_CONFIG, opt_layer_place(d, net, i), "integer weights",
                       "dead channels are removed before quantization", NULL);
  while (s == WEFT_OK && n > 0) {
    weft_arena *scratch = weft_arena_new();
    s = one_round(scratch, d, net, &n);
    *n_removed += s == WEFT_OK ? n : 0;
    weft_arena_free(&scratch);
  }
  return s;
}
