/* SPDX-License-Identifier: Apache-2.0 */
/* A quantized network layer by layer: each integer layer is written as a network
 * of its own and run by the reference kernels, an excluded one runs in float. */
#include <math.h>
#include <string.h>

#include "compiler/optimize/int16.h"
#include "compiler/optimize/quantize_inside.h"
#include "compiler/optimize/tflite_write.h"
#include "kernels/kernels.h"

typedef struct step {
  opt_net *net;                /* the layer alone; values 0.. are its inputs */
  int *value;                  /* [net->n_values] value of the whole network */
  weft_ref *ref;               /* NULL: float, or 16 bits                    */
  bool wide;
} step;

struct opt_runner {
  const opt_net *net;
  step *steps;                 /* [n_layers]                                 */
  uint8_t **bytes;             /* [n_values] as the value is: integers or floats */
  float **floats;              /* [n_values] scratch                         */
  const uint8_t **in;          /* [most inputs]                              */
};

static size_t elem_bytes(const opt_value *v) {
  return !v->has_quant ? sizeof(float) : v->type == WEFT_INT16 ? 2 : 1;
}

void opt_to_integers(const opt_value *v, const float *in, uint8_t *out) {
  const bool wide = v->type == WEFT_INT16;
  const float low = wide ? INT16_MIN : INT8_MIN, high = wide ? INT16_MAX : INT8_MAX;
  for (size_t i = 0; i < v->n_elems; i++) {
    float q = roundf(in[i] / v->scale) + (float)v->zero_point;
    int k = (int)(q < low ? low : q > high ? high : q);
    if (wide)
      ((int16_t *)(void *)out)[i] = (int16_t)k;
    else
      out[i] = (uint8_t)k;
  }
}

void opt_to_floats(const opt_value *v, const uint8_t *in, float *out) {
  for (size_t i = 0; i < v->n_elems; i++) {
    int q = v->type == WEFT_INT16 ? ((const int16_t *)(const void *)in)[i] : (int8_t)in[i];
    out[i] = (float)((double)v->scale * (double)(q - v->zero_point));
  }
}

bool opt_has_islands(const opt_net *net) {
  for (int i = 0; i < net->n_layers; i++)
    if (net->layers[i].weights && !net->layers[i].weights->q)
      return true;
  return false;
}

/* The layer as a network, each value that it reads once. */
static void cut_out(weft_arena *arena, const opt_net *net, int layer, step *s) {
  const opt_layer *from = &net->layers[layer];
  opt_net *one = s->net = WEFT_NEW(arena, opt_net, 1);
  opt_layer *l = one->layers = weft_arena_copy(arena, from, sizeof *from);
  one->arena = arena;
  one->name = net->name;
  one->n_layers = one->n_outputs = 1;
  one->values = WEFT_NEW(arena, opt_value, from->n_inputs + 1);
  s->value = WEFT_NEW(arena, int, from->n_inputs + 1);
  l->inputs = WEFT_NEW(arena, int, from->n_inputs);
  for (int j = 0; j < from->n_inputs; j++) {
    int k = 0;
    while (k < one->n_values && s->value[k] != from->inputs[j])
      k++;
    if (k == one->n_values) {
      s->value[k] = from->inputs[j];
      one->values[one->n_values++] = net->values[from->inputs[j]];
      one->values[k].producer = -1;
    }
    l->inputs[j] = k;
  }
  one->n_inputs = one->n_values;
  one->inputs = WEFT_NEW(arena, int, one->n_inputs);
  for (int k = 0; k < one->n_inputs; k++)
    one->inputs[k] = k;
  one->outputs = WEFT_NEW(arena, int, 1);
  one->outputs[0] = l->output = one->n_values;
  s->value[one->n_values] = from->output;
  one->values[one->n_values] = net->values[from->output];
  one->values[one->n_values++].producer = 0;
}

