// SPDX-License-Identifier: Apache-2.0
// Num pairs of signed byte multipliers; the two of a pair share operand b:
// p0_o = a0_i * b_i and p1_o = a1_i * b_i, each with input and output registers,
// two clocks earlier. Enables as in weft_mul.
// WEFT_MUL_PAIR and WEFT_FAMILY_MUL: weft_mul_pair_dsp of boards/family, one cell
// a pair. Otherwise two multipliers of weft_mul.
module weft_mul_pair #(
  parameter int Num = 1
) (
  input  logic        clk_i,
  input  logic        en_in_i,
  input  logic        en_out_i,
  input  logic [7:0]  a0_i [Num],
  input  logic [7:0]  a1_i [Num],
  input  logic [7:0]  b_i [Num],
  output logic [15:0] p0_o [Num],
  output logic [15:0] p1_o [Num]
);
`ifdef WEFT_MUL_PAIR
`ifdef WEFT_FAMILY_MUL
`define WEFT_MUL_PAIR_CELL
`endif
`endif
`ifdef WEFT_MUL_PAIR_CELL
  logic unused_en;
  assign unused_en = en_in_i ^ en_out_i;
  weft_mul_pair_dsp #(.Num(Num)) u_dsp (.clk_i, .a0_i, .a1_i, .b_i, .p0_o, .p1_o);
`else
  weft_mul #(.Num(Num)) u_0 (.clk_i, .en_in_i, .en_out_i, .a_i(a0_i), .b_i, .p_o(p0_o));
  weft_mul #(.Num(Num)) u_1 (.clk_i, .en_in_i, .en_out_i, .a_i(a1_i), .b_i, .p_o(p1_o));
`endif
endmodule
