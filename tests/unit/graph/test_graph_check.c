/* SPDX-License-Identifier: Apache-2.0 */
/* weft_graph_check: every row of op_rules.def broken once, and only that one;
 * a rule that no case breaks fails the last test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_builder.h"

static weft_arena *arena;
static weft_diag *diag;
static mb_model m;         /* the model of the case at hand                   */
static bool broken[512];   /* rule row k was broken by a case                 */

static int set_up(void **state) {
  (void)state;
  arena = weft_arena_new();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  weft_arena_free(&arena);
  return 0;
}

static weft_graph *read_model(const mb_model *o) {
  weft_graph *g = NULL;
  mb_file *f = weft_arena_alloc(arena, 1, sizeof *f);
  diag = weft_diag_new(arena);
  mb_write(o, f);
  weft_status status = weft_graph_read(arena, diag, "t.tflite",
                                       (weft_span){f->bytes, f->size}, &g);
  if (status != WEFT_OK)
    fail_msg("read: %s: %s", weft_diag_at(diag, 0)->where,
             weft_diag_at(diag, 0)->found);
  return g;
}

static void pass(const mb_model *o, weft_where want) {
  weft_where where[MB_OPS];
  weft_graph *g = read_model(o);
  if (weft_graph_check(g, diag, where) != WEFT_OK)
    fail_msg("%s: %s; %s", weft_diag_at(diag, 0)->where,
             weft_diag_at(diag, 0)->found, weft_diag_at(diag, 0)->allowed);
  assert_int_equal(where[o->n_ops - 1], want);
  assert_int_equal(weft_diag_count(diag), 0);
}

static void mark(weft_op_kind kind, const char *allowed) {
  const weft_rule_info *row;
  for (size_t k = 0; (row = weft_rule_row(k)) != NULL; k++)
    if (row->kind == kind && strcmp(row->allowed, allowed) == 0)
      broken[k] = true;
}

/* The first issue has these words, and it is the only one about an operator
 * (the ends of the network may have theirs); marks its rule as broken. */
static void refuse(const mb_model *o, const char *found, const char *allowed) {
  weft_where where[MB_OPS];
  weft_graph *g = read_model(o);
  weft_status status = weft_graph_check(g, diag, where);
  const weft_issue *issue = weft_diag_at(diag, 0);
  size_t n_operators = 0;
  for (size_t k = 0; k < weft_diag_count(diag); k++)
    n_operators += strstr(weft_diag_at(diag, k)->where, "operator ") != NULL;
  if (status != WEFT_E_UNSUPPORTED || n_operators > 1)
    fail_msg("want one issue '%s', got %s, %zu issues, '%s' '%s'", allowed,
             weft_status_name(status), weft_diag_count(diag),
             issue ? issue->found : "", issue ? issue->allowed : "");
  if (!strstr(issue->found, found) || !strstr(issue->allowed, allowed))
    fail_msg("got '%s' '%s', want '%s' '%s'", issue->found, issue->allowed,
             found, allowed);
  assert_non_null(strstr(issue->where, "t.tflite"));
  assert_true(issue->remedy[0] != '\0');
  for (int i = 0; i < o->n_ops; i++)
    if (where[i] == WEFT_NOWHERE)
      mark(g->ops[i].kind, issue->allowed);
}

#define BREAK(base, found, allowed, change) \
  do {                                      \
    base;                                   \
    change;                                 \
    refuse(&m, found, allowed);             \
  } while (0)

/* Tensors broken in the ways that every operator must refuse. */
#define BREAK_USABLE(base, t)                                                 \
  do {                                                                        \
    BREAK(base, "sparse", "static, dense", m.tensors[t].sparse = true);       \
    BREAK(base, "quantization details", "static, dense",                      \
          m.tensors[t].details = 2);                                          \
    BREAK(base, "data in another file", "static, dense",                      \
          m.tensors[t].external = 1);                                         \
  } while (0)

#define BREAK_INT8_IN(base, t, allowed)                                       \
  do {                                                                        \
    BREAK(base, "float32", allowed, m.tensors[t].type = WEFT_FLOAT32);        \
    BREAK(base, "int16", allowed, m.tensors[t].type = WEFT_INT16);            \
    BREAK(base, "quantized per channel", allowed,                             \
          (m.tensors[t].n_scales = 2, m.tensors[t].scale[1] = 1));            \
    BREAK(base, "not quantized", allowed, m.tensors[t].n_scales = 0);         \
  } while (0)

/* Operators whose float32 input or output is also an end of the network get
 * no second issue: float32 ends are allowed, int16 ends are not. */
static void test_ends_of_other_types(void **state) {
  (void)state;
  weft_where where[1];
  mb_conv(&m);
  m.tensors[0].type = WEFT_INT16;
  weft_graph *g = read_model(&m);
  assert_int_equal(weft_graph_check(g, diag, where), WEFT_E_UNSUPPORTED);
  assert_int_equal(weft_diag_count(diag), 2);
  assert_string_equal(weft_diag_at(diag, 1)->found, "int16");
}

