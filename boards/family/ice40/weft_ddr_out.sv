// SPDX-License-Identifier: Apache-2.0
// An output pad that shows rise_i after the rising and fall_i after the falling
// edge: a clock pad with rise_i 1 and fall_i 0.
module weft_ddr_out (
  input  logic clk_i,
  input  logic rise_i,
  input  logic fall_i,
  output wire  pad_o
);
  SB_IO #(.PIN_TYPE(6'b010000), .PULLUP(1'b0)) u_pad (
    .PACKAGE_PIN(pad_o), .OUTPUT_CLK(clk_i), .CLOCK_ENABLE(1'b1), .D_OUT_0(rise_i),
    .D_OUT_1(fall_i), .OUTPUT_ENABLE(1'b1)
  );
endmodule
