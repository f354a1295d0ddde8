/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are flatbuffers but no networks: each rule of numerics.md 9 broken
 * once, with the code and the words of its diagnostic; and what a sound file
 * becomes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model_builder.h"
#include "../arena.h"

static weft_status read_model(const mb_model *m, weft_graph **g) {
  mb_file *f = weft_arena_alloc(arena, 1, sizeof *f);
  mb_write(m, f);
  return weft_graph_read(arena, diag, "t.tflite", (weft_span){f->bytes, f->size},
                         g);
}

static void refuse(const mb_model *m, weft_status code, const char *where,
                   const char *found) {
  weft_graph *g = NULL;
  diag = weft_diag_new(arena);
  weft_status status = read_model(m, &g);
  if (status != code || weft_diag_count(diag) != 1)
    fail_msg("%s: want %s '%s', got %s, %zu issues", where,
             weft_status_name(code), found, weft_status_name(status),
             weft_diag_count(diag));
  const weft_issue *issue = weft_diag_at(diag, 0);
  if (!strstr(issue->where, where) || !strstr(issue->found, found))
    fail_msg("got '%s' '%s', want '%s' '%s'", issue->where, issue->found, where,
             found);
  assert_true(issue->allowed[0] != '\0' && issue->remedy[0] != '\0');
  assert_null(g);
}

static weft_graph *accept(const mb_model *m) {
  weft_graph *g = NULL;
  weft_status status = read_model(m, &g);
  if (status != WEFT_OK)
    fail_msg("%s: %s", weft_diag_at(diag, 0)->where,
             weft_diag_at(diag, 0)->found);
  return g;
}

/* Breaks one thing of a base model and requires the refusal. */
#define BREAK(base, code, where, found, change) \
  do {                                          \
    mb_model m;                                 \
    base;                                       \
    change;                                     \
    refuse(&m, code, where, found);             \
  } while (0)

static void test_conv(void **state) {
  (void)state;
  mb_model m;
  mb_conv(&m);
  weft_graph *g = accept(&m);
  assert_int_equal(g->n_tensors, 4);
  assert_int_equal(g->n_ops, 1);
  assert_int_equal(g->macs, 5 * 5 * 3 * 3 * 3 * 2);
  const weft_op *op = &g->ops[0];
  assert_string_equal(op->name, "CONV_2D");
  assert_int_equal(op->act, WEFT_ACT_RELU6);
  assert_int_equal(op->padding, WEFT_PAD_SAME);
  assert_int_equal(op->filter_h * 10 + op->filter_w, 33);
  assert_int_equal(op->dilation_h * 10 + op->dilation_w, 11);
  assert_int_equal(op->n_groups, 1);
  const weft_tensor *filter = &g->tensors[1];
  assert_int_equal(filter->n_scales, 3);
  assert_int_equal(filter->quantized_dimension, 0);
  assert_int_equal(filter->data.size, 54);
  assert_int_equal((int8_t)filter->data.data[1], -2);
  assert_int_equal(g->tensors[3].producer, 0);
  assert_int_equal(g->tensors[0].producer, -1);
  assert_int_equal(g->tensors[0].zero_point[0], -3);
}

static void test_groups_and_multiplier(void **state) {
  (void)state;
  mb_model m;
  mb_depthwise(&m);
  weft_graph *g = accept(&m);
  assert_int_equal(g->ops[0].depth_multiplier, 2);
  assert_int_equal(g->macs, 5 * 5 * 4 * 9);
  mb_conv(&m);
  m.tensors[0].shape[3] = 6;
  m.tensors[0].n_zeros = 1;
  m.ops[0].options[0].value = 1;
  m.tensors[3] = mb_int8("output", 4, (int32_t[]){1, 3, 3, 3}, 0.1f, 0);
  g = accept(&m);
  assert_int_equal(g->ops[0].n_groups, 3);
  assert_int_equal(g->macs, 3 * 3 * 3 * 9 * 2);
}