static void break_conv(void (*base)(mb_model *)) {
  static int8_t more[300];
  BREAK(base(&m), "batch 2", "batch 1",
        m.tensors[0].shape[0] = m.tensors[3].shape[0] = 2);
  BREAK(base(&m), "sparse", "static, dense", m.tensors[1].sparse = true);
  BREAK(base(&m), "a variable", "static, dense", m.tensors[0].variable = true);
  BREAK(base(&m), "window over 65535", "static, dense",
        m.ops[0].options[1].value = 65536);
  BREAK(base(&m), "float32", "computed int8 input",
        m.tensors[0].type = WEFT_FLOAT32);
  BREAK(base(&m), "not quantized", "computed int8 input",
        m.tensors[0].n_scales = 0);
  BREAK(base(&m), "float32", "int8 output", m.tensors[3].type = WEFT_FLOAT32);
  BREAK(base(&m), "1x5x5", "rank 4", m.tensors[0].rank = 3);
  BREAK(base(&m), "uint8", "int4 filter of rank 4",
        (m.tensors[1].type = WEFT_UINT8));
  BREAK(base(&m), "int8 1x3x3", "int4 filter of rank 4",
        (m.tensors[1].rank = 3, m.tensors[1].shape[0] = 1,
         m.tensors[1].shape[1] = m.tensors[1].shape[2] = 3,
         m.tensors[1].data_bytes = 9, m.tensors[1].data = more));
  BREAK(base(&m), "0 scales", "filter scales", m.tensors[1].n_scales = 0);
  BREAK(base(&m), "2 scales", "filter scales",
        m.tensors[1].n_scales = m.tensors[1].n_zeros = 2);
  BREAK(base(&m), "scales along axis 1", "filter scales",
        m.tensors[1].axis = 1);
  BREAK(base(&m), "zero point 1", "filter zero points",
        m.tensors[1].zero[1] = 1);
  BREAK(base(&m), "float32", "int32 bias", m.tensors[2].type = WEFT_FLOAT32);
  BREAK(base(&m), "scale 1.16415322e-10", "output scale >= 2^-24",
        (m.tensors[3].scale[0] = 0x1p-33f,
         m.tensors[0].scale[0] = 0x1p-33f));
  BREAK(base(&m), "multiplier 2.14748365e+09", "< 2^30",
        (m.tensors[1].n_scales = m.tensors[1].n_zeros = 1,
         m.tensors[1].scale[0] = 1, m.tensors[3].scale[0] = 0x1p-20f,
         m.tensors[0].scale[0] = 0x1p11f));
}

static void test_conv(void **state) {
  static const int8_t zeros[50];
  (void)state;
  mb_conv(&m);
  pass(&m, WEFT_ON_ACCELERATOR);
  m.ops[0].n_inputs = 2; /* no bias */
  pass(&m, WEFT_ON_ACCELERATOR);
  m.ops[0].n_inputs = 3;
  m.ops[0].inputs[2] = -1;
  pass(&m, WEFT_ON_ACCELERATOR);
  m.tensors[1].n_scales = m.tensors[1].n_zeros = 1;
  pass(&m, WEFT_ON_ACCELERATOR);
  break_conv(mb_conv);
  BREAK(mb_conv(&m), "TANH", "fused activation", m.ops[0].options[3].value = 4);
  BREAK(mb_conv(&m), "int8 1x5x5x2, quantized per tensor, constant",
        "computed int8 input",
        (m.tensors[0].data = zeros, m.tensors[0].data_bytes = 50,
         m.tensors[1].data = NULL, m.inputs[0] = 1));
}

static void test_depthwise(void **state) {
  (void)state;
  mb_depthwise(&m);
  pass(&m, WEFT_ON_ACCELERATOR);
  break_conv(mb_depthwise);
  BREAK(mb_depthwise(&m), "SIGN_BIT", "fused activation",
        (m.ops[0].options[4] = (mb_option){4, 5}, m.ops[0].n_options = 5));
}

