/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizer's import under libFuzzer: whatever the bytes, a network or an
 * issue; a network is whole, and what is written of it, in float and quantized, is
 * read again as the same layers. A broken promise aborts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/optimize/quantize.h"
#include "compiler/optimize/tflite_write.h"

/* At most so much is run. */
#define RUN_ELEMS (1u << 20)
#define RUN_MACS (1u << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise) {
  if (!promise)
    abort();
}

static void require_issues(const weft_diag *d, weft_status status) {
  require((status == WEFT_OK) == (weft_diag_count(d) == 0));
  for (size_t k = 0; k < weft_diag_count(d); k++) {
    const weft_issue *issue = weft_diag_at(d, k);
    require(issue->where && issue->found && issue->allowed && issue->remedy);
    require(issue->code == WEFT_E_MODEL || issue->code == WEFT_E_CAP ||
            issue->code == WEFT_E_UNSUPPORTED || issue->code == WEFT_E_UNSUPPORTED_OP);
  }
}

static void require_net(const opt_net *net) {
  require(net->n_inputs == 1 && net->n_outputs == 1 && net->n_layers > 0);
  for (int v = 0; v < net->n_values; v++)
    require(net->values[v].producer < net->n_layers && net->values[v].rank >= 1);
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    require(net->values[l->output].producer == i && l->n_inputs >= 1);
    for (int j = 0; j < l->n_inputs; j++)
      require(net->values[l->inputs[j]].producer < i);
    for (size_t k = 0; l->weights && k < l->weights->n_elems; k++)
      require(isfinite(l->weights->w[k]));
  }
}

static void require_ok(const weft_diag *d, weft_status s) {
  for (size_t k = 0; k < weft_diag_count(d); k++)
    fprintf(stderr, "%s: %s, allowed %s\n", weft_diag_at(d, k)->where, weft_diag_at(d, k)->found,
            weft_diag_at(d, k)->allowed);
  require(s == WEFT_OK);
}

static void require_written(weft_arena *arena, const opt_net *net) {
  weft_span bytes = {0};
  weft_diag *d = weft_diag_new(arena);
  weft_graph *g = NULL;
  opt_net *again = NULL;
  require_ok(d, opt_write(arena, d, net, &bytes));
  weft_status s = weft_graph_read(arena, d, "again.tflite", bytes, &g);
  if (s == WEFT_E_CAP)         /* more bytes to an element than before       */
    return;
  require_ok(d, s);
  require_ok(d, opt_import(arena, d, g, &again));
  require(again->n_layers <= net->n_layers);
}

static void run(weft_arena *arena, const opt_net *net) {
  size_t total = 0;
  for (int v = 0; v < net->n_values; v++)
    total += net->values[v].n_elems;
  if (total > RUN_ELEMS || opt_macs(net) > RUN_MACS)
    return;
  float *in = WEFT_NEW(arena, float, net->values[net->inputs[0]].n_elems);
  float *out = WEFT_NEW(arena, float, net->values[net->outputs[0]].n_elems);
  require(opt_forward(NULL, net, in, 1, out, NULL, NULL) == WEFT_OK);
}

static void quantize(weft_arena *arena, opt_net *net, int bits) {
  opt_ptq_options o = opt_ptq_default();
  weft_diag *d = weft_diag_new(arena);
  o.activation_bits = bits;
  for (int v = 0; v < net->n_values; v++) {
    net->values[v].has_range = true;
    net->values[v].min = -(float)(v + 1);
    net->values[v].max = (float)(v % 7);
  }
  weft_status s = opt_quantize(d, net, &o);
  require_issues(d, s);
  if (s == WEFT_OK)
    require_written(arena, net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_graph *g = NULL;
  opt_net *net = NULL;
  weft_status status = weft_graph_read(arena, d, "fuzz.tflite", (weft_span){data, size}, &g);
  if (status == WEFT_OK)
    status = opt_import(arena, d, g, &net);
  require_issues(d, status);
  if (status == WEFT_OK) {
    require_net(net);
    require_written(arena, net);
    run(arena, net);
    quantize(arena, opt_clone(arena, net), 16);
    opt_equalize(net);
    quantize(arena, net, 8);
  }
  weft_arena_free(&arena);
  return 0;
}
