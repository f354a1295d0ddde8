// SPDX-License-Identifier: Apache-2.0
// Twin of weft_ddr_out: an output pad that shows rise_i after the rising and fall_i after the falling
// edge: a clock pad with rise_i 1 and fall_i 0.
module weft_ddr_out (
  input  logic clk_i,
  input  logic rise_i,
  input  logic fall_i,
  output logic pad_o
);
  logic rise_q, fall_q;
  always_ff @(posedge clk_i) begin
    rise_q <= rise_i;
    fall_q <= fall_i;
  end
  assign pad_o = clk_i ? rise_q : fall_q;
endmodule
