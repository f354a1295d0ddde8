/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of equality under libFuzzer: a model file that passes the check is
 * compiled for a named machine and run on the machine model and in the operator
 * kernels; the outputs are the same bytes, or the compiler says why not. The
 * last byte of the input chooses machine and data. */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile.h"
#include "graph/graph.h"
#include "kernels/kernels.h"
#include "runtime/runtime.h"

/* At most so much is run: bytes of all tensors, multiply-accumulates. */
#define CHAIN_BYTES (1u << 16)
#define CHAIN_MACS (1u << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct chain {
  weft_arena *arena;
  const weft_graph *graph;
  const uint8_t **inputs;
  uint8_t **outputs[2];         /* of the kernels, of the machine model       */
} chain;

static void require(bool promise) {
  if (!promise)
    abort();
}

static bool is_small(const weft_graph *g) {
  size_t total = 0;
  for (int t = 0; t < g->n_tensors; t++)
    total += g->tensors[t].n_bytes;
  return total <= CHAIN_BYTES && g->macs <= CHAIN_MACS;
}

static size_t input_bytes(const chain *c, int k) {
  return c->graph->tensors[c->graph->inputs[k]].n_bytes;
}

static size_t output_bytes(const chain *c, int k) {
  return c->graph->tensors[c->graph->outputs[k]].n_bytes;
}

static void fill(chain *c, uint64_t seed) {
  const weft_graph *g = c->graph;
  weft_rng rng = {seed};
  c->inputs = WEFT_NEW(c->arena, const uint8_t *, g->n_inputs);
  for (int k = 0; k < g->n_inputs; k++) {
    size_t n = input_bytes(c, k);
    uint8_t *in = weft_arena_alloc(c->arena, n, 1);
    bool is_float = g->tensors[g->inputs[k]].type == WEFT_FLOAT32;
    for (size_t i = 0; i < n; i++)
      in[i] = is_float ? 0 : weft_rng_byte(&rng);
    c->inputs[k] = in;
  }
  for (int b = 0; b < 2; b++) {
    c->outputs[b] = WEFT_NEW(c->arena, uint8_t *, g->n_outputs);
    for (int k = 0; k < g->n_outputs; k++)
      c->outputs[b][k] = weft_arena_alloc(c->arena, output_bytes(c, k), 1);
  }
}

static void run_kernels(chain *c) {
  weft_ref *ref = NULL;
  weft_diag *d = weft_diag_new(c->arena);
  require(weft_ref_open(c->arena, d, c->graph, &ref) == WEFT_OK);
  require(weft_ref_run(ref, c->inputs, c->outputs[0], NULL, NULL) == WEFT_OK);
}

static bool run_machine(chain *c, const char *name, uint64_t seed) {
  weft_config *machine = NULL;
  weft_program *program = NULL;
  weft_session *session = NULL;
  weft_diag *d = weft_diag_new(c->arena);
  const weft_backend_options options = {
    .poison = true, .poison_seed = seed, .wave_layer = -1};
  require(weft_config_load(c->arena, d, name, NULL, 0, &machine) == WEFT_OK);
  weft_status status =
    weft_compile(c->arena, d, c->graph, machine, NULL, &program);
  require(status == WEFT_OK || status == WEFT_E_NO_FIT || status == WEFT_E_CAP ||
          status == WEFT_E_UNSUPPORTED || status == WEFT_E_UNSUPPORTED_OP);
  require(status == WEFT_OK || weft_diag_count(d) > 0);
  if (status != WEFT_OK)
    return false;
  require(weft_program_verify(d, program, machine) == WEFT_OK);
  require(weft_session_open(c->arena, d, program, machine, &weft_backend_model,
                            &options, &session) == WEFT_OK);
  require(weft_session_run(session, d, c->inputs, c->outputs[1], NULL, NULL,
                           NULL) == WEFT_OK);
  weft_session_close(&session);
  return true;
}

static void run_chain(weft_arena *arena, const weft_graph *g, uint8_t choice) {
  static const char *const machines[] = {"stress", "tiny", "base", "wide"};
  chain c = {.arena = arena, .graph = g};
  fill(&c, choice);
  run_kernels(&c);
  if (!run_machine(&c, machines[choice & 3], choice))
    return;
  for (int k = 0; k < g->n_outputs; k++)
    require(memcmp(c.outputs[0][k], c.outputs[1][k], output_bytes(&c, k)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft_arena *arena = weft_arena_new();
  weft_graph *g = NULL;
  weft_span bytes = {data, size};
  if (weft_graph_read(arena, NULL, "fuzz.tflite", bytes, &g) == WEFT_OK &&
      weft_graph_check(g, NULL, NULL) == WEFT_OK && is_small(g))
    run_chain(arena, g, data[size - 1]);
  weft_arena_free(&arena);
  return 0;
}