static void test_fully_connected(void **state) {
  (void)state;
  mb_fully_connected(&m);
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK_USABLE(mb_fully_connected(&m), 1);
  BREAK(mb_fully_connected(&m), "shuffled", "static, dense",
        (m.ops[0].options[1] = (mb_option){1, 1}, m.ops[0].n_options = 2));
  BREAK(mb_fully_connected(&m), "float32", "computed int8 input",
        m.tensors[0].type = WEFT_FLOAT32); /* hybrid */
  BREAK(mb_fully_connected(&m), "float32", "int8 output",
        m.tensors[3].type = WEFT_FLOAT32);
  mb_fully_connected(&m);
  m.tensors[1].type = WEFT_INT4;
  m.tensors[1].data_bytes = 12;
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK(mb_fully_connected(&m), "int4 weights, 4 scales", "one scale for int4",
        (m.tensors[1].type = WEFT_INT4, m.tensors[1].data_bytes = 12,
         m.tensors[1].n_scales = m.tensors[1].n_zeros = 4,
         m.tensors[1].scale[1] = m.tensors[1].scale[2] = m.tensors[1].scale[3] = 1));
  BREAK(mb_fully_connected(&m), "int8 1x4x6", "weights of rank 2",
        (m.tensors[1].rank = 3, m.tensors[1].shape[0] = 1,
         m.tensors[1].shape[1] = 4, m.tensors[1].shape[2] = 6));
  BREAK(mb_fully_connected(&m), "3 scales", "weight scales",
        (m.tensors[1].n_scales = m.tensors[1].n_zeros = 3,
         m.tensors[1].scale[1] = m.tensors[1].scale[2] = 1));
  BREAK(mb_fully_connected(&m), "zero point -1", "weight zero points",
        m.tensors[1].zero[0] = -1);
  BREAK(mb_fully_connected(&m), "int16", "int32 bias",
        (m.tensors[2].type = WEFT_INT16, m.tensors[2].data_bytes = 8));
  BREAK(mb_fully_connected(&m), "TANH", "fused activation",
        m.ops[0].options[0].value = 4);
  BREAK(mb_fully_connected(&m), "output scale", "output scale >= 2^-24",
        (m.tensors[3].scale[0] = 0x1p-30f, m.ops[0].n_inputs = 2));
  BREAK(mb_fully_connected(&m), "multiplier", "< 2^30",
        (m.tensors[0].scale[0] = 0x1p40f, m.ops[0].n_inputs = 2));
  BREAK(mb_fully_connected(&m), "a difference of", "bias scale",
        m.tensors[2].scale[0] = 0.02f);
  mb_fully_connected(&m); /* per channel: nobody asks */
  m.tensors[2].scale[0] = 9;
  m.tensors[1].n_scales = m.tensors[1].n_zeros = 4;
  m.tensors[1].scale[1] = m.tensors[1].scale[2] = m.tensors[1].scale[3] = 1;
  pass(&m, WEFT_ON_ACCELERATOR);
}

static void test_add(void **state) {
  (void)state;
  static const int8_t zeros[16];
  mb_add(&m);
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK_USABLE(mb_add(&m), 2);
  BREAK(mb_add(&m), "float32", "computed int8 input",
        m.tensors[0].type = WEFT_FLOAT32);
  BREAK(mb_add(&m), "uint8", "second int8 input", {
    m.tensors[1].type = WEFT_UINT8;
  });
  BREAK(mb_add(&m), "float32", "int8 output", m.tensors[2].type = WEFT_FLOAT32);
  BREAK(mb_add(&m), ", constant", "second int8 input",
        (m.tensors[1].data = zeros, m.tensors[1].data_bytes = 16,
         m.n_inputs = 1));
  BREAK(mb_add(&m), "1x2x2x4 and 1x1x1x4", "equal shapes",
        m.tensors[1].shape[1] = m.tensors[1].shape[2] = 1);
  BREAK(mb_add(&m), "1x2x2x4 and 2x4", "equal shapes",
        (m.tensors[1].rank = 2, m.tensors[1].shape[0] = 2,
         m.tensors[1].shape[1] = 4));
  BREAK(mb_add(&m), "TANH", "fused activation", m.ops[0].options[0].value = 4);
  BREAK(mb_add(&m), "output scale", "output scale >= 2^-24",
        (m.tensors[2].scale[0] = 0x1p-30f, m.tensors[0].scale[0] = 0x1p-30f,
         m.tensors[1].scale[0] = 0x1p-30f));
  BREAK(mb_add(&m), "output multiplier 1", "below 1",
        (m.tensors[2].scale[0] = 0x1p-20f));
  mb_add(&m);
  m.tensors[2].scale[0] = 0x1.000002p-20f;
  pass(&m, WEFT_ON_ACCELERATOR);
}

static void concat_of(mb_model *o, int n) {
  mb_concat(o);
  o->ops[0].n_inputs = n;
  for (int j = 1; j < n; j++)
    o->ops[0].inputs[j] = 1;
  o->tensors[2].shape[3] = 4 + n - 1;
}

