// SPDX-License-Identifier: Apache-2.0
// An output pad that shows rise_i after the rising and fall_i after the falling
// edge: a clock pad with rise_i 1 and fall_i 0.
module weft_ddr_out (
  input  logic clk_i,
  input  logic rise_i,
  input  logic fall_i,
  output logic pad_o
);
  altddio_out #(.width(1), .lpm_hint("UNUSED")) u_ddr (
    .outclock(clk_i), .datain_h(rise_i), .datain_l(fall_i), .dataout(pad_o), .outclocken(1'b1),
    .aclr(1'b0), .aset(1'b0), .sclr(1'b0), .sset(1'b0), .oe(1'b1), .oe_out()
  );
endmodule