static void test_laxities_of_tflm(void **state) {
  (void)state;
  mb_model m;
  mb_conv(&m);
  m.tensors[1].n_zeros = 1; /* one zero point for all channels */
  weft_graph *g = accept(&m);
  assert_int_equal(g->tensors[1].n_scales, 3);
  assert_int_equal(g->tensors[1].zero_point[2], 0);
  mb_conv(&m);
  m.tensors[1].n_zeros = 0; /* scales alone are no quantization */
  assert_int_equal(accept(&m)->tensors[1].n_scales, 0);
  mb_conv(&m);
  m.tensors[2].n_scales = m.tensors[2].n_zeros = 3; /* person_detect's biases */
  m.tensors[2].scale[0] = m.tensors[2].scale[1] = m.tensors[2].scale[2] = 1;
  m.tensors[2].axis = 3;
  g = accept(&m);
  assert_int_equal(g->tensors[2].quantized_dimension, -1);
}

static void test_bad_references(void **state) {
  (void)state;
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "opcode_index 1",
        m.ops[0].opcode_plus = 1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "opcode_index 4294967295",
        m.ops[0].opcode_plus = -1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "tensor 4",
        m.ops[0].inputs[0] = 4);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "tensor -2",
        m.ops[0].inputs[2] = -2);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "tensor -1",
        m.ops[0].outputs[0] = -1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "tensor 2147483647",
        m.ops[0].outputs[0] = INT32_MAX);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "inputs[0]", "tensor -1", m.inputs[0] = -1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "outputs[0]", "tensor 4", m.outputs[0] = 4);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[1]", "buffer 5",
        m.tensors[1].buffer_plus = 3);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[0]", "buffer 4294967295",
        m.tensors[0].buffer_plus = -1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operator 0 CONV_2D", "input 1 is absent",
        m.ops[0].inputs[1] = -1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operator 0 CONV_2D", "1 inputs, 1 outputs",
        m.ops[0].n_inputs = 1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operator 0 CONV_2D", "3 inputs, 2 outputs",
        m.ops[0].n_outputs = 2);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operator 0 CONV_2D", "3 inputs, 0 outputs",
        m.ops[0].n_outputs = 0);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operator 0 CONV_2D", "writes constant 2",
        m.ops[0].outputs[0] = 2);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "subgraphs", "no subgraph",
        m.n_subgraphs = 0);
}

static void test_bad_tensors(void **state) {
  (void)state;
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[1]", "53 bytes of data",
        m.tensors[1].data_bytes = 53);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[1]", "55 bytes of data",
        m.tensors[1].data_bytes = 55);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[2]", "12 bytes of data",
        m.tensors[2].type = WEFT_INT64);
  BREAK(mb_conv(&m), WEFT_E_CAP, "tensors[0]", "2147483648 elements or more",
        m.tensors[0].shape[1] = INT32_MAX);
  BREAK(mb_conv(&m), WEFT_E_CAP, "tensors[0]", "2147483648 elements or more",
        (m.tensors[0].shape[0] = m.tensors[0].shape[1] = m.tensors[0].shape[2] =
           m.tensors[0].shape[3] = 65536));
  BREAK(mb_conv(&m), WEFT_E_CAP, "tensors[3]", "more than 1 GiB of tensors",
        (m.tensors[0].shape[1] = 100000000, m.tensors[3].shape[1] = 80000000));
}

static void test_bad_scales(void **state) {
  (void)state;
  static const float bad[] = {0.0f, -0.5f, NAN, INFINITY, -INFINITY, 1e-40f};
  for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
    BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[0]", "scale ",
          m.tensors[0].scale[0] = bad[k]);
    BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[1]", "scale ",
          m.tensors[1].scale[2] = bad[k]);
  }
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[0]", "zero point 128",
        m.tensors[0].zero[0] = 128);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[0]", "zero point -129",
        m.tensors[0].zero[0] = -129);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[0]", "zero point 4294967296",
        m.tensors[0].zero[0] = INT64_C(1) << 32);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[1]", "3 scales, 2 zero points",
        m.tensors[1].n_zeros = 2);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "tensors[1]", "2 scales, 3 zero points",
        m.tensors[1].n_scales = 2);
}

