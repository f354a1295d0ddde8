/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of values from the calibration split, by the plain float forward: the
 * bytes of the file depend on them. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/quantize_inside.h"
#include "compiler/optimize/ranges.h"

#define SAMPLES_AT_ONCE 8
#define AVERAGE_KEEPS 0.99     /* of a moving average, for each sample       */

typedef struct observer {
  bool seen;
  double min, max;
  double average_min, average_max;
  opt_bins *bins;              /* of the second pass, NULL in the first      */
  double *sum;                 /* [n_elems], NULL: means are not wanted      */
} observer;

typedef struct calibration {
  weft_arena *arena;
  weft_diag *diag;
  opt_net *net;
  const opt_data *data;
  const opt_ptq_options *o;
  size_t n;                    /* samples                                    */
  observer *of;                /* [n_values]                                 */
  size_t at_once;              /* in the present call of opt_forward         */
  int bad;                     /* value that was not finite, -1              */
} calibration;

static void count(opt_bins *b, const float *x, size_t n) {
  double per = b->hi > b->lo ? OPT_BINS / (b->hi - b->lo) : 0;
  for (size_t i = 0; i < n; i++) {
    int k = (int)(((double)x[i] - b->lo) * per);
    b->count[k < 0 ? 0 : k >= OPT_BINS ? OPT_BINS - 1 : k] += 1;
  }
}

static void average(observer *ob, double min, double max) {
  double keep = ob->seen ? AVERAGE_KEEPS : 0;
  ob->average_min = keep * ob->average_min + (1 - keep) * min;
  ob->average_max = keep * ob->average_max + (1 - keep) * max;
}

/* One sample of one value. */
static void observe(calibration *c, int value, const float *x) {
  observer *ob = &c->of[value];
  size_t n = c->net->values[value].n_elems;
  double min = 0, max = 0;
  if (ob->bins) {
    count(ob->bins, x, n);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(x[i]) && c->bad < 0)
      c->bad = value;
    min = x[i] < min ? (double)x[i] : min;
    max = x[i] > max ? (double)x[i] : max;
  }
  for (size_t i = 0; ob->sum && i < n; i++)
    ob->sum[i] += (double)x[i];
  average(ob, min, max);
  ob->min = ob->seen && ob->min < min ? ob->min : min;
  ob->max = ob->seen && ob->max > max ? ob->max : max;
  ob->seen = true;
}

static void see_layer(void *user, int layer, const float *x, size_t n_elems) {
  calibration *c = user;
  int value = c->net->layers[layer].output;
  size_t n = n_elems / c->at_once;
  for (size_t s = 0; s < c->at_once; s++)
    observe(c, value, x + s * n);
}

static weft_status pass(calibration *c, weft_progress *p) {
  const opt_value *in = &c->net->values[c->net->inputs[0]];
  const opt_value *last = &c->net->values[c->net->outputs[0]];
  float *x = WEFT_NEW(c->arena, float, SAMPLES_AT_ONCE * in->n_elems);
  float *y = WEFT_NEW(c->arena, float, SAMPLES_AT_ONCE * last->n_elems);
  for (size_t at = 0; at < c->n; at += c->at_once) {
    c->at_once = c->n - at < SAMPLES_AT_ONCE ? c->n - at : SAMPLES_AT_ONCE;
    for (size_t s = 0; s < c->at_once; s++) {
      opt_data_get(c->data, OPT_CALIB, at + s, x + s * in->n_elems);
      observe(c, c->net->inputs[0], x + s * in->n_elems);
    }
    WEFT_TRY(opt_forward(c->diag, c->net, x, c->at_once, y, see_layer, c));
    if (c->bad >= 0)
      return weft_fail(c->diag, WEFT_E_MODEL,
                       weft_diag_text(c->diag, "%s: value '%s'", c->net->name,
                                      c->net->values[c->bad].name),
                       weft_diag_text(c->diag, "NaN or infinite in calibration samples %zu..%zu",
                                      at, at + c->at_once - 1),
                       "finite activations", "check the samples' preprocessing and the weights");
    weft_progress_step(p, "calibrate", at + c->at_once, c->n);
  }
  return WEFT_OK;
}

static bool needs_bins(const opt_ptq_options *o) {
  return o->method == OPT_CALIB_PERCENTILE || o->method == OPT_CALIB_MSE ||
         o->method == OPT_CALIB_KL;
}

