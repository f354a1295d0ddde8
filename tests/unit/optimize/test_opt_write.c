/* SPDX-License-Identifier: Apache-2.0 */
/* opt_write: what is written is read back equal, aligned, and computes the same. */
#include "compiler/optimize/tflite_write.h"
#include "kernels/kernels.h"
#include "opt_nets.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "../arena.h"

static weft_span written(const opt_net *net) {
  weft_span bytes = {0};
  weft_status s = opt_write(arena, diag, net, &bytes);
  if (s != WEFT_OK)
    opt_test_issues(diag);
  assert_int_equal(s, WEFT_OK);
  return bytes;
}

static opt_net *read_back(weft_span bytes) {
  opt_net *net = NULL;
  weft_status s = opt_test_import_bytes(arena, diag, bytes, &net);
  if (s != WEFT_OK)
    opt_test_issues(diag);
  assert_int_equal(s, WEFT_OK);
  return net;
}

static void equal_values(const opt_value *a, const opt_value *b) {
  assert_string_equal(a->name, b->name);
  assert_int_equal(a->rank, b->rank);
  assert_memory_equal(a->shape, b->shape, sizeof a->shape);
  assert_int_equal(a->has_quant, b->has_quant);
  assert_int_equal(a->zero_point, b->zero_point);
  assert_int_equal(a->type, b->type);
  assert_true(a->scale == b->scale);
}

static void equal_weights(const opt_weights *a, const opt_weights *b) {
  assert_int_equal(a->n_elems, b->n_elems);
  assert_int_equal(a->n_out, b->n_out);
  assert_memory_equal(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape);
  assert_int_equal(a->q != NULL, b->q != NULL);
  if (!a->q) {
    assert_memory_equal(a->w, b->w, a->n_elems * sizeof *a->w);
    assert_memory_equal(a->bias, b->bias, a->n_out * sizeof *a->bias);
    return;
  }
  assert_int_equal(a->bits, b->bits);
  assert_int_equal(a->per_tensor, b->per_tensor);
  assert_memory_equal(a->q, b->q, a->n_elems);
  assert_memory_equal(a->q_bias, b->q_bias, a->n_out * sizeof *a->q_bias);
  assert_memory_equal(a->scale, b->scale, (a->per_tensor ? 1 : a->n_out) * sizeof *a->scale);
}

static void equal_layers(const opt_net *x, const opt_net *y, int i) {
  const opt_layer *a = &x->layers[i], *b = &y->layers[i];
  assert_int_equal(a->kind, b->kind);
  assert_string_equal(a->name, b->name);
  assert_int_equal(a->act, b->act);
  assert_int_equal(a->n_inputs, b->n_inputs);
  assert_int_equal(a->weights != NULL, b->weights != NULL);
  for (int j = 0; j < a->n_inputs; j++)
    assert_string_equal(x->values[a->inputs[j]].name, y->values[b->inputs[j]].name);
  equal_values(&x->values[a->output], &y->values[b->output]);
  assert_memory_equal(a->pad, b->pad, sizeof a->pad);
  if (a->kind == OPT_SOFTMAX)
    assert_true(a->beta == b->beta);
  if (a->kind <= OPT_DEPTHWISE || a->kind == OPT_MAX_POOL || a->kind == OPT_AVERAGE_POOL) {
    assert_int_equal(a->padding, b->padding);
    assert_int_equal(a->stride_h * 1000 + a->stride_w, b->stride_h * 1000 + b->stride_w);
    assert_int_equal(a->filter_h * 1000 + a->filter_w, b->filter_h * 1000 + b->filter_w);
    assert_int_equal(a->dilation_h * 1000 + a->dilation_w, b->dilation_h * 1000 + b->dilation_w);
  }
  if (a->weights)
    equal_weights(a->weights, b->weights);
}

static void equal_nets(const opt_net *a, const opt_net *b) {
  assert_int_equal(a->n_layers, b->n_layers);
  for (int i = 0; i < a->n_layers; i++)
    equal_layers(a, b, i);
}

/* Written, read, equal; the same bytes when written again. */
static opt_net *round_trip(const opt_net *net) {
  weft_span bytes = written(net);
  opt_net *back = read_back(bytes);
  equal_nets(net, back);
  weft_span again = written(back);
  assert_int_equal(bytes.size, again.size);
  assert_memory_equal(bytes.data, again.data, bytes.size);
  return back;
}

static void float_network(void **state) {
  (void)state;
  const opt_net *net = opt_test_net(arena, 7, true);
  const opt_net *back = round_trip(net);
  const float *x = opt_test_samples(arena, 8, 2 * 192);
  float a[10], b[10];
  assert_int_equal(opt_forward(diag, net, x, 2, a, NULL, NULL), WEFT_OK);
  assert_int_equal(opt_forward(diag, back, x, 2, b, NULL, NULL), WEFT_OK);
  assert_memory_equal(a, b, sizeof a);
  assert_true(a[0] > 0.001f && a[0] < 0.999f && a[0] != a[5]);
}

/* The demo network's output for the generated input of seed 1, by TFLite-Micro. */
static void integer_network(void **state) {
  (void)state;
  opt_net *net = NULL;
  uint8_t in[784], out[10];
  char hash[17];
  assert_int_equal(opt_test_import(arena, diag, "tests/models/cnn_mnist_int8.tflite", &net), WEFT_OK);
  round_trip(net);
  weft_span bytes = written(net);
  weft_graph *g = NULL;
  weft_ref *ref = NULL;
  weft_rng rng = {1};
  for (int i = 0; i < 784; i++)
    in[i] = weft_rng_byte(&rng);
  assert_int_equal(weft_graph_read(arena, diag, "written", bytes, &g), WEFT_OK);
  assert_int_equal(weft_ref_open(arena, diag, g, &ref), WEFT_OK);
  assert_int_equal(weft_ref_run(ref, (const uint8_t *[]){in}, (uint8_t *[]){out}, NULL, NULL), WEFT_OK);
  weft_hash16(out, sizeof out, hash);
  assert_string_equal(hash, "e4e8641c2c4079f0");
}