static void test_bad_options(void **state) {
  (void)state;
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "padding 2",
        m.ops[0].options[0].value = 2);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "padding -1",
        m.ops[0].options[0].value = -1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "stride_w 0",
        m.ops[0].options[1].value = 0);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "stride_h -1",
        m.ops[0].options[2].value = -1);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "fused activation 6",
        m.ops[0].options[3].value = 6);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "dilation_h 0",
        (m.ops[0].options[4] = (mb_option){5, 0}, m.ops[0].n_options = 5));
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "stride_w 0",
        m.ops[0].options_type = 0);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operators[0]", "stride_w 0",
        m.ops[0].options_type = 2 + 3);
  BREAK(mb_pool(&m, WEFT_OP_MAX_POOL_2D), WEFT_E_MODEL, "operators[0]",
        "filter_height 0", m.ops[0].options[4].value = 0);
  BREAK(mb_depthwise(&m), WEFT_E_MODEL, "DEPTHWISE_CONV_2D",
        "depth_multiplier 1", m.ops[0].options[3].value = 1);
}

static void test_conv_shapes(void **state) {
  (void)state;
  BREAK(mb_conv(&m), WEFT_E_MODEL, "operator 0 CONV_2D 'output'",
        "output shape 1x5x4x3", m.tensors[3].shape[2] = 4);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "CONV_2D", "output shape 1x5x5x4",
        m.tensors[3].shape[3] = 4);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "CONV_2D", "output shape 1x5x5x3",
        m.ops[0].options[1].value = 2);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "CONV_2D", "window 3x3, dilation 1x1",
        (m.ops[0].options[0].value = 1, m.tensors[0].shape[1] = 2));
  BREAK(mb_conv(&m), WEFT_E_MODEL, "CONV_2D", "3 input channels",
        m.tensors[0].shape[3] = 3);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "CONV_2D", "4 input channels",
        m.tensors[0].shape[3] = 4);
  BREAK(mb_conv(&m), WEFT_E_MODEL, "CONV_2D", "2 biases",
        (m.tensors[2].shape[0] = 2, m.tensors[2].data_bytes = 8));
  BREAK(mb_depthwise(&m), WEFT_E_MODEL, "DEPTHWISE_CONV_2D",
        "3 input channels", m.tensors[0].shape[3] = 3);
  BREAK(mb_depthwise(&m), WEFT_E_MODEL, "DEPTHWISE_CONV_2D",
        "2 input channels, filter 3x1x3x4",
        (m.tensors[1].shape[0] = 3, m.tensors[1].shape[1] = 1));
}

static void test_other_shapes(void **state) {
  (void)state;
  BREAK(mb_fully_connected(&m), WEFT_E_MODEL, "FULLY_CONNECTED", "output 1x5",
        m.tensors[3].shape[1] = 5);
  BREAK(mb_fully_connected(&m), WEFT_E_MODEL, "FULLY_CONNECTED", "input 1x7",
        m.tensors[0].shape[1] = 7);
  BREAK(mb_fully_connected(&m), WEFT_E_MODEL, "FULLY_CONNECTED", "output 2x4",
        m.tensors[3].shape[0] = 2);
  BREAK(mb_add(&m), WEFT_E_MODEL, "ADD", "1x2x2x4 and 1x2x3x4",
        m.tensors[1].shape[2] = 3);
  BREAK(mb_add(&m), WEFT_E_MODEL, "ADD", "output shape 1x2x2x4",
        m.tensors[1].shape[2] = m.tensors[0].shape[2] = 3);
  BREAK(mb_concat(&m), WEFT_E_MODEL, "CONCATENATION", "output shape 1x2x2x6",
        m.tensors[2].shape[3] = 6);
  BREAK(mb_concat(&m), WEFT_E_MODEL, "CONCATENATION", "1x2x2x4 and 1x3x2x1",
        m.tensors[1].shape[1] = 3);
  BREAK(mb_concat(&m), WEFT_E_MODEL, "CONCATENATION", "1x2x2x4 and 1x2", m.tensors[1].rank = 2);
  BREAK(mb_concat(&m), WEFT_E_MODEL, "CONCATENATION", "axis 4 of rank 4",
        m.ops[0].options[0].value = 4);
  BREAK(mb_concat(&m), WEFT_E_MODEL, "CONCATENATION", "axis -5", m.ops[0].options[0].value = -5);
  BREAK(mb_concat(&m), WEFT_E_MODEL, "CONCATENATION", "an absent input", m.ops[0].inputs[1] = -1);
  BREAK(mb_pool(&m, WEFT_OP_AVERAGE_POOL_2D), WEFT_E_MODEL, "AVERAGE_POOL_2D",
        "output shape 1x4x3x2", m.tensors[1].shape[1] = 4);
  BREAK(mb_unary(&m, WEFT_OP_RELU, 2, (int32_t[]){1, 4}), WEFT_E_MODEL, "RELU",
        "output shape 1x5", m.tensors[1].shape[1] = 5);
  BREAK(mb_unary(&m, WEFT_OP_SOFTMAX, 2, (int32_t[]){1, 4}), WEFT_E_MODEL,
        "SOFTMAX", "output shape 4", m.tensors[1] =
          mb_int8("output", 1, (int32_t[]){4}, 1.0f / 256, -128));
}

