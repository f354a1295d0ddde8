/* SPDX-License-Identifier: Apache-2.0 */
/* What a channel says on average, said by its readers' biases once it is gone. */
#include "compiler/optimize/channels.h"

#define MAX_SAMPLES 64

typedef struct means {
  const opt_channels *ch;
  double *mean;                 /* [ch->n]                                   */
} means;

static void collect(void *user, int layer, const float *data, size_t n_elems) {
  means *m = user;
  const int value = m->ch->net->layers[layer].output;
  const size_t n = opt_channels_of(m->ch, value);
  double *mean = m->mean + m->ch->first[value];
  for (size_t i = 0; i < n_elems; i++)
    mean[i % n] += (double)data[i];
  for (size_t c = 0; c < n; c++)
    mean[c] /= (double)(n_elems / n);
}

static void fold(const means *m, opt_layer *l, const bool *gone) {
  const opt_channels *ch = m->ch;
  opt_weights *w = l->weights;
  const size_t row = w->n_elems / w->n_out;
  for (size_t o = 0; o < w->n_out; o++) {
    double sum = (double)w->bias[o];
    for (size_t i = 0; i < opt_channels_of(ch, l->inputs[0]); i++) {
      const opt_slice s = opt_slice_of(ch, l, i);
      if (!gone[opt_unit(ch, l->inputs[0], i)])
        continue;
      for (size_t k = 0; k < s.n; k++)
        sum += m->mean[ch->first[l->inputs[0]] + i] * (double)w->w[o * row + s.first + k * s.step];
    }
    w->bias[o] = (float)sum;
  }
}

weft_status opt_channels_fold(weft_arena *scratch, weft_diag *d, const opt_channels *ch,
                              const opt_data *data, const bool *gone) {
  const opt_split split = data->splits[OPT_CALIB].n ? OPT_CALIB : OPT_TRAIN;
  const size_t n = data->splits[split].n < MAX_SAMPLES ? data->splits[split].n : MAX_SAMPLES;
  const opt_net *net = ch->net;
  const size_t n_in = net->values[net->inputs[0]].n_elems;
  means m = {ch, WEFT_NEW(scratch, double, ch->n)};
  if (n == 0)
    return WEFT_OK;
  if (data->n_elems != n_in)
    return weft_fail(d, WEFT_E_INPUT, data->path, weft_diag_text(d, "samples of %zu elements", data->n_elems),
                     weft_diag_text(d, "%zu, as the input of %s", n_in, net->name), NULL);
  float *x = WEFT_NEW(scratch, float, n * n_in);
  float *y = WEFT_NEW(scratch, float, n * net->values[net->outputs[0]].n_elems);
  for (size_t i = 0; i < n; i++)
    opt_data_get(data, split, i, x + i * n_in);
  WEFT_TRY(opt_forward(d, net, x, n, y, collect, &m));
  for (int i = 0; i < net->n_layers; i++)
    if (opt_reads_channels(&net->layers[i]))
      fold(&m, &net->layers[i], gone);
  return WEFT_OK;
}