static void test_concat(void **state) {
  (void)state;
  mb_concat(&m);
  pass(&m, WEFT_ON_ACCELERATOR);
  m.ops[0].options[0].value = 3;
  pass(&m, WEFT_ON_ACCELERATOR);
  concat_of(&m, 10);
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK_USABLE(mb_concat(&m), 1);
  BREAK_INT8_IN(mb_concat(&m), 1, "computed int8 inputs");
  BREAK(mb_concat(&m), "float32", "int8 output", m.tensors[2].type = WEFT_FLOAT32);
  BREAK(concat_of(&m, 11), "inputs: 11", "at most 10", (void)0);
  BREAK(mb_concat(&m), "axis 2", "along the last axis",
        (m.ops[0].options[0].value = 2, m.tensors[1].shape[3] = m.tensors[2].shape[3] = 4,
         m.tensors[2].shape[2] = 4));
  BREAK(mb_concat(&m), "RELU6", "no fused activation", m.ops[0].options[1].value = 3);
  BREAK(mb_concat(&m), "zero point -3 to scale 0.5, zero point -2", "exactly the output's",
        m.tensors[2].zero[0] = -2);
  BREAK(mb_concat(&m), "scale 0.50000006", "exactly the output's", m.tensors[1].scale[0] = 0x1.000002p-1f);
}

static void test_pools(void **state) {
  (void)state;
  static const int codes[] = {WEFT_OP_MAX_POOL_2D, WEFT_OP_AVERAGE_POOL_2D};
  for (int k = 0; k < 2; k++) {
    mb_pool(&m, codes[k]);
    pass(&m, WEFT_ON_ACCELERATOR);
    m.tensors[1].scale[0] = 0.5000005f;
    pass(&m, WEFT_ON_ACCELERATOR);
    BREAK_USABLE(mb_pool(&m, codes[k]), 0);
    BREAK(mb_pool(&m, codes[k]), "float32", "computed int8 input",
          m.tensors[0].type = WEFT_FLOAT32);
    BREAK(mb_pool(&m, codes[k]), "float32", "int8 output",
          m.tensors[1].type = WEFT_FLOAT32);
    BREAK(mb_pool(&m, codes[k]), "1x6x6", "rank 4", m.tensors[0].rank = 3);
    BREAK(mb_pool(&m, codes[k]), "batch 2", "batch 1",
          m.tensors[0].shape[0] = m.tensors[1].shape[0] = 2);
    BREAK(mb_pool(&m, codes[k]), "zero point -3 to scale", "equal zero point",
          m.tensors[1].zero[0] = -2);
    BREAK(mb_pool(&m, codes[k]), "to scale 0.50001", "within 1e-6",
          m.tensors[1].scale[0] = 0.50001f);
    BREAK(mb_pool(&m, codes[k]), "TANH", "fused activation",
          (m.ops[0].options[5] = (mb_option){5, 4}, m.ops[0].n_options = 6));
    BREAK(mb_pool(&m, codes[k]), "output scale", "output scale >= 2^-24",
          m.tensors[0].scale[0] = m.tensors[1].scale[0] = 0x1p-30f);
  }
}

static void with_operand(mb_model *o, int code, int n, const int32_t *values) {
  mb_unary(o, code, 4, (int32_t[]){1, 4, 6, 2});
  o->n_tensors = 3;
  o->tensors[2] = mb_const_i32("operand", n, values);
  o->ops[0].n_inputs = 2;
  o->ops[0].inputs[1] = 2;
}

static void mean_of(mb_model *o, int n, const int32_t *axes) {
  with_operand(o, WEFT_OP_MEAN, n, axes);
  o->tensors[1] = mb_int8("output", 2, (int32_t[]){1, 2}, 0.25f, 4);
}

static void test_mean(void **state) {
  (void)state;
  static const int32_t hw[] = {1, 2}, wh[] = {-2, 1, 1}, w[] = {2},
                       hc[] = {1, 3};
  mean_of(&m, 2, hw);
  pass(&m, WEFT_ON_ACCELERATOR);
  mean_of(&m, 3, wh);
  m.ops[0].options_type = 27;
  m.ops[0].n_options = 1;
  m.ops[0].options[0] = (mb_option){0, 1};
  m.tensors[1] = mb_int8("output", 4, (int32_t[]){1, 1, 1, 2}, 0.25f, 4);
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK_USABLE(mean_of(&m, 2, hw), 0);
  BREAK(mean_of(&m, 2, hw), "float32", "computed int8 input",
        m.tensors[0].type = WEFT_FLOAT32);
  BREAK(mean_of(&m, 2, hw), "float32", "int8 output",
        m.tensors[1].type = WEFT_FLOAT32);
  BREAK(mean_of(&m, 2, hw), "4x6x2", "rank 4",
        (m.tensors[0] = mb_int8("input", 3, (int32_t[]){4, 6, 2}, 1, 0),
         m.tensors[1] = mb_int8("output", 1, (int32_t[]){4}, 1, 0)));
  BREAK(mean_of(&m, 2, hw), "batch 2", "batch 1",
        m.tensors[0].shape[0] = m.tensors[1].shape[0] = 2);
  BREAK(mean_of(&m, 1, w), "axes, as a sum of 2^axis: 4", "exactly height",
        m.tensors[1] = mb_int8("output", 3, (int32_t[]){1, 4, 2}, 1, 0));
  BREAK(mean_of(&m, 2, hc), "axes, as a sum of 2^axis: 10", "exactly height",
        m.tensors[1] = mb_int8("output", 2, (int32_t[]){1, 6}, 1, 0));
  BREAK(mean_of(&m, 2, hw), "ratio", "below 2^30",
        m.tensors[0].scale[0] = 0x1p31f);
}