/* PAD, MEAN and RESHAPE with a constant second operand. */
static void with_operand(mb_model *m, int code, int n, const int32_t *values) {
  mb_unary(m, code, 4, (int32_t[]){1, 4, 6, 2});
  m->n_tensors = 3;
  m->tensors[2] = mb_const_i32("operand", n, values);
  m->ops[0].n_inputs = 2;
  m->ops[0].inputs[1] = 2;
}

static void test_operand_shapes(void **state) {
  (void)state;
  const int32_t pads[] = {0, 0, 1, 1, 0, 2, 0, 0};
  const int32_t negative[] = {0, 0, -1, 1, 0, 0, 0, 0};
  const int32_t huge[] = {0, 0, INT32_MAX, INT32_MAX, 0, 0, 0, 0};
  const int32_t axes[] = {1, 2}, far[] = {1, 4}, shape[] = {-1, -1},
                other[] = {1, 47};
  BREAK(with_operand(&m, WEFT_OP_PAD, 8, pads), WEFT_E_MODEL, "PAD",
        "output shape 1x4x6x2", (void)0);
  BREAK(with_operand(&m, WEFT_OP_PAD, 6, pads), WEFT_E_MODEL, "PAD",
        "6 paddings for rank 4", (void)0);
  BREAK(with_operand(&m, WEFT_OP_PAD, 8, negative), WEFT_E_MODEL, "PAD",
        "out of range", (void)0);
  BREAK(with_operand(&m, WEFT_OP_PAD, 8, huge), WEFT_E_MODEL, "PAD",
        "out of range", (void)0);
  BREAK(with_operand(&m, WEFT_OP_MEAN, 2, axes), WEFT_E_MODEL, "MEAN",
        "output shape 1x4x6x2", (void)0);
  BREAK(with_operand(&m, WEFT_OP_MEAN, 2, far), WEFT_E_MODEL, "MEAN",
        "axis 4 of rank 4", (void)0);
  BREAK(with_operand(&m, WEFT_OP_RESHAPE, 2, other), WEFT_E_MODEL, "RESHAPE",
        "1x4x6x2 to 1x47", m.tensors[1] =
          mb_int8("output", 2, (int32_t[]){1, 47}, 1, 0));
  BREAK(with_operand(&m, WEFT_OP_RESHAPE, 2, shape), WEFT_E_MODEL, "RESHAPE",
        "output shape 1x48", m.tensors[1] =
          mb_int8("output", 2, (int32_t[]){1, 48}, 1, 0));
  BREAK(mb_unary(&m, WEFT_OP_RESHAPE, 2, (int32_t[]){2, 4}), WEFT_E_MODEL,
        "RESHAPE", "output shape 2x4",
        (m.ops[0].options_type = 17, m.ops[0].n_new_shape = 2,
         m.ops[0].new_shape[0] = 4, m.ops[0].new_shape[1] = 2));
}

