/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizer's library functions, one a verb, on raw little-endian float32
 * files: opt_probe VERB ARGUMENTS. Exit codes are those of the contract. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/optimize/quantize_inside.h"
#include "compiler/optimize/tflite_write.h"

typedef struct probe {
  weft_arena *arena;
  weft_diag *diag;
  int n;                       /* arguments of the verb                       */
  char **args;
} probe;

static weft_status load(probe *p, const char *path, opt_net **out) {
  weft_span bytes;
  weft_graph *g;
  WEFT_TRY(weft_file_read(p->arena, p->diag, path, (size_t)1 << 30, &bytes));
  WEFT_TRY(weft_graph_read(p->arena, p->diag, path, bytes, &g));
  return opt_import(p->arena, p->diag, g, out);
}

/* A file of whole samples of n_elems floats. */
static weft_status load_samples(probe *p, const char *path, size_t n_elems, float **x, size_t *n) {
  weft_span bytes;
  WEFT_TRY(weft_file_read(p->arena, p->diag, path, (size_t)1 << 30, &bytes));
  *n = bytes.size / (n_elems * sizeof **x);
  if (bytes.size == 0 || *n * n_elems * sizeof **x != bytes.size)
    return weft_fail(p->diag, WEFT_E_INPUT, path, "another size", "whole samples of float32", NULL);
  *x = weft_arena_copy(p->arena, bytes.data, bytes.size);
  return WEFT_OK;
}

/* forward NET IN OUT */
static weft_status forward(probe *p) {
  opt_net *net;
  float *x = NULL;
  size_t n = 0;
  WEFT_TRY(load(p, p->args[0], &net));
  WEFT_TRY(load_samples(p, p->args[1], net->values[net->inputs[0]].n_elems, &x, &n));
  size_t n_out = net->values[net->outputs[0]].n_elems;
  float *y = WEFT_NEW(p->arena, float, n * n_out);
  WEFT_TRY(opt_forward(p->diag, net, x, n, y, NULL, NULL));
  return weft_file_write(p->diag, p->args[2], y, n * n_out * sizeof *y);
}

/* rewrite NET OUT: read, written again */
static weft_status rewrite(probe *p) {
  opt_net *net;
  weft_span bytes;
  WEFT_TRY(load(p, p->args[0], &net));
  WEFT_TRY(opt_write(p->arena, p->diag, net, &bytes));
  return weft_file_write(p->diag, p->args[1], bytes.data, bytes.size);
}

static opt_calib method_of(const char *name) {
  static const char *const names[] = {"minmax", "average", "percentile", "mse", "kl"};
  for (int k = 0; k < 5; k++)
    if (strcmp(name, names[k]) == 0)
      return (opt_calib)k;
  return OPT_CALIB_MINMAX;
}

/* quantize NET DATA.yaml OUT [METHOD] [correct] [equalize] [dense] [16] [int4] [compare]
 * [validation|calib|train] [exclude=LAYER]: written, and evaluated on the test split */
static weft_status quantize(probe *p) {
  opt_net *net;
  opt_data *data;
  opt_ptq_options o = opt_ptq_default();
  opt_split split = OPT_TEST;
  bool compare = false, no_eval = false;
  WEFT_TRY(load(p, p->args[0], &net));
  WEFT_TRY(opt_data_open(p->arena, p->diag, p->args[1], &data));
  for (int k = 3; k < p->n; k++) {
    const char *a = p->args[k];
    o.bias_correction = o.bias_correction || strcmp(a, "correct") == 0;
    o.equalize = o.equalize || strcmp(a, "equalize") == 0;
    o.per_tensor_dense = o.per_tensor_dense || strcmp(a, "dense") == 0;
    o.activation_bits = strcmp(a, "16") == 0 ? 16 : o.activation_bits;
    o.method = method_of(a) ? method_of(a) : o.method;
    compare = compare || strcmp(a, "compare") == 0;
    no_eval = no_eval || strcmp(a, "write") == 0;
    for (int s = 0; s < OPT_N_SPLITS; s++)
      split = strcmp(a, opt_split_name((opt_split)s)) == 0 ? (opt_split)s : split;
    for (int i = 0; i < net->n_layers; i++) {
      opt_layer *l = &net->layers[i];
      if (l->weights && strcmp(a, "int4") == 0)
        l->weights->bits = 4;
      if (l->weights && strncmp(a, "exclude=", 8) == 0 && strstr(l->name, a + 8))
        l->weights->exclude = true;
    }
  }
  opt_net *before = opt_clone(p->arena, net);
  weft_span bytes;
  double metric = 0;
  if (o.equalize)
    opt_equalize(net);
  WEFT_TRY(opt_calibrate(p->diag, net, data, &o, NULL));
  WEFT_TRY(opt_quantize(p->diag, net, &o));
  WEFT_TRY(opt_write(p->arena, p->diag, net, &bytes));
  WEFT_TRY(weft_file_write(p->diag, p->args[2], bytes.data, bytes.size));
  if (!no_eval) {
    WEFT_TRY(opt_evaluate(p->diag, net, data, split, NULL, &metric));
    printf("%s %.6g, %zu bytes\n", opt_metric_name(data->metric), metric, bytes.size);
  }
  if (compare) {
    opt_layer_error *e;
    int n, bad;
    WEFT_TRY(opt_compare(p->arena, p->diag, before, net, data, 20, &e, &n, &bad));
    for (int i = 0; i < n; i++)
      printf("%s %2d %-12s SQNR %6.2f dB  cosine %.6f  max %.4g  %s\n", i == bad ? "*" : " ", i,
             opt_kind_name(net->layers[i].kind), e[i].sqnr_db, e[i].cosine, e[i].max_abs,
             net->layers[i].name);
  }
  return WEFT_OK;
}