static void constants_are_aligned(void **state) {
  (void)state;
  weft_span bytes = written(opt_test_net(arena, 3, true));
  weft_graph *g = NULL;
  int n = 0;
  assert_int_equal(weft_graph_read(arena, diag, "written", bytes, &g), WEFT_OK);
  for (int t = 0; t < g->n_tensors; t++)
    if (g->tensors[t].data.data) {
      assert_int_equal((g->tensors[t].data.data - bytes.data) % 16, 0);
      n++;
    }
  assert_int_equal(n, 5 * 2 + 3);
  assert_int_equal(bytes.size % 16, 0);
}

/* Quantized by hand: made-up scales, enough to be written and read. */
static void make_integers(opt_net *net, weft_type type, int bits) {
  for (int v = 0; v < net->n_values; v++) {
    net->values[v].has_quant = true;
    net->values[v].type = type;
    net->values[v].scale = 0.5f + (float)v;
    net->values[v].zero_point = type == WEFT_INT16 ? 0 : v;
  }
  for (int i = 0; i < net->n_layers; i++) {
    opt_weights *w = net->layers[i].weights;
    if (!w)
      continue;
    w->bits = bits;
    w->scale = WEFT_NEW(arena, float, w->n_out);
    w->q = WEFT_NEW(arena, int8_t, w->n_elems);
    w->q_bias = WEFT_NEW(arena, int64_t, w->n_out);
    for (size_t k = 0; k < w->n_elems; k++)
      w->q[k] = (int8_t)((int)(k * 7) % (2 << (bits - 2)) - (1 << (bits - 2)));
    for (size_t c = 0; c < w->n_out; c++) {
      w->scale[c] = 0.25f + (float)c;
      w->q_bias[c] = type == WEFT_INT16 ? (INT64_C(1) << 40) + (int64_t)c : -(int64_t)c;
    }
  }
}

/* A network without CONCAT: its inputs get the output's scale by a QUANTIZE,
 * which import joins away. */
static opt_net *without_concat(uint64_t seed) {
  opt_net *net = opt_test_net(arena, seed, true);
  net->n_layers = 7;
  net->outputs[0] = net->layers[6].output;
  return net;
}

static void wide_and_narrow(void **state) {
  (void)state;
  static const struct { weft_type type; int bits; } forms[] = {
    {WEFT_INT8, 8}, {WEFT_INT8, 4}, {WEFT_INT16, 8}};
  for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
    opt_net *net = without_concat(5);
    make_integers(net, forms[k].type, forms[k].bits);
    round_trip(net);
  }
}

static void float_island(void **state) {
  (void)state;
  opt_net *net = without_concat(5);
  make_integers(net, WEFT_INT8, 8);
  net->layers[2].weights->exclude = true;
  net->layers[2].weights->q = NULL;
  opt_net *back = round_trip(net);
  assert_true(back->layers[2].weights->exclude);
  assert_false(back->layers[1].weights->exclude);
  weft_graph *g = NULL;
  assert_int_equal(weft_graph_read(arena, diag, "written", written(net), &g), WEFT_OK);
  assert_int_equal(g->n_ops, net->n_layers + 2);
  assert_int_equal(g->ops[2].kind, WEFT_OP_DEQUANTIZE);
  assert_int_equal(g->ops[4].kind, WEFT_OP_QUANTIZE);
}

static void concat_gets_one_scale(void **state) {
  (void)state;
  opt_net *net = opt_test_net(arena, 5, true);
  make_integers(net, WEFT_INT8, 8);
  weft_graph *g = NULL;
  assert_int_equal(weft_graph_read(arena, diag, "written", written(net), &g), WEFT_OK);
  for (int i = 0; i < g->n_ops; i++)
    for (int j = 0; g->ops[i].kind == WEFT_OP_CONCATENATION && j < 2; j++) {
      const weft_tensor *in = &g->tensors[g->ops[i].inputs[j]];
      assert_true(in->scale[0] == g->tensors[g->ops[i].outputs[0]].scale[0]);
      assert_int_equal(g->ops[in->producer].kind, WEFT_OP_QUANTIZE);
    }
  assert_int_equal(g->n_ops, net->n_layers + 2);
}

static void refuses_half_quantized(void **state) {
  (void)state;
  opt_net *net = without_concat(5);
  weft_span bytes;
  make_integers(net, WEFT_INT8, 8);
  net->values[net->layers[1].output].has_quant = false;
  assert_int_equal(opt_write(arena, diag, net, &bytes), WEFT_E_INTERNAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(float_network, set_up, tear_down),
    cmocka_unit_test_setup_teardown(integer_network, set_up, tear_down),
    cmocka_unit_test_setup_teardown(constants_are_aligned, set_up, tear_down),
    cmocka_unit_test_setup_teardown(wide_and_narrow, set_up, tear_down),
    cmocka_unit_test_setup_teardown(float_island, set_up, tear_down),
    cmocka_unit_test_setup_teardown(concat_gets_one_scale, set_up, tear_down),
    cmocka_unit_test_setup_teardown(refuses_half_quantized, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