static void pad_by(mb_model *o, const int32_t *pads) {
  with_operand(o, WEFT_OP_PAD, 8, pads);
  o->tensors[2].rank = 2;
  o->tensors[2].shape[0] = 4;
  o->tensors[2].shape[1] = 2;
  for (int k = 0; k < 4; k++)
    o->tensors[1].shape[k] += pads[2 * k] + pads[2 * k + 1];
}

static void test_pad(void **state) {
  (void)state;
  static const int32_t pads[] = {0, 0, 1, 2, 0, 3, 0, 4};
  static const int32_t batch[] = {1, 0, 0, 0, 0, 0, 0, 0};
  static const int8_t fill[] = {1};
  pad_by(&m, pads);
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK_USABLE(pad_by(&m, pads), 0);
  BREAK(pad_by(&m, pads), "float32", "computed int8 input",
        m.tensors[0].type = WEFT_FLOAT32);
  BREAK(pad_by(&m, pads), "float32", "int8 output",
        m.tensors[1].type = WEFT_FLOAT32);
  BREAK(with_operand(&m, WEFT_OP_PAD, 4, pads), "input 'input': int8 4x6",
        "rank 4",
        (m.tensors[0] = mb_int8("input", 2, (int32_t[]){4, 6}, 1, 0),
         m.tensors[1] = mb_int8("output", 2, (int32_t[]){4, 9}, 1, 0)));
  BREAK(pad_by(&m, pads), "batch 2", "batch 1",
        m.tensors[0].shape[0] = m.tensors[1].shape[0] = 2);
  BREAK(pad_by(&m, batch), "batch padding 1", "batch axis", (void)0);
  BREAK(pad_by(&m, pads), "fill value", "no fill value",
        (m.n_tensors = 4, m.ops[0].n_inputs = 3, m.ops[0].inputs[2] = 3,
         m.tensors[3] = mb_int8("fill", 0, pads, 1, 0),
         m.tensors[3].data = fill, m.tensors[3].data_bytes = 1));
}

static void test_relu(void **state) {
  (void)state;
  static const int32_t shape[] = {2, 3};
  mb_unary(&m, WEFT_OP_RELU, 2, shape);
  pass(&m, WEFT_ON_ACCELERATOR);
  mb_unary(&m, WEFT_OP_RELU6, 2, shape);
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK_USABLE(mb_unary(&m, WEFT_OP_RELU, 2, shape), 0);
  BREAK_USABLE(mb_unary(&m, WEFT_OP_RELU6, 2, shape), 1);
  BREAK(mb_unary(&m, WEFT_OP_RELU, 2, shape), "float32", "int8 input",
        m.tensors[0].type = WEFT_FLOAT32);
  BREAK(mb_unary(&m, WEFT_OP_RELU, 2, shape), "float32", "int8 output",
        m.tensors[1].type = WEFT_FLOAT32);
  BREAK(mb_unary(&m, WEFT_OP_RELU6, 2, shape), "float32", "int8 input",
        m.tensors[0].type = WEFT_FLOAT32);
  BREAK(mb_unary(&m, WEFT_OP_RELU6, 2, shape), "float32", "int8 output",
        m.tensors[1].type = WEFT_FLOAT32);
  BREAK(mb_unary(&m, WEFT_OP_RELU, 2, shape), "ratio", "below 2^30",
        m.tensors[1].scale[0] = 0x1p-35f);
  BREAK(mb_unary(&m, WEFT_OP_RELU, 2, shape), "ratio", "from 2^-31",
        m.tensors[1].scale[0] = 0x1p35f);
  BREAK(mb_unary(&m, WEFT_OP_RELU6, 2, shape), "input scale", ">= 2^-24",
        m.tensors[0].scale[0] = 0x1p-25f);
}

static void test_reshape(void **state) {
  (void)state;
  static const int32_t shape[] = {2, 3};
  mb_keras_reshape(&m);
  pass(&m, WEFT_FREE);
  mb_unary(&m, WEFT_OP_RESHAPE, 2, shape);
  m.tensors[0].type = m.tensors[1].type = WEFT_FLOAT32;
  pass(&m, WEFT_FREE);
  BREAK_USABLE(mb_unary(&m, WEFT_OP_RESHAPE, 2, shape), 0);
  BREAK(mb_unary(&m, WEFT_OP_RESHAPE, 2, shape), "float32", "the same type",
        m.tensors[1].type = WEFT_FLOAT32);
  BREAK(with_operand(&m, WEFT_OP_RESHAPE, 4, shape), "shape 'operand': int32 4",
        "a shape that is constant",
        (m.tensors[2].data = NULL, m.tensors[2].variable = false,
         m.tensors[2] = (mb_tensor){.name = "operand", .type = WEFT_INT32,
                                    .rank = 1, .shape = {4}},
         m.tensors[3] = m.tensors[2], m.tensors[3].name = "given",
         m.n_tensors = 4, m.n_ops = 1, m.n_inputs = 2, m.inputs[1] = 2,
         m.tensors[2].type = WEFT_INT32));
}