/* run NET IN OUT: layer by layer, real inputs to what the output is: integers, or floats */
static weft_status run(probe *p) {
  opt_net *net;
  opt_runner *r;
  float *x = NULL;
  size_t n = 0;
  WEFT_TRY(load(p, p->args[0], &net));
  const opt_value *out = &net->values[net->outputs[0]];
  bool is_float = true;
  for (int v = 0; v < net->n_values; v++)
    is_float = is_float && !net->values[v].has_quant;
  if (is_float)
    return forward(p);
  size_t n_in = net->values[net->inputs[0]].n_elems;
  size_t size = !out->has_quant ? sizeof(float) : out->type == WEFT_INT16 ? 2 : 1;
  WEFT_TRY(load_samples(p, p->args[1], n_in, &x, &n));
  float *y = WEFT_NEW(p->arena, float, out->n_elems);
  uint8_t *bytes = weft_arena_alloc(p->arena, n * out->n_elems, size);
  WEFT_TRY(opt_runner_open(p->arena, p->diag, net, &r));
  for (size_t i = 0; i < n; i++) {
    WEFT_TRY(opt_runner_run(r, p->diag, x + i * n_in));
    opt_runner_value(r, net->outputs[0], y);
    if (out->has_quant)
      opt_to_integers(out, y, bytes + i * out->n_elems * size);
    else
      memcpy(bytes + i * out->n_elems * size, y, out->n_elems * size);
  }
  return weft_file_write(p->diag, p->args[2], bytes, n * out->n_elems * size);
}

/* evaluate NET DATA.yaml [SPLIT] */
static weft_status evaluate(probe *p) {
  opt_net *net;
  opt_data *data;
  opt_split split = OPT_TEST;
  double metric = 0;
  WEFT_TRY(load(p, p->args[0], &net));
  WEFT_TRY(opt_data_open(p->arena, p->diag, p->args[1], &data));
  for (int s = 0; s < OPT_N_SPLITS && p->n > 2; s++)
    split = strcmp(p->args[2], opt_split_name((opt_split)s)) == 0 ? (opt_split)s : split;
  WEFT_TRY(opt_evaluate(p->diag, net, data, split, NULL, &metric));
  printf("%s %.6g\n", opt_metric_name(data->metric), metric);
  return WEFT_OK;
}

static const char *pad_text(const opt_layer *l) { return l->padding == WEFT_PAD_SAME ? "SAME" : "VALID"; }

/* show NET */
static weft_status show(probe *p) {
  opt_net *net;
  WEFT_TRY(load(p, p->args[0], &net));
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    const opt_value *v = &net->values[l->output];
    printf("%3d %-12s act %d %s out", i, opt_kind_name(l->kind), (int)l->act, pad_text(l));
    for (int k = 0; k < v->rank; k++)
      printf(" %d", (int)v->shape[k]);
    printf(v->has_quant ? "  scale %.9g zero %d" : "  float", (double)v->scale, (int)v->zero_point);
    printf("  %s\n", l->name);
  }
  printf("%llu MACs\n", (unsigned long long)opt_macs(net));
  return WEFT_OK;
}

static const struct {
  const char *name;
  int n_args;
  weft_status (*run)(probe *p);
} verbs[] = {{"forward", 3, forward}, {"show", 1, show}, {"rewrite", 2, rewrite},
             {"quantize", 3, quantize}, {"run", 3, run}, {"evaluate", 2, evaluate}};

int main(int argc, char **argv) {
  weft_arena *arena = weft_arena_new();
  probe p = {.arena = arena, .diag = weft_diag_new(arena), .n = argc - 2, .args = argv + 2};
  weft_status s = WEFT_E_USAGE;
  for (size_t k = 0; argc >= 2 && k < sizeof verbs / sizeof verbs[0]; k++)
    if (strcmp(argv[1], verbs[k].name) == 0 && p.n >= verbs[k].n_args)
      s = verbs[k].run(&p);
  for (size_t i = 0; i < weft_diag_count(p.diag); i++) {
    const weft_issue *q = weft_diag_at(p.diag, i);
    fprintf(stderr, "%s: found %s, allowed %s\n", q->where, q->found, q->allowed);
  }
  if (s == WEFT_E_USAGE)
    fprintf(stderr, "opt_probe forward NET IN OUT | show NET | rewrite NET OUT |\n"
                    "quantize NET DATA OUT [WORDS] | evaluate NET DATA [SPLIT] | run NET IN OUT\n");
  weft_arena_free(&arena);
  return weft_status_exit(s);
}
