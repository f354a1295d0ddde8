// SPDX-License-Identifier: Apache-2.0
// An output pad that shows rise_i after the rising and fall_i after the falling
// edge: a clock pad with rise_i 1 and fall_i 0.
module weft_ddr_out (
  input  logic clk_i,
  input  logic rise_i,
  input  logic fall_i,
  output logic pad_o
);
  ODDR #(.DDR_CLK_EDGE("SAME_EDGE")) u_ddr (
    .C(clk_i), .CE(1'b1), .D1(rise_i), .D2(fall_i), .R(1'b0), .S(1'b0), .Q(pad_o)
  );
endmodule