static void softmax_of(mb_model *o, int32_t rows, int32_t columns) {
  mb_unary(o, WEFT_OP_SOFTMAX, 2, (int32_t[]){rows, columns});
  o->tensors[1].scale[0] = 1.0f / 256;
  o->tensors[1].zero[0] = -128;
  o->ops[0].options_type = 9;
  o->ops[0].n_options = 1;
  o->ops[0].options[0] = (mb_option){0, mb_float(1.0f)};
}

static void test_softmax(void **state) {
  (void)state;
  softmax_of(&m, 3, 4095);
  pass(&m, WEFT_ON_HOST);
  BREAK_USABLE(softmax_of(&m, 1, 4), 0);
  BREAK(softmax_of(&m, 1, 4), "float32", "int8 input",
        m.tensors[0].type = WEFT_FLOAT32);
  BREAK(softmax_of(&m, 1, 4), "float32", "int8 output",
        m.tensors[1].type = WEFT_FLOAT32);
  BREAK(softmax_of(&m, 1, 4), "zero point -127", "output scale 1/256",
        m.tensors[1].zero[0] = -127);
  BREAK(softmax_of(&m, 1, 4), "scale 0.0078125", "output scale 1/256",
        m.tensors[1].scale[0] = 1.0f / 128);
  BREAK(softmax_of(&m, 1, 4096), "1x4096", "rows of 1 to 4095", (void)0);
  BREAK(softmax_of(&m, 1, 4), "a product of 0", "beta",
        m.ops[0].options_type = 0);
  BREAK(softmax_of(&m, 1, 4), "a product of", "beta",
        m.ops[0].options[0].value = mb_float(-1.0f));
  BREAK(softmax_of(&m, 1, 4), "a product of", "beta",
        m.ops[0].options[0].value = 0x7fc00000);
  BREAK(softmax_of(&m, 1, 4), "a product of", "beta",
        m.ops[0].options[0].value = 0x7f800000);
}

static void logistic_of(mb_model *o, float scale) {
  mb_unary(o, WEFT_OP_LOGISTIC, 2, (int32_t[]){2, 4096});
  o->tensors[0].scale[0] = scale;
  o->tensors[1].scale[0] = 1.0f / 256;
  o->tensors[1].zero[0] = -128;
}

static void test_logistic(void **state) {
  (void)state;
  logistic_of(&m, 0x1p-28f);
  pass(&m, WEFT_ON_HOST);
  logistic_of(&m, 0x1p30f);
  pass(&m, WEFT_ON_HOST);
  BREAK_USABLE(logistic_of(&m, 1), 0);
  BREAK(logistic_of(&m, 1), "float32", "int8 input", m.tensors[0].type = WEFT_FLOAT32);
  BREAK(logistic_of(&m, 1), "float32", "int8 output", m.tensors[1].type = WEFT_FLOAT32);
  BREAK(logistic_of(&m, 1), "zero point 0", "output scale 1/256", m.tensors[1].zero[0] = 0);
  BREAK(logistic_of(&m, 0x1.fp-29f), "scale", "2^-28", (void)0);
  BREAK(logistic_of(&m, 0x1p31f), "scale", "2^30", (void)0);
}

static void quantize(mb_model *o, int from, int to) {
  mb_unary(o, WEFT_OP_QUANTIZE, 2, (int32_t[]){2, 3});
  o->tensors[0].type = from;
  o->tensors[1].type = to;
  o->tensors[0].zero[0] = o->tensors[1].zero[0] = 3;
}