static weft_status open_step(weft_arena *arena, weft_diag *d, const opt_net *net, int i, step *s) {
  weft_span bytes;
  weft_graph *g;
  cut_out(arena, net, i, s);
  s->wide = net->values[net->layers[i].output].type == WEFT_INT16;
  if (net->layers[i].weights && !net->layers[i].weights->q)
    return WEFT_OK;
  const char *why = s->wide ? opt_refuse_int16(net, &net->layers[i]) : NULL;
  if (why)
    return weft_fail(d, WEFT_E_UNSUPPORTED, opt_layer_place(d, net, i), why,
                     "16-bit arithmetic that TFLite-Micro defines", "use 8-bit activations");
  if (s->wide)
    return WEFT_OK;
  WEFT_TRY(opt_write(arena, d, s->net, &bytes));
  WEFT_TRY(weft_graph_read(arena, d, net->name, bytes, &g));
  return weft_ref_open(arena, d, g, &s->ref);
}

weft_status opt_runner_open(weft_arena *arena, weft_diag *d, const opt_net *net,
                            opt_runner **out) {
  opt_runner *r = WEFT_NEW(arena, opt_runner, 1);
  int most = 1;
  r->net = net;
  r->steps = WEFT_NEW(arena, step, net->n_layers);
  r->bytes = WEFT_NEW(arena, uint8_t *, net->n_values);
  r->floats = WEFT_NEW(arena, float *, net->n_values);
  for (int v = 0; v < net->n_values; v++) {
    r->bytes[v] = weft_arena_alloc(arena, net->values[v].n_elems, elem_bytes(&net->values[v]));
    r->floats[v] = WEFT_NEW(arena, float, net->values[v].n_elems);
  }
  for (int i = 0; i < net->n_layers; i++) {
    WEFT_TRY(open_step(arena, d, net, i, &r->steps[i]));
    most = net->layers[i].n_inputs > most ? net->layers[i].n_inputs : most;
  }
  r->in = WEFT_NEW(arena, const uint8_t *, most);
  *out = r;
  return WEFT_OK;
}

static void from_floats(const opt_runner *r, int value, const float *x) {
  const opt_value *v = &r->net->values[value];
  if (v->has_quant)
    opt_to_integers(v, x, r->bytes[value]);
  else
    memcpy(r->bytes[value], x, v->n_elems * sizeof *x);
}

void opt_runner_value(const opt_runner *r, int value, float *out) {
  const opt_value *v = &r->net->values[value];
  if (v->has_quant)
    opt_to_floats(v, r->bytes[value], out);
  else
    memcpy(out, r->bytes[value], v->n_elems * sizeof *out);
}

static void run_wide(opt_runner *r, const step *s, int out) {
  const opt_layer *l = s->net->layers;
  for (int j = 0; j < l->n_inputs; j++)
    r->in[j] = r->bytes[s->value[l->inputs[j]]];
  opt_run_int16(s->net, l, (const int16_t *const *)(const void *)r->in,
                (int16_t *)(void *)r->bytes[out]);
}

static weft_status run_step(opt_runner *r, weft_diag *d, const step *s) {
  int out = s->value[s->net->outputs[0]];
  if (s->wide && (!s->net->layers->weights || s->net->layers->weights->q)) {
    run_wide(r, s, out);
    return weft_interrupted() ? WEFT_E_INTERRUPTED : WEFT_OK;
  }
  if (!s->ref) {
    opt_runner_value(r, s->value[0], r->floats[s->value[0]]);
    WEFT_TRY(opt_forward(d, s->net, r->floats[s->value[0]], 1, r->floats[out], NULL, NULL));
    from_floats(r, out, r->floats[out]);
    return WEFT_OK;
  }
  for (int k = 0; k < s->net->n_inputs; k++)
    r->in[k] = r->bytes[s->value[k]];
  return weft_ref_run(s->ref, r->in, &r->bytes[out], NULL, NULL);
}

weft_status opt_runner_run(opt_runner *r, weft_diag *d, const float *in) {
  from_floats(r, r->net->inputs[0], in);
  for (int i = 0; i < r->net->n_layers; i++)
    WEFT_TRY(run_step(r, d, &r->steps[i]));
  return WEFT_OK;
}
