/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizer's library functions, one a verb, on raw little-endian float32
 * files: opt_probe VERB ARGUMENTS. Exit codes are those of the contract. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/optimize/net.h"
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
} verbs[] = {{"forward", 3, forward}, {"show", 1, show}, {"rewrite", 2, rewrite}};

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
    fprintf(stderr, "opt_probe forward NET IN OUT | show NET | rewrite NET OUT\n");
  weft_arena_free(&arena);
  return weft_status_exit(s);
}