static weft_status second_pass(calibration *c, weft_progress *p) {
  for (int v = 0; v < c->net->n_values; v++) {
    observer *ob = &c->of[v];
    ob->bins = WEFT_NEW(c->arena, opt_bins, 1);
    ob->bins->lo = ob->min;
    ob->bins->hi = ob->max;
  }
  return pass(c, p);
}

/* What goes in and comes out is not clipped: nothing behind it makes good for it. */
static bool is_end(const opt_net *net, int value) {
  return opt_is_input(net, value) || opt_is_output(net, value);
}

static bool lacks_ranges(const opt_net *net) {
  for (int v = 0; v < net->n_values; v++)
    if (!net->values[v].has_range &&
        (net->values[v].producer >= 0 || opt_is_input(net, v)))
      return true;
  return false;
}

static void set_range(opt_net *net, int value, const observer *ob, const opt_ptq_options *o) {
  opt_value *v = &net->values[value];
  double min = ob->min, max = ob->max;
  const bool clip = !is_end(net, value);
  if (clip && o->method == OPT_CALIB_MOVING_AVERAGE) {
    min = ob->average_min;
    max = ob->average_max;
  } else if (clip && ob->bins) {
    opt_range_of_bins(ob->bins, o, &min, &max);
  }
  v->has_range = true;
  v->min = (float)fmin(min, 0.0);
  v->max = (float)fmax(max, 0.0);
}

static weft_status correct(calibration *c) {
  float **mean = WEFT_NEW(c->arena, float *, c->net->n_values);
  for (int v = 0; v < c->net->n_values; v++) {
    size_t n = c->net->values[v].n_elems;
    mean[v] = WEFT_NEW(c->arena, float, n);
    for (size_t i = 0; i < n; i++)
      mean[v][i] = (float)(c->of[v].sum[i] / (double)c->n);
  }
  return opt_correct_biases(c->diag, c->net, mean);
}

weft_status opt_check_samples(weft_diag *d, const opt_net *net, const opt_data *data,
                              opt_split split) {
  const opt_value *in = &net->values[net->inputs[0]];
  weft_diag *to = d ? d : weft_diag_new(net->arena);
  if (data->splits[split].n == 0)
    return weft_fail(to, WEFT_E_INPUT, data->path,
                     weft_diag_text(to, "no samples in split '%s'", opt_split_name(split)),
                     "at least one", "name the split in the data's YAML");
  if (data->n_elems == in->n_elems)
    return WEFT_OK;
  return weft_fail(to, WEFT_E_INPUT, data->path,
                   weft_diag_text(to, "samples of %s",
                                  opt_shape_text(to, data->shape, data->rank)),
                   weft_diag_text(to, "%s of '%s'", opt_shape_text(to, in->shape, in->rank),
                                  net->name),
                   "give data of the network's input shape");
}

static weft_status calibrate(calibration *c, weft_progress *p) {
  for (int v = 0; v < c->net->n_values && c->o->bias_correction; v++)
    c->of[v].sum = WEFT_NEW(c->arena, double, c->net->values[v].n_elems);
  WEFT_TRY(pass(c, p));
  if (needs_bins(c->o))
    WEFT_TRY(second_pass(c, p));
  for (int v = 0; v < c->net->n_values; v++)
    if (!c->net->values[v].has_range && c->of[v].seen)
      set_range(c->net, v, &c->of[v], c->o);
  return c->o->bias_correction ? correct(c) : WEFT_OK;
}

weft_status opt_calibrate(weft_diag *d, opt_net *net, const opt_data *data,
                          const opt_ptq_options *o, weft_progress *p) {
  if (!lacks_ranges(net))
    return WEFT_OK;
  WEFT_TRY(opt_check_samples(d, net, data, OPT_CALIB));
  if (o->method == OPT_CALIB_PERCENTILE)
    WEFT_TRY(opt_range_check(d, net->name, OPT_RANGE_PERCENTILE, o->percentile));
  calibration c = {.diag = d ? d : weft_diag_new(net->arena), .net = net, .data = data, .o = o,
                   .bad = -1};
  c.n = data->splits[OPT_CALIB].n;
  if (o->max_samples > 0 && o->max_samples < c.n)
    c.n = o->max_samples;
  c.arena = weft_arena_new();
  c.of = WEFT_NEW(c.arena, observer, net->n_values);
  weft_status s = calibrate(&c, p);
  weft_arena_free(&c.arena);
  return s;
}