static void test_quantize(void **state) {
  (void)state;
  quantize(&m, WEFT_FLOAT32, WEFT_INT8);
  pass(&m, WEFT_ON_HOST);
  quantize(&m, WEFT_INT8, WEFT_UINT8);
  pass(&m, WEFT_ON_HOST);
  quantize(&m, WEFT_UINT8, WEFT_INT8);
  pass(&m, WEFT_ON_HOST);
  BREAK_USABLE(quantize(&m, WEFT_INT8, WEFT_INT8), 0);
  BREAK(quantize(&m, WEFT_UINT8, WEFT_UINT8), "uint8 to uint8",
        "float32 to int8", (void)0);
  BREAK(quantize(&m, WEFT_INT8, WEFT_INT8), "not quantized",
        "quantized per tensor", m.tensors[1].n_scales = 0);
  BREAK(quantize(&m, WEFT_INT8, WEFT_INT8), "per channel",
        "quantized per tensor",
        (m.tensors[0].n_scales = 2, m.tensors[0].scale[1] = 1));
  BREAK(quantize(&m, WEFT_INT8, WEFT_INT8), "ratio", "below 2^30",
        m.tensors[0].scale[0] = 0x1p35f);
  BREAK(quantize(&m, WEFT_FLOAT32, WEFT_INT8), "output scale 5.96046", ">= 2^-24",
        m.tensors[1].scale[0] = 0x1.fffffep-25f);
  quantize(&m, WEFT_INT8, WEFT_FLOAT32);
  m.ops[0].code = WEFT_OP_DEQUANTIZE;
  pass(&m, WEFT_ON_HOST);
  BREAK_USABLE((quantize(&m, WEFT_INT8, WEFT_FLOAT32),
                m.ops[0].code = WEFT_OP_DEQUANTIZE), 0);
  BREAK((quantize(&m, WEFT_INT8, WEFT_INT8),
         m.ops[0].code = WEFT_OP_DEQUANTIZE),
        "output 'output': int8", "to float32", (void)0);
  BREAK((quantize(&m, WEFT_INT8, WEFT_FLOAT32),
         m.ops[0].code = WEFT_OP_DEQUANTIZE),
        "not quantized", "quantized per tensor", m.tensors[0].n_scales = 0);
}

/* Shape arithmetic on data that is not constant: mb_keras_reshape without its
 * RESHAPE, a variable in place of the number asked for. */
static void test_shape_arithmetic(void **state) {
  (void)state;
  weft_where where[4];
  mb_keras_reshape(&m);
  m.tensors[6].data = NULL;
  m.n_inputs = 2;
  m.inputs[1] = 6;
  weft_graph *g = read_model(&m);
  assert_int_equal(weft_graph_check(g, diag, where), WEFT_E_UNSUPPORTED);
  assert_int_equal(weft_diag_count(diag), 3);
  assert_non_null(strstr(weft_diag_at(diag, 0)->where, "PACK"));
  assert_non_null(strstr(weft_diag_at(diag, 1)->where, "RESHAPE"));
  assert_string_equal(weft_diag_at(diag, 2)->found, "int32");
  mark(WEFT_OP_PACK, weft_diag_at(diag, 0)->allowed);
  assert_int_equal(where[1], WEFT_FREE);
  assert_int_equal(where[2], WEFT_NOWHERE);
  mb_keras_reshape(&m);
  m.ops[1].options[0] = (mb_option){3, 1}; /* new axis */
  g = read_model(&m);
  assert_int_equal(weft_graph_check(g, diag, where), WEFT_E_UNSUPPORTED);
  assert_non_null(strstr(weft_diag_at(diag, 0)->where, "STRIDED_SLICE"));
  mark(WEFT_OP_STRIDED_SLICE, weft_diag_at(diag, 0)->allowed);
  mb_keras_reshape(&m);
  m.tensors[1].type = WEFT_FLOAT32;
  g = read_model(&m);
  assert_int_equal(weft_graph_check(g, diag, where), WEFT_E_UNSUPPORTED);
  assert_non_null(strstr(weft_diag_at(diag, 0)->where, "SHAPE"));
  mark(WEFT_OP_SHAPE, weft_diag_at(diag, 0)->allowed);
}

static void test_dynamic_shapes(void **state) {
  (void)state;
  weft_where where[1];
  for (int dim = -1; dim <= 0; dim++) {
    mb_conv(&m);
    m.tensors[0].shape[1] = dim;
    weft_graph *g = read_model(&m);
    assert_int_equal(weft_graph_check(g, diag, where), WEFT_E_UNSUPPORTED);
    assert_non_null(strstr(weft_diag_at(diag, 0)->found,
                           dim < 0 ? "a dynamic dimension" : "dimension of 0"));
  }
  mb_conv(&m);
  m.tensors[0].rank = 9;
  weft_graph *g = read_model(&m);
  assert_int_equal(weft_graph_check(g, diag, where), WEFT_E_UNSUPPORTED);
  assert_non_null(strstr(weft_diag_at(diag, 0)->found, "8 dimensions"));
}

