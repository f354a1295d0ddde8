// SPDX-License-Identifier: Apache-2.0
// An output pad that shows rise_i after the rising and fall_i after the falling
// edge: a clock pad with rise_i 1 and fall_i 0.
module weft_ddr_out (
  input  logic clk_i,
  input  logic rise_i,
  input  logic fall_i,
  output logic pad_o
);
  logic unused_q1;
  ODDR #(.TXCLK_POL(1'b0)) u_ddr (
    .CLK(clk_i), .D0(rise_i), .D1(fall_i), .TX(1'b1), .Q0(pad_o), .Q1(unused_q1)
  );
endmodule