static void test_work_caps(void **state) {
  (void)state;
  BREAK(mb_pool(&m, WEFT_OP_MAX_POOL_2D), WEFT_E_CAP, "MAX_POOL_2D",
        "more than 2^36",
        (m.tensors[0].shape[1] = m.tensors[0].shape[2] = 9000,
         m.tensors[1].shape[1] = m.tensors[1].shape[2] = 9000,
         m.ops[0].options[0].value = 0, m.ops[0].options[1].value = 1,
         m.ops[0].options[2].value = 1, m.ops[0].options[3].value = 60000,
         m.ops[0].options[4].value = 60000));
}

static void test_keras_reshape_folds(void **state) {
  (void)state;
  mb_model m;
  mb_keras_reshape(&m);
  weft_graph *g = accept(&m);
  assert_true(g->ops[0].folded && g->ops[1].folded && g->ops[2].folded);
  assert_false(g->ops[3].folded);
  assert_int_equal(g->tensors[7].data.size, 8);
  assert_int_equal(weft_le32(g->tensors[7].data.data), 1);
  assert_int_equal(weft_le32(g->tensors[7].data.data + 4), 6);
  assert_int_equal(weft_le32(g->tensors[1].data.data + 8), 3);
  mb_keras_reshape(&m);
  m.tensors[0].shape[0] = 2; /* the folded shape says 2x6, the file 1x6 */
  refuse(&m, WEFT_E_MODEL, "RESHAPE", "2x2x3 to 1x6");
  m.tensors[8].shape[1] = 12;
  refuse(&m, WEFT_E_MODEL, "RESHAPE", "output shape 1x12");
}

static void test_slices(void **state) {
  (void)state;
  static const int32_t minus_two[] = {-2}, hundred[] = {100}, two[] = {2};
  mb_model m;
  mb_keras_reshape(&m);
  m.n_ops = 2;
  m.tensors[2] = mb_const_i32("begin", 1, minus_two);
  weft_graph *g = accept(&m);
  assert_int_equal(weft_le32(g->tensors[5].data.data), 2);
  mb_keras_reshape(&m);
  m.n_ops = 2;
  m.outputs[0] = 5;
  m.tensors[3] = mb_const_i32("end", 1, hundred);
  m.tensors[4] = mb_const_i32("stride", 1, two);
  m.ops[1].options[0].value = 0;
  m.tensors[5].rank = 1;
  m.tensors[5].shape[0] = 2;
  g = accept(&m);
  assert_int_equal(weft_le32(g->tensors[5].data.data), 1);
  assert_int_equal(weft_le32(g->tensors[5].data.data + 4), 3);
  m.ops[1].options[0] = (mb_option){2, 1}; /* ellipsis: left alone */
  g = accept(&m);
  assert_false(g->ops[1].folded);
  assert_null(g->tensors[5].data.data);
}

static void test_sizes(void **state) {
  (void)state;
  assert_int_equal(weft_out_size(WEFT_PAD_SAME, 7, 3, 2, 1), 4);
  assert_int_equal(weft_out_size(WEFT_PAD_VALID, 7, 3, 2, 1), 3);
  assert_int_equal(weft_out_size(WEFT_PAD_VALID, 7, 3, 1, 3), 1);
  assert_int_equal(weft_out_size(WEFT_PAD_VALID, 2, 3, 1, 1), 0);
  assert_int_equal(weft_out_size(WEFT_PAD_VALID, 2, 65535, 1, 65535), 0);
  assert_int_equal(weft_pad_before(WEFT_PAD_SAME, 7, 4, 3, 2, 1), 1);
  assert_int_equal(weft_pad_before(WEFT_PAD_SAME, 8, 4, 3, 2, 1), 0);
  assert_int_equal(weft_pad_before(WEFT_PAD_SAME, 8, 8, 5, 1, 2), 4);
  assert_int_equal(weft_pad_before(WEFT_PAD_VALID, 7, 3, 3, 2, 1), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(test_conv),           TEST(test_groups_and_multiplier),
    TEST(test_laxities_of_tflm), TEST(test_bad_references),
    TEST(test_bad_tensors),    TEST(test_bad_scales),
    TEST(test_bad_options),    TEST(test_conv_shapes),
    TEST(test_other_shapes),   TEST(test_operand_shapes),
    TEST(test_work_caps),      TEST(test_keras_reshape_folds),
    TEST(test_slices),         TEST(test_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