/* All reasons at once, in order, and where each operator runs. */
static void test_every_reason_at_once(void **state) {
  (void)state;
  weft_where where[3];
  mb_unary(&m, WEFT_OP_RELU, 2, (int32_t[]){2, 3});
  m.n_ops = 3;
  m.n_tensors = 4;
  m.tensors[2] = m.tensors[3] = m.tensors[1];
  m.ops[1] = (mb_op){.code = 999, .n_inputs = 1, .n_outputs = 1, .inputs = {1},
                     .outputs = {2}};
  m.ops[2] = (mb_op){.code = WEFT_OP_CUSTOM, .custom = "Mine", .n_inputs = 1,
                     .n_outputs = 1, .inputs = {2}, .outputs = {3}};
  weft_graph *g = read_model(&m);
  assert_int_equal(weft_graph_check(g, diag, where), WEFT_E_UNSUPPORTED_OP);
  assert_int_equal(weft_diag_count(diag), 2);
  assert_string_equal(weft_diag_at(diag, 0)->found,
                      "not supported yet: OP_999");
  assert_string_equal(weft_diag_at(diag, 1)->found, "not supported yet: Mine");
  assert_int_equal(where[0], WEFT_ON_ACCELERATOR);
  assert_int_equal(where[1], WEFT_NOWHERE);
  m.ops[1].code = 18; /* MUL: known by name */
  g = read_model(&m);
  assert_int_equal(weft_graph_check(g, NULL, NULL), WEFT_E_UNSUPPORTED_OP);
  assert_string_equal(g->ops[1].name, "MUL");
}

static void test_order_of_execution(void **state) {
  (void)state;
  mb_unary(&m, WEFT_OP_RELU, 2, (int32_t[]){2, 3});
  m.n_inputs = 1;
  m.inputs[0] = 1;
  m.outputs[0] = 0;
  weft_graph *g = read_model(&m);
  assert_int_equal(weft_graph_check(g, diag, NULL), WEFT_E_UNSUPPORTED);
  assert_non_null(strstr(weft_diag_at(diag, 0)->found, "writes an input"));
  BREAK((void)0, "reads a tensor that nothing made", "static, dense", {
    mb_unary(&m, WEFT_OP_RELU, 2, (int32_t[]){2, 3});
    m.n_tensors = 3;
    m.tensors[2] = m.tensors[0];
    m.ops[0].inputs[0] = 2;
  });
  BREAK(mb_unary(&m, WEFT_OP_RELU, 2, (int32_t[]){2, 3}),
        "reads a tensor that nothing made", "static, dense",
        m.ops[0].inputs[0] = 1); /* its own output */
}

static void test_ends(void **state) {
  static const int8_t compressed[9];
  (void)state;
  BREAK(mb_conv(&m), "weights compressed by TFLite-Micro", "plain tensors",
        (m.metadata = "COMPRESSION_METADATA", m.tensors[1].data = compressed,
         m.tensors[1].data_bytes = 9));
  mb_conv(&m);
  m.metadata = "min_runtime_version";
  pass(&m, WEFT_ON_ACCELERATOR);
  BREAK(mb_conv(&m), "listed twice", "once",
        (m.n_outputs = 2, m.outputs[1] = 3));
  BREAK(mb_conv(&m), "no operator computes", "made by an operator",
        (m.n_outputs = 2, m.outputs[1] = 3, m.n_tensors = 5,
         m.tensors[4] = m.tensors[0], m.outputs[1] = 4));
  BREAK(mb_conv(&m), "1 operators, 1 inputs, 0 outputs", "at least one",
        m.n_outputs = 0);
}

/* Last: every rule was broken above. */
static void test_every_rule_was_broken(void **state) {
  (void)state;
  size_t k = 0, missing = 0;
  const weft_rule_info *row;
  for (; (row = weft_rule_row(k)) != NULL; k++)
    if (!broken[k]) {
      missing++;
      print_message("no case breaks the rule of OP %d: %s\n", (int)row->kind,
                    row->allowed);
    }
  assert_int_equal(missing, 0);
  assert_true(k > 60);
}

static void test_table(void **state) {
  (void)state;
  size_t n = 0;
  for (; weft_op_row(n); n++)
    assert_true(weft_op_row(n)->text[0] != '\0');
  assert_true(n > 40);
  assert_string_equal(weft_op_row(0)->name, "ADD");
  assert_string_equal(weft_where_name(WEFT_ON_HOST), "host");
  assert_string_equal(weft_where_name(WEFT_NOWHERE), "none");
  assert_string_equal(weft_type_name(WEFT_INT8), "int8");
  assert_string_equal(weft_type_name((weft_type)23), "type_23");
  assert_string_equal(weft_type_name((weft_type)-1), "unknown type");
  assert_int_equal(weft_type_bits(WEFT_INT4), 4);
  assert_int_equal(weft_type_bits((weft_type)99), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(test_conv),          TEST(test_depthwise),
    TEST(test_fully_connected), TEST(test_add),
    TEST(test_concat),        TEST(test_pools),
    TEST(test_mean),
    TEST(test_pad),           TEST(test_relu),
    TEST(test_reshape),       TEST(test_softmax),
    TEST(test_logistic),
    TEST(test_quantize),      TEST(test_shape_arithmetic),
    TEST(test_dynamic_shapes), TEST(test_every_reason_at_once),
    TEST(test_order_of_execution), TEST(test_ends),
    TEST(test_ends_of_other_types), TEST(test_every_rule_was_broken),
    TEST(test_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
